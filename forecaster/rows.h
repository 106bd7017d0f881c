/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the rows of an answer to a series: what is implausible, damaged or twice there is left out and
 * counted, never repaired. Shared by every source, so that all of them judge alike.
 */
#ifndef CARBON_ROWS_H
#define CARBON_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "forecaster/source.h"

struct carbon_row {
	time_t at;
	time_t updated_at; /* 0: unknown; of rows for the same time the newest counts, then the last */
	double g_kwh;
	enum carbon_kind kind;
	size_t order;
};

struct carbon_rows {
	struct carbon_row *row;
	size_t count, capacity;
	struct carbon_tally tally;
};

void carbon_rows_init(struct carbon_rows *rows);
void carbon_rows_fini(struct carbon_rows *rows);

/* Add a row; an implausible one is only counted. Error: no memory or too many. */
int carbon_rows_add(struct carbon_rows *rows, struct carbon_row row, struct carbon_err *err);

/*
 * Drop what ASK does not want (history from the future, forecasts of hours that are over), sort, drop
 * duplicates and single points that jump away and back as no grid does, and fill REPLY (series and
 * tally). EMPTY: nothing is left. IMPLAUSIBLE: more than a quarter of the rows was refused: such an
 * answer is not believed at all. REPLY is untouched on failure.
 */
enum carbon_failure carbon_rows_finish(struct carbon_rows *rows, const struct carbon_ask *ask,
				       struct carbon_reply *reply, struct carbon_err *err);

/*
 * Whether a forecast contradicts the present so much that it must be of another place or unit: its
 * first point within two hours of NOW is three times (or a third of) PRESENT_G_KWH and over 150 g/kWh off.
 */
bool carbon_forecast_contradicts(const struct carbon_series *forecast, double present_g_kwh, time_t now);

#endif
