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
	const struct carbon_claim claim = {where, begin_at, begin_at + HOUR_S, nodes, nodes * 2};

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

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(claims_add_up_by_place),
		TEST(a_site_that_accounts_for_them_ends_them),
		TEST(a_site_whose_places_changed_keeps_them_with_their_names),
		TEST(a_full_table_stops_delaying_until_rows_are_over),
		TEST(alike_claims_share_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
