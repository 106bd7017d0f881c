/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration's wishes joined with what the cluster says of itself: the site that slurmctld's plugin
 * reads. Nothing is asked here and nothing written; the caller did the one and will do the other.
 */
#include "config/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

static int by_partition(const void *a, const void *b)
{
	return strcmp(((const struct carbon_place *)a)->partition, ((const struct carbon_place *)b)->partition);
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct carbon_rule *x = a, *y = b;

	return x->kind != y->kind ? (x->kind > y->kind) - (x->kind < y->kind) : strcmp(x->name, y->name);
}

static int by_uid(const void *a, const void *b)
{
	const struct carbon_site_user *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_from(const void *a, const void *b)
{
	const struct carbon_wall *x = a, *y = b;

	return (x->from_at > y->from_at) - (x->from_at < y->from_at);
}

static int by_offer(const void *a, const void *b)
{
	return carbon_offer_compare(a, b);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct carbon_sibling *)a)->cluster, ((const struct carbon_sibling *)b)->cluster);
}

#define HOLDOUT_AHEAD_S ((time_t)16 * 86400)
#define HOLDOUT_BLOCKS_MAX 17

static int by_blackout(const void *a, const void *b)
{
	const struct carbon_blackout *x = a, *y = b;

	return (x->from_at > y->from_at) - (x->from_at < y->from_at);
}

static const struct carbon_config_partition *find_partition(const struct carbon_config_cluster *cluster,
							    const char *name)
{
	for (size_t i = 0; i < cluster->partitions; i++)
		if (strcmp(cluster->partition[i].name, name) == 0)
			return &cluster->partition[i];
	return NULL;
}

const struct carbon_place *carbon_config_place(const struct carbon_config *config, const char *cluster,
					       const char *name)
{
	const struct carbon_place *found = &config->fallback;

	for (size_t i = 0; i < config->site.places; i++) {
		const struct carbon_place *place = &config->site.place[i];

		if (strcmp(place->partition, name) != 0)
			continue;
		if (strcmp(place->cluster, cluster) == 0)
			return place;
		if (!place->cluster[0])
			found = place;
	}
	return found;
}

const struct carbon_terms *carbon_config_terms(const struct carbon_config *config, const struct carbon_place *place)
{
	return place == &config->fallback ? &config->fallback_terms : &config->terms[place - config->site.place];
}

static bool is_of(const struct carbon_place *place, const struct carbon_config_cluster *cluster)
{
	return !place->cluster[0] || strcmp(place->cluster, cluster->name) == 0;
}

/* A block that names no partition is a typing error or out of date, and its rules would hold for nobody. */
static int check_blocks(const struct carbon_config *config, const struct carbon_config_cluster *cluster,
			struct carbon_err *err)
{
	for (size_t i = 0; i < config->site.places; i++)
		if (is_of(&config->site.place[i], cluster) &&
		    !find_partition(cluster, config->site.place[i].partition))
			return carbon_err_set(err, "%s:%d: cluster %s has no partition \"%s\"", config->path,
					      config->place_line[i], cluster->name,
					      config->site.place[i].partition);
	if (cluster->partitions > CARBON_SITE_PLACES_MAX)
		return carbon_err_set(err, "cluster %s has %zu partitions, at most %d are handled", cluster->name,
				      cluster->partitions, CARBON_SITE_PLACES_MAX);
	if (cluster->users > CARBON_SITE_USERS_MAX)
		return carbon_err_set(err, "cluster %s has %zu users, at most %d are handled", cluster->name,
				      cluster->users, CARBON_SITE_USERS_MAX);
	if (cluster->walls > CARBON_SITE_WALLS_MAX)
		return carbon_err_set(err, "cluster %s has %zu maintenance reservations, at most %d are handled",
				      cluster->name, cluster->walls, CARBON_SITE_WALLS_MAX);
	return 0;
}

/* A sorted copy; *OUT is NULL where there is nothing to copy. */
static int copy_sorted(const void *from, size_t count, size_t size,
		       int (*order)(const void *, const void *), void **out)
{
	*out = NULL;
	if (count == 0)
		return 0;
	*out = malloc(count * size);
	if (!*out)
		return -1;
	memcpy(*out, from, count * size);
	qsort(*out, count, size, order);
	return 0;
}

static void copy_facts(struct carbon_place *place, const struct carbon_config_partition *partition)
{
	place->is_default = partition->is_default;
	place->default_limit_s = partition->default_limit_s;
	place->max_limit_s = partition->max_limit_s;
	place->nodes = partition->nodes;
	place->node_cores = partition->node_cores;
	place->node_gpus = partition->node_gpus;
	place->node_mem_gb = partition->node_mem_gb;
	place->exclusive = partition->exclusive;
	place->max_nodes = partition->max_nodes;
	place->closed = partition->closed;
}

