/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Quantities in sentences: no exponent, no "0.0 g" for what is not nothing, the sign kept. */
#include "tests/unit/unit.h"

#include "lib/quantity.h"

typedef void (*format_f)(double value, int digits, char out[CARBON_QUANTITY_TEXT]);

static const struct {
	format_f format;
	double value;
	int digits;
	const char *text;
} cases[] = {
	{carbon_mass_format, 0, 2, "0 g"},
	{carbon_mass_format, -0.0, 2, "0 g"},
	{carbon_mass_format, 1e-12, 2, "0 g"},
	{carbon_mass_format, 2.4e-6, 2, "0.0024 mg"},
	{carbon_mass_format, 0.044, 2, "44 mg"},
	{carbon_mass_format, 0.9949, 2, "995 mg"},
	{carbon_mass_format, 0.9996, 2, "1.0 g"},
	{carbon_mass_format, 9.94, 2, "9.9 g"},
	{carbon_mass_format, 9.96, 2, "10 g"},
	{carbon_mass_format, 340.2, 2, "340 g"},
	{carbon_mass_format, 999.4, 3, "999 g"},
	{carbon_mass_format, 999.6, 3, "1.00 kg"},
	{carbon_mass_format, 1903, 2, "1.9 kg"},
	{carbon_mass_format, 1903, 3, "1.90 kg"},
	{carbon_mass_format, -12345, 3, "-12.3 kg"},
	{carbon_mass_format, 999400, 3, "999 kg"},
	{carbon_mass_format, 2.4e6, 2, "2.4 t"},
	{carbon_mass_format, 3e10, 2, "30000 t"},
	{carbon_mass_format, 1e300, 2, "over 10^12 t"},
	{carbon_mass_format, NAN, 2, "unknown"},
	{carbon_mass_format, INFINITY, 2, "unknown"},
	{carbon_power_format, 0.5, 2, "500 mW"},
	{carbon_power_format, 340, 3, "340 W"},
	{carbon_power_format, 25000, 3, "25.0 kW"},
	{carbon_energy_format, 0.000123, 3, "123 mWh"},
	{carbon_energy_format, 0.5, 2, "500 Wh"},
	{carbon_energy_format, 12345, 3, "12.3 MWh"},
};

static void each_reads_well(void **state)
{
	char got[CARBON_QUANTITY_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cases[i].format(cases[i].value, cases[i].digits, got);
		assert_string_equal(got, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_reads_well),
	};

	return cmocka_run_group_tests_name("quantity", tests, NULL, NULL);
}
