/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What nodes drew without work, worked out by hand in the comments: idle, powered down, booting, and what may not be said.
 * Must never touch a database outside its own temporary folder.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "accounting/books.h"
#include "accounting/nodes.h"
#include "accounting/occupancy.h"
#include "accounting/occupy.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "tests/unit/support.h"

#define T0 ((time_t)1790000000 / 86400 * 86400)
#define HOUR ((time_t)3600)
#define DAY ((time_t)86400)

struct fixture {
	char folder[SUPPORT_FOLDER_MAX], path[SUPPORT_DATABASE_MAX];
	struct carbon_store *store;
	struct carbon_err err;
	struct carbon_place place;
	struct carbon_terms terms;
	struct carbon_books_site site;
};

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)partition;
	*is_gone = false;
	return &((struct fixture *)context)->place;
}

static const struct carbon_terms *find_terms(void *context, const char *partition)
{
	(void)partition;
	return &((struct fixture *)context)->terms;
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

/* 200 g/kWh until noon, 400 after; average-direct a tenth of it until noon, then unknown. */
static void put_history(struct fixture *fixture, enum carbon_signal signal, size_t hours, double scale)
{
	struct carbon_series series;

	carbon_series_init(&series);
	for (size_t i = 0; i < hours; i++) {
		struct carbon_point point = {.at = T0 + (time_t)i * HOUR, .g_kwh = (i < 12 ? 200 : 400) * scale};

		assert_int_equal(carbon_series_add(&series, point, &fixture->err), 0);
	}
	assert_int_equal(carbon_store_history_put(fixture->store, "DE", signal, "file", T0 + DAY, &series, NULL,
						  &fixture->err),
			 0);
	carbon_series_fini(&series);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	support_database("nodes", fixture->folder, fixture->path);
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_power_init(&fixture->place.power);
	carbon_terms_init(&fixture->terms);
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "DE");
	fixture->place.power.pue = 1.5;
	fixture->place.boot_s = 600;
	fixture->site = (struct carbon_books_site){
		.place = find_place, .terms = find_terms, .sources = find_sources, .context = fixture};
	put_history(fixture, CARBON_SIGNAL_LIFECYCLE, 24, 1);
	put_history(fixture, CARBON_SIGNAL_DIRECT, 12, 0.1);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_store_close(fixture->store);
	support_database_remove(fixture->folder);
	free(fixture);
	return 0;
}

/*
 * Ten nodes for a day: four are busy, two are powered down until 6:00, one is down from noon on, and from 20:00 to 21:00
 * a job waits that wants more than there is. "part" has half of these very nodes.
 */
