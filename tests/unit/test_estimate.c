/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The published formulas against the published figures: every preset within two per cent of what its source prints.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "accounting/estimate.h"
#include "lib/err.h"

static struct carbon_estimated compute(const struct carbon_estimate *run)
{
	struct carbon_estimated out;
	struct carbon_err err = {""};

	memset(&out, 0, sizeof(out));
	if (carbon_estimate_compute(run, &out, &err) < 0)
		fail_msg("%s", err.text);
	return out;
}

static void every_published_run_is_reproduced(void **state)
{
	(void)state;
	assert_true(carbon_estimate_presets_count >= 9);
	for (size_t i = 0; i < carbon_estimate_presets_count; i++) {
		const struct carbon_estimate_preset *preset = &carbon_estimate_presets[i];
		struct carbon_estimated out = compute(&preset->run);

		assert_ptr_equal(carbon_estimate_preset_find(preset->name), preset);
		if (fabs(out.energy_kwh / preset->published_kwh - 1) > 0.02 ||
		    fabs(out.net_kg / preset->published_net_kg - 1) > 0.02)
			fail_msg("%s: %g kWh, %g kg net; published %g and %g", preset->name,
				 out.energy_kwh, out.net_kg, preset->published_kwh,
				 preset->published_net_kg);
	}
}

/* The figures themselves, typed here a second time: a preset cannot be bent to fit. */
static void the_figures_are_those_of_the_papers(void **state)
{
	static const struct {
		const char *name;
		double mwh, net_t;
	} table[] = {
		{"t5", 85.7, 46.7},	    {"meena", 232, 96.4},
		{"gshard-600b", 24.1, 4.3}, {"switch-transformer", 179, 59.1},
		{"gpt-3", 1287, 552.1},	    {"evolved-transformer-nas", 7.5, 3.2},
		{"bert-base", 1.507, 0.652}, {"transformer-nas-2019", 656.347, 284.0},
		{"bloom-176b", 433, 24.7},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct carbon_estimate_preset *preset = carbon_estimate_preset_find(table[i].name);
		struct carbon_estimated out;

		assert_non_null(preset);
		out = compute(&preset->run);
		assert_true(fabs(out.energy_kwh / 1000 / table[i].mwh - 1) < 0.02);
		assert_true(fabs(out.net_kg / 1000 / table[i].net_t - 1) < 0.02);
	}
	assert_null(carbon_estimate_preset_find("gpt-5"));
}

static void strubells_formula_and_inference(void **state)
{
	struct carbon_estimate run;
	struct carbon_estimated out;

	(void)state;
	carbon_estimate_init(&run);
	run.cpu_w = 100;
	run.dram_w = 20;
	run.gpu_w = 300;
	run.gpus = 4;
	run.hours = 10;
	run.pue = 1.5;
	run.gross_g_kwh = 400;
	run.net_g_kwh = 0;
	run.queries = 1000;
	run.wh_per_query = 3;
	out = compute(&run);
	/* 1.5 * 10 * 1320 / 1000, and 3 kWh of queries */
	assert_float_equal(out.training_kwh, 19.8, 1e-9);
	assert_float_equal(out.energy_kwh, 22.8, 1e-9);
	assert_float_equal(out.gross_kg, 9.12, 1e-9);
	assert_float_equal(out.net_kg, 0, 1e-9);
}

static void too_little_and_too_much_are_refused(void **state)
{
	struct carbon_estimate run;
	struct carbon_estimated out = {.energy_kwh = 7};
	struct carbon_err err;

	(void)state;
	carbon_estimate_init(&run);
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	run.processors = 1;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	run.watts = 1;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	run.hours = 1;
	run.pue = 0.9;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	run.pue = 1;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	run.gross_g_kwh = 100;
	run.queries = 5;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	run.queries = 0;
	run.gpus = 1;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), -1);
	assert_float_equal(out.energy_kwh, 7, 1e-12);
	run.gpus = 0;
	assert_int_equal(carbon_estimate_compute(&run, &out, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_published_run_is_reproduced),
		cmocka_unit_test(the_figures_are_those_of_the_papers),
		cmocka_unit_test(strubells_formula_and_inference),
		cmocka_unit_test(too_little_and_too_much_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
