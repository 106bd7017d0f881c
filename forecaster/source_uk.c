/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Great Britain's Carbon Intensity API: direct emissions, no key, half hours. The zone is national unless
 * source_zone says region-1 to region-17 or postcode-RG10 (the outward part alone). What has passed and
 * has no measured value yet is the provider's own estimate, and kept as such.
 */
#include "forecaster/source_uk.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "forecaster/body.h"
#include "forecaster/http.h"
#include "forecaster/rows.h"
#include "lib/num.h"

#define BASE_URL "https://api.carbonintensity.org.uk"
#define SLOT_S 1800
#define WINDOW_S (13 * 86400) /* of one call for the past; 14 days are the most */

/* --- parsing --- */

static int take_row(const cJSON *object, const struct carbon_ask *ask, struct carbon_rows *rows,
		    struct carbon_err *err)
{
	const cJSON *intensity = carbon_body_find(object, "intensity");
	struct carbon_row row = {.kind = CARBON_KIND_FORECAST};
	time_t to_at;

	if (!carbon_body_time(object, "from", &row.at) || !carbon_body_time(object, "to", &to_at) ||
	    to_at <= row.at) {
		rows->tally.rows++;
		rows->tally.damaged++;
		return 0;
	}
	/* A start on a boundary brings the half hour before it, too. */
	if (ask->forecast && to_at <= ask->now)
		return 0;
	if (!ask->forecast && carbon_body_number(intensity, "actual", false, &row.g_kwh)) {
		row.kind = CARBON_KIND_MEASURED;
	} else if (carbon_body_number(intensity, "forecast", false, &row.g_kwh)) {
		row.kind = ask->forecast ? CARBON_KIND_FORECAST : CARBON_KIND_ESTIMATED;
	} else {
		rows->tally.rows++;
		rows->tally.nulls++;
		return 0;
	}
	return carbon_rows_add(rows, row, err);
}

/* The list of half hours: "data", or "data" of the region that is there, bare or in a list of one. */
static const cJSON *find_slots(const cJSON *root)
{
	const cJSON *data = carbon_body_find(root, "data");
	const cJSON *first = cJSON_IsArray(data) ? cJSON_GetArrayItem(data, 0) : data;
	const cJSON *inner = carbon_body_find(first, "data");

	return cJSON_IsArray(inner) ? inner : cJSON_IsArray(data) ? data : NULL;
}

static enum carbon_failure take_slots(const cJSON *slots, const struct carbon_ask *ask, struct carbon_reply *reply,
				      struct carbon_err *err)
{
	enum carbon_failure failure = CARBON_FAILURE_FORMAT;
	struct carbon_rows rows;
	const cJSON *slot;

	carbon_rows_init(&rows);
	cJSON_ArrayForEach(slot, slots) {
		if (take_row(slot, ask, &rows, err) < 0)
			goto out;
	}
	failure = carbon_rows_finish(&rows, ask, reply, err);
	if (failure != CARBON_FAILURE_NONE)
		goto out;
	reply->step_s = SLOT_S;
	reply->issued_at = ask->received_at;
out:
	carbon_rows_fini(&rows);
	return failure;
}

enum carbon_failure carbon_uk_parse(const char *text, size_t length, const struct carbon_ask *ask,
				    struct carbon_reply *reply, struct carbon_err *err)
{
	char says[CARBON_BODY_MESSAGE];
	cJSON *root = NULL;
	enum carbon_failure failure = carbon_body_parse(text, length, &root, err);
	const cJSON *slots = failure == CARBON_FAILURE_NONE ? find_slots(root) : NULL;

	if (slots) {
		failure = take_slots(slots, ask, reply, err);
	} else if (failure == CARBON_FAILURE_NONE) {
		failure = CARBON_FAILURE_EMPTY;
		carbon_err_set(err, "%s", carbon_body_message(root, says) ? says : "no half hours in the answer");
	}
	cJSON_Delete(root);
	return failure;
}

/* --- asking --- */

/* "", "/regionid/12", "/postcode/RG10", in TAIL; "" where national; -1: a zone that is none of these. */
static int find_area(const char *zone, char tail[48])
{
	long long region;

	tail[0] = '\0';
	if (strcasecmp(zone, "GB") == 0)
		return 0;
	if (strncasecmp(zone, "region-", 7) == 0 && carbon_int_parse(zone + 7, 1, 17, &region) == 0) {
		snprintf(tail, 48, "/regionid/%lld", region);
		return 0;
	}
	if (strncasecmp(zone, "postcode-", 9) != 0 || !zone[9] || strlen(zone + 9) > 4)
		return -1;
	for (const char *c = zone + 9; *c; c++)
		if (!isalnum((unsigned char)*c))
			return -1;
	snprintf(tail, 48, "/postcode/%s", zone + 9);
	return 0;
}

static void format_time(time_t at, char text[24])
{
	struct tm tm = {0};

	gmtime_r(&at, &tm);
	strftime(text, 24, "%Y-%m-%dT%H:%MZ", &tm);
}

/* From one minute past a slot's begin: on the begin itself the answer starts with the slot before. */
static int request_of(const struct carbon_inquiry *query, time_t at, const char *span,
		      struct carbon_http_request *request)
{
	char tail[48], path[128], from[24];

	if (find_area(query->zone, tail) < 0)
		return -1;
	format_time(at / SLOT_S * SLOT_S + 60, from);
	snprintf(path, sizeof(path), "%s/intensity/%s/%s%s", tail[0] ? "/regional" : "", from, span, tail);
	return carbon_inquiry_request(query, BASE_URL, path, request);
}

/* 1: a window to ask for; 0: all is fetched; -1: no such zone. */
static int window_request(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	time_t end_at = 0;
	char to[24];

	if (!carbon_inquiry_window(query, WINDOW_S, &end_at))
		return 0;
	format_time(end_at, to);
	return request_of(query, query->cursor_at, to, request) < 0 ? -1 : 1;
}

static int recent_requests(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	int count = 0, rc = 0;

	if (query->step++)
		return 0;
	if (query->want_history)
		rc |= request_of(query, query->now, "pt24h", &request[count++]);
	if (query->want_forecast)
		rc |= request_of(query, query->now, "fw48h", &request[count++]);
	return rc < 0 ? -1 : count;
}

static size_t prepare(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	int count = query->backfill_from_at ? window_request(query, request) : recent_requests(query, request);

	if (count >= 0)
		return (size_t)count;
	carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG,
			  "\"%s\" is no zone here: GB, or source_zone = region-1 to region-17 or postcode-RG10",
			  query->zone);
	return 0;
}

static void accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count)
{
	if (query->backfill_from_at)
		carbon_inquiry_accept_window(query, answer, WINDOW_S, carbon_uk_parse);
	else
		carbon_inquiry_accept_both(query, answer, count, carbon_uk_parse, carbon_uk_parse);
}

const struct carbon_source carbon_source_uk = {
	.type = "uk-carbon-intensity",
	.signals = 1u << CARBON_SIGNAL_DIRECT,
	.has_history = true,
	.has_forecast = true,
	.has_past = true,
	.every_s = 1800,
	.prepare = prepare,
	.accept = accept,
};
