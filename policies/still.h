/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What still holds of a job that was decided: its place, a fresh outlook for it, and the latest begin that limit, deadline
 * and maintenance leave now. For everybody who decides about a job once more. Pure.
 */
#ifndef CARBON_STILL_H
#define CARBON_STILL_H

#include <stdbool.h>
#include <time.h>

#include "policies/decide.h"

struct carbon_still {
	const struct carbon_place *place;
	const struct carbon_outlook_zone *zone;
};

/* False: nothing can be said, or the site wants nothing changed. A job that was sent elsewhere is not ours to judge. */
bool carbon_still_find(const struct carbon_context *context, const struct carbon_record *record,
		       const char *partition, struct carbon_still *out);

/* How long jobs of NODES wait in PLACE, where enough of them were seen; NULL: not known. */
const struct carbon_wait *carbon_still_wait(const struct carbon_site *site, const struct carbon_place *place, double nodes);

/*
 * A begin is not a start: what may pass between the two (promise 3). The longer of what was seen (WAIT, which may be NULL) and
 * what the site says.
 */
time_t carbon_still_margin_s(const struct carbon_site *site, const struct carbon_place *place,
			     const struct carbon_wait *wait);

/* Latest begin at which a job of NODES has had RUN_S, its whole limit, by END_AT. */
time_t carbon_still_begin_before(const struct carbon_context *context, const struct carbon_still *still, time_t run_s,
				 double nodes, time_t end_at);

/* Whether WALL stands in the job's way at all. */
bool carbon_still_meets(const struct carbon_still *still, const struct carbon_wall *wall);

/* What the outlook says of itself at BEGIN_AT, into RECORD. */
void carbon_still_tell(const struct carbon_still *still, time_t begin_at, struct carbon_record *record);

#endif
