/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an outlook, as they are and once more with a checksum that fits (no search would ever find one).
 * What is accepted must keep the promises of lib/outlook.h and lib/curve.h.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/outlook.h"
#include "lib/sealed.h"
#include "tests/fuzz/fuzz.h"

static void check_curve(const struct carbon_outlook_zone *zone, const struct carbon_curve *curve)
{
	assert(curve->count > 0 && curve->count <= CARBON_OUTLOOK_POINTS_MAX);
	assert(curve->start_at == zone->mean.start_at && curve->count == zone->mean.count);
	assert(curve->knot_s[0] == 0 && curve->sum[0] == 0);
	for (size_t i = 0; i < curve->count; i++) {
		assert(curve->knot_s[i + 1] > curve->knot_s[i]);
		assert(curve->knot_s[i] == zone->mean.knot_s[i]);
		assert(curve->value[i] >= 0 && curve->value[i] <= 2000);
		assert(curve->sum[i + 1] >= curve->sum[i]);
		assert(zone->low.value[i] <= zone->mean.value[i]);
		assert(zone->mean.value[i] <= zone->high.value[i]);
	}
}

static void check_zone(const struct carbon_outlook *outlook, const struct carbon_outlook_zone *zone)
{
	check_curve(zone, &zone->mean);
	check_curve(zone, &zone->low);
	check_curve(zone, &zone->high);
	assert(zone->parts > 0 && zone->parts <= CARBON_OUTLOOK_PARTS_MAX);
	assert(zone->part[0].first == 0);
	for (size_t i = 1; i < zone->parts; i++)
		assert(zone->part[i].first > zone->part[i - 1].first);
	assert(zone->part[zone->parts - 1].first < zone->mean.count);
	assert(carbon_outlook_find(outlook, zone->name, zone->signal) == zone);
}

static void parse(const char *text, size_t length)
{
	struct carbon_outlook *outlook = NULL;
	struct carbon_err err = {""};

	if (carbon_outlook_parse(text, length, &outlook, &err)) {
		assert(!outlook && err.text[0]);
		return;
	}
	for (size_t i = 0; i < outlook->zones; i++)
		check_zone(outlook, &outlook->zone[i]);
	carbon_outlook_destroy(outlook);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carbon_buf buf;

	parse((const char *)data, size);
	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	carbon_buf_add(&buf, data, size);
	if (!carbon_sealed_close(&buf, 0, CARBON_OUTLOOK_SIZE_MAX, NULL))
		parse(buf.text, buf.length);
	carbon_buf_fini(&buf);
	return 0;
}
