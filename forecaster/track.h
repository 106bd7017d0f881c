/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One zone and signal through a run: its sources in order of preference, what they answered, and the
 * layers of its outlook. Signals are never mixed: a zone whose sources measure different things has a
 * track, and an entry in the outlook, for each.
 */
#ifndef CARBON_TRACK_H
#define CARBON_TRACK_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "forecaster/blend.h"
#include "forecaster/compose.h"
#include "forecaster/source.h"
#include "lib/err.h"

struct carbon_http;
struct carbon_own;

#define CARBON_TRACK_QUERIES_MAX 8
#define CARBON_TRACK_LAYERS_MAX 32

#define CARBON_TRACK_ERRORS_MAX (2 * CARBON_TRACK_QUERIES_MAX + 4) /* alone and mixed, and our models */

/* How far the forecasts of one source were off, |forecast - real| / real in the mean. */
struct carbon_track_error {
	char source[CARBON_SOURCE_MAX];
	double share; /* sum over hours */
	size_t hours;
};

struct carbon_track {
	char zone[CARBON_ZONE_MAX];
	enum carbon_signal signal;
	size_t queries;
	struct carbon_inquiry query[CARBON_TRACK_QUERIES_MAX];
	char source_zone[CARBON_TRACK_QUERIES_MAX][CARBON_ZONE_MAX]; /* the providers' names of the zone */
	size_t current; /* the query being asked; queries: all done */
	bool is_asking;
	bool is_carried; /* not asked this time: its entry in the last outlook is carried over */
	struct carbon_series history; /* all that is known up to now: carbon.db's and this run's */
	struct carbon_layer own;      /* our forecast as issued, hour by hour */
	char own_name[CARBON_SOURCE_MAX]; /* of the model; "": no forecast of ours */
	struct carbon_blend blend[CARBON_TRACK_QUERIES_MAX]; /* what the past says of each source beside ours */
	struct carbon_err own_err;	 /* why there is none */
	struct carbon_own *model;	 /* that made it; NULL: none */
	struct carbon_layer extended;	 /* ours again, going on from a provider's; no segment: none */
	struct carbon_composition outlook;
	size_t errors;
	struct carbon_track_error error[CARBON_TRACK_ERRORS_MAX]; /* of yesterday's forecasts */
};

void carbon_track_fini(struct carbon_track *track);

/*
 * Give QUERY what an earlier run was given and kept, where its source has nothing newer (carbon_inquiry_is_due),
 * and take that out of what it wants.
 */
typedef void (*carbon_recall_f)(const struct carbon_track *track, struct carbon_inquiry *query, void *context);

struct carbon_recall {
	carbon_recall_f recall; /* NULL: nothing is kept */
	void *context;
};

/*
 * Ask every track's sources, all zones at once, each zone going on to its next source only for what it
 * still lacks. SKEW_S gets by how much this machine's clock is ahead of the providers' (0: unknown).
 */
void carbon_tracks_gather(struct carbon_http *http, struct carbon_track *track, size_t count,
			  const struct carbon_recall *recall, time_t *skew_s);

/* Whether any source delivered anything. */
bool carbon_track_has_news(const struct carbon_track *track);

/* Add this run's history to what carbon.db gave: a first choice's value wins, others fill holes. */
int carbon_track_merge(struct carbon_track *track, struct carbon_err *err);

/* Make our own forecast from the merged history; own_err says why there is none (too little history). */
void carbon_track_predict(struct carbon_track *track, time_t now);

/* Whether there is a provider's forecast that ours could be weighed with. */
bool carbon_track_may_blend(const struct carbon_track *track);

/*
 * Compose the outlook of [now, now + horizon): the present from history, then forecasts in order of
 * preference, each mixed with ours ("NAME+MODEL") on the days of lead for which track->blend knows
 * enough, forecasts of the LAST outlook whose provider failed this time, ours going on from a provider's, ours, profiles.
 * LAST may be NULL. track->outlook.count is 0 where nobody knows anything.
 */
int carbon_track_compose(struct carbon_track *track, const struct carbon_outlook *last, time_t now,
			 unsigned int horizon_h, struct carbon_err *err);

#endif
