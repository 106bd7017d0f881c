/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Site and outlook are looked at once a second, swapped whole, and every bad file is named once in the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin/snapshot.h"
#include "tests/adapter/fake_slurm.h"
#include "tests/adapter/fixture.h"

#define NOW ((time_t)1790000000)

static struct fixture fixture;

static int set_up(void **state)
{
	(void)state;
	fake_slurm_reset();
	fixture_init(&fixture, NOW);
	carbon_snapshot_init(fixture.folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	carbon_snapshot_fini();
	fixture_fini(&fixture);
	return 0;
}

/* What is there at NOW: 's' for a site, 'o' for an outlook, in this order. */
static const char *there(time_t now)
{
	struct carbon_snapshot snapshot;
	const char *text;

	carbon_snapshot_take(now, &snapshot);
	if (snapshot.site)
		text = snapshot.outlook ? "so" : "s";
	else
		text = snapshot.outlook ? "o" : "";
	assert_true((snapshot.counted != NULL) == (snapshot.site && snapshot.outlook));
	carbon_snapshot_drop(&snapshot);
	return text;
}

static void both_files_are_read(void **state)
{
	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	assert_string_equal(there(NOW), "so");
	assert_int_equal(fake_lines(), 2);
	assert_int_equal(fake_lines_with("is read"), 2);
}

static void missing_files_are_named_once(void **state)
{
	(void)state;
	for (time_t now = NOW; now < NOW + 200; now++)
		assert_string_equal(there(now), "");
	assert_int_equal(fake_lines(), 2);
	assert_int_equal(fake_lines_with("error: carbon: inactive: "), 1);
	assert_int_equal(fake_lines_with("error: carbon: jobs are left alone: "), 1);
	assert_int_equal(fake_lines_with("/site: No such file"), 1);
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	assert_string_equal(there(NOW + 200), "so");
	assert_int_equal(fake_lines(), 4);
}

static void a_file_is_looked_at_once_a_second(void **state)
{
	(void)state;
	assert_string_equal(there(NOW), "");
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	assert_string_equal(there(NOW), "");
	assert_string_equal(there(NOW + 1), "so");
	unlink(fixture.site_path);
	assert_string_equal(there(NOW + 1), "so");
	assert_string_equal(there(NOW), "o"); /* a clock that was set back is no reason to sleep */
}

static void what_is_held_outlives_a_new_file(void **state)
{
	struct carbon_snapshot old, new;
	struct carbon_site site;

	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	carbon_snapshot_take(NOW, &old);
	fixture_fill_site(&site, CARBON_LEVEL_OFF, NOW + 5);
	fixture_write_site(&fixture, &site);
	fixture_free_site(&site);
	carbon_snapshot_take(NOW + 1, &new);
	assert_int_equal(old.site->level, CARBON_LEVEL_DEFAULT);
	assert_int_equal(new.site->level, CARBON_LEVEL_OFF);
	assert_ptr_equal(old.outlook, new.outlook);
	assert_ptr_not_equal(old.counted, new.counted);
	carbon_snapshot_fini();
	assert_int_equal(old.site->level, CARBON_LEVEL_DEFAULT);
	carbon_snapshot_drop(&old);
	carbon_snapshot_drop(&new);
}

/* --- files that are not to be believed --- */

static char *slurp(const char *path)
{
	static char text[1 << 16];
	FILE *file = fopen(path, "r");
	size_t length;

	assert_non_null(file);
	length = fread(text, 1, sizeof(text) - 1, file);
	text[length] = '\0';
	fclose(file);
	return text;
}

static void cut(const char *path)
{
	char *text = slurp(path);

	text[strlen(text) / 2] = '\0';
	fixture_write_text(path, text);
}

static void flip(const char *path)
{
	char *text = slurp(path);
	char *digit = text + strlen(text) / 2;

	while (*digit < '0' || *digit > '8')
		digit++;
	++*digit;
	fixture_write_text(path, text);
}

/* "carbon-site 1" to "carbon-site 9": from a newer slurm-carbon. */
static void renumber(const char *path)
{
	char *text = slurp(path);
	char *version = strstr(text, " 1");

	assert_non_null(version);
	version[1] = '9';
	fixture_write_text(path, text);
}

static void empty(const char *path)
{
	fixture_write_text(path, "");
}

static void make_html(const char *path)
{
	fixture_write_text(path, "<html><body>404</body></html>\n");
}

static void open_to_others(const char *path)
{
	assert_int_equal(chmod(path, 0666), 0);
}

static void make_fifo(const char *path)
{
	unlink(path);
	assert_int_equal(mkfifo(path, 0644), 0);
}

static void make_folder(const char *path)
{
	unlink(path);
	assert_int_equal(mkdir(path, 0755), 0);
}

static void (*const damages[])(const char *path) = {
	cut, flip, renumber, empty, make_html, open_to_others, make_fifo, make_folder,
};

static void check_damage(void (*damage)(const char *), bool of_site)
{
	const char *path = of_site ? fixture.site_path : fixture.outlook_path;

	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	assert_string_equal(there(NOW), "so");
	damage(path);
	/* Before the retry comes, the damage is seen by its new mtime, inode or size; chmod changes none. */
	if (damage == open_to_others)
		carbon_snapshot_fini(), carbon_snapshot_init(fixture.folder);
	assert_string_equal(there(NOW + 1), of_site ? "o" : "s");
	assert_string_equal(there(NOW + 2), of_site ? "o" : "s");
	assert_int_equal(fake_lines_with(path), 2);
	assert_int_equal(fake_lines_with("error: "), 1);
	if (damage == make_folder)
		rmdir(path);
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	assert_string_equal(there(NOW + 3), "so");
	carbon_snapshot_fini();
	carbon_snapshot_init(fixture.folder);
	fake_slurm_reset();
}

static void a_damaged_site_makes_the_plugin_inactive_until_a_good_one_comes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		check_damage(damages[i], true);
}

