/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl check: is carbon.conf valid, what does it mean, and does Slurm know the places that it names? Changes
 * nothing. The settings come from the option table, so that none can be forgotten.
 */
#include <string.h>

#include "config/config.h"
#include "config/options.h"
#include "forecaster/profiles.h"
#include "tools/bystanders.h"
#include "tools/json.h"
#include "tools/live.h"
#include "tools/off.h"
#include "tools/tool.h"

static const char *const level_words[] = {
	[CARBON_LEVEL_OFF] = "jobs are left alone and nothing is recorded",
	[CARBON_LEVEL_OBSERVE] = "every job is decided and recorded, and none is changed",
	[CARBON_LEVEL_OPT_IN] = "only jobs that ask for it with a --carbon option may be delayed",
	[CARBON_LEVEL_DEFAULT] = "every job may be delayed that does not say --carbon=off",
};

static const char *const rule_words[] = {
	[CARBON_RULE_USER] = "uid",
	[CARBON_RULE_ACCOUNT] = "account",
	[CARBON_RULE_QOS] = "qos",
	[CARBON_RULE_PARTITION] = "partition",
};

/* --- what somebody should look at --- */

#define NOTES_MAX 8

struct notes {
	size_t count;
	const char *text[NOTES_MAX];
};

static void note(struct notes *notes, bool holds, const char *text)
{
	if (holds && notes->count < NOTES_MAX)
		notes->text[notes->count++] = text;
}

static bool is_paused(const struct carbon_config *config, time_t now)
{
	struct carbon_bystanders state;

	return config->bystander_wait_s && carbon_bystanders_read(config, &state, NULL) == 1 &&
	       state.paused_until_at > now;
}

/* A zone that only its typical day could tell of, and none ships for it: misspelt, as a rule. */
static bool is_unknown(const struct carbon_config_zone *zone)
{
	for (size_t i = 0; i < zone->sources; i++)
		if (strcmp(zone->source[i], "profile") != 0)
			return false;
	return !carbon_profile_find(zone->name);
}

static void take_notes(const struct carbon_config *config, time_t now, struct notes *notes)
{
	const struct carbon_site *site = &config->site;
	size_t with_zone = config->fallback.zone[0] != '\0';
	bool asks_nobody = true, has_unknown = false;
	time_t off_at;

	note(notes, carbon_tool_off_is(config, &off_at),
	     "delaying is switched off, whatever the level is; \"carbonctl on\" switches it on");
	note(notes, is_paused(config, now),
	     "delaying is paused because of others' waits (bystander_wait); it goes on by itself");
	for (size_t i = 0; i < site->places; i++)
		with_zone += site->place[i].zone[0] != '\0';
	for (size_t i = 0; i < config->zones; i++) {
		asks_nobody = asks_nobody && strcmp(config->zone[i].source[0], "profile") == 0;
		has_unknown = has_unknown || is_unknown(&config->zone[i]);
	}
	note(notes, with_zone == 0,
	     "no partition has a zone, so every job is left alone; name one: partition \"*\" { zone = \"DE\" }");
	note(notes, with_zone > 0 && asks_nobody,
	     "all zones use the shipped profiles: typical days, not the grid of today");
	note(notes, has_unknown,
	     "nobody knows anything of some of the zones: jobs there are left alone, and none is sent there");
	note(notes, site->level == CARBON_LEVEL_DEFAULT && site->default_delay_s == 0,
	     "level is default and default_delay is 0, so only jobs that ask for it are delayed");
	note(notes, site->max_delay_s == 0, "max_delay is 0, so no job is delayed");
	note(notes, site->max_waiting == 0 || site->max_waiting_user == 0,
	     "no job may wait: max_waiting or max_waiting_per_user is 0");
}

/* What Slurm says beside. */
struct asked {
	bool is_asked, answers;
	struct carbon_tool_live live;
	struct carbon_err err; /* why it does not */
};

/* --- as text --- */

static void print_differences(FILE *out, const struct carbon_config *config, const struct asked *asked)
{
	struct carbon_err err;
	size_t count = 0;

	if (!asked->is_asked)
		return;
	fputs("\nSlurm\n", out);
	if (!asked->answers) {
		fprintf(out, "  not compared: %s\n", asked->err.text);
		return;
	}
	while (carbon_config_difference(config, &asked->live.cluster, count, &err)) {
		fprintf(out, "  %s\n", err.text);
		count++;
	}
	if (count == 0)
		fprintf(out, "  cluster %s has every partition that is named here\n", asked->live.name);
}

static void print_settings(FILE *out, const struct carbon_config *config)
{
	char value[CARBON_CONFIG_TEXT_MAX];

	fputs("\nSettings\n", out);
	for (size_t i = 0; i < carbon_config_options_count; i++) {
		const struct carbon_config_option *option = &carbon_config_options[i];

		if (option->section != CARBON_SECTION_TOP)
			continue;
		carbon_config_option_format(option, config, value);
		fprintf(out, "  %-21s %-22s %s\n", option->name, value, option->help);
	}
}

