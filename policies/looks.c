/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where windows really end. Must never make a run longer or shorter than it is. */
#include "policies/looks.h"

#include <stdbool.h>

#include "policies/pause.h"

struct carbon_looks carbon_looks_of(const struct carbon_site *site, time_t at)
{
	if (!at)
		at = site->jobs_as_of ? site->jobs_as_of : site->written_at;
	return (struct carbon_looks){.at = at, .every_s = site->replan_every_s, .least_s = site->min_runtime_s};
}

/* How far AT lies behind the look before it. */
static time_t behind_s(const struct carbon_looks *looks, time_t at)
{
	time_t every_s = (time_t)looks->every_s, rest_s = (at - looks->at) % every_s;

	return rest_s < 0 ? rest_s + every_s : rest_s;
}

time_t carbon_looks_near(const struct carbon_looks *looks, time_t at)
{
	time_t rest_s;

	if (!looks->every_s)
		return at;
	rest_s = behind_s(looks, at);
	return 2 * rest_s <= (time_t)looks->every_s ? at - rest_s : at - rest_s + (time_t)looks->every_s;
}

/* When WINDOW really ends; what goes on from the earliest start has begun before it. */
static time_t end_of(const struct carbon_query *query, const struct carbon_window *window)
{
	const struct carbon_looks *looks = &query->looks;
	time_t end_at = carbon_looks_near(looks, window->to_at), soonest_at = window->from_at;

	if (query->progress != CARBON_RUNNING || window->from_at > query->earliest_at)
		soonest_at += (time_t)looks->least_s;
	if (end_at > window->from_at && end_at >= soonest_at)
		return end_at;
	soonest_at = soonest_at > window->from_at ? soonest_at : window->from_at + 1;
	return soonest_at + ((time_t)looks->every_s - behind_s(looks, soonest_at)) % (time_t)looks->every_s;
}

size_t carbon_looks_keep(const struct carbon_query *query, struct carbon_window *window, size_t count)
{
	time_t last_at = query->latest_at + (time_t)query->runtime_s, left_s = (time_t)query->runtime_s;
	time_t gap_s = (time_t)query->restart_s + CARBON_REQUEUE_S;
	bool runs = query->progress == CARBON_RUNNING;
	size_t kept = 0;

	if (!query->looks.every_s)
		return count;
	for (size_t i = 0; i < count && left_s > 0; i++) {
		struct carbon_window next = window[i];

		if (i + 1 == count && next.from_at + left_s > last_at)
			next.from_at = last_at - left_s;
		if (runs && !kept && next.from_at - query->earliest_at < gap_s)
			next.from_at = query->earliest_at;
		if (kept && next.from_at - window[kept - 1].to_at < gap_s) {
			next.from_at = window[--kept].from_at;
			left_s += window[kept].to_at - next.from_at;
		}
		next.to_at = i + 1 < count ? end_of(query, &next) : next.from_at + left_s;
		if (next.from_at + left_s - next.to_at <= (time_t)query->restart_s)
			next.to_at = next.from_at + left_s;
		left_s -= next.to_at - next.from_at;
		window[kept++] = next;
	}
	return kept && window[kept - 1].to_at <= last_at ? kept : 0;
}
