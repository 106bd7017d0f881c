/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * WattTime v3: marginal intensity. The token file holds "user:password"; a login gives a token that lives
 * for half an hour, which all zones share and which is kept between runs. Both ends of a historical
 * range are inclusive.
 */
#include "forecaster/source_watttime.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "forecaster/body.h"
#include "forecaster/http.h"
#include "forecaster/rows.h"
#include "lib/time.h"

#define BASE_URL "https://api.watttime.org"
#define SIGNAL_TYPE "co2_moer"
#define G_KWH_PER_LB_MWH 0.45359237 /* 453.59237 g in a pound, 1,000 kWh in a MWh */
#define SESSION_S (25 * 60)	    /* of the 30 minutes that a token lives */
#define LOGINS_MAX 2		    /* in one run: one, and one more where a kept token has died */
#define DAY_S 86400
#define RECENT_S (2 * DAY_S) /* history of each run: recent hours are revised */
#define WINDOW_S (30 * DAY_S) /* of one historical call; 32 days are the most */
#define STEP_S 300

/* --- parsing --- */

static enum carbon_failure check_meta(const cJSON *meta, const struct carbon_ask *ask, struct carbon_err *err)
{
	const char *units = carbon_body_string(meta, "units");
	const char *region = carbon_body_string(meta, "region");
	const char *type = carbon_body_string(meta, "signal_type");

	if (!units || strcmp(units, "lbs_co2_per_mwh") != 0) {
		carbon_err_set(err, "units are \"%.40s\", not lbs_co2_per_mwh", units ? units : "missing");
		return CARBON_FAILURE_FORMAT;
	}
	if (region && strcasecmp(region, ask->zone) != 0) {
		carbon_err_set(err, "the answer is for region \"%.40s\", not %s", region, ask->zone);
		return CARBON_FAILURE_FORMAT;
	}
	if (type && strcmp(type, SIGNAL_TYPE) != 0) {
		carbon_err_set(err, "the answer's signal is \"%.40s\", not " SIGNAL_TYPE, type);
		return CARBON_FAILURE_FORMAT;
	}
	return CARBON_FAILURE_NONE;
}

static int take_row(const cJSON *object, const struct carbon_ask *ask, struct carbon_rows *rows,
		    struct carbon_err *err)
{
	struct carbon_row row = {.kind = ask->forecast ? CARBON_KIND_FORECAST : CARBON_KIND_MEASURED};
	double lb_mwh;

	if (!carbon_body_time(object, "point_time", &row.at)) {
		rows->tally.rows++;
		rows->tally.damaged++;
		return 0;
	}
	if (!carbon_body_number(object, "value", false, &lb_mwh)) {
		rows->tally.rows++;
		rows->tally.nulls++;
		return 0;
	}
	row.g_kwh = lb_mwh * G_KWH_PER_LB_MWH;
	carbon_body_time(object, "last_updated", &row.updated_at);
	if (!ask->forecast && cJSON_IsTrue(carbon_body_find(object, "imputed_data_used")))
		row.kind = CARBON_KIND_ESTIMATED;
	return carbon_rows_add(rows, row, err);
}

static enum carbon_failure take_rows(const cJSON *array, const struct carbon_ask *ask, struct carbon_reply *reply,
				     struct carbon_err *err)
{
	enum carbon_failure failure = CARBON_FAILURE_FORMAT;
	struct carbon_rows rows;
	const cJSON *row;

	carbon_rows_init(&rows);
	cJSON_ArrayForEach(row, array) {
		if (take_row(row, ask, &rows, err) < 0)
			goto out;
	}
	failure = carbon_rows_finish(&rows, ask, reply, err);
out:
	carbon_rows_fini(&rows);
	return failure;
}

static enum carbon_failure read_root(const cJSON *root, const struct carbon_ask *ask, struct carbon_reply *reply,
				     struct carbon_err *err)
{
	const cJSON *meta = carbon_body_find(root, "meta"), *array = carbon_body_find(root, "data");
	char says[CARBON_BODY_MESSAGE];
	enum carbon_failure failure;
	double step_s;

