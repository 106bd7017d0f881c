/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A short list, looked through from its beginning: some 350 zones are all there are. */
#include "forecaster/rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"

static const char *const names[CARBON_RIGHTS] = {
	[CARBON_RIGHT_LATEST] = "latest",
	[CARBON_RIGHT_HISTORY] = "history",
	[CARBON_RIGHT_FORECAST] = "forecast",
	[CARBON_RIGHT_PAST] = "past-range",
};

const char *carbon_right_name(enum carbon_right right)
{
	return names[right];
}

void carbon_rights_fini(struct carbon_rights *rights)
{
	free(rights->row);
	memset(rights, 0, sizeof(*rights));
}

static struct carbon_rights_row *find(const struct carbon_rights *rights, const char *zone)
{
	for (size_t i = 0; i < rights->count; i++)
		if (strcasecmp(rights->row[i].zone, zone) == 0)
			return &rights->row[i];
	return NULL;
}

static int grow(struct carbon_rights *rights, struct carbon_err *err)
{
	size_t capacity = rights->capacity ? rights->capacity * 2 : 64;
	struct carbon_rights_row *row;

	if (rights->count >= CARBON_RIGHTS_ZONES_MAX)
		return carbon_err_set(err, "more than %d zones", CARBON_RIGHTS_ZONES_MAX);
	row = realloc(rights->row, capacity * sizeof(*row));
	if (!row)
		return carbon_err_set(err, "no memory for %zu zones", capacity);
	rights->row = row;
	rights->capacity = capacity;
	return 0;
}

int carbon_rights_set(struct carbon_rights *rights, const char *zone, unsigned int may, struct carbon_err *err)
{
	struct carbon_rights_row *row = find(rights, zone);

	if (!row) {
		if (rights->count == rights->capacity && grow(rights, err) < 0)
			return -1;
		row = &rights->row[rights->count++];
		snprintf(row->zone, sizeof(row->zone), "%s", zone);
	}
	row->may = may & CARBON_RIGHTS_ALL;
	return 0;
}

unsigned int carbon_rights_of(const struct carbon_rights *rights, const char *zone)
{
	const struct carbon_rights_row *row = find(rights, zone);

	return row ? row->may : rights->is_whole ? 0 : CARBON_RIGHTS_ALL;
}

bool carbon_rights_has(const struct carbon_rights *rights, const char *zone, enum carbon_right right)
{
	return carbon_rights_of(rights, zone) & 1u << right;
}

void carbon_rights_forbid(struct carbon_rights *rights, const char *zone, enum carbon_right right)
{
	/* Without room for it the next run is refused once more. */
	(void)carbon_rights_set(rights, zone, carbon_rights_of(rights, zone) & ~(1u << right), NULL);
}
