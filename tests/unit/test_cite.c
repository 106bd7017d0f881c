/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A piece of research is all of its runs, however they ended, and no others. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "accounting/books.h"
#include "accounting/cite.h"
#include "accounting/store.h"
#include "lib/err.h"

#define HOUR ((time_t)3600)
#define START ((time_t)1790000400)

struct fixture {
	struct carbon_store *store;
	struct carbon_books *books;
	struct carbon_place place;
	struct carbon_cited cited;
	struct carbon_err err;
};

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)partition;
	*is_gone = false;
	return &((struct fixture *)context)->place;
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

/* A core is a kilowatt, an hour of it 1.25 kWh; 200 g/kWh. */
static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources, .context = fixture,
					       .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_series series;

	assert_non_null(fixture);
	assert_int_equal(carbon_store_open(":memory:", false, &fixture->store, &fixture->err), 0);
	carbon_power_init(&fixture->place.power);
	fixture->place.power.pue = 1.25;
	fixture->place.power.core_w = 1000;
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "DE");
	carbon_series_init(&series);
	for (time_t at = START - 24 * HOUR; at < START + 240 * HOUR; at += HOUR)
		assert_int_equal(carbon_series_add(&series, (struct carbon_point){.at = at, .g_kwh = 200}, NULL), 0);
	assert_int_equal(carbon_store_history_put(fixture->store, "DE", CARBON_SIGNAL_LIFECYCLE, "file", START, &series,
						  NULL, &fixture->err), 0);
	carbon_series_fini(&series);
	fixture->books = carbon_books_create(fixture->store, &site, START + 60 * 24 * HOUR);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_books_destroy(fixture->books);
	carbon_store_close(fixture->store);
	free(fixture);
	return 0;
}

static struct carbon_run make_run(uint32_t id, const char *name, uint32_t state, int hour)
{
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.user, sizeof(run.user), "ada");
	snprintf(run.account, sizeof(run.account), "science");
	snprintf(run.partition, sizeof(run.partition), "batch");
	snprintf(run.name, sizeof(run.name), "%s", name);
	run.id = id;
	run.state = state;
	run.start_at = START + hour * HOUR;
	run.end_at = run.start_at + HOUR;
	run.submit_at = run.start_at - 60;
	run.use.nodes = run.use.cores = 1;
	run.measured_j = -1;
	return run;
}

static void add(struct fixture *fixture, struct carbon_run run)
{
	if (carbon_books_add(fixture->books, &run, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

/* A sweep with one of each, a task of an array, a run of somebody else. */
static void add_research(struct fixture *fixture)
{
	struct carbon_run task = make_run(21, "sweep-2", 3, 6), other = make_run(30, "sweep-3", 3, 7);
	struct carbon_run gpu = make_run(31, "train", 3, 8);

	add(fixture, make_run(10, "sweep-1", CARBON_RUN_REQUEUED, 0));
	add(fixture, make_run(10, "sweep-1", 3, 2));
	add(fixture, make_run(11, "sweep-1", 5, 3));
	add(fixture, make_run(12, "sweep-1", 4, 4));
	add(fixture, make_run(13, "sweep-1", 11, 5));
	task.array_id = 20;
	task.array_task = 7;
	add(fixture, task);
	snprintf(other.account, sizeof(other.account), "arts");
	add(fixture, other);
	gpu.use.gpu_kinds = 1;
	gpu.use.gpu[0] = (struct carbon_gpu_count){.type = "a100", .count = 5};
	add(fixture, gpu);
}

static int cite(struct fixture *fixture, struct carbon_cite_ask ask)
{
	ask.signal = CARBON_SIGNAL_LIFECYCLE;
	return carbon_cite_read(fixture->store, &ask, &fixture->cited, &fixture->err);
}

static void failed_and_requeued_attempts_count(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_cited *cited = &fixture->cited;

	add_research(fixture);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.account = "science", .name = "sweep-*"}), 0);
	assert_int_equal(cited->sum.jobs, 5);
	assert_int_equal(cited->sum.runs, 6);
	assert_int_equal(cited->runs[CARBON_CITE_COMPLETED], 2);
	assert_int_equal(cited->runs[CARBON_CITE_FAILED], 2);
	assert_int_equal(cited->runs[CARBON_CITE_CANCELLED], 1);
	assert_int_equal(cited->runs[CARBON_CITE_REQUEUED], 1);
	assert_float_equal(cited->sum.energy_kwh, 7.5, 1e-9);
	assert_float_equal(cited->energy_kwh[CARBON_CITE_FAILED], 2.5, 1e-9);
	assert_float_equal(cited->sum.mass_kg, 1.5, 1e-9);
	assert_int_equal(cited->first_at, START);
	assert_int_equal(cited->last_at, START + 7 * HOUR);
	assert_int_equal(cited->places, 1);
	assert_string_equal(cited->place[0].zone, "DE");
	assert_int_equal(cited->processors, 1);
	assert_float_equal(cited->processor[0].hours, 6, 1e-9);
}

