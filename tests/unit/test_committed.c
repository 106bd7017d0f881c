/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cluster has committed itself to, from clusters made up here. */
#include "tests/unit/unit.h"

#include "tools/committed.h"

#define NOW ((time_t)1990187 * 900) /* a full quarter of an hour */
#define HOUR_S 3600
#define STEP_S 900

/* Two partitions of ten nodes each, five of them in both; jobs are added by the tests. */
struct world {
	struct carbon_partition partition[2];
	struct carbon_place place[2];
	struct carbon_live_job job[64];
	struct carbon_hold hold[2];
	unsigned char member[15 * 2];
	struct carbon_live live;
	struct carbon_site site;
};

static void name(char *out, size_t size, const char *text)
{
	snprintf(out, size, "%s", text);
}

static void setup(struct world *world)
{
	memset(world, 0, sizeof(*world));
	/* slurm.conf's order, and the site's */
	name(world->partition[0].name, CARBON_NAME_MAX, "night");
	name(world->partition[1].name, CARBON_NAME_MAX, "day");
	for (size_t i = 0; i < 2; i++) {
		struct carbon_place *place = &world->place[i];

		name(place->partition, CARBON_NAME_MAX, i ? "night" : "day");
		place->is_default = i == 0;
		place->nodes = 10;
		place->node_cores = 4;
		place->max_limit_s = 24 * HOUR_S;
		carbon_power_init(&place->power);
	}
	for (size_t i = 0; i < 15; i++) {
		world->member[i * 2] = i < 10;
		world->member[i * 2 + 1] = i >= 5;
	}
	world->live = (struct carbon_live){.partitions = 2, .partition = world->partition, .job = world->job,
					   .hold = world->hold, .nodes = 15, .member = world->member};
	carbon_site_init(&world->site);
	world->site.places = 2;
	world->site.place = world->place;
}

static struct carbon_live_job *add_job(struct world *world, const char *partition, double cores, uint32_t limit_s)
{
	struct carbon_live_job *job = &world->job[world->live.jobs++];

	name(job->partition, CARBON_NAME_MAX, partition);
	job->use.cores = cores;
	job->use.nodes = 1;
	job->limit_s = limit_s;
	return job;
}

static struct carbon_live_job *add_running(struct world *world, const char *partition, double cores, time_t since_s,
					   uint32_t limit_s)
{
	struct carbon_live_job *job = add_job(world, partition, cores, limit_s);

	job->is_running = true;
	job->start_at = NOW - since_s;
	job->end_at = job->start_at + (time_t)limit_s;
	return job;
}

static struct carbon_live_job *add_waiting(struct world *world, const char *partition, double cores, time_t in_s,
					   uint32_t limit_s)
{
	struct carbon_live_job *job = add_job(world, partition, cores, limit_s);

	job->is_pending = true;
	job->begin_at = NOW + in_s;
	return job;
}

static void fill(struct world *world, const struct carbon_habits *habits)
{
	const struct carbon_committed_ask ask = {.live = &world->live, .habits = habits, .now = NOW};

	assert_int_equal(carbon_committed_fill(&world->site, &ask, NULL), 0);
}

static void teardown(struct world *world)
{
	world->site.places = 0;
	world->site.place = NULL;
	carbon_site_fini(&world->site);
}

/* 0 where nothing is written. */
static double nodes_at(const struct world *world, const char *partition, time_t at)
{
	double value = carbon_site_series_value(carbon_site_load(&world->site, partition), at);

	return isnan(value) ? 0 : value;
}

static double kw_at(const struct world *world, const char *partition, time_t at)
{
	double value = carbon_site_series_value(carbon_site_power(&world->site, partition), at);

	return isnan(value) ? 0 : value;
}

static void a_running_job_holds_its_nodes_to_its_limit(void **state)
{
	struct world world;

	(void)state;
	setup(&world);
	add_running(&world, "day", 8, HOUR_S, 3 * HOUR_S);
	fill(&world, NULL);
	assert_near(nodes_at(&world, "day", NOW), 2, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 2 * HOUR_S - 1), 2, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 2 * HOUR_S), 0, 1e-6);
	teardown(&world);
}

static void partitions_that_share_nodes_share_the_load_and_the_cluster_counts_it_once(void **state)
{
	struct world world;
	double alone_kw;

	(void)state;
	setup(&world);
	add_running(&world, "day", 8, HOUR_S, 3 * HOUR_S);
	fill(&world, NULL);
	assert_near(nodes_at(&world, "night", NOW), 1, 1e-6);
	assert_near(nodes_at(&world, "", NOW), 2, 1e-6);
	alone_kw = carbon_power_it(&world.place[0].power, &world.job[0].use) * world.place[0].power.pue / 1000;
	assert_near(kw_at(&world, "day", NOW), alone_kw, 1e-6);
	assert_near(kw_at(&world, "night", NOW), alone_kw / 2, 1e-6);
	assert_near(kw_at(&world, "", NOW), alone_kw, 1e-6);
	teardown(&world);
}

