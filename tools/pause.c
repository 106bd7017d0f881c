/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Interruptions from decision to requeue. Whatever is left undone when this ends early leaves the job running, or
 * waiting with a begin of slurmctld's two minutes ahead; the next run goes on from its record.
 */
#include "tools/pause.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "lib/demand.h"
#include "lib/err.h"
#include "lib/load.h"
#include "policies/again.h"
#include "policies/pause.h"
#include "tools/replan.h"
#include "tools/tool.h"

/* What deciding needs beside the run. */
struct work {
	struct carbon_replan *run;
	struct carbon_context context;
};

static time_t next_run(const struct carbon_replan *run)
{
	return run->tool->now + run->every_s + CARBON_REPLAN_LATE_S;
}

static double nodes_of(const struct work *work, const struct carbon_live_job *job)
{
	const struct carbon_place *place = carbon_site_place(&work->run->site, job->partition);

	return place ? carbon_demand_nodes(place, &job->use) : 0;
}

/* The window that the job was given is no room for those that follow. */
static void claim(struct work *work, const struct carbon_pause_item *item)
{
	const struct carbon_site *site = &work->run->site;
	const struct carbon_place *place = carbon_site_place(site, item->job->partition);
	const struct carbon_record *next = &item->next;
	struct carbon_claim window = {
		.begin_at = next->begin_at,
		.end_at = carbon_pause_end_at(next, next->begin_at, work->run->tool->now),
		.nodes = nodes_of(work, item->job),
		.kw = next->power_w / 1000,
	};

	if (!place)
		return;
	window.place = (size_t)(place - site->place);
	carbon_load_add(&work->run->own, &window);
}

/* --- which jobs --- */

/* Told of an interruption in this very segment, and not so long ago that it has done much since. */
static bool is_told(const struct work *work, const struct carbon_live_job *job, const struct carbon_record *record)
{
	time_t now = work->run->tool->now;
	time_t forget_at = record->cut_at + (time_t)record->notice.seconds + work->run->every_s +
			   2 * (time_t)CARBON_REPLAN_LATE_S + CARBON_PAUSE_WAIT_S;

	return record->cut_at && record->since_at == job->start_at && now < forget_at;
}

/* A job that runs. False: it runs on. */
static bool decide_running(struct work *work, struct carbon_pause_item *item)
{
	const struct carbon_live_job *job = item->job;
	const struct carbon_pause pause = {
		.record = &item->record,
		.partition = job->partition,
		.limit_s = job->limit_s,
		.deadline_at = job->deadline_at,
		.nodes = nodes_of(work, job),
		.start_at = job->start_at,
	};
	struct carbon_pause_decision decision = carbon_decide_pause(&work->context, &pause);
	time_t written_at = item->record.cut_at + (time_t)item->record.notice.seconds;

	if (decision.verdict != CARBON_INTERRUPT)
		return false;
	item->next = decision.record;
	item->step = CARBON_PAUSE_TELL;
	if (is_told(work, job, &item->record)) {
		item->step = CARBON_PAUSE_REQUEUE;
		/* What it did after its checkpoint is to be done again. */
		if (written_at < work->run->tool->now)
			item->next.ran_s = item->record.ran_s + (uint32_t)(written_at - job->start_at);
	}
	return true;
}

/* A job that was told and has been requeued, and waits with the begin that slurmctld gave it. */
static bool decide_requeued(struct work *work, struct carbon_pause_item *item)
{
	const struct carbon_live_job *job = item->job;
	const struct carbon_again again = {
		.record = &item->next,
		.partition = job->partition,
		.limit_s = job->limit_s,
		.deadline_at = job->deadline_at,
		.next_at = next_run(work->run),
	};
	time_t begin_s = job->begin_at - job->submit_at; /* a requeue is a submission to Slurm */

	if (!item->record.cut_at || job->is_held || job->begin_at <= work->context.now || begin_s < 0 ||
	    begin_s > CARBON_CUT_BEGIN_MAX_S || job->submit_at < item->record.cut_at)
		return false;
	item->step = CARBON_PAUSE_ADOPT;
	item->next = item->record;
	item->next.delayed = true;
	item->next.begin_at = job->begin_at;
	item->next.ran_s += (uint32_t)(item->record.cut_at - item->record.since_at);
	item->next.cuts++;
	item->next.until_at = 0;
	item->next = carbon_decide_again(&work->context, &again).record;
	return true;
}

static bool decide_one(struct work *work, struct carbon_pause_item *item)
{
	const struct carbon_live_job *job = item->job;

	if ((!job->is_running && !job->is_pending) || !job->is_requeueable ||
	    carbon_record_read(job->comment, &item->record, NULL) != 1 || !item->record.notice.signal ||
	    item->record.level == CARBON_LEVEL_OBSERVE)
		return false;
	if (job->is_pending)
		return job->restarts == item->record.cuts + 1 && decide_requeued(work, item);
	if (job->restarts != item->record.cuts)
		return false;
	work->run->pause.running++;
	return decide_running(work, item);
}

int carbon_tool_pause_decide(struct carbon_replan *run, struct carbon_err *err)
{
	const struct carbon_live *live = run->live.from;
	struct carbon_pause_list *list = &run->pause;
	struct work work = {
		.run = run,
		.context = {.site = &run->site, .outlook = run->outlook, .now = run->tool->now, .own = &run->own},
	};

	list->item = calloc(live->jobs + 1, sizeof(*list->item));
	if (!list->item)
		return carbon_err_set(err, "no memory for %zu jobs", live->jobs);
	for (size_t i = 0; i < live->jobs; i++) {
		struct carbon_pause_item *item = &list->item[list->count];

		*item = (struct carbon_pause_item){.job = &live->job[i]};
		if (!decide_one(&work, item))
			continue;
		claim(&work, item);
		list->count++;
	}
	return 0;
}

