/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run of carbon-forecaster: read carbon.conf, ask every zone's sources, write the outlook, keep what
 * came in carbon.db. In this order, so that no trouble with the database costs anybody an outlook.
 */
#ifndef CARBON_FORECASTER_RUN_H
#define CARBON_FORECASTER_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define CARBON_RUN_ZONES_MAX 128

/* What carbon-forecaster ends with. */
enum carbon_run_exit {
	CARBON_RUN_OK = 0,
	CARBON_RUN_PARTLY = 1,	/* the outlook was written, but something that was wanted is missing in it, or in carbon.db */
	CARBON_RUN_USAGE = 2,	/* options or carbon.conf */
	CARBON_RUN_BUSY = 3,	/* another carbon-forecaster is at work */
	CARBON_RUN_NOTHING = 4, /* nothing was got, or it could not be written: the outlook is as it was */
};

struct carbon_run_options {
	const char *config_path; /* NULL: the default one, which may be missing */
	size_t zones;
	const char *zone[CARBON_RUN_ZONES_MAX]; /* only these; none: all that are configured */
	time_t now;
	bool dry_run; /* print the outlook; write nothing */
	bool verbose;
	bool fresh;   /* ask everybody, however lately they answered */
	bool sandbox; /* believe a test key's made-up numbers; only with dry_run */
	time_t backfill_from_at; /* 0: no; else only fetch history from here on into carbon.db */
	FILE *out, *err;
};

int carbon_run(const struct carbon_run_options *options);

#endif
