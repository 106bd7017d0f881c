/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a decision changes in a job's description: begin time, AdminComment, environment. All of it
 * lies on Slurm's heap. Each part that cannot be done is left out, and the job is none the worse.
 */
#ifndef CARBON_APPLY_H
#define CARBON_APPLY_H

#include "plugin/slurm_shim.h"
#include "lib/record.h"

/* The record into AdminComment, beside what others wrote there. */
void carbon_apply_record(job_desc_msg_t *desc, const struct carbon_record *record);

/* The mark that its user said --carbon=off, beside what others wrote there: so the report can count it. */
void carbon_apply_optout(job_desc_msg_t *desc);

/* Ranks the job lower by BY: its own nice value is raised, as far as Slurm has room. */
void carbon_apply_nice(job_desc_msg_t *desc, uint32_t by);
/*
 * Where it runs: its partition, or, in a federation (CLUSTER, the name of this one), this cluster and the other one.
 * IS_ALONE: it shall run on this cluster alone, where the federation would send it anywhere.
 */
void carbon_apply_place(job_desc_msg_t *desc, const struct carbon_record *record, const char *cluster, bool is_alone);

/* SLURM_CARBON_ZONE, SLURM_CARBON_EXPECTED_G_KWH and SLURM_CARBON_START for the job to read. */
void carbon_apply_environment(job_desc_msg_t *desc, const struct carbon_record *record);

/* TEXT after what *TARGET says already, on a line of its own; *TARGET may be NULL. */
void carbon_apply_text(char **target, const char *text);

#endif
