/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What excludes a place, as a table of questions in the order of enum carbon_misfit. A job is moved only where everything that is
 * known says that it can run there: what is not known excludes.
 */
#include "policies/places_steps.h"

#include <stdio.h>
#include <string.h>

#include "policies/features.h"

/* A sibling that was seen at work longer ago may be gone: a job sent there would be stranded for a while. */
#define SEEN_MAX_AGE_S 1800

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

/* --- the questions --- */

static bool is_other_cluster(const struct carbon_places_ask *ask)
{
	return ask->job->origin_id && carbon_place_is_far(ask->place);
}

static bool stays(const struct carbon_places_ask *ask)
{
	const struct carbon_job *job = ask->job;

	return carbon_place_is_far(ask->place) &&
	       (job->stays || job->is_array || job->begin_at || job->has_dependency || job->request.notice.signal);
}

static bool is_unseen(const struct carbon_places_ask *ask)
{
	const struct carbon_sibling *sibling;
	time_t age_s;

	if (!carbon_place_is_far(ask->place))
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
static bool is_bound(const struct carbon_places_ask *ask)
{
	const struct carbon_job *job = ask->job;

	if (job->is_bound)
		return true;
	return job->partitions[0] && !job->request.places[0] && !has_word(job->partitions, ask->place->partition);
}

static bool is_unnamed(const struct carbon_places_ask *ask)
{
	const struct carbon_place *place = ask->place;
	const char *cluster = carbon_place_is_far(place) ? place->cluster : ask->site->cluster;

	/* At a sibling, "gpu" alone means the partition of the cluster where it was submitted. */
	return !carbon_places_name(ask->job->request.places, cluster, place->partition,
				   !carbon_place_is_far(place) && !ask->job->origin_id);
}

static bool is_closed(const struct carbon_places_ask *ask)
{
	return ask->place->closed;
}

/* Whether NAME is among the place's offers of KIND; *COUNT of them there are. */
static bool offers(const struct carbon_places_ask *ask, enum carbon_offer_kind kind, const char *name, size_t *count)
{
	const struct carbon_offer *offer = carbon_site_offers(ask->site, ask->place, kind, count);

	for (size_t i = 0; i < *count; i++)
		if (strcmp(offer[i].name, name) == 0)
			return true;
	return false;
}

static bool is_refused(const struct carbon_places_ask *ask, enum carbon_offer_kind only, enum carbon_offer_kind never,
		       const char *name)
{
	size_t count;

	if (!offers(ask, only, name, &count) && count)
		return true;
	/* Whose name is not known might be one of those who are shut out. */
	return offers(ask, never, name, &count) || (count && !name[0]);
}

static bool refuses_account(const struct carbon_places_ask *ask)
{
	return is_refused(ask, CARBON_OFFER_ACCOUNT, CARBON_OFFER_NO_ACCOUNT, ask->wishes.account);
}

static bool refuses_qos(const struct carbon_places_ask *ask)
{
	return is_refused(ask, CARBON_OFFER_QOS, CARBON_OFFER_NO_QOS, ask->wishes.qos);
}

static bool refuses_user(const struct carbon_places_ask *ask)
{
	char uid[16];
	size_t count;

	if (!carbon_site_offers(ask->site, ask->place, CARBON_OFFER_USER, &count))
		return false;
	snprintf(uid, sizeof(uid), "%u", ask->job->uid);
	return !offers(ask, CARBON_OFFER_USER, uid, &count) && count && ask->job->uid != 0;
}

/* Whether AMOUNT fits on NODES nodes with EACH; what is 0 is not known and hinders nothing. */
static bool exceeds(double amount, double nodes, double each)
{
	return each > 0 && amount > nodes * each;
}

static bool is_too_small(const struct carbon_places_ask *ask)
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

static bool lacks_gpus(const struct carbon_places_ask *ask)
{
	const struct carbon_place *place = ask->place;
	const struct carbon_resources *use = &ask->job->use;
	double nodes = use->nodes > 0 ? use->nodes : place->nodes;
	size_t count;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		if (!offers(ask, CARBON_OFFER_GPU, use->gpu[i].type, &count) && (use->gpu[i].type[0] || !count))
			return true;
	return nodes > 0 && exceeds(carbon_places_gpus(use), nodes, place->node_gpus);
}

static bool has_feature(const void *caller, const char *name)
{
	size_t count;

	return offers(caller, CARBON_OFFER_FEATURE, name, &count);
}

static bool lacks_features(const struct carbon_places_ask *ask)
{
	return !carbon_features_meet(ask->job->features, has_feature, ask);
}

/* A job without a limit of its own gets the partition's: that must not be a shorter one. */
static bool is_too_short(const struct carbon_places_ask *ask)
{
	const struct carbon_place *place = ask->place;
	uint32_t limit_s = ask->job->limit_s;

	if (!limit_s) {
		uint32_t there_s = place->default_limit_s ? place->default_limit_s : place->max_limit_s;

		return there_s && (!ask->home->limit_s || there_s < ask->home->limit_s);
	}
	return place->max_limit_s && limit_s > place->max_limit_s;
}

static bool is_too_slow(const struct carbon_places_ask *ask)
{
	const struct carbon_decision *home = ask->home;

	return home->limit_s && (double)home->record.runtime_s / ask->speed > (double)home->limit_s;
}

static bool is_too_dear(const struct carbon_places_ask *ask)
{
	return ask->site->max_price_node_h > 0 && ask->place->price_node_h > ask->site->max_price_node_h;
}

/* In the order of enum carbon_misfit. */
static bool (*const hinders[CARBON_MISFITS])(const struct carbon_places_ask *) = {
	[CARBON_MISFIT_CLUSTER] = is_other_cluster, [CARBON_MISFIT_STAYS] = stays,
	[CARBON_MISFIT_UNSEEN] = is_unseen,	    [CARBON_MISFIT_BOUND] = is_bound,
	[CARBON_MISFIT_NAMED] = is_unnamed,	    [CARBON_MISFIT_CLOSED] = is_closed,
	[CARBON_MISFIT_ACCOUNT] = refuses_account,  [CARBON_MISFIT_QOS] = refuses_qos,
	[CARBON_MISFIT_USER] = refuses_user,	    [CARBON_MISFIT_NODES] = is_too_small,
	[CARBON_MISFIT_GPUS] = lacks_gpus,	    [CARBON_MISFIT_FEATURES] = lacks_features,
	[CARBON_MISFIT_LIMIT] = is_too_short,	    [CARBON_MISFIT_SPEED] = is_too_slow,
	[CARBON_MISFIT_PRICE] = is_too_dear,
};

enum carbon_misfit carbon_places_find_misfit(const struct carbon_places_ask *ask)
{
	for (int i = CARBON_FITS; i < CARBON_MISFITS; i++)
		if (hinders[i] && hinders[i](ask))
			return (enum carbon_misfit)i;
	return CARBON_FITS;
}
