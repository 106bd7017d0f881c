/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Habits: what jobs are filed under, which habit is found, and the file: the stored sample of
 * version 1 means the same for ever, what is written is read back, whatever is wrong is refused
 * by name. Touches nothing but the sample.
 */
#include "lib/habit.h"

#include "lib/buf.h"
#include "lib/err.h"
#include "tests/unit/support.h"
#include "tests/unit/unit.h"

#define SAMPLE "samples/habits.v1"
#define WRITTEN ((time_t)1790001900)
#define LAST ((time_t)1790000000)

static const struct carbon_habit_ask train = {1000, "Train_017", "gpu", 8, 2};

static void parse_sample(struct carbon_habits *habits)
{
	struct carbon_err err = {""};
	size_t length;
	char *text = support_document(SAMPLE, &length);

	if (carbon_habits_parse(text, length, habits, &err))
		fail_msg("%s", err.text);
	free(text); /* nothing may point into it */
}

/* --- names and keys --- */

static void names_that_only_count_become_one(void **state)
{
	static const struct {
		const char *name, *normalised;
	} rows[] = {
		{"Train_017", "train_#"},
		{"train_18", "train_#"},
		{"7", "#"},
		{"2024-05-01", "#-#-#"},
		{"", ""},
		{"a1b22c333", "a#b#c#"},
		{"wrap", "wrap"},
		{"#1", "##"},
		{"\xc3\x84rger9", "\xc3\x84rger#"},
	};
	char out[CARBON_HABIT_NAME_MAX], name[300];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		carbon_habit_normalise(rows[i].name, out);
		assert_string_equal(out, rows[i].normalised);
	}
	memset(name, 'X', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	carbon_habit_normalise(name, out);
	assert_int_equal(strlen(out), CARBON_HABIT_NAME_MAX - 1);
}

static bool same_key(enum carbon_habit_level level, const struct carbon_habit_ask *a,
		     const struct carbon_habit_ask *b)
{
	struct carbon_habit_key left, right;

	assert_true(carbon_habit_key(level, a, &left));
	assert_true(carbon_habit_key(level, b, &right));
	return carbon_habit_key_compare(&left, &right) == 0;
}

static void a_key_holds_what_its_level_names_and_no_more(void **state)
{
	struct carbon_habit_ask other = train;
	struct carbon_habit_key key;

	(void)state;
	other.name = "train_18";
	other.partition = "cpu";
	other.cores = 1;
	assert_true(same_key(CARBON_HABIT_NAME, &train, &other));
	assert_true(same_key(CARBON_HABIT_USER, &train, &other));
	assert_false(same_key(CARBON_HABIT_CLASS, &train, &other));
	other = train;
	other.uid = 1001;
	assert_false(same_key(CARBON_HABIT_NAME, &train, &other));
	assert_false(same_key(CARBON_HABIT_USER, &train, &other));
	assert_true(same_key(CARBON_HABIT_CLASS, &train, &other));
	other.name = NULL;
	other.partition = "";
	assert_false(carbon_habit_key(CARBON_HABIT_NAME, &other, &key));
	assert_false(carbon_habit_key(CARBON_HABIT_CLASS, &other, &key));
	assert_true(carbon_habit_key(CARBON_HABIT_USER, &other, &key));
}

static void sizes_are_classed_by_powers_of_two(void **state)
{
	struct carbon_habit_ask eight = train, other = train;

	(void)state;
	for (other.cores = 5; other.cores <= 8; other.cores++)
		assert_true(same_key(CARBON_HABIT_CLASS, &eight, &other));
	other.cores = 9;
	assert_false(same_key(CARBON_HABIT_CLASS, &eight, &other));
	other.cores = 4;
	assert_false(same_key(CARBON_HABIT_CLASS, &eight, &other));
	other = train;
	eight.gpus = 0;
	other.gpus = 1;
	assert_false(same_key(CARBON_HABIT_CLASS, &eight, &other));
	eight.cores = NAN;
	other.cores = -1;
	other.gpus = 0;
	assert_true(same_key(CARBON_HABIT_CLASS, &eight, &other));
	other.cores = 1e300;
	assert_false(same_key(CARBON_HABIT_CLASS, &eight, &other));
}

