/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.conf: every error by its exact text, the defaults against those of lib/, the stored sample of
 * version 1 (for ever), the shipped example and the manual against the option table.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "config/options.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/time.h"

static struct carbon_config *parse(const char *text)
{
	struct carbon_config *config;
	struct carbon_err err;

	if (carbon_config_parse("carbon.conf", text, strlen(text), &config, &err) != 0)
		fail_msg("%s", err.text);
	return config;
}

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

/* --- errors --- */

static const struct {
	const char *text, *error;
} wrong[] = {
	{"capacity = {\"8-9 nodes=3\"}",
	 "carbon.conf:1: capacity: \"8-9 nodes=3\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 kw=250)"},
	{"capacity = {\"08:00-18:00\"}", "carbon.conf:1: capacity: \"08:00-18:00\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 kw=250)"},
	{"capacity = {\"mon-fre 08:00-18:00 kw=1\"}", "carbon.conf:1: capacity: \"mon-fre 08:00-18:00 kw=1\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 kw=250)"},
	{"capacity = {\"08:00-24:30 kw=1\"}", "carbon.conf:1: capacity: \"08:00-24:30 kw=1\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 kw=250)"},
	{"capacity = {\"24:00-08:00 kw=1\"}", "carbon.conf:1: capacity: \"24:00-08:00 kw=1\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 kw=250)"},
	{"capacity = {\"08:00-09:00 kw=-1\"}", "carbon.conf:1: capacity: \"08:00-09:00 kw=-1\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 kw=250)"},
	{"partition \"*\" { capacity = {\"08:00-09:00 kw=1\"} }",
	 "carbon.conf:1: partition \"*\" takes no capacity (set it outside of the blocks)"},
	{"blackouts = {\"12-24 to 2027-01-02\"}",
	 "carbon.conf:1: blackouts: \"12-24 to 2027-01-02\" should be two times such as 2026-12-24 to 2027-01-02 08:00"},
	{"holdout = \"always\"", "carbon.conf:1: holdout \"always\" unknown (known: none, switchback)"},
	{"holdout_block = \"60h\"", "carbon.conf: holdout_block is no number of whole days (such as 3d)"},
	{"holdout_block = \"1d\"", "carbon.conf:1: holdout_block \"1d\" is out of bounds (2d to 14d)"},
	{"blackouts = {\"2026-12-24\"}", "carbon.conf:1: blackouts: \"2026-12-24\" should be two times such as 2026-12-24 to 2027-01-02 08:00"},
	{"blackouts = {\"now to 2027-01-02\"}", "carbon.conf:1: blackouts: \"now to 2027-01-02\" should be two times such as 2026-12-24 to 2027-01-02 08:00"},
	{"blackouts = {\"2026-12-24 to 2026-12-24\"}", "carbon.conf:1: blackouts: \"2026-12-24 to 2026-12-24\" ends before it begins"},
	{"price_file = \"prices.csv\"", "carbon.conf:1: price_file \"prices.csv\" is no absolute path"},
	{"qos \"a\" { share = 101 }", "carbon.conf:1: share \"101\" is no number from 0 to 100"},
	{"level = \"on\"",
	 "carbon.conf:1: level \"on\" unknown (known: off, observe, opt-in, default)"},
	{"\n\nsignal = \"average\"",
	 "carbon.conf:3: signal \"average\" unknown (known: average-lifecycle, average-direct, marginal)"},
	{"policy = \"two words\"",
	 "carbon.conf:1: policy \"two words\" is no name (1 to 23 letters, digits and -_.)"},
	{"max_delay = \"12 parsecs\"",
	 "carbon.conf:1: max_delay \"12 parsecs\" is no duration (such as 90m, 12h, 2-00:00:00)"},
	{"max_delay = \"-3h\"",
	 "carbon.conf:1: max_delay \"-3h\" is no duration (such as 90m, 12h, 2-00:00:00)"},
	{"max_delay = \"15d\"", "carbon.conf:1: max_delay \"15d\" is out of bounds (0s to 14d)"},
	{"outlook_max_age = \"59s\"", "carbon.conf:1: outlook_max_age \"59s\" is out of bounds (1m to 14d)"},
	{"max_delay = \"1h\"", "carbon.conf: default_delay is longer than max_delay (1h)"},
	{"horizon = \"25h30m\"", "carbon.conf:1: horizon \"25h30m\" is no number of whole hours"},
	{"horizon = \"23h\"", "carbon.conf:1: horizon \"23h\" is out of bounds (24h to 14d)"},
	{"min_saving_percent = 101",
	 "carbon.conf:1: min_saving_percent \"101\" is no number from 0 to 100"},
	{"min_saving_g = nan", "carbon.conf:1: min_saving_g \"nan\" is no number from 0 to 1e+09"},
	{"min_saving_g = 1e99", "carbon.conf:1: min_saving_g \"1e99\" is no number from 0 to 1e+09"},
	{"max_waiting = 2.5", "carbon.conf:1: max_waiting \"2.5\" is no whole number from 0 to 1000000"},
	{"max_waiting = -1", "carbon.conf:1: max_waiting \"-1\" is no whole number from 0 to 1000000"},
	{"run_dir = \"run\"", "carbon.conf:1: run_dir \"run\" is no absolute path"},
	{"polcy = \"immediate\"", "carbon.conf:1: \"polcy\" is no option (did you mean policy?)"},
	{"partiton \"gpu\" {}", "carbon.conf:1: \"partiton\" is no option (did you mean partition?)"},
	{"lampshade = \"green\"", "carbon.conf:1: \"lampshade\" is no option (see carbon.conf(5))"},
	{"partition \"gpu\" {\n puee = 1.2\n}",
	 "carbon.conf:2: \"puee\" is no option of a partition (did you mean pue?)"},
	{"zone \"DE\" { level = \"off\" }", "carbon.conf:1: \"level\" is no option of a zone (see carbon.conf(5))"},
	{"level = \"off\"\n# once more\nlevel = \"off\"",
	 "carbon.conf:3: level is given twice (first in line 1)"},
	{"zone \"DE\" {\n source_zone = \"a\"\n source_zone = \"b\" }",
	 "carbon.conf:3: source_zone is given twice (first in line 2)"},
	{"zone \"DE\" {}\nzone \"DE\" {}", "carbon.conf:2: a second block of this kind for \"DE\""},
	{"zone \"D E\" {}", "carbon.conf:1: zone \"D E\" is no zone (such as DE or US-CAL-CISO)"},
	{"zone \"DE\" { sources = {\"tibber\"} }",
	 "carbon.conf:1: source \"tibber\" of zone DE has no block"},
	{"zone \"DE\" { sources = {\"profile\", \"profile\"} }",
	 "carbon.conf:1: sources: \"profile\" is named twice"},
	{"zone \"DE\" { sources = {} }",
	 "carbon.conf:1: sources is an empty list (leave it out for the default)"},
	{"source \"em\" { url = \"ftp://x\" }",
	 "carbon.conf:1: url \"ftp://x\" is no address (such as https://host/path)"},
	{"source \"em\" { url = \"https://me@host/\" }",
	 "carbon.conf:1: url \"https://me@host/\" is no address (such as https://host/path)"},
	{"source \"em\" { timeout = \"0s\" }", "carbon.conf:1: timeout \"0s\" is out of bounds (1s to 10m)"},
	{"source \"em\" { token_file = \"~/key\" }",
	 "carbon.conf:1: token_file \"~/key\" is no absolute path"},
	{"partition \"gpu\" { pue = 0.9 }", "carbon.conf:1: pue \"0.9\" is no number from 1 to 10"},
	{"partition \"gpu\" { pue_by_month = {1.1, 1.2} }",
	 "carbon.conf:1: pue_by_month has 2 numbers (12 are right, January first)"},
	{"partition \"gpu\" { pue_by_month = {1,1,1,1,1,1,1,1,1,1,1,1,1} }",
	 "carbon.conf:1: pue_by_month has more than 12 numbers"},
	{"partition \"gpu\" { pue_by_month = {0.5} }", "carbon.conf:1: pue_by_month \"0.5\" is no number from 1 to 10"},
	{"partition \"gpu\" { market_g_kwh = -1 }",
	 "carbon.conf:1: market_g_kwh \"-1\" is no number from 0 to 2000"},
	{"partition \"gpu\" { utilisation = 80 }", "carbon.conf:1: utilisation \"80\" is no number from 0 to 1"},
	{"partition \"gpu\" { gpus = {\"a100\"} }",
	 "carbon.conf:1: gpus: \"a100\" is no TYPE:WATTS (such as a100:400, 0 to 10000 W)"},
	{"partition \"gpu\" { gpus = {\"a100:400\", \"A100:300\"} }",
	 "carbon.conf:1: gpus: \"a100\" is named twice"},
	{"partition \"gpu\" { exclude = maybe }", "carbon.conf:1: exclude \"maybe\" is neither true nor false"},
	{"partition \"gpu\" { zone = \"1\" }", "carbon.conf:1: zone \"1\" is no zone (such as DE or US-CAL-CISO)"},
	{"partition \"north/gpu\" { pue = 1.2 }", "carbon.conf:1: partition \"north/gpu\" lacks its zone"},
	{"partition \"north/gpu\" { zone = \"FR\" delay = \"1h\" }",
	 "carbon.conf:1: partition \"north/gpu\": rules and capacity are of this cluster's partitions alone"},
	{"partition \"a b/gpu\" {}", "carbon.conf:1: \"a b\" is no name that Slurm knows"},
	{"partition \"/gpu\" {}", "carbon.conf:1: \"\" is no name that Slurm knows"},
	{"partition \"a b\" {}", "carbon.conf:1: \"a b\" is no name that Slurm knows"},
	{"partition \"gpu\" {}\npartition \"*\" {}",
	 "carbon.conf:2: partition \"*\" must come before all other partition blocks"},
	{"partition \"*\" { exclude = true }",
	 "carbon.conf:1: partition \"*\" takes neither exclude, delay, minimum saving nor share (set them outside of the blocks)"},
	{"user \"no-such-user\" {}", "carbon.conf:1: user \"no-such-user\" unknown on this machine"},
	{"user \"root\" {}\nuser \"0\" {}", "carbon.conf:2: a second block for uid 0"},
	/* what libConfuse would pass over or misplace */
	{"partition \"gpu\" {\n pue = 1.2\n", "carbon.conf:1: this '{' is never closed"},
	{"level = \"off\"\n/* and so on", "carbon.conf:2: this comment is never closed (*/)"},
	{"level = \"off\n", "carbon.conf:1: this text is not closed by a quote in its line"},
	{"/* one\n two */ /* three */\nlevl = 1", "carbon.conf:3: \"levl\" is no option (did you mean level?)"},
	{"level = \"off\" }", "carbon.conf:1: '}' closes nothing"},
	{"a { b { c {", "carbon.conf:1: '{' is out of place: blocks do not nest"},
	{"state_dir = \"${HOME}\"",
	 "carbon.conf:1: \"${\" is refused: the environment must not change what a configuration means"},
	{"state_dir = $HOME", "carbon.conf:1: character 0x24 has no meaning here"},
	{"\"zone=DE|sources\" = 1", "carbon.conf:1: '|' has no meaning in carbon.conf"},
	{"state_dir = \"/a\\nb\"", "carbon.conf:1: a backslash has no meaning in carbon.conf"},
	{"zone \"DE\" { sources += {\"profile\"} }",
	 "carbon.conf:1: \"+=\" is refused: write the whole list after \"=\""},
	{"level \"off\"", "carbon.conf:1: missing equal sign after option 'level'"},
	{"level =", "carbon.conf:2: premature end of file"},
	{"zone {}", "carbon.conf:1: missing title for section 'zone'"},
	{"= 3", "carbon.conf:1: unexpected token '='"},
	{"\"\" = 3", "carbon.conf:1: not understood"},
	{"\x01", "carbon.conf:1: character 0x01 has no meaning here"},
};

