/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cluster effect of months, kept. Must never add what two methods say of one month. */
#include "accounting/effects.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accounting/db.h"
#include "lib/err.h"

static const char *const names[CARBON_EFFECT_METHODS] = {
	[CARBON_EFFECT_REPLAY] = "replay",
	[CARBON_EFFECT_SWITCHBACK] = "switchback",
};

const char *carbon_effect_method_name(enum carbon_effect_method method)
{
	return (unsigned int)method < CARBON_EFFECT_METHODS ? names[method] : "?";
}

static void bind_known(sqlite3_stmt *stmt, int column, double value)
{
	if (isfinite(value))
		sqlite3_bind_double(stmt, column, value);
}

int carbon_effects_put(struct carbon_store *store, const struct carbon_effect_month *month, struct carbon_err *err)
{
	static const char SQL[] =
		"INSERT OR REPLACE INTO effect (cluster_id, from_at, method, to_at, jobs, delayed, blocks, without_g, "
		"saved_g, low_g, high_g, replay_error, others_wait_s, others_wait_without_s, computed_at) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
	int64_t cluster_id = 0;
	sqlite3_stmt *stmt;

	if (carbon_db_name_put(store, month->cluster, &cluster_id, err) < 0)
		return -1;
	stmt = carbon_db_statement(store, SQL, err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, cluster_id);
	sqlite3_bind_int64(stmt, 2, month->from_at);
	sqlite3_bind_int(stmt, 3, (int)month->method);
	sqlite3_bind_int64(stmt, 4, month->to_at);
	sqlite3_bind_int64(stmt, 5, (sqlite3_int64)month->jobs);
	sqlite3_bind_int64(stmt, 6, (sqlite3_int64)month->delayed);
	sqlite3_bind_int64(stmt, 7, (sqlite3_int64)month->blocks);
	sqlite3_bind_double(stmt, 8, month->without_g);
	sqlite3_bind_double(stmt, 9, month->saved_g);
	sqlite3_bind_double(stmt, 10, month->low_g);
	sqlite3_bind_double(stmt, 11, month->high_g);
	bind_known(stmt, 12, month->replay_error);
	bind_known(stmt, 13, month->others_wait_s);
	bind_known(stmt, 14, month->others_wait_without_s);
	sqlite3_bind_int64(stmt, 15, month->computed_at);
	return carbon_db_step(store, stmt, err);
}

#define COLUMNS                                                                                 \
	"c.text, e.method, e.from_at, e.to_at, e.jobs, e.delayed, e.blocks, e.without_g, "       \
	"e.saved_g, e.low_g, e.high_g, e.replay_error, e.others_wait_s, "                       \
	"e.others_wait_without_s, e.computed_at FROM effect e JOIN name c ON c.id = e.cluster_id"

static double known(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL ? NAN : sqlite3_column_double(stmt, column);
}

static void read_month(sqlite3_stmt *stmt, struct carbon_effect_month *out)
{
	memset(out, 0, sizeof(*out));
	carbon_db_text(stmt, 0, out->cluster, sizeof(out->cluster));
	out->method = (enum carbon_effect_method)sqlite3_column_int(stmt, 1);
	out->from_at = sqlite3_column_int64(stmt, 2);
	out->to_at = sqlite3_column_int64(stmt, 3);
	out->jobs = (size_t)sqlite3_column_int64(stmt, 4);
	out->delayed = (size_t)sqlite3_column_int64(stmt, 5);
	out->blocks = (size_t)sqlite3_column_int64(stmt, 6);
	out->without_g = sqlite3_column_double(stmt, 7);
	out->saved_g = sqlite3_column_double(stmt, 8);
	out->low_g = sqlite3_column_double(stmt, 9);
	out->high_g = sqlite3_column_double(stmt, 10);
	out->replay_error = known(stmt, 11);
	out->others_wait_s = known(stmt, 12);
	out->others_wait_without_s = known(stmt, 13);
	out->computed_at = sqlite3_column_int64(stmt, 14);
}

int carbon_effects_find(struct carbon_store *store, const char *cluster, time_t from_at,
			enum carbon_effect_method method, struct carbon_effect_month *out, struct carbon_err *err)
{
	static const char SQL[] = "SELECT " COLUMNS " WHERE c.text = ?1 AND e.from_at = ?2 AND e.method = ?3";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, from_at);
	sqlite3_bind_int(stmt, 3, (int)method);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1)
		read_month(stmt, out);
	sqlite3_reset(stmt);
	return rc;
}

/* The mean of two by how many jobs each stands for; the one that is known, where only one is. */
static double mean(double a, double b, size_t jobs_a, size_t jobs_b)
{
	if (isnan(a) || jobs_a == 0)
		return b;
	if (isnan(b) || jobs_b == 0)
		return a;
	return (a * (double)jobs_a + b * (double)jobs_b) / (double)(jobs_a + jobs_b);
}

static void add(struct carbon_effect_month *sum, const struct carbon_effect_month *other)
{
	double below = hypot(sum->saved_g - sum->low_g, other->saved_g - other->low_g);
	double above = hypot(sum->high_g - sum->saved_g, other->high_g - other->saved_g);
	size_t had = sum->jobs - sum->delayed, has = other->jobs - other->delayed;

	sum->replay_error = fmax(sum->replay_error, other->replay_error);
	sum->others_wait_s = mean(sum->others_wait_s, other->others_wait_s, had, has);
	sum->others_wait_without_s = mean(sum->others_wait_without_s, other->others_wait_without_s, had, has);
	sum->cluster[0] = '\0';
	sum->jobs += other->jobs;
	sum->delayed += other->delayed;
	sum->blocks += other->blocks;
	sum->without_g += other->without_g;
	sum->saved_g += other->saved_g;
	sum->low_g = sum->saved_g - below;
	sum->high_g = sum->saved_g + above;
	if (other->to_at < sum->to_at)
		sum->to_at = other->to_at;
	if (other->computed_at < sum->computed_at)
		sum->computed_at = other->computed_at;
}

int carbon_effects_sum(struct carbon_store *store, time_t from_at, enum carbon_effect_method method,
		       struct carbon_effect_month *out, struct carbon_err *err)
{
	static const char SQL[] = "SELECT " COLUMNS " WHERE e.from_at = ?1 AND e.method = ?2 ORDER BY c.text";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	struct carbon_effect_month sum, month;
	size_t count = 0;
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, from_at);
	sqlite3_bind_int(stmt, 2, (int)method);
	while ((rc = carbon_db_step(store, stmt, err)) == 1) {
		read_month(stmt, &month);
		if (count++ == 0)
			sum = month;
		else
			add(&sum, &month);
	}
	if (rc < 0)
		return -1;
	if (count)
		*out = sum;
	return count > 0;
}

double carbon_effects_share(double saved, double credit, double all)
{
	if (isnan(saved) || isnan(credit) || !(saved * all > 0))
		return NAN;
	return saved * credit / all;
}
