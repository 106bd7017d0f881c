/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Habits by open addressing. Medians are those of settle: of an even number, the mean of both.
 */
#include "simulator/memory.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024

struct key {
	uint32_t level, a, b;
};

struct carbon_memory_slot {
	struct key key;
	uint32_t runs;
	uint32_t run_s[CARBON_MEMORY_RUNS];  /* the newest ones, as a ring */
	uint32_t sorted[CARBON_MEMORY_RUNS]; /* the same, shortest first */
};

/* --- slots --- */

static uint64_t hash_of(const struct key *key)
{
	uint64_t hash =
		((uint64_t)key->a << 32 | key->b) + key->level * UINT64_C(0xbf58476d1ce4e5b9);

	hash = (hash ^ hash >> 31) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static struct carbon_memory_slot **find(const struct carbon_memory *memory,
					const struct key *key)
{
	size_t i = (size_t)hash_of(key) & (memory->slots - 1);

	while (memory->slot[i] && memcmp(&memory->slot[i]->key, key, sizeof(*key)) != 0)
		i = (i + 1) & (memory->slots - 1);
	return &memory->slot[i];
}

static int grow(struct carbon_memory *memory)
{
	struct carbon_memory more = {.slots = memory->slots ? 2 * memory->slots : SLOTS_FIRST,
				     .used = memory->used};

	if (memory->used < memory->slots / 2)
		return 0;
	more.slot = calloc(more.slots, sizeof(struct carbon_memory_slot *));
	if (!more.slot)
		return -1;
	for (size_t i = 0; i < memory->slots; i++)
		if (memory->slot[i])
			*find(&more, &memory->slot[i]->key) = memory->slot[i];
	free(memory->slot);
	*memory = more;
	return 0;
}

/* The one of KEY, made where there is none; NULL: no memory. */
static struct carbon_memory_slot *make(struct carbon_memory *memory, const struct key *key)
{
	struct carbon_memory_slot **slot, *made;

	if (grow(memory) < 0)
		return NULL;
	slot = find(memory, key);
	made = *slot;
	if (!made) {
		made = calloc(1, sizeof(*made));
		if (!made)
			return NULL;
		made->key = *key;
		*slot = made;
		memory->used++;
	}
	return made;
}

void carbon_memory_fini(struct carbon_memory *memory)
{
	for (size_t i = 0; i < memory->slots; i++)
		free(memory->slot[i]);
	free(memory->slot);
	memset(memory, 0, sizeof(*memory));
}

/* --- keys --- */

/* As lib/habit.c: powers of two. */
static uint32_t size_class(uint32_t nodes)
{
	uint32_t doublings = 0;

	while (doublings < 31 && UINT32_C(1) << doublings < nodes)
		doublings++;
	return doublings;
}

static bool key_of(const struct carbon_trace_job *job, enum carbon_habit_level level,
		   struct key *key)
{
	*key = (struct key){level, job->user, level == CARBON_HABIT_NAME ? job->name : 0};
	if (level == CARBON_HABIT_CLASS)
		*key = (struct key){level, size_class(job->nodes), 0};
	return level == CARBON_HABIT_CLASS ||
	       (job->user && (level == CARBON_HABIT_USER || job->name));
}

/* --- runs --- */

static size_t kept(const struct carbon_memory_slot *slot)
{
	return slot->runs < CARBON_MEMORY_RUNS ? slot->runs : CARBON_MEMORY_RUNS;
}

/* The first of COUNT sorted ones that is not shorter. */
static size_t place_of(const uint32_t *sorted, size_t count, uint32_t run_s)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (sorted[middle] < run_s)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The oldest goes where there is no room. */
static void add_run(struct carbon_memory_slot *slot, uint32_t run_s)
{
	size_t count = kept(slot), oldest = slot->runs % CARBON_MEMORY_RUNS, at;
	uint32_t *sorted = slot->sorted;

	if (count == CARBON_MEMORY_RUNS) {
		at = place_of(sorted, count--, slot->run_s[oldest]);
		memmove(sorted + at, sorted + at + 1, (count - at) * sizeof(*sorted));
	}
	at = place_of(sorted, count, run_s);
	memmove(sorted + at + 1, sorted + at, (count - at) * sizeof(*sorted));
	sorted[at] = run_s;
	slot->run_s[oldest] = run_s;
	slot->runs++;
}

int carbon_memory_learn(struct carbon_memory *memory, const struct carbon_trace_job *job)
{
	for (int level = 0; level < CARBON_HABIT_LEVELS; level++) {
		struct carbon_memory_slot *slot;
		struct key key;

		if (!key_of(job, (enum carbon_habit_level)level, &key))
			continue;
		slot = make(memory, &key);
		if (!slot)
			return -1;
		add_run(slot, job->runtime_s);
	}
	return 0;
}

uint32_t carbon_memory_usual(const struct carbon_memory *memory,
			     const struct carbon_trace_job *job, enum carbon_habit_level level)
{
	const struct carbon_memory_slot *slot;
	struct key key;
	size_t count;

	if (!memory->slots || !key_of(job, level, &key))
		return 0;
	slot = *find(memory, &key);
	if (!slot || slot->runs < CARBON_HABIT_RUNS_MIN)
		return 0;
	count = kept(slot);
	return (uint32_t)(((uint64_t)slot->sorted[(count - 1) / 2] + slot->sorted[count / 2]) /
			  2);
}

uint32_t carbon_memory_habit(const struct carbon_memory *memory,
			     const struct carbon_trace_job *job, enum carbon_habit_level *level)
{
	for (int l = 0; l < CARBON_HABIT_LEVELS; l++) {
		uint32_t run_s = carbon_memory_usual(memory, job, (enum carbon_habit_level)l);

		if (!run_s)
			continue;
		*level = (enum carbon_habit_level)l;
		return job->limit_s && run_s > job->limit_s ? job->limit_s : run_s;
	}
	return 0;
}
