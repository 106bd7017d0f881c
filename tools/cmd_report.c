/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl report: a month of the ledger as text, CSV, JSON or HTML. Reads carbon.db alone; asks neither Slurm nor a
 * provider.
 */
#include <stdlib.h>
#include <string.h>

#include "accounting/report.h"
#include "accounting/report_jobs.h"
#include "accounting/store.h"
#include "config/config.h"
#include "lib/file.h"
#include "lib/time.h"
#include "tools/levers.h"
#include "tools/tool.h"

#define REPORT_MODE 0644

static const struct carbon_flag flags[] = {
	{"month", 0, "YYYY-MM", "the month, UTC (default: this one, so far)"},
	{"by", 0, "WHAT", "user, account, partition, zone, qos, day, or job (CSV alone; default: user)"},
	{"output", 'o', "FILE", "into this file, put into place when it is complete"},
	{NULL, 0, NULL, NULL},
};

static void pick_month(const struct carbon_tool *tool, char month[CARBON_TIME_TEXT])
{
	carbon_time_format(tool->now, month);
	month[strlen("2026-10")] = '\0';
}

/* What is asked for; BY is NULL for run by run. */
struct ask {
	const struct carbon_tool *tool;
	const char *month;
	const struct carbon_report_by *by;
	const struct carbon_config *config;
	struct carbon_store *store;
};

static int write_lines(const struct ask *ask, FILE *out, struct carbon_err *err)
{
	const struct carbon_config *config = ask->config;
	struct carbon_report *report = NULL;
	struct carbon_lever_site levers;
	const struct carbon_report_site site = {.levers = &levers, .signal = config->site.signal,
						.allowances = config->allowances, .allowance = config->allowance};

	carbon_tool_lever_site(config, &levers);
	if (carbon_report_create(ask->store, ask->month, ask->by, &site, ask->tool->now, &report, err) < 0)
		return -1;
	carbon_report_format_find(ask->tool->format)->write(report, out);
	carbon_report_destroy(report);
	return 0;
}

static int write_report(const struct ask *ask, FILE *out, struct carbon_err *err)
{
	return ask->by ? write_lines(ask, out, err)
		       : carbon_report_jobs_write(ask->store, ask->month, ask->tool->now, out, err);
}

/* Into memory first, so that a full disk leaves what was there. */
static int write_file(const struct ask *ask, const char *path, struct carbon_err *err)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	int rc;

	if (!memory)
		return carbon_err_set(err, "no memory");
	rc = write_report(ask, memory, err);
	if (fclose(memory) != 0 || !text)
		rc = carbon_err_set(err, "%s: no memory", path);
	if (rc == 0)
		rc = carbon_file_write(path, text, length, REPORT_MODE, err);
	free(text);
	return rc;
}

static int make_report(const struct carbon_tool *tool, const char *month,
		       const struct carbon_report_by *by, struct carbon_err *err)
{
	const char *output = carbon_tool_value(tool, "output");
	struct ask ask = {.tool = tool, .month = month, .by = by};
	struct carbon_config *config = NULL;
	char path[CARBON_PATH_MAX];
	int rc;

	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	ask.config = config;
	carbon_config_path(config, "carbon.db", path);
	rc = carbon_store_open(path, true, &ask.store, err);
	if (rc == 0)
		rc = output ? write_file(&ask, output, err) : write_report(&ask, tool->out, err);
	carbon_store_close(ask.store);
	carbon_config_destroy(config);
	return rc;
}

/* Whether BY_NAME is a way to cut the month, or "job" (*BY is NULL then). */
static int find_by(const struct carbon_tool *tool, const char *by_name, const struct carbon_report_by **by)
{
	*by = carbon_report_by_find(by_name);
	if (*by)
		return CARBON_EXIT_OK;
	if (strcmp(by_name, "job") != 0)
		return carbon_tool_usage(tool, "--by \"%s\" unknown (known: user, account, "
					 "partition, zone, qos, day, job)", by_name);
	if (strcmp(tool->format, "csv") != 0)
		return carbon_tool_usage(tool, "--by job is a table for programs: -f csv");
	return CARBON_EXIT_OK;
}

static int run(struct carbon_tool *tool)
{
	const char *by_name = carbon_tool_value(tool, "by");
	const struct carbon_report_by *by;
	const char *month = carbon_tool_value(tool, "month");
	char this_month[CARBON_TIME_TEXT];
	time_t from, to;
	struct carbon_err err;
	int code = find_by(tool, by_name ? by_name : "user", &by);

	if (code != CARBON_EXIT_OK)
		return code;
	if (month && carbon_month_parse(month, &from, &to) < 0)
		return carbon_tool_usage(tool, "--month \"%s\" is no month (such as 2026-10)", month);
	pick_month(tool, this_month);
	if (make_report(tool, month ? month : this_month, by, &err) < 0)
		return carbon_tool_fail(tool, &err);
	return CARBON_EXIT_OK;
}

const struct carbon_command carbon_command_report = {
	.name = "report",
	.summary = "what a month's jobs used and emitted, and the timing credit of the delayed ones",
	.operands = "",
	.formats = "text csv json html",
	.flags = flags,
	.run = run,
};
