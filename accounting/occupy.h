/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Working out how full each place was, from runs and node states, into carbon.db: bins of five minutes. Fed while the
 * books are kept; knows nothing of where runs and states come from.
 */
#ifndef CARBON_OCCUPY_H
#define CARBON_OCCUPY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/run.h"

struct carbon_err;
struct carbon_store;
struct carbon_occupy;

#define CARBON_OCCUPY_BINS_MAX ((size_t)1100 * 288) /* three years at once */

/*
 * Partitions may share nodes. Accounting says which partition a job ran in and not (cheaply) on which nodes: its share
 * of the others is taken in proportion, which is exact where one partition has all nodes of the other. So that nodes are
 * not counted twice in sums, each also has one place that is its own: the default partition, or the first.
 */
struct carbon_occupy_place {
	const char *partition;
	uint32_t nodes;
	uint32_t own_nodes;
	uint32_t node_cores; /* of one node; 0: unknown, jobs hold whole nodes */
};

/* Borrowed, and alive as long as the builder. */
struct carbon_occupy_site {
	const char *cluster;
	size_t places;
	const struct carbon_occupy_place *place;
	const double *shared; /* [i * places + j]: the share of place i's nodes that place j has too; 1 for i = j */
	const double *owned;  /* the same, of those whose own place is j */
	time_t grace_s;	      /* a scheduler needs so long on idle nodes: no wait yet */
};

/* Bins that lie whole within [from, to). NULL: no memory, or more than CARBON_OCCUPY_BINS_MAX. */
struct carbon_occupy *carbon_occupy_create(const struct carbon_occupy_site *site, time_t from, time_t to);
void carbon_occupy_destroy(struct carbon_occupy *occupy);

/*
 * A run, a job that waits (start_at 0), or one that was cancelled while it waited. BEGIN_AT: the begin that we gave it; 0:
 * none. Until then it is no backlog.
 */
void carbon_occupy_add(struct carbon_occupy *occupy, const struct carbon_run *run, time_t begin_at);

/* A node of place PLACE was in STATE over [from, to). IS_OWN: that is its own place. */
void carbon_occupy_state(struct carbon_occupy *occupy, size_t place, bool is_own,
			 const struct carbon_node_event *event);

/* All bins of all places, in the place of what carbon.db has of them. */
int carbon_occupy_write(struct carbon_occupy *occupy, struct carbon_store *store, struct carbon_err *err);

#endif
