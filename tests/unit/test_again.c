/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Deciding again: a job of the plain world waits, the outlook or the job changes, and the begin follows. */
#include "tests/unit/unit.h"

#include "policies/again.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define MARGIN_S (600 + 120 + 60)
#define EVERY_S 900

/* A job that waits for the clean window ten hours ahead, may wait a day, and runs two hours. */
struct scene {
	struct world world;
	struct carbon_record record;
	struct carbon_again again;
};

static void scene_init(struct scene *scene)
{
	world_init(&scene->world);
	scene->record = world_decide(&scene->world).record;
	scene->again = (struct carbon_again){
		.record = &scene->record, .partition = "batch", .limit_s = 7200, .next_at = WORLD_NOW + EVERY_S};
}

/* Time goes on, and so does the next run. */
static void scene_at(struct scene *scene, time_t now)
{
	scene->world.context.now = now;
	scene->world.outlook.written_at = now;
	scene->again.next_at = now + EVERY_S;
}

/* It is clean in hours [FROM, TO) of the world now, and nowhere else. */
static void clean_in(struct scene *scene, size_t from, size_t to)
{
	struct curve_store *store = &scene->world.mean[0];

	for (size_t i = 0; i < 48; i++)
		store->value[i] = i >= from && i < to ? 100 : 400;
	carbon_curve_sum(48, store->knot_s, store->value, store->sum);
}

static struct carbon_again_decision again(const struct scene *scene)
{
	return carbon_decide_again(&scene->world.context, &scene->again);
}

static void assert_stays(const struct scene *scene)
{
	struct carbon_again_decision decision = again(scene);

	assert_int_equal(decision.verdict, CARBON_STAY);
	assert_memory_equal(&decision.record, &scene->record, sizeof(scene->record));
}

static void assert_moves(const struct scene *scene, enum carbon_again_verdict verdict, time_t begin_at)
{
	struct carbon_again_decision decision = again(scene);

	assert_int_equal(decision.verdict, verdict);
	assert_int_equal(decision.record.begin_at, begin_at);
	assert_int_equal(decision.record.moves, scene->record.moves + 1);
	assert_int_equal(decision.record.baseline_at, scene->record.baseline_at);
	assert_int_equal(decision.record.latest_at, scene->record.latest_at);
	assert_int_equal(decision.record.decided_at, scene->record.decided_at);
	assert_near(decision.record.baseline_g, scene->record.baseline_g, 0);
}

static void a_job_that_waits_on_two_clusters_stays(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_at(&scene, WORLD_NOW + 2 * HOUR_S);
	clean_in(&scene, 2, 6);
	assert_int_equal(again(&scene).verdict, CARBON_FORWARD);
	scene.again.is_federated = true;
	assert_stays(&scene);
}

static void the_same_outlook_moves_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	for (time_t now = WORLD_NOW; now < WORLD_NOW + 10 * HOUR_S; now += EVERY_S) {
		scene_at(&scene, now);
		assert_stays(&scene);
	}
}

static void now_that_has_become_best_is_taken(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene_at(&scene, WORLD_NOW + 2 * HOUR_S);
	clean_in(&scene, 2, 6);
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 2 * HOUR_S);
	assert_near(again(&scene).record.mass_g, 250, 1e-6);
}

static void an_earlier_begin_is_taken_once_it_is_due_before_the_next_run(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	clean_in(&scene, 4, 8);
	scene_at(&scene, WORLD_NOW + 4 * HOUR_S - EVERY_S); /* the next run is early enough */
	assert_stays(&scene);
	scene_at(&scene, WORLD_NOW + 4 * HOUR_S - EVERY_S + 1);
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 4 * HOUR_S);
}

static void a_begin_goes_back_only_when_it_is_due_before_the_next_run(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	clean_in(&scene, 16, 20);
	scene_at(&scene, WORLD_NOW + 10 * HOUR_S - EVERY_S);
	assert_stays(&scene);
	scene_at(&scene, WORLD_NOW + 10 * HOUR_S - EVERY_S + 1);
	assert_moves(&scene, CARBON_BACK, WORLD_NOW + 16 * HOUR_S);
	scene.record.moves = CARBON_MOVES_MAX;
	assert_stays(&scene);
	clean_in(&scene, 9, 12); /* forward it may still come */
	assert_moves(&scene, CARBON_FORWARD, scene.world.context.now);
}

static void no_begin_passes_the_latest_one(void **state)
{
	struct scene scene;
	struct carbon_again_decision decision;

	(void)state;
	scene_init(&scene);
	scene_at(&scene, WORLD_NOW + 10 * HOUR_S - 1);
	clean_in(&scene, 30, 40); /* too late for this job */
	decision = again(&scene);
	assert_int_equal(decision.verdict, CARBON_FORWARD); /* nothing that it may have is better than now */
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 10 * HOUR_S - 1);
	clean_in(&scene, 24, 40);
	assert_moves(&scene, CARBON_BACK, scene.record.latest_at);
}

