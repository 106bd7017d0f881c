/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a job is believed to run. Habits are learnt from the trace itself, from runs that
 * had ended when the job was submitted and from no other.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "simulator/heap.h"
#include "simulator/work.h"

#define RUNS_KEPT 15
#define RUNS_LEAST 3
#define ANY_NAME UINT32_MAX
#define SLOTS_FIRST 1024

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

struct habit {
	uint32_t user, name; /* ANY_NAME: of all the user's jobs; user 0: a free slot */
	uint32_t runs;
	uint32_t run_s[RUNS_KEPT]; /* the newest ones, as a ring */
};

struct habits {
	size_t slots, used;
	struct habit *slot;
};

static struct habit *find(const struct habits *habits, uint32_t user, uint32_t name)
{
	uint64_t hash = ((uint64_t)user << 32 | name) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 20) & (habits->slots - 1);

	while (habits->slot[i].user &&
	       (habits->slot[i].user != user || habits->slot[i].name != name))
		i = (i + 1) & (habits->slots - 1);
	return &habits->slot[i];
}

/* Room for two more; false: no memory. */
static bool grow(struct habits *habits)
{
	struct habits more = {.slots = habits->slots ? habits->slots * 2 : SLOTS_FIRST,
			      .used = habits->used};

	if (habits->used + 2 <= habits->slots / 4 * 3)
		return true;
	more.slot = calloc(more.slots, sizeof(*more.slot));
	if (!more.slot)
		return false;
	for (size_t i = 0; i < habits->slots; i++)
		if (habits->slot[i].user)
			*find(&more, habits->slot[i].user, habits->slot[i].name) =
				habits->slot[i];
	free(habits->slot);
	*habits = more;
	return true;
}

static void learn(struct habits *habits, uint32_t user, uint32_t name, uint32_t run_s)
{
	struct habit *habit = find(habits, user, name);

	habits->used += !habit->user;
	habit->user = user;
	habit->name = name;
	habit->run_s[habit->runs++ % RUNS_KEPT] = run_s;
}

/* Median of what is kept; 0: too few runs. */
static uint32_t usual(const struct habits *habits, uint32_t user, uint32_t name)
{
	const struct habit *habit = habits->slots ? find(habits, user, name) : NULL;
	uint32_t run_s[RUNS_KEPT];
	size_t count;

	if (!habit || habit->runs < RUNS_LEAST)
		return 0;
	count = habit->runs < RUNS_KEPT ? habit->runs : RUNS_KEPT;
	memcpy(run_s, habit->run_s, sizeof(run_s));
	return carbon_quantile(run_s, count, 0.5);
}

static uint32_t habit_of(const struct habits *habits, const struct carbon_trace_job *job)
{
	uint32_t run_s = job->user ? usual(habits, job->user, job->name) : 0;

	if (!run_s && job->user)
		run_s = usual(habits, job->user, ANY_NAME);
	if (!run_s || (job->limit_s && run_s > job->limit_s))
		run_s = job->limit_s;
	return run_s;
}

static time_t end_of(const struct carbon_trace *trace, const time_t *end_at, size_t i)
{
	return end_at ? end_at[i] : trace->job[i].submit_at + (time_t)trace->job[i].runtime_s;
}

static int fill_habits(const struct carbon_trace *trace, const time_t *end_at,
		       uint32_t *expected_s)
{
	struct habits habits = {0};
	struct carbon_heap running = {0}; /* by end */
	int rc = 0;

	for (size_t i = 0; i < trace->count && rc == 0; i++) {
		const struct carbon_trace_job *job = &trace->job[i];

		while (running.count && running.entry[0].at <= job->submit_at && rc == 0) {
			const struct carbon_trace_job *ended =
				&trace->job[carbon_heap_pop(&running).job];

			rc = grow(&habits) ? 0 : -1;
			if (rc < 0 || !ended->user)
				continue;
			learn(&habits, ended->user, ended->name, ended->runtime_s);
			learn(&habits, ended->user, ANY_NAME, ended->runtime_s);
		}
		expected_s[i] = habit_of(&habits, job);
		if (rc == 0)
			rc = carbon_heap_push(&running, (struct carbon_heap_entry){
								end_of(trace, end_at, i), i});
	}
	carbon_heap_fini(&running);
	free(habits.slot);
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
