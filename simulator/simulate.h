/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A trace replayed under a policy on the grid of the past: each job decided with what was known
 * at its submission (and again while it waits), and paid for by what really came. The policies
 * are those of slurmctld, called the same way. Without nodes there is room for every job at
 * once; with them a cluster runs first come, first served with EASY backfilling, once without
 * begin times and once with.
 */
#ifndef CARBON_SIMULATE_H
#define CARBON_SIMULATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "policies/policy.h"
#include "simulator/grid.h"

struct carbon_err;
struct carbon_trace;
struct carbon_simulation;

/* How long a job is believed to run when it is decided. */
enum carbon_runtime_belief {
	CARBON_BELIEF_EXACT, /* what it really ran: nobody knows that */
	CARBON_BELIEF_LIMIT, /* its time limit; a job without one starts at once */
	CARBON_BELIEF_HABIT, /* median of the runs like it that had ended (simulator/memory.h),
				else the limit */
	CARBON_BELIEFS
};

/* "exact", "limit", "habit". */
const char *carbon_belief_name(enum carbon_runtime_belief belief);
bool carbon_belief_find(const char *name, enum carbon_runtime_belief *out);

struct carbon_simulation_ask {
	const struct carbon_trace *trace; /* with real times; borrowed */
	struct carbon_grid *grid;	  /* borrowed; its forecasts are made anew */
	const struct carbon_grid
		*settled; /* what really came, where that is not GRID's own; NULL: it is */
	enum carbon_foresight foresight;
	enum carbon_runtime_belief belief;
	time_t delay_s;	     /* of jobs that name none themselves */
	time_t replan_s;     /* decide again this often while a job waits; 0: once */
	double flexible;     /* share of the jobs that takes part, 0 to 1 */
	uint64_t seed;	     /* who that is */
	double node_power_w; /* of one node, where the trace tells no power */
	double idle_power_w; /* of one node without a job; of clusters alone */
	double delay_price_g_h;
	double min_saving_percent; /* less is not worth waiting for; asked once, at submission
				    */
	uint32_t restart_s; /* each further window of a split run costs so much more run time */
	uint32_t nodes;	    /* 0: room for all */
	double max_flexible_share;  /* most percent of the node-hours delayed, of clusters; 0:
				       any */
	carbon_progress_f progress; /* NULL: nobody looks */
	void *context;
};

/* Sums are over the jobs that count: those whose every possible hour has a value. */
struct carbon_simulation_result {
	const char *policy;
	size_t jobs, participants;
	double energy_kwh, emissions_kg;
	double saved_percent;  /* against starting at once; of a cluster: replay against replay
				*/
	double credit_percent; /* what the sum of the jobs' timing credits claims */
	double naive_percent;  /* the same by the clock on the wall, as if no other job filled
				  the hole */
	double of_clairvoyant_percent; /* share of what perfect foresight saves; NAN: that is
					  nothing */
	double wait_mean_s,
		wait_p95_s; /* from submission to start, of those who take part; NAN: nobody */
	double others_wait_mean_s, others_wait_p95_s;
	double slowdown; /* mean of (wait + run) / run, runs under ten minutes counted as ten */
	double utilisation;	 /* share of the nodes' time that ran jobs; NAN: no nodes */
	size_t deadlines_missed; /* because of us */
	size_t moves;		 /* begins changed while waiting */
	size_t windows; /* parts that jobs ran in; more than jobs where runs were split */
};

/* What was left out, and what could not be decided. */
struct carbon_simulation_counts {
	size_t jobs;	    /* that count */
	size_t outside;	    /* run past the intensity data, or begin before it */
	size_t gaps;	    /* an hour that they could have run in has no value */
	size_t too_large;   /* ask for more nodes than there are */
	size_t no_runtime;  /* nobody can say how long: start at once */
	size_t no_power;    /* take node_power_w */
	size_t no_forecast; /* came before any forecast could be made: start at once */
	size_t short_past;  /* came when our own model knew less than a month */
};

/*
 * Everything that all policies share: expected run times, forecasts, what starting at once and
 * what perfect foresight would have emitted. Errors: relative times, no job that counts, no
 * memory.
 */
int carbon_simulation_create(const struct carbon_simulation_ask *ask,
			     struct carbon_simulation **out, struct carbon_err *err);
void carbon_simulation_destroy(struct carbon_simulation *simulation); /* NULL is fine */

const struct carbon_simulation_counts *
carbon_simulation_counts(const struct carbon_simulation *simulation);

/* Replay under POLICY. OUT is untouched on failure. Errors: no memory. */
int carbon_simulation_run(struct carbon_simulation *simulation,
			  const struct carbon_policy *policy,
			  struct carbon_simulation_result *out, struct carbon_err *err);

/* When each job of the trace began in the last run, in its order; borrowed until the next. */
const time_t *carbon_simulation_starts(const struct carbon_simulation *simulation);
/* And the grams of each; 0 for one that does not count. */
const double *carbon_simulation_masses(const struct carbon_simulation *simulation);

#endif
