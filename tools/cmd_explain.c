/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl explain: the record of one job in plain words: what was decided, on which outlook, and what has
 * become of it so far. Says what was expected and never calls that an outcome.
 */
#include <stdio.h>

#include "config/config.h"
#include "lib/outlook.h"
#include "lib/record.h"
#include "lib/when.h"
#include "tools/explain.h"
#include "tools/levers.h"
#include "tools/lookup.h"
#include "tools/outcome.h"
#include "tools/tool.h"

#define SINCE_DEFAULT_S ((time_t)31 * 86400)

static const struct carbon_flag flags[] = {
	{"since", 0, "WHEN", "how far back slurmdbd is asked (default: 31 days)"},
	{"cluster", 'M', "NAME", "the cluster of a job that only the ledger knows"},
	{"comment", 0, "TEXT", "explain this AdminComment instead of a job's"},
	{NULL, 0, NULL, NULL},
};

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
static void look_again(struct carbon_story *story)
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

/* --- the command --- */

static int tell(struct carbon_story *story)
{
	if (story->has_record)
		look_again(story);
	if (carbon_tool_is_json(story->tool))
		carbon_tool_explain_json(story);
	else
		carbon_tool_explain_text(story);
	return CARBON_EXIT_OK;
}

/* The record in COMMENT; a damaged one is an error that names WHOSE it is. */
static int read_record(struct carbon_story *story, const char *comment, const char *whose, struct carbon_err *err)
{
	int rc = carbon_record_read(comment, &story->record, err);

	story->has_record = rc == 1;
	return rc < 0 ? carbon_err_prefix(err, "%s carries a record that is damaged", whose) : 0;
}

static int tell_comment(struct carbon_story *story, const char *comment)
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
static int read_outcome(struct carbon_story *story, const struct carbon_job_key *key, struct carbon_err *err)
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

static int tell_job(struct carbon_story *story, const char *id, time_t since)
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
	struct carbon_story story = {.tool = tool};
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
