/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nodes without work, day by day. Must never make up watts that nobody gave. */
#include "accounting/nodes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/db.h"
#include "accounting/known.h"
#include "accounting/occupancy.h"
#include "lib/err.h"

#define DAY_S ((time_t)86400)
#define BIN_S CARBON_OCCUPANCY_BIN_S
#define UNITS 100.0
#define JOULES_PER_KWH 3.6e6

struct place {
	int64_t id;
	char partition[CARBON_NAME_MAX];
	const struct carbon_place *configured;
	const struct carbon_terms *terms;
};

struct work {
	struct carbon_store *store;
	struct carbon_known *known;
	const struct carbon_books_site *site;
	time_t now;
	struct carbon_err *err;
};

/* One day of one place. */
struct day {
	time_t at;
	double known_s, idle_h, waiting_idle_h, off_h, down_h, pue;
	int64_t boots;
	double kwh[3];	/* idle, off, boot; NAN: not known */
	double mass_g, direct_g;
	enum carbon_intensity_method method;
};

/* --- one day --- */

/* Energy of one bin; NAN where no watts are given. */
static double add_energy(const struct place *place, struct day *day, const double nodes[3])
{
	const struct carbon_terms *terms = place->terms;
	double idle_w = terms ? terms->idle_w : NAN;
	const double watts[3] = {idle_w, terms && !isnan(terms->off_w) ? terms->off_w : 0,
				 terms && !isnan(terms->boot_w) ? terms->boot_w : idle_w};
	const double seconds[3] = {BIN_S, BIN_S, place->configured->boot_s};
	double sum = 0;

	for (size_t i = 0; i < 3; i++) {
		double kwh = nodes[i] > 0 ? nodes[i] * watts[i] * seconds[i] * day->pue / JOULES_PER_KWH : 0;

		day->kwh[i] += isnan(idle_w) ? NAN : kwh;
		sum += kwh;
	}
	return isnan(idle_w) ? NAN : sum;
}

/* The bin's energy at its intensity; where that is missing, so is the day's. */
static double bin_mass(const struct carbon_series *series, time_t at, double kwh, struct carbon_integral *all)
{
	struct carbon_integral integral = carbon_series_integrate(series, at, at + BIN_S);

	all->known_s += integral.known_s;
	all->estimated_s += integral.estimated_s;
	all->missing_s += integral.missing_s;
	return integral.known_s > 0 ? kwh * carbon_integral_mean(&integral) : 0;
}

/* In the order of the statement below. */
enum column { AT, NODES, DOWN, OFF, BUSY, BOOTS, FULL };

struct sums {
	const struct carbon_series *series[2]; /* of the site's signal, and average-direct; NULL: no zone */
	struct carbon_integral intensity[2];
	double mass_g[2];
};

static void add_bin(const struct place *place, sqlite3_stmt *stmt, struct day *day, struct sums *sums)
{
	double off = (double)sqlite3_column_int64(stmt, OFF) / UNITS;
	double down = (double)sqlite3_column_int64(stmt, DOWN) / UNITS;
	double idle = (double)sqlite3_column_int64(stmt, NODES) - off - down -
		      (double)sqlite3_column_int64(stmt, BUSY) / UNITS;
	const double nodes[3] = {idle > 0 ? idle : 0, off, (double)sqlite3_column_int64(stmt, BOOTS)};
	double kwh;

	day->known_s += BIN_S;
	day->idle_h += nodes[0] * BIN_S / 3600;
	day->waiting_idle_h += sqlite3_column_int(stmt, FULL) ? nodes[0] * BIN_S / 3600 : 0;
	day->off_h += off * BIN_S / 3600;
	day->down_h += down * BIN_S / 3600;
	day->boots += sqlite3_column_int64(stmt, BOOTS);
	kwh = add_energy(place, day, nodes);
	for (size_t i = 0; i < 2; i++)
		if (sums->series[i])
			sums->mass_g[i] += bin_mass(sums->series[i], sqlite3_column_int64(stmt, AT), kwh,
						    &sums->intensity[i]);
}

/* As the mean of what is known, where that is enough. */
static double scale(double mass_g, const struct carbon_integral *integral)
{
	double all_s = integral->known_s + integral->missing_s;

	if (integral->known_s <= 0 || integral->known_s < all_s * CARBON_SETTLE_KNOWN_MIN)
		return NAN;
	return mass_g * all_s / integral->known_s;
}

