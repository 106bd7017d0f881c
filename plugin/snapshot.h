/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Site, outlook and habits as slurmctld's plugin holds them: read from three files, looked at once a second at
 * most, swapped whole when a file changed. What the files say now is all that counts, so a restarted
 * or a backup controller decides alike. Safe from several threads.
 */
#ifndef CARBON_SNAPSHOT_H
#define CARBON_SNAPSHOT_H

#include <time.h>

#include "lib/habit.h"
#include "lib/outlook.h"
#include "lib/site.h"
#include "policies/counted.h"

struct carbon_version; /* one reading of one file, kept while somebody holds it */

/*
 * SITE NULL: the plugin is inactive. OUTLOOK NULL: jobs are left alone. HABITS NULL: run times are expected from
 * limits. All borrowed until dropped.
 */
struct carbon_snapshot {
	const struct carbon_site *site;
	const struct carbon_outlook *outlook;
	const struct carbon_habits *habits;
	const struct carbon_counted *counted; /* of this site and outlook; NULL: counted with every decision */
	struct carbon_version *held[4];
};

/* DIRECTORY holds "site", "outlook" and, where runs are settled, "habits". Too long a name makes the plugin inactive, no more. */
void carbon_snapshot_init(const char *directory);
void carbon_snapshot_fini(void);

/* Never fails and never waits for a file that another thread reads. Drop it when done. */
void carbon_snapshot_take(time_t now, struct carbon_snapshot *out);
void carbon_snapshot_drop(struct carbon_snapshot *snapshot);

#endif
