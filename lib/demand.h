/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a job takes of a place, counted in nodes: capacity, load and limits are all kept in them. Pure.
 */
#ifndef CARBON_DEMAND_H
#define CARBON_DEMAND_H

#include "lib/power.h"
#include "lib/site.h"

/*
 * The greatest of its shares of a node's cores, GPUs and memory, summed over its nodes; whole nodes where it shares
 * with nobody (the job or the place says so) or where the place's nodes are not known. At least one node of a job without
 * any figure; never more than the place has, where that is known.
 */
double carbon_demand_nodes(const struct carbon_place *place, const struct carbon_resources *use);

/* The same of TASKS of them, WAVES after one another (an array; 0 and 1: all at once). */
double carbon_demand_array(const struct carbon_place *place, const struct carbon_resources *use, uint32_t tasks,
			   uint32_t waves);

#endif
