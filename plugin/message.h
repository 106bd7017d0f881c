/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the user reads after sbatch: one or two plain lines, or nothing. They promise no start, and
 * stay right where slurmctld refuses the job for a reason of its own. Times are slurmctld's local ones.
 */
#ifndef CARBON_MESSAGE_H
#define CARBON_MESSAGE_H

#include <time.h>

#include "lib/err.h"
#include "lib/job.h"
#include "policies/decide.h"

#define CARBON_MESSAGE_MAX 1024

/* Of a decision. OUT is "" for a job left alone whose user asked for nothing. */
void carbon_message_format(const struct carbon_decision *decision, const struct carbon_job *job,
			   time_t now, char out[CARBON_MESSAGE_MAX]);

/* Of an option that cannot be read. */
void carbon_message_complain(const struct carbon_err *complaint, char out[CARBON_MESSAGE_MAX]);

/* Of an option given where there is no site to go by. */
void carbon_message_inactive(char out[CARBON_MESSAGE_MAX]);

/* Behind OUT, as a line of its own: which of the places that the user named nobody knows here. */
void carbon_message_unknown(const struct carbon_site *site, const struct carbon_job *job,
			    char out[CARBON_MESSAGE_MAX]);

#endif
