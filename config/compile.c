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

static const struct carbon_config_partition *find_partition(const struct carbon_config_cluster *cluster,
							    const char *name)
{
	for (size_t i = 0; i < cluster->partitions; i++)
		if (strcmp(cluster->partition[i].name, name) == 0)
			return &cluster->partition[i];
	return NULL;
}

static const struct carbon_place *find_block(const struct carbon_config *config, const char *name)
{
	for (size_t i = 0; i < config->site.places; i++)
		if (strcmp(config->site.place[i].partition, name) == 0)
			return &config->site.place[i];
	return NULL;
}

/* A block that names no partition is a typing error or out of date, and its rules would hold for nobody. */
static int check_blocks(const struct carbon_config *config, const struct carbon_config_cluster *cluster,
			struct carbon_err *err)
{
	for (size_t i = 0; i < config->site.places; i++)
		if (!find_partition(cluster, config->site.place[i].partition))
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

static void fill_place(struct carbon_place *place, const struct carbon_config *config,
		       const struct carbon_config_partition *partition, time_t now)
{
	const struct carbon_place *block = find_block(config, partition->name);

	*place = block ? *block : config->fallback;
	place->power.pue = carbon_terms_pue(block ? &config->terms[block - config->site.place] : &config->fallback_terms,
					    place->power.pue, now);
	snprintf(place->partition, sizeof(place->partition), "%s", partition->name);
	place->is_default = partition->is_default;
	place->default_limit_s = partition->default_limit_s;
	place->max_limit_s = partition->max_limit_s;
	place->nodes = partition->nodes;
	place->node_cores = partition->node_cores;
	place->node_gpus = partition->node_gpus;
	place->node_mem_gb = partition->node_mem_gb;
	place->exclusive = partition->exclusive;
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
		fill_place(&site->place[i], config, &cluster->partition[i], site->written_at);
	qsort(site->place, site->places, sizeof(*site->place), by_partition);
	return 0;
}

static int fill_lists(struct carbon_site *site, const struct carbon_config *config,
		      const struct carbon_config_cluster *cluster)
{
	void *rules = NULL, *users = NULL, *walls = NULL;
	int rc;

	rc = copy_sorted(config->site.rule, config->site.rules, sizeof(*site->rule), by_kind_and_name, &rules);
	rc |= copy_sorted(cluster->user, cluster->users, sizeof(*site->user), by_uid, &users);
	rc |= copy_sorted(cluster->wall, cluster->walls, sizeof(*site->wall), by_from, &walls);
	site->rule = rules;
	site->rules = rules ? config->site.rules : 0;
	site->user = users;
	site->users = users ? cluster->users : 0;
	site->wall = walls;
	site->walls = walls ? cluster->walls : 0;
	return rc;
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
	if (fill_lists(&draft, config, cluster) != 0 || fill_places(&draft, config, cluster) != 0) {
		carbon_site_fini(&draft);
		return carbon_err_set(err, "no memory");
	}
	*site = draft;
	return 0;
}

int carbon_config_offline(const struct carbon_config *config, time_t now,
			  struct carbon_config_cluster *cluster,
			  struct carbon_config_partition **partition, struct carbon_err *err)
{
	size_t count = config->site.places, first = 0;
	struct carbon_config_partition *list = calloc(count + 1, sizeof(*list));

	if (!list)
		return carbon_err_set(err, "no memory");
	for (size_t i = 0; i < count; i++) {
		memcpy(list[i].name, config->site.place[i].partition, sizeof(list[i].name));
		if (config->place_line[i] < config->place_line[first])
			first = i;
	}
	list[first].is_default = count > 0;
	*cluster = (struct carbon_config_cluster){
		.name = "offline", .partitions = count, .partition = list, .as_of = now};
	*partition = list;
	return 0;
}
