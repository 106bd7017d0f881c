/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rows of the ledger in order of submission. Must never write. */
#include "accounting/trail.h"

#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"

static const char SQL[] =
	"SELECT c.text, p.text, z.text, run.job_id, run.submit_at, run.start_at, run.end_at,"
	" run.limit_s, run.nodes, run.cores, run.gpus, run.above_w * run.pue,"
	" run.level, run.delayed, run.baseline_at, run.begin_at, run.latest_at,"
	" a.text, q.text, run.uid, run.memory_gb, run.eligible_at"
	" FROM run JOIN name c ON c.id = run.cluster_id JOIN name p ON p.id = run.partition_id"
	" JOIN name a ON a.id = run.account_id JOIN name q ON q.id = run.qos_id"
	" LEFT JOIN name z ON z.id = run.zone_id"
	" WHERE run.end_at >= ?1 AND run.start_at < ?2 AND run.end_at > run.start_at"
	" AND (?3 IS NULL OR c.text = ?3)"
	" ORDER BY run.submit_at, run.job_id, run.start_at";

static uint32_t small(sqlite3_stmt *stmt, int column)
{
	sqlite3_int64 value = sqlite3_column_int64(stmt, column);

	return value > 0 && value < UINT32_MAX ? (uint32_t)value : 0;
}

static void read_record(sqlite3_stmt *stmt, struct carbon_trail_run *run)
{
	int level = sqlite3_column_int(stmt, 12);

	run->has_record = sqlite3_column_type(stmt, 12) != SQLITE_NULL;
	if (!run->has_record)
		return;
	run->level = level >= CARBON_LEVEL_OFF && level <= CARBON_LEVEL_DEFAULT
			     ? (enum carbon_level)level
			     : CARBON_LEVEL_OFF;
	run->is_delayed = sqlite3_column_int(stmt, 13) != 0;
	run->baseline_at = sqlite3_column_int64(stmt, 14);
	run->begin_at = sqlite3_column_int64(stmt, 15);
	run->latest_at = sqlite3_column_int64(stmt, 16);
}

static void read_run(sqlite3_stmt *stmt, struct carbon_trail_run *run)
{
	memset(run, 0, sizeof(*run));
	carbon_db_text(stmt, 0, run->cluster, sizeof(run->cluster));
	carbon_db_text(stmt, 1, run->partition, sizeof(run->partition));
	carbon_db_text(stmt, 2, run->zone, sizeof(run->zone));
	run->job = small(stmt, 3);
	run->submit_at = sqlite3_column_int64(stmt, 4);
	run->start_at = sqlite3_column_int64(stmt, 5);
	run->end_at = sqlite3_column_int64(stmt, 6);
	run->limit_s = small(stmt, 7);
	run->nodes = sqlite3_column_double(stmt, 8);
	run->cores = sqlite3_column_double(stmt, 9);
	run->gpus = small(stmt, 10);
	run->above_w = sqlite3_column_double(stmt, 11);
	carbon_db_text(stmt, 17, run->account, sizeof(run->account));
	carbon_db_text(stmt, 18, run->qos, sizeof(run->qos));
	run->uid = small(stmt, 19);
	run->memory_gb = sqlite3_column_double(stmt, 20);
	run->eligible_at = sqlite3_column_int64(stmt, 21);
	read_record(stmt, run);
}

bool carbon_trail_is_ours(const struct carbon_trail_run *run)
{
	return run->has_record && run->is_delayed && run->level != CARBON_LEVEL_OBSERVE &&
	       run->begin_at > run->submit_at && run->begin_at <= run->start_at;
}

int carbon_trail_each(struct carbon_store *store, const char *cluster, time_t from, time_t to,
		      carbon_trail_f each, void *context, struct carbon_err *err)
{
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	struct carbon_trail_run run;
	int got = 0, rc = 0;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	if (cluster)
		sqlite3_bind_text(stmt, 3, cluster, -1, SQLITE_STATIC);
	while (rc == 0 && (got = carbon_db_step(store, stmt, err)) == 1) {
		read_run(stmt, &run);
		rc = each(context, &run, err);
	}
	sqlite3_reset(stmt);
	return got < 0 ? -1 : rc;
}
