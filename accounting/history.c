/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * History and forecasts in carbon.db. A value that a provider changed is kept beside the new one:
 * what a job was told at the time can still be looked up. Must never mix signals.
 */
#include "accounting/store.h"

#include <math.h>

#include "accounting/db.h"
#include "lib/err.h"

/* One series' place in the table. */
struct track {
	int64_t zone_id, source_id;
	enum carbon_signal signal;
};

static int64_t to_mg(double g_kwh)
{
	return llround(g_kwh * 1000.0);
}

static void bind_track(sqlite3_stmt *stmt, const struct track *track)
{
	sqlite3_bind_int64(stmt, 1, track->zone_id);
	sqlite3_bind_int(stmt, 2, (int)track->signal);
	sqlite3_bind_int64(stmt, 3, track->source_id);
}

static int make_track(struct carbon_store *store, const char *zone, enum carbon_signal signal,
		      const char *source, struct track *track, struct carbon_err *err)
{
	track->signal = signal;
	if (carbon_db_name_put(store, zone, &track->zone_id, err) < 0)
		return -1;
	return carbon_db_name_put(store, source, &track->source_id, err);
}

/* What was known of the point at FETCHED_AT. 1: *MG and *KIND are set, 0: nothing, -1: error. */
static int find_known(struct carbon_store *store, const struct track *track, time_t at,
		      time_t fetched_at, int64_t *mg, int *kind, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT mg_kwh, kind FROM history WHERE zone_id = ?1 AND signal = ?2 AND "
		"source_id = ?3 AND at = ?4 AND fetched_at <= ?5 ORDER BY fetched_at DESC LIMIT 1";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	bind_track(stmt, track);
	sqlite3_bind_int64(stmt, 4, at);
	sqlite3_bind_int64(stmt, 5, fetched_at);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1) {
		*mg = sqlite3_column_int64(stmt, 0);
		*kind = sqlite3_column_int(stmt, 1);
	}
	sqlite3_reset(stmt);
	return rc;
}

static int put_point(struct carbon_store *store, const struct track *track, time_t fetched_at,
		     const struct carbon_point *point, struct carbon_history_count *count,
		     struct carbon_err *err)
{
	static const char SQL[] =
		"INSERT OR REPLACE INTO history (zone_id, signal, source_id, at, fetched_at, "
		"mg_kwh, kind) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	int64_t mg = 0;
	int kind = 0;
	int known = find_known(store, track, point->at, fetched_at, &mg, &kind, err);
	sqlite3_stmt *stmt;

	if (known < 0)
		return -1;
	if (known == 1 && mg == to_mg(point->g_kwh) && kind == (int)point->kind) {
		count->same++;
		return 0;
	}
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	bind_track(stmt, track);
	sqlite3_bind_int64(stmt, 4, point->at);
	sqlite3_bind_int64(stmt, 5, fetched_at);
	sqlite3_bind_int64(stmt, 6, to_mg(point->g_kwh));
	sqlite3_bind_int(stmt, 7, (int)point->kind);
	if (carbon_db_step(store, stmt, err) < 0)
		return -1;
	*(known == 1 ? &count->revised : &count->added) += 1;
	return 0;
}

int carbon_store_history_put(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			     const char *source, time_t fetched_at, const struct carbon_series *series,
			     struct carbon_history_count *count, struct carbon_err *err)
{
	struct carbon_history_count counted = {0, 0, 0};
	struct track track;
	bool alone = false;
	int rc;

	if (carbon_db_enter(store, &alone, err) < 0)
		return -1;
	rc = make_track(store, zone, signal, source, &track, err);
	for (size_t i = 0; i < series->count && rc == 0; i++)
		rc = put_point(store, &track, fetched_at, &series->points[i], &counted, err);
	rc = carbon_db_leave(store, alone, rc, err);
	if (rc == 0 && count)
		*count = counted;
	return rc;
}

/* Rows of at, mg_kwh, kind into SERIES. */
static int read_points(struct carbon_store *store, sqlite3_stmt *stmt, struct carbon_series *series,
		       struct carbon_err *err)
{
	int rc;

	while ((rc = carbon_db_step(store, stmt, err)) == 1) {
		struct carbon_point point = {
			.at = sqlite3_column_int64(stmt, 0),
			.g_kwh = (double)sqlite3_column_int64(stmt, 1) / 1000.0,
			.kind = (enum carbon_kind)sqlite3_column_int(stmt, 2),
		};

		if (carbon_series_add(series, point, err) < 0) {
			sqlite3_reset(stmt);
			return -1;
		}
	}
	return rc;
}

/* Of each time the newest revision. (SQLite: beside a max() the other columns come from its row.) */
static int read_track(struct carbon_store *store, const struct track *track, time_t from, time_t to,
		      struct carbon_series *series, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT at, mg_kwh, kind, max(fetched_at) FROM history WHERE zone_id = ?1 AND "
		"signal = ?2 AND source_id = ?3 AND at >= ?4 AND at < ?5 GROUP BY at";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	bind_track(stmt, track);
	sqlite3_bind_int64(stmt, 4, from);
	sqlite3_bind_int64(stmt, 5, to);
	return read_points(store, stmt, series, err);
}

static int read_any(struct carbon_store *store, const struct track *track, time_t from, time_t to,
		    struct carbon_series *series, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT at, mg_kwh, kind, max(fetched_at) FROM history WHERE zone_id = ?1 AND "
		"signal = ?2 AND at >= ?3 AND at < ?4 GROUP BY at";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, track->zone_id);
	sqlite3_bind_int(stmt, 2, (int)track->signal);
	sqlite3_bind_int64(stmt, 3, from);
	sqlite3_bind_int64(stmt, 4, to);
	return read_points(store, stmt, series, err);
}