static void every_error_names_place_value_and_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct carbon_config *config = (struct carbon_config *)&state;
		struct carbon_err err = {.text = "none"};

		if (carbon_config_parse("carbon.conf", wrong[i].text, strlen(wrong[i].text), &config, &err) == 0)
			fail_msg("accepted: %s", wrong[i].text);
		assert_null(config);
		assert_string_equal(err.text, wrong[i].error);
	}
}

static void a_zero_byte_is_refused(void **state)
{
	static const char text[] = "level = \"off\"\0\n";
	struct carbon_config *config;
	struct carbon_err err;

	(void)state;
	assert_int_equal(carbon_config_parse("carbon.conf", text, sizeof(text) - 1, &config, &err), -1);
	assert_string_equal(err.text, "carbon.conf: not a text file (a zero byte in it)");
}

static void too_many_blocks_are_refused(void **state)
{
	char text[32 * (CARBON_SITE_PLACES_MAX + 1)];
	struct carbon_config *config;
	struct carbon_err err;
	size_t used = 0;

	(void)state;
	for (int i = 0; i <= CARBON_CONFIG_SOURCES_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "source \"s%d\" {}\n", i);
	assert_int_equal(carbon_config_parse("carbon.conf", text, used, &config, &err), -1);
	assert_string_equal(err.text, "carbon.conf:33: more than 32 sources");
	used = 0;
	for (int i = 0; i <= CARBON_SITE_PLACES_MAX; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "partition \"p%d\" {}\n", i);
	assert_int_equal(carbon_config_parse("carbon.conf", text, used, &config, &err), -1);
	assert_string_equal(err.text, "carbon.conf:257: more than 256 partitions");
}

