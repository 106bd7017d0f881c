/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Room in a place: nodes that can be used, less what is committed. What is not known is not taken for full. Called for every
 * submission, over all slots of its bounds: by whole runs of slots, and without a division in them.
 */
#include "policies/room.h"

#include <string.h>

#define EIGHT 8
#define HAIR 1e-3f /* of a node or kW: rounding of shares */

bool carbon_room_is_here(const struct carbon_view_ask *ask)
{
	const struct carbon_site *site = ask->site;

	return site->places && ask->place >= site->place && ask->place < site->place + site->places;
}

/* A stretch of slots, and what is committed in each: so few that slurmctld's small stacks do not grow for it. */
#define STRETCH_MAX 512 /* more than five days */

struct stretch {
	const struct carbon_view_ask *ask;
	time_t from_at;
	size_t slots;
	float committed[STRETCH_MAX];
};

static size_t place_index(const struct carbon_view_ask *ask)
{
	return (size_t)(ask->place - ask->site->place);
}

/* The slot of AT, rounded down, within the stretch. */
static size_t slot_of(const struct stretch *stretch, time_t at)
{
	if (at <= stretch->from_at)
		return 0;
	at = (at - stretch->from_at) / CARBON_LOAD_SLOT_S;
	return (size_t)at < stretch->slots ? (size_t)at : stretch->slots;
}

/* Of a series whose steps begin with slots and are whole ones, as those that replan writes are. */
static void add_even(struct stretch *stretch, const struct carbon_site_series *series)
{
	size_t each = series->step_s / CARBON_LOAD_SLOT_S, slot = 0, step = 0, left = each;

	if (series->from_at < stretch->from_at) {
		size_t past = (size_t)(stretch->from_at - series->from_at) / CARBON_LOAD_SLOT_S;

		step = past / each;
		left = each - past % each;
	} else {
		slot = slot_of(stretch, series->from_at);
	}
	for (; step < series->count && slot < stretch->slots; step++, left = each) {
		float value = series->value[step] > 0 ? series->value[step] : 0;
		size_t end = slot + left < stretch->slots ? slot + left : stretch->slots;

		for (; slot < end; slot++)
			stretch->committed[slot] += value;
	}
}

/* Add each slot's greatest step: steps need not begin with slots. */
static void add_uneven(struct stretch *stretch, const struct carbon_site_series *series)
{
	time_t end_at = stretch->from_at + (time_t)(stretch->slots * CARBON_LOAD_SLOT_S), at;
	size_t step = 0, slot;
	float shared = 0; /* of SLOT, by the steps before that end in it */

	if (series->from_at < stretch->from_at)
		step = (size_t)(stretch->from_at - series->from_at) / series->step_s;
	at = series->from_at + (time_t)(step * series->step_s);
	slot = slot_of(stretch, at);
	for (; step < series->count && at < end_at; step++, at += (time_t)series->step_s) {
		time_t slot_at = stretch->from_at + (time_t)(slot * CARBON_LOAD_SLOT_S);
		float value = series->value[step];

		for (; slot < stretch->slots && slot_at < at + (time_t)series->step_s; slot_at += CARBON_LOAD_SLOT_S) {
			float more = value > shared ? value - shared : 0;

			stretch->committed[slot] += more;
			if (slot_at + CARBON_LOAD_SLOT_S > at + (time_t)series->step_s) {
				shared += more; /* the next step has a part of this slot too */
				break;
			}
			shared = 0;
			slot++;
		}
	}
}

static void add_series(struct stretch *stretch, const struct carbon_site_series *series)
{
	if (!series)
		return;
	if (series->step_s % CARBON_LOAD_SLOT_S == 0 && series->from_at % CARBON_LOAD_SLOT_S == 0)
		add_even(stretch, series);
	else
		add_uneven(stretch, series);
}

/* In eights, which a processor adds at once. */
static void add_all(float *restrict to, const float *restrict from, size_t count)
{
	size_t i = 0;

	for (; i + EIGHT <= count; i += EIGHT)
		for (size_t k = 0; k < EIGHT; k++)
			to[i + k] += from[i + k];
	for (; i < count; i++)
		to[i] += from[i];
}

