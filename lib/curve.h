/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Piecewise constant intensity ahead, ready for deciding: knots, the value that holds from each knot
 * to the next, and the integral from the first knot on. Immutable; the arrays are borrowed from the
 * outlook that made them. Nothing here allocates.
 */
#ifndef CARBON_CURVE_H
#define CARBON_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

/*
 * How far, within a block of segments, the integral swings from what the curve's mean would add up to: bounds for every window
 * that begins in one block and ends in another, without a look inside.
 */
#define CARBON_CURVE_BLOCK 16 /* segments */
struct carbon_swing {
	double least, most; /* over the block's time, both ends included, (g/kWh)*s */
};

struct carbon_curve {
	time_t start_at;
	size_t count;		  /* segments */
	const uint32_t *knot_s;	  /* count + 1 offsets from start_at, rising strictly, knot_s[0] = 0 */
	const float *value;	  /* count values, g/kWh */
	const double *sum;	  /* count + 1: integral up to each knot, (g/kWh)*s */
	const struct carbon_swing *swing; /* of each block; NULL: not reckoned, all is looked at */
};

time_t carbon_curve_end(const struct carbon_curve *curve);

/* Whether [from, to) lies within the curve. */
bool carbon_curve_has(const struct carbon_curve *curve, time_t from, time_t to);

/* The segment that holds AT (clamped to the first and last one); O(log n). */
size_t carbon_curve_segment(const struct carbon_curve *curve, time_t at);

double carbon_curve_value(const struct carbon_curve *curve, time_t at);

/* Integral over [from, to), (g/kWh)*s; both must lie within the curve. */
double carbon_curve_integral(const struct carbon_curve *curve, time_t from, time_t to);

/* Grams from drawing POWER_W over [from, to): W * (g/kWh)*s / 3.6e6. */
double carbon_curve_mass_g(const struct carbon_curve *curve, time_t from, time_t to, double power_w);

/* Fill SUM (count + 1) from knots and values. */
void carbon_curve_sum(size_t count, const uint32_t *knot_s, const float *value, double *sum);

/* Blocks that so many segments make. */
#define CARBON_CURVE_SWINGS(count) (((size_t)(count) + CARBON_CURVE_BLOCK - 1) / CARBON_CURVE_BLOCK)

/* The mean of the whole curve, g/kWh: what the swings are reckoned from. */
static inline double carbon_curve_mean(const struct carbon_curve *curve)
{
	return curve->sum[curve->count] / (double)curve->knot_s[curve->count];
}

/* Fill SWING (CARBON_CURVE_SWINGS of its count) of a CURVE that is whole but for it. */
void carbon_curve_swings(const struct carbon_curve *curve, struct carbon_swing *swing);

#endif
