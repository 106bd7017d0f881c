/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One job by its number: slurmctld first, for it knows the waiting ones; then slurmdbd. Reads a whole list of
 * jobs, so it is for a person who asks and not for a loop.
 */
#include "tools/lookup.h"

#include <stdio.h>
#include <string.h>

#include "cluster/cluster.h"
#include "lib/array.h"
#include "lib/err.h"
#include "lib/num.h"
#include "lib/optout.h"

struct search {
	const struct carbon_job_key *key;
	struct carbon_tool_job *job;
	bool found;
	bool is_exact; /* by its own number: not one of its array's other records */
};

int carbon_job_key_parse(const char *text, struct carbon_job_key *key)
{
	const char *line = strchr(text, '_');
	char id[16];
	long long number, task = 0;

	if ((line ? (size_t)(line - text) : strlen(text)) >= sizeof(id))
		return -1;
	snprintf(id, sizeof(id), "%.*s", (int)(line ? line - text : (ptrdiff_t)strlen(text)), text);
	if (carbon_int_parse(id, 1, UINT32_MAX, &number) != 0 ||
	    (line && carbon_int_parse(line + 1, 0, UINT32_MAX, &task) != 0))
		return -1;
	key->id = (uint32_t)number;
	key->has_task = line != NULL;
	key->task = (uint32_t)task;
	return 0;
}

bool carbon_job_key_is(const struct carbon_job_key *key, uint32_t id, uint32_t array_id, uint32_t task)
{
	if (!key->has_task)
		return id == key->id || (array_id && array_id == key->id);
	return array_id == key->id && (task == key->task || task == CARBON_TASK_NONE);
}

/* The record of COMMENT replaces the one found before. One that is too long is cut, and so found to be damaged. */
static void take_comment(struct search *search, const char *comment)
{
	const char *begin;
	size_t length;

	search->found = true;
	search->job->record[0] = '\0';
	search->job->is_opted_out = carbon_optout_is_marked(comment);
	if (carbon_record_find(comment, &begin, &length))
		snprintf(search->job->record, sizeof(search->job->record), "%.*s", (int)length, begin);
}

static void take_live(struct search *search, const struct carbon_live_job *from)
{
	struct carbon_tool_job *job = search->job;

	job->id = from->id;
	job->state = from->is_pending ? CARBON_JOB_WAITING : from->is_running ? CARBON_JOB_RUNNING : CARBON_JOB_FINISHED;
	memcpy(job->user, from->user, sizeof(job->user));
	memcpy(job->account, from->account, sizeof(job->account));
	memcpy(job->partition, from->partition, sizeof(job->partition));
	memcpy(job->name, from->name, sizeof(job->name));
	job->submit_at = from->submit_at;
	job->begin_at = from->is_pending ? from->begin_at : 0;
	job->start_at = from->start_at;
	job->end_at = from->is_finished ? from->end_at : 0;
	take_comment(search, from->comment);
}

static int take_run(const struct carbon_run *from, void *context)
{
	struct search *search = context;
	struct carbon_tool_job *job = search->job;

	if (from->start_at == 0 || !carbon_job_key_is(search->key, from->id, from->array_id, from->array_task))
		return 0;
	memcpy(job->cluster, from->cluster, sizeof(job->cluster));
	job->id = from->id;
	job->state = from->state & CARBON_RUN_REQUEUED ? CARBON_JOB_REQUEUED
		     : from->end_at			? CARBON_JOB_FINISHED
							: CARBON_JOB_RUNNING;
	memcpy(job->user, from->user, sizeof(job->user));
	memcpy(job->account, from->account, sizeof(job->account));
	memcpy(job->partition, from->partition, sizeof(job->partition));
	memcpy(job->name, from->name, sizeof(job->name));
	job->submit_at = from->submit_at;
	job->begin_at = 0;
	job->start_at = from->start_at;
	job->end_at = from->end_at;
	take_comment(search, from->comment);
	return 0;
}

static bool is_exact(const struct carbon_job_key *key, const struct carbon_live_job *job)
{
	return key->has_task ? job->array_task == key->task : job->id == key->id;
}

/* An array's record stands for those tasks that have not left it. */
static bool has_task(const struct carbon_job_key *key, const struct carbon_live_job *job)
{
	char task[16];

	snprintf(task, sizeof(task), "%u", key->task);
	return !key->has_task || !job->indices || carbon_array_has(job->indices, task);
}

static int search_live(struct search *search, struct carbon_err *err)
{
	struct carbon_live *live;

	if (carbon_live_read(&live, err) != 0)
		return -1;
	memcpy(search->job->cluster, live->cluster, sizeof(search->job->cluster));
	for (size_t i = 0; i < live->jobs; i++) {
		const struct carbon_live_job *job = &live->job[i];

		if (!carbon_job_key_is(search->key, job->id, job->array_id, job->array_task) || !has_task(search->key, job))
			continue;
		if (is_exact(search->key, job) || !search->is_exact)
			take_live(search, job);
		search->is_exact = search->is_exact || is_exact(search->key, job);
	}
	carbon_live_destroy(live);
	return 0;
}

int carbon_tool_job_find(const struct carbon_job_key *key, time_t since, time_t now, struct carbon_tool_job *job,
			 struct carbon_err *err)
{
	struct search search = {.key = key, .job = job};
	struct carbon_err second;
	int rc;

	memset(job, 0, sizeof(*job));
	if (carbon_cluster_init(NULL, err) != 0)
		return -1;
	rc = search_live(&search, err);
	if (!search.found && carbon_cluster_runs(since, now + 1, take_run, &search, NULL, &second) == 0)
		rc = 0;
	carbon_cluster_fini();
	return rc == 0 && search.found ? 1 : rc;
}
