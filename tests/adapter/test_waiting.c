/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Waiting jobs are counted per user and in all, expire, and are never undercounted where the table is full. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>

#include <cmocka.h>

#include "plugin/waiting.h"

#define NOW ((time_t)1790000000)

static int set_up(void **state)
{
	(void)state;
	carbon_waiting_clear();
	return 0;
}

static void jobs_count_for_their_user_and_in_all(void **state)
{
	struct carbon_waiting got;

	(void)state;
	carbon_waiting_add(1, NOW + 3600, NOW, 1);
	carbon_waiting_add(1, NOW + 3600, NOW, 10);
	carbon_waiting_add(2, NOW + 7200, NOW, 5);
	got = carbon_waiting_count(1, NOW - 60, NOW);
	assert_int_equal(got.user, 11);
	assert_int_equal(got.all, 16);
	assert_int_equal(carbon_waiting_count(3, NOW - 60, NOW).user, 0);
}

static void a_job_whose_begin_has_passed_no_longer_counts(void **state)
{
	(void)state;
	carbon_waiting_add(1, NOW + 600, NOW, 1);
	carbon_waiting_add(1, NOW + 6000, NOW, 1);
	assert_int_equal(carbon_waiting_count(1, NOW - 60, NOW + 500).all, 2);
	assert_int_equal(carbon_waiting_count(1, NOW - 60, NOW + 660).all, 1);
	assert_int_equal(carbon_waiting_count(1, NOW - 60, NOW + 6060).all, 0);
}

static void a_job_that_the_site_has_counted_no_longer_counts_here(void **state)
{
	(void)state;
	carbon_waiting_add(1, NOW + 6000, NOW, 1);
	carbon_waiting_add(1, NOW + 6000, NOW + 300, 1);
	assert_int_equal(carbon_waiting_count(1, NOW + 120, NOW + 300).all, 1);
}

static void a_full_table_counts_as_too_many_until_rows_expire(void **state)
{
	(void)state;
	for (uint32_t uid = 0; uid < CARBON_WAITING_ROWS; uid++)
		carbon_waiting_add(uid, NOW + 3600, NOW, 1);
	assert_int_equal(carbon_waiting_count(0, NOW - 60, NOW).all, CARBON_WAITING_ROWS);
	carbon_waiting_add(CARBON_WAITING_ROWS, NOW + 3600, NOW, 1);
	assert_int_equal(carbon_waiting_count(0, NOW - 60, NOW).all, UINT32_MAX);
	assert_int_equal(carbon_waiting_count(0, NOW - 60, NOW).user, UINT32_MAX);
	assert_int_equal(carbon_waiting_count(0, NOW - 60, NOW + 3660).all, 0);
}

static void counts_do_not_wrap_around(void **state)
{
	(void)state;
	carbon_waiting_add(1, NOW + 3600, NOW, UINT32_MAX - 1);
	carbon_waiting_add(1, NOW + 3600, NOW, 7);
	carbon_waiting_add(1, NOW + 9000, NOW, 7);
	assert_int_equal(carbon_waiting_count(1, NOW - 60, NOW).all, UINT32_MAX);
}

#define THREADS 8
#define JOBS 500

static void *add_many(void *arg)
{
	uint32_t uid = *(uint32_t *)arg;

	for (int i = 0; i < JOBS; i++) {
		carbon_waiting_add(uid, NOW + 3600 + i, NOW, 1);
		carbon_waiting_count(uid, NOW - 60, NOW);
	}
	return NULL;
}

static void eight_threads_lose_no_job(void **state)
{
	pthread_t threads[THREADS];
	uint32_t uids[THREADS];

	(void)state;
	for (uint32_t i = 0; i < THREADS; i++) {
		uids[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, &uids[i]), 0);
	}
	for (uint32_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(carbon_waiting_count(0, NOW - 60, NOW).all, THREADS * JOBS);
	assert_int_equal(carbon_waiting_count(3, NOW - 60, NOW).user, JOBS);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(jobs_count_for_their_user_and_in_all),
		TEST(a_job_whose_begin_has_passed_no_longer_counts),
		TEST(a_job_that_the_site_has_counted_no_longer_counts_here),
		TEST(a_full_table_counts_as_too_many_until_rows_expire),
		TEST(counts_do_not_wrap_around),
		TEST(eight_threads_lose_no_job),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
