/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Comma-separated text as RFC 4180 has it, row by row: quoted cells with commas, doubled quotes and line
 * breaks, LF or CRLF, a byte order mark at the start. Pure; the text is borrowed.
 */
#ifndef CARBON_CSV_H
#define CARBON_CSV_H

#include <stddef.h>

struct carbon_err;

#define CARBON_CSV_CELLS_MAX 64
#define CARBON_CSV_ROW_MAX 8192 /* bytes of one row's cells */

struct carbon_csv {
	const char *cursor, *end;
	size_t line;  /* of the row in hand, from 1 */
	size_t lines; /* read so far */
	size_t cells;
	const char *cell[CARBON_CSV_CELLS_MAX]; /* NUL-terminated, without surrounding space */
	char text[CARBON_CSV_ROW_MAX];
};

void carbon_csv_init(struct carbon_csv *csv, const char *text, size_t length);

/*
 * The next row that is not empty: 1, or 0 at the end. -1: too many cells, too long, a quote that is
 * never closed, a NUL byte; named by line.
 */
int carbon_csv_next(struct carbon_csv *csv, struct carbon_err *err);

#endif
