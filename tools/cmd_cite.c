/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl cite: what a piece of research used and emitted, as authors are asked to report it: a paragraph, a row of a
 * table, or JSON. Reads carbon.db alone; nothing is left out because it failed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/cite.h"
#include "accounting/store.h"
#include "config/config.h"
#include "lib/when.h"
#include "tools/cite_print.h"
#include "tools/lookup.h"
#include "tools/tool.h"

static const struct carbon_flag flags[] = {
	{"account", 'A', "NAME", "jobs of this account"},
	{"user", 'u', "NAME", "jobs of this user"},
	{"name", 0, "PATTERN", "jobs of this name; '*', '?' and [...] as in a shell"},
	{"since", 0, "WHEN", "that ended from here on"},
	{"until", 0, "WHEN", "and before"},
	{"cluster", 'M', "NAME", "of this cluster alone"},
	{NULL, 0, NULL, NULL},
};

static int read_when(const struct carbon_tool *tool, const char *name, time_t *out)
{
	const char *text = carbon_tool_value(tool, name);

	if (!text || carbon_when_parse(text, tool->now, out) == 0)
		return 0;
	return carbon_tool_usage(tool, "--%s=%s: must be a time such as 2026-10-05", name, text);
}

static int read_jobs(const struct carbon_tool *tool, struct carbon_outcome_key *keys)
{
	for (int i = 0; i < tool->operands; i++) {
		struct carbon_job_key key;

		if (carbon_job_key_parse(tool->operand[i], &key) != 0)
			return carbon_tool_usage(tool, "\"%s\" is no job (such as 1234 or 1234_7)", tool->operand[i]);
		keys[i] = (struct carbon_outcome_key){.job = key.id, .has_task = key.has_task, .task = key.task};
	}
	return 0;
}

/* Without jobs something must say which; all of a cluster's work is no piece of research. */
static int read_ask(const struct carbon_tool *tool, struct carbon_cite_ask *ask)
{
	int rc = read_when(tool, "since", &ask->since);

	if (rc == 0)
		rc = read_when(tool, "until", &ask->until);
	ask->cluster = carbon_tool_value(tool, "cluster");
	ask->user = carbon_tool_value(tool, "user");
	ask->account = carbon_tool_value(tool, "account");
	ask->name = carbon_tool_value(tool, "name");
	if (rc == 0 && ask->jobs == 0 && !ask->user && !ask->account && !ask->name)
		rc = carbon_tool_usage(tool, "which jobs? Say their numbers, or --account, --user or --name");
	if (rc == 0 && ask->jobs > 0 && (ask->user || ask->account || ask->name || ask->since || ask->until))
		rc = carbon_tool_usage(tool, "jobs by number go with --cluster alone");
	return rc;
}

static int look_up(const struct carbon_tool *tool, struct carbon_cite_ask *ask, struct carbon_cited *cited,
		   struct carbon_err *err)
{
	struct carbon_config *config = NULL;
	struct carbon_store *store = NULL;
	char path[CARBON_PATH_MAX];
	int rc = -1;

	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	ask->signal = config->site.signal;
	carbon_config_path(config, "carbon.db", path);
	if (carbon_store_open(path, true, &store, err) == 0)
		rc = carbon_cite_read(store, ask, cited, err);
	carbon_store_close(store);
	carbon_config_destroy(config);
	return rc;
}

static int cite(const struct carbon_tool *tool, struct carbon_cite_ask *ask)
{
	struct carbon_cited *cited = calloc(1, sizeof(*cited));
	struct carbon_err err;
	int code = CARBON_EXIT_OK;

	if (!cited) {
		carbon_err_set(&err, "no memory");
		return carbon_tool_fail(tool, &err);
	}
	if (look_up(tool, ask, cited, &err) < 0)
		code = carbon_tool_fail(tool, &err);
	else if (carbon_tool_is_json(tool))
		carbon_tool_cite_json(tool, ask, cited);
	else
		carbon_tool_cite_text(tool, ask, cited);
	if (code == CARBON_EXIT_OK && cited->other_signal)
		carbon_tool_warn(tool, "%llu runs were settled with another signal and are in no sum",
				 (unsigned long long)cited->other_signal);
	free(cited);
	return code;
}

static int run(struct carbon_tool *tool)
{
	struct carbon_outcome_key *keys = calloc((size_t)tool->operands + 1, sizeof(*keys));
	struct carbon_cite_ask ask = {.jobs = (size_t)tool->operands, .job = keys};
	struct carbon_err err;
	int code;

	if (!keys) {
		carbon_err_set(&err, "no memory");
		return carbon_tool_fail(tool, &err);
	}
	code = read_jobs(tool, keys);
	if (code == 0)
		code = read_ask(tool, &ask);
	if (code == 0)
		code = cite(tool, &ask);
	free(keys);
	return code;
}

const struct carbon_command carbon_command_cite = {
	.name = "cite",
	.summary = "what a piece of research used and emitted, for papers and proposals",
	.operands = "[JOBID...]",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
