/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The month's sums out of the ledger. A run belongs to the month (UTC) in which it ended. Signals are never mixed in one
 * sum, and what has no known intensity is counted beside the emissions, not into them as zero.
 */
#include "accounting/report.h"

#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"
#include "lib/time.h"

/* What each line sums; read back by position in read_line(). Level 1 is shadow mode. */
#define SUMS                                                                                    \
	" count(DISTINCT (cluster_id << 32) | job_id), count(*),"                               \
	" count(DISTINCT CASE WHEN delayed AND level <> 1"                                      \
	"  THEN (cluster_id << 32) | job_id END),"                                              \
	" total(cores * running_s) / 3600, total(gpus * running_s) / 3600,"                     \
	" total(energy_kwh), total(low_kwh), total(high_kwh),"                                  \
	" total(energy_kwh) FILTER (WHERE energy_method = 1),"                                  \
	" total(energy_kwh) FILTER (WHERE intensity_method = 0),"                               \
	" total(energy_kwh) FILTER (WHERE intensity_method = 1),"                               \
	" total(energy_kwh) FILTER (WHERE intensity_method = 2),"                               \
	" total(energy_kwh) FILTER (WHERE intensity_method = 3),"                               \
	" total(energy_kwh) FILTER (WHERE intensity_method = 4),"                               \
	" total(energy_kwh) FILTER (WHERE mass_g IS NULL),"                                     \
	" total(mass_g) / 1000, total(low_g) / 1000, total(high_g) / 1000,"                     \
	" count(credit_g), total(credit_g) / 1000,"                                             \
	" total(credit_g) FILTER (WHERE credit_method <> 4) / 1000,"                            \
	" count(promised_g) FILTER (WHERE credit_g IS NOT NULL),"                               \
	" total(promised_baseline_g - promised_g) FILTER (WHERE credit_g IS NOT NULL) / 1000,"  \
	" count(shadow_g), total(shadow_g) / 1000"                                              \
	" FROM run WHERE end_at >= ?1 AND end_at < ?2 AND signal = ?3"

/* Lines by a numbered name, the largest energy first. */
#define BY_NAME(column)                                                                         \
	"SELECT coalesce((SELECT text FROM name WHERE id = " column "), '')," SUMS              \
	" GROUP BY " column " ORDER BY total(energy_kwh) DESC, 1"

#define BY_DAY "SELECT date(end_at, 'unixepoch')," SUMS " GROUP BY 1 ORDER BY 1"

const struct carbon_report_by carbon_report_bys[] = {
	{"user", "User", "(no user)", BY_NAME("user_id")},
	{"account", "Account", "(no account)", BY_NAME("account_id")},
	{"partition", "Partition", "(no partition)", BY_NAME("partition_id")},
	{"zone", "Zone", "(unknown)", BY_NAME("zone_id")},
	{"qos", "QOS", "(no QOS)", BY_NAME("qos_id")},
	{"day", "Day", "", BY_DAY},
};
const size_t carbon_report_bys_count = sizeof(carbon_report_bys) / sizeof(carbon_report_bys[0]);

const struct carbon_report_format carbon_report_formats[] = {
	{"text", false, carbon_report_write_text},
	{"csv", false, carbon_report_write_csv},
	{"json", false, carbon_report_write_json},
	{"html", true, carbon_report_write_html},
};
const size_t carbon_report_formats_count =
	sizeof(carbon_report_formats) / sizeof(carbon_report_formats[0]);

const struct carbon_report_by *carbon_report_by_find(const char *name)
{
	for (size_t i = 0; i < carbon_report_bys_count; i++)
		if (strcmp(carbon_report_bys[i].name, name) == 0)
			return &carbon_report_bys[i];
	return NULL;
}

const struct carbon_report_format *carbon_report_format_find(const char *name)
{
	for (size_t i = 0; i < carbon_report_formats_count; i++)
		if (strcmp(carbon_report_formats[i].name, name) == 0)
			return &carbon_report_formats[i];
	return NULL;
}

const char *carbon_report_key(const struct carbon_report *report,
			      const struct carbon_report_line *line)
{
	return line->key[0] ? line->key : report->by->none;
}

/* TEXT may be NULL; cut where it is too long. */
static void copy_text(const unsigned char *text, char *out, size_t size)
{
	size_t length = text ? strlen((const char *)text) : 0;

	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(out, text, length);
	out[length] = '\0';
}

static double number(sqlite3_stmt *stmt, int *column)
{
	return sqlite3_column_double(stmt, (*column)++);
}

static uint64_t count(sqlite3_stmt *stmt, int *column)
{
	return (uint64_t)sqlite3_column_int64(stmt, (*column)++);
}

