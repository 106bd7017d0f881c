/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Traces in comma-separated columns, found by their header and never by their place. A column
 * that is not there is not told; an empty cell too; a cell that is no number is an error with
 * its line.
 */
#include <math.h>
#include <strings.h>

#include "forecaster/csv.h"
#include "lib/err.h"
#include "lib/num.h"
#include "lib/time.h"
#include "simulator/trace.h"

enum field { SUBMIT, RUNTIME, LIMIT, NODES, POWER, DELAY, ESTIMATE, USER, NAME, FIELDS };

/* What a column may be called. UNIT_S 0: those that GAIA's traces use count in the trace's
 * unit. */
static const struct {
	const char *header;
	enum field field;
	double unit_s;
} headers[] = {
	{"submit", SUBMIT, 1},
	{"submit_s", SUBMIT, 1},
	{"arrival_time", SUBMIT, 0},
	{"runtime_s", RUNTIME, 1},
	{"length", RUNTIME, 0},
	{"limit_s", LIMIT, 1},
	{"nodes", NODES, 1},
	{"cpus", NODES, 1},
	{"power_w", POWER, 1},
	{"delay_s", DELAY, 1},
	{"estimate_s", ESTIMATE, 1},
	{"user", USER, 1},
	{"name", NAME, 1},
	/* of the Slurm simulator */
	{"sim_submit_ts", SUBMIT, 1},
	{"sim_duration", RUNTIME, 1},
	{"sim_wclimit", LIMIT, 60},
	{"sim_tasks", NODES, 1},
	{"sim_username", USER, 1},
};

struct columns {
	int at[FIELDS]; /* -1: there is none */
	double unit_s[FIELDS];
	const char *header[FIELDS]; /* as this project writes it */
	size_t cells; /* of a whole row */
};

static int find_columns(const struct carbon_csv *csv, double unit_s, struct columns *columns,
			struct carbon_err *err)
{
	columns->cells = csv->cells;
	for (size_t f = 0; f < FIELDS; f++)
		columns->at[f] = -1;
	for (size_t i = 0; i < csv->cells; i++)
		for (size_t h = 0; h < sizeof(headers) / sizeof(headers[0]); h++) {
			enum field field = headers[h].field;

			if (strcasecmp(csv->cell[i], headers[h].header) != 0 ||
			    columns->at[field] >= 0)
				continue;
			columns->at[field] = (int)i;
			columns->header[field] = headers[h].header;
			columns->unit_s[field] =
				headers[h].unit_s > 0 ? headers[h].unit_s : unit_s;
		}
	if (columns->at[SUBMIT] < 0)
		return carbon_err_set(
			err, "line %zu: no column \"submit\" (or \"arrival_time\")", csv->line);
	if (columns->at[RUNTIME] < 0)
		return carbon_err_set(err, "line %zu: no column \"runtime_s\" (or \"length\")",
				      csv->line);
	return 0;
}

/* NULL: not told. */
static const char *cell_of(const struct carbon_csv *csv, const struct columns *columns,
			   enum field field)
{
	int at = columns->at[field];

	return at >= 0 && (size_t)at < csv->cells && csv->cell[at][0] ? csv->cell[at] : NULL;
}

static int number(const struct carbon_csv *csv, const struct columns *columns, enum field field,
		  double *out, struct carbon_err *err)
{
	const char *cell = cell_of(csv, columns, field);

	if (!cell)
		return 0;
	if (carbon_num_parse(cell, -1e15, 1e15, out) < 0)
		return carbon_err_set(err, "line %zu: %s is \"%.40s\", not a number %s", csv->line,
				      columns->header[field], cell,
				      field == SUBMIT ? "of seconds or a time such as 2023-01-01T06:00Z" : "up to 1e15");
	*out *= columns->unit_s[field];
	return 0;
}

/* A number of seconds, or a date (UTC where it names no zone). */
static int submit_time(const struct carbon_csv *csv, const struct columns *columns, double *out,
		       struct carbon_err *err)
{
	const char *cell = cell_of(csv, columns, SUBMIT);
	time_t at;

	if (!cell || carbon_time_parse(cell, &at, NULL) < 0)
		return number(csv, columns, SUBMIT, out, err);
	*out = (double)at;
	return 0;
}

static int read_row(const struct carbon_csv *csv, const struct columns *columns,
		    struct carbon_trace *trace, struct carbon_err *err)
{
	struct carbon_trace_row row = carbon_trace_row_blank(csv->line);
	const char *user = cell_of(csv, columns, USER), *name = cell_of(csv, columns, NAME);

	/* A comma too many in a name would make a size of a run time, and a cut line a small job of a large one. */
	row.is_ragged = csv->cells != columns->cells;
	if (row.is_ragged)
		return carbon_trace_add(trace, &row, err);
	if (submit_time(csv, columns, &row.submit_s, err) < 0 ||
	    number(csv, columns, RUNTIME, &row.runtime_s, err) < 0 ||
	    number(csv, columns, LIMIT, &row.limit_s, err) < 0 ||
	    number(csv, columns, NODES, &row.nodes, err) < 0 ||
	    number(csv, columns, POWER, &row.power_w, err) < 0 ||
	    number(csv, columns, DELAY, &row.delay_s, err) < 0 ||
	    number(csv, columns, ESTIMATE, &row.estimate_s, err) < 0)
		return -1;
	row.user = user ? carbon_trace_number(trace, user) : 0;
	row.name = name ? carbon_trace_job_number(trace, name) : 0;
	return carbon_trace_add(trace, &row, err);
}

int carbon_trace_parse_csv(const char *text, size_t length, double unit_s,
			   struct carbon_trace *trace, struct carbon_err *err)
{
	struct columns columns;
	struct carbon_csv csv;
	int got;

	carbon_csv_init(&csv, text, length);
	got = carbon_csv_next(&csv, err);
	if (got <= 0)
		return got < 0 ? -1 : carbon_err_set(err, "line 1: empty: no header");
	if (find_columns(&csv, unit_s, &columns, err) < 0)
		return -1;
	while ((got = carbon_csv_next(&csv, err)) > 0)
		if (read_row(&csv, &columns, trace, err) < 0)
			return -1;
	return got < 0 ? -1 : carbon_trace_finish(trace, err);
}
