/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How full places were, read back from carbon.db (accounting/occupy.h writes it): the slack clock, how often a place
 * is full in each hour of the week, how long jobs waited there. Reads only.
 */
#ifndef CARBON_OCCUPANCY_H
#define CARBON_OCCUPANCY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/job.h"

struct carbon_err;
struct carbon_store;

#define CARBON_OCCUPANCY_BIN_S 300
#define CARBON_OCCUPANCY_WEEK 168
#define CARBON_OCCUPANCY_CLASSES 16 /* by nodes: class k is 2^k and more, below 2^(k+1); 0 has parts of a node too */
#define CARBON_OCCUPANCY_WEEKS_MIN 2 /* an hour of the week seen less often has no probability */

/* The mean over five minutes. Nodes are shares: a job on half of a node's cores is half a busy node. */
struct carbon_occupancy_bin {
	float usable;  /* nodes that could run jobs, powered down ones included */
	float off;     /* of them powered down */
	float busy;
	float backlog; /* nodes that eligible jobs wait for */
	float waiting; /* how many they are */
	bool is_known; /* false: settling never saw these minutes, and nothing else here means anything */
	/*
	 * Jobs waited (more often than not). Whether nodes were free meanwhile does not matter: what a scheduler keeps
	 * free for the head of the queue is no slack either.
	 */
	bool is_full;
	/* Of a full bin: */
	float fits;    /* of what runs that we delayed held and wanted, the share that had room beside all others */
	uint32_t next; /* later bin where what is freed in this one goes; BINS: beyond those here */
};

/* Of one place: a partition of a cluster. */
struct carbon_occupancy {
	time_t from_at; /* of bin 0, a multiple of CARBON_OCCUPANCY_BIN_S */
	size_t bins;
	struct carbon_occupancy_bin *bin;
};

/* What there is of [from, to); fini OUT when done. Without a row all of it is unknown, which is no error. */
int carbon_occupancy_read(struct carbon_store *store, const char *cluster, const char *partition, time_t from,
			  time_t to, struct carbon_occupancy *out, struct carbon_err *err);
void carbon_occupancy_fini(struct carbon_occupancy *occupancy);

/* The bin that AT lies in; NULL: none, or not known. */
const struct carbon_occupancy_bin *carbon_occupancy_find(const struct carbon_occupancy *occupancy, time_t at);

/*
 * The share of its known time that each hour of the UTC week (Monday 00:00 = 0, lib/time.h) was full; NAN where fewer
 * than CARBON_OCCUPANCY_WEEKS_MIN such hours are known.
 */
void carbon_occupancy_week(const struct carbon_occupancy *occupancy, double full[CARBON_OCCUPANCY_WEEK]);

/* A place over some time, for reports. Hours of the clock, and node-hours. */
struct carbon_occupancy_total {
	char cluster[CARBON_NAME_MAX], partition[CARBON_NAME_MAX];
	double known_h, full_h;
	double usable_node_h, off_node_h, busy_node_h, backlog_node_h;
};

/* A return other than 0 stops and is returned. */
typedef int (*carbon_occupancy_total_f)(const struct carbon_occupancy_total *total, void *context);

/* Every place of which something is known in [from, to), by cluster and name. Partitions may share nodes: no sums. */
int carbon_occupancy_totals(struct carbon_store *store, time_t from, time_t to, carbon_occupancy_total_f each,
			    void *context, struct carbon_err *err);

/* Waits from eligible to start, in seconds. */
struct carbon_occupancy_waits {
	size_t count; /* 0: nothing else is set */
	uint32_t p50_s, p95_s;
};

/* NODES: a share or several. */
size_t carbon_occupancy_class(double nodes);

/*
 * Waits of the runs in PARTITION that started in [from, to), by class; those that we delayed are not among them.
 * OUT is untouched on failure.
 */
int carbon_occupancy_wait(struct carbon_store *store, const char *cluster, const char *partition, time_t from,
			  time_t to, struct carbon_occupancy_waits out[CARBON_OCCUPANCY_CLASSES],
			  struct carbon_err *err);

#endif
