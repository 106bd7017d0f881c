/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nodes of a simulated cluster: who starts when, when they are full, and what the slack clock makes of that. Knows of no
 * policy.
 */
#include "lib/series.h"
#include "simulator/easy.h"
#include "simulator/grid.h"
#include "simulator/slack.h"
#include "tests/unit/unit.h"

#define T0 ((time_t)1672531200) /* 2023-01-01T00:00:00Z */
#define HOUR_S 3600

/* Four nodes: B needs all of them and waits for A; C may overtake it, D would delay it. */
static void backfilling_never_delays_the_first_in_the_queue(void **state)
{
	static const struct carbon_easy_job jobs[] = {
		{T0, 100, 100, 1}, /* A */
		{T0, 50, 50, 4},	  /* B */
		{T0, 100, 100, 2}, /* C: ends when A does */
		{T0, 10, 101, 1},
		/* D: there is room, but it may end too late, says its limit */
		{T0 + 200, 10, 10, 1}, /* E: nobody is there any more */
	};
	static const time_t expected[] = {0, 100, 0, 150, 200};
	time_t start_at[COUNT(jobs)];
	struct carbon_easy_full full = {.start_at = T0};

	(void)state;
	assert_int_equal(carbon_easy_run(jobs, COUNT(jobs), 4, start_at, &full, NULL), 0);
	for (size_t i = 0; i < COUNT(jobs); i++)
		assert_int_equal(start_at[i] - T0, expected[i]);
	/* jobs waited with no room for 150 s of the first five minutes */
	assert_near(full.bin[0].share, 150.0 / 300, 1e-6);
	/* ... and nobody for longer than them */
	assert_int_equal(full.bin[0].taken_to_at, 0);
	carbon_easy_full_fini(&full);
}

/* Three nodes. The head needs two, and when it gets them a third is free: for the last, however long it is. */
static void what_ends_with_the_reservation_is_there_for_others(void **state)
{
	static const struct carbon_easy_job jobs[] = {
		{T0, 900, 1800, 1},
		{T0, 900, 1800, 1},
		{T0 + 10, 60, 60, 2},
		{T0 + 20, 60, 3600, 1},
	};
	time_t start_at[COUNT(jobs)];

	(void)state;
	assert_int_equal(carbon_easy_run(jobs, COUNT(jobs), 3, start_at, NULL, NULL), 0);
	assert_int_equal(start_at[2], T0 + 900);
	assert_int_equal(start_at[3], T0 + 20);
}

/* One node: who takes it after more than a bin in the queue, and until when. */
static void a_bin_tells_who_took_a_node_in_it(void **state)
{
	static const struct carbon_easy_job jobs[] = {
		{T0, 700, 700, 1},
		{T0 + 10, 20, 20, 1},	 /* starts after 690 s of waiting, at 700 */
		{T0 + 20, 1000, 1000, 1}, /* at 720, in the same bin: too late for it */
		{T0 + 1700, 60, 60, 1},	 /* waits 20 s */
	};
	time_t start_at[COUNT(jobs)];
	struct carbon_easy_full full = {.start_at = T0};

	(void)state;
	assert_int_equal(carbon_easy_run(jobs, COUNT(jobs), 1, start_at, &full, NULL), 0);
	assert_int_equal(start_at[3], T0 + 1720);
	for (size_t bin = 0; bin < full.bins; bin++)
		assert_int_equal(full.bin[bin].taken_to_at, bin == 2 ? T0 + 720 : 0);
	carbon_easy_full_fini(&full);
}

static int by_time(const void *a, const void *b)
{
	time_t ta = *(const time_t *)a, tb = *(const time_t *)b;

	return (ta > tb) - (ta < tb);
}

static void a_cluster_is_never_overbooked_and_begins_are_kept(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_easy_job jobs[400];
	time_t start_at[COUNT(jobs)], edges[2 * COUNT(jobs)];

	(void)state;
	for (int round = 0; round < 50; round++) {
		uint32_t nodes = (uint32_t)dice_between(&dice, 4, 32);

		for (size_t i = 0; i < COUNT(jobs); i++) {
			jobs[i].begin_at = T0 + (time_t)dice_between(&dice, 0, 4000);
			jobs[i].runtime_s = (uint32_t)dice_between(&dice, 1, 300);
			jobs[i].planned_s =
				jobs[i].runtime_s + (uint32_t)dice_between(&dice, 0, 300);
			jobs[i].nodes = (uint32_t)dice_between(&dice, 1, nodes);
		}
		assert_int_equal(
			carbon_easy_run(jobs, COUNT(jobs), nodes, start_at, NULL, NULL), 0);
		for (size_t i = 0; i < COUNT(jobs); i++) {
			assert_true(start_at[i] >= jobs[i].begin_at);
			edges[i] = start_at[i];
		}
		qsort(edges, COUNT(jobs), sizeof(*edges), by_time);
		for (size_t e = 0; e < COUNT(jobs); e++) {
			uint32_t used = 0;

			for (size_t i = 0; i < COUNT(jobs); i++)
				if (start_at[i] <= edges[e] &&
				    edges[e] < start_at[i] + (time_t)jobs[i].runtime_s)
					used += jobs[i].nodes;
			assert_true(used <= nodes);
		}
	}
}

/* --- the slack clock --- */

static struct carbon_grid *make_stairs(void)
{
	struct carbon_series series;
	struct carbon_grid *grid = NULL;

	carbon_series_init(&series);
	for (int h = 0; h < 30; h++)
		assert_int_equal(carbon_series_add(&series,
						   (struct carbon_point){.at = T0 + (time_t)h * HOUR_S, .g_kwh = 10 * (h + 1)},
						   NULL),
				 0);
	assert_int_equal(carbon_grid_create("XX", &series, &grid, NULL), 0);
	carbon_series_fini(&series);
	return grid;
}

