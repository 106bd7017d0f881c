/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forecast model on made-up grids: what is regular is found, what is noise is told as a
 * band, what is missing is counted, and nothing is ever seen before it happened. Needs no data
 * and no network.
 */
#include "forecaster/model.h"
#include "forecaster/model_ridge.h"
#include "forecaster/model_simple.h"
#include "lib/err.h"
#include "tests/unit/unit.h"

#define DAY ((size_t)24)
#define START ((time_t)1609459200) /* 2021-01-01, a Friday */
#define HOURS_MAX (800 * DAY)
#define HORIZON CARBON_MODEL_HORIZON_H
#define SEED 20210101

static double grid[HOURS_MAX];

/* Uniform in [-1, 1), the same on every machine. */
static double noise(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 33) / (double)(1u << 30) - 1;
}

/* A day's wave, cleaner weekends, and SIZE of noise that lingers for hours. */
static void make_grid(double size)
{
	uint64_t state = SEED;
	double wind = 0;

	for (size_t t = 0; t < HOURS_MAX; t++) {
		size_t weekday = (t / DAY + 5) % 7; /* Sunday is 0 */
		double quiet = weekday == 0 || weekday == 6 ? 80 : 0;

		wind = 0.95 * wind + size * noise(&state);
		grid[t] = 400 + 90 * sin(2 * M_PI * (double)(t % DAY) / DAY) - quiet + wind;
	}
}

static struct carbon_model *model_of(const double *g_kwh, size_t count)
{
	struct carbon_model *model = carbon_model_create(START);
	struct carbon_err err;

	assert_non_null(model);
	assert_int_equal(carbon_model_extend(model, g_kwh, count, &err), 0);
	return model;
}

static struct carbon_model_forecast forecast_of(const double *g_kwh, size_t count)
{
	struct carbon_model *model = model_of(g_kwh, count);
	struct carbon_model_forecast forecast;
	struct carbon_err err;

	assert_int_equal(carbon_model_predict(model, &forecast, &err), 0);
	carbon_model_destroy(model);
	return forecast;
}

static double mean_error(const double *mean, const double *truth)
{
	double sum = 0;

	for (int h = 0; h < HORIZON; h++)
		sum += fabs(mean[h] - truth[h]) / HORIZON;
	return sum;
}

static void test_the_mean_of_seven_days_is_that(void **state)
{
	struct carbon_model_forecast forecast;

	(void)state;
	for (size_t t = 0; t < 3 * DAY; t++)
		grid[t] = 100.0 * (double)(t / DAY) + (double)(t % DAY);
	forecast = forecast_of(grid, 3 * DAY);
	assert_string_equal(forecast.model, "mean7");
	assert_int_equal(forecast.start_at, START + 3 * 86400);
	assert_int_equal(forecast.known_h, 72);
	for (int h = 0; h < HORIZON; h++)
		assert_float_equal(forecast.mean_g_kwh[h], 100 + h % 24, 1e-9);
}

static void test_means_of_days_skip_what_is_missing(void **state)
{
	struct carbon_model_history past;

	(void)state;
	for (size_t t = 0; t < 20 * DAY; t++)
		grid[t] = pow((double)(t / DAY), 2); /* root: the day's number */
	for (size_t t = 17 * DAY; t < 18 * DAY; t++)
		grid[t] = NAN;
	carbon_model_history_init(&past, START / 3600);
	assert_int_equal(carbon_model_history_add(&past, grid, 20 * DAY), 0);
	assert_float_equal(carbon_model_history_mean(&past, CARBON_SCALE_ROOT, 16 * DAY, 7), 13,
			   1e-9);
	assert_float_equal(carbon_model_history_mean(&past, CARBON_SCALE_ROOT, 19 * DAY, 3),
			   18.5, 1e-9);
	assert_true(isnan(carbon_model_history_mean(&past, CARBON_SCALE_ROOT, 2 * DAY, 7)));
	assert_int_equal(carbon_model_history_known(&past, 20 * DAY), 19 * DAY);
	carbon_model_history_fini(&past);
}

