/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: the later steps of carbon.db's tables, and what their views share. A step that was
 * released is never edited.
 */
#ifndef CARBON_SCHEMA_STEPS_H
#define CARBON_SCHEMA_STEPS_H

#define TIME_OF(column) "strftime('%Y-%m-%dT%H:%M:%SZ', " column ", 'unixepoch')"
#define METHOD_OF(column)                                                                       \
	"CASE " column " WHEN 1 THEN 'provisional' WHEN 2 THEN 'profile' "                      \
	"WHEN 3 THEN 'estimated' WHEN 4 THEN 'settled' ELSE 'unknown' END"

/* Node-hours of a run's share of its nodes. */
#define CARBON_SCHEMA_NODE_H                                                                    \
	"CASE WHEN terms.node_cores > 0 AND run.cores < run.nodes * terms.node_cores"           \
	" THEN run.cores / terms.node_cores ELSE run.nodes END * run.running_s / 3600.0"

/* What version 2 adds to a run: the slack clock's credit with its bounds, and the lines that stay apart. */
#define CARBON_SCHEMA_RUN_2                                                                     \
	"CREATE TABLE terms ("                                                                  \
	" id INTEGER PRIMARY KEY,"                                                              \
	" market_g_kwh REAL,"                                                                   \
	" embodied_g_node_h REAL,"                                                              \
	" water_l_kwh REAL,"                                                                    \
	" node_cores INTEGER NOT NULL);"                                                        \
	"ALTER TABLE run ADD COLUMN eligible_at INTEGER;"                                       \
	"ALTER TABLE run ADD COLUMN redo_s INTEGER;"                                            \
	"ALTER TABLE run ADD COLUMN credit_low_g REAL;"                                         \
	"ALTER TABLE run ADD COLUMN credit_high_g REAL;"                                        \
	"ALTER TABLE run ADD COLUMN credit_clock INTEGER;"                                      \
	"ALTER TABLE run ADD COLUMN direct_g REAL;"                                             \
	"ALTER TABLE run ADD COLUMN marginal_g REAL;"                                           \
	"ALTER TABLE run ADD COLUMN home_cluster_id INTEGER REFERENCES name (id);"              \
	"ALTER TABLE run ADD COLUMN home_id INTEGER REFERENCES name (id);"                      \
	"ALTER TABLE run ADD COLUMN home_zone_id INTEGER REFERENCES name (id);"                 \
	"ALTER TABLE run ADD COLUMN home_w REAL;"                                               \
	"ALTER TABLE run ADD COLUMN home_slowness REAL;"                                        \
	"ALTER TABLE run ADD COLUMN data_gb REAL;"                                              \
	"ALTER TABLE run ADD COLUMN data_g REAL;"                                               \
	"ALTER TABLE run ADD COLUMN terms_id INTEGER REFERENCES terms (id);"

/*
 * Places are partitions of clusters. Of nodes that several partitions share each is one place's own. Figures of
 * occupancy are hundredths of nodes (waiting: of jobs) over five minutes; energy of node_day has PUE included.
 */
#define CARBON_SCHEMA_PLACES_2                                                                  \
	"CREATE TABLE place ("                                                                  \
	" id INTEGER PRIMARY KEY,"                                                              \
	" cluster_id INTEGER NOT NULL REFERENCES name (id),"                                    \
	" partition_id INTEGER NOT NULL REFERENCES name (id),"                                  \
	" UNIQUE (cluster_id, partition_id));"                                                  \
	"CREATE TABLE occupancy ("                                                              \
	" place_id INTEGER NOT NULL REFERENCES place (id),"                                     \
	" at INTEGER NOT NULL,"                                                                 \
	" usable INTEGER NOT NULL,"                                                             \
	" off INTEGER NOT NULL,"                                                                \
	" busy INTEGER NOT NULL,"                                                               \
	" backlog INTEGER NOT NULL,"                                                            \
	" waiting INTEGER NOT NULL,"                                                            \
	" is_full INTEGER NOT NULL,"                                                            \
	" own_nodes INTEGER NOT NULL,"                                                          \
	" own_down INTEGER NOT NULL,"                                                           \
	" own_off INTEGER NOT NULL,"                                                            \
	" own_busy INTEGER NOT NULL,"                                                           \
	" own_boots INTEGER NOT NULL,"                                                          \
	" PRIMARY KEY (place_id, at)) WITHOUT ROWID;"                                           \
	"CREATE TABLE node_day ("                                                               \
	" place_id INTEGER NOT NULL REFERENCES place (id),"                                     \
	" at INTEGER NOT NULL,"                                                                 \
	" known_s INTEGER NOT NULL,"                                                            \
	" idle_h REAL NOT NULL,"                                                                \
	" waiting_idle_h REAL NOT NULL,"                                                        \
	" off_h REAL NOT NULL,"                                                                 \
	" down_h REAL NOT NULL,"                                                                \
	" boots INTEGER NOT NULL,"                                                              \
	" pue REAL NOT NULL,"                                                                   \
	" idle_kwh REAL,"                                                                       \
	" off_kwh REAL,"                                                                        \
	" boot_kwh REAL,"                                                                       \
	" zone_id INTEGER REFERENCES name (id),"                                                \
	" signal INTEGER NOT NULL,"                                                             \
	" intensity_method INTEGER NOT NULL,"                                                   \
	" mass_g REAL,"                                                                         \
	" direct_g REAL,"                                                                       \
	" settled_at INTEGER NOT NULL,"                                                         \
	" PRIMARY KEY (place_id, at)) WITHOUT ROWID;"

