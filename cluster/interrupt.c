/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interrupting a running job: the mark in its record, the signal, the requeue, the next begin. Must never rerun a job that has ended,
 * nor touch one that may not be requeued or that others have requeued meanwhile.
 */
#include <errno.h>

#include "cluster/session.h"
#include "cluster/update.h"
#include "lib/err.h"

#define UNSETTLED (JOB_COMPLETING | JOB_CONFIGURING | JOB_STOPPED)

static bool is_running(const slurm_job_info_t *info, const struct carbon_cut *cut)
{
	struct carbon_record record;

	return (info->job_state & JOB_STATE_BASE) == JOB_RUNNING && !(info->job_state & UNSETTLED) &&
	       info->batch_flag && info->requeue && info->start_time == cut->start_at &&
	       info->restart_cnt == cut->restarts && carbon_record_read(info->admin_comment, &record, NULL) == 1 &&
	       record.cuts == cut->restarts && record.notice.signal;
}

/*
 * Requeued, and nobody has set its start since: then slurmctld's begin is two minutes after the requeue, which counts
 * as its submission. While it is still being cleaned up its restart count may be the old one. A hold shows as priority 0.
 */
static bool is_requeued(const slurm_job_info_t *info, const struct carbon_cut *cut)
{
	time_t begin_s = info->eligible_time - info->submit_time;

	return (info->job_state & JOB_STATE_BASE) == JOB_PENDING && info->priority != 0 &&
	       (info->restart_cnt == cut->restarts + 1 ||
		(info->restart_cnt == cut->restarts && info->job_state & JOB_COMPLETING)) &&
	       begin_s <= CARBON_CUT_BEGIN_MAX_S;
}

/* The script alone, or it with all that it started and all steps. */
static int send_signal(const struct carbon_cut *cut, struct carbon_err *err)
{
	uint16_t whom = cut->notice->to_script ? KILL_JOB_BATCH : KILL_FULL_JOB;

	if (slurm_kill_job(CARBON_CALL_JOB(cut->id), (uint16_t)cut->notice->signal, whom) == SLURM_SUCCESS ||
	    errno == ESLURM_ALREADY_DONE)
		return 0;
	return carbon_update_fail(cut->id, "it could not be signalled", err);
}

int carbon_cluster_notify(const struct carbon_cut *cut, struct carbon_pace *pace, enum carbon_moved *out,
			  struct carbon_err *err)
{
	const struct carbon_update mark = {.record = cut->record, .nice = NO_VAL};
	const slurm_job_info_t *info;
	job_info_msg_t *jobs;
	int rc = 0;

	if (!carbon_update_turn(pace)) {
		*out = CARBON_MOVE_PUT_OFF;
		return 0;
	}
	if (carbon_update_load(cut->id, &jobs, &info, err) < 0)
		return -1;
	if (!info || !is_running(info, cut)) {
		*out = CARBON_MOVE_NOT_OURS;
	} else {
		rc = send_signal(cut, err);
		if (rc == 0)
			rc = carbon_update_write(info, &mark, err);
		if (rc == 0)
			*out = CARBON_MOVED;
	}
	if (jobs)
		slurm_free_job_info_msg(jobs);
	return rc;
}

/* With JOB_RUNNING a job that ended meanwhile is left alone. */
static int requeue(const struct carbon_cut *cut, struct carbon_err *err)
{
	if (slurm_requeue(CARBON_CALL_JOB(cut->id), JOB_RUNNING) == SLURM_SUCCESS || errno == ESLURM_JOB_PENDING)
		return 0;
	return carbon_update_fail(cut->id, "it could not be requeued", err);
}

int carbon_cluster_requeue(const struct carbon_cut *cut, struct carbon_pace *pace, enum carbon_moved *out,
			   struct carbon_err *err)
{
	const slurm_job_info_t *info;
	job_info_msg_t *jobs;
	bool runs, waits;

	if (!carbon_update_turn(pace)) {
		*out = CARBON_MOVE_PUT_OFF;
		return 0;
	}
	if (carbon_update_load(cut->id, &jobs, &info, err) < 0)
		return -1;
	runs = info && cut->start_at && is_running(info, cut);
	waits = info && is_requeued(info, cut);
	if (jobs)
		slurm_free_job_info_msg(jobs);
	if (runs && requeue(cut, err) < 0)
		return -1;
	*out = runs || waits ? CARBON_MOVED : CARBON_MOVE_NOT_OURS;
	return 0;
}

int carbon_cluster_resume(const struct carbon_cut *cut, bool is_last, enum carbon_moved *out, struct carbon_err *err)
{
	const struct carbon_update wish = {.begin_at = cut->to_at, .record = cut->record, .nice = NO_VAL};
	const slurm_job_info_t *info;
	job_info_msg_t *jobs;
	enum carbon_moved moved = CARBON_MOVED;
	int rc = 0;

	if (carbon_update_load(cut->id, &jobs, &info, err) < 0)
		return -1;
	if (!info || !is_requeued(info, cut))
		moved = CARBON_MOVE_NOT_OURS; /* it ended first */
	else if (info->job_state & JOB_COMPLETING && !is_last)
		moved = CARBON_MOVE_NOT_YET;
	else
		rc = carbon_update_write(info, &wish, err);
	if (jobs)
		slurm_free_job_info_msg(jobs);
	if (rc == 0)
		*out = moved;
	return rc;
}
