/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decisions on a cluster that is not empty: room, queue, slack, limits, guards and prices, each once, and the promises over
 * random clusters.
 */
#include "lib/time.h"
#include "policies/view.h"
#include "tests/unit/world.h"

#define HOUR_S 3600
#define DAY_S 86400
#define NOW WORLD_NOW
/* Capacity counts in quarters of an hour, and the world does not begin with one. */
#define SLOT_S CARBON_LOAD_SLOT_S
#define CLEAN_AT (NOW + 10 * HOUR_S)
#define CLEAN_TO (NOW + 14 * HOUR_S)

/* The world's job takes 100 of 16 cores a node. */
#define JOB_NODES 6.25

struct busy {
	struct world world;
	struct carbon_wait wait[1];
	struct carbon_full full[1];
	struct carbon_site_series load[3], price[1];
	struct carbon_limit limit[2];
	struct carbon_blackout blackout[1];
	struct carbon_load own;
	float storage[CARBON_LOAD_FLOATS(WORLD_PLACES)];
};

static struct busy busy;
static struct carbon_site *const site = &busy.world.site;

static int set_up(void **state)
{
	(void)state;
	memset(&busy, 0, sizeof(busy));
	world_init(&busy.world);
	site->min_saving_g = 1;
	site->min_saving_percent = 1;
	site->wait = busy.wait;
	site->full = busy.full;
	site->load = busy.load;
	site->price = busy.price;
	site->limit = busy.limit;
	site->blackout = busy.blackout;
	carbon_load_init(&busy.own, WORLD_PLACES, busy.storage, NOW);
	busy.world.context.own = &busy.own;
	return 0;
}

static struct carbon_decision expect(enum carbon_reason reason)
{
	struct carbon_decision decision = world_decide(&busy.world);

	if (decision.reason != reason)
		fail_msg("\"%s\" is not \"%s\"", carbon_reason_text(decision.reason), carbon_reason_text(reason));
	assert_int_equal(decision.verdict == CARBON_DELAY, reason == CARBON_REASON_NONE);
	assert_int_equal(decision.record.delayed, reason == CARBON_REASON_NONE);
	return decision;
}

static void expect_begin(time_t begin_at)
{
	assert_int_equal(expect(CARBON_REASON_NONE).record.begin_at, begin_at);
}

static void set_wait(uint32_t p50_s, uint32_t p95_s, uint32_t count)
{
	busy.wait[0] = (struct carbon_wait){"batch", 64, p50_s, p95_s, count};
	site->waits = 1;
}

/* NODES committed in "batch" from hour FROM to hour TO. */
static void set_load(int from, int to, double nodes)
{
	busy.world.place[0].nodes = 10;
	memcpy(busy.load[0].name, "batch", 6);
	busy.load[0].from_at = NOW;
	busy.load[0].step_s = HOUR_S;
	busy.load[0].count = 48;
	for (int i = 0; i < 48; i++)
		busy.load[0].value[i] = i >= from && i < to ? (float)nodes : 0;
	site->loads = 1;
}

static void set_full(double probability)
{
	memcpy(busy.full[0].partition, "batch", 6);
	busy.full[0].count = CARBON_SITE_WEEK_H;
	for (size_t i = 0; i < CARBON_SITE_WEEK_H; i++)
		busy.full[0].value[i] = (float)probability;
	site->fulls = 1;
}

/* --- the queue --- */

static void the_baseline_is_behind_the_typical_wait(void **state)
{
	struct carbon_decision decision;

	(void)state;
	set_wait(HOUR_S, 4 * HOUR_S, 100);
	decision = expect(CARBON_REASON_NONE);
	assert_int_equal(decision.record.baseline_at, NOW + HOUR_S);
	assert_int_equal(decision.record.begin_at, CLEAN_AT);
	assert_int_equal(decision.record.latest_at, NOW + DAY_S); /* from when it could begin, not from behind the queue */
	set_wait(HOUR_S, 4 * HOUR_S, 19); /* too few to tell */
	assert_int_equal(expect(CARBON_REASON_NONE).record.baseline_at, NOW);
}

