/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities as people read them. Must never print an exponent, nor more digits than it was asked for. */
#include "lib/quantity.h"

#include <math.h>
#include <stdio.h>

#define UNITS 4

struct scale {
	double smallest; /* one of the first unit, in the caller's unit */
	const char *unit[UNITS]; /* each a thousand of the one before it */
};

static const struct scale mass_scale = {1e-3, {"mg", "g", "kg", "t"}};
static const struct scale power_scale = {1e-3, {"mW", "W", "kW", "MW"}};
static const struct scale energy_scale = {1e-6, {"mWh", "Wh", "kWh", "MWh"}};

/* The digits before the point that SIZE has once it is rounded to DIGITS; 0 and less: zeros behind the point. */
static int leading(double size, int digits)
{
	int exponent = (int)floor(log10(size));

	/* 9.96 with two digits is 10. */
	return size + 0.5 * pow(10, exponent + 1 - digits) >= pow(10, exponent + 1) ? exponent + 2 : exponent + 1;
}

static void format(double value, int digits, const struct scale *scale, char out[CARBON_QUANTITY_TEXT])
{
	double size = fabs(value) / scale->smallest;
	int unit = 0, places;

	if (!isfinite(size)) {
		snprintf(out, CARBON_QUANTITY_TEXT, "unknown");
		return;
	}
	/* A millionth of the smallest unit is the noise of a sum, and what is beyond a million million no measure. */
	if (size < 1e-6) {
		snprintf(out, CARBON_QUANTITY_TEXT, "0 %s", scale->unit[1]);
		return;
	}
	for (; unit < UNITS - 1 && leading(size, digits) > 3; unit++)
		size /= 1000;
	if (size >= 1e12) {
		snprintf(out, CARBON_QUANTITY_TEXT, "%sover 10^12 %s", value < 0 ? "-" : "", scale->unit[unit]);
		return;
	}
	places = digits - leading(size, digits);
	snprintf(out, CARBON_QUANTITY_TEXT, "%s%.*f %s", value < 0 ? "-" : "", places > 0 ? places : 0, size,
		 scale->unit[unit]);
}

void carbon_mass_format(double mass_g, int digits, char out[CARBON_QUANTITY_TEXT])
{
	format(mass_g, digits, &mass_scale, out);
}

void carbon_power_format(double power_w, int digits, char out[CARBON_QUANTITY_TEXT])
{
	format(power_w, digits, &power_scale, out);
}

void carbon_energy_format(double energy_kwh, int digits, char out[CARBON_QUANTITY_TEXT])
{
	format(energy_kwh, digits, &energy_scale, out);
}
