/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding again over places: a job of the plain world waits in "batch" and may run in "nordic" too. In each a kilowatt for
 * two hours costs 1000 g at any time but ten hours ahead, when it costs 250 g.
 */
#include "tests/unit/unit.h"

#include "policies/again.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define EVERY_S 900

struct scene {
	struct world world;
	struct carbon_record record;
	struct carbon_job asked;
	struct carbon_again again;
};

/* So many g/kWh in ZONE at each hour from now on, but for the clean hours ten hours ahead, which have a quarter. */
static void grid(struct scene *scene, size_t zone, float value)
{
	struct curve_store *stores[] = {&scene->world.mean[zone], &scene->world.high[zone]};

	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < 48; i++)
			stores[k]->value[i] = i >= 10 && i < 14 ? value / 4 : value;
		carbon_curve_sum(48, stores[k]->knot_s, stores[k]->value, stores[k]->sum);
	}
}

#define DE 0
#define SE 2

static void scene_init(struct scene *scene)
{
	world_init(&scene->world);
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		scene->world.place[i].nodes = 100;
		scene->world.place[i].node_mem_gb = 64;
	}
	scene->world.job.request.relocate = scene->world.job.request.given = true;
	scene->record = world_decide(&scene->world).record;
	assert_string_equal(scene->record.partition, "batch");
	assert_string_equal(scene->record.may, "nordic/unzoned");
	scene->asked = scene->world.job;
	carbon_request_init(&scene->asked.request);
	scene->again = (struct carbon_again){.record = &scene->record, .partition = "batch", .limit_s = 7200,
					     .next_at = WORLD_NOW + EVERY_S, .job = &scene->asked};
}

static struct carbon_again_decision again(const struct scene *scene)
{
	return carbon_decide_again(&scene->world.context, &scene->again);
}

static void assert_stays(const struct scene *scene, const char *why)
{
	struct carbon_again_decision decision = again(scene);

	if (decision.verdict != CARBON_STAY)
		fail_msg("verdict %d, to %s, although %s", decision.verdict, decision.record.partition, why);
	assert_memory_equal(&decision.record, &scene->record, sizeof(scene->record));
}

static struct carbon_again_decision assert_goes(const struct scene *scene, const char *partition)
{
	struct carbon_again_decision decision = again(scene);

	assert_int_equal(decision.verdict, CARBON_ELSEWHERE);
	assert_string_equal(decision.record.partition, partition);
	assert_int_equal(decision.record.moves, scene->record.moves + 1);
	assert_int_equal(decision.record.baseline_at, scene->record.baseline_at);
	assert_near(decision.record.baseline_g, scene->record.baseline_g, 0);
	assert_true(decision.record.begin_at <= decision.record.latest_at);
	assert_true(decision.record.latest_at <= scene->record.latest_at);
	assert_true(decision.record.delayed);
	return decision;
}

/* It was written, and time has gone on. */
static void accept(struct scene *scene, const struct carbon_again_decision *decision, time_t now)
{
	scene->record = decision->record;
	scene->again.partition = scene->record.partition;
	scene->world.context.now = now;
	scene->world.outlook.written_at = now;
	scene->again.next_at = now + EVERY_S;
}

static void a_place_that_has_become_cleaner_is_taken_and_home_is_kept(void **state)
{
	struct carbon_again_decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.world.place[1].speed = 2;
	scene.world.place[1].power.core_w = 30;
	grid(&scene, SE, 100);
	decision = assert_goes(&scene, "nordic");
	assert_string_equal(decision.record.zone, "SE-SE3");
	assert_string_equal(decision.record.home, "batch");
	assert_string_equal(decision.record.home_zone, "DE");
	assert_near(decision.record.home_power_w, 1250, 1e-9);
	assert_int_equal(decision.record.home_runtime_s, 7200);
	assert_int_equal(decision.record.runtime_s, 3600);
	assert_near(decision.record.power_w, 3750, 1e-9);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 10 * HOUR_S);
	assert_near(decision.record.mass_g, 3.75 * 25, 1e-6);
	/* its room is there now */
	assert_int_equal(decision.claim.place, 1);
	assert_true(decision.claim.nodes > 0);

	/* and once home is the cleaner one, it goes back, as it was */
	accept(&scene, &decision, WORLD_NOW + HOUR_S);
	assert_stays(&scene, "nothing has changed");
	grid(&scene, DE, 10);
	decision = assert_goes(&scene, "batch");
	assert_string_equal(decision.record.zone, "DE");
	assert_string_equal(decision.record.home, "");
	assert_string_equal(decision.record.home_zone, "");
	assert_near(decision.record.power_w, 1250, 1e-9);
	assert_int_equal(decision.record.runtime_s, 7200);
	assert_near(decision.record.home_power_w, 0, 0);
	assert_int_equal(decision.record.home_runtime_s, 0);
}

