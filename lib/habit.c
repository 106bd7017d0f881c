/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a job's habit is filed under, and finding it. Called in slurmctld: allocates nothing. */
#include "lib/habit.h"

#include <stdlib.h>
#include <string.h>

#define FNV_BASE UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static const char *const level_names[CARBON_HABIT_LEVELS] = {
	[CARBON_HABIT_NAME] = "name",
	[CARBON_HABIT_USER] = "user",
	[CARBON_HABIT_CLASS] = "class",
};

const char *carbon_habit_level_name(enum carbon_habit_level level)
{
	return level_names[level];
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* No ctype: a locale must not change what a name is filed under. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void carbon_habit_normalise(const char *name, char out[CARBON_HABIT_NAME_MAX])
{
	size_t length = 0;

	for (size_t i = 0; name[i] && length < CARBON_HABIT_NAME_MAX - 1; i++) {
		if (!is_digit(name[i]))
			out[length++] = lower(name[i]);
		else if (i == 0 || !is_digit(name[i - 1]))
			out[length++] = '#';
	}
	out[length] = '\0';
}

/* --- keys --- */

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * FNV_PRIME;
	return hash;
}

/* By bytes and not by memory, so that every machine gets the same. */
static uint64_t add_number(uint64_t hash, uint32_t value)
{
	for (int i = 0; i < 4; i++, value >>= 8)
		hash = (hash ^ (value & 0xff)) * FNV_PRIME;
	return hash;
}

/* FNV's upper bits hardly move with the last bytes: stir them (the finish of MurmurHash3). */
static uint64_t finish(uint64_t hash)
{
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xff51afd7ed558ccd);
	hash = (hash ^ (hash >> 33)) * UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ (hash >> 33);
}

/* Cores by powers of two: 1, 2, 3-4, 5-8, ... */
static uint32_t size_class(double cores)
{
	uint32_t doublings = 0;

	for (double most = 1; most < cores && doublings < 32; most *= 2)
		doublings++;
	return doublings;
}

bool carbon_habit_key(enum carbon_habit_level level, const struct carbon_habit_ask *ask,
		      struct carbon_habit_key *key)
{
	uint64_t hash = add_number(FNV_BASE, (uint32_t)level);
	char name[CARBON_HABIT_NAME_MAX];

	if (level == CARBON_HABIT_CLASS) {
		if (!ask->partition || !ask->partition[0])
			return false;
		hash = add_bytes(hash, ask->partition, strlen(ask->partition));
		hash = add_number(hash, size_class(ask->cores));
		hash = add_number(hash, size_class(ask->gpus) + (ask->gpus > 0));
		*key = (struct carbon_habit_key){finish(hash), CARBON_HABIT_NO_USER};
		return true;
	}
	hash = add_number(hash, ask->uid);
	if (level == CARBON_HABIT_NAME) {
		if (!ask->name || !ask->name[0])
			return false;
		carbon_habit_normalise(ask->name, name);
		hash = add_bytes(hash, name, strlen(name));
	}
	*key = (struct carbon_habit_key){finish(hash), ask->uid};
	return true;
}

int carbon_habit_key_compare(const struct carbon_habit_key *a, const struct carbon_habit_key *b)
{
	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	return (a->uid > b->uid) - (a->uid < b->uid);
}

/* --- finding --- */

static const struct carbon_habit *find_key(const struct carbon_habits *habits,
					   const struct carbon_habit_key *key)
{
	size_t from = 0, to = habits->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = carbon_habit_key_compare(&habits->habit[middle].key, key);

		if (order == 0)
			return &habits->habit[middle];
		if (order < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return NULL;
}

const struct carbon_habit *carbon_habits_find(const struct carbon_habits *habits,
					      const struct carbon_habit_ask *ask, time_t now,
					      enum carbon_habit_level *level)
{
	for (int i = 0; habits && i < CARBON_HABIT_LEVELS; i++) {
		const struct carbon_habit *habit;
		struct carbon_habit_key key;

		if (!carbon_habit_key((enum carbon_habit_level)i, ask, &key))
			continue;
		habit = find_key(habits, &key);
		if (!habit || habit->runs < CARBON_HABIT_RUNS_MIN ||
		    habit->last_at < now - CARBON_HABIT_OLD_S)
			continue;
		*level = (enum carbon_habit_level)i;
		return habit;
	}
	return NULL;
}

void carbon_habits_init(struct carbon_habits *habits)
{
	memset(habits, 0, sizeof(*habits));
}

void carbon_habits_fini(struct carbon_habits *habits)
{
	free(habits->habit);
	memset(habits, 0, sizeof(*habits));
}
