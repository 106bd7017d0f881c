/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole decision: every reason once, every rule, and the promises over random clusters, grids and jobs against
 * an independent account of what was allowed and what would have been best.
 */
#include "tests/unit/world.h"

#include "lib/err.h"
#include "lib/time.h"
#include "policies/policy.h"

#define HOUR_S 3600
#define MARGIN_S (600 + 120 + 60) /* the plain world's */

static void assert_decision(struct world *world, enum carbon_verdict verdict, enum carbon_reason reason)
{
	struct carbon_decision decision = world_decide(world);

	if (decision.verdict != verdict || decision.reason != reason)
		print_error("verdict %d, reason %d: %s\n", (int)decision.verdict, (int)decision.reason,
			    carbon_reason_text(decision.reason));
	assert_int_equal(decision.verdict, verdict);
	assert_int_equal(decision.reason, reason);
}

/* --- the plain world, one change at a time --- */

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

static void run_times_come_from_user_limit_or_partition(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	world.job.limit_s = 0;
	assert_int_equal(world_decide(&world).record.runtime_s, 3600);
	world.place[0].default_limit_s = 0;
	world.place[0].max_limit_s = 10800;
	assert_int_equal(world_decide(&world).record.runtime_s, 10800);
	world.place[0].max_limit_s = 0;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_LIMIT);
	world.job.request.runtime_s = 5400; /* without a limit it is delayed, but promised nothing */
	decision = world_decide(&world);
	assert_int_equal(decision.verdict, CARBON_DELAY);
	assert_int_equal(decision.record.runtime_source, CARBON_RUNTIME_USER);
	assert_int_equal(decision.record.runtime_s, 5400);
	world.job.request.finish_by_at = WORLD_NOW + 20 * HOUR_S;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_LIMIT);
	world.job.request.finish_by_at = 0;
	world.job.limit_s = 3600; /* longer than its limit no job runs */
	assert_int_equal(world_decide(&world).record.runtime_s, 3600);
	world.job.request.runtime_s = 899;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_SHORT);
	world.job.request.runtime_s = 900;
	world.site.min_saving_g = 0;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
}

static void an_array_that_runs_in_waves_ends_with_its_last_one(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.waves = 3;
	world.job.deadline_at = WORLD_NOW + 10 * HOUR_S + 3 * 7200 + MARGIN_S;
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 10 * HOUR_S);
	world.job.deadline_at = WORLD_NOW + 3 * 7200 + MARGIN_S - 1;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	assert_false(world_decide(&world).deadline_is_kept);
	world.job.waves = UINT32_MAX;
	world.job.limit_s = UINT32_MAX;
	assert_false(world_decide(&world).deadline_is_kept);
}

static void ends_bound_the_latest_begin(void **state)
{
	const time_t enough = WORLD_NOW + 10 * HOUR_S + 7200 + MARGIN_S;
	struct world world;

	(void)state;
	for (int which = 0; which < 2; which++) {
		time_t *end_at;

		world_init(&world);
		end_at = which ? &world.job.deadline_at : &world.job.request.finish_by_at;
		world.job.request.runtime_s = 3600; /* the limit counts, not what is expected */
		*end_at = enough;
		assert_int_equal(world_decide(&world).record.begin_at, WORLD_NOW + 10 * HOUR_S);
		assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 10 * HOUR_S);
		assert_int_equal(world_decide(&world).record.finish_at, enough); /* what the books hold it to */
		world.job.deadline_at = world.job.request.finish_by_at = 0;
		assert_int_equal(world_decide(&world).record.finish_at, 0);
		world.job.request.finish_by_at = enough + HOUR_S;
		world.job.deadline_at = enough + 2 * HOUR_S;
		assert_int_equal(world_decide(&world).record.finish_at, enough + HOUR_S); /* the earlier of two */
		world.job.deadline_at = world.job.request.finish_by_at = 0;
		*end_at = enough - HOUR_S - 1;
		assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_BEST_NOW);
		*end_at = WORLD_NOW + 7200 + MARGIN_S;
		assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
		assert_true(world_decide(&world).deadline_is_kept);
		(*end_at)--;
		assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
		assert_false(world_decide(&world).deadline_is_kept);
		*end_at = WORLD_NOW - 86400;
		assert_false(world_decide(&world).deadline_is_kept);
		*end_at = INT64_MIN;
		assert_false(world_decide(&world).deadline_is_kept);
		*end_at = INT64_MAX;
		assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	}
}