static int read_bins(struct work *work, const struct place *place, struct day *day, struct sums *sums)
{
	static const char SQL[] = "SELECT at, own_nodes, own_down, own_off, own_busy, own_boots, is_full "
				  "FROM occupancy WHERE place_id = ?1 AND at >= ?2 AND at < ?3 AND own_nodes > 0";
	sqlite3_stmt *stmt = carbon_db_statement(work->store, SQL, work->err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, place->id);
	sqlite3_bind_int64(stmt, 2, day->at);
	sqlite3_bind_int64(stmt, 3, day->at + DAY_S);
	while ((rc = carbon_db_step(work->store, stmt, work->err)) == 1)
		add_bin(place, stmt, day, sums);
	return rc;
}

static int find_series(struct work *work, const struct place *place, time_t at, struct sums *sums)
{
	const enum carbon_signal signals[2] = {work->site->signal, CARBON_SIGNAL_DIRECT};
	const time_t span[2] = {at, at + DAY_S};

	for (size_t i = 0; i < 2 && place->configured->zone[0]; i++) {
		sums->series[i] =
			carbon_known_series(work->known, place->configured->zone, signals[i], span, work->err);
		if (!sums->series[i])
			return -1;
	}
	return 0;
}

static void bind_known(sqlite3_stmt *stmt, int column, double value)
{
	if (isfinite(value))
		sqlite3_bind_double(stmt, column, value);
}

static int put_day(struct work *work, const struct place *place, const struct day *day)
{
	static const char SQL[] =
		"INSERT OR REPLACE INTO node_day (place_id, at, known_s, idle_h, waiting_idle_h, off_h, down_h, boots, "
		"pue, idle_kwh, off_kwh, boot_kwh, zone_id, signal, intensity_method, mass_g, direct_g, settled_at) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
	sqlite3_stmt *stmt;
	int64_t zone_id = 0;

	if (place->configured->zone[0] &&
	    carbon_db_name_put(work->store, place->configured->zone, &zone_id, work->err) < 0)
		return -1;
	stmt = carbon_db_statement(work->store, SQL, work->err);
	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, place->id);
	sqlite3_bind_int64(stmt, 2, day->at);
	sqlite3_bind_int64(stmt, 3, llround(day->known_s));
	sqlite3_bind_double(stmt, 4, day->idle_h);
	sqlite3_bind_double(stmt, 5, day->waiting_idle_h);
	sqlite3_bind_double(stmt, 6, day->off_h);
	sqlite3_bind_double(stmt, 7, day->down_h);
	sqlite3_bind_int64(stmt, 8, day->boots);
	sqlite3_bind_double(stmt, 9, day->pue);
	for (int i = 0; i < 3; i++)
		bind_known(stmt, 10 + i, day->kwh[i]);
	if (zone_id)
		sqlite3_bind_int64(stmt, 13, zone_id);
	sqlite3_bind_int(stmt, 14, (int)work->site->signal);
	sqlite3_bind_int(stmt, 15, (int)day->method);
	bind_known(stmt, 16, day->mass_g);
	bind_known(stmt, 17, day->direct_g);
	sqlite3_bind_int64(stmt, 18, work->now);
	return carbon_db_step(work->store, stmt, work->err);
}

static int settle_day(struct work *work, const struct place *place, time_t at)
{
	struct day day = {.at = at, .mass_g = NAN, .direct_g = NAN};
	struct sums sums = {.series = {NULL, NULL}};

	day.pue = carbon_terms_pue(place->terms, place->configured->power.pue, at);
	if (find_series(work, place, at, &sums) < 0 || read_bins(work, place, &day, &sums) < 0)
		return -1;
	if (day.known_s <= 0)
		return 0;
	if (sums.series[0]) {
		day.method = carbon_settle_judge(sums.series[0], &sums.intensity[0], at, at + DAY_S, work->now);
		day.mass_g = scale(sums.mass_g[0], &sums.intensity[0]);
		day.direct_g = scale(sums.mass_g[1], &sums.intensity[1]);
	}
	return put_day(work, place, &day);
}

/* --- all of them --- */

static int list_places(struct carbon_store *store, const char *cluster, struct place **out, size_t *count,
		       struct carbon_err *err)
{
	static const char SQL[] = "SELECT place.id, n.text FROM place JOIN name n ON n.id = partition_id WHERE "
				  "cluster_id = (SELECT id FROM name WHERE text = ?1) LIMIT ?2";
	struct place *list = calloc(CARBON_SITE_PLACES_MAX, sizeof(*list));
	sqlite3_stmt *stmt = list ? carbon_db_statement(store, SQL, err) : NULL;
	size_t found = 0;
	int rc = -1;

