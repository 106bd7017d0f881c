/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * replan's part in the nice value. A job whose start somebody changed is no delayed job any more: what delayed_nice
 * added is taken away. For keep_place: a job that waited because of us loses the age that it would have gathered. Where
 * the site asks for it, that is given back through the nice value when its begin comes, and taken back again
 * when somebody has changed the job's start, limit or size.
 */
#ifndef CARBON_TOOL_KEEP_H
#define CARBON_TOOL_KEEP_H

#include "cluster/cluster.h"

struct carbon_replan;

/* What the job asks for, in one number that is never 0: another one is another limit or size. */
uint32_t carbon_keep_form(const struct carbon_live_job *job);

enum carbon_keep_step {
	CARBON_KEEP_NOTHING,
	CARBON_KEEP_NOTE, /* what it asks for, on first sight */
	CARBON_KEEP_GIVE, /* back what its age lost */
	CARBON_KEEP_TAKE, /* that away again */
};

/* What is due for JOB at NOW, the next run being at NEXT_AT; NEXT gets its record, NICE its nice value as Slurm counts it. */
enum carbon_keep_step carbon_keep_decide(const struct carbon_live_job *job, const struct carbon_age *age,
					 const time_t now_next[2], struct carbon_record *next, uint32_t *nice);

/* Whether JOB waits no longer for us and still ranks below others for it; NEXT and NICE as above. */
bool carbon_keep_is_left(const struct carbon_live_job *job, struct carbon_record *next, uint32_t *nice);

/* All of it, for the jobs of RUN->live. False: something failed, which was said. */
bool carbon_tool_keep_places(struct carbon_replan *run);

#endif
