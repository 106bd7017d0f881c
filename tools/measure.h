/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The measured part of a site: what is committed, how long jobs typically wait and how often places are full, and how
 * much of the work was delayed. From the live cluster and from the books; what neither knows stays out.
 */
#ifndef CARBON_TOOL_MEASURE_H
#define CARBON_TOOL_MEASURE_H

#include "cluster/cluster.h"
#include "lib/site.h"

struct carbon_config;
struct carbon_err;
struct carbon_store;
struct carbon_tool;

/* How far back waits and fullness are looked at, and the delayed share. */
#define CARBON_MEASURE_WAIT_S ((time_t)28 * 86400)
#define CARBON_MEASURE_SHARE_S ((time_t)7 * 86400)
/* A class of sizes with fewer waits has no typical one. */
#define CARBON_MEASURE_WAITS_MIN 20

/* With the jobs that wait because of us, or as if they were not there, for who decides about them. */
enum carbon_measure_ours {
	CARBON_MEASURE_WITH_OURS,
	CARBON_MEASURE_WITHOUT_OURS,
};
int carbon_measure_load(const struct carbon_tool *tool, const struct carbon_config *config,
			const struct carbon_live *live, enum carbon_measure_ours ours, struct carbon_site *site,
			struct carbon_err *err);

/*
 * All the rest, into a site fresh from its compiling. A database that is missing is a new installation, one that cannot be
 * read a word of warning.
 */
void carbon_measure_books(const struct carbon_tool *tool, const struct carbon_config *config,
			  const struct carbon_live *live, struct carbon_site *site);

/* Its parts. The lists of SITE that they fill must be empty. */
int carbon_measure_waits(struct carbon_store *store, time_t now, struct carbon_site *site, struct carbon_err *err);
int carbon_measure_fulls(struct carbon_store *store, time_t now, struct carbon_site *site, struct carbon_err *err);

/* Node-hours of the last week and those of them that were delayed, of the site and of each of its rules: from the ledger,
 * and what LIVE runs and has waiting. All 0, which is not known, where the ledger has nothing of that week. */
int carbon_measure_share(struct carbon_store *store, const struct carbon_live *live, time_t now,
			 struct carbon_site *site, struct carbon_err *err);

#endif
