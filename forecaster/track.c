/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From answers to layers. Nothing is asked here and nothing is written. */
#include "forecaster/track.h"

#include <stdio.h>
#include <string.h>

#include "forecaster/own.h"
#include "forecaster/profiles.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600

/* A provider's earlier forecast is used no longer than this after its issue. */
#define LAST_FORECAST_S (24 * HOUR_S)

void carbon_track_fini(struct carbon_track *track)
{
	for (size_t i = 0; i < track->queries; i++) {
		carbon_reply_fini(&track->query[i].history);
		carbon_reply_fini(&track->query[i].forecast);
	}
	carbon_series_fini(&track->history);
	carbon_series_fini(&track->own);
	carbon_composition_fini(&track->outlook);
}

bool carbon_track_has_news(const struct carbon_track *track)
{
	for (size_t i = 0; i < track->queries; i++)
		if (track->query[i].has_history || track->query[i].has_forecast)
			return true;
	return false;
}

/* --- history --- */

static int add_all(struct carbon_series *to, const struct carbon_series *from, struct carbon_err *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (carbon_series_add(to, from->points[i], err) < 0)
			return -1;
	return 0;
}

int carbon_track_merge(struct carbon_track *track, struct carbon_err *err)
{
	struct carbon_series merged;
	int rc = -1;

	/* Of equal times the last added counts: least wanted first. */
	carbon_series_init(&merged);
	for (size_t i = track->queries; i-- > 1;)
		if (add_all(&merged, &track->query[i].history.series, err) < 0)
			goto out;
	if (add_all(&merged, &track->history, err) < 0)
		goto out;
	if (track->queries && add_all(&merged, &track->query[0].history.series, err) < 0)
		goto out;
	carbon_series_sort(&merged);
	carbon_series_fini(&track->history);
	track->history = merged;
	return 0;
out:
	carbon_series_fini(&merged);
	return rc;
}

/* --- layers --- */

struct layers {
	struct carbon_layer layer[CARBON_TRACK_LAYERS_MAX];
	size_t count;
};

static struct carbon_layer *next_layer(struct layers *layers)
{
	return layers->count < CARBON_TRACK_LAYERS_MAX ? &layers->layer[layers->count] : NULL;
}

static int add_series(struct layers *layers, const char *source, const struct carbon_reply *reply,
		      time_t issued_at, struct carbon_err *err)
{
	struct carbon_layer *layer = next_layer(layers);

	if (!layer)
		return 0;
	if (carbon_layer_series(layer, source, issued_at, &reply->series, reply->step_s, err) < 0)
		return -1;
	layers->count++;
	return 0;
}

/* A typical day is rough: its band says so. */
static void widen(struct carbon_layer *layer, const struct carbon_profile *profile)
{
	for (size_t i = 0; i < layer->count; i++) {
		layer->segment[i].low_g_kwh *= 1 - profile->band;
		layer->segment[i].high_g_kwh *= 1 + profile->band;
		if (layer->segment[i].high_g_kwh > CARBON_INTENSITY_MAX)
			layer->segment[i].high_g_kwh = CARBON_INTENSITY_MAX;
	}
}

static bool is_profile(const struct carbon_inquiry *query)
{
	return query->source == &carbon_source_profile;
}

static int add_history(struct layers *layers, const struct carbon_track *track, time_t now, struct carbon_err *err)
{
	for (size_t i = 0; i < track->queries; i++)
		if (track->query[i].has_history &&
		    add_series(layers, track->query[i].name, &track->query[i].history, now, err) < 0)
			return -1;
	return 0;
}

static int add_forecasts(struct layers *layers, const struct carbon_track *track, bool profiles,
			 struct carbon_err *err)
{
	for (size_t i = 0; i < track->queries; i++) {
		const struct carbon_inquiry *query = &track->query[i];

		if (!query->has_forecast || is_profile(query) != profiles)
			continue;
		if (add_series(layers, query->name, &query->forecast, query->forecast.issued_at, err) < 0)
			return -1;
		if (profiles)
			widen(&layers->layer[layers->count - 1], carbon_profile_find(query->zone));
	}
	return 0;
}

/* Whether a part of the last outlook may stand in: a forecast of a source that failed us now. */
static bool may_stand_in(const struct carbon_track *track, const struct carbon_part *part, time_t now)
{
	if (track->is_carried)
		return true;
	if (part->kind != CARBON_KIND_FORECAST || part->issued_at > now || now - part->issued_at > LAST_FORECAST_S)
		return false;
	for (size_t i = 0; i < track->queries; i++)
		if (strcmp(track->query[i].name, part->source) == 0)
			return !track->query[i].has_forecast;
	return false;
}

static int add_last(struct layers *layers, const struct carbon_track *track, const struct carbon_outlook *last,
		    time_t now, struct carbon_err *err)
{
	const struct carbon_outlook_zone *zone = last ? carbon_outlook_find(last, track->zone, track->signal) : NULL;

	for (size_t part = 0; zone && part < zone->parts; part++) {
		struct carbon_layer *layer = next_layer(layers);

		if (!layer || !may_stand_in(track, &zone->part[part], now))
			continue;
		if (carbon_layer_part(layer, zone, part, err) < 0)
			return -1;
		layers->count++;
	}
	return 0;
}

/* Our forecast as it will be judged later: kept like a provider's. */
static void keep_own(struct carbon_track *track, const struct carbon_layer *layer)
{
	for (size_t i = 0; i < layer->count; i++) {
		struct carbon_point point = {.at = layer->segment[i].at, .g_kwh = layer->segment[i].mean_g_kwh,
					     .kind = CARBON_KIND_MODEL};

		if (carbon_series_add(&track->own, point, NULL) < 0)
			return;
	}
}

/* No forecast of ours (too little history) is no error: lower layers remain. */
static void add_own(struct layers *layers, struct carbon_track *track, time_t now)
{
	struct carbon_layer *layer = next_layer(layers);

	if (!layer || carbon_own_forecast(&track->history, now, layer, &track->own_err) < 0)
		return;
	memcpy(track->own_name, layer->source, sizeof(track->own_name));
	keep_own(track, layer);
	layers->count++;
}

/* The present begins with the history point that holds it; without one, with the hour. */
static time_t start_of(const struct layers *layers, time_t now)
{
	for (size_t i = 0; i < layers->count; i++)
		for (size_t k = 0; k < layers->layer[i].count; k++) {
			const struct carbon_segment *segment = &layers->layer[i].segment[k];

			if (segment->at <= now && segment->end_at > now)
				return segment->at;
		}
	return carbon_hour_floor(now);
}

int carbon_track_compose(struct carbon_track *track, const struct carbon_outlook *last, time_t now,
			 unsigned int horizon_h, struct carbon_err *err)
{
	struct layers layers = {.count = 0};
	time_t end_at = carbon_hour_floor(now) + (time_t)horizon_h * HOUR_S;
	int rc = -1;

	if (add_history(&layers, track, now, err) < 0 || add_forecasts(&layers, track, false, err) < 0 ||
	    add_last(&layers, track, last, now, err) < 0)
		goto out;
	if (!track->is_carried)
		add_own(&layers, track, now);
	if (add_forecasts(&layers, track, true, err) < 0)
		goto out;
	rc = carbon_compose(layers.layer, layers.count, start_of(&layers, now), end_at, &track->outlook, err);
out:
	for (size_t i = 0; i < layers.count; i++)
		carbon_layer_fini(&layers.layer[i]);
	return rc;
}
