/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How full the partitions of the live cluster were, for carbonctl settle: the bridge between cluster/, which knows
 * nodes and their states, and accounting/occupy.h, which knows shares alone.
 */
#ifndef CARBON_TOOL_FULLNESS_H
#define CARBON_TOOL_FULLNESS_H

#include "accounting/occupy.h"
#include "cluster/cluster.h"

struct carbon_err;
struct carbon_store;

struct carbon_tool_fullness {
	const struct carbon_live *live;
	struct carbon_occupy_place *place;
	double *shared, *owned;
	size_t *own_place;	      /* of each node; PARTITIONS: none has it */
	const struct carbon_live_job **open; /* jobs that wait or run, by id */
	size_t opens;
	struct carbon_occupy *occupy;
	size_t lost; /* rows of accounting without an end that slurmctld knows nothing of */
	struct carbon_err *err;
};

/* LIVE is borrowed. Fini in any case. */
int carbon_tool_fullness_init(struct carbon_tool_fullness *fullness, const struct carbon_live *live, time_t grace_s,
			      const time_t span[2], struct carbon_err *err);
void carbon_tool_fullness_fini(struct carbon_tool_fullness *fullness);

/* One more row of accounting. */
void carbon_tool_fullness_add(struct carbon_tool_fullness *fullness, const struct carbon_run *run);

/* Ask for the states of nodes over SPAN, and write all. */
int carbon_tool_fullness_write(struct carbon_tool_fullness *fullness, struct carbon_store *store, const time_t span[2]);

#endif
