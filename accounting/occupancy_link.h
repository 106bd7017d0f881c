/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside accounting/ only: where holes in full time go, for occupancy.c. */
#ifndef CARBON_OCCUPANCY_LINK_H
#define CARBON_OCCUPANCY_LINK_H

struct carbon_err;
struct carbon_occupancy;
struct carbon_store;

/* Fill in "fits" and "next" of its full bins. */
int carbon_occupancy_link(struct carbon_store *store, const char *cluster, const char *partition,
			  struct carbon_occupancy *occupancy, struct carbon_err *err);

#endif
