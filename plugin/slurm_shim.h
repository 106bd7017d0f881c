/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything of Slurm that its public headers do not declare or that differs by version, in one
 * place. Nothing else in plugin/ may ask for a version, and nothing here may call slurmctld back: a
 * request sent from inside it would deadlock.
 */
#ifndef CARBON_SLURM_SHIM_H
#define CARBON_SLURM_SHIM_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/spank.h> /* slurm_info(), slurm_error(), slurm_debug() */

/*
 * Slurm's heap. Every string that Slurm keeps or frees must come from here: a libc pointer in its
 * hands ends slurmctld.
 */
extern char *slurm_xstrdup(const char *text);
extern void slurm_xfree(void **item);
/* With MAY_FAIL false it ends the process where memory has run out: always pass true. */
extern void *slurm_xrecalloc(void **item, size_t count, size_t size, bool clear, bool may_fail,
			     const char *file, int line, const char *func);

struct job_record; /* slurmctld's own; never looked into */

/* 23.02 gave job_modify() an err_msg; a fourth argument before that is a wild write. */
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 2, 0)
#define CARBON_JOB_MODIFY_ARGS \
	job_desc_msg_t *desc, struct job_record *old, uint32_t submit_uid, char **err_msg
#define CARBON_JOB_MODIFY_UNUSED ((void)desc, (void)old, (void)submit_uid, (void)err_msg)
#else
#define CARBON_JOB_MODIFY_ARGS job_desc_msg_t *desc, struct job_record *old, uint32_t submit_uid
#define CARBON_JOB_MODIFY_UNUSED ((void)desc, (void)old, (void)submit_uid)
#endif

/* The id a description carries: NO_VAL unless it is a federation sibling or an update. */
static inline uint32_t carbon_desc_job_id(const job_desc_msg_t *desc)
{
#ifdef HAVE_JOB_DESC_MSG_T_STEP_ID
	return desc->step_id.job_id;
#else
	return desc->job_id;
#endif
}

static inline void carbon_desc_set_job_id(job_desc_msg_t *desc, uint32_t job_id)
{
#ifdef HAVE_JOB_DESC_MSG_T_STEP_ID
	desc->step_id.job_id = job_id;
#else
	desc->job_id = job_id;
#endif
}

/* What slurmctld's loader looks up by name. */
int init(void);
void fini(void);
int job_submit(job_desc_msg_t *desc, uint32_t submit_uid, char **err_msg);
int job_modify(CARBON_JOB_MODIFY_ARGS);

#endif
