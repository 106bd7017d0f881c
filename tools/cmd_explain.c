/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl explain: the record of one job in plain words: what was decided, on which outlook, and what has
 * become of it so far. Says what was expected and never calls that an outcome.
 */
#include <string.h>

#include "config/config.h"
#include "lib/num.h"
#include "lib/outlook.h"
#include "lib/record.h"
#include "lib/time.h"
#include "lib/when.h"
#include "tools/json.h"
#include "tools/levers.h"
#include "tools/lookup.h"
#include "tools/outcome.h"
#include "tools/tool.h"
#include "tools/words.h"

#define SINCE_DEFAULT_S ((time_t)31 * 86400)

static const struct carbon_flag flags[] = {
	{"since", 0, "WHEN", "how far back slurmdbd is asked (default: 31 days)"},
	{"cluster", 'M', "NAME", "the cluster of a job that only the ledger knows"},
	{"comment", 0, "TEXT", "explain this AdminComment instead of a job's"},
	{NULL, 0, NULL, NULL},
};

static const char *const states[] = {
	[CARBON_JOB_WAITING] = "waiting",
	[CARBON_JOB_RUNNING] = "running",
	[CARBON_JOB_FINISHED] = "finished",
	[CARBON_JOB_REQUEUED] = "requeued",
};

struct story {
	const struct carbon_tool *tool;
	bool has_job, has_record, has_outcome; /* what is known of it */
	struct carbon_tool_job job;
	struct carbon_record record;
	struct carbon_outcome outcome;
	struct carbon_levers levers; /* what would have helped */
	double mass_now_g, baseline_now_g; /* by the outlook of now; < 0: it does not cover them */
};

int carbon_job_key_parse(const char *text, struct carbon_job_key *key)
{
	const char *line = strchr(text, '_');
	char id[16];
	long long number, task = 0;

	if ((line ? (size_t)(line - text) : strlen(text)) >= sizeof(id))
		return -1;
	snprintf(id, sizeof(id), "%.*s", (int)(line ? line - text : (ptrdiff_t)strlen(text)), text);
	if (carbon_int_parse(id, 1, UINT32_MAX, &number) != 0 ||
	    (line && carbon_int_parse(line + 1, 0, UINT32_MAX, &task) != 0))
		return -1;
	key->id = (uint32_t)number;
	key->has_task = line != NULL;
	key->task = (uint32_t)task;
	return 0;
}

/* --- the outlook of now --- */

static double mass_by(const struct carbon_outlook_zone *zone, const struct carbon_record *record, time_t start_at)
{
	time_t end_at = start_at + (time_t)record->runtime_s;

	return carbon_curve_has(&zone->mean, start_at, end_at)
		       ? carbon_curve_mass_g(&zone->mean, start_at, end_at, record->power_w)
		       : -1;
}

/* Where it would have run without us, by its own record or, when it was moved, by what that says of its home. */
static double baseline_by(const struct carbon_outlook *outlook, const struct carbon_record *record)
{
	struct carbon_record home = *record;
	const struct carbon_outlook_zone *zone;

	if (record->home[0]) {
		home.power_w = record->home_power_w;
		home.runtime_s = record->home_runtime_s;
	}
	zone = carbon_outlook_find(outlook, record->home[0] ? record->home_zone : record->zone, record->signal);
	return zone ? mass_by(zone, &home, record->baseline_at) : -1;
}

/* What the outlook of now says of the same two starts; nothing where it is missing or begins after them. */
static void look_again(struct story *story)
{
	const struct carbon_record *record = &story->record;
	const struct carbon_outlook_zone *zone;
	struct carbon_config *config;
	struct carbon_outlook *outlook;

	story->mass_now_g = story->baseline_now_g = -1;
	if (record->until_at || record->cuts) /* not of several windows */
		return;
	if (carbon_tool_config(story->tool, &config, NULL) != 0)
		return;
	if (carbon_tool_outlook(config, &outlook, NULL) == 0) {
		zone = carbon_outlook_find(outlook, record->zone, record->signal);
		if (zone)
			story->mass_now_g = mass_by(zone, record, record->begin_at);
		story->baseline_now_g = baseline_by(outlook, record);
		carbon_outlook_destroy(outlook);
	}
	carbon_config_destroy(config);
}

/* --- as text --- */

static void print_when(const struct story *story, const char *before, time_t at, const char *after)
{
	char when[CARBON_WHEN_TEXT];

	carbon_when_format(at, story->tool->now, when);
	fprintf(story->tool->out, "%s%s%s", before, when, after);
}

static void print_job(const struct story *story)
{
	const struct carbon_tool_job *job = &story->job;

	if (!story->has_job)
		return;
	fprintf(story->tool->out, "Job       %u \"%s\" of %s, account %s, partition %s: %s\n", job->id, job->name,
		job->user, job->account[0] ? job->account : "none", job->partition, states[job->state]);
	print_when(story, "Submitted ", job->submit_at, "\n");
}

static void print_decision(const struct story *story)
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
		fprintf(out, "          decided again since: its begin was moved %u time%s\n", record->moves,
			record->moves == 1 ? "" : "s");
	if (record->level == CARBON_LEVEL_OBSERVE)
		fputs("          level observe: the job was not changed\n", out);
}

/* "cluster/partition", or the partition alone. */
static void print_place(FILE *out, const char *cluster, const char *partition, const char *zone)
{
	fprintf(out, "%s%s%s (%s)", cluster, cluster[0] ? "/" : "", partition, zone[0] ? zone : "zone unknown");
}

