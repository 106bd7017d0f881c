/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A carbon.db for the command-line tests: May 2024 of zone DE, 100 g/kWh from midnight to noon UTC and 300
 * after, and a handful of runs, settled as carbonctl settle does it; with "moved" behind FILE one more, which was moved.
 */
#include <stdio.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/store.h"
#include "lib/err.h"

#define HOUR ((time_t)3600)
#define DAY ((time_t)86400)
#define MAY ((time_t)1714521600) /* 2024-05-01 */

static struct carbon_place places[2]; /* batch in DE, and one without a zone */

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)context;
	*is_gone = false;
	return &places[strcmp(partition, "nowhere") == 0];
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
	for (time_t at = MAY - DAY; at < MAY + 32 * DAY && rc == 0; at += HOUR) {
		struct carbon_point point = {.at = at, .g_kwh = at / HOUR % 24 < 12 ? 100 : 300};

		rc = carbon_series_add(&series, point, err);
	}
	if (rc == 0)
		rc = carbon_store_history_put(store, "DE", CARBON_SIGNAL_LIFECYCLE, "file", MAY, &series,
					      NULL, err);
	carbon_series_fini(&series);
	return rc;
}

/* One core, which is a kilowatt, for an hour. */
static int put_run(struct carbon_books *books, const char *user, const char *partition, time_t start,
		   const struct carbon_record *record, struct carbon_err *err)
{
	static uint32_t id;
	char comment[CARBON_RECORD_MAX];
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.user, sizeof(run.user), "%s", user);
	snprintf(run.account, sizeof(run.account), "science");
	snprintf(run.partition, sizeof(run.partition), "%s", partition);
	run.id = ++id;
	run.submit_at = start - DAY;
	run.start_at = start;
	run.end_at = start + HOUR;
	run.use.nodes = run.use.cores = 1;
	run.measured_j = -1;
	if (record && carbon_record_format(record, comment, err) < 0)
		return -1;
	run.comment = record ? comment : NULL;
	return carbon_books_add(books, &run, err);
}

static int put_runs(struct carbon_books *books, struct carbon_err *err)
{
	struct carbon_record record;

	memset(&record, 0, sizeof(record));
	record.level = CARBON_LEVEL_OPT_IN;
	record.delayed = true;
	record.decided_at = record.baseline_at = MAY + 12 * HOUR;
	record.outlook_at = MAY;
	record.begin_at = MAY + DAY;
	record.latest_at = MAY + 3 * DAY;
	record.runtime_s = HOUR;
	record.power_w = 1000;
	record.mass_g = record.mass_high_g = 120;
	record.baseline_g = 300;
	snprintf(record.source, sizeof(record.source), "file");
	snprintf(record.zone, sizeof(record.zone), "DE");
	snprintf(record.partition, sizeof(record.partition), "batch");
	snprintf(record.policy, sizeof(record.policy), "lowest-window");
	if (put_run(books, "ada", "batch", MAY + DAY, &record, err) < 0 ||
	    put_run(books, "ada", "batch", MAY + 2 * DAY, NULL, err) < 0 ||
	    put_run(books, "bob", "nowhere", MAY + 3 * DAY, NULL, err) < 0)
		return -1;
	return put_run(books, "=HYPERLINK(\"x\")", "batch", MAY + 4 * DAY, NULL, err);
}

/* From nowhere near, at noon with twice the power, to batch at midnight, with 20 GB for 4 g. */
static int put_moved(struct carbon_books *books, struct carbon_err *err)
{
	struct carbon_record record = {.level = CARBON_LEVEL_OPT_IN, .delayed = true, .decided_at = MAY,
				       .outlook_at = MAY, .baseline_at = MAY + 12 * HOUR, .begin_at = MAY + 5 * DAY,
				       .latest_at = MAY + 9 * DAY, .runtime_s = HOUR, .power_w = 1000, .source = "file",
				       .zone = "DE", .partition = "batch", .policy = "lowest-window",
				       .home = "south", .home_cluster = "beta", .home_zone = "DE",
				       .home_power_w = 2000, .home_runtime_s = HOUR, .data_gb = 20, .data_g = 4};

	return put_run(books, "eve", "batch", MAY + 5 * DAY, &record, err);
}

int main(int argc, char **argv)
{
	const struct carbon_books_site site = {
		.place = find_place, .sources = find_sources, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_store *store = NULL;
	struct carbon_books *books = NULL;
	struct carbon_err err = {""};
	int rc = 1;

	carbon_power_init(&places[0].power);
	places[0].power.pue = 1;
	places[0].power.core_w = 1000;
	places[1] = places[0];
	snprintf(places[0].zone, sizeof(places[0].zone), "DE");
	if ((argc == 2 || (argc == 3 && strcmp(argv[2], "moved") == 0)) && carbon_store_open(argv[1], false, &store, &err) == 0 &&
	    (books = carbon_books_create(store, &site, MAY + 60 * DAY)) &&
	    put_history(store, &err) == 0 && put_runs(books, &err) == 0 &&
	    (argc == 2 || put_moved(books, &err) == 0))
		rc = 0;
	else
		fprintf(stderr, "fill_ledger FILE: %s\n", err.text);
	carbon_books_destroy(books);
	carbon_store_close(store);
	return rc;
}
