/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One ring of slots per array. Must never be asked for arrays without a limit, which need none. */
#include "tools/mates.h"

#include <stdlib.h>

#include "lib/record.h"

static bool is_limited(const struct carbon_live_job *job)
{
	return job->array_id && job->at_once;
}

static int is_array(const void *key, const void *item)
{
	uint32_t id = *(const uint32_t *)key, other = ((const struct carbon_mates *)item)->array_id;

	return (id > other) - (id < other);
}

static int by_id(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* Arrays of which something waits, each once and in order. NULL: no memory. */
static uint32_t *list_arrays(const struct carbon_live *live, size_t *count)
{
	uint32_t *id = calloc(live->jobs + 1, sizeof(*id));
	size_t all = 0, kept = 0;

	for (size_t i = 0; id && i < live->jobs; i++)
		if (live->job[i].is_pending && is_limited(&live->job[i]))
			id[all++] = live->job[i].array_id;
	if (id)
		qsort(id, all, sizeof(*id), by_id);
	for (size_t i = 0; i < all; i++)
		if (!kept || id[kept - 1] != id[i])
			id[kept++] = id[i];
	*count = kept;
	return id;
}

/* A task that runs is over when its record expects that, or else at its limit. */
static void add_running(struct carbon_load *load, const struct carbon_live_job *job, time_t now)
{
	struct carbon_claim claim = {.begin_at = now, .end_at = job->end_at, .nodes = 1};
	struct carbon_record record;

	if (carbon_record_read(job->comment, &record, NULL) == 1 && job->start_at + (time_t)record.runtime_s > now)
		claim.end_at = job->start_at + (time_t)record.runtime_s;
	carbon_load_add(load, &claim);
}

int carbon_mates_init(struct carbon_mates_list *list, const struct carbon_live *live, time_t now)
{
	size_t count;
	uint32_t *id = list_arrays(live, &count);

	*list = (struct carbon_mates_list){.item = calloc(count + 1, sizeof(*list->item))};
	if (!id || !list->item) {
		free(id);
		carbon_mates_fini(list);
		return -1;
	}
	for (; list->count < count; list->count++) {
		struct carbon_mates *mates = &list->item[list->count];

		mates->array_id = id[list->count];
		carbon_load_init(&mates->load, 1, mates->storage, now);
	}
	free(id);
	for (size_t i = 0; i < live->jobs; i++) {
		struct carbon_load *load = live->job[i].is_running ? carbon_mates_find(list, &live->job[i]) : NULL;

		if (load)
			add_running(load, &live->job[i], now);
	}
	return 0;
}

void carbon_mates_fini(struct carbon_mates_list *list)
{
	free(list->item);
	*list = (struct carbon_mates_list){0};
}

struct carbon_load *carbon_mates_find(struct carbon_mates_list *list, const struct carbon_live_job *job)
{
	struct carbon_mates *found = NULL;

	if (is_limited(job) && list->count)
		found = bsearch(&job->array_id, list->item, list->count, sizeof(*list->item), is_array);
	return found ? &found->load : NULL;
}
