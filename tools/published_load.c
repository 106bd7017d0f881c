/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a delay really changes, by load: a year of made-up jobs on a cluster, replayed with and
 * without begin times on a real grid. The fuller the cluster, the less of what single jobs
 * would claim is true.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/err.h"
#include "tools/published_work.h"

#define YEAR_AT ((time_t)1672531200) /* 2023-01-01T00:00:00Z, a Sunday */
#define DAYS 360
#define HOUR_S 3600
#define DAY_S 86400
#define NODES 400
#define NODES_MOST 16
#define MEDIAN_S 5400
#define SPREAD 1.3 /* of the logarithm of run times */
#define LONGEST_S (2 * DAY_S)

struct dice {
	uint64_t state;
};

static double roll(struct dice *dice)
{
	uint64_t z = (dice->state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return ((double)((z ^ (z >> 31)) >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(struct dice *dice)
{
	double radius = sqrt(-2 * log(roll(dice)));

	return radius * cos(6.283185307179586 * roll(dice));
}

static struct carbon_trace_row make_row(struct dice *dice)
{
	struct carbon_trace_row row = carbon_trace_row_blank(0);

	row.runtime_s = fmin(ceil(MEDIAN_S * exp(SPREAD * normal(dice))), LONGEST_S);
	row.limit_s = row.runtime_s * (1 + 2 * roll(dice));
	row.nodes = exp2(floor(roll(dice) * (log2(NODES_MOST) + 1)));
	return row;
}

/* Four of five jobs come in working hours, fewer on weekends. */
static bool is_welcome(struct dice *dice, time_t at)
{
	int hour = (int)(at % DAY_S / HOUR_S), day = (int)((at / DAY_S + 3) % 7);
	double rate = hour >= 8 && hour < 18 ? 1 : 0.35;

	return roll(dice) < (day > 4 ? rate / 2 : rate);
}

/* Jobs until their work is LOAD of what the nodes can do in DAYS. */
static int make_trace(double load, uint64_t year, struct carbon_trace *trace,
		      struct carbon_err *err)
{
	double work = load * NODES * DAYS * DAY_S;
	struct dice dice = {year + 1};

	while (work > 0) {
		struct carbon_trace_row row = make_row(&dice);
		time_t at;

		do
			at = YEAR_AT + (time_t)(roll(&dice) * DAYS * DAY_S);
		while (!is_welcome(&dice, at));
		row.submit_s = (double)at;
		work -= row.runtime_s * row.nodes;
		if (carbon_trace_add(trace, &row, err) < 0)
			return -1;
	}
	return carbon_trace_finish(trace, err);
}

static int run_load(const struct carbon_simulation_ask *ask, struct carbon_published_load *out,
		    struct carbon_err *err)
{
	struct carbon_simulation_result without, with;

	if (carbon_published_run(ask, carbon_policy_find("immediate"), NULL, NULL, &without,
				 err) < 0 ||
	    carbon_published_run(ask, carbon_policy_find("lowest-window"), NULL, NULL, &with,
				 err) < 0)
		return -1;
	out->utilisation = with.utilisation;
	out->naive = with.naive_percent;
	out->credit = with.credit_percent;
	out->effect = with.saved_percent;
	out->others_wait_h[0] = without.others_wait_mean_s / HOUR_S;
	out->others_wait_h[1] = with.others_wait_mean_s / HOUR_S;
	out->jobs = with.jobs;
	out->missed = with.deadlines_missed;
	return 0;
}

int carbon_published_load(const char *data, struct carbon_published_load *out,
			  struct carbon_err *err)
{
	struct carbon_trace trace;
	struct carbon_simulation_ask ask = {
		.trace = &trace,
		.foresight = CARBON_FORESIGHT_PERFECT,
		.belief = CARBON_BELIEF_EXACT,
		.delay_s = DAY_S,
		.flexible = 0.5,
		.seed = out->year + 1,
		.node_power_w = 1000,
		.nodes = NODES,
	};
	char path[64];
	int rc;

	snprintf(path, sizeof(path), "intensity/%s", out->grid ? out->grid : "DE.csv");
	rc = carbon_published_grid(data, path, NULL, NULL, &ask.grid, err);

	if (out->is_real) {
		ask.foresight = CARBON_FORESIGHT_MODEL;
		ask.belief = CARBON_BELIEF_HABIT;
		ask.replan_s = HOUR_S;
	}
	carbon_trace_init(&trace);
	if (rc == 0)
		rc = make_trace(out->load, out->year, &trace, err);
	if (rc == 0)
		rc = run_load(&ask, out, err);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(ask.grid);
	return rc;
}