static void a_job_that_the_queue_carries_past_clean_hours_is_left_alone(void **state)
{
	(void)state;
	set_wait(15 * HOUR_S, 16 * HOUR_S, 100);
	expect(CARBON_REASON_BEST_NOW);
	set_wait(25 * HOUR_S, 26 * HOUR_S, 100);
	assert_int_equal(expect(CARBON_REASON_QUEUE).verdict, CARBON_LEFT_ALONE);
}

static void the_latest_begin_counts_the_longest_usual_wait(void **state)
{
	(void)state;
	set_wait(0, 5 * HOUR_S, 100);
	busy.world.job.deadline_at = NOW + 20 * HOUR_S;
	assert_int_equal(expect(CARBON_REASON_NONE).record.latest_at, NOW + (20 - 2 - 5) * HOUR_S - 120 - 60);
	busy.world.place[0].queue_wait_s = 6 * HOUR_S; /* the longer of both */
	assert_int_equal(expect(CARBON_REASON_NONE).record.latest_at, NOW + (20 - 2 - 6) * HOUR_S - 120 - 60);
	busy.world.job.deadline_at = NOW + 8 * HOUR_S; /* cannot be promised: at once, and said */
	assert_false(expect(CARBON_REASON_NO_SLACK).deadline_is_kept);
	busy.world.job.deadline_at = NOW + 9 * HOUR_S; /* can, though the queue's wait takes what is left */
	set_wait(2 * HOUR_S, 5 * HOUR_S, 100);
	assert_true(expect(CARBON_REASON_QUEUE).deadline_is_kept);
}

/* --- room --- */

static void a_full_window_is_not_offered_and_the_second_best_is(void **state)
{
	(void)state;
	set_load(10, 12, 4);
	assert_int_equal(expect(CARBON_REASON_NONE).record.begin_at, NOW + 12 * HOUR_S + 300); /* the next whole slot */
	set_load(10, 12, 10 - JOB_NODES);
	expect_begin(CLEAN_AT);
	set_load(10, 14, 9);
	expect(CARBON_REASON_BEST_NOW);
	set_load(0, 10, 9); /* full now: the baseline is when it has room */
	assert_int_equal(world_decide(&busy.world).record.baseline_at, NOW + 10 * HOUR_S + 300);
}

static void own_decisions_count(void **state)
{
	struct carbon_decision decision = expect(CARBON_REASON_NONE);

	(void)state;
	busy.world.place[0].nodes = 10;
	assert_true(decision.nodes == JOB_NODES);
	assert_true(decision.claim.nodes == JOB_NODES);
	assert_int_equal(decision.claim.place, 0);
	assert_int_equal(decision.claim.begin_at, CLEAN_AT);
	assert_int_equal(decision.claim.end_at, CLEAN_AT + 7200);
	assert_near(decision.claim.kw, decision.record.power_w / 1000, 1e-9);
	carbon_load_add(&busy.own, &decision.claim);
	expect_begin(CLEAN_AT + 2 * HOUR_S + 300);
	busy.world.context.own = NULL;
	expect_begin(CLEAN_AT);
}

static void an_array_takes_the_room_of_all_that_run_together(void **state)
{
	(void)state;
	set_load(0, 48, 2);
	busy.world.job.use.cores = 16; /* a node each */
	busy.world.job.is_array = true;
	busy.world.job.tasks = 9;
	expect(CARBON_REASON_QUEUE);
	busy.world.job.waves = 2; /* five at a time */
	assert_true(expect(CARBON_REASON_NONE).nodes == 5);
	assert_int_equal(world_decide(&busy.world).claim.end_at, CLEAN_AT + 4 * HOUR_S);
	assert_near(world_decide(&busy.world).claim.kw, 5 * world_decide(&busy.world).record.power_w / 1000, 1e-9);
	busy.world.job.waves = 1;
	busy.world.job.tasks = 1000; /* never more than there are; it runs in waves by itself */
	site->loads = 0;
	assert_true(expect(CARBON_REASON_NONE).nodes == 10);
	assert_int_equal(world_decide(&busy.world).claim.end_at, CLEAN_AT + 200 * HOUR_S);
}

