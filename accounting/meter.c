/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Metered energy, kept once however often it is imported. */
#include "accounting/meter.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"
#include "lib/time.h"

static const char *const names[CARBON_METER_SCOPES] = {
	[CARBON_METER_RACK] = "rack",
	[CARBON_METER_ROOM] = "room",
	[CARBON_METER_SITE] = "site",
};

const char *carbon_meter_scope_name(enum carbon_meter_scope scope)
{
	return (unsigned int)scope < CARBON_METER_SCOPES ? names[scope] : "?";
}

bool carbon_meter_scope_find(const char *name, enum carbon_meter_scope *out)
{
	for (int i = 0; i < CARBON_METER_SCOPES; i++)
		if (strcmp(names[i], name) == 0) {
			*out = (enum carbon_meter_scope)i;
			return true;
		}
	return false;
}

/* What is known of the meter around the reading. */
struct found {
	int64_t from_at, to_at;
	int scope;
	char covers[CARBON_METER_COVERS_MAX];
	double energy_kwh;
};

/* One that overlaps READING, or else any of its meter. 1, 0 or -1. */
static int find(struct carbon_store *store, const struct carbon_meter_reading *reading, int64_t meter_id,
		struct found *found, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT m.from_at, m.to_at, m.scope, c.text, m.energy_kwh FROM meter m JOIN name c ON c.id = m.covers_id "
		"WHERE m.meter_id = ?1 ORDER BY m.from_at < ?3 AND m.to_at > ?2 DESC, m.from_at = ?2 DESC LIMIT 1";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, meter_id);
	sqlite3_bind_int64(stmt, 2, reading->from_at);
	sqlite3_bind_int64(stmt, 3, reading->to_at);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1) {
		found->from_at = sqlite3_column_int64(stmt, 0);
		found->to_at = sqlite3_column_int64(stmt, 1);
		found->scope = sqlite3_column_int(stmt, 2);
		carbon_db_text(stmt, 3, found->covers, sizeof(found->covers));
		found->energy_kwh = sqlite3_column_double(stmt, 4);
	}
	sqlite3_reset(stmt);
	return rc;
}

static int check(const struct carbon_meter_reading *reading, const struct found *found, struct carbon_err *err)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	if (found->scope != (int)reading->scope || strcmp(found->covers, reading->covers) != 0)
		return carbon_err_set(err, "meter \"%s\" was a %s meter that covers \"%s\" before (name a new one)",
				      reading->meter, carbon_meter_scope_name((enum carbon_meter_scope)found->scope),
				      found->covers);
	if (found->from_at >= reading->to_at || found->to_at <= reading->from_at ||
	    (found->from_at == reading->from_at && found->to_at == reading->to_at))
		return 0;
	carbon_time_format(found->from_at, from);
	carbon_time_format(found->to_at, to);
	return carbon_err_set(err, "overlaps the reading of meter \"%s\" from %s to %s", reading->meter, from, to);
}

static int put(struct carbon_store *store, const struct carbon_meter_reading *reading, int64_t meter_id, time_t now,
	       struct carbon_err *err)
{
	static const char SQL[] = "INSERT OR REPLACE INTO meter (meter_id, scope, covers_id, from_at, to_at, energy_kwh, "
				  "imported_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
	int64_t covers_id = 0;
	sqlite3_stmt *stmt;

	if (carbon_db_name_put(store, reading->covers, &covers_id, err) < 0)
		return -1;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, meter_id);
	sqlite3_bind_int(stmt, 2, (int)reading->scope);
	sqlite3_bind_int64(stmt, 3, covers_id);
	sqlite3_bind_int64(stmt, 4, reading->from_at);
	sqlite3_bind_int64(stmt, 5, reading->to_at);
	sqlite3_bind_double(stmt, 6, reading->energy_kwh);
	sqlite3_bind_int64(stmt, 7, now);
	return carbon_db_step(store, stmt, err);
}

int carbon_meter_put(struct carbon_store *store, const struct carbon_meter_reading *reading, time_t now,
		     struct carbon_meter_count *count, struct carbon_err *err)
{
	struct found found;
	int64_t meter_id = 0;
	bool is_known;
	int rc;

	if (carbon_db_name_put(store, reading->meter, &meter_id, err) < 0)
		return -1;
	rc = find(store, reading, meter_id, &found, err);
	if (rc < 0 || (rc == 1 && check(reading, &found, err) < 0))
		return -1;
	is_known = rc == 1 && found.from_at == reading->from_at && found.to_at == reading->to_at;
	if (is_known && fabs(found.energy_kwh - reading->energy_kwh) < 1e-9) {
		count->same++;
		return 0;
	}
	if (put(store, reading, meter_id, now, err) < 0)
		return -1;
	*(is_known ? &count->revised : &count->added) += 1;
	return 0;
}
