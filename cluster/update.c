/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing the begin time of a waiting job through slurm_update_job(). The job is read again just before it is
 * written; one that is no longer ours is never touched, and slurmctld is never asked faster than the pace allows.
 */
#include "cluster/cluster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cluster/session.h"
#include "lib/err.h"

#define SECOND_NS 1000000000LL

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* How slurmdbd keeps up, once a second. A slurmctld that will not tell is taken as one without such trouble. */
static void look(struct carbon_pace *pace)
{
	stats_info_request_msg_t request = {.command_id = STAT_COMMAND_GET};
	stats_info_response_msg_t *stats = NULL;
	int64_t now_ns = monotonic_ns();

	if (!pace->queue_max || (pace->look_ns && now_ns < pace->look_ns))
		return;
	pace->look_ns = now_ns + SECOND_NS;
	if (slurm_get_statistics(&stats, &request) == SLURM_SUCCESS && stats)
		carbon_pace_heed(pace, stats->dbd_agent_queue_size);
	CARBON_FREE_STATS(stats);
}

/* Until the pace allows one more. */
static void await_turn(struct carbon_pace *pace)
{
	uint32_t rate = carbon_pace_rate(pace);
	struct timespec next;

	if (!rate)
		return;
	if (pace->next_ns) {
		next.tv_sec = (time_t)(pace->next_ns / SECOND_NS);
		next.tv_nsec = (long)(pace->next_ns % SECOND_NS);
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) == EINTR)
			;
	}
	pace->next_ns = monotonic_ns() + SECOND_NS / rate;
}

/* Whether the pace allows one more; then its turn has come. */
static bool take_turn(struct carbon_pace *pace)
{
	if (!pace->left)
		return false;
	look(pace);
	if (pace->is_stopped)
		return false;
	pace->left--;
	await_turn(pace);
	return true;
}

static int fail(uint32_t id, const char *what, struct carbon_err *err)
{
	carbon_session_fail(what, err);
	return carbon_err_prefix(err, "job %u", id);
}

/* Of an array all its records come; the one with this very id counts. */
static const slurm_job_info_t *find_job(const job_info_msg_t *jobs, uint32_t id)
{
	for (uint32_t i = 0; i < jobs->record_count; i++)
		if (CARBON_INFO_JOB_ID(&jobs->job_array[i]) == id)
			return &jobs->job_array[i];
	return NULL;
}

static bool is_ours(const slurm_job_info_t *info, const struct carbon_move *move)
{
	struct carbon_record record;

	return (info->job_state & JOB_STATE_BASE) == JOB_PENDING && info->eligible_time == move->from_at &&
	       carbon_cluster_owns(info->admin_comment, info->eligible_time, info->restart_cnt, &record);
}

/* RECORD in the comment, on libc's heap. */
static int merge(const slurm_job_info_t *info, const struct carbon_move *move, char **out, struct carbon_err *err)
{
	size_t size = strlen(info->admin_comment) + strlen(move->record) + 2;

	*out = malloc(size);
	if (!*out)
		return carbon_err_set(err, "no memory");
	if (carbon_record_merge(info->admin_comment, move->record, *out, size, err) < 0) {
		free(*out);
		*out = NULL;
		return carbon_err_prefix(err, "job %u", move->id);
	}
	return 0;
}

/* As it would be without us; a user may have changed it since, but only upwards. */
static void take_back_nice(const slurm_job_info_t *info, job_desc_msg_t *desc)
{
	struct carbon_record record;

	if (carbon_record_read(info->admin_comment, &record, NULL) == 1 && record.nice && info->nice >= record.nice)
		desc->nice = info->nice - record.nice;
}

static int update(const slurm_job_info_t *info, const struct carbon_move *move, struct carbon_err *err)
{
	job_desc_msg_t desc;
	char *comment = NULL;
	int rc = 0;

	if (move->record && merge(info, move, &comment, err) < 0)
		return -1;
	slurm_init_job_desc_msg(&desc);
	CARBON_DESC_JOB_ID(&desc) = move->id;
	desc.begin_time = move->to_at;
	desc.admin_comment = comment;
	if (move->is_released)
		take_back_nice(info, &desc);
	if (slurm_update_job(&desc) != SLURM_SUCCESS)
		rc = fail(move->id, "its begin could not be changed", err);
	free(comment);
	return rc;
}

int carbon_cluster_move(const struct carbon_move *move, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err)
{
	const slurm_job_info_t *info;
	job_info_msg_t *jobs = NULL;
	int rc = 0;

	if (!take_turn(pace)) {
		*out = CARBON_MOVE_PUT_OFF;
		return 0;
	}
	if (slurm_load_job(&jobs, move->id, SHOW_ALL | SHOW_DETAIL | SHOW_LOCAL) != SLURM_SUCCESS) {
		if (errno != ESLURM_INVALID_JOB_ID)
			return fail(move->id, "slurmctld could not be asked", err);
		*out = CARBON_MOVE_NOT_OURS; /* gone */
		return 0;
	}
	info = find_job(jobs, move->id);
	if (!info || !is_ours(info, move)) {
		*out = CARBON_MOVE_NOT_OURS;
	} else {
		rc = update(info, move, err);
		if (rc == 0)
			*out = CARBON_MOVED;
	}
	slurm_free_job_info_msg(jobs);
	return rc;
}
