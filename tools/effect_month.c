/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs of a month by place (partitions that share nodes are one), each replayed with and without our begins. Must
 * never call anything saved that the replay does not.
 */
#include "tools/effect_month.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/store.h"
#include "accounting/trail.h"
#include "cluster/cluster.h"
#include "lib/err.h"
#include "lib/series.h"
#include "simulator/effect.h"
#include "tools/overlap.h"

#define DAY_S ((time_t)86400)
#define HOUR_S ((time_t)3600)
#define LEAD_S (4 * DAY_S)   /* runs around the month take room in it */
#define OPEN_S (15 * DAY_S)  /* after its end a month may still change */
#define AGAIN_S (20 * 3600)  /* not more often is an open month worked out */
#define FIRST_RUNS 1024

/* A place: partitions that share nodes. */
struct group {
	char zone[CARBON_ZONE_MAX]; /* of its first run that has one */
	uint32_t nodes, cores, node_cores;
	bool is_shared; /* several jobs on a node: then cores run out, not nodes */
	size_t count, capacity;
	struct carbon_effect_job *job;
	double *nodes_of; /* of each job */
	double *cores_of; /* where nodes are shared; GPUs as the cores that go with them */
	size_t delayed;
};

struct work {
	const struct carbon_tool_effect_ask *ask;
	time_t from_at, to_at; /* the month, as far as it has come */
	size_t *group_of;      /* of each partition */
	struct group *group;   /* one per partition, empty where it joined another */
	bool is_flat;	       /* of waits alone: every hour is as good as any other */
};

/* --- places --- */

static void size_groups(struct work *work)
{
	const struct carbon_live *live = work->ask->live;

	for (size_t i = 0; i < live->nodes; i++)
		for (size_t j = 0; j < live->partitions; j++)
			if (live->member[i * live->partitions + j]) {
				work->group[work->group_of[j]].nodes++;
				work->group[work->group_of[j]].cores += live->node[i].cores;
				break;
			}
	for (size_t j = 0; j < live->partitions; j++)
		work->group[work->group_of[j]].node_cores = live->partition[j].node_cores;
}

static int make_groups(struct work *work, struct carbon_err *err)
{
	size_t partitions = work->ask->live->partitions;

	work->group_of = calloc(partitions + 1, sizeof(*work->group_of));
	work->group = calloc(partitions + 1, sizeof(*work->group));
	if (!work->group_of || !work->group)
		return carbon_err_set(err, "no memory for %zu partitions", partitions);
	carbon_overlap_groups(work->ask->live, work->group_of);
	size_groups(work);
	return 0;
}

static void empty_groups(struct work *work)
{
	for (size_t i = 0; work->group && i < work->ask->live->partitions; i++) {
		struct group *group = &work->group[i];

		free(group->job);
		free(group->nodes_of);
		free(group->cores_of);
		group->job = NULL;
		group->nodes_of = group->cores_of = NULL;
		group->count = group->capacity = group->delayed = 0;
		group->is_shared = false;
		group->zone[0] = '\0';
	}
}

/* NULL: a partition that is gone. */
static const struct carbon_partition *find_partition(const struct work *work, const char *name)
{
	const struct carbon_live *live = work->ask->live;

	for (size_t i = 0; i < live->partitions; i++)
		if (strcmp(live->partition[i].name, name) == 0)
			return &live->partition[i];
	return NULL;
}

static struct group *group_of(const struct work *work, const struct carbon_partition *partition)
{
	return &work->group[work->group_of[partition - work->ask->live->partition]];
}

/* What a run takes of shared nodes, in cores: a job with half of a node's GPUs leaves as little room as one with half of its cores. */
static double cores_of(const struct carbon_partition *partition, const struct carbon_trail_run *run)
{
	double by_gpus = partition->node_gpus ? (double)run->gpus * partition->node_cores / partition->node_gpus : 0;

	return fmax(run->cores, by_gpus);
}

/* --- runs --- */

