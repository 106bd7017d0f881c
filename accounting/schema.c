/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of carbon.db, version by version. Must never drop what cannot be fetched or settled
 * again without keeping a copy. No STRICT tables: SQLite has them only since 3.37, and clusters still
 * run 3.34; every insert here binds typed values.
 */
#include "accounting/schema.h"

#include <stdio.h>

#include "accounting/db.h"
#include "accounting/schema_steps.h"
#include "lib/err.h"

/*
 * Names are kept once and referred to by number. Intensity is kept in whole mg/kWh: providers publish two
 * decimals at most, and equal values compare equal.
 */
/* The ledger and the history as people ask for them, under Slurm's own names. */
#define VIEWS_1                                                                                   \
	"CREATE VIEW jobs AS SELECT"                                                            \
	" c.text AS Cluster, run.job_id AS JobIDRaw,"                                           \
	" CASE WHEN run.array_id > 0 THEN run.array_id || '_' || run.array_task"                \
	"  ELSE '' || run.job_id END AS JobID,"                                                 \
	" u.text AS User, run.uid AS UID, a.text AS Account, p.text AS Partition,"              \
	" q.text AS QOS, n.text AS JobName,"                                                    \
	" " TIME_OF("run.submit_at") " AS Submit,"                                              \
	" " TIME_OF("run.start_at") " AS Start, " TIME_OF("run.end_at") " AS \"End\","          \
	" run.running_s AS ElapsedRaw, run.nodes AS NNodes, run.cores AS NCPUS,"                \
	" run.memory_gb AS MemoryGB, run.gpus AS GPUs, t.text AS GPUType,"                      \
	" run.energy_kwh, run.low_kwh, run.high_kwh, run.measured_kwh,"                         \
	" CASE run.energy_method WHEN 1 THEN 'measured' ELSE 'model' END AS energy_method,"     \
	" m.text AS model, run.pue, z.text AS zone,"                                            \
	" CASE run.signal WHEN 0 THEN 'average-lifecycle' WHEN 1 THEN 'average-direct'"         \
	"  ELSE 'marginal' END AS signal, run.mean_g_kwh,"                                      \
	" " METHOD_OF("run.intensity_method") " AS intensity_method,"                           \
	" run.mass_g, run.low_g, run.high_g,"                                                   \
	" run.delayed AND run.level <> 1 AS delayed, y.text AS policy,"                         \
	" " TIME_OF("run.baseline_at") " AS baseline, " TIME_OF("run.begin_at") " AS begin,"    \
	" run.promised_g, run.promised_baseline_g, run.credit_g,"                               \
	" " METHOD_OF("run.credit_method") " AS credit_method, run.shadow_g, run.odd,"          \
	" " TIME_OF("run.settled_at") " AS settled"                                             \
	" FROM run JOIN name c ON c.id = run.cluster_id JOIN name u ON u.id = run.user_id"      \
	" JOIN name a ON a.id = run.account_id JOIN name q ON q.id = run.qos_id"                \
	" JOIN name p ON p.id = run.partition_id JOIN name n ON n.id = run.name_id"             \
	" JOIN name t ON t.id = run.gpu_type_id JOIN name m ON m.id = run.model_id"             \
	" LEFT JOIN name z ON z.id = run.zone_id LEFT JOIN name y ON y.id = run.policy_id;"     \
	"CREATE VIEW intensity AS SELECT z.text AS zone,"                                       \
	" CASE h.signal WHEN 0 THEN 'average-lifecycle' WHEN 1 THEN 'average-direct'"           \
	"  ELSE 'marginal' END AS signal, s.text AS source,"                                    \
	" " TIME_OF("h.at") " AS time, h.mg_kwh / 1000.0 AS g_kwh,"                             \
	" CASE h.kind WHEN 0 THEN 'measured' WHEN 1 THEN 'estimated' WHEN 4 THEN 'profile'"     \
	"  ELSE 'other' END AS kind, " TIME_OF("h.fetched_at") " AS fetched"                    \
	" FROM history h JOIN name z ON z.id = h.zone_id JOIN name s ON s.id = h.source_id;"

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
	" PRIMARY KEY (forecast_id, at)) WITHOUT ROWID;"
	/* One row per segment of a job. NULL: unknown, which is not zero. */
	"CREATE TABLE run ("
	" cluster_id INTEGER NOT NULL REFERENCES name (id),"
	" job_id INTEGER NOT NULL,"
	" start_at INTEGER NOT NULL,"
	" end_at INTEGER NOT NULL,"
	" submit_at INTEGER NOT NULL,"
	" array_id INTEGER NOT NULL,"
	" array_task INTEGER NOT NULL,"
	" uid INTEGER NOT NULL,"
	" user_id INTEGER NOT NULL REFERENCES name (id),"
	" account_id INTEGER NOT NULL REFERENCES name (id),"
	" qos_id INTEGER NOT NULL REFERENCES name (id),"
	" partition_id INTEGER NOT NULL REFERENCES name (id),"
	" name_id INTEGER NOT NULL REFERENCES name (id),"
	" state INTEGER NOT NULL,"
	" odd INTEGER NOT NULL,"
	" limit_s INTEGER NOT NULL,"
	" running_s INTEGER NOT NULL,"
	" nodes REAL NOT NULL,"
	" cores REAL NOT NULL,"
	" memory_gb REAL NOT NULL,"
	" gpus INTEGER NOT NULL,"
	" gpu_type_id INTEGER NOT NULL REFERENCES name (id),"
	" model_id INTEGER NOT NULL REFERENCES name (id),"
	" power_w REAL NOT NULL,"
	" above_w REAL NOT NULL,"
	" pue REAL NOT NULL,"
	" energy_kwh REAL NOT NULL,"
	" low_kwh REAL NOT NULL,"
	" high_kwh REAL NOT NULL,"
	" measured_kwh REAL,"
	" energy_method INTEGER NOT NULL,"
	" zone_id INTEGER REFERENCES name (id),"
	" signal INTEGER NOT NULL,"
	" known_s INTEGER NOT NULL,"
	" estimated_s INTEGER NOT NULL,"
	" missing_s INTEGER NOT NULL,"
	" mean_g_kwh REAL,"
	" intensity_method INTEGER NOT NULL,"
	" mass_g REAL,"
	" low_g REAL,"
	" high_g REAL,"
	/* From the decision record; NULL where there is none. */
	" level INTEGER,"
	" delayed INTEGER,"
	" decided_at INTEGER,"
	" baseline_at INTEGER,"
	" begin_at INTEGER,"
	" latest_at INTEGER,"
	" policy_id INTEGER REFERENCES name (id),"
	" promised_g REAL,"
	" promised_baseline_g REAL,"
	" counterfactual_at INTEGER,"
	" credit_g REAL,"
	" credit_method INTEGER NOT NULL,"
	" shadow_at INTEGER,"
	" shadow_g REAL,"
	" settled_at INTEGER NOT NULL,"
	" PRIMARY KEY (cluster_id, job_id, start_at)) WITHOUT ROWID;"
	"CREATE INDEX run_end ON run (end_at);"
	"CREATE INDEX run_open ON run (cluster_id, end_at) "
	" WHERE intensity_method = 1 OR credit_method = 1;"
	/* Records seen while jobs wait: AdminComment may be overwritten later. */
	"CREATE TABLE decision ("
	" cluster_id INTEGER NOT NULL REFERENCES name (id),"
	" job_id INTEGER NOT NULL,"
	" seen_at INTEGER NOT NULL,"
	" record TEXT NOT NULL,"
	" PRIMARY KEY (cluster_id, job_id)) WITHOUT ROWID;"
	"CREATE TABLE progress ("
	" cluster_id INTEGER PRIMARY KEY REFERENCES name (id),"
	" settled_to INTEGER NOT NULL);"
	VIEWS_1;

static const char *const STEPS[] = {STEP_1, CARBON_SCHEMA_STEP_2, CARBON_SCHEMA_STEP_3};

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
