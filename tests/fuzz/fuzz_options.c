/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any line as what users and clients send: the value of each option, a point in time, a duration, a provider's time, a
 * number, a GRES string. What is accepted is within its bounds; what is refused leaves its target alone.
 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/power.h"
#include "lib/request.h"
#include "lib/time.h"
#include "lib/when.h"
#include "tests/fuzz/fuzz.h"

#define NOW ((time_t)1791168000)

static void check_options(const char *value)
{
	for (size_t i = 0; i < carbon_options_count; i++) {
		struct carbon_request request, before;
		struct carbon_err err = {""};

		carbon_request_init(&request);
		before = request;
		if (carbon_request_set(&request, &carbon_options[i], value, NOW, &err) < 0) {
			assert(err.text[0] && memcmp(&request, &before, sizeof(request)) == 0);
			continue;
		}
		assert(request.given);
		assert(request.delay_s >= -1 && request.delay_s <= CARBON_DURATION_MAX);
		assert(request.finish_by_at == 0 ||
		       (request.finish_by_at >= CARBON_TIME_MIN && request.finish_by_at < CARBON_TIME_MAX));
		assert(isfinite(request.power_w) && request.power_w >= 0);
		assert(memchr(request.policy, '\0', sizeof(request.policy)));
	}
}

static void check_times(const char *value)
{
	char text[CARBON_WHEN_TEXT];
	time_t at = -77, from = 0, to = 0;
	bool zoned;

	if (carbon_when_parse(value, NOW, &at) == 0) {
		assert(at >= CARBON_TIME_MIN && at < CARBON_TIME_MAX);
		carbon_when_format(at, NOW, text);
	} else {
		assert(at == -77);
	}
	if (carbon_time_parse(value, &at, &zoned) == 0)
		assert(at >= CARBON_TIME_MIN && at < CARBON_TIME_MAX);
	if (carbon_duration_parse(value, &at) == 0)
		assert(at >= 0 && at <= CARBON_DURATION_MAX);
	if (carbon_month_parse(value, &from, &to) == 0)
		assert(from < to && to <= CARBON_TIME_MAX);
}

static void check_numbers(const char *value)
{
	const char *cursor = value;
	long long whole = 0;
	double number = 0;

	if (carbon_int_parse(value, -1000, 1000, &whole) == 0)
		assert(whole >= -1000 && whole <= 1000);
	if (carbon_num_parse(value, -1e9, 1e9, &number) == 0)
		assert(number >= -1e9 && number <= 1e9);
	if (carbon_decimal_scan(&cursor, value + strlen(value), &number) == 0)
		assert(cursor > value && number >= 0 && number < 1e9);
	else
		assert(cursor == value);
}

static void check_gpus(const char *value)
{
	struct carbon_resources use, before;
	struct carbon_power_model model;

	memset(&use, 0, sizeof(use));
	before = use;
	carbon_power_init(&model);
	if (carbon_gpu_parse(value, 3, &use) < 0) {
		assert(memcmp(&use, &before, sizeof(use)) == 0);
		return;
	}
	assert(use.gpu_kinds <= CARBON_GPU_KINDS_MAX);
	for (size_t i = 0; i < use.gpu_kinds; i++)
		assert(memchr(use.gpu[i].type, '\0', sizeof(use.gpu[i].type)) && use.gpu[i].count % 3 == 0);
	assert(carbon_power_it(&model, &use) >= 0);
}

/* Many lines in one input, so that a search can keep what it found. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t at = 0;

	while (at < size) {
		const uint8_t *newline = memchr(data + at, '\n', size - at);
		size_t length = newline ? (size_t)(newline - data) - at : size - at;
		char *value = malloc(length + 1);

		assert(value);
		memcpy(value, data + at, length);
		value[length] = '\0';
		check_options(value);
		check_times(value);
		check_numbers(value);
		check_gpus(value);
		free(value);
		at += length + 1;
	}
	return 0;
}
