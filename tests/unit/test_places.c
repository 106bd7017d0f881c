/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding over time and place: what excludes a place, what a place costs, and that the choice is stable. In the plain world
 * a kilowatt for two hours costs 1000 g at once and 250 g in the clean window ten hours ahead.
 */
#include "tests/unit/world.h"

#include "policies/places.h"

#define HOUR_S 3600

/* The plain world, in which "nordic" is a fifth as dirty as "batch" at every hour, and the job may move. */
static void init(struct world *world)
{
	struct curve_store *stores[] = {&world->mean[2], &world->high[2]};

	world_init(world);
	for (size_t k = 0; k < 2; k++) {
		for (size_t i = 0; i < stores[k]->curve.count; i++)
			stores[k]->value[i] /= 5;
		carbon_curve_sum(48, stores[k]->knot_s, stores[k]->value, stores[k]->sum);
	}
	world->job.request.relocate = world->job.request.given = true;
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		world->place[i].nodes = 100;
		world->place[i].node_mem_gb = 64;
	}
}

static void assert_stays(struct world *world, const char *why)
{
	struct carbon_decision decision = world_decide(world);

	if (decision.is_moved)
		fail_msg("moved to %s although %s", decision.record.partition, why);
	assert_string_equal(decision.record.partition, "batch");
	assert_string_equal(decision.record.home, "");
}

static struct carbon_decision assert_moves(struct world *world, const char *partition)
{
	struct carbon_decision decision = world_decide(world);

	assert_true(decision.is_moved);
	assert_string_equal(decision.record.partition, partition);
	return decision;
}

static struct carbon_candidate evaluate(const struct world *world, const struct carbon_place *place)
{
	struct carbon_decision home = carbon_decide_at(&world->context, &world->job, NULL);

	return carbon_candidate_evaluate(&world->context, &world->job, &home, place);
}

static void the_cleaner_place_is_taken_at_its_cleanest_time(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	init(&world);
	decision = assert_moves(&world, "nordic");
	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_ptr_equal(decision.home, &world.place[0]);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 10 * HOUR_S);
	assert_string_equal(decision.record.zone, "SE-SE3");
	assert_string_equal(decision.record.home, "batch");
	assert_string_equal(decision.record.home_zone, "DE");
	assert_string_equal(decision.record.cluster, "");
	assert_near(decision.record.mass_g, 50, 1e-6);
	assert_near(decision.record.baseline_g, 1000, 1e-6);
	assert_near(decision.record.home_power_w, 1250, 1e-9);
	assert_int_equal(decision.record.home_runtime_s, 7200);
}

static void a_job_that_does_not_say_so_is_never_moved(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	world.job.request.relocate = false;
	assert_stays(&world, "it did not ask for it");
}

static void a_job_without_time_to_wait_still_moves(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	init(&world);
	world.job.request.delay_s = 0;
	decision = assert_moves(&world, "nordic");
	assert_int_equal(decision.verdict, CARBON_AT_ONCE);
	assert_int_equal(decision.record.begin_at, WORLD_NOW);
	assert_false(decision.record.delayed);
	assert_near(decision.record.mass_g, 200, 1e-6);
}

static void hardware_speed_pue_and_data_count(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	init(&world);
	world.place[1].speed = 2;
	world.place[1].power.core_w = 30;
	world.place[1].power.pue = 1;
	world.place[1].transfer_kwh_gb = 0.5;
	world.job.request.data_gb = 2;
	decision = assert_moves(&world, "nordic");
	assert_int_equal(decision.record.runtime_s, 3600);
	assert_near(decision.record.power_w, 3000, 1e-9);
	/* 3 kWh at 20 g/kWh, and 1 kWh of transfer at the mean of 100 and 20 g/kWh */
	assert_near(decision.record.data_g, 60, 1e-6);
	assert_near(decision.record.mass_g, 120, 1e-6);
	/* What is moved may cost more than it saves: 250 g wait at home. */
	world.job.request.data_gb = 10;
	assert_stays(&world, "its data cost more");
}

static void what_a_user_says_of_power_holds_for_the_hardware_at_home(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	world.job.request.power_w = 500;
	world.place[1].power.core_w = 20; /* twice those at home */
	assert_near(assert_moves(&world, "nordic").record.power_w, 500 * 2 * 1.25, 1e-9);
}

/* --- what excludes a place --- */

static void closed(struct world *world)
{
	world->place[1].closed = true;
}

