/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What decisions made here claim of the cluster since the site's load was taken, in tables of fixed size, so that
 * a thousand like jobs do not all find the same window free. Losing it (a restart) only makes windows look emptier until the
 * next site. Safe from several threads.
 */
#ifndef CARBON_CLAIMS_H
#define CARBON_CLAIMS_H

#include <stdbool.h>
#include <time.h>

#include "lib/load.h"
#include "lib/site.h"

#define CARBON_CLAIMS_ROWS 4096

/*
 * For the time of one decision, microseconds, nobody else decides: two that looked at once would both take the last room. The
 * load is of SITE's places, and borrowed until close. NULL: the table is full, and nothing more may be delayed until rows
 * expire or a newer site accounts for them.
 */
const struct carbon_load *carbon_claims_open(const struct carbon_site *site, time_t now);
void carbon_claims_close(void);

/* Between the two: of SITE's place. */
void carbon_claims_add(const struct carbon_site *site, const struct carbon_claim *claim, time_t now);

void carbon_claims_clear(void);

#endif
