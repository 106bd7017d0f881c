/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The balance of metered energy against the ledger, over the very time that was metered. Must never let what is not
 * known close it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/meter.h"
#include "lib/err.h"

#define DAY_S 86400
#define GROUPS_MAX 64
#define EVEN_SHARE 0.99

/* Times that are metered, in order and apart, and how many seconds of them lie before each. */
struct times {
	size_t count, capacity;
	struct stretch {
		time_t from_at, to_at;
		double before_s;
	} *stretch;
};

static int add_time(struct times *times, time_t from, time_t to)
{
	struct stretch *last = times->count ? &times->stretch[times->count - 1] : NULL;

	if (last && from <= last->to_at) {
		last->to_at = to > last->to_at ? to : last->to_at;
		return 0;
	}
	if (times->count == times->capacity) {
		size_t capacity = times->capacity ? times->capacity * 2 : 64;
		struct stretch *grown = realloc(times->stretch, capacity * sizeof(*grown));

		if (!grown)
			return -1;
		times->stretch = grown;
		times->capacity = capacity;
		last = times->count ? &grown[times->count - 1] : NULL;
	}
	times->stretch[times->count++] = (struct stretch){
		from, to, last ? last->before_s + (double)(last->to_at - last->from_at) : 0};
	return 0;
}

/* Metered seconds before AT. */
static double metered_before(const struct times *times, time_t at)
{
	size_t low = 0, high = times->count;
	const struct stretch *stretch;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (times->stretch[middle].from_at <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return 0;
	stretch = &times->stretch[low - 1];
	return stretch->before_s + (double)((at < stretch->to_at ? at : stretch->to_at) - stretch->from_at);
}

/* The share of [FROM, TO) that was metered. */
static double metered_share(const struct times *times, time_t from, time_t to)
{
	if (to <= from)
		return 0;
	return (metered_before(times, to) - metered_before(times, from)) / (double)(to - from);
}

/* --- one group of meters --- */

struct group {
	struct carbon_meter_balance balance;
	int64_t covers_id;
	char cluster[CARBON_METER_COVERS_MAX];
	const char *partition; /* in covers; NULL: all */
	struct times times;
};

struct work {
	struct carbon_store *store;
	time_t from_at, to_at;
	struct carbon_err *err;
};

static void bind_group(sqlite3_stmt *stmt, const struct work *work, const struct group *group)
{
	sqlite3_bind_int64(stmt, 1, work->from_at);
	sqlite3_bind_int64(stmt, 2, work->to_at);
	if (group->cluster[0])
		sqlite3_bind_text(stmt, 3, group->cluster, -1, SQLITE_STATIC);
	if (group->partition)
		sqlite3_bind_text(stmt, 4, group->partition, -1, SQLITE_STATIC);
}

/* Each meter's own time is summed to tell whether all of them metered throughout. */
static int read_meters(struct work *work, struct group *group)
{
	static const char SQL[] =
		"SELECT from_at, to_at, energy_kwh, meter_id, "
		"sum(min(to_at, ?2) - max(from_at, ?1)) OVER (PARTITION BY meter_id) FROM meter "
		"WHERE to_at > ?1 AND from_at < ?2 AND scope = ?3 AND covers_id = ?4 ORDER BY from_at";
	sqlite3_stmt *stmt = carbon_db_statement(work->store, SQL, work->err);
	double least_s = INFINITY;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, work->from_at);
	sqlite3_bind_int64(stmt, 2, work->to_at);
	sqlite3_bind_int(stmt, 3, (int)group->balance.scope);
	sqlite3_bind_int64(stmt, 4, group->covers_id);
	while ((rc = carbon_db_step(work->store, stmt, work->err)) == 1) {
		time_t from = sqlite3_column_int64(stmt, 0), to = sqlite3_column_int64(stmt, 1);
		double length_s = (double)(to - from);

		from = from > work->from_at ? from : work->from_at;
		to = to < work->to_at ? to : work->to_at;
		group->balance.meter_kwh += sqlite3_column_double(stmt, 2) * (double)(to - from) / length_s;
		least_s = fmin(least_s, sqlite3_column_double(stmt, 4));
		if (add_time(&group->times, from, to) < 0) {
			sqlite3_reset(stmt);
			return carbon_err_set(work->err, "no memory for meter readings");
		}
	}
	group->balance.metered_h = metered_before(&group->times, work->to_at) / 3600;
	group->balance.is_uneven = least_s < EVEN_SHARE * group->balance.metered_h * 3600;
	return rc;
}

/* Energy at the nodes, and what PUE adds where the meter sees it. */
static void add_energy(struct carbon_meter_balance *balance, double *line, double energy_kwh, double pue)
{
	double it_kwh = pue >= 1 ? energy_kwh / pue : energy_kwh;

	*line += it_kwh;
	if (balance->scope == CARBON_METER_SITE)
		balance->infrastructure_kwh += energy_kwh - it_kwh;
}

