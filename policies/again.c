/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding again for a job that waits. Must never move a begin past the job's latest begin, and never on data
 * that are missing or old.
 */
#include "policies/again_steps.h"

#include <math.h>

#include "policies/looks.h"
#include "policies/pause.h"

static void bound(struct carbon_again_work *work, time_t latest_at)
{
	if (latest_at < work->latest_at)
		work->latest_at = latest_at;
}

/* So that WAVES of it, one after another, have had their limit by END_AT. */
static void bound_by_end(struct carbon_again_work *work, time_t end_at, uint32_t waves)
{
	const struct carbon_again *again = work->again;
	double tasks = again->tasks > 1 ? again->tasks : 1, together = again->waves > 1 ? ceil(tasks / again->waves) : tasks;

	bound(work, carbon_still_begin_before(work->context, &work->still,
					      (time_t)again->limit_s * (time_t)(waves > 1 ? waves : 1),
					      again->nodes / together, end_at));
}

/* Walls that the job could still get past, for others it waits either way. */
static void bound_by_walls(struct carbon_again_work *work)
{
	const struct carbon_site *site = work->context->site;

	for (size_t i = 0; i < site->walls; i++) {
		const struct carbon_wall *wall = &site->wall[i];

		if (carbon_still_meets(&work->still, wall) &&
		    wall->from_at - (time_t)work->again->limit_s >= work->earliest_at)
			bound_by_end(work, wall->from_at, 1);
	}
}

/* Nobody waits because of us in a blackout: waiting ends before it, and in it at once. */
static void bound_by_blackouts(struct carbon_again_work *work)
{
	const struct carbon_site *site = work->context->site;

	for (size_t i = 0; i < site->blackouts; i++)
		if (site->blackout[i].to_at > work->earliest_at)
			bound(work, site->blackout[i].from_at);
}

/* What an interrupted job has behind it may come off the time that it still needs. */
static void find_bounds(struct carbon_again_work *work)
{
	const struct carbon_again *again = work->again;
	const struct carbon_record *record = again->record;
	time_t now = work->context->now;

	work->earliest_at = record->baseline_at > now ? record->baseline_at : now;
	work->latest_at = record->latest_at + carbon_pause_done_s(record, record->ran_s);
	if (work->is_dependent) {
		work->earliest_at = now;
		work->latest_at = now + (time_t)record->dep_s;
		if (record->dep_by_at)
			bound(work, record->dep_by_at);
	}
	/* Without a limit there is nothing to count back from. */
	if (again->limit_s && again->deadline_at > 0)
		bound_by_end(work, again->deadline_at, again->waves);
	if (again->limit_s)
		bound_by_walls(work);
	bound_by_blackouts(work);
	if (work->latest_at < work->earliest_at)
		work->latest_at = work->earliest_at;
}

static bool is_split(const struct carbon_again_work *work)
{
	return work->again->record->notice.signal && work->policy->segments;
}

static bool covers(const struct carbon_again_work *work, time_t begin_at)
{
	return carbon_curve_has(&work->still.zone->mean, begin_at,
				begin_at + (time_t)(work->query.restart_s + work->query.runtime_s));
}

static void find_policy(struct carbon_again_work *work)
{
	work->policy = carbon_policy_find(work->again->record->policy);
	if (!work->policy)
		work->policy = carbon_policy_find(work->context->site->policy);
	if (!work->policy)
		work->policy = carbon_policies[0];
}

static uint32_t together_tasks(const struct carbon_again *again)
{
	uint32_t tasks = again->tasks > 1 ? again->tasks : 1, waves = again->waves > 1 ? again->waves : 1;

	return (tasks + waves - 1) / waves;
}

static double together_kw(const struct carbon_again *again)
{
	return again->record->power_w * together_tasks(again) / 1000;
}

/*
 * What is asked of the policy. A job that was interrupted pays for its restart, just before its first window; the time that it has
 * left holds that restart, the windows do not.
 */
