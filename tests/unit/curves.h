/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small random curves with irregular knots, for tests that compare with brute force. */
#ifndef CARBON_UNIT_CURVES_H
#define CARBON_UNIT_CURVES_H

#include "lib/curve.h"
#include "tests/unit/unit.h"

#define CURVE_MAX 64

struct curve_store {
	struct carbon_curve curve;
	uint32_t knot_s[CURVE_MAX + 1];
	float value[CURVE_MAX];
	double sum[CURVE_MAX + 1];
	struct carbon_swing swing[CARBON_CURVE_SWINGS(CURVE_MAX)];
};

/* As the readers of files do; after this the values must stay. */
static inline void curve_swing(struct curve_store *store)
{
	carbon_curve_swings(&store->curve, store->swing);
	store->curve.swing = store->swing;
}

/* COUNT segments of at most STEP_MAX seconds; whole values, now and then equal ones, so that ties happen. */
static inline void curve_roll(struct dice *dice, struct curve_store *store, time_t start_at, size_t count, int step_max)
{
	store->knot_s[0] = 0;
	for (size_t i = 0; i < count; i++) {
		store->knot_s[i + 1] = store->knot_s[i] + (uint32_t)dice_between(dice, 1, step_max);
		store->value[i] = dice_chance(dice, 50) ? (float)dice_between(dice, 0, 5) * 100
							: (float)dice_real(dice, 0, 1000);
	}
	carbon_curve_sum(count, store->knot_s, store->value, store->sum);
	store->curve = (struct carbon_curve){start_at, count, store->knot_s, store->value, store->sum, NULL};
}

#endif
