/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carbon.conf says of hours and dates in people's local time: capacity by the hour of the week, and blackouts. This is the
 * edge at which they become absolute times; what goes on from here knows UTC alone.
 */
#ifndef CARBON_CONFIG_HOURS_H
#define CARBON_CONFIG_HOURS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/job.h"
#include "lib/site.h"

struct carbon_err;

#define CARBON_CONFIG_HOURS_MAX 64
#define CARBON_CONFIG_BLACKOUTS_MAX 64
#define CARBON_CONFIG_HOURS_AHEAD_S ((time_t)15 * 86400) /* longest delay, and a day */

/* "mon-fri 08:00-18:00 nodes=200 kw=150" */
struct carbon_config_hours {
	char partition[CARBON_NAME_MAX]; /* "": the whole cluster */
	uint8_t days;			 /* bit 0: Monday */
	uint16_t from_min, to_min;	 /* of the local day; TO not after FROM: of the next day */
	uint32_t nodes;			 /* CARBON_LIMIT_NONE: any */
	double kw;			 /* -1: any */
};

struct carbon_config_hours_list {
	size_t count;
	struct carbon_config_hours item[CARBON_CONFIG_HOURS_MAX];
};

struct carbon_config_blackouts {
	size_t count;
	struct carbon_blackout item[CARBON_CONFIG_BLACKOUTS_MAX];
};

/* Errors without their place: what of TEXT is wrong, and what would be right. */
int carbon_config_hours_parse(const char *text, struct carbon_config_hours *out, struct carbon_err *err);
void carbon_config_hours_format(const struct carbon_config_hours *hours, char *out, size_t size);

/* "2026-12-24 to 2027-01-02 08:00": local times, the second one not included. */
int carbon_config_blackout_parse(const char *text, struct carbon_blackout *out, struct carbon_err *err);
void carbon_config_blackout_format(const struct carbon_blackout *blackout, char *out, size_t size);

/* Append what HOURS means from NOW to AHEAD_S from then to the site's limits. Errors: no memory, over the cap. */
int carbon_config_hours_expand(const struct carbon_config_hours_list *list, time_t now, struct carbon_site *site,
			       struct carbon_err *err);

/* Append LIMIT. Errors as above. */
int carbon_config_limit_add(struct carbon_site *site, const struct carbon_limit *limit, struct carbon_err *err);

/* In the order of the site file. */
void carbon_config_limits_sort(struct carbon_site *site);

#endif
