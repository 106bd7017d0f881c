/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbonctl forecast --accuracy: how good each source has been for each zone, as text, CSV or JSON. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "accounting/store.h"
#include "config/config.h"
#include "lib/err.h"
#include "tools/accuracy.h"
#include "tools/json.h"
#include "tools/tool.h"

#define DAYS_BACK 60 /* as long as forecasts are kept */
#define DAY_S 86400

static bool is_asked(const struct carbon_tool *tool, const char *zone)
{
	for (int i = 0; i < tool->operands; i++)
		if (strcasecmp(tool->operand[i], zone) == 0)
			return true;
	return tool->operands == 0;
}

/* --- text --- */

static void print_cell(FILE *out, const struct carbon_accuracy *accuracy, int day)
{
	char text[32] = "-";

	if (accuracy->hours[day])
		snprintf(text, sizeof(text), "%.1f %% (%.0f g)", carbon_accuracy_mape(accuracy, day),
			 carbon_accuracy_mae(accuracy, day));
	fprintf(out, day + 1 < CARBON_ACCURACY_DAYS ? "  %-16s" : "  %s", text);
}

static int name_width(const struct carbon_accuracies *all)
{
	size_t width = strlen("source");

	for (size_t i = 0; i < all->sources; i++)
		if (strlen(all->source[i].source) > width)
			width = strlen(all->source[i].source);
	return (int)width;
}

/* What the names of mixed sources mean, where there are such. */
static void print_legend(FILE *out, const struct carbon_accuracies *all)
{
	bool is_blend = false, goes_on = false;

	for (size_t i = 0; i < all->sources; i++) {
		goes_on = goes_on || strchr(all->source[i].source, ':');
		is_blend = is_blend || (strchr(all->source[i].source, '+') && strncmp(all->source[i].source, "ens+", 4) != 0);
	}
	if (is_blend)
		fputs("  A+ours: source A and our own forecast, weighed by how each has done here\n", out);
	if (goes_on)
		fputs("  ours:A: our own forecast, going on behind the last hour of source A\n", out);
}

static void print_zone(const struct carbon_tool *tool, const char *zone, enum carbon_signal signal,
		       const struct carbon_accuracies *all)
{
	int width = name_width(all);

	fprintf(tool->out, "%s, %s: mean absolute error of forecasts of the last %d days, by hours ahead\n", zone,
		carbon_signal_name(signal), DAYS_BACK);
	if (!all->sources) {
		fputs("  none was kept yet\n", tool->out);
		return;
	}
	fprintf(tool->out, "  %-*s  %9s  %-16s  %-16s  %-16s  %s\n", width, "source", "forecasts", "1 to 24 h", "25 to 48 h",
		"49 to 72 h", "73 to 96 h");
	for (size_t i = 0; i < all->sources; i++) {
		fprintf(tool->out, "  %-*s  %9zu", width, all->source[i].source, all->source[i].forecasts);
		for (int day = 0; day < CARBON_ACCURACY_DAYS; day++)
			print_cell(tool->out, &all->source[i], day);
		fputc('\n', tool->out);
	}
	print_legend(tool->out, all);
}

/* --- CSV and JSON --- */

static void print_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, ",%.6g", value);
	else
		fputc(',', out);
}

static void print_rows(const struct carbon_tool *tool, const char *zone, enum carbon_signal signal,
		       const struct carbon_accuracies *all)
{
	for (size_t i = 0; i < all->sources; i++)
		for (int day = 0; day < CARBON_ACCURACY_DAYS; day++) {
			const struct carbon_accuracy *accuracy = &all->source[i];

			fprintf(tool->out, "%s,%s,%s,%zu,%d,%zu", zone, carbon_signal_name(signal),
				accuracy->source, accuracy->forecasts, 24 * (day + 1), accuracy->hours[day]);
			print_number(tool->out, carbon_accuracy_mape(accuracy, day));
			print_number(tool->out, carbon_accuracy_mae(accuracy, day));
			fputc('\n', tool->out);
		}
}

typedef double (*measure_f)(const struct carbon_accuracy *accuracy, int day);

static void write_measure(struct carbon_json *json, const char *key, const struct carbon_accuracy *accuracy,
			  measure_f measure)
{
	static const char *const hours[CARBON_ACCURACY_DAYS] = {"24", "48", "72", "96"};

	carbon_json_begin(json, key, '{');
	for (int day = 0; day < CARBON_ACCURACY_DAYS; day++)
		carbon_json_number(json, hours[day], measure(accuracy, day));
	carbon_json_end(json, '}');
}

static void write_zone(struct carbon_json *json, const char *zone, enum carbon_signal signal,
		       const struct carbon_accuracies *all)
{
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "zone", zone);
	carbon_json_text(json, "signal", carbon_signal_name(signal));
	carbon_json_begin(json, "sources", '[');
	for (size_t i = 0; i < all->sources; i++) {
		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "source", all->source[i].source);
		carbon_json_int(json, "forecasts", (long long)all->source[i].forecasts);
		write_measure(json, "mape", &all->source[i], carbon_accuracy_mape);
		write_measure(json, "mae", &all->source[i], carbon_accuracy_mae);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
	carbon_json_end(json, '}');
}

/* --- zone by zone --- */

static int show_zones(const struct carbon_tool *tool, const struct carbon_config *config, struct carbon_store *store,
		      struct carbon_json *json, struct carbon_err *err)
{
	bool is_csv = strcmp(tool->format, "csv") == 0;
	enum carbon_signal signal = config->site.signal;
	size_t shown = 0;

	for (size_t i = 0; i < config->zones; i++) {
		const char *zone = config->zone[i].name;
		struct carbon_accuracies all = {.sources = 0};

		if (!is_asked(tool, zone))
			continue;
		if (carbon_accuracy_read(store, zone, signal, tool->now - (time_t)DAYS_BACK * DAY_S, tool->now, &all,
					 err) != 0)
			return -1;
		if (json)
			write_zone(json, zone, signal, &all);
		else if (is_csv)
			print_rows(tool, zone, signal, &all);
		else
			print_zone(tool, zone, signal, &all);
		shown++;
	}
	return shown || !tool->operands ? 0 : carbon_err_set(err, "zone \"%s\" is not configured", tool->operand[0]);
}

int carbon_accuracy_show(const struct carbon_tool *tool, const struct carbon_config *config, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	struct carbon_store *store = NULL;
	struct carbon_json json;
	int rc;

	carbon_config_path(config, "carbon.db", path);
	if (carbon_store_open(path, true, &store, err) < 0)
		return -1;
	if (carbon_tool_is_json(tool)) {
		carbon_json_init(&json, tool->out);
		carbon_json_begin(&json, NULL, '{');
		carbon_json_begin(&json, "zones", '[');
		rc = show_zones(tool, config, store, &json, err);
		carbon_json_end(&json, ']');
		carbon_json_end(&json, '}');
	} else {
		if (strcmp(tool->format, "csv") == 0)
			fputs("zone,signal,source,forecasts,hours_ahead,hours,mape,mae\n", tool->out);
		rc = show_zones(tool, config, store, NULL, err);
	}
	carbon_store_close(store);
	return rc;
}
