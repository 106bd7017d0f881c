/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The weight w that would have made theirs * w + ours * (1 - w) come closest to the truth, with
 * some hours added in which the first guess was right. Never outside 0 to 1: no forecast is bet
 * against.
 */
#include "forecaster/blend.h"

#include <math.h>
#include <string.h>

#define DAY_H 24
#define HALF_LIFE_DAYS 30.0
#define FIRST_GUESS 0.7
#define FIRST_GUESS_HOURS 48.0
#define LEAST_HOURS 120.0

static size_t day_of(size_t lead_h)
{
	size_t day = lead_h / DAY_H;

	return day < CARBON_BLEND_DAYS ? day : CARBON_BLEND_DAYS - 1;
}

void carbon_blend_init(struct carbon_blend *blend)
{
	memset(blend, 0, sizeof(*blend));
}

void carbon_blend_add(struct carbon_blend *blend, const struct carbon_blend_past *hour)
{
	double apart = hour->theirs_g_kwh - hour->ours_g_kwh;
	double miss = hour->truth_g_kwh - hour->ours_g_kwh;
	double weight = exp2(-hour->age_days / HALF_LIFE_DAYS);
	size_t day = day_of(hour->lead_h);

	if (isnan(apart) || isnan(miss))
		return;
	blend->day[day].pull += weight * apart * miss;
	blend->day[day].spread += weight * apart * apart;
	blend->day[day].hours += weight;
}

double carbon_blend_weight(const struct carbon_blend *blend, size_t lead_h)
{
	size_t day = day_of(lead_h);
	double spread = blend->day[day].spread, guess;

	if (!(spread > 0))
		return FIRST_GUESS;
	guess = FIRST_GUESS_HOURS * spread / blend->day[day].hours;
	return fmin(fmax((blend->day[day].pull + FIRST_GUESS * guess) / (spread + guess), 0),
		    1);
}

bool carbon_blend_is_known(const struct carbon_blend *blend, size_t lead_h)
{
	return blend->day[day_of(lead_h)].hours >= LEAST_HOURS;
}

void carbon_blend_mix(const struct carbon_blend *blend, size_t lead_h,
		      struct carbon_blend_hour *hour)
{
	double move =
		carbon_blend_weight(blend, lead_h) * (hour->theirs_g_kwh - hour->ours_g_kwh);

	if (isnan(move))
		return;
	hour->ours_g_kwh += move;
	hour->low_g_kwh = fmax(hour->low_g_kwh + move, 0);
	hour->high_g_kwh += move;
}
