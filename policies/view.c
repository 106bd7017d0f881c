/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Building a view: first the quarters of an hour without room, then the outlook cut at hours and at these, then backwards what
 * a kWh at each moment really moves. O(points), no allocation; called in slurmctld for every submission.
 */
#include "policies/view.h"

#include <math.h>
#include <string.h>

#include "lib/time.h"
#include "policies/room.h"

#define HOUR_S 3600
#define TAIL_S 86400 /* how far past the view the slack clock is followed */
#define WATT_SECONDS_PER_KWH 3.6e6
#define GRAMS_KWH_OF_MONEY_MWH 1000.0 /* 1 per MWh at 1 per t is 1000 g/kWh */

/* What the building hands on. */
struct work {
	struct carbon_view *view;
	const struct carbon_view_ask *ask;
	const struct carbon_full *full;		   /* NULL: the place never is, as far as is known */
	const struct carbon_site_series *price;	   /* NULL: it does not count */
	double price_weight;			   /* g/kWh of one money/MWh */
	time_t end_at;				   /* of the view */
	bool is_any_blocked;
};

static time_t slot_begin(time_t at)
{
	return at - at % CARBON_LOAD_SLOT_S;
}

static size_t slot_of(const struct carbon_view_ask *ask, time_t at)
{
	return (size_t)(carbon_load_slot(at) - carbon_load_slot(ask->earliest_at));
}

static bool bit(const uint64_t *bits, size_t i)
{
	return i < CARBON_VIEW_SLOTS_MAX && (bits[i / 64] >> (i % 64) & 1);
}

/* --- room --- */

static void find_room(struct work *work)
{
	struct carbon_view *view = work->view;
	const struct carbon_view_ask *ask = work->ask;
	struct carbon_room_ask room;
	time_t at = slot_begin(ask->earliest_at);

	memset(view->blocked, 0, sizeof(view->blocked));
	memset(view->limited, 0, sizeof(view->limited));
	if (!carbon_room_init(&room, ask, ask->earliest_at, work->end_at))
		return;
	for (size_t i = 0; i < CARBON_VIEW_SLOTS_MAX && at < work->end_at; i++, at += CARBON_LOAD_SLOT_S) {
		enum carbon_room found = carbon_room_at(&room, at);

		if (found == CARBON_ROOM_FREE)
			continue;
		view->blocked[i / 64] |= (uint64_t)1 << (i % 64);
		if (found == CARBON_ROOM_LIMITED)
			view->limited[i / 64] |= (uint64_t)1 << (i % 64);
		work->is_any_blocked = true;
	}
}

static bool any_bit(const struct carbon_view_ask *ask, const uint64_t *bits, time_t begin_at)
{
	size_t last = slot_of(ask, begin_at + (time_t)ask->runtime_s - 1);

	for (size_t i = slot_of(ask, begin_at); i <= last && i < CARBON_VIEW_SLOTS_MAX; i++)
		if (bit(bits, i))
			return true;
	return false;
}

bool carbon_view_has_room(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at)
{
	return !any_bit(ask, view->blocked, begin_at);
}

time_t carbon_view_first_room(const struct carbon_view_ask *ask, time_t from_at, time_t to_at)
{
	struct carbon_room_ask room;
	time_t begin_at = from_at, at = slot_begin(from_at);

	if (!carbon_room_init(&room, ask, from_at, from_at))
		return from_at;
	room.limits = 0;
	for (; begin_at < to_at && at < begin_at + (time_t)ask->runtime_s; at += CARBON_LOAD_SLOT_S)
		if (carbon_room_at(&room, at) != CARBON_ROOM_FREE)
			begin_at = at + CARBON_LOAD_SLOT_S;
	return begin_at < to_at ? begin_at : to_at;
}

/* --- the outlook, cut --- */

/* Both at once; false: the storage is full. */
static bool push(struct carbon_view *view, size_t i, uint32_t end_s, const double value[2])
{
	if (i == CARBON_VIEW_POINTS_MAX)
		return false;
	view->knot_s[i + 1] = end_s;
	view->mean_value[i] = (float)value[0];
	view->high_value[i] = (float)value[1];
	return true;
}

/* By the quarter of an hour: what it was when that began. */
static double price_at(const struct work *work, time_t at)
{
	double price = work->price ? carbon_site_series_value(work->price, slot_begin(at)) : NAN;

	return isnan(price) ? 0 : price * work->price_weight;
}

/*
 * The end of the stretch from AT on in which price, probability and room are one: an hour where price or slack
 * change by the hour, else as far as room does.
 */
static time_t stretch_end(const struct work *work, time_t at)
{
	const struct carbon_view_ask *ask = work->ask;
	time_t end_at = work->full || work->price ? at - at % HOUR_S + HOUR_S : work->end_at;
	time_t slot_at = slot_begin(at) + CARBON_LOAD_SLOT_S;
	bool is_blocked = bit(work->view->blocked, slot_of(ask, at));

	if (end_at > work->end_at)
		end_at = work->end_at;
	if (work->price)
		return slot_at < end_at ? slot_at : end_at;
	if (!work->is_any_blocked)
		return end_at;
	while (slot_at < end_at && bit(work->view->blocked, slot_of(ask, slot_at)) == is_blocked)
		slot_at += CARBON_LOAD_SLOT_S;
	return slot_at < end_at ? slot_at : end_at;
}

