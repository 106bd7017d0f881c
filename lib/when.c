/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slurm's ways of writing a time, read in the process's time zone: what a user types is local. Must
 * never be used for what is computed with. Not by mktime(): where a clock is set back it answers with
 * the first or the second of two hours, depending on what it was asked before.
 */
#include "lib/when.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/time.h"

#define DAY_S 86400
#define BLANKS " \t"

/* MIN_DIGITS to MAX_DIGITS digits at *CURSOR, as a number within [low, high]. */
static bool number(const char **cursor, size_t min_digits, size_t max_digits, const int bounds[2],
		   int *out)
{
	size_t length = strspn(*cursor, "0123456789");
	int value = 0;

	if (length > max_digits)
		length = max_digits;
	for (size_t i = 0; i < length; i++)
		value = value * 10 + ((*cursor)[i] - '0');
	if (length < min_digits || value < bounds[0] || value > bounds[1])
		return false;
	*cursor += length;
	*out = value;
	return true;
}

/* The letters at *CURSOR are WORD. */
static bool word(const char **cursor, const char *name)
{
	size_t length = strlen(name);

	if (strncasecmp(*cursor, name, length) != 0 || isalpha((unsigned char)(*cursor)[length]))
		return false;
	*cursor += length;
	return true;
}

/* --- now + count units --- */

/* "", "h", "hour", "hours", ...: seconds; 0: no unit. */
static time_t unit_seconds(const char *text)
{
	static const struct {
		const char *name;
		time_t seconds;
	} units[] = {{"seconds", 1}, {"minutes", 60}, {"hours", 3600}, {"days", DAY_S}, {"weeks", 7 * DAY_S}};
	size_t length = strlen(text);

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strncasecmp(text, units[i].name, length) == 0)
			return units[i].seconds; /* an empty text: the first, seconds */
	return 0;
}

/* What stands behind "now": nothing, or "+ COUNT [UNIT]". */
static int relative(const char *text, time_t now, time_t *out)
{
	static const int counts[2] = {0, 999999999};
	time_t unit_s;
	int count = 0;

	text += strspn(text, BLANKS);
	if (!*text) {
		*out = now;
		return 0;
	}
	if (*text++ != '+')
		return -1;
	text += strspn(text, BLANKS);
	if (!number(&text, 1, 9, counts, &count))
		return -1;
	text += strspn(text, BLANKS);
	unit_s = unit_seconds(text);
	if (!unit_s || count > CARBON_DURATION_MAX / unit_s)
		return -1;
	*out = now + count * unit_s;
	return 0;
}

/* --- a day, an hour, or both, in either order --- */

struct reading {
	struct tm tm;
	bool has_day, has_year, has_clock;
};

/*
 * Seconds since the epoch of a local time. Of two equal ones the first that is still to come at NOW, or the
 * first; one that is skipped is read with the offset before the leap, as if the clock had gone on.
 */
static time_t local(struct tm tm, time_t now)
{
	time_t utc = timegm(&tm), around[2] = {utc - DAY_S, utc + DAY_S}, at[2];
	bool is[2];

	for (int i = 0; i < 2; i++) {
		struct tm there = {0};

		localtime_r(&around[i], &there);
		at[i] = utc - there.tm_gmtoff;
		is[i] = localtime_r(&at[i], &there) && timegm(&there) == utc;
	}
	return is[1] && (!is[0] || at[0] <= now) ? at[1] : at[0];
}

/* "HH:MM[:SS][AM|PM]" */
static bool clock_time(const char **text, struct reading *reading)
{
	static const int hours[2] = {0, 23}, sixty[2] = {0, 59};
	const char *cursor = *text;
	int hour, minute, second = 0;
	bool am, pm;

	if (!number(&cursor, 1, 2, hours, &hour) || *cursor++ != ':' ||
	    !number(&cursor, 2, 2, sixty, &minute))
		return false;
	if (*cursor == ':') {
		cursor++;
		if (!number(&cursor, 2, 2, sixty, &second))
			return false;
	}
	*text = cursor;
	cursor += strspn(cursor, BLANKS);
	am = word(&cursor, "am");
	pm = !am && word(&cursor, "pm");
	if (am || pm) {
		if (hour < 1 || hour > 12)
			return false;
		hour = hour % 12 + (pm ? 12 : 0);
		*text = cursor;
	}
	reading->tm.tm_hour = hour;
	reading->tm.tm_min = minute;
	reading->tm.tm_sec = second;
	return true;
}

static bool clock_name(const char **text, struct reading *reading)
{
	static const struct {
		const char *name;
		int hour;
	} named[] = {{"midnight", 0}, {"noon", 12}, {"elevenses", 11}, {"fika", 15}, {"teatime", 16}};

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (word(text, named[i].name)) {
			reading->tm.tm_hour = named[i].hour;
			reading->tm.tm_min = reading->tm.tm_sec = 0;
			return true;
		}
	return false;
}

/* Whether the calendar has that day: timegm() would turn 31 April into 1 May. */
static bool is_date(const struct tm *tm)
{
	struct tm noon = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday,
			  .tm_hour = 12};

	timegm(&noon);
	return noon.tm_mon == tm->tm_mon && noon.tm_mday == tm->tm_mday;
}

