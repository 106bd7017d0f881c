/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Claims add up per place, end when a newer site accounts for them, and are never forgotten silently. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plugin/claims.h"

#define NOW ((time_t)1790001000)
#define HOUR_S 3600

static struct carbon_place place[3];
static struct carbon_site site;

static int set_up(void **state)
{
	(void)state;
	carbon_claims_clear();
	memset(place, 0, sizeof(place));
	memset(&site, 0, sizeof(site));
	memcpy(place[0].partition, "a", 2);
	memcpy(place[1].partition, "b", 2);
	memcpy(place[2].partition, "c", 2);
	site.place = place;
	site.places = 2;
	site.written_at = site.jobs_as_of = NOW - 60;
	return 0;
}

static void claim(size_t where, time_t begin_at, double nodes, time_t now)
{
	const struct carbon_claim claim = {
		.place = where, .begin_at = begin_at, .end_at = begin_at + HOUR_S, .nodes = nodes, .kw = nodes * 2};

	carbon_claims_open(&site, now);
	carbon_claims_add(&site, &claim, now);
	carbon_claims_close();
}

/* -1: the table is full. */
static double nodes_at(size_t where, time_t at, time_t now)
{
	const struct carbon_load *load = carbon_claims_open(&site, now);
	double nodes = load ? carbon_load_nodes(load, where, at) : -1;

	carbon_claims_close();
	return nodes;
}

static void claims_add_up_by_place(void **state)
{
	(void)state;
	claim(0, NOW + HOUR_S, 2, NOW);
	claim(0, NOW + HOUR_S, 3, NOW + 1);
	claim(1, NOW + HOUR_S, 0.5, NOW + 1);
	claim(2, NOW + HOUR_S, 9, NOW + 1); /* no such place */
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 2) == 5);
	assert_true(nodes_at(1, NOW + HOUR_S, NOW + 2) == 0.5);
	assert_true(nodes_at(2, NOW + HOUR_S, NOW + 2) == 5.5); /* all together */
	assert_true(nodes_at(0, NOW + 3 * HOUR_S, NOW + 2) == 0);
}

static void a_site_that_accounts_for_them_ends_them(void **state)
{
	(void)state;
	claim(0, NOW + HOUR_S, 2, NOW);
	claim(0, NOW + HOUR_S, 3, NOW + 120);
	site.written_at = site.jobs_as_of = NOW + 60;
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 130) == 3);
	site.written_at = site.jobs_as_of = NOW + 180;
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 190) == 0);
}

static void a_site_whose_places_changed_keeps_them_with_their_names(void **state)
{
	(void)state;
	claim(1, NOW + HOUR_S, 2, NOW); /* "b" */
	place[0] = place[1];
	place[1] = place[2];
	site.written_at++;
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 1) == 2);
	assert_true(nodes_at(1, NOW + HOUR_S, NOW + 1) == 0);
}

static void a_full_table_stops_delaying_until_rows_are_over(void **state)
{
	(void)state;
	for (int i = 0; i < CARBON_CLAIMS_ROWS; i++)
		claim(0, NOW + HOUR_S + i % 100 * 900, 1, NOW + i / 100 * 5);
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 300) > 0);
	claim(0, NOW + 2 * HOUR_S, 1, NOW + 300); /* one more of a step that has none yet */
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 301) < 0);
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 302) < 0);
	site.jobs_as_of = NOW + 5; /* accounts for the first ones */
	site.written_at = NOW + 303;
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 303) > 0);
}

static void alike_claims_share_a_row(void **state)
{
	(void)state;
	for (int i = 0; i < 10 * CARBON_CLAIMS_ROWS; i++)
		claim(0, NOW + HOUR_S, 0.25, NOW);
	assert_true(nodes_at(0, NOW + HOUR_S, NOW) == 10 * CARBON_CLAIMS_ROWS / 4);
}

