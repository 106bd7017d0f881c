/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as JSON for programs (keys in carbonctl(1)): the lines with all that is known of each, then the sections.
 */
#include "accounting/escape.h"
#include "accounting/report_sections.h"
#include "lib/time.h"

static void write_text(const char *key, const char *text, FILE *out)
{
	fprintf(out, "  \"%s\": ", key);
	carbon_escape_json(text, out);
	fputs(",\n", out);
}

static void write_time(const char *key, time_t at, FILE *out)
{
	char text[CARBON_TIME_TEXT];

	if (at == 0) {
		fprintf(out, "  \"%s\": null,\n", key);
		return;
	}
	carbon_time_format(at, text);
	write_text(key, text, out);
}

static void write_credit(const struct carbon_report_line *line, FILE *out)
{
	fprintf(out,
		"\"credit\": {\"delayed_jobs\": %llu, \"credited_runs\": %llu, "
		"\"open_kg\": %.10g, \"promised_kg\": %.10g, \"shadow_runs\": %llu, "
		"\"shadow_kg\": %.10g}, \"missed_jobs\": %llu, \"opt_out_jobs\": %llu",
		(unsigned long long)line->delayed, (unsigned long long)line->credits,
		line->open_credit_kg, line->promised_kg, (unsigned long long)line->shadows,
		line->shadow_kg, (unsigned long long)line->missed,
		(unsigned long long)carbon_report_opt_outs(line));
}

/* The numbers of one line, without its braces. */
static void write_numbers(const struct carbon_report_line *line, FILE *out)
{
	fprintf(out,
		"\"jobs\": %llu, \"runs\": %llu, \"core_hours\": %.10g, \"gpu_hours\": %.10g, "
		"\"energy_kwh\": %.10g, \"energy_low_kwh\": %.10g, \"energy_high_kwh\": %.10g, "
		"\"measured_kwh\": %.10g, \"intensity_kwh\": {",
		(unsigned long long)line->jobs, (unsigned long long)line->runs, line->core_h,
		line->gpu_h, line->energy_kwh, line->low_kwh, line->high_kwh, line->measured_kwh);
	for (size_t i = 0; i < CARBON_INTENSITY_METHODS; i++)
		fprintf(out, "%s\"%s\": %.10g", i ? ", " : "",
			carbon_intensity_method_name((enum carbon_intensity_method)i),
			line->method_kwh[i]);
	fprintf(out,
		"}, \"without_emissions_kwh\": %.10g, \"emissions_kg\": %.10g, "
		"\"emissions_low_kg\": %.10g, \"emissions_high_kg\": %.10g, \"credit_kg\": %.10g, ",
		line->unknown_kwh, line->mass_kg, line->low_kg, line->high_kg, line->credit_kg);
	write_credit(line, out);
}

static void write_lines(const struct carbon_report *report, FILE *out)
{
	fputs("  \"lines\": [", out);
	for (size_t i = 0; i < report->lines; i++) {
		fprintf(out, "%s\n    {\"%s\": ", i ? "," : "", report->by->name);
		if (report->line[i].key[0])
			carbon_escape_json(report->line[i].key, out);
		else
			fputs("null", out);
		fputs(", ", out);
		write_numbers(&report->line[i], out);
		fputc('}', out);
	}
	fputs("\n  ],\n", out);
}

void carbon_report_write_json(const struct carbon_report *report, FILE *out)
{
	struct carbon_page page;

	fputs("{\n", out);
	write_text("month", report->month, out);
	write_time("from", report->from_at, out);
	write_time("to", report->to_at, out);
	write_time("settled_to", report->settled_to, out);
	write_text("clusters", report->clusters, out);
	write_text("signal", carbon_signal_name(report->signal), out);
	write_text("sources", report->sources, out);
	write_text("by", report->by->name, out);
	write_lines(report, out);
	fputs("  \"total\": {", out);
	write_numbers(&report->total, out);
	fprintf(out, "},\n  \"other_signal_runs\": %llu,\n  \"odd_runs\": {",
		(unsigned long long)report->other_signal);
	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++)
		fprintf(out, "%s\"%s\": %llu", i ? ", " : "", carbon_odd_key(i),
			(unsigned long long)report->odd[i]);
	fputc('}', out);
	carbon_page_init(&page, &carbon_page_json, out);
	carbon_report_tell(report, &page);
	fputs("\n}\n", out);
}
