/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as one HTML file for mail and paper: no script, no network, nothing from outside. Every name is escaped; the chart
 * is inline SVG with a title and the same figures in a table below it.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "accounting/estimate.h"
#include "accounting/report.h"
#include "lib/time.h"

#define CHART_W 760
#define CHART_H 220
#define CHART_LEFT 56
#define CHART_RIGHT 56
#define CHART_TOP 14
#define CHART_BOTTOM 26

static const char STYLE[] =
	":root{color-scheme:light}"
	"body{font:16px/1.45 system-ui,sans-serif;color:#1b2430;background:#fff;margin:0 auto;"
	"max-width:60rem;padding:1rem}"
	"h1{font-size:1.6rem;margin:.2em 0}h2{font-size:1.15rem;margin:1.6em 0 .4em}"
	".lead{font-size:1.1rem}.note{color:#4a5563}"
	".wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:"
	"tabular-nums}th,td{padding:.3em .6em;text-align:right;vertical-align:bottom;border-bottom:1px solid #d8dee6;"
	"white-space:nowrap}th:first-child,td:first-child{text-align:left;white-space:normal;"
	"overflow-wrap:anywhere;min-width:5rem}tfoot td{font-weight:600;border-top:2px solid #1b2430}"
	"svg{width:100%;height:auto}.bar{fill:#2f6f9f}.line{fill:none;stroke:#b3541e;stroke-width:2}"
	".dot{fill:#b3541e}.axis{stroke:#8a94a3}svg text{font:12px system-ui,sans-serif;fill:#1b2430}"
	"dl{display:grid;grid-template-columns:max-content 1fr;gap:.2em 1em}dt{font-weight:600}dd{margin:0}"
	"@media(max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5em}"
	"th,td{padding:.3em .35em;font-size:.85rem}th:nth-child(5),td:nth-child(5){display:none}"
	"svg{min-width:34rem}}"
	"@page{size:A4;margin:14mm}@media print{body{font-size:10pt;max-width:none;padding:0}"
	"h2{break-after:avoid}tr,svg{break-inside:avoid}.wide{overflow:visible}}";

static void write_escaped(const char *text, FILE *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '<')
			fputs("&lt;", out);
		else if (c == '>')
			fputs("&gt;", out);
		else if (c == '&')
			fputs("&amp;", out);
		else if (c == '"')
			fputs("&quot;", out);
		else if (c == '\'')
			fputs("&#39;", out);
		else
			fputc(c < 0x20 || c >= 0x7f ? '?' : c, out);
	}
}

/* Three significant digits, no exponent: "0.00123", "12.3", "45,678". */
static void write_amount(double value, FILE *out)
{
	double size = fabs(value);
	int places = size > 0 ? 2 - (int)floor(log10(size)) : 0;
	char digits[64];
	size_t length, start;

	if (places < 0)
		places = 0;
	if (places > 9)
		places = 9;
	length = (size_t)snprintf(digits, sizeof(digits), "%.*f", places, value);
	start = digits[0] == '-';
	fwrite(digits, 1, start, out);
	for (size_t i = start; i < length && digits[i] != '.'; i++) {
		size_t left = strcspn(digits + i, ".");

		fputc(digits[i], out);
		if (left > 1 && left % 3 == 1)
			fputc(',', out);
	}
	fputs(digits + strcspn(digits, "."), out);
}

