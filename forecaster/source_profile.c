/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The typical day as a source: a forecast without history, of kind profile. The band is added where
 * the outlook is composed, from the same table.
 */
#include "forecaster/profiles.h"
#include "forecaster/source.h"
#include "lib/time.h"

#define HOUR_S 3600

static void load(struct carbon_inquiry *query)
{
	const struct carbon_profile *profile = carbon_profile_find(query->zone);
	time_t from = carbon_hour_floor(query->now);

	if (!profile) {
		carbon_inquiry_fail(query, CARBON_FAILURE_CONFIG, "no profile ships for zone %s (there are: %s)",
				  query->zone, carbon_profile_names());
		return;
	}
	for (unsigned int hour = 0; hour <= query->horizon_h; hour++) {
		time_t at = from + (time_t)hour * HOUR_S;
		struct carbon_point point = {.at = at, .g_kwh = carbon_profile_value(profile, at),
					     .kind = CARBON_KIND_PROFILE};

		if (carbon_series_add(&query->forecast.series, point, &query->err) < 0) {
			query->failure = CARBON_FAILURE_CONFIG;
			return;
		}
	}
	query->forecast.issued_at = query->now;
	query->forecast.step_s = HOUR_S;
	query->has_forecast = true;
}

const struct carbon_source carbon_source_profile = {
	.type = "profile",
	.signals = 1u << CARBON_SIGNAL_LIFECYCLE,
	.has_forecast = true,
	.load = load,
};
