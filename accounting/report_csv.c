/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report as CSV (RFC 4180), one row per line and no total, for spreadsheets.
 */
#include "accounting/escape.h"
#include "accounting/report.h"

static void write_line(const struct carbon_report *report, const struct carbon_report_line *line,
		       FILE *out)
{
	carbon_escape_csv(carbon_report_key(report, line), out);
	fprintf(out, ",%llu,%llu,%llu,%.10g,%.10g", (unsigned long long)line->jobs,
		(unsigned long long)line->runs, (unsigned long long)line->delayed, line->core_h,
		line->gpu_h);
	fprintf(out, ",%.10g,%.10g,%.10g,%.10g", line->energy_kwh, line->low_kwh, line->high_kwh,
		line->measured_kwh);
	for (size_t i = 0; i < CARBON_INTENSITY_METHODS; i++)
		fprintf(out, ",%.10g", line->method_kwh[i]);
	fprintf(out, ",%.10g,%.10g,%.10g,%.10g", line->unknown_kwh, line->mass_kg, line->low_kg,
		line->high_kg);
	fprintf(out, ",%llu,%.10g,%.10g,%.10g,%llu,%.10g,%llu,%llu\r\n", (unsigned long long)line->credits,
		line->credit_kg, line->open_credit_kg, line->promised_kg,
		(unsigned long long)line->shadows, line->shadow_kg, (unsigned long long)line->missed,
		(unsigned long long)carbon_report_opt_outs(line));
}

void carbon_report_write_csv(const struct carbon_report *report, FILE *out)
{
	fprintf(out,
		"%s,jobs,runs,delayed_jobs,core_hours,gpu_hours,energy_kwh,energy_low_kwh,"
		"energy_high_kwh,measured_kwh",
		report->by->name);
	for (size_t i = 0; i < CARBON_INTENSITY_METHODS; i++)
		fprintf(out, ",%s_intensity_kwh",
			carbon_intensity_method_name((enum carbon_intensity_method)i));
	fputs(",without_emissions_kwh,emissions_kg,emissions_low_kg,emissions_high_kg,credited_runs,"
	      "timing_credit_kg,timing_credit_open_kg,promised_credit_kg,shadow_runs,"
	      "shadow_credit_kg,missed_jobs,opt_out_jobs\r\n",
	      out);
	for (size_t i = 0; i < report->lines; i++)
		write_line(report, &report->line[i], out);
}
