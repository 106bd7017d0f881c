/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding again: a job that waits because of us, on a newer outlook. Pure, like deciding. Moves are lazy: a begin
 * comes forward when an earlier one is due before the next run, and goes back only when it would itself come before
 * the next run; what lies further ahead can be thought over then. A job that may move changes its place at once, but only for
 * a real gain.
 */
#ifndef CARBON_AGAIN_H
#define CARBON_AGAIN_H

#include "policies/decide.h"

/* A job so often moved only comes forward from then on: no job costs slurmctld more updates than this. */
#define CARBON_MOVES_MAX 96

/* For less than this share of what it would emit no job changes its place: forecasts waver by more from run to run. */
#define CARBON_MOVE_GAIN 0.05

/* What the job is now; users may have changed it since. */
struct carbon_again {
	const struct carbon_record *record; /* as decided; its begin is the job's */
	const char *partition;
	uint32_t limit_s;   /* 0: unlimited */
	time_t deadline_at; /* Slurm's own --deadline; 0: none */
	time_t next_at;	    /* the next run, with what it may be late */
	bool is_federated;  /* it waits on several clusters, and an update would give all of them one begin: it stays */
	double nodes;	    /* that it takes of its place, all tasks that run together; 0: it fits anywhere */
	bool is_dependent; /* what it depends on has not come yet */
	const struct carbon_job *job; /* what it asks of a place now, for one that may move; NULL: it stays where it is */
	bool is_stranded;	/* the cluster that it was sent to is gone */
	uint32_t tasks, waves; /* of an array that waits as a whole: how many, so many times after one another; 0: one job */
	uint32_t at_once; /* of a task or a whole array: its % limit; 0: none */
	const struct carbon_load *mates; /* with such a limit: how many other tasks run when, as nodes of place 0; NULL: none do */
	uint32_t split_max; /* so many tasks of an array may be given begins of their own (policies/groups.h); 0: none */
};

enum carbon_again_verdict {
	CARBON_STAY,
	CARBON_FORWARD, /* to an earlier begin, perhaps now; of a dependent job: to none, it begins once it may */
	CARBON_BACK,	/* to a later one */
	CARBON_ELSEWHERE, /* to another partition of this cluster, with another begin perhaps */
	CARBON_RETURN,	/* from a cluster that is gone to a partition of this one; it leaves the other clusters */
};

struct carbon_again_decision {
	enum carbon_again_verdict verdict;
	/* The record with the begin decided on and what is expected of it; baseline, latest begin, run time and
	 * power stay as they were. Equal to the old one where the verdict is STAY. */
	struct carbon_record record;
	/* Where the plan has it, which is not its begin where that can be thought over later. Nodes 0: it takes nothing. */
	struct carbon_claim claim;
	bool is_planned; /* where the claim begins there is room for it */
	/* Of an array that is divided: TASKS of it, from its FIRST (0) on; tasks 0: all. Split ones leave the record that the array waits in. */
	uint32_t first, tasks;
	bool is_split;
};

/*
 * A job whose dependency is not met is decided as if that came now, each time: baseline and latest begin go with the clock, and the
 * site's minimum saving is asked for. So it has the right begin, or none, at the moment at which it could start.
 *
 * In the room that the context's site and OWN leave, in which this very job is not counted. A job that has none within its bounds stays.
 * One that may move (its record's "may" and "home") is compared over the places that take it as it is now, and changes its
 * partition where that saves CARBON_MOVE_GAIN and the least that is asked of a delay; among equals it stays. Not arrays, not what
 * has been interrupted, not while delaying is paused. A stranded one is decided anew, over its home and all these places.
 *
 * Never past the record's latest begin, nor past what deadline, limit and maintenance leave now. Without a fresh outlook,
 * or where the site has stopped delaying, everything stays; while it has paused, nothing goes back. The site's minimum saving is not asked for again.
 */
struct carbon_again_decision carbon_decide_again(const struct carbon_context *context,
						 const struct carbon_again *again);

#endif