/* A failed parse must leave nothing behind in libConfuse's global lexer. */
static void after_an_error_the_next_file_is_read(void **state)
{
	struct carbon_config *config;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		carbon_config_parse("carbon.conf", wrong[i].text, strlen(wrong[i].text), &config, NULL);
		config = parse("level = \"opt-in\"");
		assert_int_equal(config->site.level, CARBON_LEVEL_OPT_IN);
		carbon_config_destroy(config);
	}
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
	assert_int_equal(config->replan_every_s, 900);
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

/* --- meaning --- */

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

/* --- the shipped example --- */

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

/* --- the manual --- */

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

/* --- hours and dates --- */

static void assert_limit(const struct carbon_site *site, const char *partition, const char *from, const char *to,
			 uint32_t nodes, double kw)
{
	time_t from_at, to_at;

	assert_int_equal(carbon_time_parse(from, &from_at, NULL), 0);
	assert_int_equal(carbon_time_parse(to, &to_at, NULL), 0);
	for (size_t i = 0; i < site->limits; i++) {
		const struct carbon_limit *limit = &site->limit[i];

		if (strcmp(limit->partition, partition) == 0 && limit->from_at == from_at && limit->to_at == to_at) {
			assert_int_equal(limit->nodes, nodes);
			assert_true(limit->kw == kw);
			return;
		}
	}
	fail_msg("no limit of \"%s\" from %s to %s", partition, from, to);
}

