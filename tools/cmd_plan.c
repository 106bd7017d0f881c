/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl plan: what would become of a job, and of every start that it might have had, without
 * submitting it. Decides with the very function that slurmctld's plugin calls, on the very same files.
 */
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "lib/outlook.h"
#include "lib/time.h"
#include "lib/when.h"
#include "policies/decide.h"
#include "policies/view.h"
#include "tools/job_options.h"
#include "tools/json.h"
#include "tools/plan_places.h"
#include "tools/site.h"
#include "tools/tool.h"
#include "tools/words.h"

#define HOUR_S 3600

struct plan {
	const struct carbon_tool *tool;
	time_t now;
	struct carbon_job job;
	struct carbon_site site;
	struct carbon_outlook *outlook;		/* NULL: there is none */
	struct carbon_habits habits;		/* empty: there are none */
	const struct carbon_outlook_zone *zone; /* NULL: nothing can be computed */
	struct carbon_context context;
	struct carbon_decision decision;
	struct carbon_view_ask ask; /* where ZONE is there */
	struct carbon_view view;    /* what the policy saw */
	struct carbon_view_store store;
};

/* One start that the job might have. */
struct candidate {
	time_t start_at;
	double mass_g, low_g, high_g, saved_g, saved_percent;
	const char *why;
};

/* --- candidates --- */

static double mass(const struct plan *plan, const struct carbon_curve *curve, time_t start_at)
{
	const struct carbon_record *record = &plan->decision.record;

	return carbon_curve_mass_g(curve, start_at, start_at + (time_t)record->runtime_s, record->power_w);
}

/* Whether there is no room for it, or what it saves by the clock is not saved by the cluster. */
static const char *explain_place(const struct plan *plan, const struct candidate *candidate)
{
	double saved_g;

	if (candidate->start_at > plan->view.latest_at)
		return NULL;
	if (!carbon_view_has_room(&plan->view, &plan->ask, candidate->start_at))
		return carbon_view_is_limited(&plan->view, &plan->ask, candidate->start_at)
			       ? "over one of the site's limits"
			       : "full at that hour";
	saved_g = carbon_view_now_g(&plan->view, &plan->ask) -
		  carbon_view_cost_g(&plan->view, &plan->ask, candidate->start_at);
	if (plan->view.slack_share < 1 && candidate->saved_g > 0 && saved_g < candidate->saved_g / 2)
		return "cleaner, but others would use what it leaves: the place is often full";
	return NULL;
}

static const char *explain(const struct plan *plan, const struct candidate *candidate)
{
	const struct carbon_record *record = &plan->decision.record;
	const struct carbon_site *site = &plan->site;
	const char *why;

	if (candidate->start_at == record->begin_at)
		return record->delayed ? "chosen" : "chosen: as without us";
	if (candidate->start_at == record->baseline_at)
		return "as without us";
	why = explain_place(plan, candidate);
	if (why)
		return why;
	if (candidate->saved_g <= 0)
		return "not cleaner";
	if (candidate->saved_g < site->min_saving_g)
		return "saves less than min_saving_g";
	if (candidate->saved_percent < site->min_saving_percent)
		return "saves less than min_saving_percent";
	if (candidate->mass_g > record->mass_g)
		return "cleaner, but not as clean as the chosen one";
	return candidate->start_at > record->begin_at ? "as clean, but later" : "not the policy's choice";
}

static struct candidate evaluate(const struct plan *plan, time_t start_at)
{
	const struct carbon_record *record = &plan->decision.record;
	struct candidate candidate = {.start_at = start_at};

	candidate.mass_g = mass(plan, &plan->zone->mean, start_at);
	candidate.low_g = mass(plan, &plan->zone->low, start_at);
	candidate.high_g = mass(plan, &plan->zone->high, start_at);
	candidate.saved_g = record->baseline_g - candidate.mass_g;
	candidate.saved_percent = record->baseline_g > 0 ? 100 * candidate.saved_g / record->baseline_g : 0;
	candidate.why = explain(plan, &candidate);
	return candidate;
}

/* The start after AT: the next whole hour, the chosen one or the latest one, whichever is first; 0: none is left. */
static time_t next_start(const struct plan *plan, time_t at)
{
	const struct carbon_record *record = &plan->decision.record;
	const time_t others[] = {record->begin_at, record->latest_at};
	time_t next = carbon_hour_floor(at) + HOUR_S;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] > at && others[i] < next)
			next = others[i];
	return next <= record->latest_at ? next : 0;
}

/* --- as text --- */

