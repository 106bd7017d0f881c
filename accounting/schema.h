/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of carbon.db and the steps from one version of them to the next
 * (doc/carbon-ledger.5). A step that was released is never edited: a change is a further step.
 */
#ifndef CARBON_SCHEMA_H
#define CARBON_SCHEMA_H

#include <stddef.h>

struct carbon_err;
struct carbon_store;

/* "CARB": how carbon.db is told from other programs' SQLite files. */
#define CARBON_SCHEMA_APPLICATION 0x43415242

/* Step i leads from version i to i + 1. */
struct carbon_schema {
	size_t steps;
	const char *const *step;
};

extern const struct carbon_schema carbon_schema;

/*
 * Bring the opened file to SCHEMA's version: an empty one gets all steps; an older one is copied to "PATH.v<old>.bak" first. A newer
 * one, another program's and (where the store is read-only) an older one are refused.
 */
int carbon_schema_apply(struct carbon_store *store, const struct carbon_schema *schema,
			struct carbon_err *err);

#endif
