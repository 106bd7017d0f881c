/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GAIA (ASPLOS '24), figure 8: a thousand jobs in South Australia, each knowing only the mean
 * run time of its class. Its own policies look at starts a whole number of hours after the
 * arrival and count in steps of five seconds; they are written here as it describes them, and
 * ours run beside them on the same jobs.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "tools/published_work.h"

#define ORIGIN_AT ((time_t)1640995200 + 7000 * 3600) /* hour 7000 of 2022 */
#define HOUR_S 3600
#define STEP_S 5
#define SHORT_S 7200 /* where long jobs begin */
#define SHORT_WAIT_S (6 * HOUR_S)
#define LONG_WAIT_S (24 * HOUR_S)
#define LOOKED_AT_S (24 * HOUR_S) /* for the threshold */
#define THRESHOLD 0.3
#define PIECES_MAX 64

/* --- its policies --- */

static double sum_at(const struct carbon_query *query, time_t at)
{
	return carbon_curve_integral(query->mean, at, at + (time_t)query->runtime_s);
}

/* Lowest-Window: the least sum of the class's mean run time. */
static time_t choose_window(const struct carbon_query *query)
{
	time_t best_at = query->earliest_at;
	double least = sum_at(query, best_at);

	for (time_t at = best_at; at <= query->latest_at; at += HOUR_S)
		if (sum_at(query, at) < least - 1e-6) {
			least = sum_at(query, at);
			best_at = at;
		}
	return best_at;
}

/* Carbon-Time: the most saved per time until completion. */
static time_t choose_saving(const struct carbon_query *query)
{
	time_t best_at = query->earliest_at;
	double now = sum_at(query, best_at), most = 0;

	for (time_t at = best_at; at <= query->latest_at; at += HOUR_S) {
		double until_end = (double)(at - query->earliest_at) + query->runtime_s;
		double rate = (now - sum_at(query, at)) / until_end;

		if (rate > most + 1e-12) {
			most = rate;
			best_at = at;
		}
	}
	return best_at;
}

struct piece {
	double value;
	time_t from_at, to_at;
};

/* What the curve holds over [from, to), piece by piece. */
static size_t cut(const struct carbon_curve *curve, time_t from, time_t to, struct piece *piece)
{
	size_t i = carbon_curve_segment(curve, from), count = 0;

	for (; from < to && i < curve->count && count < PIECES_MAX; i++) {
		time_t end = curve->start_at + (time_t)curve->knot_s[i + 1];

		end = end < to ? end : to;
		piece[count++] = (struct piece){(double)curve->value[i], from, end};
		from = end;
	}
	return count;
}

static int by_value(const void *a, const void *b)
{
	double va = ((const struct piece *)a)->value, vb = ((const struct piece *)b)->value;

	return (va > vb) - (va < vb);
}

/* The value of the step whose place is RANK in COUNT sorted pieces. */
static double at_rank(const struct piece *piece, size_t count, double rank)
{
	double steps = 0;

	for (size_t i = 0; i < count; i++) {
		steps += (double)(piece[i].to_at - piece[i].from_at) / STEP_S;
		if (rank < steps)
			return piece[i].value;
	}
	return piece[count - 1].value;
}

/* A quantile of the steps of the next day, between two of them in proportion. */
static double threshold(const struct carbon_query *query)
{
	struct piece piece[PIECES_MAX];
	time_t from = query->earliest_at, end_at = carbon_curve_end(query->mean);
	time_t to = from + LOOKED_AT_S < end_at ? from + LOOKED_AT_S : end_at;
	size_t count = cut(query->mean, from, to, piece);
	double rank = ((double)(to - from) / STEP_S - 1) * THRESHOLD, low;

	qsort(piece, count, sizeof(*piece), by_value);
	low = at_rank(piece, count, floor(rank));
	return low + (rank - floor(rank)) * (at_rank(piece, count, floor(rank) + 1) - low);
}

static size_t add_window(struct carbon_window *out, size_t count, time_t from, time_t to)
{
	if (count > 0 && out[count - 1].to_at == from) {
		out[count - 1].to_at = to;
		return count;
	}
	out[count] = (struct carbon_window){from, to};
	return count + 1;
}

/* Ecovisor: run while the grid is under the threshold, and once the wait is used up. */
static size_t split_threshold(const struct carbon_query *query, struct carbon_window *out,
			      size_t max)
{
	struct piece piece[PIECES_MAX];
	double under = threshold(query);
	time_t wait_s = query->latest_at - query->earliest_at,
	       left_s = (time_t)query->runtime_s;
	size_t pieces = cut(query->mean, query->earliest_at, query->latest_at + left_s, piece),
	       count = 0;

	for (size_t i = 0; i < pieces && left_s > 0 && count < max; i++) {
		time_t from = piece[i].from_at, to = piece[i].to_at;
		time_t waited = piece[i].value < under ? 0
				: wait_s < to - from   ? wait_s
						       : to - from;

		wait_s -= waited;
		from += waited;
		to = from + left_s < to ? from + left_s : to;
		left_s -= to - from;
		if (to > from)
			count = add_window(out, count, from, to);
	}
	return count;
}

static const struct carbon_policy windows = {.name = "Lowest-Window", .choose = choose_window};
static const struct carbon_policy savings = {.name = "Carbon-Time", .choose = choose_saving};
static const struct carbon_policy ecovisor = {
	.name = "Ecovisor", .choose = choose_window, .segments = split_threshold};

/* --- the experiment --- */

/* What a row of the figure knows of run times. */
enum knows { LENGTH, CLASS, ONE_STEP };

struct arm {
	const char *name; /* in the published table; or of our policy */
	const struct carbon_policy *own;
	const char *policy;
	enum knows knows;
};

static const struct arm arms[CARBON_PUBLISHED_GAIA] = {
	{"NoWait", NULL, "immediate", LENGTH},
	{"Lowest-Slot", NULL, "lowest-window", ONE_STEP},
	{"Lowest-Window", &windows, NULL, CLASS},
	{"Carbon-Time", &savings, NULL, CLASS},
	{"Ecovisor", &ecovisor, NULL, LENGTH},
	{"lowest-window (class means)", NULL, "lowest-window", CLASS},
	{"carbon-time (class means)", NULL, "carbon-time", CLASS},
	{"lowest-window (true lengths)", NULL, "lowest-window", LENGTH},
};

struct job {
	double arrival, length, cpus;
};

struct gaia {
	struct job job[1024];
	size_t count;
	double mean_s[2]; /* of short and long jobs, whole steps */
	struct carbon_published_gaia *out;
};

static double steps(double seconds)
{
	return floor(seconds / STEP_S) * STEP_S;
}

static int take_job(const char *const *cell, size_t cells, void *context,
		    struct carbon_err *err)
{
	struct gaia *gaia = context;
	struct job *job = &gaia->job[gaia->count];

	if (gaia->count == sizeof(gaia->job) / sizeof(gaia->job[0]))
		return carbon_err_set(err, "more than %zu jobs", gaia->count);
	if (cells < 3)
		return carbon_err_set(err, "not three numbers");
	if (carbon_published_number(cell[0], &job->arrival, err) < 0 ||
	    carbon_published_number(cell[1], &job->length, err) < 0 ||
	    carbon_published_number(cell[2], &job->cpus, err) < 0)
		return -1;
	gaia->count++;
	return 0;
}

static int take_expected(const char *const *cell, size_t cells, void *context,
			 struct carbon_err *err)
{
	struct gaia *gaia = context;

	for (size_t i = 0; i < CARBON_PUBLISHED_GAIA; i++) {
		if (cells < 7 || strcmp(arms[i].name, cell[0]) != 0)
			continue;
		if (carbon_published_number(cell[3], &gaia->out[i].published, err) < 0 ||
		    carbon_published_number(cell[6], &gaia->out[i].published_wait_h, err) < 0)
			return -1;
	}
	return 0;
}

/* A job of exactly two hours counts in both means. */
static void find_means(struct gaia *gaia)
{
	double sum[2] = {0}, count[2] = {0};

	for (size_t i = 0; i < gaia->count; i++)
		for (int is_long = 0; is_long < 2; is_long++) {
			double length = gaia->job[i].length;

			if (is_long ? length < SHORT_S : length > SHORT_S)
				continue;
			sum[is_long] += length;
			count[is_long]++;
		}
	for (int is_long = 0; is_long < 2; is_long++)
		gaia->mean_s[is_long] =
			count[is_long] > 0 ? steps(sum[is_long] / count[is_long]) : 0;
}

static int make_trace(const struct gaia *gaia, enum knows knows, struct carbon_trace *trace,
		      struct carbon_err *err)
{
	for (size_t i = 0; i < gaia->count; i++) {
		struct carbon_trace_row row = carbon_trace_row_blank(i + 2);
		bool is_long = steps(gaia->job[i].length) >= SHORT_S;

		row.submit_s = (double)ORIGIN_AT + steps(gaia->job[i].arrival);
		row.runtime_s = steps(gaia->job[i].length);
		row.nodes = gaia->job[i].cpus;
		row.delay_s = is_long ? LONG_WAIT_S : SHORT_WAIT_S;
		row.limit_s = knows == LENGTH  ? row.runtime_s
			      : knows == CLASS ? gaia->mean_s[is_long]
					       : 1;
		if (carbon_trace_add(trace, &row, err) < 0)
			return -1;
	}
	return carbon_trace_finish(trace, err);
}

static int run_arm(struct gaia *gaia, size_t i, struct carbon_grid *grid, double *at_once_kg,
		   struct carbon_err *err)
{
	const struct arm *arm = &arms[i];
	struct carbon_simulation_result result;
	struct carbon_trace trace;
	struct carbon_simulation_ask ask = {
		.trace = &trace,
		.grid = grid,
		.belief = CARBON_BELIEF_LIMIT,
		.flexible = 1,
		.node_power_w = 1,
	};
	int rc;

	carbon_trace_init(&trace);
	rc = make_trace(gaia, arm->knows, &trace, err);
	if (rc == 0)
		rc = carbon_published_run(&ask,
					  arm->own ? arm->own : carbon_policy_find(arm->policy),
					  NULL, NULL, &result, err);
	carbon_trace_fini(&trace);
	if (rc < 0)
		return -1;
	if (i == 0)
		*at_once_kg = result.emissions_kg;
	gaia->out[i].name = arm->name;
	gaia->out[i].carbon = result.emissions_kg / *at_once_kg;
	gaia->out[i].wait_h = result.wait_mean_s / HOUR_S;
	return 0;
}

int carbon_published_gaia(const char *data,
			  struct carbon_published_gaia out[CARBON_PUBLISHED_GAIA],
			  struct carbon_err *err)
{
	struct gaia *gaia = calloc(1, sizeof(*gaia));
	struct carbon_grid *grid = NULL;
	double at_once_kg = 0;
	int rc = -1;

	if (!gaia)
		return carbon_err_set(err, "no memory");
	gaia->out = out;
	for (size_t i = 0; i < CARBON_PUBLISHED_GAIA; i++)
		out[i].published = out[i].published_wait_h = NAN;
	if (carbon_published_table(data, "jobs/pai_1k.csv", take_job, gaia, err) < 0 ||
	    carbon_published_table(data, "expected/gaia_figure8.csv", take_expected, gaia,
				   err) < 0 ||
	    carbon_published_grid(data, "intensity/AU-SA_2022_eurosys24.csv", NULL, NULL, &grid,
				  err) < 0)
		goto out;
	find_means(gaia);
	rc = 0;
	for (size_t i = 0; i < CARBON_PUBLISHED_GAIA && rc == 0; i++)
		rc = run_arm(gaia, i, grid, &at_once_kg, err);
out:
	carbon_grid_destroy(grid);
	free(gaia);
	return rc;
}
