/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Intensity as history keeps it: gaps stay gaps, and are counted wherever something is summed. */
#include "lib/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"

#define HOUR_S 3600

void carbon_series_init(struct carbon_series *series)
{
	memset(series, 0, sizeof(*series));
}

void carbon_series_fini(struct carbon_series *series)
{
	free(series->points);
	carbon_series_init(series);
}

static int grow(struct carbon_series *series, struct carbon_err *err)
{
	size_t capacity = series->capacity ? series->capacity * 2 : 256;
	struct carbon_point *points;

	if (series->count >= CARBON_SERIES_MAX)
		return carbon_err_set(err, "more than %d points in one series", CARBON_SERIES_MAX);
	points = realloc(series->points, capacity * sizeof(*points));
	if (!points)
		return carbon_err_set(err, "no memory for %zu points", capacity);
	series->points = points;
	series->capacity = capacity;
	return 0;
}

int carbon_series_add(struct carbon_series *series, struct carbon_point point, struct carbon_err *err)
{
	char at[CARBON_TIME_TEXT];

	if (point.at < CARBON_TIME_MIN || point.at >= CARBON_TIME_MAX)
		return carbon_err_set(err, "time %lld is outside the years 2000 to 2099",
				      (long long)point.at);
	if (!carbon_intensity_is_plausible(point.g_kwh)) {
		carbon_time_format(point.at, at);
		return carbon_err_set(err, "%s: %g g/kWh is not plausible (0 to %g)", at, point.g_kwh,
				      CARBON_INTENSITY_MAX);
	}
	if (series->count == series->capacity && grow(series, err) < 0)
		return -1;
	point.order = (uint32_t)series->count;
	series->points[series->count++] = point;
	return 0;
}

static int by_time(const void *a, const void *b)
{
	const struct carbon_point *pa = a, *pb = b;

	if (pa->at != pb->at)
		return pa->at < pb->at ? -1 : 1;
	return (pa->order > pb->order) - (pa->order < pb->order);
}

static bool is_sorted(const struct carbon_series *series)
{
	for (size_t i = 1; i < series->count; i++)
		if (series->points[i].at <= series->points[i - 1].at)
			return false;
	return true;
}

size_t carbon_series_sort(struct carbon_series *series)
{
	size_t kept = 0, before = series->count;

	if (is_sorted(series))
		return 0;
	qsort(series->points, series->count, sizeof(*series->points), by_time);
	for (size_t i = 0; i < series->count; i++) {
		if (i + 1 < series->count && series->points[i + 1].at == series->points[i].at)
			continue;
		series->points[kept] = series->points[i];
		series->points[kept].order = (uint32_t)kept;
		kept++;
	}
	series->count = kept;
	return before - kept;
}

size_t carbon_series_index(const struct carbon_series *series, time_t at)
{
	size_t low = 0, high = series->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (series->points[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Until when point I is valid. */
static time_t valid_to(const struct carbon_series *series, size_t i)
{
	time_t most = series->points[i].at + CARBON_STEP_MAX_S;

	if (i + 1 < series->count && series->points[i + 1].at < most)
		return series->points[i + 1].at;
	return most;
}

struct carbon_integral carbon_series_integrate(const struct carbon_series *series, time_t from, time_t to)
{
	struct carbon_integral sum = {0};
	size_t i = carbon_series_index(series, from - CARBON_STEP_MAX_S);

	for (; i < series->count && series->points[i].at < to; i++) {
		const struct carbon_point *point = &series->points[i];
		time_t begin = point->at > from ? point->at : from;
		time_t end = valid_to(series, i);
		double seconds;

		if (end > to)
			end = to;
		if (end <= begin)
			continue;
		seconds = (double)(end - begin);
		sum.g_s_kwh += point->g_kwh * seconds;
		sum.known_s += seconds;
		if (point->kind != CARBON_KIND_MEASURED)
			sum.estimated_s += seconds;
	}
	if (to > from)
		sum.missing_s = (double)(to - from) - sum.known_s;
	return sum;
}

double carbon_integral_mean(const struct carbon_integral *integral)
{
	return integral->known_s > 0 ? integral->g_s_kwh / integral->known_s : NAN;
}

void carbon_series_hourly(const struct carbon_series *series, time_t from, size_t hours, double *out)
{
	time_t start = carbon_hour_floor(from);

	for (size_t i = 0; i < hours; i++) {
		time_t hour = start + (time_t)i * HOUR_S;
		struct carbon_integral sum = carbon_series_integrate(series, hour, hour + HOUR_S);

		out[i] = sum.known_s * 2 >= HOUR_S ? carbon_integral_mean(&sum) : NAN;
	}
}
