/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Judging habits on a trace: by hand on small ones, and that nothing is known before it has
 * ended. Traces are made up here and read by the project's own reader.
 */
#include "tools/habit_trial.h"

#include "lib/buf.h"
#include "simulator/memory.h"
#include "tests/unit/unit.h"

static struct carbon_habit_trial run(const char *text)
{
	struct carbon_habit_trial trial;
	struct carbon_trace trace;
	struct carbon_err err = {""};

	carbon_trace_init(&trace);
	if (carbon_trace_parse(text, strlen(text), 1, &trace, &err) < 0 ||
	    carbon_habit_trial_run(&trace, &trial, &err) < 0)
		fail_msg("%s", err.text);
	carbon_trace_fini(&trace);
	return trial;
}

static void nothing_is_known_before_three_runs_have_ended(void **state)
{
	/* the third ends at 320, after the fourth came and before the fifth */
	struct carbon_habit_trial trial = run("submit,runtime_s,user,name\n"
					      "0,100,ada,train_1\n"
					      "10,110,ada,train_2\n"
					      "200,120,ada,train_3\n"
					      "310,100,ada,train_4\n"
					      "320,220,ada,Train_5\n");

	(void)state;
	assert_int_equal(trial.jobs, 5);
	assert_int_equal(trial.with_user, 5);
	assert_int_equal(trial.with_limit, 0);
	assert_int_equal(trial.score[CARBON_GUESS_HABIT].jobs, 1);
	assert_int_equal(trial.score[CARBON_GUESS_NAME].jobs, 1);
	assert_near(trial.score[CARBON_GUESS_NAME].median_error_s, 110, 1e-9); /* 110 for 220 */
	assert_near(trial.score[CARBON_GUESS_NAME].within_two_percent, 100, 1e-9);
	assert_int_equal(trial.score[CARBON_GUESS_LIMIT].jobs, 0);
	assert_true(isnan(trial.score[CARBON_GUESS_LIMIT].median_error_s));
	assert_true(isnan(trial.score[CARBON_GUESS_LIMIT].mean_error_s));
}

static void names_come_before_users_before_sizes(void **state)
{
	struct carbon_habit_trial trial = run("submit,runtime_s,user,name,nodes\n"
					      "0,100,ada,a,1\n"
					      "1,100,ada,a,1\n"
					      "2,100,ada,a,1\n"
					      "1000,100,ada,a,9\n"
					      "1001,150,ada,b,9\n"
					      "1002,300,bob,a,1\n"
					      "1003,300,bob,a,64\n");

	(void)state;
	assert_int_equal(trial.score[CARBON_GUESS_NAME].jobs, 1);
	assert_near(trial.score[CARBON_GUESS_NAME].mean_error_s, 0, 1e-9);
	assert_int_equal(trial.score[CARBON_GUESS_USER].jobs, 1);
	assert_near(trial.score[CARBON_GUESS_USER].mean_error_s, 50, 1e-9);
	assert_int_equal(trial.score[CARBON_GUESS_CLASS].jobs, 1);
	assert_near(trial.score[CARBON_GUESS_CLASS].mean_error_s, 200, 1e-9);
	assert_near(trial.score[CARBON_GUESS_CLASS].within_two_percent, 0, 1e-9);
	assert_int_equal(trial.score[CARBON_GUESS_HABIT].jobs, 3);
	assert_near(trial.score[CARBON_GUESS_HABIT].median_error_s, 50, 1e-9);
	assert_near(trial.score[CARBON_GUESS_HABIT].mean_error_s, 250.0 / 3, 1e-9);
}

static void limits_and_users_words_are_judged_beside(void **state)
{
	struct carbon_habit_trial trial = run("submit,runtime_s,limit_s,estimate_s,user\n"
					      "0,100,1000,150,ada\n"
					      "1,100,1000,,ada\n"
					      "2,100,90,5000,ada\n"
					      "1000,40,50,,ada\n");

	(void)state;
	assert_int_equal(trial.with_estimate, 2);
	assert_int_equal(trial.score[CARBON_GUESS_LIMIT].jobs, 4);
	assert_near(trial.score[CARBON_GUESS_LIMIT].median_error_s, (10 + 900) / 2.0, 1e-9);
	assert_near(trial.score[CARBON_GUESS_LIMIT].mean_error_s, (900 + 900 + 10 + 10) / 4.0,
		    1e-9);
	assert_near(trial.score[CARBON_GUESS_LIMIT].within_two_percent, 50, 1e-9);
	assert_int_equal(trial.score[CARBON_GUESS_SAID].jobs, 2);
	assert_near(trial.score[CARBON_GUESS_SAID].mean_error_s, (50 + 10) / 2.0,
		    1e-9); /* the limit cuts 5000 */
	assert_int_equal(trial.score[CARBON_GUESS_HABIT].jobs, 1);
	assert_near(trial.score[CARBON_GUESS_HABIT].mean_error_s, 10,
		    1e-9); /* 100, cut at 50 */
	assert_int_equal(trial.score[CARBON_GUESS_USED].jobs, 4);
	assert_near(trial.score[CARBON_GUESS_USED].mean_error_s, (50 + 900 + 10 + 10) / 4.0,
		    1e-9);
}