static void who_may_not_move_stays(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	grid(&scene, SE, 40);
	assert_goes(&scene, "nordic");
	scene.again.job = NULL;
	assert_stays(&scene, "it may not");
	scene_init(&scene);
	grid(&scene, SE, 40);
	snprintf(scene.record.may, sizeof(scene.record.may), "unzoned");
	assert_stays(&scene, "it did not fit there at submission");
	snprintf(scene.record.may, sizeof(scene.record.may), "NORDIC"); /* lower-cased or so by others */
	assert_goes(&scene, "nordic");
	scene.again.partition = "other";
	assert_stays(&scene, "its user has sent it elsewhere");
	scene.again.partition = "batch";
	scene.again.is_federated = true;
	assert_stays(&scene, "it waits on two clusters");
	scene.again.is_federated = false;
	scene.again.tasks = 4;
	assert_stays(&scene, "it is an array");
	scene.again.tasks = 1;
	scene.record.cuts = 1;
	assert_stays(&scene, "its checkpoint is here");
	scene.record.cuts = 0;
	scene.record.moves = CARBON_MOVES_MAX;
	assert_stays(&scene, "it was moved often enough");
	scene.record.moves = 0;
	scene.world.site.paused_until_at = WORLD_NOW + 60;
	assert_stays(&scene, "delaying is paused");
	scene.world.site.paused_until_at = 0;
	assert_goes(&scene, "nordic");
}

static void what_it_asks_for_now_must_be_there(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	grid(&scene, SE, 40);
	snprintf(scene.asked.features, sizeof(scene.asked.features), "avx");
	assert_stays(&scene, "its user has asked for a feature since");
	scene.asked.features[0] = '\0';
	scene.asked.is_bound = true;
	assert_stays(&scene, "its user has named a node since");
	scene.asked.is_bound = false;
	scene.world.place[1].max_limit_s = 7199;
	assert_stays(&scene, "its limit is too long for it");
	scene.world.place[1].max_limit_s = 0;
	scene.world.place[1].closed = true;
	assert_stays(&scene, "it was closed since");
	scene.world.place[1].closed = false;
	carbon_rule_init(&scene.world.rule[0], CARBON_RULE_PARTITION);
	snprintf(scene.world.rule[0].name, sizeof(scene.world.rule[0].name), "nordic");
	scene.world.rule[0].exclude = true;
	scene.world.site.rules = 1;
	assert_stays(&scene, "the site excludes it");
	scene.world.site.rules = 0;
	snprintf(scene.world.place[1].zone, sizeof(scene.world.place[1].zone), "NO-NO2");
	assert_stays(&scene, "nothing is known of its zone");
	scene.world.place[1].zone[0] = '\0';
	assert_stays(&scene, "its zone is not known");
	snprintf(scene.world.place[1].zone, sizeof(scene.world.place[1].zone), "SE-SE3");
	assert_goes(&scene, "nordic");
}

static void only_a_real_gain_moves_it(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.world.site.min_saving_g = scene.world.site.min_saving_percent = 0;
	assert_stays(&scene, "both are alike");
	grid(&scene, SE, 381);
	assert_stays(&scene, "it would gain less than a twentieth");
	grid(&scene, SE, 379);
	assert_goes(&scene, "nordic");
	scene.world.site.min_saving_percent = 10;
	assert_stays(&scene, "the site asks for more");
	scene.world.site.min_saving_percent = 0;
	scene.world.site.min_saving_g = 20;
	assert_stays(&scene, "the site asks for more grams");
	carbon_rule_init(&scene.world.rule[0], CARBON_RULE_USER);
	snprintf(scene.world.rule[0].name, sizeof(scene.world.rule[0].name), "%u", WORLD_UID);
	scene.world.rule[0].min_saving_g = 5;
	scene.world.site.rules = 1;
	assert_goes(&scene, "nordic");
}

