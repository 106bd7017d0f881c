/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A binary heap of times. */
#include "simulator/heap.h"

#include <stdlib.h>
#include <string.h>

#define FIRST 256

bool carbon_heap_is_before(struct carbon_heap_entry a, struct carbon_heap_entry b)
{
	return a.at < b.at || (a.at == b.at && a.job < b.job);
}

static int grow(struct carbon_heap *heap)
{
	size_t capacity = heap->capacity ? heap->capacity * 2 : FIRST;
	struct carbon_heap_entry *entry = realloc(heap->entry, capacity * sizeof(*entry));

	if (!entry)
		return -1;
	heap->entry = entry;
	heap->capacity = capacity;
	return 0;
}

int carbon_heap_push(struct carbon_heap *heap, struct carbon_heap_entry entry)
{
	size_t i = heap->count;

	if (heap->count == heap->capacity && grow(heap) < 0)
		return -1;
	heap->count++;
	for (; i > 0 && carbon_heap_is_before(entry, heap->entry[(i - 1) / 2]); i = (i - 1) / 2)
		heap->entry[i] = heap->entry[(i - 1) / 2];
	heap->entry[i] = entry;
	return 0;
}

struct carbon_heap_entry carbon_heap_pop(struct carbon_heap *heap)
{
	struct carbon_heap_entry *entry = heap->entry;
	struct carbon_heap_entry top = entry[0], last = entry[--heap->count];
	size_t i = 0, child;

	while ((child = 2 * i + 1) < heap->count) {
		if (child + 1 < heap->count &&
		    carbon_heap_is_before(entry[child + 1], entry[child]))
			child++;
		if (!carbon_heap_is_before(entry[child], last))
			break;
		entry[i] = entry[child];
		i = child;
	}
	entry[i] = last;
	return top;
}

void carbon_heap_fini(struct carbon_heap *heap)
{
	free(heap->entry);
	memset(heap, 0, sizeof(*heap));
}
