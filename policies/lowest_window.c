/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The contiguous window of the run's length with the least expected emissions. Exact: the
 * emissions of a window are a piecewise linear function of its start, with kinks where its start or
 * its end meets a knot, so the least lies at a kink or at a bound. One sweep over the kinks, O(knots).
 */
#include "policies/builtin.h"

#define WATTS_PER_KILOWATT 1000.0

/* A difference below this, in (g/kWh)*s, is rounding and not worth waiting for. */
#define ROUNDING 1e-3

static uint32_t least(uint32_t a, uint32_t b, uint32_t c)
{
	uint32_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static time_t choose(const struct carbon_query *query)
{
	const struct carbon_curve *curve = query->mean;
	const uint32_t *knot_s = curve->knot_s;
	const float *value = curve->value;
	uint32_t start = (uint32_t)(query->earliest_at - curve->start_at);
	uint32_t last = (uint32_t)(query->latest_at - curve->start_at);
	uint32_t end = start + query->runtime_s;
	size_t i = carbon_curve_segment(curve, query->earliest_at);
	size_t j = carbon_curve_segment(curve, query->earliest_at + (time_t)query->runtime_s);
	/* The price of waiting, as if the grid became dirtier by so much for each second waited. */
	double price_g_kwh = query->delay_price_g_h * WATTS_PER_KILOWATT / query->power_w;
	double cost = 0, best_cost = 0; /* against starting at earliest_at */
	uint32_t best = start;

	while (start < last) {
		uint32_t to_start_knot = knot_s[i + 1] - start;
		uint32_t to_end_knot = knot_s[j + 1] - end;
		uint32_t step = least(to_start_knot, to_end_knot, last - start);

		cost += (double)step * ((double)value[j] - (double)value[i] + price_g_kwh);
		start += step;
		end += step;
		i += step == to_start_knot;
		j += step == to_end_knot;
		if (cost < best_cost - ROUNDING) {
			best_cost = cost;
			best = start;
		}
	}
	return curve->start_at + (time_t)best;
}

const struct carbon_policy carbon_policy_lowest_window = {
	.name = "lowest-window",
	.summary = "the window of the run's length with the least expected emissions",
	.choose = choose,
};
