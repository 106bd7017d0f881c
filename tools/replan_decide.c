/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: which of the jobs that wait should have another begin. Must never touch Slurm. */
#include <stdlib.h>

#include "lib/demand.h"
#include "lib/err.h"
#include "policies/assign.h"
#include "tools/committed.h"
#include "tools/replan.h"
#include "tools/tool.h"

/* What must not be late comes first: forward moves, then those back, each by the begin that they still have. */
static int by_urgency(const void *a, const void *b)
{
	const struct carbon_replan_move *x = a, *y = b;
	time_t x_at = x->item->record.begin_at, y_at = y->item->record.begin_at;

	if (x->decision.verdict != y->decision.verdict)
		return x->decision.verdict == CARBON_FORWARD ? -1 : 1;
	if (x_at != y_at)
		return x_at < y_at ? -1 : 1;
	return (x->item->job->id > y->item->job->id) - (x->item->job->id < y->item->job->id);
}

/* Those that wait come first, then those that may have to once their dependency is met. */
static const struct carbon_waiting_job *item_of(const struct carbon_replan *run, size_t i)
{
	return i < run->list.count ? &run->list.item[i] : &run->dependent[i - run->list.count];
}

static void describe(const struct carbon_replan *run, size_t i, struct carbon_assign_job *out)
{
	const struct carbon_waiting_job *item = item_of(run, i);
	const struct carbon_live_job *job = item->job;
	const struct carbon_place *place = carbon_site_place(&run->site, job->partition);
	uint32_t tasks = job->tasks ? job->tasks : 1, waves = place ? carbon_committed_waves(place, job) : 1;

	*out = (struct carbon_assign_job){
		.again = {.record = &item->record,
			  .partition = job->partition,
			  .limit_s = job->limit_s,
			  .is_federated = job->is_federated,
			  .deadline_at = job->deadline_at,
			  .next_at = run->tool->now + run->every_s + CARBON_REPLAN_LATE_S,
			  .is_dependent = job->is_dependent,
			  .nodes = place ? carbon_demand_array(place, &job->use, tasks, waves) : 0,
			  .tasks = tasks,
			  .waves = waves},
		.submit_at = job->submit_at,
		.id = job->id,
		.index = i,
	};
}

static void take(void *caller, const struct carbon_assign_job *job, const struct carbon_again_decision *decision)
{
	struct carbon_replan *run = caller;

	if (decision->verdict != CARBON_STAY)
		run->move[run->moves++] = (struct carbon_replan_move){
			.item = item_of(run, job->index),
			.is_dependent = job->index >= run->list.count,
			.decision = *decision,
		};
}

static int find_dependents(struct carbon_replan *run)
{
	const struct carbon_live *live = run->live.from;

	run->dependent = calloc(live->jobs + 1, sizeof(*run->dependent));
	for (size_t i = 0; run->dependent && i < live->jobs; i++) {
		struct carbon_waiting_job *item = &run->dependent[run->dependents];

		item->job = &live->job[i];
		run->dependents += carbon_tool_depends(item->job, run->tool->now, &item->record);
	}
	return run->dependent ? 0 : -1;
}

int carbon_replan_decide(struct carbon_replan *run, struct carbon_err *err)
{
	const struct carbon_context context = {
		.site = &run->site, .outlook = run->outlook, .now = run->tool->now};
	int found = find_dependents(run);
	size_t count = run->list.count + run->dependents;
	struct carbon_assign_job *job = calloc(count + 1, sizeof(*job));
	bool is_whole;

	run->own_storage = calloc(CARBON_LOAD_FLOATS(run->site.places), sizeof(*run->own_storage));
	run->move = calloc(count + 1, sizeof(*run->move));
	is_whole = found == 0 && job && run->own_storage && run->move;
	if (is_whole) {
		carbon_load_init(&run->own, run->site.places, run->own_storage, run->tool->now);
		for (size_t i = 0; i < count; i++)
			describe(run, i, &job[i]);
		carbon_assign(&context, &run->own, job, count, take, run);
		qsort(run->move, run->moves, sizeof(*run->move), by_urgency);
	}
	free(job);
	return is_whole ? 0 : carbon_err_set(err, "no memory for %zu jobs", count);
}

void carbon_replan_foresee(struct carbon_replan *run)
{
	for (size_t i = 0; i < run->moves; i++) {
		const struct carbon_replan_move *move = &run->move[i];
		size_t job = (size_t)(move->item->job - run->live.from->job);

		if (move->decision.record.delayed)
			run->live.from->job[job].planned_at = move->decision.record.begin_at;
	}
}
