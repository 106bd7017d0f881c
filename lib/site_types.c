/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How the members of a site are read and written as text (doc/carbon-site.5). Every bound is the field's own. */
#include "lib/site_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/sealed.h"

static int parse_time(const struct carbon_word *word, const struct carbon_site_field *field,
		      void *member)
{
	long long value;

	if (carbon_word_int(word, (long long)field->min, (long long)field->max, &value))
		return -1;
	*(time_t *)member = (time_t)value;
	return 0;
}

static bool format_time(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	long long value = *(const time_t *)member;

	(void)field;
	snprintf(text, CARBON_FIELD_TEXT, "%lld", value);
	return true;
}

/* A duration for which -1 means that nobody has asked for one. */
static bool format_wish(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	return format_time(field, member, text) && *(const time_t *)member != -1;
}

static int parse_count(const struct carbon_word *word, const struct carbon_site_field *field,
		       void *member)
{
	long long value;

	if (carbon_word_int(word, (long long)field->min, (long long)field->max, &value))
		return -1;
	*(uint32_t *)member = (uint32_t)value;
	return 0;
}

static bool format_count(const struct carbon_site_field *field, const void *member,
			 char text[CARBON_FIELD_TEXT])
{
	(void)field;
	snprintf(text, CARBON_FIELD_TEXT, "%" PRIu32, *(const uint32_t *)member);
	return true;
}

/* The same where UINT32_MAX means that nobody has asked for one. */
static bool format_some(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	return format_count(field, member, text) && *(const uint32_t *)member != UINT32_MAX;
}

static int parse_number(const struct carbon_word *word, const struct carbon_site_field *field,
			void *member)
{
	return carbon_word_num(word, field->min, field->max, member);
}

/* Out of bounds (or NAN), it becomes a text that parse_number() refuses. */
static bool format_number(const struct carbon_site_field *field, const void *member,
			  char text[CARBON_FIELD_TEXT])
{
	double value = *(const double *)member;

	if (value >= field->min && value <= field->max)
		carbon_decimal_format(value, 6, text);
	else
		snprintf(text, CARBON_FIELD_TEXT, "%g (out of bounds)", value);
	return true;
}

/* A negative one means that nobody has asked for it. */
static bool format_asked(const struct carbon_site_field *field, const void *member,
			 char text[CARBON_FIELD_TEXT])
{
	return format_number(field, member, text) && !(*(const double *)member < 0);
}

static int parse_name(const struct carbon_word *word, const struct carbon_site_field *field,
		      void *member)
{
	char text[CARBON_FIELD_TEXT];

	if (carbon_word_copy(word, text, sizeof(text)) ||
	    !carbon_name_is_valid(text, (size_t)field->max))
		return -1;
	memset(member, 0, (size_t)field->max); /* nothing stays of a longer built-in name */
	memcpy(member, text, word->length + 1);
	return 0;
}

static bool format_name(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	const char *name = member;

	snprintf(text, CARBON_FIELD_TEXT, "%.*s", (int)field->max, name);
	return *name != '\0';
}

static int parse_zone(const struct carbon_word *word, const struct carbon_site_field *field,
		      void *member)
{
	char text[CARBON_FIELD_TEXT];

	(void)field;
	if (carbon_word_copy(word, text, sizeof(text)) || !carbon_zone_is_valid(text))
		return -1;
	memcpy(member, text, word->length + 1);
	return 0;
}

static int parse_level(const struct carbon_word *word, const struct carbon_site_field *field,
		       void *member)
{
	char text[CARBON_FIELD_TEXT];

	(void)field;
	return carbon_word_copy(word, text, sizeof(text)) || !carbon_level_find(text, member) ? -1 : 0;
}

static bool format_level(const struct carbon_site_field *field, const void *member,
			 char text[CARBON_FIELD_TEXT])
{
	enum carbon_level level = *(const enum carbon_level *)member;

	(void)field;
	if ((unsigned int)level <= CARBON_LEVEL_DEFAULT)
		snprintf(text, CARBON_FIELD_TEXT, "%s", carbon_level_name(level));
	else
		snprintf(text, CARBON_FIELD_TEXT, "level %u", (unsigned int)level);
	return true;
}

static int parse_signal(const struct carbon_word *word, const struct carbon_site_field *field,
			void *member)
{
	char text[CARBON_FIELD_TEXT];

	(void)field;
	return carbon_word_copy(word, text, sizeof(text)) || !carbon_signal_find(text, member) ? -1 : 0;
}

static bool format_signal(const struct carbon_site_field *field, const void *member,
			  char text[CARBON_FIELD_TEXT])
{
	enum carbon_signal signal = *(const enum carbon_signal *)member;

	(void)field;
	if ((unsigned int)signal < CARBON_SIGNALS)
		snprintf(text, CARBON_FIELD_TEXT, "%s", carbon_signal_name(signal));
	else
		snprintf(text, CARBON_FIELD_TEXT, "signal %u", (unsigned int)signal);
	return true;
}

static int parse_yes(const struct carbon_word *word, const struct carbon_site_field *field,
		     void *member)
{
	(void)field;
	if (!carbon_word_is(word, "yes") && !carbon_word_is(word, "no"))
		return -1;
	*(bool *)member = carbon_word_is(word, "yes");
	return 0;
}

static bool format_yes(const struct carbon_site_field *field, const void *member,
		       char text[CARBON_FIELD_TEXT])
{
	(void)field;
	snprintf(text, CARBON_FIELD_TEXT, "%s", *(const bool *)member ? "yes" : "no");
	return true;
}

const struct carbon_field_type carbon_field_time = {NULL, parse_time, format_time};
const struct carbon_field_type carbon_field_wish = {NULL, parse_time, format_wish};
const struct carbon_field_type carbon_field_count = {NULL, parse_count, format_count};
const struct carbon_field_type carbon_field_some = {NULL, parse_count, format_some};
const struct carbon_field_type carbon_field_number = {NULL, parse_number, format_number};
const struct carbon_field_type carbon_field_asked = {NULL, parse_number, format_asked};
const struct carbon_field_type carbon_field_name = {"a name", parse_name, format_name};
const struct carbon_field_type carbon_field_zone = {"a zone such as DE", parse_zone, format_name};
const struct carbon_field_type carbon_field_level = {"off, observe, opt-in or default", parse_level,
						     format_level};
const struct carbon_field_type carbon_field_signal = {
	"average-lifecycle, average-direct or marginal", parse_signal, format_signal};
const struct carbon_field_type carbon_field_yes = {"yes or no", parse_yes, format_yes};
