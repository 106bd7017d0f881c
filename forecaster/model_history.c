/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hours in, running sums by hour of day out; see the header. Never looks further than it was
 * given. */
#include "forecaster/model_history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAY_H 24

double carbon_scale_apply(enum carbon_scale scale, double g_kwh)
{
	if (scale == CARBON_SCALE_ROOT)
		return sqrt(g_kwh);
	return log(g_kwh > CARBON_MODEL_FLOOR ? g_kwh : CARBON_MODEL_FLOOR);
}

double carbon_scale_undo(enum carbon_scale scale, double value)
{
	if (scale == CARBON_SCALE_ROOT)
		return value > 0 ? value * value : 0;
	return exp(value);
}

void carbon_model_history_init(struct carbon_model_history *past, int64_t start_h)
{
	memset(past, 0, sizeof(*past));
	past->start_h = start_h;
}

void carbon_model_history_fini(struct carbon_model_history *past)
{
	free(past->raw);
	free(past->hour);
	carbon_model_history_init(past, past->start_h);
}

static int reserve(struct carbon_model_history *past, size_t want)
{
	size_t capacity = past->capacity ? past->capacity : 1024;
	struct carbon_model_hour *hour;
	double *raw;

	if (want <= past->capacity)
		return 0;
	while (capacity < want)
		capacity += capacity / 2;
	raw = realloc(past->raw, capacity * sizeof(*raw));
	if (!raw)
		return -1;
	past->raw = raw;
	hour = realloc(past->hour, capacity * sizeof(*hour));
	if (!hour)
		return -1;
	past->hour = hour;
	past->capacity = capacity;
	return 0;
}

/* Take hour COUNT into the running sums as G_KWH (NAN: nobody knows), measured or bridged. */
static void push(struct carbon_model_history *past, double g_kwh)
{
	size_t t = past->count;
	struct carbon_model_hour *hour = &past->hour[t];
	const struct carbon_model_hour *day = t >= DAY_H ? hour - DAY_H : NULL;
	const struct carbon_model_hour *last = t > 0 ? hour - 1 : NULL;
	bool known = !isnan(g_kwh);

	for (int s = 0; s < CARBON_SCALES; s++) {
		double value = known ? carbon_scale_apply((enum carbon_scale)s, g_kwh) : NAN;

		hour->value[s] = value;
		hour->sum[s] = (day ? day->sum[s] : 0) + (known ? value : 0);
	}
	hour->days = (day ? day->days : 0) + (known ? 1 : 0);
	hour->known = last ? last->known + (isnan(past->raw[t - 1]) ? 0 : 1) : 0;
	/* fmin() and fmax() pass over NAN */
	hour->least = fmin(last ? last->least : NAN, g_kwh);
	hour->most = fmax(last ? last->most : NAN, g_kwh);
	past->count++;
}

/* Hours [COUNT, END) are missing and END is known: bridge them, or leave a hole. */
static void close_gap(struct carbon_model_history *past, size_t end)
{
	size_t length = end - past->count;
	bool bridge = past->count > 0 && length <= CARBON_MODEL_BRIDGE_H;
	double from = bridge ? past->raw[past->count - 1] : NAN;
	double step = (past->raw[end] - from) / (double)(length + 1);

	for (size_t i = 1; i <= length; i++)
		push(past, from + step * (double)i);
	if (bridge)
		past->bridged += length;
}

int carbon_model_history_add(struct carbon_model_history *past, const double *g_kwh,
			     size_t count)
{
	if (reserve(past, past->given + count) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		size_t t = past->given++;

		past->raw[t] = g_kwh[i];
		if (isnan(g_kwh[i]))
			continue;
		close_gap(past, t);
		push(past, g_kwh[i]);
	}
	return 0;
}

size_t carbon_model_history_known(const struct carbon_model_history *past, size_t t)
{
	if (t == 0)
		return 0;
	return past->hour[t - 1].known + (isnan(past->raw[t - 1]) ? 0U : 1U);
}

double carbon_model_history_mean(const struct carbon_model_history *past,
				 enum carbon_scale scale, size_t t, unsigned int k)
{
	size_t span = (size_t)k * DAY_H;
	unsigned int need = k < 14 ? (k + 1) / 2 : 7;
	const struct carbon_model_hour *last = &past->hour[t];
	const struct carbon_model_hour *before = t >= span ? last - span : NULL;
	uint32_t days = last->days - (before ? before->days : 0);
	double sum = last->sum[scale] - (before ? before->sum[scale] : 0);

	return days >= need ? sum / days : NAN;
}
