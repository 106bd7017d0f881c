/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: what a partition's nodes are like, and which of them can be used.
 */
#ifndef CARBON_SHAPE_H
#define CARBON_SHAPE_H

#include "cluster/cluster.h"
#include "cluster/session.h"

/* Fill the nodes, their smallest size and `exclusive` of OUT, as far as the cluster hands those out. */
void carbon_shape_read(const partition_info_t *info, const node_info_msg_t *nodes,
		       const struct carbon_session *session, struct carbon_partition *out);

#endif
