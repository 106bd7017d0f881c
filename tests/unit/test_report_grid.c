/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the report's intensities come from, how sure they are and at what hours they were met; and the runs to which
 * none belongs.
 */
#include "accounting/books.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "tests/unit/report_world.h"

static void odd_runs_are_counted_and_kept(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run endless = make_run(1, "ada", fixture->october);
	struct carbon_run backwards = make_run(2, "ada", fixture->october + DAY);
	struct carbon_run nobody = make_run(3, "4711", fixture->october);
	struct carbon_run lost = make_run(4, "ada", fixture->october);
	struct carbon_report *out;

	endless.end_at = 0;
	backwards.end_at = backwards.start_at - HOUR;
	nobody.use.cores = 0;
	snprintf(lost.partition, sizeof(lost.partition), "gone");
	add(fixture, &endless);
	add(fixture, &backwards);
	add(fixture, &nobody);
	add(fixture, &lost);
	assert_int_equal(carbon_books_count(fixture->books)->running, 1);
	assert_int_equal(carbon_books_count(fixture->books)->runs, 3);
	assert_int_equal(fixture->odd_heard, 3);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 3);
	assert_int_equal(out->odd[1], 1);
	assert_int_equal(out->odd[2], 1);
	assert_int_equal(out->odd[3], 1);
	assert_int_equal(out->odd[4], 1);
	assert_float_equal(out->total.energy_kwh, 1, 1e-9);
	carbon_report_destroy(out);
}

static double typical(void *context, const char *zone, enum carbon_signal signal, time_t at)
{
	(void)context;
	(void)signal;
	(void)at;
	return strcmp(zone, "SE") == 0 ? 40 : NAN;
}

/* Whatever sources carbon.conf has: the German zone's history is there. */
static double typical_everywhere(void *context, const char *zone, enum carbon_signal signal, time_t at)
{
	(void)context;
	(void)zone;
	(void)signal;
	(void)at;
	return 40;
}

/* Clocks that were wrong by decades: counted, settled without emissions, and no end of everything. */
static void times_that_no_run_can_have_are_survived(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", (time_t)1 << 32);
	struct carbon_report *out;

	run.end_at = fixture->october + DAY;
	add_with(fixture, run, &record);
	run = make_run(2, "ada", 1);
	run.submit_at = fixture->october;
	run.end_at = fixture->october + DAY;
	add_with(fixture, run, &record);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 2);
	assert_int_equal(out->odd[1], 1); /* ended before it started */
	assert_int_equal(out->odd[6], 1); /* started before it was submitted */
	assert_float_equal(out->total.mass_kg, 0, 0);
	assert_float_equal(out->total.unknown_kwh, out->total.energy_kwh, 1e-6);
	assert_int_equal(out->total.credits, 0);
	carbon_report_destroy(out);
}

static void a_zone_with_a_typical_day_alone_is_marked_as_such(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_books_site site = {.place = find_place,
					       .sources = find_sources,
					       .typical = typical,
					       .context = fixture,
					       .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_run german = make_run(1, "ada", fixture->october);
	struct carbon_run swedish = make_run(2, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, fixture->now);
	add(fixture, &german);
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "SE");
	add(fixture, &swedish);
	out = report(fixture, "2026-10", "zone");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_SETTLED], 1, 1e-9);
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_PROFILE], 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.14, 1e-9);
	text = print(out, "text");
	assert_non_null(strstr(text, "a shipped profile, not the real grid"));
	free(text);
	carbon_report_destroy(out);
}

static void history_counts_more_than_a_typical_day(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources, .context = fixture,
					       .typical = typical_everywhere, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out;

	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, fixture->now);
	add(fixture, &run);
	out = report(fixture, "2026-10", "zone");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_SETTLED], 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.1, 1e-9);
	carbon_report_destroy(out);
}

/* Two days across the end of the month: what was drawn in October is October's load, though the run is November's. */
static void load_is_drawn_when_it_is_drawn(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run early = make_run(1, "ada", fixture->october);
	struct carbon_run across = make_run(2, "ada", fixture->october + 30 * DAY);
	struct carbon_run before = make_run(3, "ada", fixture->october - 12 * HOUR);
	struct carbon_report *out;

	across.end_at = across.start_at + 4 * DAY;
	before.end_at = before.start_at + DAY;
	add(fixture, &early);
	add(fixture, &across);
	add(fixture, &before);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 2);
	assert_int_equal(out->days, 31);
	assert_float_equal(out->day[0].energy_kwh, 13, 1e-9);
	assert_float_equal(out->day[30].energy_kwh, 24, 1e-9);
	assert_float_equal(out->day[30].mass_kg, 24 * 0.2, 1e-9);
	/* the grid's own mean, whatever hours the load had: one by night, and twelve of a run by day and night */
	assert_float_equal(out->day[0].mass_kg * 1000 / out->day[0].known_kwh, (100 + 12 * 200) / 13.0, 1e-9);
	assert_float_equal(out->day[0].grid_g_kwh, 200, 1e-9);
	assert_float_equal(out->day[15].grid_g_kwh, 200, 1e-9);
	/* A whole day puts an hour into every hour of the day; the month's runs alone. */
	for (int i = 1; i < CARBON_REPORT_HOURS; i++)
		assert_float_equal(out->with_kwh[i], 1, 1e-9);
	assert_float_equal(out->with_kwh[0], 2, 1e-9);
	carbon_report_destroy(out);
}