static void maintenance_is_a_wall(void **state)
{
	const time_t enough = WORLD_NOW + 10 * HOUR_S + 7200 + MARGIN_S;
	struct world world;

	(void)state;
	world_init(&world);
	world.site.walls = 1;
	world.wall[0] = (struct carbon_wall){enough, enough + 86400, ""};
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 10 * HOUR_S);
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.wall[0].from_at = enough - 2 * HOUR_S - 1;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_BEST_NOW);
	world.wall[0].from_at = WORLD_NOW + 7200 + MARGIN_S - 1;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	snprintf(world.wall[0].partition, sizeof(world.wall[0].partition), "nordic");
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	snprintf(world.wall[0].partition, sizeof(world.wall[0].partition), "batch");
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	world.wall[0] = (struct carbon_wall){WORLD_NOW - 86400, WORLD_NOW, ""}; /* over */
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.wall[0].to_at++;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_NO_SLACK);
	/* A latest begin that leaves the run itself clear of the wall, but not its margins. */
	world.wall[0] = (struct carbon_wall){WORLD_NOW + 86400 + 7200 + MARGIN_S - 1, WORLD_NOW + 3 * 86400, ""};
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + 86400 - 1);
}

static void a_begin_of_its_own_is_the_baseline(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	world.job.request.given = true;
	world.job.begin_at = WORLD_NOW + 2 * HOUR_S;
	decision = world_decide(&world);
	assert_int_equal(decision.record.baseline_at, WORLD_NOW + 2 * HOUR_S);
	assert_int_equal(decision.record.latest_at, WORLD_NOW + 2 * HOUR_S + 86400);
	world.job.begin_at = WORLD_NOW - 100; /* past: now */
	assert_int_equal(world_decide(&world).record.baseline_at, WORLD_NOW);
	world.job.begin_at = WORLD_NOW + 50 * HOUR_S; /* behind the outlook */
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
	world.job.begin_at = INT64_MAX;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
	world.job.begin_at = INT64_MIN;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
}

static void windows_end_with_the_outlook(void **state)
{
	struct world world;

	(void)state;
	world_init(&world);
	world.job.limit_s = 47 * HOUR_S;
	world.site.min_saving_percent = 0;
	assert_int_equal(world_decide(&world).record.latest_at, WORLD_NOW + HOUR_S);
	world.job.limit_s = 48 * HOUR_S;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
	world.job.limit_s = UINT32_MAX;
	assert_decision(&world, CARBON_LEFT_ALONE, CARBON_REASON_TOO_LONG);
}

