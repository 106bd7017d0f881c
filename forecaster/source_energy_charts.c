/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Energy-Charts (Fraunhofer ISE): quarter hours for European countries, no key. One answer holds past and
 * future; a past quarter hour without a value of its own has the forecast of it, as an estimate. The
 * answer does not say which emission factors are in it: it is taken for what carbon.conf's signal says.
 */
#include "forecaster/source_energy_charts.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>

#include "forecaster/body.h"
#include "forecaster/http.h"
#include "forecaster/rows.h"
#include "lib/time.h"

#define BASE_URL "https://api.energy-charts.info"
#define DAY_S 86400
#define RECENT_S (2 * DAY_S) /* history of each run: recent hours are revised */
#define STEP_S 900
#define AHEAD_S (3 * DAY_S)
#define WINDOW_S (30 * 86400) /* of one call for the past */

/* --- parsing --- */

static bool number_of(const cJSON *item, double *out)
{
	if (!item || !cJSON_IsNumber(item) || !isfinite(item->valuedouble))
		return false;
	*out = item->valuedouble;
	return true;
}

/* One index of the lists. */
static int take_index(const cJSON *at, const cJSON *value, const cJSON *guess, const struct carbon_ask *ask,
		      struct carbon_rows *rows, struct carbon_err *err)
{
	struct carbon_row row = {.kind = CARBON_KIND_MEASURED};
	double seconds;
	bool ahead;

	if (!number_of(at, &seconds) || seconds < (double)CARBON_TIME_MIN || seconds >= (double)CARBON_TIME_MAX) {
		rows->tally.rows++;
		rows->tally.damaged++;
		return 0;
	}
	row.at = (time_t)seconds;
	ahead = row.at > ask->now;
	if (ahead != ask->forecast)
		return 0;
	if (!number_of(value, &row.g_kwh)) {
		row.kind = CARBON_KIND_ESTIMATED;
		if (!number_of(guess, &row.g_kwh)) {
			rows->tally.rows++;
			rows->tally.nulls++;
			return 0;
		}
	}
	if (ahead)
		row.kind = CARBON_KIND_FORECAST;
	return carbon_rows_add(rows, row, err);
}

static enum carbon_failure take_lists(const cJSON *root, const struct carbon_ask *ask, struct carbon_reply *reply,
				      struct carbon_err *err)
{
	const cJSON *at = carbon_body_find(root, "unix_seconds"), *value = carbon_body_find(root, "co2eq");
	const cJSON *guess = carbon_body_find(root, "co2eq_forecast");
	enum carbon_failure failure = CARBON_FAILURE_FORMAT;
	struct carbon_rows rows;
	int count = cJSON_GetArraySize(at);

	if (cJSON_GetArraySize(value) != count || (guess && cJSON_GetArraySize(guess) != count)) {
		carbon_err_set(err, "lists of different length");
		return CARBON_FAILURE_FORMAT;
	}
	carbon_rows_init(&rows);
	/* Their items are chains: walked side by side, not found by index. */
	at = at->child;
	value = value->child;
	for (guess = guess ? guess->child : NULL; at; at = at->next) {
		if (take_index(at, value, guess, ask, &rows, err) < 0)
			goto out;
		value = value->next;
		guess = guess ? guess->next : NULL;
	}
	failure = carbon_rows_finish(&rows, ask, reply, err);
	if (failure != CARBON_FAILURE_NONE)
		goto out;
	reply->step_s = STEP_S;
	reply->issued_at = ask->received_at;
out:
	carbon_rows_fini(&rows);
	return failure;
}

enum carbon_failure carbon_energy_charts_parse(const char *text, size_t length, const struct carbon_ask *ask,
					       struct carbon_reply *reply, struct carbon_err *err)
{
	char says[CARBON_BODY_MESSAGE];
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);

	if (failure != CARBON_FAILURE_NONE)
		return failure;
	if (cJSON_IsArray(carbon_body_find(root, "unix_seconds")) && cJSON_IsArray(carbon_body_find(root, "co2eq"))) {
		failure = take_lists(root, ask, reply, err);
	} else {
		failure = CARBON_FAILURE_FORMAT;
		carbon_err_set(err, "%s", carbon_body_message(root, says) ? says : "no unix_seconds and co2eq in the answer");
	}
	cJSON_Delete(root);
	return failure;
}

/* --- asking --- */

static int request_of(const struct carbon_inquiry *query, time_t from_at, time_t to_at,
		      struct carbon_http_request *request)
{
	char country[CARBON_ZONE_MAX], from[24], to[24];
	size_t n = 0;

	for (; n < sizeof(country) - 1 && query->zone[n]; n++)
		country[n] = (char)tolower((unsigned char)query->zone[n]);
	country[n] = '\0';
	snprintf(from, sizeof(from), "%lld", (long long)from_at);
	snprintf(to, sizeof(to), "%lld", (long long)to_at);
	return carbon_inquiry_request(query, BASE_URL, "/co2eq", request) < 0 ||
	       carbon_http_url_add(request->url, "country", country) < 0 ||
	       carbon_http_url_add(request->url, "start", from) < 0 ||
	       carbon_http_url_add(request->url, "end", to) < 0 ? -1 : 0;
}

static size_t prepare(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	time_t from_at = query->now - RECENT_S, to_at = query->now + AHEAD_S;

	if (query->backfill_from_at && !carbon_inquiry_window(query, WINDOW_S, &to_at))
		return 0;
	if (query->backfill_from_at)
		from_at = query->cursor_at;
	else if (query->step++)
		return 0;
	if (request_of(query, from_at, to_at, request) == 0)
		return 1;
	carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "the url is too long");
	return 0;
}

static void accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count)
{
	struct carbon_err why = {""};
	enum carbon_failure failure;

	if (query->backfill_from_at) {
		carbon_inquiry_accept_window(query, answer, WINDOW_S, carbon_energy_charts_parse);
		return;
	}
	if (query->want_history && count)
		carbon_inquiry_accept(query, answer, false, carbon_energy_charts_parse);
	if (!query->want_forecast || !count || query->failure != CARBON_FAILURE_NONE)
		return;
	/* Not every country has a forecast: an answer with the past alone is a whole answer. */
	failure = carbon_inquiry_take(query, answer, true, carbon_energy_charts_parse, &why);
	if (failure != CARBON_FAILURE_NONE && failure != CARBON_FAILURE_EMPTY)
		carbon_inquiry_fail(query, failure, "forecast: %s", why.text);
}

const struct carbon_source carbon_source_energy_charts = {
	.type = "energy-charts",
	.signals = 1u << CARBON_SIGNAL_LIFECYCLE | 1u << CARBON_SIGNAL_DIRECT,
	.has_history = true,
	.has_forecast = true,
	.has_past = true,
	.every_s = 900,
	.prepare = prepare,
	.accept = accept,
};
