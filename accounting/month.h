/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A month's ledger in a few sums, cheap enough for every run of the forecaster: for metrics, where
 * carbonctl report tells the rest.
 */
#ifndef CARBON_MONTH_H
#define CARBON_MONTH_H

#include <stdint.h>
#include <time.h>

#include "lib/intensity.h"

struct carbon_err;
struct carbon_store;

struct carbon_month {
	uint64_t runs, delayed; /* runs, and of them those of jobs that we delayed */
	double mass_kg;		/* of the runs whose intensity is known */
	double credit_kg;	/* timing credits of the delayed: per job, never what the cluster saved */
};

/* Of the runs that ended in [from, to), of one signal. */
int carbon_month_sum(struct carbon_store *store, enum carbon_signal signal, time_t from, time_t to,
		     struct carbon_month *out, struct carbon_err *err);

#endif
