/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What waiting is worth: a job in every hour of 2023, by perfect foresight, simple forecasts
 * and our own, decided once and each hour again. The tables to compare with are read from the
 * data's README.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/file.h"
#include "tools/published_work.h"

#define YEAR_AT ((time_t)1672531200) /* 2023-01-01T00:00:00Z */
#define YEAR_END_AT ((time_t)1704067200)
#define HOUR_S 3600
#define README_MAX ((size_t)1 << 20)

/* --- the tables --- */

/* The line that begins with BEGIN at or after AT; NULL: there is none. */
static const char *find_line(const char *at, const char *begin)
{
	for (; at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL)
		if (strncmp(at, begin, strlen(begin)) == 0)
			return at;
	return NULL;
}

/* Cell COLUMN (from 0) of a table's line, at its first byte that is no space. */
static const char *find_cell(const char *line, size_t column)
{
	const char *end = strchr(line, '\n');

	for (size_t i = 0; i <= column; i++) {
		line = strchr(line, '|');
		if (!line || (end && line > end))
			return NULL;
		line++;
	}
	return line + strspn(line, " ");
}

/* "26.4 / 17.2 / 20.0" */
static void read_values(const char *cell, double value[3])
{
	char *end;

	for (int i = 0; i < 3; i++) {
		value[i] = strtod(cell, &end);
		if (end == cell)
			value[i] = NAN;
		cell = end + strspn(end, " /");
	}
}

/* The column whose header names the arm; -1: there is none. */
static int find_column(const char *header, const struct carbon_published_arm *arm)
{
	char name[64], splits[80];

	snprintf(name, sizeof(name), "%u h, up to %u h", arm->runtime_h, arm->delay_h);
	snprintf(splits, sizeof(splits), "%s, interruptible", name);
	for (int column = 1; find_cell(header, (size_t)column); column++) {
		const char *cell = find_cell(header, (size_t)column);

		if (arm->splits ? strncmp(cell, splits, strlen(splits)) == 0
				: strncmp(cell, name, strlen(name)) == 0 &&
					  cell[strlen(name)] == ' ')
			return column;
	}
	return -1;
}

/* The three values of ARM and ZONE in the table under HEADING; NAN where it has none. */
static void read_table(const char *text, const char *heading, const char *zone,
		       const struct carbon_published_arm *arm, double value[3])
{
	const char *at = find_line(text, heading),
		   *header = at ? find_line(at, "| zone") : NULL;
	int column = header ? find_column(header, arm) : -1;
	char begin[64];
	const char *row, *cell;

	value[0] = value[1] = value[2] = NAN;
	if (column < 0)
		return;
	snprintf(begin, sizeof(begin), "| %s |", zone);
	row = find_line(header, begin);
	cell = row ? find_cell(row, (size_t)column) : NULL;
	if (cell)
		read_values(cell, value);
}

static int read_expected(const char *data, const char *zone,
			 struct carbon_published_delay *delay, struct carbon_err *err)
{
	char path[4096], *text = NULL;
	size_t length = 0;
	double again[3];

	snprintf(path, sizeof(path), "%s/README.md", data);
	if (carbon_file_read(path, README_MAX, 0, NULL, &text, &length, err) < 0)
		return -1;
	read_table(text, "## What waiting is worth", zone, &delay->arm, delay->published);
	read_table(text, "## Deciding once against", zone, &delay->arm, again);
	delay->published_again = again[2];
	free(text);
	return 0;
}

/* --- the jobs --- */

/* One in every hour from which it could wait as long as it may and still end within the year.
 */
static int make_trace(const struct carbon_published_arm *arm, struct carbon_trace *trace,
		      struct carbon_err *err)
{
	time_t span_s = (time_t)(arm->runtime_h + arm->delay_h) * HOUR_S;

	for (time_t at = YEAR_AT; at + span_s <= YEAR_END_AT; at += HOUR_S) {
		struct carbon_trace_row row = carbon_trace_row_blank(0);

		row.submit_s = (double)at;
		row.runtime_s = arm->runtime_h * HOUR_S;
		if (carbon_trace_add(trace, &row, err) < 0)
			return -1;
	}
	return carbon_trace_finish(trace, err);
}

static int run_policy(const struct carbon_published_arm *arm, struct carbon_grid *grid,
		      time_t replan_s, const struct carbon_policy *policy,
		      struct carbon_simulation_result *out, struct carbon_err *err)
{
	struct carbon_trace trace;
	struct carbon_simulation_ask ask = {
		.trace = &trace,
		.grid = grid,
		.foresight = (enum carbon_foresight)arm->foresight,
		.delay_s = (time_t)arm->delay_h * HOUR_S,
		.replan_s = replan_s,
		.flexible = 1,
		.node_power_w = 1000,
	};
	int rc;

