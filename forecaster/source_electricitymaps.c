/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Electricity Maps: once a day what the key may fetch, then history of the last day (or the present
 * alone), forecast of up to 72 hours, past ranges in windows of ten days. Works with v3 and v4 alike (the base
 * URL says which). Never trusts an answer to be for the zone that was asked: without one the provider
 * guesses from the caller's address.
 */
#include "forecaster/source_electricitymaps.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "forecaster/http.h"
#include "forecaster/body.h"
#include "forecaster/rows.h"
#include "lib/time.h"
#include "lib/words.h"

#define BASE_URL "https://api.electricitymaps.com/v3"
#define LONG_HORIZON_H 72
#define SHORT_HORIZON_H 24
#define RIGHTS_S 86400	      /* what a key may changes when somebody pays */
#define RIGHTS_AGAIN_S 3600   /* where they could not be told */
#define WINDOW_S (10 * 86400) /* of one past-range call in hourly steps; its end is exclusive */

/* --- parsing --- */

static time_t granularity_s(const char *name)
{
	static const struct {
		const char *name;
		time_t step_s;
	} steps[] = {{"1_minute", 60}, {"5_minutes", 300}, {"15_minutes", 900}, {"30_minutes", 1800}, {"hourly", 3600}};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(name, steps[i].name) == 0)
			return steps[i].step_s;
	return -1;
}

static bool is_sandbox(const cJSON *object)
{
	const char *disclaimer = carbon_body_string(object, "_disclaimer");
	const char *method = carbon_body_string(object, "estimationMethod");

	return (disclaimer && strstr(disclaimer, "SANDBOX")) || (method && strcmp(method, "SANDBOX_MODE_DATA") == 0);
}

/* Whether OBJECT speaks of what was asked; members that are not there say nothing. */
static enum carbon_failure check_subject(const cJSON *object, const struct carbon_ask *ask, struct carbon_err *err)
{
	const char *zone = carbon_body_string(object, "zone");
	const char *factors = carbon_body_string(object, "emissionFactorType");
	const char *wanted = ask->signal == CARBON_SIGNAL_DIRECT ? "direct" : "lifecycle";

	if (!ask->allow_sandbox && is_sandbox(object)) {
		carbon_err_set(err, "the key is a sandbox key: its numbers are made up and are not used");
		return CARBON_FAILURE_SANDBOX;
	}
	if (zone && strcasecmp(zone, ask->zone) != 0) {
		carbon_err_set(err, "the answer is for zone \"%.40s\", not %s", zone, ask->zone);
		return CARBON_FAILURE_FORMAT;
	}
	if (factors && strcmp(factors, wanted) != 0) {
		carbon_err_set(err, "the answer's emission factors are \"%.40s\", not %s", factors, wanted);
		return CARBON_FAILURE_FORMAT;
	}
	return CARBON_FAILURE_NONE;
}

static const cJSON *find_rows(const cJSON *root)
{
	static const char *const names[] = {"history", "data", "forecast"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const cJSON *rows = carbon_body_find(root, names[i]);

		if (cJSON_IsArray(rows))
			return rows;
	}
	return NULL;
}

/* "latest" and "past" are one flat row; v4's SDK describes an object under "data". */
static const cJSON *find_row(const cJSON *root)
{
	const cJSON *row = carbon_body_find(root, "data");

	if (!cJSON_IsObject(row))
		row = root;
	return cJSON_IsObject(row) && carbon_body_find(row, "datetime") &&
	       cJSON_GetObjectItemCaseSensitive(row, "carbonIntensity") ? row : NULL;
}

static enum carbon_kind kind_of(const cJSON *row, const struct carbon_ask *ask)
{
	if (ask->forecast)
		return CARBON_KIND_FORECAST;
	/* Only what is said to be measured is: an estimate is never passed off as a measurement. */
	return cJSON_IsFalse(carbon_body_find(row, "isEstimated")) ? CARBON_KIND_MEASURED :
								    CARBON_KIND_ESTIMATED;
}

static enum carbon_failure take_row(const cJSON *object, const struct carbon_ask *ask, struct carbon_rows *rows,
				    struct carbon_err *err)
{
	struct carbon_row row = {.kind = kind_of(object, ask)};
	enum carbon_failure failure = check_subject(object, ask, err);

	if (failure != CARBON_FAILURE_NONE)
		return failure;
	if (!carbon_body_time(object, "datetime", &row.at)) {
		rows->tally.rows++;
		rows->tally.damaged++;
		return CARBON_FAILURE_NONE;
	}
	if (!carbon_body_number(object, "carbonIntensity", false, &row.g_kwh)) {
		rows->tally.rows++;
		rows->tally.nulls++;
		return CARBON_FAILURE_NONE;
	}
	carbon_body_time(object, "updatedAt", &row.updated_at);
	return carbon_rows_add(rows, row, err) < 0 ? CARBON_FAILURE_FORMAT : CARBON_FAILURE_NONE;
}

