/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers from text. strtod() is fed only what our own grammar has accepted, so that neither "inf",
 * nor hexadecimal, nor a locale's decimal comma can slip in.
 */
#include "lib/num.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL_WHOLE_DIGITS 9
#define DECIMAL_PLACES 6

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int carbon_int_parse(const char *text, long long min, long long max, long long *out)
{
	const char *digits = text + (*text == '-' || *text == '+');
	char *end;
	long long value;

	if (!is_digit(*digits))
		return -1;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || *end || value < min || value > max)
		return -1;
	*out = value;
	return 0;
}

static const char *skip_digits(const char *cursor)
{
	while (is_digit(*cursor))
		cursor++;
	return cursor;
}

/* [+-]DIGITS[.DIGITS][(e|E)[+-]DIGITS], or a point with digits on one side. */
static bool is_number(const char *text)
{
	const char *cursor = text + (*text == '-' || *text == '+');
	const char *whole = cursor;
	size_t digits;

	cursor = skip_digits(cursor);
	digits = (size_t)(cursor - whole);
	if (*cursor == '.') {
		const char *places = ++cursor;

		cursor = skip_digits(cursor);
		digits += (size_t)(cursor - places);
	}
	if (!digits)
		return false;
	if (*cursor == 'e' || *cursor == 'E') {
		cursor += 1 + (cursor[1] == '-' || cursor[1] == '+');
		if (!is_digit(*cursor))
			return false;
		cursor = skip_digits(cursor);
	}
	return *cursor == '\0';
}

int carbon_num_parse(const char *text, double min, double max, double *out)
{
	char *end;
	double value;

	if (!is_number(text))
		return -1;
	value = strtod(text, &end);
	if (*end || !isfinite(value) || value < min || value > max)
		return -1;
	*out = value;
	return 0;
}

int carbon_decimal_scan(const char **cursor, const char *end, double *out)
{
	static const double scale[DECIMAL_PLACES + 1] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
	const char *at = *cursor;
	const char *start = at;
	long long value = 0;
	ptrdiff_t places = 0;

	for (; at < end && is_digit(*at); at++) {
		if (at - start >= DECIMAL_WHOLE_DIGITS)
			return -1;
		value = value * 10 + (*at - '0');
	}
	if (at == start)
		return -1;
	if (at < end && *at == '.') {
		start = ++at;
		for (; at < end && is_digit(*at); at++) {
			if (at - start >= DECIMAL_PLACES)
				return -1;
			value = value * 10 + (*at - '0');
		}
		places = at - start;
		if (!places)
			return -1;
	}
	*out = (double)value / scale[places];
	*cursor = at;
	return 0;
}
