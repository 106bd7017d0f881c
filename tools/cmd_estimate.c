/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl estimate: energy and emissions of a training run from a few numbers, by published formulas. Asks
 * no cluster; a zone's intensity comes from the outlook, else from a shipped profile, and that is said.
 */
#include <math.h>
#include <string.h>

#include "accounting/estimate.h"
#include "config/config.h"
#include "forecaster/profiles.h"
#include "lib/num.h"
#include "lib/outlook.h"
#include "lib/time.h"
#include "tools/json.h"
#include "tools/tool.h"

#define TONNE_KG 1000

static const struct carbon_flag flags[] = {
	{"preset", 0, "NAME", "a published run; \"list\" prints them"},
	{"gpu", 0, "TYPE:N", "N accelerators of this type, at their power limit times utilisation"},
	{"processors", 0, "N", "processors (Patterson's formula)"},
	{"watts", 0, "W", "average watts of each"},
	{"cpu-watts", 0, "W", "watts of all processors (Strubell's formula)"},
	{"dram-watts", 0, "W", "watts of all memory"},
	{"gpu-watts", 0, "W", "watts of each GPU"},
	{"gpus", 0, "N", "GPUs"},
	{"energy", 0, "KWH", "the energy itself, overheads included"},
	{"hours", 0, "H", "how long it ran"},
	{"time", 't', "TIME", "the same, as sbatch writes it, or 80h, 20d"},
	{"pue", 0, "PUE", "overhead of the building (default: carbon.conf's, 1.58 without one)"},
	{"zone", 0, "ZONE", "the grid: its mean intensity in the outlook, else a typical one"},
	{"intensity", 0, "G", "gCO2e per kWh of the grid, instead of a zone"},
	{"net-intensity", 0, "G", "less the clean energy bought for this place"},
	{"queries", 0, "N", "inference after the training"},
	{"wh-per-query", 0, "WH", "watt-hours of each query, overheads included"},
	{NULL, 0, NULL, NULL},
};

/* Options that are just a number. */
static const struct {
	const char *name;
	double min, max;
	size_t offset;
} numbers[] = {
	{"processors", 1e-9, 1e9, offsetof(struct carbon_estimate, processors)},
	{"watts", 1e-9, 1e9, offsetof(struct carbon_estimate, watts)},
	{"cpu-watts", 1e-9, 1e9, offsetof(struct carbon_estimate, cpu_w)},
	{"dram-watts", 1e-9, 1e9, offsetof(struct carbon_estimate, dram_w)},
	{"gpu-watts", 1e-9, 1e9, offsetof(struct carbon_estimate, gpu_w)},
	{"gpus", 1e-9, 1e9, offsetof(struct carbon_estimate, gpus)},
	{"energy", 1e-9, 1e15, offsetof(struct carbon_estimate, energy_kwh)},
	{"hours", 1e-9, 1e7, offsetof(struct carbon_estimate, hours)},
	{"pue", 1, 10, offsetof(struct carbon_estimate, pue)},
	{"intensity", 1e-9, CARBON_INTENSITY_MAX, offsetof(struct carbon_estimate, gross_g_kwh)},
	{"net-intensity", 0, CARBON_INTENSITY_MAX, offsetof(struct carbon_estimate, net_g_kwh)},
	{"queries", 1e-9, 1e18, offsetof(struct carbon_estimate, queries)},
	{"wh-per-query", 1e-9, 1e9, offsetof(struct carbon_estimate, wh_per_query)},
};

struct question {
	struct carbon_estimate run;
	char pue_origin[64];
	char grid_origin[160];
	char gpu_origin[96];
	const struct carbon_estimate_preset *preset;
};

static int read_numbers(const struct carbon_tool *tool, struct carbon_estimate *run)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *value = carbon_tool_value(tool, numbers[i].name);
		void *out = (char *)run + numbers[i].offset; /* a double */

		if (value && carbon_num_parse(value, numbers[i].min, numbers[i].max, out) < 0)
			return carbon_tool_usage(tool, "--%s \"%s\" is no number from %g to %g",
						 numbers[i].name, value, numbers[i].min,
						 numbers[i].max);
	}
	return 0;
}

static int read_time(const struct carbon_tool *tool, struct carbon_estimate *run)
{
	const char *value = carbon_tool_value(tool, "time");
	time_t seconds;

	if (!value)
		return 0;
	if (carbon_duration_parse(value, &seconds) < 0 || seconds == 0)
		return carbon_tool_usage(tool, "--time \"%s\" is no duration (such as 80h or 3-08:00:00)",
					 value);
	run->hours = (double)seconds / 3600;
	return 0;
}

