/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Other hours and places out of the history, other accelerators and buildings by arithmetic. Reads only. */
#include "accounting/levers.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "accounting/store.h"
#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S ((time_t)3600)
#define DAY_S ((time_t)86400)
#define CLEAN_HOURS 8	    /* of a day: a third */
#define SPEED_MISSED 0.8    /* of its relative speed an accelerator may not deliver a fifth */
#define PLACES_SHOWN 8 /* zones are read one after another */

/* Means of a zone over the work's time, in g/kWh; NAN: not known. */
struct hours {
	double same;	    /* as it ran */
	double near, clean; /* the best within a day, and the best of all that may be hoped for */
};

static void add(struct carbon_levers *levers, struct carbon_lever lever)
{
	if (levers->count < CARBON_LEVERS_MAX && isfinite(lever.low_kg) && isfinite(lever.high_kg))
		levers->lever[levers->count++] = lever;
}

/* --- hours --- */

static double mean_of(const struct carbon_series *series, time_t from, time_t to)
{
	struct carbon_integral integral = carbon_series_integrate(series, from, to);

	return integral.missing_s > 0 ? NAN : carbon_integral_mean(&integral);
}

/* The cleanest start of a run of LENGTH in whole hours from READY on. Only what is wholly known counts. */
static double cleanest(const struct carbon_series *series, time_t ready, time_t length, time_t delay)
{
	double best = NAN;

	for (time_t start = ready; start <= ready + delay; start += HOUR_S) {
		double mean = mean_of(series, start, start + length);

		if (!isnan(mean) && !(mean >= best))
			best = mean;
	}
	return best;
}

