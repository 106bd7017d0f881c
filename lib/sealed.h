/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame that our text files share: a first line "FORMAT VERSION", a last line "crc32 xxxxxxxx"
 * over every byte before it, and lines between them. Whoever reads one knows that it is whole before
 * looking at what it says.
 */
#ifndef CARBON_SEALED_H
#define CARBON_SEALED_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/words.h"

struct carbon_err;
struct carbon_buf;

#define CARBON_DECIMAL_TEXT 32

/* The lines between the first and the last one. */
struct carbon_lines {
	const char *cursor;
	const char *end;
	unsigned long number; /* of the line returned last; the file's first line is 1 */
};

/*
 * Check the frame of TEXT. Errors name the line: not a FORMAT file, a newer version, a NUL byte,
 * truncated, another checksum, bytes after the last line. LINES borrows TEXT.
 */
int carbon_sealed_open(const char *text, size_t length, const char *format, int version,
		       struct carbon_lines *lines, struct carbon_err *err);

/* The next line; false at the end. */
bool carbon_lines_next(struct carbon_lines *lines, struct carbon_word *line);

/*
 * Take the next word of LINE, which must be "KEY=INTEGER" within BOUNDS. Errors name the line, the
 * word and what would be right.
 */
int carbon_lines_key(const struct carbon_lines *lines, struct carbon_word *line, const char *key,
		     const long long bounds[2], long long *out, struct carbon_err *err);

/*
 * Append the last line, over the bytes of BUF from BEGIN on. Errors: BUF has failed, or the file would
 * have more than CAP bytes; BUF is then cut at BEGIN.
 */
int carbon_sealed_close(struct carbon_buf *buf, size_t begin, size_t cap, struct carbon_err *err);

/*
 * A decimal number without exponent, rounded to PLACES (0 to 6) places, zeros at the end cut; the same
 * in every locale. For 0 <= value <= 1e12. Returns the length.
 */
size_t carbon_decimal_format(double value, int places, char text[CARBON_DECIMAL_TEXT]);

#endif
