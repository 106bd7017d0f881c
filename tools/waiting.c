/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finding the jobs that wait because of us, and starting one of them. Must never touch any other job. */
#include "tools/waiting.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "lib/err.h"
#include "tools/lookup.h"
#include "tools/tool.h"

bool carbon_tool_waits(const struct carbon_live_job *job, time_t now, struct carbon_record *record)
{
	return job->is_pending && job->begin_at > now &&
	       carbon_cluster_owns(job->comment, job->begin_at, job->restarts, record);
}

bool carbon_tool_depends(const struct carbon_live_job *job, time_t now, struct carbon_record *record)
{
	return job->is_pending && job->is_dependent &&
	       carbon_cluster_may_take(job->comment, job->begin_at, job->restarts, now, record);
}

static int by_begin(const void *a, const void *b)
{
	const struct carbon_live_job *x = ((const struct carbon_waiting_job *)a)->job;
	const struct carbon_live_job *y = ((const struct carbon_waiting_job *)b)->job;

	if (x->begin_at != y->begin_at)
		return x->begin_at < y->begin_at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

int carbon_tool_waiting_choose(const struct carbon_live *live, time_t now, struct carbon_waiting_list *list,
			       struct carbon_err *err)
{
	memset(list, 0, sizeof(*list));
	list->item = calloc(live->jobs + 1, sizeof(*list->item));
	if (!list->item)
		return carbon_err_set(err, "no memory for %zu jobs", live->jobs);
	for (size_t i = 0; i < live->jobs; i++) {
		struct carbon_waiting_job *item = &list->item[list->count];

		item->job = &live->job[i];
		list->count += carbon_tool_waits(item->job, now, &item->record);
	}
	qsort(list->item, list->count, sizeof(*list->item), by_begin);
	return 0;
}

int carbon_tool_waiting_read(time_t now, struct carbon_waiting_list *list, struct carbon_err *err)
{
	struct carbon_live *live;

	memset(list, 0, sizeof(*list));
	if (carbon_cluster_init(NULL, err) != 0)
		return -1;
	if (carbon_live_read(&live, err) != 0) {
		carbon_cluster_fini();
		return -1;
	}
	if (carbon_tool_waiting_choose(live, now, list, err) != 0) {
		carbon_live_destroy(live);
		carbon_cluster_fini();
		return -1;
	}
	list->live = live;
	return 0;
}

void carbon_tool_waiting_fini(struct carbon_waiting_list *list)
{
	if (list->live)
		carbon_cluster_fini();
	carbon_live_destroy(list->live);
	free(list->item);
	memset(list, 0, sizeof(*list));
}

void carbon_tool_pace_init(const struct carbon_config *config, struct carbon_pace *pace)
{
	*pace = (struct carbon_pace){
		.per_second = config->updates_per_second,
		.left = UINT32_MAX,
		.queue_max = config->slurmdbd_queue_max ? UINT32_MAX : 0,
	};
}

void carbon_tool_job_format(const struct carbon_live_job *job, char out[CARBON_JOB_TEXT])
{
	if (job->array_id && job->array_task != CARBON_TASK_NONE)
		snprintf(out, CARBON_JOB_TEXT, "%u_%u", job->array_id, job->array_task);
	else
		snprintf(out, CARBON_JOB_TEXT, "%u", job->id);
}

/* Its record, where somebody else than its user lets it go: what a user does is for the user alone to explain. */
static const char *tell_freed(const struct carbon_tool *tool, const struct carbon_waiting_job *item,
			      char text[CARBON_RECORD_MAX])
{
	struct carbon_record record = item->record;

	record.freed_at = tool->now;
	return getuid() != item->job->uid && carbon_record_format(&record, text, NULL) == 0 ? text : NULL;
}

void carbon_tool_release(const struct carbon_tool *tool, const struct carbon_waiting_job *item, const char *tasks,
			 struct carbon_pace *pace, struct carbon_release_count *count)
{
	struct carbon_move move = {.id = item->job->id,
				   .from_at = item->job->begin_at,
				   .to_at = tool->now,
				   .tasks = tasks,
				   .is_released = true};
	char record[CARBON_RECORD_MAX];
	enum carbon_moved moved;
	struct carbon_err err;
	int rc;

	move.record = tell_freed(tool, item, record);
	rc = carbon_cluster_move(&move, pace, &moved, &err);
	if (rc != 0 && move.record) { /* a coordinator may change its begin, and not its AdminComment */
		move.record = NULL;
		rc = carbon_cluster_move(&move, pace, &moved, &err);
	}
	if (rc != 0) {
		carbon_tool_warn(tool, "%s", err.text);
		count->failed++;
	} else if (moved == CARBON_MOVED) {
		count->released++;
	} else if (moved == CARBON_MOVE_NOT_OURS) {
		count->not_ours++;
	} else {
		count->put_off++;
	}
}
