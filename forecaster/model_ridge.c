/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gram matrices are kept per hour of day and sixth of the year and only ever added to: a
 * sample's weight grows with its date instead of fading with its age, which differs by a factor
 * that the solution does not see; what the time of year is worth is decided when the sixths are
 * summed up. Matrices are column-major, as BLAS and LAPACK want them.
 */
#include "forecaster/model_ridge.h"

#include <cblas.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/model.h"

#define DAY_H 24
#define WEEK_H 168
#define HORIZON CARBON_MODEL_HORIZON_H

/* Where each block of features begins. */
enum {
	AT_DAY = 0,    /* the last 24 hours against their base */
	AT_SLOW = 24,  /* the long mean of these hours against their base */
	AT_LAST = 48,  /* the last hour against its base of the day before */
	AT_LAST3 = 49, /* the mean of that over three hours */
	AT_WEEKDAY = 50,
	AT_SEASON = 57,
	AT_CONSTANT = 61,
	FEATURES = 62
};

#define YEAR_H 8766.0
#define SEASONS 6

/* A sample of another season counts less, by a bell over the distance, but never under this
 * share. */
#define SEASON_FLOOR 0.3
#define SEASON_WIDTH_H (60.0 * DAY_H)

/* A wild day tells less of the next one: weight 1 / (its root mean square)^CALM. */
#define CALM 0.6
#define CALM_FLOOR 1e-3 /* mean square that no day is calmer than */

#define HALF_LIFE_H (365.0 * DAY_H)
/* How many times greater the penalty is on the hour a day ago than on the last one. */
#define DOUBT 20.0

#define BLOCK 64	      /* samples that go into BLAS at once */
#define WARM_UP_H (8 * DAY_H) /* earlier origins have no base worth the name */
#define SAMPLES_MIN 10

/* Sums over samples. */
struct gram {
	size_t samples;
	double xx[FEATURES * FEATURES]; /* lower triangle */
	double xy[FEATURES * HORIZON];
};

/* What one hour of day has to teach: the origins before NEXT, by the season they fell into. */
struct lesson {
	bool is_open; /* NEXT is set */
	size_t next;
	struct gram season[SEASONS];
};

/* Coefficients of one hour of day as solved for one week. */
struct solution {
	size_t week;
	bool is_valid;
	double b[FEATURES * HORIZON];
};

/*
 * Twelve megabytes, of which the system gives only those that are touched: seven hours of 24
 * where all forecasts are from one hour of day.
 */
struct carbon_ridge {
	struct carbon_ridge_spec spec;
	struct lesson lesson[DAY_H];
	struct solution solution[DAY_H];
	double x[FEATURES * BLOCK];
	double y[HORIZON * BLOCK];
	double normal[FEATURES * FEATURES];
};

/* LAPACK's Fortran entry; the last argument is the hidden length of UPLO. */
void dposv_(const char *uplo, const int *n, const int *nrhs, double *a, const int *lda,
	    double *b, const int *ldb, int *info, size_t uplo_length);

struct carbon_ridge *carbon_ridge_create(const struct carbon_ridge_spec *spec)
{
	struct carbon_ridge *ridge = calloc(1, sizeof(*ridge));

	if (ridge)
		ridge->spec = *spec;
	return ridge;
}

void carbon_ridge_destroy(struct carbon_ridge *ridge)
{
	free(ridge);
}

bool carbon_ridge_week(const struct carbon_model_history *past, size_t origin, size_t *week)
{
	int64_t hour = past->start_h + (int64_t)origin;
	int64_t begin = hour - ((hour % WEEK_H) + WEEK_H) % WEEK_H - past->start_h;

	if (begin < 0)
		return false;
	*week = (size_t)begin;
	return true;
}

static int hour_of_day(const struct carbon_model_history *past, size_t t)
{
	return (int)((past->start_h + (int64_t)t) % DAY_H);
}

/* --- features and targets --- */

/* The base of each hour of the day before ORIGIN; targets and features are told against it. */
static bool base_of(const struct carbon_ridge *ridge, const struct carbon_model_history *past,
		    size_t origin, double base[DAY_H])
{
	if (origin < WARM_UP_H)
		return false;
	for (int j = 0; j < DAY_H; j++) {
		base[j] = carbon_model_history_mean(past, ridge->spec.scale,
						    origin - DAY_H + (size_t)j,
						    ridge->spec.base_days);
		if (isnan(base[j]))
			return false;
	}
	return true;
}

static void fill_calendar(const struct carbon_model_history *past, size_t origin, double *x)
{
	int64_t hour = past->start_h + (int64_t)origin;
	int64_t day = (hour - 1) / DAY_H;
	double angle = 2 * M_PI * (double)hour / YEAR_H;

	for (int d = 0; d < 7; d++)
		x[AT_WEEKDAY + d] = d == day % 7 ? 1 : 0;
	x[AT_SEASON] = sin(angle);
	x[AT_SEASON + 1] = cos(angle);
	x[AT_SEASON + 2] = sin(2 * angle);
	x[AT_SEASON + 3] = cos(2 * angle);
	x[AT_CONSTANT] = 1;
}

