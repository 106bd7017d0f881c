/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Times and durations as text, in UTC alone. One hand-written parser for every provider's way of
 * writing a time; strptime() knows neither fractions nor offsets with a colon.
 */
#include "lib/time.h"

#include <stdio.h>
#include <string.h>

#include "lib/num.h"

#define MINUTE_S 60
#define HOUR_S 3600
#define DAY_S 86400

/* Exactly DIGITS digits at *cursor, as a number within [min, max]. */
static bool digits(const char **cursor, int count, int min, int max, int *out)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		char c = (*cursor)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	if (value < min || value > max)
		return false;
	*cursor += count;
	*out = value;
	return true;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

static bool date(const char **cursor, struct tm *tm)
{
	int year, month, day;

	if (!digits(cursor, 4, 1970, 2200, &year) || *(*cursor)++ != '-' ||
	    !digits(cursor, 2, 1, 12, &month) || *(*cursor)++ != '-' ||
	    !digits(cursor, 2, 1, days_in_month(year, month), &day))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	tm->tm_mday = day;
	return true;
}

/* "HH[:MM[:SS[.fraction]]]" */
static bool clock_time(const char **cursor, struct tm *tm)
{
	if (!digits(cursor, 2, 0, 23, &tm->tm_hour))
		return false;
	if (**cursor != ':')
		return true;
	(*cursor)++;
	if (!digits(cursor, 2, 0, 59, &tm->tm_min))
		return false;
	if (**cursor != ':')
		return true;
	(*cursor)++;
	if (!digits(cursor, 2, 0, 60, &tm->tm_sec))
		return false;
	if (**cursor == '.' || **cursor == ',') {
		const char *fraction = ++*cursor;

		while (**cursor >= '0' && **cursor <= '9')
			(*cursor)++;
		return *cursor > fraction;
	}
	return true;
}

/* "", "Z", "+HH", "+HHMM", "+HH:MM": seconds east of UTC. */
static bool offset(const char *cursor, bool *zoned, time_t *east_s)
{
	int hours, minutes = 0, sign;

	*zoned = *cursor != '\0';
	*east_s = 0;
	if (!*zoned || strcmp(cursor, "Z") == 0 || strcmp(cursor, "z") == 0)
		return true;
	if (*cursor != '+' && *cursor != '-')
		return false;
	sign = *cursor++ == '-' ? -1 : 1;
	if (!digits(&cursor, 2, 0, 15, &hours))
		return false;
	if (*cursor) {
		cursor += *cursor == ':';
		if (!digits(&cursor, 2, 0, 59, &minutes))
			return false;
	}
	*east_s = (time_t)sign * (hours * HOUR_S + minutes * MINUTE_S);
	return *cursor == '\0';
}

int carbon_time_parse(const char *text, time_t *out, bool *zoned)
{
	struct tm tm = {0};
	const char *cursor = text;
	bool has_zone = false;
	time_t east_s = 0, at;

	if (!date(&cursor, &tm))
		return -1;
	if (*cursor == 'T' || *cursor == 't' || *cursor == ' ') {
		cursor++;
		if (!clock_time(&cursor, &tm) || !offset(cursor, &has_zone, &east_s))
			return -1;
	} else if (*cursor) { /* a bare date has no zone: "2026-10-05-05:00" is a local time to Slurm */
		return -1;
	}
	at = timegm(&tm) - east_s;
	if (at < CARBON_TIME_MIN || at >= CARBON_TIME_MAX)
		return -1;
	*out = at;
	if (zoned)
		*zoned = has_zone;
	return 0;
}