/* "a100:64": the power table's limit, times the site's utilisation. */
static int read_gpu(const struct carbon_tool *tool, const struct carbon_config *config,
		    struct question *question)
{
	const char *value = carbon_tool_value(tool, "gpu");
	struct carbon_power_model model = config->fallback.power;
	struct carbon_resources use = {.nodes = 0};
	double limit_w;
	char text[64];

	if (!value)
		return 0;
	if (strlen(value) > 48 || snprintf(text, sizeof(text), "gpu:%s", value) < 0 ||
	    carbon_gpu_parse(text, 1, &use) < 0 || use.gpu_kinds != 1 || !use.gpu[0].type[0] ||
	    use.gpu[0].count == 0)
		return carbon_tool_usage(tool, "--gpu \"%.48s\" is not TYPE:N (such as a100:64)", value);
	model.gpu_w = -1;
	limit_w = carbon_power_gpu(&model, use.gpu[0].type);
	if (limit_w < 0)
		return carbon_tool_usage(tool, "--gpu \"%.48s\": type %s is not in the power table: "
					 "add it to carbon.conf, or say --processors and --watts",
					 value, use.gpu[0].type);
	question->run.processors = use.gpu[0].count;
	question->run.watts = limit_w * model.utilisation;
	snprintf(question->gpu_origin, sizeof(question->gpu_origin),
		 "power limit of %s, %g W, times utilisation %g", use.gpu[0].type, limit_w,
		 model.utilisation);
	return 0;
}

/* The outlook's mean where there is one, else a typical day's. */
static int read_zone(const struct carbon_tool *tool, const struct carbon_config *config,
		     struct question *question, struct carbon_err *err)
{
	const char *zone = carbon_tool_value(tool, "zone");
	const struct carbon_outlook_zone *found = NULL;
	const struct carbon_profile *profile;
	struct carbon_outlook *outlook = NULL;
	struct carbon_err unused;

	if (!zone || question->run.gross_g_kwh > 0)
		return 0;
	if (carbon_tool_outlook(config, &outlook, &unused) == 0)
		found = carbon_outlook_find(outlook, zone, config->site.signal);
	profile = carbon_profile_find(zone);
	if (found) {
		time_t from = found->mean.start_at, to = carbon_curve_end(&found->mean);

		question->run.gross_g_kwh =
			carbon_curve_integral(&found->mean, from, to) / (double)(to - from);
		snprintf(question->grid_origin, sizeof(question->grid_origin),
			 "mean of the outlook of %s over %.0f h (%s)", found->name,
			 (double)(to - from) / 3600, carbon_signal_name(found->signal));
	} else if (profile) {
		question->run.gross_g_kwh = profile->mean_g_kwh;
		snprintf(question->grid_origin, sizeof(question->grid_origin),
			 "typical mean of %s (profile, average-lifecycle)", profile->zone);
	}
	carbon_outlook_destroy(outlook);
	if (!found && !profile)
		return carbon_err_set(err, "zone %.48s is neither in the outlook nor among the "
				      "profiles (%s): say --intensity", zone, carbon_profile_names());
	return 0;
}

/* --- the answer --- */

static void print_mass(FILE *out, const char *label, double mass_kg, double g_kwh, const char *origin)
{
	if (mass_kg >= TONNE_KG)
		fprintf(out, "%-10s %.4g t CO2e", label, mass_kg / TONNE_KG);
	else
		fprintf(out, "%-10s %.4g kg CO2e", label, mass_kg);
	fprintf(out, " at %.4g g/kWh%s%s\n", g_kwh, origin[0] ? ", " : "", origin);
}

static void print_formula(FILE *out, const struct question *question,
			  const struct carbon_estimated *answer)
{
	const struct carbon_estimate *run = &question->run;

	/* In kWh, as the formula behind it has it. */
	fprintf(out, "%-10s %.*f kWh", "energy",
		answer->energy_kwh >= 1000 ? 0 : answer->energy_kwh >= 0.1 ? 2 : 6, answer->energy_kwh);
	if (answer->formula == CARBON_ESTIMATE_PATTERSON)
		fprintf(out, " = %g processors * %g W * %g h * PUE %g / 1000", run->processors,
			run->watts, run->hours, run->pue);
	else if (answer->formula == CARBON_ESTIMATE_STRUBELL)
		fprintf(out, " = PUE %g * %g h * (%g + %g + %g * %g) W / 1000", run->pue, run->hours,
			run->cpu_w, run->dram_w, run->gpus, run->gpu_w);
	if (answer->queries_kwh > 0)
		fprintf(out, " + %g queries * %g Wh / 1000", run->queries, run->wh_per_query);
	fputc('\n', out);
	if (question->gpu_origin[0])
		fprintf(out, "%-10s %s\n", "", question->gpu_origin);
	if (question->pue_origin[0] && answer->formula != CARBON_ESTIMATE_ENERGY)
		fprintf(out, "%-10s PUE %g is %s\n", "", run->pue, question->pue_origin);
}

