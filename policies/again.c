/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding again for a job that waits. Must never move a begin past the job's latest begin, and never on data
 * that are missing or old.
 */
#include "policies/again.h"

#include <string.h>
#include <strings.h>

#include "policies/policy.h"

/* An outlook written later than this from now on is a sign of a clock that was set back. */
#define CLOCK_SLACK_S 3600

struct work {
	const struct carbon_context *context;
	const struct carbon_again *again;
	const struct carbon_place *place;
	const struct carbon_outlook_zone *zone;
	time_t earliest_at, latest_at;
};

static bool find_outlook(struct work *work)
{
	const struct carbon_outlook *outlook = work->context->outlook;
	const struct carbon_record *record = work->again->record;
	time_t age_s;

	if (!outlook)
		return false;
	age_s = work->context->now - outlook->written_at;
	if (age_s > work->context->site->outlook_max_age_s || age_s < -CLOCK_SLACK_S)
		return false;
	work->zone = carbon_outlook_find(outlook, record->zone, record->signal);
	return work->zone != NULL;
}

/* False: nothing can be said, or the site wants nothing changed. A job that was sent elsewhere is not ours to judge. */
static bool is_for_us(struct work *work)
{
	const struct carbon_site *site = work->context->site;
	const struct carbon_again *again = work->again;

	if (site->level != CARBON_LEVEL_OPT_IN && site->level != CARBON_LEVEL_DEFAULT)
		return false;
	/* Names in a record may have been lower-cased. */
	if (strcasecmp(again->partition, again->record->partition) != 0)
		return false;
	work->place = carbon_site_place(site, again->partition);
	return work->place && strcasecmp(work->place->zone, again->record->zone) == 0 && find_outlook(work);
}

/* Latest begin that has the run over by END_AT, with what may pass between a begin and a start. */
static time_t begin_before(const struct work *work, time_t end_at)
{
	const struct carbon_place *place = work->place;

	return end_at - (time_t)work->again->limit_s - (time_t)place->queue_wait_s -
	       work->context->site->slack_s - (time_t)place->boot_s;
}

static void bound(struct work *work, time_t latest_at)
{
	if (latest_at < work->latest_at)
		work->latest_at = latest_at;
}

/* Walls that the job could still get past, for others it waits either way. */
static void bound_by_walls(struct work *work)
{
	const struct carbon_site *site = work->context->site;

	for (size_t i = 0; i < site->walls; i++) {
		const struct carbon_wall *wall = &site->wall[i];

		if (wall->partition[0] && strcmp(wall->partition, work->place->partition) != 0)
			continue;
		if (wall->from_at - (time_t)work->again->limit_s >= work->earliest_at)
			bound(work, begin_before(work, wall->from_at));
	}
}

static void find_bounds(struct work *work)
{
	const struct carbon_again *again = work->again;
	time_t now = work->context->now;

	work->earliest_at = again->record->baseline_at > now ? again->record->baseline_at : now;
	work->latest_at = again->record->latest_at;
	/* Without a limit there is nothing to count back from. */
	if (again->limit_s && again->deadline_at > 0)
		bound(work, begin_before(work, again->deadline_at));
	if (again->limit_s)
		bound_by_walls(work);
	if (work->latest_at < work->earliest_at)
		work->latest_at = work->earliest_at;
}

static bool covers(const struct work *work, time_t begin_at)
{
	return carbon_curve_has(&work->zone->mean, begin_at, begin_at + (time_t)work->again->record->runtime_s);
}

/* The best start between the bounds, as far as the outlook reaches; the present begin where it says nothing. */
static time_t choose(const struct work *work)
{
	const struct carbon_site *site = work->context->site;
	const struct carbon_record *record = work->again->record;
	const struct carbon_policy *policy = carbon_policy_find(record->policy);
	time_t last_at = carbon_curve_end(&work->zone->mean) - (time_t)record->runtime_s;
	struct carbon_query query = {
		.mean = &work->zone->mean,
		.high = &work->zone->high,
		.earliest_at = work->earliest_at,
		.latest_at = work->latest_at < last_at ? work->latest_at : last_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.delay_price_g_h = site->delay_price_g_h,
	};

	if (!record->runtime_s || !(record->power_w > 0) || !covers(work, query.earliest_at) ||
	    !covers(work, record->begin_at))
		return record->begin_at;
	if (!policy)
		policy = carbon_policy_find(site->policy);
	if (!policy)
		policy = carbon_policies[0];
	return policy->choose(&query);
}

/* The begin that it should have: lazily (see again.h), but never past the latest one. */
static time_t decide_begin(const struct work *work)
{
	const struct carbon_again *again = work->again;
	time_t begin_at = again->record->begin_at, best_at = choose(work);

	if (begin_at > work->latest_at)
		return best_at < work->latest_at ? best_at : work->latest_at;
	if (best_at < begin_at && best_at < again->next_at)
		return best_at;
	if (best_at > begin_at && begin_at < again->next_at && best_at <= work->latest_at &&
	    again->record->moves < CARBON_MOVES_MAX)
		return best_at;
	return begin_at;
}

/* What the outlook of now says of the new begin; nothing where it does not reach that far. */
static void expect(const struct work *work, struct carbon_record *record)
{
	const struct carbon_outlook_zone *zone = work->zone;
	const struct carbon_part *part;
	time_t end_at = record->begin_at + (time_t)record->runtime_s;

	if (!covers(work, record->begin_at))
		return;
	part = carbon_outlook_part(zone, record->begin_at);
	record->mass_g = carbon_curve_mass_g(&zone->mean, record->begin_at, end_at, record->power_w);
	record->mass_high_g = carbon_curve_mass_g(&zone->high, record->begin_at, end_at, record->power_w);
	record->kind = part->kind;
	record->outlook_at = part->issued_at;
	memcpy(record->source, part->source, sizeof(record->source));
}

struct carbon_again_decision carbon_decide_again(const struct carbon_context *context,
						 const struct carbon_again *again)
{
	struct work work = {.context = context, .again = again};
	struct carbon_again_decision decision = {.verdict = CARBON_STAY, .record = *again->record};
	time_t begin_at;

	if (again->record->begin_at <= context->now || !is_for_us(&work))
		return decision;
	find_bounds(&work);
	begin_at = decide_begin(&work);
	if (begin_at == again->record->begin_at)
		return decision;
	decision.verdict = begin_at < again->record->begin_at ? CARBON_FORWARD : CARBON_BACK;
	decision.record.begin_at = begin_at;
	decision.record.moves++;
	expect(&work, &decision.record);
	return decision;
}
