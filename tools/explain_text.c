/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job's story in plain words. Says what was expected and never calls that an outcome. */
#include "tools/explain.h"

#include <stdio.h>
#include <string.h>

#include "lib/quantity.h"
#include "lib/time.h"
#include "lib/when.h"
#include "tools/levers.h"
#include "tools/tool.h"
#include "tools/words.h"

static const char *const states[] = {
	[CARBON_JOB_WAITING] = "waiting",
	[CARBON_JOB_RUNNING] = "running",
	[CARBON_JOB_FINISHED] = "finished",
	[CARBON_JOB_REQUEUED] = "requeued",
};

const char *carbon_tool_explain_state(enum carbon_job_state state)
{
	return states[state];
}

static void print_when(const struct carbon_story *story, const char *before, time_t at, const char *after)
{
	char when[CARBON_WHEN_TEXT];

	carbon_when_format(at, story->tool->now, when);
	fprintf(story->tool->out, "%s%s%s", before, when, after);
}

static void print_job(const struct carbon_story *story)
{
	const struct carbon_tool_job *job = &story->job;

	if (!story->has_job)
		return;
	fprintf(story->tool->out, "Job       %u \"%s\" of %s, account %s, partition %s: %s\n", job->id, job->name,
		job->user, job->account[0] ? job->account : "none", job->partition, states[job->state]);
	print_when(story, "Submitted ", job->submit_at, "\n");
}

static void print_decision(const struct carbon_story *story)
{
	const struct carbon_record *record = &story->record;
	FILE *out = story->tool->out;

	print_when(story, "Decided   ", record->decided_at, "");
	fprintf(out, " by policy %s under level %s\n", record->policy, carbon_level_name(record->level));
	print_when(story, "Start     without us from ", record->baseline_at, "");
	if (!record->delayed) {
		fputs("; that was found best\n", out);
		return;
	}
	print_when(story, record->level == CARBON_LEVEL_OBSERVE ? "; would have been from " : "; with us from ",
		   record->begin_at, "");
	print_when(story, ", latest ", record->latest_at, "\n");
	if (record->moves)
		fprintf(out, "          decided again since: its begin%s was moved %u time%s\n",
			record->may[0] ? " or its place" : "", record->moves, record->moves == 1 ? "" : "s");
	if (record->freed_at)
		print_when(story, "          released by the site on ", record->freed_at, "\n");
	if (record->level == CARBON_LEVEL_OBSERVE)
		fputs("          level observe: the job was not changed\n", out);
}

/* "cluster/partition", or the partition alone. */
static void print_place(FILE *out, const char *cluster, const char *partition, const char *zone)
{
	fprintf(out, "%s%s%s (%s)", cluster, cluster[0] ? "/" : "", partition, zone[0] ? zone : "zone unknown");
}

static void print_move(const struct carbon_story *story)
{
	const struct carbon_record *record = &story->record;
	FILE *out = story->tool->out;

	if (!record->home[0])
		return;
	fputs("Place     moved to ", out);
	print_place(out, record->cluster, record->partition, record->zone);
	fputs("; without us ", out);
	print_place(out, record->home_cluster, record->home, record->home_zone);
	if (record->data_gb > 0)
		fprintf(out, "; with %g GB of data", record->data_gb);
	fputc('\n', out);
}

/* Until when it was to have ended, and whether it has. */
static void print_promise(const struct carbon_story *story)
{
	time_t end_at = story->has_outcome ? story->outcome.end_at : story->has_job ? story->job.end_at : 0;
	time_t finish_at = story->record.finish_at;
	char late[CARBON_DURATION_TEXT];

	if (!finish_at)
		return;
	print_when(story, "Promise   to have ended by ", finish_at, "");
	if (end_at > finish_at) {
		carbon_duration_format(end_at - finish_at, late);
		fprintf(story->tool->out, "; missed by %s", late);
	} else if (end_at) {
		fputs("; kept", story->tool->out);
	}
	fputc('\n', story->tool->out);
}

