/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How full places were: what is fed in comes back bin by bin, the slack clock, hours of the week, waits, nodes that
 * partitions share. Must never touch a database outside its own temporary folder.
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
#include "accounting/db.h"
#include "accounting/occupancy.h"
#include "accounting/occupy.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/record.h"
#include "lib/time.h"
#include "tests/unit/support.h"

#define T0 ((time_t)1790000000 / 604800 * 604800 + 4 * 86400) /* a Monday 00:00 UTC */
#define MINUTE ((time_t)60)
#define HOUR ((time_t)3600)

struct fixture {
	char folder[SUPPORT_FOLDER_MAX], path[SUPPORT_DATABASE_MAX];
	struct carbon_store *store;
	struct carbon_err err;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	support_database("occupancy", fixture->folder, fixture->path);
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
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

/* "batch" has ten nodes of four cores, "debug" two of them, and "gpu" two others. */
static const struct carbon_occupy_place PLACES[] = {
	{"batch", 10, 10, 4}, {"debug", 2, 0, 4}, {"gpu", 2, 2, 4}};
static const double SHARED[] = {1, 0.2, 0, 1, 1, 0, 0, 0, 1};
static const double OWNED[] = {1, 0, 0, 1, 0, 0, 0, 0, 1};

static struct carbon_occupy *make(time_t from, time_t to)
{
	const struct carbon_occupy_site site = {.cluster = "alpha", .places = 3, .place = PLACES,
						.shared = SHARED, .owned = OWNED, .grace_s = 2 * MINUTE};
	struct carbon_occupy *occupy = carbon_occupy_create(&site, from, to);

	assert_non_null(occupy);
	return occupy;
}

static struct carbon_run make_run(const char *partition, double cores, time_t eligible, time_t start, time_t end)
{
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.user, sizeof(run.user), "ada");
	snprintf(run.partition, sizeof(run.partition), "%s", partition);
	run.id = 1;
	run.use.nodes = ceil(cores / 4);
	run.use.cores = cores;
	run.submit_at = run.eligible_at = eligible;
	run.start_at = start;
	run.end_at = end;
	run.measured_j = -1;
	return run;
}

static void add(struct carbon_occupy *occupy, struct carbon_run run, time_t begin)
{
	carbon_occupy_add(occupy, &run, begin);
}

