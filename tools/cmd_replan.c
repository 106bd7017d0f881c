/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl replan: after a new outlook, the site compiled anew and every job decided again that waits because of us.
 * Run by a timer. Must change nothing where slurmctld does not answer, and no job whose start somebody changed.
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/outlook.h"
#include "lib/site.h"
#include "lib/time.h"
#include "lib/when.h"
#include "policies/again.h"
#include "tools/json.h"
#include "tools/site.h"
#include "tools/tool.h"
#include "tools/waiting.h"

#define LATE_S 120 /* what the next run may be late */

static const struct carbon_flag flags[] = {
	{"dry-run", 'n', NULL, "print what would be moved, and change nothing"},
	{"every", 0, "TIME", "how often this runs (default: replan_every)"},
	{NULL, 0, NULL, NULL},
};

struct move {
	const struct carbon_waiting_job *item;
	struct carbon_again_decision decision;
	enum carbon_moved moved;
	bool failed;
};

struct run {
	const struct carbon_tool *tool;
	const struct carbon_config *config;
	struct carbon_site site;
	struct carbon_outlook *outlook;
	struct carbon_waiting_list list;
	time_t every_s;
	size_t moves;
	struct move *move;
};

/* --- deciding --- */

/* What must not be late comes first: forward moves, then those back, each by the begin that they still have. */
static int by_urgency(const void *a, const void *b)
{
	const struct move *x = a, *y = b;
	time_t x_at = x->item->record.begin_at, y_at = y->item->record.begin_at;

	if (x->decision.verdict != y->decision.verdict)
		return x->decision.verdict == CARBON_FORWARD ? -1 : 1;
	if (x_at != y_at)
		return x_at < y_at ? -1 : 1;
	return (x->item->job->id > y->item->job->id) - (x->item->job->id < y->item->job->id);
}

static int decide(struct run *run, struct carbon_err *err)
{
	const struct carbon_context context = {
		.site = &run->site, .outlook = run->outlook, .now = run->tool->now};

	run->move = calloc(run->list.count + 1, sizeof(*run->move));
	if (!run->move)
		return carbon_err_set(err, "no memory for %zu jobs", run->list.count);
	for (size_t i = 0; i < run->list.count; i++) {
		const struct carbon_waiting_job *item = &run->list.item[i];
		struct move *move = &run->move[run->moves];
		const struct carbon_again again = {
			.record = &item->record,
			.partition = item->job->partition,
			.limit_s = item->job->limit_s,
			.deadline_at = item->job->deadline_at,
			.next_at = run->tool->now + run->every_s + LATE_S,
		};

		move->item = item;
		move->decision = carbon_decide_again(&context, &again);
		run->moves += move->decision.verdict != CARBON_STAY;
	}
	qsort(run->move, run->moves, sizeof(*run->move), by_urgency);
	return 0;
}

/* --- doing --- */

static void move_one(const struct run *run, struct move *move, struct carbon_pace *pace)
{
	char record[CARBON_RECORD_MAX];
	const struct carbon_move wish = {
		.id = move->item->job->id,
		.from_at = move->item->record.begin_at,
		.to_at = move->decision.record.begin_at,
		.record = record,
	};
	struct carbon_err err;

	if (carbon_record_format(&move->decision.record, record, &err) == 0 &&
	    carbon_cluster_move(&wish, pace, &move->moved, &err) == 0)
		return;
	carbon_tool_warn(run->tool, "%s", err.text);
	move->failed = true;
}

static void move_all(struct run *run)
{
	struct carbon_pace pace = {
		.per_second = run->config->updates_per_second,
		.left = run->config->updates_per_run,
	};

	for (size_t i = 0; i < run->moves; i++)
		if (!carbon_tool_has(run->tool, "dry-run"))
			move_one(run, &run->move[i], &pace);
}

/* --- telling --- */

struct count {
	size_t forward, back, changed, put_off, failed;
};

static struct count count_moves(const struct run *run)
{
	struct count count = {0};

	for (size_t i = 0; i < run->moves; i++) {
		const struct move *move = &run->move[i];

		if (move->failed)
			count.failed++;
		else if (move->moved == CARBON_MOVE_NOT_OURS)
			count.changed++;
		else if (move->moved == CARBON_MOVE_PUT_OFF)
			count.put_off++;
		else if (move->decision.verdict == CARBON_FORWARD)
			count.forward++;
		else
			count.back++;
	}
	return count;
}

static bool is_done(const struct move *move)
{
	return !move->failed && move->moved == CARBON_MOVED;
}

