/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of promises, how each figure is known, and by what method. Sums of credits are never called savings. */
#include "accounting/report_sections.h"

#include <math.h>
#include <string.h>

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

static void tell_delays(const struct carbon_report_line *total, struct carbon_page *page)
{
	carbon_page_fact(page, "promised_kg", "Promised by the forecast", total->promised_kg, CARBON_UNIT_KG);
	carbon_page_fact(page, "kept_kg", "What came of it", total->kept_kg, CARBON_UNIT_KG);
	carbon_page_fact(page, "open_kg", "Credit that is not settled yet", total->open_credit_kg, CARBON_UNIT_KG);
	carbon_page_fact(page, "worse_runs", "Runs that waited for nothing", (double)total->worse, CARBON_UNIT_COUNT);
	carbon_page_fact(page, "waited_hours", "Mean wait of delayed jobs",
			 total->delayed ? total->waited_h / (double)total->delayed : NAN, CARBON_UNIT_HOURS);
	carbon_page_fact(page, "late_jobs", "Jobs after their latest begin", (double)total->late, CARBON_UNIT_COUNT);
	carbon_page_fact(page, "late_hours", "And by how much, on average",
			 total->late ? total->late_h / (double)total->late : 0, CARBON_UNIT_HOURS);
	carbon_page_say(page, "Timing credit is what a delayed job emitted less (or, negative, more) than at its recorded "
			"baseline, of the power above idle. It is per job, and not what the cluster as a whole saved: "
			"that takes a replay of the month.");
}

/* Whoever asked for an end and waited for us: whether it came by then, and whose doing it was where not. */
static void tell_ends(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	const struct carbon_page_fact anyway = {
		.key = "missed_anyway_jobs", .label = "Of these too late without us", .value = (double)total->missed_anyway,
		.unit = CARBON_UNIT_COUNT, .remark = "had they begun at their baseline"};
	const struct carbon_page_fact queue = {
		.key = "missed_queue_hours", .label = "By the queue", .value = total->missed_queue_h,
		.unit = CARBON_UNIT_HOURS, .remark = "begun after their latest begin"};
	const struct carbon_page_fact run = {
		.key = "missed_run_hours", .label = "By the runs themselves", .value = total->missed_h - total->missed_queue_h,
		.unit = CARBON_UNIT_HOURS, .remark = "a longer limit, a requeue, a suspension"};

	carbon_page_fact(page, "deadline_jobs", "Promised to end by a time", (double)total->ends, CARBON_UNIT_COUNT);
	carbon_page_fact(page, "missed_jobs", "Missed promises", (double)total->missed, CARBON_UNIT_COUNT);
	if (total->missed) {
		carbon_page_fact(page, "missed_hours", "Late by, together", total->missed_h, CARBON_UNIT_HOURS);
		carbon_page_fact_full(page, &queue);
		carbon_page_fact_full(page, &run);
		carbon_page_fact_full(page, &anyway);
	}
	carbon_page_fact(page, "unstarted_jobs", "Cancelled at a deadline unstarted", (double)report->unstarted,
			 CARBON_UNIT_COUNT);
}

void carbon_report_tell_promises(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	char credit[CARBON_FIGURE_TEXT];

	carbon_page_fact(page, "delayed_jobs", "Delayed jobs", (double)total->delayed, CARBON_UNIT_COUNT);
	if (total->delayed)
		tell_delays(total, page);
	else
		carbon_page_say(page, "No job was delayed.");
	if (total->ends || report->unstarted)
		tell_ends(report, page);
	if (!total->shadows)
		return;
	carbon_figure_format(total->shadow_kg, CARBON_UNIT_KG, credit);
	carbon_page_say(page, "Shadow mode changed nothing; it would have delayed %llu runs, for a timing credit of %s.",
			(unsigned long long)total->shadows, credit);
}

/* --- how each figure is known --- */

static const struct {
	const char *key, *label;
} METHODS[CARBON_INTENSITY_METHODS] = {
	[CARBON_INTENSITY_UNKNOWN] = {"unknown_percent", "Intensity unknown"},
	[CARBON_INTENSITY_PROVISIONAL] = {"provisional_percent", "Intensity provisional"},
	[CARBON_INTENSITY_PROFILE] = {"profile_percent", "Intensity of a typical day"},
	[CARBON_INTENSITY_ESTIMATED] = {"estimated_percent", "Intensity estimated in part"},
	[CARBON_INTENSITY_SETTLED] = {"settled_percent", "Intensity measured (settled)"},
};

static const char *remark_of(int method)
{
	switch (method) {
	case CARBON_INTENSITY_UNKNOWN: return "in no figure of emissions here";
	case CARBON_INTENSITY_PROVISIONAL: return "settled again as history comes in";
	case CARBON_INTENSITY_PROFILE: return "a shipped profile, not the real grid";
	default: return NULL;
	}
}

