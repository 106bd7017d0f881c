/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a cluster has committed itself to: nodes and kilowatts of the jobs that run, wait for a time or wait for nodes, and of
 * reservations, per place and quarter of an hour. Pure: of a cluster that was read, into a site that is being made.
 */
#ifndef CARBON_TOOL_COMMITTED_H
#define CARBON_TOOL_COMMITTED_H

#include "cluster/cluster.h"
#include "lib/habit.h"
#include "lib/site.h"

struct carbon_err;

struct carbon_committed_ask {
	const struct carbon_live *live;
	const struct carbon_habits *habits; /* NULL: there are none, limits are expected */
	const bool *ours; /* by index of the live job: it waits because of us; NULL: nobody does */
	bool without_ours; /* as if those were not there */
	time_t now;
};

/*
 * Fill SITE's load, power and begins lists, which are emptied first, from its places and what ASK tells. A running job ends when its habit
 * says, or its limit where it has outlived that; one that waits for nodes begins when Slurm's backfill says, else as soon as
 * the place has room for it, in the order given. Places that share nodes share their load. Nothing beyond eight days.
 */
int carbon_committed_fill(struct carbon_site *site, const struct carbon_committed_ask *ask, struct carbon_err *err);

/* How many times after one another the tasks of an array run, given its % limit and what fits into PLACE; 1 for any other job. */
uint32_t carbon_committed_waves(const struct carbon_place *place, const struct carbon_live_job *job);

/* When a job that waits or runs is expected to be over; 0: nobody knows. BEGIN_AT: when it began or is to begin. */
time_t carbon_committed_end(const struct carbon_live_job *job, const struct carbon_habit *habit, time_t begin_at,
			    time_t now);

#endif
