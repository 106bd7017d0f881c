/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How things stand on the cluster, for metrics alone: jobs that wait, this month's sums. Nothing that the
 * forecaster decides depends on it, and what cannot be read is left out.
 */
#ifndef CARBON_STANDING_H
#define CARBON_STANDING_H

#include <stdbool.h>
#include <time.h>

#include "lib/intensity.h"

struct carbon_store;

struct carbon_standing {
	bool has_jobs;
	unsigned long waiting; /* because of us, when counted */
	time_t counted_at;
	time_t paused_until_at; /* nothing is delayed until then; 0: it is */
	bool has_month;
	double month_kg;
	double credit_kg; /* timing credits, as it is told per job; the cluster as a whole has saved something else */
	bool has_effect;
	double saved_kg, saved_low_kg, saved_high_kg; /* the cluster effect so far */
	double others_wait_s, others_wait_without_s;  /* mean wait of those who were not delayed; NAN: not known */
};

/* The site file at PATH. */
void carbon_standing_jobs(const char *path, time_t now, struct carbon_standing *standing);

/* The ledger of STORE since the month (UTC) began, and the month's cluster effect as settle has kept it. */
void carbon_standing_month(struct carbon_store *store, enum carbon_signal signal, time_t now,
			   struct carbon_standing *standing);

#endif
