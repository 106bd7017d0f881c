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
	uint32_t start_s;	 /* of the window, from the curve's start on */
	uint32_t runtime_s;
	uint32_t last_s;	 /* latest start */
	size_t i, j;		 /* segments that hold start and end */
	double price_g_kwh;	 /* of each second waited, as if the grid became dirtier by so much; 0 until the caller sets it */
	double more;		 /* integral of this window and what was waited, less that of the first one, (g/kWh)*s */
};

static inline struct carbon_sweep carbon_sweep_begin(const struct carbon_query *query,
						     const struct carbon_curve *curve)
{
	time_t end_at = query->earliest_at + (time_t)query->runtime_s;

	return (struct carbon_sweep){
		.curve = curve,
		.start_s = (uint32_t)(query->earliest_at - curve->start_at),
		.runtime_s = query->runtime_s,
		.last_s = (uint32_t)(query->latest_at - curve->start_at),
		.i = carbon_curve_segment(curve, query->earliest_at),
		.j = carbon_curve_segment(curve, end_at),
	};
}

/*
 * Move to the next kink or to the latest start; false when there already. Branches, not arithmetic: grids are
 * regular, so a processor foresees them and need not wait for one step to end before it begins the next.
 */
static inline bool carbon_sweep_next(struct carbon_sweep *sweep)
{
	const uint32_t *knot_s = sweep->curve->knot_s;
	const float *value = sweep->curve->value;
	uint32_t at_s, end_at_s;
	double slope;

	if (sweep->start_s == sweep->last_s)
		return false;
	slope = (double)value[sweep->j] - (double)value[sweep->i] + sweep->price_g_kwh;
	at_s = knot_s[sweep->i + 1];
	end_at_s = knot_s[sweep->j + 1] - sweep->runtime_s;
	if (at_s < end_at_s) {
		sweep->i++;
	} else if (end_at_s < at_s) {
		at_s = end_at_s;
		sweep->j++;
	} else {
		sweep->i++;
		sweep->j++;
	}
	if (at_s > sweep->last_s)
		at_s = sweep->last_s;
	sweep->more += (double)(at_s - sweep->start_s) * slope;
	sweep->start_s = at_s;
	return true;
}

/*
 * The starts that are allowed and have room, in stretches within one block of the curve, earliest first; where the curve's swings
 * are not reckoned, within one run of room.
 */
struct carbon_stretches {
	const struct carbon_query *query;
	const struct carbon_curve *curve;
	double price_g_kwh; /* of each second waited */
	double first;	    /* integral of the first window, (g/kWh)*s */
	double mean_more;   /* of a window of the curve's mean, less that one */
	uint32_t first_s, last_s; /* of all starts */
	uint32_t at_s;	    /* the next stretch begins here */
	bool is_in_run;	    /* of room, which is not over */
	uint32_t free_s;    /* last start of that run */
	size_t block, end_block; /* those that hold at_s and the end of its window, or earlier ones */
};

struct carbon_stretch {
	uint32_t from_s, to_s; /* starts, both included */
	double least; /* no start in it has less of carbon_sweep's MORE, (g/kWh)*s */
};

struct carbon_stretches carbon_stretches_begin(const struct carbon_query *query, const struct carbon_curve *curve);

/* False: there is none left. */
bool carbon_stretches_next(struct carbon_stretches *all, struct carbon_stretch *out);

/* At the first start of STRETCH, to go on to its last one; MORE counts against the first window of all. */
struct carbon_sweep carbon_stretch_sweep(const struct carbon_stretches *all, const struct carbon_stretch *stretch);

/* The start with the least emissions on CURVE and price of waiting together; among equals the earliest. */
time_t carbon_sweep_lowest(const struct carbon_query *query, const struct carbon_curve *curve);

#endif
