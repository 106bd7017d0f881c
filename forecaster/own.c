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

struct carbon_own {
	struct carbon_model *model;
	time_t now;
};

static int teach(struct carbon_own *own, const struct carbon_series *history, time_t from, size_t hours,
		 struct carbon_err *err)
{
	double *hourly = calloc(hours, sizeof(*hourly));
	int rc;

	own->model = carbon_model_create(from);
	if (!hourly || !own->model) {
		free(hourly);
		return carbon_err_set(err, "no memory for %zu hours", hours);
	}
	carbon_series_hourly(history, from, hours, hourly);
	rc = carbon_model_extend(own->model, hourly, hours, err);
	free(hourly);
	return rc;
}

int carbon_own_create(const struct carbon_series *history, time_t now, struct carbon_own **out,
		      struct carbon_err *err)
{
	struct carbon_own *own;
	time_t from, to;

	*out = NULL;
	if (!history->count)
		return carbon_err_set(err, "no history yet");
	from = carbon_hour_floor(history->points[0].at);
	to = end_of(history, now);
	if (to <= from)
		return carbon_err_set(err, "no history yet");
	own = calloc(1, sizeof(*own));
	if (!own)
		return carbon_err_set(err, "no memory for a model");
	own->now = now;
	if (teach(own, history, from, (size_t)(to - from) / HOUR_S, err) < 0) {
		carbon_own_destroy(own);
		return -1;
	}
	*out = own;
	return 0;
}

void carbon_own_destroy(struct carbon_own *own)
{
	if (own)
		carbon_model_destroy(own->model);
	free(own);
}

int carbon_own_forecast(struct carbon_own *own, struct carbon_layer *layer, struct carbon_err *err)
{
	struct carbon_model_forecast forecast;

	if (carbon_model_predict(own->model, &forecast, err) < 0)
		return -1;
	if (forecast.start_at + (time_t)CARBON_MODEL_HORIZON_H * HOUR_S <= own->now)
		return carbon_err_set(err, "the last known hour is over %d hours old", CARBON_MODEL_HORIZON_H);
	return fill(&forecast, own->now, layer, err);
}

/* As wide as at that hour before, around the new mean. */
static struct carbon_segment move(const struct carbon_segment *ours, double mean_g_kwh)
{
	struct carbon_segment moved = *ours;
	double shift = mean_g_kwh - ours->mean_g_kwh;

	moved.mean_g_kwh = mean_g_kwh;
	moved.low_g_kwh = fmax(ours->low_g_kwh + shift, 0);
	moved.high_g_kwh = fmin(ours->high_g_kwh + shift, CARBON_INTENSITY_MAX);
	return moved;
}

int carbon_own_continue(struct carbon_own *own, const struct carbon_layer *ours, const double *ahead, size_t hours,
			struct carbon_layer *layer, struct carbon_err *err)
{
	double mean[CARBON_MODEL_HORIZON_H];
	const char *name;

	memset(layer, 0, sizeof(*layer));
	if (hours >= ours->count || carbon_model_extend(own->model, ahead, hours, err) < 0)
		return carbon_err_set(err, "nothing is left to forecast");
	name = carbon_model_mean(own->model, mean);
	if (!name || !strstr(name, "mo3"))
		return carbon_err_set(err, "no regression speaks");
	layer->segment = calloc(ours->count, sizeof(*layer->segment));
	if (!layer->segment)
		return carbon_err_set(err, "no memory for a forecast");
	snprintf(layer->source, sizeof(layer->source), "%s", name);
	layer->issued_at = ours->issued_at;
	for (size_t i = hours; i < ours->count; i++)
		layer->segment[layer->count++] = move(&ours->segment[i], mean[i - hours]);
	return 0;
}
