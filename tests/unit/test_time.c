/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times as every provider writes them, durations as Slurm and people write them; UTC whatever TZ says. */
#include "tests/unit/unit.h"

#include "lib/time.h"

#define UNTOUCHED ((time_t)77)

static void every_provider_s_time_is_read(void **state)
{
	static const struct {
		const char *text;
		time_t at;
		bool zoned;
	} rows[] = {
		{"2026-08-22T17:00:00.000Z", 1787418000, true},
		{"2018-01-20T12:00Z", 1516449600, true},
		{"2022-07-15T00:00:00+00:00", 1657843200, true},
		{"2022-07-15T02:00:00+02:00", 1657843200, true},
		{"2022-07-15T02:00:00+0200", 1657843200, true},
		{"2022-07-14T19:00:00-05", 1657843200, true},
		{"2022-07-15T05:45+05:45", 1657843200, true},
		{"2024-01-01 00:00:00", 1704067200, false},
		{"2023-09-02T07", 1693638000, false},
		{"2021-10-25T14:50:00", 1635173400, false},
		{"2024-01-01", 1704067200, false},
		{"2024-02-29T23:59:59z", 1709251199, true},
		{"2000-01-01T00:00:00Z", CARBON_TIME_MIN, true},
		{"2099-12-31T23:59:59Z", CARBON_TIME_MAX - 1, true},
		{"2016-12-31T23:59:60Z", 1483228800, true}, /* a leap second */
		{"2026-08-22T17:00:00,123456789+01:00", 1787414400, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		time_t at = UNTOUCHED;
		bool zoned = !rows[i].zoned;

		assert_row(rows[i].text, carbon_time_parse(rows[i].text, &at, &zoned) == 0);
		assert_row(rows[i].text, at == rows[i].at && zoned == rows[i].zoned);
		assert_int_equal(carbon_time_parse(rows[i].text, &at, NULL), 0);
	}
}

static void wrong_times_are_refused(void **state)
{
	static const char *const rows[] = {
		"", "now", "2026", "2026-08", "2026-8-22", "2026-08-22T", "2026-08-22T1", "2026-08-22T17:", "2026-08-22T17:0",
		"2026-08-22T17:00:", "2026-08-22T17:00:00.", "2026-08-22T17:00:00.Z", "2026-08-22T17:00:00 Z", "2026-08-22T17:00Zulu",
		"2026-13-01", "2026-00-01", "2026-04-31", "2026-02-29", "2100-02-29", "2026-08-32", "2026-08-22T24:00", "2026-08-22T17:60",
		"2026-08-22T17:00:61", "2026-08-22T17:00+2", "2026-08-22T17:00+02:", "2026-08-22T17:00+02:6", "2026-08-22T17:00+02:60",
		"2026-08-22T17:00+16:00", "2026-08-22T17:00+02:00:00", "2026-08-22-05", "2026-08-22-05:00", "2026-08-22Z", " 2026-08-22",
		"2026-08-22 ", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z", "2000-01-01T00:00:00+00:01", "99999-01-01", "-2026-08-22",
		"2026-08-22T-1:00", "20260822T170000Z"};
	bool zoned = true;
	time_t at = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], carbon_time_parse(rows[i], &at, &zoned) == -1);
	assert_int_equal(at, UNTOUCHED);
	assert_true(zoned);
}

static void the_time_zone_changes_nothing(void **state)
{
	time_t at = 0;
	char text[CARBON_TIME_TEXT];

	(void)state;
	setenv("TZ", "America/New_York", 1);
	tzset();
	assert_int_equal(carbon_time_parse("2026-03-08 02:30:00", &at, NULL), 0);
	assert_int_equal(at, 1772937000);
	carbon_time_format(at, text);
	assert_string_equal(text, "2026-03-08T02:30:00Z");
	setenv("TZ", "UTC", 1);
	tzset();
}

static void what_is_written_is_read(void **state)
{
	struct dice dice = dice_start(__func__);
	char text[CARBON_TIME_TEXT];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		time_t at = (time_t)dice_between(&dice, CARBON_TIME_MIN, CARBON_TIME_MAX - 1), back = 0;
		bool zoned = false;

		carbon_time_format(at, text);
		assert_row(text, carbon_time_parse(text, &back, &zoned) == 0);
		assert_row(text, back == at && zoned);
	}
	carbon_time_format(-1, text);
	assert_string_equal(text, "never");
	carbon_time_format(CARBON_TIME_MAX, text);
	assert_string_equal(text, "never");
}

