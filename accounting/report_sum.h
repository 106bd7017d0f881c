/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: the sums of a report, out of the ledger in one pass, however the month is cut.
 */
#ifndef CARBON_REPORT_SUM_H
#define CARBON_REPORT_SUM_H

#include <sqlite3.h>

#include "accounting/report.h"

/* In the order of CARBON_REPORT_COLUMNS. */
enum carbon_report_column {
	KEY, END_AT, START_AT, CLUSTER, JOB, SIGNAL, ODD, CORES, GPUS, NODES, RUNNING_S, ENERGY, LOW_KWH, HIGH_KWH,
	PUE, ENERGY_METHOD, INTENSITY_METHOD, MASS, LOW_G, HIGH_G, DELAYED, BASELINE_AT, LATEST_AT, WITHOUT_AT,
	CREDIT, CREDIT_METHOD, CREDIT_LOW, CREDIT_HIGH, PROMISED, SHADOW, ACCOUNT, PARTITION, ZONE, NO_RECORD, DIRECT, MARGINAL,
	MARKET, EMBODIED, WATER, NODE_CORES, GPU_TYPE_ID, HOME_ID,
	STATE, FINISH_AT, OPT_OUT, CARBON_REPORT_COLUMNS_END
};
#define CARBON_REPORT_COLUMNS                                                                   \
	" end_at, start_at, cluster_id, job_id, signal, odd, cores, gpus, nodes, running_s,"    \
	" energy_kwh, low_kwh, high_kwh, pue, energy_method, intensity_method, mass_g, low_g,"  \
	" high_g, delayed AND level <> 1, baseline_at, latest_at, counterfactual_at, credit_g," \
	" credit_method, credit_low_g, credit_high_g, promised_baseline_g - promised_g, shadow_g,"                  \
	" account_id, partition_id, zone_id, level IS NULL, direct_g, marginal_g, market_g_kwh,"   \
	" embodied_g_node_h, water_l_kwh, node_cores, gpu_type_id, home_id, state, finish_at, opt_out"
/* What a site's contract, hardware and water are stands in a table of their own. */
#define CARBON_REPORT_TERMS " LEFT JOIN terms ON terms.id = terms_id "

/* The statement of a report: the key's column, then those that are summed. Bind from and to. */
#define CARBON_REPORT_SQL(key)                                                                  \
	"SELECT " key "," CARBON_REPORT_COLUMNS " FROM run" CARBON_REPORT_TERMS "WHERE end_at >= ?1 AND end_at < ?2"

/* Fill in lines, total, accounts, places, moved_runs, days, hours, odd and other_signal of a report whose month, signal and BY are set. */
int carbon_report_sum(struct carbon_store *store, struct carbon_report *report,
		      struct carbon_err *err);

/* The months before, into report->past. */
int carbon_report_look_back(struct carbon_store *store, struct carbon_report *report,
			    struct carbon_err *err);

/* What the grid did on each day, into report->day (report_grid.c). */
int carbon_report_read_grid(struct carbon_store *store, struct carbon_report *report, struct carbon_err *err);

/* How jobs moved between places, into report->flow (report_flows.c). */
int carbon_report_read_flows(struct carbon_store *store, struct carbon_report *report,
			     struct carbon_err *err);

/* What settling knows of the cluster itself: nodes, how full places were, the cluster effect (report_cluster.c). */
int carbon_report_read_cluster(struct carbon_store *store, struct carbon_report *report,
			       struct carbon_err *err);

/* --- one run (report_run.c) --- */

/* One row as a line of its own; its job is counted apart. */
void carbon_report_run_read(sqlite3_stmt *stmt, struct carbon_report_line *run);
void carbon_report_run_add(struct carbon_report_line *line, const struct carbon_report_line *run);

/* Where its energy was drawn: by day of the month, and by hour of the day with and without us. */
void carbon_report_run_spread(sqlite3_stmt *stmt, const struct carbon_report_line *run,
			      struct carbon_report *report);
/* By day alone, of a run that ended after the month. */
void carbon_report_run_spread_days(sqlite3_stmt *stmt, const struct carbon_report_line *run,
				   struct carbon_report *report);

#endif
