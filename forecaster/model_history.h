/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hours that the forecast model has been given, and what every regression asks of them:
 * logarithm and root, and means of one hour of day over the last k days in constant time.
 * Private to the model. Short gaps are bridged for looking back; nothing bridged is ever taken
 * for a truth to score against.
 */
#ifndef CARBON_MODEL_HISTORY_H
#define CARBON_MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A gap of at most this many hours is bridged by a straight line once its far end is known. */
#define CARBON_MODEL_BRIDGE_H 3

/* Intensities are compared by ratio or by root; below this floor (g/kWh) a ratio means nothing.
 */
#define CARBON_MODEL_FLOOR 1.0

enum carbon_scale { CARBON_SCALE_LOG, CARBON_SCALE_ROOT, CARBON_SCALES };

double carbon_scale_apply(enum carbon_scale scale, double g_kwh);
double carbon_scale_undo(enum carbon_scale scale, double value);

/* What is kept of one hour, as seen from it backwards. */
struct carbon_model_hour {
	double value[CARBON_SCALES]; /* NAN in longer gaps */
	double sum[CARBON_SCALES];   /* of the known values of this hour of day so far */
	double least, most;	     /* g/kWh, of all hours so far */
	uint32_t days;		     /* how many values SUM is made of */
	uint32_t known;		     /* measured hours before this one */
};

struct carbon_model_history {
	int64_t start_h; /* hour 0, in hours since the epoch */
	size_t count;	 /* hours up to and with the last known one */
	size_t given;	 /* hours given: COUNT and what is missing behind it */
	size_t bridged;
	size_t capacity;
	double *raw; /* g/kWh as given, NAN where missing */
	struct carbon_model_hour *hour;
};

void carbon_model_history_init(struct carbon_model_history *past, int64_t start_h);
void carbon_model_history_fini(struct carbon_model_history *past);

/* Append hours that were checked before. -1: no memory, unchanged. */
int carbon_model_history_add(struct carbon_model_history *past, const double *g_kwh,
			     size_t count);

/* Hours with a value before hour T, T <= COUNT. */
size_t carbon_model_history_known(const struct carbon_model_history *past, size_t t);

/*
 * Mean of hour T and the same hour of the K - 1 days before, over what is known, in SCALE; NAN
 * where that is less than half of them (or less than a week of a longer mean). T < COUNT.
 */
double carbon_model_history_mean(const struct carbon_model_history *past,
				 enum carbon_scale scale, size_t t, unsigned int k);

#endif
