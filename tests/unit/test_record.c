/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The decision record: what is written is read, in any case and amid anybody's text; damage is noticed or
 * gives another record, and never a crash; what others wrote stays. doc/samples/record.v1* are read for ever.
 */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <signal.h>

#include "lib/err.h"
#include "lib/record.h"
#include "lib/time.h"

static const struct carbon_record sample = {
	.decided_at = 1791168000,
	.level = CARBON_LEVEL_DEFAULT,
	.delayed = true,
	.baseline_at = 1791168000,
	.begin_at = 1791190800,
	.latest_at = 1791208380,
	.runtime_s = 7200,
	.runtime_source = CARBON_RUNTIME_USER,
	.power_w = 1264.5,
	.mass_g = 632.25,
	.baseline_g = 1011.6,
	.mass_high_g = 758.7,
	.signal = CARBON_SIGNAL_LIFECYCLE,
	.kind = CARBON_KIND_FORECAST,
	.outlook_at = 1791166800,
	.source = "electricitymaps",
	.zone = "US-CAL-CISO",
	.partition = "gpu",
	.policy = "lowest-window",
};

/* --- random records --- */

static void roll_name(struct dice *dice, char *name, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/+%@";
	size_t length = (size_t)dice_between(dice, 1, (long long)size - 1);

	memset(name, 0, size);
	for (size_t i = 0; i < length; i++)
		name[i] = letters[dice_between(dice, 0, (long long)sizeof(letters) - 2)];
}

/* Six significant digits are what a record keeps. */
static double roll_number(struct dice *dice)
{
	char text[32];

	snprintf(text, sizeof(text), "%.6g", dice_real(dice, -1, 1) * pow(10, (double)dice_between(dice, -3, 14)));
	return strtod(text, NULL);
}

static time_t roll_time(struct dice *dice)
{
	return (time_t)dice_between(dice, CARBON_TIME_MIN, CARBON_TIME_MAX - 1);
}

static struct carbon_record roll_record(struct dice *dice)
{
	struct carbon_record record = {
		.decided_at = roll_time(dice),
		.level = (enum carbon_level)dice_between(dice, CARBON_LEVEL_OFF, CARBON_LEVEL_DEFAULT),
		.delayed = dice_chance(dice, 50),
		.baseline_at = roll_time(dice),
		.begin_at = roll_time(dice),
		.latest_at = roll_time(dice),
		.runtime_s = (uint32_t)dice_next(dice),
		.runtime_source = (enum carbon_runtime_source)dice_between(dice, 0, CARBON_RUNTIME_SOURCES - 1),
		.power_w = roll_number(dice),
		.mass_g = roll_number(dice),
		.baseline_g = roll_number(dice),
		.mass_high_g = roll_number(dice),
		.signal = (enum carbon_signal)dice_between(dice, 0, CARBON_SIGNALS - 1),
		.kind = (enum carbon_kind)dice_between(dice, 0, CARBON_KINDS - 1),
		.outlook_at = roll_time(dice),
	};

	if (dice_chance(dice, 50))
		record.moves = (uint32_t)dice_next(dice);
	if (dice_chance(dice, 50))
		record.finish_at = roll_time(dice);
	if (dice_chance(dice, 50))
		record.freed_at = roll_time(dice);
	if (dice_chance(dice, 50)) {
		record.notice.signal = dice_chance(dice, 50) ? SIGUSR1 : SIGALRM;
		record.notice.to_script = dice_chance(dice, 50);
		record.notice.seconds = (uint32_t)dice_between(dice, 1, CARBON_NOTICE_SECONDS_MAX);
		record.restart_s = (uint32_t)dice_next(dice);
		record.until_at = roll_time(dice);
		record.cut_at = roll_time(dice);
		record.since_at = roll_time(dice);
		record.cuts = (uint32_t)dice_next(dice);
		record.ran_s = (uint32_t)dice_next(dice);
		record.form = (uint32_t)dice_next(dice);
		record.kept = (uint32_t)dice_next(dice);
	}
	roll_name(dice, record.source, sizeof(record.source));
	roll_name(dice, record.zone, sizeof(record.zone));
	roll_name(dice, record.partition, sizeof(record.partition));
	roll_name(dice, record.policy, sizeof(record.policy));
	return record;
}

