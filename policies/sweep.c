/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The least of all windows, exactly; shared by the policies that differ only in whom they believe. A block of starts that
 * cannot hold a better one than was found is passed over by its bound alone.
 */
#include "policies/sweep.h"

#include <math.h>

#include "lib/load.h"

#define WATTS_PER_KILOWATT 1000.0
#define WORD 64 /* bits */

/* Sums of days of (g/kWh)*s are off by far less: a bound never passes over what it should not. */
#define BOUND_SLACK 1e-4

struct carbon_stretches carbon_stretches_begin(const struct carbon_query *query, const struct carbon_curve *curve)
{
	double first = carbon_curve_integral(curve, query->earliest_at,
					     query->earliest_at + (time_t)query->runtime_s);

	return (struct carbon_stretches){
		.query = query,
		.curve = curve,
		.price_g_kwh = query->delay_price_g_h * WATTS_PER_KILOWATT / query->power_w,
		.first = first,
		.mean_more = carbon_curve_mean(curve) * (double)query->runtime_s - first - BOUND_SLACK,
		.first_s = (uint32_t)(query->earliest_at - curve->start_at),
		.last_s = (uint32_t)(query->latest_at - curve->start_at),
		.at_s = (uint32_t)(query->earliest_at - curve->start_at),
	};
}

/* --- runs of room --- */

/* The first slot from I on whose bit is VALUE; the query's slots where there is none. */
static size_t find_slot(const struct carbon_query *query, size_t i, bool value)
{
	while (i < query->slots) {
		uint64_t word = (value ? query->blocked[i / WORD] : ~query->blocked[i / WORD]) >> (i % WORD);

		if (word) {
			i += (size_t)__builtin_ctzll(word);
			break;
		}
		i += WORD - i % WORD;
	}
	return i < query->slots ? i : query->slots;
}

/* The next run of slots from AT_S on that holds a whole window. False: there is none. */
static bool find_run(struct carbon_stretches *all)
{
	const struct carbon_query *query = all->query;
	int64_t shift_s = (int64_t)(query->room_at - all->curve->start_at), from_s, to_s;
	size_t i = (size_t)(((int64_t)all->at_s - shift_s) / CARBON_LOAD_SLOT_S), end;

	all->free_s = all->last_s;
	if (!query->blocked)
		return true;
	for (; i < query->slots; i = end) {
		i = find_slot(query, i, false);
		end = find_slot(query, i, true);
		from_s = shift_s + (int64_t)i * CARBON_LOAD_SLOT_S;
		to_s = shift_s + (int64_t)end * CARBON_LOAD_SLOT_S - (int64_t)query->runtime_s;
		if (end == query->slots || to_s > (int64_t)all->last_s)
			to_s = (int64_t)all->last_s;
		if (from_s < (int64_t)all->at_s)
			from_s = (int64_t)all->at_s;
		if (to_s < from_s)
			continue;
		all->at_s = (uint32_t)from_s;
		all->free_s = (uint32_t)to_s;
		return true;
	}
	return false;
}

/* --- blocks --- */

static uint32_t block_end_s(const struct carbon_curve *curve, size_t block)
{
	size_t end = (block + 1) * CARBON_CURVE_BLOCK;

	return curve->knot_s[end < curve->count ? end : curve->count];
}

/* The bound of windows that begin in the stretch; BLOCK holds all of it. */
static double find_least(struct carbon_stretches *all, const struct carbon_stretch *stretch)
{
	const struct carbon_curve *curve = all->curve;
	uint32_t runtime_s = all->query->runtime_s;
	size_t end = all->end_block;
	double least;

	while (block_end_s(curve, end) < stretch->from_s + runtime_s)
		end++;
	all->end_block = end;
	least = curve->swing[end].least;
	while (block_end_s(curve, end) < stretch->to_s + runtime_s) {
		end++;
		if (curve->swing[end].least < least)
			least = curve->swing[end].least;
	}
	return all->mean_more + least - curve->swing[all->block].most +
	       all->price_g_kwh * (double)(stretch->from_s - all->first_s);
}