void carbon_tool_pause_fini(struct carbon_pause_list *list)
{
	free(list->item);
	*list = (struct carbon_pause_list){0};
}

/* --- doing --- */

static struct carbon_cut cut_of(const struct carbon_pause_item *item)
{
	const struct carbon_live_job *job = item->job;
	bool waits = item->step == CARBON_PAUSE_ADOPT;

	return (struct carbon_cut){
		.id = job->id,
		.restarts = item->record.cuts,
		.start_at = waits ? 0 : job->start_at,
		.to_at = item->next.begin_at,
		.notice = &item->record.notice,
	};
}

static void fail(const struct carbon_replan *run, struct carbon_pause_item *item, const struct carbon_err *err)
{
	carbon_tool_warn(run->tool, "%s", err->text);
	item->failed = true;
}

static void tell_one(struct carbon_replan *run, struct carbon_pause_item *item)
{
	struct carbon_record mark = item->record;
	char record[CARBON_RECORD_MAX];
	struct carbon_err err;
	struct carbon_cut cut;

	mark.cut_at = run->tool->now;
	mark.since_at = item->job->start_at;
	item->next.cut_at = mark.cut_at;
	item->next.since_at = mark.since_at;
	cut = cut_of(item);
	cut.record = record;
	if (carbon_record_format(&mark, record, &err) < 0 ||
	    carbon_cluster_notify(&cut, &run->pace, &item->told, &err) < 0)
		fail(run, item, &err);
	else
		item->is_told = true;
}

static int64_t monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void carbon_tool_pause_tell(struct carbon_replan *run)
{
	for (size_t i = 0; i < run->pause.count; i++)
		if (run->pause.item[i].step == CARBON_PAUSE_TELL)
			tell_one(run, &run->pause.item[i]);
	run->pause.told_ns = monotonic_ns();
}

/* Seconds from the run's begin until the job may be requeued; -1: not in this run. */
static time_t due_s(const struct carbon_replan *run, const struct carbon_pause_item *item)
{
	time_t due_s;

	if (item->failed || (item->step == CARBON_PAUSE_TELL && (!item->is_told || item->told != CARBON_MOVED)))
		return -1;
	if (item->step == CARBON_PAUSE_ADOPT)
		return 0;
	due_s = (item->step == CARBON_PAUSE_TELL ? 0 : item->record.cut_at - run->tool->now) +
		(time_t)item->record.notice.seconds;
	if (due_s < 0)
		due_s = 0;
	return due_s <= CARBON_PAUSE_WAIT_S ? due_s : -1;
}

/* Until DUE_S after the signals; what was done meanwhile counts. */
static void await(int64_t told_ns, time_t due_s)
{
	int64_t due_ns = told_ns + (int64_t)due_s * 1000000000;
	struct timespec until = {.tv_sec = (time_t)(due_ns / 1000000000), .tv_nsec = (long)(due_ns % 1000000000)};

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}

static void requeue_one(struct carbon_replan *run, struct carbon_pause_item *item)
{
	struct carbon_cut cut = cut_of(item);
	struct carbon_err err;

	if (carbon_cluster_requeue(&cut, &run->pace, &item->moved, &err) < 0)
		fail(run, item, &err);
	else
		item->is_requeued = true;
}

static void requeue_due(struct carbon_replan *run, time_t at_s)
{
	for (size_t i = 0; i < run->pause.count; i++) {
		struct carbon_pause_item *item = &run->pause.item[i];

		if (item->is_requeued || due_s(run, item) != at_s)
			continue;
		await(run->pause.told_ns, at_s);
		if (item->step != CARBON_PAUSE_ADOPT)
			item->next.ran_s += (uint32_t)at_s;
		requeue_one(run, item);
	}
}

static void resume_one(struct carbon_replan *run, struct carbon_pause_item *item, bool is_last)
{
	char record[CARBON_RECORD_MAX];
	struct carbon_cut cut = cut_of(item);
	struct carbon_err err;

	cut.record = record;
	if (carbon_record_format(&item->next, record, &err) < 0 ||
	    carbon_cluster_resume(&cut, is_last, &item->moved, &err) < 0)
		fail(run, item, &err);
	else
		item->is_resumed = item->moved != CARBON_MOVE_NOT_YET;
}

/* Those that have been requeued and have no begin from us yet. Returns how many are left. */
static size_t resume_all(struct carbon_replan *run, bool is_last)
{
	size_t left = 0;

	for (size_t i = 0; i < run->pause.count; i++) {
		struct carbon_pause_item *item = &run->pause.item[i];
		bool is_due = item->is_requeued && !item->is_resumed && !item->failed &&
			      (item->moved == CARBON_MOVED || item->moved == CARBON_MOVE_NOT_YET);

		if (is_due)
			resume_one(run, item, is_last);
		left += is_due && !item->failed && !item->is_resumed;
	}
	return left;
}

void carbon_tool_pause_requeue(struct carbon_replan *run)
{
	int64_t begun_ns;

	for (time_t at_s = 0; at_s <= CARBON_PAUSE_WAIT_S; at_s++)
		requeue_due(run, at_s);
	begun_ns = monotonic_ns();
	for (time_t at_s = 1; resume_all(run, at_s > CARBON_PAUSE_CLEAN_S) > 0; at_s++)
		await(begun_ns, at_s);
}
