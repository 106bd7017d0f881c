/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job's story for programs; keys in carbonctl(1). */
#include "tools/explain.h"

#include "tools/json.h"
#include "tools/levers.h"
#include "tools/tool.h"
#include "tools/words.h"

static void json_job(struct carbon_json *json, const struct carbon_tool_job *job)
{
	carbon_json_begin(json, "job", '{');
	carbon_json_int(json, "id", job->id);
	carbon_json_text(json, "name", job->name);
	carbon_json_text(json, "user", job->user);
	carbon_json_text(json, "account", job->account[0] ? job->account : NULL);
	carbon_json_text(json, "partition", job->partition);
	carbon_json_bool(json, "opted_out", job->is_opted_out);
	carbon_json_text(json, "state", carbon_tool_explain_state(job->state));
	carbon_json_time(json, "submit_at", job->submit_at);
	carbon_json_time(json, "begin_at", job->begin_at);
	carbon_json_time(json, "start_at", job->start_at);
	carbon_json_time(json, "end_at", job->end_at);
	carbon_json_end(json, '}');
}

static void json_record(struct carbon_json *json, const struct carbon_record *record)
{
	carbon_json_begin(json, "record", '{');
	carbon_json_time(json, "decided_at", record->decided_at);
	carbon_json_text(json, "level", carbon_level_name(record->level));
	carbon_json_bool(json, "delayed", record->delayed);
	carbon_json_int(json, "moves", record->moves);
	if (record->finish_at)
		carbon_json_time(json, "finish_by_at", record->finish_at);
	if (record->freed_at)
		carbon_json_time(json, "released_at", record->freed_at);
	if (record->home[0]) {
		carbon_json_begin(json, "home", '{');
		carbon_json_text(json, "cluster", record->home_cluster[0] ? record->home_cluster : NULL);
		carbon_json_text(json, "partition", record->home);
		carbon_json_text(json, "zone", record->home_zone[0] ? record->home_zone : NULL);
		carbon_json_end(json, '}');
		carbon_json_number(json, "data_gb", record->data_gb);
	}
	if (record->notice.signal) {
		carbon_json_int(json, "interruptions", record->cuts);
		carbon_json_time(json, "window_until", record->until_at);
	}
	carbon_tool_record_json(json, record);
	carbon_json_end(json, '}');
}

void carbon_tool_explain_json(const struct carbon_story *story)
{
	struct carbon_json json;

	carbon_json_init(&json, story->tool->out);
	carbon_json_begin(&json, NULL, '{');
	if (story->has_job)
		json_job(&json, &story->job);
	if (story->has_record)
		json_record(&json, &story->record);
	if (story->has_record && story->mass_now_g >= 0 && story->baseline_now_g >= 0) {
		carbon_json_begin(&json, "outlook_now", '{');
		carbon_json_number(&json, "mass_g", story->mass_now_g);
		carbon_json_number(&json, "baseline_g", story->baseline_now_g);
		carbon_json_end(&json, '}');
	}
	if (story->has_outcome) {
		carbon_tool_outcome_json(&json, &story->outcome);
		carbon_tool_levers_json(&json, &story->levers);
	}
	carbon_json_end(&json, '}');
}
