/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The report for reading in a terminal or a mail: a table, then in sentences how the figures came
 * about. Control characters of a name are never passed on to the terminal.
 */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "accounting/report.h"
#include "lib/quantity.h"
#include "lib/time.h"

#define DIGITS 3 /* significant ones, of a figure in a sentence */

#define KEY_WIDTH_MAX 40
#define KEY_WIDTH_MIN 10

/* A column's unit: so that its largest figure is no row of zeros. Decimals give that one three digits. */
struct unit {
	const char *name;
	double per; /* of it in a kWh or a kg */
	int places;
};

static struct unit fit_unit(double largest, const char *small, const char *usual)
{
	struct unit unit = {usual, 1, 1};

	if (largest > 0 && largest < 0.1)
		unit = (struct unit){small, 1000, 1};
	if (largest > 0)
		unit.places = 2 - (int)floor(log10(largest * unit.per));
	unit.places = unit.places < 1 ? 1 : unit.places > 6 ? 6 : unit.places;
	return unit;
}

struct columns {
	int key;
	struct unit energy, mass, credit;
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
	columns.energy = fit_unit(report->total.energy_kwh, "Wh", "kWh");
	columns.mass = fit_unit(report->total.high_kg, "g CO2e", "kg CO2e");
	columns.credit = fit_unit(credit, "g", "kg");
	return columns;
}

static void print_key(const char *key, int width, FILE *out)
{
	for (; *key && width > 0; key++, width--)
		fputc((unsigned char)*key < 0x20 || *key == 0x7f ? '?' : *key, out);
	fprintf(out, "%*s", width, "");
}

static void print_figure(const struct unit *unit, double value, FILE *out)
{
	fprintf(out, " %12.*f", unit->places, value * unit->per);
}

static void print_line(const char *key, const struct carbon_report_line *line,
		       const struct columns *columns, FILE *out)
{
	print_key(key, columns->key, out);
	fprintf(out, " %9llu", (unsigned long long)line->jobs);
	print_figure(&columns->energy, line->energy_kwh, out);
	if (line->unknown_kwh >= line->energy_kwh && line->mass_kg <= 0) {
		fprintf(out, " %12s %25s", "unknown", "");
	} else {
		print_figure(&columns->mass, line->mass_kg, out);
		print_figure(&columns->mass, line->low_kg, out);
		print_figure(&columns->mass, line->high_kg, out);
	}
	if (line->credits)
		fprintf(out, " %+13.*f\n", columns->credit.places, line->credit_kg * columns->credit.per);
	else
		fprintf(out, " %13s\n", "-");
}

static void print_table(const struct carbon_report *report, FILE *out)
{
	struct columns columns = fit_columns(report);

	fprintf(out, "%-*s %9s %12s %12s %12s %12s %13s\n", columns.key, report->by->heading, "jobs",
		columns.energy.name, columns.mass.name, "low", "high", "timing credit");
	fprintf(out, "%-*s %9s %12s %12s %12s %12s %13s\n", columns.key, "", "", "", "", "", "",
		columns.credit.name);
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
	char energy[CARBON_QUANTITY_TEXT];

	fputs("Intensity, by share of the energy:", out);
	for (int i = CARBON_INTENSITY_METHODS - 1; i >= 0; i--) {
		if (total->method_kwh[i] <= 0)
			continue;
		fprintf(out, "%s%.1f %% %s", separator,
			percent(total->method_kwh[i], total->energy_kwh), WORDS[i]);
		separator = ", ";
	}
	fprintf(out, "%s.\n", total->energy_kwh > 0 ? "" : " none");
	if (total->unknown_kwh > 0) {
		carbon_energy_format(total->unknown_kwh, DIGITS, energy);
		fprintf(out, "%s have no known intensity: their emissions are in no figure above.\n", energy);
	}
	if (report->sources[0])
		fprintf(out, "Sources: %s (%s).\n", report->sources,
			carbon_signal_name(report->signal));
}

/* With its sign, a plus too: a credit may be negative. */
static const char *show_credit(double mass_kg, char out[CARBON_QUANTITY_TEXT + 1])
{
	out[0] = '+';
	carbon_mass_format(mass_kg * 1000, DIGITS, out + (mass_kg > 0));
	return out;
}

static void print_credit(const struct carbon_report_line *total, FILE *out)
{
	char first[CARBON_QUANTITY_TEXT + 1], second[CARBON_QUANTITY_TEXT + 1];

	if (total->delayed == 0)
		fputs("No job was delayed.\n", out);
	else
		fprintf(out,
			"%llu jobs were delayed. Timing credit: what they emitted less (or, negative, "
			"more) than at\ntheir recorded baseline, of the power above idle; forecast at "
			"submission %s, of the\ncredit %s not settled yet. It is per job, "
			"and not what the cluster as a whole saved:\nthat takes a replay of the month.\n",
			(unsigned long long)total->delayed, show_credit(total->promised_kg, first),
			show_credit(total->open_credit_kg, second));
	if (total->shadows)
		fprintf(out,
			"Shadow mode changed nothing; it would have delayed %llu runs, for a timing "
			"credit of %s.\n",
			(unsigned long long)total->shadows, show_credit(total->shadow_kg, first));
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
