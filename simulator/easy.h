/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cluster of equal nodes under first come, first served with EASY backfilling: the first in
 * the queue gets a reservation, others may overtake it where they do not delay that. Jobs come
 * in at their begin time and queue from then on, as Slurm's do. Knows nothing of intensity or
 * policies.
 */
#ifndef CARBON_EASY_H
#define CARBON_EASY_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct carbon_err;

struct carbon_easy_job {
	time_t begin_at;    /* when it joins the queue */
	uint32_t runtime_s; /* > 0 */
	uint32_t planned_s; /* what the planner believes, >= runtime_s */
	uint32_t nodes;	    /* 1 to the cluster's */
};

/* How far down the queue backfilling looks, as Slurm's bf_max_job_test does. */
#define CARBON_EASY_DEPTH 1000

/*
 * Time is full where jobs wait, however many nodes are free for smaller ones: asking for more
 * (that not even the smallest of them finds room) made the sum of credits half as much again as
 * the cluster effect at 70 % load, and twice that at 85 %. This way both agree within a tenth
 * (doc/figures.md).
 */
#define CARBON_EASY_BIN_S 300

struct carbon_easy_full {
	time_t start_at; /* set by the caller, at or before the first begin */
	size_t bins;
	float *share; /* of each bin's time that was full */
};

/*
 * Run JOBS jobs on NODES nodes; START_AT gets when each of them started. FULL (NULL: not
 * wanted) is filled and freed with carbon_easy_full_fini(). Errors: no memory.
 */
int carbon_easy_run(const struct carbon_easy_job *job, size_t jobs, uint32_t nodes,
		    time_t *start_at, struct carbon_easy_full *full, struct carbon_err *err);
void carbon_easy_full_fini(struct carbon_easy_full *full);

#endif
