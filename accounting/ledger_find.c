/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What settling reads back of the ledger: how a job began, and the rows that are settled again. Reads only. */
#include "accounting/ledger.h"

#include <stdio.h>
#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"

int carbon_ledger_first_start(struct carbon_store *store, const char *cluster, uint32_t job, time_t since,
			      time_t *start, struct carbon_err *err)
{
	static const char SQL[] = "SELECT min(start_at) FROM run WHERE cluster_id = "
				  "(SELECT id FROM name WHERE text = ?1) AND job_id = ?2 AND "
				  "start_at >= ?3";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, job);
	sqlite3_bind_int64(stmt, 3, since);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1 && sqlite3_column_type(stmt, 0) == SQLITE_NULL)
		rc = 0;
	else if (rc == 1)
		*start = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc;
}

int carbon_ledger_ran_before(struct carbon_store *store, const char *cluster, uint32_t job, const time_t span[2],
			     time_t *ran_s, struct carbon_err *err)
{
	static const char SQL[] = "SELECT sum(max(end_at - start_at, 0)) FROM run WHERE cluster_id = "
				  "(SELECT id FROM name WHERE text = ?1) AND job_id = ?2 AND "
				  "start_at >= ?3 AND start_at < ?4";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, job);
	sqlite3_bind_int64(stmt, 3, span[0]);
	sqlite3_bind_int64(stmt, 4, span[1]);
	if (carbon_db_step(store, stmt, err) < 0)
		return -1;
	*ran_s = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return 0;
}

/* --- rows that are settled again --- */

static void read_home(sqlite3_stmt *stmt, struct carbon_settle_home *home)
{
	carbon_db_text(stmt, 17, home->cluster, sizeof(home->cluster));
	carbon_db_text(stmt, 18, home->partition, sizeof(home->partition));
	carbon_db_text(stmt, 19, home->zone, sizeof(home->zone));
	home->power_w = sqlite3_column_double(stmt, 20);
	home->slowness = sqlite3_column_double(stmt, 21);
	home->data_gb = sqlite3_column_double(stmt, 22);
	home->data_g = sqlite3_column_double(stmt, 23);
}

static void read_open(sqlite3_stmt *stmt, struct carbon_ledger_open *open)
{
	memset(open, 0, sizeof(*open));
	open->cluster_id = sqlite3_column_int64(stmt, 0);
	open->job = (uint32_t)sqlite3_column_int64(stmt, 1);
	open->times.start_at = sqlite3_column_int64(stmt, 2);
	open->times.end_at = sqlite3_column_int64(stmt, 3);
	open->times.baseline_at = sqlite3_column_int64(stmt, 4);
	open->times.shadow_at = sqlite3_column_int64(stmt, 5);
	snprintf(open->zone, sizeof(open->zone), "%s", (const char *)sqlite3_column_text(stmt, 6));
	open->signal = (enum carbon_signal)sqlite3_column_int(stmt, 7);
	open->energy.power_w = sqlite3_column_double(stmt, 8);
	open->energy.above_w = sqlite3_column_double(stmt, 9);
	open->energy.pue = sqlite3_column_double(stmt, 10);
	open->energy.running_s = sqlite3_column_double(stmt, 11);
	open->energy.energy_kwh = sqlite3_column_double(stmt, 12);
	open->energy.low_kwh = sqlite3_column_double(stmt, 13);
	open->energy.high_kwh = sqlite3_column_double(stmt, 14);
	open->settled_at = sqlite3_column_int64(stmt, 15);
	carbon_db_text(stmt, 16, open->partition, sizeof(open->partition));
	open->times.redo_s = sqlite3_column_int64(stmt, 24);
	read_home(stmt, &open->times.home);
}

int carbon_ledger_open(struct carbon_store *store, const char *cluster,
		       const struct carbon_ledger_open *after, size_t max,
		       struct carbon_ledger_open *open, size_t *count, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT cluster_id, job_id, start_at, end_at, counterfactual_at, shadow_at, "
		"name.text, signal, power_w, above_w, pue, running_s, energy_kwh, low_kwh, "
		"high_kwh, settled_at, p.text, hc.text, hp.text, hz.text, home_w, home_slowness, data_gb, data_g, redo_s "
		"FROM run INDEXED BY run_open JOIN name ON name.id = zone_id "
		"LEFT JOIN name hc ON hc.id = home_cluster_id LEFT JOIN name hp ON hp.id = home_id "
		"LEFT JOIN name hz ON hz.id = home_zone_id "
		"JOIN name p ON p.id = partition_id WHERE "
		"cluster_id = (SELECT id FROM name WHERE text = ?1) AND "
		"(intensity_method = 1 OR credit_method = 1) "
		"AND (end_at, job_id, start_at) > (?2, ?3, ?4) "
		"ORDER BY end_at, job_id, start_at LIMIT ?5";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	size_t found = 0;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, after ? after->times.end_at : -1);
	sqlite3_bind_int64(stmt, 3, after ? after->job : 0);
	sqlite3_bind_int64(stmt, 4, after ? after->times.start_at : 0);
	sqlite3_bind_int64(stmt, 5, (sqlite3_int64)max);
	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		if (found < max)
			read_open(stmt, &open[found++]);
	if (rc == 0)
		*count = found;
	return rc;
}
