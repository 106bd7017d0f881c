/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs out of the ledger one by one, as replaying them needs: when each could have started, was
 * to begin and did, and what it took up and drew. Reads only.
 */
#ifndef CARBON_TRAIL_H
#define CARBON_TRAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/job.h"
#include "lib/site.h"

struct carbon_err;
struct carbon_store;

struct carbon_trail_run {
	char cluster[CARBON_NAME_MAX], partition[CARBON_NAME_MAX];
	char zone[CARBON_ZONE_MAX]; /* "": not known then */
	char account[CARBON_NAME_MAX], qos[CARBON_NAME_MAX];
	uint32_t job, uid;
	time_t submit_at, start_at, end_at;
	time_t eligible_at; /* 0: not known */
	uint32_t limit_s; /* 0: none */
	double nodes, cores, memory_gb;
	uint32_t gpus;
	double above_w; /* above idle, PUE included */
	/* From the decision record; has_record false: there is none, and the rest is 0. */
	bool has_record, is_delayed; /* under observe: would have been */
	enum carbon_level level;
	time_t baseline_at, begin_at, latest_at;
};

/*
 * Whether it began when we had said: delayed by us, and not taken an earlier begin by its user or the site. Of work that
 * was interrupted the record tells the begin of its last window alone, so that the runs before it count as anybody's.
 */
bool carbon_trail_is_ours(const struct carbon_trail_run *run);

/* A return other than 0 stops and is returned. */
typedef int (*carbon_trail_f)(void *context, const struct carbon_trail_run *run,
			      struct carbon_err *err);

/*
 * Each run of CLUSTER (NULL: of all) that was on between FROM and TO and took time, in order of
 * submission. Returns -1 or what EACH returned.
 */
int carbon_trail_each(struct carbon_store *store, const char *cluster, time_t from, time_t to,
		      carbon_trail_f each, void *context, struct carbon_err *err);

#endif
