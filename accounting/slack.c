/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intensity by the slack clock. Must never call the clock on the wall slack. */
#include "accounting/slack.h"

#include <stdlib.h>
#include <string.h>

#define BIN_S CARBON_OCCUPANCY_BIN_S
#define OFF_MIN 1.0f   /* a whole node, for most of five minutes */
#define OPEN_MIN 0.01 /* less of a run hardly matters */

/* Five minutes, as they count. */
struct carbon_slack_bin {
	struct carbon_integral intensity;
	double off_g_s_kwh;
	double open_s; /* of it leads beyond what is known of the place */
	time_t to_at;  /* the end of the latest minutes that count for it */
};

/* SHARE of PIECE. */
static void add(struct carbon_slack_bin *sum, const struct carbon_slack_bin *piece, double share)
{
	sum->intensity.g_s_kwh += share * piece->intensity.g_s_kwh;
	sum->intensity.known_s += share * piece->intensity.known_s;
	sum->intensity.estimated_s += share * piece->intensity.estimated_s;
	sum->intensity.missing_s += share * piece->intensity.missing_s;
	sum->off_g_s_kwh += share * piece->off_g_s_kwh;
	sum->open_s += share * piece->open_s;
	sum->to_at = piece->to_at > sum->to_at ? piece->to_at : sum->to_at;
}

/* By the clock on the wall. */
static struct carbon_slack_bin wall(const struct carbon_slack_clock *clock, time_t from, time_t to)
{
	const struct carbon_occupancy_bin *bin =
		clock->occupancy ? carbon_occupancy_find(clock->occupancy, from) : NULL;
	struct carbon_slack_bin piece = {.intensity = carbon_series_integrate(clock->series, from, to), .to_at = to};

	if (bin && bin->off >= OFF_MIN)
		piece.off_g_s_kwh = piece.intensity.g_s_kwh;
	return piece;
}

/* --- bin by bin --- */

static time_t bin_at(const struct carbon_slack_clock *clock, size_t i)
{
	return clock->occupancy->from_at + (time_t)i * BIN_S;
}

/* What is handed on to bin I, of which nothing may be known. */
static struct carbon_slack_bin handed(const struct carbon_slack_clock *clock, size_t i)
{
	struct carbon_slack_bin piece;

	if (i < clock->occupancy->bins && clock->occupancy->bin[i].is_known)
		return clock->bin[i];
	piece = wall(clock, bin_at(clock, i), bin_at(clock, i + 1));
	piece.open_s = BIN_S;
	return piece;
}

int carbon_slack_clock_init(struct carbon_slack_clock *clock, const struct carbon_series *series,
			    const struct carbon_occupancy *occupancy)
{
	*clock = (struct carbon_slack_clock){series, occupancy, NULL};
	if (!occupancy)
		return 0;
	clock->bin = calloc(occupancy->bins + 1, sizeof(*clock->bin));
	if (!clock->bin)
		return -1;
	/* Backwards, for nothing is handed on to earlier bins. */
	for (size_t i = occupancy->bins; i-- > 0;) {
		const struct carbon_occupancy_bin *bin = &occupancy->bin[i];
		double stays = bin->is_full ? (double)bin->fits : 1;
		struct carbon_slack_bin part;

		if (!bin->is_known)
			continue;
		if (stays > 0) {
			part = wall(clock, bin_at(clock, i), bin_at(clock, i + 1));
			add(&clock->bin[i], &part, stays);
		}
		if (stays < 1) {
			part = handed(clock, bin->next);
			add(&clock->bin[i], &part, 1 - stays);
		}
	}
	return 0;
}

void carbon_slack_clock_fini(struct carbon_slack_clock *clock)
{
	free(clock->bin);
	memset(clock, 0, sizeof(*clock));
}

/* --- sums --- */

struct carbon_slack_sum carbon_slack_integrate(const struct carbon_slack_clock *clock, time_t from, time_t to)
{
	struct carbon_slack_sum out = {.from_at = from, .is_wall = !clock->occupancy};
	struct carbon_slack_bin sum = {.to_at = to}, piece;

	for (time_t at = from, next; at < to; at = next) {
		next = clock->occupancy ? (at / BIN_S + 1) * BIN_S : to;
		next = next < to ? next : to;
		if (clock->occupancy && carbon_occupancy_find(clock->occupancy, at)) {
			piece = clock->bin[(at - clock->occupancy->from_at) / BIN_S];
			add(&sum, &piece, (double)(next - at) / BIN_S);
		} else {
			piece = wall(clock, at, next);
			add(&sum, &piece, 1);
			out.is_wall = true;
		}
	}
	out.intensity = sum.intensity;
	out.off_g_s_kwh = sum.off_g_s_kwh;
	out.is_open = sum.open_s > OPEN_MIN * (double)(to - from);
	out.to_at = sum.to_at;
	return out;
}
