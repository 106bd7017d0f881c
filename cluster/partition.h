/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: one partition as slurmctld describes it, of this cluster or of another, with what its nodes have
 * and whom it takes. Asks nobody.
 */
#ifndef CARBON_PARTITION_H
#define CARBON_PARTITION_H

#include "cluster/cluster.h"
#include "cluster/session.h"

/*
 * Into OUT, zeroed but for its cluster, and what it offers behind LIVE's offers. SESSION is of the partition's own
 * cluster. -1: no memory.
 */
int carbon_partition_read(const partition_info_t *info, const node_info_msg_t *nodes,
			  const struct carbon_session *session, struct carbon_live *live, struct carbon_partition *out);

#endif
