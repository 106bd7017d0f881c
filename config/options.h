/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one table of what may stand in carbon.conf. The parser's arrays, the checks, what carbonctl check
 * prints and the comparison with the manual all come from it; nothing about an option is said twice.
 */
#ifndef CARBON_CONFIG_OPTIONS_H
#define CARBON_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

/* Text of one value or default, NUL included. */
#define CARBON_CONFIG_TEXT_MAX CARBON_PATH_MAX

enum carbon_config_section {
	CARBON_SECTION_TOP, /* outside any block */
	CARBON_SECTION_SOURCE,
	CARBON_SECTION_ZONE,
	CARBON_SECTION_PARTITION,
	CARBON_SECTION_QOS,
	CARBON_SECTION_ACCOUNT,
	CARBON_SECTION_USER,
	CARBON_SECTIONS
};

/* "source", "zone", ...; "" for the top. */
const char *carbon_config_section_name(enum carbon_config_section section);

/* A block while it is being read. Options of blocks say where in here they go. */
struct carbon_config_draft {
	struct carbon_config_source source;
	struct carbon_config_zone zone;
	struct carbon_place place;
	struct carbon_terms terms;
	double allowance_kg;	 /* of an account block; NAN: none */
	struct carbon_config_hours_list hours; /* of a partition block */
	struct carbon_rule rule; /* of a qos, account or user block, and of a partition's exclude and delay */
};

struct carbon_config_option;

/* How a value is read, checked and shown. */
struct carbon_config_type {
	const char *word; /* "duration", for the manual */
	bool is_list;	  /* {a, b}: parse is called per item and appends */
	/* Into TARGET. Errors say option, value and what would be right; TARGET is untouched. */
	int (*parse)(const struct carbon_config_option *option, const char *text, void *target,
		     struct carbon_err *err);
	/* As it would stand in the file, without quotes; lists joined by ", ". */
	void (*format)(const struct carbon_config_option *option, const void *target,
		       char out[CARBON_CONFIG_TEXT_MAX]);
	void (*clear)(void *target); /* lists: forget all items */
};

extern const struct carbon_config_type carbon_type_path, carbon_type_url, carbon_type_name, carbon_type_zone,
	carbon_type_level, carbon_type_signal, carbon_type_duration, carbon_type_seconds,
	carbon_type_hours, carbon_type_number, carbon_type_count,
	carbon_type_switch, carbon_type_sources, carbon_type_gpus, carbon_type_speeds,
	carbon_type_capacities, carbon_type_blackouts, carbon_type_months, carbon_type_holdout;

struct carbon_config_option {
	enum carbon_config_section section;
	const char *name;
	const struct carbon_config_type *type;
	const char *fallback; /* the default as the manual prints it */
	double min, max;      /* numbers; durations in seconds */
	const char *unit;     /* "": none */
	const char *help;     /* one line */
	size_t offset;	      /* in struct carbon_config (top) or struct carbon_config_draft */
	size_t size;	      /* of text */
};

extern const struct carbon_config_option carbon_config_options[];
extern const size_t carbon_config_options_count;

/* NULL: unknown. */
const struct carbon_config_option *carbon_config_option_find(enum carbon_config_section section,
							     const char *name);

/* The value that OPTION has in BASE, the struct that its offset is in. */
void carbon_config_option_format(const struct carbon_config_option *option, const void *base,
				 char out[CARBON_CONFIG_TEXT_MAX]);

/* The known name of SECTION that NAME was probably meant to be; NULL: none is near. */
const char *carbon_config_near(enum carbon_config_section section, const char *name);

/*
 * Before libConfuse sees a file: blank out comments, in place and keeping every newline, and refuse what libConfuse
 * would take without a word (an unclosed block or comment), reach through ('|'), or take from the
 * environment ("${HOME}"). Errors begin with "PATH:LINE: ".
 */
int carbon_config_wash(const char *path, char *text, size_t length, struct carbon_err *err);

/* Parse TEXT as PATH; for the fuzzer, the tests, and a file that may be missing (""). */
int carbon_config_parse(const char *path, const char *text, size_t length, struct carbon_config **out,
			struct carbon_err *err);

/* After all blocks are read: zones that partitions name, sources of zones, contradictions. */
int carbon_config_join(struct carbon_config *config, struct carbon_err *err);

#endif
