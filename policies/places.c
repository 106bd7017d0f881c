/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Places compared. A job is moved only where everything that is known says that it can run there: what is
 * not known excludes. Must never choose a place for the want of data about it.
 */
#include "policies/places.h"

#include <stdio.h>
#include <string.h>

#include "policies/features.h"

/* A sibling that was seen at work longer ago may be gone: a job sent there would be stranded for a while. */
#define SEEN_MAX_AGE_S 1800

/* Two places within this share of each other are alike: which one comes first must not hang on rounding. */
#define ALIKE 1e-9

static const char *const misfit_texts[CARBON_MISFITS] = {
	[CARBON_FITS] = "it fits",
	[CARBON_MISFIT_CLUSTER] = "it is of another cluster than the job was sent to",
	[CARBON_MISFIT_STAYS] = "arrays, interruptible jobs, and jobs with --clusters, --cluster-constraint, --licenses, --exclude, --begin or a dependency stay on their cluster",
	[CARBON_MISFIT_UNSEEN] = "its cluster has not been seen at work just now",
	[CARBON_MISFIT_BOUND] = "the job says itself where it runs",
	[CARBON_MISFIT_NAMED] = "--carbon-relocate names other places",
	[CARBON_MISFIT_CLOSED] = "it takes no jobs from elsewhere",
	[CARBON_MISFIT_ACCOUNT] = "it does not take this account",
	[CARBON_MISFIT_QOS] = "it does not take this QOS",
	[CARBON_MISFIT_USER] = "it does not take this user",
	[CARBON_MISFIT_NODES] = "its nodes are too few or too small",
	[CARBON_MISFIT_GPUS] = "it does not have these GPUs",
	[CARBON_MISFIT_FEATURES] = "it does not have these features",
	[CARBON_MISFIT_LIMIT] = "its longest time is too short",
	[CARBON_MISFIT_SPEED] = "it is so slow that the job might not end within its limit",
	[CARBON_MISFIT_PRICE] = "it is too dear",
	[CARBON_MISFIT_TIME] = "nothing can be said of a run there",
};

const char *carbon_misfit_text(enum carbon_misfit misfit)
{
	return misfit_texts[misfit];
}

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

/* --- what excludes a place --- */

struct question {
	const struct carbon_context *context;
	const struct carbon_site *site;
	const struct carbon_job *job;
	const struct carbon_decision *home;
	const struct carbon_place *place;
	const char *account, *qos;
	double speed; /* of PLACE against HOME, for this job's kind of work */
};

static bool is_far(const struct carbon_place *place)
{
	return place->cluster[0] != '\0';
}

static bool is_other_cluster(const struct question *ask)
{
	return ask->job->origin_id && is_far(ask->place);
}

static bool stays(const struct question *ask)
{
	const struct carbon_job *job = ask->job;

	return is_far(ask->place) && (job->stays || job->is_array || job->begin_at || job->has_dependency ||
				      job->request.notice.signal);
}

static bool is_unseen(const struct question *ask)
{
	const struct carbon_sibling *sibling;
	time_t age_s;

	if (!is_far(ask->place))
		return false;
	sibling = carbon_site_sibling(ask->site, ask->place->cluster);
	if (!sibling || !sibling->active)
		return true;
	age_s = ask->context->now - sibling->seen_at;
	return age_s > SEEN_MAX_AGE_S || age_s < -SEEN_MAX_AGE_S;
}

static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; *at;) {
		size_t item = strcspn(at, ",");

		if (item == length && memcmp(at, word, length) == 0)
			return true;
		at += item + (at[item] == ',');
	}
	return false;
}

/* What --partition lists binds, but for places that --carbon-relocate names. */
static bool is_bound(const struct question *ask)
{
	const struct carbon_job *job = ask->job;

	if (job->is_bound)
		return true;
	return job->partitions[0] && !job->request.places[0] && !has_word(job->partitions, ask->place->partition);
}

static bool is_unnamed(const struct question *ask)
{
	const struct carbon_place *place = ask->place;
	const char *cluster = is_far(place) ? place->cluster : ask->site->cluster;

	/* At a sibling, "gpu" alone means the partition of the cluster where it was submitted. */
	return !carbon_places_name(ask->job->request.places, cluster, place->partition,
				   !is_far(place) && !ask->job->origin_id);
}

static bool is_closed(const struct question *ask)
{
	return ask->place->closed;
}

