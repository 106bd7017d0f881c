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
#include <unistd.h>

#include "accounting/report.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "tests/bench/month.h"
#include "tests/bench/verdict.h"

#define RUNS 100000
#define MONTH CARBON_BENCH_MONTH
#define DAY ((time_t)86400)
#define GOAL_SETTLE_S 10.0
#define GOAL_REPORT_S 0.5
#define GOAL_BYTES 400.0

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

static int measure(struct carbon_store *store, const char *path, struct carbon_err *err)
{
	struct stat before, after;
	double began, settled, reported;

	if (carbon_bench_history(store, err) < 0 || stat(path, &before) < 0)
		return -1;
	began = bench_cpu_s();
	if (carbon_bench_runs(store, RUNS, err) < 0)
		return -1;
	settled = bench_cpu_s();
	if (write_report(store, err) < 0)
		return -1;
	reported = bench_cpu_s();
	carbon_store_close(store); /* what is in the WAL goes into the file */
	if (stat(path, &after) < 0)
		return -1;
	return bench_verdict("settling 100,000 runs", settled - began, "CPU s", GOAL_SETTLE_S) |
	       bench_verdict("their HTML report", reported - settled, "CPU s", GOAL_REPORT_S) |
	       bench_verdict("a run in carbon.db", (double)(after.st_size - before.st_size) / RUNS, "bytes",
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
