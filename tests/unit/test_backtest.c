/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Backtests whose outcome can be reckoned by hand: a grid that repeats itself daily, a job that
 * learns better while it waits, hours that are missing, spans that make no sense.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/err.h"
#include "tools/backtest.h"

#define DAY ((size_t)24)
#define START ((time_t)1609459200)
#define HOURS (60 * DAY)

static double grid[HOURS];

/* Every day rises from 100 at midnight to 330 at 23 h. */
static struct carbon_backtest_ask stairs(void)
{
	struct carbon_backtest_ask ask = {.g_kwh = grid,
					  .start_at = START,
					  .count = HOURS,
					  .from = 20 * DAY,
					  .to = 50 * DAY,
					  .horizon_h = 96,
					  .every_h = 24};

	for (size_t t = 0; t < HOURS; t++)
		grid[t] = 100 + 10 * (double)(t % DAY);
	return ask;
}

static const struct carbon_backtest_model *find(const struct carbon_backtest *result,
						const char *name)
{
	for (size_t i = 0; i < CARBON_BACKTEST_MODELS; i++)
		if (strcmp(result->model[i].name, name) == 0)
			return &result->model[i];
	fail_msg("no model %s", name);
	return result->model;
}

static struct carbon_backtest run(const struct carbon_backtest_ask *ask)
{
	struct carbon_backtest result;
	struct carbon_err err = {""};

	if (carbon_backtest_run(ask, &result, &err) < 0)
		fail_msg("%s", err.text);
	return result;
}

static void test_a_day_that_repeats_is_scored_by_hand(void **state)
{
	struct carbon_backtest_ask ask = stairs();
	struct carbon_backtest result = run(&ask);

	(void)state;
	assert_int_equal(result.origins, 27); /* midnights of days 20 to 46 */
	assert_int_equal(result.skipped, 0);
	assert_int_equal(result.marks, 4);
	assert_int_equal(result.mark_h[1], 48);
	assert_float_equal(find(&result, "yesterday")->mae_g_kwh[3], 0, 1e-9);
	assert_float_equal(find(&result, "lastweek")->mae_g_kwh[0], 0, 1e-9);
	assert_float_equal(find(&result, "mean7")->mape[3], 0, 1e-9);
	/* 330 against 100, 110, ... 330 */
	assert_float_equal(find(&result, "last")->mae_g_kwh[0], 115, 1e-4);
	assert_float_equal(find(&result, "last")->mae_g_kwh[3], 115, 1e-4);
	assert_true(isnan(find(&result, "last")->coverage80));
	assert_true(find(&result, "ours")->mae_g_kwh[3] < 5);
	assert_true(isnan(result.clairvoyant_saved));
}

static void test_a_single_miss_counts_from_its_mark_on(void **state)
{
	struct carbon_backtest_ask ask = stairs();
	struct carbon_backtest result;

	(void)state;
	ask.to = ask.from + 96;
	grid[ask.from + 30] = 320; /* was 160 */
	result = run(&ask);
	assert_int_equal(result.origins, 1);
	assert_float_equal(find(&result, "yesterday")->mae_g_kwh[0], 0, 1e-9);
	assert_float_equal(find(&result, "yesterday")->mae_g_kwh[1], 160.0 / 48, 1e-4);
	assert_float_equal(find(&result, "yesterday")->mape[1], 50.0 / 48, 1e-4);
	assert_float_equal(find(&result, "yesterday")->mape[3], 50.0 / 96, 1e-4);
}

static void test_a_short_horizon_has_its_own_mark(void **state)
{
	struct carbon_backtest_ask ask = stairs();
	struct carbon_backtest result;

	(void)state;
	ask.horizon_h = 30;
	result = run(&ask);
	assert_int_equal(result.marks, 2);
	assert_int_equal(result.mark_h[0], 24);
	assert_int_equal(result.mark_h[1], 30);
}

static void test_waiting_on_yesterday_reaches_all_of_a_daily_saving(void **state)
{
	struct carbon_backtest_ask ask = stairs();
	struct carbon_backtest result;

	(void)state;
	ask.runtime_h = 1;
	ask.delay_h = 23;
	ask.replan_h = 1;
	ask.to = ask.from + 10 * DAY + 23; /* whole days of submissions */
	result = run(&ask);
	assert_int_equal(result.jobs, 240);
	assert_int_equal(result.origins, 7); /* the others' horizons reach past the end */
	/* at once 215 on average, at midnight 100 */
	assert_float_equal(result.clairvoyant_saved, 100 * 115.0 / 215, 1e-6);
	assert_float_equal(find(&result, "yesterday")->share_once, 100, 1e-6);
	assert_float_equal(find(&result, "yesterday")->share_again, 100, 1e-6);
	assert_float_equal(find(&result, "last")->saved_once, 0, 1e-6);
	assert_true(find(&result, "ours")->share_once > 95);
}

