/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Residuals are kept as differences of roots, sorted per lead, for forecasts of the last 90
 * days from the same hour of day and its two neighbours. Which quantile is the bound is itself
 * corrected every day: a tail that was missed too often moves out. Never uses an hour that a
 * forecast could have seen.
 */
#include "forecaster/model_band.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/model.h"

#define DAY_H 24
#define HORIZON CARBON_MODEL_HORIZON_H
#define LEAD_DAYS (HORIZON / DAY_H)

#define WINDOW_DAYS 90
#define REPLAY_DAYS \
	270 /* two windows to fill the residuals and settle the levels, one to spare */
#define NEIGHBOURS 3
#define RESIDUALS_MAX (WINDOW_DAYS * NEIGHBOURS)
#define RESIDUALS_MIN 20

#define LEVEL_FIRST 0.09
#define LEVEL_STEP 0.02
#define LEVEL_MIN 0.005
#define LEVEL_MAX 0.3
#define MISS_AIM 0.1

/* Forecasts are kept until no state can ask for them: even one that has to replay all its days.
 */
#define STORE_H ((REPLAY_DAYS + WINDOW_DAYS + LEAD_DAYS + 2) * DAY_H)

enum tail { TAIL_LOW, TAIL_HIGH, TAILS };

/* One past forecast: roots of its means, as float so that a residual can be found again
 * exactly. */
struct issued {
	size_t origin;
	bool is_computed;
	bool is_valid;
	float root[HORIZON];
};

/* The bounds that one hour of day gave out on one day. */
struct bounds {
	bool is_valid;
	float root[TAILS][HORIZON];
};

/* All that belongs to forecasts from one hour of day. */
struct hour_state {
	size_t next; /* the next origin to replay */
	double level[TAILS][LEAD_DAYS];
	size_t count[HORIZON];
	float residual[HORIZON][RESIDUALS_MAX]; /* rising */
	struct bounds bounds[LEAD_DAYS + 1];	/* by day, modulo */
};

struct carbon_band {
	carbon_band_mean_f mean_at;
	void *model;
	struct hour_state *state[DAY_H];
	struct issued issued[STORE_H]; /* by origin, modulo */
};

struct carbon_band *carbon_band_create(carbon_band_mean_f mean_at, void *model)
{
	struct carbon_band *band = calloc(1, sizeof(*band));

	if (!band)
		return NULL;
	band->mean_at = mean_at;
	band->model = model;
	return band;
}

void carbon_band_destroy(struct carbon_band *band)
{
	if (!band)
		return;
	for (int h = 0; h < DAY_H; h++)
		free(band->state[h]);
	free(band);
}

/* --- past forecasts and what became of them --- */

/* The forecast from ORIGIN as it was, or would have been, issued. Never NULL. */
static const struct issued *issue(struct carbon_band *band,
				  const struct carbon_model_history *past, size_t origin)
{
	struct issued *issued = &band->issued[origin % STORE_H];
	double mean[HORIZON];

	if (issued->is_computed && issued->origin == origin)
		return issued;
	issued->is_computed = true;
	issued->origin = origin;
	/* forecasts begin after a known hour */
	issued->is_valid = origin > 0 && !isnan(past->raw[origin - 1]) &&
			   band->mean_at(band->model, origin, mean);
	for (int h = 0; issued->is_valid && h < HORIZON; h++)
		issued->root[h] = (float)sqrt(mean[h]);
	return issued;
}

/* What the forecast from ORIGIN missed at LEAD; NAN where there was none or nobody knows. */
static float residual_of(const struct carbon_band *band,
			 const struct carbon_model_history *past, size_t origin, int lead)
{
	const struct issued *issued = &band->issued[origin % STORE_H];
	double truth = past->raw[origin + (size_t)lead];

	if (!issued->is_computed || issued->origin != origin || !issued->is_valid ||
	    isnan(truth))
		return NAN;
	return (float)sqrt(truth) - issued->root[lead];
}

