/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines, words, checksums, and the frame of our text files. Touches no file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/crc32.h"
#include "lib/err.h"
#include "lib/sealed.h"
#include "lib/words.h"
#include "tests/unit/support.h"

static struct carbon_word word_of(const char *text)
{
	struct carbon_word word = {text, strlen(text)};

	return word;
}

static void assert_word(struct carbon_word word, const char *text)
{
	assert_int_equal(word.length, strlen(text));
	assert_memory_equal(word.text, text, word.length);
}

static void test_lines_end_at_newlines_and_at_the_end(void **state)
{
	const char *text = "one\n\nthree", *cursor = text;
	struct carbon_word line;

	(void)state;
	assert_true(carbon_line_next(&cursor, text + 10, &line));
	assert_word(line, "one");
	assert_true(carbon_line_next(&cursor, text + 10, &line));
	assert_word(line, "");
	assert_true(carbon_line_next(&cursor, text + 10, &line));
	assert_word(line, "three");
	assert_false(carbon_line_next(&cursor, text + 10, &line));
}

static void test_words_are_parted_by_spaces(void **state)
{
	struct carbon_word line = word_of("  a  bc\td "), word;

	(void)state;
	assert_true(carbon_word_next(&line, &word));
	assert_word(word, "a");
	assert_true(carbon_word_next(&line, &word));
	assert_word(word, "bc\td");
	assert_false(carbon_word_next(&line, &word));
	assert_false(carbon_word_next(&line, &word));
}

static void test_pairs_split_at_the_first_sign(void **state)
{
	struct carbon_word pair = word_of("a=b=c"), none = word_of("abc"), key, value;

	(void)state;
	assert_true(carbon_word_split(&pair, &key, &value));
	assert_word(key, "a");
	assert_word(value, "b=c");
	assert_false(carbon_word_split(&none, &key, &value));
	pair = word_of("=");
	assert_true(carbon_word_split(&pair, &key, &value));
	assert_word(key, "");
	assert_word(value, "");
}

static void test_a_word_is_compared_as_a_whole(void **state)
{
	struct carbon_word word = word_of("zone");

	(void)state;
	assert_true(carbon_word_is(&word, "zone"));
	assert_false(carbon_word_is(&word, "zon"));
	assert_false(carbon_word_is(&word, "zones"));
	assert_false(carbon_word_is(&word, "ZONE"));
}

static void test_copies_fit_or_fail(void **state)
{
	struct carbon_word word = word_of("abcd"), nul = {"a\0b", 3};
	char out[5] = "....";

	(void)state;
	assert_int_equal(carbon_word_copy(&word, out, 4), -1);
	assert_string_equal(out, "....");
	assert_int_equal(carbon_word_copy(&nul, out, 5), -1);
	assert_int_equal(carbon_word_copy(&word, out, 5), 0);
	assert_string_equal(out, "abcd");
}

static void test_numbers_are_whole_words_within_bounds(void **state)
{
	struct carbon_word good = word_of("12"), trailing = word_of("12x"), large = word_of("13");
	struct carbon_word endless = {"1", 1}, tenth = word_of("0.25");
	char ones[80];
	long long integer = -1;
	double number = -1;

	(void)state;
	assert_int_equal(carbon_word_int(&trailing, 0, 12, &integer), -1);
	assert_int_equal(carbon_word_int(&large, 0, 12, &integer), -1);
	memset(ones, '1', sizeof(ones));
	endless.text = ones;
	endless.length = sizeof(ones);
	assert_int_equal(carbon_word_int(&endless, 0, 12, &integer), -1);
	assert_int_equal(carbon_word_num(&endless, 0, 1e99, &number), -1);
	assert_int_equal(integer, -1);
	assert_int_equal(carbon_word_int(&good, 0, 12, &integer), 0);
	assert_int_equal(integer, 12);
	assert_int_equal(carbon_word_num(&tenth, 0, 1, &number), 0);
	assert_true(number == 0.25);
}

static void test_names_are_what_slurm_allows(void **state)
{
	static const char *const bad[] = {"", "a b", "a=b", "a,b", "a[1]", "a\"", "a'", "a\nb", "\x7f", "\xc3\xa4"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(carbon_name_is_valid(bad[i], 64));
	assert_true(carbon_name_is_valid("gpu-a100_x.2/3", 64));
	assert_true(carbon_name_is_valid("abc", 4));
	assert_false(carbon_name_is_valid("abcd", 4));
}

static void test_what_is_shown_is_short_and_printable(void **state)
{
	struct carbon_word ugly = {"a\x1b[2J\0b", 7};
	char text[200], shown[CARBON_WORD_SHOWN];
	struct carbon_word longer = {text, sizeof(text)};

	(void)state;
	assert_string_equal(carbon_word_show(&ugly, shown), "a?[2J?b");
	memset(text, 'x', sizeof(text));
	carbon_word_show(&longer, shown);
	assert_int_equal(strlen(shown), CARBON_WORD_SHOWN - 1);
	assert_string_equal(shown + CARBON_WORD_SHOWN - 5, "x...");
}

/* Bit by bit: the definition, against which the table version is held. */
static uint32_t plain_crc32(const unsigned char *byte, size_t length)
{
	uint32_t crc = 0xFFFFFFFF;

	while (length--) {
		crc ^= *byte++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xEDB88320 : crc >> 1;
	}
	return ~crc;
}

static void test_crc32_is_the_standard_one(void **state)
{
	static unsigned char bytes[5000];
	uint64_t random = support_seed();

	(void)state;
	assert_int_equal(carbon_crc32("123456789", 9), 0xcbf43926);
	assert_int_equal(carbon_crc32("", 0), 0);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)support_below(&random, 256);
	for (size_t length = 1000; length < 1100; length++)
		assert_int_equal(carbon_crc32(bytes, length), plain_crc32(bytes, length));
	for (size_t start = 0; start < 8; start++)
		assert_int_equal(carbon_crc32(bytes + start, sizeof(bytes) - start),
				 plain_crc32(bytes + start, sizeof(bytes) - start));
}

