/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of sources, and what all of them share: failures, tallies, replies, HTTP status. */
#include "forecaster/source.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/http.h"
#include "forecaster/body.h"

static const struct carbon_source *const sources[] = {
	&carbon_source_electricitymaps,
	&carbon_source_watttime,
	&carbon_source_uk,
	&carbon_source_carbon_aware_sdk,
	&carbon_source_energy_charts,
	&carbon_source_file,
	&carbon_source_profile,
};

#define SOURCES (sizeof(sources) / sizeof(sources[0]))

static const char *const failure_names[CARBON_FAILURES] = {
	[CARBON_FAILURE_NONE] = "none",
	[CARBON_FAILURE_NETWORK] = "network",
	[CARBON_FAILURE_TLS] = "tls",
	[CARBON_FAILURE_AUTH] = "auth",
	[CARBON_FAILURE_ENTITLEMENT] = "entitlement",
	[CARBON_FAILURE_LIMIT] = "limit",
	[CARBON_FAILURE_REQUEST] = "request",
	[CARBON_FAILURE_FORMAT] = "format",
	[CARBON_FAILURE_EMPTY] = "empty",
	[CARBON_FAILURE_IMPLAUSIBLE] = "implausible",
	[CARBON_FAILURE_SANDBOX] = "sandbox",
	[CARBON_FAILURE_CONFIG] = "config",
};

const char *carbon_failure_name(enum carbon_failure failure)
{
	return failure_names[failure];
}

const struct carbon_source *carbon_source_find(const char *type)
{
	for (size_t i = 0; i < SOURCES; i++)
		if (strcmp(sources[i]->type, type) == 0)
			return sources[i];
	return NULL;
}

const char *carbon_source_names(void)
{
	static char names[SOURCES * CARBON_SOURCE_MAX];
	size_t used = 0;

	for (size_t i = 0; i < SOURCES; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 sources[i]->type);
	return names;
}

/* --- tallies and replies --- */

void carbon_tally_add(struct carbon_tally *sum, const struct carbon_tally *more)
{
	sum->rows += more->rows;
	sum->nulls += more->nulls;
	sum->implausible += more->implausible;
	sum->duplicates += more->duplicates;
	sum->future += more->future;
	sum->past += more->past;
	sum->jumps += more->jumps;
	sum->damaged += more->damaged;
}

void carbon_tally_format(const struct carbon_tally *tally, char *out, size_t size)
{
	const struct {
		size_t count;
		const char *what;
	} parts[] = {
		{tally->nulls, "null"},
		{tally->implausible, "implausible"},
		{tally->damaged, "damaged"},
		{tally->future, "from the future"},
		{tally->jumps, "jumping as no grid does"},
	};
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i].count || used >= size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%zu %s", used ? ", " : "",
					 parts[i].count, parts[i].what);
	}
}

void carbon_reply_init(struct carbon_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	carbon_series_init(&reply->series);
}

void carbon_reply_fini(struct carbon_reply *reply)
{
	carbon_series_fini(&reply->series);
	carbon_reply_init(reply);
}

/* --- failures --- */

void carbon_inquiry_fail(struct carbon_inquiry *query, enum carbon_failure failure, const char *format, ...)
{
	va_list args;

	if (query->failure != CARBON_FAILURE_NONE)
		return;
	query->failure = failure;
	va_start(args, format);
	vsnprintf(query->err.text, sizeof(query->err.text), format, args);
	va_end(args);
}

/* Electricity Maps answers 401 to a good key that has no right to a zone; only the text tells. */
static bool is_entitlement(const char *says)
{
	return strstr(says, "unauthorized for zoneKey") || strstr(says, "Endpoint not available");
}

static enum carbon_failure judge_status(long status, const char *says)
{
	if (status == 401 || status == 403)
		return is_entitlement(says) ? CARBON_FAILURE_ENTITLEMENT : CARBON_FAILURE_AUTH;
	if (status == 429)
		return CARBON_FAILURE_LIMIT;
	if (status == 404)
		return CARBON_FAILURE_EMPTY;
	if (status >= 500 && status != 501)
		return CARBON_FAILURE_NETWORK;
	return CARBON_FAILURE_REQUEST;
}

/* What the body says, or its first words where it is no JSON. */
static void listen(const struct carbon_http_answer *answer, char says[CARBON_BODY_MESSAGE])
{
	struct carbon_err why = {""};
	cJSON *root = NULL;

	if (carbon_body_parse(answer->body, answer->length, &root, &why) != CARBON_FAILURE_NONE)
		snprintf(says, CARBON_BODY_MESSAGE, "%.*s", CARBON_BODY_MESSAGE - 1, why.text);
	else if (!carbon_body_message(root, says))
		snprintf(says, CARBON_BODY_MESSAGE, "no explanation");
	cJSON_Delete(root);
}

enum carbon_failure carbon_answer_judge(const struct carbon_http_answer *answer, struct carbon_err *err)
{
	char says[CARBON_BODY_MESSAGE];

