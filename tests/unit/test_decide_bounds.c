/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What bounds the begin in the plain world: run times, promised ends, walls, begins of the job's own, the end of the
 * outlook and caps.
 */
#include "tests/unit/decide_world.h"
#include "tests/unit/world.h"

#define MARGIN_S (600 + 120 + 60) /* the plain world's */

static void run_times_come_from_user_limit_or_partition(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	world.job.limit_s = 0;
	assert_int_equal(world_decide(&world).record.runtime_s, 3600);
	world.place[0].default_limit_s = 0;
	world.place[0].max_limit_s = 10800;
	assert_int_equal(world_decide(&world).record.runtime_s, 10800);
	world.place[0].max_limit_s = 0;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_LIMIT);
	world.job.request.runtime_s = 5400; /* without a limit it is delayed, but promised nothing */
	decision = world_decide(&world);
	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_int_equal(decision.record.runtime_source, CARBON_RUNTIME_USER);
	assert_int_equal(decision.record.runtime_s, 5400);
	world.job.request.finish_by_at = WORLD_NOW + 20 * HOUR_S;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_LIMIT);
	world.job.request.finish_by_at = 0;
	world.job.limit_s = 3600; /* longer than its limit no job runs */
	assert_int_equal(world_decide(&world).record.runtime_s, 3600);
	world.job.request.runtime_s = 899;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_SHORT);
	world.job.request.runtime_s = 900;
	world.site.min_saving_g = 0;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
}

static void an_array_that_runs_in_waves_ends_with_its_last_one(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.waves = 3;
	world.job.deadline_at = WORLD_NOW + 10 * HOUR_S + 3 * 7200 + MARGIN_S;
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 10 * HOUR_S);
	world.job.deadline_at = WORLD_NOW + 3 * 7200 + MARGIN_S - 1;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	assert_false(world_decide(&world).deadline_is_kept);
	world.job.waves = UINT32_MAX;
	world.job.limit_s = UINT32_MAX;
	assert_false(world_decide(&world).deadline_is_kept);
}

static void ends_bound_the_latest_begin(void **state)
{
	const time_t enough = WORLD_NOW + 10 * HOUR_S + 7200 + MARGIN_S;
	struct world world;

	(void)state;
	for (int which = 0; which < 2; which++) {
		time_t *end_at;

		world_init(&world);
		end_at = which ? &world.job.deadline_at : &world.job.request.finish_by_at;
		world.job.request.runtime_s = 3600; /* the limit counts, not what is expected */
		*end_at = enough;
		assert_int_equal(world_decide(&world).record.begin_at, WORLD_NOW + 10 * HOUR_S);
		assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 10 * HOUR_S);
		assert_int_equal(world_decide(&world).record.finish_at, enough); /* what the books hold it to */
		world.job.deadline_at = world.job.request.finish_by_at = 0;
		assert_int_equal(world_decide(&world).record.finish_at, 0);
		world.job.request.finish_by_at = enough + HOUR_S;
		world.job.deadline_at = enough + 2 * HOUR_S;
		assert_int_equal(world_decide(&world).record.finish_at, enough + HOUR_S); /* the earlier of two */
		world.job.deadline_at = world.job.request.finish_by_at = 0;
		*end_at = enough - HOUR_S - 1;
		assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_BEST_NOW);
		*end_at = WORLD_NOW + 7200 + MARGIN_S;
		assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
		assert_true(world_decide(&world).deadline_is_kept);
		(*end_at)--;
		assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
		assert_false(world_decide(&world).deadline_is_kept);
		*end_at = WORLD_NOW - 86400;
		assert_false(world_decide(&world).deadline_is_kept);
		*end_at = INT64_MIN;
		assert_false(world_decide(&world).deadline_is_kept);
		*end_at = INT64_MAX;
		assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	}
}

static void maintenance_is_a_wall(void **state)
{
	const time_t enough = WORLD_NOW + 10 * HOUR_S + 7200 + MARGIN_S;
	struct world world;

	(void)state;
	world_init(&world);
	world.site.walls = 1;
	world.wall[0] = (struct carbon_wall){enough, enough + 86400, ""};
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 10 * HOUR_S);
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.wall[0].from_at = enough - 2 * HOUR_S - 1;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_BEST_NOW);
	world.wall[0].from_at = WORLD_NOW + 7200 + MARGIN_S - 1;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	snprintf(world.wall[0].partition, sizeof(world.wall[0].partition), "nordic");
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	snprintf(world.wall[0].partition, sizeof(world.wall[0].partition), "batch");
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	world.wall[0] = (struct carbon_wall){WORLD_NOW - 86400, WORLD_NOW, ""}; /* over */
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.wall[0].to_at++;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	/* A latest begin that leaves the run itself clear of the wall, but not its margins. */
	world.wall[0] = (struct carbon_wall){WORLD_NOW + 86400 + 7200 + MARGIN_S - 1, WORLD_NOW + 3 * 86400, ""};
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 86400 - 1);
}

static void a_begin_of_its_own_is_the_baseline(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	world.job.request.given = true;
	world.job.begin_at = WORLD_NOW + 2 * HOUR_S;
	decision = world_decide(&world);
	assert_int_equal(decision.record.baseline_at, WORLD_NOW + 2 * HOUR_S);
	assert_int_equal(decision.record.latest_at, WORLD_NOW + 2 * HOUR_S + 86400);
	world.job.begin_at = WORLD_NOW - 100; /* past: now */
	assert_int_equal(world_decide(&world).record.baseline_at, WORLD_NOW);
	world.job.begin_at = WORLD_NOW + 50 * HOUR_S; /* behind the outlook */
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
	world.job.begin_at = INT64_MAX;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
	world.job.begin_at = INT64_MIN;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
}

static void windows_end_with_the_outlook(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.limit_s = 47 * HOUR_S;
	world.site.min_saving_percent = 0;
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + HOUR_S);
	world.job.limit_s = 48 * HOUR_S;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
	world.job.limit_s = UINT32_MAX;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
}

static void caps_hold(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	world.context.waiting = 999;
	world.context.waiting_user = 99;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.context.waiting = 1000;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_CAP);
	world.context.waiting = 0;
	world.context.waiting_user = 100;
	decision = world_decide(&world);
	assert_int_equal(decision.reason, CARBON_REASON_CAP);
	assert_false(decision.record.delayed);
	assert_int_equal(decision.record.begin_at, WORLD_NOW);
	assert_near(decision.record.mass_g, decision.record.baseline_g, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(run_times_come_from_user_limit_or_partition),
		cmocka_unit_test(ends_bound_the_latest_begin),
		cmocka_unit_test(an_array_that_runs_in_waves_ends_with_its_last_one),
		cmocka_unit_test(maintenance_is_a_wall),
		cmocka_unit_test(a_begin_of_its_own_is_the_baseline),
		cmocka_unit_test(windows_end_with_the_outlook),
		cmocka_unit_test(caps_hold),
	};

	return cmocka_run_group_tests_name("decide_bounds", tests, NULL, NULL);
}