/* Told 10, 5, 7 it waits one hour; told there 8, 2 it waits another. */
static void test_deciding_again_uses_what_is_known_by_then(void **state)
{
	static const double truth[] = {10, 8, 2};
	float mean[] = {10, 5, 7, 8, 2, 9, 2, 9, 9};
	struct carbon_backtest_ask ask = {.g_kwh = truth,
					  .count = 3,
					  .to = 3,
					  .horizon_h = 3,
					  .every_h = 1,
					  .runtime_h = 1,
					  .delay_h = 2};
	struct carbon_backtest_rows rows = {3, 1, mean};
	size_t jobs;

	(void)state;
	assert_float_equal(carbon_backtest_save(&ask, NULL, 0, &jobs), 80, 1e-9);
	assert_int_equal(jobs, 1);
	assert_float_equal(carbon_backtest_save(&ask, &rows, 0, &jobs), 20, 1e-9);
	assert_float_equal(carbon_backtest_save(&ask, &rows, 1, &jobs), 80, 1e-9);
	/* looking only every two hours it has begun by then */
	assert_float_equal(carbon_backtest_save(&ask, &rows, 2, &jobs), 20, 1e-9);
	mean[3] = NAN; /* no forecast at the second hour: the plan stands */
	assert_float_equal(carbon_backtest_save(&ask, &rows, 1, &jobs), 20, 1e-9);
}

static void test_missing_hours_are_left_out_and_counted(void **state)
{
	struct carbon_backtest_ask ask = stairs();
	struct carbon_backtest result;

	(void)state;
	grid[22 * DAY - 1] = NAN; /* the hour before one origin */
	grid[25 * DAY + 3] = NAN;
	grid[26 * DAY + 4] = 0; /* infinitely wrong in percent */
	result = run(&ask);
	assert_int_equal(result.origins, 26);
	assert_int_equal(result.skipped, 1);
	for (size_t i = 0; i < CARBON_BACKTEST_MODELS; i++)
		for (size_t mark = 0; mark < result.marks; mark++) {
			assert_true(isfinite(result.model[i].mape[mark]));
			assert_true(isfinite(result.model[i].mae_g_kwh[mark]));
		}
}

static void refuse(const struct carbon_backtest_ask *ask, const char *sentence)
{
	struct carbon_backtest result = {.origins = 7};
	struct carbon_err err = {""};

	assert_int_equal(carbon_backtest_run(ask, &result, &err), -1);
	assert_string_equal(err.text, sentence);
	assert_int_equal(result.origins, 7);
}

static void test_what_makes_no_sense_is_refused_by_name(void **state)
{
	struct carbon_backtest_ask ask = stairs();

	(void)state;
	ask.horizon_h = 97;
	refuse(&ask, "horizon 97 h is not 1 to 96 h");
	ask = stairs();
	ask.every_h = 0;
	refuse(&ask, "every 0 h is not at least 1 h");
	ask = stairs();
	ask.to = ask.from + 95;
	refuse(&ask, "a span of 95 h holds no forecast of 96 h");
	ask = stairs();
	ask.from = 23;
	refuse(&ask, "history: 23 known hours, a forecast needs 24");
	ask = stairs();
	ask.runtime_h = 4;
	ask.delay_h = 93;
	refuse(&ask, "delay 93 h and run time 4 h reach past the horizon of 96 h");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_day_that_repeats_is_scored_by_hand),
		cmocka_unit_test(test_a_single_miss_counts_from_its_mark_on),
		cmocka_unit_test(test_a_short_horizon_has_its_own_mark),
		cmocka_unit_test(test_waiting_on_yesterday_reaches_all_of_a_daily_saving),
		cmocka_unit_test(test_deciding_again_uses_what_is_known_by_then),
		cmocka_unit_test(test_missing_hours_are_left_out_and_counted),
		cmocka_unit_test(test_what_makes_no_sense_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
