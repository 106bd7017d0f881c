/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When: the days of the month, the hours of the day with and without us, and the months before. */
#include "accounting/report_sections.h"

#include <math.h>
#include <string.h>

#define COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))
#define LABELLED_DAYS 5
#define LABELLED_HOURS 3

void carbon_report_tell_days(const struct carbon_report *report, struct carbon_page *page)
{
	char label[CARBON_REPORT_DAYS_MAX][CARBON_PAGE_LABEL_MAX];
	double load_kwh[CARBON_REPORT_DAYS_MAX], g_kwh[CARBON_REPORT_DAYS_MAX], grid[CARBON_REPORT_DAYS_MAX];
	char title[96], text[384], most[CARBON_FIGURE_TEXT];
	size_t peak = 0;
	struct carbon_page_chart chart = {
		.key = "days", .title = title, .text = text, .x_key = "day", .count = report->days,
		.every = LABELLED_DAYS, .label = label, .cut = strlen("2026-10-"), .series = 3,
		.one = {{"energy_kwh", "energy", CARBON_UNIT_KWH, false, load_kwh},
			{"intensity_g_kwh", "as drawn", CARBON_UNIT_G_KWH, true, g_kwh},
			{"grid_g_kwh", "the grid", CARBON_UNIT_G_KWH, true, grid}}};

	for (size_t i = 0; i < report->days; i++) {
		const struct carbon_report_load *day = &report->day[i];

		snprintf(label[i], sizeof(label[i]), "%s-%02u", report->month, (unsigned int)(i + 1) % 100);
		load_kwh[i] = day->energy_kwh;
		g_kwh[i] = day->known_kwh > 0 ? day->mass_kg * 1000 / day->known_kwh : NAN;
		grid[i] = day->grid_g_kwh;
		peak = load_kwh[i] > load_kwh[peak] ? i : peak;
	}
	carbon_figure_format(load_kwh[peak], CARBON_UNIT_KWH, most);
	snprintf(title, sizeof(title), "Energy and intensity of each day of %s", report->month);
	snprintf(text, sizeof(text), "Bars: energy drawn on the day, most on %.10s with %s. Line: mean intensity of that "
		 "energy. Dashed: mean intensity of the grid on that day.", label[peak], most);
	carbon_page_chart(page, &chart);
	carbon_page_say(page, "Energy that jobs drew on the day (UTC), whenever they ended, and its mean intensity as drawn; "
			"beside it the grid's mean over the whole day (of several zones by their energy in the month), which "
			"is what a load without any choice of its hours would have drawn at.");
}

/* Hours whose load changed most, as a share of the day's. */
static void say_moves(const struct carbon_report *report, struct carbon_page *page)
{
	double moved_kwh = 0, all_kwh = 0;

	for (size_t i = 0; i < CARBON_REPORT_HOURS; i++) {
		moved_kwh += fabs(report->with_kwh[i] - report->without_kwh[i]) / 2;
		all_kwh += report->with_kwh[i];
	}
	carbon_page_fact(page, "moved_kwh", "Energy moved to another hour", moved_kwh, CARBON_UNIT_KWH);
	carbon_page_fact(page, "moved_percent", "That share of all energy", all_kwh > 0 ? 100 * moved_kwh / all_kwh : NAN,
			 CARBON_UNIT_PERCENT);
	carbon_page_say(page, "Energy of the month's jobs by hour of the day (UTC): as they ran, and had each delayed "
			"one run at its recorded baseline. What moved by whole days cancels out here; and on a busy "
			"cluster other jobs fill the hole, so this is not yet what the cluster's load did.");
}