static void print_candidates(const struct plan *plan)
{
	FILE *out = plan->tool->out;
	time_t at = plan->decision.record.baseline_at;

	fprintf(out, "\n  %-22s %10s %10s %22s  %s\n", "start", "CO2e", "saved", "10 % to 90 %", "");
	for (; at; at = next_start(plan, at)) {
		struct candidate candidate = evaluate(plan, at);
		char when[CARBON_WHEN_TEXT], mean[CARBON_QUANTITY_TEXT], low[CARBON_QUANTITY_TEXT];
		char high[CARBON_QUANTITY_TEXT], band[2 * CARBON_QUANTITY_TEXT + 4];

		carbon_when_format(at, plan->now, when);
		carbon_mass_format(candidate.mass_g, CARBON_TOOL_DIGITS, mean);
		carbon_mass_format(candidate.low_g, CARBON_TOOL_DIGITS, low);
		carbon_mass_format(candidate.high_g, CARBON_TOOL_DIGITS, high);
		snprintf(band, sizeof(band), "%s to %s", low, high);
		fprintf(out, "%s %-22s %10s %8.1f %% %22s  %s\n", at == plan->decision.record.begin_at ? ">" : " ", when,
			mean, candidate.saved_percent, band, candidate.why);
	}
}

static void print_job(const struct plan *plan)
{
	const struct carbon_record *record = &plan->decision.record;
	FILE *out = plan->tool->out;
	char runtime[CARBON_DURATION_TEXT], power[CARBON_QUANTITY_TEXT], from[CARBON_WHEN_TEXT], to[CARBON_WHEN_TEXT];

	carbon_duration_format((time_t)record->runtime_s, runtime);
	carbon_power_format(record->power_w, CARBON_TOOL_DIGITS, power);
	carbon_when_format(record->baseline_at, plan->now, from);
	carbon_when_format(record->latest_at, plan->now, to);
	fprintf(out, "Job       %s (%s), %s with cooling, partition %s, zone %s\n", runtime,
		carbon_tool_runtime(record->runtime_source), power, record->partition, record->zone);
	fprintf(out, "Bounds    may start from %s, latest %s\n", from, to);
	if (plan->decision.slack_share < 1)
		fprintf(out, "Place     has slack %.0f %% of that time; what is left there when it is full, others use\n",
			100 * plan->decision.slack_share);
	carbon_when_format(record->outlook_at, plan->now, from);
	fprintf(out, "Outlook   %s (%s, %s, issued %s)\n", carbon_tool_kind(record->kind), record->source,
		carbon_signal_name(record->signal), from);
}

static void print_verdict(const struct plan *plan)
{
	const struct carbon_decision *decision = &plan->decision;
	const struct carbon_record *record = &decision->record;
	char when[CARBON_WHEN_TEXT], is[CARBON_QUANTITY_TEXT], was[CARBON_QUANTITY_TEXT];
	FILE *out = plan->tool->out;

	if (decision->reason == CARBON_REASON_EXEMPT)
		fprintf(out, "Decision  left alone: %s\n", carbon_exempt_name(plan->job.exempt));
	else if (decision->is_moved)
		carbon_plan_moved_print(plan->tool, &plan->context, decision);
	else if (decision->verdict != CARBON_DELAY)
		fprintf(out, "Decision  %s: %s\n",
			decision->verdict == CARBON_LEFT_ALONE ? "left alone" : "starts as without us",
			carbon_reason_text(decision->reason));
	if (!decision->deadline_is_kept)
		fputs("Note      its deadline cannot be promised even if it could start at once\n", out);
	if (decision->verdict != CARBON_DELAY || decision->is_moved)
		return;
	carbon_when_format(record->begin_at, plan->now, when);
	carbon_mass_format(record->mass_g, CARBON_TOOL_DIGITS, is);
	carbon_mass_format(record->baseline_g, CARBON_TOOL_DIGITS, was);
	fprintf(out, "Decision  may start from %s: about %s instead of %s CO2e (policy %s)\n", when, is, was,
		record->policy);
	if (record->level == CARBON_LEVEL_OBSERVE)
		fputs("Note      level observe: this would be recorded, and the job not delayed\n", out);
	if (decision->delay_was_capped)
		fputs("Note      the delay asked for is longer than the site's max_delay and was cut\n", out);
}

static void print_text(const struct plan *plan)
{
	print_verdict(plan);
	if (!plan->zone)
		return;
	print_job(plan);
	carbon_plan_places_print(plan->tool, &plan->context, &plan->job, &plan->decision);
	print_candidates(plan);
}

/* --- as JSON --- */

static const char *const verdicts[] = {
	[CARBON_LEFT_ALONE] = "left-alone",
	[CARBON_AT_ONCE] = "at-once",
	[CARBON_DELAY] = "delay",
};

