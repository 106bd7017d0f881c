/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One statement. A run belongs to the month in which it ended, as in the report. */
#include "accounting/month.h"

#include "accounting/db.h"
#include "accounting/store.h"

int carbon_month_sum(struct carbon_store *store, enum carbon_signal signal, time_t from, time_t to,
		     struct carbon_month *out, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT count(*), total(delayed AND level <> 1), total(mass_g) / 1000, "
		"total(CASE WHEN delayed AND level <> 1 THEN credit_g END) / 1000 "
		"FROM run WHERE end_at >= ?1 AND end_at < ?2 AND signal = ?3";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	sqlite3_bind_int(stmt, 3, (int)signal);
	if (carbon_db_step(store, stmt, err) != 1)
		return -1;
	*out = (struct carbon_month){.runs = (uint64_t)sqlite3_column_int64(stmt, 0),
				     .delayed = (uint64_t)sqlite3_column_double(stmt, 1),
				     .mass_kg = sqlite3_column_double(stmt, 2),
				     .credit_kg = sqlite3_column_double(stmt, 3)};
	sqlite3_reset(stmt);
	return 0;
}