/* strcasecmp() where the text has been lower-cased on its way. */
typedef int (*compare_f)(const char *, const char *);

static bool is_same(const struct carbon_record *a, const struct carbon_record *b, compare_f compare)
{
	return a->decided_at == b->decided_at && a->level == b->level && a->delayed == b->delayed &&
	       a->baseline_at == b->baseline_at && a->begin_at == b->begin_at && a->latest_at == b->latest_at &&
	       a->runtime_s == b->runtime_s && a->runtime_source == b->runtime_source && a->power_w == b->power_w &&
	       a->mass_g == b->mass_g && a->baseline_g == b->baseline_g && a->mass_high_g == b->mass_high_g &&
	       a->signal == b->signal && a->kind == b->kind && a->outlook_at == b->outlook_at &&
	       !compare(a->source, b->source) && !compare(a->zone, b->zone) && !compare(a->partition, b->partition) &&
	       !compare(a->policy, b->policy) && a->moves == b->moves && a->notice.signal == b->notice.signal &&
	       a->notice.to_script == b->notice.to_script && a->notice.seconds == b->notice.seconds &&
	       a->restart_s == b->restart_s && a->until_at == b->until_at && a->cut_at == b->cut_at &&
	       a->since_at == b->since_at && a->cuts == b->cuts && a->ran_s == b->ran_s && a->form == b->form && a->kept == b->kept;
}

static void change_case(char *text, bool upper)
{
	for (; *text; text++)
		*text = (char)(upper ? toupper((unsigned char)*text) : tolower((unsigned char)*text));
}

/* --- tests --- */

static void what_is_written_is_read(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct carbon_record record = roll_record(&dice), back = {0};
		char text[CARBON_RECORD_MAX];
		struct carbon_err err = {""};

		assert_row(err.text, carbon_record_format(&record, text, &err) == 0);
		assert_row(text, carbon_record_parse(text, strlen(text), &back, &err) == 0);
		assert_row(text, is_same(&record, &back, strcmp));
		assert_row(text, record.finish_at == back.finish_at && record.freed_at == back.freed_at);
		for (const char *at = text; *at; at++)
			assert_row(text, *at >= ' ' && *at <= '~');
	}
}

static void a_record_is_read_in_any_case(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int i = 0; i < 1000; i++) {
		struct carbon_record record = roll_record(&dice), back = {0};
		char text[CARBON_RECORD_MAX];
		struct carbon_err err = {""};

		assert_int_equal(carbon_record_format(&record, text, &err), 0);
		change_case(text, i % 2);
		assert_row(text, carbon_record_read(text, &back, &err) == 1);
		assert_row(text, is_same(&record, &back, strcasecmp));
	}
}

static void a_record_is_found_inside_other_text(void **state)
{
	static const struct {
		const char *before, *behind;
	} rows[] = {{"", ""}, {"jobstats: {\"gpu\": [1, 2]} ", ""}, {"", " [x] trailing"}, {"[carbon] ", "[carbon"},
		    {"]] [", "]["}, {"100% \"quoted\" \\ \n", "\n"}, {"[carbon/1 at=17", ""}};
	char text[CARBON_RECORD_MAX], comment[2 * CARBON_RECORD_MAX];
	struct carbon_err err = {""};

	(void)state;
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_record back = {0};
		const char *begin = NULL;
		size_t length = 0;

		snprintf(comment, sizeof(comment), "%s%s%s", rows[i].before, text, rows[i].behind);
		assert_row(comment, carbon_record_find(comment, &begin, &length));
		assert_row(comment, begin == comment + strlen(rows[i].before) && length == strlen(text));
		assert_row(comment, carbon_record_read(comment, &back, &err) == 1);
		assert_row(comment, is_same(&sample, &back, strcmp));
	}
}