static void tell_odd(const struct carbon_report *report, struct carbon_page *page)
{
	uint64_t all = 0;

	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++)
		all += report->odd[i];
	if (all) {
		const char *separator = ":";

		carbon_page_paragraph(page);
		carbon_page_words(page, "Odd accounting rows, kept and counted");
		for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++) {
			if (!report->odd[i])
				continue;
			carbon_page_words(page, "%s %llu %s", separator, (unsigned long long)report->odd[i],
					  carbon_odd_name(i));
			separator = ",";
		}
		carbon_page_words(page, ".");
		carbon_page_paragraph_end(page);
	}
	if (report->other_signal)
		carbon_page_say(page, "%llu runs were settled with another signal and are in no sum.",
				(unsigned long long)report->other_signal);
}

void carbon_report_tell_quality(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	char energy[CARBON_FIGURE_TEXT];

	carbon_page_fact(page, "measured_percent", "Energy measured", percent(total->measured_kwh, total->energy_kwh),
			 CARBON_UNIT_PERCENT);
	carbon_page_fact(page, "model_percent", "Energy from the power model",
			 100 - percent(total->measured_kwh, total->energy_kwh), CARBON_UNIT_PERCENT);
	for (int i = CARBON_INTENSITY_METHODS - 1; i >= 0; i--) {
		const struct carbon_page_fact fact = {
			.key = METHODS[i].key, .label = METHODS[i].label, .unit = CARBON_UNIT_PERCENT,
			.value = percent(total->method_kwh[i], total->energy_kwh), .remark = remark_of(i)};

		if (total->method_kwh[i] > 0 || i == CARBON_INTENSITY_SETTLED)
			carbon_page_fact_full(page, &fact);
	}
	if (total->unknown_kwh > 0) {
		carbon_figure_format(total->unknown_kwh, CARBON_UNIT_KWH, energy);
		carbon_page_say(page, "%s have no known intensity: their emissions are in no figure here.", energy);
	}
	tell_odd(report, page);
}

/* Each assumption once, in the order of the levers. */
static void tell_assumptions(const struct carbon_levers *levers, struct carbon_page *page)
{
	for (size_t i = 0; i < levers->count; i++) {
		const struct carbon_lever *lever = &levers->lever[i];

		if (i == 0 || strcmp(lever->key, levers->lever[i - 1].key) != 0)
			carbon_page_say(page, "Assumed (%s): %s.", lever->key, lever->assumption);
	}
}

/* In percent; what is left of subtracting equals is no change. */
static double change_to(double then, double now)
{
	double change = percent(then - now, now);

	return fabs(change) < 1e-9 ? 0 : change;
}

void carbon_report_tell_levers(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_levers *levers = &report->levers;
	double now_kg = report->total.mass_kg;
	size_t width = 0;

	for (size_t i = 0; i < levers->count; i++)
		width = strlen(levers->lever[i].what) > width ? strlen(levers->lever[i].what) : width;
	const struct carbon_page_column columns[] = {
		{.key = "lever", .label = "Lever", .is_text = true, .width = 11},
		{.key = "what", .label = "The same work ...", .is_text = true, .width = (int)width},
		{.key = "low_kg", .label = "from", .unit = CARBON_UNIT_KG, .largest = now_kg},
		{.key = "high_kg", .label = "to", .unit = CARBON_UNIT_KG, .largest = now_kg},
		{.key = "low_change_percent", .label = "from", .unit = CARBON_UNIT_PERCENT, .is_signed = true, .is_minor = true},
		{.key = "high_change_percent", .label = "to", .unit = CARBON_UNIT_PERCENT, .is_signed = true, .is_minor = true},
	};
	const struct carbon_page_table table = {"list", sizeof(columns) / sizeof(columns[0]), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < levers->count; i++) {
		const struct carbon_lever *lever = &levers->lever[i];

		carbon_page_cell_text(page, lever->key);
		carbon_page_cell_text(page, lever->what);
		carbon_page_cell(page, lever->low_kg);
		carbon_page_cell(page, lever->high_kg);
		carbon_page_cell(page, change_to(lever->low_kg, now_kg));
		carbon_page_cell(page, change_to(lever->high_kg, now_kg));
	}
	carbon_page_table_end(page);
	carbon_page_say(page, "None of this was saved: it is what the month's work with known emissions would have emitted, one "
			"lever at a time. Levers overlap and do not add up.");
	tell_assumptions(levers, page);
}

void carbon_report_tell_method(const struct carbon_report *report, struct carbon_page *page)
{
	carbon_page_fact_text(page, "sources", "Intensity from", report->sources[0] ? report->sources : "none");
	carbon_page_fact_text(page, "signal", "Signal", carbon_signal_name(report->signal));
	carbon_page_say(page, "Energy is Slurm's own measurement where a job had its nodes to itself and the figure is "
			"plausible, else power model times running time; both times PUE. Emissions are that energy times "
			"the intensity of its zone over the run itself, every segment of a requeued job included, and "
			"nothing is deducted. Low and high span what is estimated or missing.");
	carbon_page_say(page, "Formulas, constants and their sources: carbon-ledger(5), carbon.conf(5), slurm-carbon(7).");
}