/* --- the slack clock --- */

static void an_always_full_place_delays_nothing(void **state)
{
	struct carbon_decision decision;

	(void)state;
	set_full(1);
	decision = expect(CARBON_REASON_CROWDED);
	assert_int_equal(decision.verdict, CARBON_AT_ONCE);
	assert_true(decision.slack_share == 0);
	set_full(0);
	expect_begin(CLEAN_AT);
	set_full(0.2);
	decision = expect(CARBON_REASON_NONE);
	assert_near(decision.slack_share, 0.8, 1e-6);
}

/* The window is as clean as ever, but nights are full: what waiting moves is what the morning emits. */
static void clean_hours_that_are_full_move_nothing(void **state)
{
	(void)state;
	set_full(0);
	for (time_t at = CLEAN_AT - HOUR_S; at <= CLEAN_TO; at += HOUR_S)
		busy.full[0].value[carbon_hour_of_week(at)] = 1;
	expect(CARBON_REASON_BEST_NOW);
}

/* --- limits --- */

static void a_job_that_may_not_run_now_waits_whatever_it_saves(void **state)
{
	struct carbon_decision decision;

	(void)state;
	busy.limit[0] = (struct carbon_limit){"", NOW - HOUR_S, NOW + 3 * HOUR_S, 0, -1};
	site->limits = 1;
	busy.world.job.request.delay_s = 5 * HOUR_S; /* no clean hour within */
	decision = expect(CARBON_REASON_NONE);
	assert_true(decision.is_for_limit);
	assert_int_equal(decision.record.begin_at, NOW + 3 * HOUR_S + 300);
	busy.world.job.request.delay_s = 2 * HOUR_S; /* it cannot outwait it: it runs */
	assert_int_equal(world_decide(&busy.world).verdict, CARBON_AT_ONCE);
	busy.world.job.request.delay_s = DAY_S;
	expect_begin(CLEAN_AT);
}

static void kilowatts_are_limited(void **state)
{
	const struct carbon_decision first = world_decide(&busy.world);
	double kw = first.claim.kw;

	(void)state;
	busy.limit[0] = (struct carbon_limit){"batch", CLEAN_AT, CLEAN_AT + HOUR_S, CARBON_LIMIT_NONE, kw * 1.5};
	site->limits = 1;
	expect_begin(CLEAN_AT);
	carbon_load_add(&busy.own, &first.claim);
	expect_begin(CLEAN_AT + HOUR_S + 300);
	memcpy(busy.limit[0].partition, "nordic", 7); /* another one's */
	expect_begin(CLEAN_AT);
}

static void begins_keep_to_the_ramp(void **state)
{
	double kw = world_decide(&busy.world).claim.kw;
	time_t slot_at = CLEAN_AT - CLEAN_AT % SLOT_S;

	(void)state;
	site->ramp_kw = kw * 2.5;
	for (int i = 0; i < 4; i++) {
		struct carbon_decision decision = expect(CARBON_REASON_NONE);

		assert_int_equal(decision.record.begin_at, i < 2 ? CLEAN_AT : slot_at + SLOT_S);
		carbon_load_add(&busy.own, &decision.claim);
	}
}

/* --- guards --- */