/* BLOCK with the PUE of this month. */
static void copy_block(struct carbon_place *place, const struct carbon_config *config,
		       const struct carbon_place *block, time_t now)
{
	*place = *block;
	place->power.pue = carbon_terms_pue(carbon_config_terms(config, block), block->power.pue, now);
}

static void fill_place(struct carbon_place *place, const struct carbon_config *config,
		       const struct carbon_config_cluster *cluster, const struct carbon_config_partition *partition,
		       time_t now)
{
	copy_block(place, config, carbon_config_place(config, cluster->name, partition->name), now);
	snprintf(place->partition, sizeof(place->partition), "%s", partition->name);
	place->cluster[0] = '\0';
	copy_facts(place, partition);
}

static const struct carbon_config_partition *find_remote(const struct carbon_config_cluster *cluster,
							 const struct carbon_place *place)
{
	for (size_t i = 0; i < cluster->remotes; i++)
		if (strcmp(cluster->remote[i].cluster, place->cluster) == 0 &&
		    strcmp(cluster->remote[i].name, place->partition) == 0)
			return &cluster->remote[i];
	return NULL;
}

static int by_cluster(const void *a, const void *b)
{
	return carbon_place_compare(a, b);
}

/* Places of other clusters as far as those clusters have answered: of any other nothing is known to rely on. */
static int fill_remotes(struct carbon_site *site, const struct carbon_config *config,
			const struct carbon_config_cluster *cluster)
{
	if (cluster->remotes == 0 || config->site.places == 0)
		return 0;
	site->remote = calloc(config->site.places, sizeof(*site->remote));
	if (!site->remote)
		return -1;
	for (size_t i = 0; i < config->site.places; i++) {
		const struct carbon_place *block = &config->site.place[i];
		const struct carbon_config_partition *partition =
			is_of(block, cluster) ? NULL : find_remote(cluster, block);

		if (!partition)
			continue;
		copy_block(&site->remote[site->remotes], config, block, site->written_at);
		copy_facts(&site->remote[site->remotes++], partition);
	}
	qsort(site->remote, site->remotes, sizeof(*site->remote), by_cluster);
	return 0;
}

static int fill_places(struct carbon_site *site, const struct carbon_config *config,
		       const struct carbon_config_cluster *cluster)
{
	if (cluster->partitions == 0)
		return 0;
	site->place = calloc(cluster->partitions, sizeof(*site->place));
	if (!site->place)
		return -1;
	site->places = cluster->partitions;
	for (size_t i = 0; i < cluster->partitions; i++)
		fill_place(&site->place[i], config, cluster, &cluster->partition[i], site->written_at);
	qsort(site->place, site->places, sizeof(*site->place), by_partition);
	return 0;
}

static int fill_lists(struct carbon_site *site, const struct carbon_config *config,
		      const struct carbon_config_cluster *cluster)
{
	void *rules = NULL, *users = NULL, *walls = NULL, *offers = NULL, *siblings = NULL;
	int rc;

	rc = copy_sorted(config->site.rule, config->site.rules, sizeof(*site->rule), by_kind_and_name, &rules);
	rc |= copy_sorted(cluster->user, cluster->users, sizeof(*site->user), by_uid, &users);
	rc |= copy_sorted(cluster->wall, cluster->walls, sizeof(*site->wall), by_from, &walls);
	rc |= copy_sorted(cluster->offer, cluster->offers, sizeof(*site->offer), by_offer, &offers);
	rc |= copy_sorted(cluster->sibling, cluster->siblings, sizeof(*site->sibling), by_name, &siblings);
	site->offer = offers;
	site->offers = offers ? cluster->offers : 0;
	site->sibling = siblings;
	site->siblings = siblings ? cluster->siblings : 0;
	site->rule = rules;
	site->rules = rules ? config->site.rules : 0;
	site->user = users;
	site->users = users ? cluster->users : 0;
	site->wall = walls;
	site->walls = walls ? cluster->walls : 0;
	return rc;
}

/* Blocks without delays that have begun or will, for as long as a job may wait and a while more. */
static void add_holdout(struct carbon_site *site, const struct carbon_holdout *holdout, time_t now)
{
	for (time_t at = now; at < now + HOLDOUT_AHEAD_S; at += holdout->block_s) {
		int64_t block = carbon_holdout_block(holdout, at);

		if (carbon_holdout_is_without(holdout, block))
			site->blackout[site->blackouts++] = (struct carbon_blackout){
				carbon_holdout_begin(holdout, block), carbon_holdout_begin(holdout, block + 1)};
	}
}

