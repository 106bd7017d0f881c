/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where Slurm's public headers differ from 22.05 to 26.05, for cluster/ alone. Must never reach for what is not
 * in libslurm's public headers.
 */
#ifndef CARBON_SLURM_SHIM_H
#define CARBON_SLURM_SHIM_H

#include "config.h"

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <slurm/slurmdb.h>

/* List became a pointer to list_t. */
#ifdef HAVE_LIST_T
#define CARBON_LIST list_t *
#else
#define CARBON_LIST List
#endif

/* job_info_t lost job_id to step_id. */
#ifdef HAVE_SLURM_JOB_INFO_T_STEP_ID
#define CARBON_INFO_JOB_ID(info) ((info)->step_id.job_id)
#else
#define CARBON_INFO_JOB_ID(info) ((info)->job_id)
#endif

/* The job that a call is about. */
#ifdef HAVE_CALL_STEP_ID
#define CARBON_CALL_JOB(id) ((slurm_step_id_t){.job_id = (id), .step_het_comp = NO_VAL, .step_id = NO_VAL})
#else
#define CARBON_CALL_JOB(id) (id)
#endif

/* Of select_type_param: memory is handed out like cores. */
#if HAVE_DECL_SELECT_MEMORY
#define CARBON_SELECT_MEMORY SELECT_MEMORY
#else
#define CARBON_SELECT_MEMORY CR_MEMORY
#endif

/* Renamed between 24.11 and 26.05. */
#if HAVE_DECL_SLURM_FREE_CONF
#define CARBON_FREE_CONF(conf) slurm_free_conf(conf)
#else
#define CARBON_FREE_CONF(conf) slurm_free_ctl_conf(conf)
#endif

/* And so did job_desc_msg_t. */
#ifdef HAVE_JOB_DESC_MSG_T_STEP_ID
#define CARBON_DESC_JOB_ID(desc) ((desc)->step_id.job_id)
#else
#define CARBON_DESC_JOB_ID(desc) ((desc)->job_id)
#endif

/* libslurm exports it and slurm_get_statistics() needs it, but no public header names it: a release without it
 * must still link, and leaks a few hundred bytes of a short-lived program. */
extern void slurm_free_stats_response_msg(stats_info_response_msg_t *msg) __attribute__((weak));
#define CARBON_FREE_STATS(stats) (slurm_free_stats_response_msg ? slurm_free_stats_response_msg(stats) : (void)0)

#define CARBON_TRES_ENERGY 3 /* fixed in every accounting database */

#endif
