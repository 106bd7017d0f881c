/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Standard Workload Format of the Parallel Workloads Archive: 18 numbers a line, -1 for
 * what is not known, comments after ';'. Sizes are processors. Must never take -1 for a value.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "lib/words.h"
#include "simulator/trace.h"

#define FIELDS 18
#define FIELDS_LEAST 5 /* up to the processors used */

enum field { SUBMIT = 1, RUNTIME = 3, USED = 4, ASKED = 7, LIMIT = 8, USER = 11, PROGRAM = 13 };

static bool is_space(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static void skip_space(struct carbon_word *line)
{
	for (; line->length && is_space(*line->text); line->length--)
		line->text++;
}

/* Archives separate fields by spaces and tabs alike. */
static bool next_field(struct carbon_word *line, struct carbon_word *field)
{
	skip_space(line);
	field->text = line->text;
	for (; line->length && !is_space(*line->text); line->length--)
		line->text++;
	field->length = (size_t)(line->text - field->text);
	return field->length > 0;
}

static int read_fields(struct carbon_word *line, size_t number, double field[FIELDS],
		       struct carbon_err *err)
{
	char shown[CARBON_WORD_SHOWN];
	struct carbon_word word;
	size_t count = 0;

	for (size_t i = 0; i < FIELDS; i++)
		field[i] = -1;
	while (count < FIELDS && next_field(line, &word)) {
		if (carbon_word_num(&word, -1e15, 1e15, &field[count]) < 0)
			return carbon_err_set(
				err, "line %zu: field %zu is \"%s\", not a number", number,
				count + 1, carbon_word_show(&word, shown));
		count++;
	}
	if (count < FIELDS_LEAST)
		return carbon_err_set(err, "line %zu: %zu fields, a job has %d", number, count,
				      FIELDS);
	return 0;
}

/* -1 is "not known"; less than that is damage, and stays negative. */
static double known(double value)
{
	return value > -1.5 && value < -0.5 ? NAN : value;
}

/* Numbers of users and programs are names here; 0 and below: not known. */
static uint32_t name_of(struct carbon_trace *trace, char kind, double value)
{
	char name[40];

	if (value <= 0)
		return 0;
	snprintf(name, sizeof(name), "%c%.0f", kind, value);
	return carbon_trace_number(trace, name);
}

static struct carbon_trace_row row_of(struct carbon_trace *trace, size_t line,
				      const double field[FIELDS])
{
	struct carbon_trace_row row = carbon_trace_row_blank(line);

	row.submit_s = known(field[SUBMIT]);
	row.runtime_s = known(field[RUNTIME]);
	row.nodes = field[USED] > 0 ? field[USED] : known(field[ASKED]);
	row.limit_s = known(field[LIMIT]);
	row.user = name_of(trace, 'u', field[USER]);
	row.name = name_of(trace, 'p', field[PROGRAM]);
	return row;
}

int carbon_trace_parse_swf(const char *text, size_t length, struct carbon_trace *trace,
			   struct carbon_err *err)
{
	const char *cursor = text;
	struct carbon_word line;

	for (size_t number = 1; carbon_line_next(&cursor, text + length, &line); number++) {
		double field[FIELDS];
		struct carbon_trace_row row;

		skip_space(&line);
		if (!line.length || *line.text == ';')
			continue;
		if (read_fields(&line, number, field, err) < 0)
			return -1;
		row = row_of(trace, number, field);
		if (carbon_trace_add(trace, &row, err) < 0)
			return -1;
	}
	return carbon_trace_finish(trace, err);
}