static void no_record_is_no_error(void **state)
{
	static const char *const rows[] = {"", "hello", "[carbon] x", "carbon/1 at=1]", "[carbon/1 at=17", "[[[["};
	struct carbon_record record = {.runtime_s = 77};
	struct carbon_err err;

	(void)state;
	assert_int_equal(carbon_record_read(NULL, &record, &err), 0);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], carbon_record_read(rows[i], &record, &err) == 0);
	assert_int_equal(record.runtime_s, 77);
}

static void the_last_of_two_records_counts(void **state)
{
	struct carbon_record second = sample, back = {0};
	char text[CARBON_RECORD_MAX], other[CARBON_RECORD_MAX], comment[2 * CARBON_RECORD_MAX + 8];
	struct carbon_err err = {""};

	(void)state;
	second.runtime_s = 1;
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	assert_int_equal(carbon_record_format(&second, other, &err), 0);
	snprintf(comment, sizeof(comment), "%s x %s y", text, other);
	assert_int_equal(carbon_record_read(comment, &back, &err), 1);
	assert_int_equal(back.runtime_s, 1);
}

/* TEXT with KEY's word replaced by WORD ("": taken out). */
static void with_word(const char *text, const char *key, const char *word, char out[2 * CARBON_RECORD_MAX])
{
	char needle[32];
	const char *at;

	snprintf(needle, sizeof(needle), " %s=", key);
	at = strstr(text, needle);
	assert_row(key, at != NULL);
	snprintf(out, 2 * CARBON_RECORD_MAX, "%.*s%s%s%s", (int)(at - text), text, *word ? " " : "", word,
		 at + 1 + strcspn(at + 1, " ]"));
}

static void damage_is_named(void **state)
{
	static const struct {
		const char *key, *word, *message;
	} rows[] = {
		{"at", "", "at is missing"},		 {"policy", "", "policy is missing"},
		{"at", "at=soon", "at=soon is damaged"}, {"at", "at=-1", "at=-1 is damaged"},
		{"begin", "begin=4102444800", "begin=4102444800"}, {"begin", "begin=", "begin= is damaged"},
		{"run", "run=4294967296", "run=4294967296"}, {"run", "run=1e3", "run=1e3"},
		{"delayed", "delayed=2", "delayed=2"},	 {"level", "level=loud", "level=loud"},
		{"signal", "signal=nice", "signal=nice"}, {"kind", "kind=guess", "kind=guess"},
		{"runby", "runby=oracle", "runby=oracle"}, {"w", "w=nan", "w=nan"},
		{"g", "g=1e16", "g=1e16"},		 {"g", "g=inf", "g=inf"},
		{"zone", "zone=", "zone= is damaged"},	 {"zone", "zone=a,b", "zone=a,b is damaged"},
		{"zone", "zone=\033[31m", "zone=?[31m is damaged"}, {"zone", "zone=D=E", "zone=D=E is damaged"},
		{"zone", "zone=DE notice=KILL@60", "notice=KILL@60 is damaged"},
		{"zone", "zone=DE notice=USR1@0", "notice=USR1@0 is damaged"},
		{"zone", "zone=DE cuts=1 cuts=1", "cuts stands twice"},
		{"zone", "zone=DE zone=FR", "zone stands twice"}, {"zone", "zone", "\"zone\" is not key=value"},
		{"zone", "zone=ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ", "is damaged"},
	};
	char text[CARBON_RECORD_MAX], damaged[2 * CARBON_RECORD_MAX];
	struct carbon_record back = {.runtime_s = 77};
	struct carbon_err err = {""};

	(void)state;
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	for (size_t i = 0; i < COUNT(rows); i++) {
		with_word(text, rows[i].key, rows[i].word, damaged);
		assert_row(damaged, carbon_record_read(damaged, &back, &err) == -1);
		assert_row(err.text, strstr(err.text, rows[i].message) != NULL);
	}
	assert_int_equal(carbon_record_read("[carbon/2 at=1]", &back, &err), -1);
	assert_int_equal(carbon_record_read("[carbon/10 at=1]", &back, &err), -1);
	assert_int_equal(carbon_record_read("[carbon/1]", &back, &err), -1);
	assert_int_equal(carbon_record_read("[carbon/1 ]", &back, &err), -1);
	assert_int_equal(back.runtime_s, 77);
}

