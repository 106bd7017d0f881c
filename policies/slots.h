/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The best windows on a grid of equal slots from the earliest start on, restarts counted: every set of slots is weighed, which a
 * price per second does not reach. For policies that split runs. Pure; allocates nothing.
 */
#ifndef CARBON_SLOTS_H
#define CARBON_SLOTS_H

#include <stddef.h>

#include "policies/policy.h"

/* No more slots than this lie between the earliest start and the latest end: of 15 minutes in two days. */
#define CARBON_SLOTS_MAX 192

/*
 * As struct carbon_policy's segments(), the price of waiting left out; 0: there is no slack, or the
 * best has more than MAX windows.
 */
size_t carbon_slots_plan(const struct carbon_query *query, struct carbon_window *out, size_t max);

#endif
