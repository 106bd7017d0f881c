/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Windows into begin, end and grams. Must count every restart, or interrupting would look better than it is. */
#include "policies/split.h"

/* Run time that window I of a plan costs before it does any work. */
static time_t restart_s(const struct carbon_query *query, const struct carbon_window *window, size_t i)
{
	return i > 0 || carbon_query_pays_first(query, window->from_at) ? (time_t)query->restart_s : 0;
}

static bool is_blocked(const struct carbon_curve *curve, const struct carbon_window *window)
{
	size_t i = carbon_curve_segment(curve, window->from_at);

	for (; i < curve->count && curve->start_at + (time_t)curve->knot_s[i] < window->to_at; i++)
		if ((double)curve->value[i] >= CARBON_BARRIER)
			return true;
	return false;
}

double carbon_split_mass_g(const struct carbon_split *split, const struct carbon_curve *curve, double power_w)
{
	double sum = 0;

	for (size_t i = 0; i < split->windows; i++)
		sum += carbon_curve_mass_g(curve, split->window[i].from_at, split->window[i].to_at, power_w);
	return sum;
}

/* The windows as they stand, restarts put before them. */
static void weigh(const struct carbon_query *query, struct carbon_split *split)
{
	split->is_blocked = false;
	for (size_t i = 0; i < split->windows; i++) {
		split->window[i].from_at -= restart_s(query, &split->window[i], i);
		split->is_blocked = split->is_blocked || is_blocked(query->mean, &split->window[i]);
	}
	split->mass_g = carbon_split_mass_g(split, query->mean, query->power_w);
	split->begin_at = split->window[0].from_at;
	split->until_at = split->windows > 1 ? split->window[0].to_at : 0;
	split->end_at = split->window[split->windows - 1].to_at;
}

struct carbon_split carbon_split_plan(const struct carbon_policy *policy, const struct carbon_query *query,
				      size_t windows)
{
	struct carbon_split split;

	if (windows < 1)
		windows = 1;
	split.windows = policy->segments(query, split.window, windows < CARBON_SPLIT_MAX ? windows : CARBON_SPLIT_MAX);
	weigh(query, &split);
	return split;
}

struct carbon_split carbon_split_whole(const struct carbon_query *query, time_t begin_at)
{
	struct carbon_split split = {.windows = 1};
	struct carbon_window *window = &split.window[0];

	window->from_at = begin_at;
	window->from_at += restart_s(query, window, 0);
	window->to_at = window->from_at + (time_t)query->runtime_s;
	weigh(query, &split);
	return split;
}
