/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each policy against every second that it could have chosen, and the contract that all of them keep. */
#include "tests/unit/curves.h"

#include "policies/policy.h"

#define T0 ((time_t)1790000000)

/* Emissions on CURVE and the price of waiting together. */
static double cost_g(const struct carbon_query *query, const struct carbon_curve *curve, time_t start_at)
{
	return carbon_curve_mass_g(curve, start_at, start_at + (time_t)query->runtime_s, query->power_w) +
	       query->delay_price_g_h * (double)(start_at - query->earliest_at) / 3600;
}

/* A random query inside the curves, which share their knots; false where they are too short for one. */
static bool roll_query(struct dice *dice, const struct curve_store *mean, const struct curve_store *high,
		       struct carbon_query *query)
{
	time_t length = carbon_curve_end(&mean->curve) - mean->curve.start_at;
	time_t runtime_s, first_s, slack_s;

	if (length < 2)
		return false;
	runtime_s = (time_t)dice_between(dice, 1, length - 1);
	first_s = (time_t)dice_between(dice, 0, length - runtime_s);
	slack_s = (time_t)dice_between(dice, 0, length - runtime_s - first_s);
	if (dice_chance(dice, 20)) /* the whole curve, to its very end */
		slack_s = length - runtime_s - first_s;
	*query = (struct carbon_query){
		.mean = &mean->curve,
		.high = &high->curve,
		.earliest_at = T0 + first_s,
		.latest_at = T0 + first_s + slack_s,
		.runtime_s = (uint32_t)runtime_s,
		.power_w = dice_chance(dice, 50) ? 1000 : dice_real(dice, 0.001, 1e6),
	};
	/* Grams per hour that matter beside W * g/kWh / 1000. */
	if (dice_chance(dice, 50))
		query->delay_price_g_h = dice_real(dice, 0, 1) * query->power_w;
	return true;
}

/* MEAN's knots with values above it. */
static void roll_high(struct dice *dice, const struct curve_store *mean, struct curve_store *high)
{
	*high = *mean;
	for (size_t i = 0; i < mean->curve.count; i++)
		high->value[i] += (float)dice_real(dice, 0, 300);
	carbon_curve_sum(mean->curve.count, high->knot_s, high->value, high->sum);
	high->curve = (struct carbon_curve){T0, mean->curve.count, high->knot_s, high->value, high->sum, NULL};
}

typedef void (*check_f)(const struct carbon_query *query, time_t chosen_at);

static void against_every_second(struct dice *dice, const char *name, check_f check)
{
	const struct carbon_policy *policy = carbon_policy_find(name);
	struct curve_store mean, high;
	struct carbon_query query;

	assert_row(name, policy != NULL);
	for (int round = 0; round < 3000; round++) {
		time_t chosen_at;

		curve_roll(dice, &mean, T0, (size_t)dice_between(dice, 1, dice_chance(dice, 10) ? CURVE_MAX : 24), 30);
		roll_high(dice, &mean, &high);
		if (dice_chance(dice, 70)) {
			curve_swing(&mean);
			curve_swing(&high);
		}
		if (!roll_query(dice, &mean, &high, &query))
			continue;
		chosen_at = policy->choose(&query);
		assert_between(chosen_at, query.earliest_at, query.latest_at);
		check(&query, chosen_at);
	}
}

/* The least of all seconds, and the first one that has it (up to rounding). */
static void check_least(const struct carbon_query *query, const struct carbon_curve *curve, time_t chosen_at)
{
	double tolerance = 1e-9 * query->power_w, chosen_g = cost_g(query, curve, chosen_at);

	for (time_t at = query->earliest_at; at <= query->latest_at; at++)
		assert_true(chosen_g <= cost_g(query, curve, at) + 2 * tolerance);
	for (time_t at = query->earliest_at; at < chosen_at; at++)
		assert_true(chosen_g < cost_g(query, curve, at) - tolerance / 10);
}

static void check_lowest(const struct carbon_query *query, time_t chosen_at)
{
	check_least(query, query->mean, chosen_at);
}