static void print_zones(FILE *out, const struct carbon_config *config)
{
	if (config->zones)
		fputs("\nZones\n", out);
	for (size_t i = 0; i < config->zones; i++) {
		const struct carbon_config_zone *zone = &config->zone[i];

		fprintf(out, "  %-21s from ", zone->name);
		for (size_t j = 0; j < zone->sources; j++)
			fprintf(out, "%s%s", j ? ", else " : "", zone->source[j]);
		if (zone->source_zone[0])
			fprintf(out, " (there called %s)", zone->source_zone);
		if (is_unknown(zone))
			fputs(", which has none for it: nobody knows anything of this zone", out);
		fputc('\n', out);
	}
}

static void print_place(FILE *out, const char *name, const struct carbon_place *place,
			const struct carbon_terms *terms)
{
	struct carbon_config_draft draft = {.place = *place, .terms = *terms};
	char value[CARBON_CONFIG_TEXT_MAX];

	fprintf(out, "  %-21s zone %s", name, place->zone[0] ? place->zone : "unknown");
	for (size_t i = 0; i < carbon_config_options_count; i++) {
		const struct carbon_config_option *option = &carbon_config_options[i];

		/* exclude and delay are rules, and told there */
		if (option->section != CARBON_SECTION_PARTITION || strcmp(option->name, "zone") == 0 ||
		    option->offset >= offsetof(struct carbon_config_draft, rule))
			continue;
		carbon_config_option_format(option, &draft, value);
		if (value[0])
			fprintf(out, ", %s %s%s%s", option->name, value, option->unit[0] && !option->type->is_list ? " " : "",
				option->type->is_list ? "" : option->unit);
	}
	fputc('\n', out);
}

static void print_places(FILE *out, const struct carbon_config *config)
{
	char name[2 * CARBON_NAME_MAX];

	fputs("\nPartitions\n", out);
	for (size_t i = 0; i < config->site.places; i++) {
		const struct carbon_place *place = &config->site.place[i];

		/* as its block is called */
		snprintf(name, sizeof(name), "%s%s%s", place->cluster, place->cluster[0] ? "/" : "", place->partition);
		print_place(out, name, place, &config->terms[i]);
	}
	print_place(out, config->site.places ? "all others" : "all", &config->fallback, &config->fallback_terms);
}

static void print_rules(FILE *out, const struct carbon_config *config)
{
	char value[CARBON_CONFIG_TEXT_MAX], name[CARBON_NAME_MAX + 16];

	if (config->site.rules)
		fputs("\nRules\n", out);
	for (size_t i = 0; i < config->site.rules; i++) {
		const struct carbon_rule *rule = &config->site.rule[i];
		struct carbon_config_draft draft = {.rule = *rule};

		carbon_config_option_format(carbon_config_option_find(CARBON_SECTION_QOS, "delay"), &draft, value);
		snprintf(name, sizeof(name), "%s %s", rule_words[rule->kind], rule->name);
		fprintf(out, "  %-21s ", name);
		if (rule->exclude)
			fputs("its jobs are left alone\n", out);
		else
			fprintf(out, "its default delay is %s\n", value[0] ? value : "the site's");
	}
}

static void print_allowances(FILE *out, const struct carbon_config *config)
{
	if (config->allowances)
		fputs("\nAllowances\n", out);
	for (size_t i = 0; i < config->allowances; i++)
		fprintf(out, "  account %-13s %g kg CO2e a month\n", config->allowance[i].account,
			config->allowance[i].allowance_kg);
}

static void print_text(const struct carbon_tool *tool, const struct carbon_config *config,
		       const struct notes *notes, const struct asked *asked)
{
	FILE *out = tool->out;

	if (config->is_there)
		fprintf(out, "%s is valid.\n", config->path);
	else
		fprintf(out, "There is no %s; these are the defaults.\n", config->path);
	fprintf(out, "Level %s: %s.\n", carbon_level_name(config->site.level), level_words[config->site.level]);
	for (size_t i = 0; i < notes->count; i++)
		fprintf(out, "Note: %s.\n", notes->text[i]);
	print_settings(out, config);
	print_zones(out, config);
	print_places(out, config);
	print_rules(out, config);
	print_allowances(out, config);
	print_differences(out, config, asked);
}

/* --- as JSON --- */

/* Options of SECTION as members, in the shape that the file has them. */
static void json_options(struct carbon_json *json, enum carbon_config_section section, const void *base)
{
	char value[CARBON_CONFIG_TEXT_MAX];

	for (size_t i = 0; i < carbon_config_options_count; i++) {
		const struct carbon_config_option *option = &carbon_config_options[i];
		const void *at = (const char *)base + option->offset;

		if (option->section != section)
			continue;
		carbon_config_option_format(option, base, value);
		if (option->type == &carbon_type_number)
			carbon_json_number(json, option->name, *(const double *)at);
		else if (option->type == &carbon_type_count)
			carbon_json_int(json, option->name, *(const uint32_t *)at);
		else if (option->type == &carbon_type_switch)
			carbon_json_bool(json, option->name, *(const bool *)at);
		else
			carbon_json_text(json, option->name, value[0] ? value : NULL);
	}
}