/* How often it has made way, and what comes next. */
static void print_windows(const struct carbon_story *story)
{
	const struct carbon_record *record = &story->record;
	char notice[CARBON_NOTICE_TEXT];
	FILE *out = story->tool->out;

	if (!record->notice.signal)
		return;
	carbon_notice_format(&record->notice, notice);
	fputs("Windows   ", out);
	if (record->cuts)
		fprintf(out, "interrupted %s so far", record->cuts == 1 ? "once" : "several times");
	else
		fprintf(out, "may be interrupted (%s)", notice);
	if (record->until_at)
		print_when(story, record->begin_at > story->tool->now ? "; the next one is planned until "
								       : "; the present one is planned until ",
			   record->until_at, "");
	else if (record->cuts)
		fputs("; the rest is planned in one piece", out);
	fputc('\n', out);
}

static void print_expected(const struct carbon_story *story)
{
	const struct carbon_record *record = &story->record;
	char runtime[CARBON_DURATION_TEXT], power[CARBON_QUANTITY_TEXT], mass[CARBON_QUANTITY_TEXT];
	char high[CARBON_QUANTITY_TEXT], baseline[CARBON_QUANTITY_TEXT];
	FILE *out = story->tool->out;

	carbon_duration_format((time_t)record->runtime_s, runtime);
	carbon_power_format(record->power_w, CARBON_TOOL_DIGITS, power);
	carbon_mass_format(record->mass_g, CARBON_TOOL_DIGITS, mass);
	carbon_mass_format(record->mass_high_g, CARBON_TOOL_DIGITS, high);
	carbon_mass_format(record->baseline_g, CARBON_TOOL_DIGITS, baseline);
	fprintf(out, "Expected  %s (%s) at %s with cooling: %s CO2e", runtime,
		carbon_tool_runtime(record->runtime_source), power, mass);
	if (strcmp(mass, high) != 0)
		fprintf(out, " (up to %s)", high);
	if (record->delayed || record->home[0])
		fprintf(out, " instead of %s", baseline);
	fprintf(out, "\nOutlook   then: %s for %s (%s, %s, issued ", carbon_tool_kind(record->kind), record->zone,
		record->source, carbon_signal_name(record->signal));
	print_when(story, "", record->outlook_at, ")\n");
	if (story->mass_now_g < 0 || story->baseline_now_g < 0)
		return;
	carbon_mass_format(story->mass_now_g, CARBON_TOOL_DIGITS, mass);
	carbon_mass_format(story->baseline_now_g, CARBON_TOOL_DIGITS, baseline);
	fprintf(out, "          now: %s, without us %s\n", mass, baseline);
}

static void print_so_far(const struct carbon_story *story)
{
	const struct carbon_tool_job *job = &story->job;
	FILE *out = story->tool->out;

	if (!story->has_job)
		return;
	fputs("So far    ", out);
	if (job->state == CARBON_JOB_WAITING) {
		if (job->begin_at > story->tool->now)
			print_when(story, "may start from ", job->begin_at, "");
		else
			fputs("may start as soon as the queue lets it", out);
		fputs(story->has_record && job->begin_at != story->record.begin_at && story->record.delayed &&
				      story->record.level != CARBON_LEVEL_OBSERVE
			      ? "; this is not the begin that was decided\n"
			      : "\n",
		      out);
		return;
	}
	print_when(story, "started ", job->start_at, "");
	if (job->end_at)
		print_when(story, ", ended ", job->end_at, "");
	fputc('\n', out);
}

void carbon_tool_explain_text(const struct carbon_story *story)
{
	print_job(story);
	if (story->has_record) {
		print_decision(story);
		print_move(story);
		print_promise(story);
		print_windows(story);
		print_expected(story);
	} else if (story->has_job) {
		fputs(story->job.is_opted_out ? "Decided   nothing: its user said --carbon=off\n"
					      : "Decided   nothing: slurm-carbon left it alone\n",
		      story->tool->out);
	} else {
		fputs("Decided   unknown: Slurm does not tell of it, the ledger alone does\n", story->tool->out);
	}
	print_so_far(story);
	if (story->has_outcome) {
		carbon_tool_outcome_print(story->tool, &story->outcome);
		carbon_tool_levers_print(story->tool, &story->levers, story->outcome.mass_g);
	}
}
