/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Laying sources over each other: who is asked first wins, holes go to the next, an end is an end; the
 * profiles that ship; and how URLs are shown.
 */
#include "tests/unit/unit.h"

#include "forecaster/compose.h"
#include "forecaster/http.h"
#include "forecaster/profiles.h"
#include "lib/err.h"

#define T0 ((time_t)1772730000)
#define HOUR 3600

static struct carbon_layer layer_of(const char *source, const double *values, size_t count, time_t from,
				    enum carbon_kind kind)
{
	struct carbon_series series;
	struct carbon_layer layer;

	carbon_series_init(&series);
	for (size_t i = 0; i < count; i++) {
		struct carbon_point point = {.at = from + (time_t)i * HOUR, .g_kwh = values[i], .kind = kind};

		if (values[i] >= 0)
			assert_int_equal(carbon_series_add(&series, point, NULL), 0);
	}
	assert_int_equal(carbon_layer_series(&layer, source, T0, &series, 0, NULL), 0);
	carbon_series_fini(&series);
	return layer;
}

static void test_the_first_that_knows_wins_and_holes_go_to_the_next(void **state)
{
	static const double present[] = {100}, ahead[] = {1, 2, -1, 4}, below[] = {51, 52, 53, 54, 55, 56};
	struct carbon_layer layers[3] = {
		layer_of("a", present, COUNT(present), T0, CARBON_KIND_MEASURED),
		layer_of("b", ahead, COUNT(ahead), T0, CARBON_KIND_FORECAST),
		layer_of("c", below, COUNT(below), T0, CARBON_KIND_MODEL),
	};
	static const double expected[] = {100, 2, 53, 4, 55, 56};
	struct carbon_composition out;

	(void)state;
	assert_int_equal(carbon_compose(layers, 3, T0, T0 + 96 * HOUR, &out, NULL), 0);
	assert_int_equal(out.count, 6);
	for (size_t i = 0; i < out.count; i++)
		assert_near(out.point[i].mean_g_kwh, expected[i], 0);
	assert_int_equal(out.end_at, T0 + 6 * HOUR);
	assert_int_equal(out.parts, 5);
	assert_string_equal(out.part[2].source, "c");
	assert_int_equal(out.part[2].first, 2);
	assert_int_equal(out.part[2].kind, CARBON_KIND_MODEL);
	assert_int_equal(out.part[4].first, 4);
	carbon_composition_fini(&out);
	for (size_t i = 0; i < 3; i++)
		carbon_layer_fini(&layers[i]);
}

static void test_a_better_source_takes_over_in_the_middle_of_a_point(void **state)
{
	static const double fine[] = {10, 11}, coarse[] = {50, 51, 52};
	struct carbon_layer layers[2] = {
		layer_of("fine", fine, COUNT(fine), T0 + 1800, CARBON_KIND_FORECAST),
		layer_of("coarse", coarse, COUNT(coarse), T0, CARBON_KIND_FORECAST),
	};
	struct carbon_composition out;

	(void)state;
	assert_int_equal(carbon_compose(layers, 2, T0, T0 + 96 * HOUR, &out, NULL), 0);
	assert_int_equal(out.count, 4);
	assert_int_equal(out.point[1].at, T0 + 1800);
	assert_near(out.point[1].mean_g_kwh, 10, 0);
	assert_int_equal(out.point[3].at, T0 + 1800 + 2 * HOUR);
	assert_near(out.point[3].mean_g_kwh, 52, 0);
	carbon_composition_fini(&out);
	carbon_layer_fini(&layers[0]);
	carbon_layer_fini(&layers[1]);
}

