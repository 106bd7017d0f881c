/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over every start worth looking at. The emissions of a window are a piecewise linear
 * function of its start, with kinks where its start or its end meets a knot of the curve; whatever is best
 * under a linear (or linear over linear) measure lies at a kink or at a bound. O(knots), no allocation.
 */
#ifndef CARBON_SWEEP_H
#define CARBON_SWEEP_H

#include <stdbool.h>

#include "policies/policy.h"

/* A difference below this, in (g/kWh)*s, is rounding and not worth waiting for. */
#define CARBON_SWEEP_ROUNDING 1e-3

struct carbon_sweep {
	const struct carbon_curve *curve;
	uint32_t start_s, end_s; /* of the window, from the curve's start on */
	uint32_t last_s;	 /* latest start */
	size_t i, j;		 /* segments that hold start and end */
	double more;		 /* integral of this window less that of the first one, (g/kWh)*s */
};

static inline struct carbon_sweep carbon_sweep_begin(const struct carbon_query *query,
						     const struct carbon_curve *curve)
{
	time_t end_at = query->earliest_at + (time_t)query->runtime_s;

	return (struct carbon_sweep){
		.curve = curve,
		.start_s = (uint32_t)(query->earliest_at - curve->start_at),
		.end_s = (uint32_t)(end_at - curve->start_at),
		.last_s = (uint32_t)(query->latest_at - curve->start_at),
		.i = carbon_curve_segment(curve, query->earliest_at),
		.j = carbon_curve_segment(curve, end_at),
	};
}

/* Move to the next kink or to the latest start; false when there already. */
static inline bool carbon_sweep_next(struct carbon_sweep *sweep)
{
	const uint32_t *knot_s = sweep->curve->knot_s;
	const float *value = sweep->curve->value;
	uint32_t to_start, to_end, step = sweep->last_s - sweep->start_s;

	if (!step)
		return false;
	to_start = knot_s[sweep->i + 1] - sweep->start_s;
	to_end = knot_s[sweep->j + 1] - sweep->end_s;
	step = to_start < step ? to_start : step;
	step = to_end < step ? to_end : step;
	sweep->more += (double)step * ((double)value[sweep->j] - (double)value[sweep->i]);
	sweep->start_s += step;
	sweep->end_s += step;
	sweep->i += step == to_start;
	sweep->j += step == to_end;
	return true;
}

/* The start with the least emissions on CURVE and price of waiting together; among equals the earliest. */
time_t carbon_sweep_lowest(const struct carbon_query *query, const struct carbon_curve *curve);

#endif