static void deadline_limit_and_maintenance_are_looked_at_again(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.again.deadline_at = WORLD_NOW + 12 * HOUR_S + MARGIN_S;
	assert_stays(&scene);
	scene.again.deadline_at--; /* a second less forces it forward */
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 10 * HOUR_S - 1);
	scene.again.limit_s = 4 * HOUR_S; /* and so does a limit that was raised: the bound is at hour 8 */
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW);
	scene.again.deadline_at = WORLD_NOW + HOUR_S; /* missed in any case: at once */
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW);

	scene_init(&scene);
	scene.world.site.walls = 1;
	scene.world.wall[0] = (struct carbon_wall){WORLD_NOW + 11 * HOUR_S, WORLD_NOW + 13 * HOUR_S, ""};
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 9 * HOUR_S - MARGIN_S); /* still partly clean */
	scene.world.wall[0].from_at = WORLD_NOW + HOUR_S; /* it would not have got past that one anyway */
	assert_stays(&scene);
	scene.world.wall[0].from_at = WORLD_NOW + 11 * HOUR_S;
	snprintf(scene.world.wall[0].partition, sizeof(scene.world.wall[0].partition), "nordic");
	assert_stays(&scene);
}

/* As at submission: waits that were seen count where they are longer, and an array's waves run one after another. */
static void a_deadline_leaves_room_for_the_queue_and_for_all_waves(void **state)
{
	struct carbon_wait wait = {.partition = "batch", .up_to_nodes = 64, .p50_s = 60, .p95_s = 3600, .count = 100};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.again.nodes = 4;
	scene.world.site.waits = 1;
	scene.world.site.wait = &wait;
	scene.again.deadline_at = WORLD_NOW + 12 * HOUR_S + 3600 + 120 + 60;
	assert_stays(&scene);
	scene.again.deadline_at--;
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 10 * HOUR_S - 1);
	wait.count = 3; /* too few to tell anything */
	assert_stays(&scene);

	scene_init(&scene);
	scene.again.tasks = 4;
	scene.again.waves = 2;
	scene.again.deadline_at = WORLD_NOW + 14 * HOUR_S + MARGIN_S;
	assert_stays(&scene);
	scene.again.deadline_at--;
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 10 * HOUR_S - 1);
}

static void without_knowledge_everything_stays(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	clean_in(&scene, 0, 4);
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW);
	scene.world.outlook.written_at = WORLD_NOW - scene.world.site.outlook_max_age_s - 1;
	assert_stays(&scene);
	scene.world.outlook.written_at = WORLD_NOW + 7200;
	assert_stays(&scene);
	scene.world.outlook.written_at = WORLD_NOW;
	scene.world.context.outlook = NULL;
	assert_stays(&scene);
	scene.world.context.outlook = &scene.world.outlook;
	scene.again.partition = "nordic"; /* somebody sent it elsewhere */
	assert_stays(&scene);
	scene.again.partition = "BATCH";
	snprintf(scene.record.zone, sizeof(scene.record.zone), "FR"); /* the site's zones were changed */
	assert_stays(&scene);
	snprintf(scene.record.zone, sizeof(scene.record.zone), "de");
	scene.again.partition = "batch";
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW);
	scene.record.runtime_s = 47 * HOUR_S; /* the outlook does not reach behind it */
	assert_stays(&scene);
}

static void a_site_that_stopped_delaying_moves_nothing(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	clean_in(&scene, 0, 4);
	scene.world.site.level = CARBON_LEVEL_OFF;
	assert_stays(&scene);
	scene.world.site.level = CARBON_LEVEL_OBSERVE;
	assert_stays(&scene);
	scene.world.site.level = CARBON_LEVEL_OPT_IN;
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW);
	scene_at(&scene, WORLD_NOW + 10 * HOUR_S); /* its begin has come: the queue's turn */
	assert_stays(&scene);
}

static void the_minimum_saving_counts_once(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.world.site.min_saving_percent = 100;
	scene.world.site.min_saving_g = 1e6;
	clean_in(&scene, 0, 4);
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW);
}

/* Whatever comes, a begin stays between now and the latest one, and the runs of a day move it at most once each. */
static void random_outlooks_keep_the_bounds(void **state)
{
	struct dice dice = dice_start("random outlooks");

	(void)state;
	for (int round = 0; round < 300; round++) {
		struct scene scene;

		scene_init(&scene);
		for (time_t now = WORLD_NOW + EVERY_S; now < scene.record.begin_at; now += EVERY_S) {
			struct carbon_again_decision decision;
			size_t from = (size_t)dice_between(&dice, 0, 40);

			clean_in(&scene, from, from + (size_t)dice_between(&dice, 1, 8));
			scene_at(&scene, now);
			decision = again(&scene);
			assert_true(decision.record.begin_at >= now);
			assert_true(decision.record.begin_at <= scene.record.latest_at);
			assert_true(decision.verdict != CARBON_BACK || scene.record.begin_at < scene.again.next_at);
			scene.record = decision.record;
		}
		assert_true(scene.record.moves <= CARBON_MOVES_MAX + 1);
	}
}