static void find_query(struct carbon_again_work *work)
{
	const struct carbon_again *again = work->again;
	const struct carbon_record *record = again->record;
	time_t restart_s = record->cuts ? (time_t)record->restart_s : 0;
	uint32_t left_s = carbon_pause_left_s(record, record->ran_s);

	work->query = (struct carbon_query){
		.mean = &work->still.zone->mean,
		.high = &work->still.zone->high,
		.earliest_at = work->earliest_at + restart_s,
		.latest_at = work->latest_at + restart_s,
		.runtime_s = left_s > (uint32_t)restart_s ? left_s - (uint32_t)restart_s : 0,
		.power_w = record->power_w,
		.delay_price_g_h = work->context->site->delay_price_g_h,
		.restart_s = is_split(work) ? record->restart_s : 0,
		.progress = record->cuts ? CARBON_PAUSED : CARBON_FRESH,
		.looks = carbon_looks_of(work->context->site, work->context->now),
	};
	work->ask = (struct carbon_view_ask){
		.site = work->context->site,
		.own = work->context->own,
		.place = work->still.place,
		.zone = work->still.zone,
		.counted = work->context->counted,
		.earliest_at = work->earliest_at,
		.latest_at = work->latest_at,
		.runtime_s = left_s,
		.power_w = record->power_w,
		.nodes = again->nodes,
		.kw = together_kw(again),
		.mates = again->at_once ? again->mates : NULL,
		.at_once = again->at_once,
		.together = together_tasks(again),
	};
}

static struct carbon_split plan_at(const struct carbon_again_work *work, time_t begin_at)
{
	return carbon_split_whole(&work->query, begin_at);
}

/* By the policy, in one piece or in several. */
static struct carbon_split ask_policy(struct carbon_again_work *work, const struct carbon_view *view)
{
	const struct carbon_record *record = work->again->record;
	struct carbon_query *query = &work->query;
	time_t last_at = view->latest_at + (query->earliest_at - work->earliest_at);

	query->mean = &view->mean;
	query->high = &view->high;
	if (query->latest_at > last_at)
		query->latest_at = last_at;
	if (is_split(work))
		return carbon_split_plan(work->policy, query, carbon_pause_windows(work->context->site, record));
	return plan_at(work, work->policy->choose(query));
}

/* The site's ramp shifts a start that is not now by some quarters of an hour. */
static void stagger(struct carbon_again_work *work, const struct carbon_view *view, struct carbon_split *best)
{
	time_t begin_at;

	if (best->windows != 1 || best->begin_at <= work->earliest_at || work->context->site->ramp_kw <= 0)
		return;
	begin_at = carbon_view_stagger(view, &work->ask, best->begin_at);
	if (begin_at > work->earliest_at)
		*best = plan_at(work, begin_at);
}

bool carbon_again_plan(struct carbon_again_work *work, struct carbon_split *best)
{
	struct carbon_view_store store; /* large: never zeroed */
	struct carbon_view view;
	bool has_room;

	if (!work->query.runtime_s || !(work->again->record->power_w > 0) || !covers(work, work->earliest_at))
		return false;
	carbon_view_init(&view, &work->ask, &store);
	if (view.latest_at < work->earliest_at)
		return false;
	*best = ask_policy(work, &view);
	stagger(work, &view, best);
	has_room = best->windows > 1 ? !best->is_blocked : carbon_view_has_room(&view, &work->ask, best->begin_at);
	work->is_counted = view.is_counted;
	work->counted_g = best->mass_g;
	/* The view ends here: what is to be told of the plan is told by the outlook. */
	work->query.mean = &work->still.zone->mean;
	work->query.high = &work->still.zone->high;
	return has_room;
}

/* The best plan between the bounds; the present begin where nothing can be said or no room is left: then the queue decides. */
static struct carbon_split choose(struct carbon_again_work *work)
{
	const struct carbon_record *record = work->again->record;
	struct carbon_split stay = {.begin_at = record->begin_at}, best;

	if ((!work->is_dependent && !covers(work, record->begin_at)) || !carbon_again_plan(work, &best))
		return stay;
	return best;
}

/* Whom nothing was planned for begins when it would. */
struct carbon_claim carbon_again_claim(const struct carbon_again_work *work, const struct carbon_split *best)
{
	const struct carbon_again *again = work->again;
	uint32_t waves = again->waves > 1 ? again->waves : 1;
	struct carbon_claim claim = {
		.place = (size_t)(work->still.place - work->context->site->place),
		.begin_at = best->begin_at,
		.end_at = best->until_at ? best->until_at : best->begin_at + (time_t)work->ask.runtime_s * waves,
		.nodes = again->nodes,
		.kw = work->ask.kw,
	};

	return claim;
}

/* The begin that it should have: lazily (see again.h), but never past the latest one. */
static time_t decide_begin(const struct carbon_again_work *work, time_t best_at)
{
	const struct carbon_again *again = work->again;
	time_t begin_at = again->record->begin_at;

	if (begin_at > work->latest_at)
		return best_at < work->latest_at ? best_at : work->latest_at;
	if (best_at < begin_at && best_at < again->next_at)
		return best_at;
	if (best_at > begin_at && begin_at < again->next_at && best_at <= work->latest_at &&
	    again->record->moves < CARBON_MOVES_MAX && work->context->site->paused_until_at <= work->context->now)
		return best_at;
	return begin_at;
}

