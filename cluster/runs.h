/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: runs on their way from Slurm to their reader.
 */
#ifndef CARBON_RUNS_H
#define CARBON_RUNS_H

#include <stddef.h>

#include "cluster/cluster.h"

struct carbon_session;

struct carbon_runs {
	struct carbon_run *run; /* each comment is owned */
	size_t count, capacity;
};

void carbon_runs_init(struct carbon_runs *runs);
void carbon_runs_fini(struct carbon_runs *runs);

/* One more, zeroed; NULL: no memory. Valid until the next add. */
struct carbon_run *carbon_runs_add(struct carbon_runs *runs);

/* Sort and hand over; what EACH returns. */
int carbon_runs_call(struct carbon_runs *runs, carbon_run_f each, void *context);

/* Whether Slurm's REASON for a wait is a limit of the job's own, and not that the nodes are taken. */
bool carbon_runs_is_limit(uint32_t reason);

/* The same as carbon_cluster_runs(), from slurmdbd. */
int carbon_runs_dbd(const struct carbon_session *session, time_t from, time_t to,
		    carbon_run_f each, void *context, struct carbon_err *err);

#endif
