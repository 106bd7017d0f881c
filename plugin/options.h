/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a researcher asked for, as it reaches slurmctld: flags in spank_job_env (put there by sbatch's
 * plugin) and CARBON_... variables in the job's environment. A flag wins over its variable.
 */
#ifndef CARBON_OPTIONS_H
#define CARBON_OPTIONS_H

#include <stdbool.h>
#include <time.h>

#include "plugin/slurm_shim.h"
#include "lib/request.h"

struct carbon_err;

/*
 * What sbatch's plugin sends beside the options (job control variables). Slurm may put "SPANK_" or
 * "SLURM_SPANK_" before them.
 */
#define CARBON_SENT_FINISH_BY "CARBON_FINISH_BY_AT" /* seconds since the epoch */
#define CARBON_SENT_TOLD "CARBON_TOLD"		    /* the user has been told of a bad option */

struct carbon_options {
	struct carbon_request request;
	bool user_was_told; /* sbatch's plugin has named the bad option already */
};

/* Errors: the first bad option, in a sentence; OUT->request then has given set and nothing else. */
int carbon_options_read(const job_desc_msg_t *desc, time_t now, struct carbon_options *out,
			struct carbon_err *err);

#endif
