/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Habits learned along the trace as carbonctl settle would have: the newest hundred runs of
 * each key, at least three. Keys are the trace's own numbers, for its names were normalised
 * when they were read.
 */
#include "tools/habit_trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "simulator/memory.h"

static const char *const names[CARBON_GUESSES] = {
	[CARBON_GUESS_HABIT] = "habit",	    [CARBON_GUESS_NAME] = "habit_name",
	[CARBON_GUESS_USER] = "habit_user", [CARBON_GUESS_CLASS] = "habit_class",
	[CARBON_GUESS_LIMIT] = "limit",	    [CARBON_GUESS_SAID] = "user_estimate",
	[CARBON_GUESS_USED] = "used",
};

const char *carbon_guess_name(enum carbon_guess guess)
{
	return names[guess];
}

static int by_seconds(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* --- guesses; 0: says nothing --- */

static uint32_t cut(uint32_t guess_s, uint32_t limit_s)
{
	return limit_s && guess_s > limit_s ? limit_s : guess_s;
}

static void guess(const struct carbon_memory *memory, const struct carbon_trace_job *job,
		  uint32_t out[CARBON_GUESSES])
{
	static const enum carbon_guess of_level[CARBON_HABIT_LEVELS] = {
		[CARBON_HABIT_NAME] = CARBON_GUESS_NAME,
		[CARBON_HABIT_USER] = CARBON_GUESS_USER,
		[CARBON_HABIT_CLASS] = CARBON_GUESS_CLASS,
	};
	enum carbon_habit_level level = CARBON_HABIT_NAME;
	uint32_t habit_s = carbon_memory_habit(memory, job, &level);

	memset(out, 0, CARBON_GUESSES * sizeof(out[0]));
	out[of_level[level]] = habit_s;
	out[CARBON_GUESS_HABIT] = habit_s;
	out[CARBON_GUESS_LIMIT] = job->limit_s;
	out[CARBON_GUESS_SAID] = cut(job->estimate_s, job->limit_s);
	out[CARBON_GUESS_USED] = out[CARBON_GUESS_SAID] ? out[CARBON_GUESS_SAID]
				 : habit_s		? habit_s
							: job->limit_s;
}

/* --- the trial --- */

struct trial {
	const struct carbon_trace *trace;
	struct carbon_memory memory;
	uint32_t *error[CARBON_GUESSES];
	size_t count[CARBON_GUESSES], within[CARBON_GUESSES];
	double sum[CARBON_GUESSES];
};

static time_t end_of(const struct carbon_trace_job *job)
{
	return job->submit_at + (time_t)job->runtime_s;
}

struct ending {
	time_t at;
	size_t job;
};

static int by_end(const void *a, const void *b)
{
	const struct ending *left = a, *right = b;

	if (left->at != right->at)
		return left->at < right->at ? -1 : 1;
	return (left->job > right->job) - (left->job < right->job);
}

/* *OUT is the caller's to free. */
static int sort_endings(const struct carbon_trace *trace, struct ending **out)
{
	struct ending *ending = calloc(trace->count + 1, sizeof(*ending));

	if (!ending)
		return -1;
	for (size_t i = 0; i < trace->count; i++)
		ending[i] = (struct ending){end_of(&trace->job[i]), i};
	qsort(ending, trace->count, sizeof(*ending), by_end);
	*out = ending;
	return 0;
}

static void judge(struct trial *trial, const struct carbon_trace_job *job)
{
	uint32_t guess_s[CARBON_GUESSES], truth_s = job->runtime_s;

	guess(&trial->memory, job, guess_s);
	for (size_t g = 0; g < CARBON_GUESSES; g++) {
		uint32_t error_s =
			guess_s[g] > truth_s ? guess_s[g] - truth_s : truth_s - guess_s[g];

		if (!guess_s[g])
			continue;
		trial->error[g][trial->count[g]++] = error_s;
		trial->sum[g] += error_s;
		trial->within[g] += (uint64_t)guess_s[g] * 2 >= truth_s &&
				    guess_s[g] <= (uint64_t)truth_s * 2;
	}
}

static int run_all(struct trial *trial)
{
	const struct carbon_trace *trace = trial->trace;
	struct ending *ending = NULL;
	size_t ended = 0;
	int rc = sort_endings(trace, &ending);

	for (size_t i = 0; i < trace->count && rc == 0; i++) {
		for (; rc == 0 && ended < trace->count &&
		       ending[ended].at <= trace->job[i].submit_at;
		     ended++)
			rc = carbon_memory_learn(&trial->memory,
						 &trace->job[ending[ended].job]);
		judge(trial, &trace->job[i]);
	}
	free(ending);
	return rc;
}

static void score(struct trial *trial, struct carbon_habit_trial *out)
{
	for (size_t g = 0; g < CARBON_GUESSES; g++) {
		struct carbon_guess_score *score = &out->score[g];
		size_t count = trial->count[g];

		*score = (struct carbon_guess_score){count, NAN, NAN, NAN};
		if (!count)
			continue;
		qsort(trial->error[g], count, sizeof(uint32_t), by_seconds);
		score->median_error_s = ((double)trial->error[g][(count - 1) / 2] +
					 trial->error[g][count / 2]) /
					2;
		score->mean_error_s = trial->sum[g] / (double)count;
		score->within_two_percent = 100.0 * (double)trial->within[g] / (double)count;
	}
}

static void count_told(const struct carbon_trace *trace, struct carbon_habit_trial *out)
{
	out->jobs = trace->count;
	for (size_t i = 0; i < trace->count; i++) {
		out->with_user += trace->job[i].user != 0;
		out->with_name += trace->job[i].name != 0;
		out->with_limit += trace->job[i].limit_s != 0;
		out->with_estimate += trace->job[i].estimate_s != 0;
	}
}

int carbon_habit_trial_run(const struct carbon_trace *trace, struct carbon_habit_trial *out,
			   struct carbon_err *err)
{
	struct carbon_habit_trial result = {0};
	struct trial trial = {.trace = trace};
	int rc = 0;

	for (size_t g = 0; g < CARBON_GUESSES; g++) {
		trial.error[g] = calloc(trace->count + 1, sizeof(uint32_t));
		rc |= trial.error[g] ? 0 : -1;
	}
	if (rc == 0)
		rc = run_all(&trial);
	if (rc == 0) {
		count_told(trace, &result);
		score(&trial, &result);
		*out = result;
	}
	for (size_t g = 0; g < CARBON_GUESSES; g++)
		free(trial.error[g]);
	carbon_memory_fini(&trial.memory);
	return rc == 0 ? 0 : carbon_err_set(err, "no memory for %zu jobs", trace->count);
}