static void caps_hold(void **state)
{
	struct world world;
	struct carbon_decision decision;

	(void)state;
	world_init(&world);
	world.context.waiting = 999;
	world.context.waiting_user = 99;
	assert_decision(&world, CARBON_DELAY, CARBON_REASON_NONE);
	world.context.waiting = 1000;
	assert_decision(&world, CARBON_AT_ONCE, CARBON_REASON_CAP);
	world.context.waiting = 0;
	world.context.waiting_user = 100;
	decision = world_decide(&world);
	assert_int_equal(decision.reason, CARBON_REASON_CAP);
	assert_false(decision.record.delayed);
	assert_int_equal(decision.record.begin_at, WORLD_NOW);
	assert_near(decision.record.mass_g, decision.record.baseline_g, 0);
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

/* --- random worlds --- */

static void roll_grid(struct dice *dice, struct world *world)
{
	for (size_t i = 0; i < WORLD_ZONES; i++) {
		size_t count = (size_t)dice_between(dice, 1, 40);

		curve_roll(dice, &world->mean[i], WORLD_NOW - (time_t)dice_between(dice, 0, 7200), count, 3 * HOUR_S);
		world->high[i] = world->mean[i];
		for (size_t j = 0; j < count; j++)
			world->high[i].value[j] += (float)dice_real(dice, 0, 300);
		carbon_curve_sum(count, world->high[i].knot_s, world->high[i].value, world->high[i].sum);
		world->high[i].curve.knot_s = world->high[i].knot_s;
		world->high[i].curve.value = world->high[i].value;
		world->high[i].curve.sum = world->high[i].sum;
		world->zone[i].part[1].first = count / 2;
		world->zone[i].parts = count > 1 ? 2 : 1;
	}
}

static void roll_site(struct dice *dice, struct world *world)
{
	static const char *const names[] = {"", "batch", "nordic"};
	struct carbon_site *site = &world->site;
	time_t at = WORLD_NOW - 2 * 86400;

	site->default_delay_s = (time_t)dice_between(dice, 0, 3 * 86400);
	site->max_delay_s = (time_t)dice_between(dice, 0, 3 * 86400);
	site->slack_s = (time_t)dice_between(dice, 0, 600);
	site->min_runtime_s = (uint32_t)dice_between(dice, 0, 1800);
	site->min_saving_percent = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 60);
	site->min_saving_g = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 500);
	site->delay_price_g_h = dice_chance(dice, 50) ? 0 : dice_real(dice, 0, 30);
	site->max_waiting = (uint32_t)dice_between(dice, 1, 10);
	site->max_waiting_user = (uint32_t)dice_between(dice, 1, 10);
	for (size_t i = 0; i < WORLD_PLACES; i++) {
		world->place[i].queue_wait_s = (uint32_t)dice_between(dice, 0, 7200);
		world->place[i].boot_s = (uint32_t)dice_between(dice, 0, 600);
		world->place[i].max_limit_s = dice_chance(dice, 50) ? 0 : 86400;
		world->place[i].default_limit_s = dice_chance(dice, 50) ? 0 : 3600;
	}
	site->walls = (size_t)dice_between(dice, 0, WORLD_WALLS);
	for (size_t i = 0; i < site->walls; i++) {
		at += (time_t)dice_between(dice, 0, 2 * 86400);
		world->wall[i] = (struct carbon_wall){.from_at = at, .to_at = at + (time_t)dice_between(dice, 0, 86400)};
		snprintf(world->wall[i].partition, sizeof(world->wall[i].partition), "%s", names[dice_between(dice, 0, 2)]);
	}
}

static void roll_job(struct dice *dice, struct world *world)
{
	struct carbon_job *job = &world->job;

	job->limit_s = dice_chance(dice, 10) ? 0 : (uint32_t)dice_between(dice, 60, 20 * HOUR_S);
	if (dice_chance(dice, 50))
		snprintf(job->partition, sizeof(job->partition), "nordic");
	if (dice_chance(dice, 20))
		job->begin_at = WORLD_NOW + (time_t)dice_between(dice, -HOUR_S, 20 * HOUR_S);
	if (dice_chance(dice, 30))
		job->deadline_at = WORLD_NOW + (time_t)dice_between(dice, -HOUR_S, 3 * 86400);
	if (dice_chance(dice, 20))
		job->waves = (uint32_t)dice_between(dice, 0, 9);
	job->use.cores = (double)dice_between(dice, 0, 200);
	job->request.given = dice_chance(dice, 70);
	if (job->request.given && dice_chance(dice, 60))
		job->request.delay_s = (time_t)dice_between(dice, 0, 4 * 86400);
	if (job->request.given && dice_chance(dice, 30))
		job->request.finish_by_at = WORLD_NOW + (time_t)dice_between(dice, -HOUR_S, 3 * 86400);
	if (job->request.given && dice_chance(dice, 30))
		job->request.runtime_s = (uint32_t)dice_between(dice, 60, 20 * HOUR_S);
	world->context.waiting = (uint32_t)dice_between(dice, 0, 4);
	world->context.waiting_user = (uint32_t)dice_between(dice, 0, 4);
}

