/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long the books take: 100,000 runs of a month settled against a year's 5-minute history into a carbon.db in
 * the temporary folder (removed at the end), and its HTML report. Goals: settling under 10 s, under 400 bytes a run, the
 * report under half a second (5 s for a million).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "accounting/books.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "lib/err.h"

#define RUNS 100000
#define BATCH 5000
#define MONTH ((time_t)1714521600) /* 2024-05-01 */
#define DAY ((time_t)86400)
#define GOAL_SETTLE_S 10.0
#define GOAL_REPORT_S 0.5
#define GOAL_BYTES 400.0

static struct carbon_place place;
static unsigned int dice = 1;

/* Of this process alone: a busy machine tells the same. */
static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

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

static int put_history(struct carbon_store *store, struct carbon_err *err)
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

static int put_run(struct carbon_books *books, uint32_t i, struct carbon_err *err)
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
	run.start_at = MONTH + (time_t)((double)i / RUNS * 29 * (double)DAY);
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

static int put_runs(struct carbon_store *store, struct carbon_err *err)
{
	const struct carbon_books_site site = {
		.place = find_place, .sources = find_sources, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_books *books = carbon_books_create(store, &site, MONTH + 60 * DAY);
	int rc = books ? carbon_store_begin(store, err) : carbon_err_set(err, "no memory");

	for (uint32_t i = 0; i < RUNS && rc == 0; i++) {
		rc = put_run(books, i, err);
		if (rc == 0 && (i + 1) % BATCH == 0)
			rc = carbon_store_commit(store, err) || carbon_store_begin(store, err) ? -1 : 0;
	}
	if (rc == 0)
		rc = carbon_store_commit(store, err);
	carbon_books_destroy(books);
	return rc;
}

static int write_report(struct carbon_store *store, struct carbon_err *err)
{
	static const struct carbon_report_site site = {.signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_report *report = NULL;
	FILE *out = fopen("/dev/null", "w");
	int rc = carbon_report_create(store, "2024-05", carbon_report_by_find("user"),
				      &site, MONTH + 60 * DAY, &report, err);

	if (rc == 0 && out)
		carbon_report_format_find("html")->write(report, out);
	carbon_report_destroy(report);
	if (out)
		fclose(out);
	return rc;
}

static int verdict(const char *what, double value, const char *unit, double goal)
{
	printf("%-28s %10.3f %-6s goal under %g: %s\n", what, value, unit, goal,
	       value < goal ? "met" : "MISSED");
	return value < goal ? 0 : 1;
}

static int measure(struct carbon_store *store, const char *path, struct carbon_err *err)
{
	struct stat before, after;
	double began, settled, reported;

	if (put_history(store, err) < 0 || stat(path, &before) < 0)
		return -1;
	began = now_s();
	if (put_runs(store, err) < 0)
		return -1;
	settled = now_s();
	if (write_report(store, err) < 0)
		return -1;
	reported = now_s();
	carbon_store_close(store); /* what is in the WAL goes into the file */
	if (stat(path, &after) < 0)
		return -1;
	return verdict("settling 100,000 runs", settled - began, "CPU s", GOAL_SETTLE_S) |
	       verdict("their HTML report", reported - settled, "CPU s", GOAL_REPORT_S) |
	       verdict("a run in carbon.db", (double)(after.st_size - before.st_size) / RUNS, "bytes",
		       GOAL_BYTES);
}

int main(void)
{
	static const char *const PARTS[] = {"", "-wal", "-shm"};
	char folder[] = "/tmp/carbon-bench-XXXXXX", path[64], part[80];
	struct carbon_store *store = NULL;
	struct carbon_err err = {""};
	int rc = -1;

	if (!mkdtemp(folder))
		return 1;
	snprintf(path, sizeof(path), "%s/carbon.db", folder);
	carbon_power_init(&place.power);
	snprintf(place.zone, sizeof(place.zone), "DE");
	if (carbon_store_open(path, false, &store, &err) == 0)
		rc = measure(store, path, &err);
	if (rc < 0)
		fprintf(stderr, "bench_books: %s\n", err.text);
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
		snprintf(part, sizeof(part), "%s%s", path, PARTS[i]);
		unlink(part);
	}
	rmdir(folder);
	return rc != 0;
}
