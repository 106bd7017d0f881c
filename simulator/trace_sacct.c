/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What sacct prints with -P (parsable): a header of field names, columns divided by '|'. Its
 * times have no zone and are taken for UTC, so run it with TZ=UTC. Steps are left out: their
 * job counts already.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/time.h"
#include "lib/words.h"
#include "simulator/trace.h"

#define CELL_MAX 256
#define CELLS_MAX 128
#define MINUTE_S 60.0

enum field {
	JOB,
	SUBMIT,
	ELAPSED,
	ELAPSED_RAW,
	LIMIT,
	LIMIT_RAW,
	NODES,
	ALLOC_NODES,
	ENERGY,
	USER,
	NAME,
	STATE,
	FIELDS
};

static const char *const headers[FIELDS] = {
	[JOB] = "JobID",
	[SUBMIT] = "Submit",
	[ELAPSED] = "Elapsed",
	[ELAPSED_RAW] = "ElapsedRaw",
	[LIMIT] = "Timelimit",
	[LIMIT_RAW] = "TimelimitRaw",
	[NODES] = "NNodes",
	[ALLOC_NODES] = "AllocNodes",
	[ENERGY] = "ConsumedEnergyRaw",
	[USER] = "User",
	[NAME] = "JobName",
	[STATE] = "State",
};

/* Of a job that has not ended; sacct tells its time so far as if it were its run time. */
static const char *const unfinished[] = {"PENDING", "RESIZING", "RUNNING", "SUSPENDED"};

/* Slurm's own "not known" of 64 bits is 1.8e19. */
#define ENERGY_MOST_J 1e15
#define ENERGY_READ_J 2e19

struct columns {
	int at[FIELDS]; /* -1: there is none */
	size_t cells;	/* of a whole row */
};

struct row {
	size_t line, cells;
	struct carbon_word cell[CELLS_MAX];
};

static void split(struct carbon_word line, struct row *row)
{
	const char *end = line.text + line.length;

	if (line.length && end[-1] == '\r')
		end--;
	row->cells = 0;
	for (const char *at = line.text; row->cells < CELLS_MAX; at++) {
		const char *stop = memchr(at, '|', (size_t)(end - at));

		row->cell[row->cells++] =
			(struct carbon_word){at, (size_t)((stop ? stop : end) - at)};
		if (!stop)
			return;
		at = stop;
	}
}

static int find_column(const struct row *row, const char *header)
{
	for (size_t i = 0; i < row->cells; i++)
		if (row->cell[i].length == strlen(header) &&
		    strncasecmp(row->cell[i].text, header, row->cell[i].length) == 0)
			return (int)i;
	return -1;
}

static int find_columns(const struct row *row, struct columns *columns, struct carbon_err *err)
{
	columns->cells = row->cells;
	for (size_t f = 0; f < FIELDS; f++)
		columns->at[f] = find_column(row, headers[f]);
	if (columns->at[JOB] < 0)
		columns->at[JOB] = find_column(row, "JobIDRaw");
	if (columns->at[SUBMIT] < 0)
		return carbon_err_set(
			err,
			"line %zu: no column Submit (sacct -P -o JobID,User,JobName,State,Submit,"
			"ElapsedRaw,TimelimitRaw,NNodes,ConsumedEnergyRaw)",
			row->line);
	if (columns->at[ELAPSED] < 0 && columns->at[ELAPSED_RAW] < 0)
		return carbon_err_set(err, "line %zu: no column ElapsedRaw (nor Elapsed)",
				      row->line);
	return 0;
}

/* The cell as text; false: not told. */
static bool cell_of(const struct row *row, const struct columns *columns, enum field field,
		    char text[CELL_MAX])
{
	int at = columns->at[field];

	return at >= 0 && (size_t)at < row->cells && row->cell[at].length > 0 &&
	       carbon_word_copy(&row->cell[at], text, CELL_MAX) == 0;
}

static int wrong(const struct row *row, enum field field, const char *text,
		 struct carbon_err *err)
{
	return carbon_err_set(err, "line %zu: %s is \"%.40s\", not a %s", row->line,
			      headers[field], text, field == SUBMIT ? "time" : "number");
}

static int submit_time(const struct row *row, const struct columns *columns, double *out,
		       struct carbon_err *err)
{
	char text[CELL_MAX];
	time_t at;

	if (!cell_of(row, columns, SUBMIT, text) || strcasecmp(text, "Unknown") == 0 ||
	    strcasecmp(text, "None") == 0)
		return 0;
	if (carbon_time_parse(text, &at, NULL) < 0)
		return wrong(row, SUBMIT, text, err);
	*out = (double)at;
	return 0;
}