/* Whether NAME is among the place's offers of KIND; *COUNT of them there are. */
static bool offers(const struct question *ask, enum carbon_offer_kind kind, const char *name, size_t *count)
{
	const struct carbon_offer *offer = carbon_site_offers(ask->site, ask->place, kind, count);

	for (size_t i = 0; i < *count; i++)
		if (strcmp(offer[i].name, name) == 0)
			return true;
	return false;
}

static bool is_refused(const struct question *ask, enum carbon_offer_kind only, enum carbon_offer_kind never,
		       const char *name)
{
	size_t count;

	if (!offers(ask, only, name, &count) && count)
		return true;
	/* Whose name is not known might be one of those who are shut out. */
	return offers(ask, never, name, &count) || (count && !name[0]);
}

static bool refuses_account(const struct question *ask)
{
	return is_refused(ask, CARBON_OFFER_ACCOUNT, CARBON_OFFER_NO_ACCOUNT, ask->account);
}

static bool refuses_qos(const struct question *ask)
{
	return is_refused(ask, CARBON_OFFER_QOS, CARBON_OFFER_NO_QOS, ask->qos);
}

static bool refuses_user(const struct question *ask)
{
	char uid[16];
	size_t count;

	if (!carbon_site_offers(ask->site, ask->place, CARBON_OFFER_USER, &count))
		return false;
	snprintf(uid, sizeof(uid), "%u", ask->job->uid);
	return !offers(ask, CARBON_OFFER_USER, uid, &count) && count && ask->job->uid != 0;
}

static uint32_t count_gpus(const struct carbon_resources *use)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		sum += use->gpu[i].count;
	return sum;
}

/* Whether AMOUNT fits on NODES nodes with EACH; what is 0 is not known and hinders nothing. */
static bool exceeds(double amount, double nodes, double each)
{
	return each > 0 && amount > nodes * each;
}

static bool is_too_small(const struct question *ask)
{
	const struct carbon_place *place = ask->place;
	const struct carbon_resources *use = &ask->job->use;
	double nodes = use->nodes > 0 ? use->nodes : place->nodes;

	if ((place->nodes && use->nodes > place->nodes) || (place->max_nodes && use->nodes > place->max_nodes))
		return true;
	if (exceeds(ask->job->task_cores, 1, place->node_cores))
		return true;
	return nodes > 0 && (exceeds(use->cores, nodes, place->node_cores) ||
			     exceeds(use->memory_gb, nodes, place->node_mem_gb));
}

static bool lacks_gpus(const struct question *ask)
{
	const struct carbon_place *place = ask->place;
	const struct carbon_resources *use = &ask->job->use;
	double nodes = use->nodes > 0 ? use->nodes : place->nodes;
	size_t count;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		if (!offers(ask, CARBON_OFFER_GPU, use->gpu[i].type, &count) && (use->gpu[i].type[0] || !count))
			return true;
	return nodes > 0 && exceeds(count_gpus(use), nodes, place->node_gpus);
}

static bool has_feature(const void *caller, const char *name)
{
	size_t count;

	return offers(caller, CARBON_OFFER_FEATURE, name, &count);
}

static bool lacks_features(const struct question *ask)
{
	return !carbon_features_meet(ask->job->features, has_feature, ask);
}

/* A job without a limit of its own gets the partition's: that must not be a shorter one. */
static bool is_too_short(const struct question *ask)
{
	const struct carbon_place *place = ask->place;
	uint32_t limit_s = ask->job->limit_s;

	if (!limit_s) {
		uint32_t there_s = place->default_limit_s ? place->default_limit_s : place->max_limit_s;

		return there_s && (!ask->home->limit_s || there_s < ask->home->limit_s);
	}
	return place->max_limit_s && limit_s > place->max_limit_s;
}

static bool is_too_slow(const struct question *ask)
{
	const struct carbon_decision *home = ask->home;

	return home->limit_s && (double)home->record.runtime_s / ask->speed > (double)home->limit_s;
}

static bool is_too_dear(const struct question *ask)
{
	return ask->site->max_price_node_h > 0 && ask->place->price_node_h > ask->site->max_price_node_h;
}

