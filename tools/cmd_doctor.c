/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: everything live looked at, and what to do about what is found. Changes nothing; works
 * without Slurm, without a network and without a configuration, and says then what it could not look at.
 */
#include <stdlib.h>

#include "lib/err.h"
#include "tools/doctor.h"
#include "tools/tool.h"

static int run(struct carbon_tool *tool)
{
	struct carbon_doctor *doctor = calloc(1, sizeof(*doctor));
	struct carbon_err err;
	int code;

	if (!doctor) {
		carbon_err_set(&err, "no memory for %d findings", CARBON_FINDINGS_MAX);
		return carbon_tool_fail(tool, &err);
	}
	doctor->tool = tool;
	carbon_doctor_run(doctor);
	carbon_doctor_print(doctor);
	code = carbon_doctor_count(doctor, CARBON_GRADE_PROBLEM) ? CARBON_EXIT_OVER : CARBON_EXIT_OK;
	carbon_doctor_fini(doctor);
	free(doctor);
	return code;
}

static const struct carbon_flag flags[] = {
	{"offline", 0, NULL, "look at files alone, do not ask Slurm"},
	{NULL, 0, NULL, NULL},
};

const struct carbon_command carbon_command_doctor = {
	.name = "doctor",
	.summary = "look at everything live, and say what to do about each finding",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
