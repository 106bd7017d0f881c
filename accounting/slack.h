/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intensity by the slack clock: what a node-hour used or freed counts with (DESIGN: What a delay really changes). Pure.
 */
#ifndef CARBON_ACCOUNTING_SLACK_H
#define CARBON_ACCOUNTING_SLACK_H

#include <stdbool.h>

#include "accounting/occupancy.h"
#include "lib/series.h"

struct carbon_slack_bin;

/*
 * Of one place and its zone. A bin that is not full counts with its own intensity; what is freed in a full one goes on to
 * where the run that takes it ends, and counts as there.
 */
struct carbon_slack_clock {
	const struct carbon_series *series;	  /* sorted; borrowed, as is OCCUPANCY */
	const struct carbon_occupancy *occupancy; /* NULL: nothing is known of the place */
	struct carbon_slack_bin *bin;		  /* as many as OCCUPANCY has */
};

/* -1: no memory. Fini in any case. */
int carbon_slack_clock_init(struct carbon_slack_clock *clock, const struct carbon_series *series,
			    const struct carbon_occupancy *occupancy);
void carbon_slack_clock_fini(struct carbon_slack_clock *clock);

/* Over a run as it was or would have been. */
struct carbon_slack_sum {
	struct carbon_integral intensity; /* at the slack clock of each of its moments */
	double off_g_s_kwh; /* of its g_s_kwh: where nodes were powered down then, so that work wakes one */
	bool is_wall;	    /* of some moments nothing is known of the place: the clock on the wall counts for them */
	bool is_open;	    /* more than a hundredth of it leads beyond what is known of the place */
	time_t from_at, to_at; /* the times whose intensity counts lie between these */
};

/* Of [FROM, TO), which is not empty. */
struct carbon_slack_sum carbon_slack_integrate(const struct carbon_slack_clock *clock, time_t from, time_t to);

#endif