/* In the order of enum carbon_misfit. */
static bool (*const hinders[CARBON_MISFITS])(const struct question *) = {
	[CARBON_MISFIT_CLUSTER] = is_other_cluster, [CARBON_MISFIT_STAYS] = stays,
	[CARBON_MISFIT_UNSEEN] = is_unseen,	    [CARBON_MISFIT_BOUND] = is_bound,
	[CARBON_MISFIT_NAMED] = is_unnamed,	    [CARBON_MISFIT_CLOSED] = is_closed,
	[CARBON_MISFIT_ACCOUNT] = refuses_account,  [CARBON_MISFIT_QOS] = refuses_qos,
	[CARBON_MISFIT_USER] = refuses_user,	    [CARBON_MISFIT_NODES] = is_too_small,
	[CARBON_MISFIT_GPUS] = lacks_gpus,	    [CARBON_MISFIT_FEATURES] = lacks_features,
	[CARBON_MISFIT_LIMIT] = is_too_short,	    [CARBON_MISFIT_SPEED] = is_too_slow,
	[CARBON_MISFIT_PRICE] = is_too_dear,
};

static enum carbon_misfit find_misfit(const struct question *ask)
{
	for (int i = CARBON_FITS; i < CARBON_MISFITS; i++)
		if (hinders[i] && hinders[i](ask))
			return (enum carbon_misfit)i;
	return CARBON_FITS;
}

/* --- what a place makes of the job --- */

static double speed_of(const struct carbon_place *place, bool has_gpus)
{
	double speed = has_gpus ? place->gpu_speed : place->speed;

	return speed > 0 ? speed : 1;
}

/* Watts at the place, the hardware there counted, from what was expected at home (measured, said or modelled). */
static double power_there(const struct question *ask)
{
	const struct carbon_place *home = ask->home->place;
	double here_w = carbon_power_it(&home->power, &ask->job->use);
	double there_w = carbon_power_it(&ask->place->power, &ask->job->use);
	double it_w = ask->home->record.power_w / home->power.pue;

	return (here_w > 0 ? it_w * there_w / here_w : it_w) * ask->place->power.pue;
}

static uint32_t runtime_there(const struct question *ask)
{
	return (uint32_t)((double)ask->home->record.runtime_s / ask->speed + 0.5);
}

/* The latest begin that leaves the origin time to see that the other cluster did not start it. */
static time_t latest_there(const struct question *ask)
{
	const struct carbon_place *place = ask->place, *home = ask->home->place;

	if (strcmp(place->cluster, home->cluster) == 0)
		return ask->home->record.latest_at;
	return ask->home->record.latest_at - (time_t)place->queue_wait_s - (time_t)place->boot_s -
	       ask->site->slack_s;
}

static double mean_g_kwh(const struct carbon_context *context, const struct carbon_record *record, const char *zone)
{
	const struct carbon_outlook_zone *found = carbon_outlook_find(context->outlook, zone, record->signal);

	return found ? carbon_curve_value(&found->mean, record->begin_at) : 0;
}

/* The data go when the job begins; half of their way is in each of the two zones. */
double carbon_places_data_g(const struct carbon_context *context, const struct carbon_place *place,
			    const struct carbon_record *there)
{
	double energy_kwh = there->data_gb * place->transfer_kwh_gb;

	if (!(energy_kwh > 0)) /* mostly: it spares two looks into the outlook */
		return 0;
	return energy_kwh * (mean_g_kwh(context, there, there->zone) + mean_g_kwh(context, there, there->home_zone)) / 2;
}

/* Beside what the decision there says: what the job would have been at home. */
static void compare_with_home(const struct question *ask, struct carbon_record *there)
{
	const struct carbon_record *home = &ask->home->record;

	there->baseline_at = home->baseline_at;
	there->baseline_g = home->baseline_g;
	there->data_gb = ask->job->request.data_gb;
	there->home_power_w = home->power_w;
	there->home_runtime_s = home->runtime_s;
	memcpy(there->home_zone, home->zone, sizeof(there->home_zone));
	there->data_g = carbon_places_data_g(ask->context, ask->place, there);
	there->mass_g += there->data_g;
	there->mass_high_g += there->data_g;
	memcpy(there->home, home->partition, sizeof(there->home));
	memcpy(there->home_cluster, ask->home->place->cluster, sizeof(there->home_cluster));
	memcpy(there->cluster, ask->place->cluster, sizeof(there->cluster));
}

/* Where it was submitted it waits to the last: should the other cluster vanish, it begins here. */
static void keep_origin(const struct question *ask, struct carbon_decision *there)
{
	struct carbon_record *record = &there->record;

	record->there_at = record->begin_at;
	record->begin_at = record->latest_at = ask->home->record.latest_at;
	record->delayed = true;
	there->verdict = CARBON_DELAY;
	there->reason = CARBON_REASON_NONE;
}

