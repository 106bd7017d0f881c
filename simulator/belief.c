/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a job is believed to run. Habits are learnt from the trace itself, from runs that
 * had ended when the job was submitted and from no other.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "simulator/heap.h"
#include "simulator/memory.h"
#include "simulator/work.h"

static const char *const names[CARBON_BELIEFS] = {
	[CARBON_BELIEF_EXACT] = "exact",
	[CARBON_BELIEF_LIMIT] = "limit",
	[CARBON_BELIEF_HABIT] = "habit",
};

const char *carbon_belief_name(enum carbon_runtime_belief belief)
{
	return names[belief];
}

bool carbon_belief_find(const char *name, enum carbon_runtime_belief *out)
{
	for (int i = 0; i < CARBON_BELIEFS; i++)
		if (strcasecmp(name, names[i]) == 0) {
			*out = (enum carbon_runtime_belief)i;
			return true;
		}
	return false;
}

/* --- habits --- */

static uint32_t habit_of(const struct carbon_memory *memory, const struct carbon_trace_job *job)
{
	enum carbon_habit_level level;
	uint32_t run_s = carbon_memory_habit(memory, job, &level);

	return run_s ? run_s : job->limit_s;
}

static time_t end_of(const struct carbon_trace *trace, const time_t *end_at, size_t i)
{
	return end_at ? end_at[i] : trace->job[i].submit_at + (time_t)trace->job[i].runtime_s;
}

static int fill_habits(const struct carbon_trace *trace, const time_t *end_at,
		       uint32_t *expected_s)
{
	struct carbon_memory memory = {0};
	struct carbon_heap running = {0}; /* by end */
	int rc = 0;

	for (size_t i = 0; i < trace->count && rc == 0; i++) {
		const struct carbon_trace_job *job = &trace->job[i];

		while (running.count && running.entry[0].at <= job->submit_at && rc == 0)
			rc = carbon_memory_learn(&memory,
						 &trace->job[carbon_heap_pop(&running).job]);
		expected_s[i] = habit_of(&memory, job);
		if (rc == 0)
			rc = carbon_heap_push(&running, (struct carbon_heap_entry){
								end_of(trace, end_at, i), i});
	}
	carbon_heap_fini(&running);
	carbon_memory_fini(&memory);
	return rc;
}

int carbon_belief_fill(const struct carbon_trace *trace, enum carbon_runtime_belief belief,
		       const time_t *end_at, uint32_t *expected_s)
{
	if (belief == CARBON_BELIEF_HABIT)
		return fill_habits(trace, end_at, expected_s);
	for (size_t i = 0; i < trace->count; i++)
		expected_s[i] = belief == CARBON_BELIEF_EXACT ? trace->job[i].runtime_s
							      : trace->job[i].limit_s;
	return 0;
}
