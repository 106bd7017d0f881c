/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The slack clock: a node freed while jobs wait is taken at once by the next of them, whose end
 * comes sooner for it; the hole opens there, or where that is full too, is handed on again. Made
 * from when replays were full and what the grid did. Knows nothing of policies.
 */
#ifndef CARBON_SLACK_H
#define CARBON_SLACK_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "simulator/easy_full.h"

struct carbon_grid;

/*
 * A crowd of delayed jobs changes the place for each of them: the first one to be delayed still finds it as it was
 * without us, the last one as it is with us. What one of them counts with is the mean over that way, by Simpson's rule
 * from its two ends and its middle. In the middle every second one begins as with us, in one replay this half of them and
 * in another that half, so that each is seen both delayed and not.
 */
enum carbon_slack_replay {
	CARBON_SLACK_WITH,
	CARBON_SLACK_EVEN,
	CARBON_SLACK_ODD,
	CARBON_SLACK_WITHOUT,
	CARBON_SLACK_REPLAYS,
};

/* Of those that we delayed, in order of submission, whether the NTH begins as with us. */
bool carbon_slack_begins(enum carbon_slack_replay replay, size_t nth);

enum carbon_slack_level { CARBON_SLACK_NOBODY, CARBON_SLACK_HALF, CARBON_SLACK_ALL, CARBON_SLACK_LEVELS };

struct carbon_slack {
	time_t start_at;
	size_t bins;
	/* bins + 1 each: integral by the slack clock up to each bin, (g/kWh)*s */
	double *sum[CARBON_SLACK_LEVELS];
};

/* A bin that is full more than half its time is full. -1: no memory. */
int carbon_slack_init(struct carbon_slack *slack,
		      const struct carbon_easy_full full[CARBON_SLACK_REPLAYS],
		      const struct carbon_grid *settled);
void carbon_slack_fini(struct carbon_slack *slack);

/* Integral of the intensity by the slack clock over [from, to), (g/kWh)*s; nothing outside its
 * bins. */
double carbon_slack_integral(const struct carbon_slack *slack, enum carbon_slack_level level, time_t from, time_t to);

/* One of those that we delayed. */
struct carbon_slack_job {
	size_t nth;		   /* of them, in order of submission */
	time_t ready_at, begin_at; /* when it joins the queue without us, and with us */
	time_t run_s;
	time_t start_at[CARBON_SLACK_REPLAYS];
};

/* What its delay frees in dirtier times than it takes, (g/kWh)*s. */
double carbon_slack_credit(const struct carbon_slack *slack, const struct carbon_slack_job *job);

#endif
