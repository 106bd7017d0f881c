/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside accounting/ only: the SQLite handle behind struct carbon_store and the few calls by which its
 * tables are read and written. Nobody outside this room sees SQLite.
 */
#ifndef CARBON_DB_H
#define CARBON_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

struct carbon_err;

#define CARBON_DB_STATEMENTS 128
#define CARBON_DB_BUSY_MS 10000 /* longest wait for another writer */

struct carbon_store {
	sqlite3 *db;
	char *path;
	bool read_only;
	size_t statements;
	struct {
		const char *sql; /* compared as a pointer: string literals with static storage */
		sqlite3_stmt *stmt;
	} statement[CARBON_DB_STATEMENTS];
};

/* One sentence for what SQLite has just said: the file, the trouble, what to do. Returns -1. */
int carbon_db_error(struct carbon_store *store, struct carbon_err *err);

/*
 * The prepared statement of SQL, reset and without bindings; prepared once per store. NULL: error. SQL must have static
 * storage. What is bound as text must live until the step.
 */
sqlite3_stmt *carbon_db_statement(struct carbon_store *store, const char *sql,
				  struct carbon_err *err);

/* 1: a row, 0: done (the statement is reset), -1: error (reset too). */
int carbon_db_step(struct carbon_store *store, sqlite3_stmt *stmt, struct carbon_err *err);

/* A column's text into OUT, "" for NULL, cut where it is too long. */
void carbon_db_text(sqlite3_stmt *stmt, int column, char *out, size_t size);

/* Run statements that return nothing. */
int carbon_db_run(struct carbon_store *store, const char *sql, struct carbon_err *err);

/* The id of a name (zone, source, user, partition ...), made where there is none. */
int carbon_db_name_put(struct carbon_store *store, const char *name, int64_t *id, struct carbon_err *err);

/* 1: *ID is set, 0: the name is not known, -1: error. */
int carbon_db_name_find(struct carbon_store *store, const char *name, int64_t *id,
			struct carbon_err *err);

/* The id of a place, made where there is none. */
int carbon_db_place_put(struct carbon_store *store, const char *cluster, const char *partition, int64_t *id,
			struct carbon_err *err);

/*
 * All or nothing for one call, inside the caller's transaction or alone. Leave commits where RC is 0, else undoes;
 * returns RC or -1.
 */
int carbon_db_enter(struct carbon_store *store, bool *alone, struct carbon_err *err);
int carbon_db_leave(struct carbon_store *store, bool alone, int rc, struct carbon_err *err);

#endif