static void test_decimals_are_short_and_rounded(void **state)
{
	static const struct {
		double value;
		int places;
		const char *text;
	} cases[] = {{0, 2, "0"},	   {-0.0, 2, "0"},	   {1.5, 2, "1.5"},
		     {0.05, 2, "0.05"},	   {99.999, 2, "100"},	   {12.345678, 6, "12.345678"},
		     {1e9, 6, "1000000000"}, {0.000001, 6, "0.000001"}, {7, 0, "7"}, {0.0000004, 6, "0"}};
	char text[CARBON_DECIMAL_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(carbon_decimal_format(cases[i].value, cases[i].places, text),
				 strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
	}
}

static void assert_refused(const char *text, size_t length, const char *why)
{
	struct carbon_lines lines = {NULL, NULL, 77};
	struct carbon_err err = {""};

	assert_int_equal(carbon_sealed_open(text, length, "carbon-test", 2, &lines, &err), -1);
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	assert_int_equal(lines.number, 77);
}

static void test_a_sealed_text_gives_its_lines(void **state)
{
	struct carbon_lines lines;
	struct carbon_word line;
	struct carbon_err err;
	size_t length;
	char *text = support_seal("carbon-test 2\nfirst\n\n", &length);

	(void)state;
	assert_int_equal(carbon_sealed_open(text, length, "carbon-test", 2, &lines, &err), 0);
	assert_true(carbon_lines_next(&lines, &line));
	assert_word(line, "first");
	assert_int_equal(lines.number, 2);
	assert_true(carbon_lines_next(&lines, &line));
	assert_word(line, "");
	assert_false(carbon_lines_next(&lines, &line));
	free(text);
}

static void assert_body_refused(const char *body, const char *why)
{
	size_t length;
	char *text = support_seal(body, &length);

	assert_refused(text, length, why);
	free(text);
}

static void test_a_frame_that_is_wrong_is_refused_by_name(void **state)
{
	(void)state;
	assert_refused("", 0, "line 1: not a carbon-test file: \"\" should be \"carbon-test 2\"");
	assert_body_refused("<!DOCTYPE html>\n", "line 1: not a carbon-test file: \"<!DOCTYPE html>\"");
	assert_body_refused("carbon-test two\n", "not a carbon-test file");
	assert_body_refused("carbon-test 2 x\n", "not a carbon-test file");
	assert_body_refused("carbon-test 3\n", "line 1: carbon-test 3 is a newer version than is known here (2)");
	assert_body_refused("carbon-test 1\n", "line 1: carbon-test 1 should be carbon-test 2");
	assert_body_refused("carbon-test 2\nno newline", "cut off");
	assert_refused("carbon-test 2\na\0b\n", 18, "line 2: a NUL byte");
	assert_refused("carbon-test 2\ncrc32 00000000\n", 29, "line 2: crc32 00000000, but");
	assert_refused("carbon-test 2\n", 14, "line 1: the last line should be");
}

static void test_the_last_line_is_exactly_one_form(void **state)
{
	size_t length;
	char *text = support_seal("carbon-test 2\n", &length), more[64];

	(void)state;
	assert_refused(text, length - 1, "line 2: the last line should be");
	memcpy(more, text, length);
	memcpy(more + length, "\n", 2);
	assert_refused(more, length + 1, "something follows it");
	for (size_t i = 0; i < length; i++) {
		if (text[i] < 'a' || text[i] > 'f')
			continue;
		memcpy(more, text, length);
		more[i] = (char)(more[i] - 'a' + 'A');
		assert_refused(more, length, "line ");
	}
	free(text);
}

static void test_a_seal_that_does_not_fit_leaves_nothing(void **state)
{
	struct carbon_buf buf;
	struct carbon_err err = {""};

	(void)state;
	carbon_buf_init(&buf, 100);
	carbon_buf_puts(&buf, "before carbon-test 2\n");
	assert_int_equal(carbon_sealed_close(&buf, 7, 20, &err), -1);
	assert_string_equal(buf.text, "before ");
	assert_non_null(strstr(err.text, "20 bytes"));
	carbon_buf_fini(&buf);
	carbon_buf_init(&buf, 20);
	carbon_buf_puts(&buf, "carbon-test 2\n");
	assert_int_equal(carbon_sealed_close(&buf, 0, 1000, &err), -1);
	carbon_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_end_at_newlines_and_at_the_end),
		cmocka_unit_test(test_words_are_parted_by_spaces),
		cmocka_unit_test(test_pairs_split_at_the_first_sign),
		cmocka_unit_test(test_a_word_is_compared_as_a_whole),
		cmocka_unit_test(test_copies_fit_or_fail),
		cmocka_unit_test(test_numbers_are_whole_words_within_bounds),
		cmocka_unit_test(test_names_are_what_slurm_allows),
		cmocka_unit_test(test_what_is_shown_is_short_and_printable),
		cmocka_unit_test(test_crc32_is_the_standard_one),
		cmocka_unit_test(test_decimals_are_short_and_rounded),
		cmocka_unit_test(test_a_sealed_text_gives_its_lines),
		cmocka_unit_test(test_a_frame_that_is_wrong_is_refused_by_name),
		cmocka_unit_test(test_the_last_line_is_exactly_one_form),
		cmocka_unit_test(test_a_seal_that_does_not_fit_leaves_nothing),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
