/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of carbon.db, version by version. Must never drop what cannot be fetched or settled
 * again without keeping a copy. No STRICT tables: SQLite has them only since 3.37, and clusters still
 * run 3.34; every insert here binds typed values.
 */
#include "accounting/schema.h"

#include <stdio.h>

#include "accounting/db.h"
#include "lib/err.h"

/*
 * Names are kept once and referred to by number. Intensity is kept in whole mg/kWh: providers publish two
 * decimals at most, and equal values compare equal.
 */
static const char STEP_1[] =
	"CREATE TABLE name (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);"
	"CREATE TABLE history ("
	" zone_id INTEGER NOT NULL REFERENCES name (id),"
	" signal INTEGER NOT NULL,"
	" source_id INTEGER NOT NULL REFERENCES name (id),"
	" at INTEGER NOT NULL,"
	" fetched_at INTEGER NOT NULL,"
	" mg_kwh INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" PRIMARY KEY (zone_id, signal, source_id, at, fetched_at)) WITHOUT ROWID;"
	"CREATE TABLE forecast ("
	" id INTEGER PRIMARY KEY,"
	" zone_id INTEGER NOT NULL REFERENCES name (id),"
	" signal INTEGER NOT NULL,"
	" source_id INTEGER NOT NULL REFERENCES name (id),"
	" issued_at INTEGER NOT NULL,"
	" UNIQUE (zone_id, signal, source_id, issued_at));"
	"CREATE TABLE forecast_point ("
	" forecast_id INTEGER NOT NULL REFERENCES forecast (id) ON DELETE CASCADE,"
	" at INTEGER NOT NULL,"
	" mg_kwh INTEGER NOT NULL,"
	" kind INTEGER NOT NULL,"
	" PRIMARY KEY (forecast_id, at)) WITHOUT ROWID;";

static const char *const STEPS[] = {STEP_1};

const struct carbon_schema carbon_schema = {sizeof(STEPS) / sizeof(STEPS[0]), STEPS};

/* The one integer that SQL gives. */
static int read_number(struct carbon_store *store, const char *sql, int64_t *out,
		       struct carbon_err *err)
{
	sqlite3_stmt *stmt = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
	    sqlite3_step(stmt) == SQLITE_ROW) {
		*out = sqlite3_column_int64(stmt, 0);
		rc = 0;
	} else {
		carbon_db_error(store, err);
	}
	sqlite3_finalize(stmt);
	return rc;
}

static int keep_copy(struct carbon_store *store, int64_t version, struct carbon_err *err)
{
	char *sql = sqlite3_mprintf("VACUUM INTO '%q.v%lld.bak'", store->path, (long long)version);
	int rc;

	if (!sql)
		return carbon_err_set(err, "%s: no memory", store->path);
	rc = carbon_db_run(store, sql, err);
	sqlite3_free(sql);
	if (rc < 0)
		return carbon_err_prefix(err, "keeping a copy as %s.v%lld.bak before it is migrated",
					 store->path, (long long)version);
	return 0;
}

/* One step and the number it leads to, together or not at all. */
static int apply_step(struct carbon_store *store, const char *step, size_t version,
		      struct carbon_err *err)
{
	char stamp[96];

	snprintf(stamp, sizeof(stamp), "PRAGMA user_version = %zu; PRAGMA application_id = %d;",
		 version, CARBON_SCHEMA_APPLICATION);
	if (carbon_db_run(store, step, err) < 0)
		return -1;
	return carbon_db_run(store, stamp, err);
}

static int apply_from(struct carbon_store *store, const struct carbon_schema *schema, int64_t have,
		      struct carbon_err *err)
{
	int rc = 0;

	for (size_t i = (size_t)have; i < schema->steps && rc == 0; i++)
		rc = apply_step(store, schema->step[i], i + 1, err);
	return rc;
}

/* Two programs may open an old file at once: what the version is holds only under the write lock. */
static int migrate(struct carbon_store *store, const struct carbon_schema *schema,
		   struct carbon_err *err)
{
	int64_t have = 0;
	int rc;

	if (carbon_db_run(store, "BEGIN IMMEDIATE", err) < 0)
		return -1;
	rc = read_number(store, "PRAGMA user_version", &have, err);
	if (rc == 0)
		rc = apply_from(store, schema, have, err);
	if (rc == 0)
		rc = carbon_db_run(store, "COMMIT", err);
	if (rc < 0)
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

/* What is in the file: whose it is, and how old. */
static int check_owner(struct carbon_store *store, struct carbon_err *err)
{
	int64_t application = 0, tables = 0;

	if (read_number(store, "PRAGMA application_id", &application, err) < 0 ||
	    read_number(store, "SELECT count(*) FROM sqlite_master", &tables, err) < 0)
		return -1;
	if (application == CARBON_SCHEMA_APPLICATION || (application == 0 && tables == 0))
		return 0;
	return carbon_err_set(err, "%s: an SQLite file of another program, not a carbon.db",
			      store->path);
}

int carbon_schema_apply(struct carbon_store *store, const struct carbon_schema *schema,
			struct carbon_err *err)
{
	int64_t have = 0;

	if (check_owner(store, err) < 0 ||
	    read_number(store, "PRAGMA user_version", &have, err) < 0)
		return -1;
	if (have < 0 || (size_t)have > schema->steps)
		return carbon_err_set(err,
				      "%s: its tables are version %lld, this program knows up to "
				      "%zu: use the newer slurm-carbon",
				      store->path, (long long)have, schema->steps);
	if ((size_t)have == schema->steps)
		return 0;
	if (store->read_only)
		return carbon_err_set(err,
				      "%s: its tables are version %lld, this program needs %zu: "
				      "\"carbonctl settle\" migrates it",
				      store->path, (long long)have, schema->steps);
	if (have > 0 && keep_copy(store, have, err) < 0)
		return -1;
	return migrate(store, schema, err);
}
