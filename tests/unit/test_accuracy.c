/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How good forecasts have been: the sums by hand, hours that nobody knows, one forecast an hour, and the way
 * through carbon.db.
 */
#include "tests/unit/unit.h"

#include "accounting/store.h"
#include "lib/err.h"
#include "tools/accuracy.h"

#define T0 ((time_t)1772730000) /* a whole hour */
#define HOUR 3600

static void add_flat(struct carbon_series *series, time_t from, int hours, double g_kwh)
{
	for (int i = 0; i < hours; i++)
		assert_int_equal(carbon_series_add(series, (struct carbon_point){.at = from + (time_t)i * HOUR, .g_kwh = g_kwh}, NULL), 0);
}

static void test_each_day_ahead_stands_by_itself(void **state)
{
	struct carbon_accuracies all = {.sources = 0};
	struct carbon_series forecast;
	double actual[100];

	(void)state;
	for (size_t i = 0; i < COUNT(actual); i++)
		actual[i] = 200;
	carbon_series_init(&forecast);
	/* Exact for a day from the hour after the issue, then 10 % too high for a day, then it ends. */
	add_flat(&forecast, T0, 25, 200);
	add_flat(&forecast, T0 + 25 * HOUR, 24, 220);
	carbon_accuracy_add(&all, "a", T0 + 600, &forecast, actual, COUNT(actual), T0);
	assert_int_equal(all.sources, 1);
	assert_int_equal(all.source[0].hours[0], 24);
	assert_near(carbon_accuracy_mae(&all.source[0], 0), 0, 0);
	assert_near(carbon_accuracy_mae(&all.source[0], 1), 20, 1e-9);
	assert_near(carbon_accuracy_mape(&all.source[0], 1), 10, 1e-9);
	assert_int_equal(all.source[0].hours[3], 0);
	assert_true(isnan(carbon_accuracy_mae(&all.source[0], 2)));
	carbon_series_fini(&forecast);
}

static void test_unknown_hours_and_zeros_count_where_they_can(void **state)
{
	struct carbon_accuracies all = {.sources = 0};
	struct carbon_series forecast;
	double actual[4] = {(double)NAN, (double)NAN, 0, 100};

	(void)state;
	carbon_series_init(&forecast);
	add_flat(&forecast, T0, 10, 50);
	carbon_accuracy_add(&all, "a", T0, &forecast, actual, COUNT(actual), T0);
	assert_int_equal(all.source[0].hours[0], 2);
	assert_near(carbon_accuracy_mae(&all.source[0], 0), 50, 1e-9);
	assert_near(carbon_accuracy_mape(&all.source[0], 0), 50, 1e-9);
	carbon_accuracy_add(&all, "late", T0 + 90 * HOUR, &forecast, actual, COUNT(actual), T0);
	assert_true(isnan(carbon_accuracy_mae(&all.source[1], 0)));
	carbon_accuracy_add(&all, "early", T0 - 100 * HOUR, &forecast, actual, COUNT(actual), T0);
	assert_true(isnan(carbon_accuracy_mape(&all.source[2], 3)));
	carbon_series_fini(&forecast);
}

static void test_one_forecast_an_hour_is_scored(void **state)
{
	struct carbon_accuracies all = {.sources = 0};
	struct carbon_series forecast;
	double actual[10] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100};

	(void)state;
	carbon_series_init(&forecast);
	add_flat(&forecast, T0, 10, 50);
	for (int quarter = 0; quarter < 9; quarter++)
		carbon_accuracy_add(&all, "a", T0 + quarter * 900, &forecast, actual, COUNT(actual), T0);
	assert_int_equal(all.source[0].forecasts, 3);
	for (int i = 0; i < 2 * CARBON_ACCURACY_SOURCES_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "s%d", i);
		carbon_accuracy_add(&all, name, T0, &forecast, actual, COUNT(actual), T0);
	}
	assert_int_equal(all.sources, CARBON_ACCURACY_SOURCES_MAX);
	carbon_series_fini(&forecast);
}

static void test_through_carbon_db(void **state)
{
	char folder[] = "/tmp/carbon-accuracy-XXXXXX", path[64], other[80];
	struct carbon_store *store = NULL;
	struct carbon_accuracies all = {.sources = 0};
	struct carbon_series history, good, bad;
	struct carbon_err err = {""};
	static const char *const left[] = {"", "-wal", "-shm"};

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/carbon.db", folder);
	carbon_series_init(&history);
	carbon_series_init(&good);
	carbon_series_init(&bad);
	add_flat(&history, T0, 48, 100);
	add_flat(&good, T0, 48, 101);
	add_flat(&bad, T0, 48, 150);
	assert_int_equal(carbon_store_open(path, false, &store, &err), 0);
	assert_int_equal(carbon_store_history_put(store, "DE", CARBON_SIGNAL_LIFECYCLE, "x", T0, &history, NULL, &err), 0);
	assert_int_equal(carbon_store_forecast_put(store, "DE", CARBON_SIGNAL_LIFECYCLE, "good", T0, &good, T0 - 1, &err), 0);
	assert_int_equal(carbon_store_forecast_put(store, "DE", CARBON_SIGNAL_LIFECYCLE, "bad", T0, &bad, T0 - 1, &err), 0);
	assert_int_equal(carbon_store_forecast_put(store, "DE", CARBON_SIGNAL_LIFECYCLE, "bad", T0 + HOUR, &bad, T0 - 1, &err), 0);
	assert_int_equal(carbon_store_forecast_put(store, "DE", CARBON_SIGNAL_MARGINAL, "other", T0, &bad, T0 - 1, &err), 0);
	assert_int_equal(carbon_accuracy_read(store, "DE", CARBON_SIGNAL_LIFECYCLE, T0 - 86400, T0 + 40 * HOUR, &all, &err), 0);
	assert_int_equal(all.sources, 2);
	assert_string_equal(all.source[0].source, "bad");
	assert_int_equal(all.source[0].forecasts, 2);
	assert_near(carbon_accuracy_mae(&all.source[0], 1), 50, 1e-9);
	assert_near(carbon_accuracy_mape(&all.source[1], 1), 1, 1e-9);
	/* 39 whole hours lie between the hour and now. */
	assert_int_equal(all.source[1].hours[0], 24);
	assert_int_equal(all.source[1].hours[1], 15);
	/* What was issued in this very second has been issued; nothing of it is known. */
	assert_int_equal(carbon_accuracy_read(store, "DE", CARBON_SIGNAL_LIFECYCLE, T0, T0 + HOUR, &all, &err), 0);
	assert_int_equal(all.source[0].forecasts, 2);
	assert_int_equal(carbon_accuracy_read(store, "FR", CARBON_SIGNAL_LIFECYCLE, T0, T0 + HOUR, &all, &err), 0);
	assert_int_equal(all.sources, 0);
	carbon_store_close(store);
	carbon_series_fini(&history);
	carbon_series_fini(&good);
	carbon_series_fini(&bad);
	for (size_t i = 0; i < COUNT(left); i++) {
		snprintf(other, sizeof(other), "%s%s", path, left[i]);
		unlink(other);
	}
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_day_ahead_stands_by_itself),
		cmocka_unit_test(test_unknown_hours_and_zeros_count_where_they_can),
		cmocka_unit_test(test_one_forecast_an_hour_is_scored),
		cmocka_unit_test(test_through_carbon_db),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
