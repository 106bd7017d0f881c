/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partitions joined by the nodes that they share. */
#include "tools/overlap.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cluster/cluster.h"

static bool share_nodes(const struct carbon_live *live, size_t a, size_t b)
{
	for (size_t i = 0; i < live->nodes; i++)
		if (live->member[i * live->partitions + a] &&
		    live->member[i * live->partitions + b])
			return true;
	return false;
}

static void join(const struct carbon_live *live, size_t partition, size_t *group_of)
{
	group_of[partition] = partition;
	for (size_t i = 0; i < partition; i++) {
		size_t from = group_of[i];

		if (from == group_of[partition] || !share_nodes(live, i, partition))
			continue;
		for (size_t j = 0; j <= partition; j++)
			if (group_of[j] == from)
				group_of[j] = group_of[partition];
	}
}

void carbon_overlap_groups(const struct carbon_live *live, size_t *group_of)
{
	for (size_t i = 0; i < live->partitions; i++)
		join(live, i, group_of);
}

size_t carbon_overlap_names(const struct carbon_live *live, const size_t *group_of,
			    size_t group, char *out, size_t size)
{
	size_t count = 0, used = 0;

	*out = '\0';
	for (size_t i = 0; i < live->partitions; i++) {
		const char *name = live->partition[i].name;
		size_t need = strlen(name) + (count > 0);

		if (group_of[i] != group || used + need >= size)
			continue;
		used += (size_t)snprintf(out + used, size - used, "%s%s", count ? "," : "",
					 name);
		count++;
	}
	return count;
}
