/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compiling the site and putting it into place, for apply and for every command that does the same on its way. */
#ifndef CARBON_TOOL_SITE_H
#define CARBON_TOOL_SITE_H

#include <stddef.h>

struct carbon_config;
struct carbon_config_cluster;
struct carbon_err;
struct carbon_site;
struct carbon_tool;

/* All of carbonctl apply: an exit code. Heeds --offline and --dry-run where the command has them. */
int carbon_tool_apply(const struct carbon_tool *tool);

/*
 * Compile for what CLUSTER says; the level is off where delaying is switched off, and that is said. SITE, fresh from
 * init, is fini'ed by the caller in any case.
 */
int carbon_tool_site_join(const struct carbon_tool *tool, const struct carbon_config *config,
			  const struct carbon_config_cluster *cluster, struct carbon_site *site,
			  struct carbon_err *err);

/* The same, asking Slurm (--offline: nobody), with its measured part (tools/measure.h). */
int carbon_tool_site_compile(const struct carbon_tool *tool, const struct carbon_config *config,
			     struct carbon_site *site, struct carbon_err *err);

int carbon_tool_site_write(const struct carbon_config *config, const struct carbon_site *site,
			   struct carbon_err *err);

/* Say ERR, and that the site at PATH holds on ("": the configuration did not even say where it is). An exit code. */
int carbon_tool_keep(const struct carbon_tool *tool, const char *path, const struct carbon_err *err);

/* A file of run_dir, for all to read; the folder is made should it be the only thing missing. */
int carbon_tool_run_file_write(const struct carbon_config *config, const char *name, const void *bytes, size_t length,
			       struct carbon_err *err);

#endif
