/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One place judged by replay. A case limits how much may be delayed in the way the plugin does,
 * job by job; the greatest one that others can bear is recommended. Must never take a promise
 * of a record for a saving.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/store.h"
#include "config/config.h"
#include "lib/err.h"
#include "lib/series.h"
#include "policies/policy.h"
#include "simulator/grid.h"
#include "tools/advise_work.h"

#define DAY_S ((time_t)86400)
#define LONG_S (12 * 3600)
#define SAME_SHARE 0.005

static const double shares[CARBON_ADVISE_CASES] = {0.1, 0.25, 0.5, 1};

struct work {
	const struct carbon_advise_ask *ask;
	struct carbon_advise_place *place;
	const struct carbon_advise_runs *runs;
	struct carbon_effect_job *job;
	bool *is_ours; /* shadow mode would have delayed it */
	struct carbon_series series;
	struct carbon_grid *grid;
};

static bool counts(const struct work *work, size_t i)
{
	const struct carbon_trail_run *run = &work->runs->run[i];

	return run->start_at >= work->ask->from_at && run->start_at < work->ask->to_at;
}

static bool is_shadow(const struct carbon_trail_run *run)
{
	return run->has_record && run->level == CARBON_LEVEL_OBSERVE;
}

/* GPUs where every run has some, else cores. */
static void pick_unit(struct work *work)
{
	work->place->unit = "GPUs";
	for (size_t i = 0; i < work->runs->count; i++)
		if (!work->runs->run[i].gpus)
			work->place->unit = "cores";
}

static uint32_t size_of(const struct work *work, const struct carbon_trail_run *run)
{
	double size = work->place->unit[0] == 'G' ? (double)run->gpus : ceil(run->cores);

	return size < 1 ? 1 : size > 1e9 ? 1000000000 : (uint32_t)size;
}

/* What really was delayed by us is taken as it was: eligible from its begin on. */
static time_t ready_at(const struct carbon_trail_run *run)
{
	return run->eligible_at > run->submit_at ? run->eligible_at : run->submit_at;
}

static void fill_jobs(struct work *work)
{
	for (size_t i = 0; i < work->runs->count; i++) {
		const struct carbon_trail_run *run = &work->runs->run[i];
		double power_w = run->above_w;

		work->job[i] = (struct carbon_effect_job){
			.ready_at = ready_at(run),
			.start_at = run->start_at,
			.end_at = run->end_at,
			.limit_s = run->limit_s,
			.size = size_of(work, run),
			.power_w = power_w > 0 && power_w < 1e9 ? power_w : 0,
		};
		work->is_ours[i] = counts(work, i) && is_shadow(run) && run->is_delayed &&
				   run->begin_at > ready_at(run);
	}
}

static double node_s(const struct carbon_effect_job *job)
{
	return job->size * (double)(job->end_at - job->start_at);
}

/* --- what is known beside the replays --- */

static int compare_doubles(const void *a, const void *b)
{
	const double *da = a, *db = b;

	return (*da > *db) - (*da < *db);
}

static int find_limits(struct work *work, struct carbon_err *err)
{
	double *share = calloc(work->runs->count + 1, sizeof(*share));
	size_t count = 0;

	if (!share)
		return carbon_err_set(err, "no memory for %zu runs", work->runs->count);
	for (size_t i = 0; i < work->runs->count; i++)
		if (counts(work, i) && work->job[i].limit_s)
			share[count++] = (double)(work->job[i].end_at - work->job[i].start_at) /
					 work->job[i].limit_s;
	qsort(share, count, sizeof(*share), compare_doubles);
	if (count)
		work->place->limit_share = share[count / 2];
	free(share);
	return 0;
}

static void count_runs(struct work *work)
{
	struct carbon_advise_place *place = work->place;
	double all_kwh = 0, long_kwh = 0;
	time_t last_day = -1;

	for (size_t i = 0; i < work->runs->count; i++) {
		const struct carbon_trail_run *run = &work->runs->run[i];
		double run_s = (double)(run->end_at - run->start_at);

		if (!counts(work, i))
			continue;
		place->runs++;
		all_kwh += work->job[i].power_w * run_s;
		long_kwh += run_s >= LONG_S ? work->job[i].power_w * run_s : 0;
		if (!is_shadow(run))
			continue;
		place->decided++;
		place->delayed += work->is_ours[i];
		/* in order of submission */
		place->days += run->submit_at / DAY_S != last_day;
		last_day = run->submit_at / DAY_S;
	}
	place->long_share = all_kwh > 0 ? long_kwh / all_kwh : 0;
}

