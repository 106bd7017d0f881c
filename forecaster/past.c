/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Forecasts are kept four times an hour and overlap nearly whole: two pairs a day, read through a narrow
 * window each, tell as much as all of them. Must never read the whole of what is kept.
 */
#include "forecaster/past.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/forecasts.h"
#include "forecaster/track.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)
#define AHEAD_H (24 * CARBON_BLEND_DAYS)
#define PAST_DAYS 30
#define PAIR_EVERY_S (12 * HOUR_S)
#define WINDOW_BEFORE_S 5400 /* a run that came late, or hourly ones */
#define WINDOW_AFTER_S 1800
#define TRUTH_H (24 * PAST_DAYS + 2)

/* The last forecast of one source in a window, as hours from the window's own first. */
struct issue {
	time_t issued_at; /* 0: none */
	double g_kwh[AHEAD_H];
};

struct pairs {
	struct carbon_track *track;
	time_t truth_at; /* a whole hour */
	double truth_g_kwh[TRUTH_H];
	time_t first_at; /* of the hours of the window in hand */
	struct issue ours, theirs[CARBON_TRACK_QUERIES_MAX];
};

static struct issue *issue_of(struct pairs *pairs, const char *source)
{
	if (strcmp(source, pairs->track->own_name) == 0)
		return &pairs->ours;
	for (size_t i = 0; i < pairs->track->queries; i++)
		if (pairs->track->query[i].has_forecast && strcmp(pairs->track->query[i].name, source) == 0)
			return &pairs->theirs[i];
	return NULL;
}

/* In order of issue: the last one stays. */
static int take(const char *source, time_t issued_at, const struct carbon_series *series, void *context,
		struct carbon_err *err)
{
	struct pairs *pairs = context;
	struct issue *issue = issue_of(pairs, source);

	(void)err;
	if (!issue)
		return 0;
	issue->issued_at = issued_at;
	carbon_series_hourly(series, pairs->first_at, AHEAD_H, issue->g_kwh);
	return 0;
}

static void learn(const struct pairs *pairs, size_t query, time_t now)
{
	for (size_t lead = 0; lead < AHEAD_H; lead++) {
		time_t at = pairs->first_at + (time_t)lead * HOUR_S;
		struct carbon_blend_past hour = {.lead_h = lead, .age_days = (double)(now - at) / DAY_S,
						 .theirs_g_kwh = pairs->theirs[query].g_kwh[lead],
						 .ours_g_kwh = pairs->ours.g_kwh[lead]};

		if (at + HOUR_S > now)
			return;
		hour.truth_g_kwh = pairs->truth_g_kwh[(at - pairs->truth_at) / HOUR_S];
		carbon_blend_add(&pairs->track->blend[query], &hour);
	}
}

static int read_pair(struct carbon_store *store, struct pairs *pairs, time_t issued_at, time_t now,
		     struct carbon_err *err)
{
	pairs->ours.issued_at = 0;
	for (size_t i = 0; i < pairs->track->queries; i++)
		pairs->theirs[i].issued_at = 0;
	/* The first whole hour that lies ahead of whatever was issued in the window. */
	pairs->first_at = carbon_hour_floor(issued_at + WINDOW_AFTER_S) + HOUR_S;
	if (carbon_store_forecast_each(store, pairs->track->zone, pairs->track->signal,
				       issued_at - WINDOW_BEFORE_S, issued_at + WINDOW_AFTER_S, take, pairs, err) < 0)
		return -1;
	for (size_t i = 0; pairs->ours.issued_at && i < pairs->track->queries; i++)
		if (pairs->theirs[i].issued_at)
			learn(pairs, i, now);
	return 0;
}

int carbon_past_weigh(struct carbon_store *store, struct carbon_track *track, time_t now, struct carbon_err *err)
{
	struct pairs *pairs;
	int rc = 0;

	if (!track->own_name[0] || !carbon_track_may_blend(track))
		return 0;
	pairs = calloc(1, sizeof(*pairs));
	if (!pairs)
		return carbon_err_set(err, "no memory for %d hours of history", TRUTH_H);
	pairs->track = track;
	pairs->truth_at = carbon_hour_floor(now) - (time_t)PAST_DAYS * DAY_S;
	carbon_series_hourly(&track->history, pairs->truth_at, TRUTH_H, pairs->truth_g_kwh);
	for (time_t back_s = PAIR_EVERY_S; rc == 0 && back_s <= (time_t)PAST_DAYS * DAY_S; back_s += PAIR_EVERY_S)
		rc = read_pair(store, pairs, now - back_s, now, err);
	free(pairs);
	return rc;
}

/* --- yesterday's --- */

#define SCORE_H 24

struct scoring {
	struct carbon_track *track;
	time_t truth_at; /* a whole hour */
	double truth_g_kwh[2 * SCORE_H + 1];
	char source[CARBON_SOURCE_MAX]; /* scored last, and when that was issued */
	time_t scored_at;
};

static struct carbon_track_error *find_error(struct carbon_track *track, const char *source)
{
	struct carbon_track_error *error;

	for (size_t i = 0; i < track->errors; i++)
		if (strcmp(track->error[i].source, source) == 0)
			return &track->error[i];
	if (track->errors == CARBON_TRACK_ERRORS_MAX)
		return NULL;
	error = &track->error[track->errors++];
	snprintf(error->source, sizeof(error->source), "%s", source);
	return error;
}

static int score(const char *source, time_t issued_at, const struct carbon_series *series, void *context,
		 struct carbon_err *err)
{
	struct scoring *scoring = context;
	struct carbon_track_error *error = find_error(scoring->track, source);
	time_t first_at = carbon_hour_floor(issued_at) + HOUR_S;
	double ahead[SCORE_H];

	(void)err;
	if (!error || (strcmp(scoring->source, source) == 0 && issued_at - scoring->scored_at < HOUR_S))
		return 0;
	snprintf(scoring->source, sizeof(scoring->source), "%s", source);
	scoring->scored_at = issued_at;
	carbon_series_hourly(series, first_at, SCORE_H, ahead);
	for (size_t hour = 0; hour < SCORE_H; hour++) {
		double real = scoring->truth_g_kwh[(size_t)(first_at - scoring->truth_at) / HOUR_S + hour];

		if (isnan(ahead[hour]) || !(real > 0))
			continue;
		error->share += fabs(ahead[hour] - real) / real;
		error->hours++;
	}
	return 0;
}

int carbon_past_score(struct carbon_store *store, struct carbon_track *track, time_t now, struct carbon_err *err)
{
	struct scoring scoring = {.track = track, .truth_at = carbon_hour_floor(now) - 2 * DAY_S};

	track->errors = 0;
	carbon_series_hourly(&track->history, scoring.truth_at, 2 * SCORE_H + 1, scoring.truth_g_kwh);
	return carbon_store_forecast_each(store, track->zone, track->signal, now - 2 * DAY_S, now - DAY_S, score,
					  &scoring, err);
}
