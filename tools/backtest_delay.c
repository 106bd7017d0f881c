/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs that may wait, started by a forecast and paid for by what really came. A job knows at
 * each hour only the forecast of that hour; the clairvoyant alone looks at the truth before
 * choosing.
 */
#include <math.h>

#include "tools/backtest.h"

/* One job: submitted at hour AT, to start there or in the delay's hours after. */
struct job {
	size_t at, latest, runtime;
};

static double mass_of(const struct carbon_backtest_ask *ask, size_t start, size_t runtime)
{
	double sum = 0;

	for (size_t t = start; t < start + runtime; t++)
		sum += ask->g_kwh[t];
	return sum;
}

/* The first of the cleanest starts from NOW to LATEST, by sums of ROW whose hour 0 is NOW. */
static size_t best_start(const float *row, size_t now, const struct job *job)
{
	size_t best = 0;
	double sum = 0, least;

	for (size_t h = 0; h < job->runtime; h++)
		sum += (double)row[h];
	least = sum;
	for (size_t h = 1; now + h <= job->latest; h++) {
		sum += (double)row[h + job->runtime - 1] - (double)row[h - 1];
		if (sum < least - 1e-6) { /* not for rounding */
			least = sum;
			best = h;
		}
	}
	return now + best;
}

static size_t clairvoyant_start(const struct carbon_backtest_ask *ask, const struct job *job)
{
	size_t best = job->at;
	double least = INFINITY;

	for (size_t start = job->at; start <= job->latest; start++) {
		double mass = mass_of(ask, start, job->runtime);

		if (mass < least) {
			least = mass;
			best = start;
		}
	}
	return best;
}

static const float *row_at(const struct carbon_backtest_ask *ask,
			   const struct carbon_backtest_rows *rows, size_t now)
{
	const float *row = rows->mean_g_kwh + (now - ask->from) / rows->step_h * ask->horizon_h;

	return isnan(row[0]) ? NULL : row;
}

/* Where the job starts; an hour without a forecast leaves the plan as it is. */
static size_t planned_start(const struct carbon_backtest_ask *ask,
			    const struct carbon_backtest_rows *rows, size_t replan_h,
			    const struct job *job)
{
	size_t start = job->at;

	for (size_t now = job->at; now <= job->latest; now += replan_h) {
		const float *row = row_at(ask, rows, now);

		if (row)
			start = best_start(row, now, job);
		if (replan_h == 0 || start < now + replan_h)
			break; /* it begins before anybody looks again */
	}
	return start;
}

double carbon_backtest_save(const struct carbon_backtest_ask *ask,
			    const struct carbon_backtest_rows *rows, size_t replan_h,
			    size_t *jobs)
{
	struct job job = {ask->from, 0, ask->runtime_h};
	double at_once = 0, planned = 0;

	*jobs = 0;
	for (; job.at + ask->delay_h + ask->runtime_h <= ask->to; job.at++) {
		size_t start;

		job.latest = job.at + ask->delay_h;
		if (isnan(mass_of(ask, job.at, ask->delay_h + ask->runtime_h)))
			continue;
		start = rows ? planned_start(ask, rows, replan_h, &job)
			     : clairvoyant_start(ask, &job);
		at_once += mass_of(ask, job.at, job.runtime);
		planned += mass_of(ask, start, job.runtime);
		(*jobs)++;
	}
	return at_once > 0 ? 100 * (at_once - planned) / at_once : NAN;
}
