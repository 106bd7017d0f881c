/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a job to a begin time or a reason why not, as a table of steps that are asked in turn: the
 * first one with a reason ends it. Called in slurmctld for every submission; allocates nothing.
 */
#include "policies/decide.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/array.h"
#include "lib/demand.h"
#include "lib/time.h"
#include "policies/pause.h"
#include "policies/places.h"
#include "policies/policy.h"
#include "policies/split.h"
#include "policies/still.h"
#include "policies/view.h"

/* An outlook written later than this from now on is a sign of a clock that was set back. */
#define CLOCK_SLACK_S 3600

#define MIN_POWER_W 0.001
#define MOSTLY_FULL 0.5	  /* less slack than this, and the place is crowded */

/* The site's wishes that may hold for one job: of its user, account, QOS and partition. */
#define RULES 4

/* What the steps hand on. */
struct work {
	const struct carbon_context *context;
	const struct carbon_site *site;
	const struct carbon_job *job;
	const struct carbon_elsewhere *elsewhere; /* NULL: where the job says */
	const struct carbon_place *place;
	const struct carbon_outlook_zone *zone;
	const struct carbon_policy *policy;
	const struct carbon_habit *habit; /* NULL: none is known */
	enum carbon_habit_level habit_level;
	struct carbon_decision decision;
	const char *account, *qos;
	const struct carbon_rule *rule[RULES];
	const struct carbon_wait *wait; /* of jobs of its size; NULL: not known */
	uint32_t limit_s;	/* 0: unlimited */
	time_t eligible_at;	/* when it could begin at the earliest; the baseline is behind the queue */
	bool is_at_once;	/* it has no time to wait, and may move */
	double together;	/* tasks that run at once */
	double min_saving_percent, min_saving_g;
};

static const char *const reason_texts[CARBON_REASONS] = {
	[CARBON_REASON_NONE] = "a later start is worth it",
	[CARBON_REASON_LEVEL] = "this cluster delays only jobs that ask for it",
	[CARBON_REASON_OPT_OUT] = "--carbon=off was given",
	[CARBON_REASON_EXEMPT] = "it is exempt",
	[CARBON_REASON_EXCLUDED] = "the site excludes its user, account, QOS or partition",
	[CARBON_REASON_DEPENDENCY] = "it depends on other jobs and asks for no delay itself",
	[CARBON_REASON_NO_PLACE] = "its partition is not known to the site file",
	[CARBON_REASON_NO_ZONE] = "its partition has no zone",
	[CARBON_REASON_NO_OUTLOOK] = "there is no fresh outlook for its zone",
	[CARBON_REASON_NO_LIMIT] = "it has no time limit",
	[CARBON_REASON_SHORT] = "it is shorter than the site's minimum",
	[CARBON_REASON_NO_SLACK] = "its bounds leave no time to wait",
	[CARBON_REASON_QUEUE] = "the queue is longer than it may wait",
	[CARBON_REASON_TOO_LONG] = "it runs longer than the outlook reaches",
	[CARBON_REASON_CAP] = "as many jobs wait for clean power as the site allows",
	[CARBON_REASON_PAUSED] = "the site has paused waiting for clean power",
	[CARBON_REASON_BLACKOUT] = "the site lets no job wait at this time",
	[CARBON_REASON_SHARE] = "as much of the cluster's work waits for clean power as the site allows",
	[CARBON_REASON_FULL] = "no cleaner start has room",
	[CARBON_REASON_CROWDED] = "its partition is mostly full, so that other jobs would use the power that it leaves",
	[CARBON_REASON_BEST_NOW] = "no later start is cleaner",
	[CARBON_REASON_SMALL] = "waiting would save less than the site's minimum",
};

const char *carbon_reason_text(enum carbon_reason reason)
{
	return reason_texts[reason];
}

/* --- the steps --- */

static enum carbon_reason step_level(struct work *work)
{
	enum carbon_level level = work->site->level;

	if (level == CARBON_LEVEL_OFF)
		return CARBON_REASON_LEVEL;
	if (work->job->request.mode == CARBON_MODE_OFF)
		return CARBON_REASON_OPT_OUT;
	if (level == CARBON_LEVEL_OPT_IN && !work->job->request.given)
		return CARBON_REASON_LEVEL;
	return CARBON_REASON_NONE;
}

static enum carbon_reason step_exempt(struct work *work)
{
	const struct carbon_job *job = work->job;