#define CARBON_SCHEMA_OTHERS_2                                                                  \
	"CREATE TABLE meter ("                                                                  \
	" meter_id INTEGER NOT NULL REFERENCES name (id),"                                      \
	" scope INTEGER NOT NULL,"                                                              \
	" covers_id INTEGER NOT NULL REFERENCES name (id),"                                     \
	" from_at INTEGER NOT NULL,"                                                            \
	" to_at INTEGER NOT NULL,"                                                              \
	" energy_kwh REAL NOT NULL,"                                                            \
	" imported_at INTEGER NOT NULL,"                                                        \
	" PRIMARY KEY (meter_id, from_at)) WITHOUT ROWID;"                                      \
	"CREATE TABLE effect ("                                                                 \
	" cluster_id INTEGER NOT NULL REFERENCES name (id),"                                    \
	" from_at INTEGER NOT NULL,"                                                            \
	" method INTEGER NOT NULL,"                                                             \
	" to_at INTEGER NOT NULL,"                                                              \
	" jobs INTEGER NOT NULL,"                                                               \
	" delayed INTEGER NOT NULL,"                                                            \
	" blocks INTEGER NOT NULL,"                                                             \
	" without_g REAL NOT NULL,"                                                             \
	" saved_g REAL NOT NULL,"                                                               \
	" low_g REAL NOT NULL,"                                                                 \
	" high_g REAL NOT NULL,"                                                                \
	" replay_error REAL,"                                                                   \
	" others_wait_s REAL,"                                                                  \
	" others_wait_without_s REAL,"                                                          \
	" computed_at INTEGER NOT NULL,"                                                        \
	" PRIMARY KEY (cluster_id, from_at, method)) WITHOUT ROWID;"

/* The view of a job, in two halves: what a later version adds stands between them. */
#define CARBON_SCHEMA_JOBS_COLUMNS_2                                                            \
	"DROP VIEW jobs;"                                                                       \
	"CREATE VIEW jobs AS SELECT"                                                            \
	" c.text AS Cluster, run.job_id AS JobIDRaw,"                                           \
	" CASE WHEN run.array_id > 0 THEN run.array_id || '_' || run.array_task"                \
	"  ELSE '' || run.job_id END AS JobID,"                                                 \
	" u.text AS User, run.uid AS UID, a.text AS Account, p.text AS Partition,"              \
	" q.text AS QOS, n.text AS JobName,"                                                    \
	" " TIME_OF("run.submit_at") " AS Submit, " TIME_OF("run.eligible_at") " AS Eligible,"  \
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
	" run.credit_low_g, run.credit_high_g,"                                                 \
	" CASE run.credit_clock WHEN 1 THEN 'slack' WHEN 0 THEN 'wall' END AS credit_clock,"    \
	" hc.text AS home_cluster, hp.text AS home_partition, hz.text AS home_zone,"            \
	" run.data_gb, run.data_g,"                                                             \
	" " METHOD_OF("run.credit_method") " AS credit_method, run.shadow_g,"                   \
	" run.energy_kwh * terms.market_g_kwh AS market_g,"                                     \
	" " CARBON_SCHEMA_NODE_H " * terms.embodied_g_node_h AS embodied_g,"                    \
	" run.energy_kwh * terms.water_l_kwh AS water_l, run.direct_g, run.marginal_g, run.odd," \
	" " TIME_OF("run.settled_at") " AS settled"
#define CARBON_SCHEMA_JOBS_TABLES_2                                                             \
	" FROM run JOIN name c ON c.id = run.cluster_id JOIN name u ON u.id = run.user_id"      \
	" JOIN name a ON a.id = run.account_id JOIN name q ON q.id = run.qos_id"                \
	" JOIN name p ON p.id = run.partition_id JOIN name n ON n.id = run.name_id"             \
	" JOIN name t ON t.id = run.gpu_type_id JOIN name m ON m.id = run.model_id"             \
	" LEFT JOIN name z ON z.id = run.zone_id LEFT JOIN name y ON y.id = run.policy_id"      \
	" LEFT JOIN terms ON terms.id = run.terms_id"                                           \
	" LEFT JOIN name hc ON hc.id = run.home_cluster_id LEFT JOIN name hp ON hp.id = run.home_id" \
	" LEFT JOIN name hz ON hz.id = run.home_zone_id;"

