/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paired comparison of blocks. Must never say more than so few pairs can. */
#include "accounting/switchback.h"

#include <math.h>
#include <string.h>

/* Student's t, 97.5 %, by degrees of freedom from 1; beyond them 2.04 and less. */
static const double quantile[] = {12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
				  2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
				  2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042};

static bool is_usable(const struct carbon_switchback_block *block)
{
	return block->is_good && block->energy_kwh > 0;
}

/* What the pair says was saved by kWh; false: it says nothing. */
static bool compare(const struct carbon_switchback_block pair[2], double *saved_g_kwh)
{
	const struct carbon_switchback_block *without = &pair[pair[0].is_without ? 0 : 1];
	const struct carbon_switchback_block *with = &pair[pair[0].is_without ? 1 : 0];

	if (!is_usable(without) || !is_usable(with) || without->is_without == with->is_without)
		return false;
	*saved_g_kwh = without->excess_g / without->energy_kwh - with->excess_g / with->energy_kwh;
	return true;
}

bool carbon_switchback_estimate(const struct carbon_switchback_block *block, size_t blocks,
				struct carbon_switchback *out)
{
	const size_t most = sizeof(quantile) / sizeof(quantile[0]);
	double sum = 0, squares = 0, saved, mean, variance;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i + 1 < blocks; i += 2)
		if (compare(&block[i], &saved)) {
			sum += saved;
			squares += saved * saved;
			out->pairs++;
		}
	if (out->pairs < CARBON_SWITCHBACK_PAIRS_MIN)
		return false;
	mean = sum / (double)out->pairs;
	variance = fmax(0, squares - (double)out->pairs * mean * mean) / (double)(out->pairs - 1);
	out->saved_g_kwh = mean;
	out->error_g_kwh = quantile[(out->pairs < most ? out->pairs : most) - 2] * sqrt(variance / (double)out->pairs);
	return true;
}
