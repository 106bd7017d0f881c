/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a site file is made of, as tables that its reader and its writer share (and nobody else needs):
 * a new wish of the administrator's is a member of struct carbon_site and a row here.
 */
#ifndef CARBON_SITE_FIELDS_H
#define CARBON_SITE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/site.h"
#include "lib/words.h"

#define CARBON_FIELD_TEXT 112 /* one value as text, NUL included */

struct carbon_site_field;

/* How a member is read and written. */
struct carbon_field_type {
	const char *right; /* "yes or no", for errors; NULL: the field's bounds */
	int (*parse)(const struct carbon_word *word, const struct carbon_site_field *field,
		     void *member);
	/* False: the member is unset, and its key is left out. */
	bool (*format)(const struct carbon_site_field *field, const void *member,
		       char text[CARBON_FIELD_TEXT]);
};

struct carbon_site_field {
	const char *key; /* NULL ends a table */
	const struct carbon_field_type *type;
	size_t offset;
	double min, max; /* numbers: bounds; names: 0 and the size of the array */
	bool required;
};

/* Numbers behind the words of a line: an array of float in its item, of at most MOST. */
struct carbon_site_values {
	size_t count_offset, array_offset; /* in the item; the counter is a size_t */
	size_t least, most;
	double min, max;
};
#define CARBON_SITE_VALUE_PLACES 3 /* decimal places of such a number in the file */

/* The words of a line behind its keyword and before its pairs. */
struct carbon_site_line {
	/* -1: malformed */
	int (*parse)(struct carbon_word *line, void *item);
	void (*format)(const void *item, char text[CARBON_FIELD_TEXT * 2]);
	/* < 0: A may stand before B */
	int (*compare)(const void *a, const void *b);
};

/* One kind of line that may be there many times. */
struct carbon_site_section {
	const char *keyword; /* NULL ends the table */
	const char *shape;   /* the words after the keyword, for errors */
	size_t cap, size;    /* most items; bytes of one */
	size_t count_offset, array_offset; /* in struct carbon_site */
	const struct carbon_site_line *line;
	const struct carbon_site_field *fields; /* of its key=value pairs */
	const struct carbon_site_values *values; /* instead of pairs; NULL: none */
};

extern const struct carbon_field_type carbon_field_time, carbon_field_wish, carbon_field_count, carbon_field_some,
	carbon_field_number, carbon_field_asked, carbon_field_name, carbon_field_zone, carbon_field_level,
	carbon_field_signal, carbon_field_yes;

extern const struct carbon_site_field carbon_site_fields[];
extern const struct carbon_site_field carbon_site_place_fields[], carbon_site_rule_fields[],
	carbon_site_user_fields[], carbon_site_limit_fields[], carbon_site_no_fields[],
	carbon_site_sibling_fields[];
extern const struct carbon_site_section carbon_site_sections[];

/* Whether items of SECTION are places, with GPUs behind their other pairs. */
bool carbon_site_section_is_places(const struct carbon_site_section *section);

/* "gpu.TYPE=WATTS" behind a partition's other pairs. */
#define CARBON_SITE_GPU "gpu."
extern const struct carbon_site_field carbon_site_gpu_field;

/* NULL: not there. */
const struct carbon_site_field *carbon_site_field_find(const struct carbon_site_field *fields,
						       const struct carbon_word *key);

/* What would be right, as text: "0 to 100", "yes or no". */
void carbon_site_field_describe(const struct carbon_site_field *field, char text[CARBON_FIELD_TEXT]);

/* The counter and the array of ITEM's numbers. */
size_t *carbon_site_values_count(const struct carbon_site_values *values, void *item);
float *carbon_site_values_array(const struct carbon_site_values *values, void *item);

/* The items of SITE in this section. */
size_t carbon_site_section_count(const struct carbon_site_section *section, const struct carbon_site *site);
void *carbon_site_section_items(const struct carbon_site_section *section, const struct carbon_site *site);
void carbon_site_section_replace(const struct carbon_site_section *section, struct carbon_site *site,
				 size_t count, void *items);

#endif