static void a_users_jobs_never_count_as_anothers(void **state)
{
	struct carbon_habit habit = {
		.key = {42, 1000}, .runs = 3, .median_s = 60, .p90_s = 60, .last_at = LAST};
	struct carbon_habit_key same_hash = {42, 1001};

	(void)state;
	assert_true(carbon_habit_key_compare(&habit.key, &same_hash) < 0);
}

/* --- finding --- */

static void the_most_particular_habit_is_found(void **state)
{
	enum carbon_habit_level level = CARBON_HABIT_LEVELS;
	struct carbon_habit_ask ask = train;
	const struct carbon_habit *habit;
	struct carbon_habits habits;

	(void)state;
	parse_sample(&habits);
	habit = carbon_habits_find(&habits, &ask, WRITTEN, &level);
	assert_non_null(habit);
	assert_int_equal(level, CARBON_HABIT_NAME);
	assert_int_equal(habit->median_s, 5400);
	ask.name = "other";
	habit = carbon_habits_find(&habits, &ask, WRITTEN, &level);
	assert_non_null(habit);
	assert_int_equal(level, CARBON_HABIT_USER);
	assert_int_equal(habit->median_s, 3600);
	ask.uid = 1005;
	habit = carbon_habits_find(&habits, &ask, WRITTEN, &level);
	assert_non_null(habit);
	assert_int_equal(level, CARBON_HABIT_CLASS);
	assert_int_equal(habit->median_s, 2700);
	ask.partition = "cpu";
	level = CARBON_HABIT_LEVELS;
	assert_null(carbon_habits_find(&habits, &ask, WRITTEN, &level));
	assert_null(carbon_habits_find(NULL, &train, WRITTEN, &level));
	assert_int_equal(level, CARBON_HABIT_LEVELS);
	carbon_habits_fini(&habits);
}

static struct carbon_habit *of_level(struct carbon_habits *habits,
				     enum carbon_habit_level level)
{
	struct carbon_habit_key key;

	assert_true(carbon_habit_key(level, &train, &key));
	for (size_t i = 0; i < habits->count; i++)
		if (carbon_habit_key_compare(&habits->habit[i].key, &key) == 0)
			return &habits->habit[i];
	fail();
	return NULL;
}

static void few_or_old_runs_are_no_habit(void **state)
{
	enum carbon_habit_level level;
	struct carbon_habits habits;

	(void)state;
	parse_sample(&habits);
	of_level(&habits, CARBON_HABIT_NAME)->runs = 2;
	assert_non_null(carbon_habits_find(&habits, &train, WRITTEN, &level));
	assert_int_equal(level, CARBON_HABIT_USER);
	of_level(&habits, CARBON_HABIT_USER)->last_at = WRITTEN - CARBON_HABIT_OLD_S - 1;
	assert_non_null(carbon_habits_find(&habits, &train, WRITTEN, &level));
	assert_int_equal(level, CARBON_HABIT_CLASS);
	carbon_habits_fini(&habits);
}

static int by_key(const void *a, const void *b)
{
	const struct carbon_habit *left = a, *right = b;

	return carbon_habit_key_compare(&left->key, &right->key);
}

/* As many as there may be, with the longest numbers: all are found, and memory and file stay
 * under 8 MB. */
