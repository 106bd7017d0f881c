/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The shapes are drawn by hand from what is commonly known of these grids (solar dip, evening peak, quiet
 * nights), not fitted to any data set; the bands are wide for the same reason.
 *
 * Means: Electricity Maps (2025), "2024 Yearly Carbon Intensity Data" of each zone, version of 27 January
 * 2025, life cycle, rounded to grams: of what is consumed in the zone, imports included, as its hourly
 * numbers are. https://www.electricitymaps.com
 */
#include "forecaster/profiles.h"

#include <stdbool.h>
#include <stdio.h>
#include <strings.h>

#include "lib/intensity.h"

#define HOUR_S 3600
#define DAY_H 24

/* Deep solar dip, gas in the evening. */
static const double deep_solar[DAY_H] = {1.08, 1.06, 1.05, 1.05, 1.06, 1.10, 1.16, 1.12, 0.96, 0.80, 0.68, 0.62,
					 0.60, 0.60, 0.63, 0.70, 0.84, 1.04, 1.26, 1.34, 1.32, 1.26, 1.20, 1.13};
/* Wind and solar over coal and gas: a morning and an evening peak. */
static const double solar_wind[DAY_H] = {0.98, 0.96, 0.95, 0.95, 0.98, 1.04, 1.10, 1.11, 1.05, 0.96, 0.88, 0.83,
					 0.80, 0.79, 0.82, 0.88, 0.97, 1.07, 1.15, 1.19, 1.18, 1.13, 1.07, 1.02};
/* Wind and gas: gas follows demand. */
static const double wind_gas[DAY_H] = {0.88, 0.85, 0.83, 0.82, 0.83, 0.88, 0.97, 1.05, 1.08, 1.06, 1.03, 1.01,
				       0.99, 0.98, 1.00, 1.05, 1.13, 1.20, 1.20, 1.15, 1.09, 1.03, 0.97, 0.92};
/* Wind at night, solar at noon. */
static const double night_wind[DAY_H] = {0.94, 0.92, 0.91, 0.91, 0.93, 0.97, 1.02, 1.02, 0.97, 0.93, 0.91, 0.91,
					 0.92, 0.93, 0.95, 0.98, 1.02, 1.08, 1.14, 1.17, 1.15, 1.10, 1.04, 0.98};
/* Much coal, much rooftop solar. */
static const double coal_solar[DAY_H] = {1.09, 1.09, 1.09, 1.09, 1.10, 1.11, 1.08, 0.99, 0.88, 0.80, 0.75, 0.73,
					 0.73, 0.75, 0.79, 0.87, 0.99, 1.10, 1.15, 1.15, 1.13, 1.12, 1.11, 1.10};
/* Coal by day and night: hardly a shape. */
static const double flat_coal[DAY_H] = {1.01, 1.01, 1.01, 1.01, 1.01, 1.01, 1.01, 1.00, 0.98, 0.97, 0.96, 0.96,
					0.96, 0.96, 0.97, 0.98, 1.00, 1.01, 1.02, 1.03, 1.03, 1.02, 1.02, 1.01};
/* Coal, gas and nuclear at a steady mix. */
static const double steady_mix[DAY_H] = {0.98, 0.97, 0.97, 0.97, 0.98, 0.99, 1.00, 1.01, 1.00, 0.99, 0.98, 0.98,
					 0.98, 0.99, 1.00, 1.01, 1.02, 1.03, 1.04, 1.04, 1.03, 1.02, 1.00, 0.99};
/* Nuclear and hydro, gas only for the peaks. */
static const double clean_peaks[DAY_H] = {0.72, 0.65, 0.62, 0.62, 0.66, 0.78, 0.95, 1.08, 1.12, 1.10, 1.06, 1.04,
					  1.02, 1.02, 1.04, 1.10, 1.20, 1.32, 1.35, 1.30, 1.20, 1.07, 0.94, 0.82};
/* Hydro and nuclear, hardly any gas. */
static const double hydro[DAY_H] = {0.96, 0.95, 0.95, 0.95, 0.96, 0.98, 1.01, 1.03, 1.04, 1.03, 1.02, 1.01,
				    1.00, 1.00, 1.00, 1.01, 1.03, 1.04, 1.04, 1.03, 1.01, 1.00, 0.98, 0.97};

static const struct carbon_profile profiles[] = {
	{"AU-NSW", 541, 0.25, 10, coal_solar, 0.97},
	{"CA-ON", 91, 0.60, -5, clean_peaks, 0.80},
	{"DE", 334, 0.45, 1, solar_wind, 0.88},
	{"ES", 124, 0.45, 1, solar_wind, 0.90},
	{"FR", 33, 0.50, 1, clean_peaks, 0.85},
	{"GB", 164, 0.50, 0, wind_gas, 0.90},
	{"IN-NO", 571, 0.15, 5, flat_coal, 0.99},
	{"PL", 703, 0.25, 1, coal_solar, 0.95},
	{"SE", 23, 0.30, 1, hydro, 0.98},
	{"SE-SE3", 20, 0.35, 1, hydro, 0.98},
	{"US-CAL-CISO", 227, 0.35, -8, deep_solar, 0.94},
	{"US-MIDA-PJM", 400, 0.20, -5, steady_mix, 0.98},
	{"US-TEX-ERCO", 370, 0.30, -6, night_wind, 0.97},
	{"ZA", 713, 0.12, 2, flat_coal, 0.99},
};

#define PROFILES (sizeof(profiles) / sizeof(profiles[0]))

const struct carbon_profile *carbon_profile_find(const char *zone)
{
	for (size_t i = 0; i < PROFILES; i++)
		if (strcasecmp(profiles[i].zone, zone) == 0)
			return &profiles[i];
	return NULL;
}

const char *carbon_profile_names(void)
{
	static char names[PROFILES * CARBON_ZONE_MAX];
	size_t used = 0;

	for (size_t i = 0; i < PROFILES; i++)
		used += (size_t)snprintf(names + used, sizeof(names) - used, "%s%s", i ? ", " : "",
					 profiles[i].zone);
	return names;
}

double carbon_profile_value(const struct carbon_profile *profile, time_t at)
{
	time_t local = at + (time_t)profile->utc_offset_h * HOUR_S;
	/* 1970-01-01 was a Thursday: days 2 and 3 of such a week are Saturday and Sunday. */
	time_t day = (local / (DAY_H * HOUR_S)) % 7;
	double sum = 0, factor = profile->shape[(local / HOUR_S) % DAY_H];

	for (int hour = 0; hour < DAY_H; hour++)
		sum += profile->shape[hour];
	if (day == 2 || day == 3)
		factor *= profile->weekend;
	return profile->mean_g_kwh * factor * DAY_H / sum * 7 / (5 + 2 * profile->weekend);
}
