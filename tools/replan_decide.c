/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: which of the jobs that wait should have another begin. Must never touch Slurm. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/demand.h"
#include "lib/err.h"
#include "policies/assign.h"
#include "policies/counted.h"
#include "policies/groups.h"
#include "tools/committed.h"
#include "tools/replan.h"
#include "tools/tool.h"

/*
 * What must not be late comes first: forward moves, then those back or elsewhere, each by the begin that they still have. The
 * parts of an array stay together, and those that leave its record come before what then is all of it.
 */
static int by_urgency(const void *a, const void *b)
{
	const struct carbon_replan_move *x = a, *y = b;
	time_t x_at = x->item->record.begin_at, y_at = y->item->record.begin_at;

	if (x->is_urgent != y->is_urgent)
		return x->is_urgent ? -1 : 1;
	if (x_at != y_at)
		return x_at < y_at ? -1 : 1;
	if (x->item->job->id != y->item->job->id)
		return x->item->job->id < y->item->job->id ? -1 : 1;
	if (x->decision.is_split != y->decision.is_split)
		return x->decision.is_split ? -1 : 1;
	return (x->decision.first > y->decision.first) - (x->decision.first < y->decision.first);
}

/* Those that wait come first, then those that may have to once their dependency is met. */
static const struct carbon_waiting_job *item_of(const struct carbon_replan *run, size_t i)
{
	return i < run->list.count ? &run->list.item[i] : &run->dependent[i - run->list.count];
}

/* --- places --- */

/* A slurmctld that is started anew is back by then. */
#define GONE_AFTER_S 300

/* Names in a record may have been lower-cased. */
static const struct carbon_sibling *find_sibling(const struct carbon_site *site, const char *cluster)
{
	for (size_t i = 0; i < site->siblings; i++)
		if (strcasecmp(site->sibling[i].cluster, cluster) == 0)
			return &site->sibling[i];
	return NULL;
}

/*
 * Whether the cluster that a job of ours was sent to will not start it: it left the federation, gave the job up, or has not been
 * seen for a while. Where its begin there is due before the next run, there is no time to see whether it comes back.
 */
static bool is_stranded(const struct carbon_replan *run, const struct carbon_waiting_job *item)
{
	const struct carbon_record *record = &item->record;
	const struct carbon_live *live = run->live.from;
	const struct carbon_sibling *sibling;

	if (!record->cluster[0] || !live->federation_is_known || strcasecmp(record->cluster, live->cluster) == 0)
		return false;
	sibling = find_sibling(&run->site, record->cluster);
	if (!sibling || sibling->id < 1 || sibling->id > 64)
		return true;
	if (!(item->job->siblings & UINT64_C(1) << (sibling->id - 1)))
		return true;
	return !sibling->active && (run->tool->now - sibling->seen_at >= GONE_AFTER_S ||
				    record->there_at < run->tool->now + run->every_s + CARBON_REPLAN_LATE_S);
}

/* What a waiting job asks for now, whatever it was when it was submitted. */
static void ask(const struct carbon_live_job *job, struct carbon_job *out)
{
	carbon_job_init(out);
	out->uid = job->uid;
	memcpy(out->account, job->account, sizeof(out->account));
	memcpy(out->qos, job->qos, sizeof(out->qos));
	out->limit_s = job->limit_s;
	out->deadline_at = job->deadline_at;
	out->is_bound = job->is_bound;
	out->task_cores = job->task_cores;
	out->use = job->use;
	if (job->features && strlen(job->features) < sizeof(out->features))
		memcpy(out->features, job->features, strlen(job->features) + 1);
	else
		out->is_bound = out->is_bound || job->features;
}

static bool is_list(const struct carbon_live_job *job)
{
	return strchr(job->partition, ',') != NULL;
}

/* Of several partitions that a job asks for, the one that it was decided for. */
static const char *partition_of(const struct carbon_replan *run, const struct carbon_waiting_job *item)
{
	const char *name = item->record.partition;
	size_t length = strlen(name);

	for (const char *at = item->job->partition; is_list(item->job) && *at;) {
		size_t word = strcspn(at, ",");

		if (word == length && strncasecmp(at, name, length) == 0)
			for (size_t i = 0; i < run->site.places; i++)
				if (strcasecmp(run->site.place[i].partition, name) == 0)
					return run->site.place[i].partition;
		at += word + (at[word] == ',');
	}
	return item->job->partition;
}

/* NULL: it stays where it is. Where its user lets it run in several partitions, that is left as it is. */
static const struct carbon_job *find_asked(const struct carbon_replan *run, size_t i)
{
	const struct carbon_waiting_job *item = &run->list.item[i];
	const struct carbon_record *record = &item->record;

	if (i >= run->list.count || (!record->may[0] && !record->home[0]) || (is_list(item->job) && !record->cluster[0]))
		return NULL;
	ask(item->job, &run->asked[i]);
	return &run->asked[i];
}

/* An update each, and one more for what stays in the array's record. */
static uint32_t split_max(const struct carbon_replan *run)
{
	uint32_t most = run->config->updates_per_run;

	return most > CARBON_REPLAN_SPLIT_MAX ? CARBON_REPLAN_SPLIT_MAX : most ? most - 1 : 0;
}

