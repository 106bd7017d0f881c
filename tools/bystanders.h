/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The guard of those who do not take part: how long they wait with our begin times and would without, by replay of what really
 * ran. carbonctl settle judges and keeps the verdict in a file beside the site; whoever compiles the site heeds it. A
 * pause ends by itself, and what ran before it began is not held against us twice.
 */
#ifndef CARBON_TOOL_BYSTANDERS_H
#define CARBON_TOOL_BYSTANDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct carbon_config;
struct carbon_effect;
struct carbon_err;
struct carbon_site;
struct carbon_tool;

#define CARBON_BYSTANDERS_REASON "bystanders" /* in the site */
#define CARBON_BYSTANDERS_LOOK_S ((time_t)7 * 86400) /* how far back */
#define CARBON_BYSTANDERS_MIN 50		     /* fewer of them tell nothing */

struct carbon_bystanders {
	time_t checked_at, from_at; /* when, and runs from when on */
	size_t jobs;
	double wait_s, without_s; /* mean waits, both replayed */
	time_t paused_at, paused_until_at; /* 0: never */
};

/* What of the past may be judged at NOW: nothing from before the end of the last pause. */
time_t carbon_bystanders_from(const struct carbon_bystanders *last, time_t now);

/*
 * Judge EFFECT (NULL: nobody was delayed) of the runs since FROM_AT: *STATE is the last verdict and gets the new one. True:
 * delaying is to be paused from NOW on. Too few jobs keep the verdict as it was. Pure.
 */
bool carbon_bystanders_judge(const struct carbon_config *config, const struct carbon_effect *effect, time_t from_at,
			     time_t now, struct carbon_bystanders *state);

/* 1: there is a verdict, 0: there is none yet (*OUT is zero), -1: damaged. */
int carbon_bystanders_read(const struct carbon_config *config, struct carbon_bystanders *out, struct carbon_err *err);
int carbon_bystanders_write(const struct carbon_config *config, const struct carbon_bystanders *state,
			    struct carbon_err *err);

/* A pause that holds, into SITE, and said. */
void carbon_bystanders_apply(const struct carbon_tool *tool, const struct carbon_config *config,
			     struct carbon_site *site);

/* "others waited 12 min with our delays and 3 min without" */
#define CARBON_BYSTANDERS_TEXT 160
void carbon_bystanders_format(const struct carbon_bystanders *state, char out[CARBON_BYSTANDERS_TEXT]);

#endif
