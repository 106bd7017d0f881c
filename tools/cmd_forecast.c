/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl forecast: the outlook as people want to see it: now, the cleanest window, where the numbers
 * come from and how old they are. Reads the outlook alone; asks nobody.
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "config/config.h"
#include "lib/outlook.h"
#include "lib/time.h"
#include "lib/when.h"
#include "tools/accuracy.h"
#include "tools/chart.h"
#include "tools/json.h"
#include "tools/tool.h"
#include "tools/words.h"

#define HOUR_S 3600
#define WINDOW_S (4 * HOUR_S)

static const struct carbon_flag flags[] = {
	{"window", 'w', "TIME", "point out the cleanest window of this length (default: 4h)"},
	{"accuracy", 'a', NULL, "tell instead how good each source's forecasts have been here"},
	{NULL, 0, NULL, NULL},
};

/* One zone as it is shown. */
struct view {
	const struct carbon_tool *tool;
	const struct carbon_outlook *outlook;
	const struct carbon_outlook_zone *zone;
	time_t from, to;	       /* what of it still lies ahead; from == to: nothing */
	time_t best_from, best_to;     /* equal: no window fits */
	double now_g_kwh, best_g_kwh;
};

/* --- the cleanest window --- */

/* A window's mean has its least where it begins or ends at a knot. */
static void try_start(struct view *view, time_t start_at, time_t window_s)
{
	double g_kwh;

	if (start_at < view->from || start_at + window_s > view->to)
		return;
	g_kwh = carbon_curve_integral(&view->zone->mean, start_at, start_at + window_s) / (double)window_s;
	if (view->best_to > view->best_from && g_kwh >= view->best_g_kwh - 1e-9)
		return;
	view->best_from = start_at;
	view->best_to = start_at + window_s;
	view->best_g_kwh = g_kwh;
}

static void look(struct view *view, time_t window_s)
{
	const struct carbon_curve *curve = &view->zone->mean;
	time_t end = carbon_curve_end(curve);

	view->from = view->tool->now > curve->start_at ? view->tool->now : curve->start_at;
	view->to = end > view->from ? end : view->from;
	if (view->from == view->to)
		return;
	view->now_g_kwh = carbon_curve_value(curve, view->from);
	try_start(view, view->from, window_s);
	for (size_t i = 0; i <= curve->count; i++) {
		time_t knot = curve->start_at + (time_t)curve->knot_s[i];

		try_start(view, knot - window_s, window_s);
		try_start(view, knot, window_s);
	}
}

/* The time that part I ends. */
static time_t part_end(const struct carbon_outlook_zone *zone, size_t i)
{
	size_t knot = i + 1 < zone->parts ? zone->part[i + 1].first : zone->mean.count;

	return zone->mean.start_at + (time_t)zone->mean.knot_s[knot];
}

/* The band's mean over a span; false where there is none. */
static bool find_band(const struct view *view, time_t from, time_t to, double *low, double *high)
{
	*low = carbon_curve_integral(&view->zone->low, from, to) / (double)(to - from);
	*high = carbon_curve_integral(&view->zone->high, from, to) / (double)(to - from);
	return *high - *low > 0.5;
}

/* --- text --- */

/* How sure the part is: its band around its mean, in percent. */
static void print_confidence(const struct view *view, time_t from, time_t to)
{
	double low, high, mean = carbon_curve_integral(&view->zone->mean, from, to) / (double)(to - from);

	if (mean > 0 && find_band(view, from, to, &low, &high))
		fprintf(view->tool->out, ", likely within -%.0f and +%.0f %%", 100 * (mean - low) / mean,
			100 * (high - mean) / mean);
}

static void print_parts(const struct view *view)
{
	const struct carbon_outlook_zone *zone = view->zone;
	char until[CARBON_WHEN_TEXT], age[CARBON_DURATION_TEXT];

	for (size_t i = 0; i < zone->parts; i++) {
		const struct carbon_part *part = &zone->part[i];
		time_t from = zone->mean.start_at + (time_t)zone->mean.knot_s[part->first];

		if (part_end(zone, i) <= view->from)
			continue;
		carbon_when_format(part_end(zone, i), view->tool->now, until);
		carbon_duration_format(view->tool->now - part->issued_at, age);
		fprintf(view->tool->out, "  until %s: %s (%s), %s old", until, part->source,
			carbon_tool_kind(part->kind), age);
		print_confidence(view, from, part_end(zone, i));
		fputc('\n', view->tool->out);
	}
}

