/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From answers to layers. Nothing is asked here and nothing is written. */
#include "forecaster/track.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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
	carbon_layer_fini(&track->own);
	carbon_layer_fini(&track->extended);
	carbon_own_destroy(track->model);
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
	for (size_t i = 0; i < track->queries; i++) {
		const struct carbon_inquiry *query = &track->query[i];

		if (query->has_history &&
		    add_series(layers, query->name, &query->history,
			       query->is_history_kept ? query->history_at : now, err) < 0)
			return -1;
	}
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
	/* Or what was mixed of a source and our own, "NAME+MODEL". */
	for (size_t i = 0; i < track->queries; i++) {
		size_t length = strlen(track->query[i].name);

		if (strncmp(track->query[i].name, part->source, length) == 0 && part->source[length] == '+')
			return !track->query[i].has_forecast;
	}
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

/* --- our own, alone and mixed with a provider's --- */

void carbon_track_predict(struct carbon_track *track, time_t now)
{
	if (track->is_carried || carbon_own_create(&track->history, now, &track->model, &track->own_err) < 0 ||
	    carbon_own_forecast(track->model, &track->own, &track->own_err) < 0)
		return;
	memcpy(track->own_name, track->own.source, sizeof(track->own_name));
}

/* Carries both names, which a long name has no room for. */
static bool is_mixable(const struct carbon_inquiry *query, const char *own_name)
{
	return query->has_forecast && !is_profile(query) &&
	       strlen(query->name) + 1 + strlen(own_name) < CARBON_SOURCE_MAX;
}

bool carbon_track_may_blend(const struct carbon_track *track)
{
	for (size_t i = 0; i < track->queries; i++)
		if (is_mixable(&track->query[i], track->own_name))
			return true;
	return false;
}

/* Ours of the hour that T lies in, or NULL. Its segments are hours on end. */
static const struct carbon_segment *own_at(const struct carbon_layer *own, time_t t)
{
	size_t hour = own->count && t >= own->segment[0].at ? (size_t)(t - own->segment[0].at) / HOUR_S : own->count;

	return hour < own->count ? &own->segment[hour] : NULL;
}

static struct carbon_segment mix(const struct carbon_blend *blend, size_t lead_h, const struct carbon_segment *theirs,
				 const struct carbon_segment *ours)
{
	struct carbon_blend_hour hour = {.theirs_g_kwh = theirs->mean_g_kwh, .ours_g_kwh = ours->mean_g_kwh,
					 .low_g_kwh = ours->low_g_kwh, .high_g_kwh = ours->high_g_kwh};

	carbon_blend_mix(blend, lead_h, &hour);
	return (struct carbon_segment){.at = theirs->at, .end_at = theirs->end_at, .mean_g_kwh = hour.ours_g_kwh,
				       .low_g_kwh = hour.low_g_kwh,
				       .high_g_kwh = fmin(hour.high_g_kwh, CARBON_INTENSITY_MAX),
				       .kind = theirs->kind};
}

/* Only where both know and the past has told enough; below it lies the provider's own layer. */
static int mix_layer(struct carbon_layer *mixed, const struct carbon_layer *theirs, const struct carbon_track *track,
		     const struct carbon_blend *blend, time_t now)
{
	size_t room = theirs->count + track->own.count + 1; /* a segment is cut where an hour of ours ends */

	mixed->segment = calloc(room, sizeof(*mixed->segment));
	if (!mixed->segment)
		return -1;
	for (size_t i = 0; i < theirs->count; i++) {
		struct carbon_segment piece = theirs->segment[i];

		for (; piece.at < theirs->segment[i].end_at; piece.at = piece.end_at) {
			const struct carbon_segment *ours = own_at(&track->own, piece.at);
			time_t hour_at = carbon_hour_floor(piece.at);
			size_t lead_h = hour_at > now ? (size_t)(hour_at - carbon_hour_floor(now)) / HOUR_S - 1 : 0;

			piece.end_at = theirs->segment[i].end_at;
			if (piece.end_at > hour_at + HOUR_S)
				piece.end_at = hour_at + HOUR_S;
			if (ours && mixed->count < room && carbon_blend_is_known(blend, lead_h))
				mixed->segment[mixed->count++] = mix(blend, lead_h, &piece, ours);
		}
	}
	return 0;
}

static int add_mixed(struct layers *layers, const struct carbon_track *track, time_t now, struct carbon_err *err)
{
	for (size_t i = 0; i < track->queries; i++) {
		const struct carbon_inquiry *query = &track->query[i];
		struct carbon_layer *layer = next_layer(layers), theirs;
		time_t issued_at = query->forecast.issued_at;
		int rc;

		if (!layer || !track->own.count || !is_mixable(query, track->own_name))
			continue;
		memset(layer, 0, sizeof(*layer));
		if (snprintf(layer->source, sizeof(layer->source), "%s+%s", query->name, track->own_name) >=
		    (int)sizeof(layer->source))
			continue; /* is_mixable() has seen to it, which a compiler cannot see */
		if (carbon_layer_series(&theirs, query->name, issued_at, &query->forecast.series,
					query->forecast.step_s, err) < 0)
			return -1;
		/* As old as the older of the two. */
		layer->issued_at = issued_at < track->own.issued_at ? issued_at : track->own.issued_at;
		rc = mix_layer(layer, &theirs, track, &track->blend[i], now);
		carbon_layer_fini(&theirs);
		if (rc < 0)
			return carbon_err_set(err, "no memory to mix %s with our own", query->name);
		layers->count++;
	}
	return 0;
}

/* A copy: the track keeps ours to be judged later. */
static int add_copy(struct layers *layers, const struct carbon_layer *ours, struct carbon_err *err)
{
	struct carbon_layer *layer = next_layer(layers);

	if (!layer || !ours->count)
		return 0;
	*layer = *ours;
	layer->segment = calloc(ours->count, sizeof(*layer->segment));
	if (!layer->segment)
		return carbon_err_set(err, "no memory for a forecast");
	memcpy(layer->segment, ours->segment, ours->count * sizeof(*layer->segment));
	layers->count++;
	return 0;
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

	if (add_history(&layers, track, now, err) < 0 || add_mixed(&layers, track, now, err) < 0 ||
	    add_forecasts(&layers, track, false, err) < 0 || add_last(&layers, track, last, now, err) < 0 ||
	    add_copy(&layers, &track->extended, err) < 0 || add_copy(&layers, &track->own, err) < 0 || add_forecasts(&layers, track, true, err) < 0)
		goto out;
	rc = carbon_compose(layers.layer, layers.count, start_of(&layers, now), end_at, &track->outlook, err);
out:
	for (size_t i = 0; i < layers.count; i++)
		carbon_layer_fini(&layers.layer[i]);
	return rc;
}