	if (job->exempt != CARBON_EXEMPT_NONE)
		return CARBON_REASON_EXEMPT;
	if (job->has_dependency && !job->request.given)
		return CARBON_REASON_DEPENDENCY;
	return CARBON_REASON_NONE;
}

static enum carbon_reason step_place(struct work *work)
{
	const struct carbon_site_user *user = carbon_site_user(work->site, work->job->uid);

	work->account = work->job->account[0] || !user ? work->job->account : user->account;
	work->qos = work->job->qos[0] || !user ? work->job->qos : user->qos;
	work->place = work->elsewhere ? work->elsewhere->place
				      : carbon_site_place(work->site, work->job->partition);
	work->decision.place = work->place;
	return work->place ? CARBON_REASON_NONE : CARBON_REASON_NO_PLACE;
}

/* The site's wishes that hold for this job, most particular first; an entry may be NULL. */
static void find_rules(struct work *work)
{
	char uid[16];

	snprintf(uid, sizeof(uid), "%u", work->job->uid);
	work->rule[0] = carbon_site_rule(work->site, CARBON_RULE_USER, uid);
	work->rule[1] = carbon_site_rule(work->site, CARBON_RULE_ACCOUNT, work->account);
	work->rule[2] = carbon_site_rule(work->site, CARBON_RULE_QOS, work->qos);
	if (!work->place->cluster[0]) /* rules are of this cluster's partitions */
		work->rule[3] = carbon_site_rule(work->site, CARBON_RULE_PARTITION, work->place->partition);
}

/* The least saving that makes a delay worth it. */
static void find_minimum(struct work *work)
{
	work->min_saving_percent = work->min_saving_g = -1;
	for (size_t i = 0; i < RULES; i++) {
		const struct carbon_rule *rule = work->rule[i];

		if (rule && work->min_saving_percent < 0)
			work->min_saving_percent = rule->min_saving_percent;
		if (rule && work->min_saving_g < 0)
			work->min_saving_g = rule->min_saving_g;
	}
	if (work->min_saving_percent < 0)
		work->min_saving_percent = work->site->min_saving_percent;
	if (work->min_saving_g < 0)
		work->min_saving_g = work->site->min_saving_g;
}

/* Whether the site excludes the job; and the delay that holds for it. */
static enum carbon_reason step_rules(struct work *work)
{
	const struct carbon_request *request = &work->job->request;
	time_t delay_s = -1;

	find_rules(work);
	find_minimum(work);
	for (size_t i = 0; i < RULES; i++) {
		if (work->rule[i] && work->rule[i]->exclude)
			return CARBON_REASON_EXCLUDED;
		if (work->rule[i] && delay_s < 0)
			delay_s = work->rule[i]->delay_s;
	}
	if (delay_s < 0)
		delay_s = work->site->default_delay_s;
	if (request->delay_s >= 0)
		delay_s = request->delay_s;
	else if (request->finish_by_at)
		delay_s = work->site->max_delay_s;
	if (delay_s > work->site->max_delay_s) {
		delay_s = work->site->max_delay_s;
		work->decision.delay_was_capped = request->delay_s >= 0;
	}
	work->decision.delay_s = delay_s;
	return CARBON_REASON_NONE;
}

static enum carbon_reason step_outlook(struct work *work)
{
	const struct carbon_outlook *outlook = work->context->outlook;
	time_t age_s;

	if (!work->place->zone[0])
		return CARBON_REASON_NO_ZONE;
	if (!outlook)
		return CARBON_REASON_NO_OUTLOOK;
	age_s = work->context->now - outlook->written_at;
	if (age_s > work->site->outlook_max_age_s || age_s < -CLOCK_SLACK_S)
		return CARBON_REASON_NO_OUTLOOK;
	work->zone = carbon_outlook_find(outlook, work->place->zone, work->site->signal);
	return work->zone ? CARBON_REASON_NONE : CARBON_REASON_NO_OUTLOOK;
}

static uint32_t count_gpus(const struct carbon_resources *use)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		sum += use->gpu[i].count;
	return sum;
}

static void find_habit(struct work *work)
{
	const struct carbon_job *job = work->job;
	const struct carbon_habit_ask ask = {
		.uid = job->uid,
		.name = job->name,
		.partition = work->place->partition,
		.cores = job->use.cores,
		.gpus = count_gpus(&job->use),
	};

	work->habit = carbon_habits_find(work->context->habits, &ask, work->context->now,
					 &work->habit_level);
}

