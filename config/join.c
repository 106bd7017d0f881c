/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What can only be said once the whole of carbon.conf is known: which zones there are, where each gets
 * its intensity from, and whether its parts contradict each other.
 */
#include "config/options.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/err.h"

#define BUILT_IN "profile" /* typical days that are shipped with the project: a source without a block */

static bool has_source(const struct carbon_config *config, const char *name)
{
	for (size_t i = 0; i < config->sources; i++)
		if (strcmp(config->source[i].name, name) == 0)
			return true;
	return strcmp(name, BUILT_IN) == 0;
}

static void add_source(struct carbon_config_zone *zone, const char *name)
{
	for (size_t i = 0; i < zone->sources; i++)
		if (strcmp(zone->source[i], name) == 0)
			return;
	if (zone->sources < CARBON_ZONE_SOURCES_MAX)
		snprintf(zone->source[zone->sources++], CARBON_SOURCE_MAX, "%s", name);
}

/* A zone that names no source takes all, in the order of the file, and the built-in one last. */
static int join_zone(const struct carbon_config *config, struct carbon_config_zone *zone,
		     struct carbon_err *err)
{
	for (size_t i = 0; i < zone->sources; i++)
		if (!has_source(config, zone->source[i]))
			return carbon_err_set(err, "%s:%d: source \"%s\" of zone %s has no block", config->path,
					      zone->line, zone->source[i], zone->name);
	if (zone->sources)
		return 0;
	for (size_t i = 0; i < config->sources && zone->sources < CARBON_ZONE_SOURCES_MAX - 1; i++)
		add_source(zone, config->source[i].name);
	add_source(zone, BUILT_IN);
	return 0;
}

static struct carbon_config_zone *find_zone(struct carbon_config *config, const char *name)
{
	for (size_t i = 0; i < config->zones; i++)
		if (strcasecmp(config->zone[i].name, name) == 0)
			return &config->zone[i];
	return NULL;
}

/* The zone that a partition names, with or without a block of its own. */
static int join_place(struct carbon_config *config, struct carbon_place *place, int line,
		      struct carbon_err *err)
{
	struct carbon_config_zone *zone;

	if (!place->zone[0])
		return 0;
	zone = find_zone(config, place->zone);
	if (zone) {
		memcpy(place->zone, zone->name, sizeof(place->zone));
		return 0;
	}
	if (config->zones == CARBON_CONFIG_ZONES_MAX)
		return carbon_err_set(err, "%s:%d: more than %d zones", config->path, line,
				      CARBON_CONFIG_ZONES_MAX);
	zone = &config->zone[config->zones++];
	memset(zone, 0, sizeof(*zone));
	memcpy(zone->name, place->zone, sizeof(zone->name));
	zone->line = line;
	return 0;
}

int carbon_config_join(struct carbon_config *config, struct carbon_err *err)
{
	const struct carbon_site *site = &config->site;
	char longest[CARBON_CONFIG_TEXT_MAX];

	if (join_place(config, &config->fallback, config->fallback_line, err) != 0)
		return -1;
	for (size_t i = 0; i < site->places; i++)
		if (join_place(config, &site->place[i], config->place_line[i], err) != 0)
			return -1;
	for (size_t i = 0; i < config->zones; i++)
		if (join_zone(config, &config->zone[i], err) != 0)
			return -1;
	if (config->holdout.block_s % 86400)
		return carbon_err_set(err, "%s: holdout_block is no number of whole days (such as 3d)", config->path);
	if (site->default_delay_s > site->max_delay_s) {
		carbon_config_option_format(carbon_config_option_find(CARBON_SECTION_TOP, "max_delay"), config,
					    longest);
		return carbon_err_set(err, "%s: default_delay is longer than max_delay (%s)", config->path,
				      longest);
	}
	return 0;
}
