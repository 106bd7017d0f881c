/* SPDX-License-Identifier: GPL-2.0-or-later */
/* First line, last line and checksum of our text files. Never trusts a length that a file claims. */
#include "lib/sealed.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/crc32.h"
#include "lib/err.h"

#define TRAILER_LENGTH 15 /* "crc32 xxxxxxxx\n" */
#define TRAILER_WORD "crc32 "
#define VERSION_MAX 1000000

static unsigned long count_lines(const char *text, size_t length)
{
	unsigned long lines = 1;

	for (size_t i = 0; i + 1 < length; i++)
		lines += text[i] == '\n';
	return lines;
}

static int check_first_line(struct carbon_lines *lines, const char *format, int version,
			    struct carbon_err *err)
{
	struct carbon_word line = {"", 0}, rest, word;
	char shown[CARBON_WORD_SHOWN];
	long long found;

	lines->number = 1;
	carbon_line_next(&lines->cursor, lines->end, &line);
	rest = line;
	if (!carbon_word_next(&rest, &word) || !carbon_word_is(&word, format) ||
	    !carbon_word_next(&rest, &word) || rest.length > 0 ||
	    carbon_word_int(&word, 0, VERSION_MAX, &found))
		return carbon_err_set(err, "line 1: not a %s file: \"%s\" should be \"%s %d\"",
				      format, carbon_word_show(&line, shown), format, version);
	if (found > version)
		return carbon_err_set(err,
				      "line 1: %s %lld is a newer version than is known here (%d): "
				      "update slurm-carbon on this host",
				      format, found, version);
	if (found != version)
		return carbon_err_set(err, "line 1: %s %lld should be %s %d: write it again",
				      format, found, format, version);
	return 0;
}

/* Lower-case hexadecimal alone, so that there is one way to write a checksum. */
static int scan_hex(const char *text, uint32_t *out)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t value = 0;

	for (int i = 0; i < 8; i++) {
		const char *digit = text[i] ? strchr(digits, text[i]) : NULL;

		if (!digit)
			return -1;
		value = value << 4 | (uint32_t)(digit - digits);
	}
	*out = value;
	return 0;
}

static bool has_last_line(const char *text, size_t length, uint32_t *written)
{
	const char *trailer;

	if (length <= TRAILER_LENGTH)
		return false;
	trailer = text + length - TRAILER_LENGTH;
	return trailer[-1] == '\n' && text[length - 1] == '\n' &&
	       !memcmp(trailer, TRAILER_WORD, strlen(TRAILER_WORD)) &&
	       !scan_hex(trailer + strlen(TRAILER_WORD), written);
}

static int check_last_line(const char *text, size_t length, struct carbon_err *err)
{
	uint32_t written, found;

	if (!has_last_line(text, length, &written))
		return carbon_err_set(err,
				      "line %lu: the last line should be \"crc32\" and eight "
				      "hexadecimal digits: cut off, or something follows it",
				      count_lines(text, length));
	found = carbon_crc32(text, length - TRAILER_LENGTH);
	if (found != written)
		return carbon_err_set(err,
				      "line %lu: crc32 %08x, but what stands before it has %08x: "
				      "damaged or edited by hand",
				      count_lines(text, length), written, found);
	return 0;
}

int carbon_sealed_open(const char *text, size_t length, const char *format, int version,
		       struct carbon_lines *lines, struct carbon_err *err)
{
	struct carbon_lines inner = {.cursor = text, .end = text + length, .number = 0};
	const char *nul;

	if (check_first_line(&inner, format, version, err))
		return -1;
	nul = memchr(text, '\0', length);
	if (nul)
		return carbon_err_set(err, "line %lu: a NUL byte: damaged",
				      count_lines(text, (size_t)(nul - text) + 1));
	if (check_last_line(text, length, err))
		return -1;
	inner.end = text + length - TRAILER_LENGTH;
	*lines = inner;
	return 0;
}

bool carbon_lines_next(struct carbon_lines *lines, struct carbon_word *line)
{
	if (!carbon_line_next(&lines->cursor, lines->end, line))
		return false;
	lines->number++;
	return true;
}

int carbon_lines_key(const struct carbon_lines *lines, struct carbon_word *line, const char *key,
		     const long long bounds[2], long long *out, struct carbon_err *err)
{
	struct carbon_word word = {"", 0}, name, value;
	char shown[CARBON_WORD_SHOWN];

	carbon_word_next(line, &word);
	if (carbon_word_split(&word, &name, &value) && carbon_word_is(&name, key) &&
	    !carbon_word_int(&value, bounds[0], bounds[1], out))
		return 0;
	return carbon_err_set(err, "line %lu: \"%s\" should be %s=%lld to %lld", lines->number,
			      carbon_word_show(&word, shown), key, bounds[0], bounds[1]);
}

int carbon_sealed_close(struct carbon_buf *buf, size_t begin, size_t cap, struct carbon_err *err)
{
	if (!buf->failed)
		carbon_buf_printf(buf, TRAILER_WORD "%08x\n",
				  carbon_crc32(buf->text + begin, buf->length - begin));
	if (!buf->failed && buf->length - begin <= cap)
		return 0;
	if (buf->text) {
		buf->length = begin;
		buf->text[begin] = '\0';
	}
	return carbon_err_set(err, "too long for a file of at most %zu bytes, or no memory", cap);
}

size_t carbon_decimal_format(double value, int places, char text[CARBON_DECIMAL_TEXT])
{
	static const long long scales[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
	long long scaled = llround(value * (double)scales[places]);
	long long fraction = scaled % scales[places];
	int length = snprintf(text, CARBON_DECIMAL_TEXT, "%lld", scaled / scales[places]);

	if (!fraction)
		return (size_t)length;
	for (; fraction % 10 == 0; places--)
		fraction /= 10;
	length += snprintf(text + length, CARBON_DECIMAL_TEXT - (size_t)length, ".%0*lld", places,
			   fraction);
	return (size_t)length;
}
