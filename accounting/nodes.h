/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nodes drew without work: idle, powered down, booting. One row of carbon.db per place and UTC day, worked out from
 * how full the places were. A node that several partitions share counts in one place alone.
 */
#ifndef CARBON_NODES_H
#define CARBON_NODES_H

#include <stddef.h>
#include <time.h>

struct carbon_books_site;
struct carbon_err;
struct carbon_store;

/* So far back are days settled again: their history may still have come or been corrected. */
#define CARBON_NODES_OPEN_S ((time_t)15 * 86400)

/*
 * The days of CLUSTER from FROM on, and those before it that are still open. SITE as for the books: where its terms give
 * no idle watts the hours are kept and the energy is not known.
 */
int carbon_nodes_settle(struct carbon_store *store, const struct carbon_books_site *site, const char *cluster,
			time_t from, time_t now, struct carbon_err *err);

/* Node-hours, and energy with PUE. */
struct carbon_nodes_sum {
	size_t days;	     /* of places */
	double idle_h;	     /* on, without work: the rest of nodes that jobs share too */
	double waiting_idle_h; /* of them while jobs waited there */
	double off_h, down_h; /* powered down; down or drained */
	unsigned long boots;
	double idle_kwh, off_kwh, boot_kwh; /* as far as watts are given */
	double unknown_h;   /* of idle_h: no watts are given */
	double mass_g, direct_g; /* of that energy, as far as known */
	double unknown_kwh, unknown_direct_kwh; /* energy without such emissions */
};

/* Days that begin in [from, to), of CLUSTER (NULL: all), of one PARTITION (NULL: all). */
int carbon_nodes_sum(struct carbon_store *store, const char *cluster, const char *partition, const time_t span[2],
		     struct carbon_nodes_sum *out, struct carbon_err *err);

#endif