static void a_damaged_outlook_leaves_the_site_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++)
		check_damage(damages[i], false);
}

static void a_refused_file_is_tried_again_after_chmod_alone(void **state)
{
	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	chmod(fixture.site_path, 0666);
	assert_string_equal(there(NOW), "o");
	chmod(fixture.site_path, 0644);
	assert_string_equal(there(NOW + 1), "o");
	assert_string_equal(there(NOW + 60), "so");
}

static void a_file_of_another_user_is_refused(void **state)
{
	(void)state;
	/* Only root can give a file away; others cannot make this test's case. */
	if (geteuid() != 0)
		return;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	assert_int_equal(chown(fixture.outlook_path, 65534, 65534), 0);
	assert_string_equal(there(NOW), "s");
	assert_int_equal(fake_lines_with("owned by user 65534"), 1);
}

static void a_stale_outlook_is_said_once_and_once_more_when_it_is_over(void **state)
{
	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	there(NOW);
	fake_slurm_reset();
	for (time_t now = NOW + 3 * 3600; now < NOW + 3 * 3600 + 100; now++)
		there(now);
	assert_int_equal(fake_lines(), 1);
	assert_int_equal(fake_lines_with("jobs are left alone"), 1);
	fixture_write_outlook(&fixture, NOW + 3 * 3600);
	there(NOW + 3 * 3600 + 100);
	assert_int_equal(fake_lines_with("no longer too old"), 1);
}

static void a_folder_with_too_long_a_name_is_inactive(void **state)
{
	char name[5000];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[0] = '/';
	name[sizeof(name) - 1] = '\0';
	carbon_snapshot_init(name);
	assert_string_equal(there(NOW), "");
}

/* --- threads --- */

#define THREADS 8