static void roll_world(struct dice *dice, struct world *world)
{
	world_init(world);
	roll_grid(dice, world);
	world_join(world);
	roll_site(dice, world);
	roll_job(dice, world);
}

/* What the promises allow, worked out anew. */
struct allowance {
	const struct carbon_place *place;
	const struct carbon_curve *curve;
	time_t limit_s, runtime_s, margin_s, earliest_at, latest_at;
	bool ends_without_limit;
};

static void lower(time_t *latest_at, time_t bound_at)
{
	*latest_at = bound_at < *latest_at ? bound_at : *latest_at;
}

static struct allowance allowed(const struct world *world)
{
	const struct carbon_job *job = &world->job;
	const struct carbon_request *request = &job->request;
	size_t nordic = job->partition[0] ? 1 : 0;
	struct allowance a = {.place = &world->place[nordic], .curve = &world->zone[nordic ? 2 : 0].mean};
	time_t delay_s = request->delay_s >= 0 ? request->delay_s
			 : request->finish_by_at ? world->site.max_delay_s
						 : world->site.default_delay_s;
	time_t waves;

	a.limit_s = job->limit_s ? job->limit_s : a.place->default_limit_s ? a.place->default_limit_s : a.place->max_limit_s;
	a.runtime_s = request->runtime_s ? request->runtime_s : a.limit_s;
	if (a.limit_s)
		lower(&a.runtime_s, a.limit_s);
	a.margin_s = world->site.slack_s + a.place->queue_wait_s + a.place->boot_s;
	a.earliest_at = job->begin_at > world->context.now ? job->begin_at : world->context.now;
	waves = job->waves > 1 ? job->waves : 1;
	lower(&delay_s, world->site.max_delay_s);
	a.latest_at = a.earliest_at + delay_s;
	lower(&a.latest_at, carbon_curve_end(a.curve) - a.runtime_s);
	if (request->finish_by_at)
		lower(&a.latest_at, request->finish_by_at - waves * a.limit_s - a.margin_s);
	if (job->deadline_at)
		lower(&a.latest_at, job->deadline_at - waves * a.limit_s - a.margin_s);
	a.ends_without_limit = !a.limit_s && (request->finish_by_at || job->deadline_at);
	for (size_t i = 0; i < world->site.walls; i++) {
		const struct carbon_wall *wall = &world->wall[i];

		if ((wall->partition[0] && strcmp(wall->partition, a.place->partition)) || wall->to_at <= a.earliest_at)
			continue;
		lower(&a.latest_at, wall->from_at - a.limit_s - a.margin_s);
		a.ends_without_limit = a.ends_without_limit || !a.limit_s;
	}
	return a;
}

/* Grams gained by starting at AT instead of at once, the price of waiting taken off. */
static double gain_g(const struct world *world, const struct allowance *a, double power_w, time_t at)
{
	return carbon_curve_mass_g(a->curve, a->earliest_at, a->earliest_at + a->runtime_s, power_w) -
	       carbon_curve_mass_g(a->curve, at, at + a->runtime_s, power_w) -
	       world->site.delay_price_g_h * (double)(at - a->earliest_at) / 3600;
}

