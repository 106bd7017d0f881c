/* SPDX-License-Identifier: GPL-2.0-or-later */
/* carbonctl import --meter: metered energy from a CSV file into carbon.db, all of the file or nothing of it. */
#ifndef CARBON_TOOL_IMPORT_METER_H
#define CARBON_TOOL_IMPORT_METER_H

#include <time.h>

#include "accounting/meter.h"

struct carbon_err;
struct carbon_store;

/* Errors begin with "PATH:LINE: ". COUNT is added to. */
int carbon_tool_import_meter(struct carbon_store *store, const char *path, time_t now,
			     struct carbon_meter_count *count, struct carbon_err *err);

#endif
