/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster effect of each month, as it was worked out and kept in carbon.db: the only figure that may be called
 * saved. Knows nothing of how it is worked out.
 */
#ifndef CARBON_EFFECTS_H
#define CARBON_EFFECTS_H

#include <stddef.h>
#include <time.h>

#include "lib/job.h"

struct carbon_err;
struct carbon_store;

/* Kept in carbon.db: never renumber. */
enum carbon_effect_method {
	CARBON_EFFECT_REPLAY = 0,     /* the month's runs with and without our begin times */
	CARBON_EFFECT_SWITCHBACK = 1, /* days with against days without delays */
	CARBON_EFFECT_METHODS
};

/* "replay", "switchback". */
const char *carbon_effect_method_name(enum carbon_effect_method method);

struct carbon_effect_month {
	char cluster[CARBON_NAME_MAX]; /* "": several */
	enum carbon_effect_method method;
	time_t from_at, to_at; /* first second of the month; end of what was looked at */
	size_t jobs, delayed;
	size_t blocks; /* of switchback */
	double without_g; /* what the month's jobs would have emitted above idle without us */
	double saved_g, low_g, high_g; /* negative where waiting was wrong */
	double replay_error; /* of the replay: emissions that it misses really, as a share of them; NAN: none known */
	double others_wait_s, others_wait_without_s; /* mean wait of those who were not delayed; NAN: not known */
	time_t computed_at;
};

int carbon_effects_put(struct carbon_store *store, const struct carbon_effect_month *month, struct carbon_err *err);

/* Of CLUSTER in the month that begins at FROM_AT. 1: *OUT is set, 0: there is none, -1: error. */
int carbon_effects_find(struct carbon_store *store, const char *cluster, time_t from_at,
			enum carbon_effect_method method, struct carbon_effect_month *out, struct carbon_err *err);

/*
 * Of all clusters together: masses add, errors as if independent, waits by the jobs that waited. Returns as above.
 */
int carbon_effects_sum(struct carbon_store *store, time_t from_at, enum carbon_effect_method method,
		       struct carbon_effect_month *out, struct carbon_err *err);

/*
 * The part of SAVED that falls to whoever has CREDIT of the ALL credits, all in the same unit: credits scaled to what was
 * really saved. NAN where the credits do not add up to anything of the same sign.
 */
double carbon_effects_share(double saved, double credit, double all);

#endif