static void test_it_ends_at_a_hole_at_the_horizon_and_at_the_cap_of_parts(void **state)
{
	static const double holed[] = {1, 2, -1, -1, 5}, long_enough[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
	static const double a[] = {1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 1, -1};
	struct carbon_layer layer = layer_of("h", holed, COUNT(holed), T0, CARBON_KIND_FORECAST), pair[2];
	struct carbon_composition out;

	(void)state;
	assert_int_equal(carbon_compose(&layer, 1, T0, T0 + 96 * HOUR, &out, NULL), 0);
	assert_int_equal(out.end_at, T0 + 2 * HOUR);
	carbon_composition_fini(&out);
	assert_int_equal(carbon_compose(&layer, 1, T0 - 5 * HOUR, T0 + 90 * 60, &out, NULL), 0);
	assert_int_equal(out.point[0].at, T0);
	assert_int_equal(out.end_at, T0 + 90 * 60);
	carbon_composition_fini(&out);
	carbon_layer_fini(&layer);
	pair[0] = layer_of("a", a, COUNT(a), T0, CARBON_KIND_FORECAST);
	pair[1] = layer_of("b", long_enough, COUNT(long_enough), T0, CARBON_KIND_MODEL);
	assert_int_equal(carbon_compose(pair, 2, T0, T0 + 96 * HOUR, &out, NULL), 0);
	assert_int_equal(out.parts, CARBON_OUTLOOK_PARTS_MAX);
	assert_int_equal(out.end_at, T0 + CARBON_OUTLOOK_PARTS_MAX * HOUR);
	carbon_composition_fini(&out);
	assert_int_equal(carbon_compose(pair, 0, T0, T0 + HOUR, &out, NULL), 0);
	assert_int_equal(out.count, 0);
	carbon_composition_fini(&out);
	carbon_layer_fini(&pair[0]);
	carbon_layer_fini(&pair[1]);
}

static void test_a_point_holds_to_the_next_an_hour_at_most(void **state)
{
	struct carbon_series series;
	struct carbon_layer layer;
	static const time_t at[] = {0, 300, 600, 9000};

	(void)state;
	carbon_series_init(&series);
	for (size_t i = 0; i < COUNT(at); i++)
		carbon_series_add(&series, (struct carbon_point){.at = T0 + at[i], .g_kwh = 1}, NULL);
	assert_int_equal(carbon_layer_series(&layer, "s", T0, &series, 300, NULL), 0);
	assert_int_equal(layer.segment[0].end_at, T0 + 300);
	assert_int_equal(layer.segment[2].end_at, T0 + 600 + 3600);
	assert_int_equal(layer.segment[3].end_at, T0 + 9300);
	carbon_layer_fini(&layer);
	carbon_series_fini(&series);
}

static void test_a_profile_has_its_mean_over_a_week(void **state)
{
	static const char *const zones[] = {"DE", "fr", "GB", "ES", "PL", "SE", "SE-SE3", "US-CAL-CISO",
					    "US-TEX-ERCO", "US-MIDA-PJM", "CA-ON", "AU-NSW", "ZA", "IN-NO"};

	(void)state;
	for (size_t i = 0; i < COUNT(zones); i++) {
		const struct carbon_profile *profile = carbon_profile_find(zones[i]);
		double sum = 0;

		assert_row(zones[i], profile != NULL);
		for (int hour = 0; hour < 168; hour++) {
			double value = carbon_profile_value(profile, T0 + (time_t)hour * HOUR);

			assert_row(zones[i], value > 0 && value < 1200);
			sum += value;
		}
		assert_near(sum / 168, profile->mean_g_kwh, 1e-6);
		assert_row(zones[i], profile->band > 0 && profile->band < 1);
		assert_row(zones[i], strstr(carbon_profile_names(), profile->zone) != NULL);
	}
	assert_null(carbon_profile_find("XX"));
	/* Noon is cleaner than the evening in California, on its own clock (UTC-8). */
	assert_true(carbon_profile_value(carbon_profile_find("US-CAL-CISO"), T0 + 3 * HOUR) <
		    carbon_profile_value(carbon_profile_find("US-CAL-CISO"), T0 + 10 * HOUR));
}

static void test_urls_are_shown_without_secrets(void **state)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{"https://a.example/v3/x?zone=DE&api_key=s3cret", "https://a.example/v3/x"},
		{"https://user:s3cret@a.example:8443/x#y", "https://a.example:8443/x"},
		{"https://a@b:s3cret@c.example", "https://c.example"},
		{"no scheme?s3cret", "no scheme"},
		{"https://a.example/\r\nX: y", "https://a.example/??X: y"},
		{"", ""},
	};
	char shown[64];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		carbon_http_scrub(rows[i].url, shown, sizeof(shown));
		assert_string_equal(shown, rows[i].shown);
	}
}

static void test_query_values_are_encoded_and_bounded(void **state)
{
	char url[CARBON_HTTP_URL_MAX] = "https://a.example/x", full[CARBON_HTTP_URL_MAX];

	(void)state;
	assert_int_equal(carbon_http_url_add(url, "zone", "DE"), 0);
	assert_int_equal(carbon_http_url_add(url, "at", "2026-03-05T00:00+01:00 &\xc3\xa4"), 0);
	assert_string_equal(url, "https://a.example/x?zone=DE&at=2026-03-05T00:00%2B01:00%20%26%C3%A4");
	memset(full, 'a', sizeof(full) - 1);
	full[sizeof(full) - 1] = '\0';
	assert_int_equal(carbon_http_url_add(full, "x", "y"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_that_knows_wins_and_holes_go_to_the_next),
		cmocka_unit_test(test_a_better_source_takes_over_in_the_middle_of_a_point),
		cmocka_unit_test(test_it_ends_at_a_hole_at_the_horizon_and_at_the_cap_of_parts),
		cmocka_unit_test(test_a_point_holds_to_the_next_an_hour_at_most),
		cmocka_unit_test(test_a_profile_has_its_mean_over_a_week),
		cmocka_unit_test(test_urls_are_shown_without_secrets),
		cmocka_unit_test(test_query_values_are_encoded_and_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
