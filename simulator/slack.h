/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slack clock: a node freed while jobs wait is taken at once by the next of them, whose end
 * comes sooner for it; the hole opens there, or where that is full too, is handed on again. Made
 * from when the replays with and without us were full and what the grid did. Knows nothing of
 * policies.
 */
#ifndef CARBON_SLACK_H
#define CARBON_SLACK_H

#include <stddef.h>
#include <time.h>

#include "simulator/easy_full.h"

struct carbon_grid;

struct carbon_slack {
	time_t start_at;
	size_t bins;
	double *sum; /* bins + 1: integral by the slack clock up to each bin, (g/kWh)*s */
};

#define CARBON_SLACK_REPLAYS 2

/*
 * The mean of the clocks of both replays, with us and without us in any order: the first delayed job still finds the place as
 * it was without us, the last one as it is with us. A bin that is full more than half its time is full. -1: no memory.
 */
int carbon_slack_init(struct carbon_slack *slack,
		      const struct carbon_easy_full full[CARBON_SLACK_REPLAYS],
		      const struct carbon_grid *settled);
void carbon_slack_fini(struct carbon_slack *slack);

/* Integral of the intensity by the slack clock over [from, to), (g/kWh)*s; nothing outside its
 * bins. */
double carbon_slack_integral(const struct carbon_slack *slack, time_t from, time_t to);

#endif