/* The first place in the rising list whose residual is not below VALUE. */
static size_t place_of(const struct hour_state *state, int lead, float value)
{
	size_t low = 0, high = state->count[lead];

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (state->residual[lead][middle] < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void insert(struct hour_state *state, int lead, float value)
{
	size_t at = place_of(state, lead, value), count = state->count[lead];
	float *list = state->residual[lead];

	if (isnan(value) || count == RESIDUALS_MAX)
		return;
	memmove(list + at + 1, list + at, (count - at) * sizeof(*list));
	list[at] = value;
	state->count[lead]++;
}

static void drop(struct hour_state *state, int lead, float value)
{
	size_t at = place_of(state, lead, value), count = state->count[lead];
	float *list = state->residual[lead];

	if (isnan(value) || at == count || list[at] < value || list[at] > value)
		return;
	memmove(list + at, list + at + 1, (count - at - 1) * sizeof(*list));
	state->count[lead]--;
}

/*
 * At ORIGIN one more forecast of each neighbouring hour has come true at LEAD: the newest one
 * from ORIGIN + OFFSET less whole days whose hour LEAD lies before ORIGIN. It comes in, and the
 * one of WINDOW_DAYS before goes.
 */
static void renew(struct carbon_band *band, const struct carbon_model_history *past,
		  struct hour_state *state, size_t origin, int lead)
{
	for (int offset = -1; offset <= 1; offset++) {
		int days = (lead + offset + DAY_H) / DAY_H;
		int64_t from = (int64_t)origin + offset - (int64_t)days * DAY_H;
		int64_t old = from - WINDOW_DAYS * DAY_H;

		if (from < 0)
			continue;
		if (old >= 0)
			drop(state, lead, residual_of(band, past, (size_t)old, lead));
		insert(state, lead, residual_of(band, past, (size_t)from, lead));
	}
}

/* --- levels --- */

/* Share of the day before ORIGIN on which TAIL of BOUNDS was missed; NAN: nobody knows. */
static double missed(const struct carbon_model_history *past, const struct bounds *bounds,
		     size_t origin, int day, enum tail tail)
{
	int known = 0, misses = 0;

	for (int j = 0; j < DAY_H; j++) {
		double truth = past->raw[origin - DAY_H + (size_t)j];
		double bound = bounds->root[tail][day * DAY_H + j];

		if (isnan(truth))
			continue;
		known++;
		if (tail == TAIL_LOW ? sqrt(truth) < bound : sqrt(truth) > bound)
			misses++;
	}
	return known ? (double)misses / known : NAN;
}

static void correct_levels(const struct carbon_model_history *past, struct hour_state *state,
			   size_t origin)
{
	for (int day = 0; day < LEAD_DAYS && origin >= (size_t)(day + 1) * DAY_H; day++) {
		size_t from = origin / DAY_H - (size_t)(day + 1);
		const struct bounds *bounds = &state->bounds[from % (LEAD_DAYS + 1)];

		for (int tail = 0; bounds->is_valid && tail < TAILS; tail++) {
			double share = missed(past, bounds, origin, day, (enum tail)tail);
			double *level = &state->level[tail][day];

			if (isnan(share))
				continue;
			*level += LEVEL_STEP * (MISS_AIM - share);
			*level = fmin(fmax(*level, LEVEL_MIN), LEVEL_MAX);
		}
	}
}

/* --- bounds --- */

/* The residual of M sorted ones (counted from 1) below which a share LEVEL lies. */
static float quantile(const struct hour_state *state, int lead, enum tail tail)
{
	double m = (double)state->count[lead];
	double level = state->level[tail][lead / DAY_H];
	double rank =
		tail == TAIL_LOW ? floor((m + 1) * level) - 1 : ceil((m + 1) * (1 - level)) - 1;

	rank = fmin(fmax(rank, 0), m - 1);
	return state->residual[lead][(size_t)rank];
}

static void set_bounds(const struct issued *issued, const struct hour_state *state,
		       struct bounds *bounds)
{
	bounds->is_valid = issued->is_valid;
	for (int lead = 0; bounds->is_valid && lead < HORIZON; lead++) {
		if (state->count[lead] < RESIDUALS_MIN) {
			bounds->is_valid = false;
			return;
		}
		for (int tail = 0; tail < TAILS; tail++)
			bounds->root[tail][lead] =
				issued->root[lead] + quantile(state, lead, (enum tail)tail);
	}
}

static struct hour_state *open_state(struct carbon_band *band, size_t origin)
{
	struct hour_state *state = band->state[origin % DAY_H];
	size_t replay = (size_t)REPLAY_DAYS * DAY_H;
	size_t first = origin > replay ? origin - replay : origin % DAY_H;

	if (state && state->next >= first && state->next <= origin + DAY_H)
		return state;
	if (!state)
		state = band->state[origin % DAY_H] = malloc(sizeof(*state));
	if (!state)
		return NULL;
	memset(state, 0, sizeof(*state));
	state->next = first;
	for (int day = 0; day < LEAD_DAYS; day++)
		for (int tail = 0; tail < TAILS; tail++)
			state->level[tail][day] = LEVEL_FIRST;
	return state;
}

/* One day of one hour of day: what came true, how good the bounds were, the bounds of today. */
static void replay(struct carbon_band *band, const struct carbon_model_history *past,
		   struct hour_state *state, size_t origin)
{
	struct bounds *bounds = &state->bounds[origin / DAY_H % (LEAD_DAYS + 1)];
	const struct issued *today;

	if (origin >= DAY_H - 1)
		issue(band, past, origin - (DAY_H - 1));
	if (origin >= 1)
		issue(band, past, origin - 1);
	today = issue(band, past, origin);
	for (int lead = 0; lead < HORIZON; lead++)
		renew(band, past, state, origin, lead);
	correct_levels(past, state, origin);
	set_bounds(today, state, bounds);
}

bool carbon_band_find(struct carbon_band *band, const struct carbon_model_history *past,
		      size_t origin, double *low, double *high)
{
	struct hour_state *state = open_state(band, origin);
	const struct bounds *bounds;

	if (!state)
		return false;
	for (; state->next <= origin; state->next += DAY_H)
		replay(band, past, state, state->next);
	bounds = &state->bounds[origin / DAY_H % (LEAD_DAYS + 1)];
	if (!bounds->is_valid)
		return false;
	for (int h = 0; h < HORIZON; h++) {
		low[h] = pow(fmax(bounds->root[TAIL_LOW][h], 0), 2);
		high[h] = pow(fmax(bounds->root[TAIL_HIGH][h], 0), 2);
	}
	return true;
}
