/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carbon.db gives to a run and gets from it: history to learn from, what sources said last, and what
 * they say now. A run works without it; whoever calls says so.
 */
#ifndef CARBON_KEEP_H
#define CARBON_KEEP_H

#include <time.h>

struct carbon_err;
struct carbon_inquiry;
struct carbon_store;
struct carbon_track;

/* Three years of the track's history: any source's, and over it that of the zone's own sources. */
int carbon_keep_history(struct carbon_store *store, struct carbon_track *track, time_t now, struct carbon_err *err);

/* A carbon_recall_f; CONTEXT is the store. */
void carbon_keep_recall(const struct carbon_track *track, struct carbon_inquiry *query, void *context);

/* Keep history and forecasts of this run, ours and mixed ones as well, all or nothing. */
int carbon_keep_track(struct carbon_store *store, const struct carbon_track *track, time_t now,
		      struct carbon_err *err);

#endif
