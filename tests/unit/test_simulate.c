/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays on made-up grids: what must hold for any policy, and small cases that can be worked
 * out by hand. Nothing here looks into the engine; it asks for results and starts.
 */
#include "lib/err.h"
#include "lib/series.h"
#include "simulator/easy.h"
#include "simulator/simulate.h"
#include "simulator/slack.h"
#include "simulator/trace.h"
#include "tests/unit/unit.h"

#define T0 ((time_t)1672531200) /* 2023-01-01T00:00:00Z */
#define HOUR_S 3600
#define DAY_H 24

/* A daily swing with noise, 60 days; hour HOLE (if any) is missing. */
static struct carbon_grid *make_grid(struct dice *dice, int hours, int hole)
{
	struct carbon_series series;
	struct carbon_grid *grid = NULL;
	struct carbon_err err;

	carbon_series_init(&series);
	for (int h = 0; h < hours; h++) {
		double swing = 300 + 150 * cos(h % DAY_H * 6.2831853 / DAY_H);

		if (h != hole)
			assert_int_equal(
				carbon_series_add(
					&series,
					(struct carbon_point){.at = T0 + (time_t)h * HOUR_S,
							      .g_kwh = swing +
								       dice_real(dice, 0, 60)},
					&err),
				0);
	}
	assert_int_equal(carbon_grid_create("XX", &series, &grid, &err), 0);
	carbon_series_fini(&series);
	return grid;
}

static void add_job(struct carbon_trace *trace, time_t submit_at, double runtime_s,
		    double limit_s, double nodes)
{
	struct carbon_trace_row row = carbon_trace_row_blank(trace->count + 1);

	row.submit_s = (double)submit_at;
	row.runtime_s = runtime_s;
	row.limit_s = limit_s;
	row.nodes = nodes;
	row.user = carbon_trace_number(trace, "ada");
	row.name = carbon_trace_number(trace, "train");
	assert_int_equal(carbon_trace_add(trace, &row, NULL), 0);
}

static void fill_trace(struct dice *dice, struct carbon_trace *trace, size_t jobs, int from_h,
		       int to_h, int nodes_max)
{
	carbon_trace_init(trace);
	for (size_t i = 0; i < jobs; i++) {
		double runtime_s = (double)dice_between(dice, 300, 8 * HOUR_S);

		add_job(trace, T0 + (time_t)dice_between(dice, from_h * HOUR_S, to_h * HOUR_S),
			runtime_s, runtime_s * dice_real(dice, 1, 4),
			(double)dice_between(dice, 1, nodes_max));
	}
	assert_int_equal(carbon_trace_finish(trace, NULL), 0);
}

static struct carbon_simulation_ask ask_of(const struct carbon_trace *trace,
					   struct carbon_grid *grid)
{
	return (struct carbon_simulation_ask){
		.trace = trace,
		.grid = grid,
		.foresight = CARBON_FORESIGHT_PERFECT,
		.delay_s = DAY_H * HOUR_S,
		.flexible = 1,
		.node_power_w = 500,
	};
}

static struct carbon_simulation *open_simulation(const struct carbon_simulation_ask *ask)
{
	struct carbon_simulation *simulation = NULL;
	struct carbon_err err = {""};

	if (carbon_simulation_create(ask, &simulation, &err) < 0)
		fail_msg("%s", err.text);
	return simulation;
}

static struct carbon_simulation_result run_policy(struct carbon_simulation *simulation,
						  const char *name)
{
	struct carbon_simulation_result result;

	assert_int_equal(
		carbon_simulation_run(simulation, carbon_policy_find(name), &result, NULL), 0);
	return result;
}

/* Bit for bit. */
#define assert_same(a, b) assert_memory_equal(&(a), &(b), sizeof(a))

