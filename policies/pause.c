/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Weighing an interruption: what the rest of the run emits in one piece from now on, against the best windows that
 * begin later, the restart counted. Must never put a deadline at risk for it.
 */
#include "policies/pause.h"

#include "policies/looks.h"
#include "policies/policy.h"
#include "policies/split.h"
#include "policies/still.h"
#include "policies/view.h"

struct work {
	const struct carbon_context *context;
	const struct carbon_pause *pause;
	const struct carbon_policy *policy;
	struct carbon_still still;
	uint32_t ran_s;	  /* all segments so far */
	time_t latest_at; /* of the next begin */
	struct carbon_view_ask ask;
	struct carbon_view *view;
	struct carbon_view_store *store;
	struct carbon_query query;
};

time_t carbon_pause_done_s(const struct carbon_record *record, uint32_t ran_s)
{
	time_t done_s = (time_t)ran_s - (time_t)record->cuts * (time_t)record->restart_s;

	return done_s > 0 ? done_s : 0;
}

uint32_t carbon_pause_left_s(const struct carbon_record *record, uint32_t ran_s)
{
	time_t left_s = (time_t)record->runtime_s - carbon_pause_done_s(record, ran_s);

	return left_s > 0 ? (uint32_t)left_s : 0;
}

time_t carbon_pause_end_at(const struct carbon_record *record, time_t start_at, time_t now)
{
	if (record->until_at > start_at && record->until_at > now)
		return record->until_at;
	return start_at + (time_t)carbon_pause_left_s(record, record->ran_s);
}

size_t carbon_pause_windows(const struct carbon_site *site, const struct carbon_record *record)
{
	return record->cuts < site->max_interruptions ? site->max_interruptions - record->cuts + 1 : 1;
}

/* Whether the job is one to interrupt at all, and has run long enough to make it worth while. */
static bool is_for_us(struct work *work)
{
	const struct carbon_pause *pause = work->pause;
	const struct carbon_record *record = pause->record;
	const struct carbon_site *site = work->context->site;
	time_t least_s = (time_t)site->min_runtime_s + (record->cuts ? (time_t)record->restart_s : 0);

	work->policy = carbon_policy_find(record->policy);
	if (!record->notice.signal || !work->policy || !work->policy->segments || !(record->power_w > 0) ||
	    record->cuts >= site->max_interruptions || site->paused_until_at > work->context->now)
		return false;
	/* Without a limit no later begin can be said to be early enough. */
	if (pause->limit_s == 0 || pause->start_at <= 0)
		return false;
	return work->context->now - pause->start_at >= least_s &&
	       carbon_still_find(work->context, record, pause->partition, &work->still);
}

static void bound(struct work *work, time_t latest_at)
{
	if (latest_at < work->latest_at)
		work->latest_at = latest_at;
}

/* With the whole limit still to run: slurmctld counts that, whatever has been done. */
static void bound_by_end(struct work *work, time_t end_at)
{
	bound(work, carbon_still_begin_before(work->context, &work->still, (time_t)work->pause->limit_s,
					      work->pause->nodes, end_at));
}

/* False: the job could not begin again in time. */
static bool find_bounds(struct work *work)
{
	const struct carbon_pause *pause = work->pause;
	const struct carbon_site *site = work->context->site;
	time_t now = work->context->now;

	work->ran_s = pause->record->ran_s + (uint32_t)(now - pause->start_at);
	work->latest_at = pause->record->latest_at + carbon_pause_done_s(pause->record, work->ran_s) -
			  (time_t)pause->record->restart_s;
	if (pause->deadline_at > 0)
		bound_by_end(work, pause->deadline_at);
	/* A running job is past the walls that it would have had to wait for. */
	for (size_t i = 0; i < site->walls; i++)
		if (carbon_still_meets(&work->still, &site->wall[i]) && site->wall[i].to_at > now)
			bound_by_end(work, site->wall[i].from_at);
	/* Nobody waits because of us in a blackout. */
	for (size_t i = 0; i < site->blackouts; i++)
		if (site->blackout[i].to_at > now)
			bound(work, site->blackout[i].from_at);
	return work->latest_at > now;
}

/* What is looked at of the place: all from now on, this very job being part of its load until then. */
static void find_ask(struct work *work, struct carbon_claim *self)
{
	const struct carbon_record *record = work->pause->record;
	const struct carbon_site *site = work->context->site;
	uint32_t left_s = carbon_pause_left_s(record, work->ran_s);

	work->ask = (struct carbon_view_ask){
		.site = site,
		.own = work->context->own,
		.self = self,
		.place = work->still.place,
		.zone = work->still.zone,
		.counted = work->context->counted,
		.earliest_at = work->context->now,
		.latest_at = work->latest_at + (time_t)record->restart_s,
		.runtime_s = left_s,
		.power_w = record->power_w,
		.nodes = work->pause->nodes,
		.kw = record->power_w / 1000,
	};
	*self = (struct carbon_claim){
		.place = (size_t)(work->still.place - site->place),
		.begin_at = work->context->now,
		.end_at = carbon_pause_end_at(record, work->pause->start_at, work->context->now),
		.nodes = work->ask.nodes,
		.kw = work->ask.kw,
	};
}

