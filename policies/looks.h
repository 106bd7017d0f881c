/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A running job is told to stop only when carbonctl replan looks at it. Plans of split runs that can be kept with that. Pure;
 * allocates nothing.
 */
#ifndef CARBON_LOOKS_H
#define CARBON_LOOKS_H

#include <stddef.h>

#include "lib/site.h"
#include "policies/policy.h"

/* The looks of SITE, of which one is (or was) AT; 0: the last one that the site file knows of. */
struct carbon_looks carbon_looks_of(const struct carbon_site *site, time_t at);

/* The look nearest to AT; AT itself where LOOKS are at all times. */
time_t carbon_looks_near(const struct carbon_looks *looks, time_t at);

/*
 * What becomes of the COUNT windows when each but the last ends at the look nearest to its end, and none is left for less than what
 * an interruption takes. What that leaves undone the last window does, which begins the sooner where it would end too late; what
 * is done more comes off the last ones. Returns how many windows there are then; 0: the run would end too late.
 */
size_t carbon_looks_keep(const struct carbon_query *query, struct carbon_window *window, size_t count);

#endif
