/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster effect of a month: its real runs replayed on their place with and without our
 * begin times, paid for by what the grid really did. The difference between the two replays is
 * the only thing that may be called saved; how far the first of them is from what really
 * happened is its error. Knows neither carbon.db nor Slurm: its caller says what ran.
 */
#ifndef CARBON_EFFECT_H
#define CARBON_EFFECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct carbon_err;
struct carbon_series;

/* One run as accounting tells it. */
struct carbon_effect_job {
	time_t ready_at; /* when it could have queued without us: submitted, eligible, its
			    user's own begin past; after end_at counts as start_at */
	time_t begin_at; /* the begin that we set; 0, or not after ready_at: we did not delay it
			  */
	time_t start_at, end_at; /* what really happened, end_at > start_at */
	uint32_t limit_s;	 /* what the scheduler planned with; 0: unknown, the run time */
	uint32_t size;		 /* of the place's size, > 0 */
	double power_w;		 /* above what the place draws without it, PUE included; >= 0 */
};

/*
 * A place is what hands out its own nodes: overlapping partitions are one place. Sizes count
 * whatever the place runs out of first: nodes, or cores or GPUs where nodes are shared.
 */
struct carbon_effect_ask {
	const struct carbon_effect_job *job; /* in any order; borrowed */
	size_t jobs;
	const struct carbon_series *settled; /* of the place's zone, sorted */
	uint32_t size;	       /* of the place; 0: the most that ever really ran at once */
	time_t from_at, to_at; /* runs that began in [from, to) count, others only take room.
				  Those that ran at FROM keep their start; give some days before
				  FROM and after TO */
	bool is_shadow;	       /* begins were not given: what really happened was without us */
};

/* Of those we did not delay, and of those we did; NAN: there were none. */
struct carbon_effect_wait {
	size_t jobs;
	double real_s, with_s, without_s; /* means, from ready to start */
	double with_p95_s, without_p95_s;
};

struct carbon_effect {
	size_t jobs;	   /* that count */
	size_t too_large;  /* left out: larger than the place */
	size_t unknown;	   /* left out: an hour that they ran in, or would have, has no value */
	uint32_t size;	   /* of the place, as asked or found */
	double energy_kwh; /* of the jobs that count, above idle: the same in all three */
	double real_g, with_g,
		without_g; /* emissions of that: really, replayed with and without */
	double effect_g, low_g, high_g; /* without - with; negative where waiting was wrong */
	double moved_kwh;  /* that would have been drawn in another hour without us */
	double full_share; /* of [from, to) during which jobs waited, in the replay without us
			    */
	double start_error_s; /* mean distance of replayed from real starts */
	struct carbon_effect_wait bystanders, delayed;
};

/*
 * The error of EFFECT_G is the replay's own against reality: the difference in emissions over
 * the whole time, or that of each day added as if independent, whichever is more. OUT is
 * untouched on failure. Errors: a run with an impossible time or size (by its index), no
 * series, no run that counts, no memory.
 */
int carbon_effect_replay(const struct carbon_effect_ask *ask, struct carbon_effect *out,
			 struct carbon_err *err);

/* SUM (all zero at first) and another place's. Errors of places add as if independent; of the
 * 95th percentiles the longest stands. */
void carbon_effect_add(struct carbon_effect *sum, const struct carbon_effect *place);

#endif
