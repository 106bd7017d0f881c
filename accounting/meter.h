/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Metered energy in carbon.db, and the balance against the ledger: jobs + idle + infrastructure = meter +- x %. Knows
 * nothing of files.
 */
#ifndef CARBON_METER_H
#define CARBON_METER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lib/job.h"

struct carbon_err;
struct carbon_store;

#define CARBON_METER_NAME_MAX 64
#define CARBON_METER_COVERS_MAX (2 * CARBON_NAME_MAX)

/* Kept in carbon.db: never renumber. */
enum carbon_meter_scope {
	CARBON_METER_RACK = 0, /* what the nodes draw */
	CARBON_METER_ROOM = 1, /* the same, of a room */
	CARBON_METER_SITE = 2, /* all, cooling and losses included */
	CARBON_METER_SCOPES
};

/* "rack", "room", "site". */
const char *carbon_meter_scope_name(enum carbon_meter_scope scope);
bool carbon_meter_scope_find(const char *name, enum carbon_meter_scope *out);

struct carbon_meter_reading {
	char meter[CARBON_METER_NAME_MAX];
	enum carbon_meter_scope scope;
	char covers[CARBON_METER_COVERS_MAX]; /* "": all; "CLUSTER" or "CLUSTER/PARTITION" */
	time_t from_at, to_at;
	double energy_kwh;
};

struct carbon_meter_count {
	size_t added, revised, same;
};

/*
 * Keep a reading; the same again changes nothing, another energy for the same time is a revision. Errors: it overlaps
 * another reading of its meter, or its meter had another scope or covered something else.
 */
int carbon_meter_put(struct carbon_store *store, const struct carbon_meter_reading *reading, time_t now,
		     struct carbon_meter_count *count, struct carbon_err *err);

/* Of all meters with one scope that cover the same, over the time that they metered. Energies in kWh. */
struct carbon_meter_balance {
	enum carbon_meter_scope scope;
	char covers[CARBON_METER_COVERS_MAX];
	size_t meters;
	double metered_h;      /* time that any of them metered */
	bool is_uneven;	       /* one of them metered less than the others: the sum lacks some */
	double meter_kwh;
	double jobs_kwh;       /* as drawn by nodes */
	double idle_kwh;       /* idle, powered down and booting; as far as watts are given */
	bool is_idle_known;    /* false: of some nodes they are not, and the balance cannot close */
	double infrastructure_kwh; /* what PUE adds to both; 0 where the meter does not see it */
	double rest_kwh;       /* meter less all of these; negative: the model says too much */
	double rest_percent;   /* of the meter; NAN: it metered nothing */
};

/* A return other than 0 stops and is returned. */
typedef int (*carbon_meter_balance_f)(const struct carbon_meter_balance *balance, void *context);

/* Readings within [from, to); one that crosses an end counts with its share. None is no error: EACH is not called. */
int carbon_meter_balance(struct carbon_store *store, time_t from, time_t to, carbon_meter_balance_f each,
			 void *context, struct carbon_err *err);

#endif
