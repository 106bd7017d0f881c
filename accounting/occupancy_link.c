/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where holes in full time go, by the runs of the ledger: what is freed while jobs wait is taken at once by a run that
 * starts from the queue, which ends sooner for it; so the hole is where that run ends. Runs that have not ended are not in
 * the ledger, and the next one stands for them.
 */
#include "accounting/occupancy_link.h"

#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/occupancy.h"
#include "lib/err.h"

#define BIN_S CARBON_OCCUPANCY_BIN_S

struct run {
	time_t joined_at; /* the queue */
	time_t start_at, end_at;
	bool is_delayed;
	double nodes; /* its share of them */
};

static size_t bin_of(const struct carbon_occupancy *occupancy, time_t at)
{
	time_t since_s = at - occupancy->from_at;

	if (since_s < 0)
		return 0;
	return (size_t)(since_s / BIN_S) < occupancy->bins ? (size_t)(since_s / BIN_S) : occupancy->bins;
}

/* Runs come by start: the first in a bin stands for all. */
static void note_taker(struct carbon_occupancy *occupancy, const struct run *run)
{
	size_t i = bin_of(occupancy, run->start_at);

	if (run->start_at < occupancy->from_at || i == occupancy->bins || occupancy->bin[i].next)
		return;
	if (run->start_at - run->joined_at > BIN_S)
		occupancy->bin[i].next = (uint32_t)bin_of(occupancy, run->end_at);
}

/* Nodes that delayed runs held or wanted, means of bins, into OURS. */
static void add_ours(const struct carbon_occupancy *occupancy, const struct run *run, float *ours)
{
	time_t end_at = occupancy->from_at + (time_t)occupancy->bins * BIN_S;
	time_t at = run->joined_at > occupancy->from_at ? run->joined_at : occupancy->from_at, next;

	end_at = run->end_at < end_at ? run->end_at : end_at;
	for (; at < end_at; at = next) {
		size_t i = bin_of(occupancy, at);

		next = occupancy->from_at + (time_t)(i + 1) * BIN_S;
		next = next < end_at ? next : end_at;
		ours[i] += (float)(run->nodes * (double)(next - at) / BIN_S);
	}
}

/* Of full bins: where to go on, and how much of OURS need not. */
static void finish(struct carbon_occupancy *occupancy, const float *ours)
{
	for (size_t i = 0; i < occupancy->bins; i++) {
		struct carbon_occupancy_bin *bin = &occupancy->bin[i];
		float room = bin->usable - (bin->busy + bin->backlog - ours[i]);

		bin->fits = ours[i] > 0 && room > 0 ? room / ours[i] : 0;
		bin->fits = bin->fits < 1 ? bin->fits : 1;
		if (bin->next <= i)
			bin->next = (uint32_t)i + 1;
	}
}

static int read_runs(struct carbon_store *store, sqlite3_stmt *stmt, struct carbon_occupancy *occupancy, float *ours,
		     struct carbon_err *err)
{
	int rc;

	while ((rc = carbon_db_step(store, stmt, err)) == 1) {
		const struct run run = {.joined_at = sqlite3_column_int64(stmt, 0),
					.start_at = sqlite3_column_int64(stmt, 1),
					.end_at = sqlite3_column_int64(stmt, 2),
					.is_delayed = sqlite3_column_int(stmt, 3) != 0,
					.nodes = sqlite3_column_double(stmt, 4)};

		note_taker(occupancy, &run);
		if (run.is_delayed)
			add_ours(occupancy, &run, ours);
	}
	return rc;
}

int carbon_occupancy_link(struct carbon_store *store, const char *cluster, const char *partition,
			  struct carbon_occupancy *occupancy, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT min(start_at, max(coalesce(eligible_at, start_at), CASE WHEN delayed IS 1 AND level IS NOT 1 "
		"THEN coalesce(begin_at, 0) ELSE 0 END)), start_at, end_at, delayed IS 1 AND level IS NOT 1, "
		"CASE WHEN node_cores > 0 AND cores < nodes * node_cores THEN cores / node_cores ELSE nodes END "
		"FROM run LEFT JOIN terms ON terms.id = run.terms_id "
		"WHERE cluster_id = (SELECT id FROM name WHERE text = ?1) "
		"AND partition_id = (SELECT id FROM name WHERE text = ?2) AND end_at > ?3 AND start_at < ?4 "
		"ORDER BY start_at";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	float *ours = calloc(occupancy->bins + 1, sizeof(*ours));
	int rc = -1;

	if (stmt && !ours)
		carbon_err_set(err, "no memory for %zu bins of five minutes", occupancy->bins);
	if (stmt && ours) {
		sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 2, partition, -1, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 3, occupancy->from_at);
		sqlite3_bind_int64(stmt, 4, occupancy->from_at + (time_t)occupancy->bins * BIN_S);
		rc = read_runs(store, stmt, occupancy, ours, err);
	}
	if (rc == 0)
		finish(occupancy, ours);
	free(ours);
	return rc;
}
