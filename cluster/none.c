/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build without Slurm has no cluster to ask, and says so. */
#include <stddef.h>

#include "cluster/cluster.h"
#include "lib/err.h"

static int refuse(struct carbon_err *err)
{
	return carbon_err_set(err, "built without Slurm: there is no cluster to ask");
}

int carbon_cluster_init(const char *path, struct carbon_err *err)
{
	(void)path;
	return refuse(err);
}

void carbon_cluster_fini(void)
{
}

int carbon_live_read(struct carbon_live **out, struct carbon_err *err)
{
	*out = NULL;
	return refuse(err);
}

int carbon_live_clusters(struct carbon_live *live, const char *names, time_t now, struct carbon_err *err)
{
	(void)live;
	(void)names;
	(void)now;
	return refuse(err);
}

int carbon_live_federation(struct carbon_live *live, time_t now, struct carbon_err *err)
{
	(void)live;
	(void)now;
	return refuse(err);
}

void carbon_live_destroy(struct carbon_live *live)
{
	(void)live;
}

int carbon_cluster_setup(struct carbon_setup *out, struct carbon_err *err)
{
	(void)out;
	return refuse(err);
}

int carbon_cluster_accounting(struct carbon_err *err)
{
	return refuse(err);
}

int carbon_cluster_users(const char *cluster, struct carbon_site_user **out, size_t *count,
			 struct carbon_err *err)
{
	(void)cluster;
	(void)out;
	(void)count;
	return refuse(err);
}

int carbon_cluster_runs(time_t from, time_t to, carbon_run_f each, void *context, bool *from_dbd,
			struct carbon_err *err)
{
	(void)from;
	(void)to;
	(void)each;
	(void)context;
	(void)from_dbd;
	return refuse(err);
}

int carbon_cluster_move(const struct carbon_move *move, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err)
{
	(void)move;
	(void)pace;
	(void)out;
	return refuse(err);
}

int carbon_cluster_age(struct carbon_age *out, struct carbon_err *err)
{
	(void)out;
	return refuse(err);
}

int carbon_cluster_rank(const struct carbon_rank *rank, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err)
{
	(void)rank;
	(void)pace;
	(void)out;
	return refuse(err);
}

int carbon_cluster_notify(const struct carbon_cut *cut, struct carbon_pace *pace, enum carbon_moved *out,
			  struct carbon_err *err)
{
	(void)cut;
	(void)pace;
	(void)out;
	return refuse(err);
}

int carbon_cluster_requeue(const struct carbon_cut *cut, struct carbon_pace *pace, enum carbon_moved *out,
			   struct carbon_err *err)
{
	(void)cut;
	(void)pace;
	(void)out;
	return refuse(err);
}

int carbon_cluster_resume(const struct carbon_cut *cut, bool is_last, enum carbon_moved *out, struct carbon_err *err)
{
	(void)cut;
	(void)is_last;
	(void)out;
	return refuse(err);
}

int carbon_cluster_events(time_t from, time_t to, carbon_node_event_f each, void *context, bool *is_known,
			  struct carbon_err *err)
{
	(void)from;
	(void)to;
	(void)each;
	(void)context;
	(void)is_known;
	return refuse(err);
}
