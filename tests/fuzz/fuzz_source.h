/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What every parse of a source has to keep, whatever the bytes: nothing on failure but a sentence; else
 * points in order, plausible, of the time that was asked for, and an issue time that is not ahead.
 */
#ifndef TESTS_FUZZ_FUZZ_SOURCE_H
#define TESTS_FUZZ_FUZZ_SOURCE_H

#include <assert.h>

#include "forecaster/source.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_NOW ((time_t)1772732040)

static inline void fuzz_source_check(const struct carbon_reply *reply, const struct carbon_ask *ask)
{
	assert(reply->series.count > 0 && reply->issued_at <= ask->received_at && reply->step_s <= 3600);
	for (size_t i = 0; i < reply->series.count; i++) {
		const struct carbon_point *point = &reply->series.points[i];

		assert(carbon_intensity_is_plausible(point->g_kwh));
		assert(i == 0 || point->at > reply->series.points[i - 1].at);
		assert(ask->forecast ? point->at > ask->now - 3600 : point->at <= ask->now + 300);
		assert(ask->forecast == (point->kind == CARBON_KIND_FORECAST));
	}
}

static inline void fuzz_source_as(carbon_parse_f parse, const char *zone, bool forecast, const uint8_t *data,
				  size_t size)
{
	struct carbon_ask ask = {.zone = zone, .now = FUZZ_NOW, .received_at = FUZZ_NOW, .forecast = forecast};
	struct carbon_err err = {""};
	struct carbon_reply reply;

	carbon_reply_init(&reply);
	if (parse((const char *)data, size, &ask, &reply, &err) == CARBON_FAILURE_NONE)
		fuzz_source_check(&reply, &ask);
	else
		assert(err.text[0] && !reply.series.count);
	carbon_reply_fini(&reply);
}

static inline void fuzz_source(carbon_parse_f parse, const char *zone, const uint8_t *data, size_t size)
{
	fuzz_source_as(parse, zone, false, data, size);
	fuzz_source_as(parse, zone, true, data, size);
}

#endif
