/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the site file says of capacity, queue, slack and prices: the stored sample means the same for ever, what is written is
 * read back, and what is wrong is refused by name. Touches nothing but the sample.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/site.h"
#include "tests/unit/support.h"

#define SAMPLE "samples/site.v1-capacity"
#define LATER_SAMPLE "samples/site.v1-runs" /* the same, and when carbonctl replan runs */
#define FROM ((time_t)1790001000)

static void parse_sample(struct carbon_site *site)
{
	struct carbon_err err = {""};
	size_t length;
	char *text = support_document(SAMPLE, &length);

	if (carbon_site_parse(text, length, site, &err))
		fail_msg("%s", err.text);
	free(text);
}

static void test_the_single_values_mean_the_same_for_ever(void **state)
{
	struct carbon_site site;
	const struct carbon_rule *rule;

	(void)state;
	parse_sample(&site);
	assert_true(site.carbon_price == 95.5);
	assert_true(site.ramp_kw == 40);
	assert_true(site.max_flexible_share == 30);
	assert_true(site.flexible_node_h == 120.25);
	assert_true(site.all_node_h == 4000);
	assert_int_equal(site.paused_until_at, 1790005500);
	assert_string_equal(site.paused_reason, "bystanders");
	assert_int_equal(site.delayed_nice, 250);
	assert_int_equal(site.restart_s, 420);
	assert_int_equal(site.max_interruptions, 6);
	assert_int_equal(site.replan_every_s, 900); /* it does not say */
	assert_int_equal(site.place[0].nodes, 400);
	assert_int_equal(site.place[0].node_cores, 64);
	assert_true(site.place[0].node_mem_gb == 251.5);
	assert_false(site.place[0].exclusive);
	assert_int_equal(site.place[1].node_gpus, 4);
	assert_true(site.place[1].exclusive);
	assert_int_equal(site.place[2].nodes, 0);
	rule = carbon_site_rule(&site, CARBON_RULE_QOS, "long");
	assert_true(rule->min_saving_percent == 2.5);
	assert_true(rule->min_saving_g == 10);
	assert_true(rule->share == 40);
	assert_true(rule->flexible_node_h == 12);
	assert_true(rule->all_node_h == 99.5);
	rule = carbon_site_rule(&site, CARBON_RULE_USER, "1002");
	assert_true(rule->min_saving_percent == -1);
	assert_true(rule->min_saving_g == -1);
	assert_true(rule->share == -1);
	carbon_site_fini(&site);
}

static void test_limits_and_blackouts_mean_the_same_for_ever(void **state)
{
	struct carbon_site site;

	(void)state;
	parse_sample(&site);
	assert_int_equal(site.limits, 3);
	assert_string_equal(site.limit[0].partition, "");
	assert_int_equal(site.limit[0].from_at, 1790060400);
	assert_int_equal(site.limit[0].to_at, 1790067600);
	assert_int_equal(site.limit[0].nodes, CARBON_LIMIT_NONE);
	assert_true(site.limit[0].kw == 250.5);
	assert_string_equal(site.limit[1].partition, "gpu");
	assert_int_equal(site.limit[1].nodes, 6);
	assert_true(site.limit[1].kw == 0);
	assert_int_equal(site.limit[2].nodes, 0);
	assert_true(site.limit[2].kw == -1);
	assert_int_equal(site.blackouts, 1);
	assert_int_equal(site.blackout[0].from_at, 1790100000);
	assert_int_equal(site.blackout[0].to_at, 1790186400);
	carbon_site_fini(&site);
}

static void test_places_and_the_federation_mean_the_same_for_ever(void **state)
{
	const struct carbon_place *north;
	struct carbon_site site;
	size_t count;

	(void)state;
	parse_sample(&site);
	assert_true(site.max_price_node_h == 1.5);
	assert_int_equal(site.place[0].max_nodes, 64);
	assert_true(site.place[0].transfer_kwh_gb == 0.02);
	assert_true(site.place[0].price_node_h == 0.75);
	assert_true(site.place[1].speed == 1.25);
	assert_true(site.place[1].gpu_speed == 2);
	assert_null(carbon_site_remote(&site, "north", "cpu"));
	assert_null(carbon_site_remote(&site, "south", NULL));
	north = carbon_site_remote(&site, "north", NULL);
	assert_non_null(north);
	assert_string_equal(north->partition, "batch");
	assert_string_equal(north->zone, "NO-NO2");
	assert_true(north->power.pue == 1.1);
	assert_string_equal(carbon_site_offers(&site, north, CARBON_OFFER_USER, &count)->name, "1000");
	assert_int_equal(count, 1);
	assert_null(carbon_site_offers(&site, north, CARBON_OFFER_ACCOUNT, &count));
	assert_int_equal(count, 0);
	assert_string_equal(carbon_site_offers(&site, &site.place[0], CARBON_OFFER_FEATURE, &count)->name, "avx");
	assert_string_equal(carbon_site_offers(&site, &site.place[1], CARBON_OFFER_GPU, &count)->name, "a100");
	assert_true(carbon_site_sibling(&site, "north")->active);
	assert_int_equal(carbon_site_sibling(&site, "north")->seen_at, 1790001880);
	assert_int_equal(carbon_site_sibling(&site, "west")->id, 3);
	assert_false(carbon_site_sibling(&site, "west")->active);
	assert_null(carbon_site_sibling(&site, "east"));
	carbon_site_fini(&site);
}

