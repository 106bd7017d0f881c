/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole piece of research in one sum, for papers and proposals: every attempt of its jobs, the failed, cancelled and
 * requeued ones too, since they are most of what a model costs. Figures as Patterson et al. (2021) ask authors for them.
 */
#ifndef CARBON_CITE_H
#define CARBON_CITE_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "accounting/outcome.h"
#include "accounting/report.h"

struct carbon_err;
struct carbon_store;

/* What is summed: these jobs (of an array's number: all its tasks), or else all that fits. NULL or 0: whatever. */
struct carbon_cite_ask {
	size_t jobs;
	const struct carbon_outcome_key *job; /* their clusters are not looked at */
	const char *cluster, *user, *account;
	const char *name; /* of the job; '*', '?' and [...] as in a shell */
	time_t since, until; /* runs that ended in [since, until) */
	enum carbon_signal signal;
};

enum carbon_cite_end {
	CARBON_CITE_COMPLETED,
	CARBON_CITE_FAILED, /* node and memory failures and time limits too */
	CARBON_CITE_CANCELLED,
	CARBON_CITE_REQUEUED, /* and preempted */
	CARBON_CITE_ENDS
};
const char *carbon_cite_end_name(enum carbon_cite_end end);

struct carbon_cite_processor {
	char type[CARBON_RUN_NAME_MAX]; /* GRES type, "core" for cores of runs without GPUs */
	double hours;
	uint64_t most; /* of one run */
};

#define CARBON_CITE_PLACES_MAX 32
#define CARBON_CITE_PROCESSORS_MAX 16

struct carbon_cited {
	struct carbon_report_line sum;
	uint64_t runs[CARBON_CITE_ENDS];
	double energy_kwh[CARBON_CITE_ENDS];
	time_t first_at, last_at; /* start and end */
	size_t places;
	struct carbon_report_place place[CARBON_CITE_PLACES_MAX]; /* what is beyond goes into the last one */
	size_t processors;
	struct carbon_cite_processor processor[CARBON_CITE_PROCESSORS_MAX];
	uint64_t other_signal; /* runs settled with another signal, in no sum */
};

/* Errors: a job that the ledger does not have, several clusters that have it, nothing that fits. */
int carbon_cite_read(struct carbon_store *store, const struct carbon_cite_ask *ask, struct carbon_cited *out,
		     struct carbon_err *err);

#endif