/* False: the outlook does not cover what is left, or nothing is. */
static bool find_query(struct work *work)
{
	const struct carbon_record *record = work->pause->record;
	const struct carbon_curve *mean = &work->still.zone->mean;
	time_t now = work->context->now, last_at = carbon_curve_end(mean) - (time_t)work->ask.runtime_s;

	if (work->ask.runtime_s <= record->restart_s || now < mean->start_at || last_at <= now)
		return false;
	if (work->ask.latest_at > last_at)
		work->ask.latest_at = last_at;
	carbon_view_init(work->view, &work->ask, work->store);
	work->query = (struct carbon_query){
		.mean = &work->view->mean,
		.high = &work->view->high,
		.earliest_at = now,
		.latest_at = work->view->latest_at < work->latest_at ? work->view->latest_at : work->latest_at,
		.runtime_s = work->ask.runtime_s,
		.power_w = record->power_w,
		.delay_price_g_h = work->context->site->delay_price_g_h,
		.restart_s = record->restart_s,
		.progress = CARBON_RUNNING,
		.looks = carbon_looks_of(work->context->site, now),
	};
	return work->query.latest_at > now;
}

/* Whether the best plan is to stop now: a window that goes on ends with a later look, which then decides. */
static bool is_due(const struct work *work)
{
	struct carbon_split best = carbon_split_plan(
		work->policy, &work->query, carbon_pause_windows(work->context->site, work->pause->record));

	return best.begin_at > work->context->now;
}

/* The best way to go on after an interruption that begins now. False: none within the bounds, or none with room. */
static bool plan_rest(const struct work *work, struct carbon_split *out)
{
	const struct carbon_record *record = work->pause->record;
	struct carbon_query query = work->query;

	query.progress = CARBON_PAUSED;
	query.earliest_at += (time_t)record->notice.seconds + CARBON_REQUEUE_S + (time_t)record->restart_s;
	query.latest_at = work->view->latest_at; /* a begin comes a restart before its window */
	if (query.latest_at < query.earliest_at)
		return false;
	*out = carbon_split_plan(work->policy, &query,
				 carbon_pause_windows(work->context->site, record) - 1);
	return out->begin_at <= work->latest_at && !out->is_blocked;
}

/* What drawing power until the requeue costs, which an interruption does not spare. */
static double notice_g(const struct work *work)
{
	struct carbon_view_ask ask = work->ask;

	ask.runtime_s = work->pause->record->notice.seconds;
	return carbon_view_cost_g(work->view, &ask, ask.earliest_at);
}

static bool is_worth_it(const struct work *work, const struct carbon_split *rest, double whole_g, double saved_g)
{
	const struct carbon_site *site = work->context->site;
	time_t end_at = work->context->now + (time_t)work->query.runtime_s;
	double waited_h = (double)(rest->end_at - end_at) / 3600.0;

	saved_g -= waited_h * site->delay_price_g_h;
	return saved_g > 0 && saved_g >= site->min_saving_g && saved_g >= site->min_saving_percent / 100.0 * whole_g;
}

/*
 * What was planned in windows had its saving counted then. Any other interruption adds its own: what is behind as it was
 * expected, and the rest as it is expected now.
 */
static void write_masses(const struct work *work, const struct carbon_split *rest, double saved_g,
			 struct carbon_record *record)
{
	const struct carbon_outlook_zone *zone = work->still.zone;
	double behind = (double)work->ran_s / (double)(work->ran_s + work->query.runtime_s);
	double delay_g = record->baseline_g - record->mass_g;

	if (record->until_at)
		return;
	record->mass_g = record->mass_g * behind + carbon_split_mass_g(rest, &zone->mean, record->power_w);
	record->mass_high_g = record->mass_high_g * behind + carbon_split_mass_g(rest, &zone->high, record->power_w);
	record->baseline_g = record->mass_g + saved_g + delay_g;
}

static void write_record(const struct work *work, const struct carbon_split *rest, double saved_g,
			 struct carbon_record *record)
{
	write_masses(work, rest, saved_g, record);
	record->delayed = true;
	record->begin_at = rest->begin_at;
	record->until_at = rest->until_at;
	record->ran_s = work->ran_s;
	record->cuts++;
	carbon_still_tell(&work->still, rest->begin_at, record);
}

struct carbon_pause_decision carbon_decide_pause(const struct carbon_context *context,
						 const struct carbon_pause *pause)
{
	struct carbon_view_store store; /* large: never zeroed */
	struct carbon_view view;
	struct work work = {.context = context, .pause = pause, .view = &view, .store = &store};
	struct carbon_pause_decision decision = {.verdict = CARBON_RUN_ON, .record = *pause->record};
	struct carbon_claim self;
	struct carbon_split rest;
	double whole_g;

	if (!is_for_us(&work) || !find_bounds(&work))
		return decision;
	find_ask(&work, &self);
	if (!find_query(&work) || !is_due(&work) || !plan_rest(&work, &rest))
		return decision;
	whole_g = carbon_view_now_g(&view, &work.ask);
	decision.saved_g = whole_g - rest.mass_g - notice_g(&work);
	if (!is_worth_it(&work, &rest, whole_g, decision.saved_g))
		return decision;
	decision.verdict = CARBON_INTERRUPT;
	write_record(&work, &rest, decision.saved_g, &decision.record);
	return decision;
}
