/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays on made-up grids: what must hold for any policy, and small cases that can be worked
 * out by hand. Nothing here looks into the engine; it asks for results and starts.
 */
#include "lib/err.h"
#include "lib/series.h"
#include "simulator/simulate.h"
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

static struct carbon_simulation_result split_runs(const struct carbon_simulation_ask *ask, time_t replan_s)
{
	struct carbon_simulation_ask asked = *ask;
	struct carbon_simulation_result result;
	struct carbon_simulation *simulation;

	asked.replan_s = replan_s;
	simulation = open_simulation(&asked);
	result = run_policy(simulation, "segments");
	carbon_simulation_destroy(simulation);
	assert_int_equal(result.deadlines_missed, 0);
	return result;
}

/*
 * Who knows everything changes nothing by planning a split run again, where looks and runs meet the grid's hours. Where they do not,
 * windows end with looks and no longer with clean hours.
 */
static void planning_split_runs_again_costs_nothing_but_what_looks_cost(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation_result once, again;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	fill_trace(&dice, &trace, 300, 30 * DAY_H, 50 * DAY_H, 8);
	ask = ask_of(&trace, grid);
	once = split_runs(&ask, 0);
	again = split_runs(&ask, HOUR_S);
	assert_true(once.windows > once.jobs && once.of_clairvoyant_percent > 100);
	assert_true(again.emissions_kg > once.emissions_kg && again.emissions_kg < 1.02 * once.emissions_kg);
	assert_true(split_runs(&ask, HOUR_S / 6).emissions_kg < again.emissions_kg);
	for (size_t i = 0; i < trace.count; i++) {
		struct carbon_trace_job *job = &trace.job[i];

		job->submit_at -= (job->submit_at - T0) % HOUR_S;
		job->runtime_s = job->limit_s = (job->runtime_s / HOUR_S + 1) * HOUR_S;
	}
	once = split_runs(&ask, 0);
	again = split_runs(&ask, HOUR_S);
	assert_near(again.emissions_kg, once.emissions_kg, 1e-6 * once.emissions_kg);
	assert_near(again.energy_kwh, once.energy_kwh, 1e-9);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

/* A job that waits in a gap is not moved about as if to begin again were free: planned again and again it needs no more energy. */
static void planning_again_counts_the_restart_of_a_job_in_a_gap(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_grid *grid = make_grid(&dice, 60 * DAY_H, -1);
	struct carbon_simulation_result once, again;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	(void)state;
	fill_trace(&dice, &trace, 300, 30 * DAY_H, 50 * DAY_H, 8);
	ask = ask_of(&trace, grid);
	ask.restart_s = 1200;
	once = split_runs(&ask, 0);
	again = split_runs(&ask, HOUR_S / 6);
	assert_true(once.windows > once.jobs);
	assert_near(again.emissions_kg, once.emissions_kg, 0.005 * once.emissions_kg);
	assert_true(again.energy_kwh < 1.005 * once.energy_kwh);
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

/* A rule of somebody else's, which knows neither load nor slack clock. */
static time_t choose_stubbornly(const struct carbon_query *query)
{
	return carbon_policy_find("lowest-window")->choose(query);
}

static const struct carbon_policy stubborn = {.name = "stubborn", .choose = choose_stubbornly};

/* Work of equal power that always waits: an order of jobs changes nothing, and nobody may claim
 * that it does. */
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

/* Half empty, a hole stays a hole: what the jobs claim is what the cluster saved. */
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

/* Credit, effect and what the wall claims of half the work on 32 nodes all waiting for the same few clean hours, which have no room for it. */
static void add_crowd(struct dice *dice, double load, double sum[3])
{
	struct carbon_grid *grid = make_grid(dice, 60 * DAY_H, -1);
	struct carbon_simulation_result result;
	struct carbon_simulation *simulation;
	struct carbon_simulation_ask ask;
	struct carbon_trace trace;

	fill_trace(dice, &trace, (size_t)(load * 1470), 30 * DAY_H, 50 * DAY_H, 4);
	ask = ask_of(&trace, grid);
	ask.nodes = 32;
	ask.flexible = 0.5;
	simulation = open_simulation(&ask);
	assert_int_equal(carbon_simulation_run(simulation, &stubborn, &result, NULL), 0);
	sum[0] += result.credit_percent;
	sum[1] += result.saved_percent;
	sum[2] += result.naive_percent;
	carbon_simulation_destroy(simulation);
	carbon_trace_fini(&trace);
	carbon_grid_destroy(grid);
}

static void a_crowd_is_credited_what_the_cluster_saves(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (double load = 0.5; load < 0.95; load += 0.2) {
		double sum[3] = {0};

		for (int i = 0; i < 8; i++)
			add_crowd(&dice, load, sum);
		assert_near(sum[0], sum[1], 0.2 * sum[1]);
		assert_true(sum[2] > 1.1 * sum[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_second_before_a_knot_counts_as_any_other),
		cmocka_unit_test(
			without_a_delay_every_policy_equals_immediate_to_the_last_digit),
		cmocka_unit_test(perfect_foresight_is_the_best_that_there_is),
		cmocka_unit_test(planning_split_runs_again_costs_nothing_but_what_looks_cost),
		cmocka_unit_test(planning_again_counts_the_restart_of_a_job_in_a_gap),
		cmocka_unit_test(those_who_do_not_take_part_do_not_wait),
		cmocka_unit_test(jobs_in_gaps_or_past_the_data_are_counted_and_not_summed),
		cmocka_unit_test(habits_are_learnt_from_runs_that_have_ended),
		cmocka_unit_test(a_saturated_cluster_saves_nothing_and_claims_nothing),
		cmocka_unit_test(a_crowd_spreads_over_the_clean_hours),
		cmocka_unit_test(on_an_idle_cluster_credits_are_the_effect),
		cmocka_unit_test(a_crowd_is_credited_what_the_cluster_saves),
	};

	return cmocka_run_group_tests_name("simulate", tests, NULL, NULL);
}
