/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the series of points that history keeps and the hours that the model thinks in. */
#include "forecaster/own.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/model.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600

static int fill(const struct carbon_model_forecast *forecast, time_t now, struct carbon_layer *layer,
		struct carbon_err *err)
{
	memset(layer, 0, sizeof(*layer));
	layer->segment = calloc(CARBON_MODEL_HORIZON_H, sizeof(*layer->segment));
	if (!layer->segment)
		return carbon_err_set(err, "no memory for a forecast");
	snprintf(layer->source, sizeof(layer->source), "%s", forecast->model);
	layer->issued_at = forecast->start_at < now ? forecast->start_at : now;
	for (int hour = 0; hour < CARBON_MODEL_HORIZON_H; hour++) {
		time_t at = forecast->start_at + (time_t)hour * HOUR_S;

		layer->segment[layer->count++] = (struct carbon_segment){
			.at = at, .end_at = at + HOUR_S, .mean_g_kwh = forecast->mean_g_kwh[hour],
			.low_g_kwh = forecast->low_g_kwh[hour], .high_g_kwh = forecast->high_g_kwh[hour],
			.kind = CARBON_KIND_MODEL};
	}
	return 0;
}

static int predict(const struct carbon_series *history, time_t from, size_t hours,
		   struct carbon_model_forecast *forecast, struct carbon_err *err)
{
	double *hourly = calloc(hours, sizeof(*hourly));
	struct carbon_model *model = carbon_model_create(from);
	int rc = -1;

	if (!hourly || !model) {
		carbon_err_set(err, "no memory for %zu hours", hours);
		goto out;
	}
	carbon_series_hourly(history, from, hours, hourly);
	rc = carbon_model_extend(model, hourly, hours, err);
	if (rc == 0)
		rc = carbon_model_predict(model, forecast, err);
out:
	carbon_model_destroy(model);
	free(hourly);
	return rc;
}

/*
 * The end of the last hour that is known as a whole. An hour of which only the beginning is known is
 * forecast again: history goes on top of it as far as it reaches.
 */
static time_t end_of(const struct carbon_series *history, time_t now)
{
	const struct carbon_point *last = &history->points[history->count - 1];
	time_t step_s = history->count > 1 ? last->at - last[-1].at : HOUR_S;
	time_t end_at = carbon_hour_floor(last->at + (step_s < HOUR_S ? step_s : HOUR_S));
	time_t latest_at = carbon_hour_floor(now) + HOUR_S;

	return end_at < latest_at ? end_at : latest_at;
}

int carbon_own_forecast(const struct carbon_series *history, time_t now, struct carbon_layer *layer,
			struct carbon_err *err)
{
	struct carbon_model_forecast forecast;
	time_t from, to;

	if (!history->count)
		return carbon_err_set(err, "no history yet");
	from = carbon_hour_floor(history->points[0].at);
	to = end_of(history, now);
	if (to <= from)
		return carbon_err_set(err, "no history yet");
	if (predict(history, from, (size_t)(to - from) / HOUR_S, &forecast, err) < 0)
		return -1;
	if (forecast.start_at + (time_t)CARBON_MODEL_HORIZON_H * HOUR_S <= now)
		return carbon_err_set(err, "the last known hour is over %d hours old", CARBON_MODEL_HORIZON_H);
	return fill(&forecast, now, layer, err);
}