static void expect_runtime(struct work *work)
{
	struct carbon_record *record = &work->decision.record;

	record->runtime_source = CARBON_RUNTIME_LIMIT;
	record->runtime_s = work->limit_s;
	if (work->habit) {
		record->runtime_source = CARBON_RUNTIME_HABIT;
		record->runtime_s = work->habit->median_s;
	}
	if (work->job->request.runtime_s) {
		record->runtime_source = CARBON_RUNTIME_USER;
		record->runtime_s = work->job->request.runtime_s;
	}
}

/* At another place: as it was told. */
static bool is_told(const struct work *work)
{
	return work->elsewhere && work->elsewhere->runtime_s;
}

/* Expected run time: what the user says, else the habit, else the limit. The limit bounds them all. */
static enum carbon_reason step_runtime(struct work *work)
{
	const struct carbon_job *job = work->job;
	struct carbon_record *record = &work->decision.record;

	if (is_told(work)) {
		work->limit_s = work->decision.limit_s = work->elsewhere->limit_s;
		record->runtime_s = work->elsewhere->runtime_s;
		record->runtime_source = work->elsewhere->runtime_source;
		return CARBON_REASON_NONE;
	}
	work->limit_s = job->limit_s;
	if (!work->limit_s)
		work->limit_s = work->place->default_limit_s;
	if (!work->limit_s)
		work->limit_s = work->place->max_limit_s;
	work->decision.limit_s = work->limit_s;
	find_habit(work);
	expect_runtime(work);
	if (work->limit_s && record->runtime_s > work->limit_s)
		record->runtime_s = work->limit_s;
	if (!record->runtime_s)
		return CARBON_REASON_NO_LIMIT;
	return record->runtime_s < work->site->min_runtime_s ? CARBON_REASON_SHORT
							      : CARBON_REASON_NONE;
}

/* How much of its place it takes, and how long such jobs wait there. */
static enum carbon_reason step_size(struct work *work)
{
	const struct carbon_job *job = work->job;
	double one = carbon_demand_nodes(work->place, &job->use);

	work->decision.nodes = carbon_demand_array(work->place, &job->use, job->tasks, job->waves);
	work->together = one > 0 ? work->decision.nodes / one : 1;
	work->wait = carbon_still_wait(work->site, work->place, one);
	return CARBON_REASON_NONE;
}

static bool may_move(const struct work *work)
{
	return work->elsewhere || work->job->request.relocate;
}

/* Lower the latest begin so that WAVES of the job, one after another, have ended at END_AT. */
static bool bound_by_end(struct work *work, time_t end_at, uint32_t waves)
{
	struct carbon_record *record = &work->decision.record;
	time_t latest_at = 0;

	if (waves > CARBON_ARRAY_TASKS_MAX)
		waves = CARBON_ARRAY_TASKS_MAX;
	if (end_at > CARBON_TIME_MIN) /* else long past, or damage */
		latest_at = end_at - (time_t)work->limit_s * (time_t)waves -
			    carbon_still_margin_s(work->site, work->place, work->wait);
	if (latest_at < record->latest_at)
		record->latest_at = latest_at;
	return latest_at >= work->eligible_at;
}

/*
 * The job must not be pushed across the begin of a maintenance reservation it would have avoided. Without
 * a limit it never starts before one.
 */
static bool bound_by_walls(struct work *work)
{
	for (size_t i = 0; i < work->site->walls; i++) {
		const struct carbon_wall *wall = &work->site->wall[i];

		if (wall->partition[0] && strcmp(wall->partition, work->place->partition) != 0)
			continue;
		if (wall->to_at > work->eligible_at &&
		    (!work->limit_s || !bound_by_end(work, wall->from_at, 1)))
			return false;
	}
	return true;
}

/* What waits when one begins has its begin by then. */
static void bound_by_blackouts(struct work *work)
{
	struct carbon_record *record = &work->decision.record;

	for (size_t i = 0; i < work->site->blackouts; i++) {
		time_t from_at = work->site->blackout[i].from_at;

		if (from_at > work->eligible_at && from_at < record->latest_at)
			record->latest_at = from_at;
	}
}

/*
 * Whoever may move is looked at also where there is no time to wait: at home the job begins at once, and elsewhere it
 * must be able to.
 */
static enum carbon_reason without_slack(struct work *work)
{
	struct carbon_record *record = &work->decision.record;

	if (!may_move(work) || (is_told(work) && record->latest_at < work->eligible_at))
		return CARBON_REASON_NO_SLACK;
	record->latest_at = work->eligible_at;
	return CARBON_REASON_NONE;
}

