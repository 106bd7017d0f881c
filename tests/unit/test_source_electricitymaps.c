/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Electricity Maps' answers, one stored file each (tests/fuzz/corpus/electricitymaps, which the fuzzer
 * starts from too): what is believed, what is left out, what is refused and in which words.
 */
#include "tests/unit/answers.h"

#include "forecaster/source_electricitymaps.h"
#include "lib/time.h"

#define HOUR ((time_t)1772730000)

static struct outcome parse_for(const char *name, bool forecast, enum carbon_signal signal)
{
	struct carbon_ask ask = {.zone = "DE", .signal = signal, .now = NOW, .forecast = forecast, .received_at = NOW};
	char path[128];

	snprintf(path, sizeof(path), "electricitymaps/%s", name);
	return answer_parse(carbon_electricitymaps_parse, path, &ask);
}

static struct outcome parse(const char *name, bool forecast)
{
	return parse_for(name, forecast, CARBON_SIGNAL_LIFECYCLE);
}

static void test_history_is_read_with_its_kinds(void **state)
{
	struct outcome out = parse("history-v4.json", false);

	(void)state;
	assert_int_equal(out.failure, CARBON_FAILURE_NONE);
	assert_int_equal(out.reply.series.count, 4);
	assert_int_equal(out.reply.step_s, 3600);
	assert_int_equal(out.reply.tally.nulls, 1);
	assert_int_equal(out.reply.series.points[0].at, HOUR - 4 * 3600);
	assert_near(out.reply.series.points[2].g_kwh, 355.5, 0);
	assert_int_equal(out.reply.series.points[2].kind, CARBON_KIND_MEASURED);
	assert_int_equal(out.reply.series.points[3].kind, CARBON_KIND_ESTIMATED);
	carbon_reply_fini(&out.reply);
}

static void test_every_list_is_found_under_its_name(void **state)
{
	static const struct {
		const char *name;
		bool forecast;
		size_t count;
	} rows[] = {{"history-2024.json", false, 5}, {"past-range.json", false, 5}, {"forecast.json", true, 4},
		    {"latest.json", false, 1},	     {"past.json", false, 1}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome out = parse(rows[i].name, rows[i].forecast);

		assert_row(rows[i].name, out.failure == CARBON_FAILURE_NONE);
		assert_row(rows[i].name, out.reply.series.count == rows[i].count);
		carbon_reply_fini(&out.reply);
	}
}

static void test_a_forecast_has_its_issue_time_and_kind(void **state)
{
	struct outcome out = parse("forecast.json", true);
	time_t issued_at;

	(void)state;
	assert_int_equal(carbon_time_parse("2026-03-05T17:30:24Z", &issued_at, NULL), 0);
	assert_int_equal(out.reply.issued_at, issued_at);
	assert_int_equal(out.reply.series.points[0].at, HOUR);
	assert_int_equal(out.reply.series.points[0].kind, CARBON_KIND_FORECAST);
	carbon_reply_fini(&out.reply);
	out = parse("forecast-15-minutes.json", true);
	assert_int_equal(out.reply.step_s, 900);
	assert_int_equal(out.reply.series.count, 5);
	carbon_reply_fini(&out.reply);
}

static void test_of_rows_for_one_time_the_newest_counts_then_the_last(void **state)
{
	struct outcome out = parse("duplicates.json", false);

	(void)state;
	assert_int_equal(out.reply.series.count, 3);
	assert_int_equal(out.reply.tally.duplicates, 3);
	assert_near(out.reply.series.points[0].g_kwh, 341, 0);
	assert_near(out.reply.series.points[1].g_kwh, 351, 0);
	assert_near(out.reply.series.points[2].g_kwh, 400, 0);
	carbon_reply_fini(&out.reply);
}

