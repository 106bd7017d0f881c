/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What electricity costs ahead, from carbon.conf's price_file into the site. */
#ifndef CARBON_TOOL_PRICES_H
#define CARBON_TOOL_PRICES_H

#include <time.h>

struct carbon_err;
struct carbon_site;

/*
 * Read PATH ("time,price" or "zone,time,price"; doc/carbon.conf.5, price_file) into the site's prices from NOW on, of the
 * zones that its places have, those of other clusters too. Errors name path and line. A series ends where the file has a hole of more than a day.
 */
int carbon_prices_read(const char *path, time_t now, struct carbon_site *site, struct carbon_err *err);

#endif
