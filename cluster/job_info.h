/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: what slurmctld's job records need beyond copying.
 */
#ifndef CARBON_JOB_INFO_H
#define CARBON_JOB_INFO_H

#include <string.h>

#include "cluster/session.h"

/* user_name where slurmctld sends it, else who has the uid here. */
static inline void carbon_info_user(const slurm_job_info_t *info, char *out, size_t size)
{
	if (info->user_name && info->user_name[0])
		carbon_session_copy(info->user_name, out, size);
	else
		carbon_session_user(info->user_id, out, size);
}

/* On something that has not come yet. What has come is taken off the list, what cannot come is marked as failed. */
static inline bool carbon_info_depends(const slurm_job_info_t *info)
{
	return info->dependency && strstr(info->dependency, "(unfulfilled)");
}

#endif
