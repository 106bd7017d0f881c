/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a wait costs in priority. Must never come to more than the greatest age is worth. */
#include "lib/age.h"

/* Far from the ends of Slurm's nice values. */
#define POINTS_MAX 1000000000.0

uint32_t carbon_age_points(const struct carbon_age *age, time_t waited_s)
{
	double points;

	if (!age->counts || !age->most_s || waited_s <= 0)
		return 0;
	points = (double)age->weight * (waited_s < (time_t)age->most_s ? (double)waited_s / age->most_s : 1);
	return points < POINTS_MAX ? (uint32_t)points : (uint32_t)POINTS_MAX;
}
