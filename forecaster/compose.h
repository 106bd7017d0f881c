/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From several sources to one zone's outlook: layers in order of preference, and at each moment the
 * first layer that knows it. Every stretch keeps the name of where it comes from. Pure.
 */
#ifndef CARBON_COMPOSE_H
#define CARBON_COMPOSE_H

#include <stddef.h>
#include <time.h>

#include "lib/outlook.h"
#include "lib/series.h"

struct carbon_err;

struct carbon_segment {
	time_t at, end_at;
	double mean_g_kwh, low_g_kwh, high_g_kwh;
	enum carbon_kind kind;
};

/* What one source says, segments rising in time without overlap; holes are holes. */
struct carbon_layer {
	char source[CARBON_SOURCE_MAX];
	time_t issued_at;
	size_t count;
	struct carbon_segment *segment;
};

void carbon_layer_fini(struct carbon_layer *layer);

/*
 * A sorted series within [from, to): a point holds to the next one, CARBON_STEP_MAX_S at most; the last
 * one for STEP_S (0: as long as the one before it, an hour where it is alone). No band. LAYER is
 * initialised. Error: no memory.
 */
int carbon_layer_series(struct carbon_layer *layer, const char *source, time_t issued_at,
			const struct carbon_series *series, time_t step_s, struct carbon_err *err);

/* One part of an earlier outlook. */
int carbon_layer_part(struct carbon_layer *layer, const struct carbon_outlook_zone *zone, size_t part,
		      struct carbon_err *err);

/* A zone's outlook under way: what carbon_outlook_format() wants, with its own storage. */
struct carbon_composition {
	size_t parts;
	struct carbon_part part[CARBON_OUTLOOK_PARTS_MAX];
	size_t count;
	struct carbon_outlook_point *point; /* CARBON_OUTLOOK_POINTS_MAX of them */
	time_t end_at;
};

void carbon_composition_fini(struct carbon_composition *composition);

/*
 * Lay COUNT layers over [from, to), the first on top. It starts with the first moment that any layer
 * knows and ends before the first hole after it, or at a cap. count is 0 where nobody knows anything.
 * Error: no memory.
 */
int carbon_compose(const struct carbon_layer *layer, size_t count, time_t from, time_t to,
		   struct carbon_composition *out, struct carbon_err *err);

#endif