static void write_count(uint64_t count, FILE *out)
{
	if (count < 1000)
		fprintf(out, "%llu", (unsigned long long)count);
	else
		write_amount((double)count, out);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static double known_kwh(const struct carbon_report_line *line)
{
	return line->energy_kwh - line->unknown_kwh;
}

/* --- the summary --- */

static void write_summary(const struct carbon_report *report, FILE *out)
{
	const struct carbon_report_line *total = &report->total;

	fputs("<p class=\"lead\">", out);
	write_count(total->jobs, out);
	fputs(total->jobs == 1 ? " job used " : " jobs used ", out);
	write_amount(total->energy_kwh, out);
	fputs(" kWh", out);
	if (known_kwh(total) > 0) {
		fputs(" and emitted <strong>", out);
		write_amount(total->mass_kg, out);
		fputs(" kg CO<sub>2</sub>e</strong>", out);
		if (total->high_kg - total->low_kg >= total->mass_kg * 1e-3) {
			fputs(" (", out);
			write_amount(total->low_kg, out);
			fputs(" to ", out);
			write_amount(total->high_kg, out);
			fputs(")", out);
		}
	}
	if (total->delayed) {
		fputs("; of these ", out);
		write_count(total->delayed, out);
		fputs(" were delayed, with a timing credit of ", out);
		write_amount(total->credit_kg, out);
		fputs(" kg", out);
	}
	fputs(".</p>\n", out);
}

/* --- the chart --- */

struct chart {
	double most_kwh, most_g_kwh;
	size_t days; /* of the month */
	double step;
};

static double day_intensity(const struct carbon_report_line *line)
{
	return known_kwh(line) > 0 ? line->mass_kg * 1000 / known_kwh(line) : NAN;
}

static struct chart fit_chart(const struct carbon_report *report)
{
	struct chart chart = {.days = (size_t)((report->to_at - report->from_at) / 86400)};

	for (size_t i = 0; i < chart.days; i++) {
		double g_kwh = day_intensity(&report->day[i]);

		chart.most_kwh = fmax(chart.most_kwh, report->day[i].energy_kwh);
		if (!isnan(g_kwh))
			chart.most_g_kwh = fmax(chart.most_g_kwh, g_kwh);
	}
	chart.step = (double)(CHART_W - CHART_LEFT - CHART_RIGHT) / (double)chart.days;
	return chart;
}

static double height(double value, double most)
{
	return most > 0 ? value / most * (CHART_H - CHART_TOP - CHART_BOTTOM) : 0;
}

static void write_bars(const struct carbon_report *report, const struct chart *chart, FILE *out)
{
	for (size_t i = 0; i < chart->days; i++) {
		const struct carbon_report_line *day = &report->day[i];
		double high = height(day->energy_kwh, chart->most_kwh);

		if (day->runs == 0)
			continue;
		fprintf(out, "<rect class=\"bar\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\">"
			"<title>", CHART_LEFT + (double)i * chart->step + 2,
			CHART_H - CHART_BOTTOM - high, chart->step - 4, high);
		write_escaped(day->key, out);
		fputs(": ", out);
		write_amount(day->energy_kwh, out);
		fputs(" kWh</title></rect>\n", out);
	}
}

static void write_line(const struct carbon_report *report, const struct chart *chart, FILE *out)
{
	bool is_open = false;

	for (size_t i = 0; i < chart->days; i++) {
		double g_kwh = day_intensity(&report->day[i]);

		if (isnan(g_kwh))
			continue;
		fprintf(out, "%s%.1f,%.1f", is_open ? " " : "<polyline class=\"line\" points=\"",
			CHART_LEFT + ((double)i + 0.5) * chart->step,
			CHART_H - CHART_BOTTOM - height(g_kwh, chart->most_g_kwh));
		is_open = true;
	}
	if (is_open)
		fputs("\"/>\n", out);
	for (size_t i = 0; i < chart->days; i++) {
		double g_kwh = day_intensity(&report->day[i]);

		if (!isnan(g_kwh))
			fprintf(out, "<circle class=\"dot\" r=\"3\" cx=\"%.1f\" cy=\"%.1f\"><title>%s: "
				"%.0f g/kWh</title></circle>\n",
				CHART_LEFT + ((double)i + 0.5) * chart->step,
				CHART_H - CHART_BOTTOM - height(g_kwh, chart->most_g_kwh),
				report->day[i].key, g_kwh);
	}
}

static void write_axes(const struct chart *chart, FILE *out)
{
	int base = CHART_H - CHART_BOTTOM;

	fprintf(out, "<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", CHART_LEFT, base,
		CHART_W - CHART_RIGHT, base);
	fprintf(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">", CHART_LEFT - 6, CHART_TOP + 10);
	write_amount(chart->most_kwh, out);
	fprintf(out, "</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">kWh</text>\n", CHART_LEFT - 6,
		CHART_TOP + 26);
	fprintf(out, "<text x=\"%d\" y=\"%d\">%.0f</text><text x=\"%d\" y=\"%d\">g/kWh</text>\n",
		CHART_W - CHART_RIGHT + 6, CHART_TOP + 10, chart->most_g_kwh,
		CHART_W - CHART_RIGHT + 6, CHART_TOP + 26);
	for (size_t i = 0; i < chart->days; i += 5)
		fprintf(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%zu</text>\n",
			CHART_LEFT + ((double)i + 0.5) * chart->step, CHART_H - 8, i + 1);
}

static void write_chart(const struct carbon_report *report, FILE *out)
{
	struct chart chart = fit_chart(report);

	fprintf(out, "<h2>Day by day</h2>\n<div class=\"wide\"><svg viewBox=\"0 0 %d %d\" role=\"img\" "
		"aria-labelledby=\"chart-title chart-text\">\n"
		"<title id=\"chart-title\">Energy and intensity of each day of %s</title>\n"
		"<desc id=\"chart-text\">Bars: energy of the runs that ended on the day, up to ",
		CHART_W, CHART_H, report->month);
	write_amount(chart.most_kwh, out);
	fprintf(out, " kWh. Line: mean intensity of that energy, up to %.0f g/kWh.</desc>\n",
		chart.most_g_kwh);
	write_bars(report, &chart, out);
	write_line(report, &chart, out);
	write_axes(&chart, out);
	fputs("</svg></div>\n<p class=\"note\">Bars: energy of the runs that ended on the day (UTC). Line: "
	      "mean intensity of that energy.</p>\n", out);
}

/* --- the table --- */

static void write_bounds(const struct carbon_report_line *line, FILE *out)
{
	if (line->high_kg - line->low_kg < line->mass_kg * 1e-3) {
		fputs("&ndash;", out);
		return;
	}
	write_amount(line->low_kg, out);
	fputs(" &ndash; ", out);
	write_amount(line->high_kg, out);
}

static void write_cells(const struct carbon_report_line *line, FILE *out)
{
	fputs("<td>", out);
	write_count(line->jobs, out);
	fputs("</td><td>", out);
	write_amount(line->energy_kwh, out);
	fputs("</td><td>", out);
	if (known_kwh(line) > 0 || line->energy_kwh <= 0) {
		write_amount(line->mass_kg, out);
		fputs("</td><td>", out);
		write_bounds(line, out);
	} else {
		fputs("unknown</td><td>&ndash;", out);
	}
	fputs("</td><td>", out);
	if (line->credits)
		write_amount(line->credit_kg, out);
	else
		fputs("&ndash;", out);
	fputs("</td>", out);
}

static void write_table(const struct carbon_report *report, FILE *out)
{
	fprintf(out, "<h2>By %s</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">%s</th>"
		"<th scope=\"col\">Jobs</th><th scope=\"col\">kWh</th><th scope=\"col\">kg CO<sub>2</sub>e"
		"</th><th scope=\"col\">low &ndash; high</th><th scope=\"col\">Timing credit, kg</th></tr>"
		"</thead>\n<tbody>\n", report->by->name, report->by->heading);
	for (size_t i = 0; i < report->lines; i++) {
		fputs("<tr><td>", out);
		write_escaped(carbon_report_key(report, &report->line[i]), out);
		fputs("</td>", out);
		write_cells(&report->line[i], out);
		fputs("</tr>\n", out);
	}
	fputs("</tbody>\n<tfoot><tr><td>total</td>", out);
	write_cells(&report->total, out);
	fputs("</tr></tfoot>\n</table></div>\n", out);
}

/* --- how sure it is --- */

static void write_quality(const struct carbon_report *report, FILE *out)
{
	const struct carbon_report_line *total = &report->total;
	const char *separator = "";

	fprintf(out, "<h2>How these figures came about</h2>\n<dl>\n<dt>Energy</dt><dd>%.1f %% measured, "
		"%.1f %% from the power model; PUE included</dd>\n<dt>Intensity</dt><dd>",
		percent(total->measured_kwh, total->energy_kwh),
		100 - percent(total->measured_kwh, total->energy_kwh));
	for (int i = CARBON_INTENSITY_METHODS - 1; i >= 0; i--) {
		if (total->method_kwh[i] <= 0)
			continue;
		fprintf(out, "%s%.1f %% %s", separator, percent(total->method_kwh[i], total->energy_kwh),
			carbon_intensity_method_name((enum carbon_intensity_method)i));
		separator = ", ";
	}
	fputs(" (by share of the energy)", out);
	if (total->unknown_kwh > 0) {
		fputs("; ", out);
		write_amount(total->unknown_kwh, out);
		fputs(" kWh have no known intensity, and their emissions are in no figure here", out);
	}
	fputs("</dd>\n<dt>Sources</dt><dd>", out);
	write_escaped(report->sources[0] ? report->sources : "none", out);
	fprintf(out, " (%s)</dd>\n", carbon_signal_name(report->signal));
}

static void write_credit(const struct carbon_report *report, FILE *out)
{
	const struct carbon_report_line *total = &report->total;

	fputs("<dt>Timing credit</dt><dd>", out);
	if (total->delayed) {
		fputs("What the delayed jobs emitted less (or, negative, more) than at their recorded "
		      "baseline, of the power above idle. The forecast at submission promised ", out);
		write_amount(total->promised_kg, out);
		fputs(" kg; ", out);
		write_amount(total->open_credit_kg, out);
		fputs(" kg are not settled yet. It is a figure per job, and not what the cluster as a "
		      "whole saved.", out);
	} else {
		fputs("No job was delayed.", out);
	}
	fputs("</dd>\n", out);
	if (total->shadows) {
		fprintf(out, "<dt>Shadow mode</dt><dd>Nothing was changed; %llu runs would have been "
			"delayed, for a timing credit of ", (unsigned long long)total->shadows);
		write_amount(total->shadow_kg, out);
		fputs(" kg</dd>\n", out);
	}
}

static void write_odd(const struct carbon_report *report, FILE *out)
{
	const char *separator = "<dt>Odd rows</dt><dd>kept and counted: ";
	bool is_any = false;

	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++) {
		if (!report->odd[i])
			continue;
		fprintf(out, "%s%llu %s", separator, (unsigned long long)report->odd[i],
			carbon_odd_name(i));
		separator = ", ";
		is_any = true;
	}
	if (is_any)
		fputs("</dd>\n", out);
	if (report->other_signal)
		fprintf(out, "<dt>Other signals</dt><dd>%llu runs were settled with another signal and "
			"are in no sum</dd>\n", (unsigned long long)report->other_signal);
}

