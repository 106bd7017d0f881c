/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The power model's arithmetic, and accelerators in every way that Slurm's clients write them. */
#include "tests/unit/unit.h"

#include "lib/power.h"

/* What USE holds, as "TYPE*COUNT ..." in the order found. */
static const char *gpus(const struct carbon_resources *use, char text[256])
{
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < use->gpu_kinds; i++)
		length += (size_t)snprintf(text + length, 256 - length, "%s%s*%u", i ? " " : "", use->gpu[i].type,
					   use->gpu[i].count);
	return text;
}

static void every_client_s_gpu_string_is_read(void **state)
{
	static const struct {
		const char *tres;
		uint32_t times;
		const char *gpus;
	} rows[] = {
		{"gres:gpu:a100:4", 1, "a100*4"}, /* --gres=gpu:a100:4 of 22.05 */
		{"gres/gpu:a100:4", 2, "a100*8"}, /* of 24.11, two nodes */
		{"gres:gpu:2", 3, "*6"},
		{"gres/gpu:2", 1, "*2"},
		{"gres/gpu:a100=1", 8, "a100*8"},
		{"cpu=3,gres/gpu:a100=1", 4, "a100*4"},
		{"gres:gpu", 2, "*2"}, /* no count: one */
		{"gres/gpu", 1, "*1"},
		{"gpu:2", 1, "*2"},
		{"gpu", 1, "*1"},
		{"gres/gpu=2", 1, "*2"},
		{"gres:gpu:v100", 1, "v100*1"},
		{"GRES:GPU:A100:4", 1, "A100*4"},
		{"gres:gpu:a100:2,gres:gpu:v100:1", 1, "a100*2 v100*1"},
		{"gres:gpu:a100:2,gpu:a100:1", 1, "a100*3"},
		{"gres:gpu:a100:2(S:0-1)", 1, "a100*2"},
		{"gpu:a100:2(IDX:0,2)", 1, "a100*2"},
		{"gpu:2(S:0)", 1, "*2"},
		{"gres:gpu:1g.5gb:3", 1, "1g.5gb*3"},
		{"gres:gpu:4090:2", 1, "4090*2"},
		{"gres:gpu:4", 1, "*4"},
		{"gres:nic:2,gres:gpu:1", 1, "*1"},
		{"gres:gpumem:80", 1, ""},
		{"gres/shard=4", 1, ""},
		{"license/matlab:3", 1, ""},
		{"billing=8,cpu=8,gres/gpu=4,gres/gpu:a100=4,mem=64G,node=1", 1, "a100*4"}, /* sacct */
		{"gres/gpu:a100=4,gres/gpu=8", 1, "a100*4 *4"}, /* half of them of a type that is not tracked */
		{"gres/gpu:a100=3,gres/gpu:v100=1,gres/gpu=4", 1, "a100*3 v100*1"},
		{"gpu:0", 1, ""},
		{"gpu:2", 0, ""},
		{"", 5, ""},
		{",,gpu:1,,", 1, "*1"},
	};
	char text[256];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_resources use = {0};

		assert_row(rows[i].tres, carbon_gpu_parse(rows[i].tres, rows[i].times, &use) == 0);
		assert_string_equal(gpus(&use, text), rows[i].gpus);
	}
}

