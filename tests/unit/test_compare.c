/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places compared by the slack clock and by prices: who is attracted by what, each comparison against the minutes of its run, and no
 * change at all where the site knows neither. In the plain world a kilowatt for two hours costs 1000 g at once and 250 g ten
 * hours ahead.
 */
#include "policies/compare.h"
#include "policies/counted.h"
#include "policies/places.h"
#include "policies/view.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define BATCH 0
#define NORDIC 1
#define RUNS 400
#define MONDAY (WORLD_NOW - 9600) /* 00:00 */

struct scene {
	struct world world;
	struct carbon_full full[WORLD_PLACES];
	struct carbon_site_series price[2]; /* of DE and SE-SE3 */
	struct carbon_place remote;
	struct carbon_sibling sibling[2];
};

static struct scene scene;

/* So much of DE's intensity in SE-SE3; the job may move, and nothing is known of slack and prices. */
static void set_up(float share)
{
	struct curve_store *stores[] = {&scene.world.mean[2], &scene.world.high[2]};

	memset(&scene, 0, sizeof(scene));
	world_init(&scene.world);
	for (size_t k = 0; k < COUNT(stores); k++) {
		for (size_t i = 0; i < 48; i++)
			stores[k]->value[i] *= share;
		carbon_curve_sum(48, stores[k]->knot_s, stores[k]->value, stores[k]->sum);
	}
	scene.world.job.request.relocate = scene.world.job.request.given = true;
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		scene.world.place[i].nodes = 100;
		scene.world.place[i].node_mem_gb = 64;
	}
	scene.world.site.full = scene.full;
	scene.world.site.price = scene.price;
}

/* Rows are sorted by name, as "batch" and "nordic" are. */
static void add_full(size_t place, float value)
{
	struct carbon_full *full = &scene.full[scene.world.site.fulls++];

	*full = (struct carbon_full){.count = CARBON_SITE_WEEK_H};
	memcpy(full->partition, scene.world.place[place].partition, sizeof(full->partition));
	for (size_t h = 0; h < CARBON_SITE_WEEK_H; h++)
		full->value[h] = value;
}

static void add_price(const char *zone, float value)
{
	struct carbon_site_series *price = &scene.price[scene.world.site.prices++];

	*price = (struct carbon_site_series){.from_at = WORLD_NOW, .step_s = HOUR_S, .count = 48};
	snprintf(price->name, sizeof(price->name), "%s", zone);
	for (size_t h = 0; h < price->count; h++)
		price->value[h] = value;
	scene.world.site.carbon_price = 100; /* so that 1 per MWh is 10 g/kWh */
}

static void assert_stays(const char *why)
{
	struct carbon_decision decision = world_decide(&scene.world);

	if (decision.is_moved)
		fail_msg("moved to %s although %s", decision.record.partition, why);
	assert_string_equal(decision.record.partition, "batch");
}

static struct carbon_decision assert_moves(void)
{
	struct carbon_decision decision = world_decide(&scene.world);

	assert_true(decision.is_moved);
	assert_string_equal(decision.record.partition, "nordic");
	return decision;
}

/* --- the slack clock --- */

static void an_always_full_place_attracts_nobody(void **state)
{
	(void)state;
	set_up(0.01f);
	assert_moves();
	add_full(BATCH, 0);
	add_full(NORDIC, 1);
	assert_stays("nordic is always full");
	scene.world.site.delay_price_g_h = 100;
	assert_stays("to start earlier there moves nothing either");
	scene.world.job.request.delay_s = 0;
	assert_stays("it cannot wait");
	scene.world.job.request.delay_s = -1;
	scene.world.site.paused_until_at = WORLD_NOW + 60;
	assert_stays("delaying is paused");
	scene.world.site.paused_until_at = scene.world.site.fulls = 0;
	add_full(NORDIC, 1);
	assert_stays("of batch nothing is known, but of nordic it is");
}