static void read_line(sqlite3_stmt *stmt, struct carbon_report_line *line)
{
	int i = 0;

	memset(line, 0, sizeof(*line));
	copy_text(sqlite3_column_text(stmt, i++), line->key, sizeof(line->key));
	line->jobs = count(stmt, &i);
	line->runs = count(stmt, &i);
	line->delayed = count(stmt, &i);
	line->core_h = number(stmt, &i);
	line->gpu_h = number(stmt, &i);
	line->energy_kwh = number(stmt, &i);
	line->low_kwh = number(stmt, &i);
	line->high_kwh = number(stmt, &i);
	line->measured_kwh = number(stmt, &i);
	for (size_t method = 0; method < CARBON_INTENSITY_METHODS; method++)
		line->method_kwh[method] = number(stmt, &i);
	line->unknown_kwh = number(stmt, &i);
	line->mass_kg = number(stmt, &i);
	line->low_kg = number(stmt, &i);
	line->high_kg = number(stmt, &i);
	line->credits = count(stmt, &i);
	line->credit_kg = number(stmt, &i);
	line->open_credit_kg = number(stmt, &i);
	line->promises = count(stmt, &i);
	line->promised_kg = number(stmt, &i);
	line->shadows = count(stmt, &i);
	line->shadow_kg = number(stmt, &i);
}

static sqlite3_stmt *month_statement(struct carbon_store *store, const char *sql,
				     const struct carbon_report *report, struct carbon_err *err)
{
	sqlite3_stmt *stmt = carbon_db_statement(store, sql, err);

	if (!stmt)
		return NULL;
	sqlite3_bind_int64(stmt, 1, report->from_at);
	sqlite3_bind_int64(stmt, 2, report->to_at);
	sqlite3_bind_int(stmt, 3, (int)report->signal);
	return stmt;
}

struct lines {
	struct carbon_report_line *line;
	size_t count, capacity;
};

static int add_line(struct lines *lines, sqlite3_stmt *stmt, struct carbon_err *err)
{
	if (lines->count == CARBON_REPORT_LINES_MAX)
		return carbon_err_set(err, "more than %d lines", CARBON_REPORT_LINES_MAX);
	if (lines->count == lines->capacity) {
		size_t more = lines->capacity ? lines->capacity * 2 : 64;
		struct carbon_report_line *line = realloc(lines->line, more * sizeof(*line));

		if (!line)
			return carbon_err_set(err, "no memory for %zu lines", more);
		lines->line = line;
		lines->capacity = more;
	}
	read_line(stmt, &lines->line[lines->count++]);
	return 0;
}

/* Out-parameters are untouched on failure. */
static int read_lines(struct carbon_store *store, const char *sql, const struct carbon_report *report,
		      struct carbon_report_line **out, size_t *count, struct carbon_err *err)
{
	sqlite3_stmt *stmt = month_statement(store, sql, report, err);
	struct lines lines = {NULL, 0, 0};
	int rc = stmt ? 0 : -1;

	while (rc == 0 && (rc = carbon_db_step(store, stmt, err)) == 1)
		rc = add_line(&lines, stmt, err);
	if (stmt)
		sqlite3_reset(stmt);
	if (rc < 0) {
		free(lines.line);
		return -1;
	}
	*out = lines.line;
	*count = lines.count;
	return 0;
}

int carbon_report_read_days(struct carbon_store *store, struct carbon_report *report,
			    struct carbon_err *err)
{
	static const char SQL[] = BY_DAY;

	if (report->day)
		return 0;
	return read_lines(store, SQL, report, &report->day, &report->days, err);
}

/* Not the sum of the lines: a job may have runs in two of them. */
static int read_total(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	static const char SQL[] = "SELECT ''," SUMS;
	sqlite3_stmt *stmt = month_statement(store, SQL, report, err);
	int rc = stmt ? carbon_db_step(store, stmt, err) : -1;

	if (rc < 0)
		return -1;
	read_line(stmt, &report->total);
	sqlite3_reset(stmt);
	return 0;
}

static int read_oddities(struct carbon_store *store, struct carbon_report *report,
			 struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT total(odd & 1), total(odd >> 1 & 1), total(odd >> 2 & 1), "
		"total(odd >> 3 & 1), total(odd >> 4 & 1), total(odd >> 5 & 1), "
		"total(odd >> 6 & 1), total(signal <> ?3) FROM run "
		"WHERE end_at >= ?1 AND end_at < ?2 AND (odd <> 0 OR signal <> ?3)";
	sqlite3_stmt *stmt = month_statement(store, SQL, report, err);
	int rc = stmt ? carbon_db_step(store, stmt, err) : -1;

	if (rc < 0)
		return -1;
	for (int i = 0; i < CARBON_ODD_KINDS; i++)
		report->odd[i] = (uint64_t)sqlite3_column_int64(stmt, i);
	report->other_signal = (uint64_t)sqlite3_column_int64(stmt, CARBON_ODD_KINDS);
	sqlite3_reset(stmt);
	return 0;
}

