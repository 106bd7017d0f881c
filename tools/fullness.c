/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which nodes partitions share, and which rows of accounting are still true. Must never take a row that accounting
 * forgot to end for a job that waits or runs.
 */
#include "tools/fullness.h"

#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/record.h"

static bool has_node(const struct carbon_live *live, size_t partition, size_t node)
{
	return live->member[node * live->partitions + partition] != 0;
}

/* The default partition's, else that of the first one that has it. */
static size_t find_own(const struct carbon_live *live, size_t node)
{
	size_t own = live->partitions;

	for (size_t i = live->partitions; i-- > 0;)
		if (has_node(live, i, node) &&
		    (own == live->partitions || live->partition[i].is_default || !live->partition[own].is_default))
			own = i;
	return own;
}

/* Counts first, shares of the row's partition in the end. */
static void count_node(struct carbon_tool_fullness *fullness, size_t node)
{
	const struct carbon_live *live = fullness->live;
	size_t own = find_own(live, node);

	fullness->own_place[node] = own;
	if (own < live->partitions)
		fullness->place[own].own_nodes++;
	for (size_t i = 0; i < live->partitions; i++) {
		if (!has_node(live, i, node))
			continue;
		fullness->place[i].nodes++;
		fullness->owned[i * live->partitions + own]++;
		for (size_t j = 0; j < live->partitions; j++)
			fullness->shared[i * live->partitions + j] += has_node(live, j, node);
	}
}

static void fill_places(struct carbon_tool_fullness *fullness)
{
	const struct carbon_live *live = fullness->live;
	size_t places = live->partitions;

	for (size_t i = 0; i < places; i++) {
		fullness->place[i].partition = live->partition[i].name;
		fullness->place[i].node_cores = live->partition[i].node_cores;
	}
	for (size_t i = 0; i < live->nodes; i++)
		count_node(fullness, i);
	for (size_t i = 0; i < places; i++)
		for (size_t j = 0; j < places && fullness->place[i].nodes; j++) {
			fullness->shared[i * places + j] /= fullness->place[i].nodes;
			fullness->owned[i * places + j] /= fullness->place[i].nodes;
		}
}

static int by_id(const void *a, const void *b)
{
	const struct carbon_live_job *x = *(const struct carbon_live_job *const *)a;
	const struct carbon_live_job *y = *(const struct carbon_live_job *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

static void list_open(struct carbon_tool_fullness *fullness)
{
	for (size_t i = 0; i < fullness->live->jobs; i++)
		if (!fullness->live->job[i].is_finished)
			fullness->open[fullness->opens++] = &fullness->live->job[i];
	if (fullness->opens)
		qsort(fullness->open, fullness->opens, sizeof(*fullness->open), by_id);
}

int carbon_tool_fullness_init(struct carbon_tool_fullness *fullness, const struct carbon_live *live, time_t grace_s,
			      const time_t span[2], struct carbon_err *err)
{
	size_t places = live->partitions;
	struct carbon_occupy_site site = {.cluster = live->cluster, .places = places, .grace_s = grace_s};

	memset(fullness, 0, sizeof(*fullness));
	fullness->live = live;
	fullness->err = err;
	fullness->place = calloc(places + 1, sizeof(*fullness->place));
	fullness->shared = calloc(places * places + 1, sizeof(*fullness->shared));
	fullness->owned = calloc(places * places + 1, sizeof(*fullness->owned));
	fullness->own_place = calloc(live->nodes + 1, sizeof(*fullness->own_place));
	fullness->open = calloc(live->jobs + 1, sizeof(*fullness->open));
	if (!fullness->place || !fullness->shared || !fullness->owned || !fullness->own_place || !fullness->open)
		return carbon_err_set(err, "no memory for %zu partitions of %zu nodes", places, live->nodes);
	fill_places(fullness);
	list_open(fullness);
	site.place = fullness->place;
	site.shared = fullness->shared;
	site.owned = fullness->owned;
	fullness->occupy = carbon_occupy_create(&site, span[0], span[1]);
	if (!fullness->occupy)
		return carbon_err_set(err, "no memory for how full %zu partitions were, or more than three years at once "
					   "(settle them year by year with --since)", places);
	return 0;
}

void carbon_tool_fullness_fini(struct carbon_tool_fullness *fullness)
{
	carbon_occupy_destroy(fullness->occupy);
	free(fullness->place);
	free(fullness->shared);
	free(fullness->owned);
	free(fullness->own_place);
	free(fullness->open);
	memset(fullness, 0, sizeof(*fullness));
}

/* NULL: slurmctld knows of no such job that waits or runs. */
static const struct carbon_live_job *find_open(const struct carbon_tool_fullness *fullness, uint32_t id)
{
	struct carbon_live_job key = {.id = id};
	const struct carbon_live_job *wanted = &key;
	const struct carbon_live_job **found = NULL;

	if (fullness->opens)
		found = bsearch(&wanted, fullness->open, fullness->opens, sizeof(*fullness->open), by_id);
	return found ? *found : NULL;
}

/* The begin that we gave it, as its record has it. */
static time_t find_begin(const char *comment)
{
	struct carbon_record record;

	if (carbon_record_read(comment, &record, NULL) != 1 || !record.delayed || record.level == CARBON_LEVEL_OBSERVE)
		return 0;
	return record.begin_at;
}

void carbon_tool_fullness_add(struct carbon_tool_fullness *fullness, const struct carbon_run *run)
{
	const struct carbon_live_job *open;
	struct carbon_run now = *run;

	if (run->end_at) {
		carbon_occupy_add(fullness->occupy, run, find_begin(run->comment));
		return;
	}
	open = find_open(fullness, run->id);
	if (!open) {
		fullness->lost++;
		return;
	}
	/* Accounting hears of a moved begin, a hold or a dependency late. */
	if (run->start_at == 0 && open->is_pending)
		now.eligible_at = open->eligible_at;
	carbon_occupy_add(fullness->occupy, &now, find_begin(open->comment));
}

static size_t find_node(const struct carbon_live *live, const char *name)
{
	for (size_t i = 0; i < live->nodes; i++)
		if (strcmp(live->node[i].name, name) == 0)
			return i;
	return live->nodes;
}

/* A node that is gone has no place any more. */
static int take_event(const struct carbon_node_event *event, void *context)
{
	struct carbon_tool_fullness *fullness = context;
	const struct carbon_live *live = fullness->live;
	size_t node = find_node(live, event->node);

	for (size_t i = 0; node < live->nodes && i < live->partitions; i++)
		if (has_node(live, i, node))
			carbon_occupy_state(fullness->occupy, i, fullness->own_place[node] == i, event);
	return 0;
}

int carbon_tool_fullness_write(struct carbon_tool_fullness *fullness, struct carbon_store *store, const time_t span[2])
{
	bool is_known = false;

	if (carbon_cluster_events(span[0], span[1], take_event, fullness, &is_known, fullness->err) < 0)
		return -1;
	return carbon_occupy_write(fullness->occupy, store, fullness->err);
}
