/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Load: nodes and kilowatts promised to decisions, per place of a site and slot of a quarter of an hour, for the eight
 * days ahead. Beside the load that the site file tells; slurmctld's plugin keeps its own decisions here, a simulator all of
 * them. The caller's storage, no allocation; not locked.
 */
#ifndef CARBON_LOAD_H
#define CARBON_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define CARBON_LOAD_SLOT_S 900
#define CARBON_LOAD_SLOTS 768

/* Of the site's rules with a share, how many may hold for one job. */
#define CARBON_CLAIM_RULES 4

/* What one decision claims. */
struct carbon_claim {
	size_t place; /* index in the site's places */
	time_t begin_at, end_at;
	double nodes;
	double kw; /* PUE included */
	size_t rules;
	uint16_t rule[CARBON_CLAIM_RULES]; /* indices in the site's rules: those whose share it uses up */
};

struct carbon_load {
	int64_t first; /* number of the first slot that is kept: its begin / CARBON_LOAD_SLOT_S */
	size_t places;
	/* Rings of CARBON_LOAD_SLOTS by slot number: of each place, and of all of them together (row PLACES). */
	float *nodes, *kw;
	float *begins_kw;	/* one ring: the power that begins in the slot, of all places */
	double flexible_node_h; /* all that was added, of any time */
	size_t rules;
	double *rule_node_h; /* the same of each of the site's rules; NULL: nobody counts them */
};

/* Floats that a load of so many places needs. */
#define CARBON_LOAD_FLOATS(places) ((2 * ((size_t)(places) + 1) + 1) * CARBON_LOAD_SLOTS)

/* Empty, from NOW on, and without rules. STORAGE is borrowed. */
void carbon_load_init(struct carbon_load *load, size_t places, float *storage, time_t now);

/* Count for RULES rules of a site, from nothing on. STORAGE, as many numbers, is borrowed. */
void carbon_load_rules(struct carbon_load *load, size_t rules, double *storage);

/* Forget what lies before NOW. Costs nothing within one slot. */
void carbon_load_advance(struct carbon_load *load, time_t now);

/* Add RUN, or take it away again; what lies outside of the slots is cut. Every slot that it touches counts in full. */
void carbon_load_add(struct carbon_load *load, const struct carbon_claim *run);
void carbon_load_remove(struct carbon_load *load, const struct carbon_claim *run);

static inline int64_t carbon_load_slot(time_t at)
{
	return (int64_t)(at / CARBON_LOAD_SLOT_S);
}

/* Of the slot that holds AT; 0 outside of the slots. PLACE may be places: all together. */
double carbon_load_nodes(const struct carbon_load *load, size_t place, time_t at);
double carbon_load_kw(const struct carbon_load *load, size_t place, time_t at);
double carbon_load_begins_kw(const struct carbon_load *load, time_t at);

#endif
