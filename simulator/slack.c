/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slack clock over the bins of a replay. Where nothing is known of a bin it has the
 * intensity of the next one that is known: no hour is cleaner for having a hole.
 */
#include "simulator/slack.h"

#include <stdlib.h>

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

/* Add what the clock of FULL says; VALUE has room for it. Backwards, for a hole is only handed on to later bins. */
static void add_clock(struct carbon_slack *slack, const struct carbon_easy_full *full,
		      const struct carbon_grid *settled, double *value)
{
	double last = last_mean(settled), own = last;

	for (size_t i = slack->bins; i-- > 0;) {
		size_t next = next_bin(slack, full, i);

		own = bin_mean(settled, slack->start_at + (time_t)i * CARBON_EASY_BIN_S, own);
		value[i] = next == i ? own : next < slack->bins ? value[next] : last;
		slack->sum[i + 1] += value[i] * CARBON_EASY_BIN_S / CARBON_SLACK_REPLAYS;
	}
}

static time_t end_of(const struct carbon_easy_full *full)
{
	return full->start_at + (time_t)full->bins * CARBON_EASY_BIN_S;
}

int carbon_slack_init(struct carbon_slack *slack,
		      const struct carbon_easy_full full[CARBON_SLACK_REPLAYS],
		      const struct carbon_grid *settled)
{
	time_t end_at = end_of(&full[0]) > end_of(&full[1]) ? end_of(&full[0]) : end_of(&full[1]);
	double *value;

	slack->start_at = full[0].start_at < full[1].start_at ? full[0].start_at : full[1].start_at;
	slack->bins = (size_t)((end_at - slack->start_at) / CARBON_EASY_BIN_S);
	slack->sum = calloc(slack->bins + 1, sizeof(*slack->sum));
	value = calloc(slack->bins + 1, sizeof(*value));
	if (!slack->sum || !value) {
		free(value);
		return -1;
	}
	for (size_t r = 0; r < CARBON_SLACK_REPLAYS; r++)
		add_clock(slack, &full[r], settled, value);
	for (size_t i = 0; i < slack->bins; i++)
		slack->sum[i + 1] += slack->sum[i];
	free(value);
	return 0;
}

void carbon_slack_fini(struct carbon_slack *slack)
{
	free(slack->sum);
	slack->sum = NULL;
	slack->bins = 0;
}

static double up_to(const struct carbon_slack *slack, time_t at)
{
	double bin = (double)(at - slack->start_at) / CARBON_EASY_BIN_S;
	size_t i;

	if (bin <= 0)
		return 0;
	if (bin >= (double)slack->bins)
		return slack->sum[slack->bins];
	i = (size_t)bin;
	return slack->sum[i] + (bin - (double)i) * (slack->sum[i + 1] - slack->sum[i]);
}

double carbon_slack_integral(const struct carbon_slack *slack, time_t from, time_t to)
{
	return up_to(slack, to) - up_to(slack, from);
}