/* What replan needs to know should the job's dependency be met late. */
static void tell_dependency(struct work *work)
{
	struct carbon_record *record = &work->decision.record;

	if (!work->job->has_dependency)
		return;
	record->dep_s = (uint32_t)work->decision.delay_s;
	record->dep_by_at = work->job->request.finish_by_at ? record->latest_at : 0;
}

static enum carbon_reason step_bounds(struct work *work)
{
	const struct carbon_job *job = work->job;
	struct carbon_record *record = &work->decision.record;
	time_t ends[] = {job->request.finish_by_at, job->deadline_at};
	time_t now = work->context->now;

	work->eligible_at = job->begin_at > now ? job->begin_at : now;
	if (work->eligible_at >= CARBON_TIME_MAX)
		return CARBON_REASON_TOO_LONG;
	record->latest_at = work->eligible_at + work->decision.delay_s;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!ends[i])
			continue;
		if (!work->limit_s)
			return CARBON_REASON_NO_LIMIT;
		if (!bound_by_end(work, ends[i], job->waves > 1 ? job->waves : 1))
			work->decision.deadline_is_kept = false;
	}
	tell_dependency(work);
	bound_by_blackouts(work);
	if (is_told(work) && work->elsewhere->latest_at < record->latest_at)
		record->latest_at = work->elsewhere->latest_at;
	if (bound_by_walls(work) && record->latest_at > work->eligible_at)
		return CARBON_REASON_NONE;
	return without_slack(work);
}

static struct carbon_view_ask ask_of(const struct work *work)
{
	const struct carbon_record *record = &work->decision.record;

	return (struct carbon_view_ask){
		.site = work->site,
		.own = work->place->cluster[0] ? NULL : work->context->own,
		.place = work->place,
		.zone = work->zone,
		.earliest_at = record->baseline_at,
		.latest_at = record->latest_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.nodes = work->decision.nodes,
		.kw = record->power_w / 1000 * work->together,
	};
}

/* The baseline: behind what waits typically, and not before its place has room. */
static enum carbon_reason step_queue(struct work *work)
{
	struct carbon_record *record = &work->decision.record;
	struct carbon_view_ask ask = ask_of(work);
	time_t room_at = carbon_view_first_room(&ask, work->eligible_at, record->latest_at);

	record->baseline_at = work->eligible_at + (work->wait ? (time_t)work->wait->p50_s : 0);
	if (record->baseline_at < room_at)
		record->baseline_at = room_at;
	if (may_move(work) && record->baseline_at >= record->latest_at) {
		work->is_at_once = true;
		record->latest_at = record->baseline_at;
	}
	return !work->is_at_once && record->baseline_at >= record->latest_at ? CARBON_REASON_QUEUE
									       : CARBON_REASON_NONE;
}

/* A window is offered only where the outlook covers all of it. */
static enum carbon_reason step_horizon(struct work *work)
{
	struct carbon_record *record = &work->decision.record;
	time_t last_at = carbon_curve_end(&work->zone->mean) - (time_t)record->runtime_s;

	if (record->baseline_at < work->zone->mean.start_at)
		return CARBON_REASON_NO_OUTLOOK;
	if (record->latest_at > last_at)
		record->latest_at = last_at;
	if (record->latest_at < record->baseline_at || (record->latest_at == record->baseline_at && !may_move(work)))
		return CARBON_REASON_TOO_LONG;
	return CARBON_REASON_NONE;
}

static double power_w(const struct work *work)
{
	const struct carbon_power_model *model = &work->place->power;
	double it_w = work->job->request.power_w;

	if (is_told(work))
		return work->elsewhere->power_w > MIN_POWER_W ? work->elsewhere->power_w : MIN_POWER_W;
	/* Only jobs of one name are alike enough; of all others the model knows more. */
	if (it_w <= 0 && work->habit && work->habit_level == CARBON_HABIT_NAME)
		it_w = work->habit->power_w;
	if (it_w <= 0)
		it_w = carbon_power_it(model, &work->job->use);
	return it_w * model->pue > MIN_POWER_W ? it_w * model->pue : MIN_POWER_W;
}