static void what_leaves_an_always_full_home_frees_nothing(void **state)
{
	(void)state;
	set_up(0.01f);
	add_full(BATCH, 1);
	add_full(NORDIC, 0);
	assert_stays("others use what it leaves");
	scene.world.site.paused_until_at = WORLD_NOW + 60;
	assert_stays("others use what it leaves, also while delaying is paused");
	scene.world.site.paused_until_at = 0;
	scene.world.site.fulls = 1;
	assert_stays("what is not known of nordic changes nothing of that");
	scene.full[0].value[30] = 0;
	scene.full[0].value[31] = 0;
	assert_moves(); /* what it leaves is left again on the second day, within the outlook */
}

static void hours_that_are_full_count_as_those_that_follow(void **state)
{
	struct carbon_decision decision;

	(void)state;
	set_up(0.2f);
	add_full(BATCH, 0);
	add_full(NORDIC, 0);
	for (size_t h = 12; h < 17; h++)
		scene.full[NORDIC].value[h] = 1;
	/* nordic's clean hours count as those behind them: 200 g at once, against 250 g at home */
	decision = assert_moves();
	assert_int_equal(decision.record.begin_at, WORLD_NOW);
	assert_near(decision.record.mass_g, 200, 1e-6);
	scene.world.site.min_saving_percent = 21;
	assert_stays("a fifth is saved");
	scene.world.site.min_saving_percent = 19;
	assert_moves();
	/* the same at home: it costs 1000 g there at any time, and the record tells of emissions alone */
	for (size_t h = 12; h < 17; h++)
		scene.full[BATCH].value[h] = 1;
	scene.world.site.min_saving_percent = 79;
	assert_near(assert_moves().record.mass_g, 200, 1e-6);
	scene.world.site.min_saving_percent = 81;
	assert_stays("four fifths are saved");
}

static void the_lesser_slack_of_both_is_told(void **state)
{
	(void)state;
	set_up(0.01f);
	add_full(BATCH, 0.5f);
	add_full(NORDIC, 0.25f);
	assert_near(assert_moves().slack_share, 0.5, 1e-6);
	for (size_t h = 0; h < CARBON_SITE_WEEK_H; h++)
		scene.full[NORDIC].value[h] = 0.75f;
	assert_near(assert_moves().slack_share, 0.25, 1e-6);
}

/* --- prices --- */

static void the_price_counts_between_two_zones(void **state)
{
	struct carbon_decision decision;

	(void)state;
	set_up(0.2f);
	add_price("DE", 0);
	add_price("SE-SE3", 30);
	assert_stays("its 50 g cost as much as 750 g more");
	scene.world.site.carbon_price = 0;
	assert_moves();
	set_up(1);
	assert_stays("both zones are alike");
	add_price("DE", 40);
	add_price("SE-SE3", 10);
	decision = assert_moves();
	/* message and record tell of emissions alone */
	assert_near(decision.record.mass_g, 250, 1e-6);
	assert_near(decision.record.baseline_g, 1000, 1e-6);
}

static void a_price_that_is_known_of_one_zone_alone_attracts_nobody(void **state)
{
	(void)state;
	set_up(1);
	add_price("DE", 40);
	assert_stays("what nordic's power costs is not known");
	set_up(1);
	add_price("SE-SE3", -40);
	assert_stays("what batch's power costs is not known");
	set_up(1);
	add_price("DE", 40);
	add_price("SE-SE3", 10);
	scene.price[1].count = 11; /* an hour short of the run's end */
	assert_stays("nordic's price is known of half the run");
	scene.price[0].count = 11;
	assert_stays("either price is known of half the run");
	set_up(0.2f);
	add_price("DE", 40);
	assert_moves(); /* by what it emits, as without prices */
	set_up(0.2f);
	add_price("", 40);
	assert_moves(); /* one price of all zones is known of both */
}

/* --- clusters --- */

