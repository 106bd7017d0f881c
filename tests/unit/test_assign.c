/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many jobs that wait, decided again as one assignment against what the place has room for. */
#include "tests/unit/unit.h"

#include "lib/load.h"
#include "policies/assign.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define EVERY_S 900
#define JOBS 40

/* Jobs of two hours that wait for the clean hours 10 to 14 of the plain world. */
struct scene {
	struct world world;
	float storage[CARBON_LOAD_FLOATS(WORLD_PLACES)];
	struct carbon_load own;
	struct carbon_record record[JOBS];
	struct carbon_assign_job job[JOBS];
	size_t count;
	struct carbon_again_decision decision[JOBS];
	size_t order[JOBS], told;
};

static void scene_init(struct scene *scene, uint32_t nodes)
{
	memset(scene, 0, sizeof(*scene));
	world_init(&scene->world);
	scene->world.place[0].nodes = nodes;
	carbon_load_init(&scene->own, WORLD_PLACES, scene->storage, WORLD_NOW);
}

static struct carbon_assign_job *add(struct scene *scene, double nodes)
{
	size_t i = scene->count++;
	struct carbon_assign_job *job = &scene->job[i];

	scene->record[i] = world_decide(&scene->world).record;
	*job = (struct carbon_assign_job){
		.again = {.record = &scene->record[i],
			  .partition = "batch",
			  .limit_s = 2 * HOUR_S,
			  .next_at = WORLD_NOW + EVERY_S,
			  .nodes = nodes},
		.submit_at = WORLD_NOW,
		.id = (uint32_t)i + 1,
		.index = i,
	};
	return job;
}

static void take(void *caller, const struct carbon_assign_job *job, const struct carbon_again_decision *decision)
{
	struct scene *scene = caller;

	scene->decision[job->index] = *decision;
	scene->order[scene->told++] = job->index;
}

static void assign(struct scene *scene)
{
	carbon_assign(&scene->world.context, &scene->own, scene->job, scene->count, take, scene);
	assert_int_equal(scene->told, scene->count);
}

static time_t planned_at(const struct scene *scene, size_t i)
{
	return scene->decision[i].claim.begin_at;
}

/* Hour of the world that job I is planned for. */
static double hour(const struct scene *scene, size_t i)
{
	return (double)(planned_at(scene, i) - WORLD_NOW) / HOUR_S;
}

static double most_nodes(const struct scene *scene)
{
	double most = 0;

	for (time_t at = WORLD_NOW; at < WORLD_NOW + 48 * HOUR_S; at += CARBON_LOAD_SLOT_S)
		if (carbon_load_nodes(&scene->own, 0, at) > most)
			most = carbon_load_nodes(&scene->own, 0, at);
	return most;
}

static void jobs_spread_over_the_clean_hours_up_to_the_capacity(void **state)
{
	struct scene scene;
	size_t clean = 0;

	(void)state;
	scene_init(&scene, 4);
	for (size_t i = 0; i < 10; i++)
		add(&scene, 1);
	assign(&scene);
	assert_near(most_nodes(&scene), 4, 1e-3);
	/* the slot that a run only touches counts in full, so the two clean pairs of hours cannot be told from one more */
	for (size_t i = 0; i < 10; i++)
		clean += hour(&scene, i) >= 10 && hour(&scene, i) <= 12;
	assert_true(clean >= 4);
	for (size_t i = 0; i < 10; i++)
		assert_true(planned_at(&scene, i) <= scene.record[i].latest_at);
}

static void what_the_site_has_committed_is_nobodys(void **state)
{
	struct carbon_site_series committed = {
		.from_at = WORLD_NOW + 10 * HOUR_S, .step_s = HOUR_S, .count = 3, .value = {4, 4, 4}};
	struct scene scene;

	(void)state;
	scene_init(&scene, 4);
	snprintf(committed.name, sizeof(committed.name), "batch");
	add(&scene, 1); /* decided before anybody had committed anything */
	scene.world.site.loads = 1;
	scene.world.site.load = &committed;
	assign(&scene);
	assert_true(hour(&scene, 0) >= 13 || hour(&scene, 0) <= 8);
}

static void who_stands_to_lose_more_per_node_hour_comes_first(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	add(&scene, 1);
	add(&scene, 1);
	scene.record[1].baseline_g = scene.record[1].mass_g + 10 * (scene.record[0].baseline_g - scene.record[0].mass_g);
	assign(&scene);
	assert_int_equal(scene.order[0], 1);
	assert_near(hour(&scene, 1), 10, 1e-9);
	assert_true(planned_at(&scene, 0) != planned_at(&scene, 1));
}