static int by_value(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

/* The mean of each day's cleanest COUNT hours; days that are not wholly known are left out. */
static double clean_hours(const struct carbon_series *series, time_t from, time_t to, size_t count)
{
	double sum = 0, days = 0;

	for (time_t day = from; day + DAY_S <= to; day += DAY_S) {
		double hour[24], clean = 0;
		bool is_known = true;

		carbon_series_hourly(series, day, 24, hour);
		for (size_t i = 0; i < 24; i++)
			is_known = is_known && !isnan(hour[i]);
		if (!is_known)
			continue;
		qsort(hour, 24, sizeof(hour[0]), by_value);
		for (size_t i = 0; i < count; i++)
			clean += hour[i] / (double)count;
		sum += clean;
		days++;
	}
	return days > 0 ? sum / days : NAN;
}

static int read_hours(struct carbon_store *store, const struct carbon_lever_site *site,
		      const struct carbon_lever_work *work, const char *zone, struct hours *out, struct carbon_err *err)
{
	time_t length = work->to_at - work->from_at, delay = site->max_delay_s > DAY_S ? site->max_delay_s : DAY_S;
	time_t begin = work->ready_at && work->ready_at < work->from_at ? work->ready_at : work->from_at;
	struct carbon_series series;
	struct carbon_integral all;
	int rc;

	carbon_series_init(&series);
	rc = carbon_store_history_get(store, zone, site->signal, NULL, begin - HOUR_S, work->to_at + delay + length,
				      &series, err);
	if (rc == 0 && work->ready_at) {
		out->same = mean_of(&series, work->from_at, work->to_at);
		out->near = cleanest(&series, begin, length, DAY_S);
		out->clean = cleanest(&series, begin, length, delay);
	} else if (rc == 0) {
		all = carbon_series_integrate(&series, work->from_at, work->to_at);
		out->same = all.known_s > all.missing_s ? carbon_integral_mean(&all) : NAN;
		out->near = clean_hours(&series, work->from_at, work->to_at, CLEAN_HOURS);
		out->clean = clean_hours(&series, work->from_at, work->to_at, 1);
	}
	carbon_series_fini(&series);
	return rc;
}

static int look_at_hours(struct carbon_store *store, const struct carbon_lever_site *site,
			 const struct carbon_lever_work *work, struct carbon_levers *out, struct carbon_err *err)
{
	struct hours hours = {NAN, NAN, NAN};
	struct carbon_lever lever = {
		.key = "hour",
		.assumption = work->ready_at ? "there is room then, and the run is one stretch of the same length and power"
					     : "there is room for all of the day's work in these hours"};
	char delay[CARBON_DURATION_TEXT];

	if (!work->zone[0])
		return 0;
	if (read_hours(store, site, work, work->zone, &hours, err) < 0)
		return -1;
	carbon_duration_format(site->max_delay_s > DAY_S ? site->max_delay_s : DAY_S, delay);
	if (work->ready_at)
		snprintf(lever.what, sizeof(lever.what), "the cleanest start within %s, or within a day", delay);
	else
		snprintf(lever.what, sizeof(lever.what), "each day's cleanest hour, or its cleanest %d hours", CLEAN_HOURS);
	lever.low_kg = work->it_kwh * work->pue * hours.clean / 1000;
	lever.high_kg = work->it_kwh * work->pue * hours.near / 1000;
	add(out, lever);
	return 0;
}

/* --- places --- */

static bool is_again(const struct carbon_lever_site *site, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (strcmp(site->place[i].zone, site->place[index].zone) == 0 &&
		    fabs(site->place[i].power.pue - site->place[index].power.pue) < 1e-9)
			return true;
	return false;
}

static int look_at_places(struct carbon_store *store, const struct carbon_lever_site *site,
			  const struct carbon_lever_work *work, struct carbon_levers *out, struct carbon_err *err)
{
	size_t shown = 0;

	for (size_t i = 0; i < site->places && shown < PLACES_SHOWN; i++) {
		const struct carbon_place *place = &site->place[i];
		double pue = place->power.pue;
		struct hours hours = {NAN, NAN, NAN};
		struct carbon_lever lever = {
			.key = "place",
			.assumption = work->ready_at ? "the same hardware and room are there; moving data is not counted"
						     : "the same hardware and room are there, the work is spread evenly over the "
						       "hours, and moving data is not counted"};

		if (!place->zone[0] || is_again(site, i) ||
		    (strcmp(place->zone, work->zone) == 0 && fabs(pue - work->pue) < 1e-6))
			continue;
		if (read_hours(store, site, work, place->zone, &hours, err) < 0)
			return -1;
		snprintf(lever.what, sizeof(lever.what), "in zone %s at PUE %.3g: at clean hours, or at the same", place->zone,
			 pue);
		lever.low_kg = work->it_kwh * pue * fmin(hours.near, hours.same) / 1000;
		lever.high_kg = work->it_kwh * pue * hours.same / 1000;
		add(out, lever);
		shown++;
	}
	return 0;
}

/* --- accelerators and buildings --- */

static double speed_of(const struct carbon_lever_site *site, const char *type)
{
	for (size_t i = 0; i < site->speeds; i++)
		if (strcasecmp(site->speed[i].type, type) == 0)
			return site->speed[i].speed;
	return NAN;
}

/* As many of the other kind; what is not GPU draws as before, for as long as the run then takes. */
static double energy_on(const struct carbon_lever_site *site, const struct carbon_lever_gpu *gpu,
			const struct carbon_gpu_speed *other, double delivered)
{
	double now_w = carbon_power_gpu(site->power, gpu->type) * site->power->utilisation;
	double then_w = carbon_power_gpu(site->power, other->type) * site->power->utilisation;
	double gain = other->speed / speed_of(site, gpu->type);
	double gpu_kwh = fmin(gpu->hours * now_w / 1000, gpu->it_kwh);

	gain = gain > 1 ? 1 + (gain - 1) * delivered : gain * delivered;
	return (gpu->it_kwh - gpu_kwh + (now_w > 0 ? gpu_kwh * then_w / now_w : 0)) / gain;
}

/* All GPU work on one kind; work on kinds whose speed is not given stays as it is. */
static void look_at_accelerators(const struct carbon_lever_site *site, const struct carbon_lever_work *work,
				 struct carbon_levers *out)
{
	double g_kwh_it = work->it_kwh > 0 ? work->mass_kg / work->it_kwh : NAN;

	for (size_t i = 0; i < site->speeds; i++) {
		const struct carbon_gpu_speed *other = &site->speed[i];
		struct carbon_lever lever = {.key = "accelerator", .low_kg = work->mass_kg, .high_kg = work->mass_kg,
					     .assumption = "as many of them, at their relative speed (gpu_speed) or a fifth less of it"};
		bool is_any = false;

		for (size_t j = 0; j < work->gpus; j++) {
			const struct carbon_lever_gpu *gpu = &work->gpu[j];

			if (strcasecmp(gpu->type, other->type) == 0 || isnan(speed_of(site, gpu->type)))
				continue;
			lever.low_kg += (energy_on(site, gpu, other, 1) - gpu->it_kwh) * g_kwh_it;
			lever.high_kg += (energy_on(site, gpu, other, SPEED_MISSED) - gpu->it_kwh) * g_kwh_it;
			is_any = true;
		}
		snprintf(lever.what, sizeof(lever.what), "GPU work on %s", other->type);
		if (is_any)
			add(out, lever);
	}
}

/* From the best that is published to the best of the site's own places. */
static void look_at_buildings(const struct carbon_lever_site *site, const struct carbon_lever_work *work,
			      struct carbon_levers *out)
{
	struct carbon_lever lever = {.key = "pue", .assumption = "the same hours and hardware"};
	double own = work->pue;

	for (size_t i = 0; i < site->places; i++)
		own = fmin(own, site->place[i].power.pue);
	if (work->pue <= CARBON_LEVER_BEST_PUE)
		return;
	own = fmax(own, CARBON_LEVER_BEST_PUE);
	snprintf(lever.what, sizeof(lever.what), "PUE %.3g (Patterson et al. 2021) or %.3g (%s)", CARBON_LEVER_BEST_PUE, own,
		 own < work->pue - 1e-6 ? "the site's best" : "as it is");
	lever.low_kg = work->mass_kg * CARBON_LEVER_BEST_PUE / work->pue;
	lever.high_kg = work->mass_kg * own / work->pue;
	add(out, lever);
}

int carbon_levers_read(struct carbon_store *store, const struct carbon_lever_site *site,
		       const struct carbon_lever_work *work, struct carbon_levers *out, struct carbon_err *err)
{
	memset(out, 0, sizeof(*out));
	if (work->it_kwh <= 0 || work->mass_kg <= 0 || work->to_at <= work->from_at)
		return 0;
	if (look_at_hours(store, site, work, out, err) < 0 || look_at_places(store, site, work, out, err) < 0)
		return -1;
	look_at_accelerators(site, work, out);
	look_at_buildings(site, work, out);
	return 0;
}
