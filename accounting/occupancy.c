/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How full places were, read back. Must never take what was not seen for idle. */
#include "accounting/occupancy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/db.h"
#include "accounting/occupancy_link.h"
#include "lib/err.h"
#include "lib/time.h"

#define BIN_S CARBON_OCCUPANCY_BIN_S
#define UNITS 100.0f
#define BINS_PER_HOUR (3600 / BIN_S)
#define BINS_MAX ((size_t)10 * 366 * 288)
#define WAITS_MAX 200000 /* the newest; more tell no more */

/* --- bins --- */

static void read_bin(sqlite3_stmt *stmt, struct carbon_occupancy *out)
{
	size_t i = (size_t)((sqlite3_column_int64(stmt, 0) - out->from_at) / BIN_S);
	struct carbon_occupancy_bin *bin;

	if (i >= out->bins)
		return;
	bin = &out->bin[i];
	bin->usable = (float)sqlite3_column_int64(stmt, 1) / UNITS;
	bin->off = (float)sqlite3_column_int64(stmt, 2) / UNITS;
	bin->busy = (float)sqlite3_column_int64(stmt, 3) / UNITS;
	bin->backlog = (float)sqlite3_column_int64(stmt, 4) / UNITS;
	bin->waiting = (float)sqlite3_column_int64(stmt, 5) / UNITS;
	bin->is_full = sqlite3_column_int(stmt, 6) != 0;
	bin->is_known = true;
}

static int read_bins(struct carbon_store *store, const char *cluster, const char *partition,
		     struct carbon_occupancy *out, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT at, usable, off, busy, backlog, waiting, is_full FROM occupancy WHERE place_id = "
		"(SELECT p.id FROM place p JOIN name c ON c.id = p.cluster_id JOIN name n ON n.id = p.partition_id "
		"WHERE c.text = ?1 AND n.text = ?2) AND at >= ?3 AND at < ?4";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, partition, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, out->from_at);
	sqlite3_bind_int64(stmt, 4, out->from_at + (time_t)out->bins * BIN_S);
	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		read_bin(stmt, out);
	return rc;
}

int carbon_occupancy_read(struct carbon_store *store, const char *cluster, const char *partition, time_t from,
			  time_t to, struct carbon_occupancy *out, struct carbon_err *err)
{
	struct carbon_occupancy found = {.from_at = from / BIN_S * BIN_S};

	if (to > found.from_at)
		found.bins = (size_t)((to - found.from_at + BIN_S - 1) / BIN_S);
	if (found.bins > BINS_MAX)
		return carbon_err_set(err, "%zu bins of five minutes asked for at once", found.bins);
	found.bin = calloc(found.bins + 1, sizeof(*found.bin));
	if (!found.bin)
		return carbon_err_set(err, "no memory for %zu bins of five minutes", found.bins);
	if (read_bins(store, cluster, partition, &found, err) < 0 ||
	    carbon_occupancy_link(store, cluster, partition, &found, err) < 0) {
		carbon_occupancy_fini(&found);
		return -1;
	}
	*out = found;
	return 0;
}

void carbon_occupancy_fini(struct carbon_occupancy *occupancy)
{
	free(occupancy->bin);
	memset(occupancy, 0, sizeof(*occupancy));
}

const struct carbon_occupancy_bin *carbon_occupancy_find(const struct carbon_occupancy *occupancy, time_t at)
{
	size_t i = (size_t)((at - occupancy->from_at) / BIN_S);

	if (at < occupancy->from_at || i >= occupancy->bins || !occupancy->bin[i].is_known)
		return NULL;
	return &occupancy->bin[i];
}

void carbon_occupancy_week(const struct carbon_occupancy *occupancy, double full[CARBON_OCCUPANCY_WEEK])
{
	size_t known[CARBON_OCCUPANCY_WEEK] = {0}, filled[CARBON_OCCUPANCY_WEEK] = {0};

	for (size_t i = 0; i < occupancy->bins; i++) {
		int hour = carbon_hour_of_week(occupancy->from_at + (time_t)i * BIN_S);

		known[hour] += occupancy->bin[i].is_known;
		filled[hour] += occupancy->bin[i].is_known && occupancy->bin[i].is_full;
	}
	for (size_t i = 0; i < CARBON_OCCUPANCY_WEEK; i++)
		full[i] = known[i] >= CARBON_OCCUPANCY_WEEKS_MIN * BINS_PER_HOUR
				  ? (double)filled[i] / (double)known[i]
				  : NAN;
}

static void read_total(sqlite3_stmt *stmt, struct carbon_occupancy_total *total)
{
	const double hours = BIN_S / 3600.0, node_hours = hours / (double)UNITS;

	carbon_db_text(stmt, 0, total->cluster, sizeof(total->cluster));
	carbon_db_text(stmt, 1, total->partition, sizeof(total->partition));
	total->known_h = sqlite3_column_double(stmt, 2) * hours;
	total->full_h = sqlite3_column_double(stmt, 3) * hours;
	total->usable_node_h = sqlite3_column_double(stmt, 4) * node_hours;
	total->off_node_h = sqlite3_column_double(stmt, 5) * node_hours;
	total->busy_node_h = sqlite3_column_double(stmt, 6) * node_hours;
	total->backlog_node_h = sqlite3_column_double(stmt, 7) * node_hours;
}