static void among_equals_the_first_one_submitted_comes_first(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	add(&scene, 1)->submit_at = WORLD_NOW;
	add(&scene, 1)->submit_at = WORLD_NOW - HOUR_S;
	assign(&scene);
	assert_int_equal(scene.order[0], 1);
	assert_near(hour(&scene, 1), 10, 1e-9);
}

static void whose_wait_is_over_comes_before_all_others(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	add(&scene, 1);
	add(&scene, 1);
	scene.record[0].baseline_g = 1e9;
	scene.record[1].begin_at = scene.record[1].latest_at = WORLD_NOW + 600;
	assign(&scene);
	assert_int_equal(scene.order[0], 1);
	assert_true(planned_at(&scene, 1) <= WORLD_NOW + 600);
}

static void what_lies_ahead_is_planned_but_not_moved(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 1);
	add(&scene, 1);
	add(&scene, 1);
	assign(&scene);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(scene.decision[i].verdict, CARBON_STAY);
	assert_true(planned_at(&scene, 0) != planned_at(&scene, 1));
}

static void a_begin_before_the_next_run_goes_where_there_is_room(void **state)
{
	struct scene scene;
	size_t back = 0;

	(void)state;
	scene_init(&scene, 1);
	for (size_t i = 0; i < 3; i++)
		add(&scene, 1);
	scene.world.context.now = WORLD_NOW + 10 * HOUR_S - 60;
	scene.world.outlook.written_at = scene.world.context.now;
	carbon_load_advance(&scene.own, scene.world.context.now);
	for (size_t i = 0; i < 3; i++)
		scene.job[i].again.next_at = scene.world.context.now + EVERY_S;
	assign(&scene);
	for (size_t i = 0; i < 3; i++)
		back += scene.decision[i].verdict == CARBON_BACK;
	assert_int_equal(back, 2);
	assert_near(most_nodes(&scene), 1, 1e-3);
}

static void where_no_room_is_left_a_job_stays(void **state)
{
	struct carbon_site_series committed = {.from_at = WORLD_NOW, .step_s = 86400, .count = 3, .value = {4, 4, 4}};
	struct scene scene;

	(void)state;
	scene_init(&scene, 4);
	add(&scene, 1);
	snprintf(committed.name, sizeof(committed.name), "batch");
	scene.world.site.loads = 1;
	scene.world.site.load = &committed;
	assign(&scene);
	assert_int_equal(scene.decision[0].verdict, CARBON_STAY);
	assert_int_equal(planned_at(&scene, 0), scene.record[0].begin_at);
}

static void in_a_blackout_nobody_waits_and_before_one_the_wait_ends(void **state)
{
	struct carbon_blackout blackout = {.from_at = WORLD_NOW + 6 * HOUR_S, .to_at = WORLD_NOW + 30 * HOUR_S};
	struct scene scene;

	(void)state;
	scene_init(&scene, 4);
	add(&scene, 1);
	scene.world.site.blackouts = 1;
	scene.world.site.blackout = &blackout;
	assign(&scene);
	assert_int_equal(scene.decision[0].verdict, CARBON_FORWARD);
	assert_true(planned_at(&scene, 0) <= blackout.from_at);
	scene.told = 0;
	blackout.from_at = WORLD_NOW - HOUR_S;
	assign(&scene);
	assert_int_equal(scene.decision[0].verdict, CARBON_FORWARD);
	assert_int_equal(planned_at(&scene, 0), WORLD_NOW);
}

static void while_delaying_is_paused_nothing_goes_back(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 4);
	add(&scene, 1);
	scene.record[0].begin_at = WORLD_NOW + 300;
	assign(&scene);
	assert_int_equal(scene.decision[0].verdict, CARBON_BACK);
	scene.told = 0;
	carbon_load_init(&scene.own, WORLD_PLACES, scene.storage, WORLD_NOW);
	scene.world.site.paused_until_at = WORLD_NOW + HOUR_S;
	assign(&scene);
	assert_int_equal(scene.decision[0].verdict, CARBON_STAY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_spread_over_the_clean_hours_up_to_the_capacity),
		cmocka_unit_test(what_the_site_has_committed_is_nobodys),
		cmocka_unit_test(who_stands_to_lose_more_per_node_hour_comes_first),
		cmocka_unit_test(among_equals_the_first_one_submitted_comes_first),
		cmocka_unit_test(whose_wait_is_over_comes_before_all_others),
		cmocka_unit_test(what_lies_ahead_is_planned_but_not_moved),
		cmocka_unit_test(a_begin_before_the_next_run_goes_where_there_is_room),
		cmocka_unit_test(where_no_room_is_left_a_job_stays),
		cmocka_unit_test(in_a_blackout_nobody_waits_and_before_one_the_wait_ends),
		cmocka_unit_test(while_delaying_is_paused_nothing_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
