/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keeping the books: runs come in from accounting, are settled with the intensity of their zone, and go
 * into the ledger. Knows nothing of where runs come from nor of the configuration: its caller says.
 */
#ifndef CARBON_BOOKS_H
#define CARBON_BOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "accounting/settle.h"

struct carbon_err;
struct carbon_store;
struct carbon_books;

/* What the site says; borrowed, and alive as long as the books. */
struct carbon_books_site {
	/* The place of a run's partition, never NULL; *IS_GONE: Slurm has no such partition any more. */
	const struct carbon_place *(*place)(void *context, const char *partition, bool *is_gone);
	/* What the books alone need of it; NULL (or returning NULL): nothing. */
	const struct carbon_terms *(*terms)(void *context, const char *partition);
	/* A zone's sources in order of preference, NULL-ended; NULL: whatever history there is. */
	const char *const *(*sources)(void *context, const char *zone);
	/*
	 * Intensity of a typical day, for a zone that has no other source; NAN: it has one. Marked as a profile
	 * in the ledger, and used where there is no history at all. NULL: no zone is like that.
	 */
	double (*typical)(void *context, const char *zone, enum carbon_signal signal, time_t at);
	void *context;
	enum carbon_signal signal;
};

struct carbon_books_count {
	size_t runs;	 /* written to the ledger */
	size_t with_record;
	size_t running;	 /* not ended yet: left for later */
	size_t unknown;	 /* of the runs: emissions unknown */
	size_t provisional; /* of the runs: to be settled again */
	size_t revised;	 /* provisional ones of an earlier settling settled again */
	size_t odd[CARBON_ODD_KINDS];
};

/* NULL: no memory. */
struct carbon_books *carbon_books_create(struct carbon_store *store,
					 const struct carbon_books_site *site, time_t now);
void carbon_books_destroy(struct carbon_books *books);

/* Settle one run and write it; a job that never ran is none. An odd run is counted and kept; only a failing store is an error. */
int carbon_books_add(struct carbon_books *books, const struct carbon_run *run, struct carbon_err *err);

/*
 * Settle CLUSTER's provisional rows again: after its runs, and after how full its places were has been written
 * (accounting/occupy.h), for credits count by the slack clock.
 */
int carbon_books_revise(struct carbon_books *books, const char *cluster, struct carbon_err *err);

const struct carbon_books_count *carbon_books_count(const struct carbon_books *books);

/* Called for each odd run once it is written. NULL: nobody listens. */
typedef void (*carbon_books_odd_f)(void *context, const struct carbon_run *run, unsigned int odd);
void carbon_books_listen(struct carbon_books *books, carbon_books_odd_f odd, void *context);

#endif
