/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which partitions share nodes: those are one place, whatever they are called. */
#ifndef CARBON_TOOL_OVERLAP_H
#define CARBON_TOOL_OVERLAP_H

#include <stddef.h>

struct carbon_live;

/* GROUP_OF gets a number for each of LIVE's partitions, the same for those that share a node,
 * be it through a third one. */
void carbon_overlap_groups(const struct carbon_live *live, size_t *group_of);

/* "short,long" of a group, in the order of LIVE, as much as fits whole. Returns how many
 * partitions those are. */
size_t carbon_overlap_names(const struct carbon_live *live, const size_t *group_of,
			    size_t group, char *out, size_t size);

#endif
