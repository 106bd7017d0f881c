/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of intensity files, sorted into zones. */
#include "tools/zones.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "forecaster/download.h"
#include "lib/err.h"
#include "lib/file.h"

void carbon_zones_init(struct carbon_zones *zones)
{
	memset(zones, 0, sizeof(*zones));
}

void carbon_zones_fini(struct carbon_zones *zones)
{
	for (size_t i = 0; i < zones->count; i++)
		carbon_series_fini(&zones->zone[i].series);
	carbon_zones_init(zones);
}

/* "/data/DE_2023.csv" -> "DE" */
static void name_of(const char *path, char out[CARBON_ZONE_MAX])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	snprintf(out, CARBON_ZONE_MAX, "%.*s", (int)strcspn(name, "_."), name);
}

bool carbon_zones_is_named(const char *path, const char *zone)
{
	char name[CARBON_ZONE_MAX];

	name_of(path, name);
	return strcasecmp(name, zone) == 0;
}

static struct carbon_series *series_of(struct carbon_zones *zones, const char *name,
				       struct carbon_err *err)
{
	for (size_t i = 0; i < zones->count; i++)
		if (strcasecmp(zones->zone[i].name, name) == 0)
			return &zones->zone[i].series;
	if (!carbon_zone_is_valid(name)) {
		carbon_err_set(err, "\"%.60s\" is no name of a zone; name it: --zone", name);
		return NULL;
	}
	if (zones->count == CARBON_ZONES_MAX) {
		carbon_err_set(err, "more than %d zones; name one: --zone", CARBON_ZONES_MAX);
		return NULL;
	}
	snprintf(zones->zone[zones->count].name, CARBON_ZONE_MAX, "%s", name);
	carbon_series_init(&zones->zone[zones->count].series);
	return &zones->zone[zones->count++].series;
}

struct reading {
	struct carbon_zones *zones;
	const char *fallback; /* for rows without a zone; NULL: they are of a zone that is not wanted */
	bool is_guess; /* FALLBACK is the zone wanted, and not the file's name */
	char last[CARBON_ZONE_MAX];
	struct carbon_series *series; /* of LAST */
};

static int take(const char *zone, const struct carbon_point *point, void *context,
		struct carbon_err *err)
{
	struct reading *reading = context;
	const char *name = zone[0] ? zone : reading->fallback;

	if (!name) {
		reading->zones->foreign++;
		return 0;
	}
	reading->zones->unnamed += !zone[0] && reading->is_guess;
	if (!reading->series || strcmp(name, reading->last) != 0) {
		reading->series = series_of(reading->zones, name, err);
		if (!reading->series)
			return -1;
		snprintf(reading->last, sizeof(reading->last), "%s", name);
	}
	return carbon_series_add(reading->series, *point, err);
}

int carbon_zones_read(struct carbon_zones *zones, const char *path, const char *zone,
		      enum carbon_signal signal, struct carbon_err *err)
{
	struct carbon_download_filter filter = {.zone = zone, .signal = signal};
	struct carbon_tally tally = {0};
	char fallback[CARBON_ZONE_MAX];
	struct reading reading = {.zones = zones, .fallback = zone ? zone : fallback};
	struct carbon_err why;
	char *text = NULL;
	size_t length = 0;
	int rc;

	if (carbon_file_read(path, CARBON_ZONES_FILE_MAX, 0, NULL, &text, &length, err) < 0)
		return -1;
	name_of(path, fallback);
	reading.is_guess = zone && !carbon_zones_is_named(path, zone);
	if (reading.is_guess && zones->by_name)
		reading.fallback = NULL;
	rc = carbon_download_read(text, length, &filter, take, &reading, &tally, &why);
	free(text);
	zones->rows += tally.rows;
	zones->unusable += tally.nulls + tally.damaged + tally.implausible;
	return rc < 0 ? carbon_err_set(err, "%s: %s", path, why.text) : 0;
}

int carbon_zones_finish(struct carbon_zones *zones, const char *zone, struct carbon_err *err)
{
	size_t points = 0;

	for (size_t i = 0; i < zones->count; i++) {
		zones->duplicates += carbon_series_sort(&zones->zone[i].series);
		points += zones->zone[i].series.count;
	}
	if (points == 0)
		return carbon_err_set(err,
				      "no intensity%s%s in the files given: of %zu rows %zu have no usable time (from 2000 on) "
				      "or value (0 to 2000 g/kWh)",
				      zone ? " of zone " : "", zone ? zone : "", zones->rows, zones->unusable);
	return 0;
}
