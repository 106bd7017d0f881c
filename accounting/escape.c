/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Escaping for three kinds of readers. Must never pass on a byte that one of them would act upon. */
#include "accounting/escape.h"

#include <math.h>
#include <string.h>

/* Length of the UTF-8 sequence at TEXT; 0: none. */
static size_t utf8_length(const unsigned char *text)
{
	size_t length = text[0] < 0x80 ? 1 : text[0] < 0xc2 ? 0 : text[0] < 0xe0 ? 2
		      : text[0] < 0xf0 ? 3 : text[0] < 0xf5 ? 4 : 0;

	for (size_t i = 1; i < length; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	if (length == 2 && text[0] == 0xc2 && text[1] < 0xa0)
		return 0; /* C1: control characters too */
	if (length == 3 && ((text[0] == 0xe0 && text[1] < 0xa0) || (text[0] == 0xed && text[1] > 0x9f)))
		return 0;
	if (length == 4 && ((text[0] == 0xf0 && text[1] < 0x90) || (text[0] == 0xf4 && text[1] > 0x8f)))
		return 0;
	return length;
}

void carbon_escape_json(const char *text, FILE *out)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', out);
	while (*at) {
		size_t length = utf8_length(at);

		if (length == 0)
			fputs("\\ufffd", out);
		else if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < 0x20 || *at == '<' || *at == 0x7f)
			fprintf(out, "\\u%04x", *at);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	fputc('"', out);
}

static const char *html_entity(unsigned char c)
{
	switch (c) {
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '&': return "&amp;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return c < 0x20 || c == 0x7f ? "?" : NULL;
	}
}

void carbon_escape_html(const char *text, FILE *out)
{
	const unsigned char *at = (const unsigned char *)text;

	while (*at) {
		size_t length = utf8_length(at);
		const char *entity = html_entity(*at);

		if (length == 0)
			fputs("\xef\xbf\xbd", out);
		else if (entity)
			fputs(entity, out);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
}

void carbon_escape_csv(const char *text, FILE *out)
{
	fputc('"', out);
	if (*text && strchr("=+-@\t\r", *text))
		fputc('\'', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

size_t carbon_escape_plain(const char *text, FILE *out)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t count = 0;

	for (; *at; count++) {
		size_t length = utf8_length(at);

		if (length == 0 || *at < 0x20 || *at == 0x7f)
			fputc('?', out);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	return count;
}

void carbon_amount_format(double value, char out[CARBON_AMOUNT_TEXT])
{
	double size = fabs(value);
	int places = size > 0 ? 2 - (int)floor(log10(size)) : 0;
	size_t length = 0, whole;
	char digits[64];

	if (!isfinite(value) || size >= 1e30) {
		snprintf(out, CARBON_AMOUNT_TEXT, "unknown");
		return;
	}
	snprintf(digits, sizeof(digits), "%.*f", places < 0 ? 0 : places > 9 ? 9 : places, size);
	whole = strcspn(digits, ".");
	if (value < 0)
		out[length++] = '-';
	for (size_t i = 0; i < whole; i++) {
		out[length++] = digits[i];
		if (whole - i > 1 && (whole - i) % 3 == 1)
			out[length++] = ',';
	}
	snprintf(out + length, CARBON_AMOUNT_TEXT - length, "%s", digits + whole);
}