static void on_nodes(struct world *world)
{
	world->job.is_bound = true;
}

static void in_a_list(struct world *world)
{
	snprintf(world->job.partitions, sizeof(world->job.partitions), "batch,nordi");
}

static void others_named(struct world *world)
{
	snprintf(world->job.request.places, sizeof(world->job.request.places), "unzoned,south,here/batch");
}

static void too_many_nodes(struct world *world)
{
	world->job.use.nodes = 101;
}

static void over_max_nodes(struct world *world)
{
	world->job.use.nodes = 9;
	world->place[1].max_nodes = 8;
}

static void wide_tasks(struct world *world)
{
	world->job.task_cores = 17;
}

static void crowded_nodes(struct world *world)
{
	world->job.use.nodes = 6; /* of 16 cores: 96 */
}

static void much_memory(struct world *world)
{
	world->job.use.nodes = 10;
	world->job.use.memory_gb = 641;
}

static void with_gpus(struct world *world)
{
	world->job.use.gpu_kinds = 1;
	world->job.use.gpu[0].count = 1;
}

static void with_features(struct world *world)
{
	snprintf(world->job.features, sizeof(world->job.features), "avx512&(rack1|rack2)");
}

static void long_jobs(struct world *world)
{
	world->place[1].max_limit_s = 7199;
}

static void slow_place(struct world *world)
{
	world->place[1].speed = 0.9;
}

static void dear_place(struct world *world)
{
	world->place[1].price_node_h = 2;
	world->site.max_price_node_h = 1.5;
}

static void no_outlook(struct world *world)
{
	snprintf(world->place[1].zone, sizeof(world->place[1].zone), "NO-NO2");
}

static void each_of_these_excludes_a_place(void **state)
{
	static const struct {
		void (*change)(struct world *world);
		enum carbon_misfit misfit;
	} rows[] = {
		{closed, CARBON_MISFIT_CLOSED},		 {on_nodes, CARBON_MISFIT_BOUND},
		{in_a_list, CARBON_MISFIT_BOUND},	 {others_named, CARBON_MISFIT_NAMED},
		{too_many_nodes, CARBON_MISFIT_NODES},	 {over_max_nodes, CARBON_MISFIT_NODES},
		{wide_tasks, CARBON_MISFIT_NODES},	 {crowded_nodes, CARBON_MISFIT_NODES},
		{much_memory, CARBON_MISFIT_NODES},	 {with_gpus, CARBON_MISFIT_GPUS},
		{with_features, CARBON_MISFIT_FEATURES}, {long_jobs, CARBON_MISFIT_LIMIT},
		{slow_place, CARBON_MISFIT_SPEED},	 {dear_place, CARBON_MISFIT_PRICE},
		{no_outlook, CARBON_MISFIT_TIME},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		struct carbon_candidate candidate;

		init(&world);
		rows[i].change(&world);
		candidate = evaluate(&world, &world.place[1]);
		if (candidate.misfit != rows[i].misfit)
			fail_msg("row %zu: %s", i, carbon_misfit_text(candidate.misfit));
		assert_stays(&world, carbon_misfit_text(rows[i].misfit));
	}
}

static void offer(struct world *world, struct carbon_offer *offer, enum carbon_offer_kind kind, const char *name)
{
	memset(offer, 0, sizeof(*offer));
	snprintf(offer->partition, sizeof(offer->partition), "nordic");
	offer->kind = kind;
	snprintf(offer->name, sizeof(offer->name), "%s", name);
	world->site.offer = offer;
	world->site.offers = 1;
}

static void accounts_qos_and_users_are_asked_for(void **state)
{
	static const struct {
		enum carbon_offer_kind kind;
		const char *name;
		enum carbon_misfit misfit;
	} rows[] = {
		/* the user's default account is physics, the default QOS normal */
		{CARBON_OFFER_ACCOUNT, "physics", CARBON_FITS},	   {CARBON_OFFER_ACCOUNT, "law", CARBON_MISFIT_ACCOUNT},
		{CARBON_OFFER_NO_ACCOUNT, "law", CARBON_FITS},	   {CARBON_OFFER_NO_ACCOUNT, "physics", CARBON_MISFIT_ACCOUNT},
		{CARBON_OFFER_QOS, "normal", CARBON_FITS},	   {CARBON_OFFER_QOS, "high", CARBON_MISFIT_QOS},
		{CARBON_OFFER_NO_QOS, "normal", CARBON_MISFIT_QOS}, {CARBON_OFFER_USER, "1000", CARBON_FITS},
		{CARBON_OFFER_USER, "1001", CARBON_MISFIT_USER},
	};
	struct carbon_offer only;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world world;
		struct carbon_candidate candidate;

		init(&world);
		offer(&world, &only, rows[i].kind, rows[i].name);
		candidate = evaluate(&world, &world.place[1]);
		if (candidate.misfit != rows[i].misfit)
			fail_msg("row %zu: %s", i, carbon_misfit_text(candidate.misfit));
	}
}