static void compile_at(const char *text, const char *when, struct carbon_site *site)
{
	static const struct carbon_config_partition gpu = {.name = "gpu"};
	struct carbon_config_cluster cluster = {.name = "c1", .partitions = 1, .partition = &gpu};
	struct carbon_config *config = parse(text);
	struct carbon_err err;
	time_t now;

	assert_int_equal(carbon_time_parse(when, &now, NULL), 0);
	if (carbon_config_compile(config, &cluster, now, site, &err) != 0)
		fail_msg("%s", err.text);
	for (size_t i = 0; i < site->limits; i++) {
		assert_true(site->limit[i].to_at > now);
		assert_true(i == 0 || site->limit[i - 1].from_at <= site->limit[i].from_at);
	}
	carbon_config_destroy(config);
}

/* Berlin's clocks go back on 2026-10-25 and forward on 2027-03-28. */
static void hours_are_local_and_become_absolute(void **state)
{
	struct carbon_site site;

	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	compile_at("capacity = {\"sat-mon 17:00-20:00 kw=250.5\", \"22:00-06:00 nodes=30\"}\n"
		   "partition \"gpu\" { capacity = {\"tue 00:00-24:00 nodes=0 kw=3\"} }",
		   "2026-10-23T12:00:00Z", &site);
	assert_limit(&site, "", "2026-10-24T15:00:00Z", "2026-10-24T18:00:00Z", CARBON_LIMIT_NONE, 250.5);
	assert_limit(&site, "", "2026-10-25T16:00:00Z", "2026-10-25T19:00:00Z", CARBON_LIMIT_NONE, 250.5);
	assert_limit(&site, "", "2026-10-26T16:00:00Z", "2026-10-26T19:00:00Z", CARBON_LIMIT_NONE, 250.5);
	assert_limit(&site, "", "2026-10-24T20:00:00Z", "2026-10-25T05:00:00Z", 30, -1); /* nine hours */
	assert_limit(&site, "gpu", "2026-10-26T23:00:00Z", "2026-10-27T23:00:00Z", 0, 3);
	carbon_site_fini(&site);
	compile_at("capacity = {\"22:00-06:00 nodes=30\"}", "2027-03-28T00:30:00Z", &site);
	assert_limit(&site, "", "2027-03-27T21:00:00Z", "2027-03-28T04:00:00Z", 30, -1); /* it lasts, seven hours */
	carbon_site_fini(&site);
	unsetenv("TZ");
	tzset();
}

