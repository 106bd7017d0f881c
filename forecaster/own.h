/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Our own forecast of a zone from its history, as a layer of its outlook. */
#ifndef CARBON_OWN_H
#define CARBON_OWN_H

#include "forecaster/compose.h"

struct carbon_err;

/*
 * Forecast the hours after the last known one of sorted HISTORY that lies before NOW. LAYER is
 * initialised: named as the model, with its band, issued at the end of what it has seen. Errors: too
 * little history, or the last known hour is over four days old.
 */
int carbon_own_forecast(const struct carbon_series *history, time_t now, struct carbon_layer *layer,
			struct carbon_err *err);

#endif
