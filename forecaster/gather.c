/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rounds of requests: each round asks whatever any zone wants to know next, all at once. Never asks a
 * second choice for what the first has given.
 */
#include <stdlib.h>
#include <string.h>

#include "forecaster/http.h"
#include "forecaster/rows.h"
#include "forecaster/source.h"
#include "forecaster/track.h"
#include "lib/time.h"

/* No source needs as many rounds: the longest way is a backfill in windows of ten days. */
#define ROUNDS_MAX 2000
#define LEAVE_S 900 /* after "too many requests" without a word on when to come again */

static bool has_history(const struct carbon_track *track)
{
	for (size_t i = 0; i < track->current; i++)
		if (track->query[i].has_history)
			return true;
	return false;
}

static bool has_forecast(const struct carbon_track *track)
{
	for (size_t i = 0; i < track->current; i++)
		if (track->query[i].has_forecast)
			return true;
	return false;
}

/* The value of now, where this run's history has it. */
static bool find_present(const struct carbon_track *track, time_t now, double *g_kwh)
{
	for (size_t i = 0; i <= track->current && i < track->queries; i++) {
		const struct carbon_series *series = &track->query[i].history.series;

		for (size_t k = series->count; k-- > 0;) {
			if (series->points[k].at > now || series->points[k].at + CARBON_STEP_MAX_S <= now)
				continue;
			*g_kwh = series->points[k].g_kwh;
			return true;
		}
	}
	return false;
}

static void check_present(struct carbon_track *track, struct carbon_inquiry *query)
{
	double present;

	if (!query->has_forecast || query->source->load || !find_present(track, query->now, &present) ||
	    !carbon_forecast_contradicts(&query->forecast.series, present, query->now))
		return;
	query->has_forecast = false;
	carbon_inquiry_fail(query, CARBON_FAILURE_IMPLAUSIBLE,
			  "the forecast begins with %.0f g/kWh while the zone has %.0f g/kWh now; not used",
			  query->forecast.series.points[0].g_kwh, present);
}

static void finish(struct carbon_track *track)
{
	check_present(track, &track->query[track->current]);
	track->current++;
	track->is_asking = false;
}

/* A provider that wants to be left alone is; what it said earlier goes on by its own age. */
static void respect(struct carbon_inquiry *query)
{
	char until[CARBON_TIME_TEXT];

	if (query->access->leave_until_at <= query->now)
		return;
	carbon_time_format(query->access->leave_until_at, until);
	carbon_inquiry_fail(query, CARBON_FAILURE_LIMIT, "not asked: it wants to be left alone until %s", until);
}

/* Whether the current query is worth asking; sets what it is asked for. */
static bool begin(struct carbon_track *track, const struct carbon_recall *recall)
{
	struct carbon_inquiry *query = &track->query[track->current];
	bool can_history = query->backfill_from_at ? query->source->has_past : query->source->has_history;

	query->want_history = can_history && !has_history(track);
	query->want_forecast = query->source->has_forecast && !has_forecast(track) && !query->backfill_from_at;
	if (query->failure != CARBON_FAILURE_NONE)
		return false;
	if (recall->recall && !query->source->load && !query->backfill_from_at)
		recall->recall(track, query, recall->context);
	if (!(query->want_history || query->want_forecast))
		return false;
	respect(query);
	track->is_asking = query->failure == CARBON_FAILURE_NONE;
	return track->is_asking;
}

/* The next requests of a track, going through its sources; 0: it has nothing more to ask. */
static size_t next_requests(struct carbon_track *track, const struct carbon_recall *recall,
			    struct carbon_http_request *request)
{
	while (track->current < track->queries) {
		struct carbon_inquiry *query = &track->query[track->current];
		size_t count = 0;

		if (!track->is_asking && !begin(track, recall)) {
			track->current++;
			continue;
		}
		if (query->source->load)
			query->source->load(query);
		else
			count = query->source->prepare(query, request);
		if (count == CARBON_SOURCE_WAIT)
			return 0;
		if (count)
			return count;
		finish(track);
	}
	return 0;
}

static void note_skew(const struct carbon_track *track, const struct carbon_http_answer *answer, time_t *skew_s)
{
	if (answer->date_at > 0)
		*skew_s = track->query[0].now - answer->date_at;
}

/* Asked too often: how long to wait before the next run asks again. */
static void note_limit(const struct carbon_inquiry *query, const struct carbon_http_answer *answer)
{
	struct carbon_access *access = query->access;
	time_t wait_s = answer->retry_after_s;

	if (answer->outcome != CARBON_HTTP_ANSWERED || (answer->status != 429 && !(answer->status == 503 && wait_s)))
		return;
	if (!wait_s)
		wait_s = LEAVE_S;
	if (wait_s > CARBON_LEAVE_MAX_S)
		wait_s = CARBON_LEAVE_MAX_S;
	if (access->leave_until_at < query->now + wait_s)
		access->leave_until_at = query->now + wait_s;
}

/* What a round needs; the arrays are as long as a round can be. */
struct round {
	struct carbon_http *http;
	const struct carbon_recall *recall;
	struct carbon_http_request *request;
	struct carbon_http_answer *answer;
	size_t *share; /* requests of each track */
};

static size_t collect_requests(struct round *round, struct carbon_track *track, size_t count)
{
	size_t total = 0;

	for (size_t i = 0; i < count; i++) {
		round->share[i] = 0;
		if (track[i].is_carried || total + CARBON_SOURCE_REQUESTS_MAX > CARBON_HTTP_REQUESTS_MAX)
			continue;
		round->share[i] = next_requests(&track[i], round->recall, round->request + total);
		total += round->share[i];
	}
	return total;
}

/* One round; false where nobody had anything to ask. */
static bool ask_round(struct round *round, struct carbon_track *track, size_t count, time_t *skew_s)
{
	size_t total = collect_requests(round, track, count);
	const struct carbon_http_answer *answer = round->answer;

	if (!total)
		return false;
	carbon_http_fetch(round->http, round->request, round->answer, total);
	for (size_t i = 0; i < count; i++) {
		struct carbon_inquiry *query = &track[i].query[track[i].current];

		if (!round->share[i])
			continue;
		note_skew(&track[i], answer, skew_s);
		for (size_t k = 0; k < round->share[i]; k++)
			note_limit(query, &answer[k]);
		query->source->accept(query, answer, round->share[i]);
		answer += round->share[i];
	}
	carbon_http_answers_fini(round->answer, total);
	return true;
}

void carbon_tracks_gather(struct carbon_http *http, struct carbon_track *track, size_t count,
			  const struct carbon_recall *recall, time_t *skew_s)
{
	struct round round = {.http = http, .recall = recall,
			      .request = calloc(CARBON_HTTP_REQUESTS_MAX, sizeof(*round.request)),
			      .answer = calloc(CARBON_HTTP_REQUESTS_MAX, sizeof(*round.answer)),
			      .share = calloc(count ? count : 1, sizeof(*round.share))};

	for (int i = 0; round.request && round.answer && round.share && i < ROUNDS_MAX; i++)
		if (!ask_round(&round, track, count, skew_s))
			break;
	/* Tokens are in there. */
	if (round.request)
		explicit_bzero(round.request, CARBON_HTTP_REQUESTS_MAX * sizeof(*round.request));
	free(round.request);
	free(round.answer);
	free(round.share);
}
