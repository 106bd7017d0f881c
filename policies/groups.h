/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An array that waits as a whole, divided: where the best window has no room for all of its tasks, groups of them may get begins
 * of their own. Pure. Slurm makes a job of its own of each task that leaves the array's record, for good, so only those
 * leave that are due before the next run; the others are divided when their turn comes.
 */
#ifndef CARBON_GROUPS_H
#define CARBON_GROUPS_H

#include "policies/again.h"

/* Windows that are looked for; what finds none waits for the last of them, and runs behind it as the queue lets it. */
#define CARBON_GROUPS_MAX 8

/*
 * Decide AGAIN, an array of several tasks, and claim what its tasks take in OWN (which is the context's) and, as nodes of place 0,
 * in MATES (NULL: nobody counts them). Returns how many decisions there are in OUT, by begin; exactly one keeps the array's record, which is the
 * largest, and all others are split. One alone: the array stays whole.
 *
 * It is divided where that is expected to emit less by the site's minimum saving than as many waves of the whole, or where
 * the whole has no room at all. Not where the outlook ends before the waves do.
 * Together the groups never take more of the place, nor run more tasks at once, than there is room for.
 */
size_t carbon_decide_groups(const struct carbon_context *context, const struct carbon_again *again,
			    struct carbon_load *own, struct carbon_load *mates,
			    struct carbon_again_decision out[CARBON_GROUPS_MAX]);

#endif
