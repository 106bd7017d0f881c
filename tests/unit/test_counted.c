/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is counted once for all decisions, and starts that are passed over by their bounds, change no decision: random jobs on a
 * random cluster at work, decided the quick way and the plain one. (test_view and test_policies hold the plain one against
 * every minute.)
 */
#include "policies/counted.h"
#include "policies/policy.h"
#include "policies/view.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define REMOTES 2
#define LIMITS 4
#define OWN_RUNS 30

struct scene {
	struct world world;
	struct carbon_full full[WORLD_PLACES];
	struct carbon_site_series load[WORLD_PLACES], price[2], power;
	struct carbon_limit limit[LIMITS];
	struct carbon_place remote[REMOTES];
	struct carbon_sibling sibling[2];
	struct carbon_load own;
	float storage[CARBON_LOAD_FLOATS(WORLD_PLACES)];
};

static struct scene scene;

static void roll_curves(struct dice *dice)
{
	for (size_t z = 0; z < WORLD_ZONES; z++) {
		struct curve_store *mean = &scene.world.mean[z], *high = &scene.world.high[z];

		/* Two zones out of three in equal steps, as most outlooks are. */
		curve_roll(dice, mean, WORLD_NOW - HOUR_S, CURVE_MAX, z == 0 ? 2 * HOUR_S : 1);
		for (size_t i = 0; z > 0 && i <= CURVE_MAX; i++)
			mean->knot_s[i] *= HOUR_S;
		*high = *mean;
		for (size_t i = 0; i < CURVE_MAX; i++)
			high->value[i] += (float)dice_real(dice, 0, 100);
		carbon_curve_sum(CURVE_MAX, mean->knot_s, mean->value, mean->sum);
		carbon_curve_sum(CURVE_MAX, high->knot_s, high->value, high->sum);
		high->curve = (struct carbon_curve){mean->curve.start_at, CURVE_MAX, high->knot_s, high->value, high->sum, NULL};
	}
}

static void roll_series(struct dice *dice, struct carbon_site_series *series, const char *name, int most)
{
	snprintf(series->name, sizeof(series->name), "%s", name);
	series->from_at = WORLD_NOW - HOUR_S * dice_between(dice, -2, 2) + (dice_chance(dice, 20) ? 77 : 0);
	series->step_s = (uint32_t)dice_between(dice, 1, 8) * (dice_chance(dice, 80) ? 900 : 700);
	series->count = (size_t)dice_between(dice, 1, 200);
	for (size_t i = 0; i < series->count; i++)
		series->value[i] = (float)dice_between(dice, 0, most);
}

static void roll_places(struct dice *dice)
{
	struct world *world = &scene.world;

	snprintf(world->place[2].zone, sizeof(world->place[2].zone), "%s", dice_chance(dice, 70) ? "DE" : "");
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		struct carbon_place *place = &world->place[i];

		place->nodes = dice_chance(dice, 80) ? 40 : 0;
		place->node_mem_gb = 64;
		place->speed = dice_chance(dice, 50) ? 1 : dice_real(dice, 0.5, 2);
		memcpy(scene.full[i].partition, place->partition, sizeof(scene.full[i].partition));
		scene.full[i].count = CARBON_SITE_WEEK_H;
		for (size_t h = 0; h < CARBON_SITE_WEEK_H; h++)
			scene.full[i].value[h] = dice_chance(dice, 40) ? 0 : (float)dice_real(dice, 0, 1);
		roll_series(dice, &scene.load[i], place->partition, 38);
	}
	for (size_t i = 0; i < REMOTES; i++) {
		scene.remote[i] = world->place[i];
		snprintf(scene.remote[i].cluster, sizeof(scene.remote[i].cluster), "north");
	}
	scene.sibling[0] = (struct carbon_sibling){"here", 1, true, WORLD_NOW};
	scene.sibling[1] = (struct carbon_sibling){"north", 2, true, WORLD_NOW};
}

static void roll_own(struct dice *dice)
{
	carbon_load_init(&scene.own, WORLD_PLACES, scene.storage, WORLD_NOW);
	for (int i = 0; i < OWN_RUNS; i++) {
		struct carbon_claim claim = {.place = (size_t)dice_between(dice, 0, 2),
					     .begin_at = WORLD_NOW + dice_between(dice, 0, 60 * HOUR_S),
					     .nodes = dice_between(dice, 1, 12),
					     .kw = dice_between(dice, 1, 12)};

		claim.end_at = claim.begin_at + dice_between(dice, 1, 7 * HOUR_S);
		carbon_load_add(&scene.own, &claim);
	}
	for (size_t i = 0; i < LIMITS; i++) {
		struct carbon_limit *limit = &scene.limit[i];

		snprintf(limit->partition, sizeof(limit->partition), "%s", dice_chance(dice, 50) ? "" : "batch");
		limit->from_at = WORLD_NOW + dice_between(dice, -3, 60) * HOUR_S;
		limit->to_at = limit->from_at + dice_between(dice, 1, 5 * HOUR_S);
		limit->nodes = dice_chance(dice, 50) ? CARBON_LIMIT_NONE : (uint32_t)dice_between(dice, 0, 60);
		limit->kw = dice_chance(dice, 50) ? -1 : dice_between(dice, 0, 60);
	}
}

