/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a decision and what they hand on; for policies/decide*.c alone. Each step looks at what those before it
 * have found, adds its own, and returns CARBON_REASON_NONE or the reason that ends the decision.
 */
#ifndef CARBON_DECIDE_STEPS_H
#define CARBON_DECIDE_STEPS_H

#include "policies/decide.h"
#include "policies/places.h"
#include "policies/view.h"

/* The site's wishes that may hold for one job: of its user, account, QOS and partition. */
#define CARBON_DECIDING_RULES CARBON_CLAIM_RULES

/* What the steps hand on. */
struct carbon_deciding {
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
	const struct carbon_rule *rule[CARBON_DECIDING_RULES];
	const struct carbon_wait *wait; /* of jobs of its size; NULL: not known */
	uint32_t limit_s;	/* 0: unlimited */
	time_t eligible_at;	/* when it could begin at the earliest; the baseline is behind the queue */
	bool is_at_once;	/* it has no time to wait, and may move */
	double together;	/* tasks that run at once */
};

struct carbon_wishes carbon_wishes_find(const struct carbon_site *site, const struct carbon_job *job);

/* The site's wishes that hold for it, and the least saving by them; site, job, account, qos and place are known. */
void carbon_deciding_find_rules(struct carbon_deciding *work);

/* policies/decide_who.c: whom it concerns, where, and for how long it runs */
enum carbon_reason carbon_step_level(struct carbon_deciding *work);
enum carbon_reason carbon_step_exempt(struct carbon_deciding *work);
enum carbon_reason carbon_step_place(struct carbon_deciding *work);
enum carbon_reason carbon_step_rules(struct carbon_deciding *work);
enum carbon_reason carbon_step_outlook(struct carbon_deciding *work);
enum carbon_reason carbon_step_runtime(struct carbon_deciding *work);
enum carbon_reason carbon_step_size(struct carbon_deciding *work);

/* policies/decide_bounds.c: between which moments it may begin */
enum carbon_reason carbon_step_bounds(struct carbon_deciding *work);
enum carbon_reason carbon_step_queue(struct carbon_deciding *work);
enum carbon_reason carbon_step_horizon(struct carbon_deciding *work);

/* policies/decide_choose.c: what it would cost at once, whether one more may wait, and until when */
enum carbon_reason carbon_step_baseline(struct carbon_deciding *work);
enum carbon_reason carbon_step_cap(struct carbon_deciding *work);
enum carbon_reason carbon_step_guards(struct carbon_deciding *work);
enum carbon_reason carbon_step_choose(struct carbon_deciding *work);

/* What to ask of the view of its place, its bounds being known. */
struct carbon_view_ask carbon_deciding_ask(const struct carbon_deciding *work);

/* Of a decision that ended before its place was looked at: what it counts a start at the baseline by. */
void carbon_deciding_count_now(struct carbon_deciding *work);

/* Note the room that it takes when it starts at its baseline. */
void carbon_deciding_claim(struct carbon_deciding *work);

/* At another place: as it was told. */
static inline bool carbon_deciding_is_told(const struct carbon_deciding *work)
{
	return work->elsewhere && work->elsewhere->runtime_s;
}

/* Whether another place than where it was submitted may be its own, so that a lack of time to wait ends nothing. */
static inline bool carbon_deciding_may_move(const struct carbon_deciding *work)
{
	return work->elsewhere || work->job->request.relocate;
}

#endif
