/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tests of the decision share over the plain world. Must never need a file.
 */
#ifndef CARBON_UNIT_DECIDE_WORLD_H
#define CARBON_UNIT_DECIDE_WORLD_H

#include "tests/unit/world.h"

#define HOUR_S 3600

static inline void assert_decision(struct world *world, enum carbon_verdict verdict, enum carbon_reason reason)
{
	struct carbon_decision decision = world_decide(world);

	if (decision.verdict != verdict || decision.reason != reason)
		print_error("verdict %d, reason %d: %s\n", (int)decision.verdict, (int)decision.reason,
			    carbon_reason_text(decision.reason));
	assert_int_equal(decision.verdict, verdict);
	assert_int_equal(decision.reason, reason);
}

#endif
