/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs from slurmdbd, a day at a time so that a year fits in memory. Every segment of a requeued job is a
 * row of its own. Must never trust a row: what is odd goes on to the books, which count it.
 */
#include "cluster/runs.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/dbd.h"
#include "lib/err.h"

#define STRETCH_S 86400

/* slurmdbd leaves jobs alone that were scheduled in no particular way only when told so (NOTSET). */
static CARBON_LIST ask(const struct carbon_dbd *dbd, time_t from, time_t to)
{
	slurmdb_job_cond_t condition;
	char cluster[CARBON_NAME_MAX];
	CARBON_LIST jobs;

	memcpy(cluster, dbd->session->cluster, sizeof(cluster));
	memset(&condition, 0, sizeof(condition));
	condition.db_flags = SLURMDB_JOB_FLAG_NOTSET;
	condition.flags = JOBCOND_FLAG_DUP | JOBCOND_FLAG_NO_TRUNC;
	condition.usage_start = from;
	condition.usage_end = to;
	condition.cluster_list = slurm_list_create(NULL);
	slurm_list_append(condition.cluster_list, cluster);
	jobs = slurmdb_jobs_get(dbd->connection, &condition);
	slurm_list_destroy(condition.cluster_list);
	return jobs;
}

/*
 * Joules of a job from its steps. Energy counters are per node, so the extern step, where there is one, has all
 * of it; else the batch step (first node) and the others (their nodes) overlap, and the larger counts.
 */
static double measured(slurmdb_job_rec_t *job)
{
	double external = -1, batch = -1, others = -1;
	slurmdb_step_rec_t *step;

	while (job->steps && (step = slurm_list_pop(job->steps))) {
		double joules = carbon_tres_count(step->stats.tres_usage_in_tot, CARBON_TRES_ENERGY);

		if (joules < 0)
			joules = carbon_tres_count(step->tres_alloc_str, CARBON_TRES_ENERGY);
		if (joules > 0 && step->step_id.step_id == SLURM_EXTERN_CONT)
			external = joules;
		else if (joules > 0 && step->step_id.step_id == SLURM_BATCH_SCRIPT)
			batch = joules;
		else if (joules > 0)
			others = (others > 0 ? others : 0) + joules;
		slurmdb_destroy_step_rec(step);
	}
	if (external > 0)
		return external;
	if (batch > 0 || others > 0)
		return batch > others ? batch : others;
	others = carbon_tres_count(job->tres_alloc_str, CARBON_TRES_ENERGY);
	return others > 0 ? others : -1;
}

static void copy_names(const struct carbon_dbd *dbd, const slurmdb_job_rec_t *job,
		       struct carbon_run *run)
{
	carbon_session_copy(job->cluster ? job->cluster : dbd->session->cluster, run->cluster,
			    sizeof(run->cluster));
	if (job->user && job->user[0])
		carbon_session_copy(job->user, run->user, sizeof(run->user));
	else
		carbon_session_user(job->uid, run->user, sizeof(run->user));
	carbon_session_copy(job->account, run->account, sizeof(run->account));
	carbon_session_copy(job->partition, run->partition, sizeof(run->partition));
	carbon_session_copy(job->jobname, run->name, sizeof(run->name));
	carbon_dbd_qos(dbd, job->qosid, run->qos, sizeof(run->qos));
}

/*
 * A job cancelled while it waited may have a start, and never has anything allocated. One cancelled at its deadline has
 * none in the database, and NO_VAL here.
 */
static bool has_run(const slurmdb_job_rec_t *job)
{
	bool has_nothing = !job->tres_alloc_str || !job->tres_alloc_str[0];

	return job->start != 0 && job->start < (time_t)NO_VAL && !(has_nothing && job->end == job->start);
}

static int read_record(const struct carbon_dbd *dbd, slurmdb_job_rec_t *job, struct carbon_run *run)
{
	copy_names(dbd, job, run);
	run->id = job->jobid;
	run->array_id = job->array_job_id;
	run->array_task = job->array_task_id;
	run->uid = job->uid;
	run->state = job->state & JOB_REQUEUE ? CARBON_RUN_REQUEUED : job->state & JOB_STATE_BASE;
	run->submit_at = job->submit;
	run->eligible_at = job->eligible;
	run->start_at = has_run(job) ? job->start : 0;
	run->is_limited = carbon_runs_is_limit(job->state_reason_prev);
	run->end_at = job->end;
	run->suspended_s = job->suspended;
	run->limit_s = carbon_session_seconds(job->timelimit);
	carbon_tres_parse(run->start_at ? job->tres_alloc_str : job->tres_req_str, &dbd->tres, &run->use);
	run->measured_j = measured(job);
	return carbon_session_comment(job->admin_comment, &run->comment);
}

/*
 * It ended in this stretch; or it has not yet, and this is the last one. What a federation's origin keeps of a job that
 * ran elsewhere is no second job.
 */
static bool is_wanted(const slurmdb_job_rec_t *job, time_t from, time_t to, bool is_last)
{
	if (job->state & JOB_REVOKED)
		return false;
	if (job->end == 0)
		return is_last;
	return job->end >= from && job->end < to;
}

static int take_all(const struct carbon_dbd *dbd, CARBON_LIST jobs, time_t from, time_t to,
		    bool is_last, struct carbon_runs *runs)
{
	slurmdb_job_rec_t *job;
	int rc = 0;

	while (rc == 0 && (job = slurm_list_pop(jobs))) {
		struct carbon_run *run = NULL;

		if (is_wanted(job, from, to, is_last)) {
			run = carbon_runs_add(runs);
			rc = run ? read_record(dbd, job, run) : -1;
		}
		slurmdb_destroy_job_rec(job);
	}
	return rc;
}

static int read_stretch(const struct carbon_dbd *dbd, time_t from, time_t to, bool is_last,
			carbon_run_f each, void *context, struct carbon_err *err)
{
	struct carbon_runs runs;
	CARBON_LIST jobs = ask(dbd, from, to);
	int rc;

	if (!jobs)
		return carbon_dbd_fail(dbd, err);
	carbon_runs_init(&runs);
	if (take_all(dbd, jobs, from, to, is_last, &runs) < 0)
		rc = carbon_err_set(err, "no memory for the jobs of a day");
	else
		rc = carbon_runs_call(&runs, each, context);
	carbon_runs_fini(&runs);
	slurm_list_destroy(jobs);
	return rc;
}

int carbon_runs_dbd(const struct carbon_session *session, time_t from, time_t to,
		    carbon_run_f each, void *context, struct carbon_err *err)
{
	struct carbon_dbd dbd;
	int rc = carbon_dbd_open(&dbd, session, err);

	while (rc == 0 && from < to) {
		time_t until = to - from > STRETCH_S ? from + STRETCH_S : to;

		rc = read_stretch(&dbd, from, until, until == to, each, context, err);
		from = until;
	}
	carbon_dbd_close(&dbd);
	return rc;
}
