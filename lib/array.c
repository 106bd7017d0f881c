/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Array indices. Must never take longer than one pass over the text, whatever numbers it holds. */
#include "lib/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FIRST to LAST in steps; TASKS of them, 0: it could not be read. */
struct range {
	unsigned long first, step;
	unsigned long tasks;
};

/* One of "7", "1-10", "20-30:2". Moves *CURSOR behind it. */
static struct range read_range(const char **cursor)
{
	char *end;
	unsigned long first = strtoul(*cursor, &end, 10);
	unsigned long last = first, step = 1;

	if (end == *cursor)
		return (struct range){0};
	if (*end == '-')
		last = strtoul(end + 1, &end, 10);
	if (*end == ':')
		step = strtoul(end + 1, &end, 10);
	*cursor = end;
	if (step == 0 || last < first || last > CARBON_ARRAY_TASKS_MAX)
		return (struct range){0};
	return (struct range){first, step, (last - first) / step + 1};
}

/* All ranges of *CURSOR, which is moved behind them; 0 where one cannot be read. */
static uint32_t count_tasks(const char **cursor)
{
	unsigned long sum = 0;

	for (;; (*cursor)++) {
		unsigned long tasks = read_range(cursor).tasks;

		if (tasks == 0)
			return 0;
		sum += tasks;
		if (sum > CARBON_ARRAY_TASKS_MAX)
			sum = CARBON_ARRAY_TASKS_MAX;
		if (**cursor != ',')
			return (uint32_t)sum;
	}
}

/* Behind "%"; 0 where there is none: as many as there is room for. */
static unsigned long count_at_once(const char *text)
{
	text += strspn(text, "] ");
	return *text == '%' ? strtoul(text + 1, NULL, 10) : 0;
}

void carbon_array_parse(const char *indices, struct carbon_array *out)
{
	unsigned long at_once;

	*out = (struct carbon_array){1, 1};
	if (!indices)
		return;
	indices += strspn(indices, "[ ");
	out->tasks = count_tasks(&indices);
	if (out->tasks == 0) {
		out->tasks = 1;
		return;
	}
	at_once = count_at_once(indices);
	if (at_once > 0 && at_once < out->tasks)
		out->waves = (uint32_t)((out->tasks + at_once - 1) / at_once);
}

/* --- some of the tasks --- */

/* "3", "3-5" or "3-9:2" behind what OUT holds. -1: it does not fit. */
static int put_range(const struct range *range, char out[CARBON_ARRAY_TEXT_MAX])
{
	size_t length = strlen(out), room = CARBON_ARRAY_TEXT_MAX - length;
	unsigned long last = range->first + (range->tasks - 1) * range->step;
	const char *comma = length ? "," : "";
	int put;

	if (range->tasks == 1)
		put = snprintf(out + length, room, "%s%lu", comma, range->first);
	else if (range->step == 1)
		put = snprintf(out + length, room, "%s%lu-%lu", comma, range->first, last);
	else
		put = snprintf(out + length, room, "%s%lu-%lu:%lu", comma, range->first, last, range->step);
	return put > 0 && (size_t)put < room ? 0 : -1;
}

int carbon_array_take(const char *indices, uint32_t first, uint32_t count, char out[CARBON_ARRAY_TEXT_MAX])
{
	unsigned long skip = first, left = count;

	out[0] = '\0';
	indices += strspn(indices, "[ ");
	while (left) {
		struct range range = read_range(&indices);
		unsigned long skipped = skip < range.tasks ? skip : range.tasks;

		if (!range.tasks)
			return -1;
		skip -= skipped;
		range.first += skipped * range.step;
		range.tasks -= skipped;
		if (range.tasks > left)
			range.tasks = left;
		if (range.tasks && put_range(&range, out) < 0)
			return -1;
		left -= range.tasks;
		if (left && *indices++ != ',')
			return -1;
	}
	return 0;
}

static bool has_task(const char *indices, unsigned long task)
{
	for (;; indices++) {
		struct range range = read_range(&indices);

		if (!range.tasks)
			return false;
		if (task >= range.first && (task - range.first) % range.step == 0 &&
		    (task - range.first) / range.step < range.tasks)
			return true;
		if (*indices != ',')
			return false;
	}
}

bool carbon_array_has(const char *indices, const char *some)
{
	indices += strspn(indices, "[ ");
	for (;; some++) {
		struct range range = read_range(&some);

		if (!range.tasks)
			return false;
		for (unsigned long i = 0; i < range.tasks; i++)
			if (!has_task(indices, range.first + i * range.step))
				return false;
		if (*some != ',')
			return true;
	}
}
