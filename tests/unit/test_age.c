/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a wait costs in priority: in proportion, up to the greatest age, and nothing where age does not count. */
#include "tests/unit/unit.h"

#include "lib/age.h"

static void points_grow_with_the_wait_up_to_the_greatest_age(void **state)
{
	const struct carbon_age age = {.counts = true, .weight = 10000, .most_s = 7200};

	(void)state;
	assert_int_equal(carbon_age_points(&age, 3600), 5000);
	assert_int_equal(carbon_age_points(&age, 7200), 10000);
	assert_int_equal(carbon_age_points(&age, 7201), 10000);
	assert_int_equal(carbon_age_points(&age, (time_t)1 << 40), 10000);
	assert_int_equal(carbon_age_points(&age, 0), 0);
	assert_int_equal(carbon_age_points(&age, -5), 0);
}

static void where_age_does_not_count_nothing_was_lost(void **state)
{
	const struct carbon_age basic = {.counts = false, .weight = 10000, .most_s = 7200};
	const struct carbon_age endless = {.counts = true, .weight = 10000, .most_s = 0};
	const struct carbon_age heavy = {.counts = true, .weight = UINT32_MAX, .most_s = 1};

	(void)state;
	assert_int_equal(carbon_age_points(&basic, 3600), 0);
	assert_int_equal(carbon_age_points(&endless, 3600), 0);
	assert_int_equal(carbon_age_points(&heavy, 3600), 1000000000); /* a nice value can still be that */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(points_grow_with_the_wait_up_to_the_greatest_age),
		cmocka_unit_test(where_age_does_not_count_nothing_was_lost),
	};

	return cmocka_run_group_tests_name("age", tests, NULL, NULL);
}
