/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who and where: the lines that were asked for, accounts, places, rates and equivalents. */
#include "accounting/report_sections.h"

#include <math.h>
#include <string.h>

#include "accounting/effects.h"
#include "accounting/estimate.h"

#define TOP_ACCOUNTS 10
#define TEXT_COLUMN(key_, label_, width_) {.key = key_, .label = label_, .is_text = true, .width = width_}
#define FIGURE(key_, label_, unit_, largest_) {.key = key_, .label = label_, .unit = unit_, .largest = largest_}
#define MINOR(key_, label_, unit_, largest_) \
	{.key = key_, .label = label_, .unit = unit_, .largest = largest_, .is_minor = true}
#define COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))

static int longest_key(const struct carbon_report *report, const struct carbon_report_line *line, size_t lines)
{
	size_t longest = 0;

	for (size_t i = 0; i < lines; i++) {
		size_t length = strlen(carbon_report_key(report, &line[i]));

		longest = length > longest ? length : longest;
	}
	return longest > 40 ? 40 : (int)longest;
}

/* Emissions that are not known are no zero. */
static void put_mass(struct carbon_page *page, const struct carbon_report_line *line, double mass_kg)
{
	if (line->energy_kwh > 0 && carbon_report_known_kwh(line) <= 0)
		carbon_page_cell_text(page, "unknown");
	else
		carbon_page_cell(page, mass_kg);
}

static void put_figures(struct carbon_page *page, const struct carbon_report_line *line)
{
	bool is_known = carbon_report_known_kwh(line) > 0 || line->energy_kwh <= 0;

	carbon_page_cell(page, (double)line->jobs);
	carbon_page_cell(page, line->energy_kwh);
	put_mass(page, line, line->mass_kg);
	carbon_page_cell(page, is_known ? line->low_kg : NAN);
	carbon_page_cell(page, is_known ? line->high_kg : NAN);
	carbon_page_cell(page, line->credits ? line->credit_kg : NAN);
}

