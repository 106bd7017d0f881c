/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a job has room in a place at each quarter of an hour: capacity, load, limits. For the view alone. Bits stand for slots
 * from the first one asked for on.
 */
#ifndef CARBON_ROOM_H
#define CARBON_ROOM_H

#include "policies/view.h"

/* Not of another cluster: what the site says of its own partitions says nothing of those that have their names. */
bool carbon_room_is_here(const struct carbon_view_ask *ask);

/*
 * Set the bit of each of the SLOTS (CARBON_VIEW_SLOTS_MAX at most) from FROM_AT (the begin of one) on in which the place is full.
 * False: nothing is known, or none is; the bits, which must be 0 before, are untouched then.
 */
bool carbon_room_find_full(const struct carbon_view_ask *ask, time_t from_at, size_t slots, uint64_t *bits);

/* The same of slots in which one of the site's limits would be broken. */
bool carbon_room_find_limited(const struct carbon_view_ask *ask, time_t from_at, size_t slots, uint64_t *bits);

/* The same of slots in which more tasks of the job's array would run than its own limit lets. */
bool carbon_room_find_throttled(const struct carbon_view_ask *ask, time_t from_at, size_t slots, uint64_t *bits);

/*
 * How many jobs such as ASK's (one task of an array), up to MOST, have room together for a run that begins at BEGIN_AT. Of ASK only
 * site, own, place, runtime and what one of them takes are read.
 */
uint32_t carbon_room_count(const struct carbon_view_ask *ask, time_t begin_at, uint32_t most);

#endif
