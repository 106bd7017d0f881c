/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replan's part for interruptible jobs that run: which of them make way, told by their signal, requeued when their seconds
 * are over, and given the begin of their next window. All between two runs is kept in the jobs' own records.
 */
#ifndef CARBON_TOOL_PAUSE_H
#define CARBON_TOOL_PAUSE_H

#include "cluster/cluster.h"
#include "lib/record.h"

struct carbon_err;
struct carbon_json;
struct carbon_replan;

/*
 * A run waits so long for jobs to write their checkpoints, for all of them together; a job that asked for more is
 * requeued by the next run. Its begins are moved meanwhile.
 */
#define CARBON_PAUSE_WAIT_S 60

/* And so long for what a requeued job leaves behind; slurmctld starts none within two minutes of its requeue. */
#define CARBON_PAUSE_CLEAN_S 60

enum carbon_pause_step {
	CARBON_PAUSE_TELL,    /* signal it, and requeue it when its seconds are over */
	CARBON_PAUSE_REQUEUE, /* told by an earlier run */
	CARBON_PAUSE_ADOPT,   /* told by us, and requeued without a begin from us: by itself, or we had died */
};

struct carbon_pause_item {
	const struct carbon_live_job *job;
	struct carbon_record record; /* as it is */
	struct carbon_record next;   /* as it should be when it waits for its next window */
	enum carbon_pause_step step;
	enum carbon_moved told, moved;
	bool is_told, is_requeued, is_resumed; /* it was tried, and what became of it counts */
	bool failed;
};

struct carbon_pause_list {
	size_t running;	 /* interruptible jobs of ours that run */
	int64_t told_ns; /* when the signals had been sent; of the monotonic clock */
	size_t count;
	struct carbon_pause_item *item;
};

/* Fill RUN->pause from RUN->live, on site and outlook, in the room that RUN->own leaves. Changes nothing in Slurm. */
int carbon_tool_pause_decide(struct carbon_replan *run, struct carbon_err *err);
void carbon_tool_pause_fini(struct carbon_pause_list *list);

/* Send the signals; due also where there are none. */
void carbon_tool_pause_tell(struct carbon_replan *run);

/* Wait for the seconds of those just told, within CARBON_PAUSE_WAIT_S, and requeue whose seconds are over. */
void carbon_tool_pause_requeue(struct carbon_replan *run);

/* A line for each, nothing where there is none; as JSON the members "interruptible_running" and "interruptions". */
void carbon_tool_pause_print(const struct carbon_replan *run);
void carbon_tool_pause_json(const struct carbon_replan *run, struct carbon_json *json);
bool carbon_tool_pause_failed(const struct carbon_replan *run);

#endif
