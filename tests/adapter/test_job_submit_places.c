/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest where a job may run elsewhere, is known by habit or may be interrupted: what the description says then.
 */
#include <signal.h>

#include "lib/record.h"
#include "plugin/slurm_shim.h"
#include "tests/adapter/fake_slurm.h"
#include "tests/adapter/fixture.h"
#include "tests/adapter/guest.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_job_that_may_is_moved_to_another_partition),
		TEST(a_job_that_may_move_and_not_wait_begins_at_once_elsewhere),
		TEST(a_job_is_sent_to_another_cluster_and_kept_here_to_the_last),
		TEST(a_job_that_stays_is_not_left_to_the_federation),
		TEST(clusters_that_the_user_names_are_left_as_they_are),
		TEST(a_habit_is_expected_and_a_damaged_file_is_as_none),
		TEST(interruptible_work_is_marked_and_may_be_requeued),
		TEST(who_forbids_a_requeue_is_told_and_not_interrupted),
		TEST(arrays_are_not_interrupted_and_observing_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
