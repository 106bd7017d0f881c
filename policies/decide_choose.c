/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the job would emit at its baseline, whether the site lets one more wait, and the start that its policy chooses; or
 * why that is not worth it.
 */
#include "policies/decide_steps.h"

#include <math.h>
#include <string.h>

#include "policies/looks.h"
#include "policies/pause.h"
#include "policies/policy.h"
#include "policies/split.h"

#define MIN_POWER_W 0.001
#define MOSTLY_FULL 0.5	  /* less slack than this, and the place is crowded */

static double power_w(const struct carbon_deciding *work)
{
	const struct carbon_power_model *model = &work->place->power;
	double it_w = work->job->request.power_w;

	if (carbon_deciding_is_told(work))
		return work->elsewhere->power_w > MIN_POWER_W ? work->elsewhere->power_w : MIN_POWER_W;
	/* Only jobs of one name are alike enough; of all others the model knows more. */
	if (it_w <= 0 && work->habit && work->habit_level == CARBON_HABIT_NAME)
		it_w = work->habit->power_w;
	if (it_w <= 0)
		it_w = carbon_power_it(model, &work->job->use);
	return it_w * model->pue > MIN_POWER_W ? it_w * model->pue : MIN_POWER_W;
}

/* What would be emitted from a begin on; and what the outlook says of itself there. */
static void expect(struct carbon_deciding *work, time_t begin_at)
{
	struct carbon_record *record = &work->decision.record;
	const struct carbon_part *part = carbon_outlook_part(work->zone, begin_at);
	time_t end_at = begin_at + (time_t)record->runtime_s;

	record->begin_at = begin_at;
	record->mass_g = carbon_curve_mass_g(&work->zone->mean, begin_at, end_at, record->power_w);
	record->mass_high_g = carbon_curve_mass_g(&work->zone->high, begin_at, end_at, record->power_w);
	work->decision.counted_g = record->mass_g;
	record->kind = part->kind;
	record->outlook_at = part->issued_at;
	memcpy(record->source, part->source, sizeof(record->source));
}

/* Tasks of an array are not interrupted one by one: slurmctld takes the id of the last one for the whole array. */
static bool may_be_interrupted(const struct carbon_deciding *work)
{
	const struct carbon_job *job = work->job;

	return job->request.notice.signal && !job->is_array && !job->no_requeue && work->limit_s &&
	       work->site->max_interruptions > 0;
}

/* The one that was asked for; interruptible work is split unless another was. */
static void find_policy(struct carbon_deciding *work)
{
	const char *asked = work->job->request.policy;
	const char *split = may_be_interrupted(work) ? "segments" : "";

	work->policy = carbon_policy_find(asked);
	if (!work->policy)
		work->policy = carbon_policy_find(split);
	if (!work->policy)
		work->policy = carbon_policy_find(work->site->policy);
	if (!work->policy)
		work->policy = carbon_policies[0];
	work->decision.is_interruptible = may_be_interrupted(work) && work->policy->segments;
}

/* From here on the record is whole. */
enum carbon_reason carbon_step_baseline(struct carbon_deciding *work)
{
	struct carbon_record *record = &work->decision.record;

	find_policy(work);
	if (work->decision.is_interruptible) {
		record->notice = work->job->request.notice;
		record->restart_s = record->notice.seconds + work->site->restart_s;
	}
	record->decided_at = work->context->now;
	record->level = work->site->level;
	record->power_w = power_w(work);
	record->signal = work->zone->signal;
	memcpy(record->zone, work->zone->name, sizeof(record->zone));
	memcpy(record->partition, work->place->partition, sizeof(record->partition));
	memcpy(record->policy, work->policy->name, strnlen(work->policy->name, sizeof(record->policy) - 1));
	expect(work, record->baseline_at);
	record->baseline_g = record->mass_g;
	return CARBON_REASON_NONE;
}

enum carbon_reason carbon_step_cap(struct carbon_deciding *work)
{
	const struct carbon_context *context = work->context;

	return context->waiting >= work->site->max_waiting ||
			       context->waiting_user >= work->site->max_waiting_user
		       ? CARBON_REASON_CAP
		       : CARBON_REASON_NONE;
}

/* Whether MORE would make the delayed node-hours more than SHARE percent of all, which are not known where they are 0. */
static bool is_too_much(double share, double flexible_h, double all_h, double more_h)
{
	return share >= 0 && all_h > 0 && (flexible_h + more_h) > share / 100 * (all_h + more_h);
}

/* What was decided of a rule's jobs since the site was written. */
static double own_of(const struct carbon_deciding *work, const struct carbon_rule *rule)
{
	const struct carbon_load *own = work->context->own;
	size_t index = (size_t)(rule - work->site->rule);

	return own && index < own->rules ? own->rule_node_h[index] : 0;
}