bool carbon_stretches_next(struct carbon_stretches *all, struct carbon_stretch *out)
{
	const struct carbon_curve *curve = all->curve;

	if (!all->is_in_run && (all->at_s > all->last_s || !find_run(all)))
		return false;
	*out = (struct carbon_stretch){all->at_s, all->free_s, -INFINITY};
	if (curve->swing) {
		while (block_end_s(curve, all->block) <= out->from_s)
			all->block++;
		if (block_end_s(curve, all->block) < out->to_s)
			out->to_s = block_end_s(curve, all->block);
		out->least = find_least(all, out);
	}
	/* Blocks share the start between them; runs share none. */
	all->is_in_run = out->to_s < all->free_s;
	all->at_s = out->to_s + !all->is_in_run;
	return true;
}

struct carbon_sweep carbon_stretch_sweep(const struct carbon_stretches *all, const struct carbon_stretch *stretch)
{
	const struct carbon_curve *curve = all->curve;
	uint32_t end_s = stretch->from_s + all->query->runtime_s;
	struct carbon_sweep sweep = {
		.curve = curve,
		.start_s = stretch->from_s,
		.runtime_s = all->query->runtime_s,
		.last_s = stretch->to_s,
		.i = carbon_curve_segment(curve, curve->start_at + (time_t)stretch->from_s),
		.j = carbon_curve_segment(curve, curve->start_at + (time_t)end_s),
		.price_g_kwh = all->price_g_kwh,
	};

	sweep.more = curve->sum[sweep.j] + (double)curve->value[sweep.j] * (double)(end_s - curve->knot_s[sweep.j]) -
		     curve->sum[sweep.i] -
		     (double)curve->value[sweep.i] * (double)(stretch->from_s - curve->knot_s[sweep.i]) - all->first +
		     all->price_g_kwh * (double)(stretch->from_s - all->first_s);
	return sweep;
}

/* --- the least --- */

/* Stretches that are weighed against each other: two days or more of 5-minute steps. */
#define BATCH 128

struct least {
	const struct carbon_stretches *all;
	uint32_t best_s;
	double to_beat; /* against the first window */
};

static void look_into(struct least *least, const struct carbon_stretch *stretch)
{
	struct carbon_sweep sweep = carbon_stretch_sweep(least->all, stretch);

	do {
		if (sweep.more < least->to_beat) {
			least->to_beat = sweep.more - CARBON_SWEEP_ROUNDING;
			least->best_s = sweep.start_s;
		}
	} while (carbon_sweep_next(&sweep));
}

/* The least that STRETCH, the most promising one, really holds: what lies over it need not be looked into. */
static double find_hurdle(const struct least *least, const struct carbon_stretch *stretch)
{
	struct least probe = *least;

	if (stretch->least < probe.to_beat)
		look_into(&probe, stretch);
	return probe.to_beat + 3 * CARBON_SWEEP_ROUNDING;
}

/* The next stretches, and which of them has the least bound. Returns how many, BATCH at most. */
static size_t fill(struct carbon_stretches *all, struct carbon_stretch *stretch, size_t *best)
{
	size_t count = 0;

	*best = 0;
	while (count < BATCH && carbon_stretches_next(all, &stretch[count])) {
		if (stretch[count].least < stretch[*best].least)
			*best = count;
		count++;
	}
	return count;
}

time_t carbon_sweep_lowest(const struct carbon_query *query, const struct carbon_curve *curve)
{
	struct carbon_stretches all = carbon_stretches_begin(query, curve);
	struct least least = {&all, all.first_s, -CARBON_SWEEP_ROUNDING};
	struct carbon_stretch stretch[BATCH];
	size_t count, best;

	do {
		double hurdle = INFINITY;

		count = fill(&all, stretch, &best);
		if (count > 1)
			hurdle = find_hurdle(&least, &stretch[best]);
		for (size_t i = 0; i < count; i++)
			if (stretch[i].least < least.to_beat && stretch[i].least < hurdle)
				look_into(&least, &stretch[i]);
	} while (count == BATCH);
	return curve->start_at + (time_t)least.best_s;
}
