/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The provider's hours are given to the model as if they had been; it is thrown away afterwards. */
#include <time.h>

#include "forecaster/extend.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "forecaster/model.h"
#include "forecaster/own.h"
#include "forecaster/track.h"
#include "lib/time.h"

#define HOUR_S 3600
#define LEAST_H 6
#define LATE_H 24 /* history that ends longer than this before the forecast begins: too far apart */

static const struct carbon_inquiry *find_forecast(const struct carbon_track *track, size_t *index)
{
	for (size_t i = 0; i < track->queries; i++)
		if (track->query[i].has_forecast && track->query[i].source != &carbon_source_profile) {
			*index = i;
			return &track->query[i];
		}
	return NULL;
}

/* What the outlook will say of the hour, which both forecast. */
static double mix(const struct carbon_blend *blend, size_t lead_h, double theirs_g_kwh,
		  const struct carbon_segment *ours)
{
	struct carbon_blend_hour hour = {.theirs_g_kwh = theirs_g_kwh, .ours_g_kwh = ours->mean_g_kwh,
					 .low_g_kwh = ours->low_g_kwh, .high_g_kwh = ours->high_g_kwh};

	if (!carbon_blend_is_known(blend, lead_h))
		return theirs_g_kwh;
	carbon_blend_mix(blend, lead_h, &hour);
	return hour.ours_g_kwh;
}

/* The hours from the first unknown one to the forecast's end, ours standing in before it begins. Returns how many. */
static size_t look_ahead(const struct carbon_track *track, const struct carbon_inquiry *query,
			 const struct carbon_blend *blend, time_t now, double *ahead)
{
	const struct carbon_layer *own = &track->own;
	bool has_begun = false;
	size_t reach = 0;

	carbon_series_hourly(&query->forecast.series, own->segment[0].at, own->count, ahead);
	for (; reach < own->count; reach++) {
		const struct carbon_segment *ours = &own->segment[reach];
		time_t from_now_s = ours->at - carbon_hour_floor(now);

		if (isnan(ahead[reach]) && (has_begun || reach >= LATE_H))
			break;
		if (isnan(ahead[reach])) {
			ahead[reach] = ours->mean_g_kwh;
			continue;
		}
		has_begun = true;
		ahead[reach] = mix(blend, from_now_s > HOUR_S ? (size_t)from_now_s / HOUR_S - 1 : 0, ahead[reach],
				   ours);
	}
	return has_begun ? reach : 0;
}

void carbon_track_extend(struct carbon_track *track, time_t now)
{
	double ahead[CARBON_MODEL_HORIZON_H];
	const struct carbon_inquiry *query;
	char name[CARBON_SOURCE_MAX * 2];
	size_t index = 0, reach;

	query = find_forecast(track, &index);
	if (!query || !track->model || !track->own.count || track->own.count > CARBON_MODEL_HORIZON_H)
		return;
	reach = look_ahead(track, query, &track->blend[index], now, ahead);
	if (reach < LEAST_H || carbon_own_continue(track->model, &track->own, ahead, reach, &track->extended, NULL) < 0)
		return;
	if (query->forecast.issued_at < track->extended.issued_at)
		track->extended.issued_at = query->forecast.issued_at;
	/* A long name has no room for both. */
	if (snprintf(name, sizeof(name), "%s:%s", track->extended.source, query->name) < CARBON_SOURCE_MAX)
		memcpy(track->extended.source, name, strlen(name) + 1);
}
