/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The most carbon saved per hour until completion (GAIA, ASPLOS 2024): of two windows that save alike, the
 * earlier one; waits less than lowest-window and keeps most of its saving. Between two kinks the ratio is linear over
 * linear and so monotonic: the best lies at a kink.
 */
#include "policies/builtin.h"
#include "policies/sweep.h"

static time_t choose(const struct carbon_query *query)
{
	struct carbon_stretches all = carbon_stretches_begin(query, query->mean);
	uint32_t best = all.first_s;
	struct carbon_stretch stretch;
	double best_rate = 0;

	while (carbon_stretches_next(&all, &stretch)) {
		double soonest_s = (double)(stretch.from_s - all.first_s) + (double)query->runtime_s;
		struct carbon_sweep sweep;

		if (-stretch.least <= best_rate * soonest_s)
			continue;
		sweep = carbon_stretch_sweep(&all, &stretch);
		do {
			double rate = -sweep.more / ((double)(sweep.start_s - all.first_s) + (double)query->runtime_s);

			if (-sweep.more > CARBON_SWEEP_ROUNDING && rate > best_rate) {
				best_rate = rate;
				best = sweep.start_s;
			}
		} while (carbon_sweep_next(&sweep));
	}
	return query->mean->start_at + (time_t)best;
}

const struct carbon_policy carbon_policy_carbon_time = {
	.name = "carbon-time",
	.summary = "the most carbon saved per hour until completion",
	.reads_room = true,
	.choose = choose,
};