static void finish(struct fixture *fixture, struct carbon_occupy *occupy)
{
	if (carbon_occupy_write(occupy, fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_occupy_destroy(occupy);
}

static struct carbon_occupancy read_place(struct fixture *fixture, const char *partition, time_t from, time_t to)
{
	struct carbon_occupancy out;

	if (carbon_occupancy_read(fixture->store, "alpha", partition, from, to, &out, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return out;
}

static void runs_and_waits_fill_bins(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_occupy *occupy = make(T0, T0 + HOUR);
	struct carbon_occupancy place;

	/* Half a node from minute 1 to minute 12. */
	add(occupy, make_run("batch", 2, T0 + MINUTE, T0 + MINUTE, T0 + 12 * MINUTE), 0);
	/* Three nodes wait from minute 18 (and two minutes of grace) to 30, then run past the end. */
	add(occupy, make_run("batch", 12, T0 + 18 * MINUTE, T0 + 30 * MINUTE, 0), 0);
	/* One was cancelled while it waited, a quarter of a bin. */
	add(occupy, make_run("batch", 4, T0 + 48 * MINUTE, 0, T0 + 51 * MINUTE + 15), 0);
	finish(fixture, occupy);
	place = read_place(fixture, "batch", T0, T0 + HOUR);
	assert_int_equal(place.bins, 12);
	assert_float_equal(place.bin[0].busy, 0.4, 1e-6);
	assert_float_equal(place.bin[1].busy, 0.5, 1e-6);
	assert_float_equal(place.bin[2].busy, 0.2, 1e-6);
	assert_float_equal(place.bin[3].busy, 0, 1e-6);
	assert_float_equal(place.bin[0].usable, 10, 1e-6);
	for (size_t i = 0; i < 12; i++) {
		assert_true(place.bin[i].is_known);
		assert_float_equal(place.bin[i].backlog, i == 4 || i == 5 ? 3 : i == 10 ? 0.25 : 0, 1e-6);
		assert_int_equal(place.bin[i].is_full, i == 4 || i == 5);
	}
	assert_float_equal(place.bin[6].busy, 3, 1e-6);
	assert_float_equal(place.bin[11].busy, 3, 1e-6);
	carbon_occupancy_fini(&place);
}

static void what_waits_for_us_or_for_a_limit_is_no_backlog(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_occupy *occupy = make(T0, T0 + HOUR);
	struct carbon_run limited = make_run("batch", 4, T0, T0 + 50 * MINUTE, T0 + 55 * MINUTE);
	struct carbon_occupancy place;

	/* Delayed to minute 30, started at minute 43. */
	add(occupy, make_run("batch", 4, T0, T0 + 43 * MINUTE, T0 + 50 * MINUTE), T0 + 30 * MINUTE);
	limited.is_limited = true;
	add(occupy, limited, 0);
	add(occupy, make_run("gone", 4, T0, 0, 0), 0);
	finish(fixture, occupy);
	place = read_place(fixture, "batch", T0, T0 + HOUR);
	for (size_t i = 0; i < 12; i++)
		assert_int_equal(place.bin[i].is_full, i >= 6 && i <= 8);
	assert_float_equal(place.bin[6].backlog, 0.6, 1e-6);
	carbon_occupancy_fini(&place);
}

static void shared_nodes_are_busy_in_each_place_and_counted_once(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_occupy *occupy = make(T0, T0 + 10 * MINUTE);
	const struct carbon_node_event events[] = {
		{"n1", CARBON_NODE_DOWN, T0 - HOUR, 0},
		{"n2", CARBON_NODE_OFF, T0 - HOUR, T0 + 7 * MINUTE},
	};
	static const char SQL[] = "SELECT sum(own_busy), sum(own_off), sum(own_down), sum(own_boots), sum(own_nodes) "
				  "FROM occupancy WHERE at = ?1";
	struct carbon_occupancy batch, debug, gpu;
	sqlite3_stmt *stmt;

	add(occupy, make_run("batch", 20, T0, T0, 0), 0);
	add(occupy, make_run("debug", 4, T0, T0, 0), 0);
	for (size_t i = 0; i < 2; i++) {
		carbon_occupy_state(occupy, 0, true, &events[i]);
		carbon_occupy_state(occupy, 1, false, &events[i]);
	}
	finish(fixture, occupy);
	batch = read_place(fixture, "batch", T0, T0 + 10 * MINUTE);
	debug = read_place(fixture, "debug", T0, T0 + 10 * MINUTE);
	gpu = read_place(fixture, "gpu", T0, T0 + 10 * MINUTE);
	assert_float_equal(batch.bin[0].busy, 6, 1e-6);
	assert_float_equal(debug.bin[0].busy, 2, 1e-6);
	assert_float_equal(gpu.bin[0].busy, 0, 1e-6);
	assert_float_equal(batch.bin[0].usable, 9, 1e-6);
	assert_float_equal(batch.bin[0].off, 1, 1e-6);
	assert_float_equal(batch.bin[1].off, 0.4, 1e-6);
	assert_float_equal(debug.bin[1].usable, 1, 1e-6);
	stmt = carbon_db_statement(fixture->store, SQL, &fixture->err);
	sqlite3_bind_int64(stmt, 1, T0 + 5 * MINUTE);
	assert_int_equal(carbon_db_step(fixture->store, stmt, &fixture->err), 1);
	assert_int_equal(sqlite3_column_int(stmt, 0), 600);
	assert_int_equal(sqlite3_column_int(stmt, 1), 40);
	assert_int_equal(sqlite3_column_int(stmt, 2), 100);
	assert_int_equal(sqlite3_column_int(stmt, 3), 1);
	assert_int_equal(sqlite3_column_int(stmt, 4), 12);
	sqlite3_reset(stmt);
	carbon_occupancy_fini(&batch);
	carbon_occupancy_fini(&debug);
	carbon_occupancy_fini(&gpu);
}

static void settling_again_replaces_and_leaves_the_rest(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_occupy *occupy = make(T0, T0 + HOUR);
	struct carbon_occupancy place;

	add(occupy, make_run("batch", 40, T0, T0, T0 + HOUR), 0);
	finish(fixture, occupy);
	/* Seen from minute 33 on: the first whole bin is that of minute 35, the last that of minute 65. */
	occupy = make(T0 + 33 * MINUTE, T0 + 71 * MINUTE);
	add(occupy, make_run("batch", 20, T0, T0, 0), 0);
	finish(fixture, occupy);
	place = read_place(fixture, "batch", T0 - 2 * MINUTE, T0 + 2 * HOUR);
	assert_null(carbon_occupancy_find(&place, T0 - MINUTE));
	assert_float_equal(carbon_occupancy_find(&place, T0 + 34 * MINUTE)->busy, 10, 1e-6);
	assert_float_equal(carbon_occupancy_find(&place, T0 + 35 * MINUTE)->busy, 5, 1e-6);
	assert_float_equal(carbon_occupancy_find(&place, T0 + 69 * MINUTE)->busy, 5, 1e-6);
	assert_null(carbon_occupancy_find(&place, T0 + 70 * MINUTE));
	assert_null(carbon_occupancy_find(&place, T0 + 20 * HOUR));
	carbon_occupancy_fini(&place);
}

static void hours_of_the_week_have_a_probability_once_seen_twice(void **state)
{
	struct fixture *fixture = *state;
	const time_t week = 7 * 86400;
	struct carbon_occupy *occupy = make(T0, T0 + 2 * week);
	struct carbon_occupancy place;
	double full[CARBON_OCCUPANCY_WEEK];

	/* Tuesday 03:00 was full in one of two weeks, and half of Tuesday 04:00. */
	add(occupy, make_run("batch", 4, T0 + 27 * HOUR - 2 * MINUTE, T0 + 28 * HOUR + 30 * MINUTE, T0 + 30 * HOUR), 0);
	finish(fixture, occupy);
	place = read_place(fixture, "batch", T0, T0 + 2 * week);
	carbon_occupancy_week(&place, full);
	assert_float_equal(full[26], 0, 1e-9);
	assert_float_equal(full[27], 0.5, 1e-9);
	assert_float_equal(full[28], 0.25, 1e-9);
	carbon_occupancy_fini(&place);
	place = read_place(fixture, "batch", T0, T0 + week + HOUR);
	carbon_occupancy_week(&place, full);
	assert_float_equal(full[0], 0, 1e-9);
	assert_true(isnan(full[27]));
	carbon_occupancy_fini(&place);
}

/* --- waits, through the ledger --- */

static struct carbon_place books_place;

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)context;
	(void)partition;
	*is_gone = false;
	return &books_place;
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

static void waits_are_told_by_size(void **state)
{
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources};
	struct fixture *fixture = *state;
	struct carbon_books *books = carbon_books_create(fixture->store, &site, T0 + HOUR);
	struct carbon_occupancy_waits waits[CARBON_OCCUPANCY_CLASSES];

	assert_non_null(books);
	carbon_power_init(&books_place.power);
	for (uint32_t i = 0; i <= 100; i++) {
		struct carbon_run run = make_run("batch", 12, T0, T0 + (time_t)i, T0 + 1000);

		run.id = i + 1;
		assert_int_equal(carbon_books_add(books, &run, &fixture->err), 0);
		run.id = 1000 + i;
		snprintf(run.partition, sizeof(run.partition), "gpu");
		assert_int_equal(carbon_books_add(books, &run, &fixture->err), 0);
	}
	carbon_books_destroy(books);
	assert_int_equal(carbon_occupancy_wait(fixture->store, "alpha", "batch", T0, T0 + HOUR, waits, &fixture->err),
			 0);
	assert_int_equal(waits[carbon_occupancy_class(3)].count, 101);
	assert_int_equal(waits[1].p50_s, 50);
	assert_int_equal(waits[1].p95_s, 95);
	assert_int_equal(waits[0].count, 0);
	assert_int_equal(carbon_occupancy_class(0.25), 0);
	assert_int_equal(carbon_occupancy_class(4), 2);
	assert_int_equal(carbon_occupancy_class(1e9), CARBON_OCCUPANCY_CLASSES - 1);
}

/* --- where holes go, through the ledger --- */

/* Ten nodes. T0 to T0 + 1 h: a node waits, and more; runs that start then hand holes on to their ends. */
static void what_is_freed_in_full_time_goes_where_the_run_that_takes_it_ends(void **state)
{
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources};
	struct fixture *fixture = *state;
	struct carbon_books *books = carbon_books_create(fixture->store, &site, T0 + 9 * HOUR);
	struct carbon_occupy *occupy = make(T0 - HOUR, T0 + 3 * HOUR);
	struct carbon_run runs[] = {
		make_run("batch", 4, T0 - 2 * MINUTE, T0 + HOUR, T0 + 90 * MINUTE),
		/* starts in the sixth bin, after twenty minutes in the queue */
		make_run("batch", 4, T0 + 7 * MINUTE, T0 + 27 * MINUTE, T0 + 100 * MINUTE),
		/* too late for that bin, and this one did not wait for longer than a bin */
		make_run("batch", 4, T0 + 5 * MINUTE, T0 + 28 * MINUTE, T0 + 110 * MINUTE),
		make_run("batch", 4, T0 + 48 * MINUTE, T0 + 52 * MINUTE, T0 + 110 * MINUTE),
		/* another place's */
		make_run("gpu", 4, T0, T0 + 42 * MINUTE, T0 + 170 * MINUTE),
	};
	struct carbon_occupancy place;

	assert_non_null(books);
	carbon_power_init(&books_place.power);
	for (uint32_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		runs[i].id = i + 1;
		assert_int_equal(carbon_books_add(books, &runs[i], &fixture->err), 0);
		add(occupy, runs[i], 0);
	}
	carbon_books_destroy(books);
	finish(fixture, occupy);
	place = read_place(fixture, "batch", T0 - HOUR, T0 + 3 * HOUR);
	for (size_t i = 0; i < place.bins; i++) {
		assert_int_equal(place.bin[i].is_full, i >= 12 && i < 24);
		assert_int_equal(place.bin[i].next, i == 12 + 5 ? 12 + 20 : i == 24 ? 12 + 18 : i + 1);
		assert_true(place.bin[i].fits == 0);
	}
	carbon_occupancy_fini(&place);
}

/* Ten nodes: six are ours, four others', and others want two more. */
static void what_of_our_own_crowd_had_room_is_known(void **state)
{
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources};
	struct fixture *fixture = *state;
	struct carbon_books *books = carbon_books_create(fixture->store, &site, T0 + 9 * HOUR);
	struct carbon_occupy *occupy = make(T0, T0 + HOUR);
	struct carbon_record record = {.decided_at = T0 - 2 * HOUR, .baseline_at = T0 - 2 * HOUR, .level = CARBON_LEVEL_OPT_IN,
				       .delayed = true, .begin_at = T0, .latest_at = T0 + HOUR, .runtime_s = 7200,
				       .outlook_at = T0 - 2 * HOUR, .source = "file", .zone = "SE",
				       .partition = "batch", .policy = "lowest-window"};
	struct carbon_run ours = make_run("batch", 24, T0 - 2 * HOUR, T0, T0 + 2 * HOUR);
	struct carbon_run other = make_run("batch", 16, T0 - 2 * HOUR, T0 - 2 * HOUR, T0 + 2 * HOUR);
	char text[CARBON_RECORD_MAX];
	struct carbon_run waiting = make_run("batch", 8, T0 - 2 * MINUTE, T0 + 30 * MINUTE, T0 + 2 * HOUR);
	struct carbon_occupancy place;

	assert_non_null(books);
	carbon_power_init(&books_place.power);
	assert_true(carbon_record_format(&record, text, &fixture->err) == 0);
	ours.comment = text;
	ours.id = 1;
	other.id = 2;
	waiting.id = 3;
	assert_int_equal(carbon_books_add(books, &ours, &fixture->err), 0);
	assert_int_equal(carbon_books_add(books, &other, &fixture->err), 0);
	assert_int_equal(carbon_books_add(books, &waiting, &fixture->err), 0);
	carbon_books_destroy(books);
	add(occupy, ours, T0);
	add(occupy, other, 0);
	add(occupy, waiting, 0);
	finish(fixture, occupy);
	place = read_place(fixture, "batch", T0, T0 + HOUR);
	/* Others hold four and want two: of our six four had room. */
	assert_true(place.bin[2].is_full);
	assert_float_equal(place.bin[2].busy, 10, 1e-3);
	assert_float_equal(place.bin[2].backlog, 2, 1e-3);
	assert_float_equal(place.bin[2].fits, 4.0 / 6, 1e-3);
	carbon_occupancy_fini(&place);
}

