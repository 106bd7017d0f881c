/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Local hours and dates, read, shown, and made into absolute times. Must never be called inside slurmctld. */
#include "config/hours.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/when.h"
#include "lib/words.h"

#define DAY_S 86400
#define DAYS 7
#define EVERY_DAY 0x7f
#define DAY_MIN (24 * 60)
#define BETWEEN " to " /* of a blackout's two times */
#define TIME_MAX 40

static const char *const day_names[DAYS] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* --- reading --- */

static int find_day(const char *text, size_t length)
{
	for (int i = 0; i < DAYS; i++)
		if (length == strlen(day_names[i]) && strncasecmp(text, day_names[i], length) == 0)
			return i;
	return -1;
}

/* "mon", "mon-fri", "sat-mon"; 0: no days. */
static uint8_t parse_days(const struct carbon_word *word)
{
	const char *dash = memchr(word->text, '-', word->length);
	size_t length = dash ? (size_t)(dash - word->text) : word->length;
	int first = find_day(word->text, length), last = first;
	uint8_t days = 0;

	if (dash)
		last = find_day(dash + 1, word->length - length - 1);
	if (first < 0 || last < 0)
		return 0;
	for (int day = first;; day = (day + 1) % DAYS) {
		days = (uint8_t)(days | 1u << day);
		if (day == last)
			return days;
	}
}

/* "08:00", "24:00". */
static int parse_clock(const char *text, size_t length, uint16_t *out)
{
	struct carbon_word hour = {text, 2}, minute = {text + 3, 2};
	long long h, m;

	if (length != 5 || text[2] != ':' || !isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[3]) ||
	    carbon_word_int(&hour, 0, 24, &h) || carbon_word_int(&minute, 0, 59, &m) || h * 60 + m > DAY_MIN)
		return -1;
	*out = (uint16_t)(h * 60 + m);
	return 0;
}

static int parse_span(const struct carbon_word *word, struct carbon_config_hours *hours)
{
	const char *dash = memchr(word->text, '-', word->length);
	size_t length = dash ? (size_t)(dash - word->text) : 0;

	return !dash || parse_clock(word->text, length, &hours->from_min) || hours->from_min == DAY_MIN ||
			       parse_clock(dash + 1, word->length - length - 1, &hours->to_min)
		       ? -1
		       : 0;
}

static int parse_pair(const struct carbon_word *word, struct carbon_config_hours *hours)
{
	struct carbon_word key, value;
	long long nodes;

	if (!carbon_word_split(word, &key, &value))
		return -1;
	if (carbon_word_is(&key, "kw"))
		return carbon_word_num(&value, 0, CARBON_SITE_POWER_KW_MAX, &hours->kw);
	if (!carbon_word_is(&key, "nodes") || carbon_word_int(&value, 0, CARBON_SITE_NODES_MAX, &nodes))
		return -1;
	hours->nodes = (uint32_t)nodes;
	return 0;
}

int carbon_config_hours_parse(const char *text, struct carbon_config_hours *out, struct carbon_err *err)
{
	struct carbon_config_hours hours = {.nodes = CARBON_LIMIT_NONE, .kw = -1};
	struct carbon_word line = {text, strlen(text)}, word = {"", 0};
	bool is_right;

	carbon_word_next(&line, &word);
	hours.days = parse_days(&word);
	if (hours.days)
		carbon_word_next(&line, &word);
	else
		hours.days = EVERY_DAY;
	is_right = parse_span(&word, &hours) == 0;
	while (is_right && carbon_word_next(&line, &word))
		is_right = parse_pair(&word, &hours) == 0;
	if (!is_right || (hours.nodes == CARBON_LIMIT_NONE && hours.kw < 0))
		return carbon_err_set(err, "\"%s\" should be [DAYS] HH:MM-HH:MM nodes=N kw=K (such as mon-fri 17:00-20:00 "
					   "kw=250)", text);
	*out = hours;
	return 0;
}

int carbon_config_blackout_parse(const char *text, struct carbon_blackout *out, struct carbon_err *err)
{
	const char *between = strstr(text, BETWEEN);
	size_t length = between ? (size_t)(between - text) : 0;
	struct carbon_blackout blackout;
	char from[TIME_MAX];

	if (!between || length >= sizeof(from) || !isdigit((unsigned char)text[0]))
		goto wrong;
	memcpy(from, text, length);
	from[length] = '\0';
	between += strlen(BETWEEN);
	/* A year must be said: without one the next such day would be meant, anew each year. */
	if (strlen(from) < 10 || from[4] != '-' || strlen(between) < 10 || between[4] != '-' ||
	    carbon_when_parse(from, 0, &blackout.from_at) || carbon_when_parse(between, 0, &blackout.to_at))
		goto wrong;
	if (blackout.to_at <= blackout.from_at)
		return carbon_err_set(err, "\"%s\" ends before it begins", text);
	*out = blackout;
	return 0;
wrong:
	return carbon_err_set(err, "\"%s\" should be two times such as 2026-12-24 to 2027-01-02 08:00", text);
}

/* --- showing --- */

