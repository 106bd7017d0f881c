/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.db: what is put comes back, revisions stay, preferred sources win, damaged and foreign files are
 * named. Must never touch a database outside its own temporary folder.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "accounting/db.h"
#include "accounting/forecasts.h"
#include "accounting/schema.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "tests/unit/support.h"

#define T0 ((time_t)1790000000 / 3600 * 3600)
#define ZONE "DE"
#define SIGNAL CARBON_SIGNAL_LIFECYCLE

struct fixture {
	char folder[SUPPORT_FOLDER_MAX], path[SUPPORT_DATABASE_MAX];
	struct carbon_store *store;
	struct carbon_err err;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	support_database("store", fixture->folder, fixture->path);
	*state = fixture;
	return 0;
}

static void open_store(struct fixture *fixture)
{
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_store_close(fixture->store);
	support_database_remove(fixture->folder);
	free(fixture);
	return 0;
}

/* COUNT points from FROM in steps of STEP_S, all of one value. */
static void fill(struct carbon_series *series, time_t from, size_t count, time_t step_s, double g_kwh)
{
	struct carbon_err err;

	carbon_series_init(series);
	for (size_t i = 0; i < count; i++) {
		struct carbon_point point = {.at = from + (time_t)i * step_s,
					     .g_kwh = g_kwh,
					     .kind = CARBON_KIND_MEASURED};

		assert_int_equal(carbon_series_add(series, point, &err), 0);
	}
}

static struct carbon_history_count put(struct fixture *fixture, const char *source, time_t fetched_at,
				       struct carbon_series *series)
{
	struct carbon_history_count count = {9, 9, 9};

