/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl backtest: reads intensity from files, hands hours to tools/backtest.h, prints. Asks
 * no provider and no database, so that two people with the same files get the same figures.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "forecaster/download.h"
#include "lib/file.h"
#include "lib/intensity.h"
#include "lib/series.h"
#include "lib/time.h"
#include "tools/backtest.h"
#include "tools/backtest_print.h"
#include "tools/habit_trial.h"
#include "tools/tool.h"

#define HOUR_S 3600
#define FILE_SIZE_MAX ((size_t)256 << 20)
#define PROGRESS_AFTER_S 2

static const struct carbon_flag flags[] = {
	{"intensity", 'i', "FILE",
	 "CSV of intensity over time; may be given again, or name more as operands"},
	{"zone", 'z', "ZONE", "the zone: its rows, where a file holds several"},
	{"signal", 0, "SIGNAL", "average-lifecycle (default), average-direct or marginal"},
	{"from", 0, "TIME", "the first forecast is made here; earlier rows are its history"},
	{"to", 0, "TIME", "nothing from here on is looked at"},
	{"horizon", 0, "TIME", "how far each forecast reaches (default and most: 96h)"},
	{"every", 0, "TIME", "from one forecast to the next (default: 24h)"},
	{"delay", 0, "TIME", "also start jobs by the forecasts: how long they may wait"},
	{"runtime", 0, "TIME", "how long these jobs run (default: 4h)"},
	{"replan", 0, "TIME", "decide again this often while they wait"},
	{"habits", 0, NULL,
	 "instead: how far habits and limits are from run times; the files are traces of jobs"},
	{"unit", 0, "UNIT", "of arrival_time and length in such traces: s (default), m or h"},
	{NULL, 0, NULL, NULL},
};

/* Where a progress line goes, and since when. */
struct progress {
	FILE *err;
	time_t began_at;
	bool is_shown;
};

/* --- what is asked --- */

/* Whole hours of the option NAME, FALLBACK where it is not given. */
static int hours_of(const struct carbon_tool *tool, const char *name, size_t fallback,
		    size_t *out, struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);
	time_t seconds;

	if (!text) {
		*out = fallback;
		return 0;
	}
	if (carbon_duration_parse(text, &seconds) < 0 || seconds <= 0 || seconds % HOUR_S != 0)
		return carbon_err_set(err, "--%s=%s: not a whole number of hours, such as 24h",
				      name, text);
	*out = (size_t)(seconds / HOUR_S);
	return 0;
}

static int hour_of(const struct carbon_tool *tool, const char *name, time_t *out,
		   struct carbon_err *err)
{
	const char *text = carbon_tool_value(tool, name);

	if (!text)
		return carbon_err_set(err, "--%s=TIME is missing", name);
	if (carbon_time_parse(text, out, NULL) < 0 || *out % HOUR_S != 0)
		return carbon_err_set(err,
				      "--%s=%s: not a full hour, such as 2023-01-01 or "
				      "2023-01-01T06:00Z",
				      name, text);
	return 0;
}

static int filter_of(const struct carbon_tool *tool, struct carbon_download_filter *filter,
		     struct carbon_err *err)
{
	const char *signal = carbon_tool_value(tool, "signal");

	filter->zone = carbon_tool_value(tool, "zone");
	filter->signal = CARBON_SIGNAL_LIFECYCLE;
	if (signal && !carbon_signal_find(signal, &filter->signal))
		return carbon_err_set(err,
				      "--signal=%s unknown (known: average-lifecycle, "
				      "average-direct, marginal)",
				      signal);
	return 0;
}

static int ask_of(const struct carbon_tool *tool, struct carbon_backtest_ask *ask,
		  struct carbon_err *err)
{
	bool has_jobs = carbon_tool_has(tool, "delay");

	if (hours_of(tool, "horizon", CARBON_MODEL_HORIZON_H, &ask->horizon_h, err) < 0 ||
	    hours_of(tool, "every", 24, &ask->every_h, err) < 0 ||
	    hours_of(tool, "delay", 0, &ask->delay_h, err) < 0 ||
	    hours_of(tool, "runtime", has_jobs ? 4 : 0, &ask->runtime_h, err) < 0 ||
	    hours_of(tool, "replan", 0, &ask->replan_h, err) < 0)
		return -1;
	if (!has_jobs && (ask->runtime_h > 0 || ask->replan_h > 0))
		return carbon_err_set(err, "--runtime and --replan are about jobs that wait: "
					   "--delay=TIME is missing");
	return 0;
}

/* --- intensity --- */

static int add_point(const char *zone, const struct carbon_point *point, void *context,
		     struct carbon_err *err)
{
	(void)zone; /* the filter has seen to it */
	return carbon_series_add(context, *point, err);
}

static int read_file(const struct carbon_tool *tool, const char *path,
		     const struct carbon_download_filter *filter, struct carbon_series *series,
		     struct carbon_err *err)
{
	struct carbon_tally tally = {0};
	char wrong[256];
	char *text = NULL;
	size_t length;
	int rc = -1;