/* Those that are not over. */
static int fill_blackouts(struct carbon_site *site, const struct carbon_config *config, time_t now)
{
	site->blackout = NULL;
	site->blackouts = 0;
	if (config->blackouts.count == 0 && !config->holdout.is_on)
		return 0;
	site->blackout = calloc(config->blackouts.count + HOLDOUT_BLOCKS_MAX, sizeof(*site->blackout));
	if (!site->blackout)
		return -1;
	for (size_t i = 0; i < config->blackouts.count; i++)
		if (config->blackouts.item[i].to_at > now)
			site->blackout[site->blackouts++] = config->blackouts.item[i];
	if (config->holdout.is_on)
		add_holdout(site, &config->holdout, now);
	qsort(site->blackout, site->blackouts, sizeof(*site->blackout), by_blackout);
	return 0;
}

static int fill_hours(struct carbon_site *site, const struct carbon_config *config, time_t now, struct carbon_err *err)
{
	site->limit = NULL;
	site->limits = 0;
	if (carbon_config_hours_expand(&config->hours, now, site, err) != 0 ||
	    carbon_config_hours_expand(&config->place_hours, now, site, err) != 0)
		return carbon_err_prefix(err, "%s: capacity", config->path);
	carbon_config_limits_sort(site);
	return 0;
}

int carbon_config_compile(const struct carbon_config *config, const struct carbon_config_cluster *cluster,
			  time_t now, struct carbon_site *site, struct carbon_err *err)
{
	struct carbon_site draft = config->site;

	if (check_blocks(config, cluster, err) != 0)
		return -1;
	draft.place = NULL;
	draft.places = 0;
	draft.written_at = now;
	draft.jobs_as_of = cluster->as_of;
	draft.waiting = cluster->waiting;
	snprintf(draft.cluster, sizeof(draft.cluster), "%s", cluster->name);
	if (fill_lists(&draft, config, cluster) != 0 || fill_places(&draft, config, cluster) != 0 ||
	    fill_remotes(&draft, config, cluster) != 0 ||
	    fill_blackouts(&draft, config, now) != 0) {
		carbon_site_fini(&draft);
		return carbon_err_set(err, "no memory");
	}
	if (fill_hours(&draft, config, now, err) != 0) {
		carbon_site_fini(&draft);
		return -1;
	}
	*site = draft;
	return 0;
}

static bool has_sibling(const struct carbon_config_cluster *cluster, const char *name)
{
	for (size_t i = 0; i < cluster->siblings; i++)
		if (strcmp(cluster->sibling[i].cluster, name) == 0)
			return true;
	return false;
}

static bool answered(const struct carbon_config_cluster *cluster, const char *name)
{
	for (size_t i = 0; i < cluster->siblings; i++)
		if (strcmp(cluster->sibling[i].cluster, name) == 0)
			return cluster->sibling[i].active;
	return false;
}

/* What is wrong with one block; NULL: nothing. %s is its cluster, then its partition. */
static const char *differs(const struct carbon_place *place, const struct carbon_config_cluster *cluster)
{
	if (is_of(place, cluster))
		return find_partition(cluster, place->partition) ? NULL : "cluster %s has no partition \"%s\"";
	if (cluster->siblings == 0)
		return "cluster %s (of partition \"%s\") is out of reach: this cluster is in no federation";
	if (!has_sibling(cluster, place->cluster))
		return "cluster %s (of partition \"%s\") is not in this federation";
	if (!answered(cluster, place->cluster))
		return "cluster %s (of partition \"%s\") is not at work now";
	return find_remote(cluster, place) ? NULL : "cluster %s has no partition \"%s\"";
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
bool carbon_config_difference(const struct carbon_config *config, const struct carbon_config_cluster *cluster,
			      size_t i, struct carbon_err *err)
{
	for (size_t block = 0; block < config->site.places; block++) {
		const struct carbon_place *place = &config->site.place[block];
		const char *what = differs(place, cluster);

		if (!what || i-- > 0)
			continue;
		carbon_err_set(err, what, is_of(place, cluster) ? cluster->name : place->cluster, place->partition);
		carbon_err_prefix(err, "%s:%d", config->path, config->place_line[block]);
		return true;
	}
	return false;
}
#pragma GCC diagnostic pop

int carbon_config_offline(const struct carbon_config *config, time_t now,
			  struct carbon_config_cluster *cluster,
			  struct carbon_config_partition **partition, struct carbon_err *err)
{
	struct carbon_config_partition *list = calloc(config->site.places + 1, sizeof(*list));
	size_t count = 0, first = 0;
	int first_line = 0;

	if (!list)
		return carbon_err_set(err, "no memory");
	for (size_t i = 0; i < config->site.places; i++) {
		/* whose cluster this one is, nobody has said */
		if (config->site.place[i].cluster[0])
			continue;
		memcpy(list[count].name, config->site.place[i].partition, sizeof(list[count].name));
		if (count == 0 || config->place_line[i] < first_line) {
			first_line = config->place_line[i];
			first = count;
		}
		count++;
	}
	list[first].is_default = count > 0;
	*cluster = (struct carbon_config_cluster){
		.name = "offline", .partitions = count, .partition = list, .as_of = now};
	*partition = list;
	return 0;
}