static void json_blocks(struct carbon_json *json, const struct carbon_config *config)
{
	carbon_json_begin(json, "sources", '[');
	for (size_t i = 0; i < config->sources; i++) {
		struct carbon_config_draft draft = {.source = config->source[i]};

		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "name", config->source[i].name);
		json_options(json, CARBON_SECTION_SOURCE, &draft);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
	carbon_json_begin(json, "zones", '[');
	for (size_t i = 0; i < config->zones; i++) {
		struct carbon_config_draft draft = {.zone = config->zone[i]};

		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "name", config->zone[i].name);
		json_options(json, CARBON_SECTION_ZONE, &draft);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void json_place(struct carbon_json *json, const struct carbon_config *config, const struct carbon_place *place,
		       const struct carbon_terms *terms)
{
	struct carbon_config_draft draft = {.place = *place, .terms = *terms, .rule = {.delay_s = -1}};
	const char *name = place->partition[0] ? place->partition : "*";

	for (size_t i = 0; i < config->site.rules; i++)
		if (config->site.rule[i].kind == CARBON_RULE_PARTITION &&
		    strcmp(config->site.rule[i].name, name) == 0)
			draft.rule = config->site.rule[i];
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "cluster", place->cluster[0] ? place->cluster : NULL);
	carbon_json_text(json, "name", name);
	json_options(json, CARBON_SECTION_PARTITION, &draft);
	carbon_json_end(json, '}');
}

static void json_allowances(struct carbon_json *json, const struct carbon_config *config)
{
	carbon_json_begin(json, "allowances", '[');
	for (size_t i = 0; i < config->allowances; i++) {
		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "account", config->allowance[i].account);
		carbon_json_number(json, "allowance_kg", config->allowance[i].allowance_kg);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void json_rules(struct carbon_json *json, const struct carbon_config *config)
{
	carbon_json_begin(json, "rules", '[');
	for (size_t i = 0; i < config->site.rules; i++) {
		struct carbon_config_draft draft = {.rule = config->site.rule[i]};

		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "kind", rule_words[draft.rule.kind]); /* a user is its uid */
		carbon_json_text(json, "name", draft.rule.name);
		json_options(json, CARBON_SECTION_QOS, &draft);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

/* null: they were not compared */
static void json_differences(struct carbon_json *json, const struct carbon_config *config, const struct asked *asked)
{
	struct carbon_err err;

	if (!asked->answers) {
		carbon_json_text(json, "differences", NULL);
		return;
	}
	carbon_json_begin(json, "differences", '[');
	for (size_t i = 0; carbon_config_difference(config, &asked->live.cluster, i, &err); i++)
		carbon_json_text(json, NULL, err.text);
	carbon_json_end(json, ']');
}

static void print_json(const struct carbon_tool *tool, const struct carbon_config *config,
		       const struct notes *notes, const struct asked *asked)
{
	struct carbon_json json;

	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "file", config->is_there ? config->path : NULL);
	json_options(&json, CARBON_SECTION_TOP, config);
	json_blocks(&json, config);
	carbon_json_begin(&json, "partitions", '[');
	for (size_t i = 0; i < config->site.places; i++)
		json_place(&json, config, &config->site.place[i], &config->terms[i]);
	json_place(&json, config, &config->fallback, &config->fallback_terms);
	carbon_json_end(&json, ']');
	json_rules(&json, config);
	json_allowances(&json, config);
	carbon_json_begin(&json, "notes", '[');
	for (size_t i = 0; i < notes->count; i++)
		carbon_json_text(&json, NULL, notes->text[i]);
	carbon_json_end(&json, ']');
	json_differences(&json, config, asked);
	carbon_json_end(&json, '}');
}

/* --- against Slurm --- */

/* Without Slurm, or where it does not answer, the file stands for itself; that it was not compared is said. */
static void ask_slurm(const struct carbon_tool *tool, struct asked *asked)
{
	asked->is_asked = !carbon_tool_has(tool, "offline");
	asked->answers = asked->is_asked && carbon_tool_live_read(tool, &asked->live, &asked->err) == 0;
}

static int run(struct carbon_tool *tool)
{
	struct carbon_config *config;
	struct notes notes = {.count = 0};
	struct asked asked = {.is_asked = false};
	struct carbon_err err;

	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_fail(tool, &err);
	take_notes(config, tool->now, &notes);
	ask_slurm(tool, &asked);
	if (carbon_tool_is_json(tool))
		print_json(tool, config, &notes, &asked);
	else
		print_text(tool, config, &notes, &asked);
	if (asked.answers)
		carbon_tool_live_fini(&asked.live);
	carbon_config_destroy(config);
	return CARBON_EXIT_OK;
}

static const struct carbon_flag flags[] = {
	{"offline", 0, NULL, "look at the file alone, do not ask Slurm"},
	{NULL, 0, NULL, NULL},
};

const struct carbon_command carbon_command_check = {
	.name = "check",
	.summary = "validate carbon.conf and print what it means",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
