/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How Slurm is set up, as slurmctld itself has it and not as slurm.conf would have it after a restart.
 * Reads; must never change anything.
 */
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/dbd.h"
#include "cluster/session.h"
#include "lib/err.h"

#define COPY(field, out) carbon_session_copy((field), (out), sizeof(out))

int carbon_cluster_setup(struct carbon_setup *out, struct carbon_err *err)
{
	slurm_conf_t *conf = NULL;

	if (slurm_load_ctl_conf((time_t)0, &conf) != SLURM_SUCCESS || !conf)
		return carbon_session_fail("slurmctld does not answer", err);
	memset(out, 0, sizeof(*out));
	COPY(conf->cluster_name, out->cluster);
	COPY(conf->version, out->version);
	COPY(conf->slurm_user_name, out->user);
	COPY(conf->job_submit_plugins, out->job_submit);
	COPY(conf->plugindir, out->plugin_dirs);
	COPY(conf->plugstack, out->plugstack);
	COPY(conf->slurmctld_pidfile, out->pid_file);
	COPY(conf->sched_params, out->scheduler);
	COPY(conf->accounting_storage_tres, out->tres);
	out->uid = conf->slurm_user_id;
	out->booted_at = conf->boot_time;
	out->has_dbd = conf->accounting_storage_type && strstr(conf->accounting_storage_type, "slurmdbd");
	out->ages = conf->priority_type && strcmp(conf->priority_type, "priority/multifactor") == 0;
	out->always_accrues = (conf->priority_flags & PRIORITY_FLAGS_ACCRUE_ALWAYS) != 0;
	out->requeues = conf->job_requeue != 0;
	out->most_jobs = conf->max_job_cnt;
	CARBON_FREE_CONF(conf);
	return 0;
}

int carbon_cluster_accounting(struct carbon_err *err)
{
	struct carbon_session session;
	struct carbon_dbd dbd;
	int rc;

	if (carbon_session_read(&session, err) < 0)
		return -1;
	if (!session.has_dbd)
		return carbon_err_set(err, "cluster %s has no slurmdbd", session.cluster);
	rc = carbon_dbd_open(&dbd, &session, err);
	carbon_dbd_close(&dbd);
	return rc;
}