static void print_best(const struct view *view)
{
	char from[CARBON_WHEN_TEXT], to[CARBON_WHEN_TEXT], length[CARBON_DURATION_TEXT];
	double less = view->now_g_kwh > 0 ? 100 * (1 - view->best_g_kwh / view->now_g_kwh) : 0, low, high;

	carbon_duration_format(view->best_to - view->best_from, length);
	if (view->best_from == view->best_to)
		return;
	carbon_when_format(view->best_from, view->tool->now, from);
	carbon_when_format(view->best_to, view->tool->now, to);
	fprintf(view->tool->out, "  cleanest %s: %s to %s, %.0f g/kWh", length, from, to, view->best_g_kwh);
	if (find_band(view, view->best_from, view->best_to, &low, &high))
		fprintf(view->tool->out, ", likely %.0f to %.0f", low, high);
	if (view->best_from == view->from)
		fputs(" (that is now)\n", view->tool->out);
	else
		fprintf(view->tool->out, " (%.0f %% %s than now)\n", less < 0 ? -less : less,
			less < 0 ? "more" : "less");
}

static void print_text(const struct view *view, size_t index)
{
	struct carbon_chart chart = {.curve = &view->zone->mean, .high = &view->zone->high,
				     .from = view->from, .to = view->to,
				     .mark_from = view->best_from, .mark_to = view->best_to};

	fprintf(view->tool->out, "%s%s, %s, g CO2e/kWh\n", index ? "\n" : "", view->zone->name,
		carbon_signal_name(view->zone->signal));
	if (view->from == view->to) {
		fputs("  this outlook is over\n", view->tool->out);
		return;
	}
	fprintf(view->tool->out, "  now %.0f g/kWh (%s)\n", view->now_g_kwh,
		carbon_tool_kind(carbon_outlook_part(view->zone, view->from)->kind));
	print_best(view);
	print_parts(view);
	carbon_chart_ask(view->tool->out, &chart);
	fputc('\n', view->tool->out);
	carbon_chart_print(view->tool->out, &chart);
}

/* --- CSV and JSON --- */

static void print_csv(const struct view *view, size_t index)
{
	const struct carbon_outlook_zone *zone = view->zone;
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT], issued[CARBON_TIME_TEXT];

	if (index == 0)
		fputs("zone,signal,from,to,intensity,low,high,kind,source,issued_at\n", view->tool->out);
	for (size_t i = 0; i < zone->mean.count; i++) {
		time_t at = zone->mean.start_at + (time_t)zone->mean.knot_s[i];
		const struct carbon_part *part = carbon_outlook_part(zone, at);

		carbon_time_format(at, from);
		carbon_time_format(zone->mean.start_at + (time_t)zone->mean.knot_s[i + 1], to);
		carbon_time_format(part->issued_at, issued);
		fprintf(view->tool->out, "%s,%s,%s,%s,%g,%g,%g,%s,%s,%s\n", zone->name,
			carbon_signal_name(zone->signal), from, to, (double)zone->mean.value[i],
			(double)zone->low.value[i], (double)zone->high.value[i], carbon_kind_name(part->kind),
			part->source, issued);
	}
}

