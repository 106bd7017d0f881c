/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intensity by the slack clock. Must never call the clock on the wall slack. */
#include "accounting/slack.h"

#define BIN_S CARBON_OCCUPANCY_BIN_S
#define OFF_MIN 1.0f /* a whole node, for most of five minutes */

static void add(struct carbon_slack_sum *sum, const struct carbon_integral *piece, bool is_off)
{
	sum->intensity.g_s_kwh += piece->g_s_kwh;
	sum->intensity.known_s += piece->known_s;
	sum->intensity.estimated_s += piece->estimated_s;
	sum->intensity.missing_s += piece->missing_s;
	if (is_off)
		sum->off_g_s_kwh += piece->g_s_kwh;
}

/* LENGTH seconds from AT on, which lie in one bin. */
static void add_piece(struct carbon_slack_sum *sum, const struct carbon_series *series,
		      const struct carbon_occupancy *occupancy, time_t at, time_t length)
{
	time_t slack_at = at;
	enum carbon_slack known = carbon_occupancy_slack(occupancy, at, &slack_at);
	const struct carbon_occupancy_bin *bin = carbon_occupancy_find(occupancy, slack_at);
	struct carbon_integral piece = carbon_series_integrate(series, slack_at, slack_at + length);

	sum->is_wall = sum->is_wall || known == CARBON_SLACK_UNKNOWN;
	sum->is_open = sum->is_open || known == CARBON_SLACK_OPEN;
	if (slack_at + length > sum->to_at)
		sum->to_at = slack_at + length;
	add(sum, &piece, bin && bin->off >= OFF_MIN);
}

struct carbon_slack_sum carbon_slack_integrate(const struct carbon_series *series,
					       const struct carbon_occupancy *occupancy, time_t from, time_t to)
{
	struct carbon_slack_sum sum = {.from_at = from, .to_at = to};

	if (!occupancy) {
		sum.intensity = carbon_series_integrate(series, from, to);
		sum.is_wall = true;
		return sum;
	}
	for (time_t at = from; at < to;) {
		time_t next = (at / BIN_S + 1) * BIN_S;

		next = next < to ? next : to;
		add_piece(&sum, series, occupancy, at, next - at);
		at = next;
	}
	return sum;
}