static void print_move(const struct story *story)
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

/* How often it has made way, and what comes next. */
static void print_windows(const struct story *story)
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

static void print_expected(const struct story *story)
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

static void print_so_far(const struct story *story)
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

static void print_text(const struct story *story)
{
	print_job(story);
	if (story->has_record) {
		print_decision(story);
		print_move(story);
		print_windows(story);
		print_expected(story);
	} else if (story->has_job) {
		fputs("Decided   nothing: slurm-carbon left it alone\n", story->tool->out);
	} else {
		fputs("Decided   unknown: Slurm does not tell of it, the ledger alone does\n", story->tool->out);
	}
	print_so_far(story);
	if (story->has_outcome) {
		carbon_tool_outcome_print(story->tool, &story->outcome);
		carbon_tool_levers_print(story->tool, &story->levers, story->outcome.mass_g);
	}
}

/* --- as JSON --- */

static void json_job(struct carbon_json *json, const struct carbon_tool_job *job)
{
	carbon_json_begin(json, "job", '{');
	carbon_json_int(json, "id", job->id);
	carbon_json_text(json, "name", job->name);
	carbon_json_text(json, "user", job->user);
	carbon_json_text(json, "account", job->account[0] ? job->account : NULL);
	carbon_json_text(json, "partition", job->partition);
	carbon_json_text(json, "state", states[job->state]);
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

static void print_json(const struct story *story)
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

/* --- the command --- */

static int tell(struct story *story)
{
	if (story->has_record)
		look_again(story);
	if (carbon_tool_is_json(story->tool))
		print_json(story);
	else
		print_text(story);
	return CARBON_EXIT_OK;
}

/* The record in COMMENT; a damaged one is an error that names WHOSE it is. */
static int read_record(struct story *story, const char *comment, const char *whose, struct carbon_err *err)
{
	int rc = carbon_record_read(comment, &story->record, err);

	story->has_record = rc == 1;
	return rc < 0 ? carbon_err_prefix(err, "%s carries a record that is damaged", whose) : 0;
}

static int tell_comment(struct story *story, const char *comment)
{
	struct carbon_err err;

	if (read_record(story, comment, "the comment", &err) != 0)
		return carbon_tool_fail(story->tool, &err);
	if (!story->has_record) {
		carbon_err_set(&err, "the comment carries no record: slurm-carbon left it alone");
		return carbon_tool_fail(story->tool, &err);
	}
	return tell(story);
}

/* The ledger's part. Without Slurm's it is all that there is, and what is wrong with it matters. */
static int read_outcome(struct story *story, const struct carbon_job_key *key, struct carbon_err *err)
{
	struct carbon_outcome_key wanted = {
		.cluster = carbon_tool_value(story->tool, "cluster"),
		.job = key->id,
		.has_task = key->has_task,
		.task = key->task,
	};
	int rc;

	if (story->has_job) {
		wanted.cluster = story->job.cluster;
		wanted.job = story->job.id;
		wanted.has_task = false;
	}
	rc = carbon_tool_outcome_find(story->tool, &wanted, &story->outcome, err);
	story->has_outcome = rc == 1;
	if (rc == 1)
		rc = carbon_tool_levers_find(story->tool, &wanted, story->has_job ? story->job.submit_at : 0,
					     &story->levers, err);
	if (rc < 0 && story->has_job) {
		carbon_tool_warn(story->tool, "%s", err->text);
		rc = 0;
	}
	return rc < 0 ? -1 : 0;
}

static int tell_job(struct story *story, const char *id, time_t since)
{
	struct carbon_job_key key;
	struct carbon_err err, slurm;
	char whose[32];
	int found;

	if (carbon_job_key_parse(id, &key) != 0)
		return carbon_tool_usage(story->tool, "\"%s\" is no job (such as 1234 or 1234_7)", id);
	found = carbon_tool_job_find(&key, since, story->tool->now, &story->job, &slurm);
	story->has_job = found == 1;
	snprintf(whose, sizeof(whose), "job %u", story->job.id);
	if (read_outcome(story, &key, &err) != 0 ||
	    (story->has_job && read_record(story, story->job.record, whose, &err) != 0))
		return carbon_tool_fail(story->tool, &err);
	if (story->has_job || story->has_outcome)
		return tell(story);
	if (found == 0)
		carbon_err_set(&slurm, "job %s is known neither to slurmctld nor to slurmdbd (--since looks further back)",
			       id);
	return carbon_tool_fail(story->tool, &slurm);
}

static int run(struct carbon_tool *tool)
{
	struct story story = {.tool = tool};
	const char *since_text = carbon_tool_value(tool, "since");
	const char *comment = carbon_tool_value(tool, "comment");
	time_t since = tool->now - SINCE_DEFAULT_S;

	if (since_text && carbon_when_parse(since_text, tool->now, &since) != 0)
		return carbon_tool_usage(tool, "--since=%s: must be a time such as 2026-10-05", since_text);
	if (comment && tool->operands == 0)
		return tell_comment(&story, comment);
	if (comment || tool->operands != 1)
		return carbon_tool_usage(tool, "one job is explained at a time");
	return tell_job(&story, tool->operand[0], since);
}

const struct carbon_command carbon_command_explain = {
	.name = "explain",
	.summary = "why a job starts when it does: its decision, the outlook then and now",
	.operands = "JOBID",
	.formats = "text json",
	.flags = flags,
	.run = run,
};