/* Those of ARRAY, or ALONE where there is no array. */
static enum carbon_failure take_rows(const cJSON *array, const cJSON *alone, const struct carbon_ask *ask,
				     struct carbon_reply *reply, struct carbon_err *err)
{
	enum carbon_failure failure = CARBON_FAILURE_NONE;
	struct carbon_rows rows;
	const cJSON *row;

	carbon_rows_init(&rows);
	if (alone)
		failure = take_row(alone, ask, &rows, err);
	if (failure != CARBON_FAILURE_NONE)
		goto out;
	cJSON_ArrayForEach(row, array) {
		failure = take_row(row, ask, &rows, err);
		if (failure != CARBON_FAILURE_NONE)
			goto out;
	}
	if (rows.tally.rows == 0) {
		failure = CARBON_FAILURE_EMPTY;
		carbon_err_set(err, "an empty %s", ask->forecast ? "forecast" : "history");
	} else {
		failure = carbon_rows_finish(&rows, ask, reply, err);
	}
out:
	carbon_rows_fini(&rows);
	return failure;
}

static enum carbon_failure read_root(const cJSON *root, const struct carbon_ask *ask, struct carbon_reply *reply,
				     struct carbon_err *err)
{
	const char *granularity = carbon_body_string(root, "temporalGranularity");
	const cJSON *array = find_rows(root), *row = array ? NULL : find_row(root);
	char says[CARBON_BODY_MESSAGE];
	enum carbon_failure failure;
	time_t step_s = granularity ? granularity_s(granularity) : 0;

	if (!array && !row && carbon_body_message(root, says)) {
		carbon_err_set(err, "%s", says);
		return CARBON_FAILURE_EMPTY;
	}
	failure = check_subject(root, ask, err);
	if (failure != CARBON_FAILURE_NONE)
		return failure;
	if ((!array && !row) || step_s < 0) {
		carbon_err_set(err, array || row ? "granularity \"%.40s\" is coarser than an hour or unknown" :
					    "no history, data or forecast in the answer%.0s",
			       granularity ? granularity : "");
		return CARBON_FAILURE_FORMAT;
	}
	failure = take_rows(array, row, ask, reply, err);
	if (failure != CARBON_FAILURE_NONE)
		return failure;
	reply->step_s = step_s;
	if (!carbon_body_time(root, "updatedAt", &reply->issued_at) || reply->issued_at > ask->received_at)
		reply->issued_at = ask->received_at;
	return CARBON_FAILURE_NONE;
}

enum carbon_failure carbon_electricitymaps_parse(const char *text, size_t length, const struct carbon_ask *ask,
						 struct carbon_reply *reply, struct carbon_err *err)
{
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);

	if (failure == CARBON_FAILURE_NONE)
		failure = read_root(root, ask, reply, err);
	cJSON_Delete(root);
	return failure;
}

/* "carbon-intensity/forecast", or a star in the place of the last word or of all of it. */
static unsigned int right_of(const char *text)
{
	static const char prefix[] = "carbon-intensity/";

	if (strcmp(text, "*") == 0)
		return CARBON_RIGHTS_ALL;
	if (strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	text += sizeof(prefix) - 1;
	if (strcmp(text, "*") == 0)
		return CARBON_RIGHTS_ALL;
	for (int right = 0; right < CARBON_RIGHTS; right++)
		if (strcmp(text, carbon_right_name((enum carbon_right)right)) == 0)
			return 1u << right;
	return 0;
}

/* Zones as an object by name. To who sends no key the list is of all zones and names no rights. */
static enum carbon_failure read_rights(const cJSON *root, struct carbon_rights *rights, struct carbon_err *err)
{
	const cJSON *zone, *word;
	char says[CARBON_BODY_MESSAGE];

	cJSON_ArrayForEach(zone, root) {
		const cJSON *access = carbon_body_find(zone, "access");
		unsigned int may = 0;

		if (!zone->string || !cJSON_IsArray(access) || strlen(zone->string) >= CARBON_ZONE_MAX ||
		    !carbon_name_is_valid(zone->string, CARBON_ZONE_MAX))
			continue;
		cJSON_ArrayForEach(word, access)
			may |= cJSON_IsString(word) ? right_of(word->valuestring) : 0;
		if (carbon_rights_set(rights, zone->string, may, err) < 0)
			return CARBON_FAILURE_FORMAT;
	}
	if (rights->count)
		return CARBON_FAILURE_NONE;
	carbon_err_set(err, "%s", carbon_body_message(root, says) ? says : "no zone with its rights in the answer");
	return CARBON_FAILURE_EMPTY;
}

enum carbon_failure carbon_electricitymaps_parse_rights(const char *text, size_t length, struct carbon_rights *rights,
							struct carbon_err *err)
{
	struct carbon_rights found = {.is_whole = true};
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);

	if (failure == CARBON_FAILURE_NONE)
		failure = read_rights(root, &found, err);
	if (failure == CARBON_FAILURE_NONE) {
		carbon_rights_fini(rights);
		*rights = found;
	} else {
		carbon_rights_fini(&found);
	}
	cJSON_Delete(root);
	return failure;
}

