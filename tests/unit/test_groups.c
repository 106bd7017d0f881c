/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An array that waits as a whole, divided over the windows in which some of its tasks have room. */
#include "tests/unit/unit.h"

#include "lib/load.h"
#include "policies/groups.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define SOON_S 900
#define LATER_S (16 * HOUR_S)
#define ROUNDS 200

/* An array whose tasks run two hours on a node each; it is clean for two hours at hours 6, 10 and 14. */
struct scene {
	struct world world;
	float storage[CARBON_LOAD_FLOATS(WORLD_PLACES)], mates_storage[CARBON_LOAD_FLOATS(1)];
	struct carbon_load own, mates;
	struct carbon_record record;
	struct carbon_again again;
	size_t count;
	struct carbon_again_decision out[CARBON_GROUPS_MAX];
};

static void set_hours(struct scene *scene, bool (*is_clean)(size_t hour))
{
	struct curve_store *store = &scene->world.mean[0];

	for (size_t i = 0; i < 48; i++)
		store->value[i] = is_clean(i) ? 100 : 400;
	carbon_curve_sum(48, store->knot_s, store->value, store->sum);
}

static bool in_three_windows(size_t hour)
{
	return hour / 2 == 3 || hour / 2 == 5 || hour / 2 == 7;
}

static bool for_long(size_t hour)
{
	return hour < 20;
}

static void scene_init(struct scene *scene, uint32_t nodes, uint32_t tasks)
{
	uint32_t waves = (tasks + nodes - 1) / nodes;

	memset(scene, 0, sizeof(*scene));
	world_init(&scene->world);
	set_hours(scene, in_three_windows);
	scene->record = world_decide(&scene->world).record;
	assert_int_equal(scene->record.begin_at, WORLD_NOW + 6 * HOUR_S);
	scene->world.place[0].nodes = nodes;
	carbon_load_init(&scene->own, WORLD_PLACES, scene->storage, WORLD_NOW);
	carbon_load_init(&scene->mates, 1, scene->mates_storage, WORLD_NOW);
	scene->world.context.own = &scene->own;
	scene->again = (struct carbon_again){
		.record = &scene->record,
		.partition = "batch",
		.limit_s = 2 * HOUR_S,
		.next_at = WORLD_NOW + LATER_S,
		.nodes = (tasks + waves - 1) / waves,
		.tasks = tasks,
		.waves = waves,
		.split_max = 100,
	};
}

static void throttle(struct scene *scene, uint32_t at_once)
{
	scene->again.at_once = at_once;
	scene->again.mates = &scene->mates;
	scene->again.waves = (scene->again.tasks + at_once - 1) / at_once;
	scene->again.nodes = ceil((double)scene->again.tasks / scene->again.waves);
}

static void decide(struct scene *scene)
{
	scene->count = carbon_decide_groups(&scene->world.context, &scene->again, &scene->own,
					    scene->again.at_once ? &scene->mates : NULL, scene->out);
}

static void assert_group(const struct scene *scene, size_t i, uint32_t first, uint32_t tasks, double begin_h)
{
	const struct carbon_again_decision *decision = &scene->out[i];

	assert_true(i < scene->count);
	assert_int_equal(decision->first, first);
	assert_int_equal(decision->tasks, tasks);
	assert_near((double)(decision->record.begin_at - WORLD_NOW) / HOUR_S, begin_h, 1e-9);
}

static void assert_whole(struct scene *scene)
{
	struct carbon_again_decision alone;

	carbon_load_init(&scene->own, WORLD_PLACES, scene->storage, WORLD_NOW);
	alone = carbon_decide_again(&scene->world.context, &scene->again);
	decide(scene);
	assert_int_equal(scene->count, 1);
	assert_false(scene->out[0].is_split);
	assert_int_equal(scene->out[0].verdict, alone.verdict);
	assert_memory_equal(&scene->out[0].record, &alone.record, sizeof(alone.record));
	assert_near(scene->own.flexible_node_h,
		    alone.claim.nodes * (double)(alone.claim.end_at - alone.claim.begin_at) / HOUR_S, 1e-3);
}

static void an_array_without_room_is_divided_over_the_clean_windows(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 4, 12);
	decide(&scene);
	assert_int_equal(scene.count, 3);
	assert_group(&scene, 0, 0, 4, 6);
	assert_group(&scene, 1, 4, 4, 10);
	assert_group(&scene, 2, 8, 4, 14);
	assert_int_equal(scene.out[0].verdict, CARBON_STAY);
	assert_int_equal(scene.out[1].verdict, CARBON_BACK);
	assert_int_equal(scene.out[1].record.moves, 1);
	assert_near(scene.out[1].record.mass_g, scene.record.mass_g, 1e-6); /* a task's, and as clean */
	assert_true(scene.out[0].is_split && scene.out[1].is_split && !scene.out[2].is_split);
	for (size_t window = 6; window <= 14; window += 4)
		assert_near(carbon_load_nodes(&scene.own, 0, WORLD_NOW + (time_t)window * HOUR_S), 4, 1e-3);
}

