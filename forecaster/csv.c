/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cells are copied into the row's own store, so that they end with a NUL and quotes can go. */
#include "forecaster/csv.h"

#include <stdbool.h>
#include <string.h>

#include "lib/err.h"

void carbon_csv_init(struct carbon_csv *csv, const char *text, size_t length)
{
	csv->cursor = text;
	csv->end = text + length;
	csv->line = 0;
	csv->lines = 0;
	csv->cells = 0;
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		csv->cursor += 3;
}

static int add_byte(struct carbon_csv *csv, size_t *used, char byte, struct carbon_err *err)
{
	if (*used + 1 >= sizeof(csv->text))
		return carbon_err_set(err, "line %zu: longer than %d bytes", csv->line, CARBON_CSV_ROW_MAX);
	if (byte == '\0')
		return carbon_err_set(err, "line %zu: a NUL byte", csv->line);
	csv->text[(*used)++] = byte;
	return 0;
}

/* Behind the opening quote, up to and with the closing one. */
static int quoted(struct carbon_csv *csv, size_t *used, struct carbon_err *err)
{
	while (csv->cursor < csv->end) {
		char byte = *csv->cursor++;

		if (byte == '"') {
			if (csv->cursor == csv->end || *csv->cursor != '"')
				return 0;
			csv->cursor++;
		}
		csv->lines += byte == '\n';
		if (add_byte(csv, used, byte, err) < 0)
			return -1;
	}
	return carbon_err_set(err, "line %zu: a quote is never closed", csv->line);
}

static bool is_end_of_cell(const struct carbon_csv *csv)
{
	return csv->cursor == csv->end || *csv->cursor == ',' || *csv->cursor == '\n' ||
	       (*csv->cursor == '\r' && (csv->cursor + 1 == csv->end || csv->cursor[1] == '\n'));
}

static int cell(struct carbon_csv *csv, size_t *used, struct carbon_err *err)
{
	size_t start = *used;

	if (csv->cells == CARBON_CSV_CELLS_MAX)
		return carbon_err_set(err, "line %zu: more than %d cells", csv->line, CARBON_CSV_CELLS_MAX);
	while (csv->cursor < csv->end && *csv->cursor == ' ')
		csv->cursor++;
	if (csv->cursor < csv->end && *csv->cursor == '"') {
		csv->cursor++;
		if (quoted(csv, used, err) < 0)
			return -1;
	}
	while (!is_end_of_cell(csv))
		if (add_byte(csv, used, *csv->cursor++, err) < 0)
			return -1;
	while (*used > start && (csv->text[*used - 1] == ' ' || csv->text[*used - 1] == '\t'))
		(*used)--;
	csv->text[(*used)++] = '\0';
	csv->cell[csv->cells++] = csv->text + start;
	return 0;
}

static int row(struct carbon_csv *csv, struct carbon_err *err)
{
	size_t used = 0;

	csv->cells = 0;
	csv->line = ++csv->lines;
	for (;;) {
		if (used + 1 >= sizeof(csv->text))
			return carbon_err_set(err, "line %zu: longer than %d bytes", csv->line,
					      CARBON_CSV_ROW_MAX);
		if (cell(csv, &used, err) < 0)
			return -1;
		if (csv->cursor == csv->end || *csv->cursor != ',')
			break;
		csv->cursor++;
	}
	if (csv->cursor < csv->end && *csv->cursor == '\r')
		csv->cursor++;
	if (csv->cursor < csv->end && *csv->cursor == '\n')
		csv->cursor++;
	return 0;
}

int carbon_csv_next(struct carbon_csv *csv, struct carbon_err *err)
{
	while (csv->cursor < csv->end) {
		if (row(csv, err) < 0)
			return -1;
		if (csv->cells > 1 || csv->cell[0][0])
			return 1;
	}
	return 0;
}
