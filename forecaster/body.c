/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading JSON that strangers wrote: nothing here trusts a type, a case or a length. */
#include "forecaster/body.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/time.h"

static size_t skip_space(const char *text, size_t length)
{
	size_t i = 0;

	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < length && strchr(" \t\r\n", text[i]) && text[i])
		i++;
	return i;
}

/* The first words of a text that is not JSON, for the sentence. */
static void excerpt(const char *text, size_t length, char out[48])
{
	size_t n = 0;

	for (size_t i = 0; i < length && n < 40; i++) {
		unsigned char c = (unsigned char)text[i];

		out[n++] = c >= ' ' && c <= '~' && c != '"' ? (char)c : ' ';
	}
	out[n] = '\0';
}

enum carbon_failure carbon_body_parse(const char *text, size_t length, cJSON **out, struct carbon_err *err)
{
	size_t first = text ? skip_space(text, length) : 0;
	char words[48];
	cJSON *root;

	if (!text || first == length) {
		carbon_err_set(err, "an empty answer");
		return CARBON_FAILURE_FORMAT;
	}
	excerpt(text + first, length - first, words);
	if (text[first] == '<') {
		carbon_err_set(err, "HTML or XML instead of JSON: \"%s\"", words);
		return CARBON_FAILURE_FORMAT;
	}
	if (text[first] != '{' && text[first] != '[') {
		carbon_err_set(err, "not JSON: \"%s\"", words);
		return CARBON_FAILURE_FORMAT;
	}
	root = cJSON_ParseWithLength(text + first, length - first);
	if (!root) {
		carbon_err_set(err, "damaged JSON (cut off?), %zu bytes: \"%s\"", length, words);
		return CARBON_FAILURE_FORMAT;
	}
	*out = root;
	return CARBON_FAILURE_NONE;
}

const cJSON *carbon_body_find(const cJSON *object, const char *name)
{
	const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNull(member) ? NULL : member;
}

const char *carbon_body_string(const cJSON *object, const char *name)
{
	const cJSON *member = carbon_body_find(object, name);

	return member && cJSON_IsString(member) ? member->valuestring : NULL;
}

bool carbon_body_number(const cJSON *object, const char *name, bool loose, double *out)
{
	const cJSON *member = carbon_body_find(object, name);

	if (!member)
		return false;
	if (cJSON_IsNumber(member) && isfinite(member->valuedouble)) {
		*out = member->valuedouble;
		return true;
	}
	return loose && cJSON_IsString(member) && carbon_num_parse(member->valuestring, -1e15, 1e15, out) == 0;
}

bool carbon_body_time(const cJSON *object, const char *name, time_t *out)
{
	const char *text = carbon_body_string(object, name);

	return text && carbon_time_parse(text, out, NULL) == 0;
}

/* What is said beside "error". */
static const char *find_words(const cJSON *root)
{
	static const char *const names[] = {"message", "msg", "detail", "title"};
	const char *text = NULL;

	for (size_t i = 0; !text && i < sizeof(names) / sizeof(names[0]); i++)
		text = carbon_body_string(root, names[i]);
	return text;
}

/* "error" may be the sentence, a code with the sentence beside it, or an object. */
static bool find_message(const cJSON *root, char *out, size_t size)
{
	const cJSON *error = carbon_body_find(root, "error");
	const char *text = carbon_body_string(root, "error"), *words = find_words(root);

	if (!text && error)
		text = carbon_body_string(error, "message");
	if (!text && !words && !error)
		return false;
	if (!(text && text[0]) && !(words && words[0]))
		words = "an error without a message";
	snprintf(out, size, "%s%s%s", text ? text : "", text && text[0] && words ? ": " : "",
		 words ? words : "");
	return true;
}

bool carbon_body_message(const cJSON *root, char out[CARBON_BODY_MESSAGE])
{
	if (!cJSON_IsObject(root) || !find_message(root, out, CARBON_BODY_MESSAGE))
		return false;
	for (char *c = out; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return true;
}
