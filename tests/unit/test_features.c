/* SPDX-License-Identifier: GPL-2.0-or-later */
/* --constraint against the features of a place: sbatch's grammar, and "no" to all that is in doubt. */
#include "tests/unit/unit.h"

#include "policies/features.h"

/* The place has avx, rack1 and gpu on every node. */
static bool has(const void *caller, const char *name)
{
	(void)caller;
	return strcmp(name, "avx") == 0 || strcmp(name, "rack1") == 0 || strcmp(name, "gpu") == 0;
}

static void check(const char *const *row, bool is_met)
{
	for (; *row; row++)
		if (carbon_features_meet(*row, has, NULL) != is_met)
			fail_msg("\"%s\" is %s", *row, is_met ? "not met" : "met");
}

static void what_every_node_has_is_met(void **state)
{
	static const char *const rows[] = {
		"", "avx", "avx&rack1", "avx|none", "none|avx", "none|other|gpu", "[rack2|rack1]", "[rack1*2&avx*4]",
		"avx&(rack1|rack2)", "(rack2|rack1)&avx", "(avx&rack2)|(avx&rack1)", "avx*4", "[(rack1&gpu)*2|rack2*2]",
		"avx,gpu", "[rack1|rack2]&gpu", "avx&rack1|gpu", NULL,
	};

	(void)state;
	check(rows, true);
}

static void what_some_node_may_lack_is_not(void **state)
{
	static const char *const rows[] = {
		"none", "AVX", "avx&none", "none|other", "[rack2|rack3]", "(avx|none)&rack2", "avx&(rack2|rack3)",
		"(avx&rack2)|(gpu&rack3)", "avx,none", "[rack1*2&rack2*2]", NULL,
	};

	(void)state;
	check(rows, false);
}

/* "a&b|c" without parentheses: whichever way Slurm groups it, all of them will do, and less might not. */
static void what_is_in_doubt_is_not(void **state)
{
	static const char *const rows[] = {
		"avx&rack1|none", "none|avx&rack1", "avx|none&rack1", "avx|none,gpu", NULL,
	};

	(void)state;
	check(rows, false);
}

static void what_is_not_understood_is_not(void **state)
{
	static const char *const rows[] = {
		"avx&", "&avx", "|", "avx||gpu", "(avx", "avx)", "[avx", "avx]", "()", "[]", "[avx)", "avx*", "avx*x", "!avx",
		"avx gpu", "avx&!gpu", "{avx}", "((((((((((avx))))))))))", "*2", "(avx))",
		"a_name_that_is_far_longer_than_any_feature_of_a_node_in_slurm_can_be_here", NULL,
	};

	(void)state;
	check(rows, false);
}

/* Random texts of its letters: nothing is read past the end, and a place without features meets nothing but "". */
static bool has_none(const void *caller, const char *name)
{
	(void)caller;
	(void)name;
	return false;
}

static void no_text_is_met_by_nothing(void **state)
{
	static const char letters[] = "ab&|()[]*2,";
	uint64_t seed = 20261122;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[24];
		size_t length = 1 + (size_t)(round % (int)(sizeof(text) - 1));

		for (size_t i = 0; i < length; i++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			text[i] = letters[(seed >> 33) % (sizeof(letters) - 1)];
		}
		text[length] = '\0';
		if (carbon_features_meet(text, has_none, NULL))
			fail_msg("\"%s\" is met by nothing (seed 20261122, round %d)", text, round);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_every_node_has_is_met),
		cmocka_unit_test(what_some_node_may_lack_is_not),
		cmocka_unit_test(what_is_in_doubt_is_not),
		cmocka_unit_test(what_is_not_understood_is_not),
		cmocka_unit_test(no_text_is_met_by_nothing),
	};

	return cmocka_run_group_tests_name("features", tests, NULL, NULL);
}