static void fill_day(struct fixture *fixture)
{
	static const struct carbon_occupy_place PLACES[] = {{"batch", 10, 10, 4}, {"part", 5, 0, 4}};
	static const double SHARED[] = {1, 0.5, 1, 1}, OWNED[] = {1, 0, 1, 0};
	const struct carbon_occupy_site site = {.cluster = "alpha", .places = 2, .place = PLACES, .shared = SHARED,
						.owned = OWNED};
	const struct carbon_node_event off = {"n1", CARBON_NODE_OFF, T0 - HOUR, T0 + 6 * HOUR};
	const struct carbon_node_event down = {"n3", CARBON_NODE_DRAINED, T0 + 12 * HOUR, 0};
	struct carbon_run run = {.partition = "batch", .use = {.nodes = 4, .cores = 16}, .start_at = T0,
				 .end_at = T0 + DAY};
	struct carbon_run waits = {.partition = "part", .use = {.nodes = 9, .cores = 36}, .eligible_at = T0 + 20 * HOUR,
				   .end_at = T0 + 21 * HOUR};
	struct carbon_occupy *occupy = carbon_occupy_create(&site, T0, T0 + DAY);

	assert_non_null(occupy);
	carbon_occupy_add(occupy, &run, 0);
	carbon_occupy_add(occupy, &waits, 0);
	carbon_occupy_state(occupy, 0, true, &off);
	carbon_occupy_state(occupy, 0, true, &off);
	carbon_occupy_state(occupy, 0, true, &down);
	if (carbon_occupy_write(occupy, fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_occupy_destroy(occupy);
}

static struct carbon_nodes_sum settle(struct fixture *fixture, time_t now)
{
	const time_t span[2] = {T0 - DAY, T0 + 2 * DAY};
	struct carbon_nodes_sum sum;

	if (carbon_nodes_settle(fixture->store, &fixture->site, "alpha", T0, now, &fixture->err) < 0 ||
	    carbon_nodes_sum(fixture->store, NULL, NULL, span, &sum, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return sum;
}

static void a_day_of_nodes_adds_up(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_nodes_sum sum;

	fixture->terms.idle_w = 100;
	fixture->terms.off_w = 10;
	fixture->terms.boot_w = 200;
	fill_day(fixture);
	sum = settle(fixture, T0 + 40 * DAY);
	assert_int_equal(sum.days, 1);
	/* until noon (10 - 4) * 12 - 2 * 6 node-hours, then (10 - 4 - 1) * 12; of these an hour of five while a job waits */
	assert_float_equal(sum.idle_h, 120, 1e-6);
	assert_float_equal(sum.waiting_idle_h, 5, 1e-6);
	assert_float_equal(sum.off_h, 12, 1e-6);
	assert_float_equal(sum.down_h, 12, 1e-6);
	assert_int_equal(sum.boots, 2);
	assert_float_equal(sum.idle_kwh, 18, 1e-6);
	assert_float_equal(sum.off_kwh, 0.18, 1e-6);
	assert_float_equal(sum.boot_kwh, 0.1, 1e-6);
	/* (9 + 0.18 + 0.1) * 200 + 9 * 400 */
	assert_float_equal(sum.mass_g, 5456, 1e-4);
	/* half of the day has a direct value: the other half is taken as its mean */
	assert_float_equal(sum.direct_g, 9.28 * 20 * 2, 1e-4);
	assert_float_equal(sum.unknown_h + sum.unknown_kwh + sum.unknown_direct_kwh, 0, 1e-9);
}

static void without_watts_there_are_hours_and_no_energy(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_nodes_sum sum;

	fill_day(fixture);
	sum = settle(fixture, T0 + 40 * DAY);
	assert_float_equal(sum.idle_h, 120, 1e-6);
	assert_float_equal(sum.unknown_h, 120, 1e-6);
	assert_float_equal(sum.idle_kwh + sum.off_kwh + sum.boot_kwh + sum.mass_g, 0, 1e-9);
	/* with watts alone what boots does so as if idle, and what is off draws nothing */
	fixture->terms.idle_w = 100;
	sum = settle(fixture, T0 + 40 * DAY);
	assert_float_equal(sum.boot_kwh, 0.05, 1e-6);
	assert_float_equal(sum.off_kwh, 0, 1e-9);
}

static void without_a_zone_energy_counts_and_emissions_are_unknown(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_nodes_sum sum;

	fixture->place.zone[0] = '\0';
	fixture->terms.idle_w = 100;
	fill_day(fixture);
	sum = settle(fixture, T0 + 40 * DAY);
	assert_float_equal(sum.idle_kwh, 18, 1e-6);
	assert_float_equal(sum.mass_g, 0, 1e-9);
	assert_float_equal(sum.unknown_kwh, 18.05, 1e-6);
}

static void an_open_day_is_settled_again_and_an_old_one_is_not(void **state)
{
	struct fixture *fixture = *state;
	const time_t span[2] = {T0, T0 + DAY};
	struct carbon_nodes_sum sum;

	fixture->terms.idle_w = 100;
	fill_day(fixture);
	settle(fixture, T0 + 2 * DAY);
	fixture->terms.idle_w = 200;
	for (int i = 0; i < 2; i++) { /* from later on, but the day is open; then it is not any more */
		assert_int_equal(carbon_nodes_settle(fixture->store, &fixture->site, "alpha", T0 + (2 + i * 30) * DAY,
						     T0 + (3 + i * 30) * DAY, &fixture->err),
				 0);
		assert_int_equal(carbon_nodes_sum(fixture->store, "alpha", "batch", span, &sum, &fixture->err), 0);
		assert_float_equal(sum.idle_kwh, 36, 1e-6);
		fixture->terms.idle_w = 300;
	}
	assert_int_equal(carbon_nodes_sum(fixture->store, "beta", NULL, span, &sum, &fixture->err), 0);
	assert_int_equal(sum.days, 0);
}

static int take_total(const struct carbon_occupancy_total *total, void *context)
{
	size_t *count = context;

	assert_string_equal(total->cluster, "alpha");
	assert_string_equal(total->partition, *count ? "part" : "batch");
	assert_float_equal(total->known_h, 24, 1e-6);
	assert_float_equal(total->full_h, 1, 1e-6);
	assert_float_equal(total->busy_node_h, *count ? 48 : 96, 1e-6);
	assert_float_equal(total->usable_node_h, *count ? 120 : 228, 1e-6);
	++*count;
	return 0;
}

static void each_place_is_told_with_the_nodes_it_shares(void **state)
{
	struct fixture *fixture = *state;
	size_t count = 0;

	fill_day(fixture);
	assert_int_equal(carbon_occupancy_totals(fixture->store, T0, T0 + DAY, take_total, &count, &fixture->err), 0);
	assert_int_equal(count, 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_day_of_nodes_adds_up),
		TEST(without_watts_there_are_hours_and_no_energy),
		TEST(without_a_zone_energy_counts_and_emissions_are_unknown),
		TEST(an_open_day_is_settled_again_and_an_old_one_is_not),
		TEST(each_place_is_told_with_the_nodes_it_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
