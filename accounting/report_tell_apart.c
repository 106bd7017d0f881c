/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that stay apart: Scope 2 in both its ways, the software carbon intensity, embodied emissions, water, the marginal
 * signal. None of them enters a decision, and no saving is ever subtracted from one of them.
 */
#include "accounting/report_sections.h"

#include <math.h>

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

static void tell_location(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_apart *apart = &report->total.apart;
	const struct carbon_page_fact location = {
		.key = "location_kg", .label = "Location-based", .unit = CARBON_UNIT_KG,
		.value = apart->direct_kwh > 0 ? apart->direct_kg : NAN,
		.remark = apart->direct_kwh > 0 ? "average-direct, of the energy below"
						: "no zone has average-direct history"};

	carbon_page_fact_full(page, &location);
	carbon_page_fact(page, "location_percent", "Of this share of the energy",
			 percent(apart->direct_kwh, report->total.energy_kwh), CARBON_UNIT_PERCENT);
}

static void tell_market(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_apart *apart = &report->total.apart;
	bool is_known = apart->market_kwh + apart->market_rest_kwh > 0;
	const struct carbon_page_fact market = {
		.key = "market_kg", .label = "Market-based", .unit = CARBON_UNIT_KG,
		.value = is_known ? apart->market_kg + apart->market_rest_kg : NAN,
		.remark = is_known ? "by the contract's factor; energy without one by average-direct"
				   : "no partition has a contract's factor (market_g_kwh in carbon.conf)"};

	carbon_page_fact_full(page, &market);
	carbon_page_fact(page, "contract_percent", "Energy with a contract's factor",
			 percent(apart->market_kwh, report->total.energy_kwh), CARBON_UNIT_PERCENT);
	carbon_page_fact(page, "market_percent", "Market-based of this share",
			 percent(apart->market_kwh + apart->market_rest_kwh, report->total.energy_kwh),
			 CARBON_UNIT_PERCENT);
}

/* A contract's factor knows no hours. */
static void tell_market_saving(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_apart *apart = &report->total.apart;
	const struct carbon_page_fact credit = {
		.key = "market_credit_kg", .label = "Timing credit, market-based", .unit = CARBON_UNIT_KG,
		.value = apart->market_credit_kg, .remark = "of jobs without a contract's factor"};

	if (apart->market_kwh <= 0)
		return;
	carbon_page_fact_full(page, &credit);
	if (apart->market_zero_kwh >= apart->market_kwh)
		carbon_page_say(page, "The contract is zero-carbon: market-based, waiting for clean hours saves 0 kg of what it "
				"covers, however much it changes what the grid emits.");
	else
		carbon_page_say(page, "A contract's factor is the same at every hour: market-based, waiting saves 0 kg of what it "
				"covers.");
}

void carbon_report_tell_scope2(const struct carbon_report *report, struct carbon_page *page)
{
	tell_location(report, page);
	tell_market(report, page);
	tell_market_saving(report, page);
	carbon_page_say(page, "For the inventory, of jobs alone; nodes without work and the building come on top. Both figures "
			"are of what ran, when it ran: no saving is subtracted from either, and average-direct intensity counts "
			"whatever signal decided when jobs ran.");
}

void carbon_report_tell_sci(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_apart *apart = &report->total.apart;
	const struct carbon_page_fact sci = {
		.key = "g_per_job_hour", .label = "A job-hour", .unit = CARBON_UNIT_G,
		.value = apart->sci_h > 0 ? apart->sci_kg * 1000 / apart->sci_h : NAN,
		.remark = apart->sci_h > 0 ? NULL : "for embodied emissions are not given (embodied_g_node_h in carbon.conf)"};

	carbon_page_fact_full(page, &sci);
	carbon_page_fact(page, "job_hours", "Job-hours that it is of", apart->sci_h, CARBON_UNIT_HOURS);
	carbon_page_say(page, "SCI of ISO/IEC 21031: operational emissions, location-based, and embodied ones, per hour that a "
			"job ran. Contracts and offsets are excluded.");
}

void carbon_report_tell_apart(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_apart *apart = &report->total.apart;
	const struct carbon_page_fact embodied = {
		.key = "embodied_kg", .label = "Embodied", .unit = CARBON_UNIT_KG,
		.value = apart->embodied_node_h > 0 ? apart->embodied_kg : NAN,
		.remark = apart->embodied_node_h > 0 ? "of making the nodes, by node-hours used" : "not given"};
	const struct carbon_page_fact water = {
		.key = "water_l", .label = "Water", .unit = CARBON_UNIT_LITRES,
		.value = apart->water_kwh > 0 ? apart->water_l : NAN,
		.remark = apart->water_kwh > 0 ? "by litres per kWh" : "not given"};
	const struct carbon_page_fact marginal = {
		.key = "marginal_kg", .label = "By the marginal signal", .unit = CARBON_UNIT_KG,
		.value = apart->marginal_kwh > 0 ? apart->marginal_kg : NAN,
		.remark = apart->marginal_kwh > 0 ? "in no sum with the others" : "no zone has marginal history"};

	carbon_page_fact_full(page, &embodied);
	carbon_page_fact(page, "embodied_node_hours", "Node-hours that it is of", apart->embodied_node_h,
			 CARBON_UNIT_NODE_HOURS);
	carbon_page_fact_full(page, &water);
	carbon_page_fact_full(page, &marginal);
	carbon_page_fact(page, "marginal_percent", "Of this share of the energy",
			 percent(apart->marginal_kwh, report->total.energy_kwh), CARBON_UNIT_PERCENT);
	carbon_page_say(page, "These are reported and enter no decision.");
}
