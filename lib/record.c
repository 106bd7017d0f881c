/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision record inside AdminComment, from one table of keys for writing and reading. Read
 * without case, for sacctmgr lower-cases what it rewrites. Must never touch what others wrote beside it.
 */
#include "lib/record.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"
#include "lib/time.h"
#include "lib/words.h"

#define OPENING "[carbon/1 "
#define ANY_OPENING "[carbon/"

static const char *const runtime_source_names[CARBON_RUNTIME_SOURCES] = {
	[CARBON_RUNTIME_LIMIT] = "limit",
	[CARBON_RUNTIME_USER] = "user",
	[CARBON_RUNTIME_HABIT] = "habit",
};

const char *carbon_runtime_source_name(enum carbon_runtime_source source)
{
	return runtime_source_names[source];
}

/* --- the keys --- */

enum field_type {
	FIELD_TIME,
	FIELD_BOOL,
	FIELD_COUNT,
	FIELD_NUMBER,
	FIELD_TEXT,
	FIELD_LEVEL,
	FIELD_SIGNAL,
	FIELD_KIND,
	FIELD_RUNTIME_SOURCE,
	FIELD_NOTICE,
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	size_t size; /* of texts */
};

#define FIELD(key, type, member) \
	{key, type, offsetof(struct carbon_record, member), sizeof(((struct carbon_record *)0)->member)}

/* The order is that of doc/carbon-record.5. The first FIELDS_NEEDED are written and needed. */
static const struct field fields[] = {
	FIELD("at", FIELD_TIME, decided_at),
	FIELD("level", FIELD_LEVEL, level),
	FIELD("delayed", FIELD_BOOL, delayed),
	FIELD("base", FIELD_TIME, baseline_at),
	FIELD("begin", FIELD_TIME, begin_at),
	FIELD("latest", FIELD_TIME, latest_at),
	FIELD("run", FIELD_COUNT, runtime_s),
	FIELD("runby", FIELD_RUNTIME_SOURCE, runtime_source),
	FIELD("w", FIELD_NUMBER, power_w),
	FIELD("g", FIELD_NUMBER, mass_g),
	FIELD("baseg", FIELD_NUMBER, baseline_g),
	FIELD("highg", FIELD_NUMBER, mass_high_g),
	FIELD("signal", FIELD_SIGNAL, signal),
	FIELD("kind", FIELD_KIND, kind),
	FIELD("issued", FIELD_TIME, outlook_at),
	FIELD("source", FIELD_TEXT, source),
	FIELD("zone", FIELD_TEXT, zone),
	FIELD("part", FIELD_TEXT, partition),
	FIELD("policy", FIELD_TEXT, policy),
	/* these came later, and each is left out where it is 0 */
	FIELD("moves", FIELD_COUNT, moves),
	FIELD("notice", FIELD_NOTICE, notice),
	FIELD("cost", FIELD_COUNT, restart_s),
	FIELD("until", FIELD_TIME, until_at),
	FIELD("cut", FIELD_TIME, cut_at),
	FIELD("since", FIELD_TIME, since_at),
	FIELD("cuts", FIELD_COUNT, cuts),
	FIELD("ran", FIELD_COUNT, ran_s),
	FIELD("nice", FIELD_COUNT, nice),
	FIELD("dep", FIELD_COUNT, dep_s),
	FIELD("depby", FIELD_TIME, dep_by_at),
	FIELD("form", FIELD_COUNT, form),
	FIELD("kept", FIELD_COUNT, kept),
	FIELD("cluster", FIELD_TEXT, cluster),
	FIELD("home", FIELD_TEXT, home),
	FIELD("homecluster", FIELD_TEXT, home_cluster),
	FIELD("homezone", FIELD_TEXT, home_zone),
	FIELD("homew", FIELD_NUMBER, home_power_w),
	FIELD("homerun", FIELD_COUNT, home_runtime_s),
	FIELD("datagb", FIELD_NUMBER, data_gb),
	FIELD("datag", FIELD_NUMBER, data_g),
	FIELD("there", FIELD_TIME, there_at),
	FIELD("finish", FIELD_TIME, finish_at),
	FIELD("freed", FIELD_TIME, freed_at),
	FIELD("may", FIELD_TEXT, may), /* the last one: it alone is left out for want of room */
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))
#define FIELDS_NEEDED 19
#define FIELD_MAY (FIELDS - 1)

