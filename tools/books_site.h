/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the books must know of the site: places joined from carbon.conf and the live cluster, and each
 * zone's sources. The bridge between config/, cluster/ and accounting/.
 */
#ifndef CARBON_BOOKS_SITE_H
#define CARBON_BOOKS_SITE_H

#include "accounting/books.h"
#include "cluster/cluster.h"
#include "config/config.h"

/* "import": history that carbonctl import has loaded; counts where no configured source has any. */
#define CARBON_IMPORT_SOURCE "import"

struct carbon_tool_site {
	const struct carbon_config *config;
	const struct carbon_live *live;
	size_t places;
	struct carbon_place *place; /* one per partition that the cluster has */
	const char *sources[CARBON_CONFIG_ZONES_MAX][CARBON_ZONE_SOURCES_MAX + 2];
};

/* Both are borrowed. Fini in any case. */
int carbon_tool_site_init(struct carbon_tool_site *site, const struct carbon_config *config,
			  const struct carbon_live *live, struct carbon_err *err);
void carbon_tool_site_fini(struct carbon_tool_site *site);

/* The callbacks of the books, SITE as context. */
struct carbon_books_site carbon_tool_site_books(struct carbon_tool_site *site);

#endif
