/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room in a place: nodes that can be used, less what is committed. What is not known is not taken for full. Called for every
 * quarter of an hour of every submission's bounds.
 */
#include "policies/room.h"

#include <math.h>
#include <string.h>

#define HAIR 1e-6 /* of a node or kW: rounding of shares */

static bool is_of(const struct carbon_limit *limit, const struct carbon_place *place)
{
	return !limit->partition[0] || strcmp(limit->partition, place->partition) == 0;
}

static bool touches(const struct carbon_limit *limit, const struct carbon_place *place, time_t from_at,
		    time_t to_at)
{
	return limit->from_at < to_at && limit->to_at > from_at && is_of(limit, place);
}

/* Narrow the limits to those between the first and the last one that matter: they count for whole slots. */
static void find_limits(struct carbon_room_ask *ask, time_t from_at, time_t to_at)
{
	const struct carbon_site *site = ask->view->site;

	from_at -= from_at % CARBON_LOAD_SLOT_S;
	to_at += CARBON_LOAD_SLOT_S - to_at % CARBON_LOAD_SLOT_S;
	ask->first_limit = ask->limits = 0;
	for (size_t i = 0; i < site->limits; i++) {
		if (!touches(&site->limit[i], ask->view->place, from_at, to_at))
			continue;
		if (!ask->limits)
			ask->first_limit = i;
		ask->limits = i + 1 - ask->first_limit;
	}
}

/* Not of another cluster: what the site says of its own partitions says nothing of those that have their names. */
bool carbon_room_is_here(const struct carbon_view_ask *view)
{
	const struct carbon_site *site = view->site;

	return site->places && view->place >= site->place && view->place < site->place + site->places;
}

bool carbon_room_init(struct carbon_room_ask *ask, const struct carbon_view_ask *view, time_t from_at, time_t to_at)
{
	const struct carbon_place *place = view->place;

	if (!carbon_room_is_here(view))
		return false;
	ask->view = view;
	ask->place = (size_t)(place - view->site->place);
	ask->load = carbon_site_load(view->site, place->partition);
	find_limits(ask, from_at, to_at);
	ask->power = ask->all_power = NULL;
	if (ask->limits) {
		ask->power = carbon_site_power(view->site, place->partition);
		ask->all_power = carbon_site_power(view->site, "");
	}
	return ask->limits || (place->nodes && (ask->load || view->own));
}

/* Of the slot that begins at AT: the more of its begin and its end, for steps need not begin with slots. */
static double known(const struct carbon_site_series *series, time_t at)
{
	double first = carbon_site_series_value(series, at);
	double last = carbon_site_series_value(series, at + CARBON_LOAD_SLOT_S - 1);

	return fmax(isnan(first) ? 0 : first, isnan(last) ? 0 : last);
}

/* What the job itself is counted for already. */
static double self_of(const struct carbon_room_ask *ask, time_t at, double amount)
{
	const struct carbon_claim *self = ask->view->self;

	return self && self->place == ask->place && at + CARBON_LOAD_SLOT_S > self->begin_at && at < self->end_at
		       ? amount
		       : 0;
}

static double nodes_at(const struct carbon_room_ask *ask, time_t at)
{
	const struct carbon_load *own = ask->view->own;
	double nodes = known(ask->load, at) - self_of(ask, at, ask->view->self ? ask->view->self->nodes : 0);

	return nodes + (own ? carbon_load_nodes(own, ask->place, at) : 0);
}

/* Of the whole cluster; where partitions share nodes, they count in each: rather too much than too little. */
static double all_nodes_at(const struct carbon_room_ask *ask, time_t at)
{
	const struct carbon_site *site = ask->view->site;
	const struct carbon_load *own = ask->view->own;
	double nodes = own ? carbon_load_nodes(own, own->places, at) : 0;

	for (size_t i = 0; i < site->loads; i++)
		nodes += known(&site->load[i], at);
	return nodes - self_of(ask, at, ask->view->self ? ask->view->self->nodes : 0);
}

static double kw_at(const struct carbon_room_ask *ask, const struct carbon_limit *limit, time_t at)
{
	const struct carbon_load *own = ask->view->own;
	bool all = !limit->partition[0];
	double kw = known(all ? ask->all_power : ask->power, at);

	kw -= self_of(ask, at, ask->view->self ? ask->view->self->kw : 0);
	return kw + (own ? carbon_load_kw(own, all ? own->places : ask->place, at) : 0);
}

/* A limit holds for every slot that it touches. */
static bool keeps(const struct carbon_room_ask *ask, const struct carbon_limit *limit, time_t at)
{
	const struct carbon_view_ask *view = ask->view;
	double nodes;

	if (!touches(limit, view->place, at, at + CARBON_LOAD_SLOT_S))
		return true;
	if (limit->kw >= 0 && kw_at(ask, limit, at) + view->kw > limit->kw + HAIR)
		return false;
	if (limit->nodes == CARBON_LIMIT_NONE)
		return true;
	nodes = limit->partition[0] ? nodes_at(ask, at) : all_nodes_at(ask, at);
	return nodes + view->nodes <= limit->nodes + HAIR;
}

enum carbon_room carbon_room_at(const struct carbon_room_ask *ask, time_t at)
{
	const struct carbon_site *site = ask->view->site;
	uint32_t nodes = ask->view->place->nodes;

	for (size_t i = ask->first_limit; i < ask->first_limit + ask->limits; i++)
		if (!keeps(ask, &site->limit[i], at))
			return CARBON_ROOM_LIMITED;
	return nodes && nodes_at(ask, at) + ask->view->nodes > nodes + HAIR ? CARBON_ROOM_FULL
									     : CARBON_ROOM_FREE;
}
