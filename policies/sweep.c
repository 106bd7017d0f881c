/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The least of all windows, exactly; shared by the policies that differ only in whom they believe. */
#include "policies/sweep.h"

#define WATTS_PER_KILOWATT 1000.0

time_t carbon_sweep_lowest(const struct carbon_query *query, const struct carbon_curve *curve)
{
	struct carbon_sweep sweep = carbon_sweep_begin(query, curve);
	uint32_t best = sweep.start_s;
	double to_beat = -CARBON_SWEEP_ROUNDING; /* against the first window */

	/* Within the slope it costs next to nothing: this loop is half of a decision. */
	sweep.price_g_kwh = query->delay_price_g_h * WATTS_PER_KILOWATT / query->power_w;
	while (carbon_sweep_next(&sweep)) {
		if (sweep.more < to_beat) {
			to_beat = sweep.more - CARBON_SWEEP_ROUNDING;
			best = sweep.start_s;
		}
	}
	return curve->start_at + (time_t)best;
}
