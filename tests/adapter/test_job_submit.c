/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The whole guest against a fake slurmctld: what changes in a description, what never does, and that
 * every string that Slurm keeps lies on Slurm's heap.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/record.h"
#include "plugin/slurm_shim.h"
#include "plugin/waiting.h"
#include "tests/adapter/fake_slurm.h"
#include "tests/adapter/fixture.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct fixture fixture;
static job_desc_msg_t desc;
static char *err_msg;

static int set_up(void **state)
{
	(void)state;
	fake_slurm_reset();
	fixture_init(&fixture, time(NULL));
	setenv("SLURM_CARBON_DIR", fixture.folder, 1);
	fake_desc_init(&desc);
	err_msg = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fini();
	slurm_xfree((void **)&err_msg);
	fake_desc_fini(&desc);
	fixture_fini(&fixture);
	return fake_alive() == 0 && fake_foreign_frees() == 0 ? 0 : -1;
}

/* Level LEVEL, fresh files; then submit. */
static void submit_at(enum carbon_level level)
{
	fixture_write(&fixture, level, time(NULL));
	assert_int_equal(init(), SLURM_SUCCESS);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
}

static bool said(const char *part)
{
	return err_msg && strstr(err_msg, part);
}

static void expect_delay(void)
{
	assert_int_equal(desc.begin_time, fixture.clean_at);
	assert_true(said("carbon: may start from "));
}

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

/* --- other places --- */

/* "batch" here and "day" with a tenth of its building's overhead; the latter of cluster "north" where IS_FAR. */
static void submit_with_places(bool is_far)
{
	struct carbon_sibling siblings[] = {{"adapter", 1, true, time(NULL)}, {"north", 2, true, time(NULL)}};
	struct carbon_site site;

	fixture_fill_site(&site, CARBON_LEVEL_DEFAULT, time(NULL));
	site.place[0].power.pue = 10;
	site.place[2].power.pue = 1;
	if (is_far) {
		site.remotes = 1;
		site.remote = malloc(sizeof(*site.remote));
		assert_non_null(site.remote);
		*site.remote = site.place[2];
		snprintf(site.remote->cluster, sizeof(site.remote->cluster), "north");
		site.place[2].closed = true;
		site.sibling = siblings;
		site.siblings = 2;
	}
	fixture_write_site(&fixture, &site);
	site.sibling = NULL;
	fixture_free_site(&site);
	fixture_write_outlook(&fixture, time(NULL));
	assert_int_equal(init(), SLURM_SUCCESS);
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
}

static void a_job_that_may_is_moved_to_another_partition(void **state)
{
	struct carbon_record record;

	(void)state;
	fake_add_flag(&desc, "carbon-relocate", "");
	submit_with_places(false);
	assert_string_equal(desc.partition, "day");
	assert_true(fake_is_slurms(desc.partition));
	assert_null(desc.clusters);
	assert_int_equal(desc.begin_time, fixture.clean_at);
	assert_true(said("carbon: runs in DE (partition day) from "));
	assert_true(said(" instead of here now: about "));
	assert_true(said(" CO2e (-"));
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_string_equal(record.partition, "day");
	assert_string_equal(record.home, "batch");
}

static void a_job_that_may_move_and_not_wait_begins_at_once_elsewhere(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-relocate", "day,nowhere");
	fake_add_flag(&desc, "carbon-delay", "0");
	submit_with_places(false);
	assert_string_equal(desc.partition, "day");
	assert_int_equal(desc.begin_time, 0);
	assert_true(said("(partition day) at once instead of here now"));
	assert_true(said("carbon: --carbon-relocate: unknown here, the others count: nowhere"));
}

static void a_job_is_sent_to_another_cluster_and_kept_here_to_the_last(void **state)
{
	struct carbon_record record;

	(void)state;
	fake_add_flag(&desc, "carbon-relocate", "");
	submit_with_places(true);
	assert_string_equal(desc.clusters, "adapter,north");
	assert_true(fake_is_slurms(desc.clusters));
	assert_null(desc.partition);
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_string_equal(record.cluster, "north");
	assert_int_equal(record.there_at, fixture.clean_at);
	assert_int_equal(desc.begin_time, record.latest_at);
	assert_int_equal(record.begin_at, record.latest_at);
	assert_true(said("(cluster north) from "));
	assert_true(said("should that cluster vanish"));
}

