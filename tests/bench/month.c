/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A month of runs, the same each time: 5-minute history of a year, 500 users, a third of the runs delayed by two hours. */
#include "tests/bench/month.h"

#include <stdio.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/nodes.h"
#include "accounting/occupy.h"
#include "accounting/store.h"
#include "lib/err.h"

#define BATCH 5000
#define MONTH CARBON_BENCH_MONTH
#define DAY ((time_t)86400)
#define NOW (MONTH + 30 * DAY) /* half of the month is still open: settled twice */

static struct carbon_place place;
static unsigned int dice = 1;

static unsigned int roll(unsigned int sides)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % sides;
}

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

int carbon_bench_history(struct carbon_store *store, struct carbon_err *err)
{
	struct carbon_series series;
	int rc = 0;

	carbon_series_init(&series);
	for (time_t at = MONTH - 330 * DAY; at < MONTH + 35 * DAY && rc == 0; at += 300) {
		struct carbon_point point = {.at = at, .g_kwh = 100 + roll(300)};

		rc = carbon_series_add(&series, point, err);
	}
	if (rc == 0)
		rc = carbon_store_history_put(store, "DE", CARBON_SIGNAL_LIFECYCLE, "file", MONTH,
					      &series, NULL, err);
	carbon_series_fini(&series);
	return rc;
}

/* A third were delayed by two hours. */
static int make_comment(time_t start, char comment[CARBON_RECORD_MAX], struct carbon_err *err)
{
	struct carbon_record record;

	memset(&record, 0, sizeof(record));
	record.level = CARBON_LEVEL_OPT_IN;
	record.delayed = true;
	record.decided_at = record.baseline_at = record.outlook_at = start - 7200;
	record.begin_at = start;
	record.latest_at = start + DAY;
	record.runtime_s = 3600;
	record.power_w = 100;
	record.mass_g = record.mass_high_g = 30;
	record.baseline_g = 40;
	snprintf(record.source, sizeof(record.source), "file");
	snprintf(record.zone, sizeof(record.zone), "DE");
	snprintf(record.partition, sizeof(record.partition), "batch");
	snprintf(record.policy, sizeof(record.policy), "lowest-window");
	return carbon_record_format(&record, comment, err);
}

static int put_run(struct carbon_books *books, struct carbon_occupy *occupy, uint32_t i, uint32_t runs,
		   struct carbon_err *err)
{
	char comment[CARBON_RECORD_MAX];
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.user, sizeof(run.user), "user%u", roll(500));
	snprintf(run.account, sizeof(run.account), "account%u", roll(40));
	snprintf(run.qos, sizeof(run.qos), "normal");
	snprintf(run.partition, sizeof(run.partition), "batch");
	snprintf(run.name, sizeof(run.name), "job%u", roll(1000));
	run.id = i + 1;
	run.start_at = MONTH + (time_t)((double)i / runs * 29 * (double)DAY);
	run.end_at = run.start_at + 60 + (time_t)roll(36000);
	run.submit_at = run.eligible_at = run.start_at - 1000 * (time_t)(i % 5 == 0);
	run.use.nodes = 1;
	run.use.cores = 1 + roll(32);
	run.use.memory_gb = 4;
	run.measured_j = -1;
	if (i % 3 == 0) {
		if (make_comment(run.start_at, comment, err) < 0)
			return -1;
		run.comment = comment;
	}
	carbon_occupy_add(occupy, &run, 0);
	return carbon_books_add(books, &run, err);
}

/* How full the place was, and what hangs on it: credits by the slack clock, nodes without work. */
static int put_rest(struct carbon_store *store, const struct carbon_books_site *site, struct carbon_books *books,
		    struct carbon_occupy *occupy, struct carbon_err *err)
{
	if (carbon_occupy_write(occupy, store, err) < 0 || carbon_books_revise(books, "alpha", err) < 0)
		return -1;
	return carbon_nodes_settle(store, site, "alpha", MONTH, NOW, err);
}

int carbon_bench_runs(struct carbon_store *store, uint32_t runs, struct carbon_err *err)
{
	const struct carbon_books_site site = {
		.place = find_place, .sources = find_sources, .signal = CARBON_SIGNAL_LIFECYCLE};
	static const struct carbon_occupy_place batch = {"batch", 1000, 1000, 32};
	static const double one = 1;
	const struct carbon_occupy_site occupy_site = {.cluster = "alpha", .places = 1, .place = &batch, .shared = &one,
						       .owned = &one, .grace_s = 120};
	struct carbon_occupy *occupy = carbon_occupy_create(&occupy_site, MONTH, MONTH + 30 * DAY);
	struct carbon_books *books = carbon_books_create(store, &site, NOW);
	int rc;

	carbon_power_init(&place.power);
	snprintf(place.zone, sizeof(place.zone), "DE");
	rc = books && occupy ? carbon_store_begin(store, err) : carbon_err_set(err, "no memory");

	for (uint32_t i = 0; i < runs && rc == 0; i++) {
		rc = put_run(books, occupy, i, runs, err);
		if (rc == 0 && (i + 1) % BATCH == 0)
			rc = carbon_store_commit(store, err) || carbon_store_begin(store, err) ? -1 : 0;
	}
	if (rc == 0)
		rc = put_rest(store, &site, books, occupy, err);
	if (rc == 0)
		rc = carbon_store_commit(store, err);
	carbon_occupy_destroy(occupy);
	carbon_books_destroy(books);
	return rc;
}

