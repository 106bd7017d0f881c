/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The monthly report: what the runs that ended in a month used and emitted, and the timing credit of the delayed
 * ones, in lines by user, account and so on. A credit is per job and never called what the cluster saved.
 *
 * What is shown is a table of sections (report_sections.h), each written once for text, JSON and HTML.
 */
#ifndef CARBON_REPORT_H
#define CARBON_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "accounting/budget.h"
#include "accounting/effects.h"
#include "accounting/levers.h"
#include "accounting/meter.h"
#include "accounting/nodes.h"
#include "accounting/settle.h"
#include "lib/optout.h"

struct carbon_err;
struct carbon_store;

#define CARBON_REPORT_LINES_MAX 1000000
#define CARBON_REPORT_TEXT_MAX 512
#define CARBON_REPORT_DAYS_MAX 31
#define CARBON_REPORT_HOURS 24

/*
 * Lines that stay apart from the emissions above and enter no decision, each with the part of the energy, node-hours
 * or job-hours that it is known for.
 */
struct carbon_report_apart {
	double direct_kg, direct_kwh;	    /* average-direct: Scope 2, location-based */
	double market_kg, market_kwh;	    /* by the contract's factor: Scope 2, market-based */
	double market_rest_kg, market_rest_kwh; /* average-direct of energy without such a factor */
	double market_credit_kg;	    /* timing credits of runs without such a factor */
	double market_zero_kwh;		    /* of market_kwh: by a zero-carbon contract */
	double marginal_kg, marginal_kwh;
	double embodied_kg, embodied_node_h;
	double water_l, water_kwh;
	double sci_kg, sci_h; /* emissions and embodied of runs that have both, and their job-hours */
};

