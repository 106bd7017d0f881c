/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster as a whole: what waiting really saved, what it cost, how full places were, nodes without work. The one
 * place where a report says "saved".
 */
#include "accounting/report_sections.h"

#include <math.h>
#include <string.h>

#define COUNT(columns) (sizeof(columns) / sizeof((columns)[0]))
#define HOUR_S 3600.0
#define OPT_OUTS_SHOWN 10

static void put_effect(const struct carbon_report_effect *effect, struct carbon_page *page)
{
	carbon_page_cell_text(page, effect->cluster);
	carbon_page_cell_text(page, effect->is_switchback ? "blocks without delays" : "replay");
	carbon_page_cell(page, effect->without_kg);
	carbon_page_cell(page, effect->saved_kg);
	carbon_page_cell(page, effect->low_kg);
	carbon_page_cell(page, effect->high_kg);
	carbon_page_cell(page, effect->without_kg > 0 ? 100 * effect->saved_kg / effect->without_kg : NAN);
	carbon_page_cell(page, 100 * effect->replay_error);
}

static void tell_effects(const struct carbon_report *report, struct carbon_page *page)
{
	double most = 0, largest = 0;
	size_t width = strlen("Cluster");

	for (size_t i = 0; i < report->effects; i++) {
		most = fmax(most, fabs(report->effect[i].without_kg));
		largest = fmax(largest, fmax(fabs(report->effect[i].low_kg), fabs(report->effect[i].high_kg)));
		width = strlen(report->effect[i].cluster) > width ? strlen(report->effect[i].cluster) : width;
	}
	const struct carbon_page_column columns[] = {
		{.key = "cluster", .label = "Cluster", .is_text = true, .width = (int)width},
		{.key = "method", .label = "By", .is_text = true, .width = 22, .is_minor = true},
		{.key = "without_kg", .label = "without us", .unit = CARBON_UNIT_KG, .largest = most, .is_minor = true},
		{.key = "saved_kg", .label = "saved", .unit = CARBON_UNIT_KG, .largest = largest, .is_signed = true},
		{.key = "low_kg", .label = "low", .unit = CARBON_UNIT_KG, .largest = largest, .is_signed = true},
		{.key = "high_kg", .label = "high", .unit = CARBON_UNIT_KG, .largest = largest, .is_signed = true},
		{.key = "saved_percent", .label = "saved", .unit = CARBON_UNIT_PERCENT, .is_signed = true},
		{.key = "replay_error_percent", .label = "replay is off by", .unit = CARBON_UNIT_PERCENT, .is_minor = true},
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->effects; i++)
		put_effect(&report->effect[i], page);
	carbon_page_table_end(page);
}

/* All clusters together. */
static void tell_saved(const struct carbon_effect_month *saved, struct carbon_page *page)
{
	carbon_page_fact(page, "saved_kg", "Saved, by replay", saved->saved_g / 1000, CARBON_UNIT_KG);
	carbon_page_fact(page, "saved_low_kg", "At least", saved->low_g / 1000, CARBON_UNIT_KG);
	carbon_page_fact(page, "saved_high_kg", "At most", saved->high_g / 1000, CARBON_UNIT_KG);
	carbon_page_fact(page, "saved_percent", "Of what jobs emit above idle",
			 saved->without_g > 0 ? 100 * saved->saved_g / saved->without_g : NAN, CARBON_UNIT_PERCENT);
}

void carbon_report_tell_effect(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;

	if (report->effects) {
		tell_effects(report, page);
		if (report->has_saved)
			tell_saved(&report->saved, page);
		carbon_page_say(page, "The cluster effect: the month's real jobs replayed with and without our begin times. It "
				"alone is called saved: where jobs wait, others fill the hole that a delayed job leaves.");
	} else {
		carbon_page_say(page, "%s", total->delayed ? "Not known yet: carbonctl settle replays a month when it is over. The "
				"timing credits below are per job, and no substitute." : "No job was delayed, so nothing.");
	}
	if (!total->credits)
		return;
	carbon_page_fact(page, "credit_kg", "Timing credits, added up", total->credit_kg, CARBON_UNIT_KG);
	carbon_page_fact(page, "credit_low_kg", "At least", total->credit_low_kg, CARBON_UNIT_KG);
	carbon_page_fact(page, "credit_high_kg", "At most", total->credit_high_kg, CARBON_UNIT_KG);
}

/* --- what it cost --- */

static void tell_others(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_effect_month *saved = &report->saved;

	carbon_page_fact(page, "others_wait_hours", "Mean wait of all other jobs",
			 report->has_saved ? saved->others_wait_s / HOUR_S : NAN, CARBON_UNIT_HOURS);
	carbon_page_fact(page, "others_wait_without_hours", "And without us, by replay",
			 report->has_saved ? saved->others_wait_without_s / HOUR_S : NAN, CARBON_UNIT_HOURS);
}

static void put_opt_outs(const char *key, const struct carbon_report_line *line, struct carbon_page *page)
{
	carbon_page_cell_text(page, key);
	carbon_page_cell(page, (double)line->opt_outs[CARBON_OPTOUT_FLAG]);
	carbon_page_cell(page, (double)line->opt_outs[CARBON_OPTOUT_START]);
	carbon_page_cell(page, (double)line->jobs);
}