static void format_days(uint8_t days, char *out, size_t size)
{
	int first = 0, last;

	out[0] = '\0';
	if (days == EVERY_DAY)
		return;
	while (!(days >> first & 1) || (days >> (first + DAYS - 1) % DAYS & 1))
		first++;
	for (last = first; days >> (last + 1) % DAYS & 1; last++)
		;
	if (last == first)
		snprintf(out, size, "%s ", day_names[first]);
	else
		snprintf(out, size, "%s-%s ", day_names[first], day_names[last % DAYS]);
}

void carbon_config_hours_format(const struct carbon_config_hours *hours, char *out, size_t size)
{
	char days[16], nodes[24] = "", kw[40] = "";

	format_days(hours->days, days, sizeof(days));
	if (hours->nodes != CARBON_LIMIT_NONE)
		snprintf(nodes, sizeof(nodes), " nodes=%u", (unsigned int)hours->nodes);
	if (hours->kw >= 0)
		snprintf(kw, sizeof(kw), " kw=%.6g", hours->kw);
	snprintf(out, size, "%s%02u:%02u-%02u:%02u%s%s", days, hours->from_min / 60u, hours->from_min % 60u,
		 hours->to_min / 60u, hours->to_min % 60u, nodes, kw);
}

static void format_time(time_t at, char out[TIME_MAX])
{
	char date[CARBON_WHEN_DATE], clock[CARBON_WHEN_CLOCK];

	if (carbon_when_date(at, date, clock) < 0)
		snprintf(out, TIME_MAX, "?");
	else
		snprintf(out, TIME_MAX, "%s %s", date, clock);
}

void carbon_config_blackout_format(const struct carbon_blackout *blackout, char *out, size_t size)
{
	char from[TIME_MAX], to[TIME_MAX];

	format_time(blackout->from_at, from);
	format_time(blackout->to_at, to);
	snprintf(out, size, "%s" BETWEEN "%s", from, to);
}

/* --- into absolute times --- */

static int by_from(const void *a, const void *b)
{
	const struct carbon_limit *x = a, *y = b;

	return x->from_at != y->from_at ? (x->from_at > y->from_at) - (x->from_at < y->from_at)
					: strcmp(x->partition, y->partition);
}

void carbon_config_limits_sort(struct carbon_site *site)
{
	if (site->limits)
		qsort(site->limit, site->limits, sizeof(*site->limit), by_from);
}

int carbon_config_limit_add(struct carbon_site *site, const struct carbon_limit *limit, struct carbon_err *err)
{
	struct carbon_limit *limits;

	if (site->limits == CARBON_SITE_LIMITS_MAX)
		return carbon_err_set(err, "more than %d limits in the days ahead", CARBON_SITE_LIMITS_MAX);
	limits = realloc(site->limit, (site->limits + 1) * sizeof(*limits));
	if (!limits)
		return carbon_err_set(err, "no memory");
	site->limit = limits;
	site->limit[site->limits++] = *limit;
	return 0;
}

/* A local day. */
struct day {
	char date[CARBON_WHEN_DATE];
	int weekday; /* Monday 0; -1: none */
};

static struct day day_of(time_t at)
{
	char clock[CARBON_WHEN_CLOCK];
	struct day day;

	day.weekday = carbon_when_date(at, day.date, clock);
	return day;
}

/* A clock time of a day, which daylight saving may move; -1: none. */
static time_t clock_at(const struct day *day, uint16_t minutes)
{
	char text[TIME_MAX];
	time_t at;

	snprintf(text, sizeof(text), "%s %02u:%02u", day->date, minutes / 60u, minutes % 60u);
	return carbon_when_parse(text, 0, &at) == 0 ? at : -1;
}

/* From noon on: no clock change is far enough to leave the day after. */
static struct day next_day(const struct day *day)
{
	return day_of(clock_at(day, DAY_MIN / 2) + DAY_S);
}

static int expand_day(const struct carbon_config_hours *hours, const struct day *day, time_t now,
		      struct carbon_site *site, struct carbon_err *err)
{
	struct carbon_limit limit = {.nodes = hours->nodes, .kw = hours->kw};
	struct day next = next_day(day);

	if (!(hours->days >> day->weekday & 1) || next.weekday < 0)
		return 0;
	memcpy(limit.partition, hours->partition, sizeof(limit.partition));
	limit.from_at = clock_at(day, hours->from_min);
	if (hours->to_min == DAY_MIN)
		limit.to_at = clock_at(&next, 0);
	else
		limit.to_at = clock_at(hours->to_min > hours->from_min ? day : &next, hours->to_min);
	if (limit.from_at < 0 || limit.to_at <= limit.from_at || limit.to_at <= now ||
	    limit.from_at >= now + CARBON_CONFIG_HOURS_AHEAD_S)
		return 0;
	return carbon_config_limit_add(site, &limit, err);
}

int carbon_config_hours_expand(const struct carbon_config_hours_list *list, time_t now, struct carbon_site *site,
			       struct carbon_err *err)
{
	struct day day = day_of(now - DAY_S); /* what began yesterday may last */
	time_t at = clock_at(&day, 0);

	while (day.weekday >= 0 && at >= 0 && at < now + CARBON_CONFIG_HOURS_AHEAD_S) {
		for (size_t i = 0; i < list->count; i++)
			if (expand_day(&list->item[i], &day, now, site, err) != 0)
				return -1;
		day = next_day(&day);
		at = clock_at(&day, 0);
	}
	return 0;
}
