/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A job's description as slurmctld hands it over, into a struct carbon_job. It resolves nothing:
 * what was not given stays unset. Never looks anything up, never changes the description.
 */
#ifndef CARBON_DECODE_H
#define CARBON_DECODE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "plugin/slurm_shim.h"
#include "lib/err.h"
#include "lib/job.h"

struct carbon_submission {
	struct carbon_job job;
	uint32_t tasks;		    /* of an array; 1 for others */
	bool option_is_bad;	    /* then the job is to be left as it is */
	bool user_was_told;	    /* of the bad option, by sbatch's plugin */
	struct carbon_err complaint; /* which option, and what would be right */
};

void carbon_submission_decode(const job_desc_msg_t *desc, uint32_t submit_uid, time_t now,
			      struct carbon_submission *out);

#endif
