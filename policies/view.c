/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a view: first the quarters of an hour without room, then the outlook cut at hours and at these, then backwards what
 * a kWh at each moment really moves. O(points), no allocation; called in slurmctld for every submission.
 */
#include "policies/view.h"

#include <math.h>
#include <string.h>

#include "lib/time.h"
#include "policies/counted.h"
#include "policies/room.h"
#include "policies/view_slots.h"

#define HOUR_S 3600
#define LAST_DAY_S 86400
#define NEXT_TO_NOTHING 1e-9 /* of a kWh; a float ends there */
#define SLOTS_HOUR (HOUR_S / CARBON_LOAD_SLOT_S)
#define HOURS_MAX CARBON_VIEW_POINTS_MAX
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the building hands on. */
struct work {
	struct carbon_view *view;
	struct carbon_view_store *store;
	const struct carbon_view_ask *ask;
	const struct carbon_curve *mean, *high;	   /* what is cut: the outlook's, or what was counted of it before */
	const struct carbon_full *full;		   /* NULL: the place never is, as far as is known, or that is counted */
	const struct carbon_site_series *price;	   /* NULL: it does not count */
	double price_weight;			   /* g/kWh of one money/MWh */
	time_t end_at;				   /* of the view */
	time_t slot_at;				   /* begin of its first slot */
	size_t slots;
	bool is_any_blocked;
	size_t hours;
};

/* --- room --- */

static void find_room(struct work *work)
{
	struct carbon_view *view = work->view;
	bool full, limited;

	memset(view->blocked, 0, sizeof(view->blocked));
	memset(view->limited, 0, sizeof(view->limited));
	full = carbon_room_find_full(work->ask, work->slot_at, work->slots, view->blocked);
	full |= carbon_room_find_throttled(work->ask, work->slot_at, work->slots, view->blocked);
	limited = carbon_room_find_limited(work->ask, work->slot_at, work->slots, view->limited);
	for (size_t i = 0; limited && i < COUNT(view->limited); i++)
		view->blocked[i] |= view->limited[i];
	work->is_any_blocked = full || limited;
}

/* --- the outlook, cut --- */

/* By the quarter of an hour: what it was when that began. */
static double price_at(const struct work *work, time_t at)
{
	double price = work->price ? carbon_site_series_value(work->price, carbon_view_slot_begin(at)) : NAN;

	return isnan(price) ? 0 : price * work->price_weight;
}

/* Where the stretch from slot I on ends: the next hour where prices or slack count, else where room changes. */
static size_t stretch_end(const struct work *work, size_t i, size_t hour_end)
{
	const uint64_t *blocked = work->view->blocked;
	bool is_blocked = carbon_view_is_set(blocked, i);

	if (work->price)
		return i + 1;
	if (!work->is_any_blocked)
		return hour_end;
	do
		i++;
	while (i < hour_end && carbon_view_is_set(blocked, i) == is_blocked);
	return i;
}

/* The outlook's segments up to UNTIL_S after the view's start, with PRICE added. False: the storage is full. */
static bool cut_stretch(struct work *work, size_t *segment, size_t *count, uint32_t until_s, float price)
{
	const struct carbon_curve *mean = work->mean, *high = work->high;
	struct carbon_view_store *store = work->store;
	int64_t shift_s = (int64_t)(mean->start_at - work->ask->earliest_at);
	size_t i = *segment, n = *count;
	uint32_t at_s = store->knot_s[n];

	while (at_s < until_s && n < CARBON_VIEW_POINTS_MAX) {
		int64_t knot_s = (int64_t)mean->knot_s[i + 1] + shift_s;

		store->mean_value[n] = mean->value[i] + price;
		if (!work->ask->mean_only)
			store->high_value[n] = high->value[i] + price;
		at_s = knot_s < (int64_t)until_s ? (uint32_t)knot_s : until_s;
		store->knot_s[++n] = at_s;
		i += knot_s <= (int64_t)until_s;
	}
	*segment = i;
	*count = n;
	return at_s >= until_s;
}

