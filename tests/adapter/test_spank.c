/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sbatch's guest: which options it registers where, what it says of a bad one, what it sends, what it drops. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/request.h"
#include "plugin/options.h"
#include "tests/adapter/fake_slurm.h"

static int set_up(void **state)
{
	(void)state;
	fake_slurm_reset();
	unsetenv("CARBON_FINISH_BY");
	return 0;
}

static void start(enum spank_context context)
{
	fake_context = context;
	assert_int_equal(slurm_spank_init(NULL, 0, NULL), ESPANK_SUCCESS);
}

static void give(const char *name, const char *value)
{
	const struct spank_option *option = fake_option(name);

	assert_non_null(option);
	assert_int_equal(option->cb(option->val, value, 0), 0);
}

static void finish(void)
{
	assert_int_equal(slurm_spank_init_post_opt(NULL, 0, NULL), ESPANK_SUCCESS);
}

static void all_options_are_registered_where_clients_and_steps_look(void **state)
{
	static const enum spank_context contexts[] = {S_CTX_ALLOCATOR, S_CTX_LOCAL, S_CTX_REMOTE};

	(void)state;
	for (size_t i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++) {
		fake_slurm_reset();
		start(contexts[i]);
		assert_int_equal(fake_options(), carbon_options_count);
	}
	for (size_t i = 0; i < carbon_options_count; i++) {
		const struct spank_option *option = fake_option(carbon_options[i].name);

		assert_non_null(option);
		assert_int_equal(option->has_arg, carbon_option_is_optional(&carbon_options[i]) ? 2 : 1);
		assert_string_equal(option->usage, carbon_options[i].usage);
		assert_string_equal(option->arginfo, carbon_options[i].arginfo);
		assert_true(strlen(option->name) < SPANK_OPTION_MAXLEN);
	}
}

static void slurmd_and_prologs_are_left_in_peace(void **state)
{
	(void)state;
	start(S_CTX_SLURMD);
	assert_int_equal(fake_options(), 0);
	start(S_CTX_JOB_SCRIPT);
	assert_int_equal(fake_options(), 0);
	finish();
	assert_int_equal(fake_lines(), 0);
}

static void good_values_are_silent(void **state)
{
	(void)state;
	start(S_CTX_ALLOCATOR);
	give("carbon-delay", "-3h");
	give("carbon-delay", "12h"); /* the command line comes after #SBATCH lines */
	finish();
	assert_int_equal(fake_lines(), 0);
	assert_null(fake_sent(CARBON_SENT_TOLD));
	assert_null(fake_sent(CARBON_SENT_FINISH_BY));
}

static void each_bad_value_is_named_once_and_no_submission_fails(void **state)
{
	(void)state;
	start(S_CTX_ALLOCATOR);
	give("carbon-delay", "12 parsecs");
	give("carbon-delay", "12 parsecs"); /* sbatch parses twice */
	give("carbon-runtime", "1e99");
	finish();
	assert_int_equal(fake_lines(), 2);
	assert_int_equal(fake_lines_with("spank: carbon: --carbon-delay=12 parsecs: must be"), 1);
	assert_int_equal(fake_lines_with("; the job is left as it is"), 2);
	assert_string_equal(fake_sent(CARBON_SENT_TOLD), "1");
}

static void values_of_any_length_and_none_are_no_danger(void **state)
{
	char *value = malloc(1 << 20);

	(void)state;
	assert_non_null(value);
	memset(value, 'v', (1 << 20) - 1);
	value[(1 << 20) - 1] = '\0';
	start(S_CTX_ALLOCATOR);
	give("carbon-runtime", "2h");
	give("carbon-policy", value);
	give("carbon-delay", NULL);
	assert_int_equal(fake_option("carbon")->cb(-1, "off", 0), 0);
	assert_int_equal(fake_option("carbon")->cb(1000, "off", 0), 0);
	finish();
	assert_int_equal(fake_lines(), 2);
	free(value);
}

