/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs, whoever remembers them: slurmdbd, or where there is none slurmctld until MinJobAge has passed.
 */
#include "cluster/runs.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/job_info.h"
#include "cluster/session.h"
#include "cluster/tres.h"
#include "lib/err.h"

void carbon_runs_init(struct carbon_runs *runs)
{
	memset(runs, 0, sizeof(*runs));
}

void carbon_runs_fini(struct carbon_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		free(runs->run[i].comment);
	free(runs->run);
	carbon_runs_init(runs);
}

struct carbon_run *carbon_runs_add(struct carbon_runs *runs)
{
	if (runs->count == runs->capacity) {
		size_t capacity = runs->capacity ? runs->capacity * 2 : 256;
		struct carbon_run *run = realloc(runs->run, capacity * sizeof(*run));

		if (!run)
			return NULL;
		runs->run = run;
		runs->capacity = capacity;
	}
	memset(&runs->run[runs->count], 0, sizeof(runs->run[0]));
	return &runs->run[runs->count++];
}

/* By end, then id and start; an open end comes last. */
static int compare(const void *a, const void *b)
{
	const struct carbon_run *left = a, *right = b;

	if (left->end_at != right->end_at) {
		if (left->end_at == 0 || right->end_at == 0)
			return left->end_at == 0 ? 1 : -1;
		return left->end_at < right->end_at ? -1 : 1;
	}
	if (left->id != right->id)
		return left->id < right->id ? -1 : 1;
	return (left->start_at > right->start_at) - (left->start_at < right->start_at);
}

int carbon_runs_call(struct carbon_runs *runs, carbon_run_f each, void *context)
{
	int rc = 0;

	if (runs->count)
		qsort(runs->run, runs->count, sizeof(runs->run[0]), compare);
	for (size_t i = 0; i < runs->count && rc == 0; i++)
		rc = each(&runs->run[i], context);
	return rc;
}

/*
 * Not said by these: nothing yet, or that nodes are the trouble. What the others say (a QOS, an association, a
 * licence, the throttle of an array) a free node does not help.
 */
bool carbon_runs_is_limit(uint32_t reason)
{
	switch (reason) {
	case WAIT_NO_REASON:
	case WAIT_PRIORITY:
	case WAIT_DEPENDENCY:
	case WAIT_RESOURCES:
	case WAIT_HELD:
	case WAIT_TIME:
	case WAIT_RESERVATION:
	case WAIT_NODE_NOT_AVAIL:
	case WAIT_HELD_USER:
	case WAIT_CLEANING:
	case WAIT_PROLOG:
		return false;
	default:
		return reason < FAIL_DEFER || reason > FAIL_QOS;
	}
}

/* slurmctld keeps the time of the last suspension and what ran before it, as scontrol does. */
static uint32_t suspended(const slurm_job_info_t *info, time_t end)
{
	time_t ran;

	if (info->suspend_time == 0 || end <= info->start_time)
		return 0;
	ran = info->pre_sus_time;
	if ((info->job_state & JOB_STATE_BASE) != JOB_SUSPENDED && end > info->suspend_time)
		ran += end - info->suspend_time;
	return ran < end - info->start_time ? (uint32_t)(end - info->start_time - ran) : 0;
}

static int read_info(const slurm_job_info_t *info, const char *cluster, struct carbon_run *run)
{
	uint32_t state = info->job_state & JOB_STATE_BASE;

	carbon_session_copy(cluster, run->cluster, sizeof(run->cluster));
	run->id = CARBON_INFO_JOB_ID(info);
	run->array_id = info->array_job_id;
	run->array_task = info->array_task_id;
	run->uid = info->user_id;
	run->restart = info->restart_cnt;
	carbon_info_user(info, run->user, sizeof(run->user));
	carbon_session_copy(info->account, run->account, sizeof(run->account));
	carbon_session_copy(info->qos, run->qos, sizeof(run->qos));
	carbon_session_copy(info->partition, run->partition, sizeof(run->partition));
	carbon_session_copy(info->name, run->name, sizeof(run->name));
	run->state = state;
	run->submit_at = info->submit_time;
	run->eligible_at = info->eligible_time;
	/* start_time of a waiting job is what backfill expects, of one cancelled while it waited its end. */
	run->start_at = state == JOB_PENDING || !info->tres_alloc_str ? 0 : info->start_time;
	run->is_limited = carbon_runs_is_limit(info->state_reason);
	run->end_at = state > JOB_SUSPENDED ? info->end_time : 0;
	run->suspended_s = suspended(info, run->end_at);
	run->limit_s = carbon_session_seconds(info->time_limit);
	run->measured_j = -1;
	carbon_tres_parse(info->tres_alloc_str ? info->tres_alloc_str : info->tres_req_str, NULL,
			  &run->use);
	return carbon_session_comment(info->admin_comment, &run->comment);
}

/* Whether it waited or ran in [from, to). */
static bool is_wanted(const slurm_job_info_t *info, time_t from, time_t to)
{
	uint32_t state = info->job_state & JOB_STATE_BASE;

	if (info->job_state & JOB_REVOKED || (state != JOB_PENDING && info->start_time >= to))
		return false;
	return state <= JOB_SUSPENDED || (info->end_time >= from && info->end_time < to);
}

static int read_memory(const char *cluster, time_t from, time_t to, struct carbon_runs *runs,
		       struct carbon_err *err)
{
	job_info_msg_t *jobs = NULL;
	int rc = 0;

	if (slurm_load_jobs((time_t)0, &jobs, SHOW_ALL | SHOW_DETAIL | SHOW_LOCAL) != SLURM_SUCCESS)
		return carbon_session_fail("asking slurmctld for its jobs", err);
	for (uint32_t i = 0; i < jobs->record_count && rc == 0; i++) {
		struct carbon_run *run;

		if (!is_wanted(&jobs->job_array[i], from, to))
			continue;
		run = carbon_runs_add(runs);
		if (!run || read_info(&jobs->job_array[i], cluster, run) < 0)
			rc = carbon_err_set(err, "no memory for %u jobs", jobs->record_count);
	}
	slurm_free_job_info_msg(jobs);
	return rc;
}

int carbon_cluster_runs(time_t from, time_t to, carbon_run_f each, void *context, bool *from_dbd,
			struct carbon_err *err)
{
	struct carbon_session session;
	struct carbon_runs runs;
	int rc;

	if (carbon_session_read(&session, err) < 0)
		return -1;
	if (from_dbd)
		*from_dbd = session.has_dbd;
	if (session.has_dbd)
		return carbon_runs_dbd(&session, from, to, each, context, err);
	carbon_runs_init(&runs);
	rc = read_memory(session.cluster, from, to, &runs, err);
	if (rc == 0)
		rc = carbon_runs_call(&runs, each, context);
	carbon_runs_fini(&runs);
	return rc;
}
