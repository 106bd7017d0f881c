/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Habits as they grow along a trace: the newest hundred runs of each user and name, user, and
 * size, as carbonctl settle keeps them (lib/habit.h). Keys are the trace's own numbers, for its
 * names were normalised when they were read. Knows only what it was told has ended.
 */
#ifndef CARBON_MEMORY_H
#define CARBON_MEMORY_H

#include <stddef.h>
#include <stdint.h>

#include "lib/habit.h"
#include "simulator/trace.h"

#define CARBON_MEMORY_RUNS 100 /* newest ones that make a habit */

struct carbon_memory_slot;

/* All zero is empty. */
struct carbon_memory {
	size_t slots, used;
	struct carbon_memory_slot **slot;
};

void carbon_memory_fini(struct carbon_memory *memory);

/* JOB has ended. -1: no memory. */
int carbon_memory_learn(struct carbon_memory *memory, const struct carbon_trace_job *job);

/* Median of the runs like JOB at this level; 0: fewer than three, or JOB does not tell what it
 * needs. */
uint32_t carbon_memory_usual(const struct carbon_memory *memory,
			     const struct carbon_trace_job *job, enum carbon_habit_level level);

/* Of the most particular level that knows, at most the limit; 0: none does. */
uint32_t carbon_memory_habit(const struct carbon_memory *memory,
			     const struct carbon_trace_job *job,
			     enum carbon_habit_level *level);

#endif
