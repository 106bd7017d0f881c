/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: which of the jobs that wait should have another begin. Must never touch Slurm. */
#include <stdlib.h>

#include "lib/err.h"
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

int carbon_replan_decide(struct carbon_replan *run, struct carbon_err *err)
{
	const struct carbon_context context = {
		.site = &run->site, .outlook = run->outlook, .now = run->tool->now};

	run->move = calloc(run->list.count + 1, sizeof(*run->move));
	if (!run->move)
		return carbon_err_set(err, "no memory for %zu jobs", run->list.count);
	for (size_t i = 0; i < run->list.count; i++) {
		const struct carbon_waiting_job *item = &run->list.item[i];
		struct carbon_replan_move *move = &run->move[run->moves];
		const struct carbon_again again = {
			.record = &item->record,
			.partition = item->job->partition,
			.limit_s = item->job->limit_s,
			.deadline_at = item->job->deadline_at,
			.next_at = run->tool->now + run->every_s + CARBON_REPLAN_LATE_S,
		};

		move->item = item;
		move->decision = carbon_decide_again(&context, &again);
		run->moves += move->decision.verdict != CARBON_STAY;
	}
	qsort(run->move, run->moves, sizeof(*run->move), by_urgency);
	return 0;
}

void carbon_replan_foresee(struct carbon_replan *run)
{
	for (size_t i = 0; i < run->moves; i++) {
		const struct carbon_replan_move *move = &run->move[i];
		size_t job = (size_t)(move->item->job - run->live.from->job);

		run->live.from->job[job].planned_at = move->decision.record.begin_at;
	}
}
