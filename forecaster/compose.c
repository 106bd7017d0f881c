/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Laying sources over each other. A hole is never filled by a guess: a lower layer knows, or it ends. */
#include "forecaster/compose.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

#define LAYERS_MAX 64

void carbon_layer_fini(struct carbon_layer *layer)
{
	free(layer->segment);
	memset(layer, 0, sizeof(*layer));
}

void carbon_composition_fini(struct carbon_composition *composition)
{
	free(composition->point);
	memset(composition, 0, sizeof(*composition));
}

static int start(struct carbon_layer *layer, const char *source, time_t issued_at, size_t count,
		 struct carbon_err *err)
{
	memset(layer, 0, sizeof(*layer));
	snprintf(layer->source, sizeof(layer->source), "%s", source);
	layer->issued_at = issued_at;
	layer->segment = calloc(count ? count : 1, sizeof(*layer->segment));
	return layer->segment ? 0 : carbon_err_set(err, "no memory for %zu points", count);
}

/* How long point I holds. */
static time_t hold_s(const struct carbon_series *series, size_t i, time_t step_s)
{
	time_t hold = step_s;

	if (i + 1 < series->count)
		hold = series->points[i + 1].at - series->points[i].at;
	else if (!step_s && i > 0)
		hold = series->points[i].at - series->points[i - 1].at;
	return hold > 0 && hold < CARBON_STEP_MAX_S ? hold : CARBON_STEP_MAX_S;
}

int carbon_layer_series(struct carbon_layer *layer, const char *source, time_t issued_at,
			const struct carbon_series *series, time_t step_s, struct carbon_err *err)
{
	if (start(layer, source, issued_at, series->count, err) < 0)
		return -1;
	for (size_t i = 0; i < series->count; i++) {
		const struct carbon_point *point = &series->points[i];

		layer->segment[i] = (struct carbon_segment){
			.at = point->at, .end_at = point->at + hold_s(series, i, step_s),
			.mean_g_kwh = point->g_kwh, .low_g_kwh = point->g_kwh, .high_g_kwh = point->g_kwh,
			.kind = point->kind};
	}
	layer->count = series->count;
	return 0;
}

int carbon_layer_part(struct carbon_layer *layer, const struct carbon_outlook_zone *zone, size_t part,
		      struct carbon_err *err)
{
	const struct carbon_part *p = &zone->part[part];
	size_t end = part + 1 < zone->parts ? zone->part[part + 1].first : zone->mean.count;

	if (start(layer, p->source, p->issued_at, end - p->first, err) < 0)
		return -1;
	for (size_t i = p->first; i < end; i++)
		layer->segment[layer->count++] = (struct carbon_segment){
			.at = zone->mean.start_at + (time_t)zone->mean.knot_s[i],
			.end_at = zone->mean.start_at + (time_t)zone->mean.knot_s[i + 1],
			.mean_g_kwh = (double)zone->mean.value[i], .low_g_kwh = (double)zone->low.value[i],
			.high_g_kwh = (double)zone->high.value[i], .kind = p->kind};
	return 0;
}

/* --- laying them over each other --- */

struct cursor {
	const struct carbon_layer *layer;
	size_t count;
	size_t at[LAYERS_MAX]; /* in each layer, the first segment that is not over */
};

/* The topmost layer that knows T, or -1; *UNTIL is how long this stays so, NEXT the first moment anybody knows. */
static int topmost(struct cursor *cursor, time_t t, time_t *until, time_t *next)
{
	*next = 0;
	*until = 0;
	for (size_t i = 0; i < cursor->count; i++) {
		const struct carbon_layer *layer = &cursor->layer[i];
		const struct carbon_segment *segment;

		while (cursor->at[i] < layer->count && layer->segment[cursor->at[i]].end_at <= t)
			cursor->at[i]++;
		if (cursor->at[i] == layer->count)
			continue;
		segment = &layer->segment[cursor->at[i]];
		if (segment->at <= t) {
			if (!*next || segment->end_at < *next)
				*next = segment->end_at;
			*until = *next;
			return (int)i;
		}
		if (!*next || segment->at < *next)
			*next = segment->at;
	}
	return -1;
}

static bool is_same_part(const struct carbon_part *part, const struct carbon_layer *layer,
			 const struct carbon_segment *segment)
{
	return part->kind == segment->kind && part->issued_at == layer->issued_at &&
	       strcmp(part->source, layer->source) == 0;
}

/* False where a cap is reached. */
static bool append(struct carbon_composition *out, const struct carbon_layer *layer,
		   const struct carbon_segment *segment, time_t at)
{
	if (out->count == CARBON_OUTLOOK_POINTS_MAX)
		return false;
	if (!out->parts || !is_same_part(&out->part[out->parts - 1], layer, segment)) {
		struct carbon_part *part = &out->part[out->parts];

		if (out->parts == CARBON_OUTLOOK_PARTS_MAX)
			return false;
		*part = (struct carbon_part){.first = out->count, .kind = segment->kind,
					     .issued_at = layer->issued_at};
		memcpy(part->source, layer->source, sizeof(part->source));
		out->parts++;
	}
	out->point[out->count++] = (struct carbon_outlook_point){at, segment->mean_g_kwh, segment->low_g_kwh,
								 segment->high_g_kwh};
	return true;
}

int carbon_compose(const struct carbon_layer *layer, size_t count, time_t from, time_t to,
		   struct carbon_composition *out, struct carbon_err *err)
{
	struct cursor cursor = {.layer = layer, .count = count};
	struct carbon_composition found = {.end_at = from};
	time_t t = from, until, next;

	if (count > LAYERS_MAX)
		return carbon_err_set(err, "more than %d layers", LAYERS_MAX);
	found.point = calloc(CARBON_OUTLOOK_POINTS_MAX, sizeof(*found.point));
	if (!found.point)
		return carbon_err_set(err, "no memory for %d points", CARBON_OUTLOOK_POINTS_MAX);
	while (t < to) {
		int top = topmost(&cursor, t, &until, &next);

		if (top < 0 && !found.count && next) {
			t = next;
			continue;
		}
		if (top < 0 || !append(&found, &layer[top], &layer[top].segment[cursor.at[top]], t))
			break;
		t = until < to ? until : to;
		found.end_at = t;
	}
	*out = found;
	return 0;
}
