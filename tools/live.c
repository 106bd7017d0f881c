/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A live cluster for config/: partitions, walls and users copied into plain arrays, and the jobs counted that wait
 * because of us. Asks slurmctld once and slurmdbd once; must never run inside slurmctld.
 */
#include "tools/live.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "lib/record.h"
#include "tools/tool.h"
#include "tools/waiting.h"

static void copy_partition(const struct carbon_partition *from, struct carbon_config_partition *to)
{
	memcpy(to->name, from->name, sizeof(to->name));
	memcpy(to->cluster, from->cluster, sizeof(to->cluster));
	to->is_default = from->is_default;
	to->default_limit_s = from->default_limit_s;
	to->max_limit_s = from->max_limit_s;
	to->node_cores = from->node_cores;
	to->node_gpus = from->node_gpus;
	to->node_mem_gb = from->node_mem_gb;
	to->nodes = from->usable_nodes;
	to->max_nodes = from->max_nodes;
	to->exclusive = from->exclusive;
	to->closed = from->closed;
}

static struct carbon_config_partition *copy_partitions(const struct carbon_partition *from, size_t count)
{
	struct carbon_config_partition *list = calloc(count + 1, sizeof(*list));

	if (!list)
		return NULL;
	for (size_t i = 0; i < count; i++)
		copy_partition(&from[i], &list[i]);
	return list;
}

static int copy_places(const struct carbon_live *from, struct carbon_tool_live *live)
{
	live->partition = copy_partitions(from->partition, from->partitions);
	live->remote = copy_partitions(from->remote, from->remotes);
	if (!live->partition || !live->remote)
		return -1;
	live->cluster.partition = live->partition;
	live->cluster.partitions = from->partitions;
	live->cluster.remote = live->remote;
	live->cluster.remotes = from->remotes;
	live->cluster.offer = from->offer;
	live->cluster.offers = from->offers;
	live->cluster.sibling = from->sibling;
	live->cluster.siblings = from->siblings;
	return 0;
}

/* Without it jobs stay on this cluster, and all else goes on. */
static void read_federation(const struct carbon_tool *tool, struct carbon_live *from)
{
	const char *clusters = carbon_tool_value(tool, "clusters");
	struct carbon_err err;
	int rc;

	rc = clusters ? carbon_live_clusters(from, clusters, tool->now, &err)
		      : carbon_live_federation(from, tool->now, &err);
	if (rc != 0)
		carbon_tool_warn(tool, "%s; no job is sent to another cluster", err.text);
}

static int copy_walls(const struct carbon_live *from, struct carbon_tool_live *live)
{
	live->wall = calloc(from->walls + 1, sizeof(*live->wall));
	if (!live->wall)
		return -1;
	if (from->walls)
		memcpy(live->wall, from->wall, from->walls * sizeof(*live->wall));
	live->cluster.wall = live->wall;
	live->cluster.walls = from->walls;
	return 0;
}

static int by_uid(const void *a, const void *b)
{
	const struct carbon_site_user *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

/* Add TASKS to the user of UID, who is appended where slurmdbd does not know of one (*SORTED of them are in order). */
static int count_user(struct carbon_tool_live *live, size_t sorted, uint32_t uid, uint32_t tasks)
{
	struct carbon_config_cluster *cluster = &live->cluster;
	struct carbon_site_user key = {.uid = uid};
	struct carbon_site_user *user = bsearch(&key, live->user, sorted, sizeof(key), by_uid);

	for (size_t i = sorted; !user && i < cluster->users; i++)
		if (live->user[i].uid == uid)
			user = &live->user[i];
	if (!user) {
		user = realloc(live->user, (cluster->users + 1) * sizeof(*user));
		if (!user)
			return -1;
		live->user = user;
		user = &live->user[cluster->users++];
		*user = key;
	}
	user->waiting += tasks;
	return 0;
}

static int count_waiting(const struct carbon_live *from, struct carbon_tool_live *live, time_t now)
{
	size_t sorted = live->cluster.users;
	struct carbon_record record;

	for (size_t i = 0; i < from->jobs; i++) {
		/* Slurm's own limits count them so, and the plugin does. */
		uint32_t tasks = from->job[i].tasks ? from->job[i].tasks : 1;

		if (!carbon_tool_waits(&from->job[i], now, &record))
			continue;
		live->cluster.waiting += tasks;
		if (count_user(live, sorted, from->job[i].uid, tasks) != 0)
			return -1;
	}
	live->cluster.user = live->user;
	return 0;
}

/* Without slurmdbd nobody's default account is known, which matters only to rules of accounts and QOS. */
static void read_users(const struct carbon_tool *tool, struct carbon_tool_live *live)
{
	struct carbon_err err;

	if (carbon_cluster_users(live->name, &live->user, &live->cluster.users, &err) == 0) {
		if (live->cluster.users)
			qsort(live->user, live->cluster.users, sizeof(*live->user), by_uid);
		return;
	}
	live->user = NULL;
	live->cluster.users = 0;
	carbon_tool_warn(tool,
			 "%s; rules of accounts and QOS hold only for jobs that name theirs, since nobody's default is known",
			 err.text);
}

static int fill(const struct carbon_tool *tool, struct carbon_tool_live *live, struct carbon_err *err)
{
	if (carbon_live_read(&live->from, err) != 0)
		return -1;
	memcpy(live->name, live->from->cluster, sizeof(live->name));
	live->cluster.name = live->name;
	live->cluster.as_of = live->from->as_of;
	read_users(tool, live);
	read_federation(tool, live->from);
	if (copy_places(live->from, live) != 0 || copy_walls(live->from, live) != 0 ||
	    count_waiting(live->from, live, tool->now) != 0)
		return carbon_err_set(err, "no memory");
	return 0;
}

static void release(struct carbon_tool_live *live)
{
	carbon_live_destroy(live->from);
	free(live->partition);
	free(live->remote);
	free(live->user);
	free(live->wall);
	memset(live, 0, sizeof(*live));
}

int carbon_tool_live_read(const struct carbon_tool *tool, struct carbon_tool_live *live, struct carbon_err *err)
{
	memset(live, 0, sizeof(*live));
	if (carbon_cluster_init(NULL, err) != 0)
		return -1;
	if (fill(tool, live, err) != 0) {
		release(live);
		carbon_cluster_fini();
		return -1;
	}
	return 0;
}

void carbon_tool_live_fini(struct carbon_tool_live *live)
{
	bool has_slurm = live->from != NULL;

	release(live);
	if (has_slurm)
		carbon_cluster_fini();
}
