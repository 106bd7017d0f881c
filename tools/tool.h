/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl: a table of commands, one file each (tools/cmd_NAME.c). A new command is its file, one line in
 * tools/commands.h, and its section in doc/carbonctl.1. Data goes to tool->out, words to tool->err; a command
 * returns an exit code and never ends the process.
 */
#ifndef CARBON_TOOL_H
#define CARBON_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "lib/err.h"

struct carbon_config;
struct carbon_habits;
struct carbon_outlook;
struct carbon_site;

#define CARBON_ARGS_MAX 128

/* What carbonctl ends with. */
enum carbon_exit {
	CARBON_EXIT_OK = 0,
	CARBON_EXIT_FAILED = 1, /* understood, and could not be done */
	CARBON_EXIT_USAGE = 2,	/* not understood */
	CARBON_EXIT_OVER = 3,	/* done, and what --check asks about is past its threshold, or doctor found a problem */
};

/* One option of a command. A table of them ends with a NULL name. */
struct carbon_flag {
	const char *name;    /* "offline" */
	int letter;	     /* 'p'; 0: none */
	const char *arginfo; /* "TIME"; NULL: takes no value; "[PLACE,...]": may be left out and is "" then */
	const char *help;    /* one line */
};

struct carbon_arg {
	const struct carbon_flag *flag;
	const char *value; /* NULL: takes none */
};

struct carbon_tool;

struct carbon_command {
	const char *name;
	const char *summary;		 /* one line */
	const char *operands;		 /* "[ZONE...]"; "": none are taken */
	const char *formats;		 /* what -f may be: "text json csv"; the first is the default */
	const struct carbon_flag *flags; /* NULL: none of its own */
	bool takes_requests;		 /* the --carbon-... options of lib/request.h too */
	int (*run)(struct carbon_tool *tool);
};

struct carbon_tool {
	FILE *out, *err;
	const char *config_path; /* -c; NULL: the default one, which may be missing */
	const char *format;	 /* -f; one of the command's */
	time_t now;
	const struct carbon_command *command;
	size_t args;
	struct carbon_arg arg[CARBON_ARGS_MAX]; /* in the order given */
	int operands;
	char **operand;
};

/* All of carbonctl but main(): returns the exit code. */
int carbon_tool_main(int argc, char **argv, FILE *out, FILE *err);

/* The last value given for the option NAME; NULL: not given (or takes none). */
const char *carbon_tool_value(const struct carbon_tool *tool, const char *name);
bool carbon_tool_has(const struct carbon_tool *tool, const char *name);
bool carbon_tool_is_json(const struct carbon_tool *tool);

/* "carbonctl COMMAND: SENTENCE" on tool->err; return the exit code. */
int carbon_tool_fail(const struct carbon_tool *tool, const struct carbon_err *err);
int carbon_tool_usage(const struct carbon_tool *tool, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* A word of warning; the command goes on. */
void carbon_tool_warn(const struct carbon_tool *tool, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* --- what most commands begin with --- */

/* The configuration, the names of its policy and of its sources' types checked too. *OUT is NULL on failure. */
int carbon_tool_config(const struct carbon_tool *tool, struct carbon_config **out, struct carbon_err *err);

/* A part of the above. */
int carbon_tool_check_sources(const struct carbon_config *config, struct carbon_err *err);

/* The site and outlook of run_dir. Errors say which command writes the file. */
int carbon_tool_site(const struct carbon_config *config, struct carbon_site *site, struct carbon_err *err);
int carbon_tool_outlook(const struct carbon_config *config, struct carbon_outlook **out,
			struct carbon_err *err);

/*
 * The habits of run_dir. 1: HABITS is to be fini'd; 0: there are none yet; -1: damaged, or of another cluster than SITE's: as if
 * there were none, which the caller should say.
 */
int carbon_tool_habits(const struct carbon_config *config, const struct carbon_site *site,
		       struct carbon_habits *habits, struct carbon_err *err);

#endif