static void features_and_gpus_that_are_there_do_not_exclude(void **state)
{
	struct world world;
	struct carbon_offer both[2], one;

	(void)state;
	init(&world);
	snprintf(world.job.features, sizeof(world.job.features), "[rack1*2&avx]&(rack1|rack2)");
	offer(&world, &both[1], CARBON_OFFER_FEATURE, "rack1");
	offer(&world, &both[0], CARBON_OFFER_FEATURE, "avx");
	world.site.offers = 2;
	assert_int_equal(evaluate(&world, &world.place[1]).misfit, CARBON_FITS);

	world.job.features[0] = '\0';
	with_gpus(&world);
	snprintf(world.job.use.gpu[0].type, sizeof(world.job.use.gpu[0].type), "a100");
	world.place[1].node_gpus = 4;
	offer(&world, &one, CARBON_OFFER_GPU, "v100");
	assert_int_equal(evaluate(&world, &world.place[1]).misfit, CARBON_MISFIT_GPUS);
	offer(&world, &one, CARBON_OFFER_GPU, "a100");
	assert_int_equal(evaluate(&world, &world.place[1]).misfit, CARBON_FITS);
	world.job.use.nodes = 10;
	world.job.use.gpu[0].count = 41;
	assert_int_equal(evaluate(&world, &world.place[1]).misfit, CARBON_MISFIT_GPUS);
}

static void partitions_that_the_user_lists_or_names_are_taken(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	snprintf(world.job.partition, sizeof(world.job.partition), "batch");
	snprintf(world.job.partitions, sizeof(world.job.partitions), "batch,nordic");
	assert_moves(&world, "nordic");
	snprintf(world.job.partitions, sizeof(world.job.partitions), "batch");
	assert_stays(&world, "--partition binds");
	snprintf(world.job.request.places, sizeof(world.job.request.places), "nordic");
	assert_moves(&world, "nordic");
}

static void a_job_is_not_moved_for_next_to_nothing_nor_between_equals(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	snprintf(world.place[1].zone, sizeof(world.place[1].zone), "DE");
	assert_stays(&world, "both are alike");
	world.place[1].power.pue = 1.24; /* 248 instead of 250 g */
	assert_stays(&world, "two grams are under the minimum");
	world.site.min_saving_g = 1;
	world.site.min_saving_percent = 0;
	assert_moves(&world, "nordic");
}

/* A rule's minimum stands in for the site's, up or down. */
static void a_rule_says_what_is_worth_a_move(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	snprintf(world.place[1].zone, sizeof(world.place[1].zone), "DE");
	world.place[1].power.pue = 1.2; /* 240 instead of 250 g */
	world.site.min_saving_percent = 0;
	world.site.min_saving_g = 20;
	assert_stays(&world, "ten grams are under the site's minimum");
	carbon_rule_init(&world.rule[0], CARBON_RULE_ACCOUNT);
	snprintf(world.rule[0].name, sizeof(world.rule[0].name), "physics");
	world.site.rules = 1;
	world.rule[0].min_saving_g = 9;
	assert_moves(&world, "nordic");
	world.rule[0].min_saving_percent = 10;
	assert_stays(&world, "four percent are under the account's minimum");
	world.rule[0].min_saving_percent = world.rule[0].min_saving_g = -1;
	world.site.min_saving_g = 9;
	assert_moves(&world, "nordic");
}

static void where_else_it_fitted_is_noted(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	world.job.request.data_gb = 2;
	assert_string_equal(world_decide(&world).record.may, "nordic/unzoned");
	assert_near(world_decide(&world).record.data_gb, 2, 0);
	world.place[2].closed = true;
	assert_string_equal(world_decide(&world).record.may, "nordic");
	/* also of a job that waits at home */
	snprintf(world.place[1].zone, sizeof(world.place[1].zone), "DE");
	assert_stays(&world, "both are alike");
	assert_string_equal(world_decide(&world).record.may, "nordic");
	/* but not of one that does not wait */
	world.job.request.delay_s = 0;
	assert_string_equal(world_decide(&world).record.may, "");
	world.job.request.delay_s = -1;
	world.job.request.relocate = false;
	assert_string_equal(world_decide(&world).record.may, "");
}

