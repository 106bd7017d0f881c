/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding with habits: whose word counts for the expected run time and power, and that a habit
 * never moves what promise 3 rests on, the latest begin. Must not look into the decision beyond
 * its record.
 */
#include "tests/unit/world.h"

#define HABITS 3

/* A world whose user has a habit of each level: 30, 40 and 50 minutes; 500, 600 and 700 W. */
struct habitual {
	struct world world;
	struct carbon_habit habit[HABITS]; /* by level */
	struct carbon_habit sorted[HABITS];
	struct carbon_habits habits;
};

static int by_key(const void *a, const void *b)
{
	const struct carbon_habit *left = a, *right = b;

	return carbon_habit_key_compare(&left->key, &right->key);
}

/* After each change of habit[]. */
static void sort_habits(struct habitual *habitual)
{
	memcpy(habitual->sorted, habitual->habit, sizeof(habitual->sorted));
	qsort(habitual->sorted, HABITS, sizeof(habitual->sorted[0]), by_key);
	habitual->habits =
		(struct carbon_habits){WORLD_NOW - 60, "world", HABITS, habitual->sorted};
	habitual->world.context.habits = &habitual->habits;
}

static void habitual_init(struct habitual *habitual)
{
	struct world *world = &habitual->world;
	struct carbon_habit_ask ask = {WORLD_UID, "train_#", "batch", 100, 0};

	memset(habitual, 0, sizeof(*habitual));
	world_init(world);
	snprintf(world->job.name, sizeof(world->job.name), "Train_017");
	for (int level = 0; level < HABITS; level++) {
		struct carbon_habit *habit = &habitual->habit[level];

		assert_true(
			carbon_habit_key((enum carbon_habit_level)level, &ask, &habit->key));
		habit->runs = CARBON_HABIT_RUNS_MIN;
		habit->median_s = habit->p90_s = 1800 + 600 * (uint32_t)level;
		habit->power_w = 500 + 100 * (float)level;
		habit->last_at = WORLD_NOW - 86400;
	}
	sort_habits(habitual);
}

static void assert_expected(const struct habitual *habitual, enum carbon_runtime_source source,
			    uint32_t runtime_s)
{
	struct carbon_decision decision = world_decide(&habitual->world);

	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_int_equal(decision.record.runtime_source, source);
	assert_int_equal(decision.record.runtime_s, runtime_s);
}

static void the_users_word_comes_before_habit_and_habit_before_limit(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	assert_expected(&habitual, CARBON_RUNTIME_HABIT, 1800);
	habitual.world.job.request.runtime_s = 5400;
	assert_expected(&habitual, CARBON_RUNTIME_USER, 5400);
	habitual.world.job.request.runtime_s = 0;
	habitual.world.context.habits = NULL;
	assert_expected(&habitual, CARBON_RUNTIME_LIMIT, 7200);
}

static void names_come_before_users_before_classes(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	habitual.world.job.name[0] = '\0';
	assert_expected(&habitual, CARBON_RUNTIME_HABIT, 2400);
	habitual.world.job.uid++;
	assert_expected(&habitual, CARBON_RUNTIME_HABIT, 3000);
	habitual.world.job.use.cores = 1000;
	assert_expected(&habitual, CARBON_RUNTIME_LIMIT, 7200);
}

static void the_class_is_that_of_the_place_where_no_partition_is_named(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	habitual.world.job.uid++;
	assert_string_equal(habitual.world.job.partition, "");
	assert_expected(&habitual, CARBON_RUNTIME_HABIT, 3000);
	snprintf(habitual.world.job.partition, sizeof(habitual.world.job.partition), "nordic");
	assert_expected(&habitual, CARBON_RUNTIME_LIMIT, 7200);
}

static void fewer_than_three_runs_are_no_habit(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	habitual.habit[CARBON_HABIT_NAME].runs = CARBON_HABIT_RUNS_MIN - 1;
	sort_habits(&habitual);
	assert_expected(&habitual, CARBON_RUNTIME_HABIT, 2400);
}

static void the_limit_bounds_a_habit(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	habitual.habit[CARBON_HABIT_NAME].median_s = 86400;
	sort_habits(&habitual);
	assert_expected(&habitual, CARBON_RUNTIME_HABIT, 7200);
}

/* Promise 3: with and without a habit the last begin that keeps a deadline is the same. */
static void a_habit_does_not_move_the_latest_begin(void **state)
{
	struct habitual habitual;
	time_t without_at;

	(void)state;
	habitual_init(&habitual);
	habitual.world.job.request.finish_by_at = WORLD_NOW + 16 * 3600;
	habitual.world.context.habits = NULL;
	without_at = world_decide(&habitual.world).record.latest_at;
	assert_int_equal(without_at, WORLD_NOW + 16 * 3600 - 7200 - 600 - 120 - 60);
	habitual.world.context.habits = &habitual.habits;
	assert_int_equal(world_decide(&habitual.world).record.latest_at, without_at);
}

static void a_habit_of_short_runs_leaves_the_job_alone(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	habitual.habit[CARBON_HABIT_NAME].median_s = 899;
	sort_habits(&habitual);
	assert_int_equal(world_decide(&habitual.world).reason, CARBON_REASON_SHORT);
}

static double power_w(const struct habitual *habitual)
{
	return world_decide(&habitual->world).record.power_w / 1.25; /* the place's PUE */
}

static void power_is_the_users_word_then_the_names_habit_then_the_model(void **state)
{
	struct habitual habitual;

	(void)state;
	habitual_init(&habitual);
	assert_near(power_w(&habitual), 500, 1e-6);
	habitual.world.job.request.power_w = 123;
	assert_near(power_w(&habitual), 123, 1e-6);
	habitual.world.job.request.power_w = 0;
	habitual.world.job.request.runtime_s = 5400; /* says nothing of power */
	assert_near(power_w(&habitual), 500, 1e-6);
	habitual.habit[CARBON_HABIT_NAME].power_w = 0;
	sort_habits(&habitual);
	assert_near(power_w(&habitual), 1000, 1e-6);
	habitual.world.job.name[0] =
		'\0'; /* the user's other jobs: the model knows this one better */
	assert_near(power_w(&habitual), 1000, 1e-6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_users_word_comes_before_habit_and_habit_before_limit),
		cmocka_unit_test(names_come_before_users_before_classes),
		cmocka_unit_test(the_class_is_that_of_the_place_where_no_partition_is_named),
		cmocka_unit_test(fewer_than_three_runs_are_no_habit),
		cmocka_unit_test(the_limit_bounds_a_habit),
		cmocka_unit_test(a_habit_does_not_move_the_latest_begin),
		cmocka_unit_test(a_habit_of_short_runs_leaves_the_job_alone),
		cmocka_unit_test(power_is_the_users_word_then_the_names_habit_then_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
