/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What slurmctld says now: partitions, jobs, maintenance reservations. Each is asked for once; a full
 * list of jobs holds slurmctld's read lock, so callers ask every few minutes and not more.
 */
#include "cluster/cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/job_info.h"
#include "cluster/partition.h"
#include "cluster/reservations.h"
#include "cluster/session.h"
#include "cluster/tres.h"
#include "lib/array.h"
#include "lib/err.h"

/* Slurm's list of nodes has holes where nodes were deleted: they stay in ours, without a name. */
static int read_nodes(struct carbon_live *live, const node_info_msg_t *nodes, size_t partitions)
{
	live->node = calloc((size_t)nodes->record_count + 1, sizeof(*live->node));
	live->member = calloc((size_t)nodes->record_count + 1, partitions + 1);
	if (!live->node || !live->member)
		return -1;
	live->nodes = nodes->record_count;
	for (uint32_t i = 0; i < nodes->record_count; i++) {
		carbon_session_copy(nodes->node_array[i].name, live->node[i].name,
				    sizeof(live->node[i].name));
		live->node[i].cores = nodes->node_array[i].cpus;
	}
	return 0;
}

static void read_members(struct carbon_live *live, const partition_info_t *info, size_t partition,
			 size_t partitions)
{
	const int32_t *range = info->node_inx;

	for (; range && range[0] >= 0; range += 2)
		for (int32_t i = range[0]; i <= range[1] && (size_t)i < live->nodes; i++)
			live->member[(size_t)i * partitions + partition] = live->node[i].name[0] != '\0';
}

static int load_partitions(struct carbon_live *live, const struct carbon_session *session, struct carbon_err *err)
{
	partition_info_msg_t *partitions = NULL;
	node_info_msg_t *nodes = NULL;
	int rc = -1;

	if (slurm_load_partitions((time_t)0, &partitions, SHOW_ALL | SHOW_LOCAL) != SLURM_SUCCESS ||
	    slurm_load_node((time_t)0, &nodes, SHOW_ALL | SHOW_LOCAL) != SLURM_SUCCESS) {
		carbon_session_fail("asking slurmctld for partitions and nodes", err);
		goto out;
	}
	live->partition = calloc(partitions->record_count + 1, sizeof(*live->partition));
	if (!live->partition || read_nodes(live, nodes, partitions->record_count) < 0) {
		carbon_err_set(err, "no memory for %u partitions of %u nodes", partitions->record_count,
			       nodes->record_count);
		goto out;
	}
	for (uint32_t i = 0; i < partitions->record_count; i++) {
		struct carbon_partition *out = &live->partition[live->partitions++];

		read_members(live, &partitions->partition_array[i], i, partitions->record_count);
		if (carbon_partition_read(&partitions->partition_array[i], nodes, session, live, out) < 0) {
			carbon_err_set(err, "no memory for what partitions offer");
			goto out;
		}
	}
	rc = 0;
out:
	slurm_free_node_info_msg(nodes);
	slurm_free_partition_info_msg(partitions);
	return rc;
}

/* What a job waits for, and how many tasks wait as this one job. */
static void read_wait(const slurm_job_info_t *info, struct carbon_live_job *job)
{
	struct carbon_array array;

	if (!job->is_pending)
		return;
	job->is_held = info->priority == 0;
	job->is_dependent = carbon_info_depends(info);
	if (!job->is_dependent && job->begin_at && job->begin_at <= info->start_time)
		job->expected_at = info->start_time;
	if (!info->array_task_str || !info->array_task_str[0])
		return;
	carbon_array_parse(info->array_task_str, &array);
	job->tasks = array.tasks;
}

/* Text, on libc's heap. -1: no memory. */
static int read_text(const slurm_job_info_t *info, struct carbon_live_job *job)
{
	if (job->tasks && carbon_session_comment(info->array_task_str, &job->indices) < 0)
		return -1;
	if (job->is_pending && carbon_session_comment(info->features, &job->features) < 0)
		return -1;
	return carbon_session_comment(info->admin_comment, &job->comment);
}

