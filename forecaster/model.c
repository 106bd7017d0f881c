/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which model speaks, by how much history there is. The regressions, the band and the simple rules
 * live in files of their own; this one must never look past the last known hour.
 */
#include "forecaster/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/model_history.h"
#include "forecaster/model_simple.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600
#define DAY_H ((size_t)24)
#define ENS_FROM_H (8 * DAY_H)

struct carbon_model {
	struct carbon_model_history past;
};

struct carbon_model *carbon_model_create(time_t start_at)
{
	struct carbon_model *model = calloc(1, sizeof(*model));

	if (!model)
		return NULL;
	carbon_model_history_init(&model->past, (int64_t)(carbon_hour_floor(start_at) / HOUR_S));
	return model;
}

void carbon_model_destroy(struct carbon_model *model)
{
	if (!model)
		return;
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
		return carbon_err_set(err, "history: %s: %g g/kWh is no intensity", text, g_kwh[i]);
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

/* The mean at ORIGIN, from hours before it alone. */
static const char *mean_at(const struct carbon_model *model, size_t origin, double *out)
{
	const struct carbon_model_history *past = &model->past;
	enum carbon_simple simple = CARBON_SIMPLE_ENS;

	if (carbon_model_history_known(past, origin) < ENS_FROM_H)
		simple = CARBON_SIMPLE_MEAN7;
	if (!carbon_simple_predict(simple, past->raw, origin, CARBON_MODEL_HORIZON_H, out))
		return NULL;
	return carbon_simple_name(simple);
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
	memcpy(forecast.low_g_kwh, forecast.mean_g_kwh, sizeof(forecast.low_g_kwh));
	memcpy(forecast.high_g_kwh, forecast.mean_g_kwh, sizeof(forecast.high_g_kwh));
	*out = forecast;
	return 0;
}
