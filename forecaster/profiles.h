/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Typical days, shipped with the project so that the first try needs neither key nor network: an annual
 * mean that somebody published, times a daily shape. Rough by nature and marked "profile" wherever it
 * shows; never a measurement.
 */
#ifndef CARBON_PROFILES_H
#define CARBON_PROFILES_H

#include <stddef.h>
#include <time.h>

struct carbon_profile {
	const char *zone;
	double mean_g_kwh; /* life-cycle */
	double band;	   /* low and high are this share below and above the mean */
	int utc_offset_h;  /* of the zone's standard time; no daylight saving */
	const double *shape; /* 24 factors by local hour, any scale */
	double weekend;	   /* factor on Saturday and Sunday */
};

/* NULL: none ships for this zone. */
const struct carbon_profile *carbon_profile_find(const char *zone);

/* "DE, FR, ..." */
const char *carbon_profile_names(void);

/* The typical intensity of the hour that holds AT; its mean over a week is mean_g_kwh. */
double carbon_profile_value(const struct carbon_profile *profile, time_t at);

#endif
