/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose a waiting job's begin is: ours only while nothing and nobody else has changed it. */
#include "tests/unit/unit.h"

#include "cluster/cluster.h"

#define BEGIN_AT ((time_t)1791190800)

static void comment_of(const char *level, int delayed, char *out, size_t size)
{
	snprintf(out, size,
		 "theirs [carbon/1 at=1791168000 level=%s delayed=%d base=1791168000 begin=%lld latest=1791208380 "
		 "run=7200 runby=user w=1264.5 g=632.25 baseg=1011.6 highg=758.7 signal=average-lifecycle "
		 "kind=forecast issued=1791166800 source=synthetic zone=DE part=gpu policy=lowest-window]",
		 level, delayed, (long long)BEGIN_AT);
}

static void a_begin_that_we_gave_is_ours(void **state)
{
	struct carbon_record record = {0};
	char comment[1024];

	(void)state;
	comment_of("default", 1, comment, sizeof(comment));
	assert_true(carbon_cluster_owns(comment, BEGIN_AT, 0, &record));
	assert_int_equal(record.begin_at, BEGIN_AT);
	assert_string_equal(record.zone, "DE");
}

static void whatever_was_changed_is_not(void **state)
{
	struct carbon_record record = {.begin_at = 1};
	char comment[1024];

	(void)state;
	comment_of("default", 1, comment, sizeof(comment));
	assert_false(carbon_cluster_owns(comment, BEGIN_AT + 1, 0, &record)); /* somebody moved its start */
	assert_false(carbon_cluster_owns(comment, 0, 0, &record));
	assert_false(carbon_cluster_owns(comment, BEGIN_AT, 1, &record)); /* requeued */
	snprintf(strrchr(comment, ']'), 20, " cuts=1]"); /* by us, once */
	assert_false(carbon_cluster_owns(comment, BEGIN_AT, 0, &record));
	assert_false(carbon_cluster_owns(comment, BEGIN_AT, 2, &record));
	assert_true(carbon_cluster_owns(comment, BEGIN_AT, 1, &(struct carbon_record){0}));
	comment_of("observe", 1, comment, sizeof(comment));
	assert_false(carbon_cluster_owns(comment, BEGIN_AT, 0, &record));
	comment_of("default", 0, comment, sizeof(comment));
	assert_false(carbon_cluster_owns(comment, BEGIN_AT, 0, &record));
	comment[40] = ' '; /* damaged */
	assert_false(carbon_cluster_owns(comment, BEGIN_AT, 0, &record));
	assert_false(carbon_cluster_owns("theirs", BEGIN_AT, 0, &record));
	assert_false(carbon_cluster_owns(NULL, BEGIN_AT, 0, &record));
	assert_int_equal(record.begin_at, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_begin_that_we_gave_is_ours),
		cmocka_unit_test(whatever_was_changed_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