static void *take_many(void *arg)
{
	size_t *seen = arg;

	for (time_t now = NOW; now < NOW + 300; now++) {
		struct carbon_snapshot snapshot;

		carbon_snapshot_take(now, &snapshot);
		if (snapshot.site && snapshot.site->places == 3)
			++*seen;
		carbon_snapshot_drop(&snapshot);
	}
	return NULL;
}

static void threads_take_and_drop_while_the_files_change(void **state)
{
	pthread_t threads[THREADS];
	size_t seen[THREADS] = {0};

	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	there(NOW);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, take_many, &seen[i]), 0);
	for (int i = 0; i < 50; i++)
		fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW + i);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(seen[i], 300);
	}
}

/* --- habits: a third file that need not be there --- */

static bool has_habits(time_t now)
{
	struct carbon_snapshot snapshot;
	bool has;

	carbon_snapshot_take(now, &snapshot);
	has = snapshot.habits != NULL;
	assert_non_null(snapshot.site);
	assert_non_null(snapshot.outlook);
	carbon_snapshot_drop(&snapshot);
	return has;
}

static void habits_that_never_were_are_not_spoken_of(void **state)
{
	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	for (time_t now = NOW; now < NOW + 200; now++)
		assert_false(has_habits(now));
	assert_int_equal(fake_lines(), 2);
	fixture_write_habits(&fixture, "adapter", 3600, NOW);
	assert_true(has_habits(NOW + 200));
	assert_int_equal(fake_lines_with("/habits is read"), 1);
	unlink(fixture.habits_path);
	assert_false(has_habits(NOW + 201));
	assert_false(has_habits(NOW + 202));
	assert_int_equal(fake_lines_with("error: carbon: run times are expected from limits: "), 1);
	assert_int_equal(fake_lines(), 4);
}

static void damaged_habits_are_as_none_and_said_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		fake_slurm_reset();
		carbon_snapshot_fini();
		carbon_snapshot_init(fixture.folder);
		fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
		fixture_write_habits(&fixture, "adapter", 3600, NOW);
		damages[i](fixture.habits_path);
		assert_false(has_habits(NOW + 1));
		assert_false(has_habits(NOW + 2));
		assert_int_equal(fake_lines_with("error: carbon: run times are expected from limits: "), 1);
		assert_int_equal(fake_lines(), 3);
		if (damages[i] == make_folder)
			rmdir(fixture.habits_path);
		unlink(fixture.habits_path);
		fixture_write_habits(&fixture, "adapter", 3600, NOW);
		assert_true(has_habits(NOW + 3));
		assert_int_equal(fake_lines(), 4);
	}
}

static void habits_of_another_cluster_are_as_none(void **state)
{
	(void)state;
	fixture_write(&fixture, CARBON_LEVEL_DEFAULT, NOW);
	fixture_write_habits(&fixture, "another", 3600, NOW);
	assert_false(has_habits(NOW));
	assert_false(has_habits(NOW + 1));
	assert_int_equal(fake_lines_with("of cluster another, and this one is adapter"), 1);
	fixture_write_habits(&fixture, "adapter", 3601, NOW);
	assert_true(has_habits(NOW + 2));
	assert_int_equal(fake_lines_with("no longer those of another cluster"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_files_are_read),
		TEST(missing_files_are_named_once),
		TEST(a_file_is_looked_at_once_a_second),
		TEST(what_is_held_outlives_a_new_file),
		TEST(a_damaged_site_makes_the_plugin_inactive_until_a_good_one_comes),
		TEST(a_damaged_outlook_leaves_the_site_alone),
		TEST(a_refused_file_is_tried_again_after_chmod_alone),
		TEST(a_file_of_another_user_is_refused),
		TEST(a_stale_outlook_is_said_once_and_once_more_when_it_is_over),
		TEST(a_folder_with_too_long_a_name_is_inactive),
		TEST(habits_that_never_were_are_not_spoken_of),
		TEST(damaged_habits_are_as_none_and_said_once),
		TEST(habits_of_another_cluster_are_as_none),
		TEST(threads_take_and_drop_while_the_files_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
