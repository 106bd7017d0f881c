/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside cluster/ only: what all that changes jobs shares. A job is read again just before it is written, and slurmctld
 * is never asked faster than the pace allows.
 */
#ifndef CARBON_UPDATE_H
#define CARBON_UPDATE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "cluster/cluster.h"
#include "cluster/slurm_shim.h"

/* Whether the pace allows COUNT more (at least one); then their turn has come. */
bool carbon_update_turns(struct carbon_pace *pace, uint32_t count);

static inline bool carbon_update_turn(struct carbon_pace *pace)
{
	return carbon_update_turns(pace, 1);
}

/* The job as slurmctld has it now, inside *JOBS, which is to be freed. *INFO is NULL where it is gone. */
int carbon_update_load(uint32_t id, job_info_msg_t **jobs, const slurm_job_info_t **info, struct carbon_err *err);

struct carbon_update {
	time_t begin_at;    /* 0: stays */
	const char *record; /* NULL: stays */
	uint32_t nice;	    /* NO_VAL: stays */
	const char *partition, *clusters; /* NULL: stays */
	const char *tasks;  /* these of an array's record alone; NULL: the record */
};

/* Write it. Errors name the job; it is unchanged then. */
int carbon_update_write(const slurm_job_info_t *info, const struct carbon_update *update, struct carbon_err *err);

/* "job ID: WHAT: Slurm's own words". Returns -1. */
int carbon_update_fail(uint32_t id, const char *what, struct carbon_err *err);

#endif