static void blackouts_are_local_and_end(void **state)
{
	struct carbon_site site;
	time_t at;

	(void)state;
	setenv("TZ", "America/New_York", 1);
	tzset();
	compile_at("blackouts = {\"2026-12-24 18:00 to 2027-01-02\", \"2026-11-01 to 2026-11-03\", \"2026-01-01 to 2026-01-02\"}",
		   "2026-10-23T12:00:00Z", &site);
	assert_int_equal(site.blackouts, 2);
	assert_int_equal(carbon_time_parse("2026-11-01T04:00:00Z", &at, NULL), 0);
	assert_int_equal(site.blackout[0].from_at, at);
	assert_int_equal(carbon_time_parse("2027-01-02T05:00:00Z", &at, NULL), 0);
	assert_int_equal(site.blackout[1].to_at, at);
	carbon_site_fini(&site);
	unsetenv("TZ");
	tzset();
}

static void a_holdout_is_a_blackout_of_every_other_block(void **state)
{
	struct carbon_site site;
	time_t now, before = 0;

	(void)state;
	assert_int_equal(carbon_time_parse("2026-10-23T12:00:00Z", &now, NULL), 0);
	compile_at("holdout = \"switchback\"\nholdout_block = \"2d\"\nblackouts = {\"2026-12-24 to 2026-12-26\"}",
		   "2026-10-23T12:00:00Z", &site);
	/* eight blocks of two days, about half of them, and the blackout that was said */
	assert_in_range(site.blackouts, 4, 6);
	for (size_t i = 0; i + 1 < site.blackouts; i++) {
		assert_int_equal(site.blackout[i].to_at - site.blackout[i].from_at, 2 * 86400);
		assert_int_equal(site.blackout[i].from_at % 86400, 0);
		assert_true(site.blackout[i].from_at >= before && site.blackout[i].to_at > now);
		before = site.blackout[i].to_at;
	}
	carbon_site_fini(&site);
	compile_at("", "2026-10-23T12:00:00Z", &site);
	assert_int_equal(site.blackouts, 0);
	carbon_site_fini(&site);
}

static void wishes_of_hours_are_shown_as_they_were_said(void **state)
{
	static const char *const texts[] = {"mon-fri 08:00-18:00 nodes=200 kw=1.5", "sun 00:00-24:00 kw=0",
					    "22:00-06:00 nodes=0", "sat-mon 05:00-05:00 nodes=7"};
	struct carbon_config_hours hours;
	char shown[128];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(carbon_config_hours_parse(texts[i], &hours, NULL), 0);
		carbon_config_hours_format(&hours, shown, sizeof(shown));
		assert_string_equal(shown, texts[i]);
	}
}

static void rules_wish_for_more_than_a_delay(void **state)
{
	struct carbon_config *config = parse("qos \"a\" { min_saving_percent = 2.5 }\naccount \"b\" { share = 0 }\n"
					     "user \"0\" { min_saving_g = 7 }\npartition \"p\" { share = 40 }");
	const struct carbon_site *site = &config->site;

	(void)state;
	assert_int_equal(site->rules, 4);
	assert_true(site->rule[0].min_saving_percent == 2.5 && site->rule[0].min_saving_g == -1);
	assert_true(site->rule[1].share == 0 && site->rule[1].delay_s == -1);
	assert_true(site->rule[2].min_saving_g == 7 && site->rule[2].share == -1);
	assert_true(site->rule[3].share == 40 && !site->rule[3].exclude);
	carbon_config_destroy(config);
}

/* --- compiling --- */

static const struct carbon_config_partition partitions[] = {
	{.name = "long", .is_default = true, .default_limit_s = 3600, .max_limit_s = 86400, .node_cores = 64},
	{.name = "gpu", .node_cores = 32},
};

