/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for reading in a terminal or a mail: a table, then in sentences how the figures came
 * about. Control characters of a name are never passed on to the terminal.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "accounting/report.h"
#include "lib/time.h"

#define KEY_WIDTH_MAX 40
#define KEY_WIDTH_MIN 10

/* Decimals that give the largest of a column three digits. */
static int decimals(double largest)
{
	int places = largest > 0 ? 2 - (int)floor(log10(largest)) : 1;

	return places < 1 ? 1 : places > 6 ? 6 : places;
}

struct columns {
	int key;
	int energy, mass, credit;
};

static struct columns fit_columns(const struct carbon_report *report)
{
	struct columns columns = {.key = KEY_WIDTH_MIN};
	double credit = fabs(report->total.credit_kg);

	for (size_t i = 0; i < report->lines; i++) {
		int width = (int)strlen(carbon_report_key(report, &report->line[i]));

		columns.key = width > columns.key ? width : columns.key;
		credit = fmax(credit, fabs(report->line[i].credit_kg));
	}
	columns.key = columns.key > KEY_WIDTH_MAX ? KEY_WIDTH_MAX : columns.key;
	columns.energy = decimals(report->total.energy_kwh);
	columns.mass = decimals(report->total.high_kg);
	columns.credit = decimals(credit);
	return columns;
}

static void print_key(const char *key, int width, FILE *out)
{
	for (; *key && width > 0; key++, width--)
		fputc((unsigned char)*key < 0x20 || *key == 0x7f ? '?' : *key, out);
	fprintf(out, "%*s", width, "");
}

static void print_line(const char *key, const struct carbon_report_line *line,
		       const struct columns *columns, FILE *out)
{
	print_key(key, columns->key, out);
	fprintf(out, " %9llu %12.*f", (unsigned long long)line->jobs, columns->energy,
		line->energy_kwh);
	if (line->unknown_kwh >= line->energy_kwh && line->mass_kg <= 0)
		fprintf(out, " %12s %25s", "unknown", "");
	else
		fprintf(out, " %12.*f %12.*f %12.*f", columns->mass, line->mass_kg, columns->mass,
			line->low_kg, columns->mass, line->high_kg);
	if (line->credits)
		fprintf(out, " %+13.*f\n", columns->credit, line->credit_kg);
	else
		fprintf(out, " %13s\n", "-");
}

static void print_table(const struct carbon_report *report, FILE *out)
{
	struct columns columns = fit_columns(report);

	fprintf(out, "%-*s %9s %12s %12s %12s %12s %13s\n", columns.key, report->by->heading, "jobs",
		"kWh", "kg CO2e", "low", "high", "timing credit");
	fprintf(out, "%-*s %9s %12s %12s %12s %12s %13s\n", columns.key, "", "", "", "", "", "",
		"kg");
	for (size_t i = 0; i < report->lines; i++)
		print_line(carbon_report_key(report, &report->line[i]), &report->line[i], &columns,
			   out);
	print_line("total", &report->total, &columns, out);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : 0;
}

static void print_energy(const struct carbon_report_line *total, FILE *out)
{
	fprintf(out, "Energy: %.1f %% measured, %.1f %% from the power model; PUE included.\n",
		percent(total->measured_kwh, total->energy_kwh),
		100 - percent(total->measured_kwh, total->energy_kwh));
}

static void print_intensity(const struct carbon_report *report, FILE *out)
{
	static const char *const WORDS[CARBON_INTENSITY_METHODS] = {
		[CARBON_INTENSITY_UNKNOWN] = "unknown",
		[CARBON_INTENSITY_PROVISIONAL] = "provisional (settled again as history comes in)",
		[CARBON_INTENSITY_PROFILE] = "a shipped typical day (profile), not the real grid",
		[CARBON_INTENSITY_ESTIMATED] = "estimated in part",
		[CARBON_INTENSITY_SETTLED] = "measured (settled)",
	};
	const struct carbon_report_line *total = &report->total;
	const char *separator = " ";

	fputs("Intensity, by share of the energy:", out);
	for (int i = CARBON_INTENSITY_METHODS - 1; i >= 0; i--) {
		if (total->method_kwh[i] <= 0)
			continue;
		fprintf(out, "%s%.1f %% %s", separator,
			percent(total->method_kwh[i], total->energy_kwh), WORDS[i]);
		separator = ", ";
	}
	fprintf(out, "%s.\n", total->energy_kwh > 0 ? "" : " none");
	if (total->unknown_kwh > 0)
		fprintf(out,
			"%.4g kWh have no known intensity: their emissions are in no figure above.\n",
			total->unknown_kwh);
	if (report->sources[0])
		fprintf(out, "Sources: %s (%s).\n", report->sources,
			carbon_signal_name(report->signal));
}

static void print_credit(const struct carbon_report_line *total, FILE *out)
{
	if (total->delayed == 0)
		fputs("No job was delayed.\n", out);
	else
		fprintf(out,
			"%llu jobs were delayed. Timing credit: what they emitted less (or, negative, "
			"more) than at\ntheir recorded baseline, of the power above idle; forecast at "
			"submission %+.4g kg, of the\ncredit %+.4g kg not settled yet. It is per job, "
			"and not what the cluster as a whole saved:\nthat takes a replay of the month.\n",
			(unsigned long long)total->delayed, total->promised_kg,
			total->open_credit_kg);
	if (total->shadows)
		fprintf(out,
			"Shadow mode changed nothing; it would have delayed %llu runs, for a timing "
			"credit of %+.4g kg.\n",
			(unsigned long long)total->shadows, total->shadow_kg);
}

static void print_odd(const struct carbon_report *report, FILE *out)
{
	const char *separator = "Odd accounting rows, kept and counted: ";
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
		fputs(".\n", out);
	if (report->other_signal)
		fprintf(out, "%llu runs were settled with another signal and are in no sum.\n",
			(unsigned long long)report->other_signal);
}

void carbon_report_write_text(const struct carbon_report *report, FILE *out)
{
	char settled[CARBON_TIME_TEXT];

	fprintf(out, "Carbon report for %s%s, cluster %s, by %s\n", report->month,
		report->now < report->to_at ? " (so far)" : "", report->clusters, report->by->name);
	fputs("Jobs that ended in the month (UTC)", out);
	if (report->settled_to) {
		carbon_time_format(report->settled_to, settled);
		fprintf(out, ", settled up to %s", settled);
	}
	fputs(".\n\n", out);
	print_table(report, out);
	fputc('\n', out);
	print_energy(&report->total, out);
	print_intensity(report, out);
	print_credit(&report->total, out);
	print_odd(report, out);
}
