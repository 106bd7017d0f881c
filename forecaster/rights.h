/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a key may fetch, zone by zone, as its provider lists it or has shown by refusing. What is not
 * known is taken as allowed: a provider that cannot tell must not cost anybody a forecast.
 */
#ifndef CARBON_RIGHTS_H
#define CARBON_RIGHTS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/intensity.h"

struct carbon_err;

#define CARBON_RIGHTS_ZONES_MAX 2048

enum carbon_right {
	CARBON_RIGHT_LATEST,
	CARBON_RIGHT_HISTORY,
	CARBON_RIGHT_FORECAST,
	CARBON_RIGHT_PAST,
	CARBON_RIGHTS
};

#define CARBON_RIGHTS_ALL ((1u << CARBON_RIGHTS) - 1)

struct carbon_rights_row {
	char zone[CARBON_ZONE_MAX];
	unsigned int may; /* bit 1 << right of each */
};

struct carbon_rights {
	time_t read_at; /* when the provider was asked for them; 0: never */
	bool is_whole;	/* a list of all that the key may: a zone that is not in it, it may not */
	size_t count, capacity;
	struct carbon_rights_row *row;
};

/* "latest", "history", "forecast", "past-range": as Electricity Maps calls them. */
const char *carbon_right_name(enum carbon_right right);

void carbon_rights_fini(struct carbon_rights *rights);

/* MAY of one zone; a zone that is there already gets it instead of what it had. Error: too many, no memory. */
int carbon_rights_set(struct carbon_rights *rights, const char *zone, unsigned int may, struct carbon_err *err);

/* The bits of ZONE. */
unsigned int carbon_rights_of(const struct carbon_rights *rights, const char *zone);

bool carbon_rights_has(const struct carbon_rights *rights, const char *zone, enum carbon_right right);

/* A refusal has told. */
void carbon_rights_forbid(struct carbon_rights *rights, const char *zone, enum carbon_right right);

#endif