static void test_ens_is_three_rules_and_a_fading_error(void **state)
{
	double week[9 * 24], out[HORIZON];

	(void)state;
	for (size_t t = 0; t < 9 * DAY; t++)
		week[t] = (double)(t / DAY); /* day 0 is 0, day 8 is 8 */
	/* yesterday 8, last week 2, seven days 5: 5; the same of the last hour: (7 + 1 + 4) / 3
	 * = 4 */
	assert_true(carbon_simple_predict(CARBON_SIMPLE_ENS, week, 9 * DAY, HORIZON, out));
	assert_float_equal(out[0], 5 + 0.93 * 4, 1e-9);
	assert_float_equal(out[23], 5 + pow(0.93, 24) * 4, 1e-9);
	/* a day on, last week is 3 */
	assert_float_equal(out[24], (8.0 + 3 + 5) / 3 + pow(0.93, 25) * 4, 1e-9);
}

static void test_waves_and_weekends_are_found(void **state)
{
	struct carbon_model_forecast forecast;
	size_t thursday =
		700 * DAY - DAY; /* day 699 is a Friday, its horizon holds the weekend */
	double simple[HORIZON];

	(void)state;
	make_grid(0);
	forecast = forecast_of(grid, thursday);
	assert_string_equal(forecast.model, "mo3");
	assert_true(carbon_simple_predict(CARBON_SIMPLE_ENS, grid, thursday, HORIZON, simple));
	assert_true(mean_error(forecast.mean_g_kwh, grid + thursday) < 10);
	assert_true(mean_error(simple, grid + thursday) > 20);
}

static double mean_of(const double *value, int from, int to)
{
	double sum = 0;

	for (int h = from; h < to; h++)
		sum += value[h] / (to - from);
	return sum;
}

/* Weekends that are cleaner in winter and dirtier in summer. */
static void test_this_season_teaches_more_than_another(void **state)
{
	struct carbon_model_forecast forecast;
	size_t friday = 770 * DAY; /* 2023-02-10 */
	const double *mean = forecast.mean_g_kwh;

	(void)state;
	for (size_t t = 0; t < HOURS_MAX; t++) {
		size_t day = t / DAY, weekday = (day + 5) % 7;
		double quiet = weekday == 0 || weekday == 6 ? 80 : 0;

		grid[t] = 400 + (fabs(fmod((double)day, 365.25) - 182) > 91 ? -quiet : quiet);
	}
	forecast = forecast_of(grid, friday);
	assert_string_equal(forecast.model, "mo3");
	assert_true(mean_of(mean, 24, 72) < mean_of(mean, 0, 24) - 34);
	assert_true(mean_of(mean, 24, 72) < mean_of(mean, 72, 96) - 22);
}

static void test_four_of_five_hours_lie_in_the_band(void **state)
{
	struct carbon_model_forecast forecast;
	struct carbon_model *model;
	struct carbon_err err;
	int inside = 0, all = 0;

	(void)state;
	make_grid(15);
	model = model_of(grid, 600 * DAY);
	for (size_t day = 600; day < 780; day++) {
		const double *truth = grid + day * DAY;

		assert_int_equal(carbon_model_predict(model, &forecast, &err), 0);
		assert_true(forecast.has_band);
		for (int h = 0; h < HORIZON; h++, all++) {
			assert_true(forecast.low_g_kwh[h] <= forecast.mean_g_kwh[h]);
			assert_true(forecast.high_g_kwh[h] >= forecast.mean_g_kwh[h]);
			inside += truth[h] >= forecast.low_g_kwh[h] &&
				  truth[h] <= forecast.high_g_kwh[h];
		}
		assert_int_equal(carbon_model_extend(model, truth, DAY, &err), 0);
	}
	carbon_model_destroy(model);
	assert_between(inside * 1000 / all, 760, 840);
}

static void test_little_history_gives_a_simpler_model(void **state)
{
	static const struct {
		size_t days;
		const char *model;
	} cases[] = {{1, "mean7"},     {7, "mean7"},	{8, "ens"},	 {14, "ens"},
		     {29, "ens"},      {45, "ens+mo3"}, {90, "ens+mo3"}, {150, "ens+mo3"},
		     {200, "ens+mo3"}, {300, "mo3"},	{500, "mo3"}};

	(void)state;
	make_grid(5);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct carbon_model_forecast forecast = forecast_of(grid, cases[i].days * DAY);

		assert_string_equal(forecast.model, cases[i].model);
		assert_int_equal(forecast.has_band, cases[i].days >= 14);
		assert_true(mean_error(forecast.mean_g_kwh, grid + cases[i].days * DAY) < 60);
	}
}

