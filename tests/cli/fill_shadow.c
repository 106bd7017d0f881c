/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fill_shadow FILE LOAD DAYS: a carbon.db of DAYS days from 2024-05-01 on of a cluster of 64
 * cores in zone DE that is asked for LOAD percent of what it can do, under shadow mode: each
 * third job would have waited for noon. DE has 100 g/kWh from noon to six and 400 else, FR
 * has 50. Starts are those of backfilling.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "simulator/easy.h"

#define HOUR ((time_t)3600)
#define DAY ((time_t)86400)
#define MAY ((time_t)1714521600) /* 2024-05-01 */
#define CORES 64
#define JOBS_MAX 20000
#define EACH 3

struct month {
	size_t jobs;
	struct carbon_easy_job job[JOBS_MAX]; /* in order of submission */
	time_t start_at[JOBS_MAX];
};

static struct carbon_place place;

static const struct carbon_place *find_place(void *context, const char *partition,
					     bool *is_gone)
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

static int put_history(struct carbon_store *store, const char *zone, double clean, double dirty,
		       struct carbon_err *err)
{
	struct carbon_series series;
	int rc = 0;

	carbon_series_init(&series);
	for (time_t at = MAY - DAY; at < MAY + 90 * DAY && rc == 0; at += HOUR) {
		bool is_clean = at / HOUR % 24 >= 12 && at / HOUR % 24 < 18;
		struct carbon_point point = {.at = at, .g_kwh = is_clean ? clean : dirty};

		rc = carbon_series_add(&series, point, err);
	}
	if (rc == 0)
		rc = carbon_store_history_put(store, zone, CARBON_SIGNAL_LIFECYCLE, "file", MAY,
					      &series, NULL, err);
	carbon_series_fini(&series);
	return rc;
}

/* The same numbers every time. */
static uint32_t next_number(uint32_t *state, uint32_t below)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 8) % below;
}

static int by_begin(const void *a, const void *b)
{
	const struct carbon_easy_job *ja = a, *jb = b;

	return (ja->begin_at > jb->begin_at) - (ja->begin_at < jb->begin_at);
}

static int make_month(struct month *month, double load, int days, struct carbon_err *err)
{
	double work = load * CORES * (double)(days * DAY);
	uint32_t state = 7;

	while (work > 0 && month->jobs < JOBS_MAX) {
		struct carbon_easy_job *job = &month->job[month->jobs++];

		job->begin_at = MAY + (time_t)next_number(&state, (uint32_t)(days * DAY));
		job->runtime_s = 600 + next_number(&state, 6 * HOUR);
		job->planned_s = 4 * job->runtime_s;
		job->nodes = 1 + next_number(&state, 8);
		work -= (double)job->runtime_s * job->nodes;
	}
	qsort(month->job, month->jobs, sizeof(month->job[0]), by_begin);
	return carbon_easy_run(month->job, month->jobs, CORES, month->start_at, NULL, err);
}

static void make_record(const struct carbon_easy_job *job, bool is_delayed,
			struct carbon_record *record)
{
	time_t noon = job->begin_at - job->begin_at % DAY + 12 * HOUR;

	memset(record, 0, sizeof(*record));
	record->level = CARBON_LEVEL_OBSERVE;
	record->delayed = is_delayed;
	record->decided_at = record->baseline_at = record->begin_at = job->begin_at;
	record->outlook_at = job->begin_at - HOUR;
	if (is_delayed)
		record->begin_at = noon > job->begin_at ? noon : noon + DAY;
	record->latest_at = job->begin_at + DAY;
	record->runtime_s = job->runtime_s;
	record->power_w = 100;
	record->mass_g = record->mass_high_g = record->baseline_g = 1;
	snprintf(record->source, sizeof(record->source), "file");
	snprintf(record->zone, sizeof(record->zone), "DE");
	snprintf(record->partition, sizeof(record->partition), "batch");
	snprintf(record->policy, sizeof(record->policy), "lowest-window");
}

static int put_run(struct carbon_books *books, const struct month *month, size_t i,
		   struct carbon_err *err)
{
	const struct carbon_easy_job *job = &month->job[i];
	char comment[CARBON_RECORD_MAX];
	struct carbon_record record;
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	make_record(job, i % EACH == 0, &record);
	if (carbon_record_format(&record, comment, err) < 0)
		return -1;
	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.user, sizeof(run.user), "ada");
	snprintf(run.account, sizeof(run.account), "science");
	snprintf(run.partition, sizeof(run.partition), i % 2 ? "batch" : "long");
	run.id = (uint32_t)i + 1;
	run.submit_at = run.eligible_at = job->begin_at;
	run.start_at = month->start_at[i];
	run.end_at = run.start_at + (time_t)job->runtime_s;
	run.limit_s = job->planned_s;
	run.use.nodes = 1;
	run.use.cores = job->nodes;
	run.measured_j = -1;
	run.comment = comment;
	return carbon_books_add(books, &run, err);
}

static int fill(struct carbon_store *store, struct carbon_books *books,
		const struct month *month, struct carbon_err *err)
{
	if (put_history(store, "DE", 100, 400, err) < 0 ||
	    put_history(store, "FR", 50, 50, err) < 0 || carbon_store_begin(store, err) < 0)
		return -1;
	for (size_t i = 0; i < month->jobs; i++)
		if (put_run(books, month, i, err) < 0)
			return -1;
	return carbon_store_commit(store, err);
}

int main(int argc, char **argv)
{
	static struct month month;
	const struct carbon_books_site site = {.place = find_place,
					       .sources = find_sources,
					       .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_store *store = NULL;
	struct carbon_books *books = NULL;
	struct carbon_err err = {""};
	int rc = 1;

	carbon_power_init(&place.power);
	place.power.pue = 1;
	place.power.core_w = 100;
	snprintf(place.zone, sizeof(place.zone), "DE");
	if (argc == 4 && carbon_store_open(argv[1], false, &store, &err) == 0 &&
	    (books = carbon_books_create(store, &site, MAY + 200 * DAY)) &&
	    make_month(&month, strtod(argv[2], NULL) / 100, (int)strtol(argv[3], NULL, 10),
		       &err) == 0 &&
	    fill(store, books, &month, &err) == 0)
		rc = 0;
	else
		fprintf(stderr, "fill_shadow FILE LOAD DAYS: %s\n", err.text);
	carbon_books_destroy(books);
	carbon_store_close(store);
	return rc;
}