static double cost_g(const struct carbon_site *site, const struct carbon_record *record)
{
	double waited_h = (double)(record->begin_at - record->baseline_at) / 3600.0;

	return record->mass_g + waited_h * site->delay_price_g_h;
}

static void decide_there(const struct question *ask, struct carbon_candidate *out)
{
	const struct carbon_record *home = &ask->home->record;
	const struct carbon_elsewhere elsewhere = {
		.place = ask->place,
		.runtime_s = runtime_there(ask),
		.runtime_source = home->runtime_source,
		.limit_s = ask->home->limit_s,
		.power_w = power_there(ask),
		.latest_at = latest_there(ask),
	};

	out->decision = carbon_decide_at(ask->context, ask->job, &elsewhere);
	if (out->decision.verdict == CARBON_LEFT_ALONE ||
	    (!out->decision.deadline_is_kept && ask->home->deadline_is_kept)) {
		out->misfit = CARBON_MISFIT_TIME;
		return;
	}
	compare_with_home(ask, &out->decision.record);
	out->decision.home = ask->home->place;
	out->decision.is_moved = true;
	out->cost_g = cost_g(ask->site, &out->decision.record);
	if (is_far(ask->place))
		keep_origin(ask, &out->decision);
}

static struct question ask_of(const struct carbon_context *context, const struct carbon_job *job,
			      const struct carbon_decision *home, const struct carbon_place *place)
{
	const struct carbon_site_user *user = carbon_site_user(context->site, job->uid);
	bool has_gpus = count_gpus(&job->use) > 0;

	return (struct question){context, context->site, job, home, place,
				 job->account[0] || !user ? job->account : user->account,
				 job->qos[0] || !user ? job->qos : user->qos,
				 speed_of(place, has_gpus) / speed_of(home->place, has_gpus)};
}

struct carbon_fit carbon_places_fit(const struct carbon_context *context, const struct carbon_job *job,
				    const struct carbon_decision *home, const struct carbon_place *place)
{
	const struct question ask = ask_of(context, job, home, place);
	struct carbon_fit out = {.misfit = find_misfit(&ask)};

	if (out.misfit == CARBON_FITS) {
		out.runtime_s = runtime_there(&ask);
		out.power_w = power_there(&ask);
	}
	return out;
}

struct carbon_candidate carbon_candidate_evaluate(const struct carbon_context *context, const struct carbon_job *job,
						  const struct carbon_decision *home,
						  const struct carbon_place *place)
{
	const struct question ask = ask_of(context, job, home, place);
	struct carbon_candidate out = {.place = place};

	if (place == home->place) {
		out.decision = *home;
		out.cost_g = cost_g(context->site, &home->record);
		return out;
	}
	out.misfit = find_misfit(&ask);
	if (out.misfit == CARBON_FITS)
		decide_there(&ask, &out);
	return out;
}

/* --- the choice --- */

/* Moving a job for next to nothing is as little wanted as delaying it. */
static bool is_worth_it(const struct carbon_decision *home, double saved_g)
{
	return saved_g > 0 && saved_g >= home->min_saving_g &&
	       saved_g >= home->min_saving_percent / 100.0 * home->record.mass_g;
}

static bool is_less(double a, double b)
{
	return a < b - ALIKE * b;
}

/* That a partition of this cluster takes the job is noted, so that it can still be moved there while it waits. */
static void note_that_it_may(const struct carbon_candidate *candidate, char may[CARBON_RECORD_MAY_MAX])
{
	if (!is_far(candidate->place) &&
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
	bool is_sent = home.place->cluster[0] != '\0'; /* to us, by another cluster */
	double home_g = cost_g(site, &home.record), best_g = 0;
	char may[CARBON_RECORD_MAY_MAX] = "";
	bool found = false;

	for (size_t i = 0; i < carbon_places_count(site); i++) {
		const struct carbon_place *place = carbon_places_at(site, i);
		struct carbon_candidate candidate;

		if (place == home.place)
			continue;
		candidate = carbon_candidate_evaluate(context, job, &home, place);
		if (!is_sent)
			note_that_it_may(&candidate, may);
		if (candidate.misfit != CARBON_FITS || (found && !is_less(candidate.cost_g, best_g)))
			continue;
		if (!is_sent && !is_worth_it(&home, home_g - candidate.cost_g))
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
		bool is_here = !is_far(place);

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
