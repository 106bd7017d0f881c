/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Jobs by time, the next one first: a binary heap that grows. Of equal times the lower number
 * is first. */
#ifndef CARBON_HEAP_H
#define CARBON_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct carbon_heap_entry {
	time_t at;
	size_t job;
};

/* All zero is empty. */
struct carbon_heap {
	size_t count, capacity;
	struct carbon_heap_entry *entry; /* entry[0] is the next one */
};

bool carbon_heap_is_before(struct carbon_heap_entry a, struct carbon_heap_entry b);

/* -1: no memory. */
int carbon_heap_push(struct carbon_heap *heap, struct carbon_heap_entry entry);
/* Of one that is not empty. */
struct carbon_heap_entry carbon_heap_pop(struct carbon_heap *heap);
void carbon_heap_fini(struct carbon_heap *heap);

#endif