static void check_risk_averse(const struct carbon_query *query, time_t chosen_at)
{
	check_least(query, query->high, chosen_at);
}

/* Saved per second until completion, the price of waiting taken off. */
static double rate(const struct carbon_query *query, time_t at)
{
	return (cost_g(query, query->mean, query->earliest_at) - cost_g(query, query->mean, at)) /
	       (double)(at - query->earliest_at + (time_t)query->runtime_s);
}

static void check_carbon_time(const struct carbon_query *query, time_t chosen_at)
{
	double chosen = rate(query, chosen_at), tolerance = 1e-9 * query->power_w;

	for (time_t at = query->earliest_at; at <= query->latest_at; at++)
		assert_true(chosen >= rate(query, at) - tolerance);
	for (time_t at = query->earliest_at; at < chosen_at; at++)
		assert_true(chosen > rate(query, at) - 1e-12 * query->power_w);
}

/* Share of the permitted seconds at which the intensity is at most VALUE. */
static double share_up_to(const struct carbon_query *query, double value)
{
	time_t under = 0;

	for (time_t at = query->earliest_at; at <= query->latest_at; at++)
		under += carbon_curve_value(query->mean, at) <= value;
	return (double)under / (double)(query->latest_at - query->earliest_at + 1);
}

/*
 * What is chosen is among the cleanest 30 %, or the cleanest there is; no second before it is. Values are told apart by
 * the 256th part of their range.
 */
static void check_threshold(const struct carbon_query *query, time_t chosen_at)
{
	double least = INFINITY, greatest = 0, resolution, chosen = carbon_curve_value(query->mean, chosen_at);

	for (time_t at = query->earliest_at; at <= query->latest_at; at++) {
		least = fmin(least, carbon_curve_value(query->mean, at));
		greatest = fmax(greatest, carbon_curve_value(query->mean, at));
	}
	resolution = (greatest - least) / 255;
	assert_true(share_up_to(query, chosen - resolution) <= 0.30 || chosen <= least + resolution);
	for (time_t at = query->earliest_at; at < chosen_at; at++) {
		double before = carbon_curve_value(query->mean, at);

		assert_true(share_up_to(query, before + resolution) > 0.30);
		assert_true(before > least);
	}
}

static void lowest_window_is_the_least_of_all_seconds(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	against_every_second(&dice, "lowest-window", check_lowest);
}

static void risk_averse_is_the_least_on_the_high_estimate(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	against_every_second(&dice, "risk-averse", check_risk_averse);
}

static void carbon_time_saves_most_per_second_until_completion(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	against_every_second(&dice, "carbon-time", check_carbon_time);
}

static void threshold_takes_the_first_of_the_cleanest(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	against_every_second(&dice, "threshold", check_threshold);
}

static void all_policies_stay_within_their_bounds(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store mean, high;
	struct carbon_query query;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		curve_roll(&dice, &mean, T0, (size_t)dice_between(&dice, 1, CURVE_MAX), 4000);
		roll_high(&dice, &mean, &high);
		if (!roll_query(&dice, &mean, &high, &query))
			continue;
		for (size_t i = 0; i < carbon_policies_count; i++) {
			time_t chosen = carbon_policies[i]->choose(&query);

			assert_between(chosen, query.earliest_at, query.latest_at);
			assert_int_equal(chosen, carbon_policies[i]->choose(&query));
		}
	}
}

static void lowest_window_on(const float *value, size_t count, double price_g_h, time_t expected_s)
{
	static const uint32_t knot_s[] = {0, 3600, 7200, 10800, 14400, 18000, 21600};
	double sum[COUNT(knot_s)];
	struct carbon_curve curve = {T0, count, knot_s, value, sum, NULL};
	struct carbon_query query = {.mean = &curve, .high = &curve, .earliest_at = T0,
				     .latest_at = T0 + (time_t)(count - 1) * 3600, .runtime_s = 3600, .power_w = 1000,
				     .delay_price_g_h = price_g_h};

	carbon_curve_sum(count, knot_s, value, sum);
	assert_int_equal(carbon_policy_find("lowest-window")->choose(&query), T0 + expected_s);
}

