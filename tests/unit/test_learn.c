/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Learning habits from a ledger in memory: which runs count, medians and percentiles by hand,
 * windows and caps. Goes through the ledger's own writer, so that what is learned is what
 * settling writes.
 */
#include "accounting/habits.h"

#include "accounting/ledger.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "tests/unit/unit.h"

#define NOW ((time_t)1790000000)
#define DAY_S ((time_t)86400)
#define COMPLETED 3
#define CANCELLED 4
#define FAILED 5
#define TIMEOUT 6
#define PREEMPTED 8
#define OUT_OF_MEMORY 11

static struct carbon_store *store;
static uint32_t next_id;

static int set_up(void **state)
{
	struct carbon_err err = {""};

	(void)state;
	next_id = 0;
	return carbon_store_open(":memory:", false, &store, &err);
}

static int tear_down(void **state)
{
	(void)state;
	carbon_store_close(store);
	return 0;
}

struct sample {
	const char *name;
	uint32_t uid, state, run_s;
	time_t end_at;
	double measured_w; /* 0: by the model */
};

/* Eight cores on partition gpu of cluster alpha; the model says 1000 W, PUE 1.25. */
static void put(const struct sample *sample)
{
	struct carbon_run run = {.id = ++next_id,
				 .uid = sample->uid,
				 .state = sample->state,
				 .start_at = sample->end_at - (time_t)sample->run_s,
				 .end_at = sample->end_at,
				 .submit_at = sample->end_at - (time_t)sample->run_s,
				 .use = {.cores = 8},
				 .measured_j = -1};
	struct carbon_place place = {.power = {.pue = 1.25}};
	struct carbon_settled_energy energy = {
		.power_w = 1000, .pue = 1.25, .running_s = sample->run_s, .measured_kwh = NAN};
	struct carbon_settle_times times = {.start_at = run.start_at, .end_at = run.end_at};
	struct carbon_settled_mass mass = {.mass_g = NAN, .credit_g = NAN, .shadow_g = NAN};
	struct carbon_ledger_row row = {.run = &run,
					.place = &place,
					.energy = &energy,
					.times = &times,
					.mass = &mass,
					.odd = carbon_settle_odd(&run),
					.settled_at = NOW};
	struct carbon_err err = {""};

	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.partition, sizeof(run.partition), "gpu");
	snprintf(run.name, sizeof(run.name), "%s", sample->name);
	if (sample->measured_w > 0) {
		energy.method = CARBON_ENERGY_MEASURED;
		energy.measured_kwh = sample->measured_w * 1.25 * sample->run_s / 3.6e6;
	}
	if (carbon_ledger_put(store, &row, &err) < 0)
		fail_msg("%s", err.text);
}

static void put_runs(const char *name, uint32_t state, uint32_t run_s, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(&(struct sample){name, 1000, state, run_s, NOW - 3600 - (time_t)i, 0});
}

static void learn(struct carbon_habits *habits)
{
	struct carbon_err err = {""};

	if (carbon_habits_learn(store, "alpha", NOW, habits, &err) < 0)
		fail_msg("%s", err.text);
}

/* What is learned of NAME's jobs of uid 1000; runs 0: nothing. */
static struct carbon_habit habit_of(const char *name)
{
	const struct carbon_habit_ask ask = {1000, name, NULL, 8, 0};
	const struct carbon_habit *found;
	struct carbon_habit habit = {.runs = 0};
	enum carbon_habit_level level;
	struct carbon_habits habits;

	learn(&habits);
	found = carbon_habits_find(&habits, &ask, NOW, &level);
	if (found && level == CARBON_HABIT_NAME)
		habit = *found;
	carbon_habits_fini(&habits);
	return habit;
}

static void an_empty_ledger_teaches_nothing(void **state)
{
	struct carbon_habits habits;

	(void)state;
	learn(&habits);
	assert_int_equal(habits.count, 0);
	assert_string_equal(habits.cluster, "alpha");
	assert_int_equal(habits.written_at, NOW);
	carbon_habits_fini(&habits);
}

static void three_runs_make_a_habit_and_two_do_not(void **state)
{
	struct carbon_habit habit;

	(void)state;
	put(&(struct sample){"train_1", 1000, COMPLETED, 100, NOW - 500, 0});
	put(&(struct sample){"Train_22", 1000, COMPLETED, 300, NOW - 400, 0});
	assert_int_equal(habit_of("train_9").runs, 0);
	put(&(struct sample){"train_333", 1000, TIMEOUT, 200, NOW - 600, 0});
	habit = habit_of("train_9");
	assert_int_equal(habit.runs, 3);
	assert_int_equal(habit.median_s, 200);
	assert_int_equal(habit.p90_s, 300);
	assert_int_equal(habit.last_at, NOW - 400);
	assert_true(habit.power_w == 0);
}