static void unknown_keys_are_passed_over(void **state)
{
	char text[CARBON_RECORD_MAX], longer[2 * CARBON_RECORD_MAX];
	struct carbon_record back = {0};
	struct carbon_err err = {""};

	(void)state;
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	with_word(text, "zone", "later=1  zone=US-CAL-CISO more=", longer);
	assert_int_equal(carbon_record_read(longer, &back, &err), 1);
	assert_true(is_same(&sample, &back, strcmp));
}

static void every_truncation_is_an_error(void **state)
{
	char text[CARBON_RECORD_MAX];
	struct carbon_err err = {""};
	size_t length;

	(void)state;
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	length = strlen(text);
	for (size_t cut = 0; cut < length; cut++) {
		char *copy = malloc(cut ? cut : 1); /* exactly so long: a sanitizer sees a read behind it */
		struct carbon_record back = {.runtime_s = 77};

		assert_non_null(copy);
		memcpy(copy, text, cut);
		assert_int_equal(carbon_record_parse(copy, cut, &back, &err), -1);
		assert_int_equal(back.runtime_s, 77);
		free(copy);
	}
}

static void every_flipped_byte_is_an_error_or_another_record(void **state)
{
	char text[CARBON_RECORD_MAX], bad[CARBON_RECORD_MAX];
	struct carbon_err err = {""};
	size_t length;

	(void)state;
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	length = strlen(text);
	for (size_t i = 0; i < length; i++)
		for (int byte = 0; byte < 256; byte++) {
			struct carbon_record back = sample;
			bool same_letter = strncasecmp(&text[i], (char[]){(char)byte, '\0'}, 1) == 0;

			if ((char)byte == text[i])
				continue;
			memcpy(bad, text, length + 1);
			bad[i] = (char)byte;
			back.runtime_s = 77;
			if (carbon_record_parse(bad, length, &back, &err) == 0)
				/* keys and enums in another case mean the same */
				assert_row(bad, same_letter || !is_same(&sample, &back, strcmp));
			else
				assert_int_equal(back.runtime_s, 77);
			carbon_record_read(bad, &back, &err);
		}
}

static void random_text_never_crashes(void **state)
{
	static const char *const bits[] = {"[", "]", "[carbon/1 ", "[carbon/", " ", "=", "at=", "zone=", "1791168000", "x", "\n", "g=1e9 ", "level=off "};
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[600] = "";
		struct carbon_record record;
		struct carbon_err err;
		size_t length = 0;

		while (length < 500 && dice_chance(&dice, 97)) {
			const char *bit = bits[dice_between(&dice, 0, (long long)COUNT(bits) - 1)];

			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", bit);
		}
		assert_row(text, carbon_record_read(text, &record, &err) <= 0);
	}
}

