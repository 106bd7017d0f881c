/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any bytes as an answer of Electricity Maps. What is believed must be in order, plausible and of its time. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/source_electricitymaps.h"
#include "tests/fuzz/fuzz.h"

#define NOW ((time_t)1772732040)

static void check(const struct carbon_reply *reply, const struct carbon_ask *ask)
{
	assert(reply->series.count > 0);
	assert(reply->issued_at <= ask->received_at);
	for (size_t i = 0; i < reply->series.count; i++) {
		const struct carbon_point *point = &reply->series.points[i];

		assert(carbon_intensity_is_plausible(point->g_kwh));
		assert(i == 0 || point->at > reply->series.points[i - 1].at);
		assert(ask->forecast ? point->at > ask->now - 3600 : point->at <= ask->now + 300);
		assert(ask->forecast == (point->kind == CARBON_KIND_FORECAST));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int forecast = 0; forecast < 2; forecast++) {
		struct carbon_ask ask = {.zone = "DE", .now = NOW, .received_at = NOW, .forecast = forecast != 0};
		struct carbon_err err = {""};
		struct carbon_reply reply;

		carbon_reply_init(&reply);
		if (carbon_electricitymaps_parse((const char *)data, size, &ask, &reply, &err) == CARBON_FAILURE_NONE)
			check(&reply, &ask);
		else
			assert(err.text[0] && !reply.series.count);
		carbon_reply_fini(&reply);
	}
	return 0;
}