/* One text out of the database; an empty one where there is none. */
static int read_text(struct carbon_store *store, const char *sql, struct carbon_report *report,
		     char out[CARBON_REPORT_TEXT_MAX], struct carbon_err *err)
{
	sqlite3_stmt *stmt = month_statement(store, sql, report, err);
	int rc = stmt ? carbon_db_step(store, stmt, err) : -1;

	if (rc < 0)
		return -1;
	copy_text(rc == 1 ? sqlite3_column_text(stmt, 0) : NULL, out, CARBON_REPORT_TEXT_MAX);
	sqlite3_reset(stmt);
	return 0;
}

/* Who was asked: the clusters of the month, and the sources of its zones' history. */
static int read_origins(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	static const char CLUSTERS[] =
		"SELECT group_concat(text, ', ') FROM (SELECT DISTINCT text FROM run JOIN name ON "
		"name.id = cluster_id WHERE end_at >= ?1 AND end_at < ?2 AND signal = ?3 "
		"ORDER BY text)";
	static const char SOURCES[] =
		"SELECT group_concat(zone || ': ' || sources, '; ') FROM (SELECT z.text AS zone, "
		"group_concat(s.text, ', ') AS sources FROM (SELECT DISTINCT zone_id, source_id "
		"FROM history WHERE at >= ?1 - 3600 AND at < ?2 AND signal = ?3 AND zone_id IN "
		"(SELECT DISTINCT zone_id FROM run WHERE end_at >= ?1 AND end_at < ?2)) "
		"JOIN name z ON z.id = zone_id JOIN name s ON s.id = source_id "
		"GROUP BY zone ORDER BY zone)";

	if (read_text(store, CLUSTERS, report, report->clusters, err) < 0)
		return -1;
	return read_text(store, SOURCES, report, report->sources, err);
}

static int read_progress(struct carbon_store *store, struct carbon_report *report,
			 struct carbon_err *err)
{
	static const char SQL[] = "SELECT min(settled_to) FROM progress";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc = stmt ? carbon_db_step(store, stmt, err) : -1;

	if (rc < 0)
		return -1;
	report->settled_to = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

static int check_month(const char *month, time_t now, struct carbon_report *report,
		       struct carbon_err *err)
{
	char today[CARBON_TIME_TEXT];

	if (carbon_month_parse(month, &report->from_at, &report->to_at) < 0)
		return carbon_err_set(err, "month \"%.32s\" is none (such as 2026-10)", month);
	carbon_time_format(now, today);
	if (report->from_at > now)
		return carbon_err_set(err, "month %.7s has not begun (today is %.10s, UTC)", month,
				      today);
	memcpy(report->month, month, sizeof(report->month) - 1);
	return 0;
}

static int check_content(const struct carbon_report *report, struct carbon_err *err)
{
	if (report->total.runs > 0)
		return 0;
	if (report->other_signal > 0)
		return carbon_err_set(err,
				      "the runs of %s were settled with another signal than %s: "
				      "carbonctl settle --since %s-01T00:00Z settles them again",
				      report->month, carbon_signal_name(report->signal),
				      report->month);
	return carbon_err_set(err,
			      "no run that ended in %s is in the ledger "
			      "(carbonctl settle --since %s-01T00:00Z reads them from Slurm)",
			      report->month, report->month);
}

static int fill(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	if (read_total(store, report, err) < 0 || read_oddities(store, report, err) < 0 ||
	    check_content(report, err) < 0 ||
	    read_lines(store, report->by->sql, report, &report->line, &report->lines, err) < 0 ||
	    read_origins(store, report, err) < 0)
		return -1;
	return read_progress(store, report, err);
}

int carbon_report_create(struct carbon_store *store, const char *month,
			 const struct carbon_report_by *by, enum carbon_signal signal, time_t now,
			 struct carbon_report **out, struct carbon_err *err)
{
	struct carbon_report *report = calloc(1, sizeof(*report));

	*out = NULL;
	if (!report)
		return carbon_err_set(err, "no memory");
	report->by = by;
	report->signal = signal;
	report->now = now;
	if (check_month(month, now, report, err) < 0 || fill(store, report, err) < 0) {
		carbon_report_destroy(report);
		return -1;
	}
	*out = report;
	return 0;
}

void carbon_report_destroy(struct carbon_report *report)
{
	if (!report)
		return;
	free(report->line);
	free(report->day);
	free(report);
}