static void merging_keeps_what_others_wrote(void **state)
{
	struct carbon_record next = sample, back = {0};
	char old[CARBON_RECORD_MAX], text[CARBON_RECORD_MAX], comment[4 * CARBON_RECORD_MAX], out[4 * CARBON_RECORD_MAX],
		expected[4 * CARBON_RECORD_MAX];
	struct carbon_err err = {""};

	(void)state;
	next.begin_at += 3600;
	assert_int_equal(carbon_record_format(&sample, old, &err), 0);
	assert_int_equal(carbon_record_format(&next, text, &err), 0);
	assert_int_equal(carbon_record_merge(NULL, text, out, sizeof(out), &err), 0);
	assert_string_equal(out, text);
	assert_int_equal(carbon_record_merge("", text, out, sizeof(out), &err), 0);
	assert_string_equal(out, text);
	snprintf(expected, sizeof(expected), "JS1:abc== %s", text);
	assert_int_equal(carbon_record_merge("JS1:abc==", text, out, sizeof(out), &err), 0);
	assert_string_equal(out, expected);
	snprintf(comment, sizeof(comment), "before [a]%sbehind\n", old);
	snprintf(expected, sizeof(expected), "before [a]%sbehind\n", text);
	assert_int_equal(carbon_record_merge(comment, text, out, sizeof(out), &err), 0);
	assert_string_equal(out, expected);
	assert_int_equal(carbon_record_read(out, &back, &err), 1);
	assert_true(is_same(&next, &back, strcmp));
	/* A damaged record is replaced, one that was cut off stays and does not hide the new one. */
	assert_int_equal(carbon_record_merge("x [carbon/1 at=] y", text, out, sizeof(out), &err), 0);
	snprintf(expected, sizeof(expected), "x %s y", text);
	assert_string_equal(out, expected);
	assert_int_equal(carbon_record_merge("x [carbon/1 at=17", text, out, sizeof(out), &err), 0);
	snprintf(expected, sizeof(expected), "x [carbon/1 at=17 %s", text);
	assert_string_equal(out, expected);
	assert_int_equal(carbon_record_read(out, &back, &err), 1);
}

static void a_comment_without_room_is_an_error(void **state)
{
	char text[CARBON_RECORD_MAX], out[CARBON_RECORD_MAX] = "untouched";
	char *full = malloc(CARBON_COMMENT_MAX + 1), *space = malloc(2 * CARBON_COMMENT_MAX);
	struct carbon_err err = {""};

	(void)state;
	assert_non_null(full);
	assert_non_null(space);
	assert_int_equal(carbon_record_format(&sample, text, &err), 0);
	assert_int_equal(carbon_record_merge(NULL, text, out, strlen(text), &err), -1);
	assert_string_equal(out, "untouched");
	assert_int_equal(carbon_record_merge(NULL, text, out, strlen(text) + 1, &err), 0);
	memset(full, 'x', CARBON_COMMENT_MAX);
	full[CARBON_COMMENT_MAX] = '\0';
	assert_int_equal(carbon_record_merge(full, text, space, 2 * CARBON_COMMENT_MAX, &err), -1);
	assert_non_null(strstr(err.text, "65535"));
	full[CARBON_COMMENT_MAX - strlen(text) - 1] = '\0';
	assert_int_equal(carbon_record_merge(full, text, space, 2 * CARBON_COMMENT_MAX, &err), 0);
	assert_int_equal(strlen(space), CARBON_COMMENT_MAX);
	free(full);
	free(space);
}

static void what_could_not_be_read_is_not_written(void **state)
{
	struct carbon_record record = sample;
	char text[CARBON_RECORD_MAX] = "untouched";
	struct carbon_err err = {""};

	(void)state;
	record.mass_g = NAN;
	assert_int_equal(carbon_record_format(&record, text, &err), -1);
	record.mass_g = INFINITY;
	assert_int_equal(carbon_record_format(&record, text, &err), -1);
	assert_non_null(strstr(err.text, "g=\"inf\""));
	record = sample;
	record.begin_at = -1;
	assert_int_equal(carbon_record_format(&record, text, &err), -1);
	record = sample;
	memcpy(record.zone, "A B", 4);
	assert_int_equal(carbon_record_format(&record, text, &err), -1);
	memcpy(record.zone, "A]B", 4);
	assert_int_equal(carbon_record_format(&record, text, &err), -1);
	record.zone[0] = '\0';
	assert_int_equal(carbon_record_format(&record, text, &err), -1);
	assert_string_equal(text, "untouched");
}

