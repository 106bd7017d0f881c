/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intensity files on the command line: one zone or many, in one file or in one per year. A file
 * without a column of zones is the zone of its name ("DE.csv", "DE_2023_hourly.csv": DE).
 * Reads, checks, never repairs.
 */
#ifndef CARBON_TOOL_ZONES_H
#define CARBON_TOOL_ZONES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/series.h"

struct carbon_err;

#define CARBON_ZONES_MAX 64
#define CARBON_ZONES_FILE_MAX ((size_t)256 << 20)

struct carbon_zones {
	size_t count;
	struct {
		char name[CARBON_ZONE_MAX];
		struct carbon_series series; /* sorted by carbon_zones_finish() */
	} zone[CARBON_ZONES_MAX];
	size_t rows, unusable, duplicates; /* read; of these without a usable time or value; of the same
					      time as another */
	size_t foreign; /* rows without a zone in files of another zone's name, left out */
	size_t unnamed; /* rows without a zone that were taken for the one wanted */
	bool by_name;	/* set by the caller: a file without zones is that of its name, whichever is wanted */
};

void carbon_zones_init(struct carbon_zones *zones);
void carbon_zones_fini(struct carbon_zones *zones);

/* Whether PATH is named after ZONE. */
bool carbon_zones_is_named(const char *path, const char *zone);

/* Add what PATH holds. ZONE (NULL: all) names the one wanted, and unless BY_NAME that of a file
 * without zones. */
int carbon_zones_read(struct carbon_zones *zones, const char *path, const char *zone,
		      enum carbon_signal signal, struct carbon_err *err);

/* Sort. Errors: nothing was found of the zone that was wanted (NULL: of any). */
int carbon_zones_finish(struct carbon_zones *zones, const char *zone, struct carbon_err *err);

#endif