/* Of places that are alike the first one is taken, whatever the order in which rounding would have them. */
static void the_choice_between_equals_is_stable(void **state)
{
	struct world world;

	(void)state;
	init(&world);
	world.place[2] = world.place[1];
	snprintf(world.place[2].partition, sizeof(world.place[2].partition), "polar");
	assert_moves(&world, "nordic");
	world.place[2].power.pue *= 1 - 1e-12;
	assert_moves(&world, "nordic");
	world.place[2].power.pue *= 0.99;
	assert_moves(&world, "polar");
}

/* --- other clusters --- */

#define SLACK_S 120

struct far {
	struct carbon_place remote;
	struct carbon_sibling sibling[2];
};

/* "north/nordic" in place of this cluster's own. */
static void join(struct world *world, struct far *far)
{
	memset(far, 0, sizeof(*far));
	far->remote = world->place[1];
	snprintf(far->remote.cluster, sizeof(far->remote.cluster), "north");
	far->remote.queue_wait_s = far->remote.boot_s = 0;
	world->place[1].closed = true;
	snprintf(world->site.cluster, sizeof(world->site.cluster), "home");
	far->sibling[0] = (struct carbon_sibling){"home", 1, true, WORLD_NOW - 60};
	far->sibling[1] = (struct carbon_sibling){"north", 2, true, WORLD_NOW - 60};
	world->site.remote = &far->remote;
	world->site.remotes = 1;
	world->site.sibling = far->sibling;
	world->site.siblings = 2;
}

static void a_cluster_of_the_federation_is_a_place(void **state)
{
	struct world world;
	struct carbon_decision decision;
	struct far far;

	(void)state;
	init(&world);
	join(&world, &far);
	decision = assert_moves(&world, "nordic");
	assert_string_equal(decision.record.cluster, "north");
	assert_string_equal(decision.record.home, "batch");
	assert_int_equal(decision.record.there_at, WORLD_NOW + 10 * HOUR_S);
	/* and here it begins as late as it may */
	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 86400);
	assert_int_equal(decision.record.latest_at, WORLD_NOW + 86400);
	assert_near(decision.record.mass_g, 50, 1e-6);
}

static void only_a_cluster_just_seen_at_work_is_one(void **state)
{
	struct world world;
	struct far far;

	(void)state;
	init(&world);
	join(&world, &far);
	far.sibling[1].seen_at = WORLD_NOW - 3 * HOUR_S;
	assert_stays(&world, "it was seen three hours ago");
	far.sibling[1].seen_at = WORLD_NOW;
	far.sibling[1].active = false;
	assert_stays(&world, "it is not active");
	world.site.siblings = 1;
	assert_stays(&world, "it has left the federation");
}

static void arrays_and_bound_jobs_stay_on_their_cluster(void **state)
{
	struct world world;
	struct far far;

	(void)state;
	init(&world);
	join(&world, &far);
	world.job.is_array = true;
	assert_stays(&world, "arrays stay");
	world.job.is_array = false;
	world.job.stays = true;
	assert_stays(&world, "--clusters was given");
	world.job.stays = false;
	world.job.has_dependency = true;
	assert_stays(&world, "dependencies stay");
	world.job.has_dependency = false;
	assert_moves(&world, "nordic");
	world.place[1].closed = false;
	world.job.is_array = true;
	assert_string_equal(assert_moves(&world, "nordic").record.cluster, "");
}

/* The origin's own begin is the latest one: the other cluster must have had its chance before. */
static void the_origin_is_left_time_to_take_over(void **state)
{
	struct world world;
	struct carbon_decision decision;
	struct far far;

	(void)state;
	init(&world);
	join(&world, &far);
	world.job.request.delay_s = 10 * HOUR_S + SLACK_S + 600;
	far.remote.queue_wait_s = 3600;
	decision = assert_moves(&world, "nordic");
	assert_between(decision.record.there_at, WORLD_NOW, WORLD_NOW + 10 * HOUR_S + 600 - 3600);
	world.job.request.delay_s = 3600;
	assert_stays(&world, "nothing would be left to fall back on");
}

