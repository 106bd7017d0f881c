/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forecasts that need no training: what a user would do by hand, what our model is measured
 * against, and what it falls back to. Pure functions of an array of hours.
 */
#ifndef CARBON_MODEL_SIMPLE_H
#define CARBON_MODEL_SIMPLE_H

#include <stdbool.h>
#include <stddef.h>

enum carbon_simple {
	CARBON_SIMPLE_LAST,	 /* the last known value for ever */
	CARBON_SIMPLE_YESTERDAY, /* the same hour of the last day */
	CARBON_SIMPLE_LASTWEEK,	 /* the same hour seven days before */
	CARBON_SIMPLE_MEAN7,	 /* mean of the same hour over the last seven days */
	CARBON_SIMPLE_ENS,	 /* mean of the three above, and its last error fading out */
	CARBON_SIMPLES
};

/* "last", "yesterday", "lastweek", "mean7", "ens". */
const char *carbon_simple_name(enum carbon_simple simple);

/*
 * COUNT hours of history in g/kWh, NAN where missing; OUT gets the HORIZON hours after the last
 * of them. A missing hour is replaced by the newest earlier known one of the same hour of day,
 * up to a week back, and where there is none by the mean of the last week. False, OUT
 * untouched, where the last week knows nothing.
 */
bool carbon_simple_predict(enum carbon_simple simple, const double *g_kwh, size_t count,
			   size_t horizon, double *out);

#endif
