/* SPDX-License-Identifier: GPL-2.0-or-later */
/* replan: what became of interruptible jobs that run, as text or JSON. Must never call interrupted what was not. */
#include <stdio.h>

#include "lib/when.h"
#include "tools/json.h"
#include "tools/pause.h"
#include "tools/replan.h"
#include "tools/tool.h"
#include "tools/waiting.h"

enum outcome {
	FAILED,
	WOULD,	  /* a dry run */
	PUT_OFF,  /* by the pace */
	CHANGED,  /* it ended, or somebody changed it */
	TOLD,	  /* to be requeued by the next run */
	REQUEUED,
	ADOPTED,
	OUTCOMES
};

static const struct {
	const char *text, *key;
} outcomes[OUTCOMES] = {
	[FAILED] = {"failed", "failed"},
	[WOULD] = {"would make way", "would"},
	[PUT_OFF] = {"left for the next run", "put_off"},
	[CHANGED] = {"ended by itself, or changed by somebody", "changed_meanwhile"},
	[TOLD] = {"was signalled, and makes way in the next run", "told"},
	[REQUEUED] = {"makes way", "requeued"},
	[ADOPTED] = {"was requeued without a begin from us, and has it now", "adopted"},
};

static enum outcome outcome_of(const struct carbon_replan *run, const struct carbon_pause_item *item)
{
	if (item->failed)
		return FAILED;
	if (run->is_dry)
		return WOULD;
	if (item->is_told && item->told != CARBON_MOVED)
		return item->told == CARBON_MOVE_PUT_OFF ? PUT_OFF : CHANGED;
	if (!item->is_requeued)
		return item->is_told || item->step == CARBON_PAUSE_REQUEUE ? TOLD : PUT_OFF;
	if (item->moved != CARBON_MOVED)
		return item->moved == CARBON_MOVE_PUT_OFF ? PUT_OFF : CHANGED;
	return item->step == CARBON_PAUSE_ADOPT ? ADOPTED : REQUEUED;
}

void carbon_tool_pause_print(const struct carbon_replan *run)
{
	char job[CARBON_JOB_TEXT], begin[CARBON_WHEN_TEXT];

	for (size_t i = 0; i < run->pause.count; i++) {
		const struct carbon_pause_item *item = &run->pause.item[i];
		enum outcome outcome = outcome_of(run, item);

		carbon_tool_job_format(item->job, job);
		carbon_when_format(item->next.begin_at, run->tool->now, begin);
		fprintf(run->tool->out, "%s %s", job, outcomes[outcome].text);
		if (outcome != CHANGED && outcome != FAILED)
			fprintf(run->tool->out, ": goes on from %s", begin);
		fputc('\n', run->tool->out);
	}
}

void carbon_tool_pause_json(const struct carbon_replan *run, struct carbon_json *json)
{
	char job[CARBON_JOB_TEXT];

	carbon_json_int(json, "interruptible_running", (long long)run->pause.running);
	carbon_json_begin(json, "interruptions", '[');
	for (size_t i = 0; i < run->pause.count; i++) {
		const struct carbon_pause_item *item = &run->pause.item[i];

		carbon_tool_job_format(item->job, job);
		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "job", job);
		carbon_json_text(json, "outcome", outcomes[outcome_of(run, item)].key);
		carbon_json_time(json, "begin", item->next.begin_at);
		carbon_json_int(json, "interruptions", item->next.cuts);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

bool carbon_tool_pause_failed(const struct carbon_replan *run)
{
	for (size_t i = 0; i < run->pause.count; i++)
		if (run->pause.item[i].failed)
			return true;
	return false;
}
