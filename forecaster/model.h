/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own forecast of a zone's intensity, from nothing but its own hourly history: the next 96
 * hours as a mean and a band that holds four of five hours. Numbers in, numbers out: it knows
 * no network, no database and no clock, it draws no random numbers, and it can see no hour that
 * it was not given.
 */
#ifndef CARBON_MODEL_H
#define CARBON_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct carbon_err;
struct carbon_model;

#define CARBON_MODEL_HORIZON_H 96

/* Least history for any forecast at all, in known hours. */
#define CARBON_MODEL_LEAST_H 24

/* Longest history kept, 38 years. */
#define CARBON_MODEL_HISTORY_MAX_H ((size_t)38 * 8766)

struct carbon_model_forecast {
	const char *model; /* "mean7", "ens", "ens+mo3" or "mo3"; a constant */
	time_t start_at;   /* the first unknown hour; hour i starts at start_at + 3600 i */
	double mean_g_kwh[CARBON_MODEL_HORIZON_H];
	double low_g_kwh[CARBON_MODEL_HORIZON_H];  /* 10 % of hours lie below */
	double high_g_kwh[CARBON_MODEL_HORIZON_H]; /* 10 % of hours lie above */
	bool has_band;	  /* false: too little past to know; low = mean = high */
	size_t known_h;	  /* hours of history with a value */
	size_t bridged_h; /* hours of short gaps that were bridged by a straight line */
	size_t missing_h; /* hours of longer gaps that nobody knows */
};

/*
 * A model of one zone whose history begins at START_AT (from 1970 on, rounded down to the
 * hour). It grows to 15 MB by forecasts from one hour of day, to 40 MB by forecasts from all of
 * them, so go zone by zone where there are many. Pins OpenBLAS to one thread, for the whole
 * process: more would cost more CPU, and sum in another order. NULL: no memory.
 */
struct carbon_model *carbon_model_create(time_t start_at);
void carbon_model_destroy(struct carbon_model *model); /* NULL is fine */

/*
 * Append COUNT hourly means in g/kWh, NAN where missing (lib/series.h makes them from any
 * series). May be called again and again; what was learnt is kept, and the coefficients are
 * solved anew at every full week. Errors: a value below zero or infinite (named by its time),
 * too many, no memory; the model is then unchanged.
 */
int carbon_model_extend(struct carbon_model *model, const double *g_kwh, size_t count,
			struct carbon_err *err);

/*
 * Forecast the hours after the last known one. Which model that is depends on how much it has
 * seen: under 8 days "mean7", under 30 (or where the last day has a hole) "ens", under 230
 * "ens+mo3", then "mo3". Not const, for it keeps what it solved. Errors: fewer than
 * CARBON_MODEL_LEAST_H known hours, no memory.
 */
int carbon_model_predict(struct carbon_model *model, struct carbon_model_forecast *out,
			 struct carbon_err *err);

/*
 * The mean alone. For looking on from hours that somebody has forecast: append them, and this
 * goes on from there. Throw the model away then: what its band would say is worth nothing, and
 * from the next week's begin on it would learn from hours that never were. Returns the model's
 * name; NULL: too little is known.
 */
const char *carbon_model_mean(struct carbon_model *model,
			      double mean_g_kwh[CARBON_MODEL_HORIZON_H]);

#endif