/* Against a plain account: every median anew over all jobs that have ended. */
static uint32_t plain_habit(const struct carbon_trace *trace, size_t of)
{
	uint32_t run_s[100];
	size_t count = 0;

	for (size_t i = 0; i < trace->count; i++)
		if (trace->job[i].user == trace->job[of].user &&
		    trace->job[i].name == trace->job[of].name &&
		    trace->job[i].submit_at + (time_t)trace->job[i].runtime_s <=
			    trace->job[of].submit_at)
			run_s[count++] = trace->job[i].runtime_s;
	for (size_t i = 1; i < count; i++)
		for (size_t k = i; k > 0 && run_s[k] < run_s[k - 1]; k--) {
			uint32_t more = run_s[k - 1];

			run_s[k - 1] = run_s[k];
			run_s[k] = more;
		}
	return count < 3 ? 0 : (run_s[(count - 1) / 2] + run_s[count / 2]) / 2;
}

static void random_traces_are_judged_as_a_plain_account_does(void **state)
{
	struct dice dice = dice_start("random_traces_are_judged_as_a_plain_account_does");
	struct carbon_habit_trial trial;
	struct carbon_trace trace;
	struct carbon_err err = {""};
	struct carbon_buf buf;
	double sum = 0;
	size_t jobs = 0;

	(void)state;
	carbon_buf_init(&buf, 1 << 20);
	carbon_buf_puts(&buf, "submit,runtime_s,user,name\n");
	for (int i = 0; i < 400; i++)
		carbon_buf_printf(&buf, "%d,%lld,u%lld,%c\n", i * 20,
				  dice_between(&dice, 1, 2000), dice_between(&dice, 1, 3),
				  (int)('a' + dice_between(&dice, 0, 2)));
	carbon_trace_init(&trace);
	assert_int_equal(carbon_trace_parse(buf.text, buf.length, 1, &trace, &err), 0);
	assert_int_equal(carbon_habit_trial_run(&trace, &trial, &err), 0);
	for (size_t i = 0; i < trace.count; i++) {
		uint32_t habit_s = plain_habit(&trace, i);

		jobs += habit_s > 0;
		sum += habit_s ? fabs((double)habit_s - trace.job[i].runtime_s) : 0;
	}
	assert_true(jobs > 200);
	assert_int_equal(trial.score[CARBON_GUESS_NAME].jobs, jobs);
	assert_near(trial.score[CARBON_GUESS_NAME].mean_error_s, sum / (double)jobs, 1e-6);
	carbon_trace_fini(&trace);
	carbon_buf_fini(&buf);
}

static int by_length(const void *a, const void *b)
{
	const uint32_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void the_newest_hundred_runs_make_the_median(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_memory memory = {0};
	uint32_t all[1000];

	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct carbon_trace_job job = {.user = 1, .name = 2, .nodes = 1};
		uint32_t newest[CARBON_MEMORY_RUNS];
		size_t count = i + 1 < COUNT(newest) ? i + 1 : COUNT(newest);

		all[i] = job.runtime_s = (uint32_t)dice_between(&dice, 1, 50);
		assert_int_equal(carbon_memory_learn(&memory, &job), 0);
		memcpy(newest, all + i + 1 - count, count * sizeof(newest[0]));
		qsort(newest, count, sizeof(newest[0]), by_length);
		assert_int_equal(carbon_memory_usual(&memory, &job, CARBON_HABIT_NAME),
				 count < 3 ? 0
					   : (newest[(count - 1) / 2] + newest[count / 2]) / 2);
	}
	carbon_memory_fini(&memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_known_before_three_runs_have_ended),
		cmocka_unit_test(names_come_before_users_before_sizes),
		cmocka_unit_test(limits_and_users_words_are_judged_beside),
		cmocka_unit_test(random_traces_are_judged_as_a_plain_account_does),
		cmocka_unit_test(the_newest_hundred_runs_make_the_median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
