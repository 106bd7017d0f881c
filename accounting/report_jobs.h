/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A month run by run, as CSV (RFC 4180) with the names and columns of the view "jobs" (carbon-ledger(5)), for whoever joins it
 * with sacct. Row by row as SQLite gives them: a month may have a million.
 */
#ifndef CARBON_REPORT_JOBS_H
#define CARBON_REPORT_JOBS_H

#include <stdio.h>
#include <time.h>

struct carbon_err;
struct carbon_store;

/* Runs of MONTH in the order of their ends. Errors: as of carbon_report_create(); where there is no run, nothing is written. */
int carbon_report_jobs_write(struct carbon_store *store, const char *month, time_t now, FILE *out,
			     struct carbon_err *err);

#endif