/* Intensity and price of every piece; returns how many. */
static size_t cut(struct work *work)
{
	const struct carbon_curve *mean = &work->ask->zone->mean, *high = &work->ask->zone->high;
	time_t start_at = work->ask->earliest_at, at = start_at;
	size_t count = 0, segment = carbon_curve_segment(mean, at);

	work->view->knot_s[0] = 0;
	while (at < work->end_at) {
		time_t until = stretch_end(work, at);
		double price = price_at(work, at);

		for (; at < until; segment++) {
			const double value[2] = {(double)mean->value[segment] + price,
						 (double)high->value[segment] + price};
			time_t knot_at = mean->start_at + (time_t)mean->knot_s[segment + 1];

			at = knot_at < until ? knot_at : until;
			if (!push(work->view, count, (uint32_t)(at - start_at), value))
				return count;
			count++;
			if (knot_at > until)
				break;
		}
	}
	return count;
}

/* --- the slack clock --- */

static double full_at(const struct carbon_full *full, time_t at)
{
	return (double)full->value[carbon_hour_of_week(at)];
}

static double mean_price(const struct work *work, time_t from_at, time_t to_at)
{
	double sum = 0, count = 0;

	for (time_t at = from_at; work->price && at < to_at; at += HOUR_S, count++)
		sum += price_at(work, at);
	return count > 0 ? sum / count : 0;
}

/* What a kWh freed at the end of the view would move: a day of whole hours on, from the mean of the outlook's last day. */
static void tail(const struct work *work, double expected[2])
{
	const struct carbon_curve *mean = &work->ask->zone->mean, *high = &work->ask->zone->high;
	time_t end_at = carbon_curve_end(mean), from_at = end_at - TAIL_S;
	time_t at = (work->end_at - 1) - (work->end_at - 1) % HOUR_S; /* the view's last hour */
	time_t stop_at = at + TAIL_S < end_at ? at + TAIL_S : (end_at - 1) - (end_at - 1) % HOUR_S;
	double price;

	if (from_at < mean->start_at)
		from_at = mean->start_at;
	price = mean_price(work, from_at, end_at);
	expected[0] = carbon_curve_integral(mean, from_at, end_at) / (double)(end_at - from_at) + price;
	expected[1] = carbon_curve_integral(high, from_at, end_at) / (double)(end_at - from_at) + price;
	for (time_t hour_at = stop_at; hour_at > at; hour_at -= HOUR_S) {
		double full = full_at(work->full, hour_at);

		price = price_at(work, hour_at);
		expected[0] = full * expected[0] + (1 - full) * (carbon_curve_value(mean, hour_at) + price);
		expected[1] = full * expected[1] + (1 - full) * (carbon_curve_value(high, hour_at) + price);
	}
}

/*
 * From the end to the start: where the place is full, what is freed is used by others, and the hole opens in the next
 * hour; so a piece counts with its own intensity as far as it is not full, else with what the next hour begins with.
 */
static void count_slack(struct work *work, size_t count)
{
	struct carbon_view *view = work->view;
	time_t start_at = work->ask->earliest_at;
	double next[2] = {0, 0}, free_s = 0, full = 0;
	int64_t hour = -1;

	tail(work, next);
	for (size_t i = count; i-- > 0;) {
		time_t at = start_at + (time_t)view->knot_s[i];

		if ((int64_t)(at / HOUR_S) != hour) {
			if (hour >= 0) {
				next[0] = (double)view->mean_value[i + 1];
				next[1] = (double)view->high_value[i + 1];
			}
			hour = (int64_t)(at / HOUR_S);
			full = full_at(work->full, at);
		}
		free_s += (1 - full) * (double)(view->knot_s[i + 1] - view->knot_s[i]);
		view->mean_value[i] = (float)(full * next[0] + (1 - full) * (double)view->mean_value[i]);
		view->high_value[i] = (float)(full * next[1] + (1 - full) * (double)view->high_value[i]);
	}
	view->slack_share = free_s / (double)view->knot_s[count];
}

/* --- sums --- */

static void raise_barriers(const struct work *work, size_t count)
{
	struct carbon_view *view = work->view;

	for (size_t i = 0; i < count; i++)
		if (bit(view->blocked, slot_of(work->ask, work->ask->earliest_at + (time_t)view->knot_s[i])))
			view->mean_value[i] = view->high_value[i] = (float)CARBON_BARRIER;
}

static void see_now(struct work *work)
{
	struct carbon_view *view = work->view;
	const struct carbon_view_ask *ask = work->ask;

	view->now_g_kwh_s = carbon_curve_integral(&view->mean, ask->earliest_at,
						  ask->earliest_at + (time_t)ask->runtime_s);
	view->is_full_now = any_bit(ask, view->blocked, ask->earliest_at);
	view->is_limited_now = any_bit(ask, view->limited, ask->earliest_at);
}