static void only_what_is_due_before_the_next_run_leaves_the_record(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 4, 12);
	scene.again.next_at = WORLD_NOW + 7 * HOUR_S;
	decide(&scene);
	assert_int_equal(scene.count, 2);
	assert_group(&scene, 0, 0, 4, 6);
	assert_group(&scene, 1, 4, 8, 10); /* divided again before that */
	assert_true(scene.out[0].is_split && !scene.out[1].is_split);
	assert_near(carbon_load_nodes(&scene.own, 0, WORLD_NOW + 14 * HOUR_S), 4, 1e-3); /* where they will be */

	scene_init(&scene, 4, 12);
	scene.again.next_at = WORLD_NOW + SOON_S;
	decide(&scene);
	assert_int_equal(scene.count, 1);
	assert_group(&scene, 0, 0, 12, 6);
	assert_false(scene.out[0].is_split);
}

static void with_room_for_all_or_nobody_to_divide_it_stays_whole(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 12, 12);
	assert_whole(&scene);
	scene_init(&scene, 4, 12);
	scene.again.split_max = 0;
	assert_whole(&scene);
	scene_init(&scene, 4, 12);
	scene.world.site.min_saving_percent = 90; /* there is not as much in it */
	assert_whole(&scene);
	scene_init(&scene, 4, 12);
	scene.world.site.min_saving_g = 1e9;
	assert_whole(&scene);
	scene_init(&scene, 4, 100); /* the outlook ends before its 25 waves do */
	assert_whole(&scene);
	scene_init(&scene, 4, 12);
	scene.again.is_dependent = true;
	scene.record.dep_s = 86400;
	decide(&scene);
	assert_int_equal(scene.count, 1);
	assert_near(scene.own.flexible_node_h, 0, 1e-6);
}

static void waves_that_follow_each_other_need_no_begins_of_their_own(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 4, 12);
	set_hours(&scene, for_long);
	assert_whole(&scene);
	assert_int_equal(scene.out[0].record.begin_at, WORLD_NOW);
}

static void a_limit_of_tasks_at_once_is_a_limit_of_room(void **state)
{
	const struct carbon_claim running = {
		.begin_at = WORLD_NOW + 9 * HOUR_S, .end_at = WORLD_NOW + 13 * HOUR_S, .nodes = 3};
	struct scene scene;

	(void)state;
	scene_init(&scene, 12, 12);
	throttle(&scene, 4);
	decide(&scene);
	assert_int_equal(scene.count, 3);
	assert_group(&scene, 0, 0, 4, 6);
	assert_group(&scene, 1, 4, 4, 10);
	assert_group(&scene, 2, 8, 4, 14);
	for (time_t at = WORLD_NOW; at < WORLD_NOW + 48 * HOUR_S; at += CARBON_LOAD_SLOT_S)
		assert_true(carbon_load_nodes(&scene.mates, 0, at) <= 4);

	scene_init(&scene, 12, 9);
	throttle(&scene, 4);
	carbon_load_add(&scene.mates, &running); /* of the same array, under the same limit */
	decide(&scene);
	assert_int_equal(scene.count, 3);
	assert_group(&scene, 0, 0, 4, 6);
	assert_group(&scene, 1, 4, 1, 10);
	assert_group(&scene, 2, 5, 4, 14);
}

/* A task that left its array's record is decided alone, and still counts with the others. */
static void a_single_task_keeps_to_the_limit_of_its_array(void **state)
{
	struct carbon_claim others = {
		.begin_at = WORLD_NOW + 6 * HOUR_S, .end_at = WORLD_NOW + 8 * HOUR_S, .nodes = 2};
	struct scene scene;

	(void)state;
	scene_init(&scene, 12, 1);
	throttle(&scene, 2);
	scene.again.tasks = 0;
	carbon_load_add(&scene.mates, &others);
	decide(&scene);
	assert_int_equal(scene.count, 1);
	assert_near((double)(scene.out[0].record.begin_at - WORLD_NOW) / HOUR_S, 10, 1e-9);
	assert_near(carbon_load_nodes(&scene.mates, 0, WORLD_NOW + 10 * HOUR_S), 1, 1e-6);
}

