/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which model speaks, by how much history there is. The regressions, the band and the simple
 * rules live in files of their own; this one must never look past the last known hour.
 */
#include "forecaster/model.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/model_band.h"
#include "forecaster/model_history.h"
#include "forecaster/model_ridge.h"
#include "forecaster/model_simple.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600
#define DAY_H ((size_t)24)
#define ENS_FROM_H (8 * DAY_H)
#define MEMBERS 4

/* A forecast outside what the zone has ever done, and this much more, is an artefact. */
#define CLIP_BELOW 0.7
#define CLIP_ABOVE 1.3

static const struct carbon_ridge_spec specs[MEMBERS] = {
	{CARBON_SCALE_LOG, 2, 7},
	{CARBON_SCALE_LOG, 3, 120},
	{CARBON_SCALE_LOG, 28, 120},
	{CARBON_SCALE_ROOT, 28, 120},
};

/* How bold the regressions may be once a week begins with this much history. */
struct stage {
	size_t known_h;
	const char *name;
	bool has_ens; /* averaged in as one more member */
	struct carbon_ridge_tuning tuning;
};

static const struct stage stages[] = {
	{400 * DAY_H, "mo3", false, {0.01, 3, true, true}},
	{230 * DAY_H, "mo3", false, {0.01, 3, true, false}},
	{180 * DAY_H, "ens+mo3", true, {0.02, 4, true, false}},
	{120 * DAY_H, "ens+mo3", true, {0.05, 6, true, false}},
	{60 * DAY_H, "ens+mo3", true, {0.2, 9, false, false}},
	{30 * DAY_H, "ens+mo3", true, {0.2, 11, false, false}},
};

struct carbon_model {
	struct carbon_model_history past;
	struct carbon_ridge *member[MEMBERS];
	struct carbon_band *band;
};

static bool mean_for_band(void *model, size_t origin, double *out);

struct carbon_model *carbon_model_create(time_t start_at)
{
	struct carbon_model *model = calloc(1, sizeof(*model));
	bool is_complete;

	assert(start_at >= 0);
	if (!model)
		return NULL;
	openblas_set_num_threads(1);
	carbon_model_history_init(&model->past,
				  (int64_t)(carbon_hour_floor(start_at) / HOUR_S));
	model->band = carbon_band_create(mean_for_band, model);
	is_complete = model->band != NULL;
	for (int m = 0; m < MEMBERS; m++) {
		model->member[m] = carbon_ridge_create(&specs[m]);
		is_complete = is_complete && model->member[m];
	}
	if (is_complete)
		return model;
	carbon_model_destroy(model);
	return NULL;
}

void carbon_model_destroy(struct carbon_model *model)
{
	if (!model)
		return;
	for (int m = 0; m < MEMBERS; m++)
		carbon_ridge_destroy(model->member[m]);
	carbon_band_destroy(model->band);
	carbon_model_history_fini(&model->past);
	free(model);
}

static int check_hours(const struct carbon_model *model, const double *g_kwh, size_t count,
		       struct carbon_err *err)
{
	char text[CARBON_TIME_TEXT];

	if (count > CARBON_MODEL_HISTORY_MAX_H - model->past.given)
		return carbon_err_set(err, "history: more than %zu hours",
				      CARBON_MODEL_HISTORY_MAX_H);
	for (size_t i = 0; i < count; i++) {
		int64_t hour = model->past.start_h + (int64_t)(model->past.given + i);

		if (isnan(g_kwh[i]) || (isfinite(g_kwh[i]) && g_kwh[i] >= 0))
			continue;
		carbon_time_format((time_t)(hour * HOUR_S), text);
		return carbon_err_set(err, "history: %s: %g g/kWh is no intensity", text,
				      g_kwh[i]);
	}
	return 0;
}

int carbon_model_extend(struct carbon_model *model, const double *g_kwh, size_t count,
			struct carbon_err *err)
{
	if (check_hours(model, g_kwh, count, err) < 0)
		return -1;
	if (carbon_model_history_add(&model->past, g_kwh, count) < 0)
		return carbon_err_set(err, "history: no memory for %zu hours",
				      model->past.given + count);
	return 0;
}

/* --- which model speaks --- */

/* NULL: too early for any regression. */
static const struct stage *stage_at(const struct carbon_model *model, size_t origin)
{
	size_t week, known;

	if (!carbon_ridge_week(&model->past, origin, &week))
		return NULL;
	known = carbon_model_history_known(&model->past, week);
	for (size_t i = 0; i < sizeof(stages) / sizeof(*stages); i++)
		if (known >= stages[i].known_h)
			return &stages[i];
	return NULL;
}

