/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl budget: what accounts have used of the allowance that carbon.conf gives them. Reads carbon.db alone, and
 * refuses nobody anything: with --check its exit code tells a site's own hook.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/budget.h"
#include "accounting/store.h"
#include "config/config.h"
#include "lib/num.h"
#include "lib/time.h"
#include "tools/json.h"
#include "tools/tool.h"

#define ABOVE_DEFAULT 100.0
#define ABOVE_MAX 1e6

static const struct carbon_flag flags[] = {
	{"month", 0, "YYYY-MM", "the month, UTC (default: this one, so far)"},
	{"check", 0, NULL, "end with 3 where an account has used its share of the allowance"},
	{"above", 0, "PERCENT", "and that share, instead of 100"},
	{NULL, 0, NULL, NULL},
};

/* What is asked, and the answer. */
struct question {
	char month[CARBON_TIME_TEXT];
	time_t from, to;
	double above_percent;
	size_t budgets;
	struct carbon_budget *budget;
};

static bool is_over(const struct question *question, const struct carbon_budget *budget)
{
	return carbon_budget_percent(budget) >= question->above_percent;
}

static int by_account(const void *a, const void *b)
{
	return strcmp(((const struct carbon_budget *)a)->allowed.account,
		      ((const struct carbon_budget *)b)->allowed.account);
}

/* --- the answer --- */

static void print_text(const struct carbon_tool *tool, const struct question *question)
{
	fprintf(tool->out, "%-20s %14s %14s %14s %9s\n%-20s %14s %14s %14s %9s\n", question->month, "allowance", "used",
		"left", "used", "", "kg CO2e", "kg CO2e", "kg CO2e", "%");
	for (size_t i = 0; i < question->budgets; i++) {
		const struct carbon_budget *budget = &question->budget[i];
		double percent = carbon_budget_percent(budget);

		fprintf(tool->out, "%-20s %14.3f %14.3f %14.3f ", budget->allowed.account,
			budget->allowed.allowance_kg, budget->used_kg,
			budget->allowed.allowance_kg - budget->used_kg);
		if (isfinite(percent))
			fprintf(tool->out, "%9.1f", percent);
		else
			fprintf(tool->out, "%9s", "-");
		fprintf(tool->out, "%s\n", is_over(question, budget) ? "  over" : "");
	}
}

static void print_csv(const struct carbon_tool *tool, const struct question *question)
{
	fputs("month,account,allowance_kg,used_kg,left_kg,used_percent,open_kg,unknown_kwh,over\r\n", tool->out);
	for (size_t i = 0; i < question->budgets; i++) {
		const struct carbon_budget *budget = &question->budget[i];
		double percent = carbon_budget_percent(budget);

		/* An account is a name that Slurm knows: nothing in it needs quotes. */
		fprintf(tool->out, "%s,%s,%.10g,%.10g,%.10g,", question->month, budget->allowed.account,
			budget->allowed.allowance_kg, budget->used_kg,
			budget->allowed.allowance_kg - budget->used_kg);
		if (isfinite(percent))
			fprintf(tool->out, "%.10g", percent);
		fprintf(tool->out, ",%.10g,%.10g,%s\r\n", budget->open_kg, budget->unknown_kwh,
			is_over(question, budget) ? "yes" : "no");
	}
}

static void print_json(const struct carbon_tool *tool, const struct question *question)
{
	struct carbon_json json;

	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "month", question->month);
	carbon_json_number(&json, "above_percent", question->above_percent);
	carbon_json_begin(&json, "accounts", '[');
	for (size_t i = 0; i < question->budgets; i++) {
		const struct carbon_budget *budget = &question->budget[i];

		carbon_json_begin(&json, NULL, '{');
		carbon_json_text(&json, "account", budget->allowed.account);
		carbon_json_number(&json, "allowance_kg", budget->allowed.allowance_kg);
		carbon_json_number(&json, "used_kg", budget->used_kg);
		carbon_json_number(&json, "left_kg", budget->allowed.allowance_kg - budget->used_kg);
		carbon_json_number(&json, "used_percent", carbon_budget_percent(budget));
		carbon_json_number(&json, "open_kg", budget->open_kg);
		carbon_json_number(&json, "unknown_kwh", budget->unknown_kwh);
		carbon_json_bool(&json, "over", is_over(question, budget));
		carbon_json_end(&json, '}');
	}
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
}

