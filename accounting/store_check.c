/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether carbon.db is whole, in SQLite's own judgement. Reads all of it; must never repair. */
#include <stdio.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/store.h"
#include "lib/err.h"

int carbon_store_check(struct carbon_store *store, struct carbon_err *err)
{
	static const char SQL[] = "PRAGMA quick_check(1)";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	char said[256];
	int rc;

	if (!stmt)
		return -1;
	rc = carbon_db_step(store, stmt, err);
	if (rc != 1)
		return rc < 0 ? -1
			      : carbon_err_set(err, "%s: SQLite does not say whether it is whole",
					       store->path);
	carbon_db_text(stmt, 0, said, sizeof(said));
	sqlite3_reset(stmt);
	return strcmp(said, "ok") == 0 ? 0 : carbon_err_set(err, "%s: damaged: %s", store->path, said);
}

int carbon_store_version(struct carbon_store *store, struct carbon_err *err)
{
	static const char SQL[] = "PRAGMA user_version";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int version = -1;

	if (stmt && carbon_db_step(store, stmt, err) == 1) {
		version = sqlite3_column_int(stmt, 0);
		sqlite3_reset(stmt);
	}
	return version;
}
