/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jobs of a live cluster that wait for clean power because of us. A job whose begin a user, an
 * administrator or slurmctld changed is not among them.
 */
#ifndef CARBON_TOOL_WAITING_H
#define CARBON_TOOL_WAITING_H

#include "cluster/cluster.h"
#include "lib/record.h"

#define CARBON_JOB_TEXT 32

struct carbon_config;
struct carbon_err;
struct carbon_tool;

struct carbon_waiting_job {
	const struct carbon_live_job *job;
	struct carbon_record record;
};

/* Whether JOB, whose dependency is not met yet, may be given a begin because it was considered and let go at submission. */
bool carbon_tool_depends(const struct carbon_live_job *job, time_t now, struct carbon_record *record);

struct carbon_waiting_list {
	struct carbon_live *live; /* owned; NULL: somebody else's */
	size_t count;
	struct carbon_waiting_job *item; /* by begin, then id */
};

/* Whether JOB waits, with the very begin that we gave, until after NOW. RECORD gets its record. */
bool carbon_tool_waits(const struct carbon_live_job *job, time_t now, struct carbon_record *record);

/* Ask slurmctld. libslurm is in use until fini, which is due after a success alone. */
int carbon_tool_waiting_read(time_t now, struct carbon_waiting_list *list, struct carbon_err *err);
/* Those of LIVE, which must outlive the list and whose reader has libslurm in use. */
int carbon_tool_waiting_choose(const struct carbon_live *live, time_t now, struct carbon_waiting_list *list,
			       struct carbon_err *err);
void carbon_tool_waiting_fini(struct carbon_waiting_list *list);

/* "1234", or "1234_7" for a task of an array. */
void carbon_tool_job_format(const struct carbon_live_job *job, char out[CARBON_JOB_TEXT]);

/* The site's pace for what somebody asked for: slower where slurmdbd lags behind, but without an end. */
void carbon_tool_pace_init(const struct carbon_config *config, struct carbon_pace *pace);

/* What starting many jobs did. */
struct carbon_release_count {
	size_t released, not_ours, put_off, failed;
};

/*
 * Start one of them now, or of an array's record these TASKS ("7"; NULL: all), at the pace given; its record says so where it is not
 * its user who asks. A failure is a word of warning.
 */
void carbon_tool_release(const struct carbon_tool *tool, const struct carbon_waiting_job *item, const char *tasks,
			 struct carbon_pace *pace, struct carbon_release_count *count);

#endif