/* Zones weigh by their energy; a day that is known for less than a half has no mean. */
static void the_grids_day_is_of_what_is_known_of_it(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october + DAY);
	struct carbon_series series;
	struct carbon_report *out;

	add(fixture, &run);
	carbon_series_init(&series);
	for (int i = 0; i < 36 + 11; i++) {
		struct carbon_point point = {.at = fixture->october + i * HOUR, .g_kwh = 1000, .kind = CARBON_KIND_MEASURED};

		assert_int_equal(carbon_series_add(&series, point, &fixture->err), 0);
	}
	assert_int_equal(carbon_store_history_put(fixture->store, "PL", CARBON_SIGNAL_LIFECYCLE, "file", fixture->now, &series,
						  NULL, &fixture->err),
			 0);
	carbon_series_fini(&series);
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "PL");
	snprintf(run.partition, sizeof(run.partition), "east");
	run.id = 2;
	run.end_at += 2 * HOUR;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_float_equal(out->day[0].grid_g_kwh, (200 * 1 + 1000 * 3) / 4.0, 1e-9);
	assert_float_equal(out->day[1].grid_g_kwh, (200 * 1 + 1000 * 3) / 4.0, 1e-9);
	assert_float_equal(out->day[2].grid_g_kwh, 200, 1e-9);
	carbon_report_destroy(out);
}

static void a_delayed_run_moves_between_hours(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at + HOUR / 2);
	char text[CARBON_RECORD_MAX];
	struct carbon_report *out;

	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_float_equal(out->with_kwh[0], 0.5, 1e-9);
	assert_float_equal(out->with_kwh[1], 0.5, 1e-9);
	assert_float_equal(out->with_kwh[12], 0, 1e-9);
	assert_float_equal(out->without_kwh[12], 1, 1e-9);
	assert_float_equal(out->without_kwh[0], 0, 1e-9);
	assert_float_equal(out->total.waited_h, 12.5, 1e-9);
	assert_int_equal(out->total.late, 0);
	carbon_report_destroy(out);
	run.start_at = record.latest_at + 2 * HOUR;
	run.end_at = run.start_at + HOUR;
	run.id = 2;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.late, 1);
	assert_float_equal(out->total.late_h, 2, 1e-9);
	carbon_report_destroy(out);
}

static void provisional_rows_are_settled_again(void **state)
{
	struct fixture *fixture = *state;
	time_t start = fixture->october + 39 * DAY;
	struct carbon_run run = make_run(1, "ada", start);
	struct carbon_report *out;

	open_books(fixture, start + 2 * HOUR);
	add(fixture, &run);
	assert_int_equal(carbon_books_count(fixture->books)->provisional, 1);
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->total.unknown_kwh, 1, 1e-9);
	carbon_report_destroy(out);
	put_history(fixture, start, 2, CARBON_KIND_ESTIMATED);
	open_books(fixture, start + 3 * HOUR);
	assert_int_equal(carbon_books_revise(fixture->books, "alpha", &fixture->err), 0);
	assert_int_equal(carbon_books_count(fixture->books)->revised, 1);
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_PROVISIONAL], 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.1, 1e-9);
	carbon_report_destroy(out);
	put_history(fixture, start, 2, CARBON_KIND_MEASURED);
	open_books(fixture, start + 4 * HOUR);
	assert_int_equal(carbon_books_revise(fixture->books, "alpha", &fixture->err), 0);
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_SETTLED], 1, 1e-9);
	carbon_report_destroy(out);
	open_books(fixture, start + 5 * HOUR);
	assert_int_equal(carbon_books_revise(fixture->books, "alpha", &fixture->err), 0);
	assert_int_equal(carbon_books_count(fixture->books)->revised, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(odd_runs_are_counted_and_kept),
		TEST(times_that_no_run_can_have_are_survived),
		TEST(a_zone_with_a_typical_day_alone_is_marked_as_such),
		TEST(history_counts_more_than_a_typical_day),
		TEST(load_is_drawn_when_it_is_drawn),
		TEST(the_grids_day_is_of_what_is_known_of_it),
		TEST(a_delayed_run_moves_between_hours),
		TEST(provisional_rows_are_settled_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
