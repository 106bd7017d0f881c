/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which tasks an array has, some of them taken, and whether they are still there. */
#include "tests/unit/unit.h"

#include "lib/array.h"

static void some_of_the_tasks_are_named_as_slurm_does(void **state)
{
	static const struct {
		const char *indices;
		uint32_t first, count;
		const char *out; /* NULL: an error */
	} cases[] = {
		{"0-11%2", 0, 4, "0-3"},
		{"0-11%2", 4, 8, "4-11"},
		{"0-11", 11, 1, "11"},
		{"[0-11%2]", 2, 2, "2-3"},
		{"1-9:2", 1, 3, "3-7:2"},
		{"1-9:2,20", 4, 2, "9,20"},
		{"3,5,9-12,40", 1, 4, "5,9-11"},
		{"3,5,9-12,40", 6, 1, "40"},
		{"7", 0, 1, "7"},
		{"0-11", 11, 2, NULL},
		{"0-11", 12, 1, NULL},
		{"0-3,...", 2, 4, NULL},
		{"", 0, 1, NULL},
		{"x", 0, 1, NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		char out[CARBON_ARRAY_TEXT_MAX];
		int rc = carbon_array_take(cases[i].indices, cases[i].first, cases[i].count, out);

		assert_row(cases[i].indices, (rc == 0) == (cases[i].out != NULL));
		if (cases[i].out)
			assert_string_equal(out, cases[i].out);
	}
}

static void a_name_that_would_be_too_long_is_none(void **state)
{
	static char indices[16 * 1024];
	char out[CARBON_ARRAY_TEXT_MAX];
	size_t length = 0;

	(void)state;
	for (int i = 0; i < 2000; i++)
		length += (size_t)snprintf(indices + length, sizeof(indices) - length, "%s%d", i ? "," : "", i * i);
	assert_int_equal(carbon_array_take(indices, 0, 256, out), 0);
	assert_int_equal(carbon_array_take(indices, 0, 2000, out), -1);
}

static void tasks_that_have_left_are_missed(void **state)
{
	static const struct {
		const char *indices, *some;
		bool has;
	} cases[] = {
		{"0-11%2", "0-3", true}, {"4-11%2", "0-3", false}, {"4-11", "4-11", true},
		{"4-11", "11-12", false}, {"1-9:2", "3,7", true},   {"1-9:2", "4", false},
		{"1,3,5", "1,5", true},	  {"1,3,5", "1,4", false},  {"[1,3-4]", "4", true},
		{"", "1", false},	  {"1", "", false},	    {"1,...", "9", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_row(cases[i].some, carbon_array_has(cases[i].indices, cases[i].some) == cases[i].has);
}

/* Taken one after another, the parts are the whole. */
static void all_parts_together_are_the_array(void **state)
{
	struct dice dice = dice_start("array");

	(void)state;
	for (int round = 0; round < 200; round++) {
		char indices[256] = "", out[CARBON_ARRAY_TEXT_MAX];
		long long at = 0;
		struct carbon_array array, part;

		for (int i = 0; i < 5; i++) {
			long long first = at + dice_between(&dice, 1, 9), step = dice_between(&dice, 1, 3);
			size_t length = strlen(indices);

			at = first + step * dice_between(&dice, 0, 6);
			snprintf(indices + length, sizeof(indices) - length, "%s%lld-%lld:%lld", i ? "," : "", first, at, step);
		}
		carbon_array_parse(indices, &array);
		for (uint32_t first = 0, count; first < array.tasks; first += count) {
			count = (uint32_t)dice_between(&dice, 1, array.tasks - first);
			assert_int_equal(carbon_array_take(indices, first, count, out), 0);
			carbon_array_parse(out, &part);
			assert_int_equal(part.tasks, count);
			assert_true(carbon_array_has(indices, out));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(some_of_the_tasks_are_named_as_slurm_does),
		cmocka_unit_test(a_name_that_would_be_too_long_is_none),
		cmocka_unit_test(tasks_that_have_left_are_missed),
		cmocka_unit_test(all_parts_together_are_the_array),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
