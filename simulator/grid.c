/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The truth as a curve with its holes counted, and a row of forecasts per hour. A forecast is
 * made from the hours before its own and written down; nothing here lets it see the truth.
 */
#include "simulator/grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "forecaster/model.h"
#include "forecaster/model_simple.h"
#include "lib/err.h"
#include "lib/series.h"
#include "lib/time.h"

#define HOUR_S 3600
#define HORIZON CARBON_MODEL_HORIZON_H
#define PROGRESS_EVERY 64

static const char *const names[CARBON_FORESIGHTS] = {
	[CARBON_FORESIGHT_PERFECT] = "perfect",
	[CARBON_FORESIGHT_MODEL] = "model",
	[CARBON_FORESIGHT_ENS] = "ens",
	[CARBON_FORESIGHT_MEAN7] = "mean7",
	[CARBON_FORESIGHT_YESTERDAY] = "yesterday",
	[CARBON_FORESIGHT_LASTWEEK] = "lastweek",
	[CARBON_FORESIGHT_LAST] = "last",
};

static const enum carbon_simple simples[CARBON_FORESIGHTS] = {
	[CARBON_FORESIGHT_ENS] = CARBON_SIMPLE_ENS,
	[CARBON_FORESIGHT_MEAN7] = CARBON_SIMPLE_MEAN7,
	[CARBON_FORESIGHT_YESTERDAY] = CARBON_SIMPLE_YESTERDAY,
	[CARBON_FORESIGHT_LASTWEEK] = CARBON_SIMPLE_LASTWEEK,
	[CARBON_FORESIGHT_LAST] = CARBON_SIMPLE_LAST,
};

/* One hour's forecast. */
struct row {
	time_t start_at; /* 0: there is none */
	float mean[HORIZON], high[HORIZON];
	double mean_sum[HORIZON + 1], high_sum[HORIZON + 1];
};

struct carbon_grid {
	char zone[CARBON_ZONE_MAX];
	struct carbon_curve truth;
	double *missing_s; /* truth.count + 1: seconds without a value up to each knot */
	time_t start_at;   /* of hourly[0] */
	size_t hours;
	double *hourly;			 /* NAN: not known */
	enum carbon_foresight foresight; /* in force */
	enum carbon_foresight made;	 /* whose rows these are */
	time_t first_at;		 /* of row[0] */
	size_t rows;
	struct row *row;
	uint32_t knot_s[HORIZON + 1];
};

const char *carbon_foresight_name(enum carbon_foresight foresight)
{
	return names[foresight];
}

bool carbon_foresight_find(const char *name, enum carbon_foresight *out)
{
	for (int i = 0; i < CARBON_FORESIGHTS; i++)
		if (strcasecmp(name, names[i]) == 0) {
			*out = (enum carbon_foresight)i;
			return true;
		}
	return false;
}

/* --- the truth --- */

struct arrays {
	uint32_t *knot_s;
	float *value;
	double *sum, *missing_s;
	size_t count;
};

/* Append the segment that ends at END_S; G_KWH NAN: a hole. */
static void append(struct arrays *arrays, uint32_t end_s, double g_kwh)
{
	size_t i = arrays->count++;
	double length_s = (double)(end_s - arrays->knot_s[i]);

	arrays->knot_s[i + 1] = end_s;
	arrays->value[i] = isnan(g_kwh) ? 0 : (float)g_kwh;
	/* The value as it is kept, for a run over a knot is a difference of sums and parts of segments. */
	arrays->sum[i + 1] = arrays->sum[i] + (double)arrays->value[i] * length_s;
	arrays->missing_s[i + 1] = arrays->missing_s[i] + (isnan(g_kwh) ? length_s : 0);
}

static void fill_truth(struct arrays *arrays, const struct carbon_series *series)
{
	time_t start_at = series->points[0].at;

	for (size_t i = 0; i < series->count; i++) {
		time_t next_at = i + 1 < series->count ? series->points[i + 1].at : 0;
		time_t end_at = series->points[i].at + CARBON_STEP_MAX_S;

		if (next_at && next_at < end_at)
			end_at = next_at;
		else if (!next_at && i > 0 &&
			 series->points[i].at - series->points[i - 1].at < CARBON_STEP_MAX_S)
			end_at = 2 * series->points[i].at -
				 series->points[i - 1]
					 .at; /* the last: as long as the one before */
		append(arrays, (uint32_t)(end_at - start_at), series->points[i].g_kwh);
		if (next_at > end_at)
			append(arrays, (uint32_t)(next_at - start_at), NAN);
	}
}