static int read_job(const slurm_job_info_t *info, struct carbon_live_job *job)
{
	uint32_t state = info->job_state & JOB_STATE_BASE;

	job->id = CARBON_INFO_JOB_ID(info);
	job->array_id = info->array_job_id;
	job->array_task = info->array_task_id;
	job->uid = info->user_id;
	job->restarts = info->restart_cnt;
	carbon_info_user(info, job->user, sizeof(job->user));
	carbon_session_copy(info->account, job->account, sizeof(job->account));
	carbon_session_copy(info->qos, job->qos, sizeof(job->qos));
	carbon_session_copy(info->partition, job->partition, sizeof(job->partition));
	carbon_session_copy(info->name, job->name, sizeof(job->name));
	job->submit_at = info->submit_time;
	/* start_time of a waiting job is what backfill expects; its begin shows as eligible_time. */
	job->begin_at = info->eligible_time;
	job->eligible_at = info->eligible_time;
	job->start_at = state == JOB_PENDING ? 0 : info->start_time;
	job->end_at = info->end_time;
	job->deadline_at = info->deadline;
	job->limit_s = carbon_session_seconds(info->time_limit);
	job->is_pending = state == JOB_PENDING;
	job->is_running = state == JOB_RUNNING || state == JOB_SUSPENDED;
	job->is_finished = state > JOB_SUSPENDED;
	job->nice = info->nice;
	job->is_requeueable = info->requeue && info->batch_flag;
	job->siblings = info->fed_siblings_active;
	job->is_federated = __builtin_popcountll(info->fed_siblings_active) > 1;
	job->task_cores = info->cpus_per_task == NO_VAL16 ? 0 : info->cpus_per_task;
	carbon_tres_parse(info->tres_alloc_str ? info->tres_alloc_str : info->tres_req_str, NULL,
			  &job->use);
	job->use.exclusive = info->shared == JOB_SHARED_NONE;
	job->is_reserved = info->resv_name && info->resv_name[0];
	job->is_bound = job->is_reserved || (info->req_nodes && info->req_nodes[0]);
	if (job->array_id && info->array_max_tasks != NO_VAL)
		job->at_once = info->array_max_tasks;
	read_wait(info, job);
	return read_text(info, job);
}

static int load_jobs(struct carbon_live *live, struct carbon_err *err)
{
	job_info_msg_t *jobs = NULL;
	int rc = -1;

	if (slurm_load_jobs((time_t)0, &jobs, SHOW_ALL | SHOW_DETAIL | SHOW_LOCAL) != SLURM_SUCCESS)
		return carbon_session_fail("asking slurmctld for its jobs", err);
	live->as_of = jobs->last_update;
	live->job = calloc((size_t)jobs->record_count + 1, sizeof(*live->job));
	if (!live->job)
		goto out;
	for (uint32_t i = 0; i < jobs->record_count; i++)
		if (read_job(&jobs->job_array[i], &live->job[live->jobs++]) < 0)
			goto out;
	rc = 0;
out:
	if (rc < 0)
		carbon_err_set(err, "no memory for %u jobs", jobs->record_count);
	slurm_free_job_info_msg(jobs);
	return rc;
}

static int load_all(struct carbon_live *live, struct carbon_err *err)
{
	struct carbon_session session;

	if (carbon_session_read(&session, err) < 0)
		return -1;
	memcpy(live->cluster, session.cluster, sizeof(live->cluster));
	if (load_partitions(live, &session, err) < 0 || load_jobs(live, err) < 0)
		return -1;
	return carbon_reservations_read(live, err);
}

int carbon_live_read(struct carbon_live **out, struct carbon_err *err)
{
	struct carbon_live *live = calloc(1, sizeof(*live));

	*out = NULL;
	if (!live)
		return carbon_err_set(err, "no memory");
	if (load_all(live, err) < 0) {
		carbon_live_destroy(live);
		return -1;
	}
	*out = live;
	return 0;
}

void carbon_live_destroy(struct carbon_live *live)
{
	if (!live)
		return;
	for (size_t i = 0; i < live->jobs; i++) {
		free(live->job[i].features);
		free(live->job[i].comment);
		free(live->job[i].indices);
	}
	free(live->job);
	free(live->partition);
	free(live->wall);
	free(live->hold);
	free(live->node);
	free(live->member);
	free(live->offer);
	free(live->sibling);
	free(live->remote);
	free(live);
}
