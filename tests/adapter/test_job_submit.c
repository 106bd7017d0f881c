/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole guest against a fake slurmctld: what changes in a description, what never does, and that
 * every string that Slurm keeps lies on Slurm's heap.
 */
#include "lib/record.h"
#include "plugin/slurm_shim.h"
#include "tests/adapter/fake_slurm.h"
#include "tests/adapter/fixture.h"
#include "tests/adapter/guest.h"

/* As it was: nothing of ours anywhere. */
static void expect_untouched(void)
{
	assert_int_equal(desc.begin_time, 0);
	assert_null(desc.admin_comment);
	assert_int_equal(desc.env_size, 1);
	assert_null(fake_environment(&desc, "SLURM_CARBON_ZONE"));
}

static void a_job_is_delayed_to_the_clean_hours_recorded_and_told(void **state)
{
	struct carbon_record record;

	(void)state;
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_true(fake_is_slurms(err_msg));
	assert_true(fake_is_slurms(desc.admin_comment));
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_true(record.delayed);
	assert_int_equal(record.begin_at, fixture.clean_at);
	assert_string_equal(record.zone, "DE");
	assert_string_equal(record.partition, "batch");
}

static void the_job_can_read_what_was_expected(void **state)
{
	(void)state;
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.env_size, 4);
	assert_null(desc.environment[4]);
	assert_string_equal(fake_environment(&desc, "SLURM_CARBON_ZONE"), "DE");
	assert_string_equal(fake_environment(&desc, "SLURM_CARBON_EXPECTED_G_KWH"), "100.0");
	assert_non_null(strstr(fake_environment(&desc, "SLURM_CARBON_START"), ":00:00Z"));
	for (uint32_t i = 0; i < desc.env_size; i++)
		assert_true(fake_is_slurms(desc.environment[i]));
}

static void what_an_outer_job_was_told_is_replaced(void **state)
{
	(void)state;
	fake_add_environment(&desc, "SLURM_CARBON_ZONE=PL");
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.env_size, 4 /* not 5 */);
	assert_string_equal(fake_environment(&desc, "SLURM_CARBON_ZONE"), "DE");
}

static void a_job_without_an_environment_gets_none(void **state)
{
	(void)state;
	slurm_xfree((void **)&desc.environment[0]);
	slurm_xfree((void **)&desc.environment);
	desc.env_size = 0;
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_null(desc.environment);
}

static void what_others_wrote_stays(void **state)
{
	(void)state;
	fake_set(&desc.admin_comment, "ticket 42: \"50 %\"");
	err_msg = slurm_xstrdup("lua: welcome");
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_memory_equal(desc.admin_comment, "ticket 42: \"50 %\"", 17);
	assert_int_equal(carbon_record_read(desc.admin_comment, &(struct carbon_record){0}, NULL), 1);
	assert_memory_equal(err_msg, "lua: welcome\ncarbon: may start", 30);
}

static void a_comment_that_is_full_stays_as_it_is(void **state)
{
	char *comment = malloc(CARBON_COMMENT_MAX);

	(void)state;
	assert_non_null(comment);
	memset(comment, 'c', CARBON_COMMENT_MAX - 1);
	comment[CARBON_COMMENT_MAX - 1] = '\0';
	fake_set(&desc.admin_comment, comment);
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_string_equal(desc.admin_comment, comment);
	free(comment);
}

static void observing_records_and_changes_nothing_else(void **state)
{
	struct carbon_record record;

	(void)state;
	submit_at(CARBON_LEVEL_OBSERVE);
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_int_equal(record.level, CARBON_LEVEL_OBSERVE);
	assert_true(record.delayed);
	slurm_xfree((void **)&desc.admin_comment);
	expect_untouched();
	assert_null(err_msg);
}

static void observing_tells_only_who_asked(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-delay", "12h");
	submit_at(CARBON_LEVEL_OBSERVE);
	assert_true(said("only observes"));
	assert_int_equal(desc.begin_time, 0);
}

static void opting_in_and_out(void **state)
{
	(void)state;
	submit_at(CARBON_LEVEL_OPT_IN);
	expect_untouched();
	assert_null(err_msg);
	fake_add_environment(&desc, "CARBON_DELAY=12h");
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	expect_delay();
}

static void off_wins_over_everything(void **state)
{
	(void)state;
	fake_add_environment(&desc, "CARBON_DELAY=12h");
	fake_add_environment(&desc, "CARBON=off");
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.begin_time, 0);
	assert_string_equal(desc.admin_comment, "[carbon-off/1]"); /* for the report to count; no record */
	assert_true(fake_is_slurms(desc.admin_comment));
	assert_int_equal(carbon_record_read(desc.admin_comment, &(struct carbon_record){0}, NULL), 0);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS); /* a sibling sees it again */
	assert_string_equal(desc.admin_comment, "[carbon-off/1]");
	assert_null(err_msg);
}

static void an_opt_out_keeps_what_others_wrote_and_nothing_that_is_too_long(void **state)
{
	char full[CARBON_COMMENT_MAX + 1];

	(void)state;
	memset(full, 'x', sizeof(full) - 1);
	full[sizeof(full) - 1] = '\0';
	fake_add_environment(&desc, "CARBON=off");
	desc.admin_comment = slurm_xstrdup("theirs");
	submit_at(CARBON_LEVEL_OBSERVE);
	assert_string_equal(desc.admin_comment, "theirs [carbon-off/1]");
	slurm_xfree((void **)&desc.admin_comment);
	desc.admin_comment = slurm_xstrdup(full);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	assert_string_equal(desc.admin_comment, full);
	assert_null(err_msg);
}

