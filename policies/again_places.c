/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deciding again over places: a waiting job that may move changes its partition while that still gains, and comes back
 * from a cluster that is gone. Must never move a job between places that are alike, nor to one that it does not fit now.
 */
#include "policies/again_steps.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "lib/demand.h"
#include "policies/compare.h"
#include "policies/decide_steps.h"
#include "policies/places.h"

/* Two places within this share of each other are alike. */
#define ALIKE 1e-9

/* The job as it would be at one place. Its parts point at each other: never copied once weighed. */
struct option {
	const struct carbon_place *place;
	struct carbon_record record;
	struct carbon_again again;
	struct carbon_again_work work;
	struct carbon_split best;
	double mass_g; /* its data included */
	double cost_g; /* and the price of waiting; set against where it is now for any other place (policies/compare.h) */
	struct carbon_side side;
};

/* --- one place --- */

/* Names in a record may have been lower-cased. */
static const struct carbon_place *find_place(const struct carbon_site *site, const char *partition)
{
	for (size_t i = 0; i < site->places; i++)
		if (strcasecmp(site->place[i].partition, partition) == 0)
			return &site->place[i];
	return NULL;
}

static bool is_home(const struct carbon_record *record, const struct carbon_place *place)
{
	return record->home[0] && !record->home_cluster[0] && strcasecmp(record->home, place->partition) == 0;
}

/* It runs where it would have without us. */
static void go_home(struct carbon_record *record)
{
	memcpy(record->partition, record->home, sizeof(record->partition));
	memcpy(record->zone, record->home_zone, sizeof(record->zone));
	record->power_w = record->home_power_w;
	record->runtime_s = record->home_runtime_s;
	record->cluster[0] = record->home[0] = record->home_cluster[0] = record->home_zone[0] = '\0';
	record->home_power_w = record->data_g = 0;
	record->home_runtime_s = 0;
	record->there_at = 0;
}

static void go_to(struct carbon_record *record, const struct carbon_place *place, const struct carbon_fit *fit)
{
	if (!record->home[0]) {
		memcpy(record->home, record->partition, sizeof(record->home));
		memcpy(record->home_zone, record->zone, sizeof(record->home_zone));
		record->home_power_w = record->power_w;
		record->home_runtime_s = record->runtime_s;
	}
	memcpy(record->partition, place->partition, sizeof(record->partition));
	memcpy(record->zone, place->zone, sizeof(record->zone));
	record->power_w = fit->power_w;
	record->runtime_s = fit->runtime_s;
}

static time_t margin_s(const struct carbon_site *site, const struct carbon_place *place, double nodes)
{
	return carbon_still_margin_s(site, place, carbon_still_wait(site, place, nodes));
}

/* The latest begin that keeps an end that was asked for was counted with the queue at HERE. */
static void heed_queue(const struct carbon_site *site, const struct option *here, struct option *there)
{
	time_t more_s = margin_s(site, there->place, carbon_demand_nodes(there->place, &here->again.job->use)) -
			margin_s(site, here->place, here->again.nodes);

	if (there->record.finish_at && more_s > 0)
		there->record.latest_at -= more_s;
}

/* The job of HERE as it would be at PLACE. False: it may not run there. */
static bool describe(const struct carbon_context *context, const struct option *here, const struct carbon_place *place,
		     struct option *out)
{
	const struct carbon_decision now = {
		.place = here->place, .limit_s = here->again.limit_s, .record = here->record};
	struct carbon_fit fit = carbon_places_fit(context, here->again.job, &now, place);

	if (fit.misfit != CARBON_FITS || !place->zone[0])
		return false;
	out->place = place;
	out->record = here->record;
	out->again = here->again;
	if (is_home(&here->record, place))
		go_home(&out->record);
	else
		go_to(&out->record, place, &fit);
	memcpy(out->record.zone, place->zone, sizeof(out->record.zone));
	heed_queue(context->site, here, out);
	return out->record.latest_at >= context->now;
}

static double cost_g(const struct carbon_site *site, const struct carbon_record *record, double mass_g)
{
	return mass_g + (double)(record->begin_at - record->baseline_at) / 3600.0 * site->delay_price_g_h;
}

/* The best start at the place that OPTION's record names. False: nothing can be said of it, or it has no room. */
static bool weigh(const struct carbon_context *context, struct option *option)
{
	struct carbon_record *record = &option->record;
	double mass_g;

	option->again.record = record;
	option->again.partition = option->place->partition;
	option->again.nodes = carbon_demand_nodes(option->place, &option->again.job->use);
	if (!carbon_again_open(&option->work, context, &option->again) ||
	    !carbon_again_plan(&option->work, &option->best) || option->best.begin_at > option->work.latest_at)
		return false;
	record->begin_at = option->best.begin_at;
	record->data_g = record->home[0] ? carbon_places_data_g(context, option->place, record) : 0;
	mass_g = carbon_split_mass_g(&option->best, &option->work.still.zone->mean, record->power_w);
	option->mass_g = record->data_g + mass_g;
	option->cost_g = cost_g(context->site, record, option->mass_g);
	option->side = (struct carbon_side){
		.place = option->place,
		.begin_at = record->begin_at,
		.runtime_s = record->runtime_s,
		.power_w = record->power_w,
		.mass_g = mass_g,
		.counted_g = option->work.is_counted ? option->work.counted_g : mass_g,
		.cost_g = option->cost_g,
	};
	carbon_side_look(context, &option->side);
	return true;
}