/* What would be emitted from a begin on; and what the outlook says of itself there. */
static void expect(struct work *work, time_t begin_at)
{
	struct carbon_record *record = &work->decision.record;
	const struct carbon_part *part = carbon_outlook_part(work->zone, begin_at);
	time_t end_at = begin_at + (time_t)record->runtime_s;

	record->begin_at = begin_at;
	record->mass_g = carbon_curve_mass_g(&work->zone->mean, begin_at, end_at, record->power_w);
	record->mass_high_g = carbon_curve_mass_g(&work->zone->high, begin_at, end_at, record->power_w);
	record->kind = part->kind;
	record->outlook_at = part->issued_at;
	memcpy(record->source, part->source, sizeof(record->source));
}

/* Tasks of an array are not interrupted one by one: slurmctld takes the id of the last one for the whole array. */
static bool may_be_interrupted(const struct work *work)
{
	const struct carbon_job *job = work->job;

	return job->request.notice.signal && !job->is_array && !job->no_requeue && work->limit_s &&
	       work->site->max_interruptions > 0;
}

/* The one that was asked for; interruptible work is split unless another was. */
static void find_policy(struct work *work)
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
static enum carbon_reason step_baseline(struct work *work)
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
	snprintf(record->policy, sizeof(record->policy), "%s", work->policy->name);
	expect(work, record->baseline_at);
	record->baseline_g = record->mass_g;
	return CARBON_REASON_NONE;
}

static enum carbon_reason step_cap(struct work *work)
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

/* What the site has said of this time and of these jobs' share. */
static enum carbon_reason step_guards(struct work *work)
{
	const struct carbon_site *site = work->site;
	const struct carbon_load *own = work->context->own;
	double job_h = work->decision.nodes * work->decision.record.runtime_s / 3600;

	if (site->paused_until_at > work->context->now)
		return CARBON_REASON_PAUSED;
	for (size_t i = 0; i < site->blackouts; i++)
		if (site->blackout[i].from_at <= work->eligible_at && work->eligible_at < site->blackout[i].to_at)
			return CARBON_REASON_BLACKOUT;
	for (size_t i = 0; i < RULES; i++)
		if (work->rule[i] && is_too_much(work->rule[i]->share, work->rule[i]->flexible_node_h,
						 work->rule[i]->all_node_h, job_h))
			return CARBON_REASON_SHARE;
	return is_too_much(site->max_flexible_share, site->flexible_node_h, site->all_node_h,
			   job_h + (own ? own->flexible_node_h : 0))
		       ? CARBON_REASON_SHARE
		       : CARBON_REASON_NONE;
}

static bool is_worth_it(const struct work *work, time_t begin_at, double saved_g)
{
	const struct carbon_record *record = &work->decision.record;
	double waited_h = (double)(begin_at - record->baseline_at) / 3600.0;

	saved_g -= waited_h * work->site->delay_price_g_h;
	return saved_g > 0 && saved_g >= work->min_saving_g &&
	       saved_g >= work->min_saving_percent / 100.0 * record->baseline_g;
}

/* In one piece or, of interruptible work, in several. */
static struct carbon_split choose(const struct work *work, const struct carbon_view *view)
{
	const struct carbon_record *record = &work->decision.record;
	const struct carbon_query query = {
		.mean = &view->mean,
		.high = &view->high,
		.earliest_at = record->baseline_at,
		.latest_at = view->latest_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.delay_price_g_h = work->site->delay_price_g_h,
		.restart_s = record->restart_s,
	};

	if (view->latest_at <= record->baseline_at)
		return carbon_split_whole(&query, record->baseline_at);
	if (work->decision.is_interruptible)
		return carbon_split_plan(work->policy, &query,
					 carbon_pause_windows(work->site, record));
	return carbon_split_whole(&query, work->policy->choose(&query));
}

static void claim(struct work *work, const struct carbon_view_ask *ask, time_t begin_at)
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
}

/* A job that is moved takes room there also where it does not wait. */
static void claim_at_once(struct work *work)
{
	const struct carbon_view_ask ask = ask_of(work);

	claim(work, &ask, work->decision.record.begin_at);
}

/* Why it does not wait, where what the policy would have is NOT_WORTH it. */
static enum carbon_reason why_not(const struct work *work, enum carbon_reason not_worth)
{
	return work->decision.slack_share < MOSTLY_FULL ? CARBON_REASON_CROWDED : not_worth;
}

/* Several windows: what they are expected to emit. To begin at once and be interrupted later is no delay yet. */
static enum carbon_reason take_windows(struct work *work, const struct carbon_view *view,
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
	if (begin_at <= record->baseline_at)
		return CARBON_REASON_BEST_NOW;
	record->delayed = true;
	record->nice = work->site->delayed_nice;
	claim(work, ask, begin_at);
	return CARBON_REASON_NONE;
}