static void describe(struct carbon_replan *run, size_t i, struct carbon_assign_job *out)
{
	const struct carbon_waiting_job *item = item_of(run, i);
	const struct carbon_live_job *job = item->job;
	const char *partition = partition_of(run, item);
	const struct carbon_place *place = carbon_site_place(&run->site, partition);
	uint32_t tasks = job->tasks ? job->tasks : 1, waves = place ? carbon_committed_waves(place, job) : 1;

	*out = (struct carbon_assign_job){
		.again = {.record = &item->record,
			  .partition = partition,
			  .limit_s = job->limit_s,
			  .is_federated = job->is_federated,
			  .deadline_at = job->deadline_at,
			  .next_at = run->tool->now + run->every_s + CARBON_REPLAN_LATE_S,
			  .is_dependent = job->is_dependent,
			  .job = find_asked(run, i),
			  .is_stranded = i < run->list.count && is_stranded(run, item),
			  .nodes = place ? carbon_demand_array(place, &job->use, tasks, waves) : 0,
			  .tasks = tasks,
			  .waves = waves,
			  .at_once = job->at_once,
			  .split_max = split_max(run)},
		.mates = carbon_mates_find(&run->mates, job),
		.submit_at = job->submit_at,
		.id = job->id,
		.index = i,
	};
}

static void take(void *caller, const struct carbon_assign_job *job, const struct carbon_again_decision *decision)
{
	struct carbon_replan *run = caller;
	struct carbon_replan_move *move = &run->move[run->moves];

	if (decision->verdict == CARBON_STAY && !decision->is_split)
		return;
	run->moves++;
	*move = (struct carbon_replan_move){
		.item = item_of(run, job->index),
		.is_dependent = job->index >= run->list.count,
		.decision = *decision,
	};
	memcpy(move->partition, move->item->job->partition, sizeof(move->partition));
}

/* An array is as urgent as its most urgent part. */
static void find_urgent(struct carbon_replan *run)
{
	for (size_t i = 0, end; i < run->moves; i = end) {
		bool is_urgent = false;

		for (end = i; end < run->moves && run->move[end].item == run->move[i].item; end++)
			is_urgent = is_urgent || run->move[end].decision.verdict == CARBON_FORWARD;
		for (; i < end; i++)
			run->move[i].is_urgent = is_urgent;
	}
}

/* Each job moves once at most, and each part of an array. */
static size_t moves_max(const struct carbon_replan *run)
{
	size_t most = run->list.count + run->dependents;

	for (size_t i = 0; i < run->list.count; i++)
		most += run->list.item[i].job->tasks > 1 ? CARBON_GROUPS_MAX : 0;
	return most;
}

static int find_dependents(struct carbon_replan *run)
{
	const struct carbon_live *live = run->live.from;

	run->dependent = calloc(live->jobs + 1, sizeof(*run->dependent));
	for (size_t i = 0; run->dependent && i < live->jobs; i++) {
		struct carbon_waiting_job *item = &run->dependent[run->dependents];

		item->job = &live->job[i];
		run->dependents += carbon_tool_depends(item->job, run->tool->now, &item->record);
	}
	return run->dependent ? 0 : -1;
}

int carbon_replan_decide(struct carbon_replan *run, struct carbon_err *err)
{
	struct carbon_counted *counted = run->outlook ? carbon_counted_create(&run->site, run->outlook) : NULL;
	const struct carbon_context context = {
		.site = &run->site, .outlook = run->outlook, .counted = counted, .now = run->tool->now};
	int found = find_dependents(run);
	size_t count = run->list.count + run->dependents;
	struct carbon_assign_job *job = calloc(count + 1, sizeof(*job));
	bool is_whole;

	run->own_storage = calloc(CARBON_LOAD_FLOATS(run->site.places), sizeof(*run->own_storage));
	run->move = calloc(moves_max(run) + 1, sizeof(*run->move));
	run->asked = calloc(run->list.count + 1, sizeof(*run->asked));
	is_whole = found == 0 && job && run->own_storage && run->move && run->asked &&
		   carbon_mates_init(&run->mates, run->live.from, run->tool->now) == 0;
	if (is_whole) {
		carbon_load_init(&run->own, run->site.places, run->own_storage, run->tool->now);
		for (size_t i = 0; i < count; i++)
			describe(run, i, &job[i]);
		carbon_assign(&context, &run->own, job, count, take, run);
		find_urgent(run);
		qsort(run->move, run->moves, sizeof(*run->move), by_urgency);
	}
	carbon_counted_destroy(counted);
	free(job);
	return is_whole ? 0 : carbon_err_set(err, "no memory for %zu jobs", count);
}

/* Tasks that become jobs of their own, as one job of so many tasks: they begin together. */
static void foresee_part(struct carbon_replan *run, const struct carbon_replan_move *move, struct carbon_live_job *job)
{
	struct carbon_live_job *part = &run->beside[run->besides++];

	*part = *job;
	part->tasks = move->decision.tasks;
	part->planned_at = move->decision.record.begin_at;
	job->tasks -= move->decision.tasks;
}

static void foresee_job(const struct carbon_replan_move *move, struct carbon_live_job *job)
{
	job->planned_at = move->decision.record.begin_at;
	if (carbon_replan_is_elsewhere(move))
		memcpy(job->partition, move->decision.record.partition, sizeof(job->partition));
}

int carbon_replan_foresee(struct carbon_replan *run, struct carbon_err *err)
{
	run->beside = calloc(run->moves + 1, sizeof(*run->beside));
	if (!run->beside)
		return carbon_err_set(err, "no memory for %zu moves", run->moves);
	for (size_t i = 0; i < run->moves; i++) {
		const struct carbon_replan_move *move = &run->move[i];
		struct carbon_live_job *job = &run->live.from->job[move->item->job - run->live.from->job];

		if (move->decision.is_split)
			foresee_part(run, move, job);
		else if (move->decision.record.delayed)
			foresee_job(move, job);
	}
	run->live.from->besides = run->besides;
	run->live.from->beside = run->beside;
	return 0;
}