/* Who did not want to wait, in the lines that the report was asked for. */
static void list_opt_outs(const struct carbon_report *report, struct carbon_page *page)
{
	size_t width = strlen(report->by->heading);
	double most = (double)report->total.jobs;

	for (size_t i = 0; i < report->lines; i++)
		if (carbon_report_opt_outs(&report->line[i]))
			width = fmax((double)width, (double)strlen(carbon_report_key(report, &report->line[i])));
	const struct carbon_page_column columns[] = {
		{.key = report->by->name, .label = report->by->heading, .is_text = true, .width = (int)width},
		{.key = "flag_jobs", .label = "--carbon=off", .unit = CARBON_UNIT_COUNT, .largest = most},
		{.key = "start_jobs", .label = "started earlier", .unit = CARBON_UNIT_COUNT, .largest = most},
		{.key = "jobs", .label = "of jobs", .unit = CARBON_UNIT_COUNT, .largest = most},
	};
	const struct carbon_page_table table = {"opt_outs", COUNT(columns), columns, OPT_OUTS_SHOWN, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->lines; i++)
		if (carbon_report_opt_outs(&report->line[i]))
			put_opt_outs(carbon_report_key(report, &report->line[i]), &report->line[i], page);
	carbon_page_table_end(page);
}

static void tell_opt_outs(const struct carbon_report *report, struct carbon_page *page)
{
	const uint64_t *jobs = report->total.opt_outs;
	const struct carbon_page_fact flag = {
		.key = "opt_out_flag_jobs", .label = "Jobs that opted out", .value = (double)jobs[CARBON_OPTOUT_FLAG],
		.unit = CARBON_UNIT_COUNT, .remark = "--carbon=off"};
	const struct carbon_page_fact start = {
		.key = "opt_out_start_jobs", .label = "Delayed jobs started earlier", .value = (double)jobs[CARBON_OPTOUT_START],
		.unit = CARBON_UNIT_COUNT, .remark = "by their users, before the begin decided"};
	const struct carbon_page_fact site = {
		.key = "released_jobs", .label = "And released by the site", .value = (double)jobs[CARBON_OPTOUT_SITE],
		.unit = CARBON_UNIT_COUNT, .remark = "carbonctl release, off --drain"};

	carbon_page_fact_full(page, &flag);
	carbon_page_fact_full(page, &start);
	carbon_page_fact_full(page, &site);
}

void carbon_report_tell_cost(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_report_line *total = &report->total;
	const struct carbon_page_fact left = {
		.key = "left_alone_runs", .label = "Runs left alone", .value = (double)total->left_alone,
		.unit = CARBON_UNIT_COUNT, .remark = "exempt, excluded or opted out"};

	carbon_page_fact(page, "waiting_idle_node_hours", "Nodes idle while jobs waited",
			 report->nodes.days ? report->nodes.waiting_idle_h : NAN, CARBON_UNIT_NODE_HOURS);
	tell_others(report, page);
	carbon_page_fact(page, "waited_hours", "Waited by delayed jobs, together", total->waited_h, CARBON_UNIT_HOURS);
	carbon_page_fact(page, "late_jobs", "Jobs after their latest begin", (double)total->late, CARBON_UNIT_COUNT);
	carbon_page_fact(page, "missed_jobs", "Missed promises", (double)(total->missed + report->unstarted), CARBON_UNIT_COUNT);
	tell_opt_outs(report, page);
	carbon_page_fact_full(page, &left);
	if (carbon_report_opt_outs(total))
		list_opt_outs(report, page);
	carbon_page_say(page, "Nodes idle while jobs waited: also what a scheduler keeps free for the head of its queue, and "
			"there without us too.");
}

/* --- how full, and what idled --- */

void carbon_report_tell_filling(const struct carbon_report *report, struct carbon_page *page)
{
	size_t partition = strlen("Partition"), cluster = strlen("Cluster");

	for (size_t i = 0; i < report->fillings; i++) {
		size_t here = strlen(report->filling[i].partition), there = strlen(report->filling[i].cluster);

		partition = here > partition ? here : partition;
		cluster = there > cluster ? there : cluster;
	}
	const struct carbon_page_column columns[] = {
		{.key = "partition", .label = "Partition", .is_text = true, .width = (int)partition},
		{.key = "cluster", .label = "Cluster", .is_text = true, .width = (int)cluster, .is_minor = true},
		{.key = "full_percent", .label = "full", .unit = CARBON_UNIT_PERCENT, .largest = 100},
		{.key = "busy_percent", .label = "nodes busy", .unit = CARBON_UNIT_PERCENT, .largest = 100},
		{.key = "known_hours", .label = "known", .unit = CARBON_UNIT_HOURS, .largest = 100},
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->fillings; i++) {
		const struct carbon_report_filling *filling = &report->filling[i];

		carbon_page_cell_text(page, filling->partition);
		carbon_page_cell_text(page, filling->cluster);
		carbon_page_cell(page, filling->full_percent);
		carbon_page_cell(page, filling->busy_percent);
		carbon_page_cell(page, filling->known_h);
	}
	carbon_page_table_end(page);
	carbon_page_say(page, "Full: jobs waited. Only what runs at other times can be moved by waiting.");
}