static void check_delay(const struct world *world, const struct carbon_decision *decision, const struct allowance *a)
{
	const struct carbon_record *record = &decision->record;
	double gain = gain_g(world, a, record->power_w, record->begin_at);

	assert_true(record->delayed);
	assert_false(a->ends_without_limit);
	assert_true(record->begin_at > a->earliest_at);
	assert_true(record->begin_at <= a->latest_at);
	assert_true(record->latest_at <= a->latest_at);
	assert_true(record->begin_at >= a->curve->start_at);
	assert_true(record->begin_at + a->runtime_s <= carbon_curve_end(a->curve));
	assert_true(decision->deadline_is_kept);
	assert_true(world->context.waiting < world->site.max_waiting);
	assert_true(world->context.waiting_user < world->site.max_waiting_user);
	assert_true(a->runtime_s >= (time_t)world->site.min_runtime_s);
	/* Not worse than promised on the same outlook. */
	assert_near(record->mass_g,
		    carbon_curve_mass_g(a->curve, record->begin_at, record->begin_at + a->runtime_s, record->power_w), 1e-9);
	assert_true(record->mass_g < record->baseline_g);
	assert_true(record->mass_high_g >= record->mass_g);
	assert_true(gain > 0 && gain >= world->site.min_saving_g - 1e-6);
	assert_true(gain >= world->site.min_saving_percent / 100 * record->baseline_g - 1e-6);
}

/* Nothing that was allowed, at any minute, would have been worth it. */
static void check_at_once(const struct world *world, const struct carbon_decision *decision, const struct allowance *a)
{
	const struct carbon_record *record = &decision->record;
	double floor_g = world->site.min_saving_percent / 100 * record->baseline_g;

	if (floor_g < world->site.min_saving_g)
		floor_g = world->site.min_saving_g;
	assert_false(record->delayed);
	assert_int_equal(record->begin_at, a->earliest_at);
	assert_near(record->mass_g, record->baseline_g, 0);
	if (decision->reason == CARBON_REASON_CAP)
		return;
	if (decision->reason == CARBON_REASON_BEST_NOW)
		floor_g = 0;
	for (time_t at = a->earliest_at; at <= a->latest_at; at += 60)
		assert_true(gain_g(world, a, record->power_w, at) <= floor_g + 1e-6 * (record->power_w + 1));
}

static void check_left_alone(const struct carbon_decision *decision, const struct allowance *a, const struct world *world)
{
	switch (decision->reason) {
	case CARBON_REASON_NO_SLACK:
	case CARBON_REASON_TOO_LONG:
		assert_true(a->latest_at <= a->earliest_at || a->ends_without_limit);
		break;
	case CARBON_REASON_SHORT:
		assert_true(a->runtime_s < (time_t)world->site.min_runtime_s);
		break;
	case CARBON_REASON_NO_LIMIT:
		assert_true(!a->runtime_s || a->ends_without_limit);
		break;
	default:
		print_error("reason %d\n", (int)decision->reason);
		fail();
	}
}

static void check_record(const struct carbon_record *record)
{
	struct carbon_record back;
	char text[CARBON_RECORD_MAX];
	struct carbon_err err = {""};

	assert_row(err.text, carbon_record_format(record, text, &err) == 0);
	assert_row(text, carbon_record_parse(text, strlen(text), &back, &err) == 0);
	assert_row(text, back.begin_at == record->begin_at && back.latest_at == record->latest_at);
}

static void promises_hold_in_random_worlds(void **state)
{
	struct dice dice = dice_start(__func__);
	size_t seen[CARBON_DELAY + 1] = {0};
	struct world world;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct carbon_decision decision;
		struct allowance a;

		roll_world(&dice, &world);
		a = allowed(&world);
		decision = world_decide(&world);
		seen[decision.verdict]++;
		if (decision.verdict == CARBON_DELAY)
			check_delay(&world, &decision, &a);
		else if (decision.verdict == CARBON_AT_ONCE)
			check_at_once(&world, &decision, &a);
		else
			check_left_alone(&decision, &a, &world);
		if (decision.verdict != CARBON_LEFT_ALONE)
			check_record(&decision.record);
	}
	for (size_t i = 0; i < COUNT(seen); i++) /* or the worlds are no test */
		assert_true(seen[i] > 1000);
}

static void all_policies_keep_the_promises(void **state)
{
	struct dice dice = dice_start(__func__);
	struct world world;

	(void)state;
	for (int round = 0; round < 10000; round++) {
		struct carbon_decision decision;
		struct allowance a;

		roll_world(&dice, &world);
		snprintf(world.site.policy, sizeof(world.site.policy), "%s",
			 carbon_policies[(size_t)round % carbon_policies_count]->name);
		a = allowed(&world);
		decision = world_decide(&world);
		if (decision.verdict == CARBON_DELAY)
			check_delay(&world, &decision, &a);
	}
}