/* What is known at ORIGIN. False where the last day has a hole. */
static bool fill_features(const struct carbon_ridge *ridge,
			  const struct carbon_model_history *past, size_t origin,
			  const double base[DAY_H], double *x)
{
	const struct carbon_ridge_spec *spec = &ridge->spec;
	double last[3];

	for (size_t j = 0; j < DAY_H; j++) {
		size_t t = origin - DAY_H + j;
		double slow = carbon_model_history_mean(past, spec->scale, t, spec->slow_days);

		x[AT_DAY + j] = past->hour[t].value[spec->scale] - base[j];
		x[AT_SLOW + j] = slow - base[j];
	}
	for (size_t i = 1; i <= 3; i++)
		last[i - 1] = past->hour[origin - i].value[spec->scale] -
			      carbon_model_history_mean(past, spec->scale, origin - DAY_H - i,
							spec->base_days);
	x[AT_LAST] = last[0];
	x[AT_LAST3] = (last[0] + last[1] + last[2]) / 3;
	fill_calendar(past, origin, x);
	for (int j = 0; j < FEATURES; j++)
		if (isnan(x[j]))
			return false;
	return true;
}

/* What came then. False where one of the hours is unknown. */
static bool fill_targets(const struct carbon_ridge *ridge,
			 const struct carbon_model_history *past, size_t origin,
			 const double base[DAY_H], double *y)
{
	for (size_t h = 0; h < HORIZON; h++) {
		y[h] = past->hour[origin + h].value[ridge->spec.scale] - base[h % DAY_H];
		if (isnan(y[h]))
			return false;
	}
	return true;
}

/* --- learning --- */

/* The root of a sample's weight: twice as much for one a half-life younger, less after wild
 * days. */
static double root_weight(size_t origin, const double *y)
{
	double square = cblas_ddot(HORIZON, y, 1, y, 1) / HORIZON;

	return exp2((double)origin / (2 * HALF_LIFE_H)) * pow(square + CALM_FLOOR, -CALM / 4);
}

/* One sample, scaled by the root of its weight, into column COLUMN of the block. */
static bool take_sample(struct carbon_ridge *ridge, const struct carbon_model_history *past,
			size_t origin, size_t column)
{
	double *x = ridge->x + column * FEATURES, *y = ridge->y + column * HORIZON;
	double base[DAY_H], root;

	if (!base_of(ridge, past, origin, base) ||
	    !fill_features(ridge, past, origin, base, x) ||
	    !fill_targets(ridge, past, origin, base, y))
		return false;
	root = root_weight(origin, y);
	cblas_dscal(FEATURES, root, x, 1);
	cblas_dscal(HORIZON, root, y, 1);
	return true;
}

static void add_block(struct carbon_ridge *ridge, struct gram *gram, size_t columns)
{
	if (columns == 0)
		return;
	cblas_dsyrk(CblasColMajor, CblasLower, CblasNoTrans, FEATURES, (int)columns, 1,
		    ridge->x, FEATURES, 1, gram->xx, FEATURES);
	cblas_dgemm(CblasColMajor, CblasNoTrans, CblasTrans, FEATURES, HORIZON, (int)columns, 1,
		    ridge->x, FEATURES, ridge->y, HORIZON, 1, gram->xy, FEATURES);
	gram->samples += columns;
}

/* The time of year of an hour since the epoch, 0 to 1. */
static double time_of_year(int64_t hour)
{
	return fmod((double)hour, YEAR_H) / YEAR_H;
}

static struct gram *season_of(struct lesson *lesson, const struct carbon_model_history *past,
			      size_t origin)
{
	return &lesson->season[(int)(time_of_year(past->start_h + (int64_t)origin) * SEASONS)];
}

/* Add the origins of hour of day H whose horizon ended by WEEK. */
static const struct lesson *learn(struct carbon_ridge *ridge,
				  const struct carbon_model_history *past, int h, size_t week)
{
	struct lesson *lesson = &ridge->lesson[h];
	struct gram *season = NULL;
	size_t columns = 0;

	if (lesson->is_open && lesson->next + HORIZON > week + DAY_H) /* back in time */
		memset(lesson, 0, sizeof(*lesson));
	if (!lesson->is_open)
		lesson->next = (size_t)((h - hour_of_day(past, 0) + DAY_H) % DAY_H);
	lesson->is_open = true;
	for (; lesson->next + HORIZON <= week; lesson->next += DAY_H) {
		struct gram *its = season_of(lesson, past, lesson->next);

		if (its != season || columns == BLOCK) {
			add_block(ridge, season, columns);
			columns = 0;
		}
		season = its;
		if (take_sample(ridge, past, lesson->next, columns))
			columns++;
	}
	add_block(ridge, season, columns);
	return lesson;
}

