/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Intensity in comma-separated files: our own columns (time, intensity or intensity_lifecycle and
 * intensity_direct, optionally zone and estimated) and every generation of Electricity Maps' downloads.
 * Columns are found by their header, never by their place alone. Pure: used by the file source, by
 * carbonctl import and by backtest.
 */
#ifndef CARBON_DOWNLOAD_H
#define CARBON_DOWNLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "forecaster/source.h"

/* Which columns a header has; -1: it has not. */
struct carbon_download_columns {
	int time, zone, estimated;
	int signal[CARBON_SIGNALS];
};

/* From a header's cells. Errors: no time, no intensity. */
int carbon_download_columns(const char *const *cell, size_t cells, struct carbon_download_columns *columns,
			    struct carbon_err *err);

/* Called with each zone's name as the file has it ("" where it has no zone column), once per row. */
typedef int (*carbon_download_f)(const char *zone, const struct carbon_point *point, void *context,
				 struct carbon_err *err);

/* What to read of a file. */
struct carbon_download_filter {
	const char *zone; /* NULL: every zone; else only rows of it, and all rows where there is no zone column */
	enum carbon_signal signal;
};

/*
 * Every row that passes FILTER. Empty intensity cells are nulls, a value or time that is no number or
 * time is damaged, an implausible value is counted: all in TALLY, none handed on. Kind is measured, or
 * estimated where the file says so. Errors: no header, not CSV, a column cut off, what EACH returns.
 */
int carbon_download_read(const char *text, size_t length, const struct carbon_download_filter *filter,
			 carbon_download_f each, void *context, struct carbon_tally *tally,
			 struct carbon_err *err);

/* The rows of one zone as a reply: history up to ASK's now, or (a forecast) what lies ahead. */
enum carbon_failure carbon_download_parse(const char *text, size_t length, const struct carbon_ask *ask,
					  struct carbon_reply *reply, struct carbon_err *err);

#endif
