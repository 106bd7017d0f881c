/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places compared, and the best one chosen. Must never choose a place for the want of data about it, nor between equals by
 * chance.
 */
#include "policies/places_steps.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Two places within this share of each other are alike: which one comes first must not hang on rounding. */
#define ALIKE 1e-9

size_t carbon_places_count(const struct carbon_site *site)
{
	return site->places + site->remotes;
}

const struct carbon_place *carbon_places_at(const struct carbon_site *site, size_t i)
{
	return i < site->places ? &site->place[i] : &site->remote[i - site->places];
}

/* The cluster that a sibling job was submitted to; NULL: the job is at home here, or nobody knows. */
static const char *origin_of(const struct carbon_site *site, const struct carbon_job *job)
{
	for (size_t i = 0; job->origin_id && i < site->siblings; i++)
		if (site->sibling[i].id == job->origin_id)
			return site->sibling[i].cluster;
	return NULL;
}

const struct carbon_place *carbon_places_home(const struct carbon_site *site, const struct carbon_job *job)
{
	const char *origin = origin_of(site, job);
	const struct carbon_place *place = NULL;

	if (origin && job->request.relocate)
		place = carbon_site_remote(site, origin, job->partition);
	return place ? place : carbon_site_place(site, job->partition);
}

/* --- one place --- */

static double speed_of(const struct carbon_place *place, bool has_gpus)
{
	double speed = has_gpus ? place->gpu_speed : place->speed;

	return speed > 0 ? speed : 1;
}

/* A question without its place and the run at home. */
static struct carbon_places_ask ask_of(const struct carbon_context *context, const struct carbon_job *job,
				       const struct carbon_decision *home)
{
	return (struct carbon_places_ask){
		.context = context,
		.site = context->site,
		.job = job,
		.home = home,
		.wishes = carbon_wishes_find(context->site, job),
	};
}

static void ask_for(struct carbon_places_ask *ask, const struct carbon_place *place)
{
	bool has_gpus = carbon_places_gpus(&ask->job->use) > 0;

	ask->place = place;
	ask->speed = speed_of(place, has_gpus) / speed_of(ask->home->place, has_gpus);
}

struct carbon_fit carbon_places_fit(const struct carbon_context *context, const struct carbon_job *job,
				    const struct carbon_decision *home, const struct carbon_place *place)
{
	struct carbon_places_ask ask = ask_of(context, job, home);
	struct carbon_fit out = {0};

	ask_for(&ask, place);
	out.misfit = carbon_places_find_misfit(&ask);
	if (out.misfit == CARBON_FITS) {
		out.runtime_s = carbon_places_runtime_s(&ask);
		out.power_w = carbon_places_power_w(&ask);
	}
	return out;
}

static struct carbon_candidate evaluate(struct carbon_places_ask *ask, const struct carbon_place *place)
{
	struct carbon_candidate out = {.place = place, .kept = 1};

	ask_for(ask, place);
	out.misfit = carbon_places_find_misfit(ask);
	if (out.misfit == CARBON_FITS)
		carbon_places_decide(ask, &out);
	return out;
}

struct carbon_candidate carbon_candidate_evaluate(const struct carbon_context *context, const struct carbon_job *job,
						  const struct carbon_decision *home,
						  const struct carbon_place *place)
{
	const struct carbon_side side = carbon_places_side(context, home);
	struct carbon_places_ask ask = ask_of(context, job, home);

	if (place == home->place)
		return (struct carbon_candidate){
			.place = place, .decision = *home, .cost_g = side.cost_g, .kept = side.kept};
	ask.home_side = &side;
	return evaluate(&ask, place);
}

/* --- the choice --- */

/* Moving a job for next to nothing is as little wanted as delaying it. */
static bool is_worth_it(const struct carbon_decision *home, double saved_g)
{
	return saved_g > 0 && saved_g >= home->min_saving_g &&
	       saved_g >= home->min_saving_percent / 100.0 * home->record.mass_g;
}

/* What is set against home may be under nothing. */
static bool is_less(double a, double b)
{
	return a < b - ALIKE * fabs(b);
}

/* That a partition of this cluster takes the job is noted, so that it can still be moved there while it waits. */
static void note_that_it_may(const struct carbon_candidate *candidate, char may[CARBON_RECORD_MAY_MAX])
{
	if (!carbon_place_is_far(candidate->place) &&
	    (candidate->misfit == CARBON_FITS || candidate->misfit == CARBON_MISFIT_TIME))
		carbon_record_may_add(may, candidate->place->partition);
}

static void tell_where_it_may(const struct carbon_job *job, const char *may, struct carbon_decision *decision)
{
	struct carbon_record *record = &decision->record;

	if (!may[0] || decision->verdict != CARBON_DELAY)
		return;
	memcpy(record->may, may, sizeof(record->may));
	record->data_gb = job->request.data_gb;
}

void carbon_places_choose(const struct carbon_context *context, const struct carbon_job *job,
			  struct carbon_decision *decision)
{
	const struct carbon_site *site = context->site;
	const struct carbon_decision home = *decision;
	const struct carbon_side side = carbon_places_side(context, &home);
	struct carbon_places_ask ask = ask_of(context, job, &home);
	bool is_sent = home.place->cluster[0] != '\0'; /* to us, by another cluster */
	double best_g = 0;
	char may[CARBON_RECORD_MAY_MAX] = "";
	bool found = false;

	ask.home_side = &side;
	for (size_t i = 0; i < carbon_places_count(site); i++) {
		const struct carbon_place *place = carbon_places_at(site, i);
		struct carbon_candidate candidate;

		if (place == home.place)
			continue;
		candidate = evaluate(&ask, place);
		if (!is_sent)
			note_that_it_may(&candidate, may);
		if (candidate.misfit != CARBON_FITS || (found && !is_less(candidate.cost_g, best_g)))
			continue;
		if (!is_sent && !is_worth_it(&home, side.cost_g - candidate.cost_g))
			continue;
		best_g = candidate.cost_g;
		*decision = candidate.decision;
		found = true;
	}
	tell_where_it_may(job, may, decision);
}

/* --- names that nobody knows --- */

static bool is_known(const struct carbon_site *site, const char *name)
{
	for (size_t i = 0; i < carbon_places_count(site); i++) {
		const struct carbon_place *place = carbon_places_at(site, i);
		bool is_here = !carbon_place_is_far(place);

		if (carbon_places_name(name, is_here ? site->cluster : place->cluster, place->partition, is_here))
			return true;
	}
	return false;
}

bool carbon_places_unknown(const struct carbon_site *site, const char *places, char *out, size_t size)
{
	char name[2 * CARBON_NAME_MAX];
	size_t used = 0;

	out[0] = '\0';
	for (const char *at = places; *at;) {
		size_t length = strcspn(at, ",");

		snprintf(name, sizeof(name), "%.*s", (int)length, at);
		if (!is_known(site, name) && used < size)
			used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "", name);
		at += length + (at[length] == ',');
	}
	return used > 0;
}
