/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What must hold on any trace and any grid, on those that people really had: nobody begins past
 * the latest start, no decision is worse than what it promised, no deadline is missed because
 * of us. The data are not shipped: CARBON_DATA is their folder.
 */
#include "lib/err.h"
#include "policies/policy.h"
#include "simulator/world.h"
#include "tests/unit/unit.h"
#include "tools/published_work.h"

#define START_AT ((time_t)1680307200) /* 2023-04-01T00:00:00Z, a Saturday */
#define HOUR_S ((time_t)3600)
#define JOBS_MOST 3000
#define HAIR 1e-6

static const char *data;

static const struct trace_of {
	const char *file;
	double unit_s;
	uint32_t nodes; /* of a cluster that it keeps busy */
} traces[] = {
	{"pai_1k.csv", 1, 60},
	{"mustang_100k.csv", 3600, 4000},
	{"NASA-iPSC-1993-3.1-cln.swf", 1, 128},
	{"lublin_256.swf", 1, 256},
	{"slurm_sim_500.csv", 1, 40},
};

static const char *const zones[] = {"DE", "AU-NSW", "CA-ON"};

static void check(int rc, const struct carbon_err *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

/* The first JOBS_MOST of the trace, from START_AT on. */
static void open_trace(const struct trace_of *of, struct carbon_trace *trace)
{
	struct carbon_err err = {""};
	char path[4096];

	snprintf(path, sizeof(path), "%s/jobs/%s", data, of->file);
	carbon_trace_init(trace);
	check(carbon_trace_read(path, of->unit_s, trace, &err), &err);
	carbon_trace_shift(trace, START_AT - trace->job[0].submit_at);
	if (trace->count > JOBS_MOST)
		trace->count = JOBS_MOST;
}

static struct carbon_grid *open_grid(const char *zone)
{
	struct carbon_grid *grid = NULL;
	struct carbon_err err = {""};
	char file[64];

	snprintf(file, sizeof(file), "intensity/%s.csv", zone);
	check(carbon_published_grid(data, file, NULL, NULL, &grid, &err), &err);
	return grid;
}

static struct carbon_simulation_ask ask_of(const struct carbon_trace *trace,
					   struct carbon_grid *grid)
{
	return (struct carbon_simulation_ask){
		.trace = trace,
		.grid = grid,
		.foresight = CARBON_FORESIGHT_PERFECT,
		.belief = CARBON_BELIEF_EXACT,
		.delay_s = 24 * HOUR_S,
		.flexible = 1,
		.node_power_w = 300,
	};
}

static struct carbon_simulation *open_simulation(const struct carbon_simulation_ask *ask)
{
	struct carbon_simulation *simulation = NULL;
	struct carbon_err err = {""};

	check(carbon_simulation_create(ask, &simulation, &err), &err);
	return simulation;
}

static void check_starts(const struct carbon_simulation *simulation,
			 const struct carbon_simulation_ask *ask, const char *name)
{
	const time_t *start_at = carbon_simulation_starts(simulation);

	for (size_t i = 0; i < ask->trace->count; i++) {
		time_t submit_at = ask->trace->job[i].submit_at;

		assert_row(name, start_at[i] >= submit_at);
		assert_row(name, start_at[i] <= submit_at + ask->delay_s);
	}
}

static void check_policies(const struct carbon_simulation_ask *ask)
{
	struct carbon_simulation *simulation = open_simulation(ask);
	struct carbon_simulation_result result;

	for (size_t p = 0; p < carbon_policies_count; p++) {
		assert_int_equal(
			carbon_simulation_run(simulation, carbon_policies[p], &result, NULL),
			0);
		assert_int_equal(result.deadlines_missed, 0);
		check_starts(simulation, ask, carbon_policies[p]->name);
	}
	carbon_simulation_destroy(simulation);
}

static void nobody_begins_past_the_latest_start(void **state)
{
	static const enum carbon_foresight foresights[] = {
		CARBON_FORESIGHT_PERFECT, CARBON_FORESIGHT_ENS, CARBON_FORESIGHT_YESTERDAY};

	(void)state;
	for (size_t t = 0; t < COUNT(traces); t++) {
		struct carbon_grid *grid = open_grid(zones[t % COUNT(zones)]);
		struct carbon_trace trace;
		struct carbon_simulation_ask ask;

		open_trace(&traces[t], &trace);
		ask = ask_of(&trace, grid);
		for (size_t f = 0; f < COUNT(foresights); f++)
			for (ask.replan_s = 0; ask.replan_s <= 2 * HOUR_S;
			     ask.replan_s += 2 * HOUR_S) {
				ask.foresight = foresights[f];
				check_policies(&ask);
			}
		carbon_trace_fini(&trace);
		carbon_grid_destroy(grid);
	}
}

/* Who knows the grid and the run times never does worse than at once, job by job. */
static void with_foresight_no_job_emits_more_than_at_once(void **state)
{
	(void)state;
	for (size_t t = 0; t < COUNT(traces); t++) {
		struct carbon_grid *grid = open_grid(zones[(t + 1) % COUNT(zones)]);
		struct carbon_trace trace;
		struct carbon_simulation_ask ask;
		struct carbon_simulation *simulation;
		struct carbon_simulation_result result;
		double *at_once;

		open_trace(&traces[t], &trace);
		ask = ask_of(&trace, grid);
		simulation = open_simulation(&ask);
		at_once = calloc(trace.count, sizeof(*at_once));
		assert_non_null(at_once);
		for (size_t p = 0; p < carbon_policies_count; p++) {
			const double *mass_g = carbon_simulation_masses(simulation);

			assert_int_equal(carbon_simulation_run(simulation, carbon_policies[p],
							       &result, NULL),
					 0);
			if (p == 0) /* immediate */
				memcpy(at_once, mass_g, trace.count * sizeof(*at_once));
			for (size_t i = 0; i < trace.count; i++)
				assert_row(carbon_policies[p]->name,
					   mass_g[i] <= at_once[i] * (1 + HAIR));
		}
		free(at_once);
		carbon_simulation_destroy(simulation);
		carbon_trace_fini(&trace);
		carbon_grid_destroy(grid);
	}
}

/* --- what single decisions say --- */

static void check_promise(const struct carbon_decision *decision,
			  const struct carbon_world_job *job)
{
	const struct carbon_record *record = &decision->record;

	assert_true(record->begin_at > job->submit_at);
	assert_true(record->begin_at <= record->latest_at);
	assert_true(record->latest_at <= job->submit_at + job->delay_s);
	assert_true(record->mass_g < record->baseline_g);
	assert_true(record->mass_g <= record->mass_high_g * (1 + HAIR));
}

/* Each new begin is expected to be no dirtier than the one before, by the same outlook. */
static void follow(struct carbon_world *world, const struct carbon_grid *grid,
		   const struct carbon_world_job *job, struct carbon_decision *decision)
{
	struct carbon_record *record = &decision->record;
	struct carbon_foreseen foreseen;

	for (time_t now = job->submit_at + HOUR_S; record->begin_at >= now; now += HOUR_S) {
		time_t begin_at = record->begin_at;
		double before_g;

		assert_true(carbon_grid_view(grid, now, &foreseen));
		if (!carbon_curve_has(&foreseen.mean, begin_at,
				      begin_at + (time_t)record->runtime_s))
			continue;
		before_g = carbon_curve_mass_g(&foreseen.mean, begin_at,
					       begin_at + (time_t)record->runtime_s,
					       record->power_w);
		carbon_world_decide_again(world, now, job, &foreseen, record);
		assert_true(record->begin_at >= now && record->begin_at <= record->latest_at);
		if (record->begin_at != begin_at)
			assert_true(record->mass_g <= before_g * (1 + HAIR));
	}
}

static size_t check_decisions(struct carbon_world *world, const struct carbon_grid *grid,
			      const struct carbon_trace *trace)
{
	size_t delayed = 0;

	for (size_t i = 0; i < trace->count; i++) {
		struct carbon_world_job job = {
			.submit_at = trace->job[i].submit_at,
			.delay_s = 24 * HOUR_S,
			.runtime_s = trace->job[i].runtime_s,
			.nodes = trace->job[i].nodes,
			.power_w = 300,
		};
		struct carbon_foreseen foreseen;
		struct carbon_decision decision;

		assert_true(carbon_grid_view(grid, job.submit_at, &foreseen));
		decision = carbon_world_decide(world, &job, &foreseen);
		if (decision.verdict != CARBON_DELAY)
			continue;
		delayed++;
		check_promise(&decision, &job);
		follow(world, grid, &job, &decision);
	}
	return delayed;
}

static void no_decision_is_worse_than_its_promise(void **state)
{
	struct carbon_err err = {""};

	(void)state;
	for (size_t t = 0; t < COUNT(traces); t++) {
		struct carbon_grid *grid = open_grid(zones[t % COUNT(zones)]);
		struct carbon_world *world = NULL;
		struct carbon_trace trace;
		struct carbon_simulation_ask ask;

		open_trace(&traces[t], &trace);
		ask = ask_of(&trace, grid);
		ask.replan_s = HOUR_S;
		check(carbon_grid_foresee(grid, CARBON_FORESIGHT_ENS, START_AT,
					  trace.job[trace.count - 1].submit_at + 25 * HOUR_S,
					  NULL, NULL, &err),
		      &err);
		check(carbon_world_create(&ask, carbon_grid_zone(grid), &world, &err), &err);
		carbon_world_begin(world, carbon_policy_find("lowest-window"));
		assert_true(check_decisions(world, grid, &trace) > trace.count / 4);
		carbon_world_destroy(world);
		carbon_trace_fini(&trace);
		carbon_grid_destroy(grid);
	}
}

static void on_a_cluster_no_deadline_is_missed_because_of_us(void **state)
{
	static const char *const names[] = {"lowest-window", "carbon-time", "risk-averse"};

	(void)state;
	for (size_t t = 0; t < COUNT(traces); t++) {
		struct carbon_grid *grid = open_grid(zones[t % COUNT(zones)]);
		struct carbon_trace trace;
		struct carbon_simulation_ask ask;
		struct carbon_simulation *simulation;

		open_trace(&traces[t], &trace);
		ask = ask_of(&trace, grid);
		ask.nodes = traces[t].nodes;
		ask.foresight = CARBON_FORESIGHT_ENS;
		ask.flexible = 0.5;
		ask.seed = 1;
		ask.replan_s = t % 2 ? HOUR_S : 0;
		simulation = open_simulation(&ask);
		for (size_t p = 0; p < COUNT(names); p++) {
			struct carbon_simulation_result result;

			assert_int_equal(carbon_simulation_run(simulation,
							       carbon_policy_find(names[p]),
							       &result, NULL),
					 0);
			assert_int_equal(result.deadlines_missed, 0);
			assert_true(result.utilisation <= 1 + HAIR);
			print_message("# %s, %s: %.1f %% saved, credits %.1f, used %.0f %%\n",
				      traces[t].file, names[p], result.saved_percent,
				      result.credit_percent, 100 * result.utilisation);
		}
		carbon_simulation_destroy(simulation);
		carbon_trace_fini(&trace);
		carbon_grid_destroy(grid);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_begins_past_the_latest_start),
		cmocka_unit_test(with_foresight_no_job_emits_more_than_at_once),
		cmocka_unit_test(no_decision_is_worse_than_its_promise),
		cmocka_unit_test(on_a_cluster_no_deadline_is_missed_because_of_us),
	};

	data = getenv("CARBON_DATA");
	if (!data || access(data, R_OK) != 0) {
		fprintf(stderr, "no data to replay in \"%s\": set CARBON_DATA\n",
			data ? data : "");
		return 2;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("invariants", tests, NULL, NULL);
}
