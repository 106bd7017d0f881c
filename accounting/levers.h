/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What would have helped: what the same work would have emitted at another hour, in another place, on another accelerator,
 * in a better building. Ranges with their assumptions, never what was saved, and nothing is added up: levers overlap.
 */
#ifndef CARBON_LEVERS_H
#define CARBON_LEVERS_H

#include <stddef.h>
#include <time.h>

#include "lib/power.h"
#include "lib/site.h"

struct carbon_err;
struct carbon_store;

/* What the site has to offer; borrowed. */
struct carbon_lever_site {
	enum carbon_signal signal;
	time_t max_delay_s;
	size_t places;
	const struct carbon_place *place; /* those without a zone are passed over */
	size_t speeds;
	const struct carbon_gpu_speed *speed; /* of accelerators, relative to each other */
	const struct carbon_power_model *power; /* for their watts */
};

struct carbon_lever_gpu {
	char type[CARBON_GPU_NAME_MAX];
	double hours;  /* of one GPU */
	double it_kwh; /* of the runs that had them, all included */
};

/* The work: a job that ran as one stretch, or all of a month. Only what has known emissions. */
struct carbon_lever_work {
	time_t from_at, to_at; /* it ran then */
	time_t ready_at;       /* of a job: it could have started; 0: a month's work, whose hours are those of each day */
	const char *zone;      /* "": several */
	double pue;	       /* mean */
	double it_kwh, mass_kg;
	size_t gpus;
	const struct carbon_lever_gpu *gpu;
};

struct carbon_lever {
	const char *key;	/* "hour" */
	char what[112];		/* "in FR, PUE 1.2" */
	double low_kg, high_kg; /* that it would have emitted; low is the best */
	const char *assumption;
};

#define CARBON_LEVERS_MAX 24
#define CARBON_LEVER_BEST_PUE 1.11 /* Patterson et al. 2021: Google, Iowa */

struct carbon_levers {
	size_t count;
	struct carbon_lever lever[CARBON_LEVERS_MAX];
};

/* What is not known (no history of a zone, no speed of an accelerator) gives no lever. */
int carbon_levers_read(struct carbon_store *store, const struct carbon_lever_site *site,
		       const struct carbon_lever_work *work, struct carbon_levers *out, struct carbon_err *err);

#endif
