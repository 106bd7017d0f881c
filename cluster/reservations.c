/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Maintenance is a wall that nothing may run across; any other reservation holds nodes of the partitions that they are in.
 * Asks slurmctld once; must never run inside it.
 */
#include "cluster/reservations.h"

#include <stdlib.h>

#include "cluster/session.h"
#include "lib/err.h"

static void add_wall(struct carbon_live *live, const reserve_info_t *info)
{
	struct carbon_wall *wall = &live->wall[live->walls++];

	wall->from_at = info->start_time;
	wall->to_at = info->end_time;
	carbon_session_copy(info->partition, wall->partition, sizeof(wall->partition));
}

static bool is_of_earlier(const struct carbon_live *live, size_t node, size_t partition)
{
	for (size_t i = 0; i < partition; i++)
		if (live->member[node * live->partitions + i])
			return true;
	return false;
}

static void count_nodes(const struct carbon_live *live, const reserve_info_t *info, size_t partition,
			struct carbon_hold *hold)
{
	const int32_t *range = info->node_inx;

	hold->nodes = hold->own_nodes = 0;
	for (; range && range[0] >= 0; range += 2)
		for (int32_t i = range[0]; i <= range[1] && (size_t)i < live->nodes; i++) {
			if (!live->member[(size_t)i * live->partitions + partition])
				continue;
			hold->nodes++;
			hold->own_nodes += !is_of_earlier(live, (size_t)i, partition);
		}
}

static void add_holds(struct carbon_live *live, const reserve_info_t *info)
{
	for (size_t i = 0; i < live->partitions; i++) {
		struct carbon_hold *hold = &live->hold[live->holds];

		count_nodes(live, info, i, hold);
		if (!hold->nodes || info->end_time <= info->start_time)
			continue;
		hold->from_at = info->start_time;
		hold->to_at = info->end_time;
		carbon_session_copy(live->partition[i].name, hold->partition, sizeof(hold->partition));
		live->holds++;
	}
}

int carbon_reservations_read(struct carbon_live *live, struct carbon_err *err)
{
	reserve_info_msg_t *reservations = NULL;
	size_t count;

	if (slurm_load_reservations((time_t)0, &reservations) != SLURM_SUCCESS)
		return carbon_session_fail("asking slurmctld for reservations", err);
	count = reservations->record_count;
	live->wall = calloc(count + 1, sizeof(*live->wall));
	live->hold = calloc(count * live->partitions + 1, sizeof(*live->hold));
	for (size_t i = 0; live->wall && live->hold && i < count; i++) {
		const reserve_info_t *info = &reservations->reservation_array[i];

		if (info->flags & RESERVE_FLAG_MAINT)
			add_wall(live, info);
		else
			add_holds(live, info);
	}
	slurm_free_reservation_info_msg(reservations);
	return live->wall && live->hold ? 0 : carbon_err_set(err, "no memory for reservations");
}