struct carbon_report_line {
	char key[CARBON_RUN_NAME_MAX]; /* "": none (no account, unknown zone) */
	uint64_t jobs, runs;	       /* a requeued job has several; jobs are counted in the lines asked for alone */
	uint64_t delayed;	       /* jobs that we delayed */
	double core_h, gpu_h, node_h, job_h; /* node_h: shares of nodes where a node's cores are known */
	double energy_kwh, low_kwh, high_kwh; /* PUE included */
	double it_kwh;			      /* of energy_kwh: what is left without PUE */
	double measured_kwh;		      /* of energy_kwh: measured, not modelled */
	double method_kwh[CARBON_INTENSITY_METHODS]; /* of energy_kwh: how its intensity is known */
	double unknown_kwh;	/* of energy_kwh: without emissions, for the intensity is not known */
	double mass_kg, low_kg, high_kg; /* of the rest */
	double cpu_kg, cpu_core_h; /* of runs without GPUs whose emissions are known */
	double gpu_kg, gpu_gpu_h;  /* and of those with GPUs */
	uint64_t credits;		 /* delayed jobs with a credit */
	double credit_kg, open_credit_kg; /* and of it provisional or estimated */
	double credit_low_kg, credit_high_kg;
	uint64_t promises;		 /* delayed jobs with a credit and a promise */
	double promised_kg;		 /* what the forecast said at submission */
	double kept_kg;			 /* and what came of these: a part of credit_kg */
	uint64_t worse;			 /* credits below zero */
	uint64_t late;			 /* delayed jobs that started after their latest begin */
	double late_h;			 /* and by how much, together */
	double waited_h;		 /* by how much delayed jobs started after their baseline, together */
	uint64_t opt_outs[CARBON_OPTOUTS]; /* jobs, by why our part in them ended; counted as jobs are */
	uint64_t ends;			 /* jobs that we delayed or moved, with an end that was promised */
	uint64_t missed;		 /* and ended after that */
	double missed_h, missed_queue_h; /* by how much, together; and of that from starts after the latest begin */
	uint64_t missed_anyway;		 /* of MISSED: would have ended too late from its baseline too */
	uint64_t left_alone;		 /* runs without a decision: exempt, excluded or opted out */
	uint64_t shadows;		 /* jobs that shadow mode would have delayed */
	double shadow_kg;		 /* and the credit they would have had */
	struct carbon_report_apart apart;
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

/* A month before this one, up to the same day where this one is not over. */
struct carbon_report_past {
	char month[8];
	const char *name; /* "a month before" */
	bool is_there;	 /* the ledger has runs of it */
	struct carbon_report_line sum; /* energy, emissions and hours alone */
};
#define CARBON_REPORT_PASTS 2

/* A place as the ledger has it: a partition of a cluster, in a zone. */
struct carbon_report_place {
	char cluster[CARBON_NAME_MAX], zone[CARBON_ZONE_MAX]; /* "": unknown */
	struct carbon_report_line sum;			      /* its key is the partition */
};

/* Load over time: what was drawn then, whenever the run ended. */
struct carbon_report_load {
	double energy_kwh;
	double known_kwh, mass_kg; /* of it with known intensity */
	double grid_g_kwh;	   /* of the grid over the whole day, zones by their energy of the month; NAN: not known */
};

/* The cluster effect, by replay or by blocks without delays. */
struct carbon_report_effect {
	char cluster[CARBON_NAME_MAX];
	bool is_switchback;
	double jobs, delayed;
	double without_kg, saved_kg, low_kg, high_kg;
	double replay_error;			     /* share; NAN: not known */
	double others_wait_s, others_wait_without_s; /* NAN: not known */
};
#define CARBON_REPORT_EFFECTS_MAX 32
#define CARBON_REPORT_BALANCES_MAX 64

/* How full a place was. */
struct carbon_report_filling {
	char cluster[CARBON_NAME_MAX], partition[CARBON_NAME_MAX];
	double known_h, full_percent, busy_percent;
};
#define CARBON_REPORT_FILLINGS_MAX 256

/*
 * Jobs that we moved, from where they would have run to where they ran. Names are the ledger's; "": none, or unknown.
 * Data move once with a job, however often it was requeued; their emissions are taken off its credit alone.
 */
struct carbon_report_flow {
	struct carbon_report_end {
		char cluster[CARBON_NAME_MAX], partition[CARBON_NAME_MAX], zone[CARBON_ZONE_MAX];
	} from, to;
	uint64_t jobs, credits;
	double energy_kwh, unknown_kwh; /* the latter of it: without emissions */
	double mass_kg, credit_kg;
	double data_gb, data_kg;
};
#define CARBON_REPORT_FLOWS_MAX 256 /* those of most energy */

/* What the site says; borrowed, and alive as long as the report. */
struct carbon_report_site {
	enum carbon_signal signal;
	size_t allowances;
	const struct carbon_allowance *allowance;
	const struct carbon_lever_site *levers; /* NULL: what would have helped is not told */
};

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
	size_t accounts;
	struct carbon_report_line *account; /* the largest first; without jobs */
	size_t gpus;
	struct carbon_report_line *gpu; /* runs with GPUs and known emissions, by GRES type */
	size_t places;
	struct carbon_report_place *place; /* the largest first; without jobs */
	size_t days;
	struct carbon_report_load day[CARBON_REPORT_DAYS_MAX]; /* runs that ended after the month too */
	double with_kwh[CARBON_REPORT_HOURS];	 /* of the month's runs, by hour of the day (UTC) */
	double without_kwh[CARBON_REPORT_HOURS]; /* had the delayed ones run at their baseline */
	struct carbon_report_past past[CARBON_REPORT_PASTS];
	struct carbon_nodes_sum nodes; /* without days: nothing is known */
	bool has_saved;
	struct carbon_effect_month saved; /* by replay, of all clusters */
	size_t balances;
	struct carbon_meter_balance balance[CARBON_REPORT_BALANCES_MAX];
	size_t effects;
	struct carbon_report_effect effect[CARBON_REPORT_EFFECTS_MAX];
	size_t fillings;
	struct carbon_report_filling filling[CARBON_REPORT_FILLINGS_MAX];
	uint64_t moved_runs; /* with a home of their own in the ledger */
	size_t flows;
	struct carbon_report_flow *flow; /* of most energy first */
	struct carbon_levers levers; /* what would have helped */
	size_t budgets;
	struct carbon_budget *budget; /* of accounts with an allowance */
	uint64_t other_signal; /* runs of another signal, in no sum */
	uint64_t odd[CARBON_ODD_KINDS];
	uint64_t unstarted; /* jobs that we delayed, cancelled at their deadline before they started; in no line */
};

/*
 * Errors: month malformed, in the future, without a run. *OUT is NULL on failure; free with destroy.
 */
int carbon_report_create(struct carbon_store *store, const char *month,
			 const struct carbon_report_by *by, const struct carbon_report_site *site, time_t now,
			 struct carbon_report **out, struct carbon_err *err);
void carbon_report_destroy(struct carbon_report *report);

/* From when to when MONTH is. Errors: malformed, in the future. */
int carbon_report_month(const char *month, time_t now, time_t span[2], struct carbon_err *err);

/* Says that the ledger has no run of it, and what to do. Returns -1. */
int carbon_report_month_is_empty(const char *month, struct carbon_err *err);

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

/* The part of a line's energy whose emissions are known, and its mean intensity (NAN: none is). */
double carbon_report_known_kwh(const struct carbon_report_line *line);
double carbon_report_intensity(const struct carbon_report_line *line);

/* Jobs whose users would not wait: by --carbon=off, or by an earlier start. */
uint64_t carbon_report_opt_outs(const struct carbon_report_line *line);

/* The writers behind the table, one file each. */
void carbon_report_write_text(const struct carbon_report *report, FILE *out);
void carbon_report_write_csv(const struct carbon_report *report, FILE *out);
void carbon_report_write_json(const struct carbon_report *report, FILE *out);
void carbon_report_write_html(const struct carbon_report *report, FILE *out);

#endif