	if (carbon_file_read(path, FILE_SIZE_MAX, 0, NULL, &text, &length, err) < 0)
		return -1; /* names the path itself */
	if (carbon_download_read(text, length, filter, add_point, series, &tally, err) < 0) {
		carbon_err_prefix(err, "%s", path);
		goto out;
	}
	carbon_tally_format(&tally, wrong, sizeof(wrong));
	if (wrong[0])
		carbon_tool_warn(tool, "%s: left out: %s", path, wrong);
	rc = 0;
out:
	free(text);
	return rc;
}

static int read_files(const struct carbon_tool *tool,
		      const struct carbon_download_filter *filter, struct carbon_series *series,
		      struct carbon_err *err)
{
	for (size_t i = 0; i < tool->args; i++)
		if (strcmp(tool->arg[i].flag->name, "intensity") == 0 &&
		    read_file(tool, tool->arg[i].value, filter, series, err) < 0)
			return -1;
	for (int i = 0; i < tool->operands; i++)
		if (read_file(tool, tool->operand[i], filter, series, err) < 0)
			return -1;
	carbon_series_sort(series);
	if (series->count == 0)
		return carbon_err_set(err, "the files have no row of zone %s", filter->zone);
	return 0;
}

/* The hours of SERIES before TO into ASK; *HOURS is the caller's to free. */
static int set_hours(const struct carbon_series *series, time_t from, time_t to,
		     struct carbon_backtest_ask *ask, double **hours, struct carbon_err *err)
{
	time_t first = carbon_hour_floor(series->points[0].at);
	time_t last = series->points[series->count - 1].at;
	char first_text[CARBON_TIME_TEXT], last_text[CARBON_TIME_TEXT];

	carbon_time_format(first, first_text);
	carbon_time_format(last, last_text);
	if (from < first || from >= to || to > last + HOUR_S)
		return carbon_err_set(err,
				      "--from and --to must be in order and within what the "
				      "files hold: %s to %s",
				      first_text, last_text);
	ask->count = (size_t)((to - first) / HOUR_S);
	*hours = calloc(ask->count, sizeof(**hours));
	if (!*hours)
		return carbon_err_set(err, "no memory for %zu hours", ask->count);
	carbon_series_hourly(series, first, ask->count, *hours);
	ask->g_kwh = *hours;
	ask->start_at = first;
	ask->from = (size_t)((from - first) / HOUR_S);
	ask->to = ask->count;
	return 0;
}

/* --- the command --- */

static void show_progress(void *context, double done)
{
	struct progress *progress = context;

	if (!isatty(fileno(progress->err)) ||
	    time(NULL) - progress->began_at < PROGRESS_AFTER_S)
		return;
	fprintf(progress->err, "\r%3.0f %%", 100 * done);
	fflush(progress->err);
	progress->is_shown = true;
}

static int run_and_print(const struct carbon_tool *tool, const struct carbon_backtest_ask *ask,
			 struct carbon_err *err)
{
	const char *zone = carbon_tool_value(tool, "zone");
	const struct progress *progress = ask->context;
	struct carbon_backtest result;
	int rc = carbon_backtest_run(ask, &result, err);

	if (progress->is_shown)
		fputs("\r     \r", tool->err);
	if (rc < 0)
		return -1;
	if (carbon_tool_is_json(tool))
		carbon_backtest_print_json(zone, ask, &result, tool->out);
	else
		carbon_backtest_print_text(zone, ask, &result, tool->out);
	return 0;
}

static int run(struct carbon_tool *tool)
{
	struct progress progress = {tool->err, time(NULL), false};
	struct carbon_backtest_ask ask = {.progress = show_progress, .context = &progress};
	struct carbon_download_filter filter;
	struct carbon_series series;
	struct carbon_err err;
	double *hours = NULL;
	time_t from, to;
	int rc = -1;

	if (carbon_tool_has(tool, "habits"))
		return carbon_habit_trial_command(tool);
	if (!carbon_tool_has(tool, "intensity"))
		return carbon_tool_usage(tool, "--intensity=FILE is missing");
	if (!carbon_tool_has(tool, "zone"))
		return carbon_tool_usage(tool, "--zone=ZONE is missing");
	if (hour_of(tool, "from", &from, &err) < 0 || hour_of(tool, "to", &to, &err) < 0 ||
	    ask_of(tool, &ask, &err) < 0 || filter_of(tool, &filter, &err) < 0)
		return carbon_tool_usage(tool, "%s", err.text);
	carbon_series_init(&series);
	if (read_files(tool, &filter, &series, &err) == 0 &&
	    set_hours(&series, from, to, &ask, &hours, &err) == 0)
		rc = run_and_print(tool, &ask, &err);
	free(hours);
	carbon_series_fini(&series);
	return rc < 0 ? carbon_tool_fail(tool, &err) : CARBON_EXIT_OK;
}

const struct carbon_command carbon_command_backtest = {
	.name = "backtest",
	.summary = "tell how good forecasts of a zone, or expected run times, would have been",
	.operands = "[FILE...]",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
