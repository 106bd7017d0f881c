/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sbatch's options as carbonctl plan takes them, turned into the job that deciding sees. */
#ifndef CARBON_TOOL_JOB_OPTIONS_H
#define CARBON_TOOL_JOB_OPTIONS_H

#include "lib/job.h"
#include "tools/tool.h"

/* The options, for the command's table; --carbon-... come on top of them (lib/request.h). */
extern const struct carbon_flag carbon_job_flags[];

/* Errors name option, value and what would be right. NOW is for times such as now+6hours. */
int carbon_job_options(const struct carbon_tool *tool, time_t now, struct carbon_job *job,
		       struct carbon_err *err);

#endif
