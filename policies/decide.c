/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a job to a begin time or a reason why not, as a table of steps that are asked in turn: the
 * first one with a reason ends it. Called in slurmctld for every submission; allocates nothing.
 */
#include "policies/decide_steps.h"

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

static enum carbon_reason (*const steps[])(struct carbon_deciding *) = {
	carbon_step_level,  carbon_step_exempt, carbon_step_place,	carbon_step_rules,    carbon_step_outlook, carbon_step_runtime,
	carbon_step_size,   carbon_step_bounds, carbon_step_queue,	carbon_step_horizon,  carbon_step_baseline, carbon_step_cap,
	carbon_step_guards, carbon_step_choose,
};

struct carbon_decision carbon_decide_at(const struct carbon_context *context, const struct carbon_job *job,
					const struct carbon_elsewhere *elsewhere)
{
	struct carbon_deciding work = {.context = context, .site = context->site, .job = job, .elsewhere = elsewhere};
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
	if (reason >= CARBON_REASON_CAP && reason <= CARBON_REASON_SHARE && carbon_deciding_may_move(&work))
		carbon_deciding_count_now(&work);
	work.decision.reason = reason;
	if (!reason)
		work.decision.verdict = CARBON_DELAY;
	else
		work.decision.verdict = reason >= CARBON_REASON_CAP ? CARBON_AT_ONCE : CARBON_LEFT_ALONE;
	if (carbon_deciding_is_told(&work) && work.decision.verdict == CARBON_AT_ONCE)
		carbon_deciding_claim(&work);
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
		.counted = context->counted,
		.earliest_at = record->baseline_at,
		.latest_at = record->latest_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.nodes = decision->nodes,
		.kw = decision->kw,
	};
	return true;
}
