/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers from text, with every end checked: the whole text is the number, it is finite and within
 * bounds. No locale: a decimal point is a point.
 */
#ifndef CARBON_NUM_H
#define CARBON_NUM_H

#include <stdbool.h>
#include <stddef.h>

/* Decimal integer. Errors: empty, trailing bytes, overflow, outside [min, max]. */
int carbon_int_parse(const char *text, long long min, long long max, long long *out);

/* Decimal or scientific number. Errors as above, and inf, nan and hexadecimal. */
int carbon_num_parse(const char *text, double min, double max, double *out);

/*
 * Fast path for the files that slurmctld reads: unsigned decimal "DIGITS[.DIGITS]", at most nine
 * digits before and six after the point, starting at *cursor and ending before END. Moves *cursor
 * behind the number. Errors: no digit, too many digits.
 */
int carbon_decimal_scan(const char **cursor, const char *end, double *out);

#endif
