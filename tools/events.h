/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events of the grid's (or anybody's) that limit what may run for a while: a small file "events" beside the site, which every
 * apply and replan compiles in. They end by themselves, whether or not anybody looks at the file again.
 */
#ifndef CARBON_TOOL_EVENTS_H
#define CARBON_TOOL_EVENTS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/site.h"

struct carbon_config;
struct carbon_err;

#define CARBON_EVENTS_MAX 256

struct carbon_event {
	uint32_t id; /* from 1 on; never used again while the file lasts */
	struct carbon_limit limit;
};

struct carbon_events {
	uint32_t last_id;
	size_t count;
	struct carbon_event item[CARBON_EVENTS_MAX]; /* in the order in which they were added */
};

/* None where there is no file. Errors: damaged, not trusted. EVENTS is untouched then. */
int carbon_events_read(const struct carbon_config *config, struct carbon_events *events, struct carbon_err *err);

/* Without those that were over at NOW. */
int carbon_events_write(const struct carbon_config *config, const struct carbon_events *events, time_t now,
			struct carbon_err *err);

/* Read them and add those that are not over at NOW to the site's limits. One of a partition that is gone is left out. */
int carbon_events_join(const struct carbon_config *config, time_t now, struct carbon_site *site,
		       struct carbon_err *err);

#endif
