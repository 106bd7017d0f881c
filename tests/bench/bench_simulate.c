/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a replay costs: a million jobs over a year of hours with room for all, reading the trace
 * included, and 100,000 jobs with backfilling on 1,000 nodes at 90 % load. Everything is made
 * up, the same on every machine. Goals: 3 s, 30 s, 300 MB.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/series.h"
#include "simulator/simulate.h"
#include "simulator/trace.h"
#include "tests/bench/verdict.h"

#define START ((time_t)1672531200)
#define HOURS 8760
#define HOUR_S 3600
#define OPEN_JOBS 1000000
#define OPEN_GOAL_S 3.0
#define CLUSTER_JOBS 100000
#define CLUSTER_NODES 1000
#define CLUSTER_LOAD 0.9
#define CLUSTER_GOAL_S 30.0
#define GOAL_MB 300.0
#define TEXT_MAX ((size_t)128 << 20)

/* Uniform in [0, 1). */
static double roll(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 33) / (double)(1u << 31);
}

static struct carbon_grid *make_grid(struct carbon_err *err)
{
	struct carbon_series series;
	struct carbon_grid *grid = NULL;
	uint64_t seed = 1;
	int rc = 0;

	carbon_series_init(&series);
	for (int h = 0; h < HOURS && rc == 0; h++) {
		struct carbon_point point = {.at = START + (time_t)h * HOUR_S};

		point.g_kwh = 350 + 150 * cos(2 * M_PI * h / 24) + 100 * roll(&seed);
		rc = carbon_series_add(&series, point, err);
	}
	if (rc == 0)
		rc = carbon_grid_create("XX", &series, &grid, err);
	carbon_series_fini(&series);
	return rc == 0 ? grid : NULL;
}

/* JOBS over 360 days; of a mean run time of an hour, most much shorter, on up to NODES_MAX
 * nodes. */
static void write_trace(struct carbon_buf *buf, int jobs, double runtime_s, int nodes_max)
{
	uint64_t seed = 2;

	carbon_buf_puts(buf, "submit,runtime_s,limit_s,nodes,power_w,user,name\n");
	for (int i = 0; i < jobs; i++) {
		double at = (double)START + 360.0 * 86400 * i / jobs;
		double run_s = fmin(1 - log(1 - roll(&seed)) * runtime_s, 86400);
		int nodes = 1 + (int)(roll(&seed) * roll(&seed) * nodes_max);

		carbon_buf_printf(buf, "%.0f,%.0f,%.0f,%d,%d,u%d,n%d\n", at, run_s, run_s * 2,
				  nodes, 400 * nodes, (int)(roll(&seed) * 500),
				  (int)(roll(&seed) * 20));
	}
}

static int replay(const struct carbon_simulation_ask *ask, struct carbon_simulation_result *out,
		  struct carbon_err *err)
{
	static const char *const policies[] = {"immediate", "lowest-window"};
	struct carbon_simulation *simulation;
	int rc = carbon_simulation_create(ask, &simulation, err);

	if (rc < 0)
		return -1;
	for (size_t i = 0; i < 2 && rc == 0; i++)
		rc = carbon_simulation_run(simulation, carbon_policy_find(policies[i]), out,
					   err);
	carbon_simulation_destroy(simulation);
	return rc;
}

static int run_both(struct carbon_grid *grid, const struct carbon_buf *text, uint32_t nodes,
		    double *seconds, struct carbon_err *err)
{
	struct carbon_simulation_result result;
	struct carbon_trace trace;
	struct carbon_simulation_ask ask = {
		.trace = &trace,
		.grid = grid,
		.foresight = CARBON_FORESIGHT_ENS,
		.belief = CARBON_BELIEF_HABIT,
		.delay_s = 86400,
		.flexible = 0.5,
		.node_power_w = 400,
		.nodes = nodes,
	};
	int rc;

	*seconds = bench_cpu_s();
	carbon_trace_init(&trace);
	rc = carbon_trace_parse(text->text, text->length, 1, &trace, err);
	if (rc == 0)
		rc = replay(&ask, &result, err);
	carbon_trace_fini(&trace);
	*seconds = bench_cpu_s() - *seconds;
	if (rc == 0)
		printf("  %zu jobs, %.1f %% saved, utilisation %.2f, %zu deadlines missed\n",
		       result.jobs, result.saved_percent, result.utilisation,
		       result.deadlines_missed);
	return rc;
}

static int run_open(struct carbon_grid *grid, double *seconds, struct carbon_err *err)
{
	struct carbon_buf text;
	int rc;

	carbon_buf_init(&text, TEXT_MAX);
	write_trace(&text, OPEN_JOBS, HOUR_S, 16);
	rc = text.failed ? carbon_err_set(err, "no memory")
			 : run_both(grid, &text, 0, seconds, err);
	carbon_buf_fini(&text);
	return rc;
}

static int run_cluster(struct carbon_grid *grid, double *seconds, struct carbon_err *err)
{
	/* mean nodes are a quarter of the most */
	double runtime_s =
		CLUSTER_LOAD * CLUSTER_NODES * 360 * 86400 / (CLUSTER_JOBS * 32 / 4.0);
	struct carbon_buf text;
	int rc;

	carbon_buf_init(&text, TEXT_MAX);
	write_trace(&text, CLUSTER_JOBS, fmin(runtime_s, 40000), 32);
	rc = text.failed ? carbon_err_set(err, "no memory")
			 : run_both(grid, &text, CLUSTER_NODES, seconds, err);
	carbon_buf_fini(&text);
	return rc;
}

int main(void)
{
	struct carbon_err err;
	struct carbon_grid *grid = make_grid(&err);
	double open_s = 0, cluster_s = 0;

	if (!grid || run_open(grid, &open_s, &err) < 0 ||
	    run_cluster(grid, &cluster_s, &err) < 0) {
		fprintf(stderr, "bench_simulate: %s\n", err.text);
		carbon_grid_destroy(grid);
		return 1;
	}
	carbon_grid_destroy(grid);
	return bench_verdict("a million jobs over a year, two policies", open_s, "CPU s", OPEN_GOAL_S) |
	       bench_verdict("100,000 jobs with backfilling on 1,000 nodes, two policies", cluster_s, "CPU s",
			     CLUSTER_GOAL_S) |
	       bench_verdict("memory", bench_memory_mb(), "MB", GOAL_MB);
}