static void assert_wait(const struct carbon_site *site, const char *partition, double nodes, uint32_t up_to)
{
	const struct carbon_wait *wait = carbon_site_wait(site, partition, nodes);

	assert_non_null(wait);
	assert_string_equal(wait->partition, partition);
	assert_int_equal(wait->up_to_nodes, up_to);
}

static void test_waits_are_found_by_size(void **state)
{
	struct carbon_site site;

	(void)state;
	parse_sample(&site);
	assert_int_equal(site.waits, 3);
	assert_int_equal(site.wait[1].p50_s, 900);
	assert_int_equal(site.wait[1].p95_s, 14400);
	assert_int_equal(site.wait[1].count, 233);
	assert_wait(&site, "cpu", 0.25, 1);
	assert_wait(&site, "cpu", 1, 1);
	assert_wait(&site, "cpu", 1.5, 16);
	assert_wait(&site, "cpu", 16, 16);
	assert_wait(&site, "cpu", 400, 16);
	assert_wait(&site, "gpu", 1, 4);
	assert_null(carbon_site_wait(&site, "login", 1));
	assert_null(carbon_site_wait(&site, "zzz", 1));
	assert_null(carbon_site_wait(&site, "a", 1));
	carbon_site_fini(&site);
	assert_null(carbon_site_wait(&site, "cpu", 1));
}

static void test_series_mean_the_same_for_ever(void **state)
{
	struct carbon_site site;
	const struct carbon_site_series *series;

	(void)state;
	parse_sample(&site);
	assert_int_equal(carbon_site_full(&site, "cpu")->count, CARBON_SITE_WEEK_H);
	assert_true(carbon_site_full(&site, "cpu")->value[0] == 0);
	assert_true(carbon_site_full(&site, "cpu")->value[48] == 0.4f);
	assert_true(carbon_site_full(&site, "cpu")->value[167] == 1);
	assert_null(carbon_site_full(&site, "gpu"));
	series = carbon_site_load(&site, "cpu");
	assert_int_equal(series->count, 3);
	assert_true(isnan(carbon_site_series_value(series, FROM - 1)));
	assert_true(carbon_site_series_value(series, FROM) == 380);
	assert_true(carbon_site_series_value(series, FROM + 3600) == 362.5);
	assert_true(carbon_site_series_value(series, FROM + 3 * 3600 - 1) == 240);
	assert_true(isnan(carbon_site_series_value(series, FROM + 3 * 3600)));
	assert_true(isnan(carbon_site_series_value(NULL, FROM)));
	assert_null(carbon_site_load(&site, "login"));
	assert_true((float)carbon_site_series_value(carbon_site_power(&site, ""), FROM) == 310.2f);
	assert_true(carbon_site_series_value(carbon_site_power(&site, "gpu"), FROM) == 21.125);
	assert_null(carbon_site_power(&site, "cpu"));
	assert_int_equal(site.begins, 1);
	assert_true(carbon_site_series_value(site.begin, FROM + 1800) == 12);
	assert_true(carbon_site_series_value(carbon_site_price(&site, "se-se3"), FROM) == -0.5);
	assert_true(carbon_site_series_value(carbon_site_price(&site, "DE"), FROM + 3600) == -12.5);
	carbon_site_fini(&site);
	assert_null(carbon_site_price(&site, "DE"));
}

