/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Newer slurmctlds call job_submit from several threads at once, while carbonctl replaces the files:
 * what a thread holds must stay whole until it is dropped. Says most under the sanitizers.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin/snapshot.h"
#include "tests/adapter/fixture.h"

#define THREADS 8
#define TAKES 4000
#define REWRITES 60
#define NOW ((time_t)1790000000)

static struct fixture fixture;
static atomic_long ticks;
static atomic_int wrong, seen;

/* Each take is a second later than the one before it, so that the files are looked at all the time. */
static void *submit(void *unused)
{
	(void)unused;
	for (int i = 0; i < TAKES; i++) {
		struct carbon_snapshot snapshot;

		carbon_snapshot_take(NOW + atomic_fetch_add(&ticks, 1), &snapshot);
		if (snapshot.site) {
			const struct carbon_place *place = carbon_site_place(snapshot.site, "batch");

			seen++;
			if (!place || place->zone[0] != 'D' || snapshot.site->level != CARBON_LEVEL_DEFAULT)
				wrong++;
		}
		if (snapshot.outlook && !carbon_outlook_find(snapshot.outlook, "DE", CARBON_SIGNAL_LIFECYCLE))
			wrong++;
		carbon_snapshot_drop(&snapshot);
	}
	return NULL;
}

static void *rewrite(void *unused)
{
	(void)unused;
	for (int i = 0; i < REWRITES; i++) {
		fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW + i);
		if (i % 10 == 9)
			unlink(fixture.site_path);
	}
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	return NULL;
}

static void what_a_thread_holds_stays_whole_while_files_change(void **state)
{
	pthread_t thread[THREADS], writer;

	(void)state;
	fixture_init(&fixture, NOW);
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	carbon_snapshot_init(fixture.folder);
	assert_int_equal(pthread_create(&writer, NULL, rewrite, NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, submit, NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	pthread_join(writer, NULL);
	carbon_snapshot_fini();
	fixture_fini(&fixture);
	assert_int_equal(wrong, 0);
	assert_true(seen > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_thread_holds_stays_whole_while_files_change),
	};

	return cmocka_run_group_tests_name("threads", tests, NULL, NULL);
}