	if (!meta || !cJSON_IsArray(array)) {
		carbon_err_set(err, "%s", carbon_body_message(root, says) ? says : "no data and meta in the answer");
		return CARBON_FAILURE_FORMAT;
	}
	failure = check_meta(meta, ask, err);
	if (failure == CARBON_FAILURE_NONE)
		failure = take_rows(array, ask, reply, err);
	if (failure != CARBON_FAILURE_NONE)
		return failure;
	if (carbon_body_number(meta, "data_point_period_seconds", false, &step_s) && step_s >= 60 &&
	    step_s <= CARBON_STEP_MAX_S)
		reply->step_s = (time_t)step_s;
	if (!carbon_body_time(meta, "generated_at", &reply->issued_at) || reply->issued_at > ask->received_at)
		reply->issued_at = ask->received_at;
	return CARBON_FAILURE_NONE;
}

enum carbon_failure carbon_watttime_parse(const char *text, size_t length, const struct carbon_ask *ask,
					  struct carbon_reply *reply, struct carbon_err *err)
{
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);

	if (failure == CARBON_FAILURE_NONE)
		failure = read_root(root, ask, reply, err);
	cJSON_Delete(root);
	return failure;
}

enum carbon_failure carbon_watttime_parse_login(const char *text, size_t length, char *out, struct carbon_err *err)
{
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);
	const char *token = failure == CARBON_FAILURE_NONE ? carbon_body_string(root, "token") : NULL;
	size_t size = token ? strlen(token) : 0;

	if (failure == CARBON_FAILURE_NONE && (size == 0 || size >= CARBON_TOKEN_MAX)) {
		carbon_err_set(err, "no token in the answer");
		failure = CARBON_FAILURE_FORMAT;
	}
	/* It goes into a header: nothing but plain characters may. */
	for (size_t i = 0; failure == CARBON_FAILURE_NONE && i < size; i++)
		if (token[i] <= ' ' || token[i] > '~') {
			carbon_err_set(err, "the token holds characters that no token has");
			failure = CARBON_FAILURE_FORMAT;
		}
	if (failure == CARBON_FAILURE_NONE)
		memcpy(out, token, size + 1);
	cJSON_Delete(root);
	return failure;
}

/* --- asking --- */

enum step { ASK_DATA, ASK_LOGIN, DONE };

/* RFC 4648; OUT has room for 4/3 of TEXT. */
static void encode_base64(const char *text, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t length = strlen(text);

	for (size_t i = 0; i < length; i += 3) {
		unsigned long bits = (unsigned long)(unsigned char)text[i] << 16;

		if (i + 1 < length)
			bits |= (unsigned long)(unsigned char)text[i + 1] << 8;
		if (i + 2 < length)
			bits |= (unsigned long)(unsigned char)text[i + 2];
		*out++ = digits[bits >> 18 & 63];
		*out++ = digits[bits >> 12 & 63];
		*out++ = i + 1 < length ? digits[bits >> 6 & 63] : '=';
		*out++ = i + 2 < length ? digits[bits & 63] : '=';
	}
	*out = '\0';
}

static bool has_session(const struct carbon_inquiry *query)
{
	const struct carbon_access *access = query->access;

	return access->session[0] && access->session_at <= query->now &&
	       query->now - access->session_at < SESSION_S;
}

static size_t prepare_login(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	struct carbon_access *access = query->access;
	char encoded[CARBON_TOKEN_MAX * 4 / 3 + 8];

	if (access->is_logging_in)
		return CARBON_SOURCE_WAIT;
	if (access->logins >= LOGINS_MAX) {
		carbon_inquiry_fail(query, CARBON_FAILURE_AUTH, "login: refused");
		return 0;
	}
	if (carbon_inquiry_request(query, BASE_URL, "/login", request) < 0) {
		carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "the url is too long");
		return 0;
	}
	encode_base64(access->token, encoded);
	snprintf(request->secret, sizeof(request->secret), "Authorization: Basic %s", encoded);
	explicit_bzero(encoded, sizeof(encoded));
	access->is_logging_in = true;
	access->logins++;
	query->step = ASK_LOGIN;
	return 1;
}