static void write_equivalents(const struct carbon_report *report, FILE *out)
{
	if (known_kwh(&report->total) <= 0)
		return;
	fputs("<dt>As much as</dt><dd>", out);
	for (size_t i = 0; i < carbon_equivalents_count; i++) {
		double count = report->total.mass_kg / carbon_equivalents[i].mass_kg;

		fputs(i ? ", or " : "", out);
		write_amount(count, out);
		fprintf(out, " %s", carbon_equivalents[i].many);
	}
	fputs("</dd>\n", out);
}

void carbon_report_write_html(const struct carbon_report *report, FILE *out)
{
	char settled[CARBON_TIME_TEXT];

	fprintf(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<title>Carbon report %s</title>\n<style>%s</style>\n</head>\n<body>\n"
		"<h1>Carbon report for %s%s</h1>\n<p class=\"note\">Cluster ",
		report->month, STYLE, report->month,
		report->now < report->to_at ? " (so far)" : "");
	write_escaped(report->clusters, out);
	fputs(". Jobs that ended in the month (UTC)", out);
	if (report->settled_to) {
		carbon_time_format(report->settled_to, settled);
		fprintf(out, ", settled up to %s", settled);
	}
	fputs(".</p>\n", out);
	write_summary(report, out);
	write_chart(report, out);
	write_table(report, out);
	write_quality(report, out);
	write_credit(report, out);
	write_odd(report, out);
	write_equivalents(report, out);
	fputs("</dl>\n</body>\n</html>\n", out);
}