/* A site with those FULLS of its first places, at any hour. */
static void know(struct scene *scene, struct carbon_full full[2], float batch, float nordic)
{
	for (size_t i = 0; i < 2; i++) {
		full[i] = (struct carbon_full){.count = CARBON_SITE_WEEK_H};
		memcpy(full[i].partition, scene->world.place[i].partition, sizeof(full[i].partition));
		for (size_t h = 0; h < CARBON_SITE_WEEK_H; h++)
			full[i].value[h] = i ? nordic : batch;
	}
	scene->world.site.full = full;
	scene->world.site.fulls = 2;
}

static void what_stays_full_neither_takes_nor_frees(void **state)
{
	struct carbon_full full[2];
	struct scene scene;

	(void)state;
	scene_init(&scene);
	grid(&scene, SE, 4);
	know(&scene, full, 0, 0);
	assert_goes(&scene, "nordic");
	know(&scene, full, 0, 1);
	assert_stays(&scene, "nordic is always full");
	scene.world.site.fulls = 1;
	full[0] = full[1];
	assert_stays(&scene, "nordic is always full, and of batch nothing is known");
	know(&scene, full, 0.5f, 0.5f);
	assert_goes(&scene, "nordic");
	know(&scene, full, 1, 0);
	assert_int_equal(again(&scene).verdict == CARBON_ELSEWHERE, 0);
	scene.world.site.fulls = 1;
	assert_int_equal(again(&scene).verdict == CARBON_ELSEWHERE, 0);
}

static void the_price_of_both_zones_counts(void **state)
{
	struct carbon_site_series price[2] = {{.name = "DE", .from_at = WORLD_NOW, .step_s = HOUR_S, .count = 48},
					      {.name = "SE-SE3", .from_at = WORLD_NOW, .step_s = HOUR_S, .count = 48}};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	grid(&scene, SE, 100);
	for (size_t h = 0; h < 48; h++)
		price[1].value[h] = 30; /* 750 g for the job's 2.5 kWh */
	scene.world.site.price = price;
	scene.world.site.prices = 2;
	assert_goes(&scene, "nordic");
	scene.world.site.carbon_price = 100;
	assert_stays(&scene, "its power is dear");
	for (size_t h = 0; h < 48; h++)
		price[0].value[h] = 60;
	grid(&scene, SE, 400);
	assert_near(assert_goes(&scene, "nordic").record.mass_g, 250, 1e-6);
	scene.world.site.prices = 1;
	assert_stays(&scene, "the price there is not known");
}

/* Two zones whose forecasts waver, each up and down by up to 2 %: whatever comes, it stays where it is. */
static void wavering_forecasts_move_nobody_to_and_fro(void **state)
{
	struct scene scene;
	uint64_t seed = 6;

	(void)state;
	scene_init(&scene);
	scene.world.site.min_saving_g = scene.world.site.min_saving_percent = 0;
	for (int run = 0; run < 200; run++) {
		for (size_t zone = 0; zone <= SE; zone += SE) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			grid(&scene, zone, 400 * (0.98f + 0.04f * (float)(seed >> 40) / 16777216.0f));
		}
		assert_stays(&scene, "the two are alike");
	}
}

static void data_that_go_with_it_count(void **state)
{
	struct carbon_again_decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	grid(&scene, SE, 80);
	scene.world.place[1].transfer_kwh_gb = 0.5;
	scene.record.data_gb = 2;
	decision = assert_goes(&scene, "nordic");
	/* a kWh at the mean of 100 and 20 g/kWh */
	assert_near(decision.record.data_g, 60, 1e-6);
	assert_near(decision.record.mass_g, 60 + 50, 1e-6);
	scene.record.data_gb = 8;
	assert_stays(&scene, "its data cost more than it saves");
	scene.record.data_gb = 2;
	accept(&scene, &decision, WORLD_NOW + HOUR_S);
	grid(&scene, DE, 4);
	decision = assert_goes(&scene, "batch");
	assert_near(decision.record.data_g, 0, 0);
	assert_near(decision.record.data_gb, 2, 0);
}

