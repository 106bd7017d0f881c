/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two places on one scale. Must never let a place look better for the want of data about it, nor change a digit where the
 * site knows nothing of slack and prices.
 */
#include "policies/compare.h"

#include <math.h>

#include "lib/load.h"
#include "lib/time.h"
#include "policies/view.h"

#define HOUR_S 3600
#define NEXT_TO_NOTHING 1e-9
#define WATT_SECONDS_PER_KWH 3.6e6

static bool is_far(const struct carbon_side *side)
{
	return side->place->cluster[0] != '\0';
}

/* Whether anything but emissions counts at this site. */
static bool is_plain(const struct carbon_site *site)
{
	return !site->fulls && !(site->carbon_price > 0 && site->prices);
}

/* --- the slack clock --- */

static int hour_before(int hour)
{
	return hour ? hour - 1 : CARBON_SITE_WEEK_H - 1;
}

static int hour_after(int hour)
{
	return hour + 1 < CARBON_SITE_WEEK_H ? hour + 1 : 0;
}

/* How probable it is that a place that is so often FULL stays so from each moment of the run to END_AT, in the run's mean. */
static double stays_full(const struct carbon_full *full, const struct carbon_side *side, time_t end_at)
{
	time_t to_at = side->begin_at + (time_t)side->runtime_s, hour_at = to_at - 1 - (to_at - 1) % HOUR_S;
	int hour = carbon_hour_of_week(hour_at);
	double left = 1, sum = 0;

	for (time_t at = hour_at; at < end_at && left > NEXT_TO_NOTHING; at += HOUR_S) {
		left *= (double)full->value[hour];
		hour = hour_after(hour);
	}
	hour = carbon_hour_of_week(hour_at);
	for (; to_at > side->begin_at; to_at = hour_at, hour_at -= HOUR_S) {
		sum += left * (double)(to_at - (hour_at > side->begin_at ? hour_at : side->begin_at));
		hour = hour_before(hour);
		left *= (double)full->value[hour];
	}
	return sum / side->runtime_s;
}

/* --- the price --- */

static const struct carbon_site_series *price_of(const struct carbon_site *site, const struct carbon_side *side)
{
	return site->carbon_price > 0 ? carbon_site_price(site, side->place->zone) : NULL;
}

/* How much of the run PRICE reaches over. */
static enum carbon_known reach(const struct carbon_site_series *price, const struct carbon_side *side)
{
	time_t end_at = side->begin_at + (time_t)side->runtime_s, until_at;

	if (!price)
		return CARBON_KNOWN_NOT;
	until_at = price->from_at + (time_t)(price->count * price->step_s);
	if (end_at <= price->from_at || side->begin_at >= until_at)
		return CARBON_KNOWN_NOT;
	return side->begin_at >= price->from_at && end_at <= until_at ? CARBON_KNOWN : CARBON_KNOWN_IN_PART;
}

/* Grams that the run's electricity is worth, by the quarter of an hour as views have it. */
static double price_g(const struct carbon_site *site, const struct carbon_side *side)
{
	const struct carbon_site_series *price = price_of(site, side);
	time_t end_at = side->begin_at + (time_t)side->runtime_s, at = side->begin_at, next;
	double sum = 0;

	for (; price && at < end_at; at = next) {
		time_t slot_at = at - at % CARBON_LOAD_SLOT_S;
		double value = carbon_site_series_value(price, slot_at);

		next = slot_at + CARBON_LOAD_SLOT_S < end_at ? slot_at + CARBON_LOAD_SLOT_S : end_at;
		sum += isnan(value) ? 0 : value * (double)(next - at);
	}
	return sum > 0 || sum < 0
		       ? sum * CARBON_VIEW_G_KWH_OF_MONEY / site->carbon_price * side->power_w / WATT_SECONDS_PER_KWH
		       : 0;
}

/* --- both --- */

void carbon_side_look(const struct carbon_context *context, struct carbon_side *side)
{
	const struct carbon_site *site = context->site;
	const struct carbon_outlook_zone *zone;
	const struct carbon_full *full;

	side->has_clock = false;
	side->price = CARBON_KNOWN_NOT;
	side->kept = 1;
	if (is_plain(site) || !side->runtime_s)
		return;
	side->price = reach(price_of(site, side), side);
	full = is_far(side) ? NULL : carbon_site_full(site, side->place->partition);
	zone = full ? carbon_outlook_find(context->outlook, side->place->zone, site->signal) : NULL;
	if (!zone)
		return;
	side->has_clock = true;
	side->kept = 1 - stays_full(full, side, carbon_curve_end(&zone->mean));
}

/* By the price alone, where the slack clock must not count. */
static struct carbon_side without_clock(const struct carbon_site *site, const struct carbon_side *side)
{
	struct carbon_side out = *side;

	out.has_clock = false;
	out.kept = 1;
	out.counted_g = side->mass_g + price_g(site, side);
	return out;
}

static bool is_known_alike(const struct carbon_side *home, const struct carbon_side *there)
{
	return home->has_clock == there->has_clock && home->price == there->price && home->price != CARBON_KNOWN_IN_PART;
}

/* What is known alike of SIDE and of OTHER: the emissions, and the price where all of both runs has one. */
static double common_g(const struct carbon_site *site, const struct carbon_side *side, const struct carbon_side *other)
{
	bool has_price = side->price == CARBON_KNOWN && other->price == CARBON_KNOWN;

	return side->mass_g + (has_price ? price_g(site, side) : 0);
}

static double cost_g(const struct carbon_site *site, const struct carbon_side *home, const struct carbon_side *there)
{
	double left_g = home->kept * home->counted_g, taken_g = there->counted_g, saved_g;

	if (!is_known_alike(home, there)) {
		left_g = fmin(left_g, common_g(site, home, there));
		taken_g = fmax(taken_g, common_g(site, there, home));
	}
	saved_g = left_g - taken_g + (home->cost_g - home->mass_g) - (there->cost_g - there->mass_g);
	return home->cost_g - (saved_g > 0 ? there->kept * saved_g : saved_g);
}

double carbon_compare_cost_g(const struct carbon_context *context, const struct carbon_side *home,
			     const struct carbon_side *there)
{
	struct carbon_side home_side, there_side;

	if (is_plain(context->site))
		return there->cost_g;
	if (!is_far(home))
		return cost_g(context->site, home, there);
	home_side = without_clock(context->site, home);
	there_side = without_clock(context->site, there);
	return cost_g(context->site, &home_side, &there_side);
}
