/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Nodes of a partition: the smallest one counts, so that a job is never thought to need fewer nodes than it will. Powered
 * down is usable, after a boot; down, drained and failing is not.
 */
#include "cluster/shape.h"

#include "lib/power.h"

/* A node that slurmctld has not heard of yet (it was just started) counts: capacity must not vanish meanwhile. */
static bool is_usable(const node_info_t *node)
{
	uint32_t base = node->node_state & NODE_STATE_BASE;

	return base != NODE_STATE_DOWN && base != NODE_STATE_ERROR && base != NODE_STATE_FUTURE &&
	       !(node->node_state & (NODE_STATE_DRAIN | NODE_STATE_FAIL));
}

static double least(double so_far, double value)
{
	return so_far == 0 || value < so_far ? value : so_far;
}

/* A partition may hold nodes with and without GPUs: then none can be counted on. */
static void take_node(const node_info_t *node, struct carbon_partition *out)
{
	struct carbon_resources use = {.nodes = 0};
	uint32_t gpus = 0;

	/* Its TRES have GPUs only where AccountingStorageTRES asks for them. */
	if (node->gres)
		(void)carbon_gpu_parse(node->gres, 1, &use);
	for (size_t i = 0; i < use.gpu_kinds; i++)
		gpus += use.gpu[i].count;
	out->node_cores = (uint32_t)least(out->node_cores, node->cpus);
	out->node_mem_gb = least(out->node_mem_gb, (double)node->real_memory / 1024);
	out->node_gpus = !out->nodes || gpus < out->node_gpus ? gpus : out->node_gpus;
	out->has_gpus = out->has_gpus || gpus;
	out->nodes++;
	out->usable_nodes += is_usable(node);
}

void carbon_shape_read(const partition_info_t *info, const node_info_msg_t *nodes,
		       const struct carbon_session *session, struct carbon_partition *out)
{
	const int32_t *range = info->node_inx;

	out->nodes = out->usable_nodes = out->node_cores = out->node_gpus = 0;
	out->node_mem_gb = 0;
	out->has_gpus = false;
	out->exclusive = session->whole_nodes || info->max_share == 0;
	for (; range && range[0] >= 0; range += 2)
		for (int32_t i = range[0]; i <= range[1] && (uint32_t)i < nodes->record_count; i++)
			if (nodes->node_array[i].name)
				take_node(&nodes->node_array[i], out);
	/* Where memory is not handed out, every job seems to have all of it. */
	if (!session->counts_memory)
		out->node_mem_gb = 0;
}