static void write_parts(struct carbon_json *json, const struct carbon_outlook_zone *zone)
{
	carbon_json_begin(json, "parts", '[');
	for (size_t i = 0; i < zone->parts; i++) {
		carbon_json_begin(json, NULL, '{');
		carbon_json_time(json, "from",
				 zone->mean.start_at + (time_t)zone->mean.knot_s[zone->part[i].first]);
		carbon_json_time(json, "to", part_end(zone, i));
		carbon_json_text(json, "source", zone->part[i].source);
		carbon_json_text(json, "kind", carbon_kind_name(zone->part[i].kind));
		carbon_json_time(json, "issued_at", zone->part[i].issued_at);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void write_points(struct carbon_json *json, const struct carbon_outlook_zone *zone)
{
	carbon_json_begin(json, "points", '[');
	for (size_t i = 0; i < zone->mean.count; i++) {
		carbon_json_begin(json, NULL, '{');
		carbon_json_time(json, "from", zone->mean.start_at + (time_t)zone->mean.knot_s[i]);
		carbon_json_number(json, "intensity", (double)zone->mean.value[i]);
		carbon_json_number(json, "low", (double)zone->low.value[i]);
		carbon_json_number(json, "high", (double)zone->high.value[i]);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void write_view(struct carbon_json *json, const struct view *view)
{
	bool has_window = view->best_to > view->best_from;
	double low = (double)NAN, high = (double)NAN;

	if (has_window)
		find_band(view, view->best_from, view->best_to, &low, &high);
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "zone", view->zone->name);
	carbon_json_text(json, "signal", carbon_signal_name(view->zone->signal));
	carbon_json_begin(json, "now", '{');
	carbon_json_number(json, "intensity", view->from < view->to ? view->now_g_kwh : (double)NAN);
	carbon_json_text(json, "kind", view->from < view->to ?
			 carbon_kind_name(carbon_outlook_part(view->zone, view->from)->kind) : NULL);
	carbon_json_end(json, '}');
	carbon_json_begin(json, "cleanest", '{');
	carbon_json_time(json, "from", has_window ? view->best_from : 0);
	carbon_json_time(json, "to", has_window ? view->best_to : 0);
	carbon_json_number(json, "intensity", has_window ? view->best_g_kwh : (double)NAN);
	carbon_json_number(json, "low", low);
	carbon_json_number(json, "high", high);
	carbon_json_end(json, '}');
	carbon_json_time(json, "ends_at", carbon_curve_end(&view->zone->mean));
	write_parts(json, view->zone);
	write_points(json, view->zone);
	carbon_json_end(json, '}');
}

/* --- which zones --- */

static bool is_asked(const struct carbon_tool *tool, const char *zone)
{
	for (int i = 0; i < tool->operands; i++)
		if (strcasecmp(tool->operand[i], zone) == 0)
			return true;
	return tool->operands == 0;
}

static int check_zones(const struct carbon_tool *tool, const struct carbon_outlook *outlook, struct carbon_err *err)
{
	for (int i = 0; i < tool->operands; i++) {
		size_t k = 0;

		while (k < outlook->zones && strcasecmp(outlook->zone[k].name, tool->operand[i]) != 0)
			k++;
		if (k == outlook->zones)
			return carbon_err_set(err, "zone \"%s\" is not in the outlook (it has %zu, such as %s)",
					      tool->operand[i], outlook->zones, outlook->zone[0].name);
	}
	return 0;
}

static void show(const struct carbon_tool *tool, const struct carbon_outlook *outlook, time_t window_s)
{
	bool is_csv = strcmp(tool->format, "csv") == 0, is_json = carbon_tool_is_json(tool);
	struct carbon_json json;
	size_t shown = 0;

	carbon_json_init(&json, tool->out);
	if (is_json) {
		carbon_json_begin(&json, NULL, '{');
		carbon_json_time(&json, "written_at", outlook->written_at);
		carbon_json_begin(&json, "zones", '[');
	}
	for (size_t i = 0; i < outlook->zones; i++) {
		struct view view = {.tool = tool, .outlook = outlook, .zone = &outlook->zone[i]};

		if (!is_asked(tool, view.zone->name))
			continue;
		look(&view, window_s);
		if (is_json)
			write_view(&json, &view);
		else if (is_csv)
			print_csv(&view, shown);
		else
			print_text(&view, shown);
		shown++;
	}
	if (is_json) {
		carbon_json_end(&json, ']');
		carbon_json_end(&json, '}');
	}
}

static void warn_of_age(const struct carbon_tool *tool, const struct carbon_outlook *outlook)
{
	char age[CARBON_DURATION_TEXT];

	carbon_duration_format(tool->now - outlook->written_at, age);
	if (tool->now - outlook->written_at > 2 * HOUR_S)
		carbon_tool_warn(tool, "this outlook is %s old: does carbon-forecaster run?", age);
}

static int run_accuracy(const struct carbon_tool *tool)
{
	struct carbon_config *config = NULL;
	struct carbon_err err;
	int code = CARBON_EXIT_OK;

	if (carbon_tool_config(tool, &config, &err) != 0 || carbon_accuracy_show(tool, config, &err) != 0)
		code = carbon_tool_fail(tool, &err);
	carbon_config_destroy(config);
	return code;
}

static int run(struct carbon_tool *tool)
{
	const char *window = carbon_tool_value(tool, "window");
	struct carbon_config *config = NULL;
	struct carbon_outlook *outlook = NULL;
	struct carbon_err err;
	time_t window_s = WINDOW_S;
	int code = CARBON_EXIT_FAILED;

	if (window && (carbon_duration_parse(window, &window_s) != 0 || window_s < 1))
		return carbon_tool_usage(tool, "--window=%s is not a time such as 4h", window);
	if (carbon_tool_has(tool, "accuracy"))
		return run_accuracy(tool);
	if (carbon_tool_config(tool, &config, &err) != 0 || carbon_tool_outlook(config, &outlook, &err) != 0 ||
	    check_zones(tool, outlook, &err) != 0) {
		carbon_tool_fail(tool, &err);
		goto out;
	}
	warn_of_age(tool, outlook);
	show(tool, outlook, window_s);
	code = CARBON_EXIT_OK;
out:
	carbon_outlook_destroy(outlook);
	carbon_config_destroy(config);
	return code;
}

const struct carbon_command carbon_command_forecast = {
	.name = "forecast",
	.summary = "show the outlook: now, the cleanest window, sources and ages",
	.operands = "[ZONE...]",
	.formats = "text json csv",
	.flags = flags,
	.run = run,
};