void carbon_again_expect(const struct carbon_again_work *work, const struct carbon_split *best,
			 struct carbon_record *record)
{
	struct carbon_split plan = *best;

	if (!covers(work, record->begin_at))
		return;
	if (!plan.windows || plan.begin_at != record->begin_at)
		plan = plan_at(work, record->begin_at);
	record->until_at = plan.until_at;
	if (!record->cuts) {
		record->mass_g = record->data_g +
				 carbon_split_mass_g(&plan, &work->still.zone->mean, record->power_w);
		record->mass_high_g = record->data_g +
				      carbon_split_mass_g(&plan, &work->still.zone->high, record->power_w);
	}
	carbon_still_tell(&work->still, record->begin_at, record);
}

/* --- jobs whose dependency is not met --- */

static double mass_at(const struct carbon_again_work *work, time_t begin_at)
{
	return carbon_curve_mass_g(&work->still.zone->mean, begin_at, begin_at + (time_t)work->query.runtime_s,
				   work->again->record->power_w);
}

static bool is_worth_it(const struct carbon_again_work *work, time_t begin_at, double now_g)
{
	const struct carbon_site *site = work->context->site;
	double waited_h = (double)(begin_at - work->earliest_at) / 3600;
	double saved_g = now_g - mass_at(work, begin_at) - waited_h * site->delay_price_g_h;

	return saved_g > 0 && saved_g >= site->min_saving_g && saved_g >= site->min_saving_percent / 100 * now_g;
}

/* What would be right if it could start now: a begin after the next run, or none until that run looks again. */
static void decide_dependent(const struct carbon_again_work *work, const struct carbon_split *best,
			     struct carbon_again_decision *decision)
{
	const struct carbon_again *again = work->again;
	const struct carbon_record *was = again->record;
	struct carbon_record *record = &decision->record;
	double now_g = mass_at(work, work->earliest_at);
	bool waits = best->windows > 0 && best->begin_at >= again->next_at && is_worth_it(work, best->begin_at, now_g) &&
		     work->context->site->paused_until_at <= work->context->now;

	/* A begin that is far enough ahead can be thought over again by the next run. */
	if (waits ? was->moves >= CARBON_MOVES_MAX || (was->delayed && was->begin_at >= again->next_at) : !was->delayed)
		return;
	decision->verdict = waits ? CARBON_BACK : CARBON_FORWARD;
	record->delayed = waits;
	record->baseline_at = work->earliest_at;
	record->baseline_g = now_g;
	record->latest_at = work->latest_at;
	record->begin_at = waits ? best->begin_at : work->earliest_at;
	record->moves++;
	carbon_again_expect(work, best, record);
}

bool carbon_again_open(struct carbon_again_work *work, const struct carbon_context *context,
		       const struct carbon_again *again)
{
	*work = (struct carbon_again_work){.context = context, .again = again,
					   .is_dependent = again->is_dependent && again->record->dep_s};
	if (!carbon_still_find(context, again->record, again->partition, &work->still))
		return false;
	find_bounds(work);
	find_policy(work);
	find_query(work);
	return true;
}

struct carbon_again_decision carbon_again_here(const struct carbon_context *context, const struct carbon_again *again)
{
	struct carbon_again_decision decision = {.verdict = CARBON_STAY, .record = *again->record};
	struct carbon_again_work work;
	struct carbon_split best;
	time_t begin_at;

	if (again->is_federated || again->record->cluster[0] || !carbon_again_open(&work, context, again) ||
	    (again->record->begin_at <= context->now && !work.is_dependent))
		return decision;
	best = choose(&work);
	decision.claim = carbon_again_claim(&work, &best);
	decision.is_planned = best.windows > 0;
	if (work.is_dependent) {
		decision.claim.nodes = 0; /* nobody knows when it will need them */
		decide_dependent(&work, &best, &decision);
		return decision;
	}
	begin_at = decide_begin(&work, best.begin_at);
	if (begin_at == again->record->begin_at)
		return decision;
	decision.verdict = begin_at < again->record->begin_at ? CARBON_FORWARD : CARBON_BACK;
	decision.record.begin_at = begin_at;
	decision.record.moves++;
	carbon_again_expect(&work, &best, &decision.record);
	return decision;
}
