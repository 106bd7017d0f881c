/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who takes part in the plain world: levels, exemptions, places, the outlook, rules, delays, and the
 * policy that is asked.
 */
#include "tests/unit/decide_world.h"
#include "tests/unit/world.h"

static void a_plain_job_waits_for_the_clean_window(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	decision = world_decide(&world);
	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_int_equal(decision.reason, CARBON_REASON_NONE);
	assert_ptr_equal(decision.place, &world.place[0]);
	assert_true(decision.deadline_is_kept);
	assert_false(decision.delay_was_capped);
	assert_int_equal(decision.delay_s, 86400);
	assert_true(decision.record.delayed);
	assert_int_equal(decision.record.decided_at, WORLD_NOW);
	assert_int_equal(decision.record.level, CARBON_LEVEL_DEFAULT);
	assert_int_equal(decision.record.baseline_at, WORLD_NOW);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 10 * HOUR_S);
	assert_int_equal(decision.record.latest_at, WORLD_NOW + 86400);
	assert_int_equal(decision.record.runtime_s, 7200);
	assert_int_equal(decision.record.runtime_source, CARBON_RUNTIME_LIMIT);
	assert_near(decision.record.power_w, 1250, 1e-9);
	assert_near(decision.record.mass_g, 250, 1e-6);
	assert_near(decision.record.baseline_g, 1000, 1e-6);
	assert_near(decision.record.mass_high_g, 750, 1e-6);
	assert_int_equal(decision.record.signal, CARBON_SIGNAL_LIFECYCLE);
	assert_int_equal(decision.record.kind, CARBON_KIND_FORECAST);
	assert_int_equal(decision.record.outlook_at, WORLD_NOW - 600);
	assert_string_equal(decision.record.source, "electricitymaps");
	assert_string_equal(decision.record.zone, "DE");
	assert_string_equal(decision.record.partition, "batch");
	assert_string_equal(decision.record.policy, "lowest-window");
}

static void levels_decide_who_takes_part(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.site.level = CARBON_LEVEL_OFF;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_LEVEL);
	world.job.request.given = true;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_LEVEL);
	world.site.level = CARBON_LEVEL_OPT_IN;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.job.request.given = false;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_LEVEL);
	world.site.level = CARBON_LEVEL_OBSERVE;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.job.request.given = true;
	world.job.request.mode = CARBON_MODE_OFF;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_OPT_OUT);
	world.site.level = CARBON_LEVEL_DEFAULT;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_OPT_OUT);
}

static void exempt_jobs_are_left_alone(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.request.given = true;
	for (int exempt = CARBON_EXEMPT_NONE + 1; exempt < CARBON_EXEMPTS; exempt++) {
		world.job.exempt = (enum carbon_exempt)exempt;
		assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_EXEMPT);
		assert_true(strlen(carbon_exempt_name(world.job.exempt)) > 0);
	}
}

static void dependent_jobs_wait_only_when_they_ask(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.has_dependency = true;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_DEPENDENCY);
	world.job.request.given = true;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
}

static void places_and_zones_must_be_known(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	snprintf(world.job.partition, sizeof(world.job.partition), "nowhere");
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_PLACE);
	snprintf(world.job.partition, sizeof(world.job.partition), "unzoned");
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_ZONE);
	snprintf(world.job.partition, sizeof(world.job.partition), "nordic");
	decision = world_decide(&world);
	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_string_equal(decision.record.zone, "SE-SE3");
	assert_string_equal(decision.record.partition, "nordic");
	world.job.partition[0] = '\0';
	world.place[0].is_default = false;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_PLACE);
	world.site.places = 0;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_PLACE);
}

static void the_outlook_must_be_there_and_fresh(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.context.outlook = NULL;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_OUTLOOK);
	world.context.outlook = &world.outlook;
	world.outlook.written_at = WORLD_NOW - world.site.outlook_max_age_s;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.outlook.written_at--;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_OUTLOOK);
	world.outlook.written_at = WORLD_NOW + 3600; /* another host's clock, a little ahead */
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.outlook.written_at = WORLD_NOW + 3601;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_OUTLOOK);
	world.outlook.written_at = WORLD_NOW;
	snprintf(world.place[0].zone, sizeof(world.place[0].zone), "FR");
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_OUTLOOK);
	snprintf(world.place[0].zone, sizeof(world.place[0].zone), "de");
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.site.signal = CARBON_SIGNAL_DIRECT; /* signals are never mixed */
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_OUTLOOK);
	world.site.signal = CARBON_SIGNAL_MARGINAL;
	assert_int_equal(world_decide(&world).record.signal, CARBON_SIGNAL_MARGINAL);
	world.context.now = WORLD_NOW - 10; /* before its first point */
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_OUTLOOK);
}

static void rules_exclude(void **state)
{
	static const struct carbon_rule rules[] = {
		{CARBON_RULE_USER, "1000", true, -1, -1, -1, -1, 0, 0},
		{CARBON_RULE_ACCOUNT, "physics", true, -1, -1, -1, -1, 0, 0},
		{CARBON_RULE_QOS, "normal", true, -1, -1, -1, -1, 0, 0},
		{CARBON_RULE_PARTITION, "batch", true, -1, -1, -1, -1, 0, 0},
	};
	struct world world;

	(void)state;
	for (size_t i = 0; i < COUNT(rules); i++) {
		world_init(&world);
		world.job.request.given = true;
		world.rule[0] = rules[i];
		world.site.rules = 1;
		assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_EXCLUDED);
		world.rule[0].kind = (enum carbon_rule_kind)((i + 1) % COUNT(rules)); /* that name of another kind */
		assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	}
	/* What the job names itself counts, not the user's default. */
	world_init(&world);
	world.rule[0] = rules[1];
	world.site.rules = 1;
	snprintf(world.job.account, sizeof(world.job.account), "chemistry");
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.job.account[0] = '\0';
	world.site.users = 0; /* nobody knows the default */
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
}

