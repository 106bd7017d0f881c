/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Green Software Foundation's Carbon Aware SDK, as a service that a site runs itself, and its JSON files.
 * What its numbers measure depends on its own source: they are taken for what carbon.conf's signal says.
 * A rating below zero is its way of writing "unknown".
 */
#include "forecaster/source_carbon_aware_sdk.h"

#include <math.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "forecaster/body.h"
#include "forecaster/http.h"
#include "forecaster/rows.h"
#include "lib/time.h"

#define BASE_URL "http://localhost:8080"
#define DAY_S 86400
#define RECENT_S (2 * DAY_S) /* history of each run: recent hours are revised */
#define WINDOW_S (7 * 86400) /* of one call for the past: what stands behind the service may have limits */
#define DURATION_MAX_S (31 * DAY_S)

/* --- parsing --- */

/* DIGITS at *cursor up to 9999999, then END (0: the end, or a fraction); -1 where it is not so. */
static time_t take_digits(const char **cursor, char end)
{
	time_t value = 0;
	int digits = 0;

	for (; isdigit((unsigned char)**cursor) && digits < 7; digits++)
		value = value * 10 + (*(*cursor)++ - '0');
	if (!digits || (end ? **cursor != end : **cursor && **cursor != '.'))
		return -1;
	*cursor += end != 0;
	return value;
}

/* .NET's TimeSpan "[d.]hh:mm:ss[.fffffff]" in seconds; 0 where it is none. */
static time_t parse_span(const char *text)
{
	const char *dot = strchr(text, '.'), *colon = strchr(text, ':');
	time_t days = 0, hours, minutes, seconds;

	if (dot && colon && dot < colon)
		days = take_digits(&text, '.');
	hours = take_digits(&text, ':');
	minutes = hours < 0 ? -1 : take_digits(&text, ':');
	seconds = minutes < 0 ? -1 : take_digits(&text, '\0');
	return days < 0 || seconds < 0 ? 0 : days * DAY_S + hours * 3600 + minutes * 60 + seconds;
}

/*
 * A value that holds for many hours is a value in each of them, for a point holds for an hour at most. An
 * emission's hours ahead of now belong to the forecast, those before to history.
 */
static int add_spread(struct carbon_rows *rows, struct carbon_row row, time_t duration_s,
		      const struct carbon_ask *split, struct carbon_err *err)
{
	time_t end_at = row.at + (duration_s < DURATION_MAX_S ? duration_s : DURATION_MAX_S);

	do {
		if ((!split || (row.at > split->now) == split->forecast) && carbon_rows_add(rows, row, err) < 0)
			return -1;
		row.at += CARBON_STEP_MAX_S;
	} while (row.at < end_at);
	return 0;
}

/* The member NAME, written small in answers and capitalised in files. */
static const char *in_case(const cJSON *object, const char *name, char upper[16])
{
	snprintf(upper, 16, "%c%s", name[0] - 'a' + 'A', name + 1);
	return carbon_body_find(object, name) ? name : upper;
}

static bool is_here(const cJSON *object, const struct carbon_ask *ask)
{
	char name[16];
	const char *location = carbon_body_string(object, in_case(object, "location", name));

	return !location || strcasecmp(location, ask->zone) == 0;
}

static int take_emission(const cJSON *object, const struct carbon_ask *ask, struct carbon_rows *rows,
			 struct carbon_err *err)
{
	struct carbon_row row = {.kind = ask->forecast ? CARBON_KIND_FORECAST : CARBON_KIND_ESTIMATED};
	char name[16];
	const char *duration = carbon_body_string(object, in_case(object, "duration", name));

	if (!is_here(object, ask))
		return 0;
	if (!carbon_body_time(object, in_case(object, "time", name), &row.at)) {
		rows->tally.rows++;
		rows->tally.damaged++;
		return 0;
	}
	if (!carbon_body_number(object, in_case(object, "rating", name), true, &row.g_kwh) || row.g_kwh < 0) {
		rows->tally.rows++;
		rows->tally.nulls++;
		return 0;
	}
	return add_spread(rows, row, duration ? parse_span(duration) : 0, ask, err);
}

static int take_point(const cJSON *object, const struct carbon_ask *ask, struct carbon_rows *rows,
		      struct carbon_err *err)
{
	struct carbon_row row = {.kind = CARBON_KIND_FORECAST};
	double minutes = 0;

	if (!is_here(object, ask))
		return 0;
	if (!carbon_body_time(object, "timestamp", &row.at)) {
		rows->tally.rows++;
		rows->tally.damaged++;
		return 0;
	}
	if (!carbon_body_number(object, "value", false, &row.g_kwh) || row.g_kwh < 0) {
		rows->tally.rows++;
		rows->tally.nulls++;
		return 0;
	}
	if (!carbon_body_number(object, "duration", false, &minutes) || minutes < 0 || minutes > 44640)
		minutes = 0;
	return add_spread(rows, row, (time_t)minutes * 60, NULL, err);
}

typedef int (*take_f)(const cJSON *object, const struct carbon_ask *ask, struct carbon_rows *rows,
		      struct carbon_err *err);

static enum carbon_failure take_all(const cJSON *array, take_f take, const struct carbon_ask *ask,
				    struct carbon_reply *reply, struct carbon_err *err)
{
	enum carbon_failure failure = CARBON_FAILURE_FORMAT;
	struct carbon_rows rows;
	const cJSON *object;

