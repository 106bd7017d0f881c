/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between a track and carbon.db. Nothing is judged here: what is kept is what was believed. */
#include "forecaster/keep.h"

#include <stdio.h>
#include <string.h>

#include "accounting/forecasts.h"
#include "accounting/store.h"
#include "forecaster/track.h"
#include "lib/err.h"

#define DAY_S 86400
#define HISTORY_S ((time_t)3 * 366 * DAY_S) /* what our model learns from */
#define FORECASTS_S (60 * DAY_S)
#define RECENT_S (2 * DAY_S) /* what sources tell of the past in one answer */
#define FORECAST_AGE_S DAY_S

/* Another source's history may be another edition: it only fills holes. */
int carbon_keep_history(struct carbon_store *store, struct carbon_track *track, time_t now, struct carbon_err *err)
{
	const char *sources[CARBON_TRACK_QUERIES_MAX + 1] = {NULL};
	time_t from = now - HISTORY_S, to = now + 1;

	for (size_t i = 0; i < track->queries; i++)
		sources[i] = track->query[i].name;
	if (carbon_store_history_get(store, track->zone, track->signal, NULL, from, to, &track->history, err) < 0)
		return -1;
	return carbon_store_history_get(store, track->zone, track->signal, sources, from, to, &track->history, err);
}

/* --- what they said last --- */

static void recall_history(struct carbon_store *store, const struct carbon_track *track, struct carbon_inquiry *query)
{
	const char *sources[] = {query->name, NULL};
	struct carbon_series *series = &query->history.series;

	if (carbon_store_history_get(store, track->zone, track->signal, sources, query->now - RECENT_S,
				     query->now + 1, series, NULL) < 0 || !series->count) {
		series->count = 0;
		return;
	}
	query->history.step_s = query->step_s;
	query->has_history = query->is_history_kept = true;
	query->want_history = false;
}

static void recall_forecast(struct carbon_store *store, const struct carbon_track *track,
			    struct carbon_inquiry *query)
{
	struct carbon_reply *reply = &query->forecast;
	time_t issued_at = 0;

	if (carbon_store_forecast_last(store, track->zone, track->signal, query->name, &issued_at, &reply->series,
				       NULL) < 0 ||
	    !reply->series.count || issued_at > query->now || query->now - issued_at > FORECAST_AGE_S) {
		reply->series.count = 0;
		return;
	}
	reply->issued_at = issued_at;
	reply->step_s = query->step_s;
	query->has_forecast = query->is_forecast_kept = true;
	query->want_forecast = false;
}

void carbon_keep_recall(const struct carbon_track *track, struct carbon_inquiry *query, void *context)
{
	struct carbon_store *store = context;

	if (query->want_history && !carbon_inquiry_is_due(query, query->history_at))
		recall_history(store, track, query);
	if (query->want_forecast && !carbon_inquiry_is_due(query, query->forecast_at))
		recall_forecast(store, track, query);
}

/* --- what they say now --- */

static int keep_forecast(struct carbon_store *store, const struct carbon_track *track, const char *source,
			 time_t issued_at, const struct carbon_series *series, time_t now, struct carbon_err *err)
{
	return carbon_store_forecast_put(store, track->zone, track->signal, source, issued_at, series,
					 now - FORECASTS_S, err);
}

static int keep_query(struct carbon_store *store, const struct carbon_track *track,
		      const struct carbon_inquiry *query, time_t now, struct carbon_err *err)
{
	if (query->has_history && !query->is_history_kept &&
	    carbon_store_history_put(store, track->zone, track->signal, query->name, now, &query->history.series,
				     NULL, err) < 0)
		return -1;
	if (query->has_forecast && !query->is_forecast_kept && query->source != &carbon_source_profile &&
	    keep_forecast(store, track, query->name, query->forecast.issued_at, &query->forecast.series, now, err) < 0)
		return -1;
	return 0;
}

/* Kept as it will be judged: like a provider's. */
static int keep_ours(struct carbon_store *store, const struct carbon_track *track, const struct carbon_layer *ours,
		     time_t now, struct carbon_err *err)
{
	struct carbon_series series;
	int rc = 0;

	carbon_series_init(&series);
	for (size_t i = 0; rc == 0 && i < ours->count; i++)
		rc = carbon_series_add(&series,
				       (struct carbon_point){.at = ours->segment[i].at,
							     .g_kwh = ours->segment[i].mean_g_kwh,
							     .kind = CARBON_KIND_MODEL},
				       err);
	if (rc == 0 && series.count)
		rc = keep_forecast(store, track, ours->source, now, &series, now, err);
	carbon_series_fini(&series);
	return rc;
}

/* The points of every part of SOURCE. */
static int add_parts(const struct carbon_composition *outlook, const char *source, struct carbon_series *series,
		     struct carbon_err *err)
{
	for (size_t i = 0; i < outlook->parts; i++) {
		size_t end = i + 1 < outlook->parts ? outlook->part[i + 1].first : outlook->count;

		if (strcmp(outlook->part[i].source, source) != 0)
			continue;
		for (size_t k = outlook->part[i].first; k < end; k++)
			if (carbon_series_add(series,
					      (struct carbon_point){.at = outlook->point[k].at,
								    .g_kwh = outlook->point[k].mean_g_kwh,
								    .kind = CARBON_KIND_FORECAST},
					      err) < 0)
				return -1;
	}
	return 0;
}

/* "NAME+MODEL", as far as the outlook has it. One that stands in for a source that failed was kept when it was mixed. */
static int keep_mixed(struct carbon_store *store, const struct carbon_track *track, const struct carbon_inquiry *query,
		      time_t now, struct carbon_err *err)
{
	char source[CARBON_SOURCE_MAX];
	struct carbon_series series;
	int size, rc;

	if (!query->has_forecast || !track->own.count)
		return 0;
	size = snprintf(source, sizeof(source), "%s+%s", query->name, track->own_name);
	if (size < 0 || size >= (int)sizeof(source))
		return 0;
	carbon_series_init(&series);
	rc = add_parts(&track->outlook, source, &series, err);
	if (rc == 0 && series.count)
		rc = keep_forecast(store, track, source, now, &series, now, err);
	carbon_series_fini(&series);
	return rc;
}

int carbon_keep_track(struct carbon_store *store, const struct carbon_track *track, time_t now,
		      struct carbon_err *err)
{
	int rc = 0;

	if (carbon_store_begin(store, err) < 0)
		return -1;
	for (size_t i = 0; rc == 0 && i < track->queries; i++) {
		rc = keep_query(store, track, &track->query[i], now, err);
		if (rc == 0)
			rc = keep_mixed(store, track, &track->query[i], now, err);
	}
	if (rc == 0)
		rc = keep_ours(store, track, &track->own, now, err);
	if (rc == 0)
		rc = keep_ours(store, track, &track->extended, now, err);
	if (rc == 0)
		rc = carbon_store_commit(store, err);
	if (rc < 0)
		carbon_store_rollback(store);
	return rc;
}
