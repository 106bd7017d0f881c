/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy says when to run, given what is expected of the grid. One pure function per file, one
 * const struct each, a table in policy.c; doc/adding-a-policy.md says how to add one. A policy never
 * allocates, prints, or looks at a clock: it is called inside slurmctld.
 */
#ifndef CARBON_POLICY_H
#define CARBON_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/curve.h"

/* The least value of a curve where the job may not run: it is so high that no window is worth a second of it. Exact as a float. */
#define CARBON_BARRIER 1048576.0
/* How far a run that may be split has come. */
enum carbon_progress {
	CARBON_FRESH,	/* not begun: its first window costs no restart */
	CARBON_RUNNING, /* it runs: a first window that begins at earliest_at goes on and costs none, any other does */
	CARBON_PAUSED,	/* interrupted: its first window costs a restart too, which earliest_at leaves room for */
};

/* When somebody looks at a running job. A window that others follow ends then, and at no other time. */
struct carbon_looks {
	time_t at;	  /* one of them, past or to come */
	uint32_t every_s; /* and so long apart; 0: windows end whenever they should */
	uint32_t least_s; /* no run is ended sooner after its begin */
};

struct carbon_query {
	const struct carbon_curve *mean; /* what is expected */
	const struct carbon_curve *high; /* and what is feared; the same knots */
	time_t earliest_at; /* first start allowed; the run must lie within the curve */
	time_t latest_at;   /* last start allowed, >= earliest_at */
	uint32_t runtime_s; /* expected, > 0 */
	double power_w;	    /* PUE included, > 0 */
	double delay_price_g_h; /* >= 0: grams one is willing to forgo per hour waited */
	uint32_t restart_s; /* of split runs: each further window costs so much more run time, just before it */
	enum carbon_progress progress; /* of split runs */
	struct carbon_looks looks;     /* of split runs */
	/*
	 * For a policy that reads_room: a bit per CARBON_LOAD_SLOT_S from room_at on (at or before earliest_at) that is 1 where the job
	 * has no room; the curves then hold no barriers, and earliest_at itself has room. NULL: the curves say it all.
	 */
	const uint64_t *blocked;
	time_t room_at;
	size_t slots;
};

/* Whether a first window from FROM_AT on costs a restart. */
static inline bool carbon_query_pays_first(const struct carbon_query *query, time_t from_at)
{
	return query->progress == CARBON_PAUSED ||
	       (query->progress == CARBON_RUNNING && from_at > query->earliest_at);
}

/* Windows that one run may be split into. */
#define CARBON_WINDOWS_MAX 256

/* A part of a split run. */
struct carbon_window {
	time_t from_at, to_at;
};

struct carbon_policy {
	const char *name;    /* "lowest-window" */
	const char *summary; /* one line for lists */
	bool reads_high; /* it looks at the query's high curve */
	bool reads_room; /* choose() knows the query's blocked: quicker than curves that are cut at barriers */
	/* The start within [earliest_at, latest_at]; among equals the earliest. Called with
	 * [earliest_at, latest_at + runtime_s) inside the curve. */
	time_t (*choose)(const struct carbon_query *query);
	/* Of interruptible work: the windows to run in, rising, runtime_s long together, within
	 * [earliest_at, latest_at + runtime_s). Returns how many, 1 to MAX. NULL: this policy never splits
	 * a run; one that does still has choose(), for work that cannot be interrupted. */
	size_t (*segments)(const struct carbon_query *query, struct carbon_window *out, size_t max);
};

extern const struct carbon_policy *const carbon_policies[];
extern const size_t carbon_policies_count;

/* NULL: unknown. */
const struct carbon_policy *carbon_policy_find(const char *name);

#endif
