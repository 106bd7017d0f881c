/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The month before and the same month of the year before, for comparison. Where this month is not over they are summed up to
 * the same day, so that like is compared with like.
 */
#include "accounting/report_sum.h"

#include <stdio.h>

#include "accounting/db.h"
#include "lib/err.h"
#include "lib/num.h"
#include "lib/time.h"

static const char SQL[] =
	"SELECT count(*), total(energy_kwh), total(CASE WHEN mass_g IS NULL THEN energy_kwh END),"
	" total(mass_g) / 1000, total(cores * running_s) / 3600, total(gpus * running_s) / 3600"
	" FROM run WHERE end_at >= ?1 AND end_at < ?2 AND signal = ?3";

/* "2026-10" and 1: "2026-09". Out of bounds: "". */
static void months_before(const char *month, int count, char out[8])
{
	char year_text[5] = {month[0], month[1], month[2], month[3], '\0'};
	char month_text[3] = {month[5], month[6], '\0'};
	long long year = 0, number = 0;

	out[0] = '\0';
	if (carbon_int_parse(year_text, 2000, 2099, &year) < 0 || carbon_int_parse(month_text, 1, 12, &number) < 0)
		return;
	number += year * 12 - 1 - count;
	if (number >= (long long)2000 * 12)
		snprintf(out, 8, "%04u-%02u", (unsigned int)(number / 12) % 10000, (unsigned int)(number % 12 + 1));
}

static int sum_past(struct carbon_store *store, const struct carbon_report *report,
		    struct carbon_report_past *past, struct carbon_err *err)
{
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	time_t from = 0, to = 0;
	int rc;

	if (!stmt)
		return -1;
	if (carbon_month_parse(past->month, &from, &to) < 0)
		return 0;
	if (report->now < report->to_at && from + (report->now - report->from_at) < to)
		to = from + (report->now - report->from_at);
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	sqlite3_bind_int(stmt, 3, (int)report->signal);
	rc = carbon_db_step(store, stmt, err);
	if (rc < 0)
		return -1;
	past->sum.runs = (uint64_t)sqlite3_column_int64(stmt, 0);
	past->sum.energy_kwh = sqlite3_column_double(stmt, 1);
	past->sum.unknown_kwh = sqlite3_column_double(stmt, 2);
	past->sum.mass_kg = sqlite3_column_double(stmt, 3);
	past->sum.core_h = sqlite3_column_double(stmt, 4);
	past->sum.gpu_h = sqlite3_column_double(stmt, 5);
	past->is_there = past->sum.runs > 0;
	sqlite3_reset(stmt);
	return 0;
}

int carbon_report_look_back(struct carbon_store *store, struct carbon_report *report,
			    struct carbon_err *err)
{
	static const struct {
		const char *name;
		int months;
	} BACK[CARBON_REPORT_PASTS] = {{"a month before", 1}, {"a year before", 12}};

	for (size_t i = 0; i < CARBON_REPORT_PASTS; i++) {
		struct carbon_report_past *past = &report->past[i];

		past->name = BACK[i].name;
		months_before(report->month, BACK[i].months, past->month);
		if (past->month[0] && sum_past(store, report, past, err) < 0)
			return -1;
	}
	return 0;
}
