/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.conf: every error by its exact text.
 */
#include "config/config.h"
#include "config/options.h"
#include "lib/err.h"
#include "tests/unit/config_text.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_names_place_value_and_remedy),
		cmocka_unit_test(a_zero_byte_is_refused),
		cmocka_unit_test(too_many_blocks_are_refused),
		cmocka_unit_test(after_an_error_the_next_file_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
