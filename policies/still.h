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

/*
 * Latest begin at which LIMIT_S (0: unlimited, nothing to count back from) is over by END_AT, with what may pass between a begin and a
 * start.
 */
time_t carbon_still_begin_before(const struct carbon_context *context, const struct carbon_still *still,
				 uint32_t limit_s, time_t end_at);

/* Whether WALL stands in the job's way at all. */
bool carbon_still_meets(const struct carbon_still *still, const struct carbon_wall *wall);

/* What the outlook says of itself at BEGIN_AT, into RECORD. */
void carbon_still_tell(const struct carbon_still *still, time_t begin_at, struct carbon_record *record);

#endif