static int number(const struct row *row, const struct columns *columns, enum field field,
		  double *out, struct carbon_err *err)
{
	char text[CELL_MAX];
	double most = field == ENERGY ? ENERGY_READ_J : 1e15;

	if (!cell_of(row, columns, field, text))
		return 0;
	return carbon_num_parse(text, -1e15, most, out) < 0 ? wrong(row, field, text, err) : 0;
}

static bool is_unfinished(const struct row *row, const struct columns *columns)
{
	char text[CELL_MAX];

	if (!cell_of(row, columns, STATE, text))
		return false;
	for (size_t i = 0; i < sizeof(unfinished) / sizeof(unfinished[0]); i++)
		if (strcasecmp(text, unfinished[i]) == 0)
			return true;
	return false;
}

/* Words such as UNLIMITED and Partition_Limit tell no duration; a negative one is damage. */
static int duration(const struct row *row, const struct columns *columns, enum field field,
		    double *out, struct carbon_err *err)
{
	char text[CELL_MAX];
	time_t seconds;

	if (!cell_of(row, columns, field, text) || (*text >= 'A' && *text <= 'Z'))
		return 0;
	if (*text == '-') {
		*out = -1;
		return 0;
	}
	if (carbon_duration_parse(text, &seconds) < 0)
		return wrong(row, field, text, err);
	*out = (double)seconds;
	return 0;
}

/* Raw minutes where they are there; words again tell nothing. */
static int limit(const struct row *row, const struct columns *columns, double *out,
		 struct carbon_err *err)
{
	char text[CELL_MAX];

	if (!cell_of(row, columns, LIMIT_RAW, text))
		return duration(row, columns, LIMIT, out, err);
	if (*text >= 'A' && *text <= 'Z')
		return 0;
	if (number(row, columns, LIMIT_RAW, out, err) < 0)
		return -1;
	*out *= MINUTE_S;
	return 0;
}

static int run_time(const struct row *row, const struct columns *columns, double *out,
		    struct carbon_err *err)
{
	if (number(row, columns, ELAPSED_RAW, out, err) < 0)
		return -1;
	return isnan(*out) ? duration(row, columns, ELAPSED, out, err) : 0;
}

static uint32_t name_of(const struct row *row, const struct columns *columns, enum field field,
			struct carbon_trace *trace)
{
	char text[CELL_MAX];

	return cell_of(row, columns, field, text) ? carbon_trace_number(trace, text) : 0;
}

static int read_numbers(const struct row *cells, const struct columns *columns, struct carbon_trace_row *row,
			struct carbon_err *err)
{
	double energy_ws = NAN;

	if (submit_time(cells, columns, &row->submit_s, err) < 0 ||
	    run_time(cells, columns, &row->runtime_s, err) < 0 ||
	    limit(cells, columns, &row->limit_s, err) < 0 ||
	    number(cells, columns, NODES, &row->nodes, err) < 0 ||
	    number(cells, columns, ENERGY, &energy_ws, err) < 0 ||
	    (isnan(row->nodes) && number(cells, columns, ALLOC_NODES, &row->nodes, err) < 0))
		return -1;
	if (energy_ws > 0 && energy_ws <= ENERGY_MOST_J && row->runtime_s >= 1)
		row->power_w = energy_ws / row->runtime_s;
	return 0;
}

static int read_row(const struct row *cells, const struct columns *columns,
		    struct carbon_trace *trace, struct carbon_err *err)
{
	struct carbon_trace_row row = carbon_trace_row_blank(cells->line);
	char job[CELL_MAX], name[CELL_MAX];

	/* sacct does not quote: a bar in a job's name moves all that is behind it. */
	row.is_ragged = cells->cells != columns->cells;
	row.is_step = cell_of(cells, columns, JOB, job) && strchr(job, '.');
	row.is_unfinished = is_unfinished(cells, columns);
	if (row.is_ragged || row.is_step || row.is_unfinished)
		return carbon_trace_add(trace, &row, err);
	if (read_numbers(cells, columns, &row, err) < 0)
		return -1;
	row.user = name_of(cells, columns, USER, trace);
	row.name =
		cell_of(cells, columns, NAME, name) ? carbon_trace_job_number(trace, name) : 0;
	return carbon_trace_add(trace, &row, err);
}

int carbon_trace_parse_sacct(const char *text, size_t length, struct carbon_trace *trace,
			     struct carbon_err *err)
{
	const char *cursor = text;
	struct carbon_word line;
	struct columns columns;
	struct row row = {0};
	bool has_header = false;

	while (carbon_line_next(&cursor, text + length, &line)) {
		row.line++;
		if (!line.length || (line.length == 1 && *line.text == '\r'))
			continue;
		split(line, &row);
		if (!has_header) {
			if (find_columns(&row, &columns, err) < 0)
				return -1;
			has_header = true;
		} else if (read_row(&row, &columns, trace, err) < 0) {
			return -1;
		}
	}
	return carbon_trace_finish(trace, err);
}
