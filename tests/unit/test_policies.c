/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lowest-window against every second it could have chosen; and that all policies keep their contract. */
#include "tests/unit/curves.h"

#include "policies/policy.h"

#define T0 ((time_t)1790000000)

static double cost_g(const struct carbon_query *query, time_t start_at)
{
	return carbon_curve_mass_g(query->mean, start_at, start_at + (time_t)query->runtime_s, query->power_w) +
	       query->delay_price_g_h * (double)(start_at - query->earliest_at) / 3600;
}

/* The least cost of any second, and the first second that has it (up to rounding). */
static time_t by_brute_force(const struct carbon_query *query, double *least_g)
{
	double least = INFINITY, tolerance = 1e-9 * query->power_w;
	time_t best = query->earliest_at;

	for (time_t at = query->earliest_at; at <= query->latest_at; at++)
		if (cost_g(query, at) < least - tolerance) {
			least = cost_g(query, at);
			best = at;
		}
	*least_g = least;
	return best;
}

/* A random query inside STORE's curve; false where the curve is too short for one. */
static bool roll_query(struct dice *dice, const struct curve_store *store, struct carbon_query *query)
{
	time_t length = carbon_curve_end(&store->curve) - store->curve.start_at;
	time_t runtime_s, first_s, slack_s;

	if (length < 2)
		return false;
	runtime_s = (time_t)dice_between(dice, 1, length - 1);
	first_s = (time_t)dice_between(dice, 0, length - runtime_s);
	slack_s = (time_t)dice_between(dice, 0, length - runtime_s - first_s);
	if (dice_chance(dice, 20)) /* the whole curve, to its very end */
		slack_s = length - runtime_s - first_s;
	*query = (struct carbon_query){
		.mean = &store->curve,
		.high = &store->curve,
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

static void lowest_window_is_the_least_of_all_seconds(void **state)
{
	const struct carbon_policy *policy = carbon_policy_find("lowest-window");
	struct dice dice = dice_start(__func__);
	struct curve_store store;
	struct carbon_query query;

	(void)state;
	assert_non_null(policy);
	for (int round = 0; round < 4000; round++) {
		double least_g = 0;
		time_t best, chosen;

		curve_roll(&dice, &store, T0, (size_t)dice_between(&dice, 1, 24), 30);
		if (!roll_query(&dice, &store, &query))
			continue;
		best = by_brute_force(&query, &least_g);
		chosen = policy->choose(&query);
		assert_in_range(chosen, query.earliest_at, query.latest_at);
		assert_near(cost_g(&query, chosen), least_g, 2e-9 * query.power_w);
		assert_true(chosen <= best); /* of equals the earliest */
	}
}

static void all_policies_stay_within_their_bounds(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store store;
	struct carbon_query query;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		curve_roll(&dice, &store, T0, (size_t)dice_between(&dice, 1, CURVE_MAX), 4000);
		if (!roll_query(&dice, &store, &query))
			continue;
		for (size_t i = 0; i < carbon_policies_count; i++) {
			time_t chosen = carbon_policies[i]->choose(&query);

			assert_in_range(chosen, query.earliest_at, query.latest_at);
			assert_int_equal(chosen, carbon_policies[i]->choose(&query));
		}
	}
}

static void lowest_window_on(const float *value, size_t count, double price_g_h, time_t expected_s)
{
	static const uint32_t knot_s[] = {0, 3600, 7200, 10800, 14400, 18000, 21600};
	double sum[COUNT(knot_s)];
	struct carbon_curve curve = {T0, count, knot_s, value, sum};
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowest_window_is_the_least_of_all_seconds),
		cmocka_unit_test(all_policies_stay_within_their_bounds),
		cmocka_unit_test(ties_go_to_the_earliest_and_waiting_has_its_price),
		cmocka_unit_test(policies_are_found_by_name_without_case),
		cmocka_unit_test(immediate_starts_at_once),
	};

	return cmocka_run_group_tests_name("policies", tests, NULL, NULL);
}
