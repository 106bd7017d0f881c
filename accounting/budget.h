/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What accounts have used of their monthly allowance: emissions of their runs that ended in the month, location-based,
 * nothing deducted. What is not known is told beside it and is not zero.
 */
#ifndef CARBON_BUDGET_H
#define CARBON_BUDGET_H

#include <stddef.h>
#include <time.h>

#include "lib/allowance.h"
#include "lib/intensity.h"

struct carbon_err;
struct carbon_store;

struct carbon_budget {
	struct carbon_allowance allowed;
	double used_kg;
	double open_kg;	    /* of it not settled for good */
	double unknown_kwh; /* energy whose emissions are not known: used is too low by these */
};

/* Percent of the allowance; NAN: the allowance is zero and so is the use, INFINITY: and the use is not. */
double carbon_budget_percent(const struct carbon_budget *budget);

/*
 * BUDGET has COUNT entries whose allowances are set; the rest is filled in for the runs that ended in [FROM, TO). An
 * account without a run has used nothing.
 */
int carbon_budget_read(struct carbon_store *store, enum carbon_signal signal, time_t from, time_t to,
		       struct carbon_budget *budget, size_t count, struct carbon_err *err);

#endif