static void print_text(FILE *out, const struct question *question,
		       const struct carbon_estimated *answer)
{
	const struct carbon_estimate *run = &question->run;

	if (question->preset)
		fprintf(out, "%s (%s)\n", question->preset->summary, question->preset->source);
	print_formula(out, question, answer);
	print_mass(out, "gross", answer->gross_kg, run->gross_g_kwh, question->grid_origin);
	if (run->net_g_kwh >= 0)
		print_mass(out, "net", answer->net_kg, run->net_g_kwh, "");
	fputs("gross is as much as\n", out);
	for (size_t i = 0; i < carbon_equivalents_count; i++) {
		double count = answer->gross_kg / carbon_equivalents[i].mass_kg;

		fprintf(out, "%10.3g %s (%.0f kg each)\n", count,
			count == 1 ? carbon_equivalents[i].one : carbon_equivalents[i].many,
			carbon_equivalents[i].mass_kg);
	}
}

static void print_json(FILE *out, const struct question *question,
		       const struct carbon_estimated *answer)
{
	static const char *const names[] = {"patterson", "strubell", "energy"};
	struct carbon_json json;

	carbon_json_init(&json, out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_number(&json, "energy_kwh", answer->energy_kwh);
	carbon_json_number(&json, "emissions_kg", answer->gross_kg);
	carbon_json_number(&json, "net_emissions_kg", answer->net_kg);
	carbon_json_text(&json, "formula", names[answer->formula]);
	if (answer->formula != CARBON_ESTIMATE_ENERGY)
		carbon_json_number(&json, "pue", question->run.pue);
	carbon_json_number(&json, "intensity_g_kwh", question->run.gross_g_kwh);
	carbon_json_text(&json, "intensity_origin",
			 question->grid_origin[0] ? question->grid_origin : "given");
	carbon_json_text(&json, "preset", question->preset ? question->preset->name : NULL);
	carbon_json_end(&json, '}');
}

static int list_presets(const struct carbon_tool *tool)
{
	for (size_t i = 0; i < carbon_estimate_presets_count; i++)
		fprintf(tool->out, "%-24s %s (%s)\n", carbon_estimate_presets[i].name,
			carbon_estimate_presets[i].summary, carbon_estimate_presets[i].source);
	return CARBON_EXIT_OK;
}

/* Everything on the command line but the zone; 0, or an exit code. */
static int read_options(const struct carbon_tool *tool, const struct carbon_config *config,
			struct question *question)
{
	const char *name = carbon_tool_value(tool, "preset");
	struct carbon_power_model shipped;
	bool is_default;
	int rc;

	carbon_power_init(&shipped);
	is_default = fabs(config->fallback.power.pue - shipped.pue) < 1e-9;
	carbon_estimate_init(&question->run);
	if (name) {
		question->preset = carbon_estimate_preset_find(name);
		if (!question->preset)
			return carbon_tool_usage(tool, "--preset \"%.48s\" unknown (--preset list "
						 "prints them)", name);
		question->run = question->preset->run;
	}
	rc = read_numbers(tool, &question->run);
	if (rc == 0)
		rc = read_time(tool, &question->run);
	if (rc == 0)
		rc = read_gpu(tool, config, question);
	if (question->run.pue <= 0) {
		question->run.pue = config->fallback.power.pue;
		snprintf(question->pue_origin, sizeof(question->pue_origin), "%s",
			 is_default ? "a default: the average of 2018 (Strubell et al. 2019)"
				    : "carbon.conf's");
	}
	return rc;
}

static int answer(const struct carbon_tool *tool, const struct carbon_config *config)
{
	struct question question = {.preset = NULL};
	struct carbon_estimated found;
	struct carbon_err err;
	int rc = read_options(tool, config, &question);

	if (rc != 0)
		return rc;
	if (read_zone(tool, config, &question, &err) < 0)
		return carbon_tool_fail(tool, &err);
	if (carbon_estimate_compute(&question.run, &found, &err) < 0)
		return carbon_tool_usage(tool, "%s", err.text);
	if (carbon_tool_is_json(tool))
		print_json(tool->out, &question, &found);
	else
		print_text(tool->out, &question, &found);
	return CARBON_EXIT_OK;
}

static int run(struct carbon_tool *tool)
{
	const char *preset = carbon_tool_value(tool, "preset");
	struct carbon_config *config = NULL;
	struct carbon_err err;
	int rc;

	if (preset && strcmp(preset, "list") == 0)
		return list_presets(tool);
	if (carbon_tool_config(tool, &config, &err) < 0)
		return carbon_tool_fail(tool, &err);
	rc = answer(tool, config);
	carbon_config_destroy(config);
	return rc;
}

const struct carbon_command carbon_command_estimate = {
	.name = "estimate",
	.summary = "energy and emissions of a training run from a few numbers",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
