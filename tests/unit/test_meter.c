/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Meter readings kept once, and the balance against the ledger, worked out by hand in the comments. Must never touch a
 * database outside its own temporary folder.
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
#include "accounting/meter.h"
#include "accounting/nodes.h"
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
	size_t balances;
	struct carbon_meter_balance balance[4];
};

static struct carbon_place place;
static struct carbon_terms terms;

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)context;
	(void)partition;
	*is_gone = false;
	return &place;
}

static const struct carbon_terms *find_terms(void *context, const char *partition)
{
	(void)context;
	(void)partition;
	return &terms;
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

static const struct carbon_books_site site = {.place = find_place, .terms = find_terms, .sources = find_sources};

/* One run of four nodes for the whole day in "batch" of alpha, which has ten; and one elsewhere. */
static void fill(struct fixture *fixture)
{
	static const struct carbon_occupy_place batch = {"batch", 10, 10, 1};
	static const double one = 1;
	const struct carbon_occupy_site occupy_site = {.cluster = "alpha", .places = 1, .place = &batch, .shared = &one,
						       .owned = &one};
	struct carbon_run run = {.id = 1, .cluster = "alpha", .user = "ada", .partition = "batch",
				 .use = {.nodes = 4, .cores = 4}, .submit_at = T0, .start_at = T0, .end_at = T0 + DAY,
				 .measured_j = -1};
	struct carbon_books *books = carbon_books_create(fixture->store, &site, T0 + 40 * DAY);
	struct carbon_occupy *occupy = carbon_occupy_create(&occupy_site, T0, T0 + DAY);

	assert_non_null(books);
	assert_non_null(occupy);
	carbon_occupy_add(occupy, &run, 0);
	assert_int_equal(carbon_occupy_write(occupy, fixture->store, &fixture->err), 0);
	assert_int_equal(carbon_books_add(books, &run, &fixture->err), 0);
	run.id = 2;
	snprintf(run.cluster, sizeof(run.cluster), "beta");
	assert_int_equal(carbon_books_add(books, &run, &fixture->err), 0);
	carbon_occupy_destroy(occupy);
	carbon_books_destroy(books);
	assert_int_equal(carbon_nodes_settle(fixture->store, &site, "alpha", T0, T0 + DAY, &fixture->err), 0);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	support_database("meter", fixture->folder, fixture->path);
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_power_init(&place.power);
	carbon_terms_init(&terms);
	place.power.pue = 1.25;
	place.power.core_w = 500;
	place.node_cores = 1;
	terms.idle_w = 100;
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

static struct carbon_meter_reading reading(const char *meter, enum carbon_meter_scope scope, const char *covers,
					   const time_t span[2], double energy_kwh)
{
	struct carbon_meter_reading out = {.scope = scope, .from_at = span[0], .to_at = span[1], .energy_kwh = energy_kwh};

	snprintf(out.meter, sizeof(out.meter), "%s", meter);
	snprintf(out.covers, sizeof(out.covers), "%s", covers);
	return out;
}

static void put(struct fixture *fixture, const struct carbon_meter_reading *what)
{
	struct carbon_meter_count count = {0, 0, 0};

	if (carbon_meter_put(fixture->store, what, T0 + DAY, &count, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static int take(const struct carbon_meter_balance *balance, void *context)
{
	struct fixture *fixture = context;

	assert_true(fixture->balances < 4);
	fixture->balance[fixture->balances++] = *balance;
	return 0;
}

static void balance(struct fixture *fixture)
{
	fixture->balances = 0;
	if (carbon_meter_balance(fixture->store, T0, T0 + DAY, take, fixture, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static void a_reading_is_kept_once(void **state)
{
	struct fixture *fixture = *state;
	const time_t first[2] = {T0, T0 + HOUR}, second[2] = {T0 + HOUR, T0 + 2 * HOUR}, across[2] = {T0 + 60, T0 + 2 * HOUR};
	struct carbon_meter_reading one = reading("m1", CARBON_METER_RACK, "alpha", first, 5);
	struct carbon_meter_reading two = reading("m1", CARBON_METER_RACK, "alpha", second, 6);
	struct carbon_meter_reading bad = reading("m1", CARBON_METER_RACK, "alpha", across, 6);
	struct carbon_meter_count count = {0, 0, 0};

	assert_int_equal(carbon_meter_put(fixture->store, &one, T0, &count, &fixture->err), 0);
	assert_int_equal(carbon_meter_put(fixture->store, &two, T0, &count, &fixture->err), 0);
	assert_int_equal(carbon_meter_put(fixture->store, &one, T0, &count, &fixture->err), 0);
	one.energy_kwh = 5.5;
	assert_int_equal(carbon_meter_put(fixture->store, &one, T0, &count, &fixture->err), 0);
	assert_int_equal(count.added, 2);
	assert_int_equal(count.same, 1);
	assert_int_equal(count.revised, 1);
	assert_int_equal(carbon_meter_put(fixture->store, &bad, T0, &count, &fixture->err), -1);
	assert_non_null(strstr(fixture->err.text, "overlaps the reading of meter \"m1\" from "));
	bad = two;
	bad.from_at += 10 * HOUR;
	bad.to_at += 10 * HOUR;
	bad.scope = CARBON_METER_SITE;
	assert_int_equal(carbon_meter_put(fixture->store, &bad, T0, &count, &fixture->err), -1);
	assert_string_equal(fixture->err.text,
			    "meter \"m1\" was a rack meter that covers \"alpha\" before (name a new one)");
}

/* 2 kW for a day at the nodes are 48 kWh; six idle nodes at 100 W are 14.4; PUE adds a quarter. */
static void the_balance_names_what_it_does_not_explain(void **state)
{
	struct fixture *fixture = *state;
	const time_t day[2] = {T0, T0 + DAY};
	struct carbon_meter_reading whole = reading("site", CARBON_METER_SITE, "alpha", day, 80);
	struct carbon_meter_reading rack = reading("rack", CARBON_METER_RACK, "alpha/batch", day, 60);
	struct carbon_meter_reading all = reading("town", CARBON_METER_SITE, "", day, 150);

	fill(fixture);
	put(fixture, &whole);
	put(fixture, &rack);
	put(fixture, &all);
	balance(fixture);
	assert_int_equal(fixture->balances, 3);
	assert_string_equal(fixture->balance[0].covers, "");
	assert_float_equal(fixture->balance[0].jobs_kwh, 96, 1e-6);
	assert_string_equal(fixture->balance[1].covers, "alpha");
	assert_float_equal(fixture->balance[1].metered_h, 24, 1e-9);
	assert_float_equal(fixture->balance[1].jobs_kwh, 48, 1e-6);
	assert_float_equal(fixture->balance[1].idle_kwh, 14.4, 1e-6);
	assert_float_equal(fixture->balance[1].infrastructure_kwh, 62.4 / 4, 1e-6);
	assert_float_equal(fixture->balance[1].rest_kwh, 2, 1e-6);
	assert_float_equal(fixture->balance[1].rest_percent, 2.5, 1e-6);
	assert_true(fixture->balance[1].is_idle_known);
	/* a rack's meter sees no cooling, and the model says too much */
	assert_float_equal(fixture->balance[2].infrastructure_kwh, 0, 1e-9);
	assert_float_equal(fixture->balance[2].rest_percent, -4, 1e-6);
}

/* Two racks from 6:00 to 12:00, one of them an hour longer: only these hours of the job count. */
static void only_what_was_metered_is_balanced(void **state)
{
	struct fixture *fixture = *state;
	const time_t a[2] = {T0 + 6 * HOUR, T0 + 9 * HOUR}, b[2] = {T0 + 9 * HOUR, T0 + 12 * HOUR};
	const time_t c[2] = {T0 + 6 * HOUR, T0 + 13 * HOUR}, before[2] = {T0 - HOUR, T0 + HOUR};
	struct carbon_meter_reading readings[] = {
		reading("r1", CARBON_METER_RACK, "alpha", a, 3), reading("r1", CARBON_METER_RACK, "alpha", b, 4),
		reading("r2", CARBON_METER_RACK, "alpha", c, 7), reading("r0", CARBON_METER_ROOM, "alpha", before, 4)};

	fill(fixture);
	for (size_t i = 0; i < 4; i++)
		put(fixture, &readings[i]);
	balance(fixture);
	assert_int_equal(fixture->balances, 2);
	assert_int_equal(fixture->balance[1].meters, 2);
	assert_float_equal(fixture->balance[1].metered_h, 7, 1e-9);
	assert_float_equal(fixture->balance[1].meter_kwh, 14, 1e-9);
	assert_float_equal(fixture->balance[1].jobs_kwh, 14, 1e-6);
	assert_float_equal(fixture->balance[1].idle_kwh, 4.2, 1e-6);
	assert_true(fixture->balance[1].is_uneven);
	/* half of the room's reading lies in the day */
	assert_float_equal(fixture->balance[0].meter_kwh, 2, 1e-9);
	assert_float_equal(fixture->balance[0].jobs_kwh, 2, 1e-6);
	assert_false(fixture->balance[0].is_uneven);
}

static void without_idle_watts_the_balance_does_not_pretend(void **state)
{
	struct fixture *fixture = *state;
	const time_t day[2] = {T0, T0 + DAY};
	struct carbon_meter_reading whole = reading("site", CARBON_METER_SITE, "", day, 80);

	carbon_terms_init(&terms);
	fill(fixture);
	put(fixture, &whole);
	balance(fixture);
	assert_false(fixture->balance[0].is_idle_known);
	assert_float_equal(fixture->balance[0].idle_kwh, 0, 1e-9);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_reading_is_kept_once),
		TEST(the_balance_names_what_it_does_not_explain),
		TEST(only_what_was_metered_is_balanced),
		TEST(without_idle_watts_the_balance_does_not_pretend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
