/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who has been right gets the weight, at each lead for itself; who has not been tried gets a
 * first guess. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "forecaster/blend.h"

#define HOURS 2000

static struct carbon_blend blend;

static void add(size_t lead_h, double age_days, double theirs, double ours, double truth)
{
	const struct carbon_blend_past hour = {lead_h, age_days, theirs, ours, truth};

	carbon_blend_add(&blend, &hour);
}

/* Hours in which theirs is off by A and ours by B, in turns of opposite sign. */
static void add_hours(size_t lead_h, double age_days, double a, double b)
{
	for (int i = 0; i < HOURS; i++) {
		double truth = 300 + i % 50;

		add(lead_h, age_days, truth + (i % 2 ? a : -a), truth + (i % 3 ? b : -b),
		    truth);
	}
}

static void test_nothing_known_is_a_first_guess(void **state)
{
	(void)state;
	carbon_blend_init(&blend);
	assert_float_equal(carbon_blend_weight(&blend, 0), 0.7, 1e-9);
	add(0, 0, NAN, 100, 100);
	add(0, 0, 100, NAN, 100);
	add(0, 0, 100, 100, NAN);
	assert_float_equal(carbon_blend_weight(&blend, 0), 0.7, 1e-9);
	add_hours(0, 1, 0, 20); /* and nothing spoilt */
	assert_true(carbon_blend_weight(&blend, 0) > 0.98);
}

static void test_who_was_right_is_believed(void **state)
{
	(void)state;
	carbon_blend_init(&blend);
	add_hours(3, 1, 0, 20);
	add_hours(30, 1, 20, 0);
	add_hours(60, 1, 20, 20);
	assert_true(carbon_blend_weight(&blend, 0) > 0.98);
	assert_true(carbon_blend_weight(&blend, 24) < 0.03);
	assert_true(fabs(carbon_blend_weight(&blend, 71) - 0.5) < 0.03);
	assert_float_equal(carbon_blend_weight(&blend, 72), 0.7, 1e-9);
	assert_float_equal(carbon_blend_weight(&blend, 500), 0.7, 1e-9);
}

static void test_a_few_hours_prove_little(void **state)
{
	(void)state;
	carbon_blend_init(&blend);
	for (int i = 0; i < 6; i++)
		add(0, 0, 400, 300, 300);
	assert_true(carbon_blend_weight(&blend, 0) > 0.6);
	assert_true(carbon_blend_weight(&blend, 0) < 0.7);
}

static void test_known_is_what_many_hours_told(void **state)
{
	(void)state;
	carbon_blend_init(&blend);
	for (int i = 0; i < 119; i++)
		add(30, 0, 310, 300, 305);
	assert_false(carbon_blend_is_known(&blend, 47));
	add(24, 0, 310, 300, 305);
	assert_true(carbon_blend_is_known(&blend, 47));
	assert_false(carbon_blend_is_known(&blend, 23));
	assert_false(carbon_blend_is_known(&blend, 48));
}

static void test_lately_counts_more_than_long_ago(void **state)
{
	(void)state;
	carbon_blend_init(&blend);
	add_hours(0, 90, 0, 20); /* once, theirs was right; three half-lives ago */
	add_hours(0, 0, 20, 0);
	assert_true(carbon_blend_weight(&blend, 0) < 0.2);
}

static void test_nobody_is_bet_against(void **state)
{
	(void)state;
	carbon_blend_init(&blend);
	for (int i = 0; i < HOURS; i++) /* theirs errs twice as far to the same side */
		add(0, 0, 340, 320, 300);
	assert_float_equal(carbon_blend_weight(&blend, 0), 0, 1e-9);
	carbon_blend_init(&blend);
	for (int i = 0; i < HOURS; i++)
		add(0, 0, 320, 340, 300);
	assert_float_equal(carbon_blend_weight(&blend, 0), 1, 1e-9);
}

static void test_the_band_moves_with_the_blend(void **state)
{
	struct carbon_blend_hour hour = {200, 100, 90, 130};
	struct carbon_blend_hour low = {0, 100, 20, 130};
	struct carbon_blend_hour none = {NAN, 100, 90, 130};

	(void)state;
	carbon_blend_init(&blend);
	carbon_blend_mix(&blend, 0, &hour);
	assert_float_equal(hour.ours_g_kwh, 170, 1e-6);
	assert_float_equal(hour.low_g_kwh, 160, 1e-6);
	assert_float_equal(hour.high_g_kwh, 200, 1e-6);
	carbon_blend_mix(&blend, 0, &low);
	assert_float_equal(low.ours_g_kwh, 30, 1e-6);
	assert_float_equal(low.low_g_kwh, 0, 1e-9);
	assert_float_equal(low.high_g_kwh, 60, 1e-6);
	carbon_blend_mix(&blend, 0, &none);
	assert_float_equal(none.ours_g_kwh, 100, 1e-9);
	assert_float_equal(none.low_g_kwh, 90, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_known_is_a_first_guess),
		cmocka_unit_test(test_who_was_right_is_believed),
		cmocka_unit_test(test_a_few_hours_prove_little),
		cmocka_unit_test(test_known_is_what_many_hours_told),
		cmocka_unit_test(test_lately_counts_more_than_long_ago),
		cmocka_unit_test(test_nobody_is_bet_against),
		cmocka_unit_test(test_the_band_moves_with_the_blend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
