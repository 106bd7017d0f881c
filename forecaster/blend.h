/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two forecasts of the same hour made one: a provider's and our own, weighed by how each has
 * done here lately at that lead. Numbers in, numbers out; it knows neither where they come from
 * nor what time it is.
 */
#ifndef CARBON_BLEND_H
#define CARBON_BLEND_H

#include <stdbool.h>
#include <stddef.h>

#define CARBON_BLEND_DAYS 4 /* one weight per day of lead; later leads share the last one */

/* What the past has taught, for one zone and provider; the caller's storage. */
struct carbon_blend {
	struct {
		double pull;   /* sum of (theirs - ours) * (truth - ours), (g/kWh)^2 */
		double spread; /* sum of (theirs - ours)^2 */
		double hours;  /* how many, older ones counting less */
	} day[CARBON_BLEND_DAYS];
};

/* A forecast of ours with its band, and the provider's of the same hour. */
struct carbon_blend_hour {
	double theirs_g_kwh;
	double ours_g_kwh, low_g_kwh, high_g_kwh;
};

/* An hour that has come true. */
struct carbon_blend_past {
	size_t lead_h; /* 0: the first hour after the forecasts were made */
	double age_days;
	double theirs_g_kwh, ours_g_kwh, truth_g_kwh;
};

/* Nothing known yet. */
void carbon_blend_init(struct carbon_blend *blend);

/* An hour that both had forecast LEAD_H hours before it; a NAN passes it over; a month halves
 * it. */
void carbon_blend_add(struct carbon_blend *blend, const struct carbon_blend_past *hour);

/*
 * The provider's weight at LEAD_H, 0 to 1: least squares over the past, drawn towards 0.7 where
 * that is short, for a provider knows the weather. 0.7 where nothing is known.
 */
double carbon_blend_weight(const struct carbon_blend *blend, size_t lead_h);

/* Whether the past has told of 120 hours on this day of lead, older ones counting less. */
bool carbon_blend_is_known(const struct carbon_blend *blend, size_t lead_h);

/*
 * Mix in place: ours_g_kwh becomes the blend, and the band moves with it, as wide as it was but
 * never below zero. Where theirs is NAN nothing changes.
 */
void carbon_blend_mix(const struct carbon_blend *blend, size_t lead_h,
		      struct carbon_blend_hour *hour);

#endif
