/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Forecasts as they were issued, read back: for telling how good each source has been here. */
#ifndef CARBON_FORECASTS_H
#define CARBON_FORECASTS_H

#include <time.h>

#include "lib/series.h"

struct carbon_err;
struct carbon_store;

/* SERIES is borrowed and sorted. A return other than 0 stops and is returned. */
typedef int (*carbon_forecast_f)(const char *source, time_t issued_at, const struct carbon_series *series,
				 void *context, struct carbon_err *err);

/* Each forecast of ZONE issued in [from, to), by source, then issue time. Returns -1 or what EACH returned. */
int carbon_store_forecast_each(struct carbon_store *store, const char *zone, enum carbon_signal signal, time_t from,
			       time_t to, carbon_forecast_f each, void *context, struct carbon_err *err);

/* The forecast of SOURCE issued last: *ISSUED_AT and SERIES, which stay as they are where there is none. */
int carbon_store_forecast_last(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			       const char *source, time_t *issued_at, struct carbon_series *series,
			       struct carbon_err *err);

#endif