static void join(struct carbon_view *view, time_t start_at, size_t count)
{
	carbon_curve_sum(count, view->knot_s, view->mean_value, view->mean_sum);
	carbon_curve_sum(count, view->knot_s, view->high_value, view->high_sum);
	view->mean = (struct carbon_curve){start_at, count, view->knot_s, view->mean_value, view->mean_sum};
	view->high = (struct carbon_curve){start_at, count, view->knot_s, view->high_value, view->high_sum};
}

static void build(struct work *work)
{
	struct carbon_view *view = work->view;
	const struct carbon_view_ask *ask = work->ask;
	size_t count = cut(work);
	time_t end_at = ask->earliest_at + (time_t)view->knot_s[count];

	if (end_at - (time_t)ask->runtime_s < view->latest_at)
		view->latest_at = end_at - (time_t)ask->runtime_s;
	if (view->latest_at < ask->earliest_at)
		return;
	if (work->full)
		count_slack(work, count);
	join(view, ask->earliest_at, count);
	see_now(work);
	if (!work->is_any_blocked)
		return;
	raise_barriers(work, count);
	join(view, ask->earliest_at, count);
}

static bool is_ever_full(const struct carbon_full *full)
{
	for (size_t i = 0; full && i < CARBON_SITE_WEEK_H; i++)
		if (full->value[i] > 0)
			return true;
	return false;
}

void carbon_view_init(struct carbon_view *view, const struct carbon_view_ask *ask)
{
	struct work work = {.view = view, .ask = ask};
	time_t last_at = carbon_curve_end(&ask->zone->mean) - (time_t)ask->runtime_s;

	view->latest_at = ask->latest_at < last_at ? ask->latest_at : last_at;
	view->is_plain = true;
	view->slack_share = 1;
	view->mean = ask->zone->mean;
	view->high = ask->zone->high;
	view->now_g_kwh_s = 0;
	view->is_full_now = view->is_limited_now = false;
	if (view->latest_at < ask->earliest_at || ask->earliest_at < ask->zone->mean.start_at)
		return;
	work.end_at = view->latest_at + (time_t)ask->runtime_s;
	if (carbon_room_is_here(ask))
		work.full = carbon_site_full(ask->site, ask->place->partition);
	if (!is_ever_full(work.full))
		work.full = NULL;
	if (ask->site->carbon_price > 0) {
		work.price = carbon_site_price(ask->site, ask->zone->name);
		work.price_weight = GRAMS_KWH_OF_MONEY_MWH / ask->site->carbon_price;
	}
	find_room(&work);
	view->is_plain = !work.full && !work.price && !work.is_any_blocked;
	if (view->is_plain)
		see_now(&work);
	else
		build(&work);
}

/* --- what decisions ask --- */

static double grams(const struct carbon_view_ask *ask, double g_kwh_s)
{
	return g_kwh_s * ask->power_w / WATT_SECONDS_PER_KWH;
}

double carbon_view_cost_g(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at)
{
	return grams(ask, carbon_curve_integral(&view->mean, begin_at, begin_at + (time_t)ask->runtime_s));
}

double carbon_view_now_g(const struct carbon_view *view, const struct carbon_view_ask *ask)
{
	return grams(ask, view->now_g_kwh_s);
}

/* A job that is larger than the ramp by itself begins where nothing else does. */
static bool keeps_ramp(const struct carbon_view_ask *ask, time_t begin_at)
{
	time_t slot_at = slot_begin(begin_at);
	double kw = ask->own ? carbon_load_begins_kw(ask->own, slot_at) : 0;
	double known = carbon_site_series_value(ask->site->begins ? ask->site->begin : NULL, slot_at);

	kw += isnan(known) ? 0 : known;
	if (ask->self && slot_begin(ask->self->begin_at) == slot_at)
		kw -= ask->self->kw;
	return kw + ask->kw <= ask->site->ramp_kw || kw < 1e-3;
}

static bool may_begin(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at)
{
	return begin_at > ask->earliest_at && begin_at <= view->latest_at && keeps_ramp(ask, begin_at) &&
	       carbon_view_has_room(view, ask, begin_at);
}

time_t carbon_view_stagger(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at)
{
	time_t slot_at = slot_begin(begin_at);

	if (ask->site->ramp_kw <= 0 || may_begin(view, ask, begin_at))
		return begin_at;
	for (time_t by_s = CARBON_LOAD_SLOT_S;
	     slot_at + by_s <= view->latest_at || slot_at - by_s > ask->earliest_at; by_s += CARBON_LOAD_SLOT_S) {
		if (may_begin(view, ask, slot_at + by_s))
			return slot_at + by_s;
		if (may_begin(view, ask, slot_at - by_s))
			return slot_at - by_s;
	}
	return ask->earliest_at;
}