static void compiling_joins_wishes_and_cluster(void **state)
{
	struct carbon_config *config = parse("partition \"*\" { zone = \"DE\" }\npartition \"gpu\" { pue = 1.1 }\n"
					     "qos \"z\" { delay = \"1h\" }\nqos \"a\" { exclude = yes }");
	struct carbon_site_user users[] = {{.uid = 20, .waiting = 1}, {.uid = 10, .account = "chem"}};
	struct carbon_wall walls[] = {{.from_at = 2000, .to_at = 3000}, {.from_at = 1000, .to_at = 1500}};
	struct carbon_config_cluster cluster = {.name = "c1", .partitions = 2, .partition = partitions,
						.users = 2, .user = users, .walls = 2, .wall = walls,
						.waiting = 1, .as_of = 999};
	struct carbon_site site;
	struct carbon_err err;

	(void)state;
	assert_int_equal(carbon_config_compile(config, &cluster, 1000, &site, &err), 0);
	assert_string_equal(site.cluster, "c1");
	assert_int_equal(site.written_at, 1000);
	assert_int_equal(site.jobs_as_of, 999);
	assert_int_equal(site.waiting, 1);
	assert_int_equal(site.places, 2);
	assert_string_equal(site.place[0].partition, "gpu"); /* sorted */
	assert_true(site.place[0].power.pue == 1.1);
	assert_string_equal(site.place[0].zone, "DE");
	assert_string_equal(site.place[1].partition, "long");
	assert_true(site.place[1].is_default);
	assert_int_equal(site.place[1].max_limit_s, 86400);
	assert_int_equal(site.place[1].node_cores, 64);
	assert_string_equal(site.rule[0].name, "a");
	assert_int_equal(site.user[0].uid, 10);
	assert_int_equal(site.wall[0].from_at, 1000);
	carbon_site_fini(&site);
	carbon_config_destroy(config);
}

static void a_block_for_no_partition_is_an_error(void **state)
{
	struct carbon_config *config = parse("\npartition \"gpus\" { pue = 1.1 }");
	struct carbon_config_cluster cluster = {.name = "c1", .partitions = 2, .partition = partitions};
	struct carbon_site site;
	struct carbon_err err;

	(void)state;
	assert_int_equal(carbon_config_compile(config, &cluster, 1000, &site, &err), -1);
	assert_string_equal(err.text, "carbon.conf:2: cluster c1 has no partition \"gpus\"");
	carbon_config_destroy(config);
}

/* The site file that TEXT makes at NOW, to be freed. */
static char *compile_text(const char *text, time_t now)
{
	const struct carbon_config_cluster cluster = {.name = "c", .partitions = 2, .partition = partitions};
	struct carbon_config *config = parse(text);
	struct carbon_site site;
	struct carbon_err err;
	struct carbon_buf buf;
	char *copy;

	carbon_site_init(&site);
	if (carbon_config_compile(config, &cluster, now, &site, &err) != 0)
		fail_msg("%s", err.text);
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(&site, &buf, &err) != 0)
		fail_msg("%s", err.text);
	copy = strdup(buf.text);
	assert_non_null(copy);
	carbon_buf_fini(&buf);
	carbon_site_fini(&site);
	carbon_config_destroy(config);
	return copy;
}

/* What slurmctld decides with is the site file: bit for bit the same, whatever the books alone are told. */
static void what_is_for_the_books_alone_never_reaches_the_plugin(void **state)
{
	static const char *const KEYS[] = {"gpu_idle_w = 80", "idle_w = 500", "off_w = 5", "boot_w = 900",
					   "market_g_kwh = 0", "embodied_g_node_h = 99", "water_l_kwh = 3"};
	char text[256], *plain = compile_text("partition \"*\" { zone = \"DE\" }", 1780000000), *told;

	(void)state;
	for (size_t i = 0; i < sizeof(KEYS) / sizeof(KEYS[0]); i++) {
		snprintf(text, sizeof(text), "partition \"*\" { zone = \"DE\"\n %s }", KEYS[i]);
		told = compile_text(text, 1780000000);
		assert_string_equal(told, plain);
		free(told);
	}
	/* and the comparison sees what does reach it */
	told = compile_text("partition \"*\" { zone = \"DE\"\n pue = 1.2 }", 1780000000);
	assert_string_not_equal(told, plain);
	free(told);
	free(plain);
}