/* The longest names there can be still fit. */
static void the_largest_record_fits(void **state)
{
	struct carbon_record record = sample;
	char text[CARBON_RECORD_MAX];
	struct carbon_err err = {""};

	(void)state;
	memset(record.source, 'x', sizeof(record.source) - 1);
	memset(record.zone, 'x', sizeof(record.zone) - 1);
	memset(record.partition, 'x', sizeof(record.partition) - 1);
	memset(record.policy, 'x', sizeof(record.policy) - 1);
	memset(record.cluster, 'x', sizeof(record.cluster) - 1);
	memset(record.home, 'x', sizeof(record.home) - 1);
	memset(record.home_cluster, 'x', sizeof(record.home_cluster) - 1);
	memset(record.home_zone, 'x', sizeof(record.home_zone) - 1);
	record.home_power_w = record.data_gb = record.data_g = -1.23456e-300;
	record.home_runtime_s = UINT32_MAX;
	record.there_at = record.begin_at;
	record.power_w = record.mass_g = record.baseline_g = record.mass_high_g = -1.23456e-300;
	record.runtime_s = record.moves = UINT32_MAX;
	record.finish_at = record.freed_at = record.begin_at;
	memset(record.may, 'x', sizeof(record.may) - 1); /* left out of a text that is too long for it */
	assert_row(err.text, carbon_record_format(&record, text, &err) == 0);
	assert_true(strlen(text) < CARBON_RECORD_MAX);
}

static void read_sample(const char *name, struct carbon_record *out)
{
	char path[4096], text[2 * CARBON_RECORD_MAX];
	const char *root = getenv("CARBON_SRC");
	struct carbon_err err = {""};
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/doc/samples/%s", root ? root : ".", name);
	file = fopen(path, "r");
	assert_row(path, file != NULL);
	length = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[length] = '\0';
	assert_row(err.text, carbon_record_read(text, out, &err) == 1);
}

static void the_stored_sample_is_read_for_ever(void **state)
{
	struct carbon_record back = {0};

	(void)state;
	read_sample("record.v1", &back);
	assert_true(is_same(&sample, &back, strcmp));
	assert_string_equal(back.may, "");
	assert_true(back.finish_at == 0 && back.freed_at == 0);
}

static void the_stored_sample_with_a_promised_end_is_read_for_ever(void **state)
{
	struct carbon_record back = {0};

	(void)state;
	read_sample("record.v1-finish", &back);
	assert_true(is_same(&sample, &back, strcmp));
	assert_int_equal(back.finish_at, 1791219180);
	assert_int_equal(back.freed_at, 1791172800);
}

static void the_stored_sample_of_a_moved_job_is_read_for_ever(void **state)
{
	struct carbon_record back = {0};

	(void)state;
	read_sample("record.v1-places", &back);
	assert_string_equal(back.partition, "north");
	assert_string_equal(back.home, "gpu");
	assert_string_equal(back.home_zone, "US-CAL-CISO");
	assert_string_equal(back.may, "north/gpu-east");
	assert_near(back.data_gb, 250, 0);
}

static void where_it_may_be_moved_is_kept(void **state)
{
	struct carbon_record record = sample, back;
	char text[CARBON_RECORD_MAX], wide[CARBON_NAME_MAX] = "";

	(void)state;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_null(strstr(text, "may="));
	assert_false(carbon_record_may(record.may, "north"));
	assert_true(carbon_record_may_add(record.may, "north"));
	assert_true(carbon_record_may_add(record.may, "gpu-east"));
	assert_false(carbon_record_may_add(record.may, "no/name"));
	assert_false(carbon_record_may_add(record.may, "two words"));
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_int_equal(carbon_record_read(text, &back, NULL), 1);
	assert_string_equal(back.may, "north/gpu-east");
	assert_true(carbon_record_may(back.may, "NORTH"));
	assert_true(carbon_record_may(back.may, "gpu-east"));
	assert_false(carbon_record_may(back.may, "gpu"));
	assert_false(carbon_record_may(back.may, "east"));
	/* as many as there is room for, and none cut */
	memset(wide, 'w', sizeof(wide) - 1);
	assert_true(carbon_record_may_add(record.may, wide));
	assert_false(carbon_record_may_add(record.may, wide));
	assert_true(strlen(record.may) < sizeof(record.may));
	assert_true(carbon_record_may(record.may, wide));
}

