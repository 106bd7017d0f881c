/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words for intensity: every name comes back, in any case; zones and values that no grid has are refused. */
#include "tests/unit/unit.h"

#include "lib/intensity.h"

static void names_come_back_in_any_case(void **state)
{
	enum carbon_signal signal = CARBON_SIGNALS;
	enum carbon_kind kind = CARBON_KINDS;

	(void)state;
	for (int i = 0; i < CARBON_SIGNALS; i++) {
		assert_true(carbon_signal_find(carbon_signal_name((enum carbon_signal)i), &signal));
		assert_int_equal(signal, i);
	}
	for (int i = 0; i < CARBON_KINDS; i++) {
		assert_true(carbon_kind_find(carbon_kind_name((enum carbon_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	assert_true(carbon_signal_find("AVERAGE-Lifecycle", &signal));
	assert_int_equal(signal, CARBON_SIGNAL_LIFECYCLE);
	assert_true(carbon_kind_find("Forecast", &kind));
	assert_int_equal(kind, CARBON_KIND_FORECAST);
}

static void other_names_leave_the_answer_alone(void **state)
{
	static const char *const wrong[] = {"", "average", "average-lifecycle ", "lifecycle", "forecasted", "2"};
	enum carbon_signal signal = CARBON_SIGNAL_MARGINAL;
	enum carbon_kind kind = CARBON_KIND_PROFILE;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		assert_row(wrong[i], !carbon_signal_find(wrong[i], &signal));
		assert_row(wrong[i], !carbon_kind_find(wrong[i], &kind));
	}
	assert_int_equal(signal, CARBON_SIGNAL_MARGINAL);
	assert_int_equal(kind, CARBON_KIND_PROFILE);
}

static void zones_are_short_names(void **state)
{
	static const char *const right[] = {"DE", "US-CAL-CISO", "SE-SE3", "de", "A", "X_1",
					    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstu"}; /* 47 */
	static const char *const wrong[] = {"", "1DE", "-DE", "DE FR", "DE/FR", "../DE", "DE\n", "D\xc3\x84", "DE=", "DE,FR",
					    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuv"};

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++)
		assert_row(right[i], carbon_zone_is_valid(right[i]));
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_row(wrong[i], !carbon_zone_is_valid(wrong[i]));
}

static void values_are_between_nothing_and_two_thousand(void **state)
{
	(void)state;
	assert_true(carbon_intensity_is_plausible(0));
	assert_true(carbon_intensity_is_plausible(2000));
	assert_false(carbon_intensity_is_plausible(-0.001));
	assert_false(carbon_intensity_is_plausible(2000.001));
	assert_false(carbon_intensity_is_plausible(40000));
	assert_false(carbon_intensity_is_plausible(NAN));
	assert_false(carbon_intensity_is_plausible(INFINITY));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_back_in_any_case),
		cmocka_unit_test(other_names_leave_the_answer_alone),
		cmocka_unit_test(zones_are_short_names),
		cmocka_unit_test(values_are_between_nothing_and_two_thousand),
	};

	return cmocka_run_group_tests_name("intensity", tests, NULL, NULL);
}
