/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbon.db: what the grid did and was forecast to do, and what jobs used, emitted and saved.
 * SQLite in WAL mode; one writer at a time, who waits a bounded while for the lock. The schema has
 * a version; an older one is migrated with a copy kept, a newer or damaged one is refused and named.
 */
#ifndef CARBON_STORE_H
#define CARBON_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/series.h"

struct carbon_err;
struct carbon_store;

/* Open or create PATH (mode 0640). READ_ONLY neither creates nor migrates. *OUT is NULL on failure. */
int carbon_store_open(const char *path, bool read_only, struct carbon_store **out, struct carbon_err *err);
void carbon_store_close(struct carbon_store *store); /* NULL is fine */

/* All writes between begin and commit happen or none. Rollback after a failure or instead of commit. */
int carbon_store_begin(struct carbon_store *store, struct carbon_err *err);
int carbon_store_commit(struct carbon_store *store, struct carbon_err *err);
void carbon_store_rollback(struct carbon_store *store);

/* Whether SQLite finds the file whole; reads all of it, a gigabyte in some seconds. Errors: damaged. */
int carbon_store_check(struct carbon_store *store, struct carbon_err *err);

/* Of its schema; -1: error. */
int carbon_store_version(struct carbon_store *store, struct carbon_err *err);

/* --- what the grid did --- */

struct carbon_history_count {
	size_t added, revised, same;
};

/*
 * Keep a history series of ZONE as SOURCE tells it at FETCHED_AT. Equal values are kept once; a changed one is a
 * revision: the newest counts, older ones stay. Idempotent. COUNT may be NULL.
 */
int carbon_store_history_put(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			     const char *source, time_t fetched_at, const struct carbon_series *series,
			     struct carbon_history_count *count, struct carbon_err *err);

/*
 * The series of [from, to) in force: of each time the newest revision of the first of SOURCES (NULL-ended list; NULL: any
 * source, the newest fetched) that has one. Adds to SERIES and sorts it.
 */
int carbon_store_history_get(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			     const char *const *sources, time_t from, time_t to,
			     struct carbon_series *series, struct carbon_err *err);

/* --- what it was forecast to do --- */

/*
 * Keep a forecast as issued; of those that a source issued for a zone within one clock hour the last stays. Forget those
 * issued before KEEP_FROM.
 */
int carbon_store_forecast_put(struct carbon_store *store, const char *zone, enum carbon_signal signal,
			      const char *source, time_t issued_at, const struct carbon_series *series,
			      time_t keep_from, struct carbon_err *err);

#endif
