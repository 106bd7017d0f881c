/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far habits, limits and users' estimates are from the truth, on a trace of jobs that
 * really ran. Each job is judged by what had ended when it was submitted and by nothing else.
 * Must never learn from the future.
 */
#ifndef CARBON_HABIT_TRIAL_H
#define CARBON_HABIT_TRIAL_H

#include <stddef.h>

#include "lib/err.h"
#include "simulator/trace.h"
#include "tools/tool.h"

/* Who says how long a job will run. */
enum carbon_guess {
	CARBON_GUESS_HABIT, /* the most particular one with three runs, cut at the limit */
	CARBON_GUESS_NAME,  /* of these: by user and job name */
	CARBON_GUESS_USER,  /* by user */
	CARBON_GUESS_CLASS, /* by size */
	CARBON_GUESS_LIMIT, /* the time limit */
	CARBON_GUESS_SAID,  /* the user's own estimate */
	CARBON_GUESS_USED,  /* what deciding would expect: the user's word, else the habit, else
			       the limit */
	CARBON_GUESSES
};

/* "habit", "habit_name", ...: as in JSON. */
const char *carbon_guess_name(enum carbon_guess guess);

struct carbon_guess_score {
	size_t jobs;	       /* that it says anything of */
	double median_error_s; /* of |guess - truth|; NAN: no job */
	double mean_error_s;
	double within_two_percent; /* share between half and twice the truth */
};

struct carbon_habit_trial {
	size_t jobs, with_user, with_name, with_limit, with_estimate;
	struct carbon_guess_score score[CARBON_GUESSES];
};

/* TRACE is sorted by submission. A run is taken to end its run time after its submission.
 * Errors: no memory. */
int carbon_habit_trial_run(const struct carbon_trace *trace, struct carbon_habit_trial *out,
			   struct carbon_err *err);

/* carbonctl backtest --habits: each operand is a trace. Returns the exit code. */
int carbon_habit_trial_command(const struct carbon_tool *tool);

#endif
