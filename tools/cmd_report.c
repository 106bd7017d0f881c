/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl report: a month of the ledger as text, CSV, JSON or HTML. Reads carbon.db alone; asks neither Slurm nor a
 * provider.
 */
#include <stdlib.h>
#include <string.h>

#include "accounting/report.h"
#include "accounting/store.h"
#include "config/config.h"
#include "lib/file.h"
#include "lib/time.h"
#include "tools/levers.h"
#include "tools/tool.h"

#define REPORT_MODE 0644

static const struct carbon_flag flags[] = {
	{"month", 0, "YYYY-MM", "the month, UTC (default: this one, so far)"},
	{"by", 0, "WHAT", "user, account, partition, zone, qos or day (default: user)"},
	{"output", 'o', "FILE", "into this file, put into place when it is complete"},
	{NULL, 0, NULL, NULL},
};

static void pick_month(const struct carbon_tool *tool, char month[CARBON_TIME_TEXT])
{
	carbon_time_format(tool->now, month);
	month[strlen("2026-10")] = '\0';
}

/* Into memory first, so that a full disk leaves what was there. */
static int write_file(const char *path, const struct carbon_report *report,
		      const struct carbon_report_format *format, struct carbon_err *err)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	int rc;

	if (!memory)
		return carbon_err_set(err, "no memory");
	format->write(report, memory);
	rc = fclose(memory) == 0 && text ? carbon_file_write(path, text, length, REPORT_MODE, err)
					 : carbon_err_set(err, "%s: no memory", path);
	free(text);
	return rc;
}

static int write_report(const struct carbon_tool *tool, const struct carbon_report *report,
			const struct carbon_report_format *format, struct carbon_err *err)
{
	const char *path = carbon_tool_value(tool, "output");

	if (path)
		return write_file(path, report, format, err);
	format->write(report, tool->out);
	return 0;
}

static int make_report(const struct carbon_tool *tool, const char *month,
		       const struct carbon_report_by *by, struct carbon_err *err)
{
	struct carbon_config *config = NULL;
	struct carbon_store *store = NULL;
	struct carbon_report *report = NULL;
	const struct carbon_report_format *format = carbon_report_format_find(tool->format);
	struct carbon_lever_site levers;
	struct carbon_report_site site;
	char path[CARBON_PATH_MAX];
	int rc = -1;

	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	carbon_tool_lever_site(config, &levers);
	site = (struct carbon_report_site){.levers = &levers, .signal = config->site.signal, .allowances = config->allowances,
					   .allowance = config->allowance};
	carbon_config_path(config, "carbon.db", path);
	if (carbon_store_open(path, true, &store, err) == 0 &&
	    carbon_report_create(store, month, by, &site, tool->now, &report, err) == 0)
		rc = write_report(tool, report, format, err);
	carbon_report_destroy(report);
	carbon_store_close(store);
	carbon_config_destroy(config);
	return rc;
}

static int run(struct carbon_tool *tool)
{
	const char *by_name = carbon_tool_value(tool, "by");
	const struct carbon_report_by *by = carbon_report_by_find(by_name ? by_name : "user");
	const char *month = carbon_tool_value(tool, "month");
	char this_month[CARBON_TIME_TEXT];
	time_t from, to;
	struct carbon_err err;

	if (!by)
		return carbon_tool_usage(tool, "--by \"%s\" unknown (known: user, account, "
					 "partition, zone, qos, day)", by_name);
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
