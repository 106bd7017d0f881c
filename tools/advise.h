/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What switching on would really change, from shadow decisions in the ledger: the begins that
 * would have been given, replayed on the runs that there were. Computes and judges; prints
 * nothing.
 */
#ifndef CARBON_TOOL_ADVISE_H
#define CARBON_TOOL_ADVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/err.h"
#include "lib/intensity.h"
#include "lib/job.h"
#include "simulator/effect.h"

struct carbon_config;
struct carbon_store;

#define CARBON_ADVISE_CASES 4
#define CARBON_ADVISE_OTHERS_MAX 8
#define CARBON_ADVISE_NAME_MAX 256 /* "short,long" */

/* A place that is full more than this much of the time has no slack to move work into. */
#define CARBON_ADVISE_FULL 0.9
/* Others' mean wait may rise by a tenth, or by five minutes where it is short. */
#define CARBON_ADVISE_WAIT_SHARE 0.1
#define CARBON_ADVISE_WAIT_S 300
/* Less than this share of the emissions is not worth anybody's wait. */
#define CARBON_ADVISE_LEAST 0.005
/* Days with shadow decisions that a judgement needs; 30 are better. */
#define CARBON_ADVISE_DAYS 14

enum carbon_advice {
	CARBON_ADVICE_ENABLE,  /* all that shadow mode would have delayed */
	CARBON_ADVICE_LIMIT,   /* with max_flexible_share */
	CARBON_ADVICE_UNSURE,  /* the saving does not stand out of the replay's error */
	CARBON_ADVICE_SMALL,   /* do not: next to nothing to save */
	CARBON_ADVICE_WAITS,   /* do not: others would wait too long, whatever the share */
	CARBON_ADVICE_FULL,    /* do not: no slack */
	CARBON_ADVICE_NO_DATA, /* nothing to judge by */
	CARBON_ADVICES
};

/* "enable", "limit", "unsure", "do-not-enable", ..., "no-data". */
const char *carbon_advice_name(enum carbon_advice advice);

/* At most so much of the node-hours delayed. */
struct carbon_advise_case {
	double most_share; /* of the node-hours; 1: whatever shadow mode would have delayed */
	double share;	   /* that it comes to */
	struct carbon_effect effect;
};

/* The same runs in another zone, as they were. */
struct carbon_advise_other {
	char zone[CARBON_ZONE_MAX];
	double less_share; /* of the emissions; negative: more */
};

struct carbon_advise_place {
	char name[CARBON_ADVISE_NAME_MAX]; /* partition, or those that share nodes */
	char cluster[CARBON_NAME_MAX];
	char zone[CARBON_ZONE_MAX];
	const char *unit; /* of sizes: "cores" or "GPUs" */
	size_t runs;	  /* that began in the time looked at */
	size_t decided;	  /* of them by shadow mode */
	size_t delayed;	  /* of those, would have waited */
	int days;	  /* with such decisions */
	size_t cases;
	struct carbon_advise_case
		some[CARBON_ADVISE_CASES]; /* rising shares; the last is all */
	double best_g; /* cluster effect if the grid were known in advance; NAN: not worked out
			*/
	double used_share;  /* of its size over the time */
	double long_share;  /* of the energy: in runs of half a day or more */
	double limit_share; /* median of run time over limit; NAN: no run has a limit */
	size_t others;
	struct carbon_advise_other other[CARBON_ADVISE_OTHERS_MAX];
	enum carbon_advice advice;
	const struct carbon_advise_case *chosen; /* NULL: none */
	char trouble[CARBON_ERR_MAX];		 /* why it could not be replayed; "": it was */
};

struct carbon_advise {
	time_t from_at, to_at;
	size_t places;
	struct carbon_advise_place *place;
};

struct carbon_advise_ask {
	const struct carbon_config *config;
	const char *cluster;	     /* NULL: all */
	const char *const *together; /* "short,long": partitions that share their nodes */
	size_t togethers;
	time_t from_at, to_at;
};

/* Errors: the store's; no run at all. *OUT is untouched then; fini when done. */
int carbon_advise_create(struct carbon_store *store, const struct carbon_advise_ask *ask,
			 struct carbon_advise *out, struct carbon_err *err);
void carbon_advise_fini(struct carbon_advise *advise);

#endif