/* One habit of the very jobs that the tests add. */
static void learn(struct carbon_habits *habits, struct carbon_habit *habit, uint32_t median_s, uint32_t p90_s)
{
	const struct carbon_habit_ask ask = {.uid = 7, .name = "train", .partition = "day", .cores = 4};

	*habit = (struct carbon_habit){.runs = 5, .median_s = median_s, .p90_s = p90_s, .last_at = NOW - HOUR_S};
	assert_true(carbon_habit_key(CARBON_HABIT_NAME, &ask, &habit->key));
	*habits = (struct carbon_habits){.written_at = NOW, .count = 1, .habit = habit};
}

static void a_habit_ends_a_run_before_its_limit_and_is_outlived_step_by_step(void **state)
{
	static const struct {
		time_t since_s, over_in_s;
	} rows[] = {
		{HOUR_S / 2, HOUR_S / 2},	     /* the median */
		{HOUR_S + 1800, HOUR_S / 2},	     /* the 90th percentile */
		{3 * HOUR_S, 7 * HOUR_S},	     /* the limit */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_habits habits;
		struct carbon_habit habit;
		struct carbon_live_job *job;
		struct world world;

		setup(&world);
		learn(&habits, &habit, HOUR_S, 2 * HOUR_S);
		job = add_running(&world, "day", 4, rows[i].since_s, 10 * HOUR_S);
		job->uid = 7;
		name(job->name, sizeof(job->name), "train");
		fill(&world, &habits);
		assert_near(nodes_at(&world, "day", NOW + rows[i].over_in_s - 1), 1, 1e-6);
		assert_near(nodes_at(&world, "day", NOW + rows[i].over_in_s), 0, 1e-6);
		teardown(&world);
	}
}

static void a_job_that_waits_for_a_time_counts_from_then_on(void **state)
{
	struct world world;

	(void)state;
	setup(&world);
	add_waiting(&world, "day", 4, 3 * HOUR_S, HOUR_S);
	fill(&world, NULL);
	assert_near(nodes_at(&world, "day", NOW + 3 * HOUR_S - 1), 0, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 3 * HOUR_S), 1, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 4 * HOUR_S), 0, 1e-6);
	teardown(&world);
}

static void an_array_counts_as_many_tasks_as_may_run_at_once_in_waves(void **state)
{
	struct carbon_live_job *job;
	struct world world;

	(void)state;
	setup(&world);
	job = add_waiting(&world, "day", 4, HOUR_S, HOUR_S);
	job->tasks = 5;
	job->at_once = 2;
	fill(&world, NULL);
	assert_near(nodes_at(&world, "day", NOW + HOUR_S), 2, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 4 * HOUR_S - 1), 2, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 4 * HOUR_S), 0, 1e-6);
	teardown(&world);
}

static void an_array_larger_than_its_place_runs_in_as_many_waves_as_it_must(void **state)
{
	struct carbon_live_job *job;
	struct world world;

	(void)state;
	setup(&world);
	job = add_waiting(&world, "day", 8, HOUR_S, HOUR_S); /* two nodes each: five fit at once */
	job->tasks = 13;
	fill(&world, NULL);
	assert_int_equal(carbon_committed_waves(&world.place[0], job), 3);
	assert_near(nodes_at(&world, "day", NOW + HOUR_S), 10, 1e-5);
	assert_true(nodes_at(&world, "day", NOW + 4 * HOUR_S - 1) > 0);
	assert_near(nodes_at(&world, "day", NOW + 4 * HOUR_S), 0, 1e-5);
	teardown(&world);
}

static void tasks_that_are_about_to_leave_their_array_count_where_they_will_be(void **state)
{
	struct carbon_live_job *job, part;
	struct world world;

	(void)state;
	setup(&world);
	job = add_waiting(&world, "day", 4, HOUR_S, HOUR_S);
	part = *job;
	job->tasks = 5;
	part.tasks = 3;
	part.planned_at = NOW + 4 * HOUR_S;
	world.live.besides = 1;
	world.live.beside = &part;
	fill(&world, NULL);
	assert_near(nodes_at(&world, "day", NOW + HOUR_S), 5, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 2 * HOUR_S), 0, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 4 * HOUR_S), 3, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 5 * HOUR_S), 0, 1e-6);
	teardown(&world);
}

