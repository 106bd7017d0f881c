/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A month of runs summed in one pass: a million rows are read once, whatever is asked of them.
 */
#include "accounting/report_sum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/report_cut.h"
#include "accounting/report_seen.h"
#include "lib/err.h"

struct sum {
	struct carbon_store *store;
	struct carbon_report *report;
	struct carbon_err *err;
	struct carbon_cut lines, accounts, places, gpus;
	struct carbon_seen_set seen;
};

static int64_t name_of(sqlite3_stmt *stmt, enum carbon_report_column column)
{
	return sqlite3_column_type(stmt, (int)column) == SQLITE_NULL ? CARBON_CUT_NO_NAME
								     : sqlite3_column_int64(stmt, (int)column);
}

static void add_odd(struct carbon_report *report, unsigned int odd)
{
	for (unsigned int i = 0; odd && i < CARBON_ODD_KINDS; i++)
		report->odd[i] += odd >> i & 1;
}

/* RUN into the line of KEY; its number, or CARBON_CUT_FAILED. */
static uint32_t add_to(struct sum *sum, struct carbon_cut *cut, const struct carbon_cut_key *key,
		       const struct carbon_report_line *run)
{
	uint32_t line = carbon_cut_find(cut, key);

	if (line == CARBON_CUT_FAILED)
		carbon_err_set(sum->err, "no memory, or more than %d lines by %s", CARBON_REPORT_LINES_MAX - 1,
			       sum->report->by->name);
	else
		carbon_report_run_add(&cut->line[line], run);
	return line;
}

/* The cuts that every report has. */
static int add_to_cuts(struct sum *sum, sqlite3_stmt *stmt, const struct carbon_report_line *run)
{
	const struct carbon_cut_key account = {{name_of(stmt, ACCOUNT)}};
	const struct carbon_cut_key gpu = {{name_of(stmt, GPU_TYPE_ID)}};
	const struct carbon_cut_key place = {
		{name_of(stmt, CLUSTER), name_of(stmt, PARTITION), name_of(stmt, ZONE)}};

	if (add_to(sum, &sum->accounts, &account, run) == CARBON_CUT_FAILED)
		return -1;
	/* What would have helped is told of work with known emissions alone. */
	if (run->gpu_gpu_h > 0 && add_to(sum, &sum->gpus, &gpu, run) == CARBON_CUT_FAILED)
		return -1;
	return add_to(sum, &sum->places, &place, run) == CARBON_CUT_FAILED ? -1 : 0;
}

/* What holds for the job of a run. */
static unsigned int marks_of(sqlite3_stmt *stmt)
{
	unsigned int optout = (unsigned int)sqlite3_column_int(stmt, OPT_OUT);

	return (sqlite3_column_int(stmt, DELAYED) ? CARBON_SEEN_DELAYED : 0) |
	       (optout > CARBON_OPTOUT_NONE && optout < CARBON_OPTOUTS ? 1u << optout : 0);
}

static int take_row(struct sum *sum, sqlite3_stmt *stmt)
{
	struct carbon_report *report = sum->report;
	uint64_t job = (uint64_t)sqlite3_column_int64(stmt, CLUSTER) << 32 |
		       (uint32_t)sqlite3_column_int64(stmt, JOB);
	const struct carbon_cut_key key = {{name_of(stmt, KEY)}};
	struct carbon_report_line run;
	uint32_t line;

	add_odd(report, (unsigned int)sqlite3_column_int(stmt, ODD));
	if (sqlite3_column_int(stmt, SIGNAL) != (int)report->signal) {
		report->other_signal++;
		return 0;
	}
	report->moved_runs += sqlite3_column_type(stmt, HOME_ID) != SQLITE_NULL;
	carbon_report_run_read(stmt, &run);
	carbon_report_run_add(&report->total, &run);
	carbon_report_run_spread(stmt, &run, report);
	line = add_to(sum, &sum->lines, &key, &run);
	if (line == CARBON_CUT_FAILED || add_to_cuts(sum, stmt, &run) < 0)
		return -1;
	if (carbon_seen_count(&sum->seen, job, line, marks_of(stmt), &report->total,
			      &sum->lines.line[line]) < 0)
		return carbon_err_set(sum->err, "no memory for more than %zu jobs", sum->seen.count);
	return 0;
}

/* --- what was drawn in the month by runs that ended later --- */

static int take_later(struct sum *sum, sqlite3_stmt *stmt)
{
	struct carbon_report_line run;

	carbon_report_run_read(stmt, &run);
	carbon_report_run_spread_days(stmt, &run, sum->report);
	return 0;
}