/* "nordic" as a partition of another cluster, of which this one knows no slack. */
static void join(void)
{
	scene.remote = scene.world.place[NORDIC];
	snprintf(scene.remote.cluster, sizeof(scene.remote.cluster), "north");
	scene.remote.queue_wait_s = scene.remote.boot_s = 0;
	scene.world.place[NORDIC].closed = true;
	scene.sibling[0] = (struct carbon_sibling){"home", 1, true, WORLD_NOW};
	scene.sibling[1] = (struct carbon_sibling){"north", 2, true, WORLD_NOW};
	scene.world.site.remote = &scene.remote;
	scene.world.site.remotes = 1;
	scene.world.site.sibling = scene.sibling;
	scene.world.site.siblings = COUNT(scene.sibling);
	snprintf(scene.world.site.cluster, sizeof(scene.world.site.cluster), "home");
}

static void of_another_cluster_its_price_is_known_and_not_its_slack(void **state)
{
	(void)state;
	set_up(0.2f);
	join();
	add_full(NORDIC, 1);
	assert_moves(); /* that row is of this cluster's partition of the same name */
	add_price("DE", 0);
	add_price("SE-SE3", 30);
	assert_stays("its power is dear");
	set_up(1);
	join();
	add_full(BATCH, 0);
	add_price("DE", 30);
	add_price("SE-SE3", 0);
	assert_moves(); /* its power is cheap, and batch never full */
	scene.world.site.fulls = 0;
	add_full(BATCH, 1);
	assert_stays("others use what it leaves here");
}

/* What only the cluster that received the job knows must not change where it runs. */
static void a_job_that_was_sent_here_goes_where_its_sender_meant(void **state)
{
	(void)state;
	set_up(0.2f);
	join();
	scene.remote = scene.world.place[BATCH];
	snprintf(scene.remote.cluster, sizeof(scene.remote.cluster), "home");
	snprintf(scene.world.site.cluster, sizeof(scene.world.site.cluster), "north");
	scene.world.job.origin_id = 1;
	scene.world.place[NORDIC].closed = false;
	assert_moves();
	add_full(BATCH, 0);
	add_full(NORDIC, 1);
	assert_moves();
	add_price("DE", 0);
	add_price("SE-SE3", 30);
	assert_string_equal(world_decide(&scene.world).record.partition, "batch");
}

/* --- against every minute, and against no knowledge at all --- */

static void roll_scene(struct dice *dice)
{
	struct world *world = &scene.world;

	set_up((float)dice_real(dice, 0.2, 3));
	snprintf(world->place[2].zone, sizeof(world->place[2].zone), "%s", dice_chance(dice, 50) ? "DE" : "SE-SE3");
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		world->place[i].speed = dice_chance(dice, 50) ? 1 : dice_real(dice, 1, 2);
		world->place[i].transfer_kwh_gb = dice_real(dice, 0, 0.1);
	}
	world->site.delay_price_g_h = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 10);
	world->site.paused_until_at = dice_chance(dice, 20) ? WORLD_NOW + 60 : 0;
	world->job.limit_s = (uint32_t)dice_between(dice, 900, 20 * HOUR_S);
	world->job.use.cores = dice_between(dice, 1, 300);
	world->job.request.delay_s = dice_between(dice, 0, 24 * HOUR_S);
	world->job.request.data_gb = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 5);
}

static void roll_knowledge(struct dice *dice)
{
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		if (dice_chance(dice, 20))
			continue;
		add_full(i, dice_chance(dice, 20) ? 1 : 0);
		for (size_t h = 0; dice_chance(dice, 70) && h < CARBON_SITE_WEEK_H; h++)
			scene.full[scene.world.site.fulls - 1].value[h] = (float)dice_real(dice, 0.5, 1);
	}
	for (size_t i = 0; i < COUNT(scene.price); i++) {
		if (dice_chance(dice, 30))
			continue;
		add_price(i ? "SE-SE3" : "DE", 0);
		for (size_t h = 0; h < 48; h++)
			scene.price[scene.world.site.prices - 1].value[h] = (float)dice_between(dice, -20, 100);
		scene.price[scene.world.site.prices - 1].count = dice_chance(dice, 70) ? 48 : 12;
	}
}

/* What a place counts a run by: that of a view of nothing else. */
static double counted(const struct carbon_decision *decision)
{
	static struct carbon_view_store store;
	struct carbon_view_ask ask;
	struct carbon_view view;

	assert_true(carbon_decision_ask(&scene.world.context, decision, &ask));
	ask.earliest_at = ask.latest_at = decision->record.begin_at;
	carbon_view_init(&view, &ask, &store);
	return carbon_view_now_g(&view, &ask);
}

