/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times as sbatch --begin takes them, in the user's zone: the rows of "as Slurm" were compared with what
 * Slurm 22.05's own parser answers. Daylight saving must never make an answer depend on an earlier question.
 */
#include "tests/unit/unit.h"

#include "lib/time.h"
#include "lib/when.h"

#define UNTOUCHED ((time_t)77)

static void zone(const char *name)
{
	setenv("TZ", name, 1);
	tzset();
}

static time_t utc(const char *text)
{
	time_t at = 0;

	assert_row(text, carbon_time_parse(text, &at, NULL) == 0);
	return at;
}

struct row {
	const char *text, *utc; /* NULL: refused */
};

static void check_rows(const char *tz, const char *now, const struct row *rows, size_t count)
{
	zone(tz);
	for (size_t i = 0; i < count; i++) {
		time_t at = UNTOUCHED;
		int rc = carbon_when_parse(rows[i].text, utc(now), &at);

		assert_row(rows[i].text, rc == (rows[i].utc ? 0 : -1));
		assert_row(rows[i].text, at == (rows[i].utc ? utc(rows[i].utc) : UNTOUCHED));
	}
	zone("UTC");
}

static void formats_are_read_as_slurm_reads_them(void **state)
{
	static const struct row rows[] = {
		{"now", "2026-11-22 02:50:02"},
		{"now+1hour", "2026-11-22 03:50:02"},
		{"now+60", "2026-11-22 02:51:02"},
		{"now+90minutes", "2026-11-22 04:20:02"},
		{"now+5days", "2026-11-27 02:50:02"},
		{"now+2weeks", "2026-12-06 02:50:02"},
		{"now + 1 hour", "2026-11-22 03:50:02"},
		{"now+1 hour", "2026-11-22 03:50:02"},
		{"now+0", "2026-11-22 02:50:02"},
		{"16:00", "2026-11-22 15:00"},
		{"00:00", "2026-11-22 23:00"},
		{"03:50", "2026-11-23 02:50"}, /* two seconds ago: tomorrow's */
		{"03:51", "2026-11-22 02:51"},
		{"16:00:30", "2026-11-22 15:00:30"},
		{"4:00pm", "2026-11-22 15:00"},
		{"04:00 PM", "2026-11-22 15:00"},
		{"12:00am", "2026-11-22 23:00"},
		{"12:00pm", "2026-11-22 11:00"},
		{"midnight", "2026-11-22 23:00"},
		{"NOON", "2026-11-22 11:00"},
		{"fika", "2026-11-22 14:00"},
		{"teatime", "2026-11-22 15:00"},
		{"today", "2026-11-21 23:00"},
		{"tomorrow", "2026-11-22 23:00"},
		{"today 18:00", "2026-11-22 17:00"},
		{"tomorrow-18:00", "2026-11-23 17:00"},
		{"18:00 tomorrow", "2026-11-23 17:00"},
		{"tomorrow noon", "2026-11-23 11:00"},
		{"100527", "2027-10-04 22:00"},
		{"10/05/27", "2027-10-04 22:00"},
		{"10.05.27", "2027-10-04 22:00"},
		{"10/05", "2027-10-04 22:00"}, /* passed this year */
		{"12/05", "2026-12-04 23:00"},
		{"1005", "2027-10-04 22:00"},
		{"2027-10-05", "2027-10-04 22:00"},
		{"2027-10-05T12:34:00", "2027-10-05 10:34"},
		{"2027-10-05T12:34", "2027-10-05 10:34"},
		{"2027-10-05-12:34", "2027-10-05 10:34"},
		{"2027-10-05-05:00", "2027-10-05 03:00"},
		{"2027-10-05 12:34", "2027-10-05 10:34"},
		{"10/05/27-12:34", "2027-10-05 10:34"},
		{"100527T12:34", "2027-10-05 10:34"},
		{"2027-10-05T6:00pm", "2027-10-05 16:00"},
		{"2027-10-05Tnoon", "2027-10-05 10:00"},
		{"18:00 10/05/27", "2027-10-05 16:00"},
	};

	(void)state;
	check_rows("Europe/Berlin", "2026-11-22 02:50:02", rows, COUNT(rows));
}

