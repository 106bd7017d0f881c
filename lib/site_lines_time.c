/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the site file that say when: walls, limits, blackouts, waits, and series over the hours. */
#include "lib/site_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/time.h"

/* "*" stands for all, and is kept as "". */
static int take_name_or_all(struct carbon_word *line, char name[CARBON_NAME_MAX])
{
	if (carbon_word_next_name(line, name, CARBON_NAME_MAX))
		return -1;
	if (!strcmp(name, "*"))
		name[0] = '\0';
	return 0;
}

static const char *name_or_all(const char *name)
{
	return name[0] ? name : "*";
}

static int take_span(struct carbon_word *line, time_t *from_at, time_t *to_at)
{
	long long from, to;

	if (carbon_word_next_int(line, CARBON_TIME_MIN, CARBON_TIME_MAX, &from) ||
	    carbon_word_next_int(line, from + 1, CARBON_TIME_MAX, &to))
		return -1;
	*from_at = (time_t)from;
	*to_at = (time_t)to;
	return 0;
}

static int parse_wall(struct carbon_word *line, void *item)
{
	struct carbon_wall *wall = item;

	return take_span(line, &wall->from_at, &wall->to_at) || take_name_or_all(line, wall->partition) ? -1 : 0;
}

static void format_wall(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_wall *wall = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%lld %lld %.*s", (long long)wall->from_at,
		 (long long)wall->to_at, CARBON_NAME_MAX,
		 name_or_all(wall->partition));
}

/* Walls may begin together: no two of them are taken for the same. */
static int compare_walls(const void *a, const void *b)
{
	const struct carbon_wall *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

static int parse_limit(struct carbon_word *line, void *item)
{
	struct carbon_limit *limit = item;

	limit->nodes = CARBON_LIMIT_NONE;
	limit->kw = -1;
	return take_name_or_all(line, limit->partition) || take_span(line, &limit->from_at, &limit->to_at) ? -1 : 0;
}

static void format_limit(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_limit *limit = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %lld %lld", CARBON_NAME_MAX, name_or_all(limit->partition),
		 (long long)limit->from_at, (long long)limit->to_at);
}

static int compare_limits(const void *a, const void *b)
{
	const struct carbon_limit *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

static int parse_blackout(struct carbon_word *line, void *item)
{
	struct carbon_blackout *blackout = item;

	return take_span(line, &blackout->from_at, &blackout->to_at);
}

static void format_blackout(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_blackout *blackout = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%lld %lld", (long long)blackout->from_at,
		 (long long)blackout->to_at);
}

static int compare_blackouts(const void *a, const void *b)
{
	const struct carbon_blackout *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

static int parse_wait(struct carbon_word *line, void *item)
{
	struct carbon_wait *wait = item;
	long long nodes, p50_s, p95_s, count;

	if (carbon_word_next_name(line, wait->partition, CARBON_NAME_MAX) ||
	    carbon_word_next_int(line, 1, CARBON_SITE_NODES_MAX, &nodes) ||
	    carbon_word_next_int(line, 0, CARBON_DURATION_MAX, &p50_s) ||
	    carbon_word_next_int(line, p50_s, CARBON_DURATION_MAX, &p95_s) ||
	    carbon_word_next_int(line, 1, UINT32_MAX, &count))
		return -1;
	wait->up_to_nodes = (uint32_t)nodes;
	wait->p50_s = (uint32_t)p50_s;
	wait->p95_s = (uint32_t)p95_s;
	wait->count = (uint32_t)count;
	return 0;
}

static void format_wait(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_wait *wait = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32,
		 CARBON_NAME_MAX, wait->partition, wait->up_to_nodes, wait->p50_s, wait->p95_s, wait->count);
}

static int compare_waits(const void *a, const void *b)
{
	const struct carbon_wait *x = a, *y = b;
	int order = strcmp(x->partition, y->partition);

	return order ? order : (x->up_to_nodes > y->up_to_nodes) - (x->up_to_nodes < y->up_to_nodes);
}

static int parse_full(struct carbon_word *line, void *item)
{
	return carbon_word_next_name(line, ((struct carbon_full *)item)->partition, CARBON_NAME_MAX);
}

static void format_full(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s", CARBON_NAME_MAX, ((const struct carbon_full *)item)->partition);
}

static int compare_fulls(const void *a, const void *b)
{
	return strcmp(((const struct carbon_full *)a)->partition, ((const struct carbon_full *)b)->partition);
}

static int parse_series(struct carbon_word *line, void *item)
{
	struct carbon_site_series *series = item;
	long long from_at, step_s;

	if (take_name_or_all(line, series->name) ||
	    carbon_word_next_int(line, CARBON_TIME_MIN, CARBON_TIME_MAX, &from_at) ||
	    carbon_word_next_int(line, 60, 86400, &step_s))
		return -1;
	series->from_at = (time_t)from_at;
	series->step_s = (uint32_t)step_s;
	return 0;
}

static int parse_begins(struct carbon_word *line, void *item)
{
	return parse_series(line, item) || ((struct carbon_site_series *)item)->name[0] ? -1 : 0;
}

static void format_series(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_site_series *series = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %lld %" PRIu32, CARBON_NAME_MAX, name_or_all(series->name),
		 (long long)series->from_at, series->step_s);
}

static int compare_series(const void *a, const void *b)
{
	return strcmp(((const struct carbon_site_series *)a)->name, ((const struct carbon_site_series *)b)->name);
}

const struct carbon_site_line carbon_line_wall = {parse_wall, format_wall, compare_walls};
const struct carbon_site_line carbon_line_limit = {parse_limit, format_limit, compare_limits};
const struct carbon_site_line carbon_line_blackout = {parse_blackout, format_blackout, compare_blackouts};
const struct carbon_site_line carbon_line_wait = {parse_wait, format_wait, compare_waits};
const struct carbon_site_line carbon_line_full = {parse_full, format_full, compare_fulls};
const struct carbon_site_line carbon_line_series = {parse_series, format_series, compare_series};
const struct carbon_site_line carbon_line_begins = {parse_begins, format_series, compare_series};
