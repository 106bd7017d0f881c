/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a provider's day-ahead forecast is worth to ours: mixed with it on its day, and gone on from on the
 * three behind. Published forecasts of three American grids, October to December 2021, which are not shipped:
 * provider_ahead FILE prints the errors in percent, and fails where going on from it does not help.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/blend.h"
#include "forecaster/csv.h"
#include "forecaster/model.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/time.h"

#define HOURS_MAX 10000
#define DAY_H 24
#define DAYS 4
#define FROM_H (92 * DAY_H) /* a first quarter to learn from */

struct grid {
	time_t start_at;
	size_t hours;
	double real[HOURS_MAX], theirs[HOURS_MAX];
};

/* Sums of |forecast - real| / real by day of lead. */
struct errors {
	double ours[DAYS], theirs[DAYS], mixed[DAYS], beyond[DAYS];
	size_t origins;
};

static int read_row(const struct carbon_csv *csv, struct grid *grid, struct carbon_err *err)
{
	time_t at;

	if (csv->cells != 3 || grid->hours == HOURS_MAX || carbon_time_parse(csv->cell[0], &at, NULL) < 0 ||
	    carbon_num_parse(csv->cell[1], 0, 2000, &grid->real[grid->hours]) < 0 ||
	    carbon_num_parse(csv->cell[2], 0, 2000, &grid->theirs[grid->hours]) < 0)
		return carbon_err_set(err, "line %zu: not time, intensity and forecast", csv->line);
	if (grid->hours == 0)
		grid->start_at = at;
	else if (at != grid->start_at + (time_t)grid->hours * 3600)
		return carbon_err_set(err, "line %zu: not the next hour", csv->line);
	grid->hours++;
	return 0;
}

static int read_grid(const char *path, struct grid *grid, struct carbon_err *err)
{
	struct carbon_csv csv;
	char *text = NULL;
	size_t length = 0;
	int got, rc = carbon_file_read(path, 1 << 20, 0, NULL, &text, &length, err);

	if (rc < 0)
		return -1;
	carbon_csv_init(&csv, text, length);
	got = carbon_csv_next(&csv, err);
	while (got > 0 && rc == 0 && (got = carbon_csv_next(&csv, err)) > 0)
		rc = read_row(&csv, grid, err);
	free(text);
	return got < 0 ? -1 : rc;
}

/* Ours from the end of AHEAD on. */
static int go_on(const struct grid *grid, size_t origin, const double *ahead, double *mean, struct carbon_err *err)
{
	struct carbon_model *model = carbon_model_create(grid->start_at);
	int rc = -1;

	if (model && carbon_model_extend(model, grid->real, origin, err) == 0 &&
	    carbon_model_extend(model, ahead, DAY_H, err) == 0)
		rc = carbon_model_mean(model, mean) ? 0 : carbon_err_set(err, "no model speaks");
	carbon_model_destroy(model);
	return rc;
}

static double off(double forecast, double real)
{
	return fabs(forecast - real) / real;
}

static void score(const struct grid *grid, size_t origin, const double *ours, const double *mixed,
		  const double *beyond, struct errors *errors)
{
	for (size_t h = 0; h < DAYS * DAY_H; h++) {
		double real = grid->real[origin + h];
		size_t day = h / DAY_H;

		errors->ours[day] += off(ours[h], real);
		if (day == 0) {
			errors->theirs[day] += off(grid->theirs[origin + h], real);
			errors->mixed[day] += off(mixed[h], real);
		} else {
			errors->beyond[day] += off(beyond[h - DAY_H], real);
		}
	}
	errors->origins++;
}

static void mix(const struct grid *grid, size_t origin, const double *ours, const struct carbon_blend *blend,
		double *mixed)
{
	for (size_t h = 0; h < DAY_H; h++) {
		struct carbon_blend_hour hour = {.theirs_g_kwh = grid->theirs[origin + h], .ours_g_kwh = ours[h],
						 .low_g_kwh = ours[h], .high_g_kwh = ours[h]};

		mixed[h] = hour.theirs_g_kwh;
		if (!carbon_blend_is_known(blend, h))
			continue;
		carbon_blend_mix(blend, h, &hour);
		mixed[h] = hour.ours_g_kwh;
	}
}

static int replay(const struct grid *grid, struct errors *errors, struct carbon_err *err)
{
	double ours[CARBON_MODEL_HORIZON_H], beyond[CARBON_MODEL_HORIZON_H], mixed[DAY_H];
	struct carbon_blend blend;

	carbon_blend_init(&blend);
	for (size_t origin = FROM_H; origin + DAYS * DAY_H <= grid->hours; origin += DAY_H) {
		struct carbon_model *model = carbon_model_create(grid->start_at);
		bool is_known = model && carbon_model_extend(model, grid->real, origin, err) == 0 &&
				carbon_model_mean(model, ours);

		carbon_model_destroy(model);
		if (!is_known)
			return carbon_err_set(err, "no model speaks");
		mix(grid, origin, ours, &blend, mixed);
		if (go_on(grid, origin, mixed, beyond, err) < 0)
			return -1;
		score(grid, origin, ours, mixed, beyond, errors);
		for (size_t h = 0; h < DAY_H; h++)
			carbon_blend_add(&blend, &(struct carbon_blend_past){
							 .lead_h = h, .theirs_g_kwh = grid->theirs[origin + h],
							 .ours_g_kwh = ours[h], .truth_g_kwh = grid->real[origin + h]});
	}
	return 0;
}

static int print(const struct errors *errors)
{
	double hours = (double)errors->origins * DAY_H / 100;
	int rc = errors->mixed[0] <= 1.01 * fmin(errors->ours[0], errors->theirs[0]) ? 0 : 1;

	printf("day 1: ours %.1f %%, theirs %.1f %%, mixed %.1f %%\n", errors->ours[0] / hours,
	       errors->theirs[0] / hours, errors->mixed[0] / hours);
	for (size_t day = 1; day < DAYS; day++) {
		printf("day %zu: ours %.1f %%, going on from theirs %.1f %%\n", day + 1, errors->ours[day] / hours,
		       errors->beyond[day] / hours);
		if (errors->beyond[day] >= errors->ours[day])
			rc = 1;
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct grid *grid = calloc(1, sizeof(*grid));
	struct carbon_err err = {""};
	struct errors errors = {.origins = 0};
	int rc = 1;

	if (argc != 2 || !grid || read_grid(argv[1], grid, &err) < 0 || replay(grid, &errors, &err) < 0)
		fprintf(stderr, "provider_ahead FILE: %s\n", err.text);
	else
		rc = print(&errors);
	free(grid);
	return rc;
}