static double kept(const struct carbon_decision *decision)
{
	const struct carbon_full *full = carbon_site_full(&scene.world.site, decision->place->partition);
	time_t begin_at = decision->record.begin_at, end_at = WORLD_NOW + 48 * HOUR_S;
	double sum = 0, left;

	for (time_t at = begin_at; full && at < begin_at + (time_t)decision->record.runtime_s; at++) {
		left = 1;
		for (time_t hour_at = at - at % HOUR_S; hour_at < end_at; hour_at += HOUR_S)
			left *= (double)full->value[(hour_at - MONDAY) / HOUR_S];
		sum += left;
	}
	return 1 - sum / decision->record.runtime_s;
}

/* 0: of nothing of the run, 1: of all, else of a part. */
static double price_reach(const struct carbon_decision *decision)
{
	const struct carbon_site_series *price = carbon_site_price(&scene.world.site, decision->place->zone);
	uint32_t known_s = 0;

	for (uint32_t s = 0; s < decision->record.runtime_s; s++)
		known_s += !isnan(carbon_site_series_value(price, decision->record.begin_at + (time_t)s));
	return (double)known_s / decision->record.runtime_s;
}

/* By the price that each quarter of an hour began with. */
static double price_g(const struct carbon_decision *decision)
{
	const struct carbon_site_series *price = carbon_site_price(&scene.world.site, decision->place->zone);
	double sum = 0;

	for (uint32_t s = 0; s < decision->record.runtime_s; s++) {
		time_t at = decision->record.begin_at + (time_t)s;
		double value = carbon_site_series_value(price, at - at % 900);

		sum += isnan(value) ? 0 : value;
	}
	return sum * 1000 / scene.world.site.carbon_price * decision->record.power_w / 3.6e6;
}

static bool is_known_alike(const struct carbon_decision *home, const struct carbon_decision *there)
{
	const struct carbon_site *site = &scene.world.site;
	double here = price_reach(home);

	return !carbon_site_full(site, home->place->partition) == !carbon_site_full(site, there->place->partition) &&
	       (here <= 0 || here >= 1) && price_reach(there) >= here && price_reach(there) <= here;
}

static double waiting_g(const struct carbon_decision *decision)
{
	return (double)(decision->record.begin_at - decision->record.baseline_at) / HOUR_S *
	       scene.world.site.delay_price_g_h;
}

/* What moving would save, as policies/compare.h has it. */
static double saved_g(const struct carbon_decision *home, const struct carbon_decision *there)
{
	double there_g = there->record.mass_g - there->record.data_g, left_g = kept(home) * counted(home), taken_g = counted(there);

	if (!is_known_alike(home, there)) {
		bool has_prices = price_reach(home) >= 1 && price_reach(there) >= 1;

		left_g = fmin(left_g, home->record.mass_g + (has_prices ? price_g(home) : 0));
		taken_g = fmax(taken_g, there_g + (has_prices ? price_g(there) : 0));
	}
	left_g += waiting_g(home) - taken_g - waiting_g(there) - there->record.data_g;
	return left_g > 0 ? kept(there) * left_g : left_g;
}

static void each_comparison_is_that_of_its_minutes(void **state)
{
	struct dice dice = dice_start(__func__);
	size_t compared = 0;

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		const struct world *world = &scene.world;
		struct carbon_decision home;

		roll_scene(&dice);
		roll_knowledge(&dice);
		home = carbon_decide_at(&world->context, &world->job, NULL);
		for (size_t i = 0; home.verdict != CARBON_LEFT_ALONE && i < WORLD_PLACES; i++) {
			struct carbon_candidate there = carbon_candidate_evaluate(&world->context, &world->job, &home, &world->place[i]);
			double expected = home.record.mass_g + waiting_g(&home);

			if (there.misfit != CARBON_FITS)
				continue;
			if (i != BATCH)
				expected -= saved_g(&home, &there.decision);
			assert_near(there.cost_g, expected, 1e-4 * (home.record.mass_g + 1000));
			compared++;
		}
	}
	assert_true(compared > RUNS);
}

