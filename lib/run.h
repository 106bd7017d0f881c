/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A run: one segment of a job that really ran, as Slurm's accounting tells it. cluster/ fills it,
 * accounting/ settles it; neither sees the other.
 */
#ifndef CARBON_RUN_H
#define CARBON_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/job.h"

#define CARBON_RUN_NAME_MAX CARBON_JOB_NAME_MAX
#define CARBON_NODE_NAME_MAX 64
#define CARBON_RUN_DEADLINE 10	/* state: cancelled at its --deadline */
#define CARBON_RUN_REQUEUED 0x400 /* state: the segment was ended by a requeue */

/* A requeued job has several. Resources: Slurm's CPUs are its cores, nodes are counted whole. */
struct carbon_run {
	char cluster[CARBON_NAME_MAX];
	uint32_t id, array_id, array_task, uid;
	uint32_t restart; /* 0 where Slurm does not say (slurmdbd) */
	char user[CARBON_NAME_MAX], account[CARBON_NAME_MAX], qos[CARBON_NAME_MAX];
	char partition[CARBON_NAME_MAX], name[CARBON_RUN_NAME_MAX];
	uint32_t state; /* Slurm's base state, or CARBON_RUN_REQUEUED */
	time_t submit_at, eligible_at;
	time_t start_at; /* 0: never ran; it waits (end_at 0), or was cancelled while it did */
	bool is_limited; /* it waited for a limit of its own (QOS, association, licence), not for nodes */
	time_t end_at; /* 0: still running, as far as is known */
	uint32_t suspended_s, limit_s;
	struct carbon_resources use;
	double measured_j; /* ConsumedEnergy, joules; < 0: not measured */
	char *comment; /* AdminComment; NULL: none */
};

/* Why a node runs nothing. */
enum carbon_node_state {
	CARBON_NODE_DOWN,
	CARBON_NODE_DRAINED,
	CARBON_NODE_OFF, /* powered down by power saving: usable after a boot */
	CARBON_NODE_STATES
};

/* A node was in such a state over [from_at, to_at). */
struct carbon_node_event {
	char node[CARBON_NODE_NAME_MAX];
	enum carbon_node_state state;
	time_t from_at;
	time_t to_at; /* 0: it still is */
};

#endif
