/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cluster of equal nodes under first come, first served with EASY backfilling: the first in
 * the queue gets a reservation, others may overtake it where they do not delay that. Jobs come
 * in at their begin time and queue from then on, as Slurm's do. Knows nothing of intensity or
 * policies.
 */
#ifndef CARBON_EASY_H
#define CARBON_EASY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "simulator/easy_full.h"

struct carbon_err;
struct carbon_heap_entry;

struct carbon_easy_job {
	time_t begin_at;    /* when it joins the queue */
	uint32_t runtime_s; /* > 0 */
	uint32_t planned_s; /* what the planner believes, >= runtime_s */
	uint32_t nodes;	    /* 1 to the cluster's */
};

/* How far down the queue backfilling looks, as Slurm's bf_max_job_test does. */
#define CARBON_EASY_DEPTH 1000

/*
 * Run JOBS jobs on NODES nodes; START_AT gets when each of them started. FULL (NULL: not
 * wanted) is filled and freed with carbon_easy_full_fini(). Errors: no memory.
 */
int carbon_easy_run(const struct carbon_easy_job *job, size_t jobs, uint32_t nodes,
		    time_t *start_at, struct carbon_easy_full *full, struct carbon_err *err);

/* --- with somebody who says at each submission when the job is to begin --- */

struct carbon_easy;

struct carbon_easy_hooks {
	/* Job I is submitted (its begin_at is NOW). Returns when it joins the queue, NOW or
	 * later. */
	time_t (*submit)(void *context, const struct carbon_easy *easy, size_t i, time_t now);
	/* Every STEP_S from the first whole one on, while jobs come or wait for their begin. */
	void (*look)(void *context, struct carbon_easy *easy, time_t now);
	time_t step_s;
	void *context;
};

struct carbon_easy_ask {
	const struct carbon_easy_job *job;
	size_t jobs;
	uint32_t nodes;
	const struct carbon_easy_hooks *hooks; /* they see nothing that has not happened yet */
};

/* The same with hooks. */
int carbon_easy_play(const struct carbon_easy_ask *ask, time_t *start_at,
		     struct carbon_easy_full *full, struct carbon_err *err);

/* Those that run, in order of the end that the planner expects; borrowed until the hook
 * returns. */
size_t carbon_easy_running(const struct carbon_easy *easy,
			   const struct carbon_heap_entry **out);
time_t carbon_easy_started(const struct carbon_easy *easy, size_t i);

/* The next in the queue behind JOB (SIZE_MAX: the first); SIZE_MAX: there is none. */
size_t carbon_easy_queued(const struct carbon_easy *easy, size_t job);

/* Seconds up to now in which jobs waited. */
double carbon_easy_full_s(const struct carbon_easy *easy);

/* Another begin for a job that has been submitted and still waits for its begin; false: it does
 * not wait. */
bool carbon_easy_move(struct carbon_easy *easy, size_t i, time_t begin_at);

#endif
