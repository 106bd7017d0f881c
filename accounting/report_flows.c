/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How jobs moved between places in a month. A pass of its own over the month, and made only where the first one met a
 * moved run: most sites have none. Jobs in shadow mode stayed where they were and must never be in it.
 */
#include "accounting/report_sum.h"

#include <stdlib.h>

#include "accounting/db.h"
#include "lib/err.h"

/* By job first: a requeued one has several runs, and its data moved once. */
static const char FLOWS[] =
	"WITH job AS (SELECT coalesce(home_cluster_id, cluster_id) AS hc, home_id AS hp, home_zone_id AS hz,"
	" cluster_id AS c, partition_id AS p, zone_id AS z, total(energy_kwh) AS kwh,"
	" total(CASE WHEN mass_g IS NULL THEN energy_kwh END) AS unknown_kwh, total(mass_g) AS g,"
	" count(credit_g) AS credits, total(credit_g) AS credit, max(data_gb) AS gb, max(data_g) AS gb_g"
	" FROM run WHERE end_at >= ?1 AND end_at < ?2 AND signal = ?3 AND home_id IS NOT NULL AND level <> 1"
	" AND NOT (home_id = partition_id AND coalesce(home_cluster_id, cluster_id) = cluster_id)"
	" GROUP BY job_id, hc, hp, hz, c, p, z)"
	" SELECT hc.text, hp.text, hz.text, c.text, p.text, z.text, count(*), sum(kwh), sum(unknown_kwh), sum(g),"
	" sum(credits), sum(credit), total(gb), total(gb_g) FROM job"
	" JOIN name hc ON hc.id = job.hc JOIN name hp ON hp.id = job.hp LEFT JOIN name hz ON hz.id = job.hz"
	" JOIN name c ON c.id = job.c JOIN name p ON p.id = job.p LEFT JOIN name z ON z.id = job.z"
	" GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 8 DESC, 1, 2, 3, 4, 5, 6 LIMIT ?4";

static void read_end(sqlite3_stmt *stmt, int column, struct carbon_report_end *end)
{
	carbon_db_text(stmt, column, end->cluster, sizeof(end->cluster));
	carbon_db_text(stmt, column + 1, end->partition, sizeof(end->partition));
	carbon_db_text(stmt, column + 2, end->zone, sizeof(end->zone));
}

static void read_flow(sqlite3_stmt *stmt, struct carbon_report_flow *flow)
{
	read_end(stmt, 0, &flow->from);
	read_end(stmt, 3, &flow->to);
	flow->jobs = (uint64_t)sqlite3_column_int64(stmt, 6);
	flow->energy_kwh = sqlite3_column_double(stmt, 7);
	flow->unknown_kwh = sqlite3_column_double(stmt, 8);
	flow->mass_kg = sqlite3_column_double(stmt, 9) / 1000;
	flow->credits = (uint64_t)sqlite3_column_int64(stmt, 10);
	flow->credit_kg = sqlite3_column_double(stmt, 11) / 1000;
	flow->data_gb = sqlite3_column_double(stmt, 12);
	flow->data_kg = sqlite3_column_double(stmt, 13) / 1000;
}

int carbon_report_read_flows(struct carbon_store *store, struct carbon_report *report,
			     struct carbon_err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	if (!report->moved_runs)
		return 0;
	report->flow = calloc(CARBON_REPORT_FLOWS_MAX, sizeof(*report->flow));
	if (!report->flow)
		return carbon_err_set(err, "no memory");
	stmt = carbon_db_statement(store, FLOWS, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, report->from_at);
	sqlite3_bind_int64(stmt, 2, report->to_at);
	sqlite3_bind_int(stmt, 3, (int)report->signal);
	sqlite3_bind_int(stmt, 4, CARBON_REPORT_FLOWS_MAX);
	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		if (report->flows < CARBON_REPORT_FLOWS_MAX)
			read_flow(stmt, &report->flow[report->flows++]);
	sqlite3_reset(stmt);
	return rc;
}