/* --- the choice --- */

static void find_wishes(const struct carbon_context *context, const struct option *option, struct carbon_deciding *out)
{
	const struct carbon_job *job = option->again.job;

	memset(out, 0, sizeof(*out));
	out->site = context->site;
	out->job = job;
	out->account = job->account;
	out->qos = job->qos;
	out->place = option->place;
	carbon_deciding_find_rules(out);
}

static bool is_excluded(const struct carbon_context *context, const struct option *option)
{
	struct carbon_deciding wishes;

	find_wishes(context, option, &wishes);
	for (size_t i = 0; i < CARBON_DECIDING_RULES; i++)
		if (wishes.rule[i] && wishes.rule[i]->exclude)
			return true;
	return false;
}

/* What is so little better wavers with the next forecast. */
static bool is_real_gain(const struct carbon_context *context, const struct option *here, const struct option *there)
{
	double saved_g = here->cost_g - there->cost_g, share;
	struct carbon_deciding wishes;

	find_wishes(context, here, &wishes);
	share = wishes.decision.min_saving_percent / 100;
	if (share < CARBON_MOVE_GAIN)
		share = CARBON_MOVE_GAIN;
	return saved_g > 0 && saved_g >= wishes.decision.min_saving_g && saved_g >= share * here->mass_g;
}

static bool may_be_at(const struct carbon_record *record, const struct carbon_place *place)
{
	return carbon_record_may(record->may, place->partition) || is_home(record, place);
}

/* The best place that is worth leaving HERE for, in one of SPARE; HERE itself where there is none. */
static struct option *choose(const struct carbon_context *context, struct option *here, struct option spare[2])
{
	const struct carbon_site *site = context->site;
	struct option *best = here, *next = &spare[0];

	for (size_t i = 0; i < site->places; i++) {
		const struct carbon_place *place = &site->place[i];

		if (place == here->place || !may_be_at(&here->record, place) ||
		    !describe(context, here, place, next) || is_excluded(context, next) || !weigh(context, next))
			continue;
		next->cost_g = carbon_compare_cost_g(context, &here->side, &next->side);
		if (next->cost_g >= best->cost_g - ALIKE * fabs(best->cost_g) || !is_real_gain(context, here, next))
			continue;
		best = next;
		next = best == &spare[0] ? &spare[1] : &spare[0];
	}
	return best;
}

static void take(const struct option *option, enum carbon_again_verdict verdict,
		 struct carbon_again_decision *decision)
{
	decision->verdict = verdict;
	decision->record = option->record;
	decision->record.moves++;
	/* Slurm may count what it asks for by the partition: it is first seen anew, unless somebody has spoilt it. */
	if (decision->record.form != 1)
		decision->record.form = 0;
	carbon_again_expect(&option->work, &option->best, &decision->record);
	decision->claim = carbon_again_claim(&option->work, &option->best);
}

/* --- who is asked --- */

static bool may_move(const struct carbon_context *context, const struct carbon_again *again)
{
	const struct carbon_record *record = again->record;

	return again->job && !again->is_federated && !record->cluster[0] && !again->is_dependent && again->tasks <= 1 &&
	       !record->cuts && record->begin_at > context->now && record->moves < CARBON_MOVES_MAX &&
	       context->site->paused_until_at <= context->now && (record->may[0] || record->home[0]);
}

static void move(const struct carbon_context *context, const struct carbon_again *again,
		 struct carbon_again_decision *decision)
{
	struct option here = {.place = find_place(context->site, again->partition), .record = *again->record, .again = *again};
	struct option spare[2], *best;

	if (!here.place || strcasecmp(again->partition, again->record->partition) != 0 || !weigh(context, &here))
		return;
	best = choose(context, &here, spare);
	if (best != &here)
		take(best, CARBON_ELSEWHERE, decision);
}

/* From a cluster that is gone: decided anew, as if it had never been sent there. */
static void come_home(const struct carbon_context *context, const struct carbon_again *again,
		      struct carbon_again_decision *decision)
{
	struct option home = {.place = find_place(context->site, again->record->home), .record = *again->record, .again = *again};
	struct option spare[2];

	if (!home.place || again->record->begin_at <= context->now)
		return;
	go_home(&home.record);
	if (weigh(context, &home))
		take(choose(context, &home, spare), CARBON_RETURN, decision);
}

struct carbon_again_decision carbon_decide_again(const struct carbon_context *context,
						 const struct carbon_again *again)
{
	struct carbon_again_decision decision = carbon_again_here(context, again);

	if (again->job && again->is_stranded && again->record->cluster[0])
		come_home(context, again, &decision);
	else if (may_move(context, again))
		move(context, again, &decision);
	return decision;
}
