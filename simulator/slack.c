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

/* The bin where what is freed in FROM, which is full, goes: where the run that takes it ends;
 * without one, the next. */
static size_t next_bin(const struct carbon_easy_full *full, size_t from)
{
	time_t at = full->bin[from].taken_to_at;
	size_t bin = at ? (size_t)((at - full->start_at) / CARBON_EASY_BIN_S) : 0;

	return bin > from ? bin : from + 1;
}

/* Of full bin BIN: what there is room for beside others counts as if it were not full. */
static double blend(const struct carbon_slack *slack, const struct carbon_easy_full *full,
		    size_t bin, double own, double last)
{
	double fits = (double)(full->bin[bin].fits / full->bin[bin].share);
	size_t next = next_bin(full, bin);

	return fits * own + (1 - fits) * (next < full->bins ? slack->sum[next + 1] : last);
}

/* Backwards, for a hole is only handed on to later bins. */
int carbon_slack_init(struct carbon_slack *slack, const struct carbon_easy_full *full,
		      const struct carbon_grid *settled)
{
	double last = last_mean(settled), own = last;

	slack->start_at = full->start_at;
	slack->bins = full->bins;
	slack->sum = calloc(full->bins + 1, sizeof(*slack->sum));
	if (!slack->sum)
		return -1;
	for (size_t bin = full->bins; bin-- > 0;) {
		own = bin_mean(settled, full->start_at + (time_t)bin * CARBON_EASY_BIN_S, own);
		slack->sum[bin + 1] = full->bin[bin].share > 0.5F
					      ? blend(slack, full, bin, own, last)
					      : own;
	}
	for (size_t bin = 0; bin < full->bins; bin++)
		slack->sum[bin + 1] = slack->sum[bin] + slack->sum[bin + 1] * CARBON_EASY_BIN_S;
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
