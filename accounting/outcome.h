/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of one job: its rows of the ledger in one sum. What is not known of any of its runs is not known of
 * the job.
 */
#ifndef CARBON_OUTCOME_H
#define CARBON_OUTCOME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "accounting/settle.h"
#include "lib/job.h"

struct carbon_err;
struct carbon_store;

/* "123", or "123_4" for a task of an array. */
struct carbon_outcome_key {
	const char *cluster; /* NULL: whichever has it */
	uint32_t job;
	bool has_task;
	uint32_t task;
};

struct carbon_outcome {
	char cluster[CARBON_NAME_MAX];
	size_t runs; /* a requeued job has several */
	time_t start_at, end_at;
	double energy_kwh, low_kwh, high_kwh; /* PUE included */
	double measured_kwh;		      /* of energy_kwh: measured, not modelled */
	enum carbon_intensity_method method;  /* of the run of which least is known */
	double mass_g, low_g, high_g;	      /* NAN: unknown */
	double credit_g;		      /* timing credit; NAN: none, or unknown */
	enum carbon_intensity_method credit_method;
};

/* 1: *OUTCOME is set, 0: the ledger has no such job, -1: error (several clusters have it and none is named). */
int carbon_outcome_find(struct carbon_store *store, const struct carbon_outcome_key *key,
			struct carbon_outcome *outcome, struct carbon_err *err);

#endif
