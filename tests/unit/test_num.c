/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers from text: the whole text, within bounds, and nothing that strtod() alone would let through. */
#include "tests/unit/unit.h"

#include <limits.h>

#include "lib/num.h"

#define UNTOUCHED -12345

static void integers_are_read_whole(void **state)
{
	static const struct {
		const char *text;
		long long value;
	} rows[] = {{"0", 0}, {"7", 7}, {"-7", -7}, {"+7", 7}, {"007", 7}, {"-0", 0},
		    {"9223372036854775807", LLONG_MAX}, {"-9223372036854775808", LLONG_MIN}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		long long value = UNTOUCHED;

		assert_row(rows[i].text, carbon_int_parse(rows[i].text, LLONG_MIN, LLONG_MAX, &value) == 0);
		assert_row(rows[i].text, value == rows[i].value);
	}
}

static void wrong_integers_are_refused(void **state)
{
	static const char *const rows[] = {"", " ", " 7", "7 ", "7\n", "--7", "+-7", "-", "+", "7.0", "7e1", "0x7",
					   "seven", "7seven", "9223372036854775808", "-9223372036854775809",
					   "99999999999999999999999999999999"};
	long long value = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], carbon_int_parse(rows[i], LLONG_MIN, LLONG_MAX, &value) == -1);
	assert_int_equal(value, UNTOUCHED);
}

static void integers_keep_their_bounds(void **state)
{
	long long value = UNTOUCHED;

	(void)state;
	assert_int_equal(carbon_int_parse("4", 5, 10, &value), -1);
	assert_int_equal(carbon_int_parse("11", 5, 10, &value), -1);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(carbon_int_parse("5", 5, 10, &value), 0);
	assert_int_equal(carbon_int_parse("10", 5, 10, &value), 0);
	assert_int_equal(value, 10);
}

static void numbers_are_read_whole(void **state)
{
	static const struct {
		const char *text;
		double value;
	} rows[] = {{"0", 0},	{"1.5", 1.5},	  {".5", 0.5},	{"5.", 5},   {"-2.25", -2.25}, {"+3", 3},
		    {"1e3", 1e3}, {"1E+3", 1e3}, {"25e-2", 0.25}, {"0001", 1}, {"1e-400", 0}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		double value = UNTOUCHED;

		assert_row(rows[i].text, carbon_num_parse(rows[i].text, -1e9, 1e9, &value) == 0);
		assert_row(rows[i].text, value == rows[i].value);
	}
}

static void wrong_numbers_are_refused(void **state)
{
	static const char *const rows[] = {"", ".", "-", "+.", "e5", "1e", "1e+", "1e1.5", "1,5", "1.5.2", " 1", "1 ",
					   "inf", "-inf", "infinity", "nan", "NAN", "0x10", "0x1p3", "1e999", "-1e999",
					   "12 parsecs", "1_000", "1'000"};
	double value = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], carbon_num_parse(rows[i], -INFINITY, INFINITY, &value) == -1);
	assert_int_equal(carbon_num_parse("0.999", 1, 2, &value), -1);
	assert_int_equal(carbon_num_parse("2.001", 1, 2, &value), -1);
	assert_near(value, UNTOUCHED, 0);
}

static void decimals_are_scanned_up_to_what_follows(void **state)
{
	static const struct {
		const char *text;
		double value;
		size_t used;
	} rows[] = {{"0", 0, 1},	   {"12 34", 12, 2},	 {"412.75\n", 412.75, 6}, {"1.000001", 1.000001, 8},
		    {"999999999", 999999999, 9}, {"3-4", 3, 1}, {"1.5.2", 1.5, 3}, {"999999999.999999", 999999999.999999, 16}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *cursor = rows[i].text;
		double value = UNTOUCHED;

		assert_row(rows[i].text,
			   carbon_decimal_scan(&cursor, cursor + strlen(cursor), &value) == 0);
		assert_near(value, rows[i].value, 1e-9 * rows[i].value);
		assert_row(rows[i].text, cursor == rows[i].text + rows[i].used);
	}
}

static void wrong_decimals_leave_the_cursor(void **state)
{
	static const char *const rows[] = {"", " 1", "-1", "+1", ".5", "1.", "1. 5", "1234567890", "1.1234567", "x"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *cursor = rows[i];
		double value = UNTOUCHED;

		assert_row(rows[i], carbon_decimal_scan(&cursor, cursor + strlen(cursor), &value) == -1);
		assert_row(rows[i], cursor == rows[i] && value == UNTOUCHED);
	}
}

/* The text is not NUL-terminated where a file is read in place. */
static void decimals_end_where_the_text_ends(void **state)
{
	char *text = malloc(5);
	const char *cursor = text;
	double value = 0;

	(void)state;
	assert_non_null(text);
	memcpy(text, "12.34", 5);
	assert_int_equal(carbon_decimal_scan(&cursor, text + 5, &value), 0);
	assert_near(value, 12.34, 1e-12);
	cursor = text;
	assert_int_equal(carbon_decimal_scan(&cursor, text + 3, &value), -1);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(integers_are_read_whole),
		cmocka_unit_test(wrong_integers_are_refused),
		cmocka_unit_test(integers_keep_their_bounds),
		cmocka_unit_test(numbers_are_read_whole),
		cmocka_unit_test(wrong_numbers_are_refused),
		cmocka_unit_test(decimals_are_scanned_up_to_what_follows),
		cmocka_unit_test(wrong_decimals_leave_the_cursor),
		cmocka_unit_test(decimals_end_where_the_text_ends),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
