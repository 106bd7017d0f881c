/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One zone of the past: what its grid really did, and what was forecast of it at any hour from
 * nothing but the hours before. The truth is for scoring; only the forecast "perfect" may
 * decide by it.
 */
#ifndef CARBON_GRID_H
#define CARBON_GRID_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/curve.h"
#include "lib/intensity.h"

struct carbon_err;
struct carbon_series;
struct carbon_grid;

/* Whom a decision believes. */
enum carbon_foresight {
	CARBON_FORESIGHT_PERFECT, /* what really came */
	CARBON_FORESIGHT_MODEL,	  /* our own forecast */
	CARBON_FORESIGHT_ENS,	  /* the simple rules of forecaster/model_simple.h */
	CARBON_FORESIGHT_MEAN7,
	CARBON_FORESIGHT_YESTERDAY,
	CARBON_FORESIGHT_LASTWEEK,
	CARBON_FORESIGHT_LAST,
	CARBON_FORESIGHTS
};

/* "perfect", "model", "ens", "mean7", "yesterday", "lastweek", "last". */
const char *carbon_foresight_name(enum carbon_foresight foresight);
bool carbon_foresight_find(const char *name, enum carbon_foresight *out);

/* Called now and then with how much is done, 0 to 1. */
typedef void (*carbon_progress_f)(void *context, double done);

/* What is expected from some hour on. Borrowed from the grid, the same knots in both. */
struct carbon_foreseen {
	struct carbon_curve mean, high;
};

/* SERIES is sorted and not needed afterwards. Errors: empty, no memory. */
int carbon_grid_create(const char *zone, const struct carbon_series *series,
		       struct carbon_grid **out, struct carbon_err *err);
void carbon_grid_destroy(struct carbon_grid *grid); /* NULL is fine */

const char *carbon_grid_zone(const struct carbon_grid *grid);

/* The truth. Where nothing is known it is 0: ask carbon_grid_is_known() first. */
const struct carbon_curve *carbon_grid_truth(const struct carbon_grid *grid);

/* Whether every second of [from, to) has a value. */
bool carbon_grid_is_known(const struct carbon_grid *grid, time_t from, time_t to);
/* Seconds in [from, to) without one. */
double carbon_grid_missing(const struct carbon_grid *grid, time_t from, time_t to);

/*
 * Make every hour's forecast from the hour of FROM to that of TO. Each is given the hours that
 * had wholly passed when it was made and no other. Keeps what was made before where that is
 * enough. Errors: no memory.
 */
int carbon_grid_foresee(struct carbon_grid *grid, enum carbon_foresight foresight, time_t from,
			time_t to, carbon_progress_f progress, void *context,
			struct carbon_err *err);

/* What was expected at AT (in the span foreseen); false: there was no forecast then. */
bool carbon_grid_view(const struct carbon_grid *grid, time_t at, struct carbon_foreseen *out);

#endif
