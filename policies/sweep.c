/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The least of all windows, exactly; shared by the policies that differ only in whom they believe. */
#include "policies/sweep.h"

#define WATTS_PER_KILOWATT 1000.0

time_t carbon_sweep_lowest(const struct carbon_query *query, const struct carbon_curve *curve)
{
	struct carbon_sweep sweep = carbon_sweep_begin(query, curve);
	/* The price of waiting, as if the grid became dirtier by so much for each second waited. */
	double price_g_kwh = query->delay_price_g_h * WATTS_PER_KILOWATT / query->power_w;
	uint32_t first = sweep.start_s, best = first;
	double to_beat = -CARBON_SWEEP_ROUNDING; /* against the first window */

	while (carbon_sweep_next(&sweep)) {
		double cost = sweep.more + price_g_kwh * (double)(sweep.start_s - first);

		if (cost < to_beat) {
			to_beat = cost - CARBON_SWEEP_ROUNDING;
			best = sweep.start_s;
		}
	}
	return curve->start_at + (time_t)best;
}
