/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For work that may be interrupted: the set of windows with the least expected emissions, the
 * cost of each restart counted. A price per second of run is sought at which exactly the run's
 * length is worth running; for a given price the best windows are found in one pass. Where restarts
 * cost something no price may reach the best set, and slots are weighed too. Work that may not be interrupted gets
 * the lowest window. Allocates nothing.
 */
#include <string.h>

#include "policies/builtin.h"
#include "policies/looks.h"
#include "policies/slots.h"
#include "policies/sweep.h"

#define UNITS_MAX 4096 /* a week in 5-minute points, twice */
#define PRICE_ROUNDS 48
#define PENALTY_ROUNDS 16

enum state { NEVER, ON, OFF };
#define STOPS 4

/*
 * The time that the run may use, cut at the curve's knots, and where it becomes cleaner also a restart later, for that is
 * where a window begins whose restart should not lie in the dirty hour before.
 */
struct units {
	const struct carbon_query *query;
	size_t count;
	uint32_t from_s[UNITS_MAX],
		to_s[UNITS_MAX]; /* what of the unit is run; from the curve's start on */
	float value[UNITS_MAX];
	float start[UNITS_MAX]; /* cost of beginning a further window with this unit, (g/kWh)*s */
	uint8_t before[UNITS_MAX]; /* the state before, of the best way to ON, and STOPS where the one to OFF comes from ON */
	bool on[UNITS_MAX];
};

static double length_of(const struct units *units, size_t u)
{
	return (double)(units->to_s[u] - units->from_s[u]);
}

static void add_unit(struct units *units, uint32_t from_s, uint32_t to_s, float value)
{
	units->from_s[units->count] = from_s;
	units->to_s[units->count] = to_s;
	units->value[units->count++] = value;
}

/* False: more units than there is room for. */
static bool cut_units(struct units *units, const struct carbon_query *query)
{
	const struct carbon_curve *curve = query->mean;
	uint32_t at = (uint32_t)(query->earliest_at - curve->start_at);
	uint32_t end = (uint32_t)(query->latest_at - curve->start_at) + query->runtime_s;
	size_t i = carbon_curve_segment(curve, query->earliest_at);

	units->query = query;
	units->count = 0;
	for (; at < end; i++) {
		uint32_t to = curve->knot_s[i + 1] < end ? curve->knot_s[i + 1] : end;
		uint32_t ready = curve->knot_s[i] + query->restart_s;

		if (units->count + 2 > UNITS_MAX)
			return false;
		if (i > 0 && curve->value[i] < curve->value[i - 1] && ready > at && ready < to) {
			add_unit(units, at, ready, curve->value[i]);
			at = ready;
		}
		add_unit(units, at, to, curve->value[i]);
		at = to;
	}
	return true;
}

static void set_starts(struct units *units, double penalty)
{
	const struct carbon_curve *curve = units->query->mean;

	for (size_t u = 0; u < units->count; u++) {
		time_t at = curve->start_at + (time_t)units->from_s[u];
		time_t from = at - (time_t)units->query->restart_s;

		units->start[u] = (float)penalty;
		if (units->query->restart_s && from >= curve->start_at)
			units->start[u] = (float)(penalty + carbon_curve_integral(curve, from, at));
	}
}

/* The cost of beginning the first window with unit U. */
static double first_of(const struct units *units, size_t u)
{
	time_t at = units->query->mean->start_at + (time_t)units->from_s[u];

	return carbon_query_pays_first(units->query, at) ? (double)units->start[u] : 0;
}

