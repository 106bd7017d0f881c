/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster effect of a month, from rows of the ledger through the replay into carbon.db and back, and what is shared
 * out of it. Must never touch a database outside its own temporary folder.
 */
#include "accounting/effects.h"
#include "accounting/store.h"
#include "accounting/switchback.h"
#include "cluster/cluster.h"
#include "lib/err.h"
#include "lib/record.h"
#include "simulator/effect.h"
#include "tests/unit/support.h"
#include "tests/unit/unit.h"
#include "tools/effect_month.h"
#include "tools/switchback.h"

#define MONTH ((time_t)1793491200) /* 2026-11-01 */
#define NOON (MONTH + 9 * DAY + 12 * HOUR)
#define HOUR ((time_t)3600)
#define DAY ((time_t)86400)
#define SCHEDULE "-+-++-+-+--+-+-+-++-+--+-+-++-+--++-+-+-"
#define NOW (MONTH + 40 * DAY)

static struct carbon_place place;

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)context;
	(void)partition;
	*is_gone = false;
	return &place;
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

static const struct carbon_books_site site = {.place = find_place, .sources = find_sources};

struct fixture {
	char folder[SUPPORT_FOLDER_MAX], path[SUPPORT_DATABASE_MAX];
	struct carbon_store *store;
	struct carbon_books *books;
	struct carbon_err err;
	struct carbon_live live;
	struct carbon_partition partition[2];
	struct carbon_node node[4];
	unsigned char member[8];
	uint32_t jobs, gpus; /* the latter of each run */
};

/* 300 g/kWh from 6:00 to 22:00, else 100. */
static void put_history(struct fixture *fixture)
{
	struct carbon_series series;

	carbon_series_init(&series);
	for (int i = -8 * 24; i < 40 * 24; i++) {
		int hour = (i + 192) % 24;
		struct carbon_point point = {.at = MONTH + i * HOUR, .g_kwh = hour >= 6 && hour < 22 ? 300 : 100};

		assert_int_equal(carbon_series_add(&series, point, &fixture->err), 0);
	}
	assert_int_equal(carbon_store_history_put(fixture->store, "DE", CARBON_SIGNAL_LIFECYCLE, "file", NOW, &series,
						  NULL, &fixture->err),
			 0);
	carbon_series_fini(&series);
}

/* Four nodes of ten cores at 100 W; "short" has two of those that "batch" has. */
static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	support_database("effect", fixture->folder, fixture->path);
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_power_init(&place.power);
	place.power.pue = 1;
	place.power.core_w = 100;
	place.node_cores = 10;
	snprintf(place.zone, sizeof(place.zone), "DE");
	for (size_t i = 0; i < 4; i++) {
		snprintf(fixture->node[i].name, sizeof(fixture->node[i].name), "n%zu", i);
		fixture->node[i].cores = 10;
		fixture->member[i * 2] = 1;
		fixture->member[i * 2 + 1] = i < 2;
	}
	snprintf(fixture->partition[0].name, CARBON_NAME_MAX, "batch");
	snprintf(fixture->partition[1].name, CARBON_NAME_MAX, "short");
	fixture->partition[0].node_cores = fixture->partition[1].node_cores = 10;
	fixture->live = (struct carbon_live){.cluster = "alpha", .partitions = 2, .partition = fixture->partition,
					     .nodes = 4, .node = fixture->node, .member = fixture->member};
	put_history(fixture);
	fixture->books = carbon_books_create(fixture->store, &site, NOW);
	assert_non_null(fixture->books);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_books_destroy(fixture->books);
	carbon_store_close(fixture->store);
	support_database_remove(fixture->folder);
	free(fixture);
	return 0;
}