/* Leave feature J out: its coefficients become zero. */
static void leave_out(double *normal, double *b, int j)
{
	for (int i = 0; i < j; i++)
		normal[j + i * FEATURES] = 0;
	for (int i = j; i < FEATURES; i++)
		normal[i + j * FEATURES] = 0;
	normal[j + j * FEATURES] = 1;
	for (int h = 0; h < HORIZON; h++)
		b[j + h * FEATURES] = 0;
}

/* Of the last day's hours, the further back, the less is made of one. */
static double doubt(int j)
{
	return j < AT_SLOW ? pow(DOUBT, (AT_SLOW - 1 - j) / (DAY_H - 1.0)) : 1;
}

/* The penalty of feature J in its own units: lambda standardised variances per weight. */
static void penalise(double *normal, int j, double lambda)
{
	double n = normal[AT_CONSTANT + AT_CONSTANT * FEATURES];
	double mean = normal[AT_CONSTANT + j * FEATURES] / n;
	double variance = normal[j + j * FEATURES] / n - mean * mean;

	normal[j + j * FEATURES] += lambda * doubt(j) * n * fmax(variance, 1e-12);
}

static void apply_tuning(const struct carbon_ridge_tuning *tuning, double *normal, double *b)
{
	for (int j = 0; j < AT_CONSTANT; j++)
		penalise(normal, j, tuning->lambda);
	for (int j = AT_SLOW; !tuning->has_slow && j < AT_LAST; j++)
		leave_out(normal, b, j);
	for (int j = AT_SEASON; !tuning->has_season && j < AT_CONSTANT; j++)
		leave_out(normal, b, j);
}

/* What a sample of SEASON counts in the week that begins at WEEK. */
static double season_weight(const struct carbon_model_history *past, size_t week, int season)
{
	double distance =
		fabs(time_of_year(past->start_h + (int64_t)week) - (season + 0.5) / SEASONS);
	double away;

	if (distance > 0.5)
		distance = 1 - distance;
	away = distance * YEAR_H / SEASON_WIDTH_H;
	return SEASON_FLOOR + (1 - SEASON_FLOOR) * exp(-away * away / 2);
}

/* Sum the neighbouring hours' matrices into ridge->normal and SOLUTION. Returns the samples in
 * them. */
static size_t pool_hours(struct carbon_ridge *ridge, const struct carbon_model_history *past,
			 const struct carbon_ridge_tuning *tuning, int h,
			 struct solution *solution)
{
	int reach = (int)tuning->pool - 1;
	size_t samples = 0;

	memset(ridge->normal, 0, sizeof(ridge->normal));
	memset(solution->b, 0, sizeof(solution->b));
	for (int d = -reach; d <= reach; d++) {
		double weight = 1 - (double)abs(d) / tuning->pool;
		const struct lesson *lesson =
			learn(ridge, past, (h + d + DAY_H) % DAY_H, solution->week);

		for (int i = 0; i < SEASONS; i++) {
			const struct gram *gram = &lesson->season[i];
			double share = weight * season_weight(past, solution->week, i);

			if (gram->samples == 0)
				continue;
			cblas_daxpy(FEATURES * FEATURES, share, gram->xx, 1, ridge->normal, 1);
			cblas_daxpy(FEATURES * HORIZON, share, gram->xy, 1, solution->b, 1);
			samples += gram->samples;
		}
	}
	return samples;
}

/* Coefficients of hour of day H in the week that begins at WEEK; NULL: cannot be had. */
static const struct solution *solve(struct carbon_ridge *ridge,
				    const struct carbon_model_history *past,
				    const struct carbon_ridge_tuning *tuning, int h,
				    size_t week)
{
	const int n = FEATURES, outputs = HORIZON;
	struct solution *solution = &ridge->solution[h];
	int info = 0;

	if (solution->is_valid && solution->week == week)
		return solution;
	solution->is_valid = false;
	solution->week = week;
	if (pool_hours(ridge, past, tuning, h, solution) < SAMPLES_MIN)
		return NULL;
	apply_tuning(tuning, ridge->normal, solution->b);
	dposv_("L", &n, &outputs, ridge->normal, &n, solution->b, &n, &info, 1);
	if (info != 0)
		return NULL;
	solution->is_valid = true;
	return solution;
}

bool carbon_ridge_predict(struct carbon_ridge *ridge, const struct carbon_model_history *past,
			  const struct carbon_ridge_tuning *tuning, size_t origin, double *out)
{
	const struct solution *solution;
	double base[DAY_H], x[FEATURES];
	size_t week;

	if (!carbon_ridge_week(past, origin, &week) || !base_of(ridge, past, origin, base) ||
	    !fill_features(ridge, past, origin, base, x))
		return false;
	solution = solve(ridge, past, tuning, hour_of_day(past, origin), week);
	if (!solution)
		return false;
	for (int h = 0; h < HORIZON; h++)
		out[h] = base[h % DAY_H];
	cblas_dgemv(CblasColMajor, CblasTrans, FEATURES, HORIZON, 1, solution->b, FEATURES, x,
		    1, 1, out, 1);
	for (int h = 0; h < HORIZON; h++)
		out[h] = carbon_scale_undo(ridge->spec.scale, out[h]);
	return true;
}
