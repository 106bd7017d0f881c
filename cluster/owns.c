/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a waiting job still waits because of us. slurmctld and users change begin times too; what they changed
 * is theirs, and must never be touched again.
 */
#include "cluster/cluster.h"

bool carbon_cluster_owns(const char *comment, time_t begin_at, uint32_t restarts, struct carbon_record *record)
{
	struct carbon_record found;

	if (carbon_record_read(comment, &found, NULL) != 1)
		return false;
	/* A job that others requeued has a begin of slurmctld's. */
	if (restarts != found.cuts || !found.delayed || found.level == CARBON_LEVEL_OBSERVE || found.begin_at != begin_at)
		return false;
	*record = found;
	return true;
}

bool carbon_cluster_may_take(const char *comment, time_t begin_at, uint32_t restarts, time_t now,
			     struct carbon_record *record)
{
	struct carbon_record found;

	/* slurmctld forgets a begin that passes while the job still depends on something. */
	if (begin_at > now || carbon_record_read(comment, &found, NULL) != 1)
		return false;
	if (restarts != found.cuts || found.delayed || !found.dep_s || found.level == CARBON_LEVEL_OBSERVE)
		return false;
	*record = found;
	return true;
}
