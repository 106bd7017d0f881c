/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One pass over the slots for every number of slots run so far. What the last slot would run too long is cut off where it
 * emits most, so that the windows are as long together as the run. Must never hand out windows that are not.
 */
#include "policies/slots.h"

#include <math.h>
#include <stdbool.h>

#include "lib/curve.h"
#include "policies/looks.h"

#define MAX CARBON_SLOTS_MAX

enum state { NEVER, ON, OFF };
#define STOPS 4

struct slots {
	const struct carbon_query *query;
	time_t from_at; /* the first slot */
	uint32_t slot_s;
	size_t count, needed; /* of all; to be run */
	double cost[MAX], start[MAX], first[MAX]; /* of running a slot; of beginning a further, the first window with it, (g/kWh)*s */
	bool may_stop[MAX]; /* before the slot, with some of the run still to come */
	/* The best way to have run so many slots of those before. */
	double on[MAX + 1], off[MAX + 1];
	/* The state before the slot, where it is run as that many'th, and STOPS where OFF behind it comes from ON before it. */
	uint8_t before[MAX][MAX + 1];
};

/* Whether a window that ends at AT, where slots meet, would end at a look or nearer to one than to another such end. */
static bool is_seen(const struct slots *slots, time_t at)
{
	time_t off_s = carbon_looks_near(&slots->query->looks, at) - at;

	return 2 * (off_s < 0 ? -off_s : off_s) <= (time_t)slots->slot_s;
}

static time_t begin_of(const struct slots *slots, size_t i)
{
	return slots->from_at + (time_t)i * (time_t)slots->slot_s;
}

/* Whether all looks, EVERY_S apart, lie where slots meet, or else a look where each two do. */
static bool meets_looks(uint32_t slot_s, uint32_t every_s)
{
	return every_s % slot_s == 0 || slot_s % every_s == 0;
}

/*
 * The shortest slot of which few enough lie in SPAN_S; of lengths that meet the knots of grids where the earliest start does, and
 * the looks.
 */
static uint32_t find_slot_s(uint32_t span_s, uint32_t every_s)
{
	static const uint32_t lengths_s[] = {60, 100, 150, 300, 600, 900, 1800, 3600, 7200, 14400};

	for (size_t i = 0; i < sizeof(lengths_s) / sizeof(lengths_s[0]); i++)
		if (span_s / lengths_s[i] <= MAX && (!every_s || meets_looks(lengths_s[i], every_s)))
			return lengths_s[i];
	return span_s / MAX + 1;
}

/* How long after the earliest start the first slot begins, so that slots meet at looks; what is fresh may begin at once. */
static time_t find_late_s(const struct slots *slots)
{
	const struct carbon_query *query = slots->query;
	time_t slot_s = (time_t)slots->slot_s, rest_s = (query->looks.at - query->earliest_at) % slot_s;

	if (!query->looks.every_s || query->progress == CARBON_FRESH)
		return 0;
	return rest_s < 0 ? rest_s + slot_s : rest_s;
}

/* False: there is nothing to choose. */
static bool cut_slots(struct slots *slots, const struct carbon_query *query)
{
	const struct carbon_curve *curve = query->mean;
	uint32_t span_s = (uint32_t)(query->latest_at - query->earliest_at) + query->runtime_s;
	time_t late_s;

	slots->query = query;
	slots->slot_s = find_slot_s(span_s, query->looks.every_s);
	late_s = find_late_s(slots);
	if (span_s < (uint32_t)late_s)
		return false;
	slots->from_at = query->earliest_at + late_s;
	slots->count = (size_t)(span_s - (uint32_t)late_s) / slots->slot_s;
	slots->needed = (query->runtime_s + slots->slot_s - 1) / slots->slot_s;
	for (size_t i = 0; i < slots->count; i++) {
		time_t at = begin_of(slots, i), from_at = at - (time_t)query->restart_s;

		slots->cost[i] = carbon_curve_integral(curve, at, at + (time_t)slots->slot_s);
		slots->start[i] = from_at < curve->start_at ? 0 : carbon_curve_integral(curve, from_at, at);
		slots->may_stop[i] = is_seen(slots, at);
		slots->first[i] = carbon_query_pays_first(query, at) ? slots->start[i] : 0;
	}
	return slots->needed > 0 && slots->needed < slots->count;
}

/* Weigh slot I as the RUN'th to be run, and as one of those that are not run behind RUN. */
static void weigh(struct slots *slots, size_t i, size_t run)
{
	double go_on = run > 1 ? slots->on[run - 1] : INFINITY;
	double again = run > 1 ? slots->off[run - 1] + slots->start[i] : INFINITY;
	double first = run == 1 ? slots->first[i] : INFINITY;
	bool stops = (slots->may_stop[i] || run == slots->needed) && slots->on[run] < slots->off[run];

	if (stops)
		slots->off[run] = slots->on[run];
	slots->before[i][run] = (uint8_t)((stops ? STOPS : 0) | (first <= go_on && first <= again ? NEVER
								 : go_on <= again		  ? ON
												  : OFF));
	slots->on[run] = slots->cost[i] + fmin(first, fmin(go_on, again));
}

/* From the best end back to the first slot; returns the windows, or 0 where they are more than MAX_WINDOWS. */
static size_t trace_back(const struct slots *slots, struct carbon_window *out, size_t max_windows)
{
	enum state state = slots->on[slots->needed] < slots->off[slots->needed] ? ON : OFF;
	size_t windows = 0, run = slots->needed;

	for (size_t i = slots->count; i-- > 0 && state != NEVER;) {
		if (state == OFF) {
			state = slots->before[i][run] & STOPS ? ON : OFF;
			continue;
		}
		state = (enum state)(slots->before[i][run--] & ~STOPS);
		if (windows && out[windows - 1].from_at == begin_of(slots, i + 1)) {
			out[windows - 1].from_at = begin_of(slots, i);
			continue;
		}
		if (windows == max_windows)
			return 0;
		out[windows++] = (struct carbon_window){begin_of(slots, i), begin_of(slots, i + 1)};
	}
	for (size_t i = 0; i < windows / 2; i++) {
		struct carbon_window other = out[i];

		out[i] = out[windows - 1 - i];
		out[windows - 1 - i] = other;
	}
	return windows;
}

/* What is run too long, less than a slot, is taken off the window whose end emits most. */
static void trim(const struct slots *slots, struct carbon_window *out, size_t windows)
{
	const struct carbon_query *query = slots->query;
	time_t excess_s = (time_t)slots->needed * (time_t)slots->slot_s - (time_t)query->runtime_s;
	double most = -1;
	size_t worst = 0;

	for (size_t i = 0; i < windows; i++) {
		double saved = carbon_curve_integral(query->mean, out[i].to_at - excess_s, out[i].to_at);

		if (saved >= most) {
			most = saved;
			worst = i;
		}
	}
	out[worst].to_at -= excess_s;
}

size_t carbon_slots_plan(const struct carbon_query *query, struct carbon_window *out, size_t max)
{
	struct slots slots;
	size_t windows;

	if (!cut_slots(&slots, query))
		return 0;
	for (size_t run = 0; run <= slots.needed; run++)
		slots.on[run] = slots.off[run] = INFINITY;
	for (size_t i = 0; i < slots.count; i++)
		for (size_t run = i < slots.needed ? i + 1 : slots.needed; run >= 1; run--)
			weigh(&slots, i, run);
	windows = trace_back(&slots, out, max);
	if (windows)
		trim(&slots, out, windows);
	return windows;
}