static void every_level_is_learned(void **state)
{
	struct carbon_habit_ask ask = {1000, "nothing", "gpu", 5, 0};
	enum carbon_habit_level level = CARBON_HABIT_NAME;
	struct carbon_habits habits;
	const struct carbon_habit *habit;

	(void)state;
	put_runs("a", COMPLETED, 1000, 2);
	put_runs("b", COMPLETED, 2000, 2);
	put(&(struct sample){"c", 1001, COMPLETED, 9000, NOW - 10, 0});
	learn(&habits);
	habit = carbon_habits_find(&habits, &ask, NOW, &level);
	assert_non_null(habit);
	assert_int_equal(level, CARBON_HABIT_USER);
	assert_int_equal(habit->runs, 4);
	assert_int_equal(habit->median_s, 1500);
	ask.uid = 1001;
	habit = carbon_habits_find(&habits, &ask, NOW, &level);
	assert_non_null(habit);
	assert_int_equal(level, CARBON_HABIT_CLASS);
	assert_int_equal(habit->runs, 5);
	assert_int_equal(habit->median_s, 2000);
	assert_int_equal(habit->p90_s, 9000);
	assert_int_equal(habits.count, 2);
	carbon_habits_fini(&habits);
}

static void only_runs_that_ran_their_course_count(void **state)
{
	(void)state;
	put_runs("cancelled", CANCELLED, 4000, 5);
	put_runs("preempted", PREEMPTED, 4000, 5);
	put_runs("requeued", CARBON_RUN_REQUEUED, 4000, 5);
	put_runs("failed", FAILED, CARBON_HABITS_FAILED_S, 3);
	put_runs("hasty", FAILED, CARBON_HABITS_FAILED_S - 1, 5);
	put_runs("memory", OUT_OF_MEMORY, 4000, 3);
	put_runs("nothing", COMPLETED, 0, 5);
	assert_int_equal(habit_of("cancelled").runs, 0);
	assert_int_equal(habit_of("preempted").runs, 0);
	assert_int_equal(habit_of("requeued").runs, 0);
	assert_int_equal(habit_of("failed").runs, 3);
	assert_int_equal(habit_of("hasty").runs, 0);
	assert_int_equal(habit_of("memory").runs, 3);
	assert_int_equal(habit_of("nothing").runs, 0);
}

static void runs_of_another_time_or_cluster_do_not_count(void **state)
{
	struct carbon_err err = {""};
	struct carbon_habits habits;

	(void)state;
	for (int i = 0; i < 5; i++) {
		put(&(struct sample){"old", 1000, COMPLETED, 60, NOW - 181 * DAY_S, 0});
		put(&(struct sample){"ahead", 1000, COMPLETED, 60, NOW + 10, 0});
	}
	assert_int_equal(habit_of("old").runs, 0);
	assert_int_equal(habit_of("ahead").runs, 0);
	put_runs("here", COMPLETED, 60, 3);
	assert_int_equal(habit_of("here").runs, 3);
	assert_int_equal(carbon_habits_learn(store, "beta", NOW, &habits, &err), 0);
	assert_int_equal(habits.count, 0);
	carbon_habits_fini(&habits);
}

/* A job that became slower is expected to stay so. */
static void the_newest_hundred_runs_count(void **state)
{
	struct carbon_habit habit;

	(void)state;
	for (int i = 0; i < 300; i++)
		put(&(struct sample){"job", 1000, COMPLETED, i < 200 ? 60 : 6000,
				     NOW - 10000 + i, 0});
	habit = habit_of("job");
	assert_int_equal(habit.runs, CARBON_HABITS_RUNS_EACH);
	assert_int_equal(habit.median_s, 6000);
	assert_int_equal(habit.last_at, NOW - 10000 + 299);
}

static void watts_are_learned_from_three_measurements(void **state)
{
	(void)state;
	put_runs("job", COMPLETED, 600, 5);
	put(&(struct sample){"job", 1000, COMPLETED, 600, NOW - 50, 300});
	put(&(struct sample){"job", 1000, COMPLETED, 700, NOW - 60, 500});
	assert_true(habit_of("job").power_w == 0);
	put(&(struct sample){"job", 1000, COMPLETED, 800, NOW - 70, 450});
	assert_near(habit_of("job").power_w, 450, 1e-3);
}

/* Against a plain account of the same: all runs of a size, by counting. */
static void percentiles_hold_over_random_runs(void **state)
{
	struct dice dice = dice_start("percentiles_hold_over_random_runs");

	(void)state;
	for (int round = 0; round < 20; round++) {
		size_t count = (size_t)dice_between(&dice, CARBON_HABIT_RUNS_MIN,
						    CARBON_HABITS_RUNS_EACH),
		       below = 0, within = 0, half = 0;
		uint32_t run_s[CARBON_HABITS_RUNS_EACH];
		struct carbon_habit habit;
		char name[16];

		snprintf(name, sizeof(name), "job %c", 'a' + round);
		for (size_t i = 0; i < count; i++) {
			run_s[i] = (uint32_t)dice_between(&dice, 1, 1000);
			put(&(struct sample){name, 1000, COMPLETED, run_s[i], NOW - (time_t)i,
					     0});
		}
		habit = habit_of(name);
		for (size_t i = 0; i < count; i++) {
			below += run_s[i] < habit.p90_s;
			within += run_s[i] <= habit.p90_s;
			half += run_s[i] <= habit.median_s;
		}
		assert_int_equal(habit.runs, count);
		assert_true(within * 10 >= count * 9 && below * 10 < count * 9);
		assert_true(half * 2 >= count && habit.median_s <= habit.p90_s);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_ledger_teaches_nothing),
		TEST(three_runs_make_a_habit_and_two_do_not),
		TEST(every_level_is_learned),
		TEST(only_runs_that_ran_their_course_count),
		TEST(runs_of_another_time_or_cluster_do_not_count),
		TEST(the_newest_hundred_runs_count),
		TEST(watts_are_learned_from_three_measurements),
		TEST(percentiles_hold_over_random_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
