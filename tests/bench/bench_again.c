/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How much CPU deciding again costs: 100,000 waiting jobs on a new 96-hour outlook in 5-minute steps with random values, so
 * that no two neighbours merge, one run of carbonctl replan without what Slurm itself takes. Goal: under 2 s.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policies/again.h"

#define POINTS (96 * 12)
#define STEP_S 300
#define JOBS 100000
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
	struct carbon_curve curve = {NOW - 100, POINTS, grid->knot_s, grid->value, grid->sum};

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
	snprintf(record->zone, sizeof(record->zone), "DE");
	snprintf(record->partition, sizeof(record->partition), "batch");
	snprintf(record->policy, sizeof(record->policy), "%s", policies[below(4)]);
}

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(void)
{
	struct grid *grid = calloc(1, sizeof(*grid));
	struct carbon_record *record = calloc(JOBS, sizeof(*record));
	size_t count[3] = {0};
	double took_s;

	if (!grid || !record)
		return 2;
	fill(grid);
	for (size_t i = 0; i < JOBS; i++)
		roll(&record[i]);
	took_s = cpu_s();
	for (size_t i = 0; i < JOBS; i++) {
		const struct carbon_context context = {.site = &grid->site, .outlook = &grid->outlook, .now = NOW};
		const struct carbon_again again = {
			.record = &record[i], .partition = "batch", .limit_s = 24 * HOUR_S, .next_at = NOW + 1020};

		count[carbon_decide_again(&context, &again).verdict]++;
	}
	took_s = cpu_s() - took_s;
	printf("%d jobs decided again in %.2f s of CPU (%zu stay, %zu forward, %zu back)\n", JOBS, took_s,
	       count[CARBON_STAY], count[CARBON_FORWARD], count[CARBON_BACK]);
	printf("replan: %.2f s, goal under %.0f s: %s\n", took_s, GOAL_S, took_s < GOAL_S ? "kept" : "MISSED");
	free(record);
	free(grid);
	return took_s < GOAL_S ? 0 : 1;
}
