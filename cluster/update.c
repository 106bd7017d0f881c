/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Changing the begin time of a waiting job through slurm_update_job(). The job is read again just before it is
 * written; one that is no longer ours is never touched, and slurmctld is never asked faster than the pace allows.
 */
#include "cluster/update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cluster/job_info.h"
#include "cluster/session.h"
#include "lib/array.h"
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
static void await_turn(struct carbon_pace *pace, uint32_t count)
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
	pace->next_ns = monotonic_ns() + SECOND_NS * count / rate;
}

bool carbon_update_turns(struct carbon_pace *pace, uint32_t count)
{
	if (pace->left < count)
		return false;
	look(pace);
	if (pace->is_stopped)
		return false;
	pace->left -= count;
	await_turn(pace, count);
	return true;
}

int carbon_update_fail(uint32_t id, const char *what, struct carbon_err *err)
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

	if (move->from_partition && (!info->partition || strcmp(info->partition, move->from_partition) != 0))
		return false;
	/* A task that started, ended or was changed has left the array's record, and is not to be touched by its name. */
	if (move->tasks && (!info->array_task_str || !carbon_array_has(info->array_task_str, move->tasks)))
		return false;
	if (move->is_dependent)
		return (info->job_state & JOB_STATE_BASE) == JOB_PENDING && carbon_info_depends(info) &&
		       carbon_cluster_may_take(info->admin_comment, info->eligible_time, info->restart_cnt, time(NULL),
					       &record);
	return (info->job_state & JOB_STATE_BASE) == JOB_PENDING && info->eligible_time == move->from_at &&
	       carbon_cluster_owns(info->admin_comment, info->eligible_time, info->restart_cnt, &record);
}

/* RECORD in the comment, on libc's heap. */
static int merge(const slurm_job_info_t *info, const char *record, char **out, struct carbon_err *err)
{
	const char *comment = info->admin_comment ? info->admin_comment : "";
	size_t size = strlen(comment) + strlen(record) + 2;

	*out = malloc(size);
	if (!*out)
		return carbon_err_set(err, "no memory");
	if (carbon_record_merge(comment, record, *out, size, err) < 0) {
		free(*out);
		*out = NULL;
		return carbon_err_prefix(err, "job %u", CARBON_INFO_JOB_ID(info));
	}
	return 0;
}

/* Of several tasks slurmctld may refuse some; errno is then the reason of the first of them. */
static int send_update(job_desc_msg_t *desc)
{
	job_array_resp_msg_t *answers = NULL;
	int rc;

	if (!desc->job_id_str)
		return slurm_update_job(desc);
	rc = slurm_update_job2(desc, &answers);
	for (uint32_t i = 0; answers && rc == SLURM_SUCCESS && i < answers->job_array_count; i++)
		if (answers->error_code[i] != SLURM_SUCCESS) {
			errno = (int)answers->error_code[i];
			rc = SLURM_ERROR;
		}
	if (answers)
		slurm_free_job_array_resp(answers);
	return rc;
}

int carbon_update_write(const slurm_job_info_t *info, const struct carbon_update *update, struct carbon_err *err)
{
	char name[CARBON_ARRAY_TEXT_MAX + 16], *comment = NULL;
	job_desc_msg_t desc;
	int rc = 0;

	if (update->record && merge(info, update->record, &comment, err) < 0)
		return -1;
	slurm_init_job_desc_msg(&desc);
	/* By number it is this record alone; by name slurmctld takes all tasks of an array. */
	if (update->tasks) {
		snprintf(name, sizeof(name), "%u_[%s]", info->array_job_id, update->tasks);
		desc.job_id_str = name;
	} else {
		CARBON_DESC_JOB_ID(&desc) = CARBON_INFO_JOB_ID(info);
	}
	if (update->begin_at)
		desc.begin_time = update->begin_at;
	if (update->nice != NO_VAL)
		desc.nice = update->nice;
	desc.admin_comment = comment;
	/* slurm_update_job() only reads them. */
	desc.partition = (char *)(uintptr_t)update->partition;
	desc.clusters = (char *)(uintptr_t)update->clusters;
	if (send_update(&desc) != SLURM_SUCCESS)
		rc = carbon_update_fail(CARBON_INFO_JOB_ID(info),
					update->begin_at ? "its begin could not be changed" : "it could not be changed", err);
	free(comment);
	return rc;
}

int carbon_update_load(uint32_t id, job_info_msg_t **jobs, const slurm_job_info_t **info, struct carbon_err *err)
{
	*jobs = NULL;
	*info = NULL;
	if (slurm_load_job(jobs, CARBON_CALL_JOB(id), SHOW_ALL | SHOW_DETAIL | SHOW_LOCAL) == SLURM_SUCCESS)
		*info = find_job(*jobs, id);
	else if (errno != ESLURM_INVALID_JOB_ID)
		return carbon_update_fail(id, "slurmctld could not be asked", err);
	return 0;
}

/* What it would be without us, for a job that is let go; a user may have changed it since, but only upwards. */
static uint32_t nice_without_us(const slurm_job_info_t *info)
{
	struct carbon_record record;

	if (carbon_record_read(info->admin_comment, &record, NULL) == 1 && record.nice && info->nice >= record.nice)
		return info->nice - record.nice;
	return NO_VAL;
}

int carbon_cluster_move(const struct carbon_move *move, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err)
{
	struct carbon_update wish = {.begin_at = move->to_at, .record = move->record, .nice = NO_VAL,
				     .partition = move->partition, .clusters = move->clusters, .tasks = move->tasks};
	const slurm_job_info_t *info;
	job_info_msg_t *jobs;
	int rc = 0;

	if (!carbon_update_turns(pace, move->task_count > 1 ? move->task_count : 1)) {
		*out = CARBON_MOVE_PUT_OFF;
		return 0;
	}
	if (carbon_update_load(move->id, &jobs, &info, err) < 0)
		return -1;
	if (!info || !is_ours(info, move)) {
		*out = CARBON_MOVE_NOT_OURS; /* gone, started, or somebody else's */
	} else {
		if (move->is_released)
			wish.nice = nice_without_us(info);
		rc = carbon_update_write(info, &wish, err);
		if (rc == 0)
			*out = CARBON_MOVED;
	}
	if (jobs)
		slurm_free_job_info_msg(jobs);
	return rc;
}
