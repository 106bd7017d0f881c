/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Priority that a job gathers by its age, as slurmctld's multifactor plugin reckons it: in proportion up to a greatest age. A
 * job whose begin lies ahead gathers none.
 */
#ifndef CARBON_AGE_H
#define CARBON_AGE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct carbon_age {
	bool counts;	   /* multifactor, and age is not gathered before the begin as well (ACCRUE_ALWAYS) */
	uint32_t weight;   /* PriorityWeightAge */
	uint32_t most_s;   /* PriorityMaxAge */
};

/* Points that WAITED_S before a begin would have brought; 0 where nothing was lost. */
uint32_t carbon_age_points(const struct carbon_age *age, time_t waited_s);

#endif
