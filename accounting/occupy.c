/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From spans of time to means of bins. Each figure of a place is kept as the change from bin to bin, so that a run costs
 * the same however long it took. Must never count a job of a place that is gone as one of another.
 */
#include "accounting/occupy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/occupancy.h"
#include "lib/err.h"
#include "lib/time.h"

#define BIN_S CARBON_OCCUPANCY_BIN_S
#define FULL_MIN 0.5 /* mean of waiting jobs from which on a bin is full */
#define UNITS 100    /* carbon.db keeps hundredths of nodes: whole numbers take little room */

enum figure {
	BUSY,
	BACKLOG,
	WAITING,
	DOWN, /* or drained */
	OFF,
	OWN_BUSY,
	OWN_DOWN,
	OWN_OFF,
	OWN_BOOTS, /* begun; a count, not a mean */
	FIGURES
};

struct carbon_occupy {
	struct carbon_occupy_site site;
	time_t from_at;
	size_t bins;
	double *change; /* FIGURES of each place, BINS + 2 each; the system lends zeros until they are written */
};

struct carbon_occupy *carbon_occupy_create(const struct carbon_occupy_site *site, time_t from, time_t to)
{
	struct carbon_occupy *occupy = calloc(1, sizeof(*occupy));

	if (!occupy)
		return NULL;
	occupy->site = *site;
	occupy->from_at = (from + BIN_S - 1) / BIN_S * BIN_S;
	to = to / BIN_S * BIN_S;
	occupy->bins = to > occupy->from_at ? (size_t)((to - occupy->from_at) / BIN_S) : 0;
	if (occupy->bins <= CARBON_OCCUPY_BINS_MAX)
		occupy->change = calloc(site->places + 1, FIGURES * (occupy->bins + 2) * sizeof(*occupy->change));
	if (!occupy->change) {
		carbon_occupy_destroy(occupy);
		return NULL;
	}
	return occupy;
}

void carbon_occupy_destroy(struct carbon_occupy *occupy)
{
	if (!occupy)
		return;
	free(occupy->change);
	free(occupy);
}

static double *find_change(const struct carbon_occupy *occupy, size_t place, enum figure figure)
{
	return &occupy->change[(place * FIGURES + (size_t)figure) * (occupy->bins + 2)];
}

/* --- spans --- */

/* The bins' means of [from, to) grow by AMOUNT; where a bin is only in part within it by that part. */
static void add_span(struct carbon_occupy *occupy, size_t place, enum figure figure, double amount,
		     const time_t span[2])
{
	time_t end_at = occupy->from_at + (time_t)occupy->bins * BIN_S;
	time_t from = (span[0] > occupy->from_at ? span[0] : occupy->from_at) - occupy->from_at;
	time_t to = (span[1] < end_at ? span[1] : end_at) - occupy->from_at;
	double *change = find_change(occupy, place, figure);
	size_t first, last;

	if (to <= from)
		return;
	first = (size_t)(from / BIN_S);
	last = (size_t)(to / BIN_S);
	amount /= BIN_S;
	change[first] += amount * (double)((time_t)(first + 1) * BIN_S - from);
	change[first + 1] += amount * (double)(from - (time_t)first * BIN_S);
	change[last] -= amount * (double)((time_t)(last + 1) * BIN_S - to);
	change[last + 1] -= amount * (double)(to - (time_t)last * BIN_S);
}

/* --- runs --- */

/* "batch" of "batch,long", which a waiting job may ask for; PLACES: gone. */
static size_t find_place(const struct carbon_occupy *occupy, const char *partition)
{
	size_t length = strcspn(partition, ",");

	for (size_t i = 0; i < occupy->site.places; i++) {
		const char *name = occupy->site.place[i].partition;

		if (strncmp(name, partition, length) == 0 && name[length] == '\0')
			return i;
	}
	return occupy->site.places;
}

static double node_share(const struct carbon_run *run, const struct carbon_occupy_place *place)
{
	double nodes = run->use.nodes > 0 ? run->use.nodes : 1;
	double share = place->node_cores > 0 ? run->use.cores / place->node_cores : nodes;

	return share < nodes ? share : nodes;
}

/* SPAN of AMOUNT in place FROM, and in those that share its nodes. */
static void spread(struct carbon_occupy *occupy, size_t from, enum figure figure, double amount,
		   const time_t span[2])
{
	const double *share = figure == OWN_BUSY ? occupy->site.owned : occupy->site.shared;
	size_t places = occupy->site.places;

	for (size_t i = 0; i < places; i++) {
		double part = share[from * places + i];

		/* A job that waits does so wherever it may run: as a job it is not divided. */
		if (part > 0)
			add_span(occupy, i, figure, figure == WAITING ? amount : amount * part, span);
	}
}

