/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Blocks of days without delays. Must say the same in every release: past months are judged by it. */
#include "lib/holdout.h"

#define DAY_S ((time_t)86400)

void carbon_holdout_init(struct carbon_holdout *holdout)
{
	*holdout = (struct carbon_holdout){.is_on = false, .block_s = 3 * DAY_S, .seed = 1};
}

int64_t carbon_holdout_block(const struct carbon_holdout *holdout, time_t at)
{
	return (int64_t)(at / holdout->block_s);
}

time_t carbon_holdout_begin(const struct carbon_holdout *holdout, int64_t block)
{
	return (time_t)block * holdout->block_s;
}

/* splitmix64 of seed and pair. */
bool carbon_holdout_is_without(const struct carbon_holdout *holdout, int64_t block)
{
	uint64_t z = ((uint64_t)holdout->seed << 32) ^ (uint64_t)(block / 2);

	z += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (z & 1) == (uint64_t)(block & 1);
}
