/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a running job that said that it may be interrupted should make way for a dirty stretch ahead, and when it
 * then goes on. Pure, like deciding. Called by each run of carbonctl replan, which come as often as the site's replan_every says: what
 * lies behind the next run is left to that one.
 */
#ifndef CARBON_PAUSE_H
#define CARBON_PAUSE_H

#include "policies/decide.h"

/* From the end of a job's seconds until it may run again: slurmctld gives a requeued job a begin two minutes ahead. */
#define CARBON_REQUEUE_S 180

/* What the job is now. */
struct carbon_pause {
	const struct carbon_record *record;
	const char *partition;
	uint32_t limit_s;   /* 0: unlimited */
	time_t deadline_at; /* Slurm's own --deadline; 0: none */
	double nodes;	    /* that it takes of its place */
	time_t start_at;    /* of this segment */
};

enum carbon_pause_verdict {
	CARBON_RUN_ON,
	CARBON_INTERRUPT,
};

struct carbon_pause_decision {
	enum carbon_pause_verdict verdict;
	double saved_g; /* expected of the interruption, its restart counted */
	/* The record as it should be once the job has been requeued at CONTEXT->now, the next begin in it. Equal to the old one where the
	 * verdict is RUN_ON. */
	struct carbon_record record;
};

/*
 * The job is never interrupted where its policy does not split runs, after the site's max_interruptions, in its first
 * min_runtime, near its end, or where the rest could not begin again in time: before the record's latest begin
 * with what has been run added, and, with the whole limit still to run, before Slurm's own deadline and maintenance; nor
 * while delaying is paused, nor so that it would wait in a blackout.
 * The site's minimum saving is asked for.
 */
struct carbon_pause_decision carbon_decide_pause(const struct carbon_context *context,
						 const struct carbon_pause *pause);

/* Expected run time that is left when the job has RAN_S behind it in RECORD->cuts + 1 segments; 0: it is over. */
uint32_t carbon_pause_left_s(const struct carbon_record *record, uint32_t ran_s);

/* Windows that the job may still be planned in, the present or next one included. */
size_t carbon_pause_windows(const struct carbon_site *site, const struct carbon_record *record);

/*
 * When the segment that begins (or began) at START_AT is expected to end: with its window where others follow, else with the job.
 * All who reckon with its load must agree.
 */
time_t carbon_pause_end_at(const struct carbon_record *record, time_t start_at, time_t now);

/* Of its run time so far, what counts as done: less what restarts cost. */
time_t carbon_pause_done_s(const struct carbon_record *record, uint32_t ran_s);

#endif
