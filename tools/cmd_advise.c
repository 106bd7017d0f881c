/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl advise: what switching on would really save, and what it would cost the others,
 * from shadow decisions in carbon.db. Reads carbon.db alone and changes nothing.
 */
#include <string.h>

#include "accounting/store.h"
#include "config/config.h"
#include "lib/time.h"
#include "tools/advise.h"
#include "tools/advise_print.h"
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
	struct asked asked = {.ask = {.togethers = 0}};
	struct carbon_err err;

	if (read_options(tool, &asked, &err) < 0)
		return carbon_tool_usage(tool, "%s", err.text);
	if (advise(tool, &asked, &err) < 0)
		return carbon_tool_fail(tool, &err);
	return CARBON_EXIT_OK;
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
