/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intensity in CSV files, one stored file each (tests/fuzz/corpus/download): columns by header in every
 * generation, quotes, line ends, zones; and what is no such file.
 */
#include "tests/unit/answers.h"

#include "forecaster/csv.h"
#include "forecaster/download.h"

static struct outcome parse(const char *name, const char *zone, enum carbon_signal signal, bool forecast)
{
	struct carbon_ask ask = {.zone = zone, .signal = signal, .now = NOW, .forecast = forecast,
				 .received_at = NOW - 60};
	char path[128];

	snprintf(path, sizeof(path), "download/%s", name);
	return answer_parse(carbon_download_parse, path, &ask);
}

static void test_every_generation_of_downloads(void **state)
{
	static const struct {
		const char *name, *zone;
		enum carbon_signal signal;
		size_t count;
		double first;
		enum carbon_kind kind;
	} rows[] = {
		{"generation-a.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 2, 56.25, CARBON_KIND_MEASURED},
		{"generation-a.csv", "DE", CARBON_SIGNAL_DIRECT, 3, 35.5, CARBON_KIND_MEASURED},
		{"generation-b.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 2, 30, CARBON_KIND_ESTIMATED},
		{"generation-c.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 1, 250, CARBON_KIND_MEASURED},
		{"yearly-with-citation.csv", "FR", CARBON_SIGNAL_LIFECYCLE, 1, 40.25, CARBON_KIND_MEASURED},
		{"yearly-with-citation.csv", "de", CARBON_SIGNAL_DIRECT, 1, 330.5, CARBON_KIND_MEASURED},
		{"crlf-bom.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 2, 250, CARBON_KIND_MEASURED},
		{"reworded.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 1, 250, CARBON_KIND_MEASURED},
		{"reworded.csv", "DE", CARBON_SIGNAL_DIRECT, 1, 200, CARBON_KIND_MEASURED},
		{"own.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 2, 300, CARBON_KIND_MEASURED},
		{"own.csv", "DE", CARBON_SIGNAL_DIRECT, 2, 250, CARBON_KIND_MEASURED},
		{"simple.csv", "XY", CARBON_SIGNAL_LIFECYCLE, 2, 299.5, CARBON_KIND_MEASURED},
		{"zones.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 2, 300, CARBON_KIND_MEASURED},
		{"zones.csv", "FR", CARBON_SIGNAL_LIFECYCLE, 1, 50, CARBON_KIND_MEASURED},
		{"short-rows.csv", "DE", CARBON_SIGNAL_LIFECYCLE, 4, 300, CARBON_KIND_MEASURED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome out = parse(rows[i].name, rows[i].zone, rows[i].signal, false);

		assert_row(rows[i].name, out.failure == CARBON_FAILURE_NONE);
		assert_row(rows[i].name, out.reply.series.count == rows[i].count);
		assert_row(rows[i].name, fabs(out.reply.series.points[0].g_kwh - rows[i].first) < 1e-9);
		assert_row(rows[i].name, out.reply.series.points[0].kind == rows[i].kind);
		carbon_reply_fini(&out.reply);
	}
}

static void test_what_lies_ahead_is_forecast(void **state)
{
	struct outcome out = parse("own.csv", "DE", CARBON_SIGNAL_LIFECYCLE, true);

	(void)state;
	assert_int_equal(out.failure, CARBON_FAILURE_NONE);
	assert_int_equal(out.reply.series.count, 1);
	assert_near(out.reply.series.points[0].g_kwh, 302, 0);
	assert_int_equal(out.reply.series.points[0].kind, CARBON_KIND_FORECAST);
	assert_int_equal(out.reply.issued_at, NOW - 60);
	carbon_reply_fini(&out.reply);
}

static void test_what_is_refused_and_why(void **state)
{
	static const struct {
		const char *name, *zone;
		enum carbon_signal signal;
		const char *words;
	} rows[] = {
		{"empty", "DE", CARBON_SIGNAL_LIFECYCLE, "no header"},
		{"no-time.csv", "DE", CARBON_SIGNAL_LIFECYCLE, "line 1: no column of times"},
		{"no-intensity.csv", "DE", CARBON_SIGNAL_LIFECYCLE, "line 1: no column of intensities"},
		{"simple.csv", "DE", CARBON_SIGNAL_DIRECT, "line 1: no column of average-direct intensities"},
		{"open-quote.csv", "DE", CARBON_SIGNAL_LIFECYCLE, "line 2: a quote is never closed"},
		{"nul.csv", "DE", CARBON_SIGNAL_LIFECYCLE, "line 2: a NUL byte"},
		{"zones.csv", "PL", CARBON_SIGNAL_LIFECYCLE, "none for this zone"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome out = parse(rows[i].name, rows[i].zone, rows[i].signal, false);

		if (!strstr(out.err.text, rows[i].words))
			print_error("%s: %s\n", rows[i].name, out.err.text);
		assert_row(rows[i].name, out.failure != CARBON_FAILURE_NONE);
		assert_row(rows[i].name, strstr(out.err.text, rows[i].words) != NULL);
		assert_row(rows[i].name, out.reply.series.count == 0);
		carbon_reply_fini(&out.reply);
	}
}

static int count_row(const char *zone, const struct carbon_point *point, void *context, struct carbon_err *err)
{
	size_t *french = context;

	(void)point;
	(void)err;
	*french += strcmp(zone, "FR") == 0;
	return 0;
}

static void test_without_a_zone_every_row_is_handed_on_with_its_own(void **state)
{
	struct carbon_download_filter filter = {.zone = NULL, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_tally tally = {0};
	size_t length = 0, french = 0;
	char *text = answer_read("download/zones.csv", &length);

	(void)state;
	assert_int_equal(carbon_download_read(text, length, &filter, count_row, &french, &tally, NULL), 0);
	assert_int_equal(tally.rows, 3);
	assert_int_equal(french, 1);
	free(text);
}

static void test_cells_lines_and_limits_of_csv(void **state)
{
	static const char text[] = "a, \"b \"\"c\"\", d\" ,\n\n\"x\ny\",z\r\nlast";
	static char wide[CARBON_CSV_ROW_MAX + 10], many[2 * CARBON_CSV_CELLS_MAX + 2];
	struct carbon_csv csv;
	struct carbon_err err;

	(void)state;
	carbon_csv_init(&csv, text, sizeof(text) - 1);
	assert_int_equal(carbon_csv_next(&csv, &err), 1);
	assert_int_equal(csv.cells, 3);
	assert_string_equal(csv.cell[1], "b \"c\", d");
	assert_string_equal(csv.cell[2], "");
	assert_int_equal(carbon_csv_next(&csv, &err), 1);
	assert_int_equal(csv.line, 3);
	assert_string_equal(csv.cell[0], "x\ny");
	assert_string_equal(csv.cell[1], "z");
	assert_int_equal(carbon_csv_next(&csv, &err), 1);
	assert_int_equal(csv.line, 5);
	assert_string_equal(csv.cell[0], "last");
	assert_int_equal(carbon_csv_next(&csv, &err), 0);
	carbon_csv_init(&csv, "\xef\xbb\xbfx,y", 6);
	assert_int_equal(carbon_csv_next(&csv, &err), 1);
	assert_string_equal(csv.cell[0], "x");
	memset(wide, 'a', sizeof(wide));
	carbon_csv_init(&csv, wide, sizeof(wide));
	assert_int_equal(carbon_csv_next(&csv, &err), -1);
	assert_non_null(strstr(err.text, "line 1: longer than"));
	memset(many, ',', sizeof(many));
	carbon_csv_init(&csv, many, sizeof(many));
	assert_int_equal(carbon_csv_next(&csv, &err), -1);
	assert_non_null(strstr(err.text, "line 1: more than 64 cells"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_generation_of_downloads),
		cmocka_unit_test(test_what_lies_ahead_is_forecast),
		cmocka_unit_test(test_what_is_refused_and_why),
		cmocka_unit_test(test_without_a_zone_every_row_is_handed_on_with_its_own),
		cmocka_unit_test(test_cells_lines_and_limits_of_csv),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