/* Whether the sorted SERIES already says what held AT: a preferred source's hour is not cut up by
 * the five-minute points of a lesser one. */
static bool is_covered(const struct carbon_series *series, size_t count, time_t at)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (series->points[middle].at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && at - series->points[low - 1].at < CARBON_STEP_MAX_S;
}

/* Add what one more source knows where those before it know nothing. */
static int merge_source(struct carbon_store *store, const struct track *track, time_t from, time_t to,
			struct carbon_series *series, struct carbon_err *err)
{
	struct carbon_series lesser;
	size_t before = series->count;
	int rc;

	carbon_series_init(&lesser);
	rc = read_track(store, track, from, to, &lesser, err);
	for (size_t i = 0; i < lesser.count && rc == 0; i++)
		if (!is_covered(series, before, lesser.points[i].at))
			rc = carbon_series_add(series, lesser.points[i], err);
	carbon_series_fini(&lesser);
	carbon_series_sort(series);
	return rc;
}

static int read_sources(struct carbon_store *store, struct track *track, const char *const *sources,
			time_t from, time_t to, struct carbon_series *series, struct carbon_err *err)
{
	int rc = 0;

	for (size_t i = 0; sources[i] && rc >= 0; i++) {
		rc = carbon_db_name_find(store, sources[i], &track->source_id, err);
		if (rc == 1)
			rc = merge_source(store, track, from, to, series, err);
	}
	return rc;
}

int carbon_store_history_get(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			     const char *const *sources, time_t from, time_t to,
			     struct carbon_series *series, struct carbon_err *err)
{
	struct track track = {.signal = signal};
	struct carbon_series found;
	int rc = carbon_db_name_find(store, zone, &track.zone_id, err);

	carbon_series_init(&found);
	if (rc == 1)
		rc = sources ? read_sources(store, &track, sources, from, to, &found, err)
			     : read_any(store, &track, from, to, &found, err);
	for (size_t i = 0; i < found.count && rc >= 0; i++)
		rc = carbon_series_add(series, found.points[i], err);
	carbon_series_fini(&found);
	carbon_series_sort(series);
	return rc < 0 ? -1 : 0;
}

/*
 * Forecasts overlap nearly whole: of those of one clock hour the last issued tells enough, and a year of many zones
 * stays small. Nothing where a later one of that hour is there.
 */
static int forget_hour(struct carbon_store *store, const struct track *track, time_t issued_at,
		       struct carbon_err *err)
{
	static const char SQL[] = "DELETE FROM forecast WHERE zone_id = ?1 AND signal = ?2 AND "
				  "source_id = ?3 AND issued_at >= ?4 - ?4 % 3600 AND issued_at < ?4";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	bind_track(stmt, track);
	sqlite3_bind_int64(stmt, 4, issued_at);
	return carbon_db_step(store, stmt, err);
}

/* 1: made, 0: it, or a later one of its hour, is there already, -1: error. */
static int put_issue(struct carbon_store *store, const struct track *track, time_t issued_at,
		     struct carbon_err *err)
{
	static const char SQL[] =
		"INSERT OR IGNORE INTO forecast (zone_id, signal, source_id, issued_at) "
		"SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (SELECT 1 FROM forecast WHERE zone_id = ?1 AND "
		"signal = ?2 AND source_id = ?3 AND issued_at > ?4 AND issued_at < ?4 - ?4 % 3600 + 3600)";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt || forget_hour(store, track, issued_at, err) < 0)
		return -1;
	bind_track(stmt, track);
	sqlite3_bind_int64(stmt, 4, issued_at);
	if (carbon_db_step(store, stmt, err) < 0)
		return -1;
	return sqlite3_changes(store->db) > 0 ? 1 : 0;
}

static int put_forecast_point(struct carbon_store *store, int64_t id, const struct carbon_point *point,
			      struct carbon_err *err)
{
	static const char SQL[] = "INSERT OR REPLACE INTO forecast_point (forecast_id, at, mg_kwh, "
				  "kind) VALUES (?1, ?2, ?3, ?4)";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, id);
	sqlite3_bind_int64(stmt, 2, point->at);
	sqlite3_bind_int64(stmt, 3, to_mg(point->g_kwh));
	sqlite3_bind_int(stmt, 4, (int)point->kind);
	return carbon_db_step(store, stmt, err);
}

static int forget_forecasts(struct carbon_store *store, time_t keep_from, struct carbon_err *err)
{
	static const char SQL[] = "DELETE FROM forecast WHERE issued_at < ?1";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, keep_from);
	return carbon_db_step(store, stmt, err);
}

int carbon_store_forecast_put(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			      const char *source, time_t issued_at, const struct carbon_series *series,
			      time_t keep_from, struct carbon_err *err)
{
	struct track track;
	bool alone = false;
	int rc;

	if (carbon_db_enter(store, &alone, err) < 0)
		return -1;
	rc = make_track(store, zone, signal, source, &track, err);
	if (rc == 0)
		rc = put_issue(store, &track, issued_at, err);
	if (rc == 1) {
		int64_t id = sqlite3_last_insert_rowid(store->db);

		rc = 0;
		for (size_t i = 0; i < series->count && rc == 0; i++)
			rc = put_forecast_point(store, id, &series->points[i], err);
	}
	if (rc == 0)
		rc = forget_forecasts(store, keep_from, err);
	return carbon_db_leave(store, alone, rc, err);
}
