/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one place where rows of any provider are judged. */
#include "forecaster/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"

/*
 * A single point further than this from both neighbours, on the same side and within two hours of
 * them, is a fault of measurement: the steepest grids with much sun change by some 300 g/kWh an hour,
 * and no grid goes there and back.
 */
#define JUMP_G_KWH 500.0
#define JUMP_WITHIN_S 7200

/* History may carry the current interval, and clocks differ a little. */
#define FUTURE_GRACE_S 300

#define CONTRADICTS_G_KWH 150.0
#define CONTRADICTS_FACTOR 3.0
#define CONTRADICTS_WITHIN_S 7200

void carbon_rows_init(struct carbon_rows *rows)
{
	memset(rows, 0, sizeof(*rows));
}

void carbon_rows_fini(struct carbon_rows *rows)
{
	free(rows->row);
	carbon_rows_init(rows);
}

static int grow(struct carbon_rows *rows, struct carbon_err *err)
{
	size_t capacity = rows->capacity ? rows->capacity * 2 : 128;
	struct carbon_row *row;

	if (rows->count >= CARBON_SERIES_MAX)
		return carbon_err_set(err, "more than %d rows", CARBON_SERIES_MAX);
	row = realloc(rows->row, capacity * sizeof(*row));
	if (!row)
		return carbon_err_set(err, "no memory for %zu rows", capacity);
	rows->row = row;
	rows->capacity = capacity;
	return 0;
}

int carbon_rows_add(struct carbon_rows *rows, struct carbon_row row, struct carbon_err *err)
{
	rows->tally.rows++;
	if (!carbon_intensity_is_plausible(row.g_kwh)) {
		rows->tally.implausible++;
		return 0;
	}
	if (rows->count == rows->capacity && grow(rows, err) < 0)
		return -1;
	row.order = rows->count;
	rows->row[rows->count++] = row;
	return 0;
}

/* By time, then age, then order: the last of equal times is the one to keep. */
static int by_time(const void *a, const void *b)
{
	const struct carbon_row *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (x->updated_at != y->updated_at)
		return x->updated_at < y->updated_at ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static bool is_wanted(const struct carbon_row *row, const struct carbon_ask *ask, struct carbon_tally *tally)
{
	if (!ask->forecast && row->at > ask->now + FUTURE_GRACE_S) {
		tally->future++;
		return false;
	}
	if (ask->forecast && row->at + CARBON_STEP_MAX_S <= ask->now) {
		tally->past++;
		return false;
	}
	return true;
}

/* Keep what is wanted, one per time. */
static void sift(struct carbon_rows *rows, const struct carbon_ask *ask)
{
	size_t kept = 0;

	if (rows->count)
		qsort(rows->row, rows->count, sizeof(*rows->row), by_time);
	for (size_t i = 0; i < rows->count; i++) {
		if (!is_wanted(&rows->row[i], ask, &rows->tally))
			continue;
		if (kept && rows->row[kept - 1].at == rows->row[i].at) {
			rows->tally.duplicates++;
			kept--;
		}
		rows->row[kept++] = rows->row[i];
	}
	rows->count = kept;
}

static bool is_spike(const struct carbon_row *before, const struct carbon_row *here,
		     const struct carbon_row *after)
{
	double up = here->g_kwh - before->g_kwh, down = here->g_kwh - after->g_kwh;

	if (here->at - before->at > JUMP_WITHIN_S || after->at - here->at > JUMP_WITHIN_S)
		return false;
	return (up > JUMP_G_KWH && down > JUMP_G_KWH) || (up < -JUMP_G_KWH && down < -JUMP_G_KWH);
}

static int collect(struct carbon_rows *rows, struct carbon_series *series, struct carbon_err *err)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct carbon_row *row = &rows->row[i];

		if (i > 0 && i + 1 < rows->count && is_spike(row - 1, row, row + 1)) {
			rows->tally.jumps++;
			continue;
		}
		if (carbon_series_add(series, (struct carbon_point){.at = row->at, .g_kwh = row->g_kwh,
								    .kind = row->kind}, err) < 0)
			return -1;
	}
	return 0;
}

enum carbon_failure carbon_rows_finish(struct carbon_rows *rows, const struct carbon_ask *ask,
				       struct carbon_reply *reply, struct carbon_err *err)
{
	struct carbon_series series;
	char why[160];
	size_t refused;

	carbon_series_init(&series);
	sift(rows, ask);
	if (collect(rows, &series, err) < 0) {
		carbon_series_fini(&series);
		return CARBON_FAILURE_FORMAT;
	}
	refused = rows->tally.implausible + rows->tally.jumps + rows->tally.damaged;
	if (refused * 4 > rows->tally.rows) {
		carbon_series_fini(&series);
		carbon_err_set(err, "%zu of %zu rows implausible (plausible: %g to %g g/kWh); none is believed",
			       refused, rows->tally.rows, CARBON_INTENSITY_MIN, CARBON_INTENSITY_MAX);
		return CARBON_FAILURE_IMPLAUSIBLE;
	}
	if (series.count == 0) {
		carbon_series_fini(&series);
		carbon_tally_format(&rows->tally, why, sizeof(why));
		carbon_err_set(err, "no usable value in %zu rows (%s)", rows->tally.rows,
			       why[0] ? why : ask->forecast ? "all over" : "none for this zone");
		return CARBON_FAILURE_EMPTY;
	}
	carbon_series_fini(&reply->series);
	reply->series = series;
	reply->tally = rows->tally;
	return CARBON_FAILURE_NONE;
}

bool carbon_forecast_contradicts(const struct carbon_series *forecast, double present_g_kwh, time_t now)
{
	for (size_t i = 0; i < forecast->count; i++) {
		double ahead = forecast->points[i].g_kwh;

		if (llabs((long long)(forecast->points[i].at - now)) > CONTRADICTS_WITHIN_S)
			continue;
		return fabs(ahead - present_g_kwh) > CONTRADICTS_G_KWH &&
		       (ahead > CONTRADICTS_FACTOR * present_g_kwh ||
			present_g_kwh > CONTRADICTS_FACTOR * ahead);
	}
	return false;
}
