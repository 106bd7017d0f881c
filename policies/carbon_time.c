/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most carbon saved per hour until completion (GAIA, ASPLOS 2024): of two windows that save alike, the
 * earlier one; waits less than lowest-window and keeps most of its saving. Between two kinks the ratio is linear over
 * linear and so monotonic: the best lies at a kink.
 */
#include "policies/builtin.h"
#include "policies/sweep.h"

#define WATTS_PER_KILOWATT 1000.0

static time_t choose(const struct carbon_query *query)
{
	struct carbon_sweep sweep = carbon_sweep_begin(query, query->mean);
	double price_g_kwh = query->delay_price_g_h * WATTS_PER_KILOWATT / query->power_w;
	uint32_t first = sweep.start_s, best = first;
	double best_rate = 0;

	while (carbon_sweep_next(&sweep)) {
		double waited_s = (double)(sweep.start_s - first);
		double saved = -sweep.more - price_g_kwh * waited_s;
		double rate = saved / (waited_s + (double)query->runtime_s);

		if (saved > CARBON_SWEEP_ROUNDING && rate > best_rate) {
			best_rate = rate;
			best = sweep.start_s;
		}
	}
	return query->mean->start_at + (time_t)best;
}

const struct carbon_policy carbon_policy_carbon_time = {
	.name = "carbon-time",
	.summary = "the most carbon saved per hour until completion",
	.choose = choose,
};
