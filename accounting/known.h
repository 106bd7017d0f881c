/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside accounting/ only: what the grid did and how full places were, for whoever settles something. */
#ifndef CARBON_KNOWN_H
#define CARBON_KNOWN_H

#include <time.h>

#include "accounting/slack.h"
#include "lib/series.h"

struct carbon_books_site;
struct carbon_err;
struct carbon_known;
struct carbon_store;

/* A place that is full for longer is full for good: so far after a run the slack clock is followed. */
#define CARBON_KNOWN_QUEUE_S ((time_t)14 * 86400)

/* Both are borrowed. NULL: no memory. */
struct carbon_known *carbon_known_create(struct carbon_store *store, const struct carbon_books_site *site);
void carbon_known_destroy(struct carbon_known *known);

struct carbon_known_place {
	const char *cluster, *partition;
};

/* How full places were is read again: more of it may have been written. */
void carbon_known_forget(struct carbon_known *known);

/* The zone's history at least a day around SPAN; borrowed until the next call. NULL: error. */
const struct carbon_series *carbon_known_series(struct carbon_known *known, const char *zone,
						enum carbon_signal signal, const time_t span[2],
						struct carbon_err *err);

/*
 * The slack clock of a place over SPAN and a queue's length after it, by SERIES of its zone, which is known as far; borrowed
 * until the next call. NULL: error.
 */
const struct carbon_slack_clock *carbon_known_clock(struct carbon_known *known, const struct carbon_known_place *place,
						    const struct carbon_series *series, const time_t span[2],
						    struct carbon_err *err);

#endif