/* Intensity and price of every piece; returns how many. */
static size_t cut(struct work *work)
{
	time_t start_at = work->ask->earliest_at;
	size_t count = 0, segment = carbon_curve_segment(work->mean, start_at);
	size_t hour_end = SLOTS_HOUR - (size_t)(start_at % HOUR_S / CARBON_LOAD_SLOT_S);
	bool by_hour = work->full || work->price, fits = true;

	work->store->knot_s[0] = 0;
	work->hours = 0;
	work->store->hour_first[0] = 0;
	for (size_t i = 0, next; i < work->slots && fits; i = next) {
		time_t until_at;

		if (!by_hour)
			hour_end = work->slots;
		next = stretch_end(work, i, hour_end < work->slots ? hour_end : work->slots);
		until_at = work->slot_at + (time_t)(next * CARBON_LOAD_SLOT_S);
		if (until_at > work->end_at)
			until_at = work->end_at;
		fits = cut_stretch(work, &segment, &count, (uint32_t)(until_at - start_at),
				   (float)price_at(work, work->slot_at + (time_t)(i * CARBON_LOAD_SLOT_S)));
		if (next >= hour_end || next >= work->slots || !fits) {
			work->store->hour_first[++work->hours] = (uint16_t)count;
			hour_end += SLOTS_HOUR;
			fits = fits && work->hours < HOURS_MAX;
		}
	}
	return count;
}

/* --- the slack clock --- */

static double mean_price(const struct work *work, time_t from_at, time_t to_at)
{
	double sum = 0, count = 0;

	for (time_t at = from_at; work->price && at < to_at; at += HOUR_S, count++)
		sum += price_at(work, at);
	return count > 0 ? sum / count : 0;
}

/*
 * What a kWh freed at the end of the view would move: on, hour by hour, to the outlook's end, and behind it what the outlook's
 * last day is like. Hours that hardly anything gets to count for nothing.
 */
static void tail(const struct work *work, double expected[2])
{
	const struct carbon_curve *mean = work->mean, *high = work->high;
	time_t end_at = carbon_curve_end(mean), from_at = end_at - LAST_DAY_S;
	time_t at = work->end_at + HOUR_S - 1; /* the first hour behind the view */
	int hour;
	double left = 1, price;

	at -= at % HOUR_S;
	hour = carbon_hour_of_week(at);
	expected[0] = expected[1] = 0;
	for (; at < end_at && left > NEXT_TO_NOTHING; at += HOUR_S) {
		size_t segment = carbon_curve_segment(mean, at);
		double full = (double)work->full->value[hour];

		price = price_at(work, at);
		expected[0] += left * (1 - full) * ((double)mean->value[segment] + price);
		expected[1] += left * (1 - full) * ((double)high->value[segment] + price);
		left *= full;
		hour = hour + 1 < CARBON_SITE_WEEK_H ? hour + 1 : 0;
	}
	if (from_at < mean->start_at)
		from_at = mean->start_at;
	price = mean_price(work, from_at, end_at);
	expected[0] += left * (carbon_curve_integral(mean, from_at, end_at) / (double)(end_at - from_at) + price);
	expected[1] += left * (carbon_curve_integral(high, from_at, end_at) / (double)(end_at - from_at) + price);
}

/* One hour's pieces: as far as the place is full, what NEXT says. */
static void blend(float *value, size_t first, size_t end, float full, float next)
{
	for (size_t i = first; i < end; i++)
		value[i] = full * next + (1 - full) * value[i];
}

/*
 * From the end to the start: where the place is full, what is freed is used by others, and the hole opens in the next
 * hour; so a piece counts with its own intensity as far as it is not full, else with what the next hour begins with.
 */
