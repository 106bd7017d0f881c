/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From carbon.conf and what Slurm says to the site: hours and dates, what each partition gets, other clusters' places,
 * and what never reaches the plugin.
 */
#include "config/config.h"
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/time.h"
#include "tests/unit/config_text.h"

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

/* --- hours and dates --- */

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

/* Summer time: from 17:00 to 20:00 in Berlin is from 15:00 to 18:00 UTC. */
static void hours_reach_as_far_ahead_at_any_time_of_the_day(void **state)
{
	const time_t first_at = 1814454000; /* 2027-07-01T15:00Z */

	(void)state;
	setenv("TZ", "Europe/Berlin", 1);
	tzset();
	for (time_t now = first_at - 86400; now <= first_at + 86400; now += 1200) {
		char when[CARBON_TIME_TEXT];
		struct carbon_site site;
		size_t rows = 0;

		carbon_time_format(now, when);
		compile_at("capacity = {\"17:00-20:00 kw=40\"}", when, &site);
		for (time_t from_at = first_at - 3 * 86400; from_at < now + CARBON_CONFIG_HOURS_AHEAD_S; from_at += 86400) {
			if (from_at + 3 * 3600 <= now)
				continue;
			assert_true(rows < site.limits);
			assert_int_equal(site.limit[rows].from_at, from_at);
			assert_int_equal(site.limit[rows].to_at, from_at + 3 * 3600);
			rows++;
		}
		assert_int_equal(site.limits, rows);
		carbon_site_fini(&site);
	}
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
	assert_between(site.blackouts, 4, 6);
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

static const struct carbon_config_partition partitions[] = {
	{.name = "long", .is_default = true, .default_limit_s = 3600, .max_limit_s = 86400, .node_cores = 64},
	{.name = "gpu", .node_cores = 32},
};

/* --- compiling --- */

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hours_are_local_and_become_absolute),
		cmocka_unit_test(hours_reach_as_far_ahead_at_any_time_of_the_day),
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
