/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Flags and variables into a request: which channel counts, which wins, what is said of a bad one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/err.h"
#include "plugin/options.h"
#include "tests/adapter/fake_slurm.h"

#define NOW ((time_t)1790000000)

static job_desc_msg_t desc;
static struct carbon_options got;
static struct carbon_err err;

static int set_up(void **state)
{
	(void)state;
	fake_slurm_reset();
	fake_desc_init(&desc);
	memset(&got, 0xaa, sizeof(got));
	err.text[0] = '\0';
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_desc_fini(&desc);
	return 0;
}

static int read_options(void)
{
	return carbon_options_read(&desc, NOW, &got, &err);
}

static void flags_arrive_through_spank_job_env(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon", "auto");
	fake_add_flag(&desc, "carbon-delay", "12h");
	fake_add_flag(&desc, "carbon-runtime", "90m");
	fake_add_flag(&desc, "carbon-power", "350");
	fake_add_flag(&desc, "carbon-policy", "immediate");
	assert_int_equal(read_options(), 0);
	assert_true(got.request.given);
	assert_int_equal(got.request.mode, CARBON_MODE_AUTO);
	assert_int_equal(got.request.delay_s, 12 * 3600);
	assert_int_equal(got.request.runtime_s, 5400);
	assert_float_equal(got.request.power_w, 350, 0);
	assert_string_equal(got.request.policy, "immediate");
}

static void a_bare_flag_arrives_without_a_value(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-relocate", "(null)"); /* as Slurm sends it */
	fake_add_flag(&desc, "carbon-data", "250");
	assert_int_equal(read_options(), 0);
	assert_true(got.request.relocate);
	assert_string_equal(got.request.places, "");
	assert_float_equal(got.request.data_gb, 250, 0);
}

static void flags_that_an_outer_job_left_in_the_environment_do_not_count(void **state)
{
	(void)state;
	fake_add_environment(&desc, "_SLURM_SPANK_OPTION_carbon_carbon_delay=12h");
	fake_add_environment(&desc, "SLURM_SPANK_CARBON_FINISH_BY_AT=1790100000");
	assert_int_equal(read_options(), 0);
	assert_false(got.request.given);
	assert_int_equal(got.request.delay_s, -1);
}

static void variables_mean_the_same(void **state)
{
	(void)state;
	fake_add_environment(&desc, "CARBON_DELAY=12h");
	fake_add_environment(&desc, "CARBON_DELAY=13h"); /* getenv() takes the first */
	fake_add_environment(&desc, "CARBON_POWER=");	 /* empty: not given */
	fake_add_environment(&desc, "CARBONARA=off");
	fake_add_environment(&desc, "CARBON_DELAYS=1h");
	assert_int_equal(read_options(), 0);
	assert_true(got.request.given);
	assert_int_equal(got.request.delay_s, 12 * 3600);
	assert_int_equal(got.request.mode, CARBON_MODE_UNSET);
}

static void a_flag_wins_over_its_variable_even_a_bad_one(void **state)
{
	(void)state;
	fake_add_environment(&desc, "CARBON_DELAY=12 parsecs");
	fake_add_environment(&desc, "CARBON=off");
	fake_add_flag(&desc, "carbon-delay", "3h");
	assert_int_equal(read_options(), 0);
	assert_int_equal(got.request.delay_s, 3 * 3600);
	assert_int_equal(got.request.mode, CARBON_MODE_OFF);
}

static void a_finish_by_read_in_the_users_time_zone_counts(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-finish-by", "18:00");
	fake_add_spank(&desc, "CARBON_FINISH_BY_AT=1790012345");
	assert_int_equal(read_options(), 0);
	assert_int_equal(got.request.finish_by_at, 1790012345);
}

static void the_same_holds_for_the_variable_and_with_slurms_prefixes(void **state)
{
	(void)state;
	fake_add_environment(&desc, "CARBON_FINISH_BY=18:00");
	fake_add_spank(&desc, "SPANK_CARBON_FINISH_BY_AT=1790012345");
	assert_int_equal(read_options(), 0);
	assert_int_equal(got.request.finish_by_at, 1790012345);
}