static void more_than_slurm_is_read(void **state)
{
	static const struct row rows[] = {
		{"now+90min", "2026-11-22 04:20:02"}, {"now+1m", "2026-11-22 02:51:02"}, {"now+2w", "2026-12-06 02:50:02"},
		{"elevenses", "2026-11-22 10:00"},    {"2027-10-05T12:34:00Z", "2027-10-05 12:34"},
		{"2027-10-05T12:34:00-05:00", "2027-10-05 17:34"},
	};

	(void)state;
	check_rows("Europe/Berlin", "2026-11-22 02:50:02", rows, COUNT(rows));
}

static void all_else_is_refused(void **state)
{
	static const char *const texts[] = {
		"", " ", "-", "T", "+1hour", "now-1hour", "now+", "now+-1", "now+1hours2", "now+1mo", "now+1fortnight", "now1", "nowish",
		"now+9999999999", "now+315360001", "now+99999days", "now+1.5hours", "13:00pm", "0:00am", "24:00", "12:60", "12:00:60", "8:5",
		"8:05:5", "8", "8am", "+8:00", "-8:00", "8:+5", "8: 05", " 8:00 9:00", "8:00 9:00", "today tomorrow", "today today",
		"10/05/2027", "13/01/27", "00/01/27", "02/30/27", "2027-02-30", "2027-04-31", "2027-13-01", "1827-10-05", "-999-10-05",
		"0026-10-05", "1999-12-31", "2100-01-01", "1/2/-5", "10/-5/26", "10/05.27", "2027-10-05T", "2027-10-05T24:00", "2027-10-05T6pm",
		"2027-1-5", "10052027", "1", "12345", "uid=5", "yesterday", "noonish", "99999999999999999999", "18:00\n", "2027-10-05T12:34:00 Z"};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct row row = {texts[i], NULL};

		check_rows("Europe/Berlin", "2026-11-22 02:50:02", &row, 1);
	}
}

static void a_skipped_time_is_read_as_if_the_clock_had_gone_on(void **state)
{
	static const struct {
		const char *zone, *text, *utc;
	} rows[] = {
		{"Europe/Berlin", "2027-03-28T02:30", "2027-03-28 01:30"},	    /* 03:30 summer time */
		{"America/New_York", "2027-03-14T02:30", "2027-03-14 07:30"},
		{"Europe/Dublin", "2027-03-28T01:30", "2027-03-28 01:30"},	    /* whose winter time is the "saving" one */
		{"Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03 15:45"}, /* half an hour */
		{"Asia/Kolkata", "2027-03-28T02:30", "2027-03-27 21:00"},
		{"Europe/Istanbul", "2027-07-28T02:30", "2027-07-27 23:30"},
		{"UTC", "2027-03-28T02:30", "2027-03-28 02:30"},
		{"UTC+11", "2027-03-28T02:30", "2027-03-28 13:30"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct row row = {rows[i].text, rows[i].utc};

		check_rows(rows[i].zone, "2026-10-01 00:00", &row, 1);
	}
}

static void of_two_equal_times_the_first_is_meant(void **state)
{
	static const struct row rows[] = {
		{"2027-10-31T01:59", "2027-10-30 23:59"},
		{"2027-10-31T02:30", "2027-10-31 00:30"},
		{"2027-07-01T12:00", "2027-07-01 10:00"}, /* asked in between: mktime() would remember */
		{"2027-10-31T02:30", "2027-10-31 00:30"},
		{"2027-01-01T12:00", "2027-01-01 11:00"},
		{"2027-10-31T02:30", "2027-10-31 00:30"},
		{"2027-10-31T03:00", "2027-10-31 02:00"},
	};

	(void)state;
	check_rows("Europe/Berlin", "2026-10-01 00:00", rows, COUNT(rows));
}

/* Who says 02:30 at ten past two, when the clock has been set back already, means in twenty minutes and not tomorrow. */
static void between_two_equal_times_the_second_is_meant(void **state)
{
	static const struct row second[] = {
		{"02:30", "2027-10-31 01:30"},	    {"02:30:00", "2027-10-31 01:30"},
		{"today 02:30", "2027-10-31 01:30"}, {"2027-10-31T02:30", "2027-10-31 01:30"},
		{"10/31-02:30", "2027-10-31 01:30"}, {"02:10", "2027-11-01 01:10"},
		{"03:00", "2027-10-31 02:00"},	    {"2027-10-31T01:30", "2027-10-30 23:30"},
	};
	static const struct row first[] = {{"02:30", "2027-10-31 00:30"}, {"02:05", "2027-10-31 01:05"}};
	static const struct row after[] = {{"02:30", "2027-11-01 01:30"}, {"2027-10-31T02:30", "2027-10-31 01:30"}};

	(void)state;
	check_rows("Europe/Berlin", "2027-10-31 01:10", second, COUNT(second));
	check_rows("Europe/Berlin", "2027-10-31 00:10", first, COUNT(first));
	check_rows("Europe/Berlin", "2027-10-31 02:10", after, COUNT(after));
}

static void the_next_hour_crosses_daylight_saving(void **state)
{
	static const struct row spring = {"20:00", "2027-03-28 18:00"}, autumn = {"20:00", "2027-10-31 19:00"};

	(void)state;
	check_rows("Europe/Berlin", "2027-03-27 19:30", &spring, 1); /* 20:30 the evening before */
	check_rows("Europe/Berlin", "2027-10-30 18:30", &autumn, 1);
}

static void the_year_and_the_month_roll_over(void **state)
{
	static const struct row rows[] = {
		{"10:00", "2027-01-01 10:00"}, {"tomorrow", "2027-01-01"}, {"01/01", "2027-01-01"}, {"12/31", "2027-12-31"},
		{"12/31-23:30", "2026-12-31 23:30"}, {"02/29", NULL}};
	static const struct row leap[] = {{"02/29", NULL}, {"03/01", "2028-03-01"}};

	(void)state;
	check_rows("UTC", "2026-12-31 23:00", rows, COUNT(rows));
	check_rows("UTC", "2028-02-29 12:00", leap, COUNT(leap)); /* passed, and 2029 has none */
}

static void any_local_time_comes_back(void **state)
{
	static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia",
					    "Europe/Dublin", "Africa/Casablanca"};
	struct dice dice = dice_start(__func__);

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		zone(zones[i]);
		for (int j = 0; j < 2000; j++) {
			time_t at = (time_t)dice_between(&dice, 1735689600, 2082758400), back = 0;
			struct tm tm, again;
			char text[64];

			localtime_r(&at, &tm);
			strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
			assert_row(text, carbon_when_parse(text, 1735689600, &back) == 0);
			localtime_r(&back, &again);
			assert_row(text, back <= at && timegm(&again) == timegm(&tm));
		}
	}
	zone("UTC");
}

