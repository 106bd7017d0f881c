/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carbon.conf means: the defaults against those of lib/, the stored sample of version 1 (for ever), the shipped
 * example and the manual against the option table.
 */
#include "config/config.h"
#include "config/options.h"
#include "lib/err.h"
#include "lib/file.h"
#include "tests/unit/config_text.h"

static char *read_source(const char *name)
{
	const char *root = getenv("CARBON_SRC");
	char path[CARBON_PATH_MAX];
	struct carbon_err err;
	char *text;
	size_t length;

	assert_non_null(root);
	snprintf(path, sizeof(path), "%s/%s", root, name);
	if (carbon_file_read(path, CARBON_CONFIG_SIZE_MAX, 0, NULL, &text, &length, &err) != 0)
		fail_msg("%s", err.text);
	return text;
}

/* --- defaults --- */

static void nothing_said_means_the_defaults(void **state)
{
	struct carbon_config *config = parse("");
	struct carbon_site site;
	struct carbon_power_model power;

	(void)state;
	carbon_site_init(&site);
	carbon_power_init(&power);
	assert_int_equal(config->site.places, 0);
	site.place = config->site.place; /* room for places that may come */
	assert_memory_equal(&config->site, &site, sizeof(site));
	assert_memory_equal(&config->fallback.power, &power, sizeof(power));
	assert_int_equal(config->horizon_h, 96);
	assert_int_equal(config->site.replan_every_s, 900);
	assert_int_equal(config->updates_per_second, 20);
	assert_int_equal(config->updates_per_run, 2000);
	assert_int_equal(config->slurmdbd_queue_max, 1000);
	assert_int_equal(config->bystander_wait_s, 300);
	assert_int_equal(config->bystander_pause_s, 86400);
	assert_int_equal(config->zones, 0);
	assert_string_equal(config->state_dir, CARBON_STATE_DIR);
	assert_string_equal(config->run_dir, CARBON_RUN_DIR);
	carbon_config_destroy(config);
}

/* Options whose default in the table is a sentence and not a value. */
static bool default_is_words(const struct carbon_config_option *option)
{
	return strchr(option->fallback, ' ') || strcmp(option->fallback, "none") == 0 ||
	       strcmp(option->fallback, "default_delay") == 0;
}

/* What the table says of a default, said in a file, is what no file at all means. */
static void the_tables_defaults_are_the_real_ones(void **state)
{
	struct carbon_config *nothing = parse("source \"em\" {}\npartition \"p\" {}\nqos \"q\" {}");

	(void)state;
	for (size_t i = 0; i < carbon_config_options_count; i++) {
		const struct carbon_config_option *option = &carbon_config_options[i];
		struct carbon_config_draft draft = {.source = nothing->source[0], .place = nothing->site.place[0],
						    .terms = nothing->terms[0]};
		const void *base = option->section == CARBON_SECTION_TOP ? (const void *)nothing : &draft;
		char value[CARBON_CONFIG_TEXT_MAX];

		if (default_is_words(option))
			continue;
		carbon_config_option_format(option, base, value);
		assert_string_equal(value, option->fallback);
	}
	carbon_config_destroy(nothing);
}

/* Everything that carbon.conf can say, in the stored sample. */
static int parse_sample(void **state)
{
	char *text = read_source("doc/samples/carbon.conf.v1");

	*state = parse(text);
	free(text);
	return 0;
}

static int destroy_sample(void **state)
{
	carbon_config_destroy(*state);
	return 0;
}

/* --- meaning --- */

