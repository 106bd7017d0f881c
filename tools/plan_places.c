/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places as carbonctl plan shows them, evaluated by the very function that chooses among them. */
#include "tools/plan_places.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/quantity.h"
#include "lib/when.h"
#include "policies/places.h"
#include "tools/json.h"
#include "tools/tool.h"
#include "tools/words.h"

#define STAYS_FULL 0.5 /* less likely to have slack again before the outlook ends */
#define PLACE_TEXT (2 * CARBON_NAME_MAX)

static const char *name_of(const struct carbon_place *place, char out[PLACE_TEXT])
{
	snprintf(out, PLACE_TEXT, "%s%s%s", place->cluster, place->cluster[0] ? "/" : "", place->partition);
	return out;
}

static time_t begin_of(const struct carbon_record *record)
{
	return record->there_at ? record->there_at : record->begin_at;
}

static bool is_chosen(const struct carbon_place *place, const struct carbon_decision *decision)
{
	return place == decision->place;
}

static bool is_cleaner(const struct carbon_candidate *candidate, const struct carbon_decision *home)
{
	return candidate->decision.record.mass_g < home->record.mass_g;
}

/* HOME_KEPT is as a candidate's "kept", of HOME. */
static const char *why(const struct carbon_candidate *candidate, const struct carbon_decision *home, double home_kept,
		       const struct carbon_decision *decision)
{
	if (is_chosen(candidate->place, decision))
		return decision->is_moved ? "chosen" : "chosen: where it runs without us";
	if (candidate->place == home->place)
		return "where it runs without us";
	if (candidate->misfit == CARBON_MISFIT_TIME)
		return carbon_reason_text(candidate->decision.reason);
	if (candidate->misfit != CARBON_FITS)
		return carbon_misfit_text(candidate->misfit);
	if (is_cleaner(candidate, home) && candidate->kept < STAYS_FULL)
		return "cleaner, but it stays full: others would wait for what the job takes";
	if (is_cleaner(candidate, home) && home_kept < STAYS_FULL)
		return "cleaner, but where it runs without us stays full: others would use what it leaves";
	return "does not save enough, or less than the chosen one";
}

void carbon_plan_moved_print(const struct carbon_tool *tool, const struct carbon_context *context,
			     const struct carbon_decision *decision)
{
	const struct carbon_record *record = &decision->record;
	char name[PLACE_TEXT], when[CARBON_WHEN_TEXT], is[CARBON_QUANTITY_TEXT], was[CARBON_QUANTITY_TEXT];

	carbon_when_format(begin_of(record), context->now, when);
	carbon_mass_format(record->mass_g, CARBON_TOOL_DIGITS, is);
	carbon_mass_format(record->baseline_g, CARBON_TOOL_DIGITS, was);
	fprintf(tool->out, "Decision  runs in %s (%s) from %s: about %s instead of %s CO2e in %s (%s)\n", record->zone,
		name_of(decision->place, name), when, is, was, record->home_zone, record->home);
}

static struct carbon_decision decide_home(const struct carbon_context *context, const struct carbon_job *job)
{
	return carbon_decide_at(context, job, NULL);
}

static double kept_at_home(const struct carbon_context *context, const struct carbon_job *job, const struct carbon_decision *home)
{
	return carbon_candidate_evaluate(context, job, home, home->place).kept;
}

static bool has_places(const struct carbon_job *job, const struct carbon_decision *home)
{
	return job->request.relocate && home->verdict != CARBON_LEFT_ALONE;
}

void carbon_plan_places_print(const struct carbon_tool *tool, const struct carbon_context *context,
			      const struct carbon_job *job, const struct carbon_decision *decision)
{
	const struct carbon_decision home = decide_home(context, job);
	double home_kept;

	if (!has_places(job, &home))
		return;
	home_kept = kept_at_home(context, job, &home);
	fprintf(tool->out, "\n  %-22s %-12s %-22s %10s  %s\n", "place", "zone", "best start", "CO2e", "");
	for (size_t i = 0; i < carbon_places_count(context->site); i++) {
		const struct carbon_place *place = carbon_places_at(context->site, i);
		struct carbon_candidate candidate = carbon_candidate_evaluate(context, job, &home, place);
		char name[PLACE_TEXT], when[CARBON_WHEN_TEXT] = "-", mass[CARBON_QUANTITY_TEXT] = "-";

		if (candidate.misfit == CARBON_FITS) {
			carbon_when_format(begin_of(&candidate.decision.record), context->now, when);
			carbon_mass_format(candidate.decision.record.mass_g, CARBON_TOOL_DIGITS, mass);
		}
		fprintf(tool->out, "%s %-22s %-12s %-22s %10s  %s\n", is_chosen(place, decision) ? ">" : " ",
			name_of(place, name), place->zone[0] ? place->zone : "unknown", when, mass,
			why(&candidate, &home, home_kept, decision));
	}
}

void carbon_plan_places_json(struct carbon_json *json, const struct carbon_context *context,
			     const struct carbon_job *job, const struct carbon_decision *decision)
{
	const struct carbon_decision home = decide_home(context, job);
	double home_kept = has_places(job, &home) ? kept_at_home(context, job, &home) : 1;

	carbon_json_begin(json, "places", '[');
	for (size_t i = 0; has_places(job, &home) && i < carbon_places_count(context->site); i++) {
		const struct carbon_place *place = carbon_places_at(context->site, i);
		struct carbon_candidate candidate = carbon_candidate_evaluate(context, job, &home, place);
		const struct carbon_record *record = &candidate.decision.record;

		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "cluster", place->cluster[0] ? place->cluster : context->site->cluster);
		carbon_json_text(json, "partition", place->partition);
		carbon_json_text(json, "zone", place->zone[0] ? place->zone : NULL);
		if (candidate.misfit == CARBON_FITS) {
			carbon_json_time(json, "begin_at", begin_of(record));
			carbon_json_number(json, "mass_g", record->mass_g);
			carbon_json_number(json, "data_g", record->data_g);
			carbon_json_number(json, "power_w", record->power_w);
			carbon_json_int(json, "runtime_s", record->runtime_s);
		}
		carbon_json_bool(json, "chosen", is_chosen(place, decision));
		carbon_json_text(json, "why", why(&candidate, &home, home_kept, decision));
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

void carbon_plan_sbatch(const struct carbon_tool *tool, const struct carbon_context *context,
			const struct carbon_decision *decision)
{
	const struct carbon_record *record = &decision->record;
	const char *gap = "";
	time_t begin_at;
	char date[CARBON_WHEN_DATE], clock[CARBON_WHEN_CLOCK];

	if (decision->is_moved) {
		if (record->cluster[0])
			fprintf(tool->out, "-M %s ", record->cluster);
		fprintf(tool->out, "-p %s", record->partition);
		gap = " ";
	}
	begin_at = decision->verdict == CARBON_LEFT_ALONE ? 0 : begin_of(record);
	if (begin_at > context->now && carbon_when_date(begin_at, date, clock) >= 0)
		fprintf(tool->out, "%s--begin=%sT%s", gap, date, clock);
	fputc('\n', tool->out);
}
