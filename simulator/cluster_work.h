/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of a simulated cluster: cluster.c frames it, cluster_play.c plays it with
 * decisions, cluster_sum.c sums up. Nobody else includes this. */
#ifndef CARBON_CLUSTER_WORK_H
#define CARBON_CLUSTER_WORK_H

#include "simulator/easy.h"
#include "simulator/slack.h"
#include "simulator/work.h"

#define CARBON_SIZE_CLASSES 25 /* by powers of two, up to CARBON_TRACE_NODES_MAX */

struct carbon_cluster {
	size_t count;  /* jobs that fit */
	size_t *index; /* of each in the trace */
	struct carbon_easy_job *job;
	time_t *began_at;			  /* what the replay writes, COUNT long */
	time_t *half_at[2];			  /* the same with every second one delayed */
	time_t *base_at, *end_at;		  /* without us, by the trace's order */
	time_t *begin_at;			  /* with us, as decided */
	time_t first_at, last_at;		  /* submissions */
	time_t until_at;			  /* the last end without us */
	uint32_t wait_p50_s[CARBON_SIZE_CLASSES]; /* without us */
	uint32_t wait_p95_s[CARBON_SIZE_CLASSES];
	uint32_t waits[CARBON_SIZE_CLASSES];	/* how many jobs those are of */
	uint32_t margin_s[CARBON_SIZE_CLASSES]; /* between begin and start, that decisions leave
						 */
	struct carbon_easy_full base_full;	/* when it was full without us */
	double best_percent;			/* what perfect foresight saves */
};

struct carbon_cluster_sums {
	size_t jobs, missed, moves;
	double base_g, mass_g, credit_g, naive_g, energy_kwh, slowdown, busy_s;
};

int carbon_size_class(uint32_t nodes);

/* Jobs as the planner sees them; a job that is not delayed at all keeps its submission. */
uint32_t carbon_cluster_planned_s(const struct carbon_trace_job *job);

/*
 * Play the trace with decisions made at each submission, and again while jobs wait, with what
 * has happened by then. Fills begin_at and simulation->start_at. FULL has its start set.
 */
int carbon_cluster_play(struct carbon_simulation *simulation,
			const struct carbon_policy *policy, struct carbon_easy_full *full,
			size_t *moves, struct carbon_err *err);

/* We delayed it, and it ended after its deadline, which it would have kept without us. */
bool carbon_cluster_is_missed(const struct carbon_simulation *simulation, size_t i);

/* Add up simulation->start_at, all but credits. */
void carbon_cluster_sum(struct carbon_simulation *simulation, struct carbon_cluster_sums *sums);
/* Add the timing credits of simulation->start_at, with the times that each replay was FULL. */
int carbon_cluster_credit(struct carbon_simulation *simulation,
			  const struct carbon_easy_full full[CARBON_SLACK_REPLAYS],
			  struct carbon_cluster_sums *sums, struct carbon_err *err);
/* The cluster effect in percent of what would have been emitted without us. */
double carbon_cluster_saved(const struct carbon_cluster_sums *sums);
void carbon_cluster_result(struct carbon_simulation *simulation,
			   const struct carbon_cluster_sums *sums,
			   struct carbon_simulation_result *out);

#endif
