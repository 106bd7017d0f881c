/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What decisions ask of a view: room, grams, and the start that keeps to the ramp. Must never change the view. */
#include <math.h>

#include "policies/room.h"
#include "policies/view_slots.h"

#define WATT_SECONDS_PER_KWH 3.6e6

static bool any_bit(const struct carbon_view_ask *ask, const uint64_t *bits, time_t begin_at)
{
	size_t last = carbon_view_slot_of(ask, begin_at + (time_t)ask->runtime_s - 1);

	for (size_t i = carbon_view_slot_of(ask, begin_at); i <= last && i < CARBON_VIEW_SLOTS_MAX; i++)
		if (carbon_view_is_set(bits, i))
			return true;
	return false;
}

bool carbon_view_has_room(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at)
{
	return !any_bit(ask, view->blocked, begin_at);
}

bool carbon_view_is_limited(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at)
{
	return any_bit(ask, view->limited, begin_at);
}

time_t carbon_view_first_room(const struct carbon_view_ask *ask, time_t from_at, time_t to_at)
{
	uint64_t full[CARBON_VIEW_SLOTS_MAX / 64] = {0};
	time_t begin_at = from_at, at = carbon_view_slot_begin(from_at);
	size_t first = (size_t)(from_at + (time_t)ask->runtime_s - 1 - at) / CARBON_LOAD_SLOT_S + 1;
	size_t slots = (size_t)(to_at + (time_t)ask->runtime_s - at) / CARBON_LOAD_SLOT_S + 1;

	/* Mostly there is room at once. */
	if (to_at <= from_at || !carbon_room_find_full(ask, at, first, full))
		return from_at;
	carbon_room_find_full(ask, at, slots, full);
	for (size_t i = 0; begin_at < to_at && at < begin_at + (time_t)ask->runtime_s; at += CARBON_LOAD_SLOT_S, i++)
		if (carbon_view_is_set(full, i))
			begin_at = at + CARBON_LOAD_SLOT_S;
	return begin_at < to_at ? begin_at : to_at;
}

void carbon_view_tell_room(const struct carbon_view *view, const struct carbon_view_ask *ask, struct carbon_query *query)
{
	if (!view->is_by_room)
		return;
	query->blocked = view->blocked;
	query->room_at = carbon_view_slot_begin(ask->earliest_at);
	query->slots = (size_t)(view->latest_at + (time_t)ask->runtime_s - query->room_at + CARBON_LOAD_SLOT_S - 1) /
		       CARBON_LOAD_SLOT_S;
	if (query->slots > CARBON_VIEW_SLOTS_MAX)
		query->slots = CARBON_VIEW_SLOTS_MAX;
}

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
	time_t slot_at = carbon_view_slot_begin(begin_at);
	double kw = ask->own ? carbon_load_begins_kw(ask->own, slot_at) : 0;
	double known = carbon_site_series_value(ask->site->begins ? ask->site->begin : NULL, slot_at);

	kw += isnan(known) ? 0 : known;
	if (ask->self && carbon_view_slot_begin(ask->self->begin_at) == slot_at)
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
	time_t slot_at = carbon_view_slot_begin(begin_at);

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
