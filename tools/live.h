/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a live cluster says of itself, in the shape in which config/ compiles it. The only bridge between
 * cluster/ and config/.
 */
#ifndef CARBON_TOOL_LIVE_H
#define CARBON_TOOL_LIVE_H

#include "config/config.h"

struct carbon_tool;

struct carbon_live;

/* Owner of what a carbon_config_cluster borrows. */
struct carbon_tool_live {
	struct carbon_live *from; /* all that slurmctld said; NULL: nobody was asked */
	struct carbon_config_cluster cluster;
	char name[CARBON_NAME_MAX];
	struct carbon_config_partition *partition, *remote;
	struct carbon_site_user *user;
	struct carbon_wall *wall;
};

/*
 * Ask slurmctld, and slurmdbd for users (a word of warning where it does not answer). libslurm is in use until fini,
 * which is due after a success alone and harmless on a zeroed struct.
 */
int carbon_tool_live_read(const struct carbon_tool *tool, struct carbon_tool_live *live,
			  struct carbon_err *err);
void carbon_tool_live_fini(struct carbon_tool_live *live);

#endif
