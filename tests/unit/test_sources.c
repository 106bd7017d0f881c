/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * WattTime, Great Britain's Carbon Intensity, the Carbon Aware SDK and Energy-Charts: stored answers
 * (tests/fuzz/corpus, which the fuzzer starts from too), and what becomes of each.
 */
#include "tests/unit/answers.h"

#include "forecaster/source_carbon_aware_sdk.h"
#include "forecaster/source_energy_charts.h"
#include "forecaster/source_uk.h"
#include "forecaster/source_watttime.h"
#include "lib/time.h"

static struct outcome parse(carbon_parse_f parse_it, const char *name, const char *zone, bool forecast)
{
	struct carbon_ask ask = {.zone = zone, .now = NOW, .forecast = forecast, .received_at = NOW - 10};

	return answer_parse(parse_it, name, &ask);
}

static time_t time_of(const char *text)
{
	time_t at = 0;

	assert_int_equal(carbon_time_parse(text, &at, NULL), 0);
	return at;
}

struct good {
	carbon_parse_f parse;
	const char *name, *zone;
	bool forecast;
	size_t count;
	const char *first_at;
	double first;
	enum carbon_kind first_kind, last_kind;
	size_t nulls;
};

#define M CARBON_KIND_MEASURED
#define E CARBON_KIND_ESTIMATED
#define F CARBON_KIND_FORECAST

static const struct good goods[] = {
	/* 1,000 lb/MWh are 453.59237 g/kWh */
	{carbon_watttime_parse, "watttime/forecast.json", "CAISO_NORTH", true, 3, "2026-03-05T17:30Z", 453.59237, F, F, 0},
	{carbon_watttime_parse, "watttime/historical.json", "caiso_north", false, 3, "2026-03-05T16:00Z", 226.796185, M, E, 0},
	{carbon_watttime_parse, "watttime/nulls.json", "CAISO_NORTH", true, 11, "2026-03-05T18:00Z", 408.233133, F, F, 2},
	{carbon_uk_parse, "uk/national-past.json", "GB", false, 4, "2026-03-05T16:00Z", 171, M, E, 0},
	{carbon_uk_parse, "uk/national-ahead.json", "GB", true, 2, "2026-03-05T17:30Z", 160, F, F, 1},
	{carbon_uk_parse, "uk/region-object.json", "region-12", true, 2, "2026-03-05T17:30Z", 101, F, F, 0},
	{carbon_uk_parse, "uk/region-list.json", "region-12", true, 2, "2026-03-05T17:30Z", 101, F, F, 0},
	{carbon_uk_parse, "uk/region-list.json", "region-12", false, 1, "2026-03-05T17:30Z", 101, E, E, 0},
	{carbon_sdk_emissions_parse, "sdk/emissions.json", "eastus", false, 3, "2026-03-05T13:00Z", 280.25, E, E, 1},
	{carbon_sdk_emissions_parse, "sdk/file.json", "eastus", false, 3, "2026-03-05T15:00Z", 90.5, E, E, 0},
	{carbon_sdk_emissions_parse, "sdk/file.json", "eastus", true, 1, "2026-03-05T18:00Z", 90.5, F, F, 0},
	{carbon_sdk_emissions_parse, "sdk/file.json", "westus", true, 21, "2026-03-05T18:00Z", 120, F, F, 0},
	{carbon_sdk_emissions_parse, "sdk/file-bare-list.json", "eastus", false, 1, "2026-03-05T10:00Z", 90.5, E, E, 0},
	{carbon_sdk_emissions_parse, "sdk/file-spans.json", "eastus", false, 28, "2026-03-01T00:00Z", 1, E, E, 0},
	{carbon_sdk_forecast_parse, "sdk/forecast.json", "eastus", true, 3, "2026-03-05T17:00Z", 367, F, F, 0},
	{carbon_energy_charts_parse, "energy_charts/day.json", "DE", false, 6, "2026-03-05T16:15Z", 391.5, M, E, 0},
	{carbon_energy_charts_parse, "energy_charts/day.json", "DE", true, 4, "2026-03-05T17:45Z", 375.5, F, F, 0},
	{carbon_energy_charts_parse, "energy_charts/nulls.json", "DE", false, 5, "2026-03-05T16:15Z", 1, M, M, 1},
	{carbon_energy_charts_parse, "energy_charts/no-forecast.json", "DE", false, 4, "2026-03-05T16:15Z", 391.5, M, M, 0},
};

