/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a job holds, in slurmctld's and in slurmdbd's spelling, as both were seen to write it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cluster/tres.h"

static struct carbon_tres_name names[] = {
	{1001, "gres/gpu"}, {1002, "gres/gpu:a100"}, {1003, "license/matlab"}};
static const struct carbon_tres_table table = {3, names};

static struct carbon_resources parse(const char *tres)
{
	struct carbon_resources use;

	memset(&use, 0, sizeof(use));
	carbon_tres_parse(tres, &table, &use);
	return use;
}

static void slurmctld_writes_words(void **state)
{
	struct carbon_resources use = parse("cpu=4,mem=1.50G,node=2,billing=4,gres/gpu=8,gres/gpu:a100=8");

	(void)state;
	assert_float_equal(use.cores, 4, 1e-9);
	assert_float_equal(use.memory_gb, 1.5, 1e-9);
	assert_float_equal(use.nodes, 2, 1e-9);
	assert_int_equal(use.gpu_kinds, 1);
	assert_string_equal(use.gpu[0].type, "a100");
	assert_int_equal(use.gpu[0].count, 8);
	assert_float_equal(parse("cpu=1,mem=500M,node=1").memory_gb, 500.0 / 1024, 1e-9);
	assert_float_equal(parse("mem=2T").memory_gb, 2048, 1e-9);
}

static void slurmdbd_writes_numbers(void **state)
{
	struct carbon_resources use = parse("1=4,2=8192,3=18446744073709551614,4=1,5=4,1002=2,1003=1,1009=7");

	(void)state;
	assert_float_equal(use.cores, 4, 1e-9);
	assert_float_equal(use.memory_gb, 8, 1e-9);
	assert_float_equal(use.nodes, 1, 1e-9);
	assert_int_equal(use.gpu_kinds, 1);
	assert_int_equal(use.gpu[0].count, 2);
}

static void energy_not_measured_is_told_from_none(void **state)
{
	(void)state;
	assert_float_equal(carbon_tres_count("1=4,3=1200", 3), 1200, 1e-9);
	assert_float_equal(carbon_tres_count("1=4,3=18446744073709551614", 3), -1, 1e-9);
	assert_float_equal(carbon_tres_count("1=4", 3), -1, 1e-9);
	assert_float_equal(carbon_tres_count(NULL, 3), -1, 1e-9);
}

static void damaged_strings_give_nothing(void **state)
{
	static const char *const DAMAGED[] = {"", ",", "=", "cpu", "cpu=", "cpu=x", "1=-4", "cpu=1e99",
					      "gres/gpu=many", "99999999999=3", ",,,=,="};

	(void)state;
	for (size_t i = 0; i < sizeof(DAMAGED) / sizeof(DAMAGED[0]); i++) {
		struct carbon_resources use = parse(DAMAGED[i]);

		assert_float_equal(use.cores + use.nodes + use.memory_gb, 0, 1e-12);
		assert_int_equal(use.gpu_kinds, 0);
	}
	assert_float_equal(parse(NULL).cores, 0, 1e-12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slurmctld_writes_words),
		cmocka_unit_test(slurmdbd_writes_numbers),
		cmocka_unit_test(energy_not_measured_is_told_from_none),
		cmocka_unit_test(damaged_strings_give_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
