/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What slurmctld's plugin would see in a simulation: a site of one place, an outlook of one
 * zone, and what it decided itself; so that jobs are decided by the very carbon_decide() and
 * carbon_decide_again(). Holds no truth: only the forecast in force gets in here.
 */
#ifndef CARBON_WORLD_H
#define CARBON_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "policies/assign.h"
#include "policies/decide.h"

struct carbon_err;
struct carbon_foreseen;
struct carbon_policy;
struct carbon_simulation_ask;
struct carbon_world;

/* How long a job may wait and what it asks for; what nobody told is 0. */
struct carbon_world_job {
	time_t submit_at;
	time_t delay_s;
	time_t finish_by_at;	     /* 0: its begin alone is bounded */
	uint32_t limit_s, runtime_s; /* RUNTIME_S expected, > 0 */
	uint32_t nodes;
	double power_w;
};

/* Errors: no memory. */
int carbon_world_create(const struct carbon_simulation_ask *ask, const char *zone,
			struct carbon_world **out, struct carbon_err *err);
void carbon_world_destroy(struct carbon_world *world); /* NULL is fine */

/* Nothing decided, nothing running; everybody uses POLICY, which carbon_policy_find() knows. */
void carbon_world_begin(struct carbon_world *world, const struct carbon_policy *policy);

/* --- of a cluster with nodes --- */

/* How long jobs of the size class CLASS wait (its partition is set here); count 0: nothing is
 * known. */
void carbon_world_wait(struct carbon_world *world, int class, const struct carbon_wait *wait);

/* What replan would tell the site at NOW. */
struct carbon_world_look {
	time_t now;
	const float
		*nodes; /* committed, CARBON_SITE_STEPS_MAX quarters of an hour from now's on */
	time_t full_at; /* the last look; 0: this is the first */
	double full_share; /* of the time since then, in which jobs waited */
	double flexible_node_h, all_node_h;
};

/* Those that wait because of us are not in it: claim them again, or have them assigned. */
void carbon_world_look(struct carbon_world *world, const struct carbon_world_look *look);

void carbon_world_claim(struct carbon_world *world, const struct carbon_claim *claim);

/* --- deciding --- */

/* At submission, on what is foreseen then. A delay is kept as one's own until the next look. */
struct carbon_decision carbon_world_decide(struct carbon_world *world,
					   const struct carbon_world_job *job,
					   const struct carbon_foreseen *foreseen);

/*
 * While it waits, as the run of replan at NOW would, where there is room for all; *RECORD is
 * brought up to date. A begin of NOW has not passed yet: replan comes with the new outlook,
 * just before.
 */
void carbon_world_decide_again(struct carbon_world *world, time_t now,
			       const struct carbon_world_job *job,
			       const struct carbon_foreseen *foreseen,
			       struct carbon_record *record);

/* The same for all that wait on a cluster: JOB's record, limit, nodes, submission, id and index
 * are set, and the records may be written to. TELL as of carbon_assign(). */
struct carbon_world_assignment {
	struct carbon_assign_job *job;
	size_t count;
	carbon_assign_f tell;
	void *caller;
};

void carbon_world_assign(struct carbon_world *world, time_t now,
			 const struct carbon_foreseen *foreseen,
			 const struct carbon_world_assignment *assignment);

#endif
