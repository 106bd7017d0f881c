/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places and sources for the books: carbon.conf says zone and power, the cluster what a node is. */
#include "tools/books_site.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "forecaster/profiles.h"
#include "lib/err.h"

static void list_sources(struct carbon_tool_site *site)
{
	for (size_t i = 0; i < site->config->zones; i++) {
		const struct carbon_config_zone *zone = &site->config->zone[i];
		size_t count = 0;

		for (size_t j = 0; j < zone->sources; j++)
			site->sources[i][count++] = zone->source[j];
		site->sources[i][count] = CARBON_IMPORT_SOURCE;
	}
}

int carbon_tool_site_init(struct carbon_tool_site *site, const struct carbon_config *config,
			  const struct carbon_live *live, struct carbon_err *err)
{
	memset(site, 0, sizeof(*site));
	site->config = config;
	site->live = live;
	site->place = calloc(live->partitions + 1, sizeof(*site->place));
	if (!site->place)
		return carbon_err_set(err, "no memory for %zu partitions", live->partitions);
	for (size_t i = 0; i < live->partitions; i++) {
		struct carbon_place *place = &site->place[site->places++];

		*place = *carbon_config_place(config, live->cluster, live->partition[i].name);
		memcpy(place->partition, live->partition[i].name, sizeof(place->partition));
		place->node_cores = live->partition[i].node_cores;
	}
	list_sources(site);
	return 0;
}

void carbon_tool_site_fini(struct carbon_tool_site *site)
{
	free(site->place);
	memset(site, 0, sizeof(*site));
}

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	const struct carbon_tool_site *site = context;

	*is_gone = false;
	for (size_t i = 0; i < site->places; i++)
		if (strcmp(site->place[i].partition, partition) == 0)
			return &site->place[i];
	*is_gone = true;
	return carbon_config_place(site->config, site->live->cluster, partition);
}

static const struct carbon_terms *find_terms(void *context, const char *partition)
{
	const struct carbon_tool_site *site = context;

	return carbon_config_terms(site->config,
				   carbon_config_place(site->config, site->live->cluster, partition));
}

static const char *const *find_sources(void *context, const char *zone)
{
	const struct carbon_tool_site *site = context;

	for (size_t i = 0; i < site->config->zones; i++)
		if (strcmp(site->config->zone[i].name, zone) == 0)
			return site->sources[i];
	return NULL;
}

/* Typical days are life-cycle intensity, and stand in only where nothing else was configured. */
static double find_typical(void *context, const char *zone, enum carbon_signal signal, time_t at)
{
	const char *const *sources = find_sources(context, zone);
	const struct carbon_profile *profile;

	if (signal != CARBON_SIGNAL_LIFECYCLE || !sources || strcmp(sources[0], "profile") != 0)
		return NAN;
	profile = carbon_profile_find(zone);
	return profile ? carbon_profile_value(profile, at) : NAN;
}

struct carbon_books_site carbon_tool_site_books(struct carbon_tool_site *site)
{
	struct carbon_books_site books = {
		.place = find_place,
		.terms = find_terms,
		.sources = find_sources,
		.typical = find_typical,
		.context = site,
		.signal = site->config->site.signal,
	};

	return books;
}