/* --- a job that was moved, through the ledger --- */

static void put_flat(struct fixture *fixture, const char *zone, double g_kwh, size_t hours)
{
	struct carbon_series series;

	carbon_series_init(&series);
	for (size_t i = 0; i < hours; i++) {
		struct carbon_point point = {.at = T0 + (time_t)i * HOUR, .g_kwh = g_kwh};

		assert_int_equal(carbon_series_add(&series, point, &fixture->err), 0);
	}
	assert_int_equal(carbon_store_history_put(fixture->store, zone, CARBON_SIGNAL_LIFECYCLE, "file", T0, &series,
						  NULL, &fixture->err),
			 0);
	carbon_series_fini(&series);
}

static void assert_moved(struct fixture *fixture, const char *method, double credit_g)
{
	static const char SQL[] = "SELECT home_partition, home_zone, home_cluster, data_gb, data_g, credit_g, "
				  "credit_method FROM jobs";
	sqlite3_stmt *stmt = carbon_db_statement(fixture->store, SQL, &fixture->err);

	assert_non_null(stmt);
	assert_int_equal(carbon_db_step(fixture->store, stmt, &fixture->err), 1);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 0), "south");
	assert_string_equal((const char *)sqlite3_column_text(stmt, 1), "PL");
	assert_string_equal((const char *)sqlite3_column_text(stmt, 2), "beta");
	assert_float_equal(sqlite3_column_double(stmt, 3), 30, 1e-9);
	assert_float_equal(sqlite3_column_double(stmt, 4), 5, 1e-9);
	assert_float_equal(sqlite3_column_double(stmt, 5), credit_g, 1e-6);
	assert_string_equal((const char *)sqlite3_column_text(stmt, 6), method);
	sqlite3_reset(stmt);
}