static void check_without_delay(const struct carbon_simulation_ask *ask)
{
	struct carbon_simulation *simulation = open_simulation(ask);
	struct carbon_simulation_result at_once = run_policy(simulation, "immediate");

	for (size_t p = 0; p < carbon_policies_count; p++) {
		struct carbon_simulation_result result =
			run_policy(simulation, carbon_policies[p]->name);

		assert_same(result.emissions_kg, at_once.emissions_kg);
		assert_same(result.energy_kwh, at_once.energy_kwh);
		assert_same(result.saved_percent, at_once.saved_percent);
		assert_same(result.wait_mean_s, at_once.wait_mean_s);
		assert_same(result.slowdown, at_once.slowdown);
		assert_same(result.utilisation, at_once.utilisation);
		assert_int_equal(result.moves, 0);
		assert_int_equal(result.deadlines_missed, 0);
	}
	carbon_simulation_destroy(simulation);
}

/* Such a run is a small difference of large sums: they must be of the very values that are taken off them. */
static void a_second_before_a_knot_counts_as_any_other(void **state)
{
	struct carbon_series series;
	struct carbon_grid *grid = NULL;

	(void)state;
	carbon_series_init(&series);
	for (int h = 0; h < 30; h++)
		assert_int_equal(carbon_series_add(&series,
						   (struct carbon_point){.at = T0 + (time_t)h * HOUR_S, .g_kwh = 333.3},
						   NULL),
				 0);
	assert_int_equal(carbon_grid_create("XX", &series, &grid, NULL), 0);
	for (time_t at = T0 + HOUR_S - 1; at < T0 + 28 * HOUR_S; at += HOUR_S)
		assert_near(carbon_curve_integral(carbon_grid_truth(grid), at, at + 2), 2 * 333.3, 1e-4);
	carbon_grid_destroy(grid);
	carbon_series_fini(&series);
}

