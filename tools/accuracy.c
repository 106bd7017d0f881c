/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A forecast is scored as it was issued; the truth is history in force now, revisions included. Hours that
 * nobody knows count nowhere.
 */
#include "tools/accuracy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/forecasts.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600
#define HOURS_AHEAD (24 * CARBON_ACCURACY_DAYS)

static struct carbon_accuracy *find_source(struct carbon_accuracies *all, const char *source)
{
	struct carbon_accuracy *accuracy;

	for (size_t i = 0; i < all->sources; i++)
		if (strcmp(all->source[i].source, source) == 0)
			return &all->source[i];
	if (all->sources == CARBON_ACCURACY_SOURCES_MAX)
		return NULL;
	accuracy = &all->source[all->sources++];
	memset(accuracy, 0, sizeof(*accuracy));
	snprintf(accuracy->source, sizeof(accuracy->source), "%s", source);
	return accuracy;
}

static void add_hour(struct carbon_accuracy *accuracy, int day, double ahead, double real)
{
	double error = fabs(ahead - real);

	accuracy->hours[day]++;
	accuracy->error_g[day] += error;
	if (real > 0) {
		accuracy->share[day] += error / real;
		accuracy->share_hours[day]++;
	}
}

void carbon_accuracy_add(struct carbon_accuracies *all, const char *source, time_t issued_at,
			 const struct carbon_series *forecast, const double *actual, size_t hours, time_t actual_at)
{
	struct carbon_accuracy *accuracy = find_source(all, source);
	time_t first_at = carbon_hour_floor(issued_at) + HOUR_S;
	double ahead[HOURS_AHEAD];

	/* Four an hour tell no more than one, and cost four times as much. */
	if (!accuracy || (accuracy->forecasts && issued_at - accuracy->scored_at < HOUR_S))
		return;
	carbon_series_hourly(forecast, first_at, HOURS_AHEAD, ahead);
	for (int hour = 0; hour < HOURS_AHEAD; hour++) {
		time_t index = (first_at - actual_at) / HOUR_S + hour;

		if (index < 0 || (size_t)index >= hours || isnan(ahead[hour]) || isnan(actual[index]))
			continue;
		add_hour(accuracy, hour / 24, ahead[hour], actual[index]);
	}
	accuracy->forecasts++;
	accuracy->scored_at = issued_at;
}

double carbon_accuracy_mae(const struct carbon_accuracy *accuracy, int day)
{
	return accuracy->hours[day] ? accuracy->error_g[day] / (double)accuracy->hours[day] : (double)NAN;
}

double carbon_accuracy_mape(const struct carbon_accuracy *accuracy, int day)
{
	return accuracy->share_hours[day] ? 100 * accuracy->share[day] / (double)accuracy->share_hours[day] :
					    (double)NAN;
}

/* --- from the store --- */

struct scoring {
	struct carbon_accuracies all;
	double *actual;
	size_t hours;
	time_t actual_at;
};

static int score(const char *source, time_t issued_at, const struct carbon_series *series, void *context,
		 struct carbon_err *err)
{
	struct scoring *scoring = context;

	(void)err;
	carbon_accuracy_add(&scoring->all, source, issued_at, series, scoring->actual, scoring->hours,
			    scoring->actual_at);
	return 0;
}

/* What the grid did, in whole hours that are over. */
static int read_actual(struct carbon_store *store, const char *zone, enum carbon_signal signal, time_t now,
		       struct scoring *scoring, struct carbon_err *err)
{
	struct carbon_series series;
	int rc;

	carbon_series_init(&series);
	rc = carbon_store_history_get(store, zone, signal, NULL, scoring->actual_at, carbon_hour_floor(now), &series,
				      err);
	if (rc == 0)
		carbon_series_hourly(&series, scoring->actual_at, scoring->hours, scoring->actual);
	carbon_series_fini(&series);
	return rc;
}

int carbon_accuracy_read(struct carbon_store *store, const char *zone, enum carbon_signal signal, time_t from,
			 time_t now, struct carbon_accuracies *out, struct carbon_err *err)
{
	struct scoring scoring = {.actual_at = carbon_hour_floor(from)};
	int rc = -1;

	scoring.hours = (size_t)((carbon_hour_floor(now) - scoring.actual_at) / HOUR_S);
	scoring.actual = calloc(scoring.hours + 1, sizeof(*scoring.actual));
	if (!scoring.actual)
		return carbon_err_set(err, "no memory for %zu hours", scoring.hours);
	if (read_actual(store, zone, signal, now, &scoring, err) == 0)
		rc = carbon_store_forecast_each(store, zone, signal, from, now + 1, score, &scoring, err);
	if (rc == 0)
		*out = scoring.all;
	free(scoring.actual);
	return rc;
}
