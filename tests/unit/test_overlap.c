/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Partitions that share nodes, on clusters that were made up here. */
#include "cluster/cluster.h"
#include "tests/unit/unit.h"
#include "tools/overlap.h"

#define PARTITIONS 4

static void partitions_that_share_a_node_are_one(void **state)
{
	static struct carbon_partition partition[PARTITIONS] = {
		{.name = "short"}, {.name = "gpu"}, {.name = "long"}, {.name = "all"}};
	static struct carbon_node node[3];
	/* short and long meet in the second node, long and all in the third */
	unsigned char member[] = {1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 1};
	struct carbon_live live = {.partitions = PARTITIONS,
				   .partition = partition,
				   .nodes = COUNT(node),
				   .node = node,
				   .member = member};
	size_t group_of[PARTITIONS];
	char name[64];

	(void)state;
	carbon_overlap_groups(&live, group_of);
	assert_true(group_of[0] == group_of[2] && group_of[2] == group_of[3]);
	assert_true(group_of[1] != group_of[0]);
	assert_int_equal(carbon_overlap_names(&live, group_of, group_of[3], name, sizeof(name)),
			 3);
	assert_string_equal(name, "short,long,all");
	assert_int_equal(carbon_overlap_names(&live, group_of, group_of[1], name, sizeof(name)),
			 1);
	assert_string_equal(name, "gpu");
	assert_int_equal(carbon_overlap_names(&live, group_of, 77, name, sizeof(name)), 0);
	assert_string_equal(name, "");
	/* a name that does not fit is not cut */
	assert_int_equal(carbon_overlap_names(&live, group_of, group_of[3], name, 12), 2);
	assert_string_equal(name, "short,long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(partitions_that_share_a_node_are_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