static void the_months_own_pue_is_compiled(void **state)
{
	static const char TEXT[] = "partition \"*\" { pue = 2\n pue_by_month = {1.1,1.2,1.3,1.4,1.5,1.6,1.7,1.8,1.9,2,"
				   "2.1,2.2} }\npartition \"long\" { zone = \"DE\" }";
	char *june = compile_text(TEXT, 1780272000), *may = compile_text(TEXT, 1780271999); /* 2026-06-01 */

	(void)state;
	assert_non_null(strstr(june, " pue=1.6 "));
	assert_non_null(strstr(may, " pue=1.5 "));
	assert_null(strstr(june, " pue=2 "));
	free(june);
	free(may);
}

/* A federation: this is "south"; "north" answers, "west" does not. */
static void compile_federated(const char *text, struct carbon_site *site, struct carbon_config **config,
			      struct carbon_config_cluster *cluster)
{
	static const struct carbon_config_partition here[] = {{.name = "cpu", .is_default = true, .nodes = 9}};
	static const struct carbon_config_partition there[] = {
		{.name = "gpu", .cluster = "north", .nodes = 4, .max_nodes = 2, .is_default = true},
		{.name = "cpu", .cluster = "north", .nodes = 7, .max_limit_s = 3600}};
	static const struct carbon_sibling siblings[] = {
		{"west", 3, false, 0}, {"south", 1, true, 1000}, {"north", 2, true, 1000}};
	static const struct carbon_offer offers[] = {
		{"north", "gpu", CARBON_OFFER_GPU, "a100"}, {"", "cpu", CARBON_OFFER_FEATURE, "avx"}};
	struct carbon_err err = {""};

	*cluster = (struct carbon_config_cluster){.name = "south", .partitions = 1, .partition = here, .remotes = 2,
						  .remote = there, .siblings = 3, .sibling = siblings, .offers = 2,
						  .offer = offers};
	*config = parse(text);
	if (carbon_config_compile(*config, cluster, 1000, site, &err) != 0)
		fail_msg("%s", err.text);
}

static void blocks_of_other_clusters_become_places(void **state)
{
	struct carbon_config_cluster cluster;
	struct carbon_config *config;
	struct carbon_site site;

	(void)state;
	compile_federated("max_price = 1.5\n"
			  "partition \"*\" { zone = \"DE\" pue = 1.2 }\n"
			  "partition \"south/cpu\" { zone = \"FR\" speed = 2 }\n"
			  "partition \"north/gpu\" { zone = \"SE-SE3\" gpu_speed = 1.5 transfer = 0.02 price = 0.7 }\n"
			  "partition \"north/cpu\" { zone = \"SE-SE3\" }\n"
			  "partition \"west/cpu\" { zone = \"PT\" }\n",
			  &site, &config, &cluster);
	assert_int_equal(site.places, 1);
	assert_string_equal(site.place[0].zone, "FR");
	assert_string_equal(site.place[0].cluster, "");
	assert_true(site.place[0].speed == 2);
	assert_int_equal(site.remotes, 2);
	assert_string_equal(site.remote[0].partition, "cpu");
	assert_int_equal(site.remote[0].max_limit_s, 3600);
	assert_string_equal(site.remote[1].cluster, "north");
	assert_string_equal(site.remote[1].partition, "gpu");
	assert_true(site.remote[1].power.pue == 1.2);
	assert_true(site.remote[1].gpu_speed == 1.5);
	assert_true(site.remote[1].transfer_kwh_gb == 0.02);
	assert_true(site.remote[1].price_node_h == 0.7);
	assert_int_equal(site.remote[1].max_nodes, 2);
	assert_true(site.remote[1].is_default);
	assert_true(site.max_price_node_h == 1.5);
	assert_int_equal(site.siblings, 3);
	assert_string_equal(site.sibling[0].cluster, "north");
	assert_int_equal(site.offers, 2);
	assert_string_equal(site.offer[0].name, "avx");
	carbon_site_fini(&site);
	carbon_config_destroy(config);
}

