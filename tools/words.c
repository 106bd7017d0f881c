/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities as people read them. */
#include "tools/words.h"

#include <math.h>
#include <stdio.h>

static const char *const kinds[CARBON_KINDS] = {
	[CARBON_KIND_MEASURED] = "measured values",
	[CARBON_KIND_ESTIMATED] = "estimated values",
	[CARBON_KIND_FORECAST] = "a provider's forecast",
	[CARBON_KIND_MODEL] = "our own forecast",
	[CARBON_KIND_PROFILE] = "a typical day, no forecast",
};

static const char *const runtimes[CARBON_RUNTIME_SOURCES] = {
	[CARBON_RUNTIME_LIMIT] = "its time limit",
	[CARBON_RUNTIME_USER] = "as its user says",
	[CARBON_RUNTIME_HABIT] = "as its earlier runs did",
};

/* Three significant digits of VALUE, the step between units being a thousand. */
static void quantity(double value, const char *const units[3], char out[CARBON_QUANTITY_TEXT])
{
	double size = fabs(value);
	int unit = 0, places;

	for (; unit < 2 && size >= 999.5; unit++)
		size /= 1000;
	places = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
	snprintf(out, CARBON_QUANTITY_TEXT, "%s%.*f %s", value < 0 ? "-" : "", places, size, units[unit]);
}

void carbon_tool_mass(double mass_g, char out[CARBON_QUANTITY_TEXT])
{
	static const char *const units[3] = {"g", "kg", "t"};

	quantity(mass_g, units, out);
}

void carbon_tool_power(double power_w, char out[CARBON_QUANTITY_TEXT])
{
	static const char *const units[3] = {"W", "kW", "MW"};

	quantity(power_w, units, out);
}

const char *carbon_tool_kind(enum carbon_kind kind)
{
	return kinds[kind];
}

const char *carbon_tool_runtime(enum carbon_runtime_source source)
{
	return runtimes[source];
}