static void test_no_day_of_history_is_an_error(void **state)
{
	struct carbon_model *model;
	struct carbon_model_forecast forecast;
	struct carbon_err err;

	(void)state;
	make_grid(0);
	model = model_of(grid, DAY - 1);
	memset(&forecast, 7, sizeof(forecast));
	assert_int_equal(carbon_model_predict(model, &forecast, &err), -1);
	assert_string_equal(err.text, "history: 23 known hours, a forecast needs 24");
	assert_int_equal(((const unsigned char *)&forecast)[0], 7);
	carbon_model_destroy(model);
}

static void test_impossible_values_are_refused_by_their_time(void **state)
{
	struct carbon_model *model;
	struct carbon_model_forecast forecast;
	struct carbon_err err;
	double bad[3] = {300, -1, 300};

	(void)state;
	make_grid(0);
	model = model_of(grid, 2 * DAY);
	assert_int_equal(carbon_model_extend(model, bad, 3, &err), -1);
	assert_string_equal(err.text,
			    "history: 2021-01-03T01:00:00Z: -1 g/kWh is no intensity");
	bad[1] = INFINITY;
	assert_int_equal(carbon_model_extend(model, bad, 3, &err), -1);
	assert_int_equal(carbon_model_predict(model, &forecast, &err), 0);
	assert_int_equal(forecast.known_h, 48);
	carbon_model_destroy(model);
}

static void test_holes_are_bridged_or_told(void **state)
{
	struct carbon_model_forecast forecast;
	size_t end = 500 * DAY;

	(void)state;
	make_grid(5);
	grid[end - 10] = grid[end - 9] = NAN; /* short: bridged */
	for (size_t t = end - 20 * DAY; t < end - 19 * DAY; t++)
		grid[t] = NAN; /* a day, long ago */
	forecast = forecast_of(grid, end);
	assert_string_equal(forecast.model, "mo3");
	assert_int_equal(forecast.bridged_h, 2);
	assert_int_equal(forecast.missing_h, 24);
	assert_int_equal(forecast.known_h, end - 26);
	for (size_t t = end - 12; t < end - 5; t++)
		grid[t] = NAN; /* a hole in the last day: nothing to regress on */
	forecast = forecast_of(grid, end);
	assert_string_equal(forecast.model, "ens");
	for (int h = 0; h < HORIZON; h++)
		assert_true(isfinite(forecast.mean_g_kwh[h]));
}

static void test_late_data_move_the_start(void **state)
{
	struct carbon_model_forecast late, early;
	size_t end = 300 * DAY;

	(void)state;
	make_grid(5);
	early = forecast_of(grid, end - 6);
	for (size_t t = end - 6; t < end; t++)
		grid[t] = NAN;
	late = forecast_of(grid, end);
	assert_int_equal(late.start_at, START + (time_t)(end - 6) * 3600);
	assert_memory_equal(late.mean_g_kwh, early.mean_g_kwh, sizeof(late.mean_g_kwh));
}

static void test_a_zone_at_zero_is_no_trouble(void **state)
{
	struct carbon_model_forecast forecast;

	(void)state;
	memset(grid, 0, sizeof(grid));
	forecast = forecast_of(grid, 400 * DAY);
	for (int h = 0; h < HORIZON; h++)
		assert_float_equal(forecast.mean_g_kwh[h], 0, 1e-6);
}

