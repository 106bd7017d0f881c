/* SPDX-License-Identifier: GPL-2.0-or-later */
/* History: order and duplicates, holes that stay holes, and sums against a count second by second. */
#include "tests/unit/unit.h"

#include "lib/err.h"
#include "lib/series.h"
#include "lib/time.h"

#define T0 ((time_t)1790000000 / 3600 * 3600)

static void add(struct carbon_series *series, time_t at, double g_kwh, enum carbon_kind kind)
{
	struct carbon_point point = {.at = at, .g_kwh = g_kwh, .kind = kind};
	struct carbon_err err;

	assert_int_equal(carbon_series_add(series, point, &err), 0);
}

static void points_are_sorted_and_the_last_of_equals_stays(void **state)
{
	struct carbon_series series;

	(void)state;
	carbon_series_init(&series);
	add(&series, T0 + 7200, 3, CARBON_KIND_MEASURED);
	add(&series, T0, 1, CARBON_KIND_MEASURED);
	add(&series, T0 + 3600, 2, CARBON_KIND_MEASURED);
	add(&series, T0, 10, CARBON_KIND_ESTIMATED);
	add(&series, T0, 11, CARBON_KIND_MEASURED);
	assert_int_equal(carbon_series_sort(&series), 2);
	assert_int_equal(series.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(series.points[i].at, T0 + (time_t)i * 3600);
	assert_near(series.points[0].g_kwh, 11, 0);
	assert_int_equal(carbon_series_sort(&series), 0);
	/* What is added after a sort counts as later than all before it. */
	add(&series, T0 + 3600, 20, CARBON_KIND_MEASURED);
	assert_int_equal(carbon_series_sort(&series), 1);
	assert_near(series.points[1].g_kwh, 20, 0);
	carbon_series_fini(&series);
}

static void wrong_points_are_refused(void **state)
{
	static const struct {
		time_t at;
		double g_kwh;
		const char *message;
	} rows[] = {
		{T0, -1, "-1 g/kWh"},	    {T0, 2000.1, "2000.1 g/kWh"}, {T0, 40000, "40000 g/kWh"}, {T0, NAN, "nan g/kWh"},
		{T0, INFINITY, "inf g/kWh"}, {CARBON_TIME_MIN - 1, 1, "time 946684799"}, {CARBON_TIME_MAX, 1, "time 4102444800"}, {0, 1, "time 0"}};
	struct carbon_series series;

	(void)state;
	carbon_series_init(&series);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_point point = {.at = rows[i].at, .g_kwh = rows[i].g_kwh};
		struct carbon_err err;

		assert_row(rows[i].message, carbon_series_add(&series, point, &err) == -1);
		assert_row(err.text, strstr(err.text, rows[i].message) != NULL);
	}
	assert_int_equal(series.count, 0);
	add(&series, T0, 0, CARBON_KIND_MEASURED);
	add(&series, T0, 2000, CARBON_KIND_MEASURED);
	carbon_series_fini(&series);
}

/* What the integral must be, second by second. */
static struct carbon_integral by_seconds(const struct carbon_series *series, time_t from, time_t to)
{
	struct carbon_integral sum = {0};

	for (time_t at = from; at < to; at++) {
		const struct carbon_point *last = NULL;

		for (size_t i = 0; i < series->count && series->points[i].at <= at; i++)
			last = &series->points[i];
		if (!last || at - last->at >= CARBON_STEP_MAX_S) {
			sum.missing_s++;
			continue;
		}
		sum.known_s++;
		sum.g_s_kwh += last->g_kwh;
		sum.estimated_s += last->kind != CARBON_KIND_MEASURED;
	}
	return sum;
}

static void integrals_equal_a_count_by_seconds(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct carbon_series series;
		size_t count = (size_t)dice_between(&dice, 0, 12);
		time_t from = T0 + (time_t)dice_between(&dice, -5000, 20000);
		time_t to = from + (time_t)dice_between(&dice, -10, 20000);
		struct carbon_integral sum, expected;

		carbon_series_init(&series);
		for (size_t i = 0; i < count; i++)
			add(&series, T0 + (time_t)dice_between(&dice, 0, 20000), dice_real(&dice, 0, 2000),
			    dice_chance(&dice, 50) ? CARBON_KIND_MEASURED : CARBON_KIND_ESTIMATED);
		carbon_series_sort(&series);
		sum = carbon_series_integrate(&series, from, to);
		expected = by_seconds(&series, from, to);
		assert_near(sum.g_s_kwh, expected.g_s_kwh, 1e-4);
		assert_near(sum.known_s, expected.known_s, 0);
		assert_near(sum.estimated_s, expected.estimated_s, 0);
		assert_near(sum.missing_s, expected.missing_s, 0);
		carbon_series_fini(&series);
	}
}

static void a_point_holds_for_an_hour_at_most(void **state)
{
	struct carbon_series series;
	struct carbon_integral sum;

	(void)state;
	carbon_series_init(&series);
	add(&series, T0, 100, CARBON_KIND_MEASURED);
	add(&series, T0 + 4 * 3600, 300, CARBON_KIND_ESTIMATED);
	sum = carbon_series_integrate(&series, T0, T0 + 5 * 3600);
	assert_near(sum.known_s, 7200, 0);
	assert_near(sum.missing_s, 3 * 3600, 0);
	assert_near(sum.estimated_s, 3600, 0);
	assert_near(carbon_integral_mean(&sum), 200, 1e-9);
	sum = carbon_series_integrate(&series, T0 + 3600, T0 + 7200);
	assert_true(isnan(carbon_integral_mean(&sum)));
	carbon_series_fini(&series);
}

static void hours_half_unknown_are_unknown(void **state)
{
	struct carbon_series series;
	double hours[5];

	(void)state;
	carbon_series_init(&series);
	add(&series, T0, 100, CARBON_KIND_MEASURED);
	add(&series, T0 + 1800, 200, CARBON_KIND_MEASURED); /* until half past the next hour */
	add(&series, T0 + 2 * 3600 + 1801, 400, CARBON_KIND_MEASURED);
	carbon_series_hourly(&series, T0 + 59, 5, hours);
	assert_near(hours[0], 150, 1e-9);
	assert_near(hours[1], 200, 1e-9); /* its known half */
	assert_true(isnan(hours[2]));	  /* a second less than half */
	assert_near(hours[3], 400, 1e-9);
	assert_true(isnan(hours[4]));
	carbon_series_fini(&series);
}

static void an_empty_series_knows_nothing(void **state)
{
	struct carbon_series series;
	struct carbon_integral sum;
	double hour;

	(void)state;
	carbon_series_init(&series);
	assert_int_equal(carbon_series_sort(&series), 0);
	sum = carbon_series_integrate(&series, T0, T0 + 10);
	assert_near(sum.missing_s, 10, 0);
	carbon_series_hourly(&series, T0, 1, &hour);
	assert_true(isnan(hour));
	carbon_series_fini(&series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_are_sorted_and_the_last_of_equals_stays),
		cmocka_unit_test(wrong_points_are_refused),
		cmocka_unit_test(integrals_equal_a_count_by_seconds),
		cmocka_unit_test(a_point_holds_for_an_hour_at_most),
		cmocka_unit_test(hours_half_unknown_are_unknown),
		cmocka_unit_test(an_empty_series_knows_nothing),
	};

	return cmocka_run_group_tests_name("series", tests, NULL, NULL);
}