static void ties_go_to_the_earliest_and_waiting_has_its_price(void **state)
{
	static const float flat[] = {300, 300, 300, 300, 300, 300}, twins[] = {300, 100, 300, 300, 100, 300},
			   falling[] = {300, 290, 280, 270, 260, 250};

	(void)state;
	lowest_window_on(flat, 6, 0, 0);
	lowest_window_on(twins, 6, 0, 3600);
	lowest_window_on(falling, 6, 0, 18000);
	lowest_window_on(falling, 6, 9.9, 18000);
	lowest_window_on(falling, 6, 10, 0); /* each hour wins what it costs */
	lowest_window_on(twins, 6, 199, 3600);
	lowest_window_on(twins, 6, 201, 0);
}

static void policies_are_found_by_name_without_case(void **state)
{
	(void)state;
	assert_true(carbon_policies_count >= 2);
	for (size_t i = 0; i < carbon_policies_count; i++) {
		assert_ptr_equal(carbon_policy_find(carbon_policies[i]->name), carbon_policies[i]);
		assert_true(strlen(carbon_policies[i]->summary) > 0);
	}
	assert_non_null(carbon_policy_find("LOWEST-window"));
	assert_null(carbon_policy_find("greedy2"));
	assert_null(carbon_policy_find(""));
}

static void immediate_starts_at_once(void **state)
{
	struct carbon_query query = {.earliest_at = T0, .latest_at = T0 + 1000};

	(void)state;
	assert_int_equal(carbon_policy_find("immediate")->choose(&query), T0);
}

#define LONG 3600 /* segments: more blocks than are weighed against each other at once */

/* With bounds and without them the same start, also where there are many blocks. */
static void a_long_outlook_is_searched_whole(void **state)
{
	static uint32_t knot_s[LONG + 1];
	static float value[LONG];
	static double sum[LONG + 1];
	static struct carbon_swing swing[CARBON_CURVE_SWINGS(LONG)];
	static const char *const names[] = {"lowest-window", "carbon-time"};
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int round = 0; round < 200; round++) {
		struct carbon_curve plain = {T0, LONG, knot_s, value, sum, NULL}, quick = plain;
		struct carbon_query query = {.mean = &plain, .high = &plain, .earliest_at = T0 + dice_between(&dice, 0, 5000),
					     .runtime_s = (uint32_t)dice_between(&dice, 600, 90000), .power_w = 1000};

		for (size_t i = 0; i < LONG; i++) {
			knot_s[i + 1] = knot_s[i] + 300;
			/* Ever cleaner or ever dirtier: the best is late or early. */
			value[i] = (float)(dice_real(&dice, 0, 300) + (round % 2 ? 0.05 : -0.05) * (double)i + 200);
		}
		carbon_curve_sum(LONG, knot_s, value, sum);
		carbon_curve_swings(&quick, swing);
		quick.swing = swing;
		query.latest_at = carbon_curve_end(&plain) - (time_t)query.runtime_s - dice_between(&dice, 0, 5000);
		for (size_t n = 0; n < COUNT(names); n++) {
			const struct carbon_policy *policy = carbon_policy_find(names[n]);
			struct carbon_query other = query;

			other.mean = other.high = &quick;
			assert_int_equal(policy->choose(&query), policy->choose(&other));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowest_window_is_the_least_of_all_seconds),
		cmocka_unit_test(risk_averse_is_the_least_on_the_high_estimate),
		cmocka_unit_test(carbon_time_saves_most_per_second_until_completion),
		cmocka_unit_test(threshold_takes_the_first_of_the_cleanest),
		cmocka_unit_test(all_policies_stay_within_their_bounds),
		cmocka_unit_test(ties_go_to_the_earliest_and_waiting_has_its_price),
		cmocka_unit_test(policies_are_found_by_name_without_case),
		cmocka_unit_test(immediate_starts_at_once),
		cmocka_unit_test(a_long_outlook_is_searched_whole),
	};

	return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