/* What shadow mode would have delayed runs by now, and no site tells of the room that it would have taken. */
static void in_shadow_mode_claims_outlive_the_next_site_until_they_are_over(void **state)
{
	(void)state;
	site.level = CARBON_LEVEL_OBSERVE;
	claim(0, NOW + HOUR_S, 2, NOW);
	site.written_at = site.jobs_as_of = NOW + 900;
	claim(0, NOW + HOUR_S, 3, NOW + 901);
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 902) == 5);
	site.written_at = site.jobs_as_of = NOW + 1800;
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 1801) == 5);
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 3 * HOUR_S) == 0);
	site.written_at = site.jobs_as_of = NOW + 3 * HOUR_S;
	assert_true(nodes_at(0, NOW + 3 * HOUR_S, NOW + 3 * HOUR_S) == 0);
}

static void what_shadow_mode_claimed_is_forgotten_once_jobs_really_wait(void **state)
{
	(void)state;
	site.level = CARBON_LEVEL_OBSERVE;
	claim(0, NOW + HOUR_S, 2, NOW);
	site.written_at = site.jobs_as_of = NOW + 900;
	claim(0, NOW + HOUR_S, 3, NOW + 901);
	site.level = CARBON_LEVEL_OPT_IN;
	site.written_at = NOW + 902; /* the jobs were not counted anew */
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 903) == 0);
	claim(0, NOW + HOUR_S, 1, NOW + 904);
	assert_true(nodes_at(0, NOW + HOUR_S, NOW + 905) == 1);
}

static struct carbon_rule rule[3];

static void give_share(size_t i, const char *name)
{
	carbon_rule_init(&rule[i], CARBON_RULE_ACCOUNT);
	snprintf(rule[i].name, sizeof(rule[i].name), "%s", name);
	rule[i].share = 10;
	site.rule = rule;
	site.rules = i + 1;
}

static double hours_of(size_t i, time_t now)
{
	const struct carbon_load *load = carbon_claims_open(&site, now);
	double hours = i < load->rules ? load->rule_node_h[i] : -1;

	carbon_claims_close();
	return hours;
}

static void claim_for(uint16_t which, double nodes, time_t now)
{
	const struct carbon_claim claim = {
		.begin_at = NOW + HOUR_S, .end_at = NOW + 2 * HOUR_S, .nodes = nodes, .rules = 1, .rule = {which}};

	carbon_claims_open(&site, now);
	carbon_claims_add(&site, &claim, now);
	carbon_claims_close();
}

static void a_rule_is_charged_by_its_name_until_a_site_accounts_for_it(void **state)
{
	(void)state;
	give_share(0, "physics");
	give_share(1, "statistics");
	claim_for(0, 2, NOW);
	claim_for(1, 3, NOW); /* of the same second and slots: not the same row */
	assert_true(hours_of(0, NOW) == 2);
	assert_true(hours_of(1, NOW) == 3);
	give_share(0, "history");
	give_share(1, "physics");
	give_share(2, "statistics");
	site.written_at++;
	claim_for(2, 1, NOW + 2);
	assert_true(hours_of(0, NOW + 2) == 0);
	assert_true(hours_of(1, NOW + 2) == 2);
	assert_true(hours_of(2, NOW + 2) == 4);
	rule[1].share = -1; /* nobody counts any more */
	site.written_at = site.jobs_as_of = NOW + 1;
	assert_true(hours_of(1, NOW + 3) == 0);
	assert_true(hours_of(2, NOW + 3) == 1);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(claims_add_up_by_place),
		TEST(a_site_that_accounts_for_them_ends_them),
		TEST(a_site_whose_places_changed_keeps_them_with_their_names),
		TEST(a_full_table_stops_delaying_until_rows_are_over),
		TEST(alike_claims_share_a_row),
		TEST(in_shadow_mode_claims_outlive_the_next_site_until_they_are_over),
		TEST(what_shadow_mode_claimed_is_forgotten_once_jobs_really_wait),
		TEST(a_rule_is_charged_by_its_name_until_a_site_accounts_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