/* 1 kW for an hour at 100 g/kWh here; 2 kW for two hours at 400 g/kWh where it would have run. */
static void a_moved_job_keeps_its_home_in_the_ledger(void **state)
{
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources};
	struct fixture *fixture = *state;
	struct carbon_books *books = carbon_books_create(fixture->store, &site, T0 + 4 * HOUR);
	struct carbon_run run = make_run("batch", 4, T0 + HOUR, T0 + HOUR, T0 + 2 * HOUR);
	struct carbon_record record = {.decided_at = T0, .level = CARBON_LEVEL_OPT_IN, .delayed = true,
				       .baseline_at = T0 + HOUR, .begin_at = T0 + HOUR, .latest_at = T0 + 9 * HOUR,
				       .runtime_s = 3600, .outlook_at = T0, .source = "file", .zone = "SE",
				       .partition = "batch", .policy = "lowest-window", .home = "south",
				       .home_cluster = "beta", .home_zone = "PL", .home_power_w = 2000,
				       .home_runtime_s = 7200, .data_gb = 30, .data_g = 5};
	char text[CARBON_RECORD_MAX];

	assert_non_null(books);
	carbon_power_init(&books_place.power);
	books_place.power.pue = 1;
	books_place.power.core_w = 250;
	snprintf(books_place.zone, sizeof(books_place.zone), "SE");
	put_flat(fixture, "SE", 100, 8);
	put_flat(fixture, "PL", 400, 8);
	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	run.comment = text;
	assert_int_equal(carbon_books_add(books, &run, &fixture->err), 0);
	/* how full both places were may still come */
	assert_moved(fixture, "provisional", 2 * 2 * 400 - 100 - 5);
	carbon_books_destroy(books);
	put_flat(fixture, "PL", 300, 8);
	books = carbon_books_create(fixture->store, &site, T0 + 30 * 86400);
	assert_non_null(books);
	assert_int_equal(carbon_books_revise(books, "alpha", &fixture->err), 0);
	assert_int_equal(carbon_books_count(books)->revised, 1);
	carbon_books_destroy(books);
	assert_moved(fixture, "settled", 2 * 2 * 300 - 100 - 5);
	books_place.zone[0] = '\0';
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(runs_and_waits_fill_bins),
		TEST(what_waits_for_us_or_for_a_limit_is_no_backlog),
		TEST(shared_nodes_are_busy_in_each_place_and_counted_once),
		TEST(settling_again_replaces_and_leaves_the_rest),
		TEST(what_is_freed_in_full_time_goes_where_the_run_that_takes_it_ends),
		TEST(what_of_our_own_crowd_had_room_is_known),
		TEST(hours_of_the_week_have_a_probability_once_seen_twice),
		TEST(waits_are_told_by_size),
		TEST(a_moved_job_keeps_its_home_in_the_ledger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