static void a_longer_queue_leaves_less_time(void **state)
{
	struct carbon_again_decision decision;
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.world.place[1].queue_wait_s = scene.world.place[0].queue_wait_s + 3 * HOUR_S;
	grid(&scene, SE, 40);
	assert_int_equal(assert_goes(&scene, "nordic").record.latest_at, scene.record.latest_at); /* no end was asked for */
	scene.record.finish_at = WORLD_NOW + 30 * HOUR_S;
	decision = assert_goes(&scene, "nordic");
	assert_int_equal(decision.record.latest_at, scene.record.latest_at - 3 * HOUR_S);
	scene.world.place[1].queue_wait_s = 0;
	assert_int_equal(assert_goes(&scene, "nordic").record.latest_at, scene.record.latest_at);
	/* so long a one leaves none */
	scene.world.place[1].queue_wait_s = 2 * 86400;
	assert_stays(&scene, "it could not be sure of a start in time there");
}

/* --- from a cluster that is gone --- */

/* It was sent to cluster north, where it was to begin ten hours ahead, and begins here a day ahead. */
static void send_away(struct scene *scene)
{
	struct carbon_record *record = &scene->record;

	scene_init(scene);
	snprintf(record->cluster, sizeof(record->cluster), "north");
	snprintf(record->home, sizeof(record->home), "batch");
	snprintf(record->home_zone, sizeof(record->home_zone), "DE");
	snprintf(record->partition, sizeof(record->partition), "far");
	snprintf(record->zone, sizeof(record->zone), "NO-NO2");
	record->home_power_w = record->power_w;
	record->home_runtime_s = record->runtime_s;
	record->power_w = 500;
	record->runtime_s = 1800;
	record->there_at = WORLD_NOW + 10 * HOUR_S;
	record->begin_at = record->latest_at = WORLD_NOW + 24 * HOUR_S;
	scene->again.is_federated = true; /* the other one's copy is still counted */
}

static void who_was_sent_to_a_cluster_that_is_gone_is_decided_anew(void **state)
{
	struct carbon_again_decision decision;
	struct scene scene;

	(void)state;
	send_away(&scene);
	assert_stays(&scene, "that cluster is there");
	scene.again.is_stranded = true;
	decision = again(&scene);
	assert_int_equal(decision.verdict, CARBON_RETURN);
	assert_string_equal(decision.record.cluster, "");
	assert_string_equal(decision.record.partition, "batch");
	assert_string_equal(decision.record.zone, "DE");
	assert_string_equal(decision.record.home, "");
	assert_int_equal(decision.record.there_at, 0);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 10 * HOUR_S);
	assert_int_equal(decision.record.latest_at, scene.record.latest_at);
	assert_near(decision.record.power_w, 1250, 1e-9);
	assert_int_equal(decision.record.runtime_s, 7200);
	assert_near(decision.record.mass_g, 250, 1e-6);
	assert_near(decision.record.baseline_g, scene.record.baseline_g, 0);

	/* the places that are left are asked as well */
	grid(&scene, SE, 40);
	decision = again(&scene);
	assert_int_equal(decision.verdict, CARBON_RETURN);
	assert_string_equal(decision.record.partition, "nordic");
	assert_string_equal(decision.record.cluster, "");
	assert_string_equal(decision.record.home, "batch");
	assert_string_equal(decision.record.home_cluster, "");

	/* without an outlook it begins when it would have */
	scene.world.context.outlook = NULL;
	assert_stays(&scene, "nothing is known");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_place_that_has_become_cleaner_is_taken_and_home_is_kept),
		cmocka_unit_test(who_may_not_move_stays),
		cmocka_unit_test(what_it_asks_for_now_must_be_there),
		cmocka_unit_test(only_a_real_gain_moves_it),
		cmocka_unit_test(what_stays_full_neither_takes_nor_frees),
		cmocka_unit_test(the_price_of_both_zones_counts),
		cmocka_unit_test(wavering_forecasts_move_nobody_to_and_fro),
		cmocka_unit_test(data_that_go_with_it_count),
		cmocka_unit_test(a_longer_queue_leaves_less_time),
		cmocka_unit_test(who_was_sent_to_a_cluster_that_is_gone_is_decided_anew),
	};

	return cmocka_run_group_tests_name("again-places", tests, NULL, NULL);
}
