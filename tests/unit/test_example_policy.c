/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The example of a policy in contrib/: what it says of itself, second by second, on random curves, and that the page that
 * shows how to add one speaks of it.
 */
#include "policies/policy.h"
#include "policies/sweep.h"
#include "tests/unit/curves.h"

#define T0 ((time_t)1790000000)

extern const struct carbon_policy carbon_policy_nearly_best;

static double cost_at(const struct carbon_query *query, time_t at)
{
	double price = query->delay_price_g_h * 1000 / query->power_w;

	return carbon_curve_integral(query->mean, at, at + (time_t)query->runtime_s) +
	       price * (double)(at - query->earliest_at);
}

static void check(const struct carbon_query *query)
{
	double first = cost_at(query, query->earliest_at), least = first, enough;
	time_t chosen_at = carbon_policy_nearly_best.choose(query);

	for (time_t at = query->earliest_at; at <= query->latest_at; at++)
		least = fmin(least, cost_at(query, at));
	enough = first - 0.9 * (first - least);
	assert_true(chosen_at >= query->earliest_at && chosen_at <= query->latest_at);
	assert_true(cost_at(query, chosen_at) <= enough + 1);
	for (time_t at = query->earliest_at; at < chosen_at; at++)
		assert_true(cost_at(query, at) > enough - 1);
	assert_int_equal(carbon_policy_nearly_best.choose(query), chosen_at); /* pure */
}

static void it_is_the_first_start_that_saves_enough(void **state)
{
	struct dice dice = dice_start(__func__);
	size_t checked = 0;

	(void)state;
	for (int round = 0; round < 600; round++) {
		struct curve_store store;
		struct carbon_query query;

		curve_roll(&dice, &store, T0, (size_t)dice_between(&dice, 1, CURVE_MAX), 60);
		query = (struct carbon_query){.mean = &store.curve, .high = &store.curve, .power_w = 1000};
		query.earliest_at = T0 + dice_between(&dice, 0, 200);
		query.runtime_s = (uint32_t)dice_between(&dice, 1, 600);
		query.latest_at = query.earliest_at + dice_between(&dice, 0, 900);
		query.delay_price_g_h = dice_chance(&dice, 50) ? dice_real(&dice, 0, 500) : 0;
		if (query.latest_at + (time_t)query.runtime_s > carbon_curve_end(&store.curve))
			continue;
		check(&query);
		checked++;
	}
	assert_true(checked > 50);
}

static void where_nothing_is_cleaner_it_does_not_wait(void **state)
{
	struct dice dice = dice_start(__func__);
	struct curve_store store;
	struct carbon_query query;

	(void)state;
	curve_roll(&dice, &store, T0, 8, 600);
	for (size_t i = 0; i < 8; i++)
		store.value[i] = 300;
	carbon_curve_sum(8, store.knot_s, store.value, store.sum);
	query = (struct carbon_query){.mean = &store.curve, .high = &store.curve, .power_w = 1000,
				      .earliest_at = T0, .latest_at = T0 + 4, .runtime_s = 2};
	assert_int_equal(carbon_policy_nearly_best.choose(&query), T0);
}

static void the_page_speaks_of_it(void **state)
{
	char path[4096], text[16384];
	const char *root = getenv("CARBON_SRC");
	size_t length;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/doc/adding-a-policy.md", root ? root : ".");
	file = fopen(path, "r");
	assert_row(path, file != NULL);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	assert_non_null(strstr(text, "contrib/policy/nearly_best.c"));
	assert_non_null(strstr(text, "struct carbon_query"));
	assert_null(carbon_policy_find(carbon_policy_nearly_best.name)); /* an example, not one of the site's */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_the_first_start_that_saves_enough),
		cmocka_unit_test(where_nothing_is_cleaner_it_does_not_wait),
		cmocka_unit_test(the_page_speaks_of_it),
	};

	return cmocka_run_group_tests_name("example policy", tests, NULL, NULL);
}
