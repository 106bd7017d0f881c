/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the grid itself did on each day of the month, beside what the jobs drew from it: whoever waited for clean hours
 * drew at less than that. Must never take a typical day for it.
 */
#include "accounting/report_sum.h"

#include <math.h>
#include <string.h>

#include "accounting/store.h"
#include "lib/series.h"

#define DAY_S ((time_t)86400)
#define KNOWN_MIN 0.5 /* of a day */

/* Of each day: means of zones by their energy, and that energy. */
struct grid {
	double g[CARBON_REPORT_DAYS_MAX], kwh[CARBON_REPORT_DAYS_MAX];
};

/* As far as the month has come. */
static void add_days(const struct carbon_report *report, const struct carbon_series *series, double energy_kwh,
		     struct grid *grid)
{
	for (size_t i = 0; i < report->days; i++) {
		time_t from = report->from_at + (time_t)i * DAY_S;
		time_t to = from + DAY_S < report->now ? from + DAY_S : report->now;
		struct carbon_integral day;

		if (from >= to)
			return;
		day = carbon_series_integrate(series, from, to);
		if (day.known_s < KNOWN_MIN * (day.known_s + day.missing_s))
			continue;
		grid->g[i] += carbon_integral_mean(&day) * energy_kwh;
		grid->kwh[i] += energy_kwh;
	}
}

static int add_zone(struct carbon_store *store, const struct carbon_report *report, const struct carbon_report_place *place,
		    struct grid *grid, struct carbon_err *err)
{
	struct carbon_series series;
	int rc;

	carbon_series_init(&series);
	rc = carbon_store_history_get(store, place->zone, report->signal, NULL, report->from_at - DAY_S, report->to_at,
				      &series, err);
	if (rc == 0)
		add_days(report, &series, place->sum.energy_kwh, grid);
	carbon_series_fini(&series);
	return rc;
}

int carbon_report_read_grid(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	struct grid grid = {{0}, {0}};

	for (size_t i = 0; i < report->places; i++)
		if (report->place[i].zone[0] && add_zone(store, report, &report->place[i], &grid, err) < 0)
			return -1;
	for (size_t i = 0; i < report->days; i++)
		report->day[i].grid_g_kwh = grid.kwh[i] > 0 ? grid.g[i] / grid.kwh[i] : NAN;
	return 0;
}
