/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build without Slurm knows no jobs. */
#include "lib/err.h"
#include "tools/lookup.h"

int carbon_tool_job_find(const struct carbon_job_key *key, time_t since, time_t now, struct carbon_tool_job *job,
			 struct carbon_err *err)
{
	(void)key;
	(void)since;
	(void)now;
	(void)job;
	return carbon_err_set(err, "built without Slurm: --comment explains a record that is given as text");
}
