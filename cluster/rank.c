/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A waiting job's rank: how slurmctld reckons age, and another nice value. Must never touch a job that has changed meanwhile. */
#include <string.h>

#include "cluster/session.h"
#include "cluster/update.h"
#include "lib/err.h"

int carbon_cluster_age(struct carbon_age *out, struct carbon_err *err)
{
	slurm_conf_t *conf = NULL;

	if (slurm_load_ctl_conf((time_t)0, &conf) != SLURM_SUCCESS || !conf)
		return carbon_session_fail("asking slurmctld for its configuration", err);
	out->counts = conf->priority_type && strcmp(conf->priority_type, "priority/multifactor") == 0 &&
		      !(conf->priority_flags & PRIORITY_FLAGS_ACCRUE_ALWAYS);
	out->weight = conf->priority_weight_age;
	out->most_s = conf->priority_max_age;
	CARBON_FREE_CONF(conf);
	return 0;
}

int carbon_cluster_rank(const struct carbon_rank *rank, struct carbon_pace *pace, enum carbon_moved *out,
			struct carbon_err *err)
{
	struct carbon_update wish = {.record = rank->record, .nice = NO_VAL};
	const slurm_job_info_t *info;
	job_info_msg_t *jobs;
	int rc = 0;

	if (!carbon_update_turn(pace)) {
		*out = CARBON_MOVE_PUT_OFF;
		return 0;
	}
	if (carbon_update_load(rank->id, &jobs, &info, err) < 0)
		return -1;
	if (!info || (info->job_state & JOB_STATE_BASE) != JOB_PENDING || info->nice != rank->from_nice ||
	    info->eligible_time != rank->begin_at || info->restart_cnt != rank->restarts) {
		*out = CARBON_MOVE_NOT_OURS;
	} else {
		if (rank->to_nice != rank->from_nice)
			wish.nice = rank->to_nice;
		rc = carbon_update_write(info, &wish, err);
		if (rc == 0)
			*out = CARBON_MOVED;
	}
	if (jobs)
		slurm_free_job_info_msg(jobs);
	return rc;
}