/* Which units are worth running at PRICE; returns how many seconds. */
static double run_at(struct units *units, double price)
{
	double cost[3] = {0, 1e30, 1e30}, total = 0;
	enum state state = NEVER;

	for (size_t u = 0; u < units->count; u++) {
		double worth = ((double)units->value[u] - price) * length_of(units, u);
		double first = cost[NEVER] + first_of(units, u), again = cost[OFF] + (double)units->start[u], on = cost[ON];
		enum state best = on <= first && on <= again ? ON : first <= again ? NEVER : OFF;

		units->before[u] = (uint8_t)(best | (cost[ON] < cost[OFF] ? STOPS : 0));
		cost[OFF] = cost[ON] < cost[OFF] ? cost[ON] : cost[OFF];
		cost[ON] = (best == ON ? on : best == NEVER ? first : again) + worth;
	}
	if (cost[ON] < cost[state])
		state = ON;
	if (cost[OFF] < cost[state])
		state = OFF;
	for (size_t u = units->count; u-- > 0;) {
		units->on[u] = state == ON;
		total += state == ON ? length_of(units, u) : 0;
		if (state == ON)
			state = (enum state)(units->before[u] & ~STOPS);
		else if (state == OFF)
			state = units->before[u] & STOPS ? ON : OFF;
	}
	return total;
}

/* The lowest price at which at least the run's length is worth running. */
static void find_price(struct units *units)
{
	double low = 0, high = 1, total, length_s = units->query->runtime_s;

	for (size_t u = 0; u < units->count; u++)
		high = (double)units->value[u] >= high ? (double)units->value[u] + 1 : high;
	for (int i = 0; i < PRICE_ROUNDS && run_at(units, high) < length_s; i++)
		high *= 2;
	for (int i = 0; i < PRICE_ROUNDS; i++) {
		double middle = low + (high - low) / 2;

		total = run_at(units, middle);
		if (total < length_s)
			low = middle;
		else
			high = middle;
		if (total >= length_s && total <= length_s)
			return;
	}
	run_at(units, high);
}

static bool has_before(const struct units *units, size_t u)
{
	if (u == 0 || u >= units->count || !units->on[u - 1])
		return false;
	return units->to_s[u - 1] == units->from_s[u];
}

static bool has_after(const struct units *units, size_t u)
{
	return u + 1 < units->count && units->on[u + 1] &&
	       units->to_s[u] == units->from_s[u + 1];
}

/* What is cut off its front has to begin anew: a run that goes on is joined to its past. */
static bool is_joined(const struct units *units, size_t u)
{
	return has_before(units, u) || (u == 0 && units->query->progress == CARBON_RUNNING);
}

/* What running CUT seconds less of unit U saves, per second. */
static double gain(const struct units *units, size_t u, double cut)
{
	bool before = is_joined(units, u), after = has_after(units, u);
	double saved = (double)units->value[u] * cut;

	if (before && after)
		saved -= (double)units->start[u + 1];
	else if (!before && !after && cut >= length_of(units, u))
		saved += (double)units->start[u];
	return saved / cut;
}

/* More is on than is to be run: take off the worst, of equals the last. */
static void trim(struct units *units)
{
	double excess = -(double)units->query->runtime_s;

	for (size_t u = 0; u < units->count; u++)
		excess += units->on[u] ? length_of(units, u) : 0;
	while (excess > 0) {
		size_t worst = 0;
		double most = -1e30, cut;

		for (size_t u = 0; u < units->count; u++) {
			cut = units->on[u] && length_of(units, u) < excess ? length_of(units, u)
									   : excess;
			if (units->on[u] && gain(units, u, cut) >= most) {
				most = gain(units, u, cut);
				worst = u;
			}
		}
		cut = length_of(units, worst) < excess ? length_of(units, worst) : excess;
		if (!is_joined(units, worst) && has_after(units, worst))
			units->from_s[worst] += (uint32_t)cut;
		else
			units->to_s[worst] -= (uint32_t)cut;
		units->on[worst] = units->to_s[worst] > units->from_s[worst];
		excess -= cut;
	}
}

static size_t count_windows(const struct units *units)
{
	size_t windows = 0;

	for (size_t u = 0; u < units->count; u++)
		windows += units->on[u] && !has_before(units, u);
	return windows;
}

