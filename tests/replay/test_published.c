/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Published experiments against what this simulator gets on the same data, which are not
 * shipped: their folder is $CARBON_DATA. Run by t5000-published.bats, one test by its name.
 * Expected values are read from the data's own tables and never from here.
 */
#include "lib/err.h"
#include "tests/unit/unit.h"
#include "tools/published.h"

#define ROUNDING 0.00501 /* expected sums have two places */

static const char *data;

static void check(int rc, const struct carbon_err *err)
{
	if (rc == 0)
		return;
	print_error("%s\n", err->text);
	fail();
}

static void eurosys_is_reproduced_to_rounding(void **state)
{
	static const char *const zones[] = {"DE", "US-CAL-CISO"};
	static const unsigned int slacks[] = {24, 168};
	struct carbon_published_sums sums;
	struct carbon_err err;

	(void)state;
	for (size_t z = 0; z < COUNT(zones); z++)
		for (size_t s = 0; s < COUNT(slacks); s++) {
			check(carbon_published_eurosys(data, zones[z], slacks[s], &sums, &err),
			      &err);
			assert_true(sums.rows > 60000);
			assert_row(zones[z], sums.worst <= ROUNDING);
			assert_true(sums.saved[0] > 1 && sums.saved[1] > sums.saved[0]);
		}
}

static void gaia_is_reproduced(void **state)
{
	struct carbon_published_gaia rows[CARBON_PUBLISHED_GAIA];
	struct carbon_err err;
	size_t published = 0;

	(void)state;
	check(carbon_published_gaia(data, rows, &err), &err);
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (isnan(rows[i].published))
			continue;
		published++;
		assert_row(rows[i].name, fabs(rows[i].carbon - rows[i].published) < 1e-5);
		/* their wait of a split run counts its pauses, ours ends at the first start */
		if (strcmp(rows[i].name, "Ecovisor") != 0)
			assert_row(rows[i].name,
				   fabs(rows[i].wait_h - rows[i].published_wait_h) < 0.00051);
	}
	assert_int_equal(published, 5);
}

static void lets_wait_awhile_is_reproduced(void **state)
{
	struct carbon_published_wait rows[CARBON_PUBLISHED_WAIT_MAX];
	struct carbon_err err;
	size_t count = 0;

	(void)state;
	check(carbon_published_wait(data, rows, &count, &err), &err);
	assert_int_equal(count, 25);
	for (size_t i = 0; i < count; i++)
		assert_row(rows[i].name, fabs(rows[i].ours - rows[i].published) < 0.15);
}

static void check_arm(const char *zone, const struct carbon_published_delay *delay)
{
	double ens = delay->published[CARBON_PUBLISHED_ENS];

	/* rounded to a tenth, and another end of the year */
	assert_row(zone, fabs(delay->once[CARBON_PUBLISHED_PERFECT] -
			      delay->published[CARBON_PUBLISHED_PERFECT]) < 0.2);
	assert_row(zone, fabs(delay->once[CARBON_PUBLISHED_ENS] - ens) < 0.2);
	assert_row(zone,
		   fabs(delay->again[CARBON_PUBLISHED_ENS] - delay->published_again) < 0.2);
	assert_row(zone, delay->once[CARBON_PUBLISHED_MODEL] > ens);
	/* where once is all but perfect (Australia's sun), again adds nothing: a draw */
	assert_row(zone, delay->again[CARBON_PUBLISHED_MODEL] >
				 delay->once[CARBON_PUBLISHED_MODEL] - 0.02);
	assert_row(zone, delay->again[CARBON_PUBLISHED_MODEL] > delay->published_again);
}

/* Our own forecast beats ens in every zone, and deciding again each hour beats deciding once.
 */
static void waiting_is_worth_what_it_should_be(void **state)
{
	static const char *const zones[] = {"AU-NSW",	   "BR-SP",	  "CA-ON",	 "DE",
					    "US-CAL-CISO", "US-MIDA-PJM", "US-TEX-ERCO", "ZA"};
	double once[2] = {0}, again[2] = {0};
	struct carbon_err err;

	(void)state;
	for (size_t z = 0; z < COUNT(zones); z++) {
		struct carbon_published_delay arms[] = {{.arm = {4, 24, 0}},
							{.arm = {4, 48, 0}}};

		check(carbon_published_delay(data, zones[z], arms, COUNT(arms), &err), &err);
		for (size_t i = 0; i < COUNT(arms); i++) {
			check_arm(zones[z], &arms[i]);
			once[i] += arms[i].once[CARBON_PUBLISHED_MODEL] /
				   arms[i].once[CARBON_PUBLISHED_PERFECT] / COUNT(zones);
			again[i] += arms[i].again[CARBON_PUBLISHED_MODEL] /
				    arms[i].once[CARBON_PUBLISHED_PERFECT] / COUNT(zones);
		}
	}
	print_message("# share of perfect foresight, once and each hour: 24 h %.1f %.1f, 48 h "
		      "%.1f %.1f\n",
		      100 * once[0], 100 * again[0], 100 * once[1], 100 * again[1]);
	/* the model's own reference is 83.8 and 86.1, 75.6 and 81.1 */
	assert_true(again[0] > once[0] && again[1] > once[1]);
	assert_true(once[0] >= 0.838 && again[0] >= 0.861);
	assert_true(once[1] >= 0.756 && again[1] >= 0.81);
}

/* The sum of credits is near what the cluster saved, in one made-up year and in another. */
static void credits_stay_near_the_cluster_effect(void **state)
{
	static const double loads[] = {0.70, 0.85, 0.95};
	struct carbon_err err;

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(loads); i++) {
		struct carbon_published_load load = {.load = loads[i % COUNT(loads)], .year = i / COUNT(loads)};

		check(carbon_published_load(data, &load, &err), &err);
		print_message("# load %.0f %%: by the wall %.3f, credits %.3f, cluster effect "
			      "%.3f %%\n",
			      100 * load.utilisation, load.naive, load.credit, load.effect);
		assert_true(fabs(load.credit - load.effect) <= 0.3 * load.effect);
		assert_int_equal(load.missed, 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eurosys_is_reproduced_to_rounding),
		cmocka_unit_test(gaia_is_reproduced),
		cmocka_unit_test(lets_wait_awhile_is_reproduced),
		cmocka_unit_test(waiting_is_worth_what_it_should_be),
		cmocka_unit_test(credits_stay_near_the_cluster_effect),
	};

	data = getenv("CARBON_DATA");
	if (!data || access(data, R_OK) != 0) {
		fprintf(stderr, "no data to replay in \"%s\": set CARBON_DATA\n",
			data ? data : "");
		return 2;
	}
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests_name("published", tests, NULL, NULL);
}