static void every_setting_of_the_sample_arrives(void **state)
{
	const struct carbon_config *config = *state;
	const struct carbon_site *site = &config->site;

	assert_int_equal(site->level, CARBON_LEVEL_DEFAULT);
	assert_int_equal(site->signal, CARBON_SIGNAL_DIRECT);
	assert_string_equal(site->policy, "immediate");
	assert_int_equal(config->policy_line, 6);
	assert_true(site->max_flexible_share == 30 && site->delayed_nice == 250 && site->ramp_kw == 45.5);
	assert_int_equal(config->hours.count, 2);
	assert_true(config->hours.item[0].kw == 250 && config->hours.item[1].nodes == 300);
	assert_int_equal(config->place_hours.count, 1);
	assert_string_equal(config->place_hours.item[0].partition, "gpu");
	assert_int_equal(config->blackouts.count, 1);
	assert_true(config->holdout.is_on);
	assert_int_equal(config->holdout.block_s, 4 * 86400);
	assert_int_equal(config->holdout.seed, 77);
	assert_true(site->carbon_price == 95.5);
	assert_string_equal(config->price_file, "/srv/carbon/prices.csv");
	assert_int_equal(site->default_delay_s, 8 * 3600);
	assert_int_equal(site->max_delay_s, 2 * 86400);
	assert_int_equal(site->min_runtime_s, 1800);
	assert_true(site->min_saving_percent == 7.5);
	assert_true(site->min_saving_g == 120);
	assert_true(site->delay_price_g_h == 3.25);
	assert_int_equal(site->slack_s, 90);
	assert_int_equal(site->outlook_max_age_s, 3 * 3600);
	assert_int_equal(site->max_waiting, 5000);
	assert_int_equal(site->max_waiting_user, 50);
	assert_int_equal(config->horizon_h, 72);
	assert_string_equal(config->state_dir, "/srv/carbon/state");
	assert_string_equal(config->run_dir, "/srv/carbon/run");
}

static void every_source_and_zone_of_the_sample_arrives(void **state)
{
	const struct carbon_config *config = *state;

	assert_int_equal(config->sources, 2);
	assert_string_equal(config->source[0].name, "em");
	assert_string_equal(config->source[0].type, "electricitymaps");
	assert_string_equal(config->source[0].url, "https://proxy.example.org/em");
	assert_string_equal(config->source[0].token_file, "/etc/slurm-carbon/em.token");
	assert_string_equal(config->source[0].ca_file, "/etc/ssl/example.pem");
	assert_int_equal(config->source[0].timeout_s, 45);
	assert_string_equal(config->source[1].path, "/srv/carbon/se3.csv");

	assert_int_equal(config->zones, 3);
	assert_string_equal(config->zone[0].name, "DE");
	assert_int_equal(config->zone[0].sources, 2);
	assert_string_equal(config->zone[0].source[0], "em");
	assert_string_equal(config->zone[0].source[1], "profile");
	assert_string_equal(config->zone[1].name, "SE-SE3");
	assert_string_equal(config->zone[1].source_zone, "SE3");
	/* named by a partition alone: all sources in order, the profile last */
	assert_string_equal(config->zone[2].name, "FR");
	assert_int_equal(config->zone[2].sources, 3);
	assert_string_equal(config->zone[2].source[0], "em");
	assert_string_equal(config->zone[2].source[1], "file");
	assert_string_equal(config->zone[2].source[2], "profile");
}

static void every_partition_of_the_sample_arrives(void **state)
{
	const struct carbon_config *config = *state;
	const struct carbon_site *site = &config->site;

	assert_string_equal(config->fallback.zone, "DE");
	assert_true(config->fallback.power.pue == 1.25);
	assert_int_equal(site->places, 2);
	assert_string_equal(site->place[0].partition, "gpu");
	assert_string_equal(site->place[0].zone, "SE-SE3");
	assert_true(site->place[0].power.pue == 1.1);
	assert_true(site->place[0].power.core_w == 5);  /* from "*" */
	assert_true(site->place[0].power.dram_w_gb == 0.4);
	assert_true(site->place[0].power.other_w == 80);
	assert_true(site->place[0].power.gpu_w == 350);
	assert_true(site->place[0].power.utilisation == 0.9);
	assert_int_equal(site->place[0].power.gpu_types, 2);
	assert_string_equal(site->place[0].power.gpu_type[0].name, "a100");
	assert_true(carbon_power_gpu(&site->place[0].power, "A100") == 390);
	assert_true(carbon_power_gpu(&site->place[0].power, "h100") == 680.5);
	assert_int_equal(site->place[0].queue_wait_s, 1200);
	assert_int_equal(site->place[0].boot_s, 300);
	assert_string_equal(site->place[1].zone, "FR");
	assert_true(site->place[1].power.pue == 1.25);
}