static double known(double value, bool is_known)
{
	return is_known ? value : NAN;
}

void carbon_report_tell_nodes(const struct carbon_report *report, struct carbon_page *page)
{
	const struct carbon_nodes_sum *nodes = &report->nodes;
	double all_kwh = nodes->idle_kwh + nodes->off_kwh + nodes->boot_kwh;
	const struct carbon_page_fact unknown = {.key = "unknown_node_hours", .label = "Idle hours without watts",
						 .value = nodes->unknown_h, .unit = CARBON_UNIT_NODE_HOURS,
						 .remark = "not in the energy (idle_w in carbon.conf)"};

	carbon_page_fact(page, "idle_node_hours", "Idle", nodes->idle_h, CARBON_UNIT_NODE_HOURS);
	carbon_page_fact(page, "off_node_hours", "Powered down", nodes->off_h, CARBON_UNIT_NODE_HOURS);
	carbon_page_fact(page, "down_node_hours", "Not usable", nodes->down_h, CARBON_UNIT_NODE_HOURS);
	carbon_page_fact(page, "boots", "Boots", (double)nodes->boots, CARBON_UNIT_COUNT);
	carbon_page_fact(page, "idle_kwh", "Energy of idle nodes", known(nodes->idle_kwh, nodes->unknown_h < nodes->idle_h),
			 CARBON_UNIT_KWH);
	carbon_page_fact(page, "off_kwh", "Of nodes powered down", nodes->off_kwh, CARBON_UNIT_KWH);
	carbon_page_fact(page, "boot_kwh", "Of booting", nodes->boot_kwh, CARBON_UNIT_KWH);
	if (nodes->unknown_h > 0)
		carbon_page_fact_full(page, &unknown);
	carbon_page_fact(page, "emissions_kg", "Emissions of these", known(nodes->mass_g / 1000, nodes->unknown_kwh < all_kwh),
			 CARBON_UNIT_KG);
	carbon_page_fact(page, "direct_kg", "The same, average-direct",
			 known(nodes->direct_g / 1000, nodes->unknown_direct_kwh < all_kwh), CARBON_UNIT_KG);
	carbon_page_say(page, "None of this is in the jobs' figures above.");
}

/* --- against the meters --- */

static void put_balance(const struct carbon_meter_balance *balance, struct carbon_page *page)
{
	carbon_page_cell_text(page, balance->covers[0] ? balance->covers : "all");
	carbon_page_cell_text(page, carbon_meter_scope_name(balance->scope));
	carbon_page_cell(page, balance->meter_kwh);
	carbon_page_cell(page, balance->jobs_kwh);
	carbon_page_cell(page, known(balance->idle_kwh, balance->is_idle_known));
	carbon_page_cell(page, balance->infrastructure_kwh);
	carbon_page_cell(page, balance->rest_kwh);
	carbon_page_cell(page, balance->rest_percent);
}

void carbon_report_tell_balance(const struct carbon_report *report, struct carbon_page *page)
{
	double largest = 0;
	size_t width = strlen("Covers");
	bool is_uneven = false;

	for (size_t i = 0; i < report->balances; i++) {
		largest = fmax(largest, report->balance[i].meter_kwh);
		width = strlen(report->balance[i].covers) > width ? strlen(report->balance[i].covers) : width;
		is_uneven = is_uneven || report->balance[i].is_uneven;
	}
	const struct carbon_page_column columns[] = {
		{.key = "covers", .label = "Covers", .is_text = true, .width = (int)width},
		{.key = "scope", .label = "Meter", .is_text = true, .width = 6, .is_minor = true},
		{.key = "meter_kwh", .label = "meter", .unit = CARBON_UNIT_KWH, .largest = largest},
		{.key = "jobs_kwh", .label = "jobs", .unit = CARBON_UNIT_KWH, .largest = largest},
		{.key = "idle_kwh", .label = "idle", .unit = CARBON_UNIT_KWH, .largest = largest, .is_minor = true},
		{.key = "infrastructure_kwh", .label = "building", .unit = CARBON_UNIT_KWH, .largest = largest,
		 .is_minor = true},
		{.key = "rest_kwh", .label = "left over", .unit = CARBON_UNIT_KWH, .largest = largest, .is_signed = true},
		{.key = "rest_percent", .label = "left over", .unit = CARBON_UNIT_PERCENT, .is_signed = true},
	};
	const struct carbon_page_table table = {"list", COUNT(columns), columns, 0, false};

	carbon_page_table(page, &table);
	for (size_t i = 0; i < report->balances; i++)
		put_balance(&report->balance[i], page);
	carbon_page_table_end(page);
	carbon_page_say(page, "Over the time that was metered: jobs, idle nodes and what PUE adds, against the meter. What is left "
			"over is what the model misses, or (negative) says too much.");
	if (is_uneven)
		carbon_page_say(page, "Some meters metered less of the month than others of their group.");
}