static void without_a_delay_every_policy_equals_immediate_to_the_last_digit(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_trace trace;
	struct carbon_simulation_ask ask;

	(void)state;
	fill_trace(&dice, &trace, 500, 30 * DAY_H, 50 * DAY_H, 8);
	ask = ask_of(&trace, grid);
	ask.delay_s = 0;
	ask.replan_s = HOUR_S;
	for (int foresight = 0; foresight < CARBON_FORESIGHTS; foresight++)
		for (int belief = 0; belief < CARBON_BELIEFS; belief++) {
			ask.foresight = (enum carbon_foresight)foresight;
			ask.belief = (enum carbon_runtime_belief)belief;
			ask.nodes = 0;
			check_without_delay(&ask);
			ask.nodes = 16;
			check_without_delay(&ask);
		}
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

static void perfect_foresight_is_the_best_that_there_is(void **state)
{
	static const char *const policies[] = {"immediate", "threshold", "carbon-time",
					       "risk-averse"};
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_trace trace;
	struct carbon_simulation_ask ask;

	(void)state;
	fill_trace(&dice, &trace, 500, 30 * DAY_H, 50 * DAY_H, 8);
	ask = ask_of(&trace, grid);
	for (int foresight = 0; foresight < CARBON_FORESIGHTS; foresight++) {
		struct carbon_simulation *simulation;
		struct carbon_simulation_result result;

		ask.foresight = (enum carbon_foresight)foresight;
		ask.replan_s = foresight % 2 ? HOUR_S : 0;
		simulation = open_simulation(&ask);
		result = run_policy(simulation, "lowest-window");
		if (foresight == CARBON_FORESIGHT_PERFECT)
			assert_near(result.of_clairvoyant_percent, 100, 1e-6);
		/* who expects the last value for ever sees no reason to wait */
		assert_true(foresight == CARBON_FORESIGHT_LAST ? result.saved_percent == 0
							       : result.saved_percent > 5);
		assert_true(result.of_clairvoyant_percent < 100 + 1e-6);
		assert_int_equal(result.deadlines_missed, 0);
		assert_true(result.wait_p95_s <= DAY_H * HOUR_S);
		for (size_t p = 0; p < COUNT(policies); p++)
			assert_true(run_policy(simulation, policies[p]).of_clairvoyant_percent <
				    100 + 1e-6);
		carbon_simulation_destroy(simulation);
	}
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

/* Who knows everything changes nothing by planning a split run again. */
static void planning_split_runs_again_costs_nothing(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation_result once, again;
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	fill_trace(&dice, &trace, 300, 30 * DAY_H, 50 * DAY_H, 8);
	ask = ask_of(&trace, grid);
	simulation = open_simulation(&ask);
	once = run_policy(simulation, "segments");
	carbon_simulation_destroy(simulation);
	ask.replan_s = HOUR_S;
	simulation = open_simulation(&ask);
	again = run_policy(simulation, "segments");
	carbon_simulation_destroy(simulation);
	assert_true(once.windows > once.jobs && once.of_clairvoyant_percent > 100);
	assert_near(again.emissions_kg, once.emissions_kg, 1e-6 * once.emissions_kg);
	assert_near(again.energy_kwh, once.energy_kwh, 1e-9);
	assert_int_equal(again.deadlines_missed, 0);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

static void those_who_do_not_take_part_do_not_wait(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation *simulation;
	struct carbon_simulation_result result, again;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	fill_trace(&dice, &trace, 2000, 30 * DAY_H, 50 * DAY_H, 8);
	ask = ask_of(&trace, grid);
	ask.flexible = 0.4;
	ask.seed = 7;
	simulation = open_simulation(&ask);
	result = run_policy(simulation, "lowest-window");
	again = run_policy(simulation, "lowest-window");
	assert_true(result.participants > 700 && result.participants < 900);
	assert_near(result.others_wait_mean_s, 0, 0);
	assert_true(result.wait_mean_s > HOUR_S);
	assert_same(result.emissions_kg, again.emissions_kg);
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

static void jobs_in_gaps_or_past_the_data_are_counted_and_not_summed(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 100, 50);
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	carbon_trace_init(&trace);
	add_job(&trace, T0 - HOUR_S, HOUR_S, 0, 1);	     /* before the data */
	add_job(&trace, T0 + 10 * HOUR_S, HOUR_S, 0, 2);     /* counts */
	add_job(&trace, T0 + 51 * HOUR_S / 2, HOUR_S, 0, 1); /* could end in the gap */
	add_job(&trace, T0 + 98 * HOUR_S, HOUR_S, 0,
		2); /* counts, its wait cut at the end of the data */
	add_job(&trace, T0 + 99 * HOUR_S, 2 * HOUR_S, 0, 1); /* ends after them */
	assert_int_equal(carbon_trace_finish(&trace, NULL), 0);
	ask = ask_of(&trace, grid);
	simulation = open_simulation(&ask);
	assert_int_equal(carbon_simulation_counts(simulation)->jobs, 2);
	assert_int_equal(carbon_simulation_counts(simulation)->outside, 2);
	assert_int_equal(carbon_simulation_counts(simulation)->gaps, 1);
	for (size_t p = 0; p < carbon_policies_count; p++) {
		struct carbon_simulation_result result =
			run_policy(simulation, carbon_policies[p]->name);

		assert_near(result.energy_kwh, 2, 1e-9);
		assert_int_equal(result.jobs, 2);
		assert_true(carbon_simulation_starts(simulation)[3] <= T0 + 99 * HOUR_S);
	}
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

static void habits_are_learnt_from_runs_that_have_ended(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 10 * DAY_H, -1);
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	carbon_trace_init(&trace);
	for (int i = 0; i < 3; i++)
		add_job(&trace, T0 + i, HOUR_S, 0, 1);
	add_job(&trace, T0 + HOUR_S + 1, HOUR_S, 0, 1);	     /* two have ended */
	add_job(&trace, T0 + 2 * HOUR_S + 10, HOUR_S, 0, 1); /* all have */
	assert_int_equal(carbon_trace_finish(&trace, NULL), 0);
	ask = ask_of(&trace, grid);
	ask.belief = CARBON_BELIEF_HABIT;
	simulation = open_simulation(&ask);
	assert_int_equal(carbon_simulation_counts(simulation)->no_runtime, 4);
	run_policy(simulation, "lowest-window");
	for (int i = 0; i < 4; i++)
		assert_int_equal(carbon_simulation_starts(simulation)[i],
				 trace.job[i].submit_at);
	assert_true(carbon_simulation_starts(simulation)[4] > trace.job[4].submit_at);
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

/* --- clusters --- */

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

/* Work of equal power that always waits: an order of jobs changes nothing, and nobody may claim
 * that it does. */
/* A rule of somebody else's, which knows neither load nor slack clock. */
static time_t choose_stubbornly(const struct carbon_query *query)
{
	return carbon_policy_find("lowest-window")->choose(query);
}

static const struct carbon_policy stubborn = {.name = "stubborn", .choose = choose_stubbornly};

static void a_saturated_cluster_saves_nothing_and_claims_nothing(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation_result result;
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	carbon_trace_init(&trace);
	for (int i = 0; i < 300; i++) /* a backlog of a day and a half that never goes away */
		add_job(&trace, T0 + 30 * DAY_H * HOUR_S, HOUR_S, HOUR_S, 1);
	for (int i = 0; i < 3000; i++) /* as much as eight nodes can do */
		add_job(&trace, T0 + 30 * DAY_H * HOUR_S + i * 450, HOUR_S, HOUR_S, 1);
	assert_int_equal(carbon_trace_finish(&trace, NULL), 0);
	ask = ask_of(&trace, grid);
	ask.nodes = 8;
	ask.flexible = 0.5;
	ask.delay_s = 60 * HOUR_S; /* a day more than the queue takes */
	simulation = open_simulation(&ask);
	assert_int_equal(carbon_simulation_run(simulation, &stubborn, &result, NULL), 0);
	assert_true(result.utilisation > 0.98);
	assert_true(result.wait_mean_s > DAY_H * HOUR_S);
	assert_true(result.naive_percent > 1 || result.naive_percent < -1);
	assert_near(result.saved_percent, 0, 0.1);
	assert_near(result.credit_percent, 0, 0.1);
	assert_int_equal(result.deadlines_missed, 0);
	/* The decision itself sees that waiting would change nothing. */
	result = run_policy(simulation, "lowest-window");
	assert_near(result.naive_percent, 0, 0.1);
	assert_near(result.saved_percent, 0, 0.1);
	assert_near(result.credit_percent, 0, 0.1);
	assert_int_equal(result.deadlines_missed, 0);
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

/* Half empty, a hole stays a hole: what the jobs claim is what the cluster saved. */
/* Two thousand equal jobs within a minute: those who see each other fill the clean hours. */
static void a_crowd_spreads_over_the_clean_hours(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation_result crowd;
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;
	const time_t *start_at;
	size_t now = 0;

	(void)state;
	carbon_trace_init(&trace);
	for (int i = 0; i < 2000; i++)
		add_job(&trace, T0 + 30 * DAY_H * HOUR_S + i * 60 / 2000, HOUR_S, HOUR_S, 1);
	assert_int_equal(carbon_trace_finish(&trace, NULL), 0);
	ask = ask_of(&trace, grid);
	ask.nodes = 400;
	simulation = open_simulation(&ask);
	crowd = run_policy(simulation, "lowest-window");
	start_at = carbon_simulation_starts(simulation);
	for (int i = 0; i < 2000; i++)
		now += start_at[i] < T0 + 30 * DAY_H * HOUR_S + HOUR_S;
	assert_true(now < 500); /* it is dirty at midnight */
	assert_true(crowd.saved_percent > 20);
	assert_near(crowd.credit_percent, crowd.saved_percent, 0.3 * crowd.saved_percent);
	assert_int_equal(crowd.deadlines_missed, 0);
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

static void on_an_idle_cluster_credits_are_the_effect(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation_result result;
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	fill_trace(&dice, &trace, 1000, 30 * DAY_H, 50 * DAY_H, 4);
	ask = ask_of(&trace, grid);
	ask.nodes = 1000;
	simulation = open_simulation(&ask);
	result = run_policy(simulation, "lowest-window");
	assert_true(result.saved_percent > 5);
	assert_near(result.credit_percent, result.saved_percent, 1e-2 * result.saved_percent);
	assert_near(result.naive_percent, result.saved_percent, 1e-9);
	assert_near(result.of_clairvoyant_percent, 100, 1e-6);
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
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

/* The first hour is full with us, and its nodes go to a run of five hours; without us it is not. */
static void what_is_freed_counts_where_the_run_that_took_it_ended(void **state)
{
	struct carbon_grid *grid = make_stairs();
	struct carbon_easy_full full[CARBON_SLACK_REPLAYS] = {{.start_at = T0}, {.start_at = T0 + HOUR_S}};
	struct carbon_slack slack;

	(void)state;
	for (size_t r = 0; r < COUNT(full); r++)
		assert_int_equal(carbon_easy_full_init(&full[r], T0 + 2 * HOUR_S), 0);
	carbon_easy_full_add(&full[0], T0, T0 + HOUR_S);
	for (time_t at = T0; at < T0 + HOUR_S; at += CARBON_EASY_BIN_S)
		carbon_easy_full_take(&full[0], at - CARBON_EASY_BIN_S - 1, at, T0 + 5 * HOUR_S);
	/* beyond its bins nothing is known but the last value */
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	assert_near(carbon_slack_integral(&slack, T0, T0 + HOUR_S), HOUR_S * (300 + 10) / 2, 1e-3);
	carbon_slack_fini(&slack);
	assert_int_equal(carbon_easy_full_grow(&full[0], T0 + 8 * HOUR_S), 0);
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	assert_near(carbon_slack_integral(&slack, T0, T0 + HOUR_S), HOUR_S * (60 + 10) / 2, 1e-3);
	assert_near(carbon_slack_integral(&slack, T0 + HOUR_S, T0 + 2 * HOUR_S), HOUR_S * 20, 1e-3);
	carbon_slack_fini(&slack);
	/* where that run ends it is full as well, without anybody who takes: on to the next bin that is not */
	carbon_easy_full_add(&full[0], T0 + 5 * HOUR_S, T0 + 6 * HOUR_S);
	assert_int_equal(carbon_slack_init(&slack, full, grid), 0);
	assert_near(carbon_slack_integral(&slack, T0, T0 + HOUR_S), HOUR_S * (70 + 10) / 2, 1e-3);
	carbon_slack_fini(&slack);
	for (size_t r = 0; r < COUNT(full); r++)
		carbon_easy_full_fini(&full[r]);
	carbon_grid_destroy(grid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_before_a_knot_counts_as_any_other),
		cmocka_unit_test(
			without_a_delay_every_policy_equals_immediate_to_the_last_digit),
		cmocka_unit_test(perfect_foresight_is_the_best_that_there_is),
		cmocka_unit_test(planning_split_runs_again_costs_nothing),
		cmocka_unit_test(those_who_do_not_take_part_do_not_wait),
		cmocka_unit_test(jobs_in_gaps_or_past_the_data_are_counted_and_not_summed),
		cmocka_unit_test(habits_are_learnt_from_runs_that_have_ended),
		cmocka_unit_test(backfilling_never_delays_the_first_in_the_queue),
		cmocka_unit_test(what_ends_with_the_reservation_is_there_for_others),
		cmocka_unit_test(a_bin_tells_who_took_a_node_in_it),
		cmocka_unit_test(a_cluster_is_never_overbooked_and_begins_are_kept),
		cmocka_unit_test(a_saturated_cluster_saves_nothing_and_claims_nothing),
		cmocka_unit_test(a_crowd_spreads_over_the_clean_hours),
		cmocka_unit_test(on_an_idle_cluster_credits_are_the_effect),
		cmocka_unit_test(what_is_freed_counts_where_the_run_that_took_it_ended),
	};

	return cmocka_run_group_tests_name("simulate", tests, NULL, NULL);
}