/* The scene's job, told at WORLD_NOW that it depends on another one. */
static void scene_depends(struct scene *scene)
{
	scene_init(scene);
	scene->record.dep_s = 86400;
	scene->again.is_dependent = true;
}

static void whose_dependency_is_not_met_is_decided_as_if_it_came_now(void **state)
{
	struct carbon_again_decision decision;
	struct scene scene;

	(void)state;
	scene_depends(&scene);
	/* the begin it has is the best one still, so nothing is written */
	assert_stays(&scene);
	/* it was let go, and now a wait would pay */
	scene.record.delayed = false;
	scene.record.begin_at = WORLD_NOW;
	scene_at(&scene, WORLD_NOW + 2 * HOUR_S);
	decision = again(&scene);
	assert_int_equal(decision.verdict, CARBON_BACK);
	assert_true(decision.record.delayed);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 10 * HOUR_S);
	assert_int_equal(decision.record.baseline_at, WORLD_NOW + 2 * HOUR_S);
	assert_int_equal(decision.record.latest_at, WORLD_NOW + 26 * HOUR_S);
	assert_near(decision.record.baseline_g, 1000, 1e-6);
	assert_near(decision.record.mass_g, 250, 1e-6);
	assert_int_equal(decision.claim.nodes, 0);
}

static void in_a_clean_hour_a_dependent_job_is_let_go(void **state)
{
	struct carbon_again_decision decision;
	struct scene scene;

	(void)state;
	scene_depends(&scene);
	scene_at(&scene, WORLD_NOW + HOUR_S);
	clean_in(&scene, 1, 8);
	decision = again(&scene);
	assert_int_equal(decision.verdict, CARBON_FORWARD);
	assert_false(decision.record.delayed);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + HOUR_S);
	/* and stays so as long as that is right */
	scene.record = decision.record;
	scene_at(&scene, WORLD_NOW + 2 * HOUR_S);
	assert_stays(&scene);
}

static void a_dependent_job_keeps_the_end_that_was_asked_for_and_the_least_saving(void **state)
{
	struct scene scene;

	(void)state;
	scene_depends(&scene);
	scene.record.delayed = false;
	scene_at(&scene, WORLD_NOW + 2 * HOUR_S);
	scene.record.dep_by_at = WORLD_NOW + 7 * HOUR_S;
	assert_stays(&scene);
	scene.record.dep_by_at = 0;
	scene.world.site.min_saving_g = 751;
	assert_stays(&scene);
	scene.world.site.min_saving_g = 749;
	assert_int_equal(again(&scene).verdict, CARBON_BACK);
	scene.record.moves = CARBON_MOVES_MAX;
	assert_stays(&scene);
	scene.record.moves = 0;
	scene.world.site.paused_until_at = WORLD_NOW + 3 * HOUR_S;
	assert_stays(&scene);
}

static void once_its_dependency_is_met_a_job_waits_as_any_other(void **state)
{
	struct scene scene;

	(void)state;
	scene_depends(&scene);
	scene.again.is_dependent = false;
	scene_at(&scene, WORLD_NOW + 2 * HOUR_S);
	assert_stays(&scene);
	clean_in(&scene, 2, 6);
	assert_moves(&scene, CARBON_FORWARD, WORLD_NOW + 2 * HOUR_S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_outlook_moves_nothing),
		cmocka_unit_test(a_job_that_waits_on_two_clusters_stays),
		cmocka_unit_test(now_that_has_become_best_is_taken),
		cmocka_unit_test(an_earlier_begin_is_taken_once_it_is_due_before_the_next_run),
		cmocka_unit_test(a_begin_goes_back_only_when_it_is_due_before_the_next_run),
		cmocka_unit_test(no_begin_passes_the_latest_one),
		cmocka_unit_test(deadline_limit_and_maintenance_are_looked_at_again),
		cmocka_unit_test(a_deadline_leaves_room_for_the_queue_and_for_all_waves),
		cmocka_unit_test(without_knowledge_everything_stays),
		cmocka_unit_test(a_site_that_stopped_delaying_moves_nothing),
		cmocka_unit_test(the_minimum_saving_counts_once),
		cmocka_unit_test(random_outlooks_keep_the_bounds),
		cmocka_unit_test(whose_dependency_is_not_met_is_decided_as_if_it_came_now),
		cmocka_unit_test(in_a_clean_hour_a_dependent_job_is_let_go),
		cmocka_unit_test(a_dependent_job_keeps_the_end_that_was_asked_for_and_the_least_saving),
		cmocka_unit_test(once_its_dependency_is_met_a_job_waits_as_any_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