static void a_job_that_stays_is_not_left_to_the_federation(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-relocate", "batch");
	submit_with_places(true);
	assert_string_equal(desc.clusters, "adapter");
	assert_null(desc.partition);
	assert_int_equal(desc.begin_time, fixture.clean_at);
}

static void clusters_that_the_user_names_are_left_as_they_are(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-relocate", "");
	fake_set(&desc.clusters, "adapter,south");
	submit_with_places(true);
	assert_string_equal(desc.clusters, "adapter,south");
}

/* The name of the run time's source in the record; "": no record. */
static const char *runtime_source(uint32_t *runtime_s)
{
	struct carbon_record record;

	if (carbon_record_read(desc.admin_comment, &record, NULL) != 1)
		return "";
	*runtime_s = record.runtime_s;
	return carbon_runtime_source_name(record.runtime_source);
}

static void a_habit_is_expected_and_a_damaged_file_is_as_none(void **state)
{
	uint32_t runtime_s = 0;

	(void)state;
	fixture_write_habits(&fixture, "adapter", 1800, time(NULL));
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_string_equal(runtime_source(&runtime_s), "habit");
	assert_int_equal(runtime_s, 1800);
	fini();
	slurm_xfree((void **)&err_msg);
	slurm_xfree((void **)&desc.admin_comment);
	desc.begin_time = 0;
	fixture_write_text(fixture.habits_path, "carbon-habits 1\n");
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_string_equal(runtime_source(&runtime_s), "limit");
	assert_int_equal(runtime_s, 3600);
	assert_int_equal(fake_lines_with("run times are expected from limits"), 1);
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

/* The record of an interruptible job; its slurmctld may then requeue it. */
static void interruptible_work_is_marked_and_may_be_requeued(void **state)
{
	struct carbon_record record;

	(void)state;
	fake_add_flag(&desc, "carbon-interruptible", "B:TERM@90");
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_int_equal(record.notice.signal, SIGTERM);
	assert_true(record.notice.to_script);
	assert_int_equal(record.restart_s, 90 + 300);
	assert_string_equal(record.policy, "segments");
	assert_int_equal(desc.requeue, 1);
}

static void who_forbids_a_requeue_is_told_and_not_interrupted(void **state)
{
	struct carbon_record record;

	(void)state;
	fake_add_flag(&desc, "carbon-interruptible", "");
	desc.requeue = 0;
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_true(said("\ncarbon: it will not be interrupted: --no-requeue was given"));
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_int_equal(record.notice.signal, 0);
	assert_int_equal(desc.requeue, 0);
}

static void arrays_are_not_interrupted_and_observing_changes_nothing(void **state)
{
	(void)state;
	fake_add_flag(&desc, "carbon-interruptible", "");
	desc.requeue = NO_VAL16;
	fake_set(&desc.array_inx, "1-4");
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_true(said("it will not be interrupted: arrays are not"));
	assert_int_equal(desc.requeue, NO_VAL16);
	slurm_xfree((void **)&desc.array_inx);
	slurm_xfree((void **)&desc.admin_comment);
	slurm_xfree((void **)&err_msg);
	fini();
	submit_at(CARBON_LEVEL_OBSERVE);
	assert_non_null(strstr(desc.admin_comment, " notice=USR1@60 "));
	assert_int_equal(desc.requeue, NO_VAL16);
	assert_false(said("several windows"));
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

static void the_waiting_cap_holds_between_two_sites(void **state)
{
	struct carbon_site site;
	int delayed = 0;

	(void)state;
	fixture_write_outlook(&fixture, time(NULL));
	fixture_fill_site(&site, CARBON_LEVEL_DEFAULT, time(NULL));
	site.max_waiting_user = 5;
	fixture_write_site(&fixture, &site);
	fixture_free_site(&site);
	assert_int_equal(init(), SLURM_SUCCESS);
	for (int i = 0; i < 9; i++) {
		desc.begin_time = 0;
		assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
		delayed += desc.begin_time != 0;
		slurm_xfree((void **)&err_msg);
	}
	assert_int_equal(delayed, 5);
	desc.user_id = 1001;
	desc.begin_time = 0;
	assert_int_equal(job_submit(&desc, 1001, &err_msg), SLURM_SUCCESS);
	assert_int_equal(desc.begin_time, fixture.clean_at);
}

static void an_array_counts_with_all_its_tasks(void **state)
{
	(void)state;
	fake_set(&desc.array_inx, "1-101"); /* the cap is 100 */
	submit_at(CARBON_LEVEL_DEFAULT);
	assert_int_equal(desc.begin_time, 0);
	fake_set(&desc.array_inx, "1-100");
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	assert_int_equal(desc.begin_time, fixture.clean_at);
	assert_true(said("a task"));
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

#define THREADS 8

static void *submit_many(void *arg)
{
	size_t *delayed = arg;

	for (int i = 0; i < 200; i++) {
		job_desc_msg_t mine;
		char *message = NULL;

		fake_desc_init(&mine);
		mine.user_id = 2000 + (uint32_t)i;
		if (job_submit(&mine, mine.user_id, &message) == SLURM_SUCCESS && message &&
		    mine.begin_time == fixture.clean_at)
			++*delayed;
		slurm_xfree((void **)&message);
		fake_desc_fini(&mine);
	}
	return NULL;
}

static void submissions_run_side_by_side(void **state)
{
	pthread_t threads[THREADS];
	size_t delayed[THREADS] = {0};
	struct carbon_site site;

	(void)state;
	fixture_write_outlook(&fixture, time(NULL));
	fixture_fill_site(&site, CARBON_LEVEL_DEFAULT, time(NULL));
	site.max_waiting = 8 * 200;
	fixture_write_site(&fixture, &site);
	fixture_free_site(&site);
	assert_int_equal(init(), SLURM_SUCCESS);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, submit_many, &delayed[i]), 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(delayed[i], 200);
	}
}

/* --- room --- */

#define NODES 4

/* "batch" has NODES nodes of 64 cores, which jobs that share with nobody take one by one. */
static void write_small_cluster(time_t as_of)
{
	struct carbon_site site;

	fixture_fill_site(&site, CARBON_LEVEL_DEFAULT, time(NULL));
	site.place[0].nodes = NODES;
	site.max_waiting = 1000;
	site.jobs_as_of = as_of;
	fixture_write_site(&fixture, &site);
	fixture_free_site(&site);
}

static time_t submit_exclusive(uint32_t uid)
{
	job_desc_msg_t mine;
	char *message = NULL;
	time_t begin_at;

	fake_desc_init(&mine);
	mine.user_id = uid;
	mine.shared = 0;
	assert_int_equal(job_submit(&mine, uid, &message), SLURM_SUCCESS);
	begin_at = mine.begin_time;
	slurm_xfree((void **)&message);
	fake_desc_fini(&mine);
	return begin_at;
}

/* Of an hour each, none may overlap with NODES others. */
static void assert_room(const time_t *begin_at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t together = 0;

		if (!begin_at[i])
			continue;
		for (size_t k = 0; k < count; k++)
			together += begin_at[k] && begin_at[k] <= begin_at[i] && begin_at[i] < begin_at[k] + 3600;
		assert_true(together <= NODES);
	}
}

