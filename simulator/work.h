/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the simulator's files: a simulation at work. Nobody else includes this. */
#ifndef CARBON_SIMULATOR_WORK_H
#define CARBON_SIMULATOR_WORK_H

#include "simulator/simulate.h"
#include "simulator/trace.h"
#include "simulator/world.h"

#define CARBON_WATT_SECONDS_PER_KWH 3.6e6

/* What is true of a job whatever the policy. */
enum carbon_mark {
	CARBON_MARK_COUNTS = 1,	  /* it is in the sums */
	CARBON_MARK_FLEXIBLE = 2, /* it takes part */
};

struct carbon_simulation {
	struct carbon_simulation_ask ask;
	struct carbon_simulation_counts counts;
	const struct carbon_trace_job *job;
	size_t jobs;
	const struct carbon_grid *settled;
	time_t end_at;	      /* of the intensity data */
	uint32_t *expected_s; /* run time that is believed; 0: nobody knows */
	uint8_t *mark;
	time_t *start_at; /* of the last run */
	double *mass_g;	  /* and what each emitted */
	uint32_t *wait_s; /* room for as many as jobs, for the quantiles */
	double energy_kwh;
	double at_once_g, best_g;	/* sums over the jobs that count */
	struct carbon_cluster *cluster; /* NULL: room for all */
	struct carbon_world *world;	/* what decides; its inputs change with each job */
};

/* One job's plan. */
struct carbon_plan {
	time_t begin_at;
	unsigned int moves;
	size_t windows; /* of WINDOW; 0: in one piece from begin_at on */
	struct carbon_window window[CARBON_WINDOWS_MAX];
};

/* Progress: I jobs of the trace are done. Cheap. */
void carbon_simulation_tell(const struct carbon_simulation *simulation, size_t i);

double carbon_job_power_w(const struct carbon_simulation *simulation, size_t i);
/* How long it may wait, as told or asked for. */
time_t carbon_job_delay(const struct carbon_simulation *simulation, size_t i);
/* The latest start that keeps the delay and ends within the data. */
time_t carbon_job_latest(const struct carbon_simulation *simulation, size_t i);
/* Grams of job I if it starts at AT, by the truth. */
double carbon_job_mass_g(const struct carbon_simulation *simulation, size_t i, time_t at);

/* One of the policies that slurmctld has. Others are rules of somebody else's, asked alone. */
bool carbon_policy_is_ours(const struct carbon_policy *policy);

/* What job I asks of a decision. */
struct carbon_world_job carbon_job_asks(const struct carbon_simulation *simulation, size_t i);

/* Decide job I as the policy would have, again and again until it begins. */
void carbon_plan_make(const struct carbon_simulation *simulation,
		      const struct carbon_policy *policy, size_t i, struct carbon_plan *out);
/* The cleanest start in one piece, known only afterwards. */
time_t carbon_plan_best(const struct carbon_simulation *simulation, size_t i);

/*
 * Run times as they are believed at each job's submission; 0: nobody knows. END_AT (NULL:
 * submission and run time) is when each run ended, for learning from it afterwards. -1: no
 * memory.
 */
int carbon_belief_fill(const struct carbon_trace *trace, enum carbon_runtime_belief belief,
		       const time_t *end_at, uint32_t *expected_s);

/* The jobs that count and do (or do not) take part: how many, and their waits by
 * simulation->start_at. */
size_t carbon_waits_sum(struct carbon_simulation *simulation, bool flexible, double *mean_s,
			double *p95_s);

/* Turnaround in run times, short runs counted as longer. */
double carbon_job_slowdown(const struct carbon_simulation *simulation, size_t i, time_t end_at);

/* --- clusters (cluster.c) --- */

/* The replay without us, and what it tells of waits. Before beliefs and marks. */
int carbon_cluster_create(struct carbon_simulation *simulation, struct carbon_err *err);
/* What perfect foresight saves there. After the marks. */
int carbon_cluster_bound(struct carbon_simulation *simulation, struct carbon_err *err);
void carbon_cluster_destroy(struct carbon_cluster *cluster); /* NULL is fine */

/* When each run ended without us. */
const time_t *carbon_cluster_ends(const struct carbon_cluster *cluster);
/* What is left of a delay so that a deadline so long after limit and submission is kept: less
 * the 95th percentile of the waits of that size. */
time_t carbon_cluster_delay(const struct carbon_simulation *simulation, size_t i,
			    time_t delay_s);

int carbon_cluster_run(struct carbon_simulation *simulation, const struct carbon_policy *policy,
		       struct carbon_simulation_result *out, struct carbon_err *err);

/* The value below which SHARE of the COUNT > 0 values lies; reorders them. */
uint32_t carbon_quantile(uint32_t *value, size_t count, double share);

#endif