static void a_switched_off_site_changes_nothing(void **state)
{
	(void)state;
	submit_at(CARBON_LEVEL_OFF);
	expect_untouched();
	assert_null(err_msg);
}

static void a_bad_option_leaves_the_job_as_it_is_and_is_told(void **state)
{
	(void)state;
	fake_add_environment(&desc, "CARBON_DELAY=-3h");
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.begin_time, 0);
	assert_null(desc.admin_comment);
	assert_true(said("-3h: must be a time such as 90m, 12h, 2-00:00:00; the job is left as it is"));
}

static void a_user_whom_sbatch_has_told_is_not_told_again(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-delay", "-3h");
	fake_add_spank(&desc, "CARBON_TOLD=1");
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.begin_time, 0);
	assert_null(err_msg);
}

static void a_users_begin_is_the_earliest_start(void **state)
{
	time_t begin_at = fixture.clean_at + 7200;

	(void)state;
	fake_add_flag(&desc, "carbon-delay", "12h");
	desc.begin_time = begin_at;
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.begin_time, begin_at);
	assert_true(said("not delayed: no later start is cleaner"));
}

static void a_deadline_bounds_the_begin(void **state)
{
	(void)state;
	desc.time_limit = 60;
	desc.deadline = fixture.clean_at + 1800; /* clean_at + limit would miss it */
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_true(desc.begin_time == 0 || desc.begin_time + 3600 + 60 <= desc.deadline);
}

static void each_exemption_leaves_the_job_untouched(void **state)
{
	(void)state;
	fake_set(&desc.submit_line, "sbatch --test-only job.sh");
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_untouched();
	assert_null(err_msg);
	fake_set(&desc.submit_line, "sbatch job.sh");
	desc.bitflags |= CRON_JOB;
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	expect_untouched();
	desc.bitflags &= ~(uint64_t)CRON_JOB;
	fake_set(&desc.script, NULL);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	expect_untouched();
	assert_null(err_msg);
}

static void het_jobs_are_told_once(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-delay", "12h");
	desc.het_job_offset = 1;
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.begin_time, 0);
	assert_null(err_msg);
	desc.het_job_offset = 0;
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	assert_int_equal(desc.begin_time, 0);
	assert_true(said("not delayed: it is a heterogeneous job"));
}

static void a_caller_without_room_for_a_message_is_no_danger(void **state)
{
	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, time(NULL));
	assert_int_equal(init(), SLURM_SUCCESS);
	assert_int_equal(job_submit(&desc, 1000, NULL), SLURM_SUCCESS);
	assert_int_equal(desc.begin_time, fixture.clean_at);
}

static void init_succeeds_with_nothing_there_and_twice(void **state)
{
	(void)state;
	assert_int_equal(init(), SLURM_SUCCESS);
	assert_int_equal(init(), SLURM_SUCCESS);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	expect_untouched();
	assert_null(err_msg);
	fake_add_flag(&desc, "carbon-delay", "12h");
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	assert_true(said("not active on this cluster"));
	assert_int_equal(fake_lines_with("error"), 2);
}

/* slurmctld checks the uid once more behind job_modify: any change of ours there refuses the user's update. */
static void modifying_changes_nothing_and_refuses_nothing(void **state)
{
	job_desc_msg_t before;

	(void)state;
	fake_set(&desc.job_id_str, "33");
	desc.begin_time = time(NULL);
	memcpy(&before, &desc, sizeof(before));
#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 2, 0)
	assert_int_equal(job_modify(&desc, NULL, 1000, &err_msg), SLURM_SUCCESS);
#else
	assert_int_equal(job_modify(&desc, NULL, 1000), SLURM_SUCCESS);
#endif
	assert_memory_equal(&before, &desc, sizeof(before));
	assert_null(err_msg);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_is_delayed_to_the_clean_hours_recorded_and_told),
		TEST(the_job_can_read_what_was_expected),
		TEST(what_an_outer_job_was_told_is_replaced),
		TEST(a_job_without_an_environment_gets_none),
		TEST(what_others_wrote_stays),
		TEST(a_comment_that_is_full_stays_as_it_is),
		TEST(observing_records_and_changes_nothing_else),
		TEST(observing_tells_only_who_asked),
		TEST(opting_in_and_out),
		TEST(off_wins_over_everything),
		TEST(an_opt_out_keeps_what_others_wrote_and_nothing_that_is_too_long),
		TEST(a_switched_off_site_changes_nothing),
		TEST(a_bad_option_leaves_the_job_as_it_is_and_is_told),
		TEST(a_user_whom_sbatch_has_told_is_not_told_again),
		TEST(a_users_begin_is_the_earliest_start),
		TEST(a_deadline_bounds_the_begin),
		TEST(each_exemption_leaves_the_job_untouched),
		TEST(het_jobs_are_told_once),
		TEST(a_caller_without_room_for_a_message_is_no_danger),
		TEST(init_succeeds_with_nothing_there_and_twice),
		TEST(modifying_changes_nothing_and_refuses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
