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

struct carbon_curve {
	time_t start_at;
	size_t count;		  /* segments */
	const uint32_t *knot_s;	  /* count + 1 offsets from start_at, rising strictly, knot_s[0] = 0 */
	const float *value;	  /* count values, g/kWh */
	const double *sum;	  /* count + 1: integral up to each knot, (g/kWh)*s */
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

#endif
