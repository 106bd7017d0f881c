/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The month's sums out of the ledger. A run belongs to the month (UTC) in which it ended. Signals are never mixed in one
 * sum, and what has no known intensity is counted beside the emissions, not into them as zero.
 */
#include "accounting/report.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/report_sum.h"
#include "lib/err.h"
#include "lib/time.h"

#define DAY_S 86400
#define ONE_ZONE 0.95 /* share of the energy from which on a month is one zone's */

const struct carbon_report_by carbon_report_bys[] = {
	{"user", "User", "(no user)", false, CARBON_REPORT_SQL("user_id")},
	{"account", "Account", "(no account)", false, CARBON_REPORT_SQL("account_id")},
	{"partition", "Partition", "(no partition)", false, CARBON_REPORT_SQL("partition_id")},
	{"zone", "Zone", "(unknown)", false, CARBON_REPORT_SQL("zone_id")},
	{"qos", "QOS", "(no QOS)", false, CARBON_REPORT_SQL("qos_id")},
	{"day", "Day", "", true, CARBON_REPORT_SQL("(end_at - ?1) / 86400")},
};
const size_t carbon_report_bys_count = sizeof(carbon_report_bys) / sizeof(carbon_report_bys[0]);

const struct carbon_report_format carbon_report_formats[] = {
	{"text", carbon_report_write_text},
	{"csv", carbon_report_write_csv},
	{"json", carbon_report_write_json},
	{"html", carbon_report_write_html},
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

double carbon_report_known_kwh(const struct carbon_report_line *line)
{
	return line->energy_kwh - line->unknown_kwh;
}

double carbon_report_intensity(const struct carbon_report_line *line)
{
	double known_kwh = carbon_report_known_kwh(line);

	return known_kwh > 0 ? line->mass_kg * 1000 / known_kwh : NAN;
}

uint64_t carbon_report_opt_outs(const struct carbon_report_line *line)
{
	return line->opt_outs[CARBON_OPTOUT_FLAG] + line->opt_outs[CARBON_OPTOUT_START];
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

/* Append TEXT behind SEPARATOR; what does not fit is left out whole. */
static void append(char out[CARBON_REPORT_TEXT_MAX], const char *separator, const char *text)
{
	size_t length = strlen(out);

	if (length + strlen(separator) + strlen(text) < CARBON_REPORT_TEXT_MAX)
		snprintf(out + length, CARBON_REPORT_TEXT_MAX - length, "%s%s", length ? separator : "", text);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names of all places in order, each once; from WHERE in the place. Free when done; NULL: no memory. */
static const char **list_names(const struct carbon_report *report, size_t where, size_t *count)
{
	const char **names = calloc(report->places + 1, sizeof(*names));
	size_t found = 0;

	for (size_t i = 0; names && i < report->places; i++)
		names[i] = (const char *)&report->place[i] + where;
	if (names)
		qsort(names, report->places, sizeof(*names), by_text);
	for (size_t i = 0; names && i < report->places; i++)
		if (names[i][0] && (found == 0 || strcmp(names[found - 1], names[i]) != 0))
			names[found++] = names[i];
	*count = found;
	return names;
}

/* "DE: electricitymaps, file": where the history of the month comes from. */
static int read_sources(struct carbon_store *store, struct carbon_report *report, const char *zone,
			struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT group_concat(text, ', ') FROM (SELECT DISTINCT text FROM history JOIN name ON name.id = source_id "
		"WHERE zone_id = (SELECT id FROM name WHERE text = ?4) AND signal = ?3 AND at >= ?1 - 3600 AND at < ?2 "
		"ORDER BY text)";
	char names[CARBON_REPORT_TEXT_MAX / 2], text[CARBON_REPORT_TEXT_MAX];
	sqlite3_stmt *stmt = month_statement(store, SQL, report, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 4, zone, -1, SQLITE_STATIC);
	rc = carbon_db_step(store, stmt, err);
	if (rc < 0)
		return -1;
	carbon_db_text(stmt, 0, names, sizeof(names));
	sqlite3_reset(stmt);
	snprintf(text, sizeof(text), "%.64s: %s", zone, names);
	if (names[0])
		append(report->sources, "; ", text);
	return 0;
}

/* Who was asked: the clusters of the month, and the sources of its zones' history. */
static int read_origins(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	size_t clusters = 0, zones = 0;
	const char **cluster = list_names(report, offsetof(struct carbon_report_place, cluster), &clusters);
	const char **zone = list_names(report, offsetof(struct carbon_report_place, zone), &zones);
	int rc = cluster && zone ? 0 : carbon_err_set(err, "no memory");

	for (size_t i = 0; i < clusters && rc == 0; i++)
		append(report->clusters, ", ", cluster[i]);
	for (size_t i = 0; i < zones && rc == 0; i++)
		rc = read_sources(store, report, zone[i], err);
	free(cluster);
	free(zone);
	return rc;
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

int carbon_report_month(const char *month, time_t now, time_t span[2], struct carbon_err *err)
{
	char today[CARBON_TIME_TEXT];
	time_t from, to;

	if (carbon_month_parse(month, &from, &to) < 0)
		return carbon_err_set(err, "month \"%.32s\" is none (such as 2026-10)", month);
	carbon_time_format(now, today);
	if (from > now)
		return carbon_err_set(err, "month %.7s has not begun (today is %.10s, UTC)", month,
				      today);
	span[0] = from;
	span[1] = to;
	return 0;
}

int carbon_report_month_is_empty(const char *month, struct carbon_err *err)
{
	return carbon_err_set(err,
			      "no run that ended in %.7s is in the ledger "
			      "(carbonctl settle --since %.7s-01T00:00Z reads them from Slurm)",
			      month, month);
}

static int check_month(const char *month, time_t now, struct carbon_report *report,
		       struct carbon_err *err)
{
	time_t span[2];

	if (carbon_report_month(month, now, span, err) < 0)
		return -1;
	report->from_at = span[0];
	report->to_at = span[1];
	memcpy(report->month, month, sizeof(report->month) - 1);
	report->days = (size_t)((report->to_at - report->from_at) / DAY_S);
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
	return carbon_report_month_is_empty(report->month, err);
}

static int fill(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	if (carbon_report_sum(store, report, err) < 0 || check_content(report, err) < 0 ||
	    carbon_report_look_back(store, report, err) < 0 ||
	    carbon_report_read_flows(store, report, err) < 0 || carbon_report_read_grid(store, report, err) < 0 ||
	    carbon_report_read_cluster(store, report, err) < 0 || read_origins(store, report, err) < 0)
		return -1;
	return read_progress(store, report, err);
}

static int read_budgets(struct carbon_store *store, struct carbon_report *report,
			const struct carbon_report_site *site, struct carbon_err *err)
{
	if (site->allowances == 0)
		return 0;
	report->budget = calloc(site->allowances, sizeof(*report->budget));
	if (!report->budget)
		return carbon_err_set(err, "no memory");
	report->budgets = site->allowances;
	for (size_t i = 0; i < report->budgets; i++)
		report->budget[i].allowed = site->allowance[i];
	return carbon_budget_read(store, report->signal, report->from_at, report->to_at, report->budget,
				  report->budgets, err);
}

/* The zone of most of the energy, where that is nearly all of it; else "": several. */
static const char *main_zone(const struct carbon_report *report)
{
	double here_kwh = 0;

	for (size_t i = 0; report->places && i < report->places; i++)
		if (strcmp(report->place[i].zone, report->place[0].zone) == 0)
			here_kwh += carbon_report_known_kwh(&report->place[i].sum);
	return here_kwh > ONE_ZONE * carbon_report_known_kwh(&report->total) ? report->place[0].zone : "";
}

static int read_levers(struct carbon_store *store, struct carbon_report *report, const struct carbon_report_site *site,
		       struct carbon_err *err)
{
	const struct carbon_report_line *total = &report->total;
	double known_kwh = carbon_report_known_kwh(total);
	struct carbon_lever_gpu gpu[CARBON_GPU_TYPES_MAX];
	struct carbon_lever_work work = {
		.from_at = report->from_at, .to_at = report->to_at, .zone = main_zone(report), .gpu = gpu,
		.pue = total->it_kwh > 0 ? total->energy_kwh / total->it_kwh : 1, .mass_kg = total->mass_kg};

	if (!site->levers)
		return 0;
	work.it_kwh = known_kwh / work.pue;
	for (size_t i = 0; i < report->gpus && work.gpus < CARBON_GPU_TYPES_MAX; i++) {
		struct carbon_lever_gpu *each = &gpu[work.gpus++];

		snprintf(each->type, sizeof(each->type), "%.*s", CARBON_GPU_NAME_MAX - 1, report->gpu[i].key);
		each->hours = report->gpu[i].gpu_h;
		each->it_kwh = report->gpu[i].it_kwh;
	}
	return carbon_levers_read(store, site->levers, &work, &report->levers, err);
}

int carbon_report_create(struct carbon_store *store, const char *month,
			 const struct carbon_report_by *by, const struct carbon_report_site *site, time_t now,
			 struct carbon_report **out, struct carbon_err *err)
{
	struct carbon_report *report = calloc(1, sizeof(*report));

	*out = NULL;
	if (!report)
		return carbon_err_set(err, "no memory");
	report->by = by;
	report->signal = site->signal;
	report->now = now;
	if (check_month(month, now, report, err) < 0 || fill(store, report, err) < 0 ||
	    read_budgets(store, report, site, err) < 0 || read_levers(store, report, site, err) < 0) {
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
	free(report->account);
	free(report->gpu);
	free(report->place);
	free(report->flow);
	free(report->budget);
	free(report);
}