/* "MMDD[YY]", "MM/DD[/YY]", "MM.DD[.YY]", "YYYY-MM-DD" */
static bool date(const char **text, struct reading *reading)
{
	static const int years[2] = {2000, 2099}, short_years[2] = {0, 99}, months[2] = {1, 12},
			 days[2] = {1, 31};
	const char *cursor = *text;
	size_t digits = strspn(cursor, "0123456789");
	char mark = cursor[digits];
	int year = -1, month, day;
	bool parted = digits <= 2 && (mark == '/' || mark == '.'), packed = digits == 4 || digits == 6;

	if (digits == 4 && mark == '-') {
		if (!number(&cursor, 4, 4, years, &year) || *cursor++ != '-' ||
		    !number(&cursor, 2, 2, months, &month) || *cursor++ != '-' ||
		    !number(&cursor, 2, 2, days, &day))
			return false;
		year -= 2000;
	} else {
		if ((!parted && !packed) || !number(&cursor, 1, 2, months, &month) ||
		    (parted && *cursor++ != mark) || !number(&cursor, 1, 2, days, &day))
			return false;
		if (packed ? digits == 6 : *cursor == mark) {
			cursor += parted;
			if (!number(&cursor, 2, 2, short_years, &year))
				return false;
		}
	}
	reading->has_year = year >= 0;
	if (reading->has_year)
		reading->tm.tm_year = year + 100;
	reading->tm.tm_mon = month - 1;
	reading->tm.tm_mday = day;
	*text = cursor;
	return is_date(&reading->tm);
}

static bool day_name(const char **text, struct reading *reading)
{
	bool tomorrow = word(text, "tomorrow");

	if (!tomorrow && !word(text, "today"))
		return false;
	reading->tm.tm_mday += tomorrow;
	reading->has_year = true;
	return true;
}

/* Everything that TEXT says, each part once; between two a blank, a 'T' or a '-'. */
static bool read_parts(const char *text, struct reading *reading)
{
	for (;;) {
		if (!reading->has_clock && (clock_name(&text, reading) || clock_time(&text, reading)))
			reading->has_clock = true;
		else if (!reading->has_day && (day_name(&text, reading) || date(&text, reading)))
			reading->has_day = true;
		else
			return false;
		if (!*text)
			return true;
		if (*text == 'T' || *text == 't' || *text == '-')
			text++;
		else if (!isblank((unsigned char)*text))
			return false;
		text += strspn(text, BLANKS);
	}
}

static int absolute(const char *text, time_t now, time_t *out)
{
	struct reading reading = {.has_day = false};

	if (!localtime_r(&now, &reading.tm) || !read_parts(text, &reading))
		return -1;
	if (!reading.has_clock)
		reading.tm.tm_hour = reading.tm.tm_min = reading.tm.tm_sec = 0;
	*out = local(reading.tm, now);
	if (!reading.has_day && *out <= now) { /* that hour has passed: tomorrow's */
		reading.tm.tm_mday++;
		*out = local(reading.tm, now);
	} else if (reading.has_day && !reading.has_year && *out <= now) {
		reading.tm.tm_year++;
		if (!is_date(&reading.tm))
			return -1;
		*out = local(reading.tm, now);
	}
	return 0;
}

int carbon_when_parse(const char *text, time_t now, time_t *out)
{
	const char *behind = text;
	bool zoned = false;
	time_t at = 0;

	if (carbon_time_parse(text, &at, &zoned) < 0 || !zoned) {
		int rc = word(&behind, "now") ? relative(behind, now, &at) : absolute(text, now, &at);

		if (rc < 0 || at < CARBON_TIME_MIN || at >= CARBON_TIME_MAX)
			return -1;
	}
	*out = at;
	return 0;
}

void carbon_when_format(time_t at, time_t now, char text[CARBON_WHEN_TEXT])
{
	struct tm tm;
	bool near = at >= now - DAY_S / 2 && at - now < 6 * DAY_S;

	if (!localtime_r(&at, &tm) ||
	    !strftime(text, CARBON_WHEN_TEXT, near ? "%a %H:%M" : "%a %Y-%m-%d %H:%M", &tm))
		snprintf(text, CARBON_WHEN_TEXT, "never");
}

int carbon_when_day(time_t at, char name[CARBON_WHEN_DAY])
{
	struct tm tm = {0};

	if (!localtime_r(&at, &tm) || !strftime(name, CARBON_WHEN_DAY, "%a", &tm))
		snprintf(name, CARBON_WHEN_DAY, "?");
	return tm.tm_year * 366 + tm.tm_yday;
}

int carbon_when_date(time_t at, char date[CARBON_WHEN_DATE], char clock[CARBON_WHEN_CLOCK])
{
	struct tm tm;

	if (!localtime_r(&at, &tm) || !strftime(date, CARBON_WHEN_DATE, "%Y-%m-%d", &tm) ||
	    !strftime(clock, CARBON_WHEN_CLOCK, "%H:%M", &tm))
		return -1;
	return (tm.tm_wday + 6) % 7;
}
