/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl replan in its parts: what is known when it begins, what it decides (replan_decide.c), what it does to jobs
 * (replan_move.c), and what it tells (replan_print.c). Each part takes the whole state; cmd_replan.c is their order.
 */
#ifndef CARBON_TOOL_REPLAN_H
#define CARBON_TOOL_REPLAN_H

#include "cluster/cluster.h"
#include "lib/load.h"
#include "lib/outlook.h"
#include "lib/site.h"
#include "policies/again.h"
#include "tools/live.h"
#include "tools/mates.h"
#include "tools/pause.h"
#include "tools/waiting.h"

struct carbon_config;
struct carbon_err;
struct carbon_tool;

/* What the next run may be late. */
#define CARBON_REPLAN_LATE_S 120

/*
 * Tasks of one array that a run makes jobs of their own: slurmctld does that under its write lock (256 took it 3 ms, 22.05), and
 * tells slurmdbd of each. Its MaxJobCount counts tasks either way.
 */
#define CARBON_REPLAN_SPLIT_MAX 256

/* A job that should have another begin. */
struct carbon_replan_move {
	const struct carbon_waiting_job *item;
	bool is_dependent; /* one of the dependents */
	char partition[CARBON_NAME_MAX]; /* that it asked for when it was decided on */
	struct carbon_again_decision decision; /* of a part of an array where it says so */
	bool is_urgent;		 /* it, or another part of its array, comes forward */
	enum carbon_moved moved; /* what became of it */
	bool failed;
};

struct carbon_replan {
	const struct carbon_tool *tool;
	const struct carbon_config *config;
	bool is_dry;
	bool places_failed; /* keeping places did */
	time_t every_s;
	struct carbon_tool_live live;	  /* the cluster as it was when asked */
	struct carbon_site site;	  /* compiled from it */
	struct carbon_outlook *outlook;	  /* NULL: there is none */
	struct carbon_waiting_list list;  /* the jobs of LIVE that wait because of us */
	size_t dependents;
	struct carbon_waiting_job *dependent; /* those that will not wait, and may, once their dependency is met */
	struct carbon_job *asked; /* what those that may move ask for, by index among LIST */
	size_t moves;
	struct carbon_replan_move *move; /* the most urgent ones first; parts that leave an array's record before what stays in it */
	size_t besides;
	struct carbon_live_job *beside; /* parts of arrays, as the jobs that they will be */
	struct carbon_mates_list mates;
	struct carbon_load own;		  /* what all of these have been given: room that is taken */
	float *own_storage;
	struct carbon_pause_list pause;	  /* interruptible jobs that run */
	struct carbon_pace pace;	  /* of all updates of this run */
};

/* Fill MOVE from LIST, on SITE and OUTLOOK. Changes nothing in Slurm. */
int carbon_replan_decide(struct carbon_replan *run, struct carbon_err *err);

/* Whether it is to ask for another partition, or to leave the other clusters of its federation. */
bool carbon_replan_is_elsewhere(const struct carbon_replan_move *move);

/* Give the jobs of LIVE the begins and the partitions that are to come, and set beside them what becomes a job. */
int carbon_replan_foresee(struct carbon_replan *run, struct carbon_err *err);

/* Change the begin times; what fails is a word of warning and marked in its move. */
void carbon_replan_move_all(struct carbon_replan *run);

/* As text or JSON; false where a move failed. */
bool carbon_replan_print(const struct carbon_replan *run);

#endif