/* NODES whole nodes for HOURS from START on; submitted at READY and, where BEGIN is given, delayed until then by us. */
static void put_run(struct fixture *fixture, const char *partition, double nodes, const time_t when[3], time_t begin)
{
	struct carbon_run run = {.id = ++fixture->jobs, .user = "ada", .cluster = "alpha", .measured_j = -1};
	struct carbon_record record = {.decided_at = when[0], .level = CARBON_LEVEL_OPT_IN, .delayed = true,
				       .baseline_at = when[0], .begin_at = begin, .latest_at = begin + DAY,
				       .runtime_s = 3600, .outlook_at = when[0], .source = "file", .zone = "DE",
				       .partition = "batch", .policy = "lowest-window"};
	char text[CARBON_RECORD_MAX];

	snprintf(run.partition, sizeof(run.partition), "%s", partition);
	run.use.nodes = ceil(nodes);
	run.use.cores = nodes * 10;
	run.use.gpu_kinds = fixture->gpus > 0;
	run.use.gpu[0].count = fixture->gpus;
	run.submit_at = run.eligible_at = when[0];
	run.start_at = when[1];
	run.end_at = when[2];
	if (begin) {
		run.eligible_at = begin;
		assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
		run.comment = text;
	}
	if (carbon_books_add(fixture->books, &run, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static int settle(struct fixture *fixture, time_t now, bool is_forced)
{
	const struct carbon_tool_effect_ask ask = {.store = fixture->store, .live = &fixture->live, .site = &site,
						   .from_at = MONTH + DAY, .now = now, .is_forced = is_forced};
	struct carbon_err trouble = {""};
	int rc = carbon_tool_effect_settle(&ask, &trouble, &fixture->err);

	if (rc < 0)
		fail_msg("%s", fixture->err.text);
	assert_string_equal(trouble.text, "");
	return rc;
}

static struct carbon_effect_month find(struct fixture *fixture)
{
	struct carbon_effect_month month;

	assert_int_equal(carbon_effects_find(fixture->store, "alpha", MONTH, CARBON_EFFECT_REPLAY, &month,
					     &fixture->err),
			 1);
	return month;
}

static void an_empty_cluster_saves_what_the_clock_on_the_wall_says(void **state)
{
	struct fixture *fixture = *state;
	const time_t when[3] = {NOON, NOON + 12 * HOUR, NOON + 15 * HOUR};
	struct carbon_effect_month month;

	put_run(fixture, "batch", 2, when, NOON + 12 * HOUR);
	assert_int_equal(settle(fixture, NOW, false), 1);
	month = find(fixture);
	/* 2 kW for three hours at 100 and not at 300 */
	assert_float_equal(month.saved_g, 1200, 20);
	assert_float_equal(month.without_g, 1800, 20);
	assert_int_equal(month.jobs, 1);
	assert_int_equal(month.delayed, 1);
	assert_true(month.low_g <= month.saved_g && month.saved_g <= month.high_g);
	assert_true(month.replay_error < 0.02);
	assert_int_equal(month.to_at, MONTH + 30 * DAY);
}

/* The hole that the delayed job leaves is filled at once by one that waits, in a partition that has some of its nodes. */
static void a_queue_leaves_nothing_to_save(void **state)
{
	struct fixture *fixture = *state;
	const time_t ours[3] = {NOON, NOON + 12 * HOUR, NOON + 15 * HOUR};
	const time_t first[3] = {NOON - HOUR, NOON - HOUR, NOON};
	struct carbon_effect_month month;

	put_run(fixture, "batch", 4, first, 0);
	put_run(fixture, "batch", 4, ours, NOON + 12 * HOUR);
	for (int i = 0; i < 6; i++) { /* two nodes each, always two more waiting, till after ours */
		const time_t when[3] = {NOON, NOON + i / 2 * 5 * HOUR, NOON + (i / 2 + 1) * 5 * HOUR};

		if (i < 4)
			put_run(fixture, i % 2 ? "short" : "batch", 2, when, 0);
	}
	assert_int_equal(settle(fixture, NOW, false), 1);
	month = find(fixture);
	/* on the wall: 4 kW * 3 h * 200 g/kWh; really the others' work moved into the day that ours left */
	assert_true(month.saved_g < 1200);
	assert_int_equal(month.jobs, 6);
	assert_true(month.others_wait_without_s > month.others_wait_s);
}

/* A user who would not wait: neither the begin that we gave nor the one without us is what the month should be without. */
static void a_begin_that_was_taken_back_is_not_ours(void **state)
{
	struct fixture *fixture = *state;
	const time_t when[3] = {NOON, NOON + HOUR, NOON + 4 * HOUR};
	const time_t ours[3] = {NOON + DAY, NOON + DAY + 12 * HOUR, NOON + DAY + 15 * HOUR};
	struct carbon_effect_month month;

	put_run(fixture, "batch", 2, when, NOON + 12 * HOUR);
	assert_int_equal(settle(fixture, NOW, false), 0);
	put_run(fixture, "batch", 2, ours, ours[1]);
	assert_int_equal(settle(fixture, NOW, true), 1);
	month = find(fixture);
	assert_int_equal(month.jobs, 2);
	assert_int_equal(month.delayed, 1);
	assert_float_equal(month.saved_g, 1200, 20);
}

/* Two of four GPUs each, and one of ten cores: a node holds two of them, and eight nodes' worth wait for four nodes. */
static void jobs_on_shared_nodes_take_gpus_as_well(void **state)
{
	struct fixture *fixture = *state;
	const time_t ours[3] = {NOON, NOON + 12 * HOUR, NOON + 15 * HOUR};
	struct carbon_effect_month month;

	fixture->partition[0].node_gpus = 4;
	fixture->gpus = 2;
	for (int i = 0; i < 16; i++) {
		const time_t when[3] = {NOON + 1, NOON + 1 + i / 8 * 5 * HOUR, NOON + 1 + (i / 8 + 1) * 5 * HOUR};

		put_run(fixture, "batch", 0.1, when, 0);
	}
	put_run(fixture, "batch", 0.1, ours, NOON + 12 * HOUR);
	assert_int_equal(settle(fixture, NOW, false), 1);
	month = find(fixture);
	/* without us it runs at once, and one of the first eight has to wait for five hours, with the next eight behind it */
	assert_true(month.others_wait_without_s > month.others_wait_s);
	assert_float_equal(month.others_wait_s, 2.5 * HOUR, 60);
	assert_true(month.replay_error < 0.01);
}

static void a_month_without_delays_has_no_effect_and_an_open_one_is_done_daily(void **state)
{
	struct fixture *fixture = *state;
	const time_t when[3] = {NOON, NOON + 12 * HOUR, NOON + 15 * HOUR};
	struct carbon_effect_month month;

	assert_int_equal(settle(fixture, MONTH + 20 * DAY, false), 0);
	put_run(fixture, "batch", 2, when, NOON + 12 * HOUR);
	assert_int_equal(settle(fixture, MONTH + 20 * DAY, false), 1);
	assert_int_equal(find(fixture).to_at, MONTH + 20 * DAY);
	assert_int_equal(settle(fixture, MONTH + 20 * DAY + HOUR, false), 0);
	assert_int_equal(settle(fixture, MONTH + 20 * DAY + HOUR, true), 1);
	assert_int_equal(settle(fixture, MONTH + 22 * DAY, false), 1);
	assert_int_equal(settle(fixture, MONTH + 50 * DAY, false), 1);
	assert_int_equal(settle(fixture, MONTH + 60 * DAY, false), 0); /* long closed */
	assert_int_equal(carbon_effects_find(fixture->store, "beta", MONTH, CARBON_EFFECT_REPLAY, &month, &fixture->err),
			 0);
	assert_int_equal(carbon_effects_find(fixture->store, "alpha", MONTH, CARBON_EFFECT_SWITCHBACK, &month,
					     &fixture->err),
			 0);
}

static int waits(struct fixture *fixture, time_t from, struct carbon_effect *effect)
{
	const struct carbon_tool_effect_ask ask = {
		.store = fixture->store, .live = &fixture->live, .site = &site, .from_at = from, .now = NOON + 7 * DAY};

	return carbon_tool_effect_waits(&ask, effect, &fixture->err);
}

/* Ours was moved from the morning into the afternoon in which another one comes, who waits for it to end. */
static void what_others_wait_because_of_us_needs_no_grid(void **state)
{
	struct fixture *fixture = *state;
	const time_t ours[3] = {NOON - 8 * HOUR, NOON, NOON + 3 * HOUR};
	const time_t theirs[3] = {NOON, NOON + 3 * HOUR, NOON + 5 * HOUR};
	struct carbon_effect effect;

	assert_int_equal(waits(fixture, NOON - DAY, &effect), 0);
	place.zone[0] = '\0';
	put_run(fixture, "batch", 4, ours, NOON);
	put_run(fixture, "batch", 4, theirs, 0);
	assert_int_equal(waits(fixture, NOON - DAY, &effect), 1);
	assert_int_equal(effect.bystanders.jobs, 1);
	assert_float_equal(effect.bystanders.with_s, 3 * HOUR, 60);
	assert_float_equal(effect.bystanders.without_s, 0, 60);
	/* what began before the time that counts is not held against anybody */
	assert_int_equal(waits(fixture, NOON + 4 * HOUR, &effect), 0);
}

static void clusters_add_up_and_credits_share_what_was_saved(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_effect_month month = {.cluster = "alpha", .from_at = MONTH, .to_at = MONTH + DAY, .jobs = 110,
					    .delayed = 10, .without_g = 1000, .saved_g = 100, .low_g = 70, .high_g = 130,
					    .replay_error = 0.01, .others_wait_s = 60, .others_wait_without_s = 30,
					    .computed_at = NOW};

	assert_int_equal(carbon_effects_sum(fixture->store, MONTH, CARBON_EFFECT_REPLAY, &month, &fixture->err), 0);
	assert_int_equal(carbon_effects_put(fixture->store, &month, &fixture->err), 0);
	snprintf(month.cluster, sizeof(month.cluster), "beta");
	month.jobs = 310;
	month.saved_g = -50;
	month.low_g = -90;
	month.high_g = -10;
	month.others_wait_s = 100;
	month.replay_error = NAN;
	assert_int_equal(carbon_effects_put(fixture->store, &month, &fixture->err), 0);
	assert_int_equal(carbon_effects_sum(fixture->store, MONTH, CARBON_EFFECT_REPLAY, &month, &fixture->err), 1);
	assert_float_equal(month.saved_g, 50, 1e-9);
	assert_float_equal(month.low_g, 0, 1e-9); /* 30 and 40 are 50 together */
	assert_float_equal(month.high_g, 100, 1e-9);
	assert_float_equal(month.others_wait_s, 90, 1e-9);
	assert_float_equal(month.replay_error, 0.01, 1e-9);
	assert_string_equal(month.cluster, "");
	assert_float_equal(carbon_effects_share(50, 20, 200), 5, 1e-9);
	assert_float_equal(carbon_effects_share(-50, 20, -200), 5, 1e-9);
	assert_true(isnan(carbon_effects_share(50, 20, -200)));
	assert_true(isnan(carbon_effects_share(50, 20, 0)));
}

/* --- switchback --- */

static void the_schedule_is_the_same_for_ever(void **state)
{
	struct carbon_holdout holdout;
	char blocks[41] = "";
	size_t without = 0;

	(void)state;
	carbon_holdout_init(&holdout);
	for (int i = 0; i < 40; i++)
		blocks[i] = carbon_holdout_is_without(&holdout, 6000 + i) ? '-' : '+';
	assert_string_equal(blocks, SCHEDULE);
	for (int64_t i = 0; i < 20000; i += 2) {
		assert_true(carbon_holdout_is_without(&holdout, i) != carbon_holdout_is_without(&holdout, i + 1));
		without += carbon_holdout_is_without(&holdout, i);
	}
	assert_between(without, 4800, 5200);
	holdout.seed = 2;
	for (int i = 0; i < 40; i++)
		blocks[i] = carbon_holdout_is_without(&holdout, 6000 + i) ? '-' : '+';
	assert_string_not_equal(blocks, SCHEDULE);
}

static void pairs_are_compared_and_few_say_nothing(void **state)
{
	/* saved by kWh: 10, 20, 30, 40; the fifth pair has a bad block, the sixth two of a kind */
	const struct carbon_switchback_block block[12] = {
		{true, true, 10, 100},	 {false, true, 10, 0},	 {false, true, 5, -100}, {true, true, 10, 0},
		{true, true, 10, 300},	 {false, true, 20, 0},	 {true, true, 1, 40},	 {false, true, 1, 0},
		{true, true, 10, 9e9},	 {false, false, 10, 0},	 {true, true, 10, 9e9},	 {true, true, 10, 0}};
	struct carbon_switchback out;

	(void)state;
	assert_false(carbon_switchback_estimate(block, 6, &out));
	assert_int_equal(out.pairs, 3);
	assert_true(carbon_switchback_estimate(block, 12, &out));
	assert_int_equal(out.pairs, 4);
	assert_float_equal(out.saved_g_kwh, 25, 1e-9);
	/* standard deviation sqrt(500 / 3), t of three degrees of freedom */
	assert_float_equal(out.error_g_kwh, 3.182 * sqrt(500.0 / 3 / 4), 1e-6);
}

/* Every day a job of 2 kW for two hours: at noon, and in blocks with delays at ten in the evening. */
static void blocks_of_the_ledger_tell_what_was_saved(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_holdout holdout;
	const struct carbon_tool_effect_ask ask = {.store = fixture->store, .live = &fixture->live, .site = &site,
						   .from_at = MONTH, .now = MONTH + 30 * DAY};
	struct carbon_effect_month month;

	carbon_holdout_init(&holdout);
	assert_int_equal(carbon_tool_switchback_settle(&ask, &holdout, &fixture->err), 0); /* not on */
	holdout.is_on = true;
	for (int i = 0; i < 30; i++) {
		time_t noon = MONTH + i * DAY + 12 * HOUR, begin = noon + 10 * HOUR;
		bool is_without = carbon_holdout_is_without(&holdout, carbon_holdout_block(&holdout, noon));
		const time_t when[3] = {noon, is_without ? noon : begin, (is_without ? noon : begin) + 2 * HOUR};

		put_run(fixture, "batch", 2, when, is_without ? 0 : begin);
	}
	assert_int_equal(carbon_tool_switchback_settle(&ask, &holdout, &fixture->err), 1);
	assert_int_equal(carbon_effects_find(fixture->store, "alpha", MONTH, CARBON_EFFECT_SWITCHBACK, &month,
					     &fixture->err),
			 1);
	assert_between(month.blocks, 8, 10);
	assert_int_equal(month.jobs, 30);
	/* 200 g/kWh saved on some 15 times 4 kWh */
	assert_float_equal(month.saved_g / 4 / (double)month.delayed, 200, 1);
	assert_true(month.low_g <= month.saved_g && month.high_g - month.low_g < 0.2 * month.saved_g);
	/* another schedule than the one that was kept says nothing */
	holdout.seed = 3;
	assert_int_equal(carbon_tool_switchback_settle(
				 &(struct carbon_tool_effect_ask){.store = fixture->store, .live = &fixture->live,
								  .site = &site, .from_at = MONTH,
								  .now = MONTH + 30 * DAY, .is_forced = true},
				 &holdout, &fixture->err),
			 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_cluster_saves_what_the_clock_on_the_wall_says),
		TEST(a_queue_leaves_nothing_to_save),
		TEST(a_begin_that_was_taken_back_is_not_ours),
		TEST(jobs_on_shared_nodes_take_gpus_as_well),
		TEST(a_month_without_delays_has_no_effect_and_an_open_one_is_done_daily),
		TEST(what_others_wait_because_of_us_needs_no_grid),
		TEST(clusters_add_up_and_credits_share_what_was_saved),
		cmocka_unit_test(the_schedule_is_the_same_for_ever),
		cmocka_unit_test(pairs_are_compared_and_few_say_nothing),
		TEST(blocks_of_the_ledger_tell_what_was_saved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
