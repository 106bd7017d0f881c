/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One pass over the forecasts of a zone, point by point; a forecast is handed on when its last point was read. */
#include "accounting/forecasts.h"

#include <stdio.h>

#include "accounting/db.h"
#include "accounting/store.h"
#include "lib/err.h"

/* The forecast being read. */
struct reading {
	int64_t id; /* 0: none yet */
	char source[CARBON_SOURCE_MAX];
	time_t issued_at;
	struct carbon_series series;
};

static int hand_on(struct reading *reading, carbon_forecast_f each, void *context, struct carbon_err *err)
{
	int rc = 0;

	if (reading->id && reading->series.count)
		rc = each(reading->source, reading->issued_at, &reading->series, context, err);
	reading->series.count = 0;
	return rc;
}

static void begin(struct reading *reading, sqlite3_stmt *stmt)
{
	const char *source = (const char *)sqlite3_column_text(stmt, 1);

	reading->id = sqlite3_column_int64(stmt, 0);
	reading->issued_at = (time_t)sqlite3_column_int64(stmt, 2);
	snprintf(reading->source, sizeof(reading->source), "%s", source ? source : "");
}

static int read_rows(struct carbon_store *store, sqlite3_stmt *stmt, struct reading *reading,
		     carbon_forecast_f each, void *context, struct carbon_err *err)
{
	int got, rc = 0;

	while ((got = carbon_db_step(store, stmt, err)) == 1) {
		struct carbon_point point = {.at = (time_t)sqlite3_column_int64(stmt, 3),
					     .g_kwh = (double)sqlite3_column_int64(stmt, 4) / 1000.0,
					     .kind = (enum carbon_kind)sqlite3_column_int(stmt, 5)};

		if (reading->id != sqlite3_column_int64(stmt, 0)) {
			rc = hand_on(reading, each, context, err);
			begin(reading, stmt);
		}
		if (rc == 0)
			rc = carbon_series_add(&reading->series, point, err);
		if (rc != 0) {
			sqlite3_reset(stmt);
			return rc;
		}
	}
	return got < 0 ? -1 : hand_on(reading, each, context, err);
}

int carbon_store_forecast_each(struct carbon_store *store, const char *zone, enum carbon_signal signal, time_t from,
			       time_t to, carbon_forecast_f each, void *context, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT f.id, s.text, f.issued_at, p.at, p.mg_kwh, p.kind FROM forecast f "
		"JOIN name s ON s.id = f.source_id JOIN forecast_point p ON p.forecast_id = f.id "
		"WHERE f.zone_id = ?1 AND f.signal = ?2 AND f.issued_at >= ?3 AND f.issued_at < ?4 "
		"ORDER BY s.text, f.issued_at, p.at";
	struct reading reading = {.id = 0};
	sqlite3_stmt *stmt;
	int64_t zone_id;
	int rc = carbon_db_name_find(store, zone, &zone_id, err);

	if (rc <= 0)
		return rc;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, zone_id);
	sqlite3_bind_int(stmt, 2, (int)signal);
	sqlite3_bind_int64(stmt, 3, from);
	sqlite3_bind_int64(stmt, 4, to);
	carbon_series_init(&reading.series);
	rc = read_rows(store, stmt, &reading, each, context, err);
	carbon_series_fini(&reading.series);
	return rc;
}

static int read_points(struct carbon_store *store, sqlite3_stmt *stmt, time_t *issued_at,
		       struct carbon_series *series, struct carbon_err *err)
{
	int got;

	while ((got = carbon_db_step(store, stmt, err)) == 1) {
		struct carbon_point point = {.at = (time_t)sqlite3_column_int64(stmt, 1),
					     .g_kwh = (double)sqlite3_column_int64(stmt, 2) / 1000.0,
					     .kind = (enum carbon_kind)sqlite3_column_int(stmt, 3)};

		*issued_at = (time_t)sqlite3_column_int64(stmt, 0);
		if (carbon_series_add(series, point, err) < 0) {
			sqlite3_reset(stmt);
			return -1;
		}
	}
	return got;
}

int carbon_store_forecast_last(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			       const char *source, time_t *issued_at, struct carbon_series *series,
			       struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT f.issued_at, p.at, p.mg_kwh, p.kind FROM forecast_point p JOIN forecast f "
		"ON f.id = p.forecast_id WHERE f.id = (SELECT id FROM forecast WHERE zone_id = ?1 AND "
		"signal = ?2 AND source_id = ?3 ORDER BY issued_at DESC LIMIT 1) ORDER BY p.at";
	int64_t zone_id, source_id;
	sqlite3_stmt *stmt;
	int rc = carbon_db_name_find(store, zone, &zone_id, err);

	if (rc == 1)
		rc = carbon_db_name_find(store, source, &source_id, err);
	if (rc <= 0)
		return rc;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, zone_id);
	sqlite3_bind_int(stmt, 2, (int)signal);
	sqlite3_bind_int64(stmt, 3, source_id);
	return read_points(store, stmt, issued_at, series, err);
}