static int grow(struct group *group)
{
	size_t capacity = group->capacity ? group->capacity * 2 : FIRST_RUNS;
	struct carbon_effect_job *job = realloc(group->job, capacity * sizeof(*job));
	double *nodes, *cores;

	if (!job)
		return -1;
	group->job = job;
	nodes = realloc(group->nodes_of, capacity * sizeof(*nodes));
	if (!nodes)
		return -1;
	group->nodes_of = nodes;
	cores = realloc(group->cores_of, capacity * sizeof(*cores));
	if (!cores)
		return -1;
	group->cores_of = cores;
	group->capacity = capacity;
	return 0;
}

/*
 * A job that we delayed could have queued when it was submitted. Of the others accounting tells when they became
 * eligible: what they waited for before (a dependency, a begin of their own) was no queue.
 */
static time_t ready_at(const struct carbon_trail_run *run, bool is_ours)
{
	if (is_ours || run->eligible_at < run->submit_at || run->eligible_at > run->start_at)
		return run->submit_at;
	return run->eligible_at;
}

static int take_run(void *context, const struct carbon_trail_run *run, struct carbon_err *err)
{
	struct work *work = context;
	const struct carbon_partition *partition = find_partition(work, run->partition);
	bool is_ours = carbon_trail_is_ours(run);
	struct group *group;

	if (!partition)
		return 0;
	group = group_of(work, partition);
	if (group->count == group->capacity && grow(group) < 0)
		return carbon_err_set(err, "no memory for %zu runs", group->count);
	if (!group->zone[0])
		memcpy(group->zone, run->zone, sizeof(group->zone));
	group->is_shared = group->is_shared || run->cores < run->nodes * group->node_cores;
	group->delayed += is_ours && run->start_at >= work->from_at && run->start_at < work->to_at;
	group->nodes_of[group->count] = run->nodes;
	group->cores_of[group->count] = cores_of(partition, run);
	group->job[group->count++] = (struct carbon_effect_job){
		.ready_at = ready_at(run, is_ours),
		.begin_at = is_ours ? run->begin_at : 0,
		.start_at = run->start_at,
		.end_at = run->end_at,
		.limit_s = run->limit_s,
		.power_w = run->above_w > 0 ? run->above_w : 0,
	};
	return 0;
}

static void set_sizes(struct group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		double size = ceil(group->is_shared ? group->cores_of[i] : group->nodes_of[i]);

		group->job[i].size = size < 1 ? 1 : size > 1e9 ? 1000000000 : (uint32_t)size;
	}
}

/* --- replay --- */

static int flat_history(const struct work *work, struct carbon_series *series, struct carbon_err *err)
{
	int rc = 0;

	for (time_t at = work->from_at - LEAD_S; at <= work->to_at + LEAD_S && rc == 0; at += HOUR_S)
		rc = carbon_series_add(series, (struct carbon_point){.at = at, .g_kwh = 1}, err);
	return rc;
}

static int read_history(const struct work *work, const struct group *group, struct carbon_series *series,
			struct carbon_err *err)
{
	const struct carbon_books_site *site = work->ask->site;

	if (work->is_flat)
		return flat_history(work, series, err);
	return carbon_store_history_get(work->ask->store, group->zone, site->signal,
					site->sources(site->context, group->zone), work->from_at - LEAD_S,
					work->to_at + LEAD_S, series, err);
}

static int replay(struct work *work, struct group *group, struct carbon_effect *sum, struct carbon_err *err)
{
	struct carbon_effect_ask ask = {.job = group->job, .jobs = group->count,
					.size = group->is_shared ? group->cores : group->nodes,
					.from_at = work->from_at, .to_at = work->to_at};
	struct carbon_effect effect;
	struct carbon_series series;
	int rc;

	set_sizes(group);
	carbon_series_init(&series);
	rc = read_history(work, group, &series, err);
	ask.settled = &series;
	if (rc == 0)
		rc = carbon_effect_replay(&ask, &effect, err);
	if (rc == 0)
		carbon_effect_add(sum, &effect);
	carbon_series_fini(&series);
	return rc;
}

static int collect(struct work *work, struct carbon_err *err)
{
	empty_groups(work);
	return carbon_trail_each(work->ask->store, work->ask->live->cluster, work->from_at - LEAD_S,
				 work->to_at + LEAD_S, take_run, work, err);
}

