/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding again at one place, in steps; for policies/again*.c alone. What is asked (carbon_again) must outlive the work.
 */
#ifndef CARBON_AGAIN_STEPS_H
#define CARBON_AGAIN_STEPS_H

#include "policies/again.h"
#include "policies/policy.h"
#include "policies/split.h"
#include "policies/still.h"
#include "policies/view.h"

struct carbon_again_work {
	const struct carbon_context *context;
	const struct carbon_again *again;
	struct carbon_still still;
	const struct carbon_policy *policy;
	struct carbon_query query; /* of what is left to run; its latest_at within the outlook */
	struct carbon_view_ask ask;
	double counted_g;	/* what was planned last, as its place counts it */
	bool is_counted;	/* that is not its emissions: the slack clock or a price is in it */
	bool is_dependent;	/* and its record tells what to do then */
	time_t earliest_at, latest_at;
};

/* Place, bounds, policy and query of WORK. False: nothing can be said of the place that the record names. */
bool carbon_again_open(struct carbon_again_work *work, const struct carbon_context *context,
		       const struct carbon_again *again);

/* The best plan within the bounds and the room that there is. False: none, or the outlook does not reach as far. */
bool carbon_again_plan(struct carbon_again_work *work, struct carbon_split *best);

/* What BEST takes of the place. */
struct carbon_claim carbon_again_claim(const struct carbon_again_work *work, const struct carbon_split *best);

/*
 * Into RECORD what the outlook of now says of its begin; nothing where that does not reach so far. Of a job that was interrupted
 * the masses stay what was expected of the whole of it.
 */
void carbon_again_expect(const struct carbon_again_work *work, const struct carbon_split *best,
			 struct carbon_record *record);

/* The decision at the place where the job is: when, and never where. */
struct carbon_again_decision carbon_again_here(const struct carbon_context *context, const struct carbon_again *again);

#endif
