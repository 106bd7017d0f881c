/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the ledger says of one job. A timing credit is one job's and is never called what the cluster saved; what is
 * not known is said to be unknown and is not zero.
 */
#include "tools/outcome.h"

#include <math.h>
#include <string.h>

#include "accounting/store.h"
#include "config/config.h"
#include "lib/file.h"
#include "lib/when.h"
#include "tools/json.h"
#include "tools/tool.h"
#include "tools/words.h"

int carbon_tool_outcome_find(const struct carbon_tool *tool, const struct carbon_outcome_key *key,
			     struct carbon_outcome *outcome, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX];
	struct carbon_config *config;
	struct carbon_store *store;
	struct carbon_file_id id;
	int rc;

	if (carbon_tool_config(tool, &config, err) != 0)
		return -1;
	carbon_config_path(config, "carbon.db", path);
	carbon_config_destroy(config);
	carbon_file_identify(path, &id);
	if (id.size < 0)
		return 0;
	if (carbon_store_open(path, true, &store, err) != 0)
		return -1;
	rc = carbon_outcome_find(store, key, outcome, err);
	carbon_store_close(store);
	return rc;
}

/* Nothing where both ends read the same: nothing is known of how sure the figure is. */
static void print_range(const char *low, const char *high, FILE *out)
{
	if (strcmp(low, high) != 0)
		fprintf(out, " (%s to %s)", low, high);
}

static void print_energy(const struct carbon_tool *tool, const struct carbon_outcome *outcome)
{
	char energy[CARBON_QUANTITY_TEXT], low[CARBON_QUANTITY_TEXT], high[CARBON_QUANTITY_TEXT];

	carbon_energy_format(outcome->energy_kwh, CARBON_TOOL_DIGITS, energy);
	carbon_energy_format(outcome->low_kwh, CARBON_TOOL_DIGITS, low);
	carbon_energy_format(outcome->high_kwh, CARBON_TOOL_DIGITS, high);
	fprintf(tool->out, "          used %s with cooling", energy);
	print_range(low, high, tool->out);
	fprintf(tool->out, ", %s\n",
		outcome->measured_kwh <= 0			? "modelled"
		: outcome->measured_kwh < outcome->energy_kwh ? "measured in part"
							      : "measured");
}

static void print_mass(const struct carbon_tool *tool, const struct carbon_outcome *outcome)
{
	char mass[CARBON_QUANTITY_TEXT], low[CARBON_QUANTITY_TEXT], high[CARBON_QUANTITY_TEXT];

	if (isnan(outcome->mass_g)) {
		fputs("          emissions unknown: no history of its zone and time\n", tool->out);
		return;
	}
	carbon_mass_format(outcome->mass_g, CARBON_TOOL_DIGITS, mass);
	fprintf(tool->out, "          emitted %s CO2e", mass);
	if (!isnan(outcome->low_g) && !isnan(outcome->high_g)) {
		carbon_mass_format(outcome->low_g, CARBON_TOOL_DIGITS, low);
		carbon_mass_format(outcome->high_g, CARBON_TOOL_DIGITS, high);
		print_range(low, high, tool->out);
	}
	fprintf(tool->out, ", intensity %s\n", carbon_intensity_method_name(outcome->method));
}

void carbon_tool_outcome_print(const struct carbon_tool *tool, const struct carbon_outcome *outcome)
{
	char credit[CARBON_QUANTITY_TEXT], from[CARBON_WHEN_TEXT], to[CARBON_WHEN_TEXT];

	carbon_when_format(outcome->start_at, tool->now, from);
	carbon_when_format(outcome->end_at, tool->now, to);
	fprintf(tool->out, "Outcome   %zu run%s on %s from %s to %s\n", outcome->runs, outcome->runs == 1 ? "" : "s",
		outcome->cluster, from, to);
	print_energy(tool, outcome);
	print_mass(tool, outcome);
	if (isnan(outcome->credit_g))
		return;
	carbon_mass_format(outcome->credit_g, CARBON_TOOL_DIGITS, credit);
	fprintf(tool->out, "          timing credit %s CO2e, intensity %s\n", credit,
		carbon_intensity_method_name(outcome->credit_method));
}

void carbon_tool_outcome_json(struct carbon_json *json, const struct carbon_outcome *outcome)
{
	bool has_credit = !isnan(outcome->credit_g);

	carbon_json_begin(json, "outcome", '{');
	carbon_json_text(json, "cluster", outcome->cluster);
	carbon_json_int(json, "runs", (long long)outcome->runs);
	carbon_json_time(json, "start_at", outcome->start_at);
	carbon_json_time(json, "end_at", outcome->end_at);
	carbon_json_number(json, "energy_kwh", outcome->energy_kwh);
	carbon_json_number(json, "low_kwh", outcome->low_kwh);
	carbon_json_number(json, "high_kwh", outcome->high_kwh);
	carbon_json_number(json, "measured_kwh", outcome->measured_kwh);
	carbon_json_number(json, "mass_g", outcome->mass_g);
	carbon_json_number(json, "low_g", outcome->low_g);
	carbon_json_number(json, "high_g", outcome->high_g);
	carbon_json_text(json, "intensity_method", carbon_intensity_method_name(outcome->method));
	carbon_json_number(json, "credit_g", outcome->credit_g);
	carbon_json_text(json, "credit_method",
			 has_credit ? carbon_intensity_method_name(outcome->credit_method) : NULL);
	carbon_json_end(json, '}');
}
