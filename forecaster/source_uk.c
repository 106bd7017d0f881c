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

/* One minute past the slot's begin: on the begin itself the answer starts with the slot before. */
static int request_of(const struct carbon_inquiry *query, const char *span, struct carbon_http_request *request)
{
	time_t from_at = query->now / SLOT_S * SLOT_S + 60;
	char tail[48], path[128], from[24];
	struct tm tm = {0};

	if (find_area(query->zone, tail) < 0)
		return -1;
	gmtime_r(&from_at, &tm);
	strftime(from, sizeof(from), "%Y-%m-%dT%H:%MZ", &tm);
	snprintf(path, sizeof(path), "%s/intensity/%s/%s%s", tail[0] ? "/regional" : "", from, span, tail);
	return carbon_inquiry_request(query, BASE_URL, path, request);
}

static size_t prepare(struct carbon_inquiry *query, struct carbon_http_request *request)
{
	size_t count = 0;
	int rc = 0;

	if (query->step++)
		return 0;
	if (query->want_history)
		rc |= request_of(query, "pt24h", &request[count++]);
	if (query->want_forecast)
		rc |= request_of(query, "fw48h", &request[count++]);
	if (rc == 0)
		return count;
	carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG,
			  "\"%s\" is no zone here: GB, or source_zone = region-1 to region-17 or postcode-RG10",
			  query->zone);
	return 0;
}

static void accept(struct carbon_inquiry *query, const struct carbon_http_answer *answer, size_t count)
{
	carbon_inquiry_accept_both(query, answer, count, carbon_uk_parse, carbon_uk_parse);
}

const struct carbon_source carbon_source_uk = {
	.type = "uk-carbon-intensity",
	.signals = 1u << CARBON_SIGNAL_DIRECT,
	.has_history = true,
	.has_forecast = true,
	.every_s = 1800,
	.prepare = prepare,
	.accept = accept,
};
