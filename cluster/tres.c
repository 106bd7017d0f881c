/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a job holds, from TRES strings. Must never fail: accounting rows may hold anything. */
#include "cluster/tres.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/buf.h"
#include "lib/num.h"

#define ITEM_MAX 128
#define GPUS_MAX 4096
#define NO_VALUE 1.8e19 /* 2^64 - 2 and - 1 are Slurm's "not known" */

struct item {
	char name[ITEM_MAX];
	char value[ITEM_MAX];
};

/* The next "name=value" of a comma-separated list; passes over what is none. */
static bool next_item(const char **cursor, struct item *item)
{
	while (**cursor) {
		size_t length = strcspn(*cursor, ",");
		const char *equals = memchr(*cursor, '=', length);
		const char *text = *cursor;

		*cursor += length + ((*cursor)[length] == ',');
		if (!equals || length >= ITEM_MAX)
			continue;
		snprintf(item->name, ITEM_MAX, "%.*s", (int)(equals - text), text);
		snprintf(item->value, ITEM_MAX, "%.*s", (int)(text + length - equals - 1),
			 equals + 1);
		return true;
	}
	return false;
}

/* "8000", "8000M", "1.50G" as MB; -1: none of these. */
static double read_mb(const char *value)
{
	static const char UNITS[] = "KMGTP";
	char digits[ITEM_MAX];
	size_t length = strlen(value);
	double number, scale = 1;
	const char *unit = length ? strchr(UNITS, value[length - 1]) : NULL;

	snprintf(digits, sizeof(digits), "%s", value);
	if (unit && *unit) {
		digits[length - 1] = '\0';
		scale = 1.0 / 1024;
		for (const char *step = UNITS; step < unit; step++)
			scale *= 1024;
	}
	if (carbon_num_parse(digits, 0, NO_VALUE, &number) < 0)
		return -1;
	return number * scale;
}

static double read_count(const char *value)
{
	double number;

	return carbon_num_parse(value, 0, NO_VALUE, &number) < 0 ? -1 : number;
}

/* Slurm's fixed numbers (1 cpu, 2 mem, 4 node), and the table's from 1001 on. NULL: unknown. */
static const char *spell(const char *name, const struct carbon_tres_table *table)
{
	static const char *const FIXED[] = {NULL, "cpu", "mem", "energy", "node", "billing"};
	long long id;

	if (carbon_int_parse(name, 0, UINT32_MAX, &id) < 0)
		return name;
	if (id < (long long)(sizeof(FIXED) / sizeof(FIXED[0])))
		return FIXED[id];
	for (size_t i = 0; table && i < table->count; i++)
		if (table->name[i].id == id)
			return table->name[i].name;
	return NULL;
}

static void take(const char *name, const char *value, struct carbon_resources *use)
{
	double number;

	if (strcasecmp(name, "cpu") == 0 && (number = read_count(value)) >= 0)
		use->cores = number;
	else if (strcasecmp(name, "node") == 0 && (number = read_count(value)) >= 0)
		use->nodes = number;
	else if (strcasecmp(name, "mem") == 0 && (number = read_mb(value)) >= 0)
		use->memory_gb = number / 1024;
}

void carbon_tres_parse(const char *tres, const struct carbon_tres_table *table,
		       struct carbon_resources *use)
{
	const char *cursor = tres ? tres : "";
	struct carbon_buf gpus;
	struct item item;

	carbon_buf_init(&gpus, GPUS_MAX);
	while (next_item(&cursor, &item)) {
		const char *name = spell(item.name, table);

		if (!name)
			continue;
		take(name, item.value, use);
		if (strncasecmp(name, "gres/gpu", strlen("gres/gpu")) == 0)
			carbon_buf_printf(&gpus, "%s=%s,", name, item.value);
	}
	if (gpus.text)
		(void)carbon_gpu_parse(gpus.text, 1, use);
	carbon_buf_fini(&gpus);
}

double carbon_tres_count(const char *tres, uint32_t id)
{
	const char *cursor = tres ? tres : "";
	struct item item;
	long long number;

	while (next_item(&cursor, &item))
		if (carbon_int_parse(item.name, 0, UINT32_MAX, &number) == 0 && number == id)
			return read_count(item.value);
	return -1;
}
