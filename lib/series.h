/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An intensity series as history keeps it: points in order of time, each valid from its time to the
 * next point's, but at most for STEP_MAX_S (a longer hole is missing, not constant).
 */
#ifndef CARBON_SERIES_H
#define CARBON_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/intensity.h"

struct carbon_err;

struct carbon_point {
	time_t at;
	double g_kwh;
	enum carbon_kind kind; /* measured or estimated in history; forecast, model or profile ahead */
	uint32_t order;	       /* filled by carbon_series_add: of equal times the last added counts */
};

struct carbon_series {
	struct carbon_point *points;
	size_t count;
	size_t capacity;
};

/* Longest time a point is valid for: the longest publishing step, one hour. */
#define CARBON_STEP_MAX_S 3600
#define CARBON_SERIES_MAX 4000000 /* points: 38 years in 5-minute steps */

void carbon_series_init(struct carbon_series *series);
void carbon_series_fini(struct carbon_series *series);

/* Append in any order. Errors: implausible value, time out of bounds, no memory, too many. */
int carbon_series_add(struct carbon_series *series, struct carbon_point point, struct carbon_err *err);

/* Sort by time and keep the last added of equal times. Returns how many duplicates went. */
size_t carbon_series_sort(struct carbon_series *series);

/* Index of the first point at or after AT of a sorted series; its count where there is none. */
size_t carbon_series_index(const struct carbon_series *series, time_t at);

/* What the hours of a run were made of, in seconds of each kind, and the integral over the known part. */
struct carbon_integral {
	double g_s_kwh; /* integral of intensity over the known seconds, (g/kWh)*s */
	double known_s; /* seconds with a value */
	double estimated_s; /* of these: estimated */
	double missing_s;
};

/* Of a sorted series over [from, to); a point holds until the next one, CARBON_STEP_MAX_S at most. */
struct carbon_integral carbon_series_integrate(const struct carbon_series *series, time_t from, time_t to);

/* Mean over the known part; NAN where nothing is known. */
double carbon_integral_mean(const struct carbon_integral *integral);

/*
 * The mean of each whole hour of a sorted series from FROM (floored to the hour) on: OUT[i] is hour
 * i's mean over its known part, NAN where less than half of it is known.
 */
void carbon_series_hourly(const struct carbon_series *series, time_t from, size_t hours, double *out);

#endif
