/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl apply: carbon.conf and the cluster, compiled into the site that slurmctld's plugin reads.
 * Whatever fails, the last good site stays where it is, and that is said.
 */
#include "tools/site.h"
#include "tools/tool.h"

static const struct carbon_flag flags[] = {
	{"offline", 0, NULL, "compile from carbon.conf alone, without asking Slurm"},
	{"dry-run", 'n', NULL, "print the site file instead of putting it into place"},
	{NULL, 0, NULL, NULL},
};

static int run(struct carbon_tool *tool)
{
	return carbon_tool_apply(tool);
}

const struct carbon_command carbon_command_apply = {
	.name = "apply",
	.summary = "compile carbon.conf into the site file that slurmctld's plugin reads",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