static int answer(const struct carbon_tool *tool, const struct question *question)
{
	int code = CARBON_EXIT_OK;

	if (strcmp(tool->format, "csv") == 0)
		print_csv(tool, question);
	else if (carbon_tool_is_json(tool))
		print_json(tool, question);
	else
		print_text(tool, question);
	for (size_t i = 0; i < question->budgets; i++) {
		const struct carbon_budget *budget = &question->budget[i];

		if (budget->unknown_kwh > 0)
			carbon_tool_warn(tool, "%s: emissions of %.3g kWh are not known and not counted",
					 budget->allowed.account, budget->unknown_kwh);
		if (is_over(question, budget) && carbon_tool_has(tool, "check"))
			code = CARBON_EXIT_OVER;
	}
	return code;
}

/* --- the command --- */

static int copy_allowances(const struct carbon_config *config, struct question *question, struct carbon_err *err)
{
	if (config->allowances == 0)
		return carbon_err_set(err, "no account has an allowance (in carbon.conf: "
				      "account \"NAME\" { allowance_kg = 500 })");
	question->budget = calloc(config->allowances, sizeof(*question->budget));
	if (!question->budget)
		return carbon_err_set(err, "no memory");
	question->budgets = config->allowances;
	for (size_t i = 0; i < config->allowances; i++)
		question->budget[i].allowed = config->allowance[i];
	qsort(question->budget, question->budgets, sizeof(*question->budget), by_account);
	return 0;
}

static int look_up(const struct carbon_tool *tool, struct question *question, struct carbon_err *err)
{
	struct carbon_config *config = NULL;
	struct carbon_store *store = NULL;
	char path[CARBON_PATH_MAX];
	int rc = -1;

	if (carbon_tool_config(tool, &config, err) < 0)
		return -1;
	carbon_config_path(config, "carbon.db", path);
	if (copy_allowances(config, question, err) == 0 && carbon_store_open(path, true, &store, err) == 0)
		rc = carbon_budget_read(store, config->site.signal, question->from, question->to,
					question->budget, question->budgets, err);
	carbon_store_close(store);
	carbon_config_destroy(config);
	return rc;
}

static int run(struct carbon_tool *tool)
{
	const char *month = carbon_tool_value(tool, "month"), *above = carbon_tool_value(tool, "above");
	struct question question = {.above_percent = ABOVE_DEFAULT};
	struct carbon_err err;
	int code;

	carbon_time_format(tool->now, question.month);
	question.month[strlen("2026-10")] = '\0';
	if (month)
		snprintf(question.month, sizeof(question.month), "%s", month);
	if (carbon_month_parse(question.month, &question.from, &question.to) < 0)
		return carbon_tool_usage(tool, "--month \"%s\" is no month (such as 2026-10)", month);
	if (question.from > tool->now)
		return carbon_tool_usage(tool, "--month \"%s\" has not begun", question.month);
	if (above && carbon_num_parse(above, 0, ABOVE_MAX, &question.above_percent) < 0)
		return carbon_tool_usage(tool, "--above \"%s\" is no percentage (such as 90)", above);
	if (above && !carbon_tool_has(tool, "check"))
		return carbon_tool_usage(tool, "--above goes with --check");
	code = look_up(tool, &question, &err) < 0 ? carbon_tool_fail(tool, &err) : answer(tool, &question);
	free(question.budget);
	return code;
}

const struct carbon_command carbon_command_budget = {
	.name = "budget",
	.summary = "what accounts have used of their monthly allowance, and what is left",
	.operands = "",
	.formats = "text csv json",
	.flags = flags,
	.run = run,
};