static void count_slack(struct work *work)
{
	struct carbon_view_store *store = work->store;
	time_t start_at = work->ask->earliest_at;
	int hour = carbon_hour_of_week(start_at + (time_t)store->knot_s[store->hour_first[work->hours]] - 1);
	double next[2], free_s = 0;

	tail(work, next);
	for (size_t h = work->hours; h-- > 0;) {
		size_t first = store->hour_first[h], end = store->hour_first[h + 1];
		float full = work->full->value[hour];

		if (full > 0) {
			blend(store->mean_value, first, end, full, (float)next[0]);
			if (!work->ask->mean_only)
				blend(store->high_value, first, end, full, (float)next[1]);
		}
		free_s += (1 - (double)full) * (double)(store->knot_s[end] - store->knot_s[first]);
		next[0] = (double)store->mean_value[first];
		next[1] = work->ask->mean_only ? next[0] : (double)store->high_value[first];
		hour = hour ? hour - 1 : CARBON_SITE_WEEK_H - 1;
	}
	work->view->slack_share = free_s / (double)store->knot_s[store->hour_first[work->hours]];
}

/* --- sums --- */

/* So high that no window gains elsewhere what a second of it costs, and no higher: sums lose what they cannot hold. */
static float find_barrier(const struct work *work, size_t count)
{
	const struct carbon_view_store *store = work->store;
	float least = store->mean_value[0], greatest = least;
	double barrier = CARBON_BARRIER;

	for (size_t i = 0; i < count; i++) {
		float high = work->ask->mean_only ? store->mean_value[i] : store->high_value[i];

		least = fminf(least, fminf(store->mean_value[i], high));
		greatest = fmaxf(greatest, fmaxf(store->mean_value[i], high));
	}
	while (barrier <= (double)(greatest - least) * work->ask->runtime_s)
		barrier *= 2;
	return (float)barrier;
}

/* Pieces end where blocked time begins or ends: the slot in which one begins speaks for all of it. */
static void raise_barriers(const struct work *work, size_t count)
{
	struct carbon_view_store *store = work->store;
	uint32_t ahead_s = (uint32_t)(work->ask->earliest_at - work->slot_at), slot_end_s = CARBON_LOAD_SLOT_S - ahead_s;
	float barrier = find_barrier(work, count);
	size_t slot = 0;

	for (size_t i = 0; i < count; i++) {
		for (; slot_end_s <= store->knot_s[i]; slot_end_s += CARBON_LOAD_SLOT_S)
			slot++;
		if (!carbon_view_is_set(work->view->blocked, slot))
			continue;
		store->mean_value[i] = barrier;
		if (!work->ask->mean_only)
			store->high_value[i] = barrier;
	}
}

/* Before there are barriers. */
static void see_now(struct work *work)
{
	const struct carbon_view_store *store = work->store;
	struct carbon_view *view = work->view;
	const struct carbon_view_ask *ask = work->ask;

	if (!work->full && !work->price)
		view->now_g_kwh_s = carbon_curve_integral(work->mean, ask->earliest_at,
							  ask->earliest_at + (time_t)ask->runtime_s);
	for (size_t i = 0; (work->full || work->price) && store->knot_s[i] < ask->runtime_s; i++) {
		uint32_t to_s = store->knot_s[i + 1] < ask->runtime_s ? store->knot_s[i + 1] : ask->runtime_s;

		view->now_g_kwh_s += (double)store->mean_value[i] * (double)(to_s - store->knot_s[i]);
	}
	view->is_full_now = !carbon_view_has_room(view, ask, ask->earliest_at);
	view->is_limited_now = view->is_full_now && carbon_view_is_limited(view, ask, ask->earliest_at);
}

static void join(const struct work *work, size_t count)
{
	const struct carbon_view_ask *ask = work->ask;
	struct carbon_view_store *store = work->store;
	struct carbon_view *view = work->view;

	carbon_curve_sum(count, store->knot_s, store->mean_value, store->mean_sum);
	view->mean = (struct carbon_curve){ask->earliest_at, count, store->knot_s, store->mean_value, store->mean_sum, NULL};
	view->high = view->mean;
	if (ask->mean_only)
		return;
	carbon_curve_sum(count, store->knot_s, store->high_value, store->high_sum);
	view->high.value = store->high_value;
	view->high.sum = store->high_sum;
}

