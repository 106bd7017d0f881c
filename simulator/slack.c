/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slack clock over the bins of a replay. Where nothing is known of a bin it has the
 * intensity of the next one that is known: no hour is cleaner for having a hole.
 */
#include "simulator/slack.h"

#include <stdlib.h>
#include <string.h>

#include "lib/curve.h"
#include "simulator/easy.h"
#include "simulator/grid.h"

/* Mean intensity of the bin at AT; VALUE where it is not known. */
static double bin_mean(const struct carbon_grid *settled, time_t at, double value)
{
	if (!carbon_grid_is_known(settled, at, at + CARBON_EASY_BIN_S))
		return value;
	return carbon_curve_integral(carbon_grid_truth(settled), at, at + CARBON_EASY_BIN_S) /
	       CARBON_EASY_BIN_S;
}

/* Of the last bin of the data, for what comes after. */
static double last_mean(const struct carbon_grid *settled)
{
	const struct carbon_curve *truth = carbon_grid_truth(settled);

	return carbon_curve_value(truth, carbon_curve_end(truth) - 1);
}

/* Where what is freed in bin I of SLACK goes: I where it is not full, else where the run that takes it ends. */
static size_t next_bin(const struct carbon_slack *slack, const struct carbon_easy_full *full, size_t i)
{
	time_t at = slack->start_at + (time_t)i * CARBON_EASY_BIN_S;
	const struct carbon_easy_bin *bin = carbon_easy_full_find(full, at);

	if (!bin || bin->share <= 0.5F)
		return i;
	if (bin->taken_to_at < at + CARBON_EASY_BIN_S)
		return i + 1;
	return (size_t)((bin->taken_to_at - slack->start_at) / CARBON_EASY_BIN_S);
}

bool carbon_slack_begins(enum carbon_slack_replay replay, size_t nth)
{
	return replay == CARBON_SLACK_WITH || replay == (nth % 2 ? CARBON_SLACK_ODD : CARBON_SLACK_EVEN);
}

/* How much the clock of each replay counts at each level. */
static const double weights[CARBON_SLACK_LEVELS][CARBON_SLACK_REPLAYS] = {
	[CARBON_SLACK_NOBODY] = {[CARBON_SLACK_WITHOUT] = 1},
	[CARBON_SLACK_HALF] = {[CARBON_SLACK_EVEN] = 0.5, [CARBON_SLACK_ODD] = 0.5},
	[CARBON_SLACK_ALL] = {[CARBON_SLACK_WITH] = 1},
};

/* VALUE: the clock of one replay, bin by bin. Backwards, for a hole is only handed on to later bins. */
static void read_clock(const struct carbon_slack *slack, const struct carbon_easy_full *full,
		       const struct carbon_grid *settled, double *value)
{
	double last = last_mean(settled), own = last;

	for (size_t i = slack->bins; i-- > 0;) {
		size_t next = next_bin(slack, full, i);

		own = bin_mean(settled, slack->start_at + (time_t)i * CARBON_EASY_BIN_S, own);
		value[i] = next == i ? own : next < slack->bins ? value[next] : last;
	}
}

/* From the first bin of any of FULL to the last. */
static void span(struct carbon_slack *slack, const struct carbon_easy_full full[CARBON_SLACK_REPLAYS])
{
	time_t from_at = full[0].start_at, to_at = from_at;

	for (int r = 0; r < CARBON_SLACK_REPLAYS; r++) {
		time_t end_at = full[r].start_at + (time_t)full[r].bins * CARBON_EASY_BIN_S;

		from_at = full[r].start_at < from_at ? full[r].start_at : from_at;
		to_at = end_at > to_at ? end_at : to_at;
	}
	slack->start_at = from_at;
	slack->bins = (size_t)((to_at - from_at) / CARBON_EASY_BIN_S);
}

int carbon_slack_init(struct carbon_slack *slack,
		      const struct carbon_easy_full full[CARBON_SLACK_REPLAYS],
		      const struct carbon_grid *settled)
{
	double *value;

	span(slack, full);
	value = calloc(slack->bins + 1, sizeof(*value));
	for (int l = 0; l < CARBON_SLACK_LEVELS; l++)
		slack->sum[l] = calloc(slack->bins + 1, sizeof(*slack->sum[l]));
	if (!value || !slack->sum[0] || !slack->sum[1] || !slack->sum[2]) {
		free(value);
		carbon_slack_fini(slack);
		return -1;
	}
	for (int r = 0; r < CARBON_SLACK_REPLAYS; r++) {
		read_clock(slack, &full[r], settled, value);
		for (int l = 0; l < CARBON_SLACK_LEVELS; l++)
			for (size_t i = 0; weights[l][r] > 0 && i < slack->bins; i++)
				slack->sum[l][i + 1] += weights[l][r] * value[i] * CARBON_EASY_BIN_S;
	}
	for (int l = 0; l < CARBON_SLACK_LEVELS; l++)
		for (size_t i = 0; i < slack->bins; i++)
			slack->sum[l][i + 1] += slack->sum[l][i];
	free(value);
	return 0;
}

void carbon_slack_fini(struct carbon_slack *slack)
{
	for (int l = 0; l < CARBON_SLACK_LEVELS; l++)
		free(slack->sum[l]);
	memset(slack, 0, sizeof(*slack));
}

static double up_to(const struct carbon_slack *slack, const double *sum, time_t at)
{
	double bin = (double)(at - slack->start_at) / CARBON_EASY_BIN_S;
	size_t i;

	if (bin <= 0)
		return 0;
	if (bin >= (double)slack->bins)
		return sum[slack->bins];
	i = (size_t)bin;
	return sum[i] + (bin - (double)i) * (sum[i + 1] - sum[i]);
}

double carbon_slack_integral(const struct carbon_slack *slack, enum carbon_slack_level level, time_t from, time_t to)
{
	return up_to(slack, slack->sum[level], to) - up_to(slack, slack->sum[level], from);
}

/*
 * At either end only one of its two runs was played. Of the other it is known when it would have joined the queue, and
 * while jobs wait the slack clock does not care when in the queue it is served.
 */
double carbon_slack_credit(const struct carbon_slack *slack, const struct carbon_slack_job *job)
{
	bool is_odd = carbon_slack_begins(CARBON_SLACK_ODD, job->nth);
	const struct {
		double weight;
		time_t at_once, delayed;
	} levels[CARBON_SLACK_LEVELS] = {
		[CARBON_SLACK_NOBODY] = {1. / 6, job->start_at[CARBON_SLACK_WITHOUT], job->begin_at},
		[CARBON_SLACK_HALF] = {4. / 6, job->start_at[is_odd ? CARBON_SLACK_EVEN : CARBON_SLACK_ODD],
				       job->start_at[is_odd ? CARBON_SLACK_ODD : CARBON_SLACK_EVEN]},
		[CARBON_SLACK_ALL] = {1. / 6, job->ready_at, job->start_at[CARBON_SLACK_WITH]},
	};
	double sum = 0;

	for (int l = 0; l < CARBON_SLACK_LEVELS; l++)
		sum += levels[l].weight *
		       (carbon_slack_integral(slack, l, levels[l].at_once, levels[l].at_once + job->run_s) -
			carbon_slack_integral(slack, l, levels[l].delayed, levels[l].delayed + job->run_s));
	return sum;
}
