/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Blocks of days without delays, chosen at random beforehand, so that what delaying does can be measured and not only
 * reckoned. Blocks come in pairs, one of each pair is without; which one, the seed alone says, for ever.
 */
#ifndef CARBON_HOLDOUT_H
#define CARBON_HOLDOUT_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct carbon_holdout {
	bool is_on;
	time_t block_s; /* whole days */
	uint32_t seed;
};

/* Not on, three days, seed 1. */
void carbon_holdout_init(struct carbon_holdout *holdout);

/* The number of the block that AT lies in; 2k and 2k + 1 are a pair. Blocks begin at midnight UTC. */
int64_t carbon_holdout_block(const struct carbon_holdout *holdout, time_t at);

/* Its first second. */
time_t carbon_holdout_begin(const struct carbon_holdout *holdout, int64_t block);

/* Whether it is one without delays, on or not. */
bool carbon_holdout_is_without(const struct carbon_holdout *holdout, int64_t block);

#endif
