/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Slurm's ways of writing a time, read in the process's time zone. The only place besides messages
 * where mktime() is right: what a user types is local. Must never be used for what is computed with.
 */
#include "lib/when.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/num.h"
#include "lib/time.h"

#define DAY_S 86400

/* "now", "now+1hour", "now+90minutes", "now+30" (seconds). */
static int relative(const char *text, time_t now, time_t *out)
{
	static const struct {
		const char *name;
		long long seconds;
	} units[] = {{"second", 1}, {"minute", 60}, {"hour", 3600}, {"day", DAY_S}, {"week", 7 * DAY_S}};
	char number[16];
	size_t digits = strspn(text, "0123456789"), length;
	long long count, unit = 0;

	if (digits == 0 || digits >= sizeof(number))
		return -1;
	memcpy(number, text, digits);
	number[digits] = '\0';
	text += digits;
	length = strlen(text);
	if (length == 0)
		unit = 1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]) && length; i++)
		if (strncasecmp(text, units[i].name, length) == 0 ||
		    (length == strlen(units[i].name) + 1 && text[length - 1] == 's' &&
		     strncasecmp(text, units[i].name, length - 1) == 0))
			unit = unit ? unit : units[i].seconds;
	if (!unit || carbon_int_parse(number, 0, CARBON_DURATION_MAX / unit, &count) < 0)
		return -1;
	*out = now + (time_t)(count * unit);
	return 0;
}

/* mktime() on a copy with daylight saving to be found out. */
static time_t local(struct tm tm)
{
	tm.tm_isdst = -1;
	return mktime(&tm);
}

/* "HH:MM[:SS][am|pm]", or a named hour; false where it is something else. */
static bool hour_of_day(const char *text, struct tm *tm)
{
	static const struct {
		const char *name;
		int hour;
	} named[] = {{"midnight", 0}, {"noon", 12}, {"fika", 15}, {"teatime", 16}};
	int hour, minute, second = 0, used = 0, afternoon = -1;

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++)
		if (strcasecmp(text, named[i].name) == 0) {
			tm->tm_hour = named[i].hour;
			tm->tm_min = tm->tm_sec = 0;
			return true;
		}
	if (sscanf(text, "%2d:%2d%n", &hour, &minute, &used) != 2)
		return false;
	text += used;
	if (*text == ':') {
		if (sscanf(text, ":%2d%n", &second, &used) != 1)
			return false;
		text += used;
	}
	if (strcasecmp(text, "am") == 0 || strcasecmp(text, "pm") == 0) {
		afternoon = (*text | 0x20) == 'p';
		text += 2;
	}
	if (*text || hour < 0 || minute < 0 || second < 0 || minute > 59 || second > 59 ||
	    hour > (afternoon < 0 ? 23 : 12) || (afternoon >= 0 && hour == 0))
		return false;
	tm->tm_hour = afternoon < 0 ? hour : hour % 12 + 12 * afternoon;
	tm->tm_min = minute;
	tm->tm_sec = second;
	return true;
}

/* Whether the calendar has that day: mktime() would turn 31 April into 1 May. */
static bool is_date(const struct tm *tm)
{
	struct tm noon = {.tm_year = tm->tm_year, .tm_mon = tm->tm_mon, .tm_mday = tm->tm_mday,
			  .tm_hour = 12};

	timegm(&noon);
	return tm->tm_mon >= 0 && tm->tm_mon < 12 && noon.tm_mon == tm->tm_mon &&
	       noon.tm_mday == tm->tm_mday;
}

/* "MMDDYY", "MM/DD[/YY]", "MM.DD[.YY]", "YYYY-MM-DD"; moves *TEXT behind it. */
static bool day(const char **text, struct tm *tm, bool *has_year)
{
	int year = -1, month, mday, used = 0;

	if (sscanf(*text, "%4d-%2d-%2d%n", &year, &month, &mday, &used) == 3)
		year -= 1900;
	else if (sscanf(*text, "%2d/%2d/%2d%n", &month, &mday, &year, &used) == 3 ||
		 sscanf(*text, "%2d.%2d.%2d%n", &month, &mday, &year, &used) == 3 ||
		 (strspn(*text, "0123456789") == 6 &&
		  sscanf(*text, "%2d%2d%2d%n", &month, &mday, &year, &used) == 3))
		year += 100;
	else if (sscanf(*text, "%2d/%2d%n", &month, &mday, &used) == 2 ||
		 sscanf(*text, "%2d.%2d%n", &month, &mday, &used) == 2)
		year = -1;
	else
		return false;
	*has_year = year >= 0;
	if (*has_year)
		tm->tm_year = year;
	tm->tm_mon = month - 1;
	tm->tm_mday = mday;
	*text += used;
	return year <= 199 && is_date(tm);
}

/* The clock part behind a day: nothing (midnight), "T18:00", "-18:00". */
static bool clock_behind(const char *text, struct tm *tm)
{
	tm->tm_hour = tm->tm_min = tm->tm_sec = 0;
	if (!*text)
		return true;
	return (*text == 'T' || *text == 't' || *text == '-') && hour_of_day(text + 1, tm);
}

static int absolute(const char *text, time_t now, time_t *out)
{
	struct tm tm;
	bool has_year = true, is_day = true;

	if (!localtime_r(&now, &tm))
		return -1;
	if (strcasecmp(text, "today") == 0 || strcasecmp(text, "tomorrow") == 0) {
		tm.tm_mday += strcasecmp(text, "tomorrow") == 0;
		tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
	} else if (hour_of_day(text, &tm)) {
		is_day = false;
	} else if (!day(&text, &tm, &has_year) || !clock_behind(text, &tm)) {
		return -1;
	}
	*out = local(tm);
	if (!is_day && *out <= now) { /* that hour has passed: tomorrow's */
		tm.tm_mday++;
		*out = local(tm);
	}
	if (!has_year && *out <= now) {
		tm.tm_year++;
		*out = local(tm);
	}
	return *out < CARBON_TIME_MIN || *out >= CARBON_TIME_MAX ? -1 : 0;
}

int carbon_when_parse(const char *text, time_t now, time_t *out)
{
	bool zoned = false;
	time_t at = 0;
	int rc;

	if (strcasecmp(text, "now") == 0) {
		*out = now;
		return 0;
	}
	if (carbon_time_parse(text, &at, &zoned) == 0 && zoned)
		rc = 0;
	else if (strncasecmp(text, "now+", 4) == 0)
		rc = relative(text + 4, now, &at);
	else
		rc = absolute(text, now, &at);
	if (rc == 0)
		*out = at;
	return rc;
}

void carbon_when_format(time_t at, time_t now, char text[CARBON_WHEN_TEXT])
{
	struct tm tm;
	bool near = at >= now - DAY_S / 2 && at - now < 6 * DAY_S;

	if (!localtime_r(&at, &tm) ||
	    !strftime(text, CARBON_WHEN_TEXT, near ? "%a %H:%M" : "%a %Y-%m-%d %H:%M", &tm))
		snprintf(text, CARBON_WHEN_TEXT, "never");
}