static void print_text(const struct run *run, const struct count *count)
{
	bool dry = carbon_tool_has(run->tool, "dry-run");
	char job[CARBON_JOB_TEXT], from[CARBON_WHEN_TEXT], to[CARBON_WHEN_TEXT];
	FILE *out = run->tool->out;

	for (size_t i = 0; i < run->moves; i++) {
		const struct move *move = &run->move[i];

		if (!is_done(move))
			continue;
		carbon_tool_job_format(move->item->job, job);
		carbon_when_format(move->item->record.begin_at, run->tool->now, from);
		carbon_when_format(move->decision.record.begin_at, run->tool->now, to);
		fprintf(out, "%s %s from %s to %s\n", job,
			move->decision.verdict == CARBON_FORWARD ? "forward" : "back", from, to);
	}
	fprintf(out, "%zu waiting, %zu%s forward, %zu%s back, %zu changed by somebody, %zu left for the next run, %zu failed\n",
		run->list.count, count->forward, dry ? " would come" : "", count->back, dry ? " would go" : "",
		count->changed, count->put_off, count->failed);
}

static void json_move(struct carbon_json *json, const struct move *move)
{
	char job[CARBON_JOB_TEXT];

	carbon_tool_job_format(move->item->job, job);
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "job", job);
	carbon_json_time(json, "from", move->item->record.begin_at);
	carbon_json_time(json, "to", move->decision.record.begin_at);
	carbon_json_time(json, "latest", move->decision.record.latest_at);
	carbon_json_int(json, "moves", move->decision.record.moves);
	carbon_json_end(json, '}');
}

static void print_json(const struct run *run, const struct count *count)
{
	struct carbon_json json;

	carbon_json_init(&json, run->tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_bool(&json, "dry_run", carbon_tool_has(run->tool, "dry-run"));
	carbon_json_int(&json, "waiting", (long long)run->list.count);
	carbon_json_int(&json, "forward", (long long)count->forward);
	carbon_json_int(&json, "back", (long long)count->back);
	carbon_json_int(&json, "changed_meanwhile", (long long)count->changed);
	carbon_json_int(&json, "put_off", (long long)count->put_off);
	carbon_json_int(&json, "failed", (long long)count->failed);
	carbon_json_begin(&json, "moves", '[');
	for (size_t i = 0; i < run->moves; i++)
		if (is_done(&run->move[i]))
			json_move(&json, &run->move[i]);
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
}

/* --- the command --- */

/* An outlook that is missing or old is not what a timer should be silent about. */
static int check_outlook(const struct run *run, struct carbon_err *err)
{
	time_t age_s = run->tool->now - run->outlook->written_at;
	char age[CARBON_DURATION_TEXT];

	if (age_s <= run->site.outlook_max_age_s)
		return 0;
	carbon_duration_format(age_s, age);
	return carbon_err_set(err, "the outlook is %s old, so no begin is changed (carbon-forecaster writes it)", age);
}

/* The cluster as it is, put into place for the plugin, and decided on. */
static int compile(struct run *run, struct carbon_err *err)
{
	if (carbon_tool_site_compile(run->tool, run->config, &run->site, err) != 0)
		return -1;
	return carbon_tool_has(run->tool, "dry-run") ? 0
						     : carbon_tool_site_write(run->config, &run->site, err);
}

static int replan(struct run *run)
{
	struct carbon_err err;
	struct count count;

	if (carbon_tool_outlook(run->config, &run->outlook, &err) != 0 || check_outlook(run, &err) != 0 ||
	    carbon_tool_waiting_read(run->tool->now, &run->list, &err) != 0)
		return carbon_tool_fail(run->tool, &err);
	if (decide(run, &err) != 0) {
		carbon_tool_waiting_fini(&run->list);
		return carbon_tool_fail(run->tool, &err);
	}
	move_all(run);
	count = count_moves(run);
	if (carbon_tool_is_json(run->tool))
		print_json(run, &count);
	else
		print_text(run, &count);
	carbon_tool_waiting_fini(&run->list);
	return count.failed ? CARBON_EXIT_FAILED : CARBON_EXIT_OK;
}

static int run_config(struct run *run)
{
	char path[CARBON_PATH_MAX];
	struct carbon_err err;
	int code;

	carbon_config_path(run->config, "site", path);
	carbon_site_init(&run->site);
	code = compile(run, &err) == 0 ? replan(run) : carbon_tool_keep(run->tool, path, &err);
	carbon_site_fini(&run->site);
	carbon_outlook_destroy(run->outlook);
	free(run->move);
	return code;
}

static int run(struct carbon_tool *tool)
{
	const char *every = carbon_tool_value(tool, "every");
	struct run state = {.tool = tool};
	struct carbon_config *config;
	struct carbon_err err;
	int code;

	if (every && (carbon_duration_parse(every, &state.every_s) != 0 || state.every_s < 1))
		return carbon_tool_usage(tool, "--every=%s: must be a duration such as 15m", every);
	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_keep(tool, "", &err);
	state.config = config;
	if (!every)
		state.every_s = config->replan_every_s;
	code = run_config(&state);
	carbon_config_destroy(config);
	return code;
}

const struct carbon_command carbon_command_replan = {
	.name = "replan",
	.summary = "decide again every job that waits for clean power, and compile the site (timer-run)",
	.operands = "",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
