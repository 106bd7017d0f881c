/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening carbon.db and talking to it: statements, transactions, names, and errors that say which
 * file and what to do. Must never wait without bound for a lock, nor start over from a damaged file unasked.
 */
#include "accounting/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accounting/db.h"
#include "accounting/schema.h"
#include "lib/err.h"

/* What to do about SQLite's primary result codes; the others are told in SQLite's words. */
static const struct {
	int code;
	const char *advice;
} ADVICE[] = {
	{SQLITE_NOTADB, "damaged, or no carbon.db: move it away; carbon-forecaster and carbonctl "
			"import fetch the history again, carbonctl settle --since rebuilds the "
			"ledger from slurmdbd"},
	{SQLITE_CORRUPT, "damaged: move it away; carbon-forecaster and carbonctl import fetch the "
			 "history again, carbonctl settle --since rebuilds the ledger from slurmdbd"},
	{SQLITE_BUSY, "another program has been writing for 10 s: try again"},
	{SQLITE_FULL, "no space left; nothing was changed"},
	{SQLITE_READONLY, "not writable"},
};

int carbon_db_error(struct carbon_store *store, struct carbon_err *err)
{
	int code = store->db ? sqlite3_errcode(store->db) & 0xff : SQLITE_NOMEM;

	for (size_t i = 0; i < sizeof(ADVICE) / sizeof(ADVICE[0]); i++)
		if (ADVICE[i].code == code)
			return carbon_err_set(err, "%s: %s", store->path, ADVICE[i].advice);
	if (code == SQLITE_CANTOPEN || code == SQLITE_IOERR) {
		int number = sqlite3_system_errno(store->db);

		return carbon_err_set(err, "%s: %s%s%s", store->path, sqlite3_errmsg(store->db),
				      number ? ": " : "", number ? strerror(number) : "");
	}
	return carbon_err_set(err, "%s: %s", store->path,
			      store->db ? sqlite3_errmsg(store->db) : "no memory");
}

sqlite3_stmt *carbon_db_statement(struct carbon_store *store, const char *sql,
				  struct carbon_err *err)
{
	sqlite3_stmt *stmt = NULL;

	for (size_t i = 0; i < store->statements; i++) {
		if (store->statement[i].sql != sql)
			continue;
		stmt = store->statement[i].stmt;
		sqlite3_reset(stmt);
		sqlite3_clear_bindings(stmt);
		return stmt;
	}
	if (store->statements == CARBON_DB_STATEMENTS) {
		carbon_err_set(err, "%s: too many prepared statements", store->path);
		return NULL;
	}
	if (sqlite3_prepare_v3(store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) !=
	    SQLITE_OK) {
		carbon_db_error(store, err);
		return NULL;
	}
	store->statement[store->statements].sql = sql;
	store->statement[store->statements++].stmt = stmt;
	return stmt;
}

int carbon_db_step(struct carbon_store *store, sqlite3_stmt *stmt, struct carbon_err *err)
{
	int code = sqlite3_step(stmt);

	if (code == SQLITE_ROW)
		return 1;
	if (code != SQLITE_DONE)
		carbon_db_error(store, err);
	sqlite3_reset(stmt);
	return code == SQLITE_DONE ? 0 : -1;
}

void carbon_db_text(sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);
	size_t length = text ? strlen((const char *)text) : 0;

	if (length >= size)
		length = size - 1;
	if (length)
		memcpy(out, text, length);
	out[length] = '\0';
}

int carbon_db_run(struct carbon_store *store, const char *sql, struct carbon_err *err)
{
	if (sqlite3_exec(store->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		return carbon_db_error(store, err);
	return 0;
}

int carbon_db_name_find(struct carbon_store *store, const char *name, int64_t *id,
			struct carbon_err *err)
{
	static const char SQL[] = "SELECT id FROM name WHERE text = ?1";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1)
		*id = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc;
}

int carbon_db_name_put(struct carbon_store *store, const char *name, int64_t *id, struct carbon_err *err)
{
	static const char SQL[] = "INSERT INTO name (text) VALUES (?1)";
	int rc = carbon_db_name_find(store, name, id, err);
	sqlite3_stmt *stmt;

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (carbon_db_step(store, stmt, err) < 0)
		return -1;
	*id = sqlite3_last_insert_rowid(store->db);
	return 0;
}

int carbon_db_place_put(struct carbon_store *store, const char *cluster, const char *partition, int64_t *id,
			struct carbon_err *err)
{
	static const char INSERT[] = "INSERT OR IGNORE INTO place (cluster_id, partition_id) VALUES (?1, ?2)";
	static const char FIND[] = "SELECT id FROM place WHERE cluster_id = ?1 AND partition_id = ?2";
	static const char *const SQL[] = {INSERT, FIND};
	int64_t cluster_id = 0, partition_id = 0;
	int rc = 0;

	if (carbon_db_name_put(store, cluster, &cluster_id, err) < 0 ||
	    carbon_db_name_put(store, partition, &partition_id, err) < 0)
		return -1;
	for (size_t i = 0; i < 2 && rc == 0; i++) {
		sqlite3_stmt *stmt = carbon_db_statement(store, SQL[i], err);

		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, cluster_id);
		sqlite3_bind_int64(stmt, 2, partition_id);
		rc = carbon_db_step(store, stmt, err);
		if (rc == 1)
			*id = sqlite3_column_int64(stmt, 0);
		sqlite3_reset(stmt);
	}
	return rc < 0 ? -1 : 0;
}

