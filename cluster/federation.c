/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Other clusters: the federation as slurmctld sees it now, or those that slurmdbd knows. Of a federation only clusters whose controllers are connected are asked for their
 * partitions: a dead one would cost the whole of MessageTimeout.
 */
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/partition.h"
#include "cluster/session.h"
#include "lib/err.h"

static bool is_active(const slurmdb_cluster_rec_t *cluster)
{
	return (cluster->fed.state & CLUSTER_FED_STATE_BASE) == CLUSTER_FED_STATE_ACTIVE &&
	       !(cluster->fed.state & (CLUSTER_FED_STATE_DRAIN | CLUSTER_FED_STATE_REMOVE));
}

static struct carbon_partition *grow_remotes(struct carbon_live *live, size_t more)
{
	struct carbon_partition *grown = realloc(live->remote, (live->remotes + more + 1) * sizeof(*grown));

	if (grown)
		live->remote = grown;
	return grown;
}

/* 0: its partitions are added; 1: it does not answer; -1: no memory. */
static int ask_cluster(struct carbon_live *live, slurmdb_cluster_rec_t *cluster)
{
	/* Whether nodes are shared there at all, its controller alone knows. */
	const struct carbon_session unknown = {.whole_nodes = false, .counts_memory = true};
	partition_info_msg_t *partitions = NULL;
	node_info_msg_t *nodes = NULL;
	int rc = 1;

	if (slurm_load_partitions2((time_t)0, &partitions, SHOW_ALL | SHOW_LOCAL, cluster) != SLURM_SUCCESS ||
	    slurm_load_node2((time_t)0, &nodes, SHOW_ALL | SHOW_LOCAL, cluster) != SLURM_SUCCESS)
		goto out;
	rc = grow_remotes(live, partitions->record_count) ? 0 : -1;
	for (uint32_t i = 0; i < partitions->record_count && rc == 0; i++) {
		struct carbon_partition *out = &live->remote[live->remotes++];

		memset(out, 0, sizeof(*out));
		carbon_session_copy(cluster->name, out->cluster, sizeof(out->cluster));
		rc = carbon_partition_read(&partitions->partition_array[i], nodes, &unknown, live, out);
	}
out:
	slurm_free_node_info_msg(nodes);
	slurm_free_partition_info_msg(partitions);
	return rc;
}

static int read_cluster(struct carbon_live *live, slurmdb_cluster_rec_t *cluster, bool is_federated, time_t now)
{
	struct carbon_sibling *out = &live->sibling[live->siblings++];
	bool is_here = strcmp(cluster->name, live->cluster) == 0;
	int rc = 0;

	memset(out, 0, sizeof(*out));
	carbon_session_copy(cluster->name, out->cluster, sizeof(out->cluster));
	out->id = cluster->fed.id;
	out->active = is_federated ? is_active(cluster) && (is_here || (cluster->fed.send && cluster->fed.recv))
				   : cluster->control_port != 0;
	if (out->active && !is_here)
		rc = ask_cluster(live, cluster);
	out->active = out->active && rc == 0;
	out->seen_at = out->active ? now : 0;
	return rc < 0 ? -1 : 0;
}

/* Every cluster of LIST, which is emptied. */
static int read_clusters(struct carbon_live *live, CARBON_LIST list, bool is_federated, time_t now,
			 struct carbon_err *err)
{
	slurmdb_cluster_rec_t *cluster;
	int rc = 0;

	live->sibling = calloc((size_t)slurm_list_count(list) + 1, sizeof(*live->sibling));
	rc = live->sibling ? 0 : -1;
	while (rc == 0 && live->siblings < CARBON_SITE_SIBLINGS_MAX && (cluster = slurm_list_pop(list))) {
		rc = cluster->name ? read_cluster(live, cluster, is_federated, now) : 0;
		slurmdb_destroy_cluster_rec(cluster);
	}
	return rc == 0 ? 0 : carbon_err_set(err, "no memory for %d clusters", slurm_list_count(list));
}

int carbon_live_federation(struct carbon_live *live, time_t now, struct carbon_err *err)
{
	slurmdb_federation_rec_t *federation;
	void *loaded = NULL;
	int rc = 0;

	if (slurm_load_federation(&loaded) != SLURM_SUCCESS)
		return carbon_session_fail("asking slurmctld for its federation", err);
	federation = loaded;
	live->federation_is_known = true;
	if (federation && federation->cluster_list && slurm_list_count(federation->cluster_list) > 0)
		rc = read_clusters(live, federation->cluster_list, true, now, err);
	if (federation)
		slurm_destroy_federation_rec(federation);
	return rc;
}

int carbon_live_clusters(struct carbon_live *live, const char *names, time_t now, struct carbon_err *err)
{
	char *wanted = strdup(names);
	CARBON_LIST list = wanted ? slurmdb_get_info_cluster(wanted) : NULL;
	int rc = -1;

	if (!list)
		carbon_err_set(err, "--clusters=%s: slurmdbd knows no such cluster, or does not answer", names);
	else
		rc = read_clusters(live, list, false, now, err);
	if (list)
		slurm_list_destroy(list);
	free(wanted);
	return rc;
}