	if (!list)
		return carbon_err_set(err, "no memory");
	if (stmt) {
		sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
		sqlite3_bind_int64(stmt, 2, CARBON_SITE_PLACES_MAX);
		while ((rc = carbon_db_step(store, stmt, err)) == 1 && found < CARBON_SITE_PLACES_MAX) {
			list[found].id = sqlite3_column_int64(stmt, 0);
			carbon_db_text(stmt, 1, list[found++].partition, CARBON_NAME_MAX);
		}
		sqlite3_reset(stmt);
	}
	if (rc < 0) {
		free(list);
		return -1;
	}
	*out = list;
	*count = found;
	return 0;
}

static int settle_place(struct work *work, struct place *place, time_t from)
{
	const struct carbon_books_site *site = work->site;
	bool is_gone;
	int rc = 0;

	place->configured = site->place(site->context, place->partition, &is_gone);
	place->terms = site->terms ? site->terms(site->context, place->partition) : NULL;
	for (time_t at = from / DAY_S * DAY_S; at < work->now && rc == 0; at += DAY_S)
		rc = settle_day(work, place, at);
	return rc;
}

int carbon_nodes_settle(struct carbon_store *store, const struct carbon_books_site *site, const char *cluster,
			time_t from, time_t now, struct carbon_err *err)
{
	struct work work = {.store = store, .site = site, .now = now, .err = err};
	struct place *place = NULL;
	size_t places = 0;
	int rc;

	if (from > now - CARBON_NODES_OPEN_S)
		from = now - CARBON_NODES_OPEN_S;
	work.known = carbon_known_create(store, site);
	if (!work.known)
		return carbon_err_set(err, "no memory");
	rc = list_places(store, cluster, &place, &places, err);
	for (size_t i = 0; i < places && rc == 0; i++)
		rc = settle_place(&work, &place[i], from);
	free(place);
	carbon_known_destroy(work.known);
	return rc;
}

/* --- read back --- */

static void read_sum(sqlite3_stmt *stmt, struct carbon_nodes_sum *out)
{
	double *const figures[] = {&out->idle_h, &out->waiting_idle_h, &out->off_h, &out->down_h, &out->idle_kwh,
				   &out->off_kwh, &out->boot_kwh, &out->unknown_h, &out->mass_g, &out->direct_g,
				   &out->unknown_kwh, &out->unknown_direct_kwh};

	out->days = (size_t)sqlite3_column_int64(stmt, 0);
	out->boots = (unsigned long)sqlite3_column_int64(stmt, 1);
	for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
		*figures[i] = sqlite3_column_double(stmt, 2 + (int)i);
}

#define ALL_KWH "d.idle_kwh + d.off_kwh + d.boot_kwh"

int carbon_nodes_sum(struct carbon_store *store, const char *cluster, const char *partition, const time_t span[2],
		     struct carbon_nodes_sum *out, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT count(*), total(d.boots), total(d.idle_h), total(d.waiting_idle_h), total(d.off_h), "
		"total(d.down_h), total(d.idle_kwh), total(d.off_kwh), total(d.boot_kwh), "
		"total(CASE WHEN d.idle_kwh IS NULL THEN d.idle_h END), total(d.mass_g), total(d.direct_g), "
		"total(CASE WHEN d.mass_g IS NULL THEN " ALL_KWH " END), "
		"total(CASE WHEN d.direct_g IS NULL THEN " ALL_KWH " END) "
		"FROM node_day d JOIN place ON place.id = d.place_id JOIN name c ON c.id = place.cluster_id "
		"JOIN name p ON p.id = place.partition_id "
		"WHERE (?1 IS NULL OR c.text = ?1) AND (?2 IS NULL OR p.text = ?2) AND d.at >= ?3 AND d.at < ?4";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	if (cluster)
		sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	if (partition)
		sqlite3_bind_text(stmt, 2, partition, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, span[0]);
	sqlite3_bind_int64(stmt, 4, span[1]);
	rc = carbon_db_step(store, stmt, err);
	if (rc == 1)
		read_sum(stmt, out);
	sqlite3_reset(stmt);
	return rc < 0 ? -1 : 0;
}
