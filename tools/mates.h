/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Arrays with a limit of tasks that run at once (%), of which slurmctld may hold many records: what runs of each, and when. So that replan
 * gives their tasks no begins at which the limit would make them wait.
 */
#ifndef CARBON_TOOL_MATES_H
#define CARBON_TOOL_MATES_H

#include "cluster/cluster.h"
#include "lib/load.h"

struct carbon_mates {
	uint32_t array_id;
	struct carbon_load load; /* tasks, as nodes of place 0 */
	float storage[CARBON_LOAD_FLOATS(1)];
};

struct carbon_mates_list {
	size_t count;
	struct carbon_mates *item; /* by array_id */
};

/* All arrays with a limit of which tasks wait, with those tasks that run. -1: no memory. */
int carbon_mates_init(struct carbon_mates_list *list, const struct carbon_live *live, time_t now);
void carbon_mates_fini(struct carbon_mates_list *list);

/* NULL: the job is of no such array. */
struct carbon_load *carbon_mates_find(struct carbon_mates_list *list, const struct carbon_live_job *job);

#endif
