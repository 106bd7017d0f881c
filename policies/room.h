/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a job has room in a place at some quarter of an hour: capacity, load, limits. For the view alone. */
#ifndef CARBON_ROOM_H
#define CARBON_ROOM_H

#include "policies/view.h"

enum carbon_room {
	CARBON_ROOM_FREE,
	CARBON_ROOM_FULL,    /* the place's nodes are committed */
	CARBON_ROOM_LIMITED, /* one of the site's limits */
};

/* What of the site is worth asking; found once for many slots. */
struct carbon_room_ask {
	const struct carbon_view_ask *view;
	const struct carbon_site_series *load, *power, *all_power;
	size_t place;	       /* index of the place */
	size_t first_limit, limits; /* of the site's: all that may touch the time asked for are within */
};

bool carbon_room_is_here(const struct carbon_view_ask *view);

/* False: the place has room at any time from FROM_AT to TO_AT, as far as anybody knows. */
bool carbon_room_init(struct carbon_room_ask *ask, const struct carbon_view_ask *view, time_t from_at, time_t to_at);

/* AT is the begin of a slot. */
enum carbon_room carbon_room_at(const struct carbon_room_ask *ask, time_t at);

#endif