static void observing_decides_the_same(void **state)
{
	struct dice dice = dice_start(__func__);
	struct world world;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct carbon_decision real, observed;

		roll_world(&dice, &world);
		real = world_decide(&world);
		world.site.level = CARBON_LEVEL_OBSERVE;
		observed = world_decide(&world);
		assert_int_equal(observed.verdict, real.verdict);
		assert_int_equal(observed.reason, real.reason);
		if (real.verdict == CARBON_LEFT_ALONE)
			continue;
		assert_int_equal(observed.record.level, CARBON_LEVEL_OBSERVE);
		observed.record.level = real.record.level;
		assert_int_equal(observed.record.begin_at, real.record.begin_at);
		assert_near(observed.record.mass_g, real.record.mass_g, 0);
		assert_int_equal(observed.record.delayed, real.record.delayed);
	}
}

/* Whatever a client sends: no overflow, no crash, no begin beyond reason. */
static void hostile_jobs_are_survived(void **state)
{
	static const long long times[] = {0, 1, -1, INT64_MAX, INT64_MIN, INT32_MAX, 4294967294, 4294967295, WORLD_NOW,
					  WORLD_NOW + 40 * HOUR_S, CARBON_TIME_MAX, CARBON_TIME_MAX - 1, CARBON_TIME_MIN};
	static const uint32_t seconds[] = {0, 1, 900, 7200, 86400, 4294967294u, 4294967295u};
	struct dice dice = dice_start(__func__);
	struct world world;

	(void)state;
	for (int round = 0; round < 30000; round++) {
		struct carbon_decision decision;

		roll_world(&dice, &world);
		world.job.begin_at = (time_t)times[dice_between(&dice, 0, COUNT(times) - 1)];
		world.job.deadline_at = (time_t)times[dice_between(&dice, 0, COUNT(times) - 1)];
		world.job.request.finish_by_at = (time_t)times[dice_between(&dice, 0, COUNT(times) - 1)];
		world.job.limit_s = seconds[dice_between(&dice, 0, COUNT(seconds) - 1)];
		world.job.request.runtime_s = seconds[dice_between(&dice, 0, COUNT(seconds) - 1)];
		world.job.use.cores = dice_chance(&dice, 50) ? 4294967294.0 : 0;
		decision = world_decide(&world);
		if (decision.verdict == CARBON_DELAY)
			assert_in_range(decision.record.begin_at, WORLD_NOW + 1, carbon_curve_end(&world.zone[0].mean) + 40 * 86400);
		if (decision.verdict != CARBON_LEFT_ALONE)
			check_record(&decision.record);
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
		cmocka_unit_test(run_times_come_from_user_limit_or_partition),
		cmocka_unit_test(ends_bound_the_latest_begin),
		cmocka_unit_test(an_array_that_runs_in_waves_ends_with_its_last_one),
		cmocka_unit_test(maintenance_is_a_wall),
		cmocka_unit_test(a_begin_of_its_own_is_the_baseline),
		cmocka_unit_test(windows_end_with_the_outlook),
		cmocka_unit_test(caps_hold),
		cmocka_unit_test(small_savings_are_not_waited_for),
		cmocka_unit_test(what_the_job_draws_may_be_given),
		cmocka_unit_test(policies_are_chosen_by_job_then_site),
		cmocka_unit_test(the_record_names_the_part_it_believed),
		cmocka_unit_test(every_reason_has_its_clause),
		cmocka_unit_test(promises_hold_in_random_worlds),
		cmocka_unit_test(all_policies_keep_the_promises),
		cmocka_unit_test(observing_decides_the_same),
		cmocka_unit_test(hostile_jobs_are_survived),
	};

	return cmocka_run_group_tests_name("decide", tests, NULL, NULL);
}
