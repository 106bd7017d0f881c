/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Beside the runs: the records of jobs that wait, and how far each cluster is settled. */
#include "accounting/ledger.h"

#include "accounting/db.h"
#include "lib/err.h"

/* --- records of jobs that wait --- */

int carbon_ledger_decision_put(struct carbon_store *store, const char *cluster, uint32_t job,
			       const char *record, time_t seen_at, struct carbon_err *err)
{
	static const char SQL[] = "INSERT OR REPLACE INTO decision (cluster_id, job_id, seen_at, "
				  "record) VALUES (?1, ?2, ?3, ?4)";
	int64_t cluster_id = 0;
	sqlite3_stmt *stmt;

	if (carbon_db_name_put(store, cluster, &cluster_id, err) < 0)
		return -1;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, cluster_id);
	sqlite3_bind_int64(stmt, 2, job);
	sqlite3_bind_int64(stmt, 3, seen_at);
	sqlite3_bind_text(stmt, 4, record, -1, SQLITE_STATIC);
	return carbon_db_step(store, stmt, err);
}

int carbon_ledger_decision_forget(struct carbon_store *store, time_t forget_before,
				  struct carbon_err *err)
{
	static const char SQL[] = "DELETE FROM decision WHERE seen_at < ?1";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, forget_before);
	return carbon_db_step(store, stmt, err);
}

/* A copy that cannot be read is as good as none. */
static int read_kept(const char *text, struct carbon_record *record)
{
	if (carbon_optout_is_marked(text))
		return CARBON_LEDGER_OPTED_OUT;
	return carbon_record_read(text, record, NULL) == 1 ? 1 : 0;
}

static int find_decision(struct carbon_store *store, const char *cluster, uint32_t job,
			 struct carbon_record *record, struct carbon_err *err)
{
	static const char SQL[] = "SELECT record FROM decision WHERE cluster_id = "
				  "(SELECT id FROM name WHERE text = ?1) AND job_id = ?2";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, job);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1)
		rc = read_kept((const char *)sqlite3_column_text(stmt, 0), record);
	sqlite3_reset(stmt);
	return rc;
}

int carbon_ledger_decision_find(struct carbon_store *store, const char *cluster, uint32_t job,
				uint32_t array, struct carbon_record *record,
				struct carbon_err *err)
{
	int rc = find_decision(store, cluster, job, record, err);

	if (rc == 0 && array && array != job)
		rc = find_decision(store, cluster, array, record, err);
	return rc;
}

int carbon_ledger_unstarted_put(struct carbon_store *store, const struct carbon_run *run,
				const struct carbon_record *record, struct carbon_err *err)
{
	static const char SQL[] = "INSERT OR REPLACE INTO unstarted (cluster_id, user_id, account_id, job_id, end_at, "
				  "begin_at, latest_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	const char *const names[] = {run->cluster, run->user, run->account};
	int64_t id[3] = {0};
	sqlite3_stmt *stmt;

	for (size_t i = 0; i < 3; i++)
		if (carbon_db_name_put(store, names[i], &id[i], err) < 0)
			return -1;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	for (int i = 0; i < 3; i++)
		sqlite3_bind_int64(stmt, i + 1, id[i]);
	sqlite3_bind_int64(stmt, 4, run->id);
	sqlite3_bind_int64(stmt, 5, run->end_at);
	sqlite3_bind_int64(stmt, 6, record->begin_at);
	sqlite3_bind_int64(stmt, 7, record->latest_at);
	return carbon_db_step(store, stmt, err);
}

/* --- how far --- */

int carbon_ledger_progress(struct carbon_store *store, const char *cluster, time_t *settled_to,
			   struct carbon_err *err)
{
	static const char SQL[] = "SELECT settled_to FROM progress WHERE cluster_id = "
				  "(SELECT id FROM name WHERE text = ?1)";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	rc = carbon_db_step(store, stmt, err);
	if (rc < 0)
		return -1;
	*settled_to = rc == 1 ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_reset(stmt);
	return 0;
}

int carbon_ledger_progress_put(struct carbon_store *store, const char *cluster, time_t settled_to,
			       struct carbon_err *err)
{
	static const char SQL[] =
		"INSERT OR REPLACE INTO progress (cluster_id, settled_to) VALUES (?1, ?2)";
	int64_t cluster_id = 0;
	sqlite3_stmt *stmt;

	if (carbon_db_name_put(store, cluster, &cluster_id, err) < 0)
		return -1;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, cluster_id);
	sqlite3_bind_int64(stmt, 2, settled_to);
	return carbon_db_step(store, stmt, err);
}
