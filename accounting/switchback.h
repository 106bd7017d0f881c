/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What blocks without delays tell beside blocks with them: how much dirtier than the grid's mean the cluster's work was.
 * Pure.
 */
#ifndef CARBON_SWITCHBACK_H
#define CARBON_SWITCHBACK_H

#include <stdbool.h>
#include <stddef.h>

#define CARBON_SWITCHBACK_PAIRS_MIN 4

/* One block, less its first day: work that was delayed into it is done by then. */
struct carbon_switchback_block {
	bool is_without;   /* without delays */
	bool is_good;	   /* it was as it was meant, and all of it is known */
	double energy_kwh; /* above idle, PUE included */
	double excess_g;   /* emissions of that less those at the mean intensity of the block's hours; by zone */
};

struct carbon_switchback {
	size_t pairs;
	double saved_g_kwh; /* grams less by kWh with delays than without */
	double error_g_kwh; /* half of the 95 % interval */
};

/*
 * Blocks 2k and 2k + 1 of BLOCK are pairs; one that is not good on both sides does not count. Each pair counts as much as any other.
 * False: fewer than CARBON_SWITCHBACK_PAIRS_MIN, OUT has their number alone.
 */
bool carbon_switchback_estimate(const struct carbon_switchback_block *block, size_t blocks,
				struct carbon_switchback *out);

#endif
