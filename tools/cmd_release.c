/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl release: start jobs now that wait because of us. Must never touch a job that waits for another reason.
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/array.h"
#include "tools/json.h"
#include "tools/lookup.h"
#include "tools/tool.h"
#include "tools/waiting.h"

static const struct carbon_flag flags[] = {
	{"user", 'u', "NAME", "all jobs of this user that wait because of us"},
	{"account", 'A', "NAME", "all of this account"},
	{"all", 'a', NULL, "all"},
	{NULL, 0, NULL, NULL},
};

struct choice {
	const char *user, *account; /* NULL: not asked for */
	bool all;
	size_t keys;
	struct carbon_job_key *key;
	bool *found; /* of each key */
};

/* By several jobs the union is meant; user and account together mean both. */
static bool is_chosen(struct choice *choice, const struct carbon_live_job *job)
{
	bool chosen = choice->all;

	for (size_t i = 0; i < choice->keys; i++) {
		const struct carbon_job_key *key = &choice->key[i];

		/* Of an array that waits as one job a task is chosen alone. */
		if (key->has_task && job->array_task == CARBON_TASK_NONE)
			continue;
		if (carbon_job_key_is(key, job->id, job->array_id, job->array_task))
			choice->found[i] = chosen = true;
	}
	if (choice->user || choice->account)
		chosen = (!choice->user || strcmp(choice->user, job->user) == 0) &&
			 (!choice->account || strcmp(choice->account, job->account) == 0);
	return chosen;
}

/* Those tasks of an array's record that are named; each becomes a job of its own. */
static void release_tasks(const struct carbon_tool *tool, struct choice *choice, const struct carbon_waiting_job *item,
			  struct carbon_pace *pace, struct carbon_release_count *count)
{
	char task[16];

	for (size_t i = 0; i < choice->keys; i++) {
		const struct carbon_job_key *key = &choice->key[i];

		if (!key->has_task || key->id != item->job->array_id || !item->job->indices)
			continue;
		snprintf(task, sizeof(task), "%u", key->task);
		if (choice->found[i] || !carbon_array_has(item->job->indices, task))
			continue;
		choice->found[i] = true;
		carbon_tool_release(tool, item, task, pace, count);
	}
}

static void report(const struct carbon_tool *tool, const struct carbon_release_count *count)
{
	struct carbon_json json;

	if (!carbon_tool_is_json(tool)) {
		fprintf(tool->out, "%zu released\n", count->released);
		return;
	}
	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_int(&json, "released", (long long)count->released);
	carbon_json_int(&json, "changed_meanwhile", (long long)count->not_ours);
	carbon_json_int(&json, "failed", (long long)count->failed);
	carbon_json_end(&json, '}');
}

static int release(const struct carbon_tool *tool, struct choice *choice, const struct carbon_waiting_list *list,
		   struct carbon_pace *pace)
{
	struct carbon_release_count count = {0};
	bool all_known = true;

	for (size_t i = 0; i < list->count; i++)
		if (is_chosen(choice, list->item[i].job))
			carbon_tool_release(tool, &list->item[i], NULL, pace, &count);
		else
			release_tasks(tool, choice, &list->item[i], pace, &count);
	for (size_t i = 0; i < choice->keys; i++) {
		all_known = all_known && choice->found[i];
		if (!choice->found[i])
			carbon_tool_warn(tool, "job %s does not wait because of us, so nothing was done with it",
					 tool->operand[i]);
	}
	if (count.not_ours)
		carbon_tool_warn(tool, "%zu changed in the meantime and were left alone", count.not_ours);
	if (count.failed)
		carbon_tool_warn(tool, "%zu were not released; another user's jobs are for root and SlurmUser to release",
				 count.failed);
	report(tool, &count);
	return all_known && !count.failed ? CARBON_EXIT_OK : CARBON_EXIT_FAILED;
}

static int read_choice(const struct carbon_tool *tool, struct choice *choice)
{
	int kinds;

	choice->user = carbon_tool_value(tool, "user");
	choice->account = carbon_tool_value(tool, "account");
	choice->all = carbon_tool_has(tool, "all");
	kinds = (choice->user || choice->account) + choice->all + (tool->operands > 0);
	if (kinds != 1)
		return carbon_tool_usage(tool, kinds ? "jobs, --user and --account, or --all: one of these"
						     : "which jobs? Their numbers, --user, --account or --all");
	for (int i = 0; i < tool->operands; i++)
		if (carbon_job_key_parse(tool->operand[i], &choice->key[choice->keys++]) != 0)
			return carbon_tool_usage(tool, "\"%s\" is no job (such as 1234 or 1234_7)",
						 tool->operand[i]);
	return CARBON_EXIT_OK;
}

static int run_choice(const struct carbon_tool *tool, struct choice *choice)
{
	struct carbon_waiting_list list;
	struct carbon_config *config;
	struct carbon_pace pace;
	struct carbon_err err;
	int code = read_choice(tool, choice);

	if (code != CARBON_EXIT_OK)
		return code;
	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_fail(tool, &err);
	carbon_tool_pace_init(config, &pace);
	carbon_config_destroy(config);
	if (carbon_tool_waiting_read(tool->now, &list, &err) != 0)
		return carbon_tool_fail(tool, &err);
	code = release(tool, choice, &list, &pace);
	carbon_tool_waiting_fini(&list);
	return code;
}

static int run(struct carbon_tool *tool)
{
	size_t room = (size_t)tool->operands + 1;
	struct choice choice = {.key = calloc(room, sizeof(*choice.key)), .found = calloc(room, sizeof(bool))};
	struct carbon_err err;
	int code;

	if (choice.key && choice.found) {
		code = run_choice(tool, &choice);
	} else {
		carbon_err_set(&err, "no memory");
		code = carbon_tool_fail(tool, &err);
	}
	free(choice.key);
	free(choice.found);
	return code;
}

const struct carbon_command carbon_command_release = {
	.name = "release",
	.summary = "start jobs now that wait for clean power",
	.operands = "[JOBID...]",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