/* Where nobody was delayed the two replays are the same. How many were, or -1. */
static long long replay_all(struct work *work, struct carbon_effect *sum, struct carbon_err *err)
{
	long long delayed = 0;

	memset(sum, 0, sizeof(*sum));
	for (size_t i = 0; i < work->ask->live->partitions; i++) {
		struct group *group = &work->group[i];

		if (group->delayed == 0 || (!group->zone[0] && !work->is_flat))
			continue;
		if (replay(work, group, sum, err) < 0)
			return -1;
		delayed += (long long)group->delayed;
	}
	return delayed;
}

static int put_month(struct work *work, time_t from_at, size_t delayed, const struct carbon_effect *effect,
		     struct carbon_err *err)
{
	struct carbon_effect_month month = {
		.method = CARBON_EFFECT_REPLAY, .from_at = from_at, .to_at = work->to_at, .jobs = effect->jobs,
		.delayed = delayed, .without_g = effect->without_g, .saved_g = effect->effect_g,
		.low_g = effect->low_g, .high_g = effect->high_g, .computed_at = work->ask->now,
		.replay_error = effect->real_g > 0 ? fabs(effect->with_g - effect->real_g) / effect->real_g : NAN,
		.others_wait_s = effect->bystanders.with_s, .others_wait_without_s = effect->bystanders.without_s,
	};

	memcpy(month.cluster, work->ask->live->cluster, sizeof(month.cluster));
	return carbon_effects_put(work->ask->store, &month, err);
}

/* 1: it has one now, 0: nobody was delayed, or it could not be replayed (TROUBLE), -1: error. */
static int settle_month(struct work *work, struct carbon_err *trouble, struct carbon_err *err)
{
	struct carbon_effect sum;
	long long delayed;

	if (collect(work, err) < 0)
		return -1;
	delayed = replay_all(work, &sum, trouble);
	if (delayed <= 0)
		return 0;
	return put_month(work, work->from_at, (size_t)delayed, &sum, err) < 0 ? -1 : 1;
}

int carbon_tool_effect_waits(const struct carbon_tool_effect_ask *ask, struct carbon_effect *out,
			     struct carbon_err *err)
{
	struct work work = {.ask = ask, .from_at = ask->from_at, .to_at = ask->now, .is_flat = true};
	long long delayed = -1;

	if (make_groups(&work, err) == 0 && collect(&work, err) == 0)
		delayed = replay_all(&work, out, err);
	empty_groups(&work);
	free(work.group_of);
	free(work.group);
	return delayed > 0 ? 1 : (int)delayed;
}

/* --- months --- */

time_t carbon_tool_effect_month(time_t at, int months)
{
	struct tm date;

	gmtime_r(&at, &date);
	date.tm_mon += months;
	date.tm_mday = 1;
	date.tm_hour = date.tm_min = date.tm_sec = 0;
	return timegm(&date);
}

int carbon_tool_effect_is_due(const struct carbon_tool_effect_ask *ask, enum carbon_effect_method method,
			      const time_t month[2], struct carbon_err *err)
{
	struct carbon_effect_month known;
	int rc = carbon_effects_find(ask->store, ask->live->cluster, month[0], method, &known, err);

	if (rc <= 0 || ask->is_forced)
		return rc < 0 ? -1 : 1;
	return known.computed_at < month[1] + OPEN_S && ask->now >= known.computed_at + AGAIN_S;
}

int carbon_tool_effect_settle(const struct carbon_tool_effect_ask *ask, struct carbon_err *trouble,
			      struct carbon_err *err)
{
	struct work work = {.ask = ask};
	int rc = make_groups(&work, err), count = 0;

	trouble->text[0] = '\0';
	for (time_t at = carbon_tool_effect_month(ask->from_at, 0); at < ask->now && rc >= 0; at = carbon_tool_effect_month(at, 1)) {
		const time_t month[2] = {at, carbon_tool_effect_month(at, 1)};

		work.from_at = at;
		work.to_at = month[1] < ask->now ? month[1] : ask->now;
		rc = carbon_tool_effect_is_due(ask, CARBON_EFFECT_REPLAY, month, err);
		if (rc == 1)
			rc = settle_month(&work, trouble, err);
		count += rc == 1;
	}
	empty_groups(&work);
	free(work.group_of);
	free(work.group);
	return rc < 0 ? -1 : count;
}
