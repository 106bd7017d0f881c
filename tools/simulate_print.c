/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Columns of the table and members of the JSON. A name that was once printed in JSON keeps its
 * meaning. */
#include "tools/simulate_print.h"

#include <math.h>

#include "lib/time.h"
#include "tools/json.h"
#include "tools/words.h"

#define CELL 24

/* "-" where nobody can say. */
static const char *percent(double value, char out[CELL])
{
	if (isfinite(value))
		snprintf(out, CELL, "%.1f", value);
	else
		snprintf(out, CELL, "-");
	return out;
}

/* "3 h 20 min", "0 s" */
static const char *wait(double seconds, char out[CARBON_DURATION_TEXT])
{
	if (isfinite(seconds))
		carbon_duration_format((time_t)seconds, out);
	else
		snprintf(out, CARBON_DURATION_TEXT, "-");
	return out;
}

static void print_head(FILE *out, const struct carbon_simulation_ask *ask,
		       const struct carbon_simulate_zone *zone)
{
	const struct carbon_simulation_result *first = &zone->result[0];
	char delay[CARBON_DURATION_TEXT], replan[CARBON_DURATION_TEXT];

	carbon_duration_format(ask->delay_s, delay);
	carbon_duration_format(ask->replan_s, replan);
	fprintf(out, "Zone %s: %zu jobs, %.0f kWh; %zu may wait %s, ", zone->name, first->jobs,
		first->energy_kwh, first->participants, delay);
	if (ask->replan_s)
		fprintf(out, "decided again every %s, ", replan);
	fprintf(out, "forecast %s, run times %s", carbon_foresight_name(ask->foresight),
		carbon_belief_name(ask->belief));
	if (ask->nodes)
		fprintf(out, ", %u nodes", ask->nodes);
	fputs("\n\n", out);
}

static void print_columns(FILE *out)
{
	fprintf(out, "  %-15s %10s %10s %7s %7s %8s %12s %12s %12s %12s %9s %6s %7s\n",
		"policy", "energy", "emissions", "saved%", "credit%", "of best%", "wait mean",
		"wait p95", "others mean", "others p95", "slowdown", "used%", "missed");
}

static void print_result(FILE *out, const struct carbon_simulation_result *result)
{
	char mass[CARBON_QUANTITY_TEXT], energy[CARBON_QUANTITY_TEXT], cell[4][CELL],
		waits[4][CARBON_DURATION_TEXT];

	carbon_mass_format(result->emissions_kg * 1000, CARBON_TOOL_DIGITS, mass);
	carbon_energy_format(result->energy_kwh, CARBON_TOOL_DIGITS, energy);
	fprintf(out, "  %-15s %10s %10s %7s %7s %8s %12s %12s %12s %12s %9.2f %6s %7zu\n",
		result->policy, energy, mass, percent(result->saved_percent, cell[0]),
		percent(result->credit_percent, cell[1]),
		percent(result->of_clairvoyant_percent, cell[2]),
		wait(result->wait_mean_s, waits[0]), wait(result->wait_p95_s, waits[1]),
		wait(result->others_wait_mean_s, waits[2]),
		wait(result->others_wait_p95_s, waits[3]), result->slowdown,
		percent(100 * result->utilisation, cell[3]), result->deadlines_missed);
}

void carbon_simulate_print_text(FILE *out, const struct carbon_simulation_ask *ask,
				const struct carbon_simulate_zone *zone, size_t zones)
{
	for (size_t z = 0; z < zones; z++) {
		if (z > 0)
			fputc('\n', out);
		print_head(out, ask, &zone[z]);
		print_columns(out);
		for (size_t i = 0; i < zone[z].results; i++)
			print_result(out, &zone[z].result[i]);
	}
}

static void json_result(struct carbon_json *json, const char *zone,
			const struct carbon_simulation_result *result)
{
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "policy", result->policy);
	carbon_json_text(json, "zone", zone);
	carbon_json_int(json, "jobs", (long long)result->jobs);
	carbon_json_int(json, "participants", (long long)result->participants);
	carbon_json_number(json, "energy_kwh", result->energy_kwh);
	carbon_json_number(json, "emissions_kg", result->emissions_kg);
	carbon_json_number(json, "saved_percent", result->saved_percent);
	carbon_json_number(json, "credit_percent", result->credit_percent);
	carbon_json_number(json, "naive_percent", result->naive_percent);
	carbon_json_number(json, "of_clairvoyant_percent", result->of_clairvoyant_percent);
	carbon_json_number(json, "wait_mean_s", result->wait_mean_s);
	carbon_json_number(json, "wait_p95_s", result->wait_p95_s);
	carbon_json_number(json, "others_wait_mean_s", result->others_wait_mean_s);
	carbon_json_number(json, "others_wait_p95_s", result->others_wait_p95_s);
	carbon_json_number(json, "slowdown", result->slowdown);
	carbon_json_number(json, "utilisation", result->utilisation);
	carbon_json_int(json, "deadlines_missed", (long long)result->deadlines_missed);
	carbon_json_int(json, "moves", (long long)result->moves);
	carbon_json_int(json, "windows", (long long)result->windows);
	carbon_json_end(json, '}');
}

void carbon_simulate_print_json(FILE *out, const struct carbon_simulation_ask *ask,
				const struct carbon_simulate_zone *zone, size_t zones)
{
	struct carbon_json json;

	carbon_json_init(&json, out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "forecast", carbon_foresight_name(ask->foresight));
	carbon_json_text(&json, "runtime", carbon_belief_name(ask->belief));
	carbon_json_int(&json, "delay_s", (long long)ask->delay_s);
	carbon_json_int(&json, "replan_s", (long long)ask->replan_s);
	carbon_json_int(&json, "nodes", (long long)ask->nodes);
	carbon_json_begin(&json, "policies", '[');
	for (size_t z = 0; z < zones; z++)
		for (size_t i = 0; i < zone[z].results; i++)
			json_result(&json, zone[z].name, &zone[z].result[i]);
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
}