static void a_sent_time_without_an_option_is_nothing(void **state)
{
	(void)state;
	fake_add_spank(&desc, "CARBON_FINISH_BY_AT=1790012345");
	assert_int_equal(read_options(), 0);
	assert_false(got.request.given);
	assert_int_equal(got.request.finish_by_at, 0);
}

static const struct bad_case {
	const char *name, *value, *part;
} bad_cases[] = {
	{"carbon-delay", "-3h", "--carbon-delay=-3h: must be"},
	{"carbon-delay", "1e99", "--carbon-delay=1e99: must be"},
	{"carbon-delay", "12 parsecs", "--carbon-delay=12 parsecs: must be"},
	{"carbon-delay", "", "--carbon-delay=: must be"},
	{"carbon", "maybe", "--carbon=maybe: must be off or auto"},
	{"carbon-finish-by", "someday", "--carbon-finish-by=someday: must be"},
	{"carbon-power", "nan", "--carbon-power=nan: must be"},
	{"carbon-policy", "best", "--carbon-policy=best: unknown here (known: "},
};

static void each_bad_value_is_named_and_nothing_of_the_request_is_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad_cases) / sizeof(bad_cases[0]); i++) {
		fake_add_flag(&desc, "carbon-runtime", "2h");
		fake_add_flag(&desc, bad_cases[i].name, bad_cases[i].value);
		assert_int_equal(read_options(), -1);
		assert_non_null(strstr(err.text, bad_cases[i].part));
		assert_true(got.request.given);
		assert_int_equal(got.request.runtime_s, 0);
		assert_false(got.user_was_told);
		tear_down(NULL);
		set_up(NULL);
	}
}

static void a_bad_variable_is_named_as_one(void **state)
{
	(void)state;
	fake_add_environment(&desc, "CARBON_DELAY=-3h");
	assert_int_equal(read_options(), -1);
	assert_non_null(strstr(err.text, "variable CARBON_DELAY"));
	assert_non_null(strstr(err.text, "-3h"));
}

static void a_huge_value_is_refused(void **state)
{
	char value[400];

	(void)state;
	memset(value, '9', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	fake_add_flag(&desc, "carbon-delay", value);
	assert_int_equal(read_options(), -1);
	assert_non_null(strstr(err.text, "carbon-delay"));
}

static void that_the_user_was_told_already_is_seen(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-delay", "-3h");
	fake_add_spank(&desc, "CARBON_TOLD=1");
	assert_int_equal(read_options(), -1);
	assert_true(got.user_was_told);
}

static void counts_without_arrays_and_empty_entries_are_no_danger(void **state)
{
	char *holes[] = {NULL, NULL};
	job_desc_msg_t odd;

	(void)state;
	memset(&odd, 0, sizeof(odd));
	odd.env_size = odd.spank_job_env_size = NO_VAL;
	assert_int_equal(carbon_options_read(&odd, NOW, &got, &err), 0);
	odd.environment = odd.spank_job_env = holes;
	odd.env_size = odd.spank_job_env_size = 2;
	assert_int_equal(carbon_options_read(&odd, NOW, &got, &err), 0);
	assert_false(got.request.given);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(flags_arrive_through_spank_job_env),
		TEST(a_bare_flag_arrives_without_a_value),
		TEST(flags_that_an_outer_job_left_in_the_environment_do_not_count),
		TEST(variables_mean_the_same),
		TEST(a_flag_wins_over_its_variable_even_a_bad_one),
		TEST(a_finish_by_read_in_the_users_time_zone_counts),
		TEST(the_same_holds_for_the_variable_and_with_slurms_prefixes),
		TEST(a_sent_time_without_an_option_is_nothing),
		TEST(each_bad_value_is_named_and_nothing_of_the_request_is_kept),
		TEST(a_bad_variable_is_named_as_one),
		TEST(a_huge_value_is_refused),
		TEST(that_the_user_was_told_already_is_seen),
		TEST(counts_without_arrays_and_empty_entries_are_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
