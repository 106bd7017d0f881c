/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view of the ledger as CSV. What is not known is an empty field and never a zero. */
#include "accounting/report_jobs.h"

#include <sqlite3.h>

#include "accounting/db.h"
#include "accounting/escape.h"
#include "accounting/report.h"

static void write_names(sqlite3_stmt *stmt, FILE *out)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++)
		fprintf(out, "%s%s", i ? "," : "", sqlite3_column_name(stmt, i));
	fputs("\r\n", out);
}

static void write_value(sqlite3_stmt *stmt, int column, FILE *out)
{
	switch (sqlite3_column_type(stmt, column)) {
	case SQLITE_NULL:
		return;
	case SQLITE_INTEGER:
		fprintf(out, "%lld", (long long)sqlite3_column_int64(stmt, column));
		return;
	case SQLITE_FLOAT:
		fprintf(out, "%.10g", sqlite3_column_double(stmt, column));
		return;
	default:
		carbon_escape_csv((const char *)sqlite3_column_text(stmt, column), out);
	}
}

static void write_row(sqlite3_stmt *stmt, FILE *out)
{
	for (int i = 0; i < sqlite3_column_count(stmt); i++) {
		if (i)
			fputc(',', out);
		write_value(stmt, i, out);
	}
	fputs("\r\n", out);
}

int carbon_report_jobs_write(struct carbon_store *store, const char *month, time_t now, FILE *out, struct carbon_err *err)
{
	static const char SQL[] = "SELECT * FROM jobs WHERE EndRaw >= ?1 AND EndRaw < ?2 ORDER BY EndRaw";
	sqlite3_stmt *stmt;
	size_t rows = 0;
	time_t span[2];
	int rc;

	if (carbon_report_month(month, now, span, err) < 0)
		return -1;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, span[0]);
	sqlite3_bind_int64(stmt, 2, span[1]);
	while ((rc = carbon_db_step(store, stmt, err)) == 1) {
		if (rows++ == 0)
			write_names(stmt, out);
		write_row(stmt, out);
	}
	sqlite3_reset(stmt);
	return rc == 0 && rows == 0 ? carbon_report_month_is_empty(month, err) : rc;
}