static void every_term_of_the_sample_s_books_arrives(void **state)
{
	const struct carbon_config *config = *state;

	assert_int_equal(config->terms[0].pue_months, 12);
	assert_true(config->terms[0].pue_month[0] == 1.1 && config->terms[0].pue_month[11] == 1.05);
	assert_true(config->terms[0].gpu_idle_w == 55 && config->terms[0].idle_w == 400);
	assert_true(config->terms[0].off_w == 12 && config->terms[0].boot_w == 450);
	assert_true(config->terms[0].market_g_kwh == 0 && config->terms[0].embodied_g_node_h == 110.5);
	assert_true(config->terms[0].water_l_kwh == 1.8);
	assert_true(isnan(config->terms[1].idle_w) && isnan(config->terms[1].market_g_kwh));
	assert_int_equal(config->terms[1].pue_months, 0);
}

static void every_rule_of_the_sample_arrives(void **state)
{
	const struct carbon_config *config = *state;
	const struct carbon_site *site = &config->site;

	assert_int_equal(site->rules, 5);
	assert_int_equal(site->rule[0].kind, CARBON_RULE_PARTITION);
	assert_string_equal(site->rule[0].name, "gpu");
	assert_int_equal(site->rule[0].delay_s, 4 * 3600);
	assert_false(site->rule[0].exclude);
	assert_int_equal(site->rule[1].kind, CARBON_RULE_QOS);
	assert_true(site->rule[1].exclude);
	assert_int_equal(site->rule[1].delay_s, -1);
	assert_int_equal(site->rule[2].kind, CARBON_RULE_ACCOUNT);
	assert_int_equal(site->rule[2].delay_s, 86400);
	assert_int_equal(site->rule[3].kind, CARBON_RULE_USER);
	assert_string_equal(site->rule[3].name, "0");
	assert_string_equal(site->rule[4].name, "4711");
}

/* Take the '#' from the lines that show an option or a block ("#level = ..."), leave sentences ("# ..."). */
static void uncomment(char *text)
{
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += line != text;
		if (line[0] == '#' && line[1] != ' ' && line[1] != '#')
			line[0] = ' ';
	}
}

/* Top-level options of A mean the same as those of B. */
static void assert_same_top(const struct carbon_config *a, const struct carbon_config *b)
{
	char x[CARBON_CONFIG_TEXT_MAX], y[CARBON_CONFIG_TEXT_MAX];

	for (size_t i = 0; i < carbon_config_options_count; i++) {
		if (carbon_config_options[i].section != CARBON_SECTION_TOP)
			continue;
		carbon_config_option_format(&carbon_config_options[i], a, x);
		carbon_config_option_format(&carbon_config_options[i], b, y);
		assert_string_equal(x, y);
	}
}

/* --- the shipped example --- */

static void the_example_means_the_defaults_as_shipped_and_uncommented(void **state)
{
	char *text = read_source("contrib/carbon.conf.example");
	struct carbon_config *nothing = parse("");
	struct carbon_config *shipped = parse(text), *uncommented;

	(void)state;
	assert_same_top(shipped, nothing);
	assert_int_equal(shipped->zones, 0);
	assert_int_equal(shipped->site.places, 0);
	assert_int_equal(shipped->site.rules, 0);
	uncomment(text);
	uncommented = parse(text);
	/* the folders shown are those of a packaged installation */
	memcpy(uncommented->state_dir, nothing->state_dir, sizeof(nothing->state_dir));
	memcpy(uncommented->run_dir, nothing->run_dir, sizeof(nothing->run_dir));
	assert_same_top(uncommented, nothing);
	assert_memory_equal(&uncommented->fallback.power, &nothing->fallback.power,
			    sizeof(nothing->fallback.power));
	assert_true(uncommented->sources > 0);
	for (size_t i = 0; i < carbon_config_options_count; i++)
		assert_non_null(strstr(text, carbon_config_options[i].name));
	carbon_config_destroy(uncommented);
	carbon_config_destroy(shipped);
	carbon_config_destroy(nothing);
	free(text);
}

