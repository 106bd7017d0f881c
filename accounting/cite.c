/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs of the ledger that belong together, in one sum. Reads only; what is asked for goes through a temporary table. */
#include "accounting/cite.h"

#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/report_seen.h"
#include "accounting/report_sum.h"
#include "lib/err.h"

/* Slurm's base states that runs end with; others count as failed. */
#define STATE_COMPLETED 3
#define STATE_CANCELLED 4
#define STATE_PREEMPTED 8

/* Behind CARBON_REPORT_COLUMNS. */
enum { CLUSTER_NAME = CARBON_REPORT_COLUMNS_END, PARTITION_NAME, ZONE_NAME, GPU_TYPE, ARRAY, TASK };

static const char WANTED[] = "CREATE TEMP TABLE IF NOT EXISTS wanted (job INTEGER, task INTEGER);"
			     "DELETE FROM temp.wanted;";

static const char SQL[] =
	"SELECT run.state," CARBON_REPORT_COLUMNS ", c.text, p.text, z.text, g.text, array_id, array_task"
	" FROM run" CARBON_REPORT_TERMS "JOIN name c ON c.id = cluster_id JOIN name p ON p.id = partition_id"
	" JOIN name g ON g.id = gpu_type_id LEFT JOIN name z ON z.id = zone_id"
	" WHERE end_at >= ?1 AND end_at < ?2"
	" AND (?3 OR job_id IN (SELECT job FROM temp.wanted WHERE task < 0)"
	"  OR array_id IN (SELECT job FROM temp.wanted WHERE task < 0)"
	"  OR (array_id, array_task) IN (SELECT job, task FROM temp.wanted WHERE task >= 0))"
	" AND (?4 IS NULL OR c.text = ?4)"
	" AND (?5 IS NULL OR user_id = (SELECT id FROM name WHERE text = ?5))"
	" AND (?6 IS NULL OR account_id = (SELECT id FROM name WHERE text = ?6))"
	" AND (?7 IS NULL OR (SELECT text FROM name WHERE id = name_id) GLOB ?7)"
	" ORDER BY start_at";

struct citing {
	struct carbon_store *store;
	const struct carbon_cite_ask *ask;
	struct carbon_cited *out;
	struct carbon_seen_set seen;
	bool *is_found; /* of each job asked for */
	char cluster[CARBON_NAME_MAX]; /* of the first run */
	struct carbon_err *err;
};

const char *carbon_cite_end_name(enum carbon_cite_end end)
{
	static const char *const names[CARBON_CITE_ENDS] = {"completed", "failed", "cancelled", "requeued"};

	return (unsigned int)end < CARBON_CITE_ENDS ? names[end] : "?";
}

static enum carbon_cite_end end_of(int64_t state)
{
	if (state & CARBON_RUN_REQUEUED || state == STATE_PREEMPTED)
		return CARBON_CITE_REQUEUED;
	if (state == STATE_COMPLETED)
		return CARBON_CITE_COMPLETED;
	return state == STATE_CANCELLED ? CARBON_CITE_CANCELLED : CARBON_CITE_FAILED;
}

/* --- one run --- */

static void note_place(struct carbon_cited *out, sqlite3_stmt *stmt, const struct carbon_report_line *run)
{
	struct carbon_report_place here = {.cluster = ""};
	size_t i = 0;

	carbon_db_text(stmt, CLUSTER_NAME, here.cluster, sizeof(here.cluster));
	carbon_db_text(stmt, PARTITION_NAME, here.sum.key, sizeof(here.sum.key));
	carbon_db_text(stmt, ZONE_NAME, here.zone, sizeof(here.zone));
	while (i < out->places && (strcmp(out->place[i].cluster, here.cluster) != 0 ||
				   strcmp(out->place[i].sum.key, here.sum.key) != 0 ||
				   strcmp(out->place[i].zone, here.zone) != 0))
		i++;
	if (i == CARBON_CITE_PLACES_MAX)
		i--;
	if (i == out->places)
		out->place[out->places++] = here;
	carbon_report_run_add(&out->place[i].sum, run);
}

/* A run's GPUs are its processors; where it has none its cores are. */
static void note_processors(struct carbon_cited *out, sqlite3_stmt *stmt, const struct carbon_report_line *run)
{
	struct carbon_cite_processor here = {.type = "core", .hours = run->core_h};
	size_t i = 0;

	here.most = (uint64_t)sqlite3_column_double(stmt, CORES);
	if (sqlite3_column_int64(stmt, GPUS) > 0) {
		here.hours = run->gpu_h;
		here.most = (uint64_t)sqlite3_column_int64(stmt, GPUS);
		carbon_db_text(stmt, GPU_TYPE, here.type, sizeof(here.type));
	}
	while (i < out->processors && strcmp(out->processor[i].type, here.type) != 0)
		i++;
	if (i == CARBON_CITE_PROCESSORS_MAX)
		i--;
	if (i == out->processors)
		out->processor[out->processors++] = here;
	else {
		out->processor[i].hours += here.hours;
		out->processor[i].most = here.most > out->processor[i].most ? here.most : out->processor[i].most;
	}
}

static bool is_asked(const struct carbon_outcome_key *key, sqlite3_stmt *stmt)
{
	int64_t job = sqlite3_column_int64(stmt, JOB), array = sqlite3_column_int64(stmt, ARRAY);

	if (key->has_task)
		return array == key->job && sqlite3_column_int64(stmt, TASK) == key->task;
	return job == key->job || array == key->job;
}