/* On the cluster that the job was sent to: the same decision, by its own site file. */
static void a_sibling_comes_to_the_same_decision(void **state)
{
	struct world world;
	struct carbon_decision sent, taken;
	struct far far;

	(void)state;
	init(&world);
	join(&world, &far);
	sent = assert_moves(&world, "nordic");
	/* now as "north" sees it: "batch" is far and "nordic" is here */
	world.place[1] = far.remote;
	world.place[1].cluster[0] = '\0';
	world.place[1].is_default = true;
	far.remote = world.place[0];
	snprintf(far.remote.cluster, sizeof(far.remote.cluster), "home");
	world.place[0].closed = true;
	world.place[0].is_default = false;
	snprintf(world.site.cluster, sizeof(world.site.cluster), "north");
	world.job.origin_id = 1;
	taken = assert_moves(&world, "nordic");
	assert_int_equal(taken.record.begin_at, sent.record.there_at);
	assert_int_equal(taken.record.baseline_at, sent.record.baseline_at);
	assert_near(taken.record.mass_g, sent.record.mass_g, 1e-9);
	assert_near(taken.record.baseline_g, sent.record.baseline_g, 1e-9);
	assert_string_equal(taken.record.cluster, "");
	assert_string_equal(taken.record.home, "batch");
	assert_string_equal(taken.record.home_cluster, "home");
	/* Where the origin is unknown, it is decided as a job of our own. */
	world.job.origin_id = 7;
	assert_false(world_decide(&world).is_moved);
	assert_string_equal(world_decide(&world).record.partition, "nordic");
}

static void a_job_that_was_sent_here_takes_the_best_place_here_however_little_it_saves(void **state)
{
	struct world world;
	struct far far;

	(void)state;
	init(&world);
	join(&world, &far);
	far.remote = world.place[0];
	snprintf(far.remote.cluster, sizeof(far.remote.cluster), "home");
	snprintf(world.site.cluster, sizeof(world.site.cluster), "north");
	world.job.origin_id = 1;
	world.place[0].closed = world.place[1].closed = false;
	assert_string_equal(world_decide(&world).record.partition, "nordic");
	world.place[1].closed = true;
	assert_string_equal(world_decide(&world).record.partition, "batch");
	world.place[0].closed = true;
	assert_string_equal(world_decide(&world).record.partition, "batch");
}

static void names_that_nobody_knows_are_told(void **state)
{
	struct world world;
	struct far far;
	char out[64];

	(void)state;
	init(&world);
	join(&world, &far);
	assert_false(carbon_places_unknown(&world.site, "north,batch,north/nordic,home/batch,home", out, sizeof(out)));
	assert_true(carbon_places_unknown(&world.site, "nroth,batch,north/batch", out, sizeof(out)));
	assert_string_equal(out, "nroth,north/batch");
	assert_true(carbon_places_unknown(&world.site, "an-unknown-place,another-unknown-place,a-third", out, 24));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cleaner_place_is_taken_at_its_cleanest_time),
		cmocka_unit_test(a_job_that_does_not_say_so_is_never_moved),
		cmocka_unit_test(a_job_without_time_to_wait_still_moves),
		cmocka_unit_test(hardware_speed_pue_and_data_count),
		cmocka_unit_test(what_a_user_says_of_power_holds_for_the_hardware_at_home),
		cmocka_unit_test(each_of_these_excludes_a_place),
		cmocka_unit_test(accounts_qos_and_users_are_asked_for),
		cmocka_unit_test(features_and_gpus_that_are_there_do_not_exclude),
		cmocka_unit_test(partitions_that_the_user_lists_or_names_are_taken),
		cmocka_unit_test(a_job_is_not_moved_for_next_to_nothing_nor_between_equals),
		cmocka_unit_test(a_rule_says_what_is_worth_a_move),
		cmocka_unit_test(where_else_it_fitted_is_noted),
		cmocka_unit_test(the_choice_between_equals_is_stable),
		cmocka_unit_test(a_cluster_of_the_federation_is_a_place),
		cmocka_unit_test(only_a_cluster_just_seen_at_work_is_one),
		cmocka_unit_test(arrays_and_bound_jobs_stay_on_their_cluster),
		cmocka_unit_test(the_origin_is_left_time_to_take_over),
		cmocka_unit_test(a_sibling_comes_to_the_same_decision),
		cmocka_unit_test(a_job_that_was_sent_here_takes_the_best_place_here_however_little_it_saves),
		cmocka_unit_test(names_that_nobody_knows_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