static void blackouts_end_delays_and_begin_none(void **state)
{
	(void)state;
	busy.blackout[0] = (struct carbon_blackout){NOW + 5 * HOUR_S, NOW + 6 * HOUR_S};
	site->blackouts = 1;
	expect(CARBON_REASON_BEST_NOW); /* it would have to wait through it */
	busy.blackout[0] = (struct carbon_blackout){NOW + 12 * HOUR_S, NOW + 13 * HOUR_S};
	assert_int_equal(expect(CARBON_REASON_NONE).record.latest_at, NOW + 12 * HOUR_S);
	busy.blackout[0] = (struct carbon_blackout){NOW - HOUR_S, NOW + 1};
	assert_int_equal(expect(CARBON_REASON_BLACKOUT).verdict, CARBON_AT_ONCE);
	busy.blackout[0] = (struct carbon_blackout){NOW - HOUR_S, NOW};
	expect_begin(CLEAN_AT);
}

static void a_pause_ends_by_itself(void **state)
{
	(void)state;
	site->paused_until_at = NOW + 1;
	expect(CARBON_REASON_PAUSED);
	site->paused_until_at = NOW;
	expect_begin(CLEAN_AT);
}

static void the_flexible_share_holds_with_what_was_decided_since(void **state)
{
	const struct carbon_claim claim = {.begin_at = CLEAN_AT, .end_at = CLEAN_AT + HOUR_S, .nodes = 100, .kw = 1};

	(void)state;
	site->max_flexible_share = 25;
	site->flexible_node_h = 900;
	site->all_node_h = 4000;
	expect_begin(CLEAN_AT);
	carbon_load_add(&busy.own, &claim); /* and a hundred node-hours more */
	expect_begin(CLEAN_AT);		    /* 1012.5 of 4112.5 */
	site->flexible_node_h = 930;
	expect(CARBON_REASON_SHARE);
	site->all_node_h = 0; /* not known */
	expect_begin(CLEAN_AT);
	site->max_flexible_share = 0;
	site->all_node_h = 1;
	expect(CARBON_REASON_SHARE);
}

static void rules_have_shares_and_minima_of_their_own(void **state)
{
	struct carbon_rule *account = &busy.world.rule[0], *qos = &busy.world.rule[1];
	double saved_g = world_decide(&busy.world).record.baseline_g - world_decide(&busy.world).record.mass_g;

	(void)state;
	carbon_rule_init(account, CARBON_RULE_ACCOUNT);
	memcpy(account->name, "physics", 8);
	carbon_rule_init(qos, CARBON_RULE_QOS);
	memcpy(qos->name, "normal", 7);
	site->rules = 2;
	expect_begin(CLEAN_AT);
	qos->min_saving_g = saved_g + 1;
	expect(CARBON_REASON_SMALL);
	account->min_saving_g = saved_g - 1; /* the more particular one */
	expect_begin(CLEAN_AT);
	account->min_saving_percent = 90;
	expect(CARBON_REASON_SMALL);
	account->min_saving_percent = -1;
	qos->share = 10;
	qos->all_node_h = 100;
	qos->flexible_node_h = 9;
	expect(CARBON_REASON_SHARE);
	qos->flexible_node_h = 0;
	qos->all_node_h = 1000;
	expect_begin(CLEAN_AT);
}

static void a_rule_s_share_holds_with_what_was_decided_since(void **state)
{
	struct carbon_rule *account = &busy.world.rule[0], *qos = &busy.world.rule[1];
	struct carbon_decision decision;
	double hours[2];

	(void)state;
	carbon_rule_init(account, CARBON_RULE_ACCOUNT);
	memcpy(account->name, "physics", 8);
	account->share = 20;
	account->all_node_h = 100;
	carbon_rule_init(qos, CARBON_RULE_QOS);
	memcpy(qos->name, "normal", 7);
	site->rules = 2;
	decision = expect(CARBON_REASON_NONE);
	assert_int_equal(decision.claim.rules, 1); /* the other one has no share */
	assert_int_equal(decision.claim.rule[0], 0);
	carbon_load_rules(&busy.own, 2, hours);
	decision.claim.nodes = 24;
	carbon_load_add(&busy.own, &decision.claim);
	assert_near(hours[0], 24.0 * (double)(decision.claim.end_at - decision.claim.begin_at) / HOUR_S, 1e-6);
	assert_true(hours[1] == 0);
	expect(CARBON_REASON_SHARE);
	carbon_load_remove(&busy.own, &decision.claim);
	expect_begin(CLEAN_AT);
	memcpy(account->name, "history", 8); /* another one's */
	carbon_load_add(&busy.own, &decision.claim);
	assert_int_equal(expect(CARBON_REASON_NONE).claim.rules, 0);
}