static void add_wait(struct carbon_occupy *occupy, size_t place, const struct carbon_run *run, time_t begin_at)
{
	time_t end_at = run->start_at ? run->start_at : run->end_at;
	time_t span[2] = {run->eligible_at, end_at ? end_at : CARBON_TIME_MAX};

	if (run->eligible_at == 0 || run->is_limited)
		return;
	span[0] = (begin_at > span[0] ? begin_at : span[0]) + occupy->site.grace_s;
	spread(occupy, place, BACKLOG, node_share(run, &occupy->site.place[place]), span);
	spread(occupy, place, WAITING, 1, span);
}

void carbon_occupy_add(struct carbon_occupy *occupy, const struct carbon_run *run, time_t begin_at)
{
	const time_t span[2] = {run->start_at, run->end_at ? run->end_at : CARBON_TIME_MAX};
	size_t place = find_place(occupy, run->partition);
	double share;

	if (place == occupy->site.places)
		return;
	add_wait(occupy, place, run, begin_at);
	if (run->start_at == 0)
		return;
	share = node_share(run, &occupy->site.place[place]);
	spread(occupy, place, BUSY, share, span);
	spread(occupy, place, OWN_BUSY, share, span);
}

/* --- nodes --- */

/* A node that was powered down boots where that ends. */
static void add_boot(struct carbon_occupy *occupy, size_t place, time_t at)
{
	const time_t bin = at / BIN_S * BIN_S;
	const time_t span[2] = {bin, bin + BIN_S};

	add_span(occupy, place, OWN_BOOTS, 1, span);
}

void carbon_occupy_state(struct carbon_occupy *occupy, size_t place, bool is_own,
			 const struct carbon_node_event *event)
{
	const time_t span[2] = {event->from_at, event->to_at ? event->to_at : CARBON_TIME_MAX};
	bool is_off = event->state == CARBON_NODE_OFF;

	add_span(occupy, place, is_off ? OFF : DOWN, 1, span);
	if (!is_own)
		return;
	add_span(occupy, place, is_off ? OWN_OFF : OWN_DOWN, 1, span);
	if (is_off && event->to_at)
		add_boot(occupy, place, event->to_at);
}

/* --- into carbon.db --- */

/* Never below zero, and a node more than there are only where Slurm's rows contradict each other. */
static int64_t to_units(double value, double most)
{
	value = value < most ? value : most;
	return value > 0 ? llround(value * UNITS) : 0;
}

static int put_bin(struct carbon_store *store, const struct carbon_occupy_place *place, int64_t place_id,
		   time_t at, const double mean[FIGURES], struct carbon_err *err)
{
	static const char SQL[] =
		"INSERT OR REPLACE INTO occupancy (place_id, at, usable, off, busy, backlog, waiting, is_full, "
		"own_nodes, own_down, own_off, own_busy, own_boots) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	double nodes = place->nodes, own = place->own_nodes;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, place_id);
	sqlite3_bind_int64(stmt, 2, at);
	sqlite3_bind_int64(stmt, 3, to_units(nodes - mean[DOWN], nodes));
	sqlite3_bind_int64(stmt, 4, to_units(mean[OFF], nodes));
	sqlite3_bind_int64(stmt, 5, to_units(mean[BUSY], nodes));
	sqlite3_bind_int64(stmt, 6, to_units(mean[BACKLOG], INFINITY));
	sqlite3_bind_int64(stmt, 7, to_units(mean[WAITING], INFINITY));
	sqlite3_bind_int(stmt, 8, mean[WAITING] >= FULL_MIN - 1e-6);
	sqlite3_bind_int64(stmt, 9, place->own_nodes);
	sqlite3_bind_int64(stmt, 10, to_units(mean[OWN_DOWN], own));
	sqlite3_bind_int64(stmt, 11, to_units(mean[OWN_OFF], own));
	sqlite3_bind_int64(stmt, 12, to_units(mean[OWN_BUSY], own));
	sqlite3_bind_int64(stmt, 13, llround(mean[OWN_BOOTS]));
	return carbon_db_step(store, stmt, err);
}

static int put_place(struct carbon_occupy *occupy, size_t index, struct carbon_store *store,
		     struct carbon_err *err)
{
	const struct carbon_occupy_place *place = &occupy->site.place[index];
	double mean[FIGURES] = {0};
	int64_t id = 0;

	if (carbon_db_place_put(store, occupy->site.cluster, place->partition, &id, err) < 0)
		return -1;
	for (size_t i = 0; i < occupy->bins; i++) {
		for (size_t j = 0; j < FIGURES; j++)
			mean[j] += find_change(occupy, index, (enum figure)j)[i];
		if (put_bin(store, place, id, occupy->from_at + (time_t)i * BIN_S, mean, err) < 0)
			return -1;
	}
	return 0;
}

int carbon_occupy_write(struct carbon_occupy *occupy, struct carbon_store *store, struct carbon_err *err)
{
	bool alone = false;
	int rc = 0;

	if (carbon_db_enter(store, &alone, err) < 0)
		return -1;
	for (size_t i = 0; i < occupy->site.places && rc == 0; i++)
		rc = put_place(occupy, i, store, err);
	return carbon_db_leave(store, alone, rc, err);
}
