/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A month of runs, the same each time: 5-minute history of a year, 500 users, a third of the runs delayed by two hours. */
#include "tests/bench/month.h"

#include <stdio.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/store.h"
#include "lib/err.h"

#define BATCH 5000
#define MONTH CARBON_BENCH_MONTH
#define DAY ((time_t)86400)

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

static int put_run(struct carbon_books *books, uint32_t i, uint32_t runs, struct carbon_err *err)
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
	run.submit_at = run.start_at - 1000;
	run.use.nodes = 1;
	run.use.cores = 1 + roll(32);
	run.use.memory_gb = 4;
	run.measured_j = -1;
	if (i % 3 == 0) {
		if (make_comment(run.start_at, comment, err) < 0)
			return -1;
		run.comment = comment;
	}
	return carbon_books_add(books, &run, err);
}

int carbon_bench_runs(struct carbon_store *store, uint32_t runs, struct carbon_err *err)
{
	const struct carbon_books_site site = {
		.place = find_place, .sources = find_sources, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_books *books = carbon_books_create(store, &site, MONTH + 60 * DAY);
	int rc;

	carbon_power_init(&place.power);
	snprintf(place.zone, sizeof(place.zone), "DE");
	rc = books ? carbon_store_begin(store, err) : carbon_err_set(err, "no memory");

	for (uint32_t i = 0; i < runs && rc == 0; i++) {
		rc = put_run(books, i, runs, err);
		if (rc == 0 && (i + 1) % BATCH == 0)
			rc = carbon_store_commit(store, err) || carbon_store_begin(store, err) ? -1 : 0;
	}
	if (rc == 0)
		rc = carbon_store_commit(store, err);
	carbon_books_destroy(books);
	return rc;
}

