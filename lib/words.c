/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines, words and key=value pairs of our own text formats. Borrows, never copies unasked. */
#include "lib/words.h"

#include <string.h>

#include "lib/num.h"

#define NUMBER_MAX 64 /* longest text that is tried as a number */

bool carbon_line_next(const char **cursor, const char *end, struct carbon_word *line)
{
	const char *newline;

	if (*cursor >= end)
		return false;
	newline = memchr(*cursor, '\n', (size_t)(end - *cursor));
	line->text = *cursor;
	line->length = (size_t)((newline ? newline : end) - *cursor);
	*cursor = newline ? newline + 1 : end;
	return true;
}

bool carbon_word_next(struct carbon_word *line, struct carbon_word *word)
{
	const char *text = line->text, *end = text + line->length, *stop;

	while (text < end && *text == ' ')
		text++;
	for (stop = text; stop < end && *stop != ' '; stop++)
		;
	line->text = stop;
	line->length = (size_t)(end - stop);
	if (stop == text)
		return false;
	word->text = text;
	word->length = (size_t)(stop - text);
	return true;
}

bool carbon_word_is(const struct carbon_word *word, const char *text)
{
	return strlen(text) == word->length && !memcmp(word->text, text, word->length);
}

bool carbon_word_split(const struct carbon_word *word, struct carbon_word *key,
		       struct carbon_word *value)
{
	const char *text = word->text, *end = text + word->length;
	const char *sign = memchr(text, '=', word->length);

	if (!sign)
		return false;
	key->text = text;
	key->length = (size_t)(sign - text);
	value->text = sign + 1;
	value->length = (size_t)(end - sign - 1);
	return true;
}

int carbon_word_copy(const struct carbon_word *word, char *out, size_t size)
{
	if (word->length >= size || memchr(word->text, '\0', word->length))
		return -1;
	memcpy(out, word->text, word->length);
	out[word->length] = '\0';
	return 0;
}

int carbon_word_int(const struct carbon_word *word, long long min, long long max, long long *out)
{
	char text[NUMBER_MAX];

	if (carbon_word_copy(word, text, sizeof(text)))
		return -1;
	return carbon_int_parse(text, min, max, out);
}

int carbon_word_num(const struct carbon_word *word, double min, double max, double *out)
{
	char text[NUMBER_MAX];

	if (carbon_word_copy(word, text, sizeof(text)))
		return -1;
	return carbon_num_parse(text, min, max, out);
}

static bool is_printable(char byte)
{
	return byte >= ' ' && byte <= '~';
}

const char *carbon_word_show(const struct carbon_word *word, char out[CARBON_WORD_SHOWN])
{
	bool cut = word->length >= CARBON_WORD_SHOWN;
	size_t length = cut ? CARBON_WORD_SHOWN - 4 : word->length;

	for (size_t i = 0; i < length; i++)
		out[i] = is_printable(word->text[i]) ? word->text[i] : '?';
	memcpy(out + length, cut ? "..." : "", cut ? 4 : 1);
	return out;
}

bool carbon_name_is_valid(const char *name, size_t size)
{
	size_t length = strnlen(name, size);

	if (length == 0 || length >= size)
		return false;
	for (size_t i = 0; i < length; i++)
		if (!is_printable(name[i]) || strchr(" \"'`=,[]", name[i]))
			return false;
	return true;
}

int carbon_word_next_name(struct carbon_word *line, char *name, size_t max)
{
	struct carbon_word word;

	if (!carbon_word_next(line, &word) || carbon_word_copy(&word, name, max) || !carbon_name_is_valid(name, max))
		return -1;
	return 0;
}

int carbon_word_next_int(struct carbon_word *line, long long min, long long max, long long *out)
{
	struct carbon_word word;

	return carbon_word_next(line, &word) ? carbon_word_int(&word, min, max, out) : -1;
}
