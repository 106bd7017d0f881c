/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What of the books reaches the site: waits by size, full hours of the week, the delayed share. Must never touch a database
 * outside its own temporary folder.
 */
#include "tests/unit/unit.h"

#include "accounting/books.h"
#include "accounting/occupy.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/record.h"
#include "lib/time.h"
#include "tests/unit/support.h"
#include "tools/measure.h"

#define HOUR_S ((time_t)3600)
#define DAY_S ((time_t)86400)
#define NOW ((time_t)1790000000 / 604800 * 604800 + 4 * 86400) /* a Monday 00:00 UTC */

static struct carbon_place places[1];

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)context;
	(void)partition;
	*is_gone = false;
	return &places[0];
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

struct fixture {
	char folder[SUPPORT_FOLDER_MAX], path[96];
	struct carbon_store *store;
	struct carbon_books *books;
	struct carbon_occupy *occupy;
	struct carbon_site site;
	struct carbon_rule rule[1];
	uint32_t runs;
	struct carbon_err err;
};

static int set_up(void **state)
{
	static const struct carbon_books_site site = {.place = find_place, .sources = find_sources};
	static const struct carbon_occupy_place place = {"batch", 10, 10, 4};
	static const double whole[] = {1};
	const struct carbon_occupy_site occupied = {
		.cluster = "alpha", .places = 1, .place = &place, .shared = whole, .owned = whole, .grace_s = 120};
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	support_folder("measure", fixture->folder);
	snprintf(fixture->path, sizeof(fixture->path), "%s/carbon.db", fixture->folder);
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_power_init(&places[0].power);
	places[0].node_cores = 4;
	places[0].nodes = 10;
	snprintf(places[0].partition, sizeof(places[0].partition), "batch");
	fixture->books = carbon_books_create(fixture->store, &site, NOW);
	fixture->occupy = carbon_occupy_create(&occupied, NOW - 21 * DAY_S, NOW);
	assert_true(fixture->books && fixture->occupy);
	carbon_site_init(&fixture->site);
	snprintf(fixture->site.cluster, sizeof(fixture->site.cluster), "alpha");
	fixture->site.level = CARBON_LEVEL_DEFAULT;
	fixture->site.places = 1;
	fixture->site.place = places;
	carbon_rule_init(&fixture->rule[0], CARBON_RULE_ACCOUNT);
	snprintf(fixture->rule[0].name, sizeof(fixture->rule[0].name), "physics");
	fixture->site.rules = 1;
	fixture->site.rule = fixture->rule;
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const left[] = {"", "-wal", "-shm"};
	struct fixture *fixture = *state;
	char path[128];

	fixture->site.places = fixture->site.rules = 0;
	fixture->site.place = NULL;
	fixture->site.rule = NULL;
	carbon_site_fini(&fixture->site);
	carbon_occupy_destroy(fixture->occupy);
	carbon_books_destroy(fixture->books);
	carbon_store_close(fixture->store);
	for (size_t i = 0; i < COUNT(left); i++) {
		snprintf(path, sizeof(path), "%s%s", fixture->path, left[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture);
	return 0;
}

/* What one run is like. */
struct shape {
	double nodes;
	time_t eligible_at, start_at, run_s;
	const char *account;
	enum carbon_level level; /* OFF: it has no record, else it was delayed under this level */
};

static void put(struct fixture *fixture, const struct shape *shape)
{
	struct carbon_run run = {.id = ++fixture->runs, .cluster = "alpha", .user = "ada", .partition = "batch",
				 .measured_j = -1, .submit_at = shape->eligible_at, .eligible_at = shape->eligible_at,
				 .start_at = shape->start_at, .end_at = shape->start_at + shape->run_s};
	struct carbon_record record = {.decided_at = shape->eligible_at, .level = shape->level, .delayed = true,
				       .baseline_at = shape->eligible_at, .begin_at = shape->start_at,
				       .latest_at = shape->start_at, .runtime_s = 3600, .outlook_at = shape->eligible_at,
				       .source = "file", .zone = "DE", .partition = "batch", .policy = "lowest-window"};
	char text[CARBON_RECORD_MAX];

	snprintf(run.account, sizeof(run.account), "%s", shape->account ? shape->account : "science");
	run.use.nodes = shape->nodes;
	run.use.cores = shape->nodes * 4;
	if (shape->level != CARBON_LEVEL_OFF) {
		assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
		run.comment = text;
	}
	if (carbon_books_add(fixture->books, &run, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_occupy_add(fixture->occupy, &run, shape->level == CARBON_LEVEL_OFF ? 0 : shape->start_at);
}

static void waits_reach_the_site_by_size_and_only_where_there_are_enough(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_wait *wait;

	for (int i = 0; i < 40; i++) { /* of four nodes: 10 minutes, two of them an hour */
		time_t wait_s = i < 36 ? 600 : HOUR_S, at = NOW - 2 * DAY_S + i * 60;

		put(fixture, &(struct shape){4, at, at + wait_s, 60, NULL, CARBON_LEVEL_OFF});
	}
	for (int i = 0; i < CARBON_MEASURE_WAITS_MIN - 1; i++) /* of one: too few */
		put(fixture, &(struct shape){1, NOW - DAY_S, NOW - DAY_S + 60, 60, NULL, CARBON_LEVEL_OFF});
	assert_int_equal(carbon_measure_waits(fixture->store, NOW, &fixture->site, &fixture->err), 0);
	assert_int_equal(fixture->site.waits, 1);
	wait = carbon_site_wait(&fixture->site, "batch", 5);
	assert_non_null(wait);
	assert_int_equal(wait->up_to_nodes, 7);
	assert_int_equal(wait->count, 40);
	assert_int_equal(wait->p50_s, 600);
	assert_int_equal(wait->p95_s, HOUR_S);
}

static void full_hours_reach_the_site_once_every_hour_of_the_week_was_seen(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_full *full;

	assert_int_equal(carbon_measure_fulls(fixture->store, NOW, &fixture->site, &fixture->err), 0);
	assert_null(carbon_site_full(&fixture->site, "batch"));
	/* each Tuesday from 10:00 to 12:00 one waits while another one has all nodes */
	for (int week = 1; week <= 3; week++) {
		time_t tuesday = NOW - week * 7 * DAY_S + DAY_S;

		put(fixture, &(struct shape){10, tuesday + 9 * HOUR_S, tuesday + 9 * HOUR_S, 3 * HOUR_S, NULL,
					     CARBON_LEVEL_OFF});
		put(fixture, &(struct shape){10, tuesday + 10 * HOUR_S - 300, tuesday + 12 * HOUR_S, HOUR_S, NULL,
					     CARBON_LEVEL_OFF});
	}
	if (carbon_occupy_write(fixture->occupy, fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	free(fixture->site.full);
	fixture->site.full = NULL;
	assert_int_equal(carbon_measure_fulls(fixture->store, NOW, &fixture->site, &fixture->err), 0);
	full = carbon_site_full(&fixture->site, "batch");
	assert_non_null(full);
	assert_near((double)full->value[24 + 10], 1, 0.1);
	assert_near((double)full->value[24 + 11], 1, 0.1);
	assert_near((double)full->value[24 + 14], 0, 1e-6);
	assert_near((double)full->value[48 + 10], 0, 1e-6);
}

static void the_delayed_share_is_of_the_last_week_and_of_the_level_that_holds(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_live live = {.cluster = "alpha"};
	time_t at = NOW - DAY_S;

	assert_int_equal(carbon_measure_share(fixture->store, &live, NOW, &fixture->site, &fixture->err), 0);
	assert_near(fixture->site.all_node_h, 0, 0); /* nothing is known */
	put(fixture, &(struct shape){2, at, at, 3 * HOUR_S, "physics", CARBON_LEVEL_OFF});
	put(fixture, &(struct shape){1, at, at + HOUR_S, 2 * HOUR_S, "physics", CARBON_LEVEL_DEFAULT});
	put(fixture, &(struct shape){1, at, at + HOUR_S, HOUR_S, "science", CARBON_LEVEL_OBSERVE});
	put(fixture, &(struct shape){5, NOW - 9 * DAY_S, NOW - 9 * DAY_S, HOUR_S, "physics", CARBON_LEVEL_DEFAULT});
	put(fixture, &(struct shape){1, NOW - 8 * DAY_S, NOW - 7 * DAY_S - HOUR_S, 2 * HOUR_S, "science",
				     CARBON_LEVEL_DEFAULT});
	assert_int_equal(carbon_measure_share(fixture->store, &live, NOW, &fixture->site, &fixture->err), 0);
	assert_near(fixture->site.all_node_h, 6 + 2 + 1 + 1, 1e-6);
	assert_near(fixture->site.flexible_node_h, 2 + 1, 1e-6);
	assert_near(fixture->rule[0].all_node_h, 8, 1e-6);
	assert_near(fixture->rule[0].flexible_node_h, 2, 1e-6);
}

static void in_shadow_mode_the_shadow_s_delays_are_the_share(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_live live = {.cluster = "alpha"};
	time_t at = NOW - DAY_S;

	fixture->site.level = CARBON_LEVEL_OBSERVE;
	put(fixture, &(struct shape){1, at, at + HOUR_S, 2 * HOUR_S, "physics", CARBON_LEVEL_DEFAULT});
	put(fixture, &(struct shape){1, at, at + HOUR_S, HOUR_S, "science", CARBON_LEVEL_OBSERVE});
	assert_int_equal(carbon_measure_share(fixture->store, &live, NOW, &fixture->site, &fixture->err), 0);
	assert_near(fixture->site.all_node_h, 3, 1e-6);
	assert_near(fixture->site.flexible_node_h, 1, 1e-6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waits_reach_the_site_by_size_and_only_where_there_are_enough),
		TEST(full_hours_reach_the_site_once_every_hour_of_the_week_was_seen),
		TEST(the_delayed_share_is_of_the_last_week_and_of_the_level_that_holds),
		TEST(in_shadow_mode_the_shadow_s_delays_are_the_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