static void no_more_tasks_leave_than_may(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene, 4, 12);
	scene.again.split_max = 6;
	decide(&scene);
	assert_int_equal(scene.count, 3);
	assert_group(&scene, 0, 0, 4, 6);
	assert_group(&scene, 1, 4, 2, 10);
	assert_group(&scene, 2, 6, 6, 14);
	scene_init(&scene, 4, 12);
	scene.again.split_max = 4;
	decide(&scene);
	assert_int_equal(scene.count, 2);
	assert_group(&scene, 1, 4, 8, 14);
}

static void where_the_whole_has_no_room_at_all_its_tasks_may_have(void **state)
{
	struct carbon_site_series committed = {.name = "batch", .from_at = WORLD_NOW, .step_s = HOUR_S, .count = 48};
	struct scene scene;

	(void)state;
	scene_init(&scene, 4, 4);
	for (size_t i = 0; i < 48; i++)
		committed.value[i] = (i >= 9 && i < 12) || (i >= 13 && i < 16) ? 2 : 4;
	scene.world.site.loads = 1;
	scene.world.site.load = &committed;
	scene.again.limit_s = HOUR_S;
	scene.record.runtime_s = HOUR_S;
	assert_false(carbon_decide_again(&scene.world.context, &scene.again).is_planned);
	decide(&scene);
	assert_int_equal(scene.count, 2);
	assert_group(&scene, 0, 0, 2, 10);
	assert_group(&scene, 1, 2, 2, 14);
	assert_true(scene.out[0].is_planned && scene.out[1].is_planned);
}

/* --- whatever comes --- */

static bool random_hours[48];

static bool by_chance(size_t hour)
{
	return random_hours[hour];
}

static void check(const struct scene *scene, uint32_t nodes, uint32_t at_once, uint32_t split_max)
{
	uint32_t tasks = 0, split = 0, keepers = 0;

	for (size_t i = 0; i < scene->count; i++) {
		const struct carbon_again_decision *decision = &scene->out[i];
		uint32_t count = decision->tasks ? decision->tasks : scene->again.tasks;

		assert_int_equal(decision->first, tasks);
		tasks += count;
		split += decision->is_split ? count : 0;
		keepers += !decision->is_split;
		assert_true(decision->record.begin_at <= scene->record.latest_at);
		assert_true(decision->record.begin_at >= WORLD_NOW);
	}
	assert_int_equal(tasks, scene->again.tasks);
	assert_int_equal(keepers, 1);
	assert_true(split <= split_max);
	for (time_t at = WORLD_NOW; scene->count > 1 && at < WORLD_NOW + 48 * HOUR_S; at += CARBON_LOAD_SLOT_S) {
		assert_true(carbon_load_nodes(&scene->own, 0, at) <= nodes + 1e-3);
		assert_true(!at_once || carbon_load_nodes(&scene->mates, 0, at) <= at_once + 1e-3);
	}
}

static void every_task_is_in_one_group_and_no_group_takes_more_than_there_is(void **state)
{
	struct dice dice = dice_start("groups");

	(void)state;
	for (int round = 0; round < ROUNDS; round++) {
		uint32_t nodes = (uint32_t)dice_between(&dice, 1, 8), tasks = (uint32_t)dice_between(&dice, 2, 30);
		uint32_t at_once = dice_chance(&dice, 50) ? (uint32_t)dice_between(&dice, 1, (int)nodes) : 0;
		struct scene scene;

		scene_init(&scene, nodes, tasks);
		for (size_t i = 0; i < COUNT(random_hours); i++)
			random_hours[i] = dice_chance(&dice, 30);
		set_hours(&scene, by_chance);
		if (at_once)
			throttle(&scene, at_once < tasks ? at_once : tasks);
		scene.again.next_at = WORLD_NOW + dice_between(&dice, 0, 20 * HOUR_S);
		scene.again.split_max = (uint32_t)dice_between(&dice, 0, 20);
		decide(&scene);
		check(&scene, nodes, scene.again.at_once, scene.again.split_max);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_array_without_room_is_divided_over_the_clean_windows),
		cmocka_unit_test(only_what_is_due_before_the_next_run_leaves_the_record),
		cmocka_unit_test(with_room_for_all_or_nobody_to_divide_it_stays_whole),
		cmocka_unit_test(waves_that_follow_each_other_need_no_begins_of_their_own),
		cmocka_unit_test(a_limit_of_tasks_at_once_is_a_limit_of_room),
		cmocka_unit_test(a_single_task_keeps_to_the_limit_of_its_array),
		cmocka_unit_test(no_more_tasks_leave_than_may),
		cmocka_unit_test(where_the_whole_has_no_room_at_all_its_tasks_may_have),
		cmocka_unit_test(every_task_is_in_one_group_and_no_group_takes_more_than_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
