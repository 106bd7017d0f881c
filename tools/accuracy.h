/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How good forecasts have been: those that were issued here, hour by hour against what the grid then did.
 * Pure, but for the store that it reads.
 */
#ifndef CARBON_ACCURACY_H
#define CARBON_ACCURACY_H

#include <stddef.h>
#include <time.h>

#include "lib/intensity.h"
#include "lib/series.h"

struct carbon_config;
struct carbon_err;
struct carbon_store;
struct carbon_tool;

#define CARBON_ACCURACY_SOURCES_MAX 16
#define CARBON_ACCURACY_DAYS 4 /* ahead */

/*
 * Of one source. Index i: the hours 24 i + 1 to 24 (i + 1) ahead, each day by itself: sums over days would set a source that
 * forecasts one day, or begins behind another's last hour, beside one that covers all four.
 */
struct carbon_accuracy {
	char source[CARBON_SOURCE_MAX];
	size_t forecasts; /* scored: one an hour at most */
	time_t scored_at; /* issue time of the last one */
	size_t hours[CARBON_ACCURACY_DAYS];
	double error_g[CARBON_ACCURACY_DAYS];	 /* sum of absolute errors, g/kWh */
	double share[CARBON_ACCURACY_DAYS];	 /* sum of errors as a share of the real value */
	size_t share_hours[CARBON_ACCURACY_DAYS]; /* hours whose real value was not zero */
};

struct carbon_accuracies {
	size_t sources;
	struct carbon_accuracy source[CARBON_ACCURACY_SOURCES_MAX];
};

/*
 * Score one forecast against the hourly means ACTUAL (NAN: unknown), whose first begins at ACTUAL_AT. Its hours begin with
 * the first whole one after its issue.
 */
void carbon_accuracy_add(struct carbon_accuracies *all, const char *source, time_t issued_at,
			 const struct carbon_series *forecast, const double *actual, size_t hours, time_t actual_at);

/* Mean absolute error in g/kWh and in percent; NAN where nothing was scored. DAY 0 to CARBON_ACCURACY_DAYS - 1. */
double carbon_accuracy_mae(const struct carbon_accuracy *accuracy, int day);
double carbon_accuracy_mape(const struct carbon_accuracy *accuracy, int day);

/* All forecasts of a zone issued from FROM to NOW, this very second included. */
int carbon_accuracy_read(struct carbon_store *store, const char *zone, enum carbon_signal signal, time_t from,
			 time_t now, struct carbon_accuracies *out, struct carbon_err *err);

/* What carbonctl forecast --accuracy prints: the zones named, or all that are configured. */
int carbon_accuracy_show(const struct carbon_tool *tool, const struct carbon_config *config, struct carbon_err *err);

#endif