void carbon_report_tell_hours(const struct carbon_report *report, struct carbon_page *page)
{
	char label[CARBON_REPORT_HOURS][CARBON_PAGE_LABEL_MAX];
	char text[256];
	size_t gain = 0, loss = 0;
	const struct carbon_page_chart chart = {
		.key = "hours", .title = "Energy by hour of the day, with and without delays", .text = text,
		.x_key = "hour", .count = CARBON_REPORT_HOURS, .every = LABELLED_HOURS, .label = label, .series = 2,
		.one = {{"with_kwh", "with delays", CARBON_UNIT_KWH, false, report->with_kwh},
			{"without_kwh", "without", CARBON_UNIT_KWH, true, report->without_kwh}},
		.has_one_scale = true};

	for (size_t i = 0; i < CARBON_REPORT_HOURS; i++) {
		double change = report->with_kwh[i] - report->without_kwh[i];

		snprintf(label[i], sizeof(label[i]), "%02u:00", (unsigned int)i);
		gain = change > report->with_kwh[gain] - report->without_kwh[gain] ? i : gain;
		loss = change < report->with_kwh[loss] - report->without_kwh[loss] ? i : loss;
	}
	snprintf(text, sizeof(text), "Bars: as jobs ran. Line: had the delayed ones run at their baseline. Most was "
		 "taken from %s and most put at %s.", label[loss], label[gain]);
	carbon_page_chart(page, &chart);
	say_moves(report, page);
}

/* --- months before --- */

static double change(double now, double then)
{
	return then > 0 ? 100 * (now - then) / then : NAN;
}

static void put_past(struct carbon_page *page, const struct carbon_report *report,
		     const struct carbon_report_past *past)
{
	const struct carbon_report_line *now = &report->total, *then = &past->sum;
	double now_g_kwh = carbon_report_intensity(now), then_g_kwh = carbon_report_intensity(then);

	carbon_page_cell_text(page, past->month);
	carbon_page_cell_text(page, past->name);
	carbon_page_cell(page, past->is_there ? then->energy_kwh : NAN);
	carbon_page_cell(page, change(now->energy_kwh, then->energy_kwh));
	carbon_page_cell(page, past->is_there && !isnan(then_g_kwh) ? then->mass_kg : NAN);
	carbon_page_cell(page, change(now->mass_kg, then->mass_kg));
	carbon_page_cell(page, then_g_kwh);
	carbon_page_cell(page, change(now_g_kwh, then_g_kwh));
}

void carbon_report_tell_changes(const struct carbon_report *report, struct carbon_page *page)
{
	double largest = fmax(report->past[0].sum.energy_kwh, report->past[1].sum.energy_kwh);
	double heaviest = fmax(report->past[0].sum.mass_kg, report->past[1].sum.mass_kg);
	const struct carbon_page_column columns[] = {
		{.key = "month", .label = "Month", .is_text = true},
		{.key = "which", .label = "", .is_text = true, .width = 18, .is_minor = true},
		{.key = "energy_kwh", .label = "energy", .unit = CARBON_UNIT_KWH, .largest = largest},
		{.key = "energy_change_percent", .label = "change", .unit = CARBON_UNIT_PERCENT, .is_signed = true},
		{.key = "emissions_kg", .label = "emissions", .unit = CARBON_UNIT_KG, .largest = heaviest},
		{.key = "emissions_change_percent", .label = "change", .unit = CARBON_UNIT_PERCENT, .is_signed = true},
		{.key = "intensity_g_kwh", .label = "intensity", .unit = CARBON_UNIT_G_KWH, .largest = 100,
		 .is_minor = true},
		{.key = "intensity_change_percent", .label = "change", .unit = CARBON_UNIT_PERCENT,
		 .is_signed = true, .is_minor = true},
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < CARBON_REPORT_PASTS; i++)
		put_past(page, report, &report->past[i]);
	carbon_page_table_end(page);
	if (!report->past[0].is_there || !report->past[1].is_there)
		carbon_page_say(page, "A month without figures is not in the ledger.");
	if (report->now < report->to_at)
		carbon_page_say(page, "This month is not over: the others are summed up to the same day.");
	carbon_page_say(page, "Change is this month's figure against that month's. A change is the weather's, the "
			"grid's and the users' together, and not what waiting saved.");
}