/* The rules that need no training; NULL: not even these. */
static const char *simple_at(const struct carbon_model *model, size_t origin, double *out)
{
	const struct carbon_model_history *past = &model->past;
	enum carbon_simple simple = CARBON_SIMPLE_ENS;

	if (carbon_model_history_known(past, origin) < ENS_FROM_H)
		simple = CARBON_SIMPLE_MEAN7;
	if (!carbon_simple_predict(simple, past->raw, origin, CARBON_MODEL_HORIZON_H, out))
		return NULL;
	return carbon_simple_name(simple);
}

/* A forecast on its way to a geometric mean: being off is a matter of ratios. */
struct blend {
	double log_sum[CARBON_MODEL_HORIZON_H];
	int parts;
};

static void add_to_blend(struct blend *blend, const double *g_kwh)
{
	for (int h = 0; h < CARBON_MODEL_HORIZON_H; h++)
		blend->log_sum[h] += log(fmax(g_kwh[h], CARBON_MODEL_FLOOR));
	blend->parts++;
}

/* The members of STAGE; false: one of them cannot speak. */
static bool add_members(struct carbon_model *model, const struct stage *stage, size_t origin,
			struct blend *blend)
{
	double one[CARBON_MODEL_HORIZON_H];

	for (int m = 0; m < MEMBERS; m++) {
		if (!carbon_ridge_predict(model->member[m], &model->past, &stage->tuning,
					  origin, one))
			return false;
		add_to_blend(blend, one);
	}
	return true;
}

/* The mean at ORIGIN, from hours before it alone, and its name; NULL: too little is known. */
static const char *mean_at(struct carbon_model *model, size_t origin, double *out)
{
	const struct carbon_model_history *past = &model->past;
	const struct stage *stage = stage_at(model, origin);
	const char *name = simple_at(model, origin, out);
	struct blend blend = {0};
	double least, most;

	if (!name || !stage || !add_members(model, stage, origin, &blend))
		return name;
	if (stage->has_ens)
		add_to_blend(&blend, out);
	least = past->hour[origin - 1].least * CLIP_BELOW;
	most = past->hour[origin - 1].most * CLIP_ABOVE;
	for (int h = 0; h < CARBON_MODEL_HORIZON_H; h++)
		out[h] = fmin(fmax(exp(blend.log_sum[h] / blend.parts), least), most);
	return stage->name;
}

static bool mean_for_band(void *model, size_t origin, double *out)
{
	const struct carbon_model *known = model;

	return carbon_model_history_known(&known->past, origin) >= CARBON_MODEL_LEAST_H &&
	       mean_at(model, origin, out);
}

/* Bounds, or where there are none the mean itself; never the wrong side of the mean. */
static void set_band(struct carbon_model *model, struct carbon_model_forecast *forecast)
{
	double low[CARBON_MODEL_HORIZON_H], high[CARBON_MODEL_HORIZON_H];

	forecast->has_band =
		carbon_band_find(model->band, &model->past, model->past.count, low, high);
	for (int h = 0; h < CARBON_MODEL_HORIZON_H; h++) {
		double mean = forecast->mean_g_kwh[h];

		forecast->low_g_kwh[h] = forecast->has_band ? fmin(low[h], mean) : mean;
		forecast->high_g_kwh[h] = forecast->has_band ? fmax(high[h], mean) : mean;
	}
}

int carbon_model_predict(struct carbon_model *model, struct carbon_model_forecast *out,
			 struct carbon_err *err)
{
	const struct carbon_model_history *past = &model->past;
	struct carbon_model_forecast forecast = {0};

	forecast.known_h = carbon_model_history_known(past, past->count);
	if (forecast.known_h < CARBON_MODEL_LEAST_H)
		return carbon_err_set(err, "history: %zu known hours, a forecast needs %d",
				      forecast.known_h, CARBON_MODEL_LEAST_H);
	forecast.model = mean_at(model, past->count, forecast.mean_g_kwh);
	if (!forecast.model)
		return carbon_err_set(err, "history: no known hour in the last week");
	forecast.start_at = (time_t)((past->start_h + (int64_t)past->count) * HOUR_S);
	forecast.bridged_h = past->bridged;
	forecast.missing_h = past->given - forecast.known_h - past->bridged;
	set_band(model, &forecast);
	*out = forecast;
	return 0;
}

const char *carbon_model_mean(struct carbon_model *model, double mean_g_kwh[CARBON_MODEL_HORIZON_H])
{
	return mean_at(model, model->past.count, mean_g_kwh);
}
