/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A file that somebody else keeps up to date: rows up to now are history, rows ahead are a forecast.
 * Its age is its modification time. CSV, or JSON as the Carbon Aware SDK's file source reads it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/download.h"
#include "forecaster/source.h"
#include "forecaster/source_carbon_aware_sdk.h"
#include "lib/file.h"

#define FILE_SIZE_MAX ((size_t)256 << 20)

/* By the first character that means something. */
static carbon_parse_f parse_of(const char *text)
{
	if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
		text += 3;
	while (isspace((unsigned char)*text))
		text++;
	return *text == '{' || *text == '[' ? carbon_sdk_emissions_parse : carbon_download_parse;
}

static void load_half(struct carbon_inquiry *query, const char *text, size_t length, time_t issued_at, bool forecast)
{
	struct carbon_ask ask = {.zone = query->zone, .signal = query->signal, .now = query->now,
				 .forecast = forecast, .received_at = issued_at};
	struct carbon_reply *reply = forecast ? &query->forecast : &query->history;
	bool *has = forecast ? &query->has_forecast : &query->has_history;
	struct carbon_err why = {""};
	enum carbon_failure failure = parse_of(text)(text, length, &ask, reply, &why);

	*has = failure == CARBON_FAILURE_NONE;
	/* A file with the past alone is a whole file: our own forecast goes on from there. */
	if (!*has && !(forecast && failure == CARBON_FAILURE_EMPTY))
		carbon_inquiry_fail(query, failure, "%s: %s", query->access->path, why.text);
}

static void load(struct carbon_inquiry *query)
{
	struct carbon_err why = {""};
	struct carbon_file_id id;
	char *text = NULL;
	size_t length = 0;
	time_t issued_at;

	if (!query->access->path[0]) {
		carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "no path is configured");
		return;
	}
	if (carbon_file_read(query->access->path, FILE_SIZE_MAX, CARBON_FILE_TRUSTED, &id, &text, &length,
			     &why) < 0) {
		carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "%s", why.text);
		return;
	}
	issued_at = (time_t)(id.mtime_ns / 1000000000);
	if (issued_at > query->now)
		issued_at = query->now;
	if (query->want_history)
		load_half(query, text, length, issued_at, false);
	if (query->want_forecast)
		load_half(query, text, length, issued_at, true);
	free(text);
}

const struct carbon_source carbon_source_file = {
	.type = "file",
	.signals = 1u << CARBON_SIGNAL_LIFECYCLE | 1u << CARBON_SIGNAL_DIRECT | 1u << CARBON_SIGNAL_MARGINAL,
	.has_history = true,
	.has_forecast = true,
	.load = load,
};
