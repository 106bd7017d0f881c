/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: the begin times changed in slurmctld, at the site's pace. Must never touch a job that is no longer ours. */
#include "config/config.h"
#include "lib/err.h"
#include "tools/replan.h"
#include "tools/tool.h"

bool carbon_replan_is_elsewhere(const struct carbon_replan_move *move)
{
	return move->decision.verdict == CARBON_ELSEWHERE || move->decision.verdict == CARBON_RETURN;
}

static void move_one(struct carbon_replan *run, struct carbon_replan_move *move)
{
	char record[CARBON_RECORD_MAX];
	struct carbon_move wish = {
		.id = move->item->job->id,
		.from_at = move->item->record.begin_at,
		.is_dependent = move->is_dependent,
		.to_at = move->decision.record.begin_at,
		.record = record,
	};
	struct carbon_err err;

	if (carbon_replan_is_elsewhere(move)) {
		wish.from_partition = move->partition;
		wish.partition = move->decision.record.partition;
	}
	if (move->decision.verdict == CARBON_RETURN && move->item->job->siblings)
		wish.clusters = run->live.name;
	if (carbon_record_format(&move->decision.record, record, &err) == 0 &&
	    carbon_cluster_move(&wish, &run->pace, &move->moved, &err) == 0)
		return;
	carbon_tool_warn(run->tool, "%s", err.text);
	move->failed = true;
}

void carbon_replan_move_all(struct carbon_replan *run)
{
	for (size_t i = 0; i < run->moves; i++)
		move_one(run, &run->move[i]);
	if (run->pace.is_stopped)
		carbon_tool_warn(run->tool,
				 "%u messages wait for slurmdbd (slurmdbd_queue_max is %u), so the rest is left for the next run",
				 run->pace.queue, run->pace.queue_max);
}
