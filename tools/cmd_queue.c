/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl queue: the jobs that wait for clean power because of us. Says what is expected of the wait and never
 * calls that saved. Changes nothing.
 */
#include "lib/time.h"
#include "lib/when.h"
#include "tools/json.h"
#include "tools/tool.h"
#include "tools/waiting.h"
#include "tools/words.h"

static double saving_g(const struct carbon_record *record)
{
	return record->baseline_g - record->mass_g;
}

static void print_text(const struct carbon_tool *tool, const struct carbon_waiting_list *list)
{
	char job[CARBON_JOB_TEXT], since[CARBON_WHEN_TEXT], until[CARBON_WHEN_TEXT], latest[CARBON_WHEN_TEXT];
	char mass[CARBON_QUANTITY_TEXT];
	double sum_g = 0;
	size_t cut = 0, moved = 0;

	if (!list->count) {
		fputs("No job waits for clean power.\n", tool->out);
		return;
	}
	fprintf(tool->out, "%-12s %-12s %-12s %-20s %-20s %-20s %12s\n", "JOB", "USER", "ACCOUNT", "SINCE", "UNTIL",
		"LATEST", "EXPECTED");
	for (size_t i = 0; i < list->count; i++) {
		const struct carbon_waiting_job *item = &list->item[i];

		carbon_tool_job_format(item->job, job);
		carbon_when_format(item->record.baseline_at, tool->now, since);
		carbon_when_format(item->record.begin_at, tool->now, until);
		carbon_when_format(item->record.latest_at, tool->now, latest);
		carbon_mass_format(saving_g(&item->record), CARBON_TOOL_DIGITS, mass);
		sum_g += saving_g(&item->record);
		cut += item->record.cuts > 0;
		moved += item->record.home[0] != '\0';
		fprintf(tool->out, "%-12s %-12s %-12s %-20s %-20s %-20s %12s\n", job, item->job->user,
			item->job->account[0] ? item->job->account : "-", since, until, latest, mass);
	}
	carbon_mass_format(sum_g, CARBON_TOOL_DIGITS, mass);
	if (cut)
		fprintf(tool->out, "%zu of them interrupted, to go on in %s next window\n", cut, cut == 1 ? "its" : "their");
	if (moved)
		fprintf(tool->out, "%zu of them moved to another place, where %s to run\n", moved, moved == 1 ? "it is" : "they are");
	fprintf(tool->out, "%zu waiting; expected to avoid %s CO2e by it\n", list->count, mass);
}

static void print_csv(const struct carbon_tool *tool, const struct carbon_waiting_list *list)
{
	char job[CARBON_JOB_TEXT], since[CARBON_TIME_TEXT], until[CARBON_TIME_TEXT], latest[CARBON_TIME_TEXT];

	fputs("job,user,account,partition,zone,since,until,latest,saving_g\n", tool->out);
	for (size_t i = 0; i < list->count; i++) {
		const struct carbon_waiting_job *item = &list->item[i];

		carbon_tool_job_format(item->job, job);
		carbon_time_format(item->record.baseline_at, since);
		carbon_time_format(item->record.begin_at, until);
		carbon_time_format(item->record.latest_at, latest);
		fprintf(tool->out, "%s,%s,%s,%s,%s,%s,%s,%s,%.3f\n", job, item->job->user, item->job->account,
			item->job->partition, item->record.zone, since, until, latest, saving_g(&item->record));
	}
}

static void json_job(struct carbon_json *json, const struct carbon_waiting_job *item)
{
	const struct carbon_live_job *job = item->job;
	char text[CARBON_JOB_TEXT];

	carbon_tool_job_format(job, text);
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "job", text);
	carbon_json_text(json, "name", job->name);
	carbon_json_text(json, "user", job->user);
	carbon_json_text(json, "account", job->account[0] ? job->account : NULL);
	carbon_json_text(json, "partition", job->partition);
	carbon_json_text(json, "zone", item->record.zone);
	carbon_json_text(json, "home_partition", item->record.home[0] ? item->record.home : NULL);
	carbon_json_text(json, "sent_to", item->record.cluster[0] ? item->record.cluster : NULL);
	carbon_json_time(json, "since", item->record.baseline_at);
	carbon_json_time(json, "until", item->record.begin_at);
	carbon_json_time(json, "latest", item->record.latest_at);
	carbon_json_number(json, "saving_g", saving_g(&item->record));
	carbon_json_int(json, "moves", item->record.moves);
	carbon_json_int(json, "interruptions", item->record.cuts);
	carbon_json_end(json, '}');
}

static void print_json(const struct carbon_tool *tool, const struct carbon_waiting_list *list)
{
	struct carbon_json json;

	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_text(&json, "cluster", list->live->cluster);
	carbon_json_begin(&json, "jobs", '[');
	for (size_t i = 0; i < list->count; i++)
		json_job(&json, &list->item[i]);
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
}

static int run(struct carbon_tool *tool)
{
	struct carbon_waiting_list list;
	struct carbon_err err;

	if (carbon_tool_waiting_read(tool->now, &list, &err) != 0)
		return carbon_tool_fail(tool, &err);
	if (carbon_tool_is_json(tool))
		print_json(tool, &list);
	else if (tool->format[0] == 'c')
		print_csv(tool, &list);
	else
		print_text(tool, &list);
	carbon_tool_waiting_fini(&list);
	return CARBON_EXIT_OK;
}

const struct carbon_command carbon_command_queue = {
	.name = "queue",
	.summary = "jobs that wait for clean power: since, until, what is expected of it",
	.operands = "",
	.formats = "text json csv",
	.run = run,
};
