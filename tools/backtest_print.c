/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tables and JSON of a backtest; the same numbers in both, three digits after the point in
 * JSON. */
#include "tools/backtest_print.h"

#include <math.h>

#include "lib/time.h"
#include "tools/json.h"

#define HOUR_S 3600

static time_t at(const struct carbon_backtest_ask *ask, size_t hour)
{
	return ask->start_at + (time_t)(hour * HOUR_S);
}

/* --- text --- */

static void print_cell(FILE *out, double value)
{
	if (isnan(value))
		fprintf(out, "%8s", "-");
	else
		fprintf(out, "%8.1f", value);
}

static void print_marks(const struct carbon_backtest *result, FILE *out)
{
	for (size_t mark = 0; mark < result->marks; mark++)
		fprintf(out, "%7zuh", result->mark_h[mark]);
}

static void print_accuracy(const struct carbon_backtest *result, FILE *out)
{
	int width = 8 * (int)result->marks;

	fprintf(out, "%-10s  %*s  %*s %9s\n", "model", width, "off by %, to", width,
		"off by g/kWh, to", "in band");
	fprintf(out, "%-10s  ", "");
	print_marks(result, out);
	fputs("  ", out);
	print_marks(result, out);
	fputc('\n', out);
	for (size_t i = 0; i < CARBON_BACKTEST_MODELS; i++) {
		const struct carbon_backtest_model *model = &result->model[i];

		fprintf(out, "%-10s  ", model->name);
		for (size_t mark = 0; mark < result->marks; mark++)
			print_cell(out, model->mape[mark]);
		fputs("  ", out);
		for (size_t mark = 0; mark < result->marks; mark++)
			print_cell(out, model->mae_g_kwh[mark]);
		if (!isnan(model->coverage80))
			fprintf(out, " %7.1f %%", model->coverage80);
		fputc('\n', out);
	}
}

static void print_savings(const struct carbon_backtest_ask *ask,
			  const struct carbon_backtest *result, FILE *out)
{
	fprintf(out,
		"\n%zu jobs of %zu h that may wait %zu h: knowing the future saves %.1f %% of "
		"starting at once\n",
		result->jobs, ask->runtime_h, ask->delay_h, result->clairvoyant_saved);
	fprintf(out, "%-10s  %8s %9s", "model", "saves %", "of that %");
	if (ask->replan_h)
		fprintf(out, "    deciding again every %zu h", ask->replan_h);
	fputc('\n', out);
	for (size_t i = 0; i < CARBON_BACKTEST_MODELS; i++) {
		const struct carbon_backtest_model *model = &result->model[i];

		fprintf(out, "%-10s  ", model->name);
		print_cell(out, model->saved_once);
		fputc(' ', out);
		print_cell(out, model->share_once);
		if (ask->replan_h) {
			fputs("    ", out);
			print_cell(out, model->saved_again);
			fputc(' ', out);
			print_cell(out, model->share_again);
		}
		fputc('\n', out);
	}
}

void carbon_backtest_print_text(const char *zone, const struct carbon_backtest_ask *ask,
				const struct carbon_backtest *result, FILE *out)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	carbon_time_format(at(ask, ask->from), from);
	carbon_time_format(at(ask, ask->to), to);
	fprintf(out, "%s, %s to %s: %zu forecasts, one every %zu h", zone, from, to,
		result->origins, ask->every_h);
	if (result->skipped)
		fprintf(out, " (%zu left out: the hour before is missing)", result->skipped);
	fputs("\n\n", out);
	print_accuracy(result, out);
	if (result->jobs)
		print_savings(ask, result, out);
}

/* --- JSON --- */

/* Three digits are plenty; NAN stays and becomes null. */
static void add_number(struct carbon_json *json, const char *key, double value)
{
	carbon_json_number(json, key, round(value * 1000) / 1000);
}

static void add_marks(struct carbon_json *json, const char *key,
		      const struct carbon_backtest *result, const double *value)
{
	char mark_text[24];

	carbon_json_begin(json, key, '{');
	for (size_t mark = 0; mark < result->marks; mark++) {
		snprintf(mark_text, sizeof(mark_text), "%zu", result->mark_h[mark]);
		add_number(json, mark_text, value[mark]);
	}
	carbon_json_end(json, '}');
}

static void add_model(struct carbon_json *json, const struct carbon_backtest_ask *ask,
		      const struct carbon_backtest *result, size_t i)
{
	const struct carbon_backtest_model *model = &result->model[i];

	carbon_json_begin(json, model->name, '{');
	add_marks(json, "mape", result, model->mape);
	add_marks(json, "mae", result, model->mae_g_kwh);
	if (i == 0)
		add_number(json, "coverage80", model->coverage80);
	if (result->jobs) {
		add_number(json, "saved_percent", model->saved_once);
		add_number(json, "share_percent", model->share_once);
	}
	if (result->jobs && ask->replan_h) {
		add_number(json, "replan_saved_percent", model->saved_again);
		add_number(json, "replan_share_percent", model->share_again);
	}
	carbon_json_end(json, '}');
}

static void add_jobs(struct carbon_json *json, const struct carbon_backtest_ask *ask,
		     const struct carbon_backtest *result)
{
	carbon_json_begin(json, "jobs", '{');
	carbon_json_int(json, "count", (long long)result->jobs);
	carbon_json_int(json, "runtime_h", (long long)ask->runtime_h);
	carbon_json_int(json, "delay_h", (long long)ask->delay_h);
	if (ask->replan_h)
		carbon_json_int(json, "replan_h", (long long)ask->replan_h);
	add_number(json, "clairvoyant_saved_percent", result->clairvoyant_saved);
	carbon_json_end(json, '}');
}

void carbon_backtest_print_json(const char *zone, const struct carbon_backtest_ask *ask,
				const struct carbon_backtest *result, FILE *out)
{
	struct carbon_json json;

	carbon_json_init(&json, out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "zone", zone);
	carbon_json_time(&json, "from", at(ask, ask->from));
	carbon_json_time(&json, "to", at(ask, ask->to));
	carbon_json_int(&json, "origins", (long long)result->origins);
	carbon_json_int(&json, "skipped", (long long)result->skipped);
	carbon_json_int(&json, "every_h", (long long)ask->every_h);
	if (result->jobs)
		add_jobs(&json, ask, result);
	carbon_json_begin(&json, "models", '{');
	for (size_t i = 0; i < CARBON_BACKTEST_MODELS; i++)
		add_model(&json, ask, result, i);
	carbon_json_end(&json, '}');
	carbon_json_end(&json, '}');
}