/* --- asking --- */

enum step { ASK_RIGHTS, ASK_ALL, ASK_SHORT_FORECAST, ASK_NEXT_WINDOW, DONE };

/* Whether a configured address is a host alone, without the version that every path here begins with. */
static bool lacks_version(const char *url)
{
	const char *host = strstr(url, "://"), *path;

	path = host ? strchr(host + 3, '/') : NULL;
	return url[0] && (!path || strspn(path, "/") == strlen(path));
}

/* BASE/WHAT, with the key. */
static int keyed_request(const struct carbon_inquiry *query, const char *what, struct carbon_http_request *request)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", lacks_version(query->access->url) ? "/v3" : "", what);
	if (carbon_inquiry_request(query, BASE_URL, path, request) < 0)
		return -1;
	snprintf(request->secret, sizeof(request->secret), "auth-token: %s", query->access->token);
	return 0;
}

/* BASE/carbon-intensity/TEMPORALITY?zone=... */
static int begin_request(const struct carbon_inquiry *query, enum carbon_right right,
			 struct carbon_http_request *request)
{
	char what[64];

	snprintf(what, sizeof(what), "carbon-intensity/%s", carbon_right_name(right));
	if (keyed_request(query, what, request) < 0 ||
	    carbon_http_url_add(request->url, "zone", query->zone) < 0 ||
	    carbon_http_url_add(request->url, "disableCallerLookup", "true") < 0)
		return -1;
	/* The forecast knows only life-cycle factors and refuses the parameter. */
	if (query->signal == CARBON_SIGNAL_DIRECT)
		return carbon_http_url_add(request->url, "emissionFactorType", "direct");
	return 0;
}

static int forecast_request(const struct carbon_inquiry *query, struct carbon_http_request *request)
{
	char hours[16];

	snprintf(hours, sizeof(hours), "%d", query->step == ASK_SHORT_FORECAST ? SHORT_HORIZON_H : LONG_HORIZON_H);
	return begin_request(query, CARBON_RIGHT_FORECAST, request) < 0 ||
	       carbon_http_url_add(request->url, "horizonHours", hours) < 0 ? -1 : 0;
}

static int window_request(const struct carbon_inquiry *query, time_t end_at, struct carbon_http_request *request)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	carbon_time_format(query->cursor_at, from);
	carbon_time_format(end_at, to);
	return begin_request(query, CARBON_RIGHT_PAST, request) < 0 ||
	       carbon_http_url_add(request->url, "start", from) < 0 ||
	       carbon_http_url_add(request->url, "end", to) < 0 ? -1 : 0;
}

/* --- what the key may --- */

static bool may(const struct carbon_inquiry *query, enum carbon_right right)
{
	return carbon_rights_has(&query->access->rights, query->zone, right);
}

static bool knows_rights(const struct carbon_inquiry *query)
{
	time_t read_at = query->access->rights.read_at;

	return query->access->has_asked_rights ||
	       (read_at > 0 && read_at <= query->now && query->now - read_at < RIGHTS_S);
}

/* One request for all zones. */
static size_t prepare_rights(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	if (query->access->is_asking_rights)
		return CARBON_SOURCE_WAIT;
	if (keyed_request(query, "zones", request) < 0) {
		carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "the url is too long");
		return 0;
	}
	query->access->is_asking_rights = true;
	return 1;
}

/* Where it cannot be told, everything is asked for and a refusal tells; and they are asked again in an hour. */
static void accept_rights(struct carbon_inquiry *query, const struct carbon_http_answer *answer)
{
	struct carbon_access *access = query->access;
	enum carbon_failure failure = carbon_answer_judge(answer, &access->rights_err);

	access->is_asking_rights = false;
	access->has_asked_rights = true;
	if (failure == CARBON_FAILURE_NONE)
		failure = carbon_electricitymaps_parse_rights(answer->body, answer->length, &access->rights,
							      &access->rights_err);
	if (failure == CARBON_FAILURE_NONE) {
		access->rights.read_at = query->now;
		return;
	}
	carbon_rights_fini(&access->rights);
	access->rights.read_at = query->now - RIGHTS_S + RIGHTS_AGAIN_S;
}

