/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a place makes of a job: run time and power on its hardware, its best start there, and the data that go with it. Must never
 * leave an origin without the time to start the job itself.
 */
#include "policies/places_steps.h"

#include <string.h>

/* Watts at the place, the hardware there counted, from what was expected at home (measured, said or modelled). */
double carbon_places_power_w(const struct carbon_places_ask *ask)
{
	const struct carbon_place *home = ask->home->place;
	double here_w = carbon_power_it(&home->power, &ask->job->use);
	double there_w = carbon_power_it(&ask->place->power, &ask->job->use);
	double it_w = ask->home->record.power_w / home->power.pue;

	return (here_w > 0 ? it_w * there_w / here_w : it_w) * ask->place->power.pue;
}

uint32_t carbon_places_runtime_s(const struct carbon_places_ask *ask)
{
	return (uint32_t)((double)ask->home->record.runtime_s / ask->speed + 0.5);
}

/* The latest begin that leaves the origin time to see that the other cluster did not start it. */
static time_t latest_there(const struct carbon_places_ask *ask)
{
	const struct carbon_place *place = ask->place, *home = ask->home->place;

	if (strcmp(place->cluster, home->cluster) == 0)
		return ask->home->record.latest_at;
	return ask->home->record.latest_at - (time_t)place->queue_wait_s - (time_t)place->boot_s -
	       ask->site->slack_s;
}

static double mean_g_kwh(const struct carbon_context *context, const struct carbon_record *record, const char *zone)
{
	const struct carbon_outlook_zone *found = carbon_outlook_find(context->outlook, zone, record->signal);

	return found ? carbon_curve_value(&found->mean, record->begin_at) : 0;
}

/* The data go when the job begins; half of their way is in each of the two zones. */
double carbon_places_data_g(const struct carbon_context *context, const struct carbon_place *place,
			    const struct carbon_record *there)
{
	double energy_kwh = there->data_gb * place->transfer_kwh_gb;

	if (!(energy_kwh > 0)) /* mostly: it spares two looks into the outlook */
		return 0;
	return energy_kwh * (mean_g_kwh(context, there, there->zone) + mean_g_kwh(context, there, there->home_zone)) / 2;
}

/* Beside what the decision there says: what the job would have been at home. */
static void compare_with_home(const struct carbon_places_ask *ask, struct carbon_record *there)
{
	const struct carbon_record *home = &ask->home->record;

	there->baseline_at = home->baseline_at;
	there->baseline_g = home->baseline_g;
	there->data_gb = ask->job->request.data_gb;
	there->home_power_w = home->power_w;
	there->home_runtime_s = home->runtime_s;
	memcpy(there->home_zone, home->zone, sizeof(there->home_zone));
	there->data_g = carbon_places_data_g(ask->context, ask->place, there);
	there->mass_g += there->data_g;
	there->mass_high_g += there->data_g;
	memcpy(there->home, home->partition, sizeof(there->home));
	memcpy(there->home_cluster, ask->home->place->cluster, sizeof(there->home_cluster));
	memcpy(there->cluster, ask->place->cluster, sizeof(there->cluster));
}

/* Where it was submitted it waits to the last: should the other cluster vanish, it begins here. */
static void keep_origin(const struct carbon_places_ask *ask, struct carbon_decision *there)
{
	struct carbon_record *record = &there->record;

	record->there_at = record->begin_at;
	record->begin_at = record->latest_at = ask->home->record.latest_at;
	record->delayed = true;
	there->verdict = CARBON_DELAY;
	there->reason = CARBON_REASON_NONE;
}

/* What is emitted, moved data and the price of waiting together. */
static double cost_g(const struct carbon_site *site, const struct carbon_record *record)
{
	double waited_h = (double)(record->begin_at - record->baseline_at) / 3600.0;

	return record->mass_g + waited_h * site->delay_price_g_h;
}

struct carbon_side carbon_places_side(const struct carbon_context *context, const struct carbon_decision *decision)
{
	const struct carbon_record *record = &decision->record;
	struct carbon_side side = {
		.place = decision->place,
		.begin_at = record->begin_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.mass_g = record->mass_g - record->data_g,
		.counted_g = decision->counted_g,
		.cost_g = cost_g(context->site, record),
	};

	carbon_side_look(context, &side);
	return side;
}

void carbon_places_decide(const struct carbon_places_ask *ask, struct carbon_candidate *out)
{
	const struct carbon_record *home = &ask->home->record;
	const struct carbon_elsewhere elsewhere = {
		.place = ask->place,
		.runtime_s = carbon_places_runtime_s(ask),
		.runtime_source = home->runtime_source,
		.limit_s = ask->home->limit_s,
		.power_w = carbon_places_power_w(ask),
		.latest_at = latest_there(ask),
		.wishes = &ask->wishes,
	};
	struct carbon_side side;

	out->decision = carbon_decide_at(ask->context, ask->job, &elsewhere);
	if (out->decision.verdict == CARBON_LEFT_ALONE ||
	    (!out->decision.deadline_is_kept && ask->home->deadline_is_kept)) {
		out->misfit = CARBON_MISFIT_TIME;
		return;
	}
	compare_with_home(ask, &out->decision.record);
	out->decision.home = ask->home->place;
	out->decision.is_moved = true;
	if (ask->home->slack_share < out->decision.slack_share)
		out->decision.slack_share = ask->home->slack_share;
	side = carbon_places_side(ask->context, &out->decision);
	out->kept = side.kept;
	out->cost_g = carbon_compare_cost_g(ask->context, ask->home_side, &side);
	if (carbon_place_is_far(ask->place))
		keep_origin(ask, &out->decision);
}
