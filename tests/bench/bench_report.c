/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A month with 1,000,000 rows in the ledger as HTML: goals are 5 s and 200 MB. The report is written by a process of its
 * own, so that its memory is no other's; the rows are copies of a hundred times fewer that were settled.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "accounting/db.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "tests/bench/month.h"
#include "tests/bench/verdict.h"

#define SETTLED 10000
#define COPIES 100
#define DAY ((time_t)86400)
#define GOAL_S 5.0
#define GOAL_MB 200.0

/* Every copy has jobs of its own. */
static int multiply(struct carbon_store *store, struct carbon_err *err)
{
	int rc = carbon_db_run(store, "CREATE TEMP TABLE copy AS SELECT * FROM run", err);

	for (int i = 1; i < COPIES && rc == 0; i++)
		rc = carbon_db_run(store, "UPDATE temp.copy SET job_id = job_id + 10000;"
					  "INSERT INTO run SELECT * FROM temp.copy", err);
	return rc;
}

static int fill(const char *path, struct carbon_err *err)
{
	struct carbon_store *store = NULL;
	int rc = carbon_store_open(path, false, &store, err);

	if (rc == 0)
		rc = carbon_bench_history(store, err);
	if (rc == 0)
		rc = carbon_bench_runs(store, SETTLED, err);
	if (rc == 0)
		rc = multiply(store, err);
	carbon_store_close(store);
	return rc;
}

static int write_report(const char *path, struct carbon_err *err)
{
	static const struct carbon_report_site site = {.signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_report *report = NULL;
	struct carbon_store *store = NULL;
	FILE *out = fopen("/dev/null", "w");
	int rc = out ? carbon_store_open(path, true, &store, err) : carbon_err_set(err, "/dev/null cannot be opened");

	if (rc == 0)
		rc = carbon_report_create(store, "2024-05", carbon_report_by_find("user"), &site,
					  CARBON_BENCH_MONTH + 60 * DAY, &report, err);
	if (rc == 0 && report->total.jobs != (uint64_t)SETTLED * COPIES)
		rc = carbon_err_set(err, "%llu jobs in the report", (unsigned long long)report->total.jobs);
	if (rc == 0)
		carbon_report_format_find("html")->write(report, out);
	carbon_report_destroy(report);
	carbon_store_close(store);
	if (out)
		fclose(out);
	return rc;
}

/* This program again, as a child that only reports. */
static int measure(const char *path)
{
	struct rusage use;
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execl("/proc/self/exe", "bench_report", path, (char *)NULL);
		_exit(127);
	}
	if (child < 0 || wait4(child, &status, 0, &use) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return 1;
	return bench_verdict("HTML of 1,000,000 rows", bench_seconds(&use), "CPU s", GOAL_S) |
	       bench_verdict("and its memory", (double)use.ru_maxrss / 1000, "MB", GOAL_MB);
}

static int run(struct carbon_err *err)
{
	static const char *const PARTS[] = {"", "-wal", "-shm"};
	const char *where = getenv("TMPDIR");
	char folder[512], path[560], part[600];
	int rc;

	snprintf(folder, sizeof(folder), "%s/carbon-bench-%ld", where ? where : P_tmpdir, (long)getpid());
	if (mkdir(folder, 0700) != 0)
		return carbon_err_set(err, "%s cannot be made", folder);
	snprintf(path, sizeof(path), "%s/carbon.db", folder);
	rc = fill(path, err);
	if (rc == 0)
		rc = measure(path);
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
		snprintf(part, sizeof(part), "%s%s", path, PARTS[i]);
		unlink(part);
	}
	rmdir(folder);
	return rc;
}

int main(int argc, char **argv)
{
	struct carbon_err err = {""};
	int rc = argc == 2 ? write_report(argv[1], &err) : run(&err);

	if (rc < 0)
		fprintf(stderr, "bench_report: %s\n", err.text);
	return rc != 0;
}