#define CARBON_SCHEMA_VIEWS_2                                                                   \
	"CREATE VIEW places AS SELECT c.text AS Cluster, p.text AS Partition,"                  \
	" " TIME_OF("o.at") " AS time, o.usable / 100.0 AS usable, o.off / 100.0 AS off,"       \
	" o.busy / 100.0 AS busy, o.backlog / 100.0 AS backlog, o.waiting / 100.0 AS waiting,"  \
	" o.is_full AS full"                                                                    \
	" FROM occupancy o JOIN place ON place.id = o.place_id"                                 \
	" JOIN name c ON c.id = place.cluster_id JOIN name p ON p.id = place.partition_id;"     \
	"CREATE VIEW nodes AS SELECT c.text AS Cluster, p.text AS Partition,"                   \
	" strftime('%Y-%m-%d', d.at, 'unixepoch') AS day, d.known_s / 3600.0 AS known_h,"       \
	" d.idle_h, d.waiting_idle_h, d.off_h, d.down_h, d.boots, d.pue,"                       \
	" d.idle_kwh, d.off_kwh, d.boot_kwh, z.text AS zone,"                                   \
	" CASE d.signal WHEN 0 THEN 'average-lifecycle' WHEN 1 THEN 'average-direct'"           \
	"  ELSE 'marginal' END AS signal,"                                                      \
	" " METHOD_OF("d.intensity_method") " AS intensity_method, d.mass_g, d.direct_g"        \
	" FROM node_day d JOIN place ON place.id = d.place_id"                                  \
	" JOIN name c ON c.id = place.cluster_id JOIN name p ON p.id = place.partition_id"      \
	" LEFT JOIN name z ON z.id = d.zone_id;"                                                \
	"CREATE VIEW effects AS SELECT c.text AS Cluster,"                                      \
	" strftime('%Y-%m', e.from_at, 'unixepoch') AS month,"                                  \
	" CASE e.method WHEN 0 THEN 'replay' ELSE 'switchback' END AS method,"                  \
	" " TIME_OF("e.to_at") " AS until, e.jobs, e.delayed, e.blocks, e.without_g,"           \
	" e.saved_g, e.low_g, e.high_g, e.replay_error, e.others_wait_s,"                       \
	" e.others_wait_without_s, " TIME_OF("e.computed_at") " AS computed"                    \
	" FROM effect e JOIN name c ON c.id = e.cluster_id;"                                    \
	"CREATE VIEW meters AS SELECT n.text AS meter,"                                         \
	" CASE m.scope WHEN 0 THEN 'rack' WHEN 1 THEN 'room' ELSE 'site' END AS scope,"         \
	" c.text AS covers, " TIME_OF("m.from_at") " AS \"from\","                              \
	" " TIME_OF("m.to_at") " AS \"to\", m.energy_kwh"                                       \
	" FROM meter m JOIN name n ON n.id = m.meter_id JOIN name c ON c.id = m.covers_id;"

#define CARBON_SCHEMA_STEP_2                                                                    \
	CARBON_SCHEMA_RUN_2 CARBON_SCHEMA_PLACES_2 CARBON_SCHEMA_OTHERS_2                       \
		CARBON_SCHEMA_JOBS_COLUMNS_2 CARBON_SCHEMA_JOBS_TABLES_2 CARBON_SCHEMA_VIEWS_2

/*
 * What version 3 adds to a run: the end that it was promised, and why our part in it ended early. And jobs that we
 * delayed and Slurm cancelled at their deadline before they ran, which are no runs.
 */
#define CARBON_SCHEMA_STEP_3                                                                    \
	"ALTER TABLE run ADD COLUMN finish_at INTEGER;"                                         \
	"ALTER TABLE run ADD COLUMN opt_out INTEGER;"                                           \
	"CREATE TABLE unstarted ("                                                              \
	" cluster_id INTEGER NOT NULL REFERENCES name (id),"                                    \
	" job_id INTEGER NOT NULL,"                                                             \
	" end_at INTEGER NOT NULL,"                                                             \
	" user_id INTEGER NOT NULL REFERENCES name (id),"                                       \
	" account_id INTEGER NOT NULL REFERENCES name (id),"                                    \
	" begin_at INTEGER NOT NULL,"                                                           \
	" latest_at INTEGER NOT NULL,"                                                          \
	" PRIMARY KEY (cluster_id, job_id, end_at)) WITHOUT ROWID;"                             \
	CARBON_SCHEMA_JOBS_COLUMNS_2                                                            \
	", run.start_at AS StartRaw, run.end_at AS EndRaw,"                                     \
	" " TIME_OF("run.finish_at") " AS finish_by,"                                           \
	" CASE run.opt_out WHEN 1 THEN 'flag' WHEN 2 THEN 'start' WHEN 3 THEN 'site' END AS opt_out" \
	CARBON_SCHEMA_JOBS_TABLES_2

#endif