void carbon_report_tell_lines(const struct carbon_report *report, struct carbon_page *page)
{
	double credit = fabs(report->total.credit_kg);
	const struct carbon_report_line *total = &report->total;

	for (size_t i = 0; i < report->lines; i++)
		credit = fmax(credit, fabs(report->line[i].credit_kg));
	const struct carbon_page_column columns[] = {
		TEXT_COLUMN(report->by->name, report->by->heading, longest_key(report, report->line, report->lines)),
		FIGURE("jobs", "jobs", CARBON_UNIT_COUNT, (double)total->jobs),
		FIGURE("energy_kwh", "energy", CARBON_UNIT_KWH, total->energy_kwh),
		FIGURE("emissions_kg", "emissions", CARBON_UNIT_KG, total->high_kg),
		MINOR("emissions_low_kg", "low", CARBON_UNIT_KG, total->high_kg),
		MINOR("emissions_high_kg", "high", CARBON_UNIT_KG, total->high_kg),
		{.key = "credit_kg", .label = "timing credit", .unit = CARBON_UNIT_KG, .largest = credit,
		 .is_signed = true},
	};
	const struct carbon_page_table table = {"lines", COUNT(columns), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->lines; i++) {
		carbon_page_cell_text(page, carbon_report_key(report, &report->line[i]));
		put_figures(page, &report->line[i]);
	}
	carbon_page_total(page);
	carbon_page_cell_text(page, "total");
	put_figures(page, total);
	carbon_page_table_end(page);
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

void carbon_report_tell_accounts(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	const struct carbon_page_column columns[] = {
		TEXT_COLUMN("account", "Account", longest_key(report, report->account, report->accounts)),
		FIGURE("energy_kwh", "energy", CARBON_UNIT_KWH, total->energy_kwh),
		FIGURE("emissions_kg", "emissions", CARBON_UNIT_KG, total->mass_kg),
		FIGURE("share_percent", "share", CARBON_UNIT_PERCENT, 100),
		MINOR("core_hours", "core-hours", CARBON_UNIT_RATIO, total->core_h),
		MINOR("gpu_hours", "GPU-hours", CARBON_UNIT_RATIO, total->gpu_h),
		{.key = "saved_kg", .label = "part of saved", .unit = CARBON_UNIT_KG, .is_signed = true,
		 .largest = fabs(report->saved.saved_g) / 1000},
	};
	const struct carbon_page_table table = {"list", COUNT(columns) - (report->has_saved ? 0 : 1), columns,
						TOP_ACCOUNTS, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->accounts; i++) {
		const struct carbon_report_line *line = &report->account[i];

		carbon_page_cell_text(page, line->key[0] ? line->key : "(no account)");
		carbon_page_cell(page, line->energy_kwh);
		put_mass(page, line, line->mass_kg);
		carbon_page_cell(page, percent(line->mass_kg, total->mass_kg));
		carbon_page_cell(page, line->core_h);
		carbon_page_cell(page, line->gpu_h);
		if (report->has_saved)
			carbon_page_cell(page, carbon_effects_share(report->saved.saved_g / 1000, line->credit_kg,
								    total->credit_kg));
	}
	carbon_page_table_end(page);
	if (report->has_saved)
		carbon_page_say(page, "Part of saved: what the cluster saved, shared out by timing credits.");
}

void carbon_report_tell_budgets(const struct carbon_report *report, struct carbon_page *page)
{
	double largest_kg = 0, unknown_kwh = 0;
	size_t width = 0;

	for (size_t i = 0; i < report->budgets; i++) {
		const struct carbon_budget *budget = &report->budget[i];

		largest_kg = fmax(largest_kg, fmax(budget->used_kg, budget->allowed.allowance_kg));
		width = strlen(budget->allowed.account) > width ? strlen(budget->allowed.account) : width;
		unknown_kwh += budget->unknown_kwh;
	}
	const struct carbon_page_column columns[] = {
		TEXT_COLUMN("account", "Account", (int)width),
		FIGURE("allowance_kg", "allowance", CARBON_UNIT_KG, largest_kg),
		FIGURE("used_kg", "used", CARBON_UNIT_KG, largest_kg),
		FIGURE("left_kg", "left", CARBON_UNIT_KG, largest_kg),
		FIGURE("used_percent", "used", CARBON_UNIT_PERCENT, 100),
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->budgets; i++) {
		const struct carbon_budget *budget = &report->budget[i];

		carbon_page_cell_text(page, budget->allowed.account);
		carbon_page_cell(page, budget->allowed.allowance_kg);
		carbon_page_cell(page, budget->used_kg);
		carbon_page_cell(page, budget->allowed.allowance_kg - budget->used_kg);
		carbon_page_cell(page, carbon_budget_percent(budget));
	}
	carbon_page_table_end(page);
	carbon_page_fact(page, "unknown_kwh", "Not counted: emissions unknown", unknown_kwh, CARBON_UNIT_KWH);
}

/* Widths of the three names of a place. */
struct widths {
	size_t partition, cluster, zone;
};

static struct widths place_widths(const struct carbon_report *report)
{
	struct widths widths = {0, 0, strlen("unknown")};

	for (size_t i = 0; i < report->places; i++) {
		const struct carbon_report_place *place = &report->place[i];

		widths.partition = fmax((double)widths.partition, (double)strlen(place->sum.key));
		widths.cluster = fmax((double)widths.cluster, (double)strlen(place->cluster));
		widths.zone = fmax((double)widths.zone, (double)strlen(place->zone));
	}
	return widths;
}

void carbon_report_tell_places(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	struct widths widths = place_widths(report);
	const struct carbon_page_column columns[] = {
		TEXT_COLUMN("partition", "Partition", (int)widths.partition),
		{.key = "cluster", .label = "Cluster", .is_text = true, .is_minor = true, .width = (int)widths.cluster},
		TEXT_COLUMN("zone", "Zone", (int)widths.zone),
		FIGURE("energy_kwh", "energy", CARBON_UNIT_KWH, total->energy_kwh),
		FIGURE("pue", "PUE", CARBON_UNIT_RATIO, 1),
		FIGURE("intensity_g_kwh", "intensity", CARBON_UNIT_G_KWH, 100),
		FIGURE("emissions_kg", "emissions", CARBON_UNIT_KG, total->mass_kg),
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, false};
	double without_zone_kwh = 0;

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->places; i++) {
		const struct carbon_report_place *place = &report->place[i];

		carbon_page_cell_text(page, place->sum.key[0] ? place->sum.key : "(none)");
		carbon_page_cell_text(page, place->cluster);
		carbon_page_cell_text(page, place->zone[0] ? place->zone : "unknown");
		carbon_page_cell(page, place->sum.energy_kwh);
		carbon_page_cell(page, place->sum.it_kwh > 0 ? place->sum.energy_kwh / place->sum.it_kwh : NAN);
		carbon_page_cell(page, carbon_report_intensity(&place->sum));
		put_mass(page, &place->sum, place->sum.mass_kg);
		without_zone_kwh += place->zone[0] ? 0 : place->sum.energy_kwh;
	}
	carbon_page_table_end(page);
	carbon_page_fact(page, "without_zone_kwh", "Energy without a zone", without_zone_kwh, CARBON_UNIT_KWH);
	if (without_zone_kwh > 0)
		carbon_page_say(page, "Give its partitions a zone in carbon.conf and settle the month again: until "
				"then its emissions are unknown, and not zero.");
}

void carbon_report_tell_rates(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	struct carbon_page_fact core = {
		.key = "g_per_core_hour", .label = "A core-hour of jobs without GPUs", .unit = CARBON_UNIT_G,
		.value = total->cpu_core_h > 0 ? total->cpu_kg * 1000 / total->cpu_core_h : NAN};
	struct carbon_page_fact gpu = {
		.key = "g_per_gpu_hour", .label = "A GPU-hour of jobs with GPUs", .unit = CARBON_UNIT_G,
		.value = total->gpu_gpu_h > 0 ? total->gpu_kg * 1000 / total->gpu_gpu_h : NAN,
		.remark = "their cores and memory included"};

	if (total->gpu_gpu_h <= 0)
		gpu.remark = "for no job with GPUs has known emissions";
	if (total->cpu_core_h <= 0)
		core.remark = "for no job without GPUs has known emissions";
	carbon_page_fact_full(page, &core);
	carbon_page_fact_full(page, &gpu);
}

void carbon_report_tell_equivalents(const struct carbon_report *report, struct carbon_page *page)
{
	for (size_t i = 0; i < carbon_equivalents_count; i++) {
		const struct carbon_equivalent *each = &carbon_equivalents[i];
		double count = report->total.mass_kg / each->mass_kg;

		carbon_page_fact(page, each->key, each->many, count, CARBON_UNIT_RATIO);
	}
	carbon_page_say(page, "By Strubell et al. 2019 and Patterson et al. 2021.");
}