static void build(struct work *work)
{
	struct carbon_view *view = work->view;
	const struct carbon_view_ask *ask = work->ask;
	size_t count = cut(work);
	time_t end_at = ask->earliest_at + (time_t)work->store->knot_s[count];

	if (end_at - (time_t)ask->runtime_s < view->latest_at)
		view->latest_at = end_at - (time_t)ask->runtime_s;
	if (view->latest_at < ask->earliest_at)
		return;
	work->end_at = end_at;
	if (work->full)
		count_slack(work);
	see_now(work);
	if (work->is_any_blocked)
		raise_barriers(work, count);
	join(work, count);
}

static bool is_ever_full(const struct carbon_full *full)
{
	for (size_t i = 0; full && i < CARBON_SITE_WEEK_H; i++)
		if (full->value[i] > 0)
			return true;
	return false;
}

/* What was counted when the files were read. */
static bool find_counted(struct work *work)
{
	const struct carbon_view_ask *ask = work->ask;
	const struct carbon_counted_place *place = carbon_counted_find(ask->counted, ask->site, ask->place, ask->zone);

	if (!place)
		return false;
	work->mean = &place->mean;
	work->high = &place->high;
	work->view->slack_share = carbon_counted_slack(place, ask->earliest_at, work->end_at);
	return true;
}

static void find_matters(struct work *work)
{
	const struct carbon_view_ask *ask = work->ask;

	if (find_counted(work))
		return;
	if (carbon_room_is_here(ask))
		work->full = carbon_site_full(ask->site, ask->place->partition);
	if (!is_ever_full(work->full))
		work->full = NULL;
	if (ask->site->carbon_price > 0) {
		work->price = carbon_site_price(ask->site, ask->zone->name);
		work->price_weight = CARBON_VIEW_G_KWH_OF_MONEY / ask->site->carbon_price;
	}
}

/* Curves as they are where the policy sees to the room, or none is missing. */
static bool is_without_cut(struct work *work)
{
	struct carbon_view *view = work->view;

	if (work->full || work->price)
		return false;
	view->is_by_room = work->is_any_blocked && work->ask->reads_room &&
			   carbon_view_has_room(view, work->ask, work->ask->earliest_at);
	return view->is_by_room || !work->is_any_blocked;
}

void carbon_view_init(struct carbon_view *view, const struct carbon_view_ask *ask, struct carbon_view_store *store)
{
	time_t last_at = carbon_curve_end(&ask->zone->mean) - (time_t)ask->runtime_s;
	struct work work = {.view = view, .store = store, .ask = ask, .mean = &ask->zone->mean, .high = &ask->zone->high};

	view->latest_at = ask->latest_at < last_at ? ask->latest_at : last_at;
	view->is_plain = true;
	view->is_counted = false;
	view->is_by_room = false;
	view->slack_share = 1;
	view->mean = ask->zone->mean;
	view->high = ask->zone->high;
	view->now_g_kwh_s = 0;
	view->is_full_now = view->is_limited_now = false;
	if (view->latest_at < ask->earliest_at || ask->earliest_at < ask->zone->mean.start_at)
		return;
	work.end_at = view->latest_at + (time_t)ask->runtime_s;
	work.slot_at = carbon_view_slot_begin(ask->earliest_at);
	work.slots = (size_t)(work.end_at - work.slot_at + CARBON_LOAD_SLOT_S - 1) / CARBON_LOAD_SLOT_S;
	find_matters(&work);
	find_room(&work);
	view->is_counted = work.mean != &ask->zone->mean || work.full || work.price;
	view->is_plain = !view->is_counted && !work.is_any_blocked;
	if (is_without_cut(&work)) {
		view->mean = *work.mean;
		view->high = *work.high;
		see_now(&work);
	} else {
		build(&work);
	}
}
