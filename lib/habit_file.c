/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading and writing a habits file (doc/carbon-habits.5). Read inside slurmctld, 100,000 lines
 * of it: one pass, no copy of the text, and nothing is believed that is not understood in full.
 */
#include "lib/habit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/num.h"
#include "lib/sealed.h"
#include "lib/time.h"

#define FORMAT "carbon-habits"
#define HASH_DIGITS 16
#define FIRST_CAPACITY 1024
#define SHAPE                                                                       \
	"habit HASH UID|* RUNS MEDIAN P90 WATTS LAST: 16 hexadecimal digits, 0 to " \
	"4294967294, 1 to 1000000, "                                                \
	"1 to 315360000, MEDIAN to 315360000, 0 to 1e8, a time"

/* --- single values --- */

/* Lower-case hexadecimal alone, so that there is one way to write a key. */
static int scan_hash(const struct carbon_word *word, uint64_t *out)
{
	uint64_t value = 0;

	if (word->length != HASH_DIGITS)
		return -1;
	for (size_t i = 0; i < HASH_DIGITS; i++) {
		char c = word->text[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (uint64_t)(c - 'a' + 10);
		else
			return -1;
	}
	*out = value;
	return 0;
}

/* carbon_word_int() copies and calls strtoll: too slow for a million numbers within slurmctld.
 */
static int scan_number(struct carbon_word *line, uint64_t min, uint64_t max, uint64_t *out)
{
	struct carbon_word word;
	uint64_t value = 0;

	if (!carbon_word_next(line, &word) || word.length > 12)
		return -1;
	for (size_t i = 0; i < word.length; i++) {
		if (word.text[i] < '0' || word.text[i] > '9')
			return -1;
		value = value * 10 + (uint64_t)(word.text[i] - '0');
	}
	if (value < min || value > max)
		return -1;
	*out = value;
	return 0;
}

static int scan_power(struct carbon_word *line, float *out)
{
	struct carbon_word word;
	const char *cursor;
	double value;

	if (!carbon_word_next(line, &word))
		return -1;
	cursor = word.text;
	if (carbon_decimal_scan(&cursor, word.text + word.length, &value) ||
	    cursor != word.text + word.length || value > CARBON_HABIT_POWER_MAX)
		return -1;
	*out = (float)value;
	return 0;
}

static int scan_key(struct carbon_word *line, struct carbon_habit_key *key)
{
	struct carbon_word word, rest;
	uint64_t uid;

	if (!carbon_word_next(line, &word) || scan_hash(&word, &key->hash))
		return -1;
	rest = *line;
	if (carbon_word_next(&rest, &word) && carbon_word_is(&word, "*")) {
		*line = rest;
		key->uid = CARBON_HABIT_NO_USER;
		return 0;
	}
	if (scan_number(line, 0, CARBON_HABIT_NO_USER - 1, &uid))
		return -1;
	key->uid = (uint32_t)uid;
	return 0;
}

static int scan_habit(struct carbon_word line, struct carbon_habit *habit)
{
	uint64_t runs, median, p90, last;
	struct carbon_word word;

	if (!carbon_word_next(&line, &word) || !carbon_word_is(&word, "habit") ||
	    scan_key(&line, &habit->key) ||
	    scan_number(&line, 1, CARBON_HABIT_RUNS_MAX, &runs) ||
	    scan_number(&line, 1, CARBON_HABIT_SECONDS_MAX, &median) ||
	    scan_number(&line, median, CARBON_HABIT_SECONDS_MAX, &p90) ||
	    scan_power(&line, &habit->power_w) ||
	    scan_number(&line, 1, (uint64_t)CARBON_TIME_MAX, &last) || line.length > 0)
		return -1;
	habit->runs = (uint32_t)runs;
	habit->median_s = (uint32_t)median;
	habit->p90_s = (uint32_t)p90;
	habit->last_at = (time_t)last;
	return 0;
}

/* --- reading --- */

static int refuse(const struct carbon_lines *lines, const struct carbon_word *line,
		  const char *right, struct carbon_err *err)
{
	char shown[CARBON_WORD_SHOWN];

	return carbon_err_set(err, "line %lu: \"%s\" should be %s", lines->number,
			      carbon_word_show(line, shown), right);
}

static int read_head(struct carbon_lines *lines, struct carbon_habits *habits,
		     struct carbon_err *err)
{
	struct carbon_word line = {"", 0}, rest, word = {"", 0};
	uint64_t at;

	carbon_lines_next(lines, &line);
	rest = line;
	if (!carbon_word_next(&rest, &word) || !carbon_word_is(&word, "written") ||
	    scan_number(&rest, 1, (uint64_t)CARBON_TIME_MAX, &at) || rest.length > 0)
		return refuse(lines, &line, "written TIME", err);
	habits->written_at = (time_t)at;
	line = (struct carbon_word){"", 0};
	carbon_lines_next(lines, &line);
	rest = line;
	if (!carbon_word_next(&rest, &word) || !carbon_word_is(&word, "cluster") ||
	    !carbon_word_next(&rest, &word) || rest.length > 0 ||
	    carbon_word_copy(&word, habits->cluster, sizeof(habits->cluster)) ||
	    !carbon_name_is_valid(habits->cluster, sizeof(habits->cluster)))
		return refuse(lines, &line, "cluster NAME", err);
	return 0;
}

/* The array holds CAPACITY; one more fits afterwards. */
static int make_room(struct carbon_habits *habits, size_t *capacity)
{
	size_t wanted = *capacity ? 2 * *capacity : FIRST_CAPACITY;
	struct carbon_habit *more;

	if (habits->count < *capacity)
		return 0;
	if (wanted > CARBON_HABITS_MAX)
		wanted = CARBON_HABITS_MAX;
	more = realloc(habits->habit, wanted * sizeof(*more));
	if (!more)
		return -1;
	habits->habit = more;
	*capacity = wanted;
	return 0;
}

static int read_habits(struct carbon_lines *lines, struct carbon_habits *habits,
		       struct carbon_err *err)
{
	struct carbon_word line;
	size_t capacity = 0;

	while (carbon_lines_next(lines, &line)) {
		struct carbon_habit *habit;

		if (habits->count == CARBON_HABITS_MAX)
			return carbon_err_set(err, "line %lu: more than %d habits",
					      lines->number, CARBON_HABITS_MAX);
		if (make_room(habits, &capacity))
			return carbon_err_set(err, "line %lu: no memory", lines->number);
		habit = &habits->habit[habits->count];
		if (scan_habit(line, habit))
			return refuse(lines, &line, SHAPE, err);
		if (habits->count && carbon_habit_key_compare(&habit[-1].key, &habit->key) >= 0)
			return refuse(lines, &line, "sorted by hash and uid, each once", err);
		habits->count++;
	}
	return 0;
}

int carbon_habits_parse(const char *text, size_t length, struct carbon_habits *habits,
			struct carbon_err *err)
{
	struct carbon_habits found;
	struct carbon_lines lines;

	if (length > CARBON_HABITS_SIZE_MAX)
		return carbon_err_set(err, "%zu bytes; habits have at most %zu", length,
				      CARBON_HABITS_SIZE_MAX);
	if (carbon_sealed_open(text, length, FORMAT, 1, &lines, err))
		return -1;
	carbon_habits_init(&found);
	if (read_head(&lines, &found, err) || read_habits(&lines, &found, err)) {
		carbon_habits_fini(&found);
		return -1;
	}
	*habits = found;
	return 0;
}

/* --- writing --- */

/* Each line is read back by the reader before it is taken, so that what is written will be
 * read. */
static int add_habit(struct carbon_buf *buf, const struct carbon_habit *habit,
		     struct carbon_err *err)
{
	char text[160], power[CARBON_DECIMAL_TEXT], uid[16];
	struct carbon_habit again;
	struct carbon_word line = {text, 0};
	bool is_power = habit->power_w >= 0 && habit->power_w <= CARBON_HABIT_POWER_MAX;

	carbon_decimal_format(is_power ? (double)habit->power_w : 0, 1, power);
	snprintf(uid, sizeof(uid), "%" PRIu32, habit->key.uid);
	line.length = (size_t)snprintf(
		text, sizeof(text),
		"habit %016" PRIx64 " %s %" PRIu32 " %" PRIu32 " %" PRIu32 " %s %lld",
		habit->key.hash, habit->key.uid == CARBON_HABIT_NO_USER ? "*" : uid,
		habit->runs, habit->median_s, habit->p90_s, power, (long long)habit->last_at);
	if (!is_power || scan_habit(line, &again))
		return carbon_err_set(err, "\"%s\" should be %s", text, SHAPE);
	carbon_buf_puts(buf, text);
	carbon_buf_puts(buf, "\n");
	return 0;
}

static int add_all(struct carbon_buf *buf, const struct carbon_habits *habits,
		   struct carbon_err *err)
{
	if (habits->written_at < 1 || habits->written_at > CARBON_TIME_MAX)
		return carbon_err_set(err, "written %lld is no time",
				      (long long)habits->written_at);
	if (!carbon_name_is_valid(habits->cluster, sizeof(habits->cluster)))
		return carbon_err_set(err, "cluster \"%.*s\" is no name",
				      (int)sizeof(habits->cluster), habits->cluster);
	if (habits->count > CARBON_HABITS_MAX)
		return carbon_err_set(err, "%zu habits should be at most %d", habits->count,
				      CARBON_HABITS_MAX);
	carbon_buf_printf(buf, FORMAT " 1\nwritten %lld\ncluster %s\n",
			  (long long)habits->written_at, habits->cluster);
	for (size_t i = 0; i < habits->count; i++) {
		const struct carbon_habit *habit = &habits->habit[i];

		if (i && carbon_habit_key_compare(&habit[-1].key, &habit->key) >= 0)
			return carbon_err_set(err,
					      "habit %zu of %zu is there twice or out of order",
					      i + 1, habits->count);
		if (add_habit(buf, habit, err))
			return -1;
	}
	return 0;
}

int carbon_habits_format(const struct carbon_habits *habits, struct carbon_buf *buf,
			 struct carbon_err *err)
{
	size_t begin = buf->length;

	if (!add_all(buf, habits, err))
		return carbon_sealed_close(buf, begin, CARBON_HABITS_SIZE_MAX, err);
	if (buf->text) {
		buf->length = begin;
		buf->text[begin] = '\0';
	}
	return -1;
}