static void roll_job(struct dice *dice)
{
	static const char *const policies[] = {"", "lowest-window", "risk-averse", "carbon-time", "threshold", "immediate"};
	struct carbon_job *job = &scene.world.job;

	job->limit_s = (uint32_t)dice_between(dice, 900, dice_chance(dice, 50) ? 3 * HOUR_S : 24 * HOUR_S);
	job->use.cores = (double)dice_between(dice, 1, 300);
	job->use.nodes = dice_chance(dice, 50) ? 0 : (double)dice_between(dice, 1, 12);
	job->begin_at = dice_chance(dice, 20) ? WORLD_NOW + dice_between(dice, 0, 5 * HOUR_S) : 0;
	job->request.given = true;
	job->request.delay_s = dice_between(dice, 0, 60 * HOUR_S);
	job->request.relocate = dice_chance(dice, 60);
	if (dice_chance(dice, 15))
		job->request.notice = (struct carbon_notice){.signal = 10, .seconds = 60};
	snprintf(job->request.policy, sizeof(job->request.policy), "%s", policies[dice_between(dice, 0, COUNT(policies) - 1)]);
}

static void roll(struct dice *dice)
{
	struct carbon_site *site = &scene.world.site;

	world_init(&scene.world);
	roll_curves(dice);
	roll_places(dice);
	roll_own(dice);
	roll_job(dice);
	world_join(&scene.world);
	snprintf(site->cluster, sizeof(site->cluster), "here");
	site->max_delay_s = 60 * HOUR_S;
	site->full = scene.full;
	site->fulls = (size_t)dice_between(dice, 0, WORLD_PLACES);
	site->load = scene.load;
	site->loads = dice_chance(dice, 70) ? WORLD_PLACES : 0;
	roll_series(dice, &scene.price[0], "", 100);
	roll_series(dice, &scene.price[1], "SE-SE3", 100);
	roll_series(dice, &scene.power, "", 60);
	site->price = scene.price;
	site->prices = 2;
	site->carbon_price = dice_chance(dice, 40) ? dice_real(dice, 50, 500) : 0;
	site->power = &scene.power;
	site->powers = dice_chance(dice, 50);
	site->limit = scene.limit;
	site->limits = dice_chance(dice, 40) ? LIMITS : 0;
	site->remote = scene.remote;
	site->remotes = dice_chance(dice, 50) ? REMOTES : 0;
	site->sibling = scene.sibling;
	site->siblings = 2;
	site->delay_price_g_h = dice_chance(dice, 30) ? dice_real(dice, 0, 100) : 0;
	site->ramp_kw = dice_chance(dice, 20) ? dice_real(dice, 1, 40) : 0;
	site->max_interruptions = 2;
	site->outlook_max_age_s = HOUR_S;
	scene.world.context.own = dice_chance(dice, 70) ? &scene.own : NULL;
}

/* As the files' readers do. */
static struct carbon_counted *prepare(void)
{
	struct carbon_counted *counted;

	for (size_t z = 0; z < WORLD_ZONES; z++) {
		curve_swing(&scene.world.mean[z]);
		curve_swing(&scene.world.high[z]);
	}
	world_join(&scene.world);
	counted = carbon_counted_create(&scene.world.site, &scene.world.outlook);
	assert_non_null(counted);
	return counted;
}

/* Grams that a start costs, its wait included. */
static double cost_of(const struct carbon_decision *decision)
{
	return decision->counted_g + scene.world.site.delay_price_g_h *
					     (double)(decision->record.begin_at - decision->record.baseline_at) / HOUR_S;
}

/*
 * Where two starts cost the same, rounding may choose: then they must cost the same. Which of many sets of windows is found hangs on
 * where a curve is cut.
 */