	if (answer->outcome != CARBON_HTTP_ANSWERED) {
		carbon_err_set(err, "%s", answer->err.text);
		return answer->outcome == CARBON_HTTP_UNTRUSTED ? CARBON_FAILURE_TLS :
		       answer->outcome == CARBON_HTTP_REFUSED   ? CARBON_FAILURE_FORMAT :
								  CARBON_FAILURE_NETWORK;
	}
	if (answer->status == 200)
		return CARBON_FAILURE_NONE;
	if (answer->status == 204) {
		carbon_err_set(err, "no data (HTTP 204)");
		return CARBON_FAILURE_EMPTY;
	}
	listen(answer, says);
	carbon_err_set(err, "HTTP %ld: %s", answer->status, says);
	return judge_status(answer->status, says);
}

/* --- what most sources do alike --- */

bool carbon_inquiry_is_due(const struct carbon_inquiry *query, time_t answered_at)
{
	time_t every_s = query->step_s / 4;

	if (every_s < (time_t)query->source->every_s)
		every_s = (time_t)query->source->every_s;
	return !every_s || answered_at <= 0 || answered_at > query->now ||
	       query->now / every_s != answered_at / every_s;
}

struct carbon_ask carbon_inquiry_ask(const struct carbon_inquiry *query, const struct carbon_http_answer *answer,
				   bool forecast)
{
	struct carbon_ask ask = {.zone = query->zone, .signal = query->signal, .now = query->now,
				 .forecast = forecast, .received_at = query->now,
				 .allow_sandbox = query->allow_sandbox};

	if (answer->date_at > 0 && answer->date_at <= query->now)
		ask.received_at = answer->date_at;
	return ask;
}

enum carbon_failure carbon_inquiry_take(struct carbon_inquiry *query, const struct carbon_http_answer *answer,
				      bool forecast, carbon_parse_f parse, struct carbon_err *err)
{
	struct carbon_ask ask = carbon_inquiry_ask(query, answer, forecast);
	struct carbon_reply *reply = forecast ? &query->forecast : &query->history;
	enum carbon_failure failure = carbon_answer_judge(answer, err);

	if (failure == CARBON_FAILURE_NONE)
		failure = parse(answer->body, answer->length, &ask, reply, err);
	if (failure == CARBON_FAILURE_NONE && forecast)
		query->has_forecast = true;
	else if (failure == CARBON_FAILURE_NONE)
		query->has_history = true;
	return failure;
}

void carbon_inquiry_accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, bool forecast,
			 carbon_parse_f parse)
{
	struct carbon_err why = {""};
	enum carbon_failure failure = carbon_inquiry_take(query, answer, forecast, parse, &why);

	if (failure != CARBON_FAILURE_NONE)
		carbon_inquiry_fail(query, failure, "%s: %s", forecast ? "forecast" : "history", why.text);
}

void carbon_inquiry_accept_both(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count,
				carbon_parse_f history, carbon_parse_f forecast)
{
	size_t next = 0;

	if (query->want_history && next < count)
		carbon_inquiry_accept(query, &answer[next++], false, history);
	if (query->want_forecast && next < count)
		carbon_inquiry_accept(query, &answer[next], true, forecast);
}

/* --- the past, window by window --- */

bool carbon_inquiry_window(struct carbon_inquiry *query, time_t window_s, time_t *end_at)
{
	if (!query->cursor_at)
		query->cursor_at = query->backfill_from_at;
	if (query->cursor_at >= query->backfill_to_at)
		return false;
	*end_at = query->cursor_at + window_s;
	if (*end_at > query->backfill_to_at)
		*end_at = query->backfill_to_at;
	return true;
}

static void append(struct carbon_inquiry *query, const struct carbon_reply *reply)
{
	for (size_t i = 0; i < reply->series.count; i++)
		if (carbon_series_add(&query->history.series, reply->series.points[i], NULL) < 0)
			break;
	carbon_tally_add(&query->history.tally, &reply->tally);
	query->has_history = query->history.series.count > 0;
}

enum carbon_failure carbon_inquiry_accept_window(struct carbon_inquiry *query, const struct carbon_http_answer *answer,
						 time_t window_s, carbon_parse_f parse)
{
	struct carbon_ask ask = carbon_inquiry_ask(query, answer, false);
	struct carbon_err why = {""};
	struct carbon_reply reply;
	enum carbon_failure failure = carbon_answer_judge(answer, &why);

	carbon_reply_init(&reply);
	if (failure == CARBON_FAILURE_NONE)
		failure = parse(answer->body, answer->length, &ask, &reply, &why);
	query->cursor_at += window_s;
	if (failure == CARBON_FAILURE_EMPTY)
		failure = CARBON_FAILURE_NONE;
	if (failure != CARBON_FAILURE_NONE) {
		query->cursor_at = query->backfill_to_at;
		carbon_inquiry_fail(query, failure, "past: %s", why.text);
	}
	append(query, &reply);
	carbon_reply_fini(&reply);
	return failure;
}

int carbon_inquiry_request(const struct carbon_inquiry *query, const char *base, const char *path,
			 struct carbon_http_request *request)
{
	size_t length;
	int size;

	if (query->access->url[0])
		base = query->access->url;
	length = strlen(base);
	while (length && base[length - 1] == '/')
		length--;
	memset(request, 0, sizeof(*request));
	request->ca_file = query->access->ca_file;
	request->timeout_s = query->access->timeout_s;
	size = snprintf(request->url, sizeof(request->url), "%.*s%s", (int)length, base, path);
	return size > 0 && (size_t)size < sizeof(request->url) ? 0 : -1;
}