void carbon_time_format(time_t at, char text[CARBON_TIME_TEXT])
{
	struct tm tm = {0};

	if (at < CARBON_TIME_MIN || at >= CARBON_TIME_MAX || !gmtime_r(&at, &tm) ||
	    strftime(text, CARBON_TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		snprintf(text, CARBON_TIME_TEXT, "never");
}

/* --- durations --- */

/* A run of digits at *cursor; -1 where there is none or it is too large to be a duration. */
static long long whole(const char **cursor)
{
	long long value = 0;
	const char *start = *cursor;

	while (**cursor >= '0' && **cursor <= '9') {
		value = value * 10 + (**cursor - '0');
		if (value > CARBON_DURATION_MAX)
			return -1;
		(*cursor)++;
	}
	return *cursor > start ? value : -1;
}

/* "90s", "1d12h": units falling, each once. */
static long long with_units(const char *text)
{
	static const struct {
		char letter;
		long long seconds;
	} units[] = {{'d', DAY_S}, {'h', HOUR_S}, {'m', MINUTE_S}, {'s', 1}};
	const size_t count = sizeof(units) / sizeof(units[0]);
	const char *cursor = text;
	long long total = 0;
	size_t unit = 0;

	while (*cursor) {
		long long value = whole(&cursor);

		while (unit < count && *cursor != units[unit].letter)
			unit++;
		if (value < 0 || unit == count)
			return -1;
		total += value * units[unit++].seconds;
		cursor++;
	}
	return total;
}

/* Slurm's own: "M", "M:S", "H:M:S", "D-H", "D-H:M", "D-H:M:S". */
static long long slurm_duration(const char *text)
{
	long long field[3] = {0}, days = 0;
	const char *cursor = text;
	size_t fields = 0;
	bool has_days = strchr(text, '-') != NULL;

	if (has_days) {
		days = whole(&cursor);
		if (days < 0 || *cursor++ != '-')
			return -1;
	}
	do {
		if (fields == 3 || (fields && *cursor++ != ':'))
			return -1;
		field[fields] = whole(&cursor);
		if (field[fields] < 0 || (fields && field[fields] > 59))
			return -1;
		fields++;
	} while (*cursor);
	if (has_days || fields == 3)
		return days * DAY_S + field[0] * HOUR_S + field[1] * MINUTE_S + field[2];
	return field[0] * MINUTE_S + field[1];
}

int carbon_duration_parse(const char *text, time_t *out)
{
	size_t length = strlen(text);
	long long seconds;

	if (length == 0 || length > 32)
		return -1;
	seconds = strchr("dhms", text[length - 1]) ? with_units(text) : slurm_duration(text);
	if (seconds < 0 || seconds > CARBON_DURATION_MAX)
		return -1;
	*out = (time_t)seconds;
	return 0;
}

void carbon_duration_format(time_t seconds, char text[CARBON_DURATION_TEXT])
{
	long long s = seconds < 0 ? 0 : (long long)seconds;

	if (s < MINUTE_S)
		snprintf(text, CARBON_DURATION_TEXT, "%lld s", s);
	else if (s < HOUR_S)
		snprintf(text, CARBON_DURATION_TEXT, "%lld min", s / MINUTE_S);
	else if (s < DAY_S && s % HOUR_S < MINUTE_S)
		snprintf(text, CARBON_DURATION_TEXT, "%lld h", s / HOUR_S);
	else if (s < DAY_S)
		snprintf(text, CARBON_DURATION_TEXT, "%lld h %lld min", s / HOUR_S,
			 s % HOUR_S / MINUTE_S);
	else if (s % DAY_S < HOUR_S)
		snprintf(text, CARBON_DURATION_TEXT, "%lld d", s / DAY_S);
	else
		snprintf(text, CARBON_DURATION_TEXT, "%lld d %lld h", s / DAY_S, s % DAY_S / HOUR_S);
}

time_t carbon_hour_floor(time_t at)
{
	time_t rest = at % HOUR_S;

	return at - (rest < 0 ? rest + HOUR_S : rest);
}

int carbon_hour_of_week(time_t at)
{
	/* 1970-01-01 was a Thursday: three days into a week that begins on Monday. */
	long long hours = (long long)(carbon_hour_floor(at) / HOUR_S) + 3 * 24;

	return (int)((hours % 168 + 168) % 168);
}

int carbon_month_parse(const char *text, time_t *from, time_t *to)
{
	const char *cursor = text;
	struct tm tm = {.tm_mday = 1};
	int year, month;
	time_t first;

	if (!digits(&cursor, 4, 2000, 2099, &year) || *cursor++ != '-' ||
	    !digits(&cursor, 2, 1, 12, &month) || *cursor)
		return -1;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	first = timegm(&tm);
	*from = first;
	*to = first + (time_t)days_in_month(year, month) * DAY_S;
	return 0;
}
