/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Persistence in five flavours; see the header. Looks at no index from COUNT on. */
#include "forecaster/model_simple.h"

#include <math.h>

#define DAY_H 24
#define WEEK_H 168

/* How fast the last error fades: half of it is gone after ten hours. */
#define ENS_FADING 0.93

/* What every rule may look at. */
struct past {
	const double *g_kwh;
	size_t count;
	double mean; /* of the known hours of the last week */
};

static const char *const names[CARBON_SIMPLES] = {
	[CARBON_SIMPLE_LAST] = "last",	       [CARBON_SIMPLE_YESTERDAY] = "yesterday",
	[CARBON_SIMPLE_LASTWEEK] = "lastweek", [CARBON_SIMPLE_MEAN7] = "mean7",
	[CARBON_SIMPLE_ENS] = "ens",
};

const char *carbon_simple_name(enum carbon_simple simple)
{
	return names[simple];
}

/* Hour T of history, NAN outside it. T counts from the start and may be negative. */
static double hour(const struct past *past, long t)
{
	return t >= 0 && (size_t)t < past->count ? past->g_kwh[t] : NAN;
}

/* The newest known value at T or a whole number of days before, a week at most. */
static double same_hour(const struct past *past, long t)
{
	for (int day = 0; day < 7; day++) {
		double value = hour(past, t - (long)day * DAY_H);

		if (!isnan(value))
			return value;
	}
	return past->mean;
}

/* Mean of T and the same hour of the six days before, over those that are known. */
static double mean7(const struct past *past, long t)
{
	double sum = 0;
	int known = 0;

	for (int day = 0; day < 7; day++) {
		double value = hour(past, t - (long)day * DAY_H);

		if (isnan(value))
			continue;
		sum += value;
		known++;
	}
	return known ? sum / known : past->mean;
}

/* The three rules of ens for an hour whose yesterday is DAY and whose last week is WEEK. */
static double blend(const struct past *past, long day, long week)
{
	double sum = same_hour(past, day) + mean7(past, day);

	if (week < 0)
		return sum / 2; /* no last week yet */
	return (sum + same_hour(past, week)) / 3;
}

/* How far the blend was off at the last hour; 0 where that hour or its yesterday is unknown. */
static double last_error(const struct past *past)
{
	long last = (long)past->count - 1;
	double value = hour(past, last);

	if (isnan(value) || isnan(hour(past, last - DAY_H)))
		return 0;
	return value - blend(past, last - DAY_H, last - WEEK_H);
}

static double week_mean(const double *g_kwh, size_t count)
{
	size_t first = count > WEEK_H ? count - WEEK_H : 0;
	double sum = 0;
	size_t known = 0;

	for (size_t t = first; t < count; t++) {
		if (isnan(g_kwh[t]))
			continue;
		sum += g_kwh[t];
		known++;
	}
	return known ? sum / (double)known : NAN;
}

static double last_known(const struct past *past)
{
	for (long t = (long)past->count - 1; t >= 0 && t >= (long)past->count - WEEK_H; t--)
		if (!isnan(past->g_kwh[t]))
			return past->g_kwh[t];
	return past->mean;
}

static double ens(const struct past *past, long h)
{
	long origin = (long)past->count;
	double value = blend(past, origin - DAY_H + h % DAY_H, origin - WEEK_H + h % WEEK_H);

	value += pow(ENS_FADING, (double)(h + 1)) * last_error(past);
	return value > 0 ? value : 0;
}

static double predict_hour(enum carbon_simple simple, const struct past *past, long h)
{
	long origin = (long)past->count;

	switch (simple) {
	case CARBON_SIMPLE_LAST:
		return last_known(past);
	case CARBON_SIMPLE_YESTERDAY:
		return same_hour(past, origin - DAY_H + h % DAY_H);
	case CARBON_SIMPLE_LASTWEEK:
		return same_hour(past, origin - WEEK_H + h % WEEK_H);
	case CARBON_SIMPLE_MEAN7:
		return mean7(past, origin - DAY_H + h % DAY_H);
	case CARBON_SIMPLE_ENS:
	case CARBON_SIMPLES:
		break;
	}
	return ens(past, h);
}

bool carbon_simple_predict(enum carbon_simple simple, const double *g_kwh, size_t count,
			   size_t horizon, double *out)
{
	struct past past = {g_kwh, count, week_mean(g_kwh, count)};

	if (isnan(past.mean))
		return false;
	for (size_t h = 0; h < horizon; h++)
		out[h] = predict_hour(simple, &past, (long)h);
	return true;
}