/* Add a ring of our own decisions. */
static void add_ring(struct stretch *stretch, const struct carbon_load *own, const float *rings, size_t place)
{
	int64_t first = carbon_load_slot(stretch->from_at);
	const float *ring = rings + place * CARBON_LOAD_SLOTS;
	size_t begin = first < own->first ? (size_t)(own->first - first) : 0;
	int64_t kept = own->first + CARBON_LOAD_SLOTS - first; /* of the stretch's slots */
	size_t end = kept < 0 ? 0 : (size_t)kept < stretch->slots ? (size_t)kept : stretch->slots;
	size_t at = (size_t)((first + (int64_t)begin) % CARBON_LOAD_SLOTS);

	while (begin < end) { /* twice at most: to the ring's end, and on from its start */
		size_t count = end - begin < CARBON_LOAD_SLOTS - at ? end - begin : CARBON_LOAD_SLOTS - at;
		const float *from = ring + at;
		float *to = stretch->committed + begin;

		add_all(to, from, count);
		begin += count;
		at = 0;
	}
}

/* What the job itself is counted for already. */
static void take_self(struct stretch *stretch, double amount)
{
	const struct carbon_claim *self = stretch->ask->self;
	size_t last;

	if (!self || self->end_at <= stretch->from_at || self->end_at <= self->begin_at)
		return;
	last = slot_of(stretch, self->end_at - 1);
	for (size_t slot = slot_of(stretch, self->begin_at); slot <= last && slot < stretch->slots; slot++)
		stretch->committed[slot] -= (float)amount;
}

/* --- what is committed --- */

static void add_nodes(struct stretch *stretch)
{
	const struct carbon_view_ask *ask = stretch->ask;

	add_series(stretch, carbon_site_load(ask->site, ask->place->partition));
	if (ask->own)
		add_ring(stretch, ask->own, ask->own->nodes, place_index(ask));
	if (ask->self && ask->self->place == place_index(ask))
		take_self(stretch, ask->self->nodes);
}

/* Of the whole cluster, each node once; by a site that does not tell, partitions' sum: rather too much than too little. */
static void add_all_nodes(struct stretch *stretch)
{
	const struct carbon_view_ask *ask = stretch->ask;
	const struct carbon_site_series *all = carbon_site_load(ask->site, "");

	add_series(stretch, all);
	for (size_t i = 0; i < ask->site->loads && !all; i++)
		add_series(stretch, &ask->site->load[i]);
	if (ask->own)
		add_ring(stretch, ask->own, ask->own->nodes, ask->own->places);
	if (ask->self)
		take_self(stretch, ask->self->nodes);
}

static void add_power(struct stretch *stretch, bool all)
{
	const struct carbon_view_ask *ask = stretch->ask;

	add_series(stretch, carbon_site_power(ask->site, all ? "" : ask->place->partition));
	if (ask->own)
		add_ring(stretch, ask->own, ask->own->kw, all ? ask->own->places : place_index(ask));
	if (ask->self && (all || ask->self->place == place_index(ask)))
		take_self(stretch, ask->self->kw);
}

static void add_kw(struct stretch *stretch)
{
	add_power(stretch, false);
}

static void add_all_kw(struct stretch *stretch)
{
	add_power(stretch, true);
}

static void add_mates(struct stretch *stretch)
{
	add_ring(stretch, stretch->ask->mates, stretch->ask->mates->nodes, 0);
}

/* --- bits --- */

static bool is_any_over(const float *committed, float room)
{
	int over = 0;

	for (size_t k = 0; k < EIGHT; k++)
		over |= committed[k] > room;
	return over;
}

/* Of the slots in which MORE is over MOST; FIRST is the bit of the stretch's first slot. */
static bool mark(const struct stretch *stretch, double more, double most, uint64_t *bits, size_t first)
{
	float room = (float)(most - more) + HAIR;
	const float *committed = stretch->committed;
	bool any = false;

	for (size_t slot = 0, end; slot < stretch->slots; slot = end) {
		end = slot + EIGHT < stretch->slots ? slot + EIGHT : stretch->slots;
		/* Mostly none of them is over. */
		if (end - slot == EIGHT && !is_any_over(committed + slot, room))
			continue;
		for (size_t i = slot; i < end; i++) {
			uint64_t over = committed[i] > room;

			bits[(first + i) / 64] |= over << ((first + i) % 64);
			any |= over;
		}
	}
	return any;
}

/* What counts against what. */
struct measure {
	void (*add)(struct stretch *stretch); /* what is committed of it */
	double more, most;
};

/* Set the bits from FIRST on of the COUNT slots from FROM_AT on. */
static bool mark_slots(const struct carbon_view_ask *ask, const struct measure *measure, time_t from_at, size_t count,
		       uint64_t *bits, size_t first)
{
	struct stretch stretch; /* large: never zeroed */
	bool any = false;

	stretch.ask = ask;
	for (size_t done = 0; done < count; done += stretch.slots) {
		stretch.from_at = from_at + (time_t)(done * CARBON_LOAD_SLOT_S);
		stretch.slots = count - done < STRETCH_MAX ? count - done : STRETCH_MAX;
		memset(stretch.committed, 0, stretch.slots * sizeof(stretch.committed[0]));
		measure->add(&stretch);
		any |= mark(&stretch, measure->more, measure->most, bits, first + done);
	}
	return any;
}