static void test_what_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(goods); i++) {
		const struct good *row = &goods[i];
		struct outcome out = parse(row->parse, row->name, row->zone, row->forecast);
		const struct carbon_series *series = &out.reply.series;

		if (out.failure != CARBON_FAILURE_NONE)
			print_error("%s: %s\n", row->name, out.err.text);
		assert_row(row->name, out.failure == CARBON_FAILURE_NONE);
		if (series->count != row->count)
			print_error("%s: %zu points\n", row->name, series->count);
		assert_row(row->name, series->count == row->count);
		assert_row(row->name, series->points[0].at == time_of(row->first_at));
		assert_row(row->name, fabs(series->points[0].g_kwh - row->first) < 1e-6);
		assert_row(row->name, series->points[0].kind == row->first_kind);
		assert_row(row->name, series->points[row->count - 1].kind == row->last_kind);
		assert_row(row->name, out.reply.tally.nulls == row->nulls);
		carbon_reply_fini(&out.reply);
	}
}

static void test_what_is_refused_and_why(void **state)
{
	static const struct {
		carbon_parse_f parse;
		const char *name, *zone;
		enum carbon_failure failure;
		const char *words;
	} rows[] = {
		{carbon_watttime_parse, "watttime/empty.json", "CAISO_NORTH", CARBON_FAILURE_EMPTY, "in 0 rows"},
		{carbon_watttime_parse, "watttime/per-kwh.json", "CAISO_NORTH", CARBON_FAILURE_FORMAT, "\"lbs_co2_per_kwh\""},
		{carbon_watttime_parse, "watttime/no-units.json", "CAISO_NORTH", CARBON_FAILURE_FORMAT, "\"missing\""},
		{carbon_watttime_parse, "watttime/other-region.json", "CAISO_NORTH", CARBON_FAILURE_FORMAT, "\"PJM_DC\", not CAISO_NORTH"},
		{carbon_watttime_parse, "watttime/average.json", "CAISO_NORTH", CARBON_FAILURE_FORMAT, "\"co2_aoer\""},
		{carbon_watttime_parse, "watttime/bad-query.json", "X", CARBON_FAILURE_FORMAT, "INVALID_QUERY_PARAMS: start needs a time zone"},
		{carbon_watttime_parse, "watttime/detail.json", "X", CARBON_FAILURE_FORMAT, "no data and meta"},
		{carbon_uk_parse, "uk/braces.json", "GB", CARBON_FAILURE_EMPTY, "no half hours"},
		{carbon_uk_parse, "uk/empty", "GB", CARBON_FAILURE_FORMAT, "an empty answer"},
		{carbon_uk_parse, "uk/error.json", "GB", CARBON_FAILURE_EMPTY, "No postcode match can be found."},
		{carbon_uk_parse, "uk/backwards.json", "GB", CARBON_FAILURE_IMPLAUSIBLE, "2 of 2 rows"},
		{carbon_uk_parse, "uk/no-data.json", "GB", CARBON_FAILURE_EMPTY, "in 0 rows"},
		{carbon_sdk_forecast_parse, "sdk/forecast-elsewhere.json", "eastus", CARBON_FAILURE_EMPTY, "no forecast for eastus"},
		{carbon_sdk_forecast_parse, "sdk/problem.json", "eastus", CARBON_FAILURE_FORMAT, "One or more validation errors"},
		{carbon_sdk_emissions_parse, "sdk/problem.json", "eastus", CARBON_FAILURE_FORMAT, "One or more validation errors"},
		{carbon_sdk_emissions_parse, "sdk/empty-list.json", "eastus", CARBON_FAILURE_EMPTY, "in 0 rows"},
		{carbon_energy_charts_parse, "energy_charts/unequal.json", "DE", CARBON_FAILURE_FORMAT, "different length"},
		{carbon_energy_charts_parse, "energy_charts/unequal-forecast.json", "DE", CARBON_FAILURE_FORMAT, "different length"},
		{carbon_energy_charts_parse, "energy_charts/strings.json", "DE", CARBON_FAILURE_IMPLAUSIBLE, "4 of 4 rows"},
		{carbon_energy_charts_parse, "energy_charts/detail.json", "DE", CARBON_FAILURE_FORMAT, "country unknown"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome out = parse(rows[i].parse, rows[i].name, rows[i].zone, false);

		answer_is_refused(rows[i].name, &out, rows[i].failure, rows[i].words);
	}
}

static void test_issue_times_and_steps(void **state)
{
	struct outcome out = parse(carbon_watttime_parse, "watttime/forecast.json", "CAISO_NORTH", true);

	(void)state;
	assert_int_equal(out.reply.step_s, 300);
	assert_int_equal(out.reply.issued_at, time_of("2026-03-05T17:30Z"));
	carbon_reply_fini(&out.reply);
	out = parse(carbon_uk_parse, "uk/national-ahead.json", "GB", true);
	assert_int_equal(out.reply.step_s, 1800);
	assert_int_equal(out.reply.issued_at, NOW - 10);
	carbon_reply_fini(&out.reply);
	out = parse(carbon_sdk_forecast_parse, "sdk/forecast.json", "eastus", true);
	assert_int_equal(out.reply.issued_at, time_of("2026-03-05T17:00Z"));
	carbon_reply_fini(&out.reply);
	out = parse(carbon_energy_charts_parse, "energy_charts/day.json", "DE", true);
	assert_int_equal(out.reply.step_s, 900);
	carbon_reply_fini(&out.reply);
}

static void test_a_login_gives_a_token_that_is_fit_for_a_header(void **state)
{
	static const struct {
		const char *name;
		enum carbon_failure failure;
		const char *token;
	} rows[] = {{"watttime/login.json", CARBON_FAILURE_NONE, "abc.def-ghi_123"},
		    {"watttime/login-hostile.json", CARBON_FAILURE_FORMAT, "as it was"},
		    {"watttime/login-none.json", CARBON_FAILURE_FORMAT, "as it was"},
		    {"watttime/empty.json", CARBON_FAILURE_FORMAT, "as it was"}};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char token[CARBON_TOKEN_MAX] = "as it was";
		size_t length = 0;
		char *text = answer_read(rows[i].name, &length);

		assert_row(rows[i].name, carbon_watttime_parse_login(text, length, token, NULL) == rows[i].failure);
		assert_string_equal(token, rows[i].token);
		free(text);
	}
}

static void test_the_table_of_sources(void **state)
{
	static const char *const types[] = {"electricitymaps", "watttime", "uk-carbon-intensity", "carbon-aware-sdk",
					    "energy-charts", "file", "profile"};

	(void)state;
	for (size_t i = 0; i < COUNT(types); i++) {
		const struct carbon_source *source = carbon_source_find(types[i]);

		assert_row(types[i], source != NULL);
		assert_string_equal(source->type, types[i]);
		assert_row(types[i], source->signals != 0);
		assert_row(types[i], (source->load != NULL) != (source->prepare != NULL && source->accept != NULL));
		assert_row(types[i], strstr(carbon_source_names(), types[i]) != NULL);
	}
	assert_null(carbon_source_find("oracle"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_what_is_refused_and_why),
		cmocka_unit_test(test_issue_times_and_steps),
		cmocka_unit_test(test_a_login_gives_a_token_that_is_fit_for_a_header),
		cmocka_unit_test(test_the_table_of_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