static time_t delay_of(struct world *world)
{
	return world_decide(world).delay_s;
}

static void the_most_particular_rule_gives_the_delay(void **state)
{
	static const struct carbon_rule rules[] = {
		{CARBON_RULE_USER, "1000", false, 40000, -1, -1, -1, 0, 0},
		{CARBON_RULE_ACCOUNT, "physics", false, 50000, -1, -1, -1, 0, 0},
		{CARBON_RULE_QOS, "normal", false, 60000, -1, -1, -1, 0, 0},
		{CARBON_RULE_PARTITION, "batch", false, 70000, -1, -1, -1, 0, 0},
	};
	struct world world;

	(void)state;
	world_init(&world);
	assert_int_equal(delay_of(&world), 86400);
	memcpy(world.rule, rules, sizeof(rules));
	world.site.rules = COUNT(rules);
	assert_int_equal(delay_of(&world), 40000);
	world.rule[0].delay_s = -1;
	assert_int_equal(delay_of(&world), 50000);
	world.rule[1].delay_s = -1;
	assert_int_equal(delay_of(&world), 60000);
	world.rule[2].delay_s = -1;
	assert_int_equal(delay_of(&world), 70000);
	world.rule[3].delay_s = 0;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	world.job.request.delay_s = 3600 * 11; /* what the user says counts more */
	assert_int_equal(delay_of(&world), 3600 * 11);
	world.job.request.delay_s = 10 * 86400;
	assert_int_equal(delay_of(&world), 2 * 86400);
	assert_true(world_decide(&world).delay_was_capped);
	world.job.request.delay_s = -1;
	world.job.request.finish_by_at = WORLD_NOW + 30 * HOUR_S; /* alone: as long as the site allows */
	assert_int_equal(delay_of(&world), 2 * 86400);
	assert_false(world_decide(&world).delay_was_capped);
}

static void small_savings_are_not_waited_for(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.site.min_saving_g = 750; /* exactly what there is to save */
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.site.min_saving_g = 750.01;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_SMALL);
	world.site.min_saving_g = 0;
	world.site.min_saving_percent = 75;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.site.min_saving_percent = 75.01;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_SMALL);
	world.site.min_saving_percent = 5;
	world.site.delay_price_g_h = 70; /* ten hours: 700 of 750 g */
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.site.min_saving_g = 60;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_SMALL);
	world.site.delay_price_g_h = 80;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_BEST_NOW);
}

static void what_the_job_draws_may_be_given(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.request.power_w = 2000;
	assert_near(world_decide(&world).record.power_w, 2500, 1e-9);
	world.job.request.power_w = 0;
	world.job.use.cores = 0; /* nothing is known of it: still no division by zero */
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_SMALL);
	assert_true(world_decide(&world).record.power_w > 0);
}

static void policies_are_chosen_by_job_then_site(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	snprintf(world.job.request.policy, sizeof(world.job.request.policy), "immediate");
	decision = world_decide(&world);
	assert_int_equal(decision.reason, CARBON_REASON_BEST_NOW);
	assert_string_equal(decision.record.policy, "immediate");
	snprintf(world.job.request.policy, sizeof(world.job.request.policy), "greedy2");
	assert_string_equal(world_decide(&world).record.policy, "lowest-window");
	snprintf(world.site.policy, sizeof(world.site.policy), "greedy2");
	decision = world_decide(&world);
	assert_string_equal(decision.record.policy, "immediate");
	assert_int_equal(decision.verdict, CARBON_AT_ONCE);
}

static void the_record_names_the_part_it_believed(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	for (size_t i = 30; i < 34; i++) /* an even cleaner window, in the model's part */
		world.mean[0].value[i] = 50;
	carbon_curve_sum(48, world.mean[0].knot_s, world.mean[0].value, world.mean[0].sum);
	world.site.default_delay_s = 40 * HOUR_S;
	decision = world_decide(&world);
	assert_int_equal(decision.record.begin_at, WORLD_NOW + 30 * HOUR_S);
	assert_int_equal(decision.record.kind, CARBON_KIND_MODEL);
	assert_string_equal(decision.record.source, "model1");
	assert_int_equal(decision.record.outlook_at, WORLD_NOW - 1200);
}

static void every_reason_has_its_clause(void **state)
{
	(void)state;
	for (int reason = 0; reason < CARBON_REASONS; reason++) {
		assert_non_null(carbon_reason_text((enum carbon_reason)reason));
		for (int other = 0; other < reason; other++)
			assert_string_not_equal(carbon_reason_text((enum carbon_reason)reason),
						carbon_reason_text((enum carbon_reason)other));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_job_waits_for_the_clean_window),
		cmocka_unit_test(levels_decide_who_takes_part),
		cmocka_unit_test(exempt_jobs_are_left_alone),
		cmocka_unit_test(dependent_jobs_wait_only_when_they_ask),
		cmocka_unit_test(places_and_zones_must_be_known),
		cmocka_unit_test(the_outlook_must_be_there_and_fresh),
		cmocka_unit_test(rules_exclude),
		cmocka_unit_test(the_most_particular_rule_gives_the_delay),
		cmocka_unit_test(small_savings_are_not_waited_for),
		cmocka_unit_test(what_the_job_draws_may_be_given),
		cmocka_unit_test(policies_are_chosen_by_job_then_site),
		cmocka_unit_test(the_record_names_the_part_it_believed),
		cmocka_unit_test(every_reason_has_its_clause),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
