/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One multi-output ridge regression: from what the last day and the long means look like to the
 * next 96 hours at once, one set of coefficients per hour of day. Private to the model. It
 * learns only from origins whose 96 hours had all been seen when the week began.
 */
#ifndef CARBON_MODEL_RIDGE_H
#define CARBON_MODEL_RIDGE_H

#include <stdbool.h>
#include <stddef.h>

#include "forecaster/model_history.h"

struct carbon_ridge;

/* What a member looks at. */
struct carbon_ridge_spec {
	enum carbon_scale scale;
	unsigned int base_days; /* kb: the mean that everything is told as a difference from */
	unsigned int slow_days; /* ks: the longer mean */
};

/* How bold it may be; by length of history. */
struct carbon_ridge_tuning {
	double lambda;	   /* penalty, in variances of a feature */
	unsigned int pool; /* hours of day to either side lend weight 1 - distance / pool */
	bool has_slow;	   /* use the longer mean */
	bool has_season;   /* use the time of year */
};

/* SPEC is copied. NULL: no memory. */
struct carbon_ridge *carbon_ridge_create(const struct carbon_ridge_spec *spec);
void carbon_ridge_destroy(struct carbon_ridge *ridge);

/*
 * Where the week of ORIGIN begins, as an index of PAST; no hour from there on is learnt from.
 * Weeks are those of the epoch, so that a forecast does not depend on when a program was
 * started. False: before the history.
 */
bool carbon_ridge_week(const struct carbon_model_history *past, size_t origin, size_t *week);

/*
 * The 96 hours from ORIGIN <= past->count on, in g/kWh. Origins may come in any order; going
 * back to an earlier week costs learning anew. False, OUT undefined: a hole in the last day, or
 * too little to learn from.
 */
bool carbon_ridge_predict(struct carbon_ridge *ridge, const struct carbon_model_history *past,
			  const struct carbon_ridge_tuning *tuning, size_t origin, double *out);

#endif
