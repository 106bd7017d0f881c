/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sections of a report in their order, and what stands above them. */
#include "accounting/report_sections.h"

#include <math.h>
#include <string.h>

#include "lib/time.h"

static bool has_other_lines(const struct carbon_report *report)
{
	return strcmp(report->by->name, "account") != 0;
}

static bool has_delays(const struct carbon_report *report)
{
	return report->total.delayed > 0;
}

static bool has_flows(const struct carbon_report *report)
{
	return report->flows > 0;
}

static bool has_emissions(const struct carbon_report *report)
{
	return carbon_report_known_kwh(&report->total) > 0;
}

static bool has_budgets(const struct carbon_report *report)
{
	return report->budgets > 0;
}

static bool has_nodes(const struct carbon_report *report)
{
	return report->nodes.days > 0;
}

static bool has_levers(const struct carbon_report *report)
{
	return report->levers.count > 0;
}

static bool has_balances(const struct carbon_report *report)
{
	return report->balances > 0;
}

static bool has_fillings(const struct carbon_report *report)
{
	return report->fillings > 0;
}

static const struct carbon_report_section sections[] = {
	{"", NULL, NULL, carbon_report_tell_lines},
	{"load", "Day by day", NULL, carbon_report_tell_days},
	{"accounts", "Largest accounts", has_other_lines, carbon_report_tell_accounts},
	{"budgets", "Allowances", has_budgets, carbon_report_tell_budgets},
	{"places", "By place", NULL, carbon_report_tell_places},
	{"flows", "How jobs moved between places", has_flows, carbon_report_tell_flows},
	{"hours", "How jobs moved between hours", has_delays, carbon_report_tell_hours},
	{"effect", "What waiting saved", NULL, carbon_report_tell_effect},
	{"promises", "Promises and outcomes", NULL, carbon_report_tell_promises},
	{"cost", "What it cost", NULL, carbon_report_tell_cost},
	{"saturation", "How full places were", has_fillings, carbon_report_tell_filling},
	{"nodes", "Nodes without work", has_nodes, carbon_report_tell_nodes},
	{"balance", "Against the meters", has_balances, carbon_report_tell_balance},
	{"scope2", "Scope 2", NULL, carbon_report_tell_scope2},
	{"sci", "Software carbon intensity", NULL, carbon_report_tell_sci},
	{"apart", "Beside the emissions", NULL, carbon_report_tell_apart},
	{"rates", "Per hour of use", has_emissions, carbon_report_tell_rates},
	{"changes", "Against earlier months", NULL, carbon_report_tell_changes},
	{"equivalents", "As much as", has_emissions, carbon_report_tell_equivalents},
	{"levers", "What would have helped", has_levers, carbon_report_tell_levers},
	{"quality", "How sure these figures are", NULL, carbon_report_tell_quality},
	{"method", "Method and sources", NULL, carbon_report_tell_method},
};

void carbon_report_tell(const struct carbon_report *report, struct carbon_page *page)
{
	char heading[64];

	for (size_t i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
		const struct carbon_report_section *section = &sections[i];

		if (section->has && !section->has(report))
			continue;
		snprintf(heading, sizeof(heading), "By %s", report->by->name);
		carbon_page_section(page, section->key, section->heading ? section->heading : heading);
		section->tell(report, page);
		carbon_page_section_end(page);
	}
}

void carbon_report_title(const struct carbon_report *report, char *out, size_t size)
{
	snprintf(out, size, "Carbon report for %s%s, cluster %s, by %s", report->month,
		 report->now < report->to_at ? " (so far)" : "", report->clusters, report->by->name);
}

void carbon_report_scope(const struct carbon_report *report, struct carbon_page *page)
{
	char settled[CARBON_TIME_TEXT];

	if (!report->settled_to) {
		carbon_page_say(page, "Jobs that ended in the month (UTC).");
		return;
	}
	carbon_time_format(report->settled_to, settled);
	carbon_page_say(page, "Jobs that ended in the month (UTC), settled up to %s.", settled);
}

static void summarise_mass(const struct carbon_report_line *total, struct carbon_page *page)
{
	char low[CARBON_FIGURE_TEXT], high[CARBON_FIGURE_TEXT];

	if (carbon_report_known_kwh(total) <= 0)
		return;
	carbon_page_words(page, " and emitted ");
	carbon_page_value(page, "total.emissions_kg", total->mass_kg, CARBON_UNIT_KG);
	if (total->high_kg - total->low_kg < total->mass_kg * 1e-3)
		return;
	carbon_figure_format(total->low_kg, CARBON_UNIT_RATIO, low);
	carbon_figure_format(total->high_kg, CARBON_UNIT_RATIO, high);
	carbon_page_words(page, " (%s to %s)", low, high);
}

static void summarise_effect(const struct carbon_report *report, struct carbon_page *page)
{
	char low[CARBON_FIGURE_TEXT], high[CARBON_FIGURE_TEXT];

	if (!report->has_saved)
		return;
	carbon_figure_format(report->saved.low_g / 1000, CARBON_UNIT_RATIO, low);
	carbon_figure_format(report->saved.high_g / 1000, CARBON_UNIT_RATIO, high);
	carbon_page_words(page, " On the cluster as a whole waiting saved ");
	carbon_page_value(page, "effect.saved_kg", report->saved.saved_g / 1000, CARBON_UNIT_KG);
	carbon_page_words(page, " (%s to %s).", low, high);
}

void carbon_report_summary(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;

	carbon_page_paragraph(page);
	carbon_page_value(page, "total.jobs", (double)total->jobs, CARBON_UNIT_COUNT);
	carbon_page_words(page, total->jobs == 1 ? " job used " : " jobs used ");
	carbon_page_value(page, "total.energy_kwh", total->energy_kwh, CARBON_UNIT_KWH);
	summarise_mass(total, page);
	if (total->delayed) {
		carbon_page_words(page, "; ");
		carbon_page_value(page, "total.credit.delayed_jobs", (double)total->delayed, CARBON_UNIT_COUNT);
		carbon_page_words(page, " of them waited for cleaner power, with a timing credit of ");
		carbon_page_value(page, "total.credit_kg", total->credit_kg, CARBON_UNIT_KG);
	}
	carbon_page_words(page, ".");
	summarise_effect(report, page);
	carbon_page_paragraph_end(page);
}