static int make_truth(struct carbon_grid *grid, const struct carbon_series *series)
{
	size_t most = 2 * series->count;
	struct arrays arrays = {
		.knot_s = calloc(most + 1, sizeof(*arrays.knot_s)),
		.value = calloc(most + 1, sizeof(*arrays.value)),
		.sum = calloc(most + 1, sizeof(*arrays.sum)),
		.missing_s = calloc(most + 1, sizeof(*arrays.missing_s)),
	};

	grid->truth = (struct carbon_curve){series->points[0].at, 0, arrays.knot_s,
					    arrays.value, arrays.sum, NULL};
	grid->missing_s = arrays.missing_s;
	if (!arrays.knot_s || !arrays.value || !arrays.sum || !arrays.missing_s)
		return -1;
	fill_truth(&arrays, series);
	grid->truth.count = arrays.count;
	return 0;
}

static int make_hours(struct carbon_grid *grid, const struct carbon_series *series)
{
	grid->start_at = carbon_hour_floor(series->points[0].at);
	grid->hours = (size_t)((carbon_curve_end(&grid->truth) - grid->start_at) / HOUR_S);
	grid->hourly = calloc(grid->hours + 1, sizeof(*grid->hourly));
	if (!grid->hourly)
		return -1;
	carbon_series_hourly(series, grid->start_at, grid->hours, grid->hourly);
	return 0;
}

int carbon_grid_create(const char *zone, const struct carbon_series *series,
		       struct carbon_grid **out, struct carbon_err *err)
{
	struct carbon_grid *grid;

	if (series->count == 0)
		return carbon_err_set(err, "zone %s: no intensity", zone);
	grid = calloc(1, sizeof(*grid));
	if (!grid || make_truth(grid, series) < 0 || make_hours(grid, series) < 0) {
		carbon_grid_destroy(grid);
		return carbon_err_set(err, "zone %s: no memory for %zu points", zone,
				      series->count);
	}
	snprintf(grid->zone, sizeof(grid->zone), "%s", zone);
	for (uint32_t h = 0; h <= HORIZON; h++)
		grid->knot_s[h] = h * HOUR_S;
	*out = grid;
	return 0;
}

void carbon_grid_destroy(struct carbon_grid *grid)
{
	if (!grid)
		return;
	free((void *)(uintptr_t)grid->truth.knot_s);
	free((void *)(uintptr_t)grid->truth.value);
	free((void *)(uintptr_t)grid->truth.sum);
	free(grid->missing_s);
	free(grid->hourly);
	free(grid->row);
	free(grid);
}

const char *carbon_grid_zone(const struct carbon_grid *grid)
{
	return grid->zone;
}

const struct carbon_curve *carbon_grid_truth(const struct carbon_grid *grid)
{
	return &grid->truth;
}

static double missing_to(const struct carbon_grid *grid, time_t at)
{
	size_t i = carbon_curve_segment(&grid->truth, at);
	bool is_hole = grid->missing_s[i + 1] > grid->missing_s[i];

	return grid->missing_s[i] +
	       (is_hole ? (double)(at - grid->truth.start_at - (time_t)grid->truth.knot_s[i])
			: 0);
}

double carbon_grid_missing(const struct carbon_grid *grid, time_t from, time_t to)
{
	time_t start_at = grid->truth.start_at, end_at = carbon_curve_end(&grid->truth);
	time_t first = from > start_at ? from : start_at, last = to < end_at ? to : end_at;

	if (last <= first)
		return to > from ? (double)(to - from) : 0;
	return (double)(first - from) + (double)(to - last) + missing_to(grid, last) -
	       missing_to(grid, first);
}

bool carbon_grid_is_known(const struct carbon_grid *grid, time_t from, time_t to)
{
	return carbon_curve_has(&grid->truth, from, to) &&
	       (grid->missing_s[grid->truth.count] <= 0 ||
		carbon_grid_missing(grid, from, to) <= 0);
}

/* --- forecasts --- */

static void set_row(struct carbon_grid *grid, struct row *row, const double *mean,
		    const double *high)
{
	for (size_t h = 0; h < HORIZON; h++) {
		row->mean[h] = (float)mean[h];
		row->high[h] = (float)high[h];
	}
	carbon_curve_sum(HORIZON, grid->knot_s, row->mean, row->mean_sum);
	carbon_curve_sum(HORIZON, grid->knot_s, row->high, row->high_sum);
}

