/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl advise: what switching on would really save, and what it would cost the others,
 * from shadow decisions in carbon.db. Asks Slurm which partitions share nodes, where it
 * answers; changes nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "accounting/store.h"
#include "cluster/cluster.h"
#include "config/config.h"
#include "lib/time.h"
#include "tools/advise.h"
#include "tools/advise_print.h"
#include "tools/overlap.h"
#include "tools/tool.h"

#define DAYS_DEFAULT 30
#define DAY_S ((time_t)86400)

static const struct carbon_flag flags[] = {
	{"from", 0, "TIME", "runs that began from here on (default: thirty days before --to)"},
	{"to", 0, "TIME", "runs that began before (default: now)"},
	{"cluster", 0, "NAME", "this cluster alone, where carbon.db holds several"},
	{"together", 0, "PARTITION,...",
	 "partitions that share their nodes are one place; may be given again"},
	{NULL, 0, NULL, NULL},
};

struct asked {
	struct carbon_advise_ask ask;
	const char *together[CARBON_ARGS_MAX];
	char name[CARBON_ARGS_MAX][CARBON_ADVISE_NAME_MAX]; /* of those that Slurm tells */
};

static int moment(const struct carbon_tool *tool, const char *name, time_t *out,
		  struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);

	if (text && carbon_time_parse(text, out, NULL) < 0)
		return carbon_err_set(
			err, "--%s=%s: not a time, such as 2026-10-01 or 2026-10-01T06:00Z",
			name, text);
	return 0;
}

static int read_options(const struct carbon_tool *tool, struct asked *asked,
			struct carbon_err *err)
{
	struct carbon_advise_ask *ask = &asked->ask;

	ask->to_at = tool->now;
	if (moment(tool, "to", &ask->to_at, err) < 0)
		return -1;
	ask->from_at = ask->to_at - DAYS_DEFAULT * DAY_S;
	if (moment(tool, "from", &ask->from_at, err) < 0)
		return -1;
	if (ask->from_at >= ask->to_at)
		return carbon_err_set(err, "--from must lie before --to");
	ask->cluster = carbon_tool_value(tool, "cluster");
	for (size_t i = 0; i < tool->args; i++) {
		if (strcmp(tool->arg[i].flag->name, "together") != 0)
			continue;
		if (strlen(tool->arg[i].value) >= CARBON_ADVISE_NAME_MAX)
			return carbon_err_set(err, "--together=%s: too long",
					      tool->arg[i].value);
		asked->together[ask->togethers++] = tool->arg[i].value;
	}
	ask->together = asked->together;
	return 0;
}

static void name_groups(struct asked *asked, const struct carbon_live *live)
{
	struct carbon_advise_ask *ask = &asked->ask;
	size_t *group_of = calloc(live->partitions + 1, sizeof(*group_of));

	if (!group_of)
		return;
	carbon_overlap_groups(live, group_of);
	for (size_t i = 0; i < live->partitions && ask->togethers < CARBON_ARGS_MAX; i++) {
		char *name = asked->name[ask->togethers];

		if (carbon_overlap_names(live, group_of, i, name, CARBON_ADVISE_NAME_MAX) > 1)
			asked->together[ask->togethers++] = name;
	}
	free(group_of);
}

static int read_groups(struct asked *asked, struct carbon_err *err)
{
	struct carbon_live *live = NULL;
	int rc;

	if (carbon_cluster_init(NULL, err) != 0)
		return -1;
	rc = carbon_live_read(&live, err);
	if (rc == 0)
		name_groups(asked, live);
	carbon_live_destroy(live);
	carbon_cluster_fini();
	return rc;
}

/* Partitions that share nodes now, unless the user has said which. */
static void ask_slurm(const struct carbon_tool *tool, struct asked *asked)
{
	struct carbon_err err;

	if (!asked->ask.togethers && read_groups(asked, &err) != 0)
		carbon_tool_warn(tool,
				 "%s: each partition is taken to have its nodes to itself; name those that share "
				 "nodes with --together",
				 err.text);
}

static int advise(const struct carbon_tool *tool, struct asked *asked, struct carbon_err *err)
{
	struct carbon_config *config = NULL;
	struct carbon_store *store = NULL;
	struct carbon_advise result = {0};
	char path[CARBON_PATH_MAX];
	int rc = -1;

	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	asked->ask.config = config;
	ask_slurm(tool, asked);
	carbon_config_path(config, "carbon.db", path);
	if (carbon_store_open(path, true, &store, err) == 0 &&
	    carbon_advise_create(store, &asked->ask, &result, err) == 0)
		rc = 0;
	if (rc == 0 && carbon_tool_is_json(tool))
		carbon_advise_print_json(tool->out, &result);
	else if (rc == 0)
		carbon_advise_print_text(tool->out, &result);
	carbon_advise_fini(&result);
	carbon_store_close(store);
	carbon_config_destroy(config);
	return rc;
}

static int run(struct carbon_tool *tool)
{
	struct asked *asked = calloc(1, sizeof(*asked));
	struct carbon_err err;
	int rc = CARBON_EXIT_OK;

	if (!asked) {
		carbon_err_set(&err, "no memory");
		return carbon_tool_fail(tool, &err);
	}
	if (read_options(tool, asked, &err) < 0)
		rc = carbon_tool_usage(tool, "%s", err.text);
	else if (advise(tool, asked, &err) < 0)
		rc = carbon_tool_fail(tool, &err);
	free(asked);
	return rc;
}

const struct carbon_command carbon_command_advise = {
	.name = "advise",
	.summary = "from shadow data: what could really be saved here, at what cost to others, "
		   "or \"do not enable\"",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
