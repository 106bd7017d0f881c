/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster effect of the months that carbonctl settle has just seen, by replay, into carbon.db. */
#ifndef CARBON_TOOL_EFFECT_MONTH_H
#define CARBON_TOOL_EFFECT_MONTH_H

#include <stdbool.h>
#include <time.h>

#include "accounting/books.h"
#include "accounting/effects.h"

struct carbon_err;
struct carbon_live;
struct carbon_store;

struct carbon_tool_effect_ask {
	struct carbon_store *store;
	const struct carbon_live *live; /* which partitions share nodes */
	const struct carbon_books_site *site;
	time_t from_at, now; /* months from the one that FROM_AT lies in */
	bool is_forced;	     /* anew, however lately they were worked out */
};

/* The first second of the UTC month that is MONTHS after the one AT lies in. */
time_t carbon_tool_effect_month(time_t at, int months);

/* Whether MONTH (from, to) is to be worked out now: 1, 0 or -1. */
int carbon_tool_effect_is_due(const struct carbon_tool_effect_ask *ask, enum carbon_effect_method method,
			      const time_t month[2], struct carbon_err *err);

/*
 * A month without a job that we delayed has none. An open month is worked out once a day. Returns how many were worked
 * out, or -1; *TROUBLE says why a month could not be ("": all could), which is no error.
 */
int carbon_tool_effect_settle(const struct carbon_tool_effect_ask *ask, struct carbon_err *trouble,
			      struct carbon_err *err);

struct carbon_effect;

/*
 * The waits alone, with and without our begins, of the runs that started from ASK's from_at to its now; what the grid did is not asked.
 * 1: *OUT is set, 0: nobody was delayed, -1: error.
 */
int carbon_tool_effect_waits(const struct carbon_tool_effect_ask *ask, struct carbon_effect *out,
			     struct carbon_err *err);

#endif