/* Index of the hour in which row I decides: the first one it does not know. */
static size_t origin_of(const struct carbon_grid *grid, size_t i)
{
	return (size_t)((grid->first_at - grid->start_at) / HOUR_S) + i;
}

static void foresee_simple(struct carbon_grid *grid, size_t i)
{
	struct row *row = &grid->row[i];
	size_t origin = origin_of(grid, i);
	double mean[HORIZON];

	if (!carbon_simple_predict(simples[grid->foresight], grid->hourly, origin, HORIZON,
				   mean))
		return;
	row->start_at = grid->first_at + (time_t)i * HOUR_S;
	set_row(grid, row, mean, mean);
}

/* MODEL has seen the hours before *SEEN; it is shown those before row I's. */
static int foresee_model(struct carbon_grid *grid, struct carbon_model *model, size_t *seen,
			 size_t i, struct carbon_err *err)
{
	struct row *row = &grid->row[i];
	size_t origin = origin_of(grid, i);
	struct carbon_model_forecast forecast;

	if (carbon_model_extend(model, grid->hourly + *seen, origin - *seen, err) < 0)
		return -1;
	*seen = origin;
	if (carbon_model_predict(model, &forecast, NULL) < 0)
		return 0; /* too little history: there was no forecast then */
	row->start_at = forecast.start_at;
	set_row(grid, row, forecast.mean_g_kwh, forecast.high_g_kwh);
	return 0;
}

static int make_rows(struct carbon_grid *grid, time_t from, time_t to, struct carbon_err *err)
{
	free(grid->row);
	grid->row = NULL;
	grid->rows = 0;
	grid->first_at = carbon_hour_floor(from);
	if (to < from)
		return 0;
	grid->rows = (size_t)((carbon_hour_floor(to) - grid->first_at) / HOUR_S) + 1;
	grid->row = calloc(grid->rows, sizeof(*grid->row));
	if (grid->row)
		return 0;
	carbon_err_set(err, "no memory for %zu forecasts", grid->rows);
	grid->rows = 0;
	return -1;
}

/* Whether there is nothing left to be made. */
static bool is_foreseen(const struct carbon_grid *grid, enum carbon_foresight foresight,
			time_t from, time_t to)
{
	return grid->made == foresight && from >= grid->first_at &&
	       to < grid->first_at + (time_t)grid->rows * HOUR_S;
}

int carbon_grid_foresee(struct carbon_grid *grid, enum carbon_foresight foresight, time_t from,
			time_t to, carbon_progress_f progress, void *context,
			struct carbon_err *err)
{
	time_t last_at = grid->start_at + (time_t)grid->hours * HOUR_S;
	struct carbon_model *model = NULL;
	size_t seen = 0;
	int rc = 0;

	from = from < grid->start_at ? grid->start_at : from;
	to = to > last_at ? last_at : to;
	if (foresight == CARBON_FORESIGHT_PERFECT || is_foreseen(grid, foresight, from, to)) {
		grid->foresight = foresight;
		return 0;
	}
	grid->foresight = grid->made = foresight;
	if (make_rows(grid, from, to, err) < 0)
		return -1;
	if (foresight == CARBON_FORESIGHT_MODEL) {
		model = carbon_model_create(grid->start_at);
		if (!model)
			return carbon_err_set(err, "no memory for a forecast model");
	}
	for (size_t i = 0; i < grid->rows && rc == 0; i++) {
		if (model)
			rc = foresee_model(grid, model, &seen, i, err);
		else
			foresee_simple(grid, i);
		if (progress && i % PROGRESS_EVERY == 0)
			progress(context, (double)i / (double)grid->rows);
	}
	carbon_model_destroy(model);
	return rc;
}

bool carbon_grid_view(const struct carbon_grid *grid, time_t at, struct carbon_foreseen *out)
{
	const struct row *row;
	size_t i = (size_t)((at - grid->first_at) / HOUR_S);

	if (grid->foresight == CARBON_FORESIGHT_PERFECT) {
		out->mean = out->high = grid->truth;
		return true;
	}
	if (at < grid->first_at || i >= grid->rows || !grid->row[i].start_at)
		return false;
	row = &grid->row[i];
	out->mean = (struct carbon_curve){row->start_at, HORIZON, grid->knot_s, row->mean,
					  row->mean_sum, NULL};
	out->high = (struct carbon_curve){row->start_at, HORIZON, grid->knot_s, row->high,
					  row->high_sum, NULL};
	return true;
}
