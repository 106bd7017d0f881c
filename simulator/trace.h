/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job trace: what was submitted when, how long it ran, what it asked for. Read from the
 * Standard Workload Format, from comma-separated columns found by their header, or from sacct
 * -P. A row that cannot be used is left out and counted with its line; nothing is made up for
 * it.
 */
#ifndef CARBON_TRACE_H
#define CARBON_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct carbon_err;

#define CARBON_TRACE_JOBS_MAX ((size_t)20000000)
#define CARBON_TRACE_FILE_MAX ((size_t)1 << 30) /* bytes */
#define CARBON_TRACE_SECONDS_MAX UINT32_C(315360000)
#define CARBON_TRACE_NODES_MAX UINT32_C(16777216)
#define CARBON_TRACE_POWER_MAX 1e9
#define CARBON_TRACE_NO_DELAY UINT32_MAX

struct carbon_trace_job {
	time_t submit_at;   /* in a relative trace: seconds since its time 0 */
	uint32_t runtime_s; /* > 0 */
	uint32_t limit_s;   /* 0: not told */
	uint32_t nodes;	    /* > 0; or processors, as the trace counts */
	uint32_t delay_s;   /* how long this one may wait; CARBON_TRACE_NO_DELAY: not told */
	uint32_t user,
		name;  /* equal numbers are equal names (lib/habit.h for jobs'); 0: not told */
	float power_w; /* all nodes together; 0: not told */
	uint32_t estimate_s; /* how long its user said, where that is not the limit; 0: not told
			      */
};

/* Why a row was left out. */
enum carbon_trace_skip {
	CARBON_TRACE_MISSING,	/* no submit or run time: never ran, or still runs */
	CARBON_TRACE_NEGATIVE,	/* a time, run time or size below zero */
	CARBON_TRACE_NO_TIME,	/* ran for less than a second */
	CARBON_TRACE_TOO_LARGE, /* run time, size or power that no job has */
	CARBON_TRACE_STEP,	/* sacct: a step of a job, which counts already */
	CARBON_TRACE_RAGGED,	/* other cells than the header names: who knows which is which */
	CARBON_TRACE_UNFINISHED, /* sacct: still ran or waited, so nobody knows its run time */
	CARBON_TRACE_SKIPS
};

/* "without submit or run time", ... */
const char *carbon_trace_skip_text(enum carbon_trace_skip skip);

struct carbon_trace_names; /* of users and jobs, to number them */

struct carbon_trace {
	struct carbon_trace_job *job; /* in order of submission */
	size_t count, capacity;
	bool is_relative; /* submit times count from 0 and not from 1970 */
	size_t skipped[CARBON_TRACE_SKIPS];
	size_t first_line[CARBON_TRACE_SKIPS]; /* of a row skipped for this; 0: none */
	size_t unsorted;		       /* rows submitted before the row above them */
	size_t relative_line, dated_line; /* the first whose submit time counts from 0, from 1970; 0: none */
	struct carbon_trace_names *names;
};

void carbon_trace_init(struct carbon_trace *trace);
void carbon_trace_fini(struct carbon_trace *trace);

/*
 * Read PATH in whatever format it is; UNIT_S is the length of one unit of bare times and run
 * times (1, or 3600 where a trace counts hours). TRACE was just initialised. Errors:
 * "PATH:LINE: ...", no rows that can be used.
 */
int carbon_trace_read(const char *path, double unit_s, struct carbon_trace *trace,
		      struct carbon_err *err);

/* The same from memory. Error sentences begin with "line N". */
int carbon_trace_parse(const char *text, size_t length, double unit_s,
		       struct carbon_trace *trace, struct carbon_err *err);

/* --- for the readers of single formats and for those who make up traces --- */

/* One row's values as they are; NAN or negative: not told (negative times are counted as such).
 */
struct carbon_trace_row {
	size_t line;
	double submit_s, runtime_s, limit_s, nodes, power_w, delay_s, estimate_s;
	uint32_t user, name;
	bool is_step, is_ragged, is_unfinished;
};

/* Nothing told. */
struct carbon_trace_row carbon_trace_row_blank(size_t line);

/* Append what can be used, count what cannot. Errors: no memory, too many. */
int carbon_trace_add(struct carbon_trace *trace, const struct carbon_trace_row *row,
		     struct carbon_err *err);

/* Sort, count, and tell relative times from real ones; after the last row. Errors: no job at
 * all, both kinds of times. */
int carbon_trace_finish(struct carbon_trace *trace, struct carbon_err *err);

/* A number for NAME, the same for the same name; 0 for "" and where memory lacks. */
uint32_t carbon_trace_number(struct carbon_trace *trace, const char *name);

/* The same for a job's name: names that only count are one, as they are for habits. */
uint32_t carbon_trace_job_number(struct carbon_trace *trace, const char *name);

int carbon_trace_parse_swf(const char *text, size_t length, struct carbon_trace *trace,
			   struct carbon_err *err);
int carbon_trace_parse_csv(const char *text, size_t length, double unit_s,
			   struct carbon_trace *trace, struct carbon_err *err);
int carbon_trace_parse_sacct(const char *text, size_t length, struct carbon_trace *trace,
			     struct carbon_err *err);

/* Move every submission by SECONDS; afterwards the times are real ones. */
void carbon_trace_shift(struct carbon_trace *trace, time_t seconds);

/* Keep jobs submitted in [from, to). Returns how many went. */
size_t carbon_trace_cut(struct carbon_trace *trace, time_t from, time_t to);

#endif
