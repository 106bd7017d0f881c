/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: the begin times changed in slurmctld, at the site's pace. Must never touch a job that is no longer ours. */
#include "config/config.h"
#include "lib/array.h"
#include "lib/err.h"
#include "tools/replan.h"
#include "tools/tool.h"

bool carbon_replan_is_elsewhere(const struct carbon_replan_move *move)
{
	return move->decision.verdict == CARBON_ELSEWHERE || move->decision.verdict == CARBON_RETURN;
}

/* Some of an array's tasks, or all that its record has. */
static int move_one(struct carbon_replan *run, struct carbon_replan_move *move, struct carbon_err *err)
{
	const struct carbon_again_decision *decision = &move->decision;
	char record[CARBON_RECORD_MAX], tasks[CARBON_ARRAY_TEXT_MAX];
	struct carbon_move wish = {
		.id = move->item->job->id,
		.from_at = move->item->record.begin_at,
		.is_dependent = move->is_dependent,
		.to_at = decision->record.begin_at,
		.tasks = decision->is_split ? tasks : NULL,
		.task_count = decision->is_split ? decision->tasks : 1,
		.record = record,
	};

	if (carbon_replan_is_elsewhere(move)) {
		wish.from_partition = move->partition;
		wish.partition = decision->record.partition;
	}
	/* Where the federation is no more, nothing is left to be asked for, and Slurm refuses it. */
	if (decision->verdict == CARBON_RETURN && move->item->job->siblings && run->live.from->siblings)
		wish.clusters = run->live.name;
	if (decision->is_split && carbon_array_take(move->item->job->indices, decision->first, decision->tasks, tasks) < 0)
		return carbon_err_set(err, "job %u: its tasks \"%s\" cannot be read", move->item->job->id,
				      move->item->job->indices);
	if (carbon_record_format(&decision->record, record, err) != 0)
		return -1;
	return carbon_cluster_move(&wish, &run->pace, &move->moved, err);
}

/* Where tasks should have left their array's record and did not, what stays in it is not what was decided on. */
static bool is_next_of(const struct carbon_replan_move *before, const struct carbon_replan_move *move)
{
	return before->item == move->item && before->decision.is_split;
}

void carbon_replan_move_all(struct carbon_replan *run)
{
	struct carbon_err err;

	for (size_t i = 0; i < run->moves; i++) {
		struct carbon_replan_move *move = &run->move[i];

		if (i && is_next_of(&move[-1], move) && (move[-1].failed || move[-1].moved != CARBON_MOVED)) {
			move->failed = move[-1].failed;
			move->moved = move[-1].moved;
		} else if (move_one(run, move, &err) < 0) {
			carbon_tool_warn(run->tool, "%s", err.text);
			move->failed = true;
		}
	}
	if (run->pace.is_stopped)
		carbon_tool_warn(run->tool,
				 "%u messages wait for slurmdbd (slurmdbd_queue_max is %u), so the rest is left for the next run",
				 run->pace.queue, run->pace.queue_max);
}