static void test_hour_by_hour_is_the_same_as_at_once(void **state)
{
	struct carbon_model_forecast steps, once;
	struct carbon_model *model;
	struct carbon_err err;

	(void)state;
	make_grid(10);
	model = model_of(grid, 440 * DAY);
	for (size_t t = 440 * DAY; t < 460 * DAY; t++) {
		assert_int_equal(carbon_model_predict(model, &steps, &err), 0);
		assert_int_equal(carbon_model_extend(model, grid + t, 1, &err), 0);
	}
	assert_int_equal(carbon_model_predict(model, &steps, &err), 0);
	carbon_model_destroy(model);
	once = forecast_of(grid, 460 * DAY);
	for (int h = 0; h < HORIZON; h++)
		assert_float_equal(steps.mean_g_kwh[h], once.mean_g_kwh[h], 1e-6);
	steps = forecast_of(grid, 460 * DAY);
	assert_memory_equal(&steps, &once, sizeof(once)); /* and again to the last bit */
}

/* A forecast of the past, made with all of history at hand, must be the one of that time. */
static void test_no_forecast_sees_what_came_after(void **state)
{
	static const struct carbon_ridge_spec spec = {CARBON_SCALE_LOG, 7, 28};
	static const struct carbon_ridge_tuning tuning = {0.01, 3, true, true};
	struct carbon_model_history past;
	struct carbon_ridge *ridge;
	double out[2][HORIZON], simple[2][HORIZON];
	size_t origin = 450 * DAY + 5;

	(void)state;
	for (int changed = 0; changed < 2; changed++) {
		make_grid(10);
		for (size_t t = origin; changed && t < origin + 40 * DAY; t++)
			grid[t] = 1000 - grid[t];
		carbon_model_history_init(&past, START / 3600);
		assert_int_equal(carbon_model_history_add(&past, grid, origin + 40 * DAY), 0);
		ridge = carbon_ridge_create(&spec);
		assert_true(carbon_ridge_predict(ridge, &past, &tuning, origin, out[changed]));
		assert_true(carbon_simple_predict(CARBON_SIMPLE_ENS, past.raw, origin, HORIZON,
						  simple[changed]));
		carbon_ridge_destroy(ridge);
		carbon_model_history_fini(&past);
	}
	assert_memory_equal(out[0], out[1], sizeof(out[0]));
	assert_memory_equal(simple[0], simple[1], sizeof(simple[0]));
}

/* Going back a week must forget what was learnt since. */
static void test_origins_may_come_in_any_order(void **state)
{
	static const struct carbon_ridge_spec spec = {CARBON_SCALE_ROOT, 14, 42};
	static const struct carbon_ridge_tuning tuning = {0.01, 3, true, false};
	struct carbon_model_history past;
	struct carbon_ridge *ridge = carbon_ridge_create(&spec);
	double first[HORIZON], later[HORIZON], again[HORIZON];

	(void)state;
	make_grid(10);
	carbon_model_history_init(&past, START / 3600);
	assert_int_equal(carbon_model_history_add(&past, grid, 400 * DAY), 0);
	assert_true(carbon_ridge_predict(ridge, &past, &tuning, 200 * DAY, first));
	assert_true(carbon_ridge_predict(ridge, &past, &tuning, 400 * DAY, later));
	assert_true(carbon_ridge_predict(ridge, &past, &tuning, 200 * DAY, again));
	for (int h = 0; h < HORIZON; h++)
		assert_float_equal(first[h], again[h], 1e-9);
	carbon_ridge_destroy(ridge);
	carbon_model_history_fini(&past);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_mean_of_seven_days_is_that),
		cmocka_unit_test(test_means_of_days_skip_what_is_missing),
		cmocka_unit_test(test_ens_is_three_rules_and_a_fading_error),
		cmocka_unit_test(test_waves_and_weekends_are_found),
		cmocka_unit_test(test_this_season_teaches_more_than_another),
		cmocka_unit_test(test_four_of_five_hours_lie_in_the_band),
		cmocka_unit_test(test_little_history_gives_a_simpler_model),
		cmocka_unit_test(test_no_day_of_history_is_an_error),
		cmocka_unit_test(test_impossible_values_are_refused_by_their_time),
		cmocka_unit_test(test_holes_are_bridged_or_told),
		cmocka_unit_test(test_late_data_move_the_start),
		cmocka_unit_test(test_a_zone_at_zero_is_no_trouble),
		cmocka_unit_test(test_hour_by_hour_is_the_same_as_at_once),
		cmocka_unit_test(test_no_forecast_sees_what_came_after),
		cmocka_unit_test(test_origins_may_come_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