static enum carbon_reason step_choose(struct work *work)
{
	struct carbon_record *record = &work->decision.record;
	struct carbon_view_ask ask = ask_of(work);
	struct carbon_view view; /* large: never zeroed */
	struct carbon_split best;
	time_t begin_at;

	work->decision.kw = ask.kw;
	ask.mean_only = !work->policy->reads_high && !work->decision.is_interruptible;
	carbon_view_init(&view, &ask);
	work->decision.slack_share = view.slack_share;
	best = choose(work, &view);
	if (best.windows > 1)
		return take_windows(work, &view, &ask, &best);
	begin_at = best.begin_at;
	if (begin_at <= record->baseline_at || begin_at > view.latest_at)
		return why_not(work, CARBON_REASON_BEST_NOW);
	begin_at = carbon_view_stagger(&view, &ask, begin_at);
	if (begin_at <= record->baseline_at || !carbon_view_has_room(&view, &ask, begin_at))
		return CARBON_REASON_FULL;
	if (!view.is_limited_now &&
	    !is_worth_it(work, begin_at, carbon_view_now_g(&view, &ask) - carbon_view_cost_g(&view, &ask, begin_at)))
		return why_not(work, CARBON_REASON_SMALL);
	work->decision.is_for_limit = view.is_limited_now;
	record->delayed = true;
	record->nice = work->site->delayed_nice;
	expect(work, begin_at);
	claim(work, &ask, begin_at);
	return CARBON_REASON_NONE;
}

static enum carbon_reason (*const steps[])(struct work *) = {
	step_level,  step_exempt, step_place,	step_rules,    step_outlook, step_runtime,
	step_size,   step_bounds, step_queue,	step_horizon,  step_baseline, step_cap,
	step_guards, step_choose,
};

struct carbon_decision carbon_decide_at(const struct carbon_context *context, const struct carbon_job *job,
					const struct carbon_elsewhere *elsewhere)
{
	struct work work = {.context = context, .site = context->site, .job = job, .elsewhere = elsewhere};
	enum carbon_reason reason = CARBON_REASON_NONE;
	struct carbon_site abroad;

	/* What is known of this cluster's partitions says nothing of those of others that have their names. */
	if (elsewhere && elsewhere->place->cluster[0]) {
		abroad = *context->site;
		abroad.walls = abroad.waits = abroad.fulls = abroad.limits = 0;
		work.site = &abroad;
	}
	work.decision.deadline_is_kept = true;
	work.decision.slack_share = 1;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !reason; i++)
		reason = steps[i](&work);
	work.decision.reason = reason;
	if (!reason)
		work.decision.verdict = CARBON_DELAY;
	else
		work.decision.verdict = reason >= CARBON_REASON_CAP ? CARBON_AT_ONCE : CARBON_LEFT_ALONE;
	if (is_told(&work) && work.decision.verdict == CARBON_AT_ONCE)
		claim_at_once(&work);
	return work.decision;
}

struct carbon_decision carbon_decide(const struct carbon_context *context, const struct carbon_job *job)
{
	const struct carbon_elsewhere home = {.place = carbon_places_home(context->site, job)};
	bool is_sent = home.place && home.place->cluster[0]; /* by another cluster, to this one */
	struct carbon_decision decision = carbon_decide_at(context, job, is_sent ? &home : NULL);

	if (!job->request.relocate)
		return decision;
	if (decision.verdict != CARBON_LEFT_ALONE)
		carbon_places_choose(context, job, &decision);
	/* Sent here, and no place of ours is known to be right: Slurm has let it in, so it is decided as our own. */
	if (is_sent && !decision.is_moved)
		decision = carbon_decide_at(context, job, NULL);
	return decision;
}

bool carbon_decision_ask(const struct carbon_context *context, const struct carbon_decision *decision,
			 struct carbon_view_ask *ask)
{
	const struct carbon_record *record = &decision->record;
	const struct carbon_outlook_zone *zone = NULL;

	if (context->outlook && decision->verdict != CARBON_LEFT_ALONE)
		zone = carbon_outlook_find(context->outlook, record->zone, record->signal);
	if (!zone)
		return false;
	*ask = (struct carbon_view_ask){
		.site = context->site,
		.own = context->own,
		.place = decision->place,
		.zone = zone,
		.earliest_at = record->baseline_at,
		.latest_at = record->latest_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.nodes = decision->nodes,
		.kw = decision->kw,
	};
	return true;
}