/* Two clusters count jobs from one on, both. */
static int check_cluster(struct citing *citing, sqlite3_stmt *stmt)
{
	char cluster[CARBON_NAME_MAX];

	carbon_db_text(stmt, CLUSTER_NAME, cluster, sizeof(cluster));
	if (!citing->cluster[0])
		memcpy(citing->cluster, cluster, sizeof(cluster));
	if (citing->ask->jobs == 0 || strcmp(citing->cluster, cluster) == 0)
		return 0;
	return carbon_err_set(citing->err, "clusters %s and %s both have jobs of these numbers (--cluster names one)",
			      citing->cluster, cluster);
}

static int take_run(struct citing *citing, sqlite3_stmt *stmt)
{
	struct carbon_cited *out = citing->out;
	enum carbon_cite_end end = end_of(sqlite3_column_int64(stmt, KEY));
	time_t start_at = sqlite3_column_int64(stmt, START_AT), end_at = sqlite3_column_int64(stmt, END_AT);
	uint64_t job = (uint64_t)sqlite3_column_int64(stmt, CLUSTER) << 32 |
		       (uint32_t)sqlite3_column_int64(stmt, JOB);
	struct carbon_report_line run, unused = {.jobs = 0};

	for (size_t i = 0; i < citing->ask->jobs; i++)
		citing->is_found[i] = citing->is_found[i] || is_asked(&citing->ask->job[i], stmt);
	if (sqlite3_column_int(stmt, SIGNAL) != (int)citing->ask->signal) {
		out->other_signal++;
		return 0;
	}
	carbon_report_run_read(stmt, &run);
	carbon_report_run_add(&out->sum, &run);
	out->runs[end]++;
	out->energy_kwh[end] += run.energy_kwh;
	out->first_at = out->first_at == 0 || start_at < out->first_at ? start_at : out->first_at;
	out->last_at = end_at > out->last_at ? end_at : out->last_at;
	note_place(out, stmt, &run);
	note_processors(out, stmt, &run);
	if (carbon_seen_count(&citing->seen, job, 0, 0, &out->sum, &unused) < 0)
		return carbon_err_set(citing->err, "no memory");
	return check_cluster(citing, stmt);
}

/* --- all of them --- */

static int put_wanted(struct citing *citing)
{
	static const char PUT[] = "INSERT INTO temp.wanted (job, task) VALUES (?1, ?2)";

	if (carbon_db_run(citing->store, WANTED, citing->err) < 0)
		return -1;
	for (size_t i = 0; i < citing->ask->jobs; i++) {
		const struct carbon_outcome_key *key = &citing->ask->job[i];
		sqlite3_stmt *stmt = carbon_db_statement(citing->store, PUT, citing->err);

		if (!stmt)
			return -1;
		sqlite3_bind_int64(stmt, 1, key->job);
		sqlite3_bind_int64(stmt, 2, key->has_task ? (int64_t)key->task : -1);
		if (carbon_db_step(citing->store, stmt, citing->err) < 0)
			return -1;
	}
	return 0;
}

static void bind_text(sqlite3_stmt *stmt, int index, const char *text)
{
	if (text)
		sqlite3_bind_text(stmt, index, text, -1, SQLITE_STATIC);
}

static int read_runs(struct citing *citing)
{
	const struct carbon_cite_ask *ask = citing->ask;
	sqlite3_stmt *stmt = carbon_db_statement(citing->store, SQL, citing->err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, ask->since);
	sqlite3_bind_int64(stmt, 2, ask->until ? ask->until : INT64_MAX);
	sqlite3_bind_int(stmt, 3, ask->jobs == 0);
	bind_text(stmt, 4, ask->cluster);
	bind_text(stmt, 5, ask->user);
	bind_text(stmt, 6, ask->account);
	bind_text(stmt, 7, ask->name);
	while ((rc = carbon_db_step(citing->store, stmt, citing->err)) == 1) {
		rc = take_run(citing, stmt);
		if (rc < 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}

static int check_all(const struct citing *citing)
{
	for (size_t i = 0; i < citing->ask->jobs; i++) {
		const struct carbon_outcome_key *key = &citing->ask->job[i];

		if (!citing->is_found[i] && key->has_task)
			return carbon_err_set(citing->err, "job %u_%u is not in the ledger (carbonctl settle reads what "
					      "has ended)", key->job, key->task);
		if (!citing->is_found[i])
			return carbon_err_set(citing->err, "job %u is not in the ledger (carbonctl settle reads what "
					      "has ended)", key->job);
	}
	if (citing->out->sum.runs == 0 && citing->out->other_signal > 0)
		return carbon_err_set(citing->err, "these runs were settled with another signal than %s: carbonctl settle "
				      "--since settles them again", carbon_signal_name(citing->ask->signal));
	if (citing->out->sum.runs == 0)
		return carbon_err_set(citing->err, "no run in the ledger fits");
	return 0;
}

int carbon_cite_read(struct carbon_store *store, const struct carbon_cite_ask *ask, struct carbon_cited *out,
		     struct carbon_err *err)
{
	struct carbon_cited *found = calloc(1, sizeof(*found));
	struct citing citing = {.store = store, .ask = ask, .out = found, .err = err};
	int rc = -1;

	citing.is_found = calloc(ask->jobs + 1, sizeof(*citing.is_found));
	if (!found || !citing.is_found)
		carbon_err_set(err, "no memory");
	else if (put_wanted(&citing) == 0 && read_runs(&citing) == 0)
		rc = check_all(&citing);
	if (rc == 0)
		*out = *found;
	carbon_seen_fini(&citing.seen);
	free(citing.is_found);
	free(found);
	return rc;
}
