/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job's rows of the ledger in one sum. Reads only. */
#include "accounting/outcome.h"

#include <math.h>
#include <stdio.h>

#include "accounting/db.h"
#include "lib/err.h"

/* A sum of which a part is not known is not known. */
#define WHOLE_SUM(column) "CASE WHEN count(run." column ") = count(*) THEN sum(run." column ") END"

static const char SQL[] =
	"SELECT c.text, count(*), min(run.start_at), max(run.end_at),"
	" sum(run.energy_kwh), sum(run.low_kwh), sum(run.high_kwh),"
	" total(CASE run.energy_method WHEN 1 THEN run.energy_kwh END),"
	" min(run.intensity_method), " WHOLE_SUM("mass_g") ", " WHOLE_SUM("low_g") ", " WHOLE_SUM("high_g") ","
	" sum(run.credit_g), min(CASE WHEN run.credit_g IS NOT NULL THEN run.credit_method END)"
	" FROM run JOIN name c ON c.id = run.cluster_id"
	" WHERE CASE WHEN ?3 < 0 THEN run.job_id = ?2 ELSE run.array_id = ?2 AND run.array_task = ?3 END"
	" AND (?1 IS NULL OR c.text = ?1)"
	" GROUP BY run.cluster_id ORDER BY c.text LIMIT 2";

static double number(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, column);
}

static enum carbon_intensity_method method(sqlite3_stmt *stmt, int column)
{
	int value = sqlite3_column_int(stmt, column);

	return value >= 0 && value < CARBON_INTENSITY_METHODS ? (enum carbon_intensity_method)value
							       : CARBON_INTENSITY_UNKNOWN;
}

static void read_row(sqlite3_stmt *stmt, struct carbon_outcome *out)
{
	const unsigned char *cluster = sqlite3_column_text(stmt, 0);

	snprintf(out->cluster, sizeof(out->cluster), "%s", cluster ? (const char *)cluster : "");
	out->runs = (size_t)sqlite3_column_int64(stmt, 1);
	out->start_at = sqlite3_column_int64(stmt, 2);
	out->end_at = sqlite3_column_int64(stmt, 3);
	out->energy_kwh = number(stmt, 4);
	out->low_kwh = number(stmt, 5);
	out->high_kwh = number(stmt, 6);
	out->measured_kwh = number(stmt, 7);
	out->method = method(stmt, 8);
	out->mass_g = number(stmt, 9);
	out->low_g = number(stmt, 10);
	out->high_g = number(stmt, 11);
	out->credit_g = number(stmt, 12);
	out->credit_method = method(stmt, 13);
}

int carbon_outcome_find(struct carbon_store *store, const struct carbon_outcome_key *key,
			struct carbon_outcome *outcome, struct carbon_err *err)
{
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	struct carbon_outcome found;
	int rc, second = 0;

	if (!stmt)
		return -1;
	if (key->cluster)
		sqlite3_bind_text(stmt, 1, key->cluster, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, key->job);
	sqlite3_bind_int64(stmt, 3, key->has_task ? (sqlite3_int64)key->task : -1);
	rc = carbon_db_step(store, stmt, err);
	if (rc != 1)
		return rc;
	read_row(stmt, &found);
	second = carbon_db_step(store, stmt, err);
	sqlite3_reset(stmt);
	if (second < 0)
		return -1;
	if (second == 1)
		return carbon_err_set(err, "several clusters have a job %u (--cluster names one)", key->job);
	*outcome = found;
	return 1;
}
