/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What would have helped: each lever by hand-made figures, and nothing where nothing is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "accounting/levers.h"
#include "accounting/store.h"
#include "lib/err.h"

#define HOUR ((time_t)3600)
#define DAY (24 * HOUR)
#define START ((time_t)1790812800) /* a midnight, UTC */

struct fixture {
	struct carbon_store *store;
	struct carbon_place place[3];
	struct carbon_power_model power;
	struct carbon_gpu_speed speed[2];
	struct carbon_lever_site site;
	struct carbon_levers levers;
	struct carbon_err err;
};

/* DE: 300, 200 in the second hour of each day, 100 in the third hour of the third. FR: 50 throughout. */
static double intensity(const char *zone, time_t at)
{
	if (zone[0] == 'F')
		return 50;
	if (at == START + 2 * DAY + 2 * HOUR)
		return 100;
	return at / HOUR % 24 == 1 ? 200 : 300;
}

static void put_history(struct fixture *fixture, const char *zone)
{
	struct carbon_series series;

	carbon_series_init(&series);
	for (time_t at = START - DAY; at < START + 10 * DAY; at += HOUR)
		assert_int_equal(carbon_series_add(&series, (struct carbon_point){.at = at, .g_kwh = intensity(zone, at)},
						   &fixture->err), 0);
	assert_int_equal(carbon_store_history_put(fixture->store, zone, CARBON_SIGNAL_LIFECYCLE, "file", START, &series,
						  NULL, &fixture->err), 0);
	carbon_series_fini(&series);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	assert_int_equal(carbon_store_open(":memory:", false, &fixture->store, &fixture->err), 0);
	put_history(fixture, "DE");
	put_history(fixture, "FR");
	for (size_t i = 0; i < 3; i++)
		snprintf(fixture->place[i].zone, CARBON_ZONE_MAX, "%s", i == 0 ? "DE" : i == 1 ? "FR" : "NO");
	fixture->place[0].power.pue = 1.5;
	fixture->place[1].power.pue = fixture->place[2].power.pue = 1.25;
	carbon_power_init(&fixture->power);
	fixture->power.gpu_types = 2;
	fixture->power.gpu_type[0] = (struct carbon_gpu_type){"old", 500};
	fixture->power.gpu_type[1] = (struct carbon_gpu_type){"new", 1000};
	fixture->speed[0] = (struct carbon_gpu_speed){"old", 1};
	fixture->speed[1] = (struct carbon_gpu_speed){"new", 4};
	fixture->site = (struct carbon_lever_site){
		.signal = CARBON_SIGNAL_LIFECYCLE, .max_delay_s = 3 * DAY, .places = 3, .place = fixture->place,
		.speeds = 2, .speed = fixture->speed, .power = &fixture->power};
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_store_close(fixture->store);
	free(fixture);
	return 0;
}

/* An hour from noon on at 10 kW of IT power, submitted in the morning: 4.5 kg. */
static struct carbon_lever_work make_work(void)
{
	return (struct carbon_lever_work){.from_at = START + 12 * HOUR, .to_at = START + 13 * HOUR,
					  .ready_at = START + 8 * HOUR, .zone = "DE", .pue = 1.5, .it_kwh = 10, .mass_kg = 4.5};
}

static const struct carbon_lever *read_lever(struct fixture *fixture, const struct carbon_lever_work *work,
					     const char *key)
{
	if (carbon_levers_read(fixture->store, &fixture->site, work, &fixture->levers, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	for (size_t i = 0; i < fixture->levers.count; i++)
		if (strcmp(fixture->levers.lever[i].key, key) == 0)
			return &fixture->levers.lever[i];
	return NULL;
}

static void a_cleaner_start_is_looked_for_in_what_the_grid_did(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_lever_work work = make_work();
	const struct carbon_lever *hour = read_lever(fixture, &work, "hour");

	assert_non_null(hour);
	assert_float_equal(hour->high_kg, 3.0, 1e-9); /* within a day: 200 */
	assert_float_equal(hour->low_kg, 1.5, 1e-9);  /* within three: 100 */
	work.zone = "";
	assert_null(read_lever(fixture, &work, "hour"));
}

static void another_place_has_its_own_grid_and_building(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_lever_work work = make_work();
	const struct carbon_lever *place = read_lever(fixture, &work, "place");

	assert_non_null(place);
	assert_string_equal(place->what, "in zone FR at PUE 1.25: at clean hours, or at the same");
	assert_float_equal(place->low_kg, 10 * 1.25 * 0.05, 1e-9);
	assert_float_equal(place->high_kg, 10 * 1.25 * 0.05, 1e-9);
	/* NO has no history: nothing is said of it. DE is where it ran. */
	assert_string_equal(place[1].key, "pue");
}

static void another_accelerator_draws_more_and_for_less_time(void **state)
{
	const struct carbon_lever_gpu gpu = {.type = "old", .hours = 8, .it_kwh = 10}; /* 4 kWh of it in GPUs */
	struct fixture *fixture = *state;
	struct carbon_lever_work work = make_work();
	const struct carbon_lever *lever;

	work.gpus = 1;
	work.gpu = &gpu;
	lever = read_lever(fixture, &work, "accelerator");
	assert_non_null(lever);
	assert_string_equal(lever->what, "GPU work on new");
	/* (6 + 4 * 2) / 4, or / (1 + 3 * 0.8), times 1.5 * 300 g. */
	assert_float_equal(lever->low_kg, 3.5 * 0.45, 1e-9);
	assert_float_equal(lever->high_kg, 14 / 3.4 * 0.45, 1e-9);
	fixture->site.speeds = 0;
	assert_null(read_lever(fixture, &work, "accelerator"));
}

static void a_better_building_has_a_lower_pue(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_lever_work work = make_work();
	const struct carbon_lever *pue = read_lever(fixture, &work, "pue");

	assert_non_null(pue);
	assert_float_equal(pue->low_kg, 4.5 * 1.11 / 1.5, 1e-9);
	assert_float_equal(pue->high_kg, 4.5 * 1.25 / 1.5, 1e-9);
	work.pue = 1.05;
	assert_null(read_lever(fixture, &work, "pue"));
}

static void a_month_is_moved_within_its_days(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_lever_work work = {.from_at = START, .to_at = START + 4 * DAY, .zone = "DE", .pue = 1.5, .it_kwh = 10,
					 .mass_kg = 4.5};
	const struct carbon_lever *hour = read_lever(fixture, &work, "hour");

	assert_non_null(hour);
	assert_float_equal(hour->low_kg, 15 * (3 * 0.2 + 0.1) / 4, 1e-9);
	assert_float_equal(hour->high_kg, 15 * (0.3 * 32 - 0.1 * 4 - 0.2) / 32, 1e-9);
}

static void work_without_emissions_has_no_levers(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_lever_work work = make_work();

	work.mass_kg = 0;
	assert_null(read_lever(fixture, &work, "pue"));
	assert_int_equal(fixture->levers.count, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cleaner_start_is_looked_for_in_what_the_grid_did),
		TEST(another_place_has_its_own_grid_and_building),
		TEST(another_accelerator_draws_more_and_for_less_time),
		TEST(a_better_building_has_a_lower_pue),
		TEST(a_month_is_moved_within_its_days),
		TEST(work_without_emissions_has_no_levers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
