/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ledger in carbon.db: one row per cluster, job id and segment start (doc/carbon-ledger.5). Writing a row again
 * replaces it, so settling may be repeated at will.
 */
#ifndef CARBON_LEDGER_H
#define CARBON_LEDGER_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "accounting/settle.h"
#include "lib/optout.h"

struct carbon_err;
struct carbon_store;

/* All that a row is made of. */
struct carbon_ledger_row {
	const struct carbon_run *run;
	const struct carbon_record *record; /* NULL: none */
	const struct carbon_place *place;
	const struct carbon_terms *terms; /* NULL: none */
	const struct carbon_settled_energy *energy;
	const struct carbon_settle_times *times;
	const struct carbon_settled_mass *mass;
	unsigned int odd;
	enum carbon_optout optout;
	enum carbon_signal signal;
	time_t settled_at;
};

int carbon_ledger_put(struct carbon_store *store, const struct carbon_ledger_row *row,
		      struct carbon_err *err);

/*
 * The earliest start of JOB's segments at or after SINCE (its decision); *START untouched and 0 where there is none yet, 1 where there
 * is, -1: error.
 */
int carbon_ledger_first_start(struct carbon_store *store, const char *cluster, uint32_t job, time_t since,
			      time_t *start, struct carbon_err *err);

/* What JOB's segments that started in [SINCE, BEFORE) ran, all together; 0 where there are none. */
int carbon_ledger_ran_before(struct carbon_store *store, const char *cluster, uint32_t job, const time_t span[2],
			     time_t *ran_s, struct carbon_err *err);

/* A record, or the mark of an opt-out, seen while its job waits or runs; the newest counts. Records seen before FORGET_BEFORE go. */
int carbon_ledger_decision_put(struct carbon_store *store, const char *cluster, uint32_t job,
			       const char *record, time_t seen_at, struct carbon_err *err);
int carbon_ledger_decision_forget(struct carbon_store *store, time_t forget_before,
				  struct carbon_err *err);

/* RUN never started: Slurm cancelled it at its deadline, while it waited as RECORD says. */
int carbon_ledger_unstarted_put(struct carbon_store *store, const struct carbon_run *run,
				const struct carbon_record *record, struct carbon_err *err);

/* Of the job, or of the array it belongs to (0: none). 1: *RECORD is set, 0: none, -1: error; or its user opted out. */
#define CARBON_LEDGER_OPTED_OUT 2
int carbon_ledger_decision_find(struct carbon_store *store, const char *cluster, uint32_t job,
				uint32_t array, struct carbon_record *record,
				struct carbon_err *err);

/* Until when CLUSTER is settled; 0: never. */
int carbon_ledger_progress(struct carbon_store *store, const char *cluster, time_t *settled_to,
			   struct carbon_err *err);
int carbon_ledger_progress_put(struct carbon_store *store, const char *cluster, time_t settled_to,
			       struct carbon_err *err);

/* What is settled again: all that emissions are computed from. */
struct carbon_ledger_open {
	int64_t cluster_id;
	uint32_t job;
	char partition[CARBON_NAME_MAX];
	char zone[CARBON_ZONE_MAX];
	enum carbon_signal signal;
	time_t settled_at;
	struct carbon_settled_energy energy;
	struct carbon_settle_times times;
};

/* Up to MAX provisional rows of CLUSTER in order of end, those behind AFTER (NULL: the first); *COUNT is how many. */
int carbon_ledger_open(struct carbon_store *store, const char *cluster,
		       const struct carbon_ledger_open *after, size_t max,
		       struct carbon_ledger_open *open, size_t *count, struct carbon_err *err);

/* New emissions for such a row. */
int carbon_ledger_revise(struct carbon_store *store, const struct carbon_ledger_open *open,
			 const struct carbon_settled_mass *mass, time_t settled_at,
			 struct carbon_err *err);

#endif