/* The rule that holds without any knowledge: least emissions, data and price of waiting included, where that saves enough. */
static struct carbon_decision choose_plainly(const struct world *world)
{
	struct carbon_decision home = carbon_decide_at(&world->context, &world->job, NULL), best = home;
	double home_g = home.record.mass_g + waiting_g(&home), best_g = 0;

	for (size_t i = 0; home.verdict != CARBON_LEFT_ALONE && i < WORLD_PLACES; i++) {
		struct carbon_candidate there = carbon_candidate_evaluate(&world->context, &world->job, &home, &world->place[i]);
		const struct carbon_record *record = &there.decision.record;
		double cost_g = record->mass_g + waiting_g(&there.decision);

		if (there.misfit != CARBON_FITS)
			continue;
		assert_true(there.cost_g >= cost_g && there.cost_g <= cost_g);
		if (i == BATCH || (best.is_moved && cost_g >= best_g - 1e-9 * best_g) || home_g - cost_g <= 0 ||
		    home_g - cost_g < home.min_saving_g || home_g - cost_g < home.min_saving_percent / 100 * home.record.mass_g)
			continue;
		best = there.decision;
		best_g = cost_g;
	}
	return best;
}

static void without_knowledge_decisions_are_plain_to_the_last_digit(void **state)
{
	struct dice dice = dice_start(__func__);
	size_t moved = 0;

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		struct carbon_decision plain, decision;

		roll_scene(&dice);
		if (dice_chance(&dice, 50)) { /* prices that do not count */
			add_price("DE", 50);
			scene.world.site.carbon_price = 0;
		}
		plain = choose_plainly(&scene.world);
		decision = world_decide(&scene.world);
		assert_int_equal(decision.is_moved, plain.is_moved);
		memcpy(plain.record.may, decision.record.may, sizeof(plain.record.may));
		plain.record.data_gb = decision.record.data_gb;
		assert_memory_equal(&decision.record, &plain.record, sizeof(plain.record));
		moved += decision.is_moved;
	}
	assert_in_range(moved, RUNS / 20, RUNS - RUNS / 20);
}

static void a_place_that_stays_full_attracts_nobody_whatever_the_rest(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		struct carbon_counted *known = NULL;

		roll_scene(&dice);
		roll_knowledge(&dice);
		for (size_t i = 0; i < scene.world.site.fulls; i++)
			for (size_t h = 0; strcmp(scene.full[i].partition, "batch") != 0 && h < CARBON_SITE_WEEK_H; h++)
				scene.full[i].value[h] = 1;
		if (dice_chance(&dice, 50))
			known = carbon_counted_create(&scene.world.site, &scene.world.outlook);
		scene.world.context.counted = known;
		for (size_t i = NORDIC; i < WORLD_PLACES; i++)
			scene.world.place[i].closed = !carbon_site_full(&scene.world.site, scene.world.place[i].partition);
		assert_stays("all others are always full");
		carbon_counted_destroy(known);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_always_full_place_attracts_nobody),
		cmocka_unit_test(what_leaves_an_always_full_home_frees_nothing),
		cmocka_unit_test(hours_that_are_full_count_as_those_that_follow),
		cmocka_unit_test(the_lesser_slack_of_both_is_told),
		cmocka_unit_test(the_price_counts_between_two_zones),
		cmocka_unit_test(a_price_that_is_known_of_one_zone_alone_attracts_nobody),
		cmocka_unit_test(of_another_cluster_its_price_is_known_and_not_its_slack),
		cmocka_unit_test(a_job_that_was_sent_here_goes_where_its_sender_meant),
		cmocka_unit_test(each_comparison_is_that_of_its_minutes),
		cmocka_unit_test(without_knowledge_decisions_are_plain_to_the_last_digit),
		cmocka_unit_test(a_place_that_stays_full_attracts_nobody_whatever_the_rest),
	};

	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
