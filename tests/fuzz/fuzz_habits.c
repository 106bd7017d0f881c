/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as habits, as they are and once more with a checksum that fits. What is accepted is
 * in order and can be written, and is written the same a second time.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/habit.h"
#include "lib/sealed.h"
#include "tests/fuzz/fuzz.h"

static void check_order(const struct carbon_habits *habits)
{
	assert(habits->count <= CARBON_HABITS_MAX);
	for (size_t i = 0; i < habits->count; i++) {
		const struct carbon_habit *habit = &habits->habit[i];

		assert(habit->runs >= 1 && habit->median_s >= 1 &&
		       habit->median_s <= habit->p90_s);
		assert(habit->power_w >= 0);
		assert(!i || carbon_habit_key_compare(&habit[-1].key, &habit->key) < 0);
	}
}

static void format(const struct carbon_habits *habits, struct carbon_buf *buf)
{
	struct carbon_err err = {""};

	carbon_buf_init(buf, CARBON_HABITS_SIZE_MAX);
	if (carbon_habits_format(habits, buf, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
}

/* Watts are rounded by the first writing: the second must change nothing more. */
static void check_writing(const struct carbon_habits *habits)
{
	struct carbon_buf first, second;
	struct carbon_habits again;

	format(habits, &first);
	if (carbon_habits_parse(first.text, first.length, &again, NULL))
		abort();
	format(&again, &second);
	assert(first.length == second.length && !memcmp(first.text, second.text, first.length));
	carbon_habits_fini(&again);
	carbon_buf_fini(&first);
	carbon_buf_fini(&second);
}

static void parse(const char *text, size_t length)
{
	struct carbon_habits habits;
	struct carbon_err err = {""};

	if (carbon_habits_parse(text, length, &habits, &err)) {
		assert(err.text[0]);
		return;
	}
	check_order(&habits);
	check_writing(&habits);
	carbon_habits_fini(&habits);
}

/* Any bytes as a job's name too: normalising is bounded and changes nothing a second time. */
static void check_name(const uint8_t *data, size_t size)
{
	char name[2 * CARBON_HABIT_NAME_MAX] = "", once[CARBON_HABIT_NAME_MAX],
		      twice[CARBON_HABIT_NAME_MAX];

	memcpy(name, data, size < sizeof(name) ? size : sizeof(name) - 1);
	carbon_habit_normalise(name, once);
	carbon_habit_normalise(once, twice);
	assert(strlen(once) <= strlen(name) && !strcmp(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct carbon_buf buf;

	if (size)
		check_name(data, size);
	parse((const char *)data, size);
	carbon_buf_init(&buf, CARBON_HABITS_SIZE_MAX);
	carbon_buf_add(&buf, data, size);
	if (!carbon_sealed_close(&buf, 0, CARBON_HABITS_SIZE_MAX, NULL))
		parse(buf.text, buf.length);
	carbon_buf_fini(&buf);
	return 0;
}
