/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-ups in a curve against the definition: value by scanning, integral by adding seconds. */
#include "tests/unit/curves.h"

#define T0 ((time_t)1790000000)

static double value_by_scan(const struct carbon_curve *curve, time_t at)
{
	size_t i = 0;

	while (i + 1 < curve->count && curve->start_at + (time_t)curve->knot_s[i + 1] <= at)
		i++;
	return (double)curve->value[i];
}

static void values_and_integrals_equal_a_count_by_seconds(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store store;

	(void)state;
	for (int round = 0; round < 200; round++) {
		const struct carbon_curve *curve = &store.curve;
		double sum = 0;
		time_t end, middle;

		curve_roll(&dice, &store, T0, (size_t)dice_between(&dice, 1, CURVE_MAX), 40);
		end = carbon_curve_end(curve);
		middle = T0 + (time_t)dice_between(&dice, 0, end - T0);
		for (time_t at = T0; at < end; at++) {
			double value = value_by_scan(curve, at);

			assert_near(carbon_curve_value(curve, at), value, 0);
			assert_near(carbon_curve_integral(curve, T0, at), sum, 1e-6);
			assert_near(carbon_curve_integral(curve, at, end), curve->sum[curve->count] - sum, 1e-6);
			sum += value;
		}
		assert_near(carbon_curve_integral(curve, T0, end), sum, 1e-6);
		assert_near(carbon_curve_integral(curve, middle, middle), 0, 0);
		assert_near(carbon_curve_integral(curve, T0, middle) + carbon_curve_integral(curve, middle, end), sum, 1e-6);
	}
}

static void look_ups_outside_meet_the_nearest_segment(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store store;

	(void)state;
	curve_roll(&dice, &store, T0, 7, 100);
	assert_int_equal(carbon_curve_segment(&store.curve, T0 - 1), 0);
	assert_int_equal(carbon_curve_segment(&store.curve, T0), 0);
	assert_int_equal(carbon_curve_segment(&store.curve, carbon_curve_end(&store.curve) - 1), 6);
	assert_int_equal(carbon_curve_segment(&store.curve, carbon_curve_end(&store.curve)), 6);
	assert_int_equal(carbon_curve_segment(&store.curve, carbon_curve_end(&store.curve) + 1000000), 6);
}

/* Five minutes, then hours: where a segment is guessed to be is right, next to it, or far off. */
static void look_ups_do_not_need_a_regular_curve(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store store;
	const struct carbon_curve *curve = &store.curve;

	(void)state;
	for (int round = 0; round < 200; round++) {
		size_t turn = (size_t)dice_between(&dice, 0, CURVE_MAX);
		uint32_t hair_s = (uint32_t)dice_between(&dice, 0, 299); /* the first one is cut */

		curve_roll(&dice, &store, T0, CURVE_MAX, 1);
		for (size_t i = 1; i <= CURVE_MAX; i++)
			store.knot_s[i] = store.knot_s[i - 1] + (i < turn ? 300 : 3600) - (i == 1 ? hair_s : 0);
		for (size_t i = 0; i < CURVE_MAX; i++) {
			time_t from = T0 + (time_t)store.knot_s[i], to = T0 + (time_t)store.knot_s[i + 1];

			assert_int_equal(carbon_curve_segment(curve, from), i);
			assert_int_equal(carbon_curve_segment(curve, from + (to - from) / 2), i);
			assert_int_equal(carbon_curve_segment(curve, to - 1), i);
		}
	}
}

static void a_curve_has_what_lies_within(void **state)
{
	static const uint32_t knot_s[] = {0, 100};
	static const float value[] = {50};
	static const double sum[] = {0, 5000};
	struct carbon_curve curve = {T0, 1, knot_s, value, sum, NULL}, empty = {.start_at = T0};

	(void)state;
	assert_true(carbon_curve_has(&curve, T0, T0 + 100));
	assert_true(carbon_curve_has(&curve, T0 + 100, T0 + 100));
	assert_false(carbon_curve_has(&curve, T0 - 1, T0 + 100));
	assert_false(carbon_curve_has(&curve, T0, T0 + 101));
	assert_false(carbon_curve_has(&curve, T0 + 60, T0 + 50));
	assert_false(carbon_curve_has(&empty, T0, T0));
}

/* One kilowatt for one hour at 412 g/kWh is 412 g. */
static void a_kilowatt_hour_weighs_its_intensity(void **state)
{
	static const uint32_t knot_s[] = {0, 3600};
	static const float value[] = {412};
	double sum[2];
	struct carbon_curve curve = {T0, 1, knot_s, value, sum, NULL};

	(void)state;
	carbon_curve_sum(1, knot_s, value, sum);
	assert_near(carbon_curve_mass_g(&curve, T0, T0 + 3600, 1000), 412, 1e-9);
	assert_near(carbon_curve_mass_g(&curve, T0, T0 + 1800, 500), 103, 1e-9);
}

/* No moment of a block lies outside of its swing, and both ends of the swing are reached. */
static void swings_hold_every_moment(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store store;

	(void)state;
	for (int round = 0; round < 200; round++) {
		const struct carbon_curve *curve = &store.curve;

		curve_roll(&dice, &store, T0, (size_t)dice_between(&dice, 1, CURVE_MAX), 40);
		curve_swing(&store);
		for (size_t first = 0; first < curve->count; first += CARBON_CURVE_BLOCK) {
			size_t end = first + CARBON_CURVE_BLOCK < curve->count ? first + CARBON_CURVE_BLOCK : curve->count;
			const struct carbon_swing *swing = &store.swing[first / CARBON_CURVE_BLOCK];
			double least = INFINITY, most = -INFINITY;

			for (time_t at = T0 + curve->knot_s[first]; at <= T0 + curve->knot_s[end]; at++) {
				double value = carbon_curve_integral(curve, T0, at) -
					       carbon_curve_mean(curve) * (double)(at - T0);

				least = fmin(least, value);
				most = fmax(most, value);
			}
			assert_near(swing->least, least, 1e-6);
			assert_near(swing->most, most, 1e-6);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_integrals_equal_a_count_by_seconds),
		cmocka_unit_test(look_ups_outside_meet_the_nearest_segment),
		cmocka_unit_test(look_ups_do_not_need_a_regular_curve),
		cmocka_unit_test(a_curve_has_what_lies_within),
		cmocka_unit_test(a_kilowatt_hour_weighs_its_intensity),
		cmocka_unit_test(swings_hold_every_moment),
	};

	return cmocka_run_group_tests_name("curve", tests, NULL, NULL);
}
