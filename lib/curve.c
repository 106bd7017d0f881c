/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-ups in piecewise constant intensity. Called in slurmctld for every submission. */
#include "lib/curve.h"

/* (g/kWh) * s * W to grams: 1 kWh = 3.6e6 Ws. */
#define WATT_SECONDS_PER_KWH 3.6e6

time_t carbon_curve_end(const struct carbon_curve *curve)
{
	return curve->start_at + (time_t)curve->knot_s[curve->count];
}

bool carbon_curve_has(const struct carbon_curve *curve, time_t from, time_t to)
{
	return curve->count > 0 && from >= curve->start_at && from <= to &&
	       to <= carbon_curve_end(curve);
}

/* Where the segment would be, one more on either side, were all of them equally long; OFFSET_S lies within the curve. */
static void guess(const struct carbon_curve *curve, time_t offset_s, size_t *low, size_t *high)
{
	size_t at = (size_t)((uint64_t)offset_s * curve->count / curve->knot_s[curve->count]);

	*low = at > 0 ? at - 1 : 0;
	*high = at + 2 < curve->count ? at + 2 : curve->count;
}

size_t carbon_curve_segment(const struct carbon_curve *curve, time_t at)
{
	size_t low, high;
	time_t offset_s = at - curve->start_at;

	if (curve->count < 2 || offset_s <= 0)
		return 0;
	if (offset_s >= (time_t)curve->knot_s[curve->count])
		return curve->count - 1;
	/* Outlooks are mostly regular, and halving them costs a processor a wrong turn every other time. */
	guess(curve, offset_s, &low, &high);
	if ((time_t)curve->knot_s[low] > offset_s || (time_t)curve->knot_s[high] <= offset_s) {
		low = 0;
		high = curve->count;
	}
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if ((time_t)curve->knot_s[middle] <= offset_s)
			low = middle;
		else
			high = middle;
	}
	return low;
}

double carbon_curve_value(const struct carbon_curve *curve, time_t at)
{
	return (double)curve->value[carbon_curve_segment(curve, at)];
}

/* The integral from the first knot to AT. */
static double integral_to(const struct carbon_curve *curve, time_t at)
{
	size_t i = carbon_curve_segment(curve, at);

	return curve->sum[i] +
	       (double)curve->value[i] * (double)(at - curve->start_at - (time_t)curve->knot_s[i]);
}

double carbon_curve_integral(const struct carbon_curve *curve, time_t from, time_t to)
{
	return integral_to(curve, to) - integral_to(curve, from);
}

double carbon_curve_mass_g(const struct carbon_curve *curve, time_t from, time_t to, double power_w)
{
	return carbon_curve_integral(curve, from, to) * power_w / WATT_SECONDS_PER_KWH;
}

void carbon_curve_sum(size_t count, const uint32_t *knot_s, const float *value, double *sum)
{
	sum[0] = 0;
	for (size_t i = 0; i < count; i++)
		sum[i + 1] = sum[i] + (double)value[i] * (double)(knot_s[i + 1] - knot_s[i]);
}

/* Between two knots the integral is a straight line: its least and its most lie at knots. */
void carbon_curve_swings(const struct carbon_curve *curve, struct carbon_swing *swing)
{
	double mean = carbon_curve_mean(curve);

	for (size_t first = 0; first < curve->count; first += CARBON_CURVE_BLOCK, swing++) {
		size_t end = first + CARBON_CURVE_BLOCK < curve->count ? first + CARBON_CURVE_BLOCK : curve->count;

		swing->least = swing->most = curve->sum[first] - mean * (double)curve->knot_s[first];
		for (size_t i = first + 1; i <= end; i++) {
			double at = curve->sum[i] - mean * (double)curve->knot_s[i];

			swing->least = at < swing->least ? at : swing->least;
			swing->most = at > swing->most ? at : swing->most;
		}
	}
}
