/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two runs of one job at two places, as far as one instead of the other changes emissions: by the slack clock and the price of
 * electricity of each (DESIGN: What a delay really changes), where the site knows them. For submission and replan alike. Pure.
 */
#ifndef CARBON_COMPARE_H
#define CARBON_COMPARE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "policies/decide.h"

/* Of how much of a run something is known. */
enum carbon_known {
	CARBON_KNOWN_NOT,
	CARBON_KNOWN_IN_PART,
	CARBON_KNOWN
};

struct carbon_side {
	/* Of the caller: */
	const struct carbon_place *place; /* in the context's site */
	time_t begin_at;
	uint32_t runtime_s;
	double power_w;
	double mass_g;	  /* emissions of the run, without data that are moved */
	double counted_g; /* the same as the place counts it, slack clock and price included; without them MASS_G */
	double cost_g;	  /* MASS_G, moved data and the price of waiting */
	/* Of carbon_side_look(): */
	bool has_clock;	  /* how often it is full is known */
	enum carbon_known price; /* of its electricity */
	double kept;	  /* how probable it is that the place has slack again before the outlook ends, 0 to 1; 1 where nothing is known */
};

void carbon_side_look(const struct carbon_context *context, struct carbon_side *side);

/*
 * The COST_G of THERE set against that of HOME, both looked at: HOME's less what THERE would save. Where the site knows neither how
 * often places are full nor prices it is THERE's own, to the last digit. Else
 * - what leaves HOME counts as far as HOME has slack again before the outlook ends: behind that, others use what it leaves;
 * - what THERE would save counts as far as THERE has slack again: behind that, others wait for what it takes;
 * - what is known of one of the two alone (full, or a price), or of a part of a run, only speaks against leaving HOME: HOME counts
 *   with the less of what is counted and what is known of both (emissions, and prices), THERE with the more.
 * Where HOME is of another cluster, which sent the job here, no slack clock counts: that cluster does not know ours.
 */
double carbon_compare_cost_g(const struct carbon_context *context, const struct carbon_side *home,
			     const struct carbon_side *there);

#endif
