/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long slurmctld is busy with one submission: a million random jobs, each decided against a 96-hour outlook in
 * 5-minute steps with random values (so no two neighbours merge), on a site with many places, rules, users and
 * walls, with 100,000 habits, of which every second job without a run time has one by name. Each call is timed by itself with the
 * thread's processor clock, so that it does not matter who else wants the machine; what the clock costs is measured and not
 * taken off. Prints the percentiles of all calls and of those that came as far as the policy. Goal: p99 under 10 us. Then the
 * same on a cluster that is not empty: load, probability of full, waits, limits, prices and a thousand decisions of our own;
 * goal: p99 under 20 us. And one job at sixteen places of it, as relocation compares them; goal: p99 under 100 us.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/num.h"
#include "policies/counted.h"
#include "policies/decide.h"
#include "policies/view.h"

#define ZONES 12
#define POINTS (96 * 12)
#define STEP_S 300
#define PLACES 40
#define RULES 500
#define USERS 5000
#define WALLS 6
#define NOW ((time_t)1791168000)
#define JOBS 1000000
#define HOUR_S 3600
#define GOAL_US 10.0
#define BUSY_GOAL_US 20.0
#define SIXTEEN 16
#define SIXTEEN_GOAL_US 100.0
#define LIMITS 40
#define WAIT_CLASSES 4
#define LOAD_HOURS 192

struct grid {
	uint32_t knot_s[POINTS + 1];
	float mean[ZONES][POINTS], high[ZONES][POINTS];
	double mean_sum[ZONES][POINTS + 1], high_sum[ZONES][POINTS + 1];
	struct carbon_swing mean_swing[ZONES][CARBON_CURVE_SWINGS(POINTS)], high_swing[ZONES][CARBON_CURVE_SWINGS(POINTS)];
	struct carbon_outlook_zone zone[ZONES];
	struct carbon_outlook outlook;
};

struct cluster {
	struct carbon_place place[PLACES];
	struct carbon_rule rule[RULES];
	struct carbon_site_user user[USERS];
	struct carbon_wall wall[WALLS];
	struct carbon_site site;
};

/* What a cluster at work adds. */
struct bustle {
	struct carbon_site_series load[PLACES], price[ZONES], power;
	struct carbon_full full[PLACES];
	struct carbon_wait wait[PLACES * WAIT_CLASSES];
	struct carbon_limit limit[LIMITS];
	struct carbon_load own;
	float storage[CARBON_LOAD_FLOATS(PLACES)];
};

#define NAMES (CARBON_HABITS_MAX / USERS) /* of each user's jobs */

static struct carbon_habit habit[CARBON_HABITS_MAX];

static uint64_t random_state = 1;