static void durations_are_read(void **state)
{
	static const struct {
		const char *text;
		time_t seconds;
	} rows[] = {{"0", 0},	   {"90", 5400},	  {"1:30", 90},	       {"12:00:00", 43200},	{"2-00:00:00", 172800},
		    {"2-0", 172800}, {"1-12", 129600},	  {"1-12:30", 131400}, {"1-00:00:01", 86401},	{"90s", 90},
		    {"90m", 5400},   {"12h", 43200},	  {"2d", 172800},      {"1d12h", 129600},	{"1d1h1m1s", 90061},
		    {"1h30m", 5400}, {"36:00:00", 129600}, {"0s", 0},	       {"3650d", CARBON_DURATION_MAX}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		time_t seconds = UNTOUCHED;

		assert_row(rows[i].text, carbon_duration_parse(rows[i].text, &seconds) == 0);
		assert_row(rows[i].text, seconds == rows[i].seconds);
	}
}

static void wrong_durations_are_refused(void **state)
{
	static const char *const rows[] = {
		"", " ", "-3h", "-3", "+3h", "1e99", "1e9", "12 parsecs", "12parsecs", "h", "1h1h", "1m1h", "12h ", " 12h", "1.5h", "1,5",
		"1:60", "1:-1", "1::2", ":", "1:", ":1", "1-", "-1", "1-2-3", "1-2:3:4:5", "1:2:3:4", "1-0:60", "1-:1", "12H", "1w", "1y",
		"UNLIMITED", "INFINITE", "0x10", "nan", "inf", "3651d", "99999999999999999999", "99999999999999999999h", "5256001",
		"9223372036854775807-00", "1d-2", "315360001s", "000000000000000000000000000000001", "12h\n"};
	time_t seconds = UNTOUCHED;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], carbon_duration_parse(rows[i], &seconds) == -1);
	assert_int_equal(seconds, UNTOUCHED);
}

static void durations_are_written_in_two_units(void **state)
{
	static const struct {
		time_t seconds;
		const char *text;
	} rows[] = {{-5, "0 s"},	      {0, "0 s"},	      {59, "59 s"},	 {60, "1 min"},	     {779, "12 min"},
		    {3600, "1 h"},	      {3659, "1 h"},	      {12000, "3 h 20 min"}, {86399, "23 h 59 min"}, {86400, "1 d"},
		    {86400 + 3599, "1 d"}, {187200, "2 d 4 h"}, {CARBON_DURATION_MAX, "3650 d"}};
	char text[CARBON_DURATION_TEXT];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		carbon_duration_format(rows[i].seconds, text);
		assert_string_equal(text, rows[i].text);
	}
	carbon_duration_format((time_t)INT64_MAX, text);
	assert_true(strlen(text) < sizeof(text));
}

static void hours_of_the_week_begin_on_monday(void **state)
{
	static const struct {
		const char *text;
		int hour;
	} rows[] = {{"2026-10-05T00:00Z", 0}, {"2026-10-05T00:59:59Z", 0}, {"2026-10-05T01:00Z", 1}, {"2026-10-11T23:59Z", 167},
		    {"2000-01-01T00:00Z", 5 * 24}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		time_t at = 0;

		assert_int_equal(carbon_time_parse(rows[i].text, &at, NULL), 0);
		assert_row(rows[i].text, carbon_hour_of_week(at) == rows[i].hour);
		assert_row(rows[i].text, carbon_hour_floor(at) == at - at % 3600);
	}
	assert_int_equal(carbon_hour_of_week(0), 3 * 24); /* a Thursday */
	assert_int_equal(carbon_hour_of_week(-1), 3 * 24 - 1);
	assert_int_equal(carbon_hour_floor(-1), -3600);
	assert_int_equal(carbon_hour_floor(-3600), -3600);
}

static void months_have_their_length(void **state)
{
	static const char *const wrong[] = {"", "2026", "2026-", "2026-1", "2026-13", "2026-00", "1999-12", "2100-01", "2026-01-01",
					    "2026-01 ", "26-01", "2026/01"};
	char text[16];
	time_t from = UNTOUCHED, to = UNTOUCHED, last;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_row(wrong[i], carbon_month_parse(wrong[i], &from, &to) == -1);
	assert_int_equal(from, UNTOUCHED);
	assert_int_equal(carbon_month_parse("2000-01", &from, &to), 0);
	assert_int_equal(from, CARBON_TIME_MIN);
	for (int month = 1; month < 1200; month++) { /* each one begins where the one before it ends */
		last = to;
		snprintf(text, sizeof(text), "%04d-%02d", 2000 + month / 12, month % 12 + 1);
		assert_row(text, carbon_month_parse(text, &from, &to) == 0);
		assert_row(text, from == last && to - from >= 28 * 86400 && to - from <= 31 * 86400);
	}
	assert_int_equal(to, CARBON_TIME_MAX);
	carbon_month_parse("2028-02", &from, &to);
	assert_int_equal(to - from, 29 * 86400);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_provider_s_time_is_read),
		cmocka_unit_test(wrong_times_are_refused),
		cmocka_unit_test(the_time_zone_changes_nothing),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(durations_are_read),
		cmocka_unit_test(wrong_durations_are_refused),
		cmocka_unit_test(durations_are_written_in_two_units),
		cmocka_unit_test(hours_of_the_week_begin_on_monday),
		cmocka_unit_test(months_have_their_length),
	};

	return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
