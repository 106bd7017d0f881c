/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Habits: how long a user's jobs of some name really ran and what they drew, as learned from
 * accounting (carbonctl settle) and used where a job tells nothing better. A file of its own
 * beside the site (doc/carbon-habits.5, "carbon-habits 1"). Immutable after reading; finding
 * allocates nothing.
 */
#ifndef CARBON_HABIT_H
#define CARBON_HABIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/job.h"

struct carbon_err;
struct carbon_buf;

#define CARBON_HABITS_SIZE_MAX ((size_t)8 << 20) /* bytes of a file */
#define CARBON_HABITS_MAX 100000
#define CARBON_HABIT_NAME_MAX 64 /* a normalised job name, NUL included */
#define CARBON_HABIT_RUNS_MIN 3	 /* fewer runs are no habit */
#define CARBON_HABIT_RUNS_MAX 1000000
#define CARBON_HABIT_SECONDS_MAX 315360000
#define CARBON_HABIT_POWER_MAX 1e8
#define CARBON_HABIT_OLD_S \
	((time_t)180 * 86400)		/* a habit whose last run is older is not used */
#define CARBON_HABIT_NO_USER UINT32_MAX /* uid of a habit that is nobody's */

/* What jobs are put together by, most particular first. */
enum carbon_habit_level {
	CARBON_HABIT_NAME, /* user and normalised job name */
	CARBON_HABIT_USER,
	CARBON_HABIT_CLASS, /* partition and size class, of all users */
	CARBON_HABIT_LEVELS
};

/* "name", "user", "class". */
const char *carbon_habit_level_name(enum carbon_habit_level level);

/* What is known of a job whose habit is wanted. */
struct carbon_habit_ask {
	uint32_t uid;
	const char *name;      /* NULL or "": not known */
	const char *partition; /* NULL or "": not known */
	double cores;
	uint32_t gpus;
};

/*
 * Names are not kept: 64 bits of a hash stand for them. The uid is kept as it is, so that no
 * choice of job names makes one user's runs count as another's; among 100,000 habits a foreign
 * key is taken for a known one with a chance of 5e-15, and then an expectation is wrong, never
 * a bound.
 */
struct carbon_habit_key {
	uint64_t hash;
	uint32_t uid; /* CARBON_HABIT_NO_USER at level CLASS */
};

struct carbon_habit {
	struct carbon_habit_key key;
	uint32_t runs;
	uint32_t median_s, p90_s; /* run time */
	float power_w;		  /* IT, median of measured runs; 0: not known */
	time_t last_at;		  /* end of the newest run */
};

struct carbon_habits {
	time_t written_at;
	char cluster[CARBON_NAME_MAX];
	size_t count;
	struct carbon_habit *habit; /* sorted by hash, then uid */
};

/* Lower case, each run of digits one '#', cut. Names that only count ("train_017") become one.
 */
void carbon_habit_normalise(const char *name, char out[CARBON_HABIT_NAME_MAX]);

/* The same in every release: keys are kept in files. False: ASK does not know what LEVEL needs.
 */
bool carbon_habit_key(enum carbon_habit_level level, const struct carbon_habit_ask *ask,
		      struct carbon_habit_key *key);

/* <0, 0, >0 in the order of a file. */
int carbon_habit_key_compare(const struct carbon_habit_key *a,
			     const struct carbon_habit_key *b);

/*
 * The most particular habit with at least three runs, the last of them not too old at NOW;
 * borrowed. *LEVEL says which one it was. NULL: none, LEVEL untouched. HABITS may be NULL.
 */
const struct carbon_habit *carbon_habits_find(const struct carbon_habits *habits,
					      const struct carbon_habit_ask *ask, time_t now,
					      enum carbon_habit_level *level);

void carbon_habits_init(struct carbon_habits *habits);
void carbon_habits_fini(struct carbon_habits *habits);

/* From the text of a file. Errors name the line. HABITS is untouched on failure; fini when
 * done. */
int carbon_habits_parse(const char *text, size_t length, struct carbon_habits *habits,
			struct carbon_err *err);

/* Append the whole file, trailer included. Sorts nothing. */
int carbon_habits_format(const struct carbon_habits *habits, struct carbon_buf *buf,
			 struct carbon_err *err);

#endif