static int each_row(struct sum *sum, const char *sql, int (*take)(struct sum *, sqlite3_stmt *))
{
	sqlite3_stmt *stmt = carbon_db_statement(sum->store, sql, sum->err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, sum->report->from_at);
	sqlite3_bind_int64(stmt, 2, sum->report->to_at);
	if (sqlite3_bind_parameter_count(stmt) > 2)
		sqlite3_bind_int(stmt, 3, (int)sum->report->signal);
	while ((rc = carbon_db_step(sum->store, stmt, sum->err)) == 1) {
		rc = take(sum, stmt);
		if (rc < 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}

/* The index on the end has the start too: only runs that reach into the month are looked up. */
static const char LATER[] = "SELECT NULL," CARBON_REPORT_COLUMNS " FROM run INDEXED BY run_end" CARBON_REPORT_TERMS
			    "WHERE end_at >= ?2 AND start_at < ?2 AND signal = ?3 AND ?1 < ?2";

/* --- names and order --- */

static int read_name(struct sum *sum, int64_t id, char *out, size_t size)
{
	static const char SQL[] = "SELECT text FROM name WHERE id = ?1";
	sqlite3_stmt *stmt;
	int rc;

	out[0] = '\0';
	if (id == CARBON_CUT_NO_NAME)
		return 0;
	stmt = carbon_db_statement(sum->store, SQL, sum->err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	rc = carbon_db_step(sum->store, stmt, sum->err);
	if (rc == 1)
		carbon_db_text(stmt, 0, out, size);
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

static int name_lines(struct sum *sum, struct carbon_cut *cut)
{
	for (size_t i = 0; i < cut->lines; i++)
		if (read_name(sum, cut->key[i].part[0], cut->line[i].key, sizeof(cut->line[i].key)) < 0)
			return -1;
	return 0;
}

static void name_days(struct sum *sum)
{
	for (size_t i = 0; i < sum->lines.lines; i++)
		snprintf(sum->lines.line[i].key, sizeof(sum->lines.line[i].key), "%s-%02d", sum->report->month,
			 (int)sum->lines.key[i].part[0] + 1);
}

static int by_energy(const void *a, const void *b)
{
	const struct carbon_report_line *left = a, *right = b;

	if (left->energy_kwh < right->energy_kwh || left->energy_kwh > right->energy_kwh)
		return left->energy_kwh < right->energy_kwh ? 1 : -1;
	return strcmp(left->key, right->key);
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct carbon_report_line *)a)->key,
		      ((const struct carbon_report_line *)b)->key);
}

static int by_place(const void *a, const void *b)
{
	return by_energy(&((const struct carbon_report_place *)a)->sum,
			 &((const struct carbon_report_place *)b)->sum);
}

/* The lines of CUT in order; they are the caller's now. */
static struct carbon_report_line *take_lines(struct carbon_cut *cut, int (*order)(const void *, const void *))
{
	struct carbon_report_line *taken = cut->line;

	cut->line = NULL;
	if (cut->lines)
		qsort(taken, cut->lines, sizeof(*taken), order);
	return taken;
}

static int name_places(struct sum *sum)
{
	struct carbon_report *report = sum->report;
	struct carbon_report_place *place = calloc(sum->places.lines + 1, sizeof(*place));

	if (!place)
		return carbon_err_set(sum->err, "no memory for %zu places", sum->places.lines);
	report->place = place;
	for (size_t i = 0; i < sum->places.lines; i++, place++) {
		const int64_t *key = sum->places.key[i].part;

		place->sum = sum->places.line[i];
		if (read_name(sum, key[0], place->cluster, sizeof(place->cluster)) < 0 ||
		    read_name(sum, key[1], place->sum.key, sizeof(place->sum.key)) < 0 ||
		    read_name(sum, key[2], place->zone, sizeof(place->zone)) < 0)
			return -1;
	}
	report->places = sum->places.lines;
	qsort(report->place, report->places, sizeof(*report->place), by_place);
	return 0;
}

static int finish(struct sum *sum)
{
	struct carbon_report *report = sum->report;
	bool is_daily = report->by->is_daily;

	if (is_daily)
		name_days(sum);
	else if (name_lines(sum, &sum->lines) < 0)
		return -1;
	if (name_lines(sum, &sum->accounts) < 0 || name_lines(sum, &sum->gpus) < 0)
		return -1;
	report->line = take_lines(&sum->lines, is_daily ? by_key : by_energy);
	report->lines = sum->lines.lines;
	report->account = take_lines(&sum->accounts, by_energy);
	report->accounts = sum->accounts.lines;
	report->gpu = take_lines(&sum->gpus, by_energy);
	report->gpus = sum->gpus.lines;
	return name_places(sum);
}

int carbon_report_sum(struct carbon_store *store, struct carbon_report *report,
		      struct carbon_err *err)
{
	struct sum sum = {.store = store, .report = report, .err = err};
	int rc = each_row(&sum, report->by->sql, take_row);

	if (rc == 0)
		rc = each_row(&sum, LATER, take_later);
	if (rc == 0)
		rc = finish(&sum);
	carbon_cut_fini(&sum.lines);
	carbon_cut_fini(&sum.accounts);
	carbon_cut_fini(&sum.places);
	carbon_cut_fini(&sum.gpus);
	carbon_seen_fini(&sum.seen);
	return rc;
}
