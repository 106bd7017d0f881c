/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How good a forecast would have been: from many origins in the past, each seeing only what lay
 * before it, scored against what came. And what matters in the end: how much of the saving that
 * a clairvoyant would reach is left when jobs are started by it. Pure numbers: reads no file
 * and prints nothing.
 */
#ifndef CARBON_BACKTEST_H
#define CARBON_BACKTEST_H

#include <stddef.h>
#include <time.h>

#include "forecaster/model.h"
#include "forecaster/model_simple.h"

struct carbon_err;

#define CARBON_BACKTEST_MODELS (1 + CARBON_SIMPLES) /* ours, and the simple ones */
#define CARBON_BACKTEST_MARKS_MAX 4
#define CARBON_BACKTEST_HOURS_MAX ((size_t)12 * 8784) /* between from and to */

/* Called now and then with how much is done, 0 to 1. */
typedef void (*carbon_backtest_progress_f)(void *context, double done);

struct carbon_backtest_ask {
	const double *g_kwh; /* borrowed: hourly means, NAN where missing */
	time_t start_at;     /* of the first one */
	size_t count;
	size_t from, to;  /* hours of it: origins from FROM on, all that they are scored on
			     before TO */
	size_t horizon_h; /* 1 to CARBON_MODEL_HORIZON_H */
	size_t every_h;	  /* from one origin to the next */
	size_t runtime_h; /* of jobs, one submitted each hour; 0: no jobs */
	size_t delay_h;	  /* how long they may wait */
	size_t replan_h;  /* decide again this often while they wait; 0: once only */
	carbon_backtest_progress_f progress; /* NULL: nobody looks */
	void *context;
};

struct carbon_backtest_model {
	const char
		*name; /* "ours", "last", "yesterday", "lastweek", "mean7", "ens"; a constant */
	/* Over the hours 1 to MARK of all origins. */
	double mape[CARBON_BACKTEST_MARKS_MAX]; /* percent, hours of zero left out; NAN: none */
	double mae_g_kwh[CARBON_BACKTEST_MARKS_MAX];
	double coverage80; /* percent of hours in the band; NAN: it gives none */
	/* Percent of the mass at once that starting by this forecast saves; NAN: no jobs, or
	 * not asked. */
	double saved_once, saved_again;
	double share_once, share_again; /* the same in percent of the clairvoyant's saving */
};

struct carbon_backtest {
	size_t origins; /* scored */
	size_t skipped; /* the hour before them is missing, so nobody would forecast from there
			 */
	size_t marks;
	size_t mark_h[CARBON_BACKTEST_MARKS_MAX]; /* 24, 48, ... and the horizon */
	size_t jobs;				  /* 0: none asked for */
	double clairvoyant_saved; /* percent of the mass at once; NAN: no jobs */
	struct carbon_backtest_model model[CARBON_BACKTEST_MODELS];
};

/*
 * Errors: a span that holds no origin, or no job; too little history before FROM; a delay and
 * run time past the horizon; no memory. OUT is untouched on failure.
 */
int carbon_backtest_run(const struct carbon_backtest_ask *ask, struct carbon_backtest *out,
			struct carbon_err *err);

/* --- between its two files --- */

/* Forecasts of one model: the row of origin FROM + i is at HORIZON_H * i; NAN first: there is
 * none. */
struct carbon_backtest_rows {
	size_t count;
	size_t step_h; /* from one row's origin to the next */
	float *mean_g_kwh;
};

/*
 * Start a job in every hour by ROWS (NULL: by what really came), deciding again every REPLAN_H
 * hours (0: never). Returns the percent saved of the mass at once; *JOBS gets how many had all
 * hours known.
 */
double carbon_backtest_save(const struct carbon_backtest_ask *ask,
			    const struct carbon_backtest_rows *rows, size_t replan_h,
			    size_t *jobs);

#endif