/* What the site has said of this time and of these jobs' share. */
enum carbon_reason carbon_step_guards(struct carbon_deciding *work)
{
	const struct carbon_site *site = work->site;
	const struct carbon_load *own = work->context->own;
	double job_h = work->decision.nodes * work->decision.record.runtime_s / 3600;

	if (site->paused_until_at > work->context->now)
		return CARBON_REASON_PAUSED;
	for (size_t i = 0; i < site->blackouts; i++)
		if (site->blackout[i].from_at <= work->eligible_at && work->eligible_at < site->blackout[i].to_at)
			return CARBON_REASON_BLACKOUT;
	for (size_t i = 0; i < CARBON_DECIDING_RULES; i++)
		if (work->rule[i] && is_too_much(work->rule[i]->share, work->rule[i]->flexible_node_h,
						 work->rule[i]->all_node_h, job_h + own_of(work, work->rule[i])))
			return CARBON_REASON_SHARE;
	return is_too_much(site->max_flexible_share, site->flexible_node_h, site->all_node_h,
			   job_h + (own ? own->flexible_node_h : 0))
		       ? CARBON_REASON_SHARE
		       : CARBON_REASON_NONE;
}

static bool is_worth_it(const struct carbon_deciding *work, time_t begin_at, double saved_g)
{
	const struct carbon_record *record = &work->decision.record;
	double waited_h = (double)(begin_at - record->baseline_at) / 3600.0;

	saved_g -= waited_h * work->site->delay_price_g_h;
	return saved_g > 0 && saved_g >= work->decision.min_saving_g &&
	       saved_g >= work->decision.min_saving_percent / 100.0 * record->baseline_g;
}

static struct carbon_query query_of(const struct carbon_deciding *work, const struct carbon_view *view)
{
	const struct carbon_record *record = &work->decision.record;

	return (struct carbon_query){
		.mean = &view->mean,
		.high = &view->high,
		.earliest_at = record->baseline_at,
		.latest_at = view->latest_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.delay_price_g_h = work->site->delay_price_g_h,
		.restart_s = record->restart_s,
		.looks = carbon_looks_of(work->site, 0),
	};
}

static void claim(struct carbon_deciding *work, const struct carbon_view_ask *ask, time_t begin_at)
{
	uint32_t tasks = work->job->tasks > 1 ? work->job->tasks : 1;
	double waves = ceil(tasks / work->together - 1e-6);

	if (work->place->cluster[0])
		return; /* it takes nothing of what we keep account of */
	work->decision.claim = (struct carbon_claim){
		.place = (size_t)(work->place - work->site->place),
		.begin_at = begin_at,
		.end_at = work->decision.record.until_at
				  ? work->decision.record.until_at
				  : begin_at + (time_t)(ask->runtime_s * (waves > 1 ? waves : 1)),
		.nodes = ask->nodes,
		.kw = ask->kw,
	};
	for (size_t i = 0; i < CARBON_DECIDING_RULES; i++)
		if (work->rule[i] && work->rule[i]->share >= 0)
			work->decision.claim.rule[work->decision.claim.rules++] =
				(uint16_t)(work->rule[i] - work->site->rule);
}

/* A job that is moved takes room there also where it does not wait. */
void carbon_deciding_claim(struct carbon_deciding *work)
{
	const struct carbon_view_ask ask = carbon_deciding_ask(work);

	claim(work, &ask, work->decision.record.begin_at);
}

/* Why it does not wait, where what the policy would have is NOT_WORTH it. */
static enum carbon_reason why_not(const struct carbon_deciding *work, enum carbon_reason not_worth)
{
	return work->decision.slack_share < MOSTLY_FULL ? CARBON_REASON_CROWDED : not_worth;
}

/* Several windows: what they are expected to emit. To begin at once and be interrupted later is no delay yet. */
static enum carbon_reason take_windows(struct carbon_deciding *work, const struct carbon_view *view,
				       const struct carbon_view_ask *ask, const struct carbon_split *best)
{
	struct carbon_record *record = &work->decision.record;
	time_t begin_at = best->begin_at;

	if (best->is_blocked)
		return CARBON_REASON_FULL;
	if (!is_worth_it(work, best->end_at - (time_t)record->runtime_s,
			 carbon_view_now_g(view, ask) - best->mass_g))
		return why_not(work, CARBON_REASON_SMALL);
	expect(work, begin_at);
	record->until_at = best->until_at;
	record->mass_g = carbon_split_mass_g(best, &work->zone->mean, record->power_w);
	record->mass_high_g = carbon_split_mass_g(best, &work->zone->high, record->power_w);
	work->decision.counted_g = view->is_counted ? best->mass_g : record->mass_g;
	if (begin_at <= record->baseline_at)
		return CARBON_REASON_BEST_NOW;
	record->delayed = true;
	record->nice = work->site->delayed_nice;
	claim(work, ask, begin_at);
	return CARBON_REASON_NONE;
}