/* Two partitions of the same ten nodes: each load counts what the other's jobs take. */
static void a_limit_of_the_cluster_counts_each_node_once(void **state)
{
	(void)state;
	set_load(0, 48, 2);
	busy.load[1] = busy.load[0];
	memcpy(busy.load[1].name, "nordic", 7);
	site->loads = 2;
	busy.limit[0] = (struct carbon_limit){"", CLEAN_AT - HOUR_S, CLEAN_TO, 9, -1};
	site->limits = 1;
	assert_int_not_equal(world_decide(&busy.world).record.begin_at, CLEAN_AT); /* a site that tells of no sum */
	busy.load[2] = busy.load[1];
	busy.load[1] = busy.load[0];
	memcpy(busy.load[0].name, "", 1);
	site->loads = 3;
	expect_begin(CLEAN_AT);
	for (int i = 0; i < 48; i++)
		busy.load[0].value[i] = 3;
	assert_int_not_equal(world_decide(&busy.world).record.begin_at, CLEAN_AT);
}

static void delayed_jobs_are_noted_with_their_nice(void **state)
{
	(void)state;
	assert_int_equal(expect(CARBON_REASON_NONE).record.nice, 100);
	site->delayed_nice = 0;
	assert_int_equal(expect(CARBON_REASON_NONE).record.nice, 0);
	site->paused_until_at = NOW + 1;
	site->delayed_nice = 7;
	assert_int_equal(expect(CARBON_REASON_PAUSED).record.nice, 0);
}

/* --- prices --- */

static void a_price_counts_as_far_as_carbon_has_one(void **state)
{
	(void)state;
	busy.price[0] = (struct carbon_site_series){"", NOW - HOUR_S, HOUR_S, 40, {0}};
	for (size_t i = 0; i < 40; i++)
		busy.price[0].value[i] = i >= 4 && i < 8 ? 10 : 100; /* cheap from hour 3 to 7 */
	site->prices = 1;
	expect_begin(CLEAN_AT); /* without a price of carbon */
	site->carbon_price = 100; /* 90 per MWh are worth 900 g/kWh */
	assert_between(expect(CARBON_REASON_NONE).record.begin_at, NOW + 3 * HOUR_S - SLOT_S, NOW + 3 * HOUR_S + SLOT_S);
	assert_true(world_decide(&busy.world).record.mass_g > 0); /* the footprint is grams alone */
	site->carbon_price = 1000; /* and 90 g/kWh: the clean hours win */
	expect_begin(CLEAN_AT);
}

/* --- the promises --- */

static void roll(struct dice *dice)
{
	set_up(NULL);
	if (dice_chance(dice, 50))
		set_wait((uint32_t)dice_between(dice, 0, 3 * HOUR_S), (uint32_t)dice_between(dice, 3 * HOUR_S, 8 * HOUR_S), 50);
	if (dice_chance(dice, 60)) {
		set_load(0, 0, 0);
		for (size_t i = 0; i < 48; i++)
			busy.load[0].value[i] = (float)dice_real(dice, 0, 10);
	}
	if (dice_chance(dice, 40))
		set_full(dice_real(dice, 0, 1));
	if (dice_chance(dice, 40)) {
		busy.limit[0] = (struct carbon_limit){"", NOW + dice_between(dice, 0, 20) * HOUR_S, NOW + 22 * HOUR_S,
						      (uint32_t)dice_between(dice, 0, 10), -1};
		site->limits = 1;
	}
	if (dice_chance(dice, 30)) {
		busy.blackout[0].from_at = NOW + dice_between(dice, -3 * HOUR_S, DAY_S);
		busy.blackout[0].to_at = busy.blackout[0].from_at + dice_between(dice, 1, DAY_S);
		site->blackouts = 1;
	}
	if (dice_chance(dice, 50))
		busy.world.job.deadline_at = NOW + dice_between(dice, 0, 40 * HOUR_S);
	busy.world.job.request.delay_s = dice_between(dice, 0, DAY_S);
	busy.world.job.use.cores = (double)dice_between(dice, 1, 160);
	site->ramp_kw = dice_chance(dice, 30) ? dice_real(dice, 0.1, 5) : 0;
	snprintf(site->policy, sizeof(site->policy), "%s", carbon_policies[dice_between(dice, 0, 4)]->name);
}