static const struct support_edit edits[] = {
	{"ramp_kw 40", "ramp_kw -1", "line 20: ramp_kw \"-1\" should be 0 to 10000000"},
	{"max_flexible_share 30", "max_flexible_share 130", "line 21: max_flexible_share \"130\" should be 0 to 100"},
	{"paused_reason bystanders", "paused_reason their wait", "line 25: \"wait\" should not be there"},
	{"delayed_nice 250", "delayed_nice 2147483646", "line 26: delayed_nice \"2147483646\" should be 0 to 2147483645"},
	{"nodes=400", "nodes=-1", "nodes \"-1\" should be 0 to 10000000"},
	{"share=40", "share=-1", "share \"-1\" should be 0 to 100"},
	{"limit * 1790060400 1790067600", "limit * 1790060400 1790060400", "should be limit PARTITION|* FROM TO key=value..., FROM before TO"},
	{"limit * 1790060400 1790067600", "limit 1790060400 1790067600", "should be limit PARTITION|* FROM TO"},
	{"limit * 1790060400 1790067600", "limit * 1790064001 1790067600", "is there twice or out of order: limit lines are sorted"},
	{"kw=250.5", "kw=-2", "kw \"-2\" should be 0 to 10000000"},
	{"blackout 1790100000", "blackout 0", "\"blackout 0 1790186400\" should be blackout FROM TO, FROM before TO"},
	{"blackout 1790100000 1790186400", "blackout 1790100000 1790186400 cpu", "\"cpu\" should be key=value"},
	{"wait cpu 1 40 600 5211", "wait cpu 1 601 600 5211", "\"wait cpu 1 601 600 5211\" should be wait PARTITION"},
	{"wait cpu 1 40 600 5211", "wait cpu 16 40 600 5211", "is there twice or out of order: wait lines are sorted"},
	{"wait cpu 1 40 600 5211", "wait cpu 1 40 600 0", "should be wait PARTITION"},
	{"full cpu 0 ", "full cpu ", "167 numbers should be 168"},
	{"full cpu 0 ", "full cpu 0 0 ", "\"1\" is one number too many"},
	{"full cpu 0 ", "full cpu 1.5 ", "\"1.5\" should be a number from 0 to 1"},
	{"full cpu 0 ", "full cpu nan ", "\"nan\" should be a number from 0 to 1"},
	{"full cpu 0 ", "full cpu -0.1 ", "\"-0.1\" should be a number from 0 to 1"},
	{"load cpu 1790001000 3600 380 362.5 240", "load cpu 1790001000 3600", "0 numbers should be 1"},
	{"load cpu 1790001000 3600", "load cpu 1790001000 59", "should be load PARTITION|* FROM STEP NODES"},
	{"load gpu", "load *", "is there twice or out of order: load lines are sorted"},
	{"load gpu", "load cpu", "is there twice or out of order: load lines are sorted"},
	{"begins * 1790001000", "begins cpu 1790001000", "should be begins * FROM STEP KW"},
	{"power gpu 1790001000", "power * 1790001000", "is there twice or out of order: power lines are sorted"},
	{"price SE-SE3 1790001000 900 -0.5", "price SE-SE3 1790001000 900 -0.5x", "\"-0.5x\" should be a number from -1000000 to 1000000"},
	{"price SE-SE3 1790001000 900 -0.5", "price SE-SE3 1790001000 900 -", "\"-\" should be a number"},
	{"price SE-SE3 1790001000 900 -0.5", "price SE-SE3 1790001000 900 1\nwall 1790050000 1790060000 *", "\"wall\" is there twice or too late in the file"},
};

static void assert_refused(const char *text, size_t length, const char *why)
{
	struct carbon_site site;
	struct carbon_err err = {""};

	assert_int_equal(carbon_site_parse(text, length, &site, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void test_what_is_wrong_is_named(void **state)
{
	(void)state;
	support_refuse_edits(SAMPLE, edits, sizeof(edits) / sizeof(edits[0]), assert_refused);
}

static void test_the_later_sample_is_written_as_it_stands(void **state)
{
	struct carbon_site site;
	struct carbon_buf buf;
	struct carbon_err err = {""};
	size_t length;
	char *text = support_document(LATER_SAMPLE, &length);

	(void)state;
	if (carbon_site_parse(text, length, &site, &err))
		fail_msg("%s", err.text);
	assert_int_equal(site.replan_every_s, 600);
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(&site, &buf, &err))
		fail_msg("%s", err.text);
	assert_string_equal(buf.text, text);
	carbon_buf_fini(&buf);
	carbon_site_fini(&site);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_single_values_mean_the_same_for_ever),
		cmocka_unit_test(test_limits_and_blackouts_mean_the_same_for_ever),
		cmocka_unit_test(test_places_and_the_federation_mean_the_same_for_ever),
		cmocka_unit_test(test_waits_are_found_by_size),
		cmocka_unit_test(test_series_mean_the_same_for_ever),
		cmocka_unit_test(test_what_is_wrong_is_named),
		cmocka_unit_test(test_the_later_sample_is_written_as_it_stands),
	};

	return cmocka_run_group_tests_name("site capacity", tests, NULL, NULL);
}
