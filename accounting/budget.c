/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accounts against their allowances, out of the ledger. Reads only. */
#include "accounting/budget.h"

#include <math.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/settle.h"
#include "lib/err.h"

double carbon_budget_percent(const struct carbon_budget *budget)
{
	if (budget->allowed.allowance_kg > 0)
		return 100 * budget->used_kg / budget->allowed.allowance_kg;
	return budget->used_kg > 0 ? INFINITY : NAN;
}

static struct carbon_budget *find(struct carbon_budget *budget, size_t count, const char *account)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(budget[i].allowed.account, account) == 0)
			return &budget[i];
	return NULL;
}

static void take_row(sqlite3_stmt *stmt, struct carbon_budget *budget, size_t count)
{
	char account[CARBON_NAME_MAX];
	struct carbon_budget *found;

	carbon_db_text(stmt, 0, account, sizeof(account));
	found = find(budget, count, account);
	if (!found)
		return;
	found->used_kg = sqlite3_column_double(stmt, 1);
	found->open_kg = sqlite3_column_double(stmt, 2);
	found->unknown_kwh = sqlite3_column_double(stmt, 3);
}

int carbon_budget_read(struct carbon_store *store, enum carbon_signal signal, time_t from, time_t to,
		       struct carbon_budget *budget, size_t count, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT name.text, total(mass_g) / 1000,"
		" total(CASE intensity_method WHEN 1 THEN mass_g END) / 1000," /* provisional */
		" total(CASE WHEN mass_g IS NULL THEN energy_kwh END)"
		" FROM run JOIN name ON name.id = account_id"
		" WHERE end_at >= ?1 AND end_at < ?2 AND signal = ?3 GROUP BY account_id";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	for (size_t i = 0; i < count; i++)
		budget[i].used_kg = budget[i].open_kg = budget[i].unknown_kwh = 0;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	sqlite3_bind_int(stmt, 3, (int)signal);
	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		take_row(stmt, budget, count);
	return rc;
}