static void test_single_bad_rows_are_left_out_and_counted(void **state)
{
	struct outcome out = parse("huge.json", false);

	(void)state;
	assert_int_equal(out.reply.series.count, 4);
	assert_int_equal(out.reply.tally.implausible, 1);
	carbon_reply_fini(&out.reply);
	out = parse("jump.json", false);
	assert_int_equal(out.reply.series.count, 4);
	assert_int_equal(out.reply.tally.jumps, 1);
	carbon_reply_fini(&out.reply);
	out = parse("future.json", false);
	assert_int_equal(out.reply.series.count, 2);
	assert_int_equal(out.reply.tally.future, 2);
	carbon_reply_fini(&out.reply);
	out = parse("damaged-rows.json", false);
	assert_int_equal(out.reply.series.count, 4);
	assert_int_equal(out.reply.tally.damaged, 1);
	assert_int_equal(out.reply.tally.nulls, 1);
	carbon_reply_fini(&out.reply);
	out = parse("numbers.json", false);
	assert_int_equal(out.reply.tally.nulls, 1);
	assert_int_equal(out.reply.tally.implausible, 1);
	carbon_reply_fini(&out.reply);
}

static void test_what_is_refused_and_why(void **state)
{
	static const struct {
		const char *name;
		enum carbon_failure failure;
		const char *words;
	} rows[] = {
		{"empty", CARBON_FAILURE_FORMAT, "empty answer"},
		{"page.html", CARBON_FAILURE_FORMAT, "HTML or XML instead of JSON: \"<!DOCTYPE html>"},
		{"access-denied.txt", CARBON_FAILURE_FORMAT, "not JSON: \"Access denied"},
		{"truncated.json", CARBON_FAILURE_FORMAT, "damaged JSON (cut off?)"},
		{"braces.json", CARBON_FAILURE_FORMAT, "no history, data or forecast"},
		{"error-in-200.json", CARBON_FAILURE_EMPTY, "No recent data for zone \"DE\""},
		{"error-object.json", CARBON_FAILURE_EMPTY, "bad?dates"},
		{"no-data.json", CARBON_FAILURE_FORMAT, "no history, data or forecast"},
		{"forecast-empty.json", CARBON_FAILURE_EMPTY, "an empty history"},
		{"all-huge.json", CARBON_FAILURE_IMPLAUSIBLE, "5 of 5 rows implausible"},
		{"sandbox.json", CARBON_FAILURE_SANDBOX, "sandbox key"},
		{"sandbox-rows.json", CARBON_FAILURE_SANDBOX, "sandbox key"},
		{"other-zone.json", CARBON_FAILURE_FORMAT, "for zone \"AT\", not DE"},
		{"direct.json", CARBON_FAILURE_FORMAT, "factors are \"direct\", not lifecycle"},
		{"daily.json", CARBON_FAILURE_FORMAT, "granularity \"daily\""},
		{"latest-null.json", CARBON_FAILURE_EMPTY, "in 1 rows (1 null)"},
		{"member-case.json", CARBON_FAILURE_FORMAT, "no history, data or forecast"},
		{"zones.json", CARBON_FAILURE_FORMAT, "no history, data or forecast"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome out = parse(rows[i].name, false);

		answer_is_refused(rows[i].name, &out, rows[i].failure, rows[i].words);
	}
}

static void test_direct_factors_are_accepted_where_they_were_asked_for(void **state)
{
	struct outcome out = parse_for("direct.json", false, CARBON_SIGNAL_DIRECT);

	(void)state;
	assert_int_equal(out.failure, CARBON_FAILURE_NONE);
	carbon_reply_fini(&out.reply);
	out = parse_for("huge.json", false, CARBON_SIGNAL_DIRECT);
	assert_int_equal(out.failure, CARBON_FAILURE_FORMAT);
	carbon_reply_fini(&out.reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_history_is_read_with_its_kinds),
		cmocka_unit_test(test_every_list_is_found_under_its_name),
		cmocka_unit_test(test_a_forecast_has_its_issue_time_and_kind),
		cmocka_unit_test(test_of_rows_for_one_time_the_newest_counts_then_the_last),
		cmocka_unit_test(test_single_bad_rows_are_left_out_and_counted),
		cmocka_unit_test(test_what_is_refused_and_why),
		cmocka_unit_test(test_direct_factors_are_accepted_where_they_were_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