static int begin_request(const struct carbon_inquiry *query, const char *path, struct carbon_http_request *request)
{
	if (carbon_inquiry_request(query, BASE_URL, path, request) < 0 ||
	    carbon_http_url_add(request->url, "region", query->zone) < 0 ||
	    carbon_http_url_add(request->url, "signal_type", SIGNAL_TYPE) < 0)
		return -1;
	snprintf(request->secret, sizeof(request->secret), "Authorization: Bearer %s", query->access->session);
	return 0;
}

static int history_request(const struct carbon_inquiry *query, time_t from_at, time_t to_at,
			   struct carbon_http_request *request)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	carbon_time_format(from_at, from);
	carbon_time_format(to_at, to);
	return begin_request(query, "/v3/historical", request) < 0 ||
	       carbon_http_url_add(request->url, "start", from) < 0 ||
	       carbon_http_url_add(request->url, "end", to) < 0 ||
	       carbon_http_url_add(request->url, "include_imputed_marker", "true") < 0 ? -1 : 0;
}

static int forecast_request(const struct carbon_inquiry *query, struct carbon_http_request *request)
{
	return begin_request(query, "/v3/forecast", request) < 0 ||
	       carbon_http_url_add(request->url, "horizon_hours", "72") < 0 ? -1 : 0;
}

static size_t prepare_data(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	time_t end_at = 0;
	size_t count = 0;
	int rc = 0;

	if (query->backfill_from_at) {
		if (!carbon_inquiry_window(query, WINDOW_S, &end_at))
			return 0;
		rc = history_request(query, query->cursor_at, end_at - STEP_S, &request[count++]);
	} else {
		if (query->want_history && !query->has_history)
			rc |= history_request(query, query->now - RECENT_S, query->now, &request[count++]);
		if (query->want_forecast && !query->has_forecast)
			rc |= forecast_request(query, &request[count++]);
	}
	if (rc == 0)
		return count;
	carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "the url is too long");
	return 0;
}

static size_t prepare(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	if (query->step == DONE || query->failure != CARBON_FAILURE_NONE)
		return 0;
	if (!has_session(query))
		return prepare_login(query, request);
	return prepare_data(query, request);
}

static void accept_login(struct carbon_inquiry *query, const struct carbon_http_answer *answer)
{
	struct carbon_access *access = query->access;
	struct carbon_err why = {""};
	enum carbon_failure failure = carbon_answer_judge(answer, &why);

	access->is_logging_in = false;
	query->step = ASK_DATA;
	if (failure == CARBON_FAILURE_NONE)
		failure = carbon_watttime_parse_login(answer->body, answer->length, access->session, &why);
	if (failure != CARBON_FAILURE_NONE) {
		/* Once refused, the other zones need not try. */
		access->logins = LOGINS_MAX;
		carbon_inquiry_fail(query, failure, "login: %s", why.text);
		return;
	}
	access->session_at = query->now;
	access->is_session_new = true;
}

/* A token that is refused is thrown away once; a second refusal is about rights. */
static bool is_worth_a_login(const struct carbon_inquiry *query, const struct carbon_http_answer *answer)
{
	return (answer->status == 401 || answer->status == 403) && !query->access->is_session_new &&
	       query->access->logins < LOGINS_MAX;
}

static void accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count)
{
	size_t next = 0;

	if (query->step == ASK_LOGIN) {
		accept_login(query, answer);
		return;
	}
	if (is_worth_a_login(query, &answer[0])) {
		query->access->session[0] = '\0';
		return;
	}
	if (query->backfill_from_at) {
		carbon_inquiry_accept_window(query, answer, WINDOW_S, carbon_watttime_parse);
		return;
	}
	query->step = DONE;
	if (query->want_history && next < count)
		carbon_inquiry_accept(query, &answer[next++], false, carbon_watttime_parse);
	if (query->want_forecast && next < count)
		carbon_inquiry_accept(query, &answer[next], true, carbon_watttime_parse);
}

const struct carbon_source carbon_source_watttime = {
	.type = "watttime",
	.signals = 1u << CARBON_SIGNAL_MARGINAL,
	.has_history = true,
	.has_forecast = true,
	.has_past = true,
	.needs_token = true,
	.every_s = 300,
	.prepare = prepare,
	.accept = accept,
};