	if (carbon_store_history_put(fixture->store, ZONE, SIGNAL, source, fetched_at, series,
				     &count, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_series_fini(series);
	return count;
}

static void get(struct fixture *fixture, const char *const *sources, struct carbon_series *series)
{
	carbon_series_init(series);
	if (carbon_store_history_get(fixture->store, ZONE, SIGNAL, sources, T0, T0 + 864000, series,
				     &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static void what_is_put_comes_back_after_reopening(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;
	struct carbon_history_count count;

	open_store(fixture);
	fill(&series, T0, 48, 3600, 123.456);
	series.points[3].kind = CARBON_KIND_ESTIMATED;
	count = put(fixture, "file", T0, &series);
	assert_int_equal(count.added, 48);
	carbon_store_close(fixture->store);
	open_store(fixture);
	get(fixture, NULL, &series);
	assert_int_equal(series.count, 48);
	assert_true(series.points[47].at == T0 + 47 * 3600);
	assert_float_equal(series.points[47].g_kwh, 123.456, 1e-9);
	assert_int_equal(series.points[3].kind, CARBON_KIND_ESTIMATED);
	assert_int_equal(series.points[4].kind, CARBON_KIND_MEASURED);
	carbon_series_fini(&series);
}

static void putting_twice_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;
	struct carbon_history_count count;

	open_store(fixture);
	fill(&series, T0, 24, 3600, 200);
	put(fixture, "file", T0, &series);
	fill(&series, T0, 24, 3600, 200);
	count = put(fixture, "file", T0 + 60, &series);
	assert_int_equal(count.added, 0);
	assert_int_equal(count.revised, 0);
	assert_int_equal(count.same, 24);
}

static void the_newest_revision_counts(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;
	struct carbon_history_count count;

	open_store(fixture);
	fill(&series, T0, 2, 3600, 200);
	put(fixture, "file", T0 + 7200, &series);
	fill(&series, T0, 1, 3600, 250);
	count = put(fixture, "file", T0 + 9000, &series);
	assert_int_equal(count.revised, 1);
	get(fixture, NULL, &series);
	assert_int_equal(series.count, 2);
	assert_float_equal(series.points[0].g_kwh, 250, 1e-9);
	assert_float_equal(series.points[1].g_kwh, 200, 1e-9);
	carbon_series_fini(&series);
	/* An older copy loaded afterwards does not win. */
	fill(&series, T0, 1, 3600, 199);
	put(fixture, "file", T0 + 7000, &series);
	get(fixture, NULL, &series);
	assert_float_equal(series.points[0].g_kwh, 250, 1e-9);
	carbon_series_fini(&series);
}

static void a_preferred_source_is_not_cut_up_by_a_lesser_one(void **state)
{
	static const char *const SOURCES[] = {"hourly", "unheard-of", "minutes", NULL};
	struct fixture *fixture = *state;
	struct carbon_series series;

	open_store(fixture);
	fill(&series, T0, 24, 300, 500);
	put(fixture, "minutes", T0 + 99, &series);
	fill(&series, T0, 1, 3600, 100);
	put(fixture, "hourly", T0, &series);
	get(fixture, SOURCES, &series);
	assert_int_equal(series.count, 13);
	assert_float_equal(series.points[0].g_kwh, 100, 1e-9);
	assert_true(series.points[1].at == T0 + 3600);
	assert_float_equal(series.points[1].g_kwh, 500, 1e-9);
	carbon_series_fini(&series);
}

static void signals_and_zones_stay_apart(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;

	open_store(fixture);
	fill(&series, T0, 1, 3600, 100);
	put(fixture, "file", T0, &series);
	carbon_series_init(&series);
	assert_int_equal(carbon_store_history_get(fixture->store, ZONE, CARBON_SIGNAL_MARGINAL, NULL,
						  T0, T0 + 3600, &series, &fixture->err), 0);
	assert_int_equal(carbon_store_history_get(fixture->store, "FR", SIGNAL, NULL, T0, T0 + 3600,
						  &series, &fixture->err), 0);
	assert_int_equal(series.count, 0);
	carbon_series_fini(&series);
}

static void rollback_undoes_nested_puts(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;

	open_store(fixture);
	assert_int_equal(carbon_store_begin(fixture->store, &fixture->err), 0);
	fill(&series, T0, 5, 3600, 100);
	put(fixture, "file", T0, &series);
	carbon_store_rollback(fixture->store);
	get(fixture, NULL, &series);
	assert_int_equal(series.count, 0);
	carbon_series_fini(&series);
}

/* The one number that SQL gives, through a second look at the file. */
static int64_t number(struct fixture *fixture, const char *sql)
{
	sqlite3_stmt *stmt = NULL;
	int64_t value;

	assert_int_equal(sqlite3_prepare_v2(fixture->store->db, sql, -1, &stmt, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return value;
}

static void put_forecast(struct fixture *fixture, time_t issued_at, double g_kwh, time_t keep_from)
{
	struct carbon_series series;

	fill(&series, T0, 96, 3600, g_kwh);
	if (carbon_store_forecast_put(fixture->store, ZONE, SIGNAL, "file", issued_at, &series,
				      keep_from, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_series_fini(&series);
}

static void a_forecast_is_kept_as_issued_and_forgotten_when_old(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	put_forecast(fixture, T0, 100, 0);
	put_forecast(fixture, T0, 300, 0);
	assert_int_equal(number(fixture, "SELECT count(*) FROM forecast_point"), 96);
	assert_int_equal(number(fixture, "SELECT max(mg_kwh) FROM forecast_point"), 100000);
	put_forecast(fixture, T0 + 3600, 200, T0 + 1);
	assert_int_equal(number(fixture, "SELECT count(*) FROM forecast"), 1);
	assert_int_equal(number(fixture, "SELECT min(mg_kwh) FROM forecast_point"), 200000);
}

static void of_one_clock_hour_the_last_forecast_stays(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;
	time_t issued_at = 0;

	open_store(fixture);
	put_forecast(fixture, T0 - 1, 90, 0);
	put_forecast(fixture, T0, 100, 0);
	put_forecast(fixture, T0 + 1800, 200, 0);
	put_forecast(fixture, T0 + 900, 300, 0);
	put_forecast(fixture, T0 + 3599, 400, 0);
	put_forecast(fixture, T0 + 3600, 500, 0);
	assert_int_equal(number(fixture, "SELECT count(*) FROM forecast"), 3);
	assert_int_equal(number(fixture, "SELECT count(*) FROM forecast_point"), 3 * 96);
	assert_int_equal(number(fixture, "SELECT count(DISTINCT mg_kwh) FROM forecast_point WHERE mg_kwh IN "
					 "(90000, 400000, 500000)"), 3);
	carbon_series_init(&series);
	assert_int_equal(carbon_store_forecast_last(fixture->store, ZONE, SIGNAL, "file", &issued_at, &series,
						    &fixture->err), 0);
	assert_int_equal(issued_at, T0 + 3600);
	assert_int_equal(series.count, 96);
	assert_true(series.points[0].g_kwh == 500 && series.points[0].at == T0);
	series.count = 0;
	assert_int_equal(carbon_store_forecast_last(fixture->store, ZONE, SIGNAL, "nobody", &issued_at, &series,
						    &fixture->err), 0);
	assert_int_equal(series.count, 0);
	carbon_series_fini(&series);
}

static void the_file_is_not_for_everybody(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;

	open_store(fixture);
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 0027, 0);
}

static void write_bytes(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static void assert_refused(struct fixture *fixture, bool read_only, const char *part)
{
	struct carbon_store *store = (struct carbon_store *)fixture;

	assert_int_equal(carbon_store_open(fixture->path, read_only, &store, &fixture->err), -1);
	assert_null(store);
	if (!strstr(fixture->err.text, part) || !strstr(fixture->err.text, fixture->path))
		fail_msg("\"%s\" lacks \"%s\" or the path", fixture->err.text, part);
}

static void a_file_of_something_else_is_named_and_kept(void **state)
{
	static const char TEXT[] = "zone,time,intensity\nDE,2026-01-01T00:00Z,123\n";
	struct fixture *fixture = *state;
	struct stat status;
	char page[8192];

	memset(page, 'x', sizeof(page));
	memcpy(page, TEXT, sizeof(TEXT));
	write_bytes(fixture->path, page, sizeof(page));
	assert_refused(fixture, false, "settle --since");
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_size, sizeof(page));
}

static void a_damaged_page_is_named(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_series series;
	FILE *file;
	char junk[4096];
	int rc;

	open_store(fixture);
	fill(&series, T0, 3000, 3600, 100);
	put(fixture, "file", T0, &series);
	carbon_db_run(fixture->store, "PRAGMA wal_checkpoint(TRUNCATE)", &fixture->err);
	carbon_store_close(fixture->store);
	fixture->store = NULL;
	file = fopen(fixture->path, "r+");
	assert_non_null(file);
	memset(junk, 0x5a, sizeof(junk));
	for (long page = 2; page < 20; page++) {
		fseek(file, page * 4096, SEEK_SET);
		fwrite(junk, 1, sizeof(junk), file);
	}
	assert_int_equal(fclose(file), 0);
	carbon_series_init(&series);
	rc = carbon_store_open(fixture->path, false, &fixture->store, &fixture->err);
	if (rc == 0)
		rc = carbon_store_history_get(fixture->store, ZONE, SIGNAL, NULL, T0, T0 + 99999999,
					      &series, &fixture->err);
	carbon_series_fini(&series);
	assert_int_equal(rc, -1);
	assert_non_null(strstr(fixture->err.text, "damaged"));
	assert_non_null(strstr(fixture->err.text, fixture->path));
}

static void another_programs_database_is_left_alone(void **state)
{
	struct fixture *fixture = *state;
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(fixture->path, &db), SQLITE_OK);
	sqlite3_exec(db, "CREATE TABLE theirs (x); PRAGMA user_version = 0", NULL, NULL, NULL);
	sqlite3_close(db);
	assert_refused(fixture, false, "another program");
}

static void a_newer_version_is_refused(void **state)
{
	struct fixture *fixture = *state;

	open_store(fixture);
	carbon_db_run(fixture->store, "PRAGMA user_version = 999", &fixture->err);
	carbon_store_close(fixture->store);
	fixture->store = NULL;
	assert_refused(fixture, false, "999");
	assert_refused(fixture, true, "999");
}

static void reading_makes_no_file(void **state)
{
	struct fixture *fixture = *state;

	assert_refused(fixture, true, "carbon-forecaster");
	assert_int_equal(access(fixture->path, F_OK), -1);
}

static void a_missing_folder_is_named(void **state)
{
	struct fixture *fixture = *state;
	char kept[sizeof(fixture->path)];

	memcpy(kept, fixture->path, sizeof(kept));
	snprintf(fixture->path, sizeof(fixture->path), "%s/no/carbon.db", fixture->folder);
	assert_refused(fixture, false, "No such file");
	memcpy(fixture->path, kept, sizeof(kept));
}

/* A file as version 1 left it, with one run. */
static void make_version_1(struct fixture *fixture)
{
	const struct carbon_schema first = {1, carbon_schema.step};
	struct carbon_store old = {.path = fixture->path};

	assert_int_equal(sqlite3_open(fixture->path, &old.db), SQLITE_OK);
	assert_int_equal(carbon_schema_apply(&old, &first, &fixture->err), 0);
	assert_int_equal(carbon_db_run(&old,
				       "INSERT INTO name VALUES (1, 'alpha');"
				       "INSERT INTO run VALUES (1, 7, 1000, 2000, 900, 0, 0, 1, 1, 1, 1, 1, 1, 3, 0, 60,"
				       " 1000, 1, 4, 8, 0, 1, 1, 100, 50, 1.5, 2, 2, 2, NULL, 0, NULL, 0, 0, 0, 0, NULL,"
				       " 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,"
				       " NULL, NULL, 0, NULL, NULL, 3000);",
				       &fixture->err),
			 0);
	sqlite3_close(old.db);
}

static void an_older_version_is_migrated_with_a_copy_kept(void **state)
{
	struct fixture *fixture = *state;
	char copy[128];

	make_version_1(fixture);
	assert_int_equal(carbon_store_open(fixture->path, true, &fixture->store, &fixture->err), -1);
	assert_non_null(strstr(fixture->err.text, "carbonctl settle"));
	open_store(fixture);
	assert_int_equal(number(fixture, "PRAGMA user_version"), carbon_schema.steps);
	assert_int_equal(number(fixture, "SELECT JobIDRaw FROM jobs WHERE energy_kwh = 2 AND Eligible IS NULL"), 7);
	assert_int_equal(number(fixture, "SELECT count(*) FROM places"), 0);
	snprintf(copy, sizeof(copy), "%s.v1.bak", fixture->path);
	assert_int_equal(access(copy, F_OK), 0);
}

/* A file as version 2 left it, with one run. */
static void make_version_2(struct fixture *fixture)
{
	const struct carbon_schema second = {2, carbon_schema.step};
	struct carbon_store old = {.path = fixture->path};
	char copy[128];

	make_version_1(fixture);
	assert_int_equal(sqlite3_open(fixture->path, &old.db), SQLITE_OK);
	assert_int_equal(carbon_schema_apply(&old, &second, &fixture->err), 0);
	sqlite3_close(old.db);
	snprintf(copy, sizeof(copy), "%s.v1.bak", fixture->path);
	assert_int_equal(unlink(copy), 0);
}

static void version_2_gets_promises_and_opt_outs_with_a_copy_kept(void **state)
{
	struct fixture *fixture = *state;
	char copy[128];

	make_version_2(fixture);
	open_store(fixture);
	assert_int_equal(number(fixture, "PRAGMA user_version"), carbon_schema.steps);
	assert_int_equal(number(fixture, "SELECT JobIDRaw FROM jobs WHERE finish_by IS NULL AND opt_out IS NULL"), 7);
	assert_int_equal(number(fixture, "SELECT count(*) FROM unstarted"), 0);
	snprintf(copy, sizeof(copy), "%s.v2.bak", fixture->path);
	assert_int_equal(unlink(copy), 0);
}

static void a_step_that_fails_half_way_leaves_nothing(void **state)
{
	const char *steps[8] = {""};
	struct carbon_schema broken = {carbon_schema.steps + 1, steps};
	struct fixture *fixture = *state;
	char copy[128];

	steps[carbon_schema.steps] = "CREATE TABLE other (x); CREATE TABLE run (x);";
	open_store(fixture);
	assert_int_equal(carbon_schema_apply(fixture->store, &broken, &fixture->err), -1);
	assert_int_equal(number(fixture, "PRAGMA user_version"), carbon_schema.steps);
	assert_int_equal(number(fixture, "SELECT count(*) FROM sqlite_master WHERE name = 'other'"), 0);
	snprintf(copy, sizeof(copy), "%s.v%zu.bak", fixture->path, carbon_schema.steps);
	assert_int_equal(unlink(copy), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_put_comes_back_after_reopening),
		TEST(putting_twice_changes_nothing),
		TEST(the_newest_revision_counts),
		TEST(a_preferred_source_is_not_cut_up_by_a_lesser_one),
		TEST(signals_and_zones_stay_apart),
		TEST(rollback_undoes_nested_puts),
		TEST(a_forecast_is_kept_as_issued_and_forgotten_when_old),
		TEST(of_one_clock_hour_the_last_forecast_stays),
		TEST(the_file_is_not_for_everybody),
		TEST(a_file_of_something_else_is_named_and_kept),
		TEST(a_damaged_page_is_named),
		TEST(another_programs_database_is_left_alone),
		TEST(a_newer_version_is_refused),
		TEST(reading_makes_no_file),
		TEST(a_missing_folder_is_named),
		TEST(version_2_gets_promises_and_opt_outs_with_a_copy_kept),
		TEST(an_older_version_is_migrated_with_a_copy_kept),
		TEST(a_step_that_fails_half_way_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