static void json_candidates(const struct plan *plan, struct carbon_json *json)
{
	carbon_json_begin(json, "candidates", '[');
	for (time_t at = plan->decision.record.baseline_at; plan->zone && at; at = next_start(plan, at)) {
		struct candidate candidate = evaluate(plan, at);

		carbon_json_begin(json, NULL, '{');
		carbon_json_time(json, "start_at", at);
		carbon_json_number(json, "mass_g", candidate.mass_g);
		carbon_json_number(json, "low_g", candidate.low_g);
		carbon_json_number(json, "high_g", candidate.high_g);
		carbon_json_number(json, "saved_g", candidate.saved_g);
		carbon_json_number(json, "saved_percent", candidate.saved_percent);
		carbon_json_bool(json, "chosen", at == plan->decision.record.begin_at);
		carbon_json_text(json, "why", candidate.why);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void print_json(const struct plan *plan)
{
	const struct carbon_decision *decision = &plan->decision;
	struct carbon_json json;

	carbon_json_init(&json, plan->tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_time(&json, "now", plan->now);
	carbon_json_text(&json, "level", carbon_level_name(plan->site.level));
	carbon_json_text(&json, "verdict", verdicts[decision->verdict]);
	carbon_json_text(&json, "reason",
			 decision->reason == CARBON_REASON_EXEMPT ? carbon_exempt_name(plan->job.exempt)
								  : carbon_reason_text(decision->reason));
	carbon_json_bool(&json, "deadline_is_kept", decision->deadline_is_kept);
	carbon_json_bool(&json, "delay_was_capped", decision->delay_was_capped);
	carbon_json_number(&json, "nodes", decision->nodes);
	carbon_json_number(&json, "slack_share", decision->slack_share);
	if (plan->zone)
		carbon_tool_record_json(&json, &decision->record);
	carbon_plan_places_json(&json, &plan->context, &plan->job, &plan->decision);
	json_candidates(plan, &json);
	carbon_json_end(&json, '}');
}

/* --- deciding --- */

static void decide(struct plan *plan)
{
	const struct carbon_site_user *user = carbon_site_user(&plan->site, plan->job.uid);

	plan->context = (struct carbon_context){
		.site = &plan->site,
		.outlook = plan->outlook,
		.habits = &plan->habits,
		.now = plan->now,
		.waiting = plan->site.waiting,
		.waiting_user = user ? user->waiting : 0,
	};
	plan->decision = carbon_decide(&plan->context, &plan->job);
	/* What is of interest of a job that is sent away is its begin there. */
	if (plan->decision.record.there_at)
		plan->decision.record.begin_at = plan->decision.record.there_at;
	/* Only a record that is whole has a curve to evaluate candidates on. */
	if (!carbon_decision_ask(&plan->context, &plan->decision, &plan->ask))
		return;
	plan->zone = plan->ask.zone;
	carbon_view_init(&plan->view, &plan->ask, &plan->store);
}

static int read_at(const struct carbon_tool *tool, time_t *now, struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, "at");

	*now = tool->now;
	if (value && carbon_when_parse(value, tool->now, now) != 0)
		return carbon_err_set(err, "--at=%s: must be a time such as 18:00, 2026-10-05T18:00, now+12hours", value);
	return 0;
}

static int run_with(struct plan *plan, const struct carbon_config *config, struct carbon_err *err)
{
	struct carbon_err missing;

	bool asks = carbon_tool_has(plan->tool, "clusters");

	if ((asks ? carbon_tool_site_compile(plan->tool, config, &plan->site, err)
		  : carbon_tool_site(config, &plan->site, err)) != 0)
		return carbon_tool_fail(plan->tool, err);
	if (carbon_tool_outlook(config, &plan->outlook, &missing) != 0)
		carbon_tool_warn(plan->tool, "%s", missing.text);
	if (carbon_tool_habits(config, &plan->site, &plan->habits, &missing) < 0)
		carbon_tool_warn(plan->tool, "run times are expected from limits: %s", missing.text);
	decide(plan);
	if (carbon_tool_has(plan->tool, "sbatch"))
		carbon_plan_sbatch(plan->tool, &plan->context, &plan->decision);
	else if (carbon_tool_is_json(plan->tool))
		print_json(plan);
	else
		print_text(plan);
	carbon_outlook_destroy(plan->outlook);
	carbon_habits_fini(&plan->habits);
	carbon_site_fini(&plan->site);
	return CARBON_EXIT_OK;
}

static int run(struct carbon_tool *tool)
{
	struct plan plan = {.tool = tool};
	struct carbon_config *config;
	struct carbon_err err;
	int code;

	if (read_at(tool, &plan.now, &err) != 0 || carbon_job_options(tool, plan.now, &plan.job, &err) != 0)
		return carbon_tool_usage(tool, "%s", err.text);
	if (carbon_tool_config(tool, &config, &err) != 0)
		return carbon_tool_fail(tool, &err);
	carbon_site_init(&plan.site);
	carbon_habits_init(&plan.habits);
	code = run_with(&plan, config, &err);
	carbon_config_destroy(config);
	return code;
}

const struct carbon_command carbon_command_plan = {
	.name = "plan",
	.summary = "where and when a job would run, every candidate and why, without submitting it",
	.operands = "",
	.formats = "text json",
	.flags = carbon_job_flags,
	.takes_requests = true,
	.run = run,
};