static void a_hundred_thousand_fit_and_are_found(void **state)
{
	struct carbon_habits habits = {WRITTEN, "alpha", CARBON_HABITS_MAX, NULL}, again;
	struct carbon_habit_ask ask = train;
	enum carbon_habit_level level;
	struct carbon_err err = {""};
	struct carbon_buf buf;

	(void)state;
	habits.habit = calloc(habits.count, sizeof(*habits.habit));
	assert_non_null(habits.habit);
	for (uint32_t i = 0; i < CARBON_HABITS_MAX; i++) {
		ask.uid = 4000000000u + i;
		assert_true(carbon_habit_key(CARBON_HABIT_NAME, &ask, &habits.habit[i].key));
		habits.habit[i].runs = CARBON_HABIT_RUNS_MAX;
		habits.habit[i].median_s = habits.habit[i].p90_s = 100000000 + i;
		habits.habit[i].power_w = 12345.6f;
		habits.habit[i].last_at = LAST;
	}
	qsort(habits.habit, habits.count, sizeof(*habits.habit), by_key);
	carbon_buf_init(&buf, CARBON_HABITS_SIZE_MAX);
	if (carbon_habits_format(&habits, &buf, &err) ||
	    carbon_habits_parse(buf.text, buf.length, &again, &err))
		fail_msg("%s", err.text);
	assert_true(sizeof(struct carbon_habit) * CARBON_HABITS_MAX < 8000000 &&
		    buf.length < 8388608);
	for (uint32_t i = 0; i < CARBON_HABITS_MAX; i++) {
		const struct carbon_habit *habit;

		ask.uid = 4000000000u + i;
		habit = carbon_habits_find(&again, &ask, WRITTEN, &level);
		assert_true(habit && habit->median_s == 100000000 + i);
	}
	carbon_habits_fini(&habits);
	carbon_habits_fini(&again);
	carbon_buf_fini(&buf);
}

/* --- the file --- */

static void version_1_means_the_same_for_ever(void **state)
{
	struct carbon_habits habits;
	const struct carbon_habit *habit;

	(void)state;
	parse_sample(&habits);
	assert_int_equal(habits.written_at, WRITTEN);
	assert_string_equal(habits.cluster, "alpha");
	assert_int_equal(habits.count, 4);
	habit = of_level(&habits, CARBON_HABIT_NAME);
	assert_int_equal(habit->key.uid, 1000);
	assert_int_equal(habit->runs, 12);
	assert_int_equal(habit->median_s, 5400);
	assert_int_equal(habit->p90_s, 7260);
	assert_true(habit->power_w == 412.5f);
	assert_int_equal(habit->last_at, LAST);
	assert_int_equal(of_level(&habits, CARBON_HABIT_CLASS)->key.uid, CARBON_HABIT_NO_USER);
	carbon_habits_fini(&habits);
}

static void what_is_written_is_what_was_read(void **state)
{
	struct carbon_habits habits;
	struct carbon_err err = {""};
	struct carbon_buf buf;
	size_t length;
	char *text = support_document(SAMPLE, &length);

	(void)state;
	parse_sample(&habits);
	carbon_buf_init(&buf, CARBON_HABITS_SIZE_MAX);
	if (carbon_habits_format(&habits, &buf, &err))
		fail_msg("%s", err.text);
	assert_int_equal(buf.length, length);
	assert_memory_equal(buf.text, text, length);
	carbon_habits_fini(&habits);
	carbon_buf_fini(&buf);
	free(text);
}

static void the_manuals_example_is_the_sample(void **state)
{
	size_t length, example_length;
	char *text = support_document(SAMPLE, &length);
	char *example =
		support_example("carbon-habits.5", "carbon-habits 1\nwritten", &example_length);

	(void)state;
	assert_int_equal(example_length, length);
	assert_memory_equal(example, text, length);
	free(text);
	free(example);
}

