/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The words for carbon intensity: what a number measures (signal), where it comes from (kind), and
 * which numbers no grid has ever had.
 */
#ifndef CARBON_INTENSITY_H
#define CARBON_INTENSITY_H

#include <stdbool.h>

#define CARBON_ZONE_MAX 48	/* "US-CAL-CISO", NUL included */
#define CARBON_SOURCE_MAX 32	/* "electricitymaps", NUL included */

/* Plausible values, gCO2e per kWh; all else is refused loudly. */
#define CARBON_INTENSITY_MIN 0.0
#define CARBON_INTENSITY_MAX 2000.0

/* Signals are never mixed in one sum. */
enum carbon_signal {
	CARBON_SIGNAL_LIFECYCLE,
	CARBON_SIGNAL_DIRECT,
	CARBON_SIGNAL_MARGINAL,
	CARBON_SIGNALS
};

enum carbon_kind {
	CARBON_KIND_MEASURED,  /* what the grid did */
	CARBON_KIND_ESTIMATED, /* what the grid did, as its provider estimates it */
	CARBON_KIND_FORECAST,  /* a provider's forecast */
	CARBON_KIND_MODEL,     /* our own forecast */
	CARBON_KIND_PROFILE,   /* a typical day shipped with the project */
	CARBON_KINDS
};

/* "average-lifecycle", "average-direct", "marginal"; "measured", "estimated", "forecast", "model", "profile". */
const char *carbon_signal_name(enum carbon_signal signal);
const char *carbon_kind_name(enum carbon_kind kind);
bool carbon_signal_find(const char *name, enum carbon_signal *out);
bool carbon_kind_find(const char *name, enum carbon_kind *out);

bool carbon_intensity_is_plausible(double g_kwh);

/* Zone names: letters, digits, '-' and '_', starting with a letter. */
bool carbon_zone_is_valid(const char *name);

#endif