/* --- writing --- */

#define VALUE_MAX 80 /* longest of the texts and numbers */
#define NUMBER_MAX 1e15

/* Digits by hand: this runs in slurmctld for each job, and printf() was most of its time there. */
static const char *format_digits(unsigned long long number, char value[VALUE_MAX])
{
	char *at = &value[VALUE_MAX - 1];

	*at = '\0';
	do {
		*--at = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return at;
}

static const char *format_time(time_t at, char value[VALUE_MAX])
{
	if (at >= 0 && at < CARBON_TIME_MAX)
		return format_digits((unsigned long long)at, value);
	snprintf(value, VALUE_MAX, "%lld", (long long)at);
	return NULL;
}

/* NULL: a value that a reader would refuse, left in VALUE. */
static const char *format_value(const struct carbon_record *record, const struct field *field,
				char value[VALUE_MAX])
{
	const void *member = (const char *)record + field->offset;
	double number;

	switch (field->type) {
	case FIELD_TIME:
		return format_time(*(const time_t *)member, value);
	case FIELD_BOOL:
		return *(const bool *)member ? "1" : "0";
	case FIELD_COUNT:
		return format_digits(*(const uint32_t *)member, value);
	case FIELD_NUMBER:
		number = *(const double *)member;
		snprintf(value, VALUE_MAX, "%.6g", number);
		return fabs(number) <= NUMBER_MAX ? value : NULL;
	case FIELD_TEXT:
		if (carbon_name_is_valid(member, field->size))
			return member;
		snprintf(value, VALUE_MAX, "%s", (const char *)member);
		return NULL;
	case FIELD_LEVEL:
		return carbon_level_name(*(const enum carbon_level *)member);
	case FIELD_SIGNAL:
		return carbon_signal_name(*(const enum carbon_signal *)member);
	case FIELD_KIND:
		return carbon_kind_name(*(const enum carbon_kind *)member);
	case FIELD_RUNTIME_SOURCE:
		return runtime_source_names[*(const enum carbon_runtime_source *)member];
	case FIELD_NOTICE:
		return carbon_notice_format(member, value) ? value : NULL;
	}
	return "";
}

/* Whether an optional field has nothing to say. */
static bool is_unset(const struct carbon_record *record, const struct field *field)
{
	const void *member = (const char *)record + field->offset;

	switch (field->type) {
	case FIELD_TIME:
		return *(const time_t *)member == 0;
	case FIELD_BOOL:
		return !*(const bool *)member;
	case FIELD_COUNT:
		return *(const uint32_t *)member == 0;
	case FIELD_NUMBER:
		return *(const double *)member == 0;
	case FIELD_TEXT:
		return *(const char *)member == '\0';
	case FIELD_NOTICE:
		return ((const struct carbon_notice *)member)->signal == 0;
	default:
		return false;
	}
}

struct line {
	char text[CARBON_RECORD_MAX];
	size_t length;
	bool is_full;
};

/* Always leaves room for the closing bracket. */
static bool has_room(const struct line *line, size_t length)
{
	return length + 2 <= sizeof(line->text) - line->length;
}

static void put(struct line *line, const char *text)
{
	size_t length = strlen(text);

	if (!has_room(line, length)) {
		line->is_full = true;
		return;
	}
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

int carbon_record_format(const struct carbon_record *record, char text[CARBON_RECORD_MAX],
			 struct carbon_err *err)
{
	char value[VALUE_MAX];
	struct line line = {.length = 0};

	put(&line, "[carbon/1");
	for (size_t i = 0; i < FIELDS; i++) {
		const char *found;

		if (i >= FIELDS_NEEDED && is_unset(record, &fields[i]))
			continue;
		found = format_value(record, &fields[i], value);
		if (!found)
			return carbon_err_set(err, "record: %s=\"%s\" cannot be written",
					      fields[i].key, value);
		if (i == FIELD_MAY && !has_room(&line, strlen(fields[i].key) + strlen(found) + 2))
			continue;
		put(&line, " ");
		put(&line, fields[i].key);
		put(&line, "=");
		put(&line, found);
	}
	if (line.is_full)
		return carbon_err_set(err, "record: over %d bytes", CARBON_RECORD_MAX - 1);
	memcpy(line.text + line.length, "]", 2);
	memcpy(text, line.text, line.length + 2);
	return 0;
}

/* --- reading --- */

static bool parse_number_field(const struct carbon_word *value, enum field_type type, void *member)
{
	long long number;
	double real;

	switch (type) {
	case FIELD_TIME:
		if (carbon_word_int(value, 0, CARBON_TIME_MAX - 1, &number) < 0)
			return false;
		*(time_t *)member = (time_t)number;
		return true;
	case FIELD_BOOL:
		if (carbon_word_int(value, 0, 1, &number) < 0)
			return false;
		*(bool *)member = number;
		return true;
	case FIELD_COUNT:
		if (carbon_word_int(value, 0, UINT32_MAX, &number) < 0)
			return false;
		*(uint32_t *)member = (uint32_t)number;
		return true;
	case FIELD_NUMBER:
		if (carbon_word_num(value, -NUMBER_MAX, NUMBER_MAX, &real) < 0)
			return false;
		*(double *)member = real;
		return true;
	default:
		return false;
	}
}

static bool parse_field(const struct carbon_word *value, const struct field *field,
			struct carbon_record *record)
{
	void *member = (char *)record + field->offset;
	char text[VALUE_MAX];

	if (field->type == FIELD_TEXT)
		return carbon_word_copy(value, member, field->size) == 0 &&
		       carbon_name_is_valid(member, field->size);
	if (carbon_word_copy(value, text, sizeof(text)) < 0)
		return false;
	switch (field->type) {
	case FIELD_LEVEL:
		return carbon_level_find(text, member);
	case FIELD_SIGNAL:
		return carbon_signal_find(text, member);
	case FIELD_KIND:
		return carbon_kind_find(text, member);
	case FIELD_NOTICE:
		return carbon_notice_parse(text, member, NULL) == 0;
	case FIELD_RUNTIME_SOURCE:
		for (int i = 0; i < CARBON_RUNTIME_SOURCES; i++)
			if (strcasecmp(text, runtime_source_names[i]) == 0) {
				*(enum carbon_runtime_source *)member = (enum carbon_runtime_source)i;
				return true;
			}
		return false;
	default:
		return parse_number_field(value, field->type, member);
	}
}

static size_t find_field(const struct carbon_word *key)
{
	size_t i = 0;

	while (i < FIELDS && !(strlen(fields[i].key) == key->length &&
			       strncasecmp(fields[i].key, key->text, key->length) == 0))
		i++;
	return i;
}

/* One "key=value". SEEN has a bit per field. */
static int parse_word(const struct carbon_word *word, struct carbon_record *record, uint64_t *seen,
		      struct carbon_err *err)
{
	struct carbon_word key, value;
	char shown[CARBON_WORD_SHOWN];
	size_t i;

	if (!carbon_word_split(word, &key, &value))
		return carbon_err_set(err, "record: \"%s\" is not key=value",
				      carbon_word_show(word, shown));
	i = find_field(&key);
	if (i == FIELDS)
		return 0;
	if (*seen & (UINT64_C(1) << i))
		return carbon_err_set(err, "record: %s stands twice", fields[i].key);
	if (!parse_field(&value, &fields[i], record))
		return carbon_err_set(err, "record: %s=%s is damaged", fields[i].key,
				      carbon_word_show(&value, shown));
	*seen |= UINT64_C(1) << i;
	return 0;
}

int carbon_record_parse(const char *text, size_t length, struct carbon_record *record,
			struct carbon_err *err)
{
	struct carbon_record next = {0};
	struct carbon_word rest, word;
	uint64_t seen = 0;

	_Static_assert(FIELDS < 64, "one bit a field");
	if (length <= strlen(OPENING) || length >= CARBON_RECORD_MAX || text[length - 1] != ']' ||
	    strncasecmp(text, OPENING, strlen(OPENING)) != 0)
		return carbon_err_set(err, "record: does not read \"" OPENING "...]\" in under %d bytes",
				      CARBON_RECORD_MAX);
	rest.text = text + strlen(OPENING);
	rest.length = length - strlen(OPENING) - 1;
	while (carbon_word_next(&rest, &word))
		if (parse_word(&word, &next, &seen, err) < 0)
			return -1;
	for (size_t i = 0; i < FIELDS_NEEDED; i++)
		if (!(seen & (UINT64_C(1) << i)))
			return carbon_err_set(err, "record: %s is missing", fields[i].key);
	*record = next;
	return 0;
}

/* --- places that it may be moved to --- */

bool carbon_record_may(const char *may, const char *partition)
{
	size_t length = strlen(partition);

	for (const char *at = may; *at;) {
		size_t item = strcspn(at, "/");

		if (item == length && strncasecmp(at, partition, length) == 0)
			return true;
		at += item + (at[item] == '/');
	}
	return false;
}

bool carbon_record_may_add(char may[CARBON_RECORD_MAY_MAX], const char *partition)
{
	size_t used = strlen(may), length = strlen(partition);

	if (used + 1 + length >= CARBON_RECORD_MAY_MAX || strchr(partition, '/') ||
	    !carbon_name_is_valid(partition, CARBON_NAME_MAX))
		return false;
	if (used)
		may[used++] = '/';
	memcpy(may + used, partition, length + 1);
	return true;
}

/* --- inside a comment --- */

/* The next "[carbon/" from FROM on, without case; NULL: none. */
static const char *find_opening(const char *from)
{
	for (; (from = strchr(from, '[')) != NULL; from++)
		if (strncasecmp(from, ANY_OPENING, strlen(ANY_OPENING)) == 0)
			return from;
	return NULL;
}

bool carbon_record_find(const char *comment, const char **begin, size_t *length)
{
	const char *at, *next;
	bool found = false;

	for (at = comment ? find_opening(comment) : NULL; at; at = next) {
		const char *end = strchr(at, ']');

		next = find_opening(at + 1); /* maybe before END: then this one was cut off */
		if (!end)
			break;
		*begin = at;
		*length = (size_t)(end + 1 - at);
		found = true;
	}
	return found;
}

int carbon_record_read(const char *comment, struct carbon_record *record, struct carbon_err *err)
{
	const char *begin;
	size_t length;

	if (!carbon_record_find(comment, &begin, &length))
		return 0;
	return carbon_record_parse(begin, length, record, err) < 0 ? -1 : 1;
}

int carbon_record_merge(const char *comment, const char *record, char *out, size_t size,
			struct carbon_err *err)
{
	const char *begin, *tail = "", *gap = "";
	size_t length, head, total;

	if (!comment)
		comment = "";
	head = strlen(comment);
	if (carbon_record_find(comment, &begin, &length)) {
		head = (size_t)(begin - comment);
		tail = begin + length;
	} else if (head) {
		gap = " ";
	}
	total = head + strlen(gap) + strlen(record) + strlen(tail);
	if (total >= size || total > CARBON_COMMENT_MAX)
		return carbon_err_set(err, "record: does not fit beside a comment of %zu bytes",
				      strlen(comment));
	snprintf(out, size, "%.*s%s%s%s", (int)head, comment, gap, record, tail);
	return 0;
}
