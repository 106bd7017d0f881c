/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kept places. Who gains must have waited for us to the very begin that we gave, with the job as we first saw
 * it: a long delay that is broken off, or a job that grows in the end, brings nobody forward.
 */
#include "tools/keep.h"

#include <math.h>
#include <string.h>

#include "config/config.h"
#include "lib/age.h"
#include "lib/err.h"
#include "tools/replan.h"
#include "tools/tool.h"

#define SPOILT 1 /* a form that no job has: somebody changed it, and nothing is given any more */

static uint32_t mix(uint32_t hash, double value)
{
	uint64_t bits = (uint64_t)llround(value * 1024);

	for (int i = 0; i < 8; i++)
		hash = (hash ^ (uint32_t)(bits >> (8 * i) & 0xff)) * 16777619U;
	return hash;
}

uint32_t carbon_keep_form(const struct carbon_live_job *job)
{
	uint32_t hash = 2166136261U;

	hash = mix(hash, job->limit_s);
	hash = mix(hash, job->use.cores);
	hash = mix(hash, job->use.nodes);
	hash = mix(hash, job->use.memory_gb);
	for (size_t i = 0; i < job->use.gpu_kinds; i++)
		hash = mix(hash, job->use.gpu[i].count);
	return hash > SPOILT ? hash : hash + 2;
}

/* Whether the start is still the one that we gave, and the job what it was. */
static bool is_unchanged(const struct carbon_live_job *job, const struct carbon_record *record)
{
	struct carbon_record ours;

	return carbon_cluster_owns(job->comment, job->begin_at, job->restarts, &ours) && !job->is_held &&
	       record->form == carbon_keep_form(job);
}

enum carbon_keep_step carbon_keep_decide(const struct carbon_live_job *job, const struct carbon_age *age,
					 const time_t now_next[2], struct carbon_record *next, uint32_t *nice)
{
	struct carbon_record record;
	uint32_t points;

	/* After an interruption a job begins anew as any requeued one; while it depended on others it had gathered no age. */
	if (!job->is_pending || carbon_record_read(job->comment, &record, NULL) != 1 || !record.delayed ||
	    record.level == CARBON_LEVEL_OBSERVE || record.cuts || record.dep_s || job->is_dependent)
		return CARBON_KEEP_NOTHING;
	*next = record;
	*nice = job->nice;
	if (record.form && !is_unchanged(job, &record)) {
		next->form = SPOILT;
		next->kept = 0;
		*nice += record.kept;
		return record.form == SPOILT && !record.kept ? CARBON_KEEP_NOTHING : CARBON_KEEP_TAKE;
	}
	if (!record.form) {
		next->form = carbon_keep_form(job);
		return is_unchanged(job, next) ? CARBON_KEEP_NOTE : CARBON_KEEP_NOTHING;
	}
	points = carbon_age_points(age, record.begin_at - record.baseline_at);
	if (record.kept || !points || record.begin_at >= now_next[1])
		return CARBON_KEEP_NOTHING;
	next->kept = points;
	*nice -= points;
	return CARBON_KEEP_GIVE;
}

bool carbon_keep_is_left(const struct carbon_live_job *job, struct carbon_record *next, uint32_t *nice)
{
	struct carbon_record record, ours;

	if (!job->is_pending || job->is_held || carbon_record_read(job->comment, &record, NULL) != 1 ||
	    !record.delayed || record.level == CARBON_LEVEL_OBSERVE || !record.nice || record.cuts ||
	    record.dep_s || job->is_dependent || job->nice < record.nice ||
	    carbon_cluster_owns(job->comment, job->begin_at, job->restarts, &ours))
		return false;
	*next = record;
	next->nice = 0;
	*nice = job->nice - record.nice;
	return true;
}

/* False: refused. */
static bool write_one(struct carbon_replan *run, const struct carbon_live_job *job, const struct carbon_record *next,
		      uint32_t nice)
{
	char record[CARBON_RECORD_MAX];
	const struct carbon_rank rank = {
		.id = job->id,
		.restarts = job->restarts,
		.begin_at = job->begin_at,
		.from_nice = job->nice,
		.to_nice = nice,
		.record = record,
	};
	enum carbon_moved moved;
	struct carbon_err err;

	if (carbon_record_format(next, record, &err) == 0 &&
	    carbon_cluster_rank(&rank, &run->pace, &moved, &err) == 0)
		return true;
	carbon_tool_warn(run->tool, "%s", err.text);
	return false;
}

/* What is due for JOB, where the site keeps places (AGE) or not (NULL). */
static bool is_due(const struct carbon_live_job *job, const struct carbon_age *age, const time_t now_next[2],
		   struct carbon_record *next, uint32_t *nice)
{
	/* One that was just moved is looked at by the next run. */
	if (job->planned_at)
		return false;
	return carbon_keep_is_left(job, next, nice) ||
	       (age && carbon_keep_decide(job, age, now_next, next, nice) != CARBON_KEEP_NOTHING);
}

bool carbon_tool_keep_places(struct carbon_replan *run)
{
	const time_t now_next[2] = {run->tool->now, run->tool->now + run->every_s + CARBON_REPLAN_LATE_S};
	const struct carbon_live *live = run->live.from;
	const bool keeps = run->config->keep_place;
	struct carbon_age age;
	struct carbon_err err;
	bool all_well = true;

	if (keeps && carbon_cluster_age(&age, &err) < 0) {
		carbon_tool_warn(run->tool, "%s", err.text);
		return false;
	}
	for (size_t i = 0; i < live->jobs; i++) {
		struct carbon_record next;
		uint32_t nice;

		if (is_due(&live->job[i], keeps ? &age : NULL, now_next, &next, &nice))
			all_well = write_one(run, &live->job[i], &next, nice) && all_well;
	}
	return all_well;
}
