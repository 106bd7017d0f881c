/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job as Slurm remembers it: slurmctld while it does, slurmdbd after. */
#ifndef CARBON_TOOL_LOOKUP_H
#define CARBON_TOOL_LOOKUP_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "lib/record.h"

struct carbon_err;

enum carbon_job_state {
	CARBON_JOB_WAITING,
	CARBON_JOB_RUNNING,
	CARBON_JOB_FINISHED,
	CARBON_JOB_REQUEUED, /* this run of it ended by a requeue */
};

struct carbon_tool_job {
	char cluster[CARBON_NAME_MAX];
	uint32_t id;
	enum carbon_job_state state;
	char user[CARBON_NAME_MAX], account[CARBON_NAME_MAX], partition[CARBON_NAME_MAX];
	char name[128];
	time_t submit_at;
	time_t begin_at; /* of a waiting job; 0: none */
	time_t start_at, end_at; /* 0: not yet */
	char record[CARBON_RECORD_MAX]; /* out of its AdminComment, as it stands there; "": none */
	bool is_opted_out; /* its user said --carbon=off */
};

/* Which job: "123", or "123_4" for a task of an array. Errors: neither. */
struct carbon_job_key {
	uint32_t id;
	bool has_task;
	uint32_t task;
};
int carbon_job_key_parse(const char *text, struct carbon_job_key *key);

/* An array that waits is one record, and its array_task this. */
#define CARBON_TASK_NONE 0xfffffffeu
/* ARRAY_ID 0: no array. */
bool carbon_job_key_is(const struct carbon_job_key *key, uint32_t id, uint32_t array_id, uint32_t task);

/*
 * 1: found, 0: nobody knows it, -1: nobody could be asked. Of several runs the last one counts. slurmdbd is
 * asked for runs from SINCE on.
 */
int carbon_tool_job_find(const struct carbon_job_key *key, time_t since, time_t now,
			 struct carbon_tool_job *job, struct carbon_err *err);

#endif