/* How the manual must open the paragraph of OPTION. */
static void manual_lines(const struct carbon_config_option *option, char *out, size_t size)
{
	char bounds[64] = "", fallback[CARBON_CONFIG_TEXT_MAX];
	bool is_dir = strstr(option->name, "_dir") != NULL;
	const char *unit = option->unit;

	/* the manual tells of a packaged installation, the table of this build */
	snprintf(fallback, sizeof(fallback), "%s", option->fallback);
	if (is_dir)
		snprintf(fallback, sizeof(fallback), "/var/%s/slurm-carbon",
			 strcmp(option->name, "state_dir") == 0 ? "lib" : "spool");
	if (option->type == &carbon_type_number || option->type == &carbon_type_count)
		snprintf(bounds, sizeof(bounds), " From %.10g to %.10g%s%s.", option->min, option->max,
			 unit[0] ? " " : "", unit);
	snprintf(out, size, ".TP\n.BI \"%s = \" \"%s\"\nDefault: %s.%s\n", option->name, option->type->word,
		 fallback, bounds);
}

/* The part of the manual that describes SECTION: from its .SS or .SH to the next one. */
static char *manual_section(char *manual, enum carbon_config_section section)
{
	static const char *const headings[CARBON_SECTIONS] = {
		[CARBON_SECTION_TOP] = "\n.SH OPTIONS\n",
		[CARBON_SECTION_SOURCE] = "\n.SS source \"NAME\" { ... }\n",
		[CARBON_SECTION_ZONE] = "\n.SS zone \"NAME\" { ... }\n",
		[CARBON_SECTION_PARTITION] = "\n.SS partition \"NAME\" { ... }\n",
		[CARBON_SECTION_QOS] = "\n.SS qos \"NAME\" { ... }\n",
		[CARBON_SECTION_ACCOUNT] = "\n.SS account \"NAME\" { ... }\n",
		[CARBON_SECTION_USER] = "\n.SS user \"NAME\" { ... }\n",
	};
	char *begin = strstr(manual, headings[section]), *copy, *end;

	if (!begin)
		fail_msg("the manual has no%s", headings[section]);
	copy = strdup(begin + strlen(headings[section]));
	assert_non_null(copy);
	end = strstr(copy, "\n.S");
	if (end)
		end[1] = '\0';
	return copy;
}

static size_t count(const char *text, const char *what)
{
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		found++;
	return found;
}

/* --- the manual --- */

static void the_manual_and_the_table_say_the_same(void **state)
{
	char *manual = read_source("doc/carbon.conf.5");

	(void)state;
	for (int s = CARBON_SECTION_TOP; s < CARBON_SECTIONS; s++) {
		char *part = manual_section(manual, (enum carbon_config_section)s);
		size_t options = 0;

		for (size_t i = 0; i < carbon_config_options_count; i++) {
			char lines[CARBON_CONFIG_TEXT_MAX + 256];

			if ((int)carbon_config_options[i].section != s)
				continue;
			manual_lines(&carbon_config_options[i], lines, sizeof(lines));
			if (!strstr(part, lines))
				fail_msg("carbon.conf.5 lacks, in section \"%s\":\n%s",
					 carbon_config_section_name((enum carbon_config_section)s), lines);
			options++;
		}
		assert_int_equal(count(part, ".TP\n"), options); /* and nothing that the table does not know */
		free(part);
	}
	free(manual);
}

#define SAMPLE_TEST(name) cmocka_unit_test_setup_teardown(name, parse_sample, destroy_sample)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_means_the_defaults),
		cmocka_unit_test(the_tables_defaults_are_the_real_ones),
		SAMPLE_TEST(every_setting_of_the_sample_arrives),
		SAMPLE_TEST(every_source_and_zone_of_the_sample_arrives),
		SAMPLE_TEST(every_partition_of_the_sample_arrives),
		SAMPLE_TEST(every_term_of_the_sample_s_books_arrives),
		SAMPLE_TEST(every_rule_of_the_sample_arrives),
		cmocka_unit_test(the_example_means_the_defaults_as_shipped_and_uncommented),
		cmocka_unit_test(the_manual_and_the_table_say_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
