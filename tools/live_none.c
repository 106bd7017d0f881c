/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A build without Slurm asks no cluster. */
#include <stdlib.h>

#include "tools/live.h"
#include "tools/tool.h"

int carbon_tool_live_read(const struct carbon_tool *tool, struct carbon_tool_live *live, struct carbon_err *err)
{
	(void)tool;
	(void)live;
	return carbon_err_set(err, "built without Slurm: --offline compiles from carbon.conf alone");
}

void carbon_tool_live_fini(struct carbon_tool_live *live)
{
	free(live->partition);
	live->partition = NULL;
}