static void a_time_is_written_short_when_near(void **state)
{
	char text[CARBON_WHEN_TEXT];
	time_t now = utc("2026-10-05 02:40");

	(void)state;
	zone("Europe/Berlin");
	carbon_when_format(utc("2026-10-05 03:00"), now, text);
	assert_string_equal(text, "Mon 05:00");
	carbon_when_format(utc("2026-10-11 02:39"), now, text);
	assert_string_equal(text, "Sun 04:39");
	carbon_when_format(utc("2026-10-11 02:40"), now, text);
	assert_string_equal(text, "Sun 2026-10-11 04:40");
	carbon_when_format(utc("2026-10-03 02:40"), now, text);
	assert_string_equal(text, "Sat 2026-10-03 04:40");
	zone("UTC");
	carbon_when_format(INT64_MAX, now, text);
	assert_string_equal(text, "never");
}

static void days_begin_at_local_midnight(void **state)
{
	char name[CARBON_WHEN_DAY];
	int before, after;

	(void)state;
	zone("Europe/Berlin");
	before = carbon_when_day(utc("2026-12-31 22:59:59"), name);
	assert_string_equal(name, "Thu");
	after = carbon_when_day(utc("2026-12-31 23:00:00"), name);
	assert_string_equal(name, "Fri");
	assert_true(after > before);
	assert_int_equal(carbon_when_day(utc("2027-01-01 22:59:59"), name), after);
	assert_true(carbon_when_day(utc("2027-01-01 23:00:00"), name) > after);
	zone("UTC");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_read_as_slurm_reads_them),
		cmocka_unit_test(more_than_slurm_is_read),
		cmocka_unit_test(all_else_is_refused),
		cmocka_unit_test(a_skipped_time_is_read_as_if_the_clock_had_gone_on),
		cmocka_unit_test(of_two_equal_times_the_first_is_meant),
		cmocka_unit_test(between_two_equal_times_the_second_is_meant),
		cmocka_unit_test(the_next_hour_crosses_daylight_saving),
		cmocka_unit_test(the_year_and_the_month_roll_over),
		cmocka_unit_test(any_local_time_comes_back),
		cmocka_unit_test(a_time_is_written_short_when_near),
		cmocka_unit_test(days_begin_at_local_midnight),
	};

	return cmocka_run_group_tests_name("when", tests, NULL, NULL);
}
