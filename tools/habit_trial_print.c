/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl backtest --habits: traces one after the other, as a table or as JSON. What a trace
 * does not tell is said, for a habit without users is a habit of sizes alone.
 */
#include <math.h>
#include <string.h>

#include "lib/time.h"
#include "tools/habit_trial.h"
#include "tools/json.h"

#define CELL 24

static const char *const shown[CARBON_GUESSES] = {
	[CARBON_GUESS_HABIT] = "habit",		  [CARBON_GUESS_NAME] = "  by user and name",
	[CARBON_GUESS_USER] = "  by user",	  [CARBON_GUESS_CLASS] = "  by size",
	[CARBON_GUESS_LIMIT] = "time limit",	  [CARBON_GUESS_SAID] = "user's estimate",
	[CARBON_GUESS_USED] = "what is expected",
};

static const char *seconds(double value, char out[CARBON_DURATION_TEXT])
{
	if (isnan(value))
		snprintf(out, CARBON_DURATION_TEXT, "-");
	else
		carbon_duration_format((time_t)llround(value), out);
	return out;
}

static const char *percent(double value, char out[CELL])
{
	if (isnan(value))
		snprintf(out, CELL, "-");
	else
		snprintf(out, CELL, "%.1f %%", value);
	return out;
}

static void print_missing(const struct carbon_habit_trial *trial, FILE *out)
{
	const struct {
		const char *what;
		size_t jobs;
	} told[] = {{"users", trial->with_user},
		    {"job names", trial->with_name},
		    {"time limits", trial->with_limit},
		    {"users' estimates", trial->with_estimate}};

	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++)
		if (told[i].jobs == 0)
			fprintf(out, "  the trace tells no %s\n", told[i].what);
		else if (told[i].jobs < trial->jobs)
			fprintf(out, "  %zu jobs have no %s\n", trial->jobs - told[i].jobs,
				told[i].what);
}

static void print_text(const char *path, const struct carbon_habit_trial *trial, FILE *out)
{
	fprintf(out, "%s: %zu jobs\n", path, trial->jobs);
	print_missing(trial, out);
	fprintf(out, "\n  %-20s %10s %8s %14s %14s %12s\n", "run time from", "jobs", "of all",
		"median off", "mean off", "within x2");
	for (size_t g = 0; g < CARBON_GUESSES; g++) {
		const struct carbon_guess_score *score = &trial->score[g];
		char share[CELL], median[CARBON_DURATION_TEXT], mean[CARBON_DURATION_TEXT],
			within[CELL];

		fprintf(out, "  %-20s %10zu %8s %14s %14s %12s\n", shown[g], score->jobs,
			percent(100.0 * (double)score->jobs / (double)trial->jobs, share),
			seconds(score->median_error_s, median),
			seconds(score->mean_error_s, mean),
			percent(score->within_two_percent, within));
	}
	fputc('\n', out);
}

static void print_json(const char *path, const struct carbon_habit_trial *trial,
		       struct carbon_json *json)
{
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "trace", path);
	carbon_json_int(json, "jobs", (long long)trial->jobs);
	carbon_json_int(json, "with_user", (long long)trial->with_user);
	carbon_json_int(json, "with_name", (long long)trial->with_name);
	carbon_json_int(json, "with_limit", (long long)trial->with_limit);
	carbon_json_int(json, "with_estimate", (long long)trial->with_estimate);
	carbon_json_begin(json, "from", '{');
	for (size_t g = 0; g < CARBON_GUESSES; g++) {
		const struct carbon_guess_score *score = &trial->score[g];

		carbon_json_begin(json, carbon_guess_name((enum carbon_guess)g), '{');
		carbon_json_int(json, "jobs", (long long)score->jobs);
		carbon_json_number(json, "median_error_s", score->median_error_s);
		carbon_json_number(json, "mean_error_s", score->mean_error_s);
		carbon_json_number(json, "within_factor_two_percent",
				   score->within_two_percent);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, '}');
	carbon_json_end(json, '}');
}

/* --- the command --- */

static int read_unit(const struct carbon_tool *tool, double *unit_s)
{
	const char *unit = carbon_tool_value(tool, "unit");

	if (unit && (strlen(unit) != 1 || !strchr("smh", *unit)))
		return carbon_tool_usage(tool, "--unit=%s unknown (known: s, m, h)", unit);
	*unit_s = !unit || *unit == 's' ? 1 : *unit == 'm' ? 60 : 3600;
	return 0;
}

static void warn_skipped(const struct carbon_tool *tool, const char *path,
			 const struct carbon_trace *trace)
{
	for (size_t i = 0; i < CARBON_TRACE_SKIPS; i++)
		if (trace->skipped[i])
			carbon_tool_warn(tool,
					 "%s: %zu rows left out, %s, the first in line %zu",
					 path, trace->skipped[i],
					 carbon_trace_skip_text((enum carbon_trace_skip)i),
					 trace->first_line[i]);
}

/* JSON NULL: as text. */
static int run_one(const struct carbon_tool *tool, const char *path, double unit_s,
		   struct carbon_json *json, struct carbon_err *err)
{
	struct carbon_habit_trial trial;
	struct carbon_trace trace;
	int rc;

	carbon_trace_init(&trace);
	rc = carbon_trace_read(path, unit_s, &trace, err);
	if (rc == 0) {
		warn_skipped(tool, path, &trace);
		rc = carbon_habit_trial_run(&trace, &trial, err);
	}
	carbon_trace_fini(&trace);
	if (rc != 0)
		return -1;
	if (json)
		print_json(path, &trial, json);
	else
		print_text(path, &trial, tool->out);
	return 0;
}

/* A trace that cannot be read is named, and the others are judged all the same. */
int carbon_habit_trial_command(const struct carbon_tool *tool)
{
	bool is_json = carbon_tool_is_json(tool);
	struct carbon_json json;
	struct carbon_err err;
	double unit_s = 1;
	int code = read_unit(tool, &unit_s);

	if (code != 0)
		return code;
	if (tool->operands == 0)
		return carbon_tool_usage(tool,
					 "--habits: which traces? Name one or more files");
	carbon_json_init(&json, tool->out);
	if (is_json) {
		carbon_json_begin(&json, NULL, '{');
		carbon_json_begin(&json, "traces", '[');
	}
	for (int i = 0; i < tool->operands; i++)
		if (run_one(tool, tool->operand[i], unit_s, is_json ? &json : NULL, &err) != 0)
			code = carbon_tool_fail(tool, &err);
	if (is_json) {
		carbon_json_end(&json, ']');
		carbon_json_end(&json, '}');
	}
	return code;
}
