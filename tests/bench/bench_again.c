/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much CPU deciding again costs: 100,000 waiting jobs as one assignment against the capacity of a place that runs other work
 * too, on a new 96-hour outlook in 5-minute steps with random values, so that no two neighbours merge; one run of carbonctl
 * replan without what Slurm itself takes. Goal: under 2 s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/load.h"
#include "policies/assign.h"
#include "tests/bench/verdict.h"

#define POINTS (96 * 12)
#define STEP_S 300
#define JOBS 100000
#define NODES 150000
#define HOUR_S 3600
#define NOW ((time_t)1791168000)
#define GOAL_S 2.0

struct grid {
	uint32_t knot_s[POINTS + 1];
	float value[POINTS];
	double sum[POINTS + 1];
	struct carbon_outlook_zone zone;
	struct carbon_outlook outlook;
	struct carbon_place place;
	struct carbon_site site;
	struct carbon_site_series committed;
	float storage[CARBON_LOAD_FLOATS(1)];
	struct carbon_load own;
};

static uint64_t random_state = 1;

/* splitmix64 */
static uint32_t below(uint32_t limit)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (uint32_t)((z ^ (z >> 31)) % limit);
}

static void fill(struct grid *grid)
{
	struct carbon_curve curve = {NOW - 100, POINTS, grid->knot_s, grid->value, grid->sum, NULL};

	for (size_t i = 0; i <= POINTS; i++)
		grid->knot_s[i] = (uint32_t)i * STEP_S;
	for (size_t i = 0; i < POINTS; i++)
		grid->value[i] = (float)below(500000) / 1000.0f + 20.0f;
	carbon_curve_sum(POINTS, grid->knot_s, grid->value, grid->sum);
	snprintf(grid->zone.name, sizeof(grid->zone.name), "DE");
	grid->zone.parts = 1;
	grid->zone.part[0] = (struct carbon_part){0, CARBON_KIND_FORECAST, "electricitymaps", NOW - 600};
	grid->zone.mean = grid->zone.low = grid->zone.high = curve;
	grid->outlook = (struct carbon_outlook){NOW, 1, &grid->zone};
	snprintf(grid->place.partition, sizeof(grid->place.partition), "batch");
	snprintf(grid->place.zone, sizeof(grid->place.zone), "DE");
	carbon_site_init(&grid->site);
	grid->site.level = CARBON_LEVEL_DEFAULT;
	grid->site.places = 1;
	grid->site.place = &grid->place;
	grid->place.nodes = NODES;
	snprintf(grid->committed.name, sizeof(grid->committed.name), "batch");
	grid->committed.from_at = NOW - NOW % CARBON_LOAD_SLOT_S;
	grid->committed.step_s = CARBON_LOAD_SLOT_S;
	grid->committed.count = 96;
	for (size_t i = 0; i < grid->committed.count; i++)
		grid->committed.value[i] = (float)(NODES - NODES * i / 96);
	grid->site.loads = 1;
	grid->site.load = &grid->committed;
	carbon_load_init(&grid->own, 1, grid->storage, NOW);
}

/* A job that waits up to two days, and runs a quarter of an hour to a day. */
static void roll(struct carbon_record *record)
{
	static const char *const policies[] = {"lowest-window", "carbon-time", "risk-averse", "threshold"};

	memset(record, 0, sizeof(*record));
	record->delayed = true;
	record->level = CARBON_LEVEL_DEFAULT;
	record->baseline_at = NOW - below(6 * HOUR_S);
	record->begin_at = NOW + 1 + below(24 * HOUR_S);
	record->latest_at = record->begin_at + below(24 * HOUR_S);
	record->runtime_s = 900 + below(24 * HOUR_S);
	record->power_w = 100 + below(10000);
	record->baseline_g = 1000;
	record->mass_g = below(1000);
	snprintf(record->zone, sizeof(record->zone), "DE");
	snprintf(record->partition, sizeof(record->partition), "batch");
	snprintf(record->policy, sizeof(record->policy), "%s", policies[below(4)]);
}

static void count(void *caller, const struct carbon_assign_job *job, const struct carbon_again_decision *decision)
{
	size_t *verdicts = caller;

	(void)job;
	verdicts[decision->verdict]++;
}

static void describe(const struct carbon_record *record, size_t i, struct carbon_assign_job *out)
{
	*out = (struct carbon_assign_job){
		.again = {.record = record,
			  .partition = "batch",
			  .limit_s = 24 * HOUR_S,
			  .next_at = NOW + 1020,
			  .nodes = 1 + below(4)},
		.submit_at = record->baseline_at,
		.id = (uint32_t)i,
		.index = i,
	};
}

/* The most that any quarter of an hour was given, of what is committed and what was assigned. */
static double most_nodes(const struct grid *grid)
{
	double most = 0;

	for (time_t at = NOW; at < NOW + 48 * HOUR_S; at += CARBON_LOAD_SLOT_S) {
		size_t step = (size_t)((at - grid->committed.from_at) / CARBON_LOAD_SLOT_S);
		double nodes = carbon_load_nodes(&grid->own, 0, at);

		if (step < grid->committed.count)
			nodes += (double)grid->committed.value[step];
		most = nodes > most ? nodes : most;
	}
	return most;
}

int main(void)
{
	struct grid *grid = calloc(1, sizeof(*grid));
	struct carbon_record *record = calloc(JOBS, sizeof(*record));
	struct carbon_assign_job *job = calloc(JOBS, sizeof(*job));
	size_t verdicts[3] = {0};
	double took_s;

	if (!grid || !record || !job)
		return 2;
	fill(grid);
	for (size_t i = 0; i < JOBS; i++) {
		roll(&record[i]);
		describe(&record[i], i, &job[i]);
	}
	took_s = bench_cpu_s();
	carbon_assign(&(struct carbon_context){.site = &grid->site, .outlook = &grid->outlook, .now = NOW},
		      &grid->own, job, JOBS, count, verdicts);
	took_s = bench_cpu_s() - took_s;
	printf("%d jobs assigned to %d nodes in %.2f s of CPU (%zu stay, %zu forward, %zu back), at most %.0f nodes at once\n",
	       JOBS, NODES, took_s, verdicts[CARBON_STAY], verdicts[CARBON_FORWARD], verdicts[CARBON_BACK],
	       most_nodes(grid));
	free(job);
	free(record);
	free(grid);
	return bench_verdict("replan", took_s, "CPU s", GOAL_S);
}
