/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between advise.c, which collects, and advise_place.c, which judges. Nobody else includes
 * this. */
#ifndef CARBON_TOOL_ADVISE_WORK_H
#define CARBON_TOOL_ADVISE_WORK_H

#include "accounting/trail.h"
#include "tools/advise.h"

/* Runs from before and after that take room, too. */
#define CARBON_ADVISE_LEAD_S ((time_t)7 * 86400)

/* In order of submission. */
struct carbon_advise_runs {
	size_t count, capacity;
	struct carbon_trail_run *run;
};

/* Fill in all of PLACE but its names. One that cannot be replayed says why, which is no error.
 */
int carbon_advise_place_judge(struct carbon_store *store, const struct carbon_advise_ask *ask,
			      struct carbon_advise_place *place,
			      const struct carbon_advise_runs *runs, struct carbon_err *err);

#endif