static void a_backlog_fills_the_place_and_goes_on_when_there_is_room(void **state)
{
	struct world world;

	(void)state;
	setup(&world);
	for (int i = 0; i < 25; i++)
		add_waiting(&world, "day", 4, -HOUR_S, HOUR_S);
	fill(&world, NULL);
	assert_near(nodes_at(&world, "day", NOW), 10, 1e-5);
	assert_near(nodes_at(&world, "day", NOW + HOUR_S), 10, 1e-5);
	assert_near(nodes_at(&world, "day", NOW + 2 * HOUR_S), 5, 1e-5);
	assert_near(nodes_at(&world, "day", NOW + 3 * HOUR_S), 0, 1e-5);
	teardown(&world);
}

static void where_backfill_has_found_a_start_it_counts_from_there(void **state)
{
	struct carbon_live_job *job;
	struct world world;

	(void)state;
	setup(&world);
	job = add_waiting(&world, "day", 4, -HOUR_S, HOUR_S);
	job->expected_at = NOW + 5 * HOUR_S;
	fill(&world, NULL);
	assert_near(nodes_at(&world, "day", NOW), 0, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 5 * HOUR_S), 1, 1e-6);
	teardown(&world);
}

static void what_is_held_dependent_or_in_a_reservation_counts_nothing(void **state)
{
	struct world world;

	(void)state;
	setup(&world);
	add_waiting(&world, "day", 4, -HOUR_S, HOUR_S)->is_held = true;
	add_waiting(&world, "day", 4, -HOUR_S, HOUR_S)->is_dependent = true;
	add_running(&world, "day", 4, 0, HOUR_S)->is_reserved = true;
	add_running(&world, "elsewhere", 4, 0, HOUR_S);
	fill(&world, NULL);
	assert_int_equal(world.site.loads, 0);
	assert_int_equal(world.site.powers, 0);
	teardown(&world);
}

static void a_reservation_holds_its_nodes(void **state)
{
	struct world world;

	(void)state;
	setup(&world);
	world.hold[0] = (struct carbon_hold){.from_at = NOW + HOUR_S, .to_at = NOW + 2 * HOUR_S, .nodes = 3, .own_nodes = 3};
	name(world.hold[0].partition, CARBON_NAME_MAX, "day");
	world.hold[1] = world.hold[0]; /* two of its nodes are of both partitions */
	world.hold[1].nodes = 2;
	world.hold[1].own_nodes = 0;
	name(world.hold[1].partition, CARBON_NAME_MAX, "night");
	world.live.holds = 2;
	fill(&world, NULL);
	assert_near(nodes_at(&world, "", NOW + HOUR_S), 3, 1e-6);
	assert_near(nodes_at(&world, "day", NOW), 0, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + HOUR_S), 3, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 2 * HOUR_S), 0, 1e-6);
	assert_near(nodes_at(&world, "night", NOW + HOUR_S), 2, 1e-6);
	teardown(&world);
}

static void nothing_lies_outside_of_the_eight_days(void **state)
{
	struct world world;

	(void)state;
	setup(&world);
	add_running(&world, "day", 4, 400 * HOUR_S, 4000 * HOUR_S);
	add_waiting(&world, "day", 4, 4000 * HOUR_S, HOUR_S);
	add_running(&world, "day", 4, HOUR_S, 0); /* no limit at all */
	world.job[2].end_at = 0;
	fill(&world, NULL);
	assert_int_equal(carbon_site_load(&world.site, "day")->count, CARBON_SITE_STEPS_MAX);
	assert_near(nodes_at(&world, "day", NOW + 767 * STEP_S), 1, 1e-6);
	assert_near(nodes_at(&world, "day", NOW + 20 * HOUR_S), 2, 1e-6);
	teardown(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_running_job_holds_its_nodes_to_its_limit),
		cmocka_unit_test(partitions_that_share_nodes_share_the_load_and_the_cluster_counts_it_once),
		cmocka_unit_test(a_habit_ends_a_run_before_its_limit_and_is_outlived_step_by_step),
		cmocka_unit_test(a_job_that_waits_for_a_time_counts_from_then_on),
		cmocka_unit_test(an_array_counts_as_many_tasks_as_may_run_at_once_in_waves),
		cmocka_unit_test(an_array_larger_than_its_place_runs_in_as_many_waves_as_it_must),
		cmocka_unit_test(tasks_that_are_about_to_leave_their_array_count_where_they_will_be),
		cmocka_unit_test(a_backlog_fills_the_place_and_goes_on_when_there_is_room),
		cmocka_unit_test(where_backfill_has_found_a_start_it_counts_from_there),
		cmocka_unit_test(what_is_held_dependent_or_in_a_reservation_counts_nothing),
		cmocka_unit_test(a_reservation_holds_its_nodes),
		cmocka_unit_test(nothing_lies_outside_of_the_eight_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
