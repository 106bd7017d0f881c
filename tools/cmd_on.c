/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbonctl on: take back carbonctl off, and compile the site as carbon.conf asks for. */
#include "config/config.h"
#include "tools/off.h"
#include "tools/site.h"
#include "tools/tool.h"

static const struct carbon_flag flags[] = {
	{"offline", 0, NULL, "compile from carbon.conf alone, without asking Slurm"},
	{NULL, 0, NULL, NULL},
};

static int run(struct carbon_tool *tool)
{
	struct carbon_config *config;
	struct carbon_err err;
	int rc;

	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_fail(tool, &err);
	rc = carbon_tool_off_clear(config, &err);
	carbon_config_destroy(config);
	if (rc != 0)
		return carbon_tool_fail(tool, &err);
	if (carbon_tool_apply(tool) == CARBON_EXIT_OK)
		return CARBON_EXIT_OK;
	carbon_tool_warn(tool, "delaying begins when \"carbonctl apply\" (or replan) succeeds");
	return CARBON_EXIT_FAILED;
}

const struct carbon_command carbon_command_on = {
	.name = "on",
	.summary = "delay jobs again after carbonctl off",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