static void compare(const struct carbon_decision *plain, const struct carbon_decision *quick)
{
	double slack = 1e-4 * (1 + fabs(plain->record.mass_g));
	bool is_split = plain->record.until_at || quick->record.until_at;

	if (plain->place != quick->place || plain->record.begin_at != quick->record.begin_at ||
	    plain->record.until_at != quick->record.until_at) {
		print_message("%s at %lld, or %s at %lld\n", plain->record.partition, (long long)plain->record.begin_at,
			      quick->record.partition, (long long)quick->record.begin_at);
		assert_near(quick->slack_share, plain->slack_share, 1e-4);
		assert_near(cost_of(quick), cost_of(plain), (is_split ? 0.05 : 1e-3) * fabs(cost_of(plain)));
		return;
	}
	assert_int_equal(quick->verdict, plain->verdict);
	assert_int_equal(quick->reason, plain->reason);
	assert_int_equal(quick->is_moved, plain->is_moved);
	assert_int_equal(quick->is_for_limit, plain->is_for_limit);
	assert_int_equal(quick->record.latest_at, plain->record.latest_at);
	assert_int_equal(quick->record.until_at, plain->record.until_at);
	assert_near(quick->record.mass_g, plain->record.mass_g, slack);
	assert_near(quick->record.baseline_g, plain->record.baseline_g, slack);
	assert_near(quick->slack_share, plain->slack_share, 1e-6);
}

static void decisions_are_the_plain_ones(void **state)
{
	struct dice dice = dice_start(__func__);
	int delayed = 0, moved = 0, differ = 0, full = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct carbon_decision plain, quick;
		struct carbon_counted *counted;

		roll(&dice);
		plain = world_decide(&scene.world);
		counted = prepare();
		scene.world.context.counted = counted;
		quick = world_decide(&scene.world);
		compare(&plain, &quick);
		differ += plain.record.begin_at != quick.record.begin_at || plain.record.until_at != quick.record.until_at;
		delayed += plain.verdict == CARBON_DELAY;
		moved += plain.is_moved;
		full += plain.reason == CARBON_REASON_FULL || plain.is_for_limit;
		carbon_counted_destroy(counted);
	}
	print_message("delayed %d, moved %d, without room %d, other starts that are as good %d\n", delayed, moved, full, differ);
	assert_true(delayed > 500 && moved > 200 && full > 10 && differ < 10);
}

/* Whole outlook, minute by minute: what was counted once is what a view of it counts. */
static void counted_curves_are_those_of_a_view(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_view_store store;
	struct carbon_view view;
	int compared = 0;

	(void)state;
	for (int i = 0; i < 100; i++) {
		struct carbon_counted *counted;
		struct carbon_view_ask ask;
		const struct carbon_counted_place *place;

		roll(&dice);
		counted = prepare();
		ask = (struct carbon_view_ask){.site = &scene.world.site, .place = &scene.world.place[i % 2],
					       .zone = &scene.world.zone[i % 2 ? 2 : 0], .power_w = 1,
					       .earliest_at = WORLD_NOW + dice_between(&dice, 0, 5 * HOUR_S),
					       .latest_at = WORLD_NOW + dice_between(&dice, 5, 20) * HOUR_S, .runtime_s = HOUR_S};
		scene.world.site.loads = scene.world.site.limits = 0;
		carbon_view_init(&view, &ask, &store);
		place = carbon_counted_find(counted, &scene.world.site, ask.place, ask.zone);
		assert_true(view.is_plain == !place);
		for (time_t at = ask.earliest_at; place && at < view.latest_at + HOUR_S; at += 60, compared++) {
			assert_near(carbon_curve_value(&place->mean, at), carbon_curve_value(&view.mean, at), 1e-2);
			assert_near(carbon_curve_value(&place->high, at), carbon_curve_value(&view.high, at), 1e-2);
		}
		if (place)
			assert_near(carbon_counted_slack(place, ask.earliest_at, view.latest_at + HOUR_S), view.slack_share, 1e-9);
		carbon_counted_destroy(counted);
	}
	assert_true(compared > 1000);
}

/* Of another outlook nothing was counted, nor of a place that is never full and has no price. */
static void what_was_not_counted_is_not_found(void **state)
{
	struct dice dice = dice_start(__func__);
	struct carbon_counted *counted;
	const struct carbon_site *site = &scene.world.site;

	(void)state;
	do
		roll(&dice);
	while (site->fulls != 1 || site->carbon_price > 0 || !site->remotes);
	counted = prepare();
	assert_non_null(carbon_counted_find(counted, site, &scene.world.place[0], &scene.world.zone[0]));
	assert_null(carbon_counted_find(counted, site, &scene.world.place[0], &scene.world.zone[1]));
	assert_null(carbon_counted_find(counted, site, &scene.world.place[1], &scene.world.zone[2]));
	assert_null(carbon_counted_find(counted, site, &scene.remote[0], &scene.world.zone[0]));
	assert_null(carbon_counted_find(NULL, site, &scene.world.place[0], &scene.world.zone[0]));
	carbon_counted_destroy(counted);
	carbon_counted_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decisions_are_the_plain_ones),
		cmocka_unit_test(counted_curves_are_those_of_a_view),
		cmocka_unit_test(what_was_not_counted_is_not_found),
	};

	return cmocka_run_group_tests_name("counted", tests, NULL, NULL);
}
