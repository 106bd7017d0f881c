/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between which moments a job may begin: its deadline, maintenance, blackouts, the queue, and the outlook's end. A bound
 * that cannot be kept ends the decision; none is ever widened.
 */
#include "policies/decide_steps.h"

#include <string.h>

#include "lib/array.h"
#include "lib/time.h"
#include "policies/still.h"

/* Lower the latest begin so that WAVES of the job, one after another, have ended at END_AT. */
static bool bound_by_end(struct carbon_deciding *work, time_t end_at, uint32_t waves)
{
	struct carbon_record *record = &work->decision.record;
	time_t latest_at = 0;

	if (waves > CARBON_ARRAY_TASKS_MAX)
		waves = CARBON_ARRAY_TASKS_MAX;
	if (end_at > CARBON_TIME_MIN) /* else long past, or damage */
		latest_at = end_at - (time_t)work->limit_s * (time_t)waves -
			    carbon_still_margin_s(work->site, work->place, work->wait);
	if (latest_at < record->latest_at)
		record->latest_at = latest_at;
	return latest_at >= work->eligible_at;
}

/*
 * The job must not be pushed across the begin of a maintenance reservation it would have avoided. Without
 * a limit it never starts before one.
 */
static bool bound_by_walls(struct carbon_deciding *work)
{
	for (size_t i = 0; i < work->site->walls; i++) {
		const struct carbon_wall *wall = &work->site->wall[i];

		if (wall->partition[0] && strcmp(wall->partition, work->place->partition) != 0)
			continue;
		if (wall->to_at > work->eligible_at &&
		    (!work->limit_s || !bound_by_end(work, wall->from_at, 1)))
			return false;
	}
	return true;
}

/* What waits when one begins has its begin by then. */
static void bound_by_blackouts(struct carbon_deciding *work)
{
	struct carbon_record *record = &work->decision.record;

	for (size_t i = 0; i < work->site->blackouts; i++) {
		time_t from_at = work->site->blackout[i].from_at;

		if (from_at > work->eligible_at && from_at < record->latest_at)
			record->latest_at = from_at;
	}
}

/*
 * Whoever may move is looked at also where there is no time to wait: at home the job begins at once, and elsewhere it
 * must be able to.
 */
static enum carbon_reason without_slack(struct carbon_deciding *work)
{
	struct carbon_record *record = &work->decision.record;

	if (!carbon_deciding_may_move(work) || (carbon_deciding_is_told(work) && record->latest_at < work->eligible_at))
		return CARBON_REASON_NO_SLACK;
	record->latest_at = work->eligible_at;
	return CARBON_REASON_NONE;
}

/* The end that was asked for, of a job that can keep it: what the books hold it to. */
static void tell_finish(struct carbon_deciding *work, const time_t *ends, size_t count)
{
	struct carbon_record *record = &work->decision.record;

	for (size_t i = 0; i < count && work->decision.deadline_is_kept; i++)
		if (ends[i] && ends[i] < CARBON_TIME_MAX && (!record->finish_at || ends[i] < record->finish_at))
			record->finish_at = ends[i];
}

/* What replan needs to know should the job's dependency be met late. */
static void tell_dependency(struct carbon_deciding *work)
{
	struct carbon_record *record = &work->decision.record;

	if (!work->job->has_dependency)
		return;
	record->dep_s = (uint32_t)work->decision.delay_s;
	record->dep_by_at = work->job->request.finish_by_at ? record->latest_at : 0;
}

enum carbon_reason carbon_step_bounds(struct carbon_deciding *work)
{
	const struct carbon_job *job = work->job;
	struct carbon_record *record = &work->decision.record;
	time_t ends[] = {job->request.finish_by_at, job->deadline_at};
	time_t now = work->context->now;

	work->eligible_at = job->begin_at > now ? job->begin_at : now;
	if (work->eligible_at >= CARBON_TIME_MAX)
		return CARBON_REASON_TOO_LONG;
	record->latest_at = work->eligible_at + work->decision.delay_s;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		if (!ends[i])
			continue;
		if (!work->limit_s)
			return CARBON_REASON_NO_LIMIT;
		if (!bound_by_end(work, ends[i], job->waves > 1 ? job->waves : 1))
			work->decision.deadline_is_kept = false;
	}
	tell_finish(work, ends, sizeof(ends) / sizeof(ends[0]));
	tell_dependency(work);
	bound_by_blackouts(work);
	if (carbon_deciding_is_told(work) && work->elsewhere->latest_at < record->latest_at)
		record->latest_at = work->elsewhere->latest_at;
	if (bound_by_walls(work) && record->latest_at > work->eligible_at)
		return CARBON_REASON_NONE;
	return without_slack(work);
}

struct carbon_view_ask carbon_deciding_ask(const struct carbon_deciding *work)
{
	const struct carbon_record *record = &work->decision.record;

	return (struct carbon_view_ask){
		.site = work->site,
		.own = work->place->cluster[0] ? NULL : work->context->own,
		.place = work->place,
		.zone = work->zone,
		.counted = work->context->counted,
		.earliest_at = record->baseline_at,
		.latest_at = record->latest_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.nodes = work->decision.nodes,
		.kw = record->power_w / 1000 * work->together,
	};
}

/* The baseline: behind what waits typically, and not before its place has room. */
enum carbon_reason carbon_step_queue(struct carbon_deciding *work)
{
	struct carbon_record *record = &work->decision.record;
	struct carbon_view_ask ask = carbon_deciding_ask(work);
	time_t room_at = carbon_view_first_room(&ask, work->eligible_at, record->latest_at);

	record->baseline_at = work->eligible_at + (work->wait ? (time_t)work->wait->p50_s : 0);
	if (record->baseline_at < room_at)
		record->baseline_at = room_at;
	if (carbon_deciding_may_move(work) && record->baseline_at >= record->latest_at) {
		work->is_at_once = true;
		record->latest_at = record->baseline_at;
	}
	return !work->is_at_once && record->baseline_at >= record->latest_at ? CARBON_REASON_QUEUE
									       : CARBON_REASON_NONE;
}

/* A window is offered only where the outlook covers all of it. */
enum carbon_reason carbon_step_horizon(struct carbon_deciding *work)
{
	struct carbon_record *record = &work->decision.record;
	time_t last_at = carbon_curve_end(&work->zone->mean) - (time_t)record->runtime_s;

	if (record->baseline_at < work->zone->mean.start_at)
		return CARBON_REASON_NO_OUTLOOK;
	if (record->latest_at > last_at)
		record->latest_at = last_at;
	if (record->latest_at < record->baseline_at || (record->latest_at == record->baseline_at && !carbon_deciding_may_move(work)))
		return CARBON_REASON_TOO_LONG;
	return CARBON_REASON_NONE;
}