	carbon_trace_init(&trace);
	rc = make_trace(arm, &trace, err);
	if (rc == 0)
		rc = carbon_published_run(&ask, policy, NULL, NULL, out, err);
	carbon_trace_fini(&trace);
	return rc;
}

static int run_one(const struct carbon_published_arm *arm, struct carbon_grid *grid,
		   time_t replan_s, double *saved, struct carbon_err *err)
{
	struct carbon_simulation_result result;
	const struct carbon_policy *policy =
		carbon_policy_find(arm->splits ? "segments" : "lowest-window");

	if (run_policy(arm, grid, replan_s, policy, &result, err) < 0)
		return -1;
	*saved = result.saved_percent;
	return 0;
}

/* One forecast for all arms, so that it is made once. */
static int run_foresight(struct carbon_grid *grid, size_t i,
			 struct carbon_published_delay *delay, size_t count,
			 struct carbon_err *err)
{
	static const enum carbon_foresight foresights[CARBON_PUBLISHED_FORESIGHTS] = {
		CARBON_FORESIGHT_PERFECT, CARBON_FORESIGHT_YESTERDAY, CARBON_FORESIGHT_ENS,
		CARBON_FORESIGHT_MODEL};
	enum carbon_foresight foresight = foresights[i];

	if (carbon_grid_foresee(grid, foresight, YEAR_AT, YEAR_END_AT, NULL, NULL, err) < 0)
		return -1;
	for (; count > 0; count--, delay++) {
		delay->again[i] = NAN;
		delay->arm.foresight = foresight;
		if (run_one(&delay->arm, grid, 0, &delay->once[i], err) < 0)
			return -1;
		/* planning split runs again takes its time: only by our own forecast */
		if ((!delay->arm.splits || foresight == CARBON_FORESIGHT_MODEL) &&
		    run_one(&delay->arm, grid, HOUR_S, &delay->again[i], err) < 0)
			return -1;
	}
	return 0;
}

int carbon_published_delay(const char *data, const char *zone,
			   struct carbon_published_delay *out, size_t count,
			   struct carbon_err *err)
{
	struct carbon_grid *grid = NULL;
	char file[128];
	int rc;

	snprintf(file, sizeof(file), "intensity/%s.csv", zone);
	rc = carbon_published_grid(data, file, NULL, NULL, &grid, err);
	for (size_t i = 0; i < count && rc == 0; i++)
		rc = read_expected(data, zone, &out[i], err);
	for (size_t i = 0; i < CARBON_PUBLISHED_FORESIGHTS && rc == 0; i++)
		rc = run_foresight(grid, i, out, count, err);
	carbon_grid_destroy(grid);
	return rc;
}

/* --- policies --- */

static int run_both(struct carbon_grid *grid, const struct carbon_policy *policy,
		    struct carbon_published_policy *out, struct carbon_err *err)
{
	static const struct carbon_published_arm arm = {4, 24, 0, CARBON_FORESIGHT_MODEL};
	double *saved[] = {&out->once, &out->again};

	out->name = policy->name;
	for (int i = 0; i < 2; i++) {
		struct carbon_simulation_result result;

		if (run_policy(&arm, grid, i ? HOUR_S : 0, policy, &result, err) < 0)
			return -1;
		*saved[i] = result.saved_percent;
		out->share[i] = result.of_clairvoyant_percent;
		out->wait_h[i] = result.wait_mean_s / HOUR_S;
	}
	return 0;
}

int carbon_published_policies(const char *data, const char *zone,
			      struct carbon_published_policy *out, size_t *count,
			      struct carbon_err *err)
{
	struct carbon_grid *grid = NULL;
	char file[128];
	int rc;

	snprintf(file, sizeof(file), "intensity/%s.csv", zone);
	rc = carbon_published_grid(data, file, NULL, NULL, &grid, err);
	if (rc == 0)
		rc = carbon_grid_foresee(grid, CARBON_FORESIGHT_MODEL, YEAR_AT, YEAR_END_AT,
					 NULL, NULL, err);
	*count = 0;
	for (size_t i = 0;
	     i < carbon_policies_count && i < CARBON_PUBLISHED_POLICIES_MAX && rc == 0; i++) {
		rc = run_both(grid, carbon_policies[i], &out[i], err);
		*count += rc == 0;
	}
	carbon_grid_destroy(grid);
	return rc;
}