static void hostile_gpu_strings_are_refused(void **state)
{
	static const char *const rows[] = {
		"gpu:", "gpu=", "gpu:a100:", "gpu::4", "gpu:a100=", "gpu:a100=x", "gpu=a100", "gpu:a100:-4", "gpu:-4", "gpu:+4x", "gpu=-1",
		"gpu:99999999999", "gpu:1000001", "gpu:a100:99999999999999999999", "gpu:a100:1.5", "gpu:a100:4:4", "gpu:a100:b200:4",
		"gpu:a_type_whose_name_is_longer_than_any:1", "gpu:a,gpu:b,gpu:c,gpu:d,gpu:e", "gpu:1,gpu:a100:1=2"};
	char huge[4096];
	struct carbon_resources use = {.gpu_kinds = 1, .gpu = {{"t4", 3}}}, before = use;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_row(rows[i], carbon_gpu_parse(rows[i], 1, &use) == -1);
	assert_int_equal(carbon_gpu_parse("gpu:1000000", UINT32_MAX, &use), -1);
	assert_int_equal(carbon_gpu_parse("gpu:t4:2", UINT32_MAX / 2, &use), -1);
	memset(huge, 'x', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_int_equal(carbon_gpu_parse(huge, 1, &use), -1);
	memset(huge, ',', sizeof(huge) - 1);
	assert_int_equal(carbon_gpu_parse(huge, 1, &use), 0);
	assert_memory_equal(&use, &before, sizeof(use));
}

static void random_bytes_never_crash(void **state)
{
	static const char *const bits[] = {"gpu", "gres:", "gres/", ":", "=", ",", "a100", "4", "-", "(", ")", "99999999", "x", "S:0-1"};
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int round = 0; round < 50000; round++) {
		struct carbon_resources use = {0};
		char text[128] = "";
		size_t length = 0;

		while (length < 100 && dice_chance(&dice, 90)) {
			const char *bit = bits[dice_between(&dice, 0, (long long)COUNT(bits) - 1)];

			length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", bit);
		}
		carbon_gpu_parse(text, (uint32_t)dice_between(&dice, 0, 10), &use);
		assert_row(text, use.gpu_kinds <= CARBON_GPU_KINDS_MAX);
		for (size_t i = 0; i < use.gpu_kinds; i++)
			assert_row(text, memchr(use.gpu[i].type, '\0', CARBON_GPU_NAME_MAX) != NULL);
	}
}

static void the_place_s_table_comes_before_the_shipped_one(void **state)
{
	struct carbon_power_model model;

	(void)state;
	carbon_power_init(&model);
	assert_near(carbon_power_gpu(&model, "a100"), 400, 0);
	assert_near(carbon_power_gpu(&model, "A100"), 400, 0);
	assert_near(carbon_power_gpu(&model, "unheard-of"), model.gpu_w, 0);
	assert_near(carbon_power_gpu(&model, ""), model.gpu_w, 0);
	model.gpu_types = 2;
	model.gpu_type[0] = (struct carbon_gpu_type){"a100", 300};
	model.gpu_type[1] = (struct carbon_gpu_type){"own", 0};
	assert_near(carbon_power_gpu(&model, "a100"), 300, 0);
	assert_near(carbon_power_gpu(&model, "own"), 0, 0);
	assert_near(carbon_power_gpu(&model, "v100"), 300, 0);
}

static void power_is_the_sum_of_its_parts(void **state)
{
	struct carbon_power_model model;
	struct carbon_resources use = {.nodes = 0.5, .cores = 16, .memory_gb = 128};

	(void)state;
	carbon_power_init(&model);
	model.core_w = 10;
	model.dram_w_gb = 0.5;
	model.other_w = 100;
	model.utilisation = 0.75;
	model.pue = 2; /* no part of IT power */
	assert_near(carbon_power_it(&model, &use), 160 + 64 + 50, 1e-9);
	assert_int_equal(carbon_gpu_parse("gres:gpu:a100:4,gpu:t4:1", 1, &use), 0);
	assert_near(carbon_power_it(&model, &use), 160 + 64 + 50 + 0.75 * (4 * 400 + 70), 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_client_s_gpu_string_is_read),
		cmocka_unit_test(hostile_gpu_strings_are_refused),
		cmocka_unit_test(random_bytes_never_crash),
		cmocka_unit_test(the_place_s_table_comes_before_the_shipped_one),
		cmocka_unit_test(power_is_the_sum_of_its_parts),
	};

	return cmocka_run_group_tests_name("power", tests, NULL, NULL);
}