static void jobs_spread_over_the_clean_hours_as_far_as_there_is_room(void **state)
{
	time_t begin_at[60];
	size_t delayed = 0, first = 0;

	(void)state;
	fixture_write_outlook(&fixture, time(NULL));
	write_small_cluster(time(NULL) - 60);
	assert_int_equal(init(), SLURM_SUCCESS);
	for (size_t i = 0; i < COUNT_OF(begin_at); i++) {
		begin_at[i] = submit_exclusive(3000 + (uint32_t)i);
		delayed += begin_at[i] != 0;
		first += begin_at[i] == fixture.clean_at;
		assert_true(begin_at[i] == 0 || begin_at[i] >= fixture.clean_at);
	}
	assert_int_equal(first, NODES);
	/* As many whole hours as there are between the clean time and the latest begin, 12 h on. */
	assert_true(delayed >= 5 * NODES && delayed <= 7 * NODES);
	assert_room(begin_at, COUNT_OF(begin_at));
}

static void *submit_some(void *arg)
{
	time_t *begin_at = arg;

	for (uint32_t i = 0; i < 10; i++)
		begin_at[i] = submit_exclusive(4000 + i);
	return NULL;
}

static void two_that_look_at_once_do_not_both_take_the_last_room(void **state)
{
	pthread_t threads[THREADS];
	time_t begin_at[THREADS * 10];

	(void)state;
	fixture_write_outlook(&fixture, time(NULL));
	write_small_cluster(time(NULL) - 60);
	assert_int_equal(init(), SLURM_SUCCESS);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, submit_some, &begin_at[i * 10]), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_room(begin_at, COUNT_OF(begin_at));
}

