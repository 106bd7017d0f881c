/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How fast slurmctld is given updates, as slurmdbd keeps up or does not. */
#include "tests/unit/unit.h"

#include "cluster/cluster.h"

static void an_idle_slurmdbd_slows_nothing(void **state)
{
	struct carbon_pace pace = {.per_second = 20, .left = 100, .queue_max = 1000};

	(void)state;
	for (uint32_t queue = 0; queue <= 20; queue++) {
		carbon_pace_heed(&pace, queue);
		assert_int_equal(carbon_pace_rate(&pace), 20);
		assert_false(pace.is_stopped);
	}
}

static void a_growing_queue_halves_the_pace_down_to_a_64th(void **state)
{
	static const uint32_t rates[] = {50, 25, 12, 6, 3, 1, 1, 1};
	struct carbon_pace pace = {.per_second = 100, .left = 100, .queue_max = 1000};

	(void)state;
	for (uint32_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		carbon_pace_heed(&pace, 101 + i);
		assert_int_equal(carbon_pace_rate(&pace), rates[i]);
	}
}

static void a_shrinking_queue_gives_the_pace_back_and_no_more(void **state)
{
	struct carbon_pace pace = {.per_second = 100, .left = 100, .queue_max = 1000};

	(void)state;
	carbon_pace_heed(&pace, 300);
	carbon_pace_heed(&pace, 400);
	assert_int_equal(carbon_pace_rate(&pace), 25);
	carbon_pace_heed(&pace, 350);
	assert_int_equal(carbon_pace_rate(&pace), 50);
	for (int i = 0; i < 3; i++) {
		carbon_pace_heed(&pace, 0);
		assert_int_equal(carbon_pace_rate(&pace), 100);
	}
}

static void a_full_queue_stops_and_an_emptied_one_lets_go_on(void **state)
{
	struct carbon_pace pace = {.per_second = 20, .left = 100, .queue_max = 1000};

	(void)state;
	carbon_pace_heed(&pace, 999);
	assert_false(pace.is_stopped);
	carbon_pace_heed(&pace, 1000);
	assert_true(pace.is_stopped);
	assert_int_equal(pace.queue, 1000);
	carbon_pace_heed(&pace, 10);
	assert_false(pace.is_stopped);
}

static void at_once_becomes_a_pace_only_where_it_must_be_slower(void **state)
{
	struct carbon_pace pace = {.per_second = 0, .left = 100, .queue_max = UINT32_MAX};

	(void)state;
	carbon_pace_heed(&pace, 1000);
	assert_int_equal(carbon_pace_rate(&pace), 0);
	carbon_pace_heed(&pace, 5000);
	assert_int_equal(carbon_pace_rate(&pace), 500);
	assert_false(pace.is_stopped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_idle_slurmdbd_slows_nothing),
		cmocka_unit_test(a_growing_queue_halves_the_pace_down_to_a_64th),
		cmocka_unit_test(a_shrinking_queue_gives_the_pace_back_and_no_more),
		cmocka_unit_test(a_full_queue_stops_and_an_emptied_one_lets_go_on),
		cmocka_unit_test(at_once_becomes_a_pace_only_where_it_must_be_slower),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