/* splitmix64 */
static uint64_t next_random(void)
{
	uint64_t z = (random_state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

static uint32_t below(uint32_t limit)
{
	return (uint32_t)(next_random() % limit);
}

static void fill_grid(struct grid *grid)
{
	for (size_t i = 0; i <= POINTS; i++)
		grid->knot_s[i] = (uint32_t)i * STEP_S;
	for (size_t z = 0; z < ZONES; z++) {
		struct carbon_outlook_zone *zone = &grid->zone[z];

		for (size_t i = 0; i < POINTS; i++) {
			grid->mean[z][i] = (float)below(500000) / 1000.0f + 20.0f;
			grid->high[z][i] = grid->mean[z][i] + (float)below(100000) / 1000.0f;
		}
		carbon_curve_sum(POINTS, grid->knot_s, grid->mean[z], grid->mean_sum[z]);
		carbon_curve_sum(POINTS, grid->knot_s, grid->high[z], grid->high_sum[z]);
		snprintf(zone->name, sizeof(zone->name), "ZONE-%02zu", z);
		zone->parts = 2;
		zone->part[0] = (struct carbon_part){0, CARBON_KIND_FORECAST, "electricitymaps", NOW - 600};
		zone->part[1] = (struct carbon_part){POINTS / 2, CARBON_KIND_MODEL, "model1", NOW - 600};
		zone->mean = (struct carbon_curve){NOW - 100, POINTS, grid->knot_s, grid->mean[z], grid->mean_sum[z], NULL};
		zone->high = (struct carbon_curve){NOW - 100, POINTS, grid->knot_s, grid->high[z], grid->high_sum[z], NULL};
		/* As the outlook's reader does. */
		carbon_curve_swings(&zone->mean, grid->mean_swing[z]);
		carbon_curve_swings(&zone->high, grid->high_swing[z]);
		zone->mean.swing = grid->mean_swing[z];
		zone->high.swing = grid->high_swing[z];
		zone->low = zone->mean;
	}
	grid->outlook = (struct carbon_outlook){NOW - 300, ZONES, grid->zone};
}

static int by_rule(const void *a, const void *b)
{
	const struct carbon_rule *left = a, *right = b;

	return left->kind != right->kind ? (int)left->kind - (int)right->kind : strcmp(left->name, right->name);
}

static void fill_rules(struct cluster *cluster)
{
	static const char *const prefixes[] = {"1", "account", "qos", "partition"}; /* users: uid 1000 and more */

	for (size_t i = 0; i < RULES; i++) {
		struct carbon_rule *rule = &cluster->rule[i];

		carbon_rule_init(rule, (enum carbon_rule_kind)(i % 4));
		snprintf(rule->name, sizeof(rule->name), "%s%0*zu", prefixes[i % 4], i % 4 ? 2 : 3, i / 4);
		rule->exclude = i % 4 != CARBON_RULE_PARTITION && below(50) == 0;
		rule->delay_s = below(2) ? -1 : (time_t)(1 + below(48)) * HOUR_S;
	}
	qsort(cluster->rule, RULES, sizeof(cluster->rule[0]), by_rule);
}

static void fill_cluster(struct cluster *cluster)
{
	struct carbon_site *site = &cluster->site;

	carbon_site_init(site);
	site->level = CARBON_LEVEL_DEFAULT;
	site->default_delay_s = 24 * HOUR_S;
	site->max_delay_s = 96 * HOUR_S;
	for (size_t i = 0; i < PLACES; i++) {
		struct carbon_place *place = &cluster->place[i];

		snprintf(place->partition, sizeof(place->partition), "partition%02zu", i);
		snprintf(place->zone, sizeof(place->zone), "ZONE-%02zu", i % ZONES);
		place->is_default = i == 0;
		place->default_limit_s = HOUR_S;
		place->queue_wait_s = below(HOUR_S);
		carbon_power_init(&place->power);
	}
	for (size_t i = 0; i < USERS; i++) {
		struct carbon_site_user *user = &cluster->user[i];

		user->uid = 1000 + (uint32_t)i;
		snprintf(user->account, sizeof(user->account), "account%02u", below(200));
		snprintf(user->qos, sizeof(user->qos), "qos%02u", below(200));
	}
	for (size_t i = 0; i < WALLS; i++) {
		cluster->wall[i] = (struct carbon_wall){NOW + (time_t)(60 + 24 * i) * HOUR_S, NOW + (time_t)(64 + 24 * i) * HOUR_S, ""};
		snprintf(cluster->wall[i].partition, sizeof(cluster->wall[i].partition), "partition%02u", below(PLACES));
	}
	fill_rules(cluster);
	site->places = PLACES;
	site->place = cluster->place;
	site->rules = RULES;
	site->rule = cluster->rule;
	site->users = USERS;
	site->user = cluster->user;
	site->walls = WALLS;
	site->wall = cluster->wall;
}

static void fill_place(struct bustle *bustle, struct carbon_place *place, size_t i)
{
	struct carbon_site_series *load = &bustle->load[i];

	place->nodes = 400;
	place->node_cores = 64;
	place->node_mem_gb = 256;
	memcpy(load->name, place->partition, sizeof(load->name));
	load->from_at = NOW - NOW % HOUR_S;
	load->step_s = HOUR_S;
	load->count = LOAD_HOURS;
	for (size_t h = 0; h < LOAD_HOURS; h++)
		load->value[h] = (float)below(400);
	memcpy(bustle->full[i].partition, place->partition, sizeof(load->name));
	bustle->full[i].count = CARBON_SITE_WEEK_H;
	for (size_t h = 0; h < CARBON_SITE_WEEK_H; h++)
		bustle->full[i].value[h] = (float)below(1000) / 1000.0f;
	for (size_t c = 0; c < WAIT_CLASSES; c++) {
		struct carbon_wait *wait = &bustle->wait[i * WAIT_CLASSES + c];

		memcpy(wait->partition, place->partition, sizeof(wait->partition));
		wait->up_to_nodes = 1u << (3 * c);
		wait->p50_s = below(600);
		wait->p95_s = wait->p50_s + below(HOUR_S);
		wait->count = 100;
	}
}

static void fill_own(struct bustle *bustle)
{
	carbon_load_init(&bustle->own, PLACES, bustle->storage, NOW);
	for (int i = 0; i < 1000; i++) {
		struct carbon_claim claim = {.place = below(PLACES), .begin_at = NOW + below(96 * HOUR_S), .nodes = 1 + below(4), .kw = 1};

		claim.end_at = claim.begin_at + 600 + below(24 * HOUR_S);
		carbon_load_add(&bustle->own, &claim);
	}
}

static void fill_bustle(struct bustle *bustle, struct cluster *cluster)
{
	struct carbon_site *site = &cluster->site;

	for (size_t i = 0; i < PLACES; i++)
		fill_place(bustle, &cluster->place[i], i);
	for (size_t i = 0; i < LIMITS; i++) {
		bustle->limit[i] = (struct carbon_limit){"", NOW + (time_t)i * 6 * HOUR_S, NOW + (time_t)i * 6 * HOUR_S + 2 * HOUR_S,
							 i % 2 ? 300 : CARBON_LIMIT_NONE, i % 2 ? -1 : 2000};
		if (i % 2)
			snprintf(bustle->limit[i].partition, CARBON_NAME_MAX, "partition%02u", below(PLACES));
	}
	for (size_t i = 0; i < ZONES; i++) {
		struct carbon_site_series *price = &bustle->price[i];

		*price = (struct carbon_site_series){.from_at = NOW - NOW % HOUR_S, .step_s = CARBON_LOAD_SLOT_S, .count = 400};
		snprintf(price->name, sizeof(price->name), "ZONE-%02zu", i);
		for (size_t q = 0; q < price->count; q++)
			price->value[q] = (float)below(200) - 20;
	}
	fill_own(bustle);
	site->loads = site->fulls = PLACES;
	site->load = bustle->load;
	site->full = bustle->full;
	site->waits = PLACES * WAIT_CLASSES;
	site->wait = bustle->wait;
	site->limits = LIMITS;
	site->limit = bustle->limit;
	site->prices = ZONES;
	site->price = bustle->price;
	site->carbon_price = 100;
	site->ramp_kw = 500;
	site->flexible_node_h = 100;
	site->all_node_h = 1e6;
}

static int by_key(const void *a, const void *b)
{
	const struct carbon_habit *left = a, *right = b;

	return carbon_habit_key_compare(&left->key, &right->key);
}

static void fill_habits(void)
{
	for (uint32_t i = 0; i < CARBON_HABITS_MAX; i++) {
		char name[] = "train a";
		const struct carbon_habit_ask ask = {.uid = 1000 + i / NAMES, .name = name};

		name[6] = (char)('a' + i % NAMES);
		carbon_habit_key(CARBON_HABIT_NAME, &ask, &habit[i].key);
		habit[i].runs = 1 + below(100);
		habit[i].median_s = 600 + below(24 * HOUR_S);
		habit[i].p90_s = habit[i].median_s;
		habit[i].power_w = (float)below(3) * 500;
		habit[i].last_at = NOW - HOUR_S;
	}
	qsort(habit, CARBON_HABITS_MAX, sizeof(habit[0]), by_key);
}

/* Half of them with options; limits from ten minutes to three days; delays up to what the site allows. */
static void roll_job(struct carbon_job *job)
{
	static const char *const policies[] = {"", "", "", "lowest-window", "carbon-time", "risk-averse", "threshold", "immediate"};

	carbon_job_init(job);
	job->uid = 1000 + below(USERS + 100);
	snprintf(job->name, sizeof(job->name), "Train %c", (int)('A' + below(2 * NAMES))); /* half of them are known */
	if (below(4))
		snprintf(job->partition, sizeof(job->partition), "partition%02u", below(PLACES));
	if (below(4) == 0)
		snprintf(job->account, sizeof(job->account), "account%02u", below(200));
	job->limit_s = below(10) ? 600 + below(below(4) ? 12 * HOUR_S : 72 * HOUR_S) : 0;
	job->use.cores = 1 + below(512);
	job->use.memory_gb = below(2048);
	job->use.gpu_kinds = below(2);
	job->use.gpu[0] = (struct carbon_gpu_count){"a100", 1 + below(16)};
	job->deadline_at = below(20) ? 0 : NOW + below(96 * HOUR_S);
	job->request.given = below(2);
	if (!job->request.given)
		return;
	job->request.delay_s = below(4) ? (time_t)below(96 * HOUR_S) : -1;
	job->request.finish_by_at = below(4) ? 0 : NOW + below(96 * HOUR_S);
	job->request.runtime_s = below(2) ? 0 : 900 + below(24 * HOUR_S);
	snprintf(job->request.policy, sizeof(job->request.policy), "%s", policies[below(8)]);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return left < right ? -1 : left > right;
}

/* Sorts TOOK. Returns p99 in microseconds. */
static double print_percentiles(const char *what, uint32_t *took_ns, size_t count)
{
	double p99_us = 0;

	if (count) {
		qsort(took_ns, count, sizeof(*took_ns), by_value);
		p99_us = took_ns[count / 100 * 99] / 1e3;
		printf("%-26s %8zu calls  p50 %6.2f us  p99 %6.2f us  p99.9 %6.2f us  most %8.1f us\n", what, count,
		       took_ns[count / 2] / 1e3, p99_us, took_ns[count / 1000 * 999] / 1e3, took_ns[count - 1] / 1e3);
	}
	return p99_us;
}

static double clock_cost_us(void)
{
	uint64_t start = now_ns();

	for (int i = 0; i < 100000; i++)
		now_ns();
	return (double)(now_ns() - start) / 1e5 / 1e3;
}

static double run(const struct carbon_context *context, uint32_t *all_ns, uint32_t *considered_ns, size_t jobs)
{
	size_t considered = 0, delayed = 0;
	double p99_us;

	for (size_t i = 0; i < jobs; i++) {
		struct carbon_decision decision;
		struct carbon_job job;
		uint64_t start, took;

		roll_job(&job);
		start = now_ns();
		decision = carbon_decide(context, &job);
		took = now_ns() - start;
		all_ns[i] = took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
		if (decision.verdict != CARBON_LEFT_ALONE)
			considered_ns[considered++] = all_ns[i];
		delayed += decision.verdict == CARBON_DELAY;
	}
	p99_us = print_percentiles("all jobs", all_ns, jobs);
	print_percentiles("those that met a policy", considered_ns, considered);
	printf("delayed %zu, at once %zu, left alone %zu; two readings of the clock cost %.2f us of each call\n",
	       delayed, considered - delayed, jobs - considered, clock_cost_us());
	return p99_us;
}

/* "partition00,partition01,...": sixteen of them. */
static void list_places(char out[CARBON_OPTION_VALUE_MAX])
{
	size_t used = 0;

	for (unsigned int p = 0; p < SIXTEEN; p++)
		used += (size_t)snprintf(out + used, CARBON_OPTION_VALUE_MAX - used, "%spartition%02u", p ? "," : "", p);
}

static void roll_mover(struct carbon_job *job)
{
	carbon_job_init(job);
	job->uid = 1000 + below(USERS);
	job->limit_s = HOUR_S + below(12 * HOUR_S);
	job->use.cores = 1 + below(512);
	job->request.given = true;
	job->request.delay_s = 84 * HOUR_S;
	job->request.relocate = true;
	list_places(job->request.places);
}

static uint32_t time_one(const struct carbon_context *context, const struct carbon_job *job, size_t *moved)
{
	uint64_t start = now_ns(), took;

	*moved += carbon_decide(context, job).is_moved;
	took = now_ns() - start;
	return took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
}

/*
 * A job that may move, over time and sixteen places. Each is decided three times: the first call counts, the least of all tells
 * what of it was the machine's, whose interrupts and other work fall into one call of this length in a few.
 */
static double run_places(const struct carbon_context *context, uint32_t *took_ns, uint32_t *least_ns, size_t jobs)
{
	size_t moved = 0;

	for (size_t i = 0; i < jobs; i++) {
		struct carbon_job job;

		roll_mover(&job);
		took_ns[i] = least_ns[i] = time_one(context, &job, &moved);
		for (int again = 0; again < 2; again++) {
			uint32_t ns = time_one(context, &job, &moved);

			least_ns[i] = ns < least_ns[i] ? ns : least_ns[i];
		}
	}
	printf("moved %zu of %zu\n", moved / 3, jobs);
	print_percentiles("at sixteen places, least", least_ns, jobs);
	return print_percentiles("at sixteen places", took_ns, jobs);
}

/* 0: kept. */
static int judge(const char *what, double p99_us, double goal_us)
{
	printf("%s: p99 %.2f us, goal under %.0f us: %s\n", what, p99_us, goal_us, p99_us < goal_us ? "kept" : "MISSED");
	return p99_us < goal_us ? 0 : 1;
}

struct bench {
	struct grid grid;
	struct cluster cluster;
	struct bustle bustle;
};

static int run_all(struct bench *bench, uint32_t *all_ns, uint32_t *considered_ns, size_t jobs)
{
	const struct carbon_habits habits = {NOW - HOUR_S, "bench", CARBON_HABITS_MAX, habit};
	static struct carbon_view_store store;
	struct carbon_context context = {
		.site = &bench->cluster.site, .outlook = &bench->grid.outlook, .habits = &habits, .now = NOW, .store = &store};
	struct carbon_counted *counted;
	int missed;

	fill_grid(&bench->grid);
	fill_cluster(&bench->cluster);
	fill_habits();
	context.counted = counted = carbon_counted_create(context.site, context.outlook);
	missed = judge("decision", run(&context, all_ns, considered_ns, jobs), GOAL_US);
	missed += judge("sixteen places", run_places(&context, all_ns, considered_ns, jobs / 10), SIXTEEN_GOAL_US);
	fill_bustle(&bench->bustle, &bench->cluster);
	carbon_counted_destroy(counted);
	context.counted = counted = carbon_counted_create(context.site, context.outlook);
	context.own = &bench->bustle.own;
	missed += judge("decision with capacity and habits", run(&context, all_ns, considered_ns, jobs), BUSY_GOAL_US);
	missed += judge("sixteen places with capacity and habits", run_places(&context, all_ns, considered_ns, jobs / 10),
			SIXTEEN_GOAL_US);
	carbon_counted_destroy(counted);
	return missed;
}

int main(int argc, char **argv)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	long long jobs = JOBS;
	uint32_t *all_ns = NULL, *considered_ns = NULL;
	int rc = 2;

	if (argc > 2 || (argc == 2 && carbon_int_parse(argv[1], 1000, 100000000, &jobs) < 0)) {
		fprintf(stderr, "usage: bench_decide [JOBS], at least 1000\n");
		free(bench);
		return rc;
	}
	all_ns = calloc((size_t)jobs, sizeof(*all_ns));
	considered_ns = calloc((size_t)jobs, sizeof(*considered_ns));
	if (bench && all_ns && considered_ns)
		rc = run_all(bench, all_ns, considered_ns, (size_t)jobs) ? 1 : 0;
	free(considered_ns);
	free(all_ns);
	free(bench);
	return rc;
}
