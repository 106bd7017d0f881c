/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * "On the Limitations of Carbon-Aware Temporal and Spatial Workload Shifting in the Cloud"
 * (EuroSys '24): a job of one kilowatt in every hour of 2022, known perfectly, in one piece and
 * in pieces.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/err.h"
#include "tools/published_work.h"

#define YEAR_AT ((time_t)1640995200) /* 2022-01-01T00:00:00Z */
#define HOUR_S 3600
#define YEAR_H 8760
#define KILOWATT 1000

enum { AT_ONCE, IN_ONE, IN_PIECES, WAYS };

struct expected {
	unsigned int job_hours, start_hour;
	double sum[WAYS];
};

struct table {
	struct expected *row;
	size_t count, capacity;
};

static int take_row(const char *const *cell, size_t cells, void *context,
		    struct carbon_err *err)
{
	struct table *table = context;
	struct expected *row;
	double number[5];

	for (size_t i = 0; i < 5; i++)
		if (i >= cells || carbon_published_number(cell[i], &number[i], err) < 0)
			return carbon_err_set(err, "not five numbers");
	if (table->count == table->capacity) {
		table->capacity = table->capacity ? 2 * table->capacity : 65536;
		row = realloc(table->row, table->capacity * sizeof(*row));
		if (!row)
			return carbon_err_set(err, "no memory");
		table->row = row;
	}
	table->row[table->count++] = (struct expected){(unsigned int)number[0],
						       (unsigned int)number[1],
						       {number[2], number[3], number[4]}};
	return 0;
}

/* A job of HOURS in every hour in which one of that length ends within the year. */
static int make_trace(struct carbon_trace *trace, unsigned int hours, struct carbon_err *err)
{
	for (unsigned int h = 0; h + hours <= YEAR_H; h++) {
		struct carbon_trace_row row = carbon_trace_row_blank(h + 1);

		row.submit_s = (double)(YEAR_AT + (time_t)h * HOUR_S);
		row.runtime_s = hours * HOUR_S;
		row.power_w = KILOWATT;
		if (carbon_trace_add(trace, &row, err) < 0)
			return -1;
	}
	return carbon_trace_finish(trace, err);
}

struct comparison {
	const struct table *table;
	unsigned int hours;
	int way;
	struct carbon_published_sums *out;
	double ours[WAYS], theirs[WAYS];
};

static void compare(const struct carbon_simulation *simulation, void *context)
{
	struct comparison *comparison = context;
	const double *mass_g = carbon_simulation_masses(simulation);

	for (size_t i = 0; i < comparison->table->count; i++) {
		const struct expected *row = &comparison->table->row[i];
		double difference;

		if (row->job_hours != comparison->hours)
			continue;
		difference = fabs(mass_g[row->start_hour] - row->sum[comparison->way]);
		comparison->out->worst = fmax(comparison->out->worst, difference);
		comparison->ours[comparison->way] += mass_g[row->start_hour];
		comparison->theirs[comparison->way] += row->sum[comparison->way];
		comparison->out->rows += comparison->way == AT_ONCE;
	}
}

static int compare_length(struct comparison *comparison,
			  const struct carbon_simulation_ask *asked, struct carbon_err *err)
{
	static const char *const policies[WAYS] = {"immediate", "lowest-window", "segments"};
	struct carbon_simulation_ask ask = *asked;
	struct carbon_trace trace;
	int rc;

	carbon_trace_init(&trace);
	ask.trace = &trace;
	rc = make_trace(&trace, comparison->hours, err);
	for (comparison->way = 0; rc == 0 && comparison->way < WAYS; comparison->way++)
		rc = carbon_published_run(&ask, carbon_policy_find(policies[comparison->way]),
					  compare, comparison, NULL, err);
	carbon_trace_fini(&trace);
	return rc;
}

static int compare_all(struct comparison *comparison, const struct carbon_simulation_ask *ask,
		       struct carbon_err *err)
{
	static const unsigned int lengths[] = {1, 6, 12, 24, 48, 96, 168};

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		comparison->hours = lengths[i];
		if (compare_length(comparison, ask, err) < 0)
			return -1;
	}
	for (int way = IN_ONE; way < WAYS; way++) {
		comparison->out->saved[way - 1] =
			100 - 100 * comparison->ours[way] / comparison->ours[AT_ONCE];
		comparison->out->published[way - 1] =
			100 - 100 * comparison->theirs[way] / comparison->theirs[AT_ONCE];
	}
	return 0;
}

int carbon_published_eurosys(const char *data, const char *zone, unsigned int slack_h,
			     struct carbon_published_sums *out, struct carbon_err *err)
{
	struct carbon_published_sums sums = {0};
	struct table table = {0};
	struct comparison comparison = {.table = &table, .out = &sums};
	struct carbon_simulation_ask ask = {.flexible = 1, .delay_s = (time_t)slack_h * HOUR_S};
	char file[128];
	int rc = -1;

	snprintf(file, sizeof(file), "expected/eurosys24_%s_slack%u.csv", zone, slack_h);
	if (carbon_published_table(data, file, take_row, &table, err) < 0)
		goto out;
	snprintf(file, sizeof(file), "intensity/%s_2022_eurosys24.csv", zone);
	if (carbon_published_grid(data, file, NULL, NULL, &ask.grid, err) < 0 ||
	    compare_all(&comparison, &ask, err) < 0)
		goto out;
	if (sums.rows != table.count) {
		carbon_err_set(err, "%s: %zu of %zu rows have an unexpected length", file,
			       table.count - sums.rows, table.count);
		goto out;
	}
	*out = sums;
	rc = 0;
out:
	carbon_grid_destroy(ask.grid);
	free(table.row);
	return rc;
}
