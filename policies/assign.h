/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All jobs that wait because of us, decided again as one assignment: each gets the best start that those before it leave room for.
 * First come those whose wait is over anyhow, then who stands to lose most per node-hour (in steps of two), and among
 * these who was submitted first. Pure; the caller's storage.
 */
#ifndef CARBON_ASSIGN_H
#define CARBON_ASSIGN_H

#include "policies/again.h"

struct carbon_assign_job {
	struct carbon_again again; /* borrows its record; what its mates take is added to MATES */
	struct carbon_load *mates; /* of an array with a limit, shared by all its records; NULL: none */
	time_t submit_at;
	uint32_t id;
	size_t index; /* the caller's own */
	int rank;     /* filled in here */
};

typedef void (*carbon_assign_f)(void *caller, const struct carbon_assign_job *job,
				const struct carbon_again_decision *decision);

/*
 * Sorts JOB and hands each one's decision to TELL, those that stay too; of an array that is divided (policies/groups.h) several, the
 * one that keeps its record last. CONTEXT's site must not count these jobs in its
 * load, and CONTEXT's own is OWN, to which each one's claim is added.
 */
void carbon_assign(const struct carbon_context *context, struct carbon_load *own, struct carbon_assign_job *job,
		   size_t count, carbon_assign_f tell, void *caller);

#endif