static double load_at(time_t at)
{
	double value = site->loads ? carbon_site_series_value(busy.load, at) : 0;

	return isnan(value) ? 0 : value;
}

/* Of a node, for the rounding of shares: what policies/room.c lets pass, and that of floats. */
#define HAIR 1.01e-3

static void check(const struct carbon_decision *decision)
{
	const struct carbon_record *record = &decision->record;
	time_t wait_s = site->waits ? busy.wait[0].p95_s : 600;

	if (decision->verdict != CARBON_DELAY)
		return;
	assert_true(record->begin_at > record->baseline_at && record->baseline_at >= NOW);
	assert_true(record->begin_at <= record->latest_at);
	assert_true(record->latest_at <= NOW + busy.world.job.request.delay_s);
	if (busy.world.job.deadline_at)
		assert_true(record->begin_at + 7200 + wait_s + 120 + 60 <= busy.world.job.deadline_at);
	if (site->blackouts && busy.blackout[0].to_at > NOW)
		assert_true(busy.blackout[0].from_at > NOW && record->begin_at <= busy.blackout[0].from_at);
	for (time_t at = record->begin_at - record->begin_at % SLOT_S; at < record->begin_at + 7200; at += SLOT_S) {
		double nodes = load_at(at) + decision->nodes;

		assert_true(!site->loads || nodes <= 10 + HAIR);
		if (site->limits && busy.limit[0].from_at < at + SLOT_S && busy.limit[0].to_at > at)
			assert_true(nodes <= busy.limit[0].nodes + HAIR);
	}
}

static void the_promises_hold_on_random_clusters(void **state)
{
	struct dice dice = dice_start(__func__);
	int delayed = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct carbon_decision decision;

		roll(&dice);
		decision = world_decide(&busy.world);
		check(&decision);
		delayed += decision.verdict == CARBON_DELAY;
	}
	assert_true(delayed > 200);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_baseline_is_behind_the_typical_wait),
		TEST(a_job_that_the_queue_carries_past_clean_hours_is_left_alone),
		TEST(the_latest_begin_counts_the_longest_usual_wait),
		TEST(a_full_window_is_not_offered_and_the_second_best_is),
		TEST(own_decisions_count),
		TEST(an_array_takes_the_room_of_all_that_run_together),
		TEST(an_always_full_place_delays_nothing),
		TEST(clean_hours_that_are_full_move_nothing),
		TEST(a_job_that_may_not_run_now_waits_whatever_it_saves),
		TEST(kilowatts_are_limited),
		TEST(begins_keep_to_the_ramp),
		TEST(blackouts_end_delays_and_begin_none),
		TEST(a_pause_ends_by_itself),
		TEST(the_flexible_share_holds_with_what_was_decided_since),
		TEST(rules_have_shares_and_minima_of_their_own),
		TEST(a_rule_s_share_holds_with_what_was_decided_since),
		TEST(a_limit_of_the_cluster_counts_each_node_once),
		TEST(delayed_jobs_are_noted_with_their_nice),
		TEST(a_price_counts_as_far_as_carbon_has_one),
		TEST(the_promises_hold_on_random_clusters),
	};

	return cmocka_run_group_tests_name("decide capacity", tests, NULL, NULL);
}
