/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An example of a policy (doc/adding-a-policy.md): the first start that saves nine tenths of what the best one would. It
 * believes that the last tenth is within the forecast's error, and not worth the hours that it costs. To use it, move it to
 * policies/ and follow the steps there; it is built and run by the tests as it stands.
 */
#include "policies/sweep.h"

#define SHARE 0.9
#define WATTS_PER_KILOWATT 1000.0

extern const struct carbon_policy carbon_policy_nearly_best;

/* What a start costs more than the earliest one, the price of waiting counted, in (g/kWh)*s. */
static double cost(const struct carbon_query *query, const struct carbon_sweep *sweep)
{
	double waited_s = (double)(query->mean->start_at - query->earliest_at) + (double)sweep->start_s;

	return sweep->more + query->delay_price_g_h * WATTS_PER_KILOWATT / query->power_w * waited_s;
}

/* The most that can be saved; at least 0, which the earliest start saves. */
static double find_best(const struct carbon_query *query)
{
	struct carbon_sweep sweep = carbon_sweep_begin(query, query->mean);
	double least = 0;

	while (carbon_sweep_next(&sweep))
		if (cost(query, &sweep) < least)
			least = cost(query, &sweep);
	return -least;
}

/* Between two kinks the cost is linear, and the start that reaches the share may lie inside. */
static time_t choose(const struct carbon_query *query)
{
	struct carbon_sweep sweep = carbon_sweep_begin(query, query->mean);
	double enough = -SHARE * find_best(query), before = 0;
	uint32_t before_s = sweep.start_s;

	if (enough > -CARBON_SWEEP_ROUNDING)
		return query->earliest_at;
	while (cost(query, &sweep) > enough) {
		before = cost(query, &sweep);
		before_s = sweep.start_s;
		if (!carbon_sweep_next(&sweep))
			break;
	}
	if (cost(query, &sweep) < enough) {
		double part = (before - enough) / (before - cost(query, &sweep));

		return query->mean->start_at + (time_t)before_s +
		       (time_t)(part * (double)(sweep.start_s - before_s) + 1 - CARBON_SWEEP_ROUNDING);
	}
	return query->mean->start_at + (time_t)sweep.start_s;
}

const struct carbon_policy carbon_policy_nearly_best = {
	.name = "nearly-best",
	.summary = "the first start that saves nine tenths of what the best one would",
	.choose = choose,
};