static void a_step_that_runs_elsewhere_keeps_nothing(void **state)
{
	const struct spank_option *option;

	(void)state;
	start(S_CTX_REMOTE);
	option = fake_option("carbon-delay");
	assert_int_equal(option->cb(option->val, "12 parsecs", 1), 0);
	finish();
	assert_int_equal(fake_lines(), 0);
}

/* 18:00 in two time zones is two points in time. */
static time_t sent_for(const char *zone, bool by_flag)
{
	fake_slurm_reset();
	setenv("TZ", zone, 1);
	tzset();
	start(S_CTX_ALLOCATOR);
	if (by_flag)
		give("carbon-finish-by", "2031-05-05T18:00:00");
	else
		setenv("CARBON_FINISH_BY", "2031-05-05T18:00:00", 1);
	finish();
	assert_non_null(fake_sent(CARBON_SENT_FINISH_BY));
	return (time_t)strtoll(fake_sent(CARBON_SENT_FINISH_BY), NULL, 10);
}

static void a_finish_by_is_sent_as_a_point_in_time(void **state)
{
	bool by_flag = *state != NULL;

	assert_int_equal(sent_for("UTC", by_flag) - sent_for("Europe/Berlin", by_flag), 2 * 3600);
	assert_int_equal(sent_for("UTC", by_flag), 1935770400);
}

static void a_bad_variable_is_left_for_slurmctlds_plugin_to_name(void **state)
{
	(void)state;
	setenv("CARBON_FINISH_BY", "someday", 1);
	start(S_CTX_ALLOCATOR);
	finish();
	assert_null(fake_sent(CARBON_SENT_FINISH_BY));
	assert_null(fake_sent(CARBON_SENT_TOLD));
	assert_int_equal(fake_lines_with("spank:"), 0);
}

static const char *const inherited[] = {
	"_SLURM_SPANK_OPTION_carbon_carbon_delay",
	"_SLURM_SPANK_OPTION_carbon_carbon",
	"SLURM_SPANK__SLURM_SPANK_OPTION_carbon_carbon_delay",
	"SLURM_SPANK_CARBON_FINISH_BY_AT",
	"SLURM_SPANK_CARBON_TOLD",
	"SLURM_CARBON_ZONE",
	"SLURM_CARBON_START",
};

static void set_inherited(void)
{
	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		setenv(inherited[i], "outer", 1);
}

static size_t still_set(void)
{
	size_t count = 0;

	for (size_t i = 0; i < sizeof(inherited) / sizeof(inherited[0]); i++)
		count += getenv(inherited[i]) != NULL;
	return count;
}

static void what_an_outer_job_left_is_dropped_in_sbatch_alone(void **state)
{
	(void)state;
	setenv("_SLURM_SPANK_OPTION_other_level", "3", 1);
	setenv("CARBON_DELAY", "12h", 1);
	set_inherited();
	start(S_CTX_LOCAL);
	assert_int_equal(still_set(), 7);
	fake_slurm_reset();
	start(S_CTX_ALLOCATOR);
	assert_int_equal(still_set(), 0);
	assert_non_null(getenv("_SLURM_SPANK_OPTION_other_level"));
	assert_non_null(getenv("CARBON_DELAY"));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	static char by_flag;
	/* Values that were given stay in the plugin as they do in a client: those that set one stand last. */
	const struct CMUnitTest tests[] = {
		TEST(all_options_are_registered_where_clients_and_steps_look),
		TEST(slurmd_and_prologs_are_left_in_peace),
		TEST(a_step_that_runs_elsewhere_keeps_nothing),
		TEST(what_an_outer_job_left_is_dropped_in_sbatch_alone),
		TEST(a_bad_variable_is_left_for_slurmctlds_plugin_to_name),
		{"a_finish_by_variable_is_sent_as_a_point_in_time",
		 a_finish_by_is_sent_as_a_point_in_time, set_up, NULL, NULL},
		TEST(good_values_are_silent),
		{"a_finish_by_is_sent_as_a_point_in_time", a_finish_by_is_sent_as_a_point_in_time,
		 set_up, NULL, &by_flag},
		TEST(each_bad_value_is_named_once_and_no_submission_fails),
		TEST(values_of_any_length_and_none_are_no_danger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
