/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monthly report: what the runs that ended in a month used and emitted, and the timing credit of the delayed
 * ones, in lines by user, account and so on. A credit is per job and never called what the cluster saved.
 */
#ifndef CARBON_REPORT_H
#define CARBON_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "accounting/settle.h"

struct carbon_err;
struct carbon_store;

#define CARBON_REPORT_LINES_MAX 1000000
#define CARBON_REPORT_TEXT_MAX 512
#define CARBON_REPORT_DAYS_MAX 31

struct carbon_report_line {
	char key[CARBON_RUN_NAME_MAX]; /* "": none (no account, unknown zone) */
	uint64_t jobs, runs;	       /* a requeued job has several runs */
	uint64_t delayed;	       /* jobs that we delayed */
	double core_h, gpu_h;
	double energy_kwh, low_kwh, high_kwh; /* PUE included */
	double measured_kwh;		      /* of energy_kwh: measured, not modelled */
	double method_kwh[CARBON_INTENSITY_METHODS]; /* of energy_kwh: how its intensity is known */
	double unknown_kwh;	/* of energy_kwh: without emissions, for the intensity is not known */
	double mass_kg, low_kg, high_kg; /* of the rest */
	uint64_t credits;		 /* delayed jobs with a credit */
	double credit_kg, open_credit_kg; /* and of it provisional or estimated */
	uint64_t promises;		 /* delayed jobs with a credit and a promise */
	double promised_kg;		 /* what the forecast said at submission */
	uint64_t shadows;		 /* jobs that shadow mode would have delayed */
	double shadow_kg;		 /* and the credit they would have had */
};

/* Ways to cut the month. */
struct carbon_report_by {
	const char *name;    /* "user" */
	const char *heading; /* "User" */
	const char *none;    /* for an empty key: "(no account)" */
	bool is_daily;	     /* the key is a day of the month, from 0; else the number of a name */
	const char *sql;     /* see report_sum.h */
};
extern const struct carbon_report_by carbon_report_bys[];
extern const size_t carbon_report_bys_count;

/* NULL: unknown. */
const struct carbon_report_by *carbon_report_by_find(const char *name);

struct carbon_report {
	char month[8]; /* "2026-10" */
	time_t from_at, to_at, now;
	time_t settled_to; /* of the cluster furthest behind; 0: never settled */
	const struct carbon_report_by *by;
	enum carbon_signal signal;
	char clusters[CARBON_REPORT_TEXT_MAX]; /* "alpha, beta" */
	char sources[CARBON_REPORT_TEXT_MAX];  /* "DE: electricitymaps; FR: file" */
	size_t lines;
	struct carbon_report_line *line;
	struct carbon_report_line total;
	struct carbon_report_line day[CARBON_REPORT_DAYS_MAX]; /* of the month; their jobs are not counted */
	uint64_t other_signal; /* runs of another signal, in no sum */
	uint64_t odd[CARBON_ODD_KINDS];
};

/*
 * Errors: month malformed, in the future, without a run. *OUT is NULL on failure; free with destroy.
 */
int carbon_report_create(struct carbon_store *store, const char *month,
			 const struct carbon_report_by *by, enum carbon_signal signal, time_t now,
			 struct carbon_report **out, struct carbon_err *err);
void carbon_report_destroy(struct carbon_report *report);

/* Ways to write it. */
struct carbon_report_format {
	const char *name; /* "text" */
	void (*write)(const struct carbon_report *report, FILE *out);
};
extern const struct carbon_report_format carbon_report_formats[];
extern const size_t carbon_report_formats_count;

/* NULL: unknown. */
const struct carbon_report_format *carbon_report_format_find(const char *name);

/* The key, or the word for none. */
const char *carbon_report_key(const struct carbon_report *report,
			      const struct carbon_report_line *line);

/* The writers behind the table, one file each. */
void carbon_report_write_text(const struct carbon_report *report, FILE *out);
void carbon_report_write_csv(const struct carbon_report *report, FILE *out);
void carbon_report_write_json(const struct carbon_report *report, FILE *out);
void carbon_report_write_html(const struct carbon_report *report, FILE *out);

#endif
