/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What several unit tests share: stored samples, texts with a checksum that fits again, random numbers from a
 * printed seed. Must never depend on what it helps to test more than a checksum's worth.
 */
#ifndef TESTS_UNIT_SUPPORT_H
#define TESTS_UNIT_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* doc/NAME of the source tree ($CARBON_SRC); NUL-terminated, to be freed. Fails the test where it cannot be read. */
char *support_document(const char *name, size_t *length);

/*
 * The example of a format in its manual page doc/NAME, from the line FIRST to the line that begins with "crc32 "; to
 * be freed. Fails the test where there is none.
 */
char *support_example(const char *name, const char *first, size_t *length);

/* BODY with a right last line; to be freed. */
char *support_seal(const char *body, size_t *length);

/*
 * SAMPLE (sealed) with the first OLD replaced by NEW and sealed again; to be freed. Fails the test where OLD is
 * not there, so that no test checks an edit that did not happen.
 */
char *support_edit(const char *sample, const char *old, const char *new, size_t *length);

/* Asserts that TEXT is refused, with WHY as a part of the message, and that nothing else has changed. */
typedef void support_refused_f(const char *text, size_t length, const char *why);

/* doc/NAME cut after any byte, and with any bit flipped. */
void support_refuse_cuts(const char *name, support_refused_f *refused);
void support_refuse_flips(const char *name, support_refused_f *refused);

/* What is wrong is named: doc/NAME with OLD replaced by NEW, and sealed again. */
struct support_edit {
	const char *old, *new, *why;
};
void support_refuse_edits(const char *name, const struct support_edit *edit, size_t edits, support_refused_f *refused);

/*
 * doc/NAME with any byte before its checksum replaced by each of BYTES, and sealed again: READ tells whether it was read, and
 * frees what it has read. Returns how many were refused, of *TRIED.
 */
size_t support_change_bytes(const char *name, const char *bytes, bool (*read)(const char *text, size_t length),
			    size_t *tried);

/* A new folder for temporary files, of whose name WORD is a part. Fails the test where it cannot be made. */
#define SUPPORT_FOLDER_MAX 64
void support_folder(const char *word, char out[SUPPORT_FOLDER_MAX]);

/* The same, and in it the path of a carbon.db that is not there yet; then away with both, and with what SQLite left. */
#define SUPPORT_DATABASE_MAX (SUPPORT_FOLDER_MAX + 16)
void support_database(const char *word, char folder[SUPPORT_FOLDER_MAX], char path[SUPPORT_DATABASE_MAX]);
void support_database_remove(const char *folder);

/* $CARBON_SEED, or one from the clock; printed, so that a failure can be had again. */
uint64_t support_seed(void);

/* The next random number, and one within 0 .. BELOW - 1. */
uint64_t support_random(uint64_t *state);
uint64_t support_below(uint64_t *state, uint64_t below);

#endif
