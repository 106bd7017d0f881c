/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only the books need of a place: power without work, the contract's factor, embodied emissions, water, PUE by
 * month. Kept apart from struct carbon_place on purpose: of all this nothing but the PUE may enter a decision.
 */
#ifndef CARBON_TERMS_H
#define CARBON_TERMS_H

#include <stddef.h>
#include <time.h>

/* NAN: not given, and then not counted. Watts without PUE. */
struct carbon_terms {
	double gpu_idle_w;	  /* one GPU without work */
	double idle_w;		  /* one node without work, its GPUs included */
	double off_w;		  /* one node powered down */
	double boot_w;		  /* one node that boots; NAN: as idle */
	double market_g_kwh;	  /* of the power contract */
	double embodied_g_node_h; /* of making a node, by hour of its life */
	double water_l_kwh;
	size_t pue_months; /* 0 or 12 */
	double pue_month[12];
};

/* Nothing given. */
void carbon_terms_init(struct carbon_terms *terms);

/* The PUE of the UTC month that AT lies in; PUE where none is given by month, or TERMS is NULL. */
double carbon_terms_pue(const struct carbon_terms *terms, double pue, time_t at);

#endif
