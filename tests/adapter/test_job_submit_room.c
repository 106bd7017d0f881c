/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guest among many jobs: caps, the room of the clean hours, submissions side by side, and who ranks behind whom.
 */
#include <pthread.h>

#include "lib/record.h"
#include "plugin/slurm_shim.h"
#include "plugin/waiting.h"
#include "tests/adapter/fake_slurm.h"
#include "tests/adapter/fixture.h"
#include "tests/adapter/guest.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_waiting_cap_holds_between_two_sites),
		TEST(an_array_counts_with_all_its_tasks),
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
