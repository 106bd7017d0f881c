/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Learning habits from the ledger: how long the runs of a user and job name, of a user, of a
 * partition and size class took, and what they were measured to draw (doc/carbon-habits.5).
 * Only reads the ledger.
 */
#ifndef CARBON_ACCOUNTING_HABITS_H
#define CARBON_ACCOUNTING_HABITS_H

#include <time.h>

#include "lib/habit.h"

struct carbon_err;
struct carbon_store;

#define CARBON_HABITS_RUNS_READ 1000000 /* newest runs that are looked at */
#define CARBON_HABITS_RUNS_EACH 100	/* newest runs that make a habit */
#define CARBON_HABITS_FAILED_S 300	/* a failed run that took less says nothing */

/*
 * What the runs of CLUSTER that ended in the 180 days before NOW tell: those that completed or
 * timed out, and failed ones that took a while. At least three make a habit; of more than
 * 100,000 those with the newest runs are kept. Fini OUT when done; untouched on failure.
 */
int carbon_habits_learn(struct carbon_store *store, const char *cluster, time_t now,
			struct carbon_habits *out, struct carbon_err *err);

#endif