static void what_differs_from_slurm_is_told_with_its_line(void **state)
{
	static const char *const told[] = {
		"test.conf:1: cluster west (of partition \"cpu\") is not at work now",
		"test.conf:2: cluster east (of partition \"cpu\") is not in this federation",
		"test.conf:3: cluster north has no partition \"phi\"",
	};
	struct carbon_config_cluster cluster;
	struct carbon_config *config;
	struct carbon_err err = {""};
	struct carbon_site site;

	(void)state;
	compile_federated("partition \"west/cpu\" { zone = \"PT\" }\n"
			  "partition \"east/cpu\" { zone = \"PL\" }\n"
			  "partition \"north/phi\" { zone = \"SE-SE3\" }\n"
			  "partition \"north/gpu\" { zone = \"SE-SE3\" }\n",
			  &site, &config, &cluster);
	assert_int_equal(site.remotes, 1);
	for (size_t i = 0; i < 3; i++) {
		assert_true(carbon_config_difference(config, &cluster, i, &err));
		assert_non_null(strstr(err.text, strchr(told[i], ':')));
	}
	assert_false(carbon_config_difference(config, &cluster, 3, &err));
	cluster.siblings = 0;
	assert_true(carbon_config_difference(config, &cluster, 3, &err));
	assert_non_null(strstr(err.text, "this cluster is in no federation"));
	carbon_site_fini(&site);
	carbon_config_destroy(config);
}

static void offline_the_first_block_is_the_default_partition(void **state)
{
	struct carbon_config *config = parse("partition \"z\" {}\npartition \"a\" {}");
	struct carbon_config_cluster cluster;
	struct carbon_config_partition *list;
	struct carbon_site site;
	struct carbon_err err;

	(void)state;
	assert_int_equal(carbon_config_offline(config, 1000, &cluster, &list, &err), 0);
	assert_int_equal(carbon_config_compile(config, &cluster, 1000, &site, &err), 0);
	assert_false(site.place[0].is_default);
	assert_string_equal(site.place[1].partition, "z");
	assert_true(site.place[1].is_default);
	carbon_site_fini(&site);
	free(list);
	carbon_config_destroy(config);
}

static void paths_lie_in_their_folders(void **state)
{
	struct carbon_config *config = parse("state_dir = \"/s\"\nrun_dir = \"/r\"");
	char path[CARBON_PATH_MAX];

	(void)state;
	carbon_config_path(config, "carbon.db", path);
	assert_string_equal(path, "/s/carbon.db");
	carbon_config_path(config, "outlook", path);
	assert_string_equal(path, "/r/outlook");
	carbon_config_path(config, "site", path);
	assert_string_equal(path, "/r/site");
	carbon_config_destroy(config);
}

#define SAMPLE_TEST(name) cmocka_unit_test_setup_teardown(name, parse_sample, destroy_sample)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_names_place_value_and_remedy),
		cmocka_unit_test(a_zero_byte_is_refused),
		cmocka_unit_test(too_many_blocks_are_refused),
		cmocka_unit_test(after_an_error_the_next_file_is_read),
		cmocka_unit_test(nothing_said_means_the_defaults),
		cmocka_unit_test(the_tables_defaults_are_the_real_ones),
		SAMPLE_TEST(every_setting_of_the_sample_arrives),
		SAMPLE_TEST(every_source_and_zone_of_the_sample_arrives),
		SAMPLE_TEST(every_partition_of_the_sample_arrives),
		SAMPLE_TEST(every_term_of_the_sample_s_books_arrives),
		SAMPLE_TEST(every_rule_of_the_sample_arrives),
		cmocka_unit_test(the_example_means_the_defaults_as_shipped_and_uncommented),
		cmocka_unit_test(the_manual_and_the_table_say_the_same),
		cmocka_unit_test(hours_are_local_and_become_absolute),
		cmocka_unit_test(blackouts_are_local_and_end),
		cmocka_unit_test(a_holdout_is_a_blackout_of_every_other_block),
		cmocka_unit_test(wishes_of_hours_are_shown_as_they_were_said),
		cmocka_unit_test(rules_wish_for_more_than_a_delay),
		cmocka_unit_test(compiling_joins_wishes_and_cluster),
		cmocka_unit_test(a_block_for_no_partition_is_an_error),
		cmocka_unit_test(what_is_for_the_books_alone_never_reaches_the_plugin),
		cmocka_unit_test(the_months_own_pue_is_compiled),
		cmocka_unit_test(blocks_of_other_clusters_become_places),
		cmocka_unit_test(what_differs_from_slurm_is_told_with_its_line),
		cmocka_unit_test(offline_the_first_block_is_the_default_partition),
		cmocka_unit_test(paths_lie_in_their_folders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
