/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays with a limit of tasks at once, found among the jobs of a cluster, with what runs of them. */
#include "tests/unit/unit.h"

#include "tools/mates.h"

#define NOW ((time_t)1791168000)
#define HOUR_S 3600

static void only_arrays_with_a_limit_have_mates_and_what_runs_is_counted(void **state)
{
	char text[] = "[carbon/1 at=1791160000 level=default delayed=1 base=1791160000 begin=1791164400 latest=1791208380 "
		      "run=7200 runby=user w=1000 g=600 baseg=1000 highg=700 signal=average-lifecycle "
		      "kind=forecast issued=1791160000 source=synthetic zone=DE part=batch policy=lowest-window]";
	struct carbon_live_job job[] = {
		{.id = 30, .array_id = 30, .is_pending = true, .tasks = 4, .at_once = 2},
		{.id = 31, .array_id = 30, .is_running = true, .at_once = 2, .start_at = NOW - HOUR_S,
		 .end_at = NOW + 9 * HOUR_S, .comment = text},
		{.id = 32, .array_id = 30, .is_running = true, .at_once = 2, .start_at = NOW - HOUR_S, .end_at = NOW + 3 * HOUR_S},
		{.id = 33, .array_id = 30, .is_finished = true, .at_once = 2, .end_at = NOW + HOUR_S},
		{.id = 10, .array_id = 10, .is_pending = true, .tasks = 4},
		{.id = 20, .array_id = 20, .is_running = true, .at_once = 1},
		{.id = 12, .array_id = 12, .is_pending = true, .at_once = 1},
		{.id = 7, .is_pending = true},
	};
	const struct carbon_live live = {.jobs = COUNT(job), .job = job};
	struct carbon_mates_list list;
	struct carbon_load *load;

	(void)state;
	assert_int_equal(carbon_mates_init(&list, &live, NOW), 0);
	assert_int_equal(list.count, 2);
	load = carbon_mates_find(&list, &job[0]);
	assert_non_null(load);
	assert_ptr_equal(load, carbon_mates_find(&list, &job[1]));
	assert_near(carbon_load_nodes(load, 0, NOW), 2, 1e-6);
	assert_near(carbon_load_nodes(load, 0, NOW + 2 * HOUR_S), 1, 1e-6); /* one is expected to be over */
	assert_near(carbon_load_nodes(load, 0, NOW + 4 * HOUR_S), 0, 1e-6);
	assert_null(carbon_mates_find(&list, &job[4]));
	assert_null(carbon_mates_find(&list, &job[5])); /* nothing of it waits */
	assert_non_null(carbon_mates_find(&list, &job[6]));
	assert_null(carbon_mates_find(&list, &job[7]));
	carbon_mates_fini(&list);
	assert_null(carbon_mates_find(&list, &job[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_arrays_with_a_limit_have_mates_and_what_runs_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