/* One window, which the policy would have begin at BEGIN_AT. */
static enum carbon_reason take_one(struct carbon_deciding *work, const struct carbon_view *view,
				   const struct carbon_view_ask *ask, time_t begin_at)
{
	struct carbon_record *record = &work->decision.record;
	double counted_g;

	if (begin_at <= record->baseline_at || begin_at > view->latest_at)
		return why_not(work, CARBON_REASON_BEST_NOW);
	begin_at = carbon_view_stagger(view, ask, begin_at);
	if (begin_at <= record->baseline_at || !carbon_view_has_room(view, ask, begin_at))
		return CARBON_REASON_FULL;
	counted_g = carbon_view_cost_g(view, ask, begin_at);
	if (!view->is_limited_now && !is_worth_it(work, begin_at, carbon_view_now_g(view, ask) - counted_g))
		return why_not(work, CARBON_REASON_SMALL);
	work->decision.is_for_limit = view->is_limited_now;
	record->delayed = true;
	record->nice = work->site->delayed_nice;
	expect(work, begin_at);
	if (view->is_counted)
		work->decision.counted_g = counted_g;
	claim(work, ask, begin_at);
	return CARBON_REASON_NONE;
}

/* Of interruptible work: in several windows, if that is best. */
static enum carbon_reason take_split(struct carbon_deciding *work, const struct carbon_view *view,
				     const struct carbon_view_ask *ask, const struct carbon_query *query)
{
	struct carbon_split best = carbon_split_plan(work->policy, query,
						     carbon_pause_windows(work->site, &work->decision.record));

	return best.windows > 1 ? take_windows(work, view, ask, &best) : take_one(work, view, ask, best.begin_at);
}

/* A start at the baseline. A view that ends before it knows nothing of that. */
static void count_now(struct carbon_deciding *work, const struct carbon_view *view, const struct carbon_view_ask *ask)
{
	if (view->is_counted && view->latest_at >= ask->earliest_at)
		work->decision.counted_g = carbon_view_now_g(view, ask);
}

static enum carbon_reason choose(struct carbon_deciding *work, struct carbon_view_store *store)
{
	struct carbon_record *record = &work->decision.record;
	struct carbon_view_ask ask = carbon_deciding_ask(work);
	struct carbon_query query;
	struct carbon_view view;

	work->decision.kw = ask.kw;
	ask.mean_only = !work->policy->reads_high && !work->decision.is_interruptible;
	ask.reads_room = work->policy->reads_room && !work->decision.is_interruptible;
	carbon_view_init(&view, &ask, store);
	work->decision.slack_share = view.slack_share;
	count_now(work, &view, &ask);
	query = query_of(work, &view);
	carbon_view_tell_room(&view, &ask, &query);
	if (view.latest_at <= record->baseline_at)
		return take_one(work, &view, &ask, record->baseline_at);
	if (work->decision.is_interruptible)
		return take_split(work, &view, &ask, &query);
	return take_one(work, &view, &ask, work->policy->choose(&query));
}

/* All that the place says of the run itself. */
static enum carbon_reason look(struct carbon_deciding *work, struct carbon_view_store *store)
{
	struct carbon_view_ask ask = carbon_deciding_ask(work);
	struct carbon_view view;

	ask.latest_at = ask.earliest_at;
	ask.mean_only = ask.reads_room = true;
	carbon_view_init(&view, &ask, store);
	work->decision.slack_share = view.slack_share;
	count_now(work, &view, &ask);
	return CARBON_REASON_NONE;
}

typedef enum carbon_reason (*with_store_f)(struct carbon_deciding *work, struct carbon_view_store *store);

/* Not inlined: whoever brings a store must not pay for the pages of this one. */
static __attribute__((noinline)) enum carbon_reason call_on_stack(struct carbon_deciding *work, with_store_f call)
{
	struct carbon_view_store store; /* large: never zeroed */

	return call(work, &store);
}

static enum carbon_reason call_with_store(struct carbon_deciding *work, with_store_f call)
{
	struct carbon_view_store *store = work->context->store;

	return store ? call(work, store) : call_on_stack(work, call);
}

enum carbon_reason carbon_step_choose(struct carbon_deciding *work)
{
	return call_with_store(work, choose);
}

void carbon_deciding_count_now(struct carbon_deciding *work)
{
	call_with_store(work, look);
}