static int read_runs(struct work *work, struct group *group)
{
	static const char SQL[] =
		"SELECT start_at, end_at, energy_kwh, pue FROM run WHERE end_at > ?1 AND start_at < ?2 "
		"AND (?3 IS NULL OR cluster_id = (SELECT id FROM name WHERE text = ?3)) "
		"AND (?4 IS NULL OR partition_id = (SELECT id FROM name WHERE text = ?4))";
	sqlite3_stmt *stmt = carbon_db_statement(work->store, SQL, work->err);
	int rc;

	if (!stmt)
		return -1;
	bind_group(stmt, work, group);
	while ((rc = carbon_db_step(work->store, stmt, work->err)) == 1) {
		double share = metered_share(&group->times, sqlite3_column_int64(stmt, 0),
					     sqlite3_column_int64(stmt, 1));

		add_energy(&group->balance, &group->balance.jobs_kwh, share * sqlite3_column_double(stmt, 2),
			   sqlite3_column_double(stmt, 3));
	}
	return rc;
}

static int read_nodes(struct work *work, struct group *group)
{
	static const char SQL[] =
		"SELECT d.at, d.idle_kwh + d.off_kwh + d.boot_kwh, d.pue, d.known_s FROM node_day d "
		"JOIN place ON place.id = d.place_id WHERE d.at > ?1 - 86400 AND d.at < ?2 "
		"AND (?3 IS NULL OR place.cluster_id = (SELECT id FROM name WHERE text = ?3)) "
		"AND (?4 IS NULL OR place.partition_id = (SELECT id FROM name WHERE text = ?4))";
	sqlite3_stmt *stmt = carbon_db_statement(work->store, SQL, work->err);
	double known_s = 0;
	bool has_watts = true;
	int rc;

	if (!stmt)
		return -1;
	bind_group(stmt, work, group);
	while ((rc = carbon_db_step(work->store, stmt, work->err)) == 1) {
		time_t at = sqlite3_column_int64(stmt, 0);
		double share = metered_share(&group->times, at, at + DAY_S);

		has_watts = has_watts && sqlite3_column_type(stmt, 1) != SQLITE_NULL;
		known_s += share * sqlite3_column_double(stmt, 3);
		add_energy(&group->balance, &group->balance.idle_kwh, share * sqlite3_column_double(stmt, 1),
			   sqlite3_column_double(stmt, 2));
	}
	group->balance.is_idle_known = has_watts && known_s >= EVEN_SHARE * group->balance.metered_h * 3600;
	return rc;
}

static int balance_group(struct work *work, struct group *group)
{
	struct carbon_meter_balance *balance = &group->balance;

	if (read_meters(work, group) < 0 || read_runs(work, group) < 0 || read_nodes(work, group) < 0)
		return -1;
	balance->rest_kwh =
		balance->meter_kwh - balance->jobs_kwh - balance->idle_kwh - balance->infrastructure_kwh;
	balance->rest_percent = balance->meter_kwh > 0 ? 100 * balance->rest_kwh / balance->meter_kwh : NAN;
	return 0;
}

/* --- all of them --- */

static int list_groups(struct work *work, struct group *list, size_t *count)
{
	static const char SQL[] = "SELECT m.scope, m.covers_id, c.text, count(DISTINCT m.meter_id) FROM meter m "
				  "JOIN name c ON c.id = m.covers_id WHERE m.to_at > ?1 AND m.from_at < ?2 "
				  "GROUP BY m.scope, m.covers_id ORDER BY m.scope DESC, c.text LIMIT ?3";
	sqlite3_stmt *stmt = carbon_db_statement(work->store, SQL, work->err);
	size_t found = 0;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, work->from_at);
	sqlite3_bind_int64(stmt, 2, work->to_at);
	sqlite3_bind_int(stmt, 3, GROUPS_MAX);
	while ((rc = carbon_db_step(work->store, stmt, work->err)) == 1 && found < GROUPS_MAX) {
		struct group *group = &list[found++];
		char *slash;

		group->balance.scope = (enum carbon_meter_scope)sqlite3_column_int(stmt, 0);
		group->covers_id = sqlite3_column_int64(stmt, 1);
		carbon_db_text(stmt, 2, group->balance.covers, sizeof(group->balance.covers));
		group->balance.meters = (size_t)sqlite3_column_int64(stmt, 3);
		memcpy(group->cluster, group->balance.covers, sizeof(group->cluster));
		slash = strchr(group->cluster, '/');
		if (slash) {
			*slash = '\0';
			group->partition = slash + 1;
		}
	}
	sqlite3_reset(stmt);
	*count = found;
	return rc < 0 ? -1 : 0;
}

int carbon_meter_balance(struct carbon_store *store, time_t from, time_t to, carbon_meter_balance_f each,
			 void *context, struct carbon_err *err)
{
	struct work work = {.store = store, .from_at = from, .to_at = to, .err = err};
	struct group *list = calloc(GROUPS_MAX, sizeof(*list));
	size_t count = 0;
	int rc = list ? list_groups(&work, list, &count) : carbon_err_set(err, "no memory");

	for (size_t i = 0; i < count && rc == 0; i++) {
		rc = balance_group(&work, &list[i]);
		if (rc == 0)
			rc = each(&list[i].balance, context);
	}
	for (size_t i = 0; i < count; i++)
		free(list[i].times.stretch);
	free(list);
	return rc;
}
