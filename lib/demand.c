/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A job's share of a place's nodes. Called in slurmctld for every submission. */
#include "lib/demand.h"

#include <math.h>

static double gpus_of(const struct carbon_resources *use)
{
	double sum = 0;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		sum += use->gpu[i].count;
	return sum;
}

static void raise(double *most, double amount, double per_node)
{
	if (per_node > 0 && amount / per_node > *most)
		*most = amount / per_node;
}

static double cut(const struct carbon_place *place, double nodes)
{
	return place->nodes && nodes > place->nodes ? place->nodes : nodes;
}

static double share_of(const struct carbon_place *place, const struct carbon_resources *use)
{
	double share = 0;

	raise(&share, use->cores, place->node_cores);
	raise(&share, gpus_of(use), place->node_gpus);
	raise(&share, use->memory_gb, place->node_mem_gb);
	if (!place->exclusive && !use->exclusive && place->node_cores && share > 0)
		return share;
	share = ceil(share > use->nodes ? share : use->nodes);
	return share > 0 ? share : 1;
}

double carbon_demand_nodes(const struct carbon_place *place, const struct carbon_resources *use)
{
	return cut(place, share_of(place, use));
}

double carbon_demand_array(const struct carbon_place *place, const struct carbon_resources *use, uint32_t tasks,
			   uint32_t waves)
{
	double together = tasks > 1 ? ceil((double)tasks / (waves > 1 ? waves : 1)) : 1;

	return cut(place, together * share_of(place, use));
}
