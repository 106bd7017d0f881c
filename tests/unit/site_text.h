/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sites out of texts, for the tests of the site file. Touches nothing but the sample.
 */
#ifndef CARBON_UNIT_SITE_TEXT_H
#define CARBON_UNIT_SITE_TEXT_H

#include "lib/err.h"
#include "lib/site.h"
#include "tests/unit/unit.h"

#define WRITTEN ((time_t)1790001900)

static inline void parse(const char *text, size_t length, struct carbon_site *site)
{
	struct carbon_err err = {""};

	if (carbon_site_parse(text, length, site, &err))
		fail_msg("%s", err.text);
}

static inline void fill_site(struct carbon_site *site)
{
	carbon_site_init(site);
	site->written_at = WRITTEN;
	memcpy(site->cluster, "c1", 3);
}

#endif
