/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: what was moved, as text or JSON. Must never call moved what was not. */
#include "lib/array.h"
#include "lib/when.h"
#include "tools/json.h"
#include "tools/replan.h"
#include "tools/tool.h"

#define MOVED_TEXT (CARBON_ARRAY_TEXT_MAX + CARBON_JOB_TEXT) /* "1234_[3-5,9]" */

struct count {
	size_t forward, back, elsewhere, changed, put_off, failed;
	size_t split; /* tasks that have become jobs of their own */
};

static bool is_done(const struct carbon_replan_move *move)
{
	return !move->failed && move->moved == CARBON_MOVED;
}

static void job_format(const struct carbon_replan_move *move, char out[MOVED_TEXT])
{
	const struct carbon_again_decision *decision = &move->decision;
	const struct carbon_live_job *job = move->item->job;
	char tasks[CARBON_ARRAY_TEXT_MAX];

	if (decision->is_split && carbon_array_take(job->indices, decision->first, decision->tasks, tasks) == 0)
		snprintf(out, MOVED_TEXT, "%u_[%s]", job->array_id, tasks);
	else
		carbon_tool_job_format(job, out);
}

static struct count count_moves(const struct carbon_replan *run)
{
	struct count count = {0};

	for (size_t i = 0; i < run->moves; i++) {
		const struct carbon_replan_move *move = &run->move[i];

		if (move->failed)
			count.failed++;
		else if (move->moved == CARBON_MOVE_NOT_OURS)
			count.changed++;
		else if (move->moved == CARBON_MOVE_PUT_OFF)
			count.put_off++;
		else if (move->decision.verdict == CARBON_FORWARD)
			count.forward++;
		else if (carbon_replan_is_elsewhere(move))
			count.elsewhere++;
		else if (move->decision.verdict == CARBON_BACK)
			count.back++;
		if (is_done(move) && move->decision.is_split)
			count.split += move->decision.tasks;
	}
	return count;
}

static void print_dependent(FILE *out, const char *job, const struct carbon_replan_move *move, const char *to)
{
	if (move->decision.record.delayed)
		fprintf(out, "%s waits for other jobs, then until %s\n", job, to);
	else
		fprintf(out, "%s waits for other jobs, and then no longer\n", job);
}

/* From where to where, both with their begins. */
static void print_elsewhere(FILE *out, const char *job, const struct carbon_replan_move *move, const char *from,
			    const char *to)
{
	const struct carbon_record *was = &move->item->record, *is = &move->decision.record;

	if (move->decision.verdict == CARBON_RETURN)
		fprintf(out, "%s back from cluster %s, which is gone, to %s (%s) from %s\n", job, was->cluster, is->partition,
			is->zone, to);
	else
		fprintf(out, "%s from %s (%s) from %s to %s (%s) from %s\n", job, was->partition, was->zone, from,
			is->partition, is->zone, to);
}

static void print_text(const struct carbon_replan *run, const struct count *count)
{
	char job[MOVED_TEXT], from[CARBON_WHEN_TEXT], to[CARBON_WHEN_TEXT];
	FILE *out = run->tool->out;

	for (size_t i = 0; i < run->moves; i++) {
		const struct carbon_replan_move *move = &run->move[i];

		if (!is_done(move))
			continue;
		job_format(move, job);
		carbon_when_format(move->item->record.begin_at, run->tool->now, from);
		carbon_when_format(move->decision.record.begin_at, run->tool->now, to);
		if (move->item->job->is_dependent && move->decision.record.dep_s) {
			print_dependent(out, job, move, to);
			continue;
		}
		if (carbon_replan_is_elsewhere(move)) {
			print_elsewhere(out, job, move, from, to);
			continue;
		}
		if (move->decision.verdict == CARBON_STAY) {
			fprintf(out, "%s stays at %s, as jobs of their own\n", job, from);
			continue;
		}
		fprintf(out, "%s %s from %s to %s\n", job,
			move->decision.verdict == CARBON_FORWARD ? "forward" : "back", from, to);
	}
	carbon_tool_pause_print(run);
	fprintf(out, "%zu waiting, %zu%s forward, %zu%s back, ", run->list.count, count->forward,
		run->is_dry ? " would come" : "", count->back, run->is_dry ? " would go" : "");
	if (count->elsewhere)
		fprintf(out, "%zu%s elsewhere, ", count->elsewhere, run->is_dry ? " would go" : "");
	fprintf(out, "%zu changed by somebody, %zu left for the next run, %zu failed\n", count->changed, count->put_off,
		count->failed);
}

static void json_move(struct carbon_json *json, const struct carbon_replan_move *move)
{
	char job[MOVED_TEXT];

	job_format(move, job);
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "job", job);
	carbon_json_time(json, "from", move->item->record.begin_at);
	carbon_json_time(json, "to", move->decision.record.begin_at);
	carbon_json_time(json, "latest", move->decision.record.latest_at);
	carbon_json_int(json, "moves", move->decision.record.moves);
	if (carbon_replan_is_elsewhere(move)) {
		const struct carbon_record *was = &move->item->record, *is = &move->decision.record;

		carbon_json_text(json, "from_cluster", was->cluster[0] ? was->cluster : NULL);
		carbon_json_text(json, "from_partition", was->partition);
		carbon_json_text(json, "from_zone", was->zone);
		carbon_json_text(json, "partition", is->partition);
		carbon_json_text(json, "zone", is->zone);
	}
	carbon_json_end(json, '}');
}

static void print_json(const struct carbon_replan *run, const struct count *count)
{
	struct carbon_json json;

	carbon_json_init(&json, run->tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_bool(&json, "dry_run", run->is_dry);
	carbon_json_int(&json, "waiting", (long long)run->list.count);
	carbon_json_int(&json, "forward", (long long)count->forward);
	carbon_json_int(&json, "back", (long long)count->back);
	carbon_json_int(&json, "elsewhere", (long long)count->elsewhere);
	carbon_json_int(&json, "changed_meanwhile", (long long)count->changed);
	carbon_json_int(&json, "put_off", (long long)count->put_off);
	carbon_json_int(&json, "failed", (long long)count->failed);
	carbon_json_int(&json, "split", (long long)count->split);
	carbon_json_begin(&json, "moves", '[');
	for (size_t i = 0; i < run->moves; i++)
		if (is_done(&run->move[i]))
			json_move(&json, &run->move[i]);
	carbon_json_end(&json, ']');
	carbon_tool_pause_json(run, &json);
	carbon_json_end(&json, '}');
}

bool carbon_replan_print(const struct carbon_replan *run)
{
	struct count count = count_moves(run);

	if (carbon_tool_is_json(run->tool))
		print_json(run, &count);
	else
		print_text(run, &count);
	return count.failed == 0 && !carbon_tool_pause_failed(run) && !run->places_failed;
}