static void delayed_jobs_rank_lower(void **state)
{
	struct carbon_record record;

	(void)state;
	desc.nice = NICE_OFFSET + 7;
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_int_equal(desc.nice, NICE_OFFSET + 107);
	assert_int_equal(carbon_record_read(desc.admin_comment, &record, NULL), 1);
	assert_int_equal(record.nice, 100);
}

static void nice_keeps_within_slurms_bounds(void **state)
{
	(void)state;
	desc.nice = NO_VAL - 5;
	submit_at(CARBON_LEVEL_DEFAULT);
	expect_delay();
	assert_int_equal(desc.nice, NO_VAL - 1);
}

static void who_is_not_delayed_ranks_as_before(void **state)
{
	(void)state;
	submit_at(CARBON_LEVEL_OBSERVE);
	assert_int_equal(desc.nice, NO_VAL);
	assert_non_null(desc.admin_comment);
}

static void a_paused_site_delays_nothing_and_says_so(void **state)
{
	struct carbon_site site;

	(void)state;
	fixture_write_outlook(&fixture, time(NULL));
	fixture_fill_site(&site, CARBON_LEVEL_DEFAULT, time(NULL));
	site.paused_until_at = time(NULL) + 600;
	fixture_write_site(&fixture, &site);
	fixture_free_site(&site);
	assert_int_equal(init(), SLURM_SUCCESS);
	fake_add_environment(&desc, "CARBON_DELAY=10h");
	assert_int_equal(job_submit(&desc, 1000, &err_msg), SLURM_SUCCESS);
	assert_int_equal(desc.begin_time, 0);
	assert_true(said("carbon: not delayed: the site has paused waiting for clean power"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_is_delayed_to_the_clean_hours_recorded_and_told),
		TEST(a_job_that_may_is_moved_to_another_partition),
		TEST(a_job_that_may_move_and_not_wait_begins_at_once_elsewhere),
		TEST(a_job_is_sent_to_another_cluster_and_kept_here_to_the_last),
		TEST(a_job_that_stays_is_not_left_to_the_federation),
		TEST(clusters_that_the_user_names_are_left_as_they_are),
		TEST(a_habit_is_expected_and_a_damaged_file_is_as_none),
		TEST(the_job_can_read_what_was_expected),
		TEST(what_an_outer_job_was_told_is_replaced),
		TEST(a_job_without_an_environment_gets_none),
		TEST(interruptible_work_is_marked_and_may_be_requeued),
		TEST(who_forbids_a_requeue_is_told_and_not_interrupted),
		TEST(arrays_are_not_interrupted_and_observing_changes_nothing),
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
		TEST(the_waiting_cap_holds_between_two_sites),
		TEST(an_array_counts_with_all_its_tasks),
		TEST(modifying_changes_nothing_and_refuses_nothing),
		TEST(submissions_run_side_by_side),
		TEST(jobs_spread_over_the_clean_hours_as_far_as_there_is_room),
		TEST(two_that_look_at_once_do_not_both_take_the_last_room),
		TEST(delayed_jobs_rank_lower),
		TEST(nice_keeps_within_slurms_bounds),
		TEST(who_is_not_delayed_ranks_as_before),
		TEST(a_paused_site_delays_nothing_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