static void moves_are_left_out_until_there_are_some(void **state)
{
	struct carbon_record record = sample, back;
	char text[CARBON_RECORD_MAX];

	(void)state;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_null(strstr(text, "moves"));
	assert_int_equal(carbon_record_read(text, &back, NULL), 1);
	assert_int_equal(back.moves, 0);
	record.moves = 12;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_non_null(strstr(text, " moves=12]"));
	assert_int_equal(carbon_record_read(text, &back, NULL), 1);
	assert_int_equal(back.moves, 12);
	record.moves = 0;
	record.nice = 250;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_non_null(strstr(text, " nice=250]"));
	assert_null(strstr(text, "moves"));
	assert_int_equal(carbon_record_read(text, &back, NULL), 1);
	assert_int_equal(back.nice, 250);
	record.moves = 12;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	memcpy(strstr(text, "moves=12"), "moves=-2", 8);
	assert_int_equal(carbon_record_read(text, &back, NULL), -1);
}

/* What a moved job has beside the rest, whole and in any case. */
static void where_a_moved_job_would_have_run_is_kept(void **state)
{
	struct carbon_record record = sample, back;
	char text[CARBON_RECORD_MAX];

	(void)state;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_null(strstr(text, "home"));
	snprintf(record.cluster, sizeof(record.cluster), "north");
	snprintf(record.home, sizeof(record.home), "batch");
	snprintf(record.home_cluster, sizeof(record.home_cluster), "south");
	snprintf(record.home_zone, sizeof(record.home_zone), "DE");
	record.home_power_w = 1250;
	record.home_runtime_s = 7201;
	record.data_gb = 250;
	record.data_g = 37.5;
	record.there_at = record.begin_at - 3600;
	assert_int_equal(carbon_record_format(&record, text, NULL), 0);
	assert_int_equal(carbon_record_read(text, &back, NULL), 1);
	assert_string_equal(back.cluster, "north");
	assert_string_equal(back.home, "batch");
	assert_string_equal(back.home_cluster, "south");
	assert_string_equal(back.home_zone, "DE");
	assert_near(back.home_power_w, 1250, 0);
	assert_int_equal(back.home_runtime_s, 7201);
	assert_near(back.data_gb, 250, 0);
	assert_near(back.data_g, 37.5, 0);
	assert_int_equal(back.there_at, record.there_at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_record_is_read_in_any_case),
		cmocka_unit_test(a_record_is_found_inside_other_text),
		cmocka_unit_test(no_record_is_no_error),
		cmocka_unit_test(the_last_of_two_records_counts),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(unknown_keys_are_passed_over),
		cmocka_unit_test(every_truncation_is_an_error),
		cmocka_unit_test(every_flipped_byte_is_an_error_or_another_record),
		cmocka_unit_test(random_text_never_crashes),
		cmocka_unit_test(merging_keeps_what_others_wrote),
		cmocka_unit_test(a_comment_without_room_is_an_error),
		cmocka_unit_test(what_could_not_be_read_is_not_written),
		cmocka_unit_test(the_largest_record_fits),
		cmocka_unit_test(the_stored_sample_is_read_for_ever),
		cmocka_unit_test(the_stored_sample_of_a_moved_job_is_read_for_ever),
		cmocka_unit_test(the_stored_sample_with_a_promised_end_is_read_for_ever),
		cmocka_unit_test(moves_are_left_out_until_there_are_some),
		cmocka_unit_test(where_a_moved_job_would_have_run_is_kept),
		cmocka_unit_test(where_it_may_be_moved_is_kept),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
