/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What settling knows of the cluster as a whole, for a month's report: nodes without work, how full places were, and the
 * cluster effect. Where there are no rows of it nothing is said.
 */
#include "accounting/report_sum.h"

#include <math.h>

#include "accounting/db.h"
#include "accounting/occupancy.h"
#include "lib/err.h"

#define HOUR_S 3600.0

static double number(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, column);
}

static sqlite3_stmt *month_statement(struct carbon_store *store, const char *sql, const struct carbon_report *report,
				     struct carbon_err *err)
{
	sqlite3_stmt *stmt = carbon_db_statement(store, sql, err);

	if (!stmt)
		return NULL;
	sqlite3_bind_int64(stmt, 1, report->from_at);
	sqlite3_bind_int64(stmt, 2, report->to_at);
	if (sqlite3_bind_parameter_count(stmt) > 2)
		sqlite3_bind_int(stmt, 3, (int)report->signal);
	return stmt;
}

static int read_saved(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	int rc = carbon_effects_sum(store, report->from_at, CARBON_EFFECT_REPLAY, &report->saved, err);

	report->has_saved = rc == 1;
	return rc < 0 ? -1 : 0;
}

static int take_balance(const struct carbon_meter_balance *balance, void *context)
{
	struct carbon_report *report = context;

	if (report->balances < CARBON_REPORT_BALANCES_MAX)
		report->balance[report->balances++] = *balance;
	return 0;
}

static void read_effect(sqlite3_stmt *stmt, struct carbon_report_effect *effect)
{
	carbon_db_text(stmt, 0, effect->cluster, sizeof(effect->cluster));
	effect->is_switchback = sqlite3_column_int(stmt, 1) != 0;
	effect->jobs = number(stmt, 2);
	effect->delayed = number(stmt, 3);
	effect->without_kg = number(stmt, 4) / 1000;
	effect->saved_kg = number(stmt, 5) / 1000;
	effect->low_kg = number(stmt, 6) / 1000;
	effect->high_kg = number(stmt, 7) / 1000;
	effect->replay_error = number(stmt, 8);
	effect->others_wait_s = number(stmt, 9);
	effect->others_wait_without_s = number(stmt, 10);
}

static int read_effects(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT name.text, method, jobs, delayed, without_g, saved_g, low_g, high_g, replay_error, others_wait_s,"
		" others_wait_without_s FROM effect JOIN name ON name.id = cluster_id"
		" WHERE from_at >= ?1 AND from_at < ?2 ORDER BY name.text, method";
	sqlite3_stmt *stmt = month_statement(store, SQL, report, err);
	int rc;

	if (!stmt)
		return -1;
	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		if (report->effects < CARBON_REPORT_EFFECTS_MAX)
			read_effect(stmt, &report->effect[report->effects++]);
	return rc;
}

/* Hundredths of nodes, over five minutes each. */
static int read_fillings(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT c.text, p.text, count(*), 100.0 * total(is_full) / count(*),"
		" CASE WHEN total(usable) > 0 THEN 100.0 * total(busy) / total(usable) END"
		" FROM place JOIN occupancy ON place_id = place.id AND at >= ?1 AND at < ?2"
		" JOIN name c ON c.id = cluster_id JOIN name p ON p.id = partition_id GROUP BY place.id ORDER BY 1, 2";
	sqlite3_stmt *stmt = month_statement(store, SQL, report, err);
	int rc;

	if (!stmt)
		return -1;
	while ((rc = carbon_db_step(store, stmt, err)) == 1) {
		struct carbon_report_filling *filling;

		if (report->fillings == CARBON_REPORT_FILLINGS_MAX)
			continue;
		filling = &report->filling[report->fillings++];
		carbon_db_text(stmt, 0, filling->cluster, sizeof(filling->cluster));
		carbon_db_text(stmt, 1, filling->partition, sizeof(filling->partition));
		filling->known_h = number(stmt, 2) * CARBON_OCCUPANCY_BIN_S / HOUR_S;
		filling->full_percent = number(stmt, 3);
		filling->busy_percent = number(stmt, 4);
	}
	return rc;
}

static int read_unstarted(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err)
{
	static const char SQL[] = "SELECT count(*) FROM unstarted WHERE end_at >= ?1 AND end_at < ?2";
	sqlite3_stmt *stmt = month_statement(store, SQL, report, err);
	int rc;

	if (!stmt)
		return -1;
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1)
		report->unstarted = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}

int carbon_report_read_cluster(struct carbon_store *store, struct carbon_report *report,
			       struct carbon_err *err)
{
	const time_t span[2] = {report->from_at, report->to_at};

	if (carbon_nodes_sum(store, NULL, NULL, span, &report->nodes, err) < 0 ||
	    read_unstarted(store, report, err) < 0 || read_saved(store, report, err) < 0 || read_effects(store, report, err) < 0 ||
	    carbon_meter_balance(store, span[0], span[1], take_balance, report, err) < 0)
		return -1;
	return read_fillings(store, report, err);
}
