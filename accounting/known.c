/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * History and fullness, read once in long stretches and kept while runs pass by in order of time.
 */
#include "accounting/known.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/time.h"

#define ZONES_MAX 256
#define HOUR_S 3600
#define DAY_S 86400
#define MARGIN_S ((time_t)30 * DAY_S) /* read beyond what is asked for */

/* History of one zone over [from, to). */
struct track {
	char zone[CARBON_ZONE_MAX];
	enum carbon_signal signal;
	time_t from, to;
	struct carbon_series series;
};

/* How full one place was over [from, to), and what that makes of the history of a zone. */
struct fullness {
	char cluster[CARBON_NAME_MAX], partition[CARBON_NAME_MAX];
	time_t from, to;
	struct carbon_occupancy occupancy;
	struct carbon_slack_clock clock; /* its series NULL: not made yet */
	time_t history[2];		 /* that it was made of */
};

struct carbon_known {
	struct carbon_store *store;
	const struct carbon_books_site *site;
	size_t tracks;
	struct track track[ZONES_MAX];
	size_t places;
	struct fullness place[CARBON_SITE_PLACES_MAX];
};

struct carbon_known *carbon_known_create(struct carbon_store *store, const struct carbon_books_site *site)
{
	struct carbon_known *known = calloc(1, sizeof(*known));

	if (!known)
		return NULL;
	known->store = store;
	known->site = site;
	return known;
}

void carbon_known_forget(struct carbon_known *known)
{
	for (size_t i = 0; i < known->places; i++) {
		carbon_slack_clock_fini(&known->place[i].clock);
		carbon_occupancy_fini(&known->place[i].occupancy);
	}
	known->places = 0;
}

void carbon_known_destroy(struct carbon_known *known)
{
	if (!known)
		return;
	for (size_t i = 0; i < known->tracks; i++)
		carbon_series_fini(&known->track[i].series);
	carbon_known_forget(known);
	free(known);
}

/* --- history --- */

static struct track *find_track(struct carbon_known *known, const char *zone,
				enum carbon_signal signal)
{
	struct track *track;

	for (size_t i = 0; i < known->tracks; i++)
		if (known->track[i].signal == signal && strcmp(known->track[i].zone, zone) == 0)
			return &known->track[i];
	/* More zones than any cluster has: begin again with the first. */
	if (known->tracks == ZONES_MAX) {
		track = &known->track[0];
		carbon_series_fini(&track->series);
	} else {
		track = &known->track[known->tracks++];
	}
	memset(track, 0, sizeof(*track));
	carbon_series_init(&track->series);
	memcpy(track->zone, zone, strlen(zone) + 1);
	track->signal = signal;
	return track;
}

/* A zone that only a typical day is known of has that for its history. */
static int fill_typical(struct carbon_known *known, struct track *track, struct carbon_err *err)
{
	const struct carbon_books_site *site = known->site;
	struct carbon_point point = {.kind = CARBON_KIND_PROFILE};

	for (point.at = carbon_hour_floor(track->from); point.at < track->to; point.at += HOUR_S) {
		point.g_kwh = site->typical ? site->typical(site->context, track->zone,
							    track->signal, point.at)
					    : NAN;
		if (isnan(point.g_kwh))
			return 0;
		if (carbon_series_add(&track->series, point, err) < 0)
			return -1;
	}
	return 0;
}

static int fill_track(struct carbon_known *known, struct track *track, struct carbon_err *err)
{
	const struct carbon_books_site *site = known->site;
	int rc = carbon_store_history_get(known->store, track->zone, track->signal,
					  site->sources(site->context, track->zone), track->from, track->to,
					  &track->series, err);

	/* What somebody imported counts more than any typical day, whatever sources are configured. */
	return rc == 0 && track->series.count == 0 ? fill_typical(known, track, err) : rc;
}

const struct carbon_series *carbon_known_series(struct carbon_known *known, const char *zone,
						enum carbon_signal signal, const time_t span[2],
						struct carbon_err *err)
{
	struct track *track = find_track(known, zone, signal);
	bool is_empty = track->from == track->to;
	time_t from = span[0] - DAY_S, to = span[1] + DAY_S;

	if (!is_empty && from >= track->from && to <= track->to)
		return &track->series;
	track->from = is_empty || from < track->from ? from - MARGIN_S : track->from;
	track->to = is_empty || to > track->to ? to + MARGIN_S : track->to;
	carbon_series_fini(&track->series);
	carbon_series_init(&track->series);
	if (fill_track(known, track, err) < 0) {
		track->from = track->to; /* read again, should anybody go on */
		return NULL;
	}
	return &track->series;
}

/* --- how full places were --- */

static struct fullness *find_place(struct carbon_known *known, const struct carbon_known_place *wanted)
{
	struct fullness *place;

	for (size_t i = 0; i < known->places; i++)
		if (strcmp(known->place[i].partition, wanted->partition) == 0 &&
		    strcmp(known->place[i].cluster, wanted->cluster) == 0)
			return &known->place[i];
	if (known->places == CARBON_SITE_PLACES_MAX)
		carbon_known_forget(known);
	place = &known->place[known->places++];
	memset(place, 0, sizeof(*place));
	snprintf(place->cluster, sizeof(place->cluster), "%s", wanted->cluster);
	snprintf(place->partition, sizeof(place->partition), "%s", wanted->partition);
	return place;
}

static int fill_place(struct carbon_known *known, struct fullness *place, const time_t span[2], struct carbon_err *err)
{
	time_t from = span[0], to = span[1] + CARBON_KNOWN_QUEUE_S;

	if (place->from < place->to && from >= place->from && to <= place->to)
		return 0;
	place->from = place->from < place->to && from >= place->from ? place->from : from - MARGIN_S;
	place->to = place->to > to ? place->to : to + MARGIN_S;
	carbon_slack_clock_fini(&place->clock);
	carbon_occupancy_fini(&place->occupancy);
	if (carbon_occupancy_read(known->store, place->cluster, place->partition, place->from, place->to,
				  &place->occupancy, err) == 0)
		return 0;
	place->from = place->to; /* read again, should anybody go on */
	return -1;
}

/* The track that SERIES, which carbon_known_series() gave, is of. */
static const struct track *track_of(const struct carbon_known *known, const struct carbon_series *series)
{
	size_t i = 0;

	while (i + 1 < known->tracks && &known->track[i].series != series)
		i++;
	return &known->track[i];
}

const struct carbon_slack_clock *carbon_known_clock(struct carbon_known *known, const struct carbon_known_place *wanted,
						    const struct carbon_series *series, const time_t span[2],
						    struct carbon_err *err)
{
	struct fullness *place = find_place(known, wanted);
	const struct track *track = track_of(known, series);

	if (fill_place(known, place, span, err) < 0)
		return NULL;
	if (place->clock.series == series && place->history[0] == track->from && place->history[1] == track->to)
		return &place->clock;
	carbon_slack_clock_fini(&place->clock);
	if (carbon_slack_clock_init(&place->clock, series, &place->occupancy) < 0) {
		carbon_slack_clock_fini(&place->clock);
		carbon_err_set(err, "no memory for the slack clock of %s", wanted->partition);
		return NULL;
	}
	place->history[0] = track->from;
	place->history[1] = track->to;
	return &place->clock;
}