bool carbon_room_find_full(const struct carbon_view_ask *ask, time_t from_at, size_t slots, uint64_t *bits)
{
	const struct measure nodes = {add_nodes, ask->nodes, ask->place->nodes};

	if (!carbon_room_is_here(ask) || !ask->place->nodes)
		return false;
	if (!ask->own && !carbon_site_load(ask->site, ask->place->partition))
		return false;
	return mark_slots(ask, &nodes, from_at, slots < CARBON_VIEW_SLOTS_MAX ? slots : CARBON_VIEW_SLOTS_MAX, bits, 0);
}

/* A limit holds for every slot that it touches. */
static bool mark_limit(const struct carbon_view_ask *ask, const struct carbon_limit *limit, time_t from_at,
		       size_t slots, uint64_t *bits)
{
	time_t slot_at = from_at, end_at = from_at + (time_t)(slots * CARBON_LOAD_SLOT_S);
	bool any = false, all = !limit->partition[0];
	const struct measure kw = {all ? add_all_kw : add_kw, ask->kw, limit->kw},
			     nodes = {all ? add_all_nodes : add_nodes, ask->nodes, limit->nodes};
	size_t first, count;

	if (limit->from_at >= end_at || limit->to_at <= from_at)
		return false;
	if (limit->from_at > from_at)
		slot_at += (limit->from_at - from_at) / CARBON_LOAD_SLOT_S * CARBON_LOAD_SLOT_S;
	if (limit->to_at < end_at)
		end_at = limit->to_at;
	first = (size_t)(slot_at - from_at) / CARBON_LOAD_SLOT_S;
	count = (size_t)(end_at - slot_at + CARBON_LOAD_SLOT_S - 1) / CARBON_LOAD_SLOT_S;
	if (limit->kw >= 0)
		any = mark_slots(ask, &kw, slot_at, count, bits, first);
	if (limit->nodes != CARBON_LIMIT_NONE)
		any |= mark_slots(ask, &nodes, slot_at, count, bits, first);
	return any;
}

bool carbon_room_find_limited(const struct carbon_view_ask *ask, time_t from_at, size_t slots, uint64_t *bits)
{
	bool any = false;

	if (slots > CARBON_VIEW_SLOTS_MAX)
		slots = CARBON_VIEW_SLOTS_MAX;
	if (!carbon_room_is_here(ask))
		return false;
	for (size_t i = 0; i < ask->site->limits; i++) {
		const struct carbon_limit *limit = &ask->site->limit[i];

		if (!limit->partition[0] || strcmp(limit->partition, ask->place->partition) == 0)
			any |= mark_limit(ask, limit, from_at, slots, bits);
	}
	return any;
}

bool carbon_room_find_throttled(const struct carbon_view_ask *ask, time_t from_at, size_t slots, uint64_t *bits)
{
	const struct measure mates = {add_mates, ask->together, ask->at_once};

	if (!ask->mates)
		return false;
	return mark_slots(ask, &mates, from_at, slots < CARBON_VIEW_SLOTS_MAX ? slots : CARBON_VIEW_SLOTS_MAX, bits, 0);
}

/* Whether COUNT of ASK's jobs have room together. */
static bool have_room(const struct carbon_view_ask *ask, time_t begin_at, uint32_t count)
{
	time_t from_at = begin_at - begin_at % CARBON_LOAD_SLOT_S;
	size_t slots = (size_t)(begin_at + (time_t)ask->runtime_s - 1 - from_at) / CARBON_LOAD_SLOT_S + 1;
	uint64_t bits[CARBON_VIEW_SLOTS_MAX / 64] = {0};
	struct carbon_view_ask all = *ask;

	all.nodes *= count;
	all.kw *= count;
	all.together = count;
	return !carbon_room_find_full(&all, from_at, slots, bits) && !carbon_room_find_limited(&all, from_at, slots, bits) &&
	       !carbon_room_find_throttled(&all, from_at, slots, bits);
}

uint32_t carbon_room_count(const struct carbon_view_ask *ask, time_t begin_at, uint32_t most)
{
	uint32_t least = 0;

	while (least < most) {
		uint32_t half = most - (most - least) / 2;

		if (have_room(ask, begin_at, half))
			least = half;
		else
			most = half - 1;
	}
	return least;
}