static void find_use(struct work *work, uint32_t size)
{
	double used_s = 0;

	for (size_t i = 0; i < work->runs->count; i++) {
		const struct carbon_effect_job *job = &work->job[i];
		time_t from =
			job->start_at > work->ask->from_at ? job->start_at : work->ask->from_at;
		time_t to = job->end_at < work->ask->to_at ? job->end_at : work->ask->to_at;

		if (to > from)
			used_s += job->size * (double)(to - from);
	}
	work->place->used_share =
		used_s / (size * (double)(work->ask->to_at - work->ask->from_at));
}

/* --- replays --- */

static int replay(const struct work *work, struct carbon_effect *effect, struct carbon_err *err)
{
	const struct carbon_effect_ask ask = {
		.job = work->job,
		.jobs = work->runs->count,
		.settled = &work->series,
		.from_at = work->ask->from_at,
		.to_at = work->ask->to_at,
		.is_shadow = true,
	};

	return carbon_effect_replay(&ask, effect, err);
}

/* In order of submission, as long as the share of the node-hours so far holds. */
static void give_begins(struct work *work, struct carbon_advise_case *some)
{
	double all = 0, delayed = 0;

	for (size_t i = 0; i < work->runs->count; i++) {
		struct carbon_effect_job *job = &work->job[i];

		job->begin_at = 0;
		if (!counts(work, i))
			continue;
		all += node_s(job);
		if (!work->is_ours[i] || delayed + node_s(job) > some->most_share * all)
			continue;
		delayed += node_s(job);
		job->begin_at = work->runs->run[i].begin_at;
	}
	some->share = all > 0 ? delayed / all : 0;
}

static int run_cases(struct work *work, struct carbon_err *err)
{
	struct carbon_advise_place *place = work->place;

	for (int c = 0; c < CARBON_ADVISE_CASES; c++) {
		struct carbon_advise_case some = {.most_share = shares[c]};

		give_begins(work, &some);
		if (replay(work, &some.effect, err) < 0)
			return -1;
		/* A case that delays no more than the one before stands for both. */
		if (c > 0 && some.share - place->some[place->cases - 1].share < SAME_SHARE)
			place->cases--;
		place->some[place->cases++] = some;
	}
	return 0;
}

/* Where every hour is known in advance. */
static time_t best_begin(const struct work *work, size_t i)
{
	const struct carbon_curve *truth = carbon_grid_truth(work->grid);
	const struct carbon_effect_job *job = &work->job[i];
	time_t run_s = job->end_at - job->start_at;
	struct carbon_query query = {
		.mean = truth,
		.high = truth,
		.earliest_at = ready_at(&work->runs->run[i]),
		.latest_at = work->runs->run[i].latest_at,
		.runtime_s = (uint32_t)run_s,
		.power_w = 1,
	};

	if (query.latest_at > carbon_curve_end(truth) - run_s)
		query.latest_at = carbon_curve_end(truth) - run_s;
	if (query.latest_at <= query.earliest_at ||
	    !carbon_grid_is_known(work->grid, query.earliest_at, query.latest_at + run_s))
		return work->runs->run[i].begin_at;
	return carbon_policy_find("lowest-window")->choose(&query);
}

static int run_best(struct work *work, struct carbon_err *err)
{
	struct carbon_effect effect;

	if (carbon_grid_create(work->place->zone, &work->series, &work->grid, err) < 0)
		return -1;
	for (size_t i = 0; i < work->runs->count; i++)
		work->job[i].begin_at = counts(work, i) && is_shadow(&work->runs->run[i])
						? best_begin(work, i)
						: 0;
	if (replay(work, &effect, err) < 0)
		return -1;
	work->place->best_g = effect.effect_g;
	return 0;
}

/* --- other zones --- */

static double mass_in(const struct work *work, const struct carbon_series *series,
		      double *known_kwh)
{
	double mass_g = 0;

	*known_kwh = 0;
	for (size_t i = 0; i < work->runs->count; i++) {
		const struct carbon_effect_job *job = &work->job[i];
		struct carbon_integral integral;

		if (!counts(work, i))
			continue;
		integral = carbon_series_integrate(series, job->start_at, job->end_at);
		mass_g += job->power_w * integral.g_s_kwh;
		*known_kwh += job->power_w * integral.known_s;
	}
	return mass_g;
}

static void add_other(struct work *work, const char *zone, double here_g_kwh,
		      const struct carbon_series *series)
{
	struct carbon_advise_place *place = work->place;
	struct carbon_advise_other *other = &place->other[place->others];
	double known_kwh, mass_g = mass_in(work, series, &known_kwh);

	if (!(known_kwh > 0))
		return;
	snprintf(other->zone, sizeof(other->zone), "%s", zone);
	other->less_share = 1 - mass_g / known_kwh / here_g_kwh;
	place->others++;
}

