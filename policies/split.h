/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run planned in several windows, for work that may be interrupted: before it starts, while it runs and while it
 * waits to go on. One way to reckon for all who decide about such a job. Pure; allocates nothing.
 */
#ifndef CARBON_SPLIT_H
#define CARBON_SPLIT_H

#include <stdbool.h>
#include <stddef.h>

#include "policies/policy.h"

/* One more than a site may let a job be interrupted. */
#define CARBON_SPLIT_MAX 101

struct carbon_split {
	size_t windows;
	struct carbon_window window[CARBON_SPLIT_MAX]; /* what restarts take included */
	bool is_blocked; /* some of it lies where the job has no room (CARBON_BARRIER) */
	time_t begin_at; /* of the first window, what its restart takes included */
	time_t until_at; /* its end where others follow; 0: it is the last one */
	time_t end_at;	 /* of the last one */
	double mass_g;	 /* of all of them on the query's curve */
};

/* By POLICY's segments(), which must be there, in at most WINDOWS parts. */
struct carbon_split carbon_split_plan(const struct carbon_policy *policy, const struct carbon_query *query,
				      size_t windows);

/* What all of it emits on another CURVE, which must cover it. */
double carbon_split_mass_g(const struct carbon_split *split, const struct carbon_curve *curve, double power_w);

/* In one piece from BEGIN_AT on; a job that waits to go on pays for its restart. */
struct carbon_split carbon_split_whole(const struct carbon_query *query, time_t begin_at);

#endif