/* Ask only for what the key may fetch. A forecast that it may not is no failure: nobody promised one. */
static void apply_rights(struct carbon_inquiry *query)
{
	query->step = query->backfill_from_at ? ASK_NEXT_WINDOW : ASK_ALL;
	if (query->backfill_from_at && !may(query, CARBON_RIGHT_PAST)) {
		carbon_inquiry_fail(query, CARBON_FAILURE_ENTITLEMENT, "the key may not fetch %s's past", query->zone);
		query->step = DONE;
		return;
	}
	if (!may(query, CARBON_RIGHT_HISTORY) && !may(query, CARBON_RIGHT_LATEST))
		query->want_history = false;
	if (!may(query, CARBON_RIGHT_FORECAST) || query->signal != CARBON_SIGNAL_LIFECYCLE)
		query->want_forecast = false;
	if (!query->backfill_from_at && !query->want_history && !query->want_forecast &&
	    !query->is_history_kept && !query->is_forecast_kept)
		carbon_inquiry_fail(query, CARBON_FAILURE_ENTITLEMENT, "the key may fetch nothing of zone %s that is "
				    "wanted here", query->zone);
}

/* --- what to ask --- */

static size_t prepare_data(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	time_t end_at = 0;
	size_t count = 0;
	int rc = 0;

	if (query->step == ASK_NEXT_WINDOW) {
		if (!carbon_inquiry_window(query, WINDOW_S, &end_at))
			return 0;
		rc = window_request(query, end_at, &request[count++]);
	} else if (query->step == ASK_ALL) {
		if (query->want_history)
			rc |= begin_request(query, may(query, CARBON_RIGHT_HISTORY) ? CARBON_RIGHT_HISTORY :
					    CARBON_RIGHT_LATEST, &request[count++]);
		if (query->want_forecast)
			rc |= forecast_request(query, &request[count++]);
	} else if (query->step == ASK_SHORT_FORECAST) {
		rc = forecast_request(query, &request[count++]);
	}
	if (rc == 0)
		return count;
	carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "the url is too long");
	return 0;
}

/* What this round asks, in this order; accept() walks the answers the same way. */
static size_t prepare(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	if (query->step == ASK_RIGHTS && !knows_rights(query))
		return prepare_rights(query, request);
	if (query->step == ASK_RIGHTS)
		apply_rights(query);
	return prepare_data(query, request);
}

/* What a refusal tells holds for the next runs, too. */
static void learn(struct carbon_inquiry *query, enum carbon_failure failure, enum carbon_right right)
{
	if (failure == CARBON_FAILURE_ENTITLEMENT)
		carbon_rights_forbid(&query->access->rights, query->zone, right);
}

static void accept_history(struct carbon_inquiry *query, const struct carbon_http_answer *answer)
{
	struct carbon_err why = {""};
	enum carbon_failure failure = carbon_inquiry_take(query, answer, false, carbon_electricitymaps_parse, &why);

	learn(query, failure, may(query, CARBON_RIGHT_HISTORY) ? CARBON_RIGHT_HISTORY : CARBON_RIGHT_LATEST);
	if (failure != CARBON_FAILURE_NONE)
		carbon_inquiry_fail(query, failure, "history: %s", why.text);
}

static void accept_forecast(struct carbon_inquiry *query, const struct carbon_http_answer *answer)
{
	struct carbon_err why = {""};
	enum carbon_failure failure = carbon_inquiry_take(query, answer, true, carbon_electricitymaps_parse, &why);

	if (failure == CARBON_FAILURE_REQUEST && answer->status == 400 && query->step == ASK_ALL) {
		query->step = ASK_SHORT_FORECAST;
		return;
	}
	query->step = DONE;
	learn(query, failure, CARBON_RIGHT_FORECAST);
	if (failure != CARBON_FAILURE_NONE)
		carbon_inquiry_fail(query, failure, "forecast: %s", why.text);
}

static void accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count)
{
	size_t next = 0;
	int step = query->step;

	if (step == ASK_RIGHTS) {
		accept_rights(query, answer);
		return;
	}
	if (step == ASK_NEXT_WINDOW) {
		learn(query, carbon_inquiry_accept_window(query, answer, WINDOW_S, carbon_electricitymaps_parse),
		      CARBON_RIGHT_PAST);
		return;
	}
	if (step == ASK_ALL)
		query->step = DONE;
	if (step == ASK_ALL && query->want_history && next < count)
		accept_history(query, &answer[next++]);
	if (next < count) {
		query->step = step;
		accept_forecast(query, &answer[next]);
	}
}

const struct carbon_source carbon_source_electricitymaps = {
	.type = "electricitymaps",
	.signals = 1u << CARBON_SIGNAL_LIFECYCLE | 1u << CARBON_SIGNAL_DIRECT,
	.has_history = true,
	.has_forecast = true,
	.has_past = true,
	.needs_token = true,
	.every_s = 900,
	.prepare = prepare,
	.accept = accept,
};