static size_t write_windows(const struct units *units, struct carbon_window *out)
{
	time_t start_at = units->query->mean->start_at;
	size_t windows = 0;

	for (size_t u = 0; u < units->count; u++) {
		if (!units->on[u])
			continue;
		if (!has_before(units, u))
			out[windows++].from_at = start_at + (time_t)units->from_s[u];
		out[windows - 1].to_at = start_at + (time_t)units->to_s[u];
	}
	return windows;
}

/* (g/kWh)*s of running in WINDOW, restarts and the price of waiting for the end included. */
static double cost_of(const struct carbon_query *query, const struct carbon_window *window,
		      size_t count)
{
	double per_second = query->delay_price_g_h * 1000 / query->power_w, sum = 0;

	for (size_t i = 0; i < count; i++) {
		bool pays = i > 0 || carbon_query_pays_first(query, window[i].from_at);
		time_t from_at = window[i].from_at - (pays ? (time_t)query->restart_s : 0);

		sum += carbon_curve_integral(query->mean, from_at, window[i].to_at);
	}
	return sum + per_second * (double)(window[count - 1].to_at - query->earliest_at);
}

static time_t choose(const struct carbon_query *query)
{
	return carbon_sweep_lowest(query, query->mean);
}

/* In one piece: the best start, or at once where it runs already and that is as good. */
static struct carbon_window choose_whole(const struct carbon_query *query)
{
	struct carbon_window now = {query->earliest_at, query->earliest_at + (time_t)query->runtime_s};
	struct carbon_window best = {choose(query), 0};

	best.to_at = best.from_at + (time_t)query->runtime_s;
	if (query->progress != CARBON_RUNNING)
		return best;
	return cost_of(query, &best, 1) < cost_of(query, &now, 1) - CARBON_SWEEP_ROUNDING ? best : now;
}

/* By a price per second: exact where restarts cost nothing. 0: there are none, or more than MAX. */
static size_t split_by_price(const struct carbon_query *query, struct carbon_window *out, size_t max)
{
	struct units units;
	double penalty = 0;
	size_t count = 0;

	for (int round = 0; round < PENALTY_ROUNDS; round++, penalty = penalty * 4 + 3600) {
		if (!cut_units(&units, query))
			break;
		set_starts(&units, penalty);
		find_price(&units);
		trim(&units);
		count = count_windows(&units);
		if (count <= max)
			break;
	}
	if (count == 0 || count > max)
		return 0;
	return write_windows(&units, out);
}

/* COUNT windows take the place of those in OUT where they cost less. Returns how many are there then. */
static size_t keep_cheaper(const struct carbon_query *query, const struct carbon_window *window, size_t count,
			   struct carbon_window *out, size_t kept)
{
	if (count == 0 || cost_of(query, window, count) >= cost_of(query, out, kept) - CARBON_SWEEP_ROUNDING)
		return kept;
	memcpy(out, window, count * sizeof(*window));
	return count;
}

static size_t segments(const struct carbon_query *query, struct carbon_window *out, size_t max)
{
	struct carbon_window window[CARBON_WINDOWS_MAX];
	size_t kept = 1, count;

	if (max > CARBON_WINDOWS_MAX)
		max = CARBON_WINDOWS_MAX;
	out[0] = choose_whole(query);
	if (max < 2)
		return kept;
	count = carbon_looks_keep(query, window, split_by_price(query, window, max));
	kept = keep_cheaper(query, window, count, out, kept);
	if (!query->restart_s)
		return kept;
	count = carbon_looks_keep(query, window, carbon_slots_plan(query, window, max));
	return keep_cheaper(query, window, count, out, kept);
}

const struct carbon_policy carbon_policy_segments = {
	.name = "segments",
	.summary = "interruptible work in its cleanest windows, restarts counted",
	.choose = choose,
	.segments = segments,
};
