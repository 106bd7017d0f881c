/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Array indices. Must never take longer than one pass over the text, whatever numbers it holds. */
#include "lib/array.h"

#include <stdlib.h>
#include <string.h>

/* One of "7", "1-10", "20-30:2"; 0 where it cannot be read. Moves *CURSOR behind it. */
static unsigned long range_tasks(const char **cursor)
{
	char *end;
	unsigned long first = strtoul(*cursor, &end, 10);
	unsigned long last = first, step = 1;

	if (end == *cursor)
		return 0;
	if (*end == '-')
		last = strtoul(end + 1, &end, 10);
	if (*end == ':')
		step = strtoul(end + 1, &end, 10);
	*cursor = end;
	return step == 0 || last < first || last > CARBON_ARRAY_TASKS_MAX ? 0 : (last - first) / step + 1;
}

/* All ranges of *CURSOR, which is moved behind them; 0 where one cannot be read. */
static uint32_t count_tasks(const char **cursor)
{
	unsigned long sum = 0;

	for (;; (*cursor)++) {
		unsigned long tasks = range_tasks(cursor);

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
