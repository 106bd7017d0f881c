/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Our own forecast of a zone from its history, as layers of its outlook: from the present on, and from
 * the end of a provider's shorter forecast on.
 */
#ifndef CARBON_OWN_H
#define CARBON_OWN_H

#include <stddef.h>

#include "forecaster/compose.h"
#include "lib/series.h"

struct carbon_err;
struct carbon_own;

/*
 * Learn from sorted HISTORY as far as it lies before NOW. Error: no history, no memory. *OUT is NULL on
 * failure; free with destroy.
 */
int carbon_own_create(const struct carbon_series *history, time_t now, struct carbon_own **out,
		      struct carbon_err *err);
void carbon_own_destroy(struct carbon_own *own); /* NULL is fine */

/*
 * Forecast the hours after the last known one. LAYER is initialised: named as the model, with its band,
 * issued at the end of what it has seen. Errors: too little history, or the last known hour is over four
 * days old.
 */
int carbon_own_forecast(struct carbon_own *own, struct carbon_layer *layer, struct carbon_err *err);

/*
 * OURS is what carbon_own_forecast() gave, and AHEAD what another source says of its first HOURS hours. Fill LAYER with
 * the rest of OURS, forecast anew from there, the band as wide as it was. To be called once, and last. Errors:
 * no regression speaks, no memory.
 */
int carbon_own_continue(struct carbon_own *own, const struct carbon_layer *ours, const double *ahead, size_t hours,
			struct carbon_layer *layer, struct carbon_err *err);

#endif