int carbon_occupancy_totals(struct carbon_store *store, time_t from, time_t to, carbon_occupancy_total_f each,
			    void *context, struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT c.text, p.text, count(*), total(o.is_full), total(o.usable), total(o.off), total(o.busy), "
		"total(o.backlog) FROM place CROSS JOIN occupancy o ON o.place_id = place.id "
		"JOIN name c ON c.id = place.cluster_id JOIN name p ON p.id = place.partition_id "
		"WHERE o.at >= ?1 AND o.at < ?2 GROUP BY place.id ORDER BY c.text, p.text";
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	while ((rc = carbon_db_step(store, stmt, err)) == 1) {
		struct carbon_occupancy_total total;

		read_total(stmt, &total);
		rc = each(&total, context);
		if (rc != 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}

/* --- waits --- */

size_t carbon_occupancy_class(double nodes)
{
	size_t class = 0;

	while (class + 1 < CARBON_OCCUPANCY_CLASSES && nodes >= (double)((size_t)2 << class))
		class++;
	return class;
}

struct wait {
	uint32_t class, wait_s;
};

struct waits {
	size_t count, capacity;
	struct wait *wait;
};

static int add_wait(struct waits *waits, size_t class, int64_t wait_s)
{
	if (waits->count == waits->capacity) {
		size_t capacity = waits->capacity ? waits->capacity * 2 : 1024;
		struct wait *grown = realloc(waits->wait, capacity * sizeof(*grown));

		if (!grown)
			return -1;
		waits->wait = grown;
		waits->capacity = capacity;
	}
	waits->wait[waits->count++] = (struct wait){(uint32_t)class, wait_s > 0 ? (uint32_t)wait_s : 0};
	return 0;
}

static int by_class_and_wait(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	return (x->wait_s > y->wait_s) - (x->wait_s < y->wait_s);
}

static void summarise(struct waits *waits, struct carbon_occupancy_waits out[CARBON_OCCUPANCY_CLASSES])
{
	size_t begin = 0;

	memset(out, 0, CARBON_OCCUPANCY_CLASSES * sizeof(out[0]));
	if (waits->count)
		qsort(waits->wait, waits->count, sizeof(waits->wait[0]), by_class_and_wait);
	for (size_t class = 0; class < CARBON_OCCUPANCY_CLASSES; class++) {
		size_t end = begin;

		while (end < waits->count && waits->wait[end].class == class)
			end++;
		out[class].count = end - begin;
		if (end > begin) {
			out[class].p50_s = waits->wait[begin + (end - begin - 1) / 2].wait_s;
			out[class].p95_s = waits->wait[begin + (size_t)((double)(end - begin - 1) * 0.95)].wait_s;
		}
		begin = end;
	}
}

static int read_waits(struct carbon_store *store, sqlite3_stmt *stmt, struct waits *waits, struct carbon_err *err)
{
	int rc;

	while ((rc = carbon_db_step(store, stmt, err)) == 1)
		if (add_wait(waits, carbon_occupancy_class(sqlite3_column_double(stmt, 0)),
			     sqlite3_column_int64(stmt, 1)) < 0) {
			sqlite3_reset(stmt);
			return carbon_err_set(err, "no memory for the waits of jobs");
		}
	return rc;
}

int carbon_occupancy_wait(struct carbon_store *store, const char *cluster, const char *partition, time_t from,
			  time_t to, struct carbon_occupancy_waits out[CARBON_OCCUPANCY_CLASSES],
			  struct carbon_err *err)
{
	static const char SQL[] =
		"SELECT nodes, start_at - eligible_at FROM run "
		"WHERE cluster_id = (SELECT id FROM name WHERE text = ?1) "
		"AND partition_id = (SELECT id FROM name WHERE text = ?2) AND end_at >= ?3 "
		"AND start_at >= ?3 AND start_at < ?4 AND eligible_at IS NOT NULL "
		"AND (delayed IS NOT 1 OR level = 1) ORDER BY end_at DESC LIMIT ?5";
	struct waits waits = {0, 0, NULL};
	sqlite3_stmt *stmt = carbon_db_statement(store, SQL, err);
	int rc;

	if (!stmt)
		return -1;
	sqlite3_bind_text(stmt, 1, cluster, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, partition, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, from);
	sqlite3_bind_int64(stmt, 4, to);
	sqlite3_bind_int64(stmt, 5, WAITS_MAX);
	rc = read_waits(store, stmt, &waits, err);
	if (rc == 0)
		summarise(&waits, out);
	free(waits.wait);
	return rc;
}
