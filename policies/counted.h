/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outlook as each place counts it: the slack clock and the price of electricity hang on the files alone, not on a job, so they
 * are counted once when a file was read and not with every decision. Immutable; what is not in it is counted anew.
 */
#ifndef CARBON_COUNTED_H
#define CARBON_COUNTED_H

#include <stddef.h>
#include <time.h>

#include "lib/curve.h"
#include "lib/outlook.h"
#include "lib/site.h"

/*
 * Of all places together, about 30 bytes a point: 16 places of 96 hours in 5-minute steps take 0.6 MB. Places beyond it are
 * counted with every decision.
 */
#define CARBON_COUNTED_SIZE_MAX ((size_t)32 << 20)

struct carbon_counted_place {
	const struct carbon_outlook_zone *zone; /* that it was counted of; NULL: there is nothing to count, or no room for it */
	struct carbon_curve mean, high;		/* over all of the outlook */
	double slack_s[CARBON_SITE_WEEK_H + 1]; /* seconds not full from Monday 00:00 UTC to each hour's begin */
};

struct carbon_counted;

/*
 * Of all places of SITE, whose signal says which of OUTLOOK's zones are theirs. NULL: no memory, and all is
 * counted with every decision. Destroy when done; SITE and OUTLOOK are not kept.
 */
struct carbon_counted *carbon_counted_create(const struct carbon_site *site, const struct carbon_outlook *outlook);
void carbon_counted_destroy(struct carbon_counted *counted);

/* What was counted of PLACE, which is one of SITE's, for ZONE. NULL: nothing was, or COUNTED is. */
const struct carbon_counted_place *carbon_counted_find(const struct carbon_counted *counted, const struct carbon_site *site,
						       const struct carbon_place *place,
						       const struct carbon_outlook_zone *zone);

/* The share of [FROM, TO) in which it is not full, 0 to 1. */
double carbon_counted_slack(const struct carbon_counted_place *place, time_t from_at, time_t to_at);

#endif
