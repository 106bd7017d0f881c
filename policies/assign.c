/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The order of the jobs, and their claims one after another. Must never hand the same room out twice. */
#include "policies/assign.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "policies/groups.h"

/* Grams that waiting was to be worth, per node-hour of the room that the job needs for it: as a power of two. */
static int rank_of(const struct carbon_again *again)
{
	const struct carbon_record *record = again->record;
	double node_h = again->nodes * record->runtime_s / 3600, lost_g = record->baseline_g - record->mass_g;
	int rank;

	if (record->latest_at <= again->next_at)
		return INT_MAX;
	if (!(node_h > 0) || !(lost_g > 0))
		return INT_MIN;
	frexp(lost_g / node_h, &rank);
	return rank;
}

static int by_rank(const void *a, const void *b)
{
	const struct carbon_assign_job *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank > y->rank ? -1 : 1;
	if (x->submit_at != y->submit_at)
		return x->submit_at < y->submit_at ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void carbon_assign(const struct carbon_context *context, struct carbon_load *own, struct carbon_assign_job *job,
		   size_t count, carbon_assign_f tell, void *caller)
{
	struct carbon_context now = *context;

	now.own = own;
	for (size_t i = 0; i < count; i++)
		job[i].rank = rank_of(&job[i].again);
	if (count)
		qsort(job, count, sizeof(*job), by_rank);
	for (size_t i = 0; i < count; i++) {
		struct carbon_again_decision decision[CARBON_GROUPS_MAX];
		size_t groups;

		job[i].again.mates = job[i].mates;
		groups = carbon_decide_groups(&now, &job[i].again, own, job[i].mates, decision);
		for (size_t group = 0; group < groups; group++)
			if (decision[group].is_split)
				tell(caller, &job[i], &decision[group]);
		for (size_t group = 0; group < groups; group++)
			if (!decision[group].is_split)
				tell(caller, &job[i], &decision[group]);
	}
}
