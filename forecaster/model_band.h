/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far to trust a forecast: a low and a high bound per hour, learnt from what became of the
 * forecasts of the last months at the same lead. Private to the model. Knows nothing of how
 * means are made; only hours that were measured count as truth.
 */
#ifndef CARBON_MODEL_BAND_H
#define CARBON_MODEL_BAND_H

#include <stdbool.h>
#include <stddef.h>

#include "forecaster/model_history.h"

struct carbon_band;

/* The 96 means of the forecast from ORIGIN on, from hours before it alone; false: there is
 * none. */
typedef bool (*carbon_band_mean_f)(void *model, size_t origin, double *out);

/* NULL: no memory. */
struct carbon_band *carbon_band_create(carbon_band_mean_f mean_at, void *model);
void carbon_band_destroy(struct carbon_band *band);

/*
 * Bounds of the 96 hours from ORIGIN on, which is past->count: LOW and HIGH get them in g/kWh.
 * What became of earlier forecasts is replayed once and kept. False, both untouched: too few
 * forecasts have come true to tell, or no memory.
 */
bool carbon_band_find(struct carbon_band *band, const struct carbon_model_history *past,
		      size_t origin, double *low, double *high);

#endif
