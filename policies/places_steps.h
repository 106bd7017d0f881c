/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the comparison of places hands on from file to file; for policies/places*.c alone. One question is a job at one place,
 * against what it would be at home.
 */
#ifndef CARBON_PLACES_STEPS_H
#define CARBON_PLACES_STEPS_H

#include "policies/compare.h"
#include "policies/decide_steps.h"

struct carbon_places_ask {
	const struct carbon_context *context;
	const struct carbon_site *site;
	const struct carbon_job *job;
	const struct carbon_decision *home;
	const struct carbon_place *place;
	const struct carbon_side *home_side; /* the run at home, looked at; not for what a place's fit alone is asked of */
	struct carbon_wishes wishes;
	double speed; /* of PLACE against HOME, for this job's kind of work */
};

static inline bool carbon_place_is_far(const struct carbon_place *place)
{
	return place->cluster[0] != '\0';
}

/* GPUs of all types. */
static inline uint32_t carbon_places_gpus(const struct carbon_resources *use)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		sum += use->gpu[i].count;
	return sum;
}

/* policies/places_fit.c: the first reason why the place does not take the job */
enum carbon_misfit carbon_places_find_misfit(const struct carbon_places_ask *ask);

/* policies/places_there.c: how long the job runs there, and on how many watts, PUE included */
uint32_t carbon_places_runtime_s(const struct carbon_places_ask *ask);
double carbon_places_power_w(const struct carbon_places_ask *ask);

/* The job decided there, of a place that takes it: its decision, cost and perhaps CARBON_MISFIT_TIME into OUT. */
void carbon_places_decide(const struct carbon_places_ask *ask, struct carbon_candidate *out);

/* DECISION's run as places are compared by it, looked at. */
struct carbon_side carbon_places_side(const struct carbon_context *context, const struct carbon_decision *decision);

#endif