/* The habits must be untouched: they are compared byte by byte. */
static void assert_refused(const char *text, size_t length, const char *why)
{
	struct carbon_habits habits, before;
	struct carbon_err err = {""};

	memset(&habits, 0x5a, sizeof(habits));
	memcpy(&before, &habits, sizeof(habits));
	assert_int_equal(carbon_habits_parse(text, length, &habits, &err), -1);
	assert_memory_equal(&habits, &before, sizeof(habits));
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void what_is_wrong_is_refused_by_line(void **state)
{
	static const struct {
		const char *old, *new, *why;
	} rows[] = {
		{"carbon-habits 1", "carbon-site 1", "line 1: not a carbon-habits file"},
		{"carbon-habits 1", "carbon-habits 2", "newer version"},
		{"written 1790001900", "written 0",
		 "line 2: \"written 0\" should be written TIME"},
		{"written 1790001900\n", "",
		 "line 2: \"cluster alpha\" should be written TIME"},
		{"cluster alpha", "cluster a,b",
		 "line 3: \"cluster a,b\" should be cluster NAME"},
		{"5986d70c5e1806e2", "5986D70C5E1806E2", "line 4: "},
		{"5986d70c5e1806e2", "986d70c5e1806e2", "line 4: "},
		{"5986d70c5e1806e2", "f986d70c5e1806e2", "line 5: "},
		{" 1000 57", " 4294967295 57", "line 4: "},
		{" 1000 57", " -1 57", "line 4: "},
		{" 57 ", " 0 ", "line 4: "},
		{" 57 ", " 1000001 ", "line 4: "},
		{" 3600 14400", " 14401 14400", "line 4: "},
		{" 3600 14400", " 0 14400", "line 4: "},
		{" 3600 14400", " 3600 315360001", "line 4: "},
		{" 412.5 ", " nan ", "line 5: "},
		{" 412.5 ", " 4e2 ", "line 5: "},
		{" 412.5 ", " 100000000.1 ", "line 5: "},
		{"0 1790000000\n", "0 0\n", "line 4: "},
		{"0 1790000000\n", "0 1790000000 more\n", "line 4: "},
		{"0 1790000000\n", "0\n", "line 4: "},
		{"0 1790000000\n", "0 99999999999999999999999\n", "line 4: "},
		{"habit 5", "habits 5", "line 4: "},
	};
	size_t length;
	char *sample = support_document(SAMPLE, &length);

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t edited;
		char *text = support_edit(sample, rows[i].old, rows[i].new, &edited);

		assert_refused(text, edited, rows[i].why);
		free(text);
	}
	for (size_t cut = 0; cut < length; cut++)
		assert_refused(sample, cut, "line ");
	sample[length / 2] ^= 1;
	assert_refused(sample, length, "crc32");
	free(sample);
}

static void what_could_not_be_read_is_not_written(void **state)
{
	struct carbon_habit habit = {
		.key = {1, 2}, .runs = 3, .median_s = 60, .p90_s = 90, .last_at = LAST};
	struct carbon_habit wrong[] = {habit, habit, habit, habit, habit};
	struct carbon_habits habits = {WRITTEN, "alpha", 1, NULL};
	struct carbon_buf buf;

	(void)state;
	wrong[0].runs = 0;
	wrong[1].median_s = 91;
	wrong[2].power_w = NAN;
	wrong[3].power_w = -1;
	wrong[4].last_at = 0;
	carbon_buf_init(&buf, CARBON_HABITS_SIZE_MAX);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		habits.habit = &wrong[i];
		assert_int_equal(carbon_habits_format(&habits, &buf, NULL), -1);
		assert_int_equal(buf.length, 0);
	}
	habits.habit = &habit;
	assert_int_equal(carbon_habits_format(&habits, &buf, NULL), 0);
	buf.length = 0;
	wrong[0] = wrong[1] = habit;
	habits.habit = wrong;
	habits.count = 2;
	assert_int_equal(carbon_habits_format(&habits, &buf, NULL), -1);
	snprintf(habits.cluster, sizeof(habits.cluster), "no name");
	habits.count = 0;
	assert_int_equal(carbon_habits_format(&habits, &buf, NULL), -1);
	carbon_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_that_only_count_become_one),
		cmocka_unit_test(a_key_holds_what_its_level_names_and_no_more),
		cmocka_unit_test(sizes_are_classed_by_powers_of_two),
		cmocka_unit_test(a_users_jobs_never_count_as_anothers),
		cmocka_unit_test(the_most_particular_habit_is_found),
		cmocka_unit_test(few_or_old_runs_are_no_habit),
		cmocka_unit_test(a_hundred_thousand_fit_and_are_found),
		cmocka_unit_test(version_1_means_the_same_for_ever),
		cmocka_unit_test(what_is_written_is_what_was_read),
		cmocka_unit_test(the_manuals_example_is_the_sample),
		cmocka_unit_test(what_is_wrong_is_refused_by_line),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
