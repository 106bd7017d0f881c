/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start at the first moment whose intensity is among the cleanest 30 % of the time in which the job may
 * start. Knows nothing of run times: for sites whose jobs' lengths nobody can tell.
 */
#include <stdbool.h>

#include "policies/builtin.h"

#define PERCENTILE 0.30
#define BINS 256 /* of the values between the least and the greatest: finer than any forecast */

struct span {
	size_t first, last; /* segments that the permitted starts touch */
	float least, greatest;
};

static bool is_barred(const struct carbon_query *query, size_t i)
{
	return (double)query->mean->value[i] >= CARBON_BARRIER;
}

/* Seconds of segment I within the permitted starts. */
static uint32_t seconds(const struct carbon_query *query, size_t i)
{
	const struct carbon_curve *curve = query->mean;
	uint32_t from = (uint32_t)(query->earliest_at - curve->start_at);
	uint32_t to = (uint32_t)(query->latest_at - curve->start_at) + 1;

	if (is_barred(query, i))
		return 0;

	if (curve->knot_s[i] > from)
		from = curve->knot_s[i];
	if (curve->knot_s[i + 1] < to)
		to = curve->knot_s[i + 1];
	return to > from ? to - from : 0;
}

static struct span find_span(const struct carbon_query *query)
{
	const struct carbon_curve *curve = query->mean;
	struct span span = {carbon_curve_segment(curve, query->earliest_at),
			    carbon_curve_segment(curve, query->latest_at), 0, 0};

	span.least = (float)CARBON_BARRIER;
	span.greatest = -(float)CARBON_BARRIER;
	for (size_t i = span.first; i <= span.last; i++) {
		if (is_barred(query, i))
			continue;
		if (curve->value[i] < span.least)
			span.least = curve->value[i];
		if (curve->value[i] > span.greatest)
			span.greatest = curve->value[i];
	}
	return span;
}

static size_t bin(const struct span *span, float value)
{
	float share = (value - span->least) / (span->greatest - span->least);

	return share >= 1 ? BINS - 1 : (size_t)(share * BINS);
}

/* The last bin that is still under the percentile (the cleanest one always is). */
static size_t last_clean_bin(const struct carbon_query *query, const struct span *span)
{
	double in_bin[BINS] = {0}, total = 0, under = 0;
	size_t last = 0;

	for (size_t i = span->first; i <= span->last; i++) {
		if (is_barred(query, i))
			continue;
		in_bin[bin(span, query->mean->value[i])] += seconds(query, i);
		total += seconds(query, i);
	}
	for (size_t b = 0; b < BINS && under + in_bin[b] <= PERCENTILE * total; b++) {
		under += in_bin[b];
		last = b;
	}
	return last;
}

/* The first segment without room that a run from segment I on would meet; the curve's count where there is none. */
static size_t find_barrier(const struct carbon_query *query, size_t i)
{
	const struct carbon_curve *curve = query->mean;
	uint32_t end_s = curve->knot_s[i] + query->runtime_s;

	for (; i < curve->count && curve->knot_s[i] < end_s; i++)
		if (is_barred(query, i))
			return i;
	return curve->count;
}

/* The first segment that is clean enough and has room for the whole run; behind the span where there is none. */
static size_t find_start(const struct carbon_query *query, const struct span *span, size_t clean)
{
	size_t i = span->first, barrier;

	while (i <= span->last) {
		barrier = find_barrier(query, i);
		if (barrier < query->mean->count)
			i = barrier + 1;
		else if (bin(span, query->mean->value[i]) > clean)
			i++;
		else
			return i;
	}
	return i;
}

static time_t choose(const struct carbon_query *query)
{
	const struct carbon_curve *curve = query->mean;
	struct span span = find_span(query);
	size_t i;

	if (span.greatest <= span.least)
		return query->earliest_at;
	i = find_start(query, &span, last_clean_bin(query, &span));
	if (i > span.last || i == span.first)
		return query->earliest_at;
	return curve->start_at + (time_t)curve->knot_s[i];
}

const struct carbon_policy carbon_policy_threshold = {
	.name = "threshold",
	.summary = "the first moment among the cleanest 30 % of the time it may start in",
	.choose = choose,
};
