/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whom a decision concerns: exemptions, the site's rules, the place with its zone, and how long the job runs and how
 * large it is, as far as anybody knows. Changes nothing but what the steps hand on.
 */
#include "policies/decide_steps.h"

#include <stdio.h>
#include <string.h>

#include "lib/demand.h"
#include "policies/still.h"

/* An outlook written later than this from now on is a sign of a clock that was set back. */
#define CLOCK_SLACK_S 3600

enum carbon_reason carbon_step_level(struct carbon_deciding *work)
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

enum carbon_reason carbon_step_exempt(struct carbon_deciding *work)
{
	const struct carbon_job *job = work->job;

	if (job->exempt != CARBON_EXEMPT_NONE)
		return CARBON_REASON_EXEMPT;
	if (job->has_dependency && !job->request.given)
		return CARBON_REASON_DEPENDENCY;
	return CARBON_REASON_NONE;
}

static const char *account_of(const struct carbon_job *job, const struct carbon_site_user *user)
{
	return job->account[0] || !user ? job->account : user->account;
}

static const char *qos_of(const struct carbon_job *job, const struct carbon_site_user *user)
{
	return job->qos[0] || !user ? job->qos : user->qos;
}

enum carbon_reason carbon_step_place(struct carbon_deciding *work)
{
	const struct carbon_wishes *known = work->elsewhere ? work->elsewhere->wishes : NULL;
	const struct carbon_site_user *user = known ? NULL : carbon_site_user(work->site, work->job->uid);

	work->account = known ? known->account : account_of(work->job, user);
	work->qos = known ? known->qos : qos_of(work->job, user);
	work->place = work->elsewhere ? work->elsewhere->place
				      : carbon_site_place(work->site, work->job->partition);
	work->decision.place = work->place;
	return work->place ? CARBON_REASON_NONE : CARBON_REASON_NO_PLACE;
}

/* Those that hold wherever the job runs, most particular first. */
static void find_everywhere(const struct carbon_site *site, uint32_t uid, struct carbon_wishes *wishes)
{
	char name[16];

	if (!site->rules)
		return;
	snprintf(name, sizeof(name), "%u", uid);
	wishes->rule[0] = carbon_site_rule(site, CARBON_RULE_USER, name);
	wishes->rule[1] = carbon_site_rule(site, CARBON_RULE_ACCOUNT, wishes->account);
	wishes->rule[2] = carbon_site_rule(site, CARBON_RULE_QOS, wishes->qos);
}

struct carbon_wishes carbon_wishes_find(const struct carbon_site *site, const struct carbon_job *job)
{
	const struct carbon_site_user *user = carbon_site_user(site, job->uid);
	struct carbon_wishes wishes = {.account = account_of(job, user), .qos = qos_of(job, user)};

	find_everywhere(site, job->uid, &wishes);
	return wishes;
}

/* The site's wishes that hold for this job, most particular first; an entry may be NULL. */
static void find_rules(struct carbon_deciding *work)
{
	struct carbon_wishes wishes = {.account = work->account, .qos = work->qos};

	if (!work->site->rules)
		return;
	if (work->elsewhere && work->elsewhere->wishes)
		wishes = *work->elsewhere->wishes;
	else
		find_everywhere(work->site, work->job->uid, &wishes);
	memcpy(work->rule, wishes.rule, sizeof(wishes.rule));
	if (!work->place->cluster[0]) /* rules are of this cluster's partitions */
		work->rule[CARBON_WISHES_RULES] = carbon_site_rule(work->site, CARBON_RULE_PARTITION, work->place->partition);
}

/* The least saving that makes a delay worth it. */
static void find_minimum(struct carbon_deciding *work)
{
	struct carbon_decision *out = &work->decision;

	out->min_saving_percent = out->min_saving_g = -1;
	for (size_t i = 0; i < CARBON_DECIDING_RULES; i++) {
		const struct carbon_rule *rule = work->rule[i];

		if (rule && out->min_saving_percent < 0)
			out->min_saving_percent = rule->min_saving_percent;
		if (rule && out->min_saving_g < 0)
			out->min_saving_g = rule->min_saving_g;
	}
	if (out->min_saving_percent < 0)
		out->min_saving_percent = work->site->min_saving_percent;
	if (out->min_saving_g < 0)
		out->min_saving_g = work->site->min_saving_g;
}

void carbon_deciding_find_rules(struct carbon_deciding *work)
{
	find_rules(work);
	find_minimum(work);
}

/* Whether the site excludes the job; and the delay that holds for it. */
enum carbon_reason carbon_step_rules(struct carbon_deciding *work)
{
	const struct carbon_request *request = &work->job->request;
	time_t delay_s = -1;

	carbon_deciding_find_rules(work);
	for (size_t i = 0; i < CARBON_DECIDING_RULES; i++) {
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

enum carbon_reason carbon_step_outlook(struct carbon_deciding *work)
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

static void find_habit(struct carbon_deciding *work)
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

static void expect_runtime(struct carbon_deciding *work)
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

/* Expected run time: what the user says, else the habit, else the limit. The limit bounds them all. */
enum carbon_reason carbon_step_runtime(struct carbon_deciding *work)
{
	const struct carbon_job *job = work->job;
	struct carbon_record *record = &work->decision.record;

	if (carbon_deciding_is_told(work)) {
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
enum carbon_reason carbon_step_size(struct carbon_deciding *work)
{
	const struct carbon_job *job = work->job;
	double one = carbon_demand_nodes(work->place, &job->use);

	work->decision.nodes = carbon_demand_array(work->place, &job->use, job->tasks, job->waves);
	work->together = one > 0 ? work->decision.nodes / one : 1;
	work->wait = carbon_still_wait(work->site, work->place, one);
	return CARBON_REASON_NONE;
}
