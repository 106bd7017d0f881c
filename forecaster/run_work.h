/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside forecaster/ only: one run, as its parts hand it on. run.c goes through it, run_files.c knows what earlier runs left and what
 * the next is told, run_outlook.c makes the outlook, run_tell.c has the words.
 */
#ifndef CARBON_FORECASTER_RUN_WORK_H
#define CARBON_FORECASTER_RUN_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "accounting/store.h"
#include "config/config.h"
#include "forecaster/plan.h"
#include "forecaster/run.h"
#include "lib/buf.h"
#include "lib/outlook.h"

#define CARBON_RUN_FILE_MODE 0644 /* nothing in it is secret, and slurmctld may run as another user */
#define CARBON_RUN_SKEW_S 600	  /* clocks that differ by more are worth a word */

struct carbon_running {
	const struct carbon_run_options *options;
	struct carbon_config *config;
	struct carbon_plan plan;
	struct carbon_outlook *last; /* NULL: none that can be read */
	struct carbon_store *store;  /* NULL: none that can be opened */
	int lock_fd;
	size_t problems;
	unsigned long requests;
	bool is_written; /* a new outlook is in place */
	struct carbon_buf others; /* remembered of zones that this run is not about */
};

/* --- run_tell.c --- */

void carbon_run_say(const struct carbon_running *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something that was wanted is missing. */
void carbon_run_complain(struct carbon_running *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Of all that was asked: what failed, was not believed, may not be fetched, or measures something else. */
void carbon_run_tell(struct carbon_running *run);

/* Until when and from whom a zone's outlook is; where the run is verbose. */
void carbon_run_tell_outlook(const struct carbon_running *run, const struct carbon_track *track);

/* --- run_files.c --- */

int carbon_run_make_folder(const char *path, mode_t mode, struct carbon_err *err);

/* The lock ends with the process, however that ends. -2: somebody else has it. */
int carbon_run_lock(struct carbon_running *run, struct carbon_err *err);

/* What a run that was killed while writing left behind in PATH; nobody else writes there while we hold the lock. */
void carbon_run_sweep(const char *path);

/* The outlook in place and the store; without either the run goes on. */
void carbon_run_read_last(struct carbon_running *run);
void carbon_run_open_store(struct carbon_running *run);

/* What came, into the store. False: not all of it. */
bool carbon_run_keep(struct carbon_running *run);

/* What an earlier run passed on, and what this one does. IS_KEPT: what came is in carbon.db, which can give it again. */
void carbon_run_remember(struct carbon_running *run);
void carbon_run_pass_on(struct carbon_running *run, bool is_kept);

/* --- run_outlook.c --- */

/* Put the new outlook into place (dry: print it). Errors: no zone is left, it could not be written. */
int carbon_run_write_outlook(struct carbon_running *run, struct carbon_err *err);

#endif
