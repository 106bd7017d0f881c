/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From where to where jobs were moved, what that emitted and gained, and the data that moved with them. */
#include "accounting/report_sections.h"

#include <math.h>
#include <string.h>

#define COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))
#define PLACE_TEXT (2 * CARBON_NAME_MAX)

/* What columns have to hold: the longest names and the largest figures. */
struct extent {
	size_t from, from_zone, to, to_zone;
	double energy_kwh, mass_kg, credit_kg, data_gb, data_kg;
};

/* As carbon.conf names places. */
static size_t name_place(const struct carbon_report_end *end, char out[PLACE_TEXT])
{
	snprintf(out, PLACE_TEXT, "%s/%s", end->cluster, end->partition[0] ? end->partition : "(none)");
	return strlen(out);
}

static const char *name_zone(const struct carbon_report_end *end)
{
	return end->zone[0] ? end->zone : "unknown";
}

static size_t longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

static struct carbon_report_flow sum_flows(const struct carbon_report *report)
{
	struct carbon_report_flow sum = {.jobs = 0};

	for (size_t i = 0; i < report->flows; i++) {
		const struct carbon_report_flow *flow = &report->flow[i];

		sum.jobs += flow->jobs;
		sum.credits += flow->credits;
		sum.energy_kwh += flow->energy_kwh;
		sum.unknown_kwh += flow->unknown_kwh;
		sum.mass_kg += flow->mass_kg;
		sum.credit_kg += flow->credit_kg;
		sum.data_gb += flow->data_gb;
		sum.data_kg += flow->data_kg;
	}
	return sum;
}

static struct extent measure(const struct carbon_report *report)
{
	const struct carbon_report_flow sum = sum_flows(report);
	struct extent most = {.from = strlen("total"), .energy_kwh = sum.energy_kwh, .mass_kg = sum.mass_kg,
			      .credit_kg = fabs(sum.credit_kg), .data_gb = sum.data_gb, .data_kg = sum.data_kg};
	char name[PLACE_TEXT];

	for (size_t i = 0; i < report->flows; i++) {
		const struct carbon_report_flow *flow = &report->flow[i];

		most.from = longer(most.from, name_place(&flow->from, name));
		most.from_zone = longer(most.from_zone, strlen(name_zone(&flow->from)));
		most.to = longer(most.to, name_place(&flow->to, name));
		most.to_zone = longer(most.to_zone, strlen(name_zone(&flow->to)));
		most.energy_kwh = fmax(most.energy_kwh, flow->energy_kwh);
		most.mass_kg = fmax(most.mass_kg, flow->mass_kg);
		most.credit_kg = fmax(most.credit_kg, fabs(flow->credit_kg));
		most.data_gb = fmax(most.data_gb, flow->data_gb);
		most.data_kg = fmax(most.data_kg, flow->data_kg);
	}
	return most;
}

static void put_figures(const struct carbon_report_flow *flow, struct carbon_page *page)
{
	bool is_known = flow->energy_kwh <= 0 || flow->unknown_kwh < flow->energy_kwh;

	carbon_page_cell(page, (double)flow->jobs);
	carbon_page_cell(page, flow->energy_kwh);
	carbon_page_cell(page, is_known ? flow->mass_kg : NAN);
	carbon_page_cell(page, flow->credits ? flow->credit_kg : NAN);
	carbon_page_cell(page, flow->data_gb);
	carbon_page_cell(page, flow->data_kg);
}

static void put_sum(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_flow sum = sum_flows(report);

	carbon_page_total(page);
	carbon_page_cell_text(page, "total");
	for (int i = 0; i < 3; i++)
		carbon_page_cell_text(page, "");
	put_figures(&sum, page);
}

static void put_flow(const struct carbon_report_flow *flow, struct carbon_page *page)
{
	char name[PLACE_TEXT];

	name_place(&flow->from, name);
	carbon_page_cell_text(page, name);
	carbon_page_cell_text(page, name_zone(&flow->from));
	name_place(&flow->to, name);
	carbon_page_cell_text(page, name);
	carbon_page_cell_text(page, name_zone(&flow->to));
	put_figures(flow, page);
}

void carbon_report_tell_flows(const struct carbon_report *report, struct carbon_page *page)
{
	const struct extent most = measure(report);
	const struct carbon_page_column columns[] = {
		{.key = "from", .label = "From", .is_text = true, .width = (int)most.from},
		{.key = "from_zone", .label = "Zone", .is_text = true, .width = (int)most.from_zone, .is_minor = true},
		{.key = "to", .label = "To", .is_text = true, .width = (int)most.to},
		{.key = "to_zone", .label = "Zone", .is_text = true, .width = (int)most.to_zone, .is_minor = true},
		{.key = "jobs", .label = "jobs", .unit = CARBON_UNIT_COUNT},
		{.key = "energy_kwh", .label = "energy", .unit = CARBON_UNIT_KWH, .largest = most.energy_kwh},
		{.key = "emissions_kg", .label = "emissions", .unit = CARBON_UNIT_KG, .largest = most.mass_kg},
		{.key = "credit_kg", .label = "credit", .unit = CARBON_UNIT_KG, .largest = most.credit_kg, .is_signed = true},
		{.key = "data_gb", .label = "data moved", .unit = CARBON_UNIT_GB, .largest = most.data_gb, .is_minor = true},
		{.key = "data_kg", .label = "by that", .unit = CARBON_UNIT_KG, .largest = most.data_kg, .is_minor = true},
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, true};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->flows; i++)
		put_flow(&report->flow[i], page);
	put_sum(report, page);
	carbon_page_table_end(page);
	carbon_page_say(page, "Jobs that were moved, from where they would have run to where they ran. The timing credit is what they "
			"would have emitted there less what they emitted here; emissions of the data moved are taken off it, and "
			"are in no other figure.");
}