static void jobs_by_number_count_once_and_an_array_by_its_own(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_outcome_key keys[] = {{.job = 10}, {.job = 20}, {.job = 20, .has_task = true, .task = 7},
						  {.job = 31}};

	add_research(fixture);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.jobs = 4, .job = keys}), 0);
	assert_int_equal(fixture->cited.sum.jobs, 3);
	assert_int_equal(fixture->cited.sum.runs, 4);
	assert_int_equal(fixture->cited.processors, 2);
	assert_string_equal(fixture->cited.processor[1].type, "a100");
	assert_float_equal(fixture->cited.processor[1].hours, 5, 1e-9);
	assert_int_equal(fixture->cited.processor[1].most, 5);
}

/* Of whom, from when to when (the last not included), and of which cluster; each bound alone changes the sum. */
static void each_bound_leaves_out_what_it_says(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run bobs = make_run(40, "sweep-1", 3, 9), betas = make_run(41, "sweep-1", 3, 10);

	add_research(fixture);
	snprintf(bobs.user, sizeof(bobs.user), "bob");
	add(fixture, bobs);
	snprintf(betas.cluster, sizeof(betas.cluster), "beta");
	add(fixture, betas);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.name = "*"}), 0);
	assert_int_equal(fixture->cited.sum.runs, 10);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.user = "bob"}), 0);
	assert_int_equal(fixture->cited.sum.runs, 1);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.cluster = "beta"}), 0);
	assert_int_equal(fixture->cited.sum.runs, 1);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.name = "sweep-[12]", .user = "ada", .cluster = "alpha"}), 0);
	assert_int_equal(fixture->cited.sum.runs, 6);
	/* by their ends, which are an hour after their starts */
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.since = START + 4 * HOUR, .until = START + 6 * HOUR}), 0);
	assert_int_equal(fixture->cited.sum.runs, 2);
	assert_int_equal(fixture->cited.first_at, START + 3 * HOUR);
	assert_int_equal(fixture->cited.last_at, START + 5 * HOUR);
}

/* What a scheduler took away was no failure; and of the processors the most at once stands, in whatever order they come. */
static void ends_and_processors_are_told_apart(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "train", 8, 0);

	run.use.cores = 4;
	add(fixture, run);
	run = make_run(2, "train", 3, 1);
	run.use.cores = 16;
	add(fixture, run);
	run = make_run(3, "train", 7, 2);
	run.use.cores = 8;
	add(fixture, run);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.name = "train"}), 0);
	assert_int_equal(fixture->cited.runs[CARBON_CITE_REQUEUED], 1);
	assert_int_equal(fixture->cited.runs[CARBON_CITE_COMPLETED], 1);
	assert_int_equal(fixture->cited.runs[CARBON_CITE_FAILED], 1);
	assert_int_equal(fixture->cited.processors, 1);
	assert_int_equal(fixture->cited.processor[0].most, 16);
	assert_float_equal(fixture->cited.processor[0].hours, 28, 1e-9);
}

static void runs_of_another_signal_are_in_no_sum(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_cite_ask ask = {.name = "train", .signal = CARBON_SIGNAL_MARGINAL};

	add_research(fixture);
	assert_int_equal(carbon_cite_read(fixture->store, &ask, &fixture->cited, &fixture->err), -1);
	assert_non_null(strstr(fixture->err.text, "settled with another signal than marginal"));
}

static void what_is_not_there_is_named(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_outcome_key keys[] = {{.job = 10}, {.job = 20, .has_task = true, .task = 8}, {.job = 99}};
	struct carbon_run beta = make_run(10, "sweep-1", 3, 9);

	add_research(fixture);
	fixture->cited.sum.runs = 77;
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.jobs = 2, .job = keys}), -1);
	assert_non_null(strstr(fixture->err.text, "job 20_8 is not in the ledger"));
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.jobs = 1, .job = &keys[2]}), -1);
	assert_non_null(strstr(fixture->err.text, "job 99 is not in the ledger"));
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.account = "science", .since = START + 99 * HOUR}), -1);
	assert_non_null(strstr(fixture->err.text, "no run in the ledger fits"));
	snprintf(beta.cluster, sizeof(beta.cluster), "beta");
	add(fixture, beta);
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.jobs = 1, .job = keys}), -1);
	assert_non_null(strstr(fixture->err.text, "--cluster names one"));
	assert_int_equal(fixture->cited.sum.runs, 77); /* untouched */
	assert_int_equal(cite(fixture, (struct carbon_cite_ask){.jobs = 1, .job = keys, .cluster = "beta"}), 0);
	assert_int_equal(fixture->cited.sum.runs, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(failed_and_requeued_attempts_count),
		TEST(jobs_by_number_count_once_and_an_array_by_its_own),
		TEST(each_bound_leaves_out_what_it_says),
		TEST(ends_and_processors_are_told_apart),
		TEST(runs_of_another_signal_are_in_no_sum),
		TEST(what_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