	carbon_rows_init(&rows);
	cJSON_ArrayForEach(object, array) {
		if (take(object, ask, &rows, err) < 0)
			goto out;
	}
	failure = carbon_rows_finish(&rows, ask, reply, err);
	if (failure == CARBON_FAILURE_NONE)
		reply->issued_at = ask->received_at;
out:
	carbon_rows_fini(&rows);
	return failure;
}

static enum carbon_failure no_list(const cJSON *root, struct carbon_err *err)
{
	char says[CARBON_BODY_MESSAGE];

	carbon_err_set(err, "%s", carbon_body_message(root, says) ? says : "no list of emissions or forecasts");
	return CARBON_FAILURE_FORMAT;
}

enum carbon_failure carbon_sdk_emissions_parse(const char *text, size_t length, const struct carbon_ask *ask,
					       struct carbon_reply *reply, struct carbon_err *err)
{
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);
	const cJSON *list = cJSON_IsObject(root) ? carbon_body_find(root, "Emissions") : root;

	if (failure == CARBON_FAILURE_NONE)
		failure = cJSON_IsArray(list) ? take_all(list, take_emission, ask, reply, err) : no_list(root, err);
	cJSON_Delete(root);
	return failure;
}

/* With a window its points are means over it that overlap: none of them is the intensity of its time. */
static bool is_smoothed(const cJSON *forecast, const cJSON *points)
{
	time_t first_at, second_at;
	double window_min = 0;

	return carbon_body_number(forecast, "windowSize", false, &window_min) && window_min > 0 &&
	       carbon_body_time(cJSON_GetArrayItem(points, 0), "timestamp", &first_at) &&
	       carbon_body_time(cJSON_GetArrayItem(points, 1), "timestamp", &second_at) &&
	       window_min * 60 > fabs((double)(second_at - first_at));
}

/* One forecast of the list: the one for our location. */
static enum carbon_failure read_forecasts(const cJSON *root, const struct carbon_ask *ask,
					  struct carbon_reply *reply, struct carbon_err *err)
{
	const cJSON *forecast;

	cJSON_ArrayForEach(forecast, root) {
		const cJSON *points = carbon_body_find(forecast, "forecastData");
		enum carbon_failure failure;
		time_t issued_at;

		if (!is_here(forecast, ask) || !cJSON_IsArray(points))
			continue;
		if (is_smoothed(forecast, points)) {
			carbon_err_set(err, "its points are means over windows that overlap");
			return CARBON_FAILURE_FORMAT;
		}
		failure = take_all(points, take_point, ask, reply, err);
		if (failure == CARBON_FAILURE_NONE && carbon_body_time(forecast, "generatedAt", &issued_at) &&
		    issued_at <= ask->received_at)
			reply->issued_at = issued_at;
		return failure;
	}
	carbon_err_set(err, "no forecast for %s in the answer", ask->zone);
	return CARBON_FAILURE_EMPTY;
}

enum carbon_failure carbon_sdk_forecast_parse(const char *text, size_t length, const struct carbon_ask *ask,
					      struct carbon_reply *reply, struct carbon_err *err)
{
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);

	if (failure == CARBON_FAILURE_NONE)
		failure = cJSON_IsArray(root) ? read_forecasts(root, ask, reply, err) : no_list(root, err);
	cJSON_Delete(root);
	return failure;
}

/* --- asking --- */

static int history_request(const struct carbon_inquiry *query, time_t from_at, time_t to_at,
			   struct carbon_http_request *request)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	carbon_time_format(from_at, from);
	carbon_time_format(to_at, to);
	return carbon_inquiry_request(query, BASE_URL, "/emissions/bylocation", request) < 0 ||
	       carbon_http_url_add(request->url, "location", query->zone) < 0 ||
	       carbon_http_url_add(request->url, "time", from) < 0 ||
	       carbon_http_url_add(request->url, "toTime", to) < 0 ? -1 : 0;
}

/* Without windowSize: with one the points are rolling means. */
static int forecast_request(const struct carbon_inquiry *query, struct carbon_http_request *request)
{
	return carbon_inquiry_request(query, BASE_URL, "/emissions/forecasts/current", request) < 0 ||
	       carbon_http_url_add(request->url, "location", query->zone) < 0 ? -1 : 0;
}

static size_t prepare(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	time_t end_at = 0;
	size_t count = 0;
	int rc = 0;

	if (query->backfill_from_at) {
		if (!carbon_inquiry_window(query, WINDOW_S, &end_at))
			return 0;
		rc = history_request(query, query->cursor_at, end_at, &request[count++]);
	} else if (!query->step++) {
		if (query->want_history)
			rc |= history_request(query, query->now - RECENT_S, query->now, &request[count++]);
		if (query->want_forecast)
			rc |= forecast_request(query, &request[count++]);
	}
	if (rc == 0)
		return count;
	carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "the url is too long");
	return 0;
}

static void accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count)
{
	if (query->backfill_from_at)
		carbon_inquiry_accept_window(query, answer, WINDOW_S, carbon_sdk_emissions_parse);
	else
		carbon_inquiry_accept_both(query, answer, count, carbon_sdk_emissions_parse,
					   carbon_sdk_forecast_parse);
}

const struct carbon_source carbon_source_carbon_aware_sdk = {
	.type = "carbon-aware-sdk",
	.signals = 1u << CARBON_SIGNAL_LIFECYCLE | 1u << CARBON_SIGNAL_DIRECT | 1u << CARBON_SIGNAL_MARGINAL,
	.has_history = true,
	.has_forecast = true,
	.has_past = true,
	.every_s = 300,
	.prepare = prepare,
	.accept = accept,
};
