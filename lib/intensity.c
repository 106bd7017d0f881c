/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of signals and kinds, and the bounds of what is plausible. */
#include "lib/intensity.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const signal_names[CARBON_SIGNALS] = {
	[CARBON_SIGNAL_LIFECYCLE] = "average-lifecycle",
	[CARBON_SIGNAL_DIRECT] = "average-direct",
	[CARBON_SIGNAL_MARGINAL] = "marginal",
};

static const char *const kind_names[CARBON_KINDS] = {
	[CARBON_KIND_MEASURED] = "measured", [CARBON_KIND_ESTIMATED] = "estimated",
	[CARBON_KIND_FORECAST] = "forecast", [CARBON_KIND_MODEL] = "model",
	[CARBON_KIND_PROFILE] = "profile",
};

/* Without case: what comes back from slurmdbd may have been lower-cased. */
static int find(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (strcasecmp(names[i], name) == 0)
			return i;
	return -1;
}

const char *carbon_signal_name(enum carbon_signal signal)
{
	return signal_names[signal];
}

const char *carbon_kind_name(enum carbon_kind kind)
{
	return kind_names[kind];
}

bool carbon_signal_find(const char *name, enum carbon_signal *out)
{
	int found = find(signal_names, CARBON_SIGNALS, name);

	if (found < 0)
		return false;
	*out = (enum carbon_signal)found;
	return true;
}

bool carbon_kind_find(const char *name, enum carbon_kind *out)
{
	int found = find(kind_names, CARBON_KINDS, name);

	if (found < 0)
		return false;
	*out = (enum carbon_kind)found;
	return true;
}

bool carbon_intensity_is_plausible(double g_kwh)
{
	/* NAN fails both comparisons. */
	return g_kwh >= CARBON_INTENSITY_MIN && g_kwh <= CARBON_INTENSITY_MAX;
}

bool carbon_zone_is_valid(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length >= CARBON_ZONE_MAX || !isalpha((unsigned char)name[0]))
		return false;
	for (size_t i = 0; i < length; i++)
		if (!isalnum((unsigned char)name[i]) && name[i] != '-' && name[i] != '_')
			return false;
	return true;
}