static int find_others(struct carbon_store *store, struct work *work, struct carbon_err *err)
{
	const struct carbon_config *config = work->ask->config;
	double known_kwh, here_g = mass_in(work, &work->series, &known_kwh);
	int rc = 0;

	if (!(here_g > 0))
		return 0;
	for (size_t i = 0;
	     i < config->zones && rc == 0 && work->place->others < CARBON_ADVISE_OTHERS_MAX;
	     i++) {
		const char *zone = config->zone[i].name;
		struct carbon_series series;

		if (strcmp(zone, work->place->zone) == 0)
			continue;
		carbon_series_init(&series);
		rc = carbon_store_history_get(store, zone, config->site.signal, NULL,
					      work->ask->from_at, work->ask->to_at, &series,
					      err);
		if (rc == 0)
			add_other(work, zone, here_g / known_kwh, &series);
		carbon_series_fini(&series);
	}
	return rc;
}

/* --- the judgement --- */

static bool others_can_bear(const struct carbon_advise_case *some)
{
	const struct carbon_effect_wait *wait = &some->effect.bystanders;
	double most_s = fmax(CARBON_ADVISE_WAIT_S, CARBON_ADVISE_WAIT_SHARE * wait->without_s);

	return !wait->jobs || wait->with_s - wait->without_s <= most_s;
}

static bool is_worth_it(const struct carbon_effect *effect)
{
	return effect->effect_g >= CARBON_ADVISE_LEAST * effect->without_g;
}

/* The greatest case that saves anything and that others can bear. */
static const struct carbon_advise_case *pick_case(const struct carbon_advise_place *place)
{
	for (size_t c = place->cases; c-- > 0;)
		if (others_can_bear(&place->some[c]) && is_worth_it(&place->some[c].effect))
			return &place->some[c];
	return NULL;
}

static enum carbon_advice judge(struct carbon_advise_place *place)
{
	const struct carbon_advise_case *all = &place->some[place->cases - 1];

	if (all->effect.full_share >= CARBON_ADVISE_FULL)
		return CARBON_ADVICE_FULL;
	if (!place->delayed || place->days < CARBON_ADVISE_DAYS)
		return CARBON_ADVICE_NO_DATA;
	place->chosen = pick_case(place);
	if (!place->chosen)
		return is_worth_it(&all->effect) ? CARBON_ADVICE_WAITS : CARBON_ADVICE_SMALL;
	if (place->chosen->effect.low_g <= 0)
		return CARBON_ADVICE_UNSURE;
	return place->chosen == all ? CARBON_ADVICE_ENABLE : CARBON_ADVICE_LIMIT;
}

/* --- the whole --- */

static int look_at(struct carbon_store *store, struct work *work, struct carbon_err *err)
{
	struct carbon_advise_place *place = work->place;
	enum carbon_signal signal = work->ask->config->site.signal;

	pick_unit(work);
	fill_jobs(work);
	count_runs(work);
	if (find_limits(work, err) < 0)
		return -1;
	if (!place->zone[0])
		return carbon_err_set(err,
				      "none of its runs has a zone: carbon.conf names none");
	if (carbon_store_history_get(
		    store, place->zone, signal, NULL, work->ask->from_at - CARBON_ADVISE_LEAD_S,
		    work->ask->to_at + CARBON_ADVISE_LEAD_S, &work->series, err) < 0 ||
	    run_cases(work, err) < 0 || run_best(work, err) < 0)
		return -1;
	find_use(work, place->some[0].effect.size);
	return find_others(store, work, err);
}

int carbon_advise_place_judge(struct carbon_store *store, const struct carbon_advise_ask *ask,
			      struct carbon_advise_place *place,
			      const struct carbon_advise_runs *runs, struct carbon_err *err)
{
	struct work work = {.ask = ask, .place = place, .runs = runs};
	struct carbon_err trouble = {""};

	carbon_series_init(&work.series);
	work.job = calloc(runs->count + 1, sizeof(*work.job));
	work.is_ours = calloc(runs->count + 1, sizeof(*work.is_ours));
	if (!work.job || !work.is_ours) {
		free(work.job);
		free(work.is_ours);
		return carbon_err_set(err, "no memory for %zu runs", runs->count);
	}
	place->advice = CARBON_ADVICE_NO_DATA;
	if (look_at(store, &work, &trouble) < 0)
		memcpy(place->trouble, trouble.text, sizeof(place->trouble));
	else
		place->advice = judge(place);
	carbon_grid_destroy(work.grid);
	carbon_series_fini(&work.series);
	free(work.job);
	free(work.is_ours);
	return 0;
}