static double first_hour(const struct carbon_slack *slack, enum carbon_slack_level level)
{
	return carbon_slack_integral(slack, level, T0, T0 + HOUR_S) / HOUR_S;
}

/* The first hour is full with all and with one half, and its nodes go to a run of five hours; without us it is not. */
static void what_is_freed_counts_where_the_run_that_took_it_ended(void **state)
{
	struct carbon_grid *grid = make_stairs();
	struct carbon_easy_full full[CARBON_SLACK_REPLAYS] = {{.start_at = T0}, {.start_at = T0}, {.start_at = T0}, {.start_at = T0 + HOUR_S}};
	struct carbon_slack slack;

	(void)state;
	for (size_t r = 0; r < COUNT(full); r++)
		assert_int_equal(carbon_easy_full_init(&full[r], T0 + 2 * HOUR_S), 0);
	for (size_t r = CARBON_SLACK_WITH; r <= CARBON_SLACK_EVEN; r++) {
		carbon_easy_full_add(&full[r], T0, T0 + HOUR_S);
		for (time_t at = T0; at < T0 + HOUR_S; at += CARBON_EASY_BIN_S)
			carbon_easy_full_take(&full[r], at - CARBON_EASY_BIN_S - 1, at, T0 + 5 * HOUR_S);
	}
	/* beyond its bins nothing is known but the last value */
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	assert_near(first_hour(&slack, CARBON_SLACK_ALL), 300, 1e-6);
	carbon_slack_fini(&slack);
	assert_int_equal(carbon_easy_full_grow(&full[CARBON_SLACK_WITH], T0 + 8 * HOUR_S), 0);
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	assert_near(first_hour(&slack, CARBON_SLACK_NOBODY), 10, 1e-6);
	assert_near(first_hour(&slack, CARBON_SLACK_HALF), (10 + 60) / 2., 1e-6);
	assert_near(first_hour(&slack, CARBON_SLACK_ALL), 60, 1e-6);
	assert_near(carbon_slack_integral(&slack, CARBON_SLACK_ALL, T0 + HOUR_S, T0 + 2 * HOUR_S), HOUR_S * 20, 1e-3);
	carbon_slack_fini(&slack);
	/* where that run ends it is full as well, without anybody who takes: on to the next bin that is not */
	carbon_easy_full_add(&full[CARBON_SLACK_WITH], T0 + 5 * HOUR_S, T0 + 6 * HOUR_S);
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	assert_near(first_hour(&slack, CARBON_SLACK_ALL), 70, 1e-6);
	carbon_slack_fini(&slack);
	for (size_t r = 0; r < COUNT(full); r++)
		carbon_easy_full_fini(&full[r]);
	carbon_grid_destroy(grid);
}

/* Never full, and the grid dirtier each hour: a credit is the mean of what its starts in each replay say. */
static void a_credit_is_the_mean_over_the_way_from_nobody_to_all(void **state)
{
	struct carbon_grid *grid = make_stairs();
	struct carbon_easy_full full[CARBON_SLACK_REPLAYS] = {{.start_at = T0}, {.start_at = T0}, {.start_at = T0}, {.start_at = T0}};
	struct carbon_slack_job job = {.ready_at = T0 + HOUR_S, .begin_at = T0 + 4 * HOUR_S, .run_s = HOUR_S};
	const time_t starts_h[CARBON_SLACK_REPLAYS] = {
		[CARBON_SLACK_WITH] = 7, [CARBON_SLACK_EVEN] = 5, [CARBON_SLACK_ODD] = 2, [CARBON_SLACK_WITHOUT] = 3};
	struct carbon_slack slack;

	(void)state;
	for (size_t r = 0; r < COUNT(full); r++) {
		assert_int_equal(carbon_easy_full_init(&full[r], T0 + 20 * HOUR_S), 0);
		job.start_at[r] = T0 + starts_h[r] * HOUR_S;
	}
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	/* nobody: 3 to 4, half: 2 to 5, all: 1 to 7 hours */
	assert_near(carbon_slack_credit(&slack, &job) / HOUR_S, -10 * (1 * 1 + 4 * 3 + 1 * 6) / 6., 1e-6);
	job.nth = 1; /* delayed in the other half: 5 to 2 */
	assert_near(carbon_slack_credit(&slack, &job) / HOUR_S, -10 * (1 * 1 + 4 * -3 + 1 * 6) / 6., 1e-6);
	assert_true(carbon_slack_begins(CARBON_SLACK_EVEN, 0) && !carbon_slack_begins(CARBON_SLACK_EVEN, 1));
	assert_true(carbon_slack_begins(CARBON_SLACK_ODD, 1) && !carbon_slack_begins(CARBON_SLACK_ODD, 0));
	carbon_slack_fini(&slack);
	for (size_t r = 0; r < COUNT(full); r++)
		carbon_easy_full_fini(&full[r]);
	carbon_grid_destroy(grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backfilling_never_delays_the_first_in_the_queue),
		cmocka_unit_test(what_ends_with_the_reservation_is_there_for_others),
		cmocka_unit_test(a_bin_tells_who_took_a_node_in_it),
		cmocka_unit_test(a_cluster_is_never_overbooked_and_begins_are_kept),
		cmocka_unit_test(what_is_freed_counts_where_the_run_that_took_it_ended),
		cmocka_unit_test(a_credit_is_the_mean_over_the_way_from_nobody_to_all),
	};

	return cmocka_run_group_tests_name("easy", tests, NULL, NULL);
}
