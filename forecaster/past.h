/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the forecasts that carbon.db keeps as issued have been worth, told by a track's merged history.
 * Reads carbon.db and never writes it.
 */
#ifndef CARBON_PAST_H
#define CARBON_PAST_H

#include <time.h>

struct carbon_err;
struct carbon_store;
struct carbon_track;

/*
 * Learn how to weigh each source of TRACK that gave a forecast against our own, from pairs that both
 * issued twelve hours apart over the last thirty days. Without a forecast of ours it learns nothing.
 */
int carbon_past_weigh(struct carbon_store *store, struct carbon_track *track, time_t now, struct carbon_err *err);

/*
 * How far off, by source, the first 24 hours of the forecasts were that were issued between two days and
 * one day ago, one an hour at most. Hours that nobody knows, or without any emission, count nowhere.
 */
int carbon_past_score(struct carbon_store *store, struct carbon_track *track, time_t now, struct carbon_err *err);

#endif