/*
 * A transaction that reads first and writes later may be refused at once (SQLITE_BUSY_SNAPSHOT), whatever the
 * timeout: take the write lock at the beginning.
 */
int carbon_db_enter(struct carbon_store *store, bool *alone, struct carbon_err *err)
{
	*alone = sqlite3_get_autocommit(store->db) != 0;
	return carbon_db_run(store, *alone ? "BEGIN IMMEDIATE" : "SAVEPOINT step", err);
}

int carbon_db_leave(struct carbon_store *store, bool alone, int rc, struct carbon_err *err)
{
	if (rc >= 0 && carbon_db_run(store, alone ? "COMMIT" : "RELEASE step", err) == 0)
		return rc;
	sqlite3_exec(store->db, alone ? "ROLLBACK" : "ROLLBACK TO step; RELEASE step", NULL, NULL,
		     NULL);
	return -1;
}

int carbon_store_begin(struct carbon_store *store, struct carbon_err *err)
{
	return carbon_db_run(store, "BEGIN IMMEDIATE", err);
}

int carbon_store_commit(struct carbon_store *store, struct carbon_err *err)
{
	return carbon_db_run(store, "COMMIT", err);
}

void carbon_store_rollback(struct carbon_store *store)
{
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

/* SQLite would create the file readable by all. */
static int create_file(const char *path, struct carbon_err *err)
{
	int fd;

	if (strcmp(path, ":memory:") == 0)
		return 0;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0640);
	if (fd < 0)
		return carbon_err_set(err, "%s: cannot be opened for writing: %s", path,
				      strerror(errno));
	close(fd);
	return 0;
}

/*
 * Keep the WAL and its index after the last close: readers who may not write in the folder can
 * only then open the file. (In read-only mode only what cannot write is set.)
 */
static int set_up(struct carbon_store *store, struct carbon_err *err)
{
	int keep = 1;

	sqlite3_busy_timeout(store->db, CARBON_DB_BUSY_MS);
	if (carbon_db_run(store,
			  "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
			  "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;"
			  "PRAGMA cache_size = -65536;", /* 64 MB: a month of a big cluster */
			  err) < 0)
		return -1;
	if (store->read_only)
		return 0;
	sqlite3_file_control(store->db, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
	return carbon_db_run(store,
			     "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
			     "PRAGMA journal_size_limit = 16777216;",
			     err);
}

static int open_file(struct carbon_store *store, struct carbon_err *err)
{
	int flags = store->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

	if (store->read_only && access(store->path, F_OK) != 0)
		return carbon_err_set(err, "%s: %s (carbon-forecaster and carbonctl settle make it)",
				      store->path, strerror(errno));
	if (!store->read_only && create_file(store->path, err) < 0)
		return -1;
	if (sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
	    SQLITE_OK)
		return carbon_db_error(store, err);
	if (set_up(store, err) < 0)
		return -1;
	return carbon_schema_apply(store, &carbon_schema, err);
}

int carbon_store_open(const char *path, bool read_only, struct carbon_store **out, struct carbon_err *err)
{
	struct carbon_store *store = calloc(1, sizeof(*store));

	*out = NULL;
	if (!store)
		return carbon_err_set(err, "%s: no memory", path);
	store->read_only = read_only;
	store->path = strdup(path);
	if (!store->path || open_file(store, err) < 0) {
		if (!store->path)
			carbon_err_set(err, "%s: no memory", path);
		carbon_store_close(store);
		return -1;
	}
	*out = store;
	return 0;
}

void carbon_store_close(struct carbon_store *store)
{
	if (!store)
		return;
	for (size_t i = 0; i < store->statements; i++)
		sqlite3_finalize(store->statement[i].stmt);
	sqlite3_close(store->db);
	free(store->path);
	free(store);
}
