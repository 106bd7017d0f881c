/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON writer. Text is taken for UTF-8; bytes that are not valid there become '?'. */
#include "tools/json.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "lib/time.h"

void carbon_json_init(struct carbon_json *json, FILE *out)
{
	memset(json, 0, sizeof(*json));
	json->out = out;
}

static void indent(const struct carbon_json *json)
{
	fputc('\n', json->out);
	for (int i = 0; i < json->depth; i++)
		fputs("  ", json->out);
}

/* Length of the UTF-8 sequence at TEXT, 0 where it is none (RFC 3629's shortest forms, no surrogates). */
static size_t utf8_length(const unsigned char *text)
{
	static const struct {
		unsigned char from, to, second_from, second_to;
		size_t length;
	} forms[] = {
		{0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	if (text[0] < 0x80)
		return 1;
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (text[0] < forms[i].from || text[0] > forms[i].to)
			continue;
		if (text[1] < forms[i].second_from || text[1] > forms[i].second_to)
			return 0;
		for (size_t j = 2; j < forms[i].length; j++)
			if (text[j] < 0x80 || text[j] > 0xbf)
				return 0;
		return forms[i].length;
	}
	return 0;
}

static void put_text(FILE *out, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	fputc('"', out);
	while (*at) {
		size_t length = utf8_length(at);

		if (*at == '"' || *at == '\\')
			fprintf(out, "\\%c", *at);
		else if (*at < ' ' || *at == 0x7f)
			fprintf(out, "\\u%04x", *at);
		else if (length == 0)
			fputc('?', out);
		else
			fwrite(at, 1, length, out);
		at += length ? length : 1;
	}
	fputc('"', out);
}

/* Whatever comes before a value. */
static void put_key(struct carbon_json *json, const char *key)
{
	if (json->depth > 0) {
		if (json->has_members[json->depth - 1])
			fputc(',', json->out);
		json->has_members[json->depth - 1] = true;
		indent(json);
	}
	if (key) {
		put_text(json->out, key);
		fputs(": ", json->out);
	}
}

void carbon_json_begin(struct carbon_json *json, const char *key, char bracket)
{
	assert(json->depth < CARBON_JSON_DEPTH_MAX);
	put_key(json, key);
	fputc(bracket, json->out);
	json->has_members[json->depth++] = false;
}

void carbon_json_end(struct carbon_json *json, char bracket)
{
	bool was_empty = !json->has_members[--json->depth];

	if (!was_empty)
		indent(json);
	fputc(bracket == '{' || bracket == '}' ? '}' : ']', json->out);
	if (json->depth == 0)
		fputc('\n', json->out);
}

void carbon_json_text(struct carbon_json *json, const char *key, const char *text)
{
	put_key(json, key);
	if (text)
		put_text(json->out, text);
	else
		fputs("null", json->out);
}

void carbon_json_bool(struct carbon_json *json, const char *key, bool value)
{
	put_key(json, key);
	fputs(value ? "true" : "false", json->out);
}

void carbon_json_int(struct carbon_json *json, const char *key, long long value)
{
	put_key(json, key);
	fprintf(json->out, "%lld", value);
}

void carbon_json_number(struct carbon_json *json, const char *key, double value)
{
	char text[40];

	put_key(json, key);
	if (!isfinite(value)) {
		fputs("null", json->out);
		return;
	}
	snprintf(text, sizeof(text), "%.10g", value);
	for (char *at = text; *at; at++)
		if (*at == ',') /* a locale's decimal comma */
			*at = '.';
	fputs(text, json->out);
}

void carbon_json_time(struct carbon_json *json, const char *key, time_t at)
{
	char text[CARBON_TIME_TEXT];

	carbon_time_format(at, text);
	carbon_json_text(json, key, at ? text : NULL);
}
