/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Buffers that stop at their cap, and error sentences that are always whole strings. */
#include "tests/unit/unit.h"

#include <errno.h>

#include "lib/buf.h"
#include "lib/err.h"

static void a_buffer_grows_to_its_cap_exactly(void **state)
{
	struct carbon_buf buf;

	(void)state;
	carbon_buf_init(&buf, 1000);
	assert_null(buf.text);
	for (int i = 0; i < 1000; i++) {
		carbon_buf_add(&buf, "x", 1);
		assert_false(buf.failed);
		assert_int_equal(strlen(buf.text), (size_t)i + 1);
	}
	carbon_buf_add(&buf, "y", 1);
	assert_true(buf.failed);
	assert_int_equal(buf.length, 1000);
	assert_null(strchr(buf.text, 'y'));
	carbon_buf_fini(&buf);
}

static void a_failed_buffer_stays_as_it_was(void **state)
{
	struct carbon_buf buf;

	(void)state;
	carbon_buf_init(&buf, 10);
	carbon_buf_puts(&buf, "12345");
	carbon_buf_puts(&buf, "678901");
	assert_true(buf.failed);
	carbon_buf_puts(&buf, "a");
	carbon_buf_printf(&buf, "%d", 7);
	assert_string_equal(buf.text, "12345");
	carbon_buf_fini(&buf);
	assert_false(buf.failed);
	carbon_buf_puts(&buf, "1234567890");
	assert_string_equal(buf.text, "1234567890");
	carbon_buf_fini(&buf);
}

static void a_length_near_overflow_is_refused(void **state)
{
	struct carbon_buf buf;

	(void)state;
	carbon_buf_init(&buf, 100);
	carbon_buf_puts(&buf, "abc");
	carbon_buf_add(&buf, "abc", SIZE_MAX);
	assert_true(buf.failed);
	assert_string_equal(buf.text, "abc");
	carbon_buf_fini(&buf);
}

static void printing_appends(void **state)
{
	struct carbon_buf buf;
	char expected[2001 + 16];

	(void)state;
	carbon_buf_init(&buf, 2000);
	for (int i = 0; i < 500; i++) {
		carbon_buf_printf(&buf, "%03d,", i);
		snprintf(expected + (size_t)i * 4, 16, "%03d,", i);
	}
	assert_false(buf.failed);
	assert_string_equal(buf.text, expected);
	carbon_buf_printf(&buf, "%s", "x");
	assert_true(buf.failed);
	assert_string_equal(buf.text, expected);
	carbon_buf_fini(&buf);
}

static void nothing_added_is_a_string_too(void **state)
{
	struct carbon_buf buf;

	(void)state;
	carbon_buf_init(&buf, 0);
	carbon_buf_puts(&buf, "");
	assert_false(buf.failed);
	assert_string_equal(buf.text, "");
	carbon_buf_add(&buf, "a\0b", 3);
	assert_true(buf.failed);
	carbon_buf_fini(&buf);
}

static void zero_bytes_are_kept(void **state)
{
	struct carbon_buf buf;

	(void)state;
	carbon_buf_init(&buf, 3);
	carbon_buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.length, 3);
	assert_memory_equal(buf.text, "a\0b\0", 4);
	carbon_buf_fini(&buf);
}

static void setting_an_error_returns_and_keeps_errno(void **state)
{
	struct carbon_err err;

	(void)state;
	errno = ENOSPC;
	assert_int_equal(carbon_err_set(&err, "%s:%d: %s", "carbon.conf", 12, "wrong"), -1);
	assert_string_equal(err.text, "carbon.conf:12: wrong");
	assert_int_equal(carbon_err_prefix(&err, "reading %s", "it"), -1);
	assert_string_equal(err.text, "reading it: carbon.conf:12: wrong");
	assert_int_equal(carbon_err_set(NULL, "nobody wants to know"), -1);
	assert_int_equal(carbon_err_prefix(NULL, "nobody"), -1);
	assert_int_equal(errno, ENOSPC);
}

static void long_errors_are_cut(void **state)
{
	struct carbon_err err;
	char lots[2 * CARBON_ERR_MAX];

	(void)state;
	memset(lots, 'x', sizeof(lots) - 1);
	lots[sizeof(lots) - 1] = '\0';
	carbon_err_set(&err, "%s", lots);
	assert_int_equal(strlen(err.text), CARBON_ERR_MAX - 1);
	carbon_err_prefix(&err, "start");
	assert_int_equal(strlen(err.text), CARBON_ERR_MAX - 1);
	assert_memory_equal(err.text, "start: xxx", 10);
	carbon_err_prefix(&err, "%s", lots);
	assert_int_equal(strlen(err.text), CARBON_ERR_MAX - 1);
	assert_null(strstr(err.text, "start"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_buffer_grows_to_its_cap_exactly),
		cmocka_unit_test(a_failed_buffer_stays_as_it_was),
		cmocka_unit_test(a_length_near_overflow_is_refused),
		cmocka_unit_test(printing_appends),
		cmocka_unit_test(nothing_added_is_a_string_too),
		cmocka_unit_test(zero_bytes_are_kept),
		cmocka_unit_test(setting_an_error_returns_and_keeps_errno),
		cmocka_unit_test(long_errors_are_cut),
	};

	return cmocka_run_group_tests_name("buf and err", tests, NULL, NULL);
}
