/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the site file that may be there many times (doc/carbon-site.5): their words, their caps, where they are kept. */
#include <string.h>

#include "lib/site_lines.h"

static const struct carbon_site_values week_values = {offsetof(struct carbon_full, count),
						      offsetof(struct carbon_full, value),
						      CARBON_SITE_WEEK_H, CARBON_SITE_WEEK_H, 0, 1};
static const struct carbon_site_values load_values = {offsetof(struct carbon_site_series, count),
						      offsetof(struct carbon_site_series, value), 1,
						      CARBON_SITE_STEPS_MAX, 0, CARBON_SITE_NODES_MAX};
static const struct carbon_site_values power_values = {offsetof(struct carbon_site_series, count),
						       offsetof(struct carbon_site_series, value), 1,
						       CARBON_SITE_STEPS_MAX, 0, CARBON_SITE_POWER_KW_MAX};
/* A price may be negative. */
static const struct carbon_site_values price_values = {offsetof(struct carbon_site_series, count),
						       offsetof(struct carbon_site_series, value), 1,
						       CARBON_SITE_STEPS_MAX, -1e6, 1e6};

#define IN_SITE(member) offsetof(struct carbon_site, member)
#define MANY(type, counter, array) \
	sizeof(struct type), IN_SITE(counter), IN_SITE(array)

/* clang-format off */
const struct carbon_site_section carbon_site_sections[] = {
	{"partition", "partition NAME key=value...", CARBON_SITE_PLACES_MAX,
	 MANY(carbon_place, places, place), &carbon_line_place,
	 carbon_site_place_fields, NULL},
	{"rule", "rule user UID|account NAME|qos NAME|partition NAME key=value...",
	 CARBON_SITE_RULES_MAX, MANY(carbon_rule, rules, rule), &carbon_line_rule,
	 carbon_site_rule_fields, NULL},
	{"user", "user UID key=value...", CARBON_SITE_USERS_MAX,
	 MANY(carbon_site_user, users, user), &carbon_line_user,
	 carbon_site_user_fields, NULL},
	{"wall", "wall FROM TO PARTITION|*, FROM before TO", CARBON_SITE_WALLS_MAX,
	 MANY(carbon_wall, walls, wall), &carbon_line_wall,
	 carbon_site_no_fields, NULL},
	{"limit", "limit PARTITION|* FROM TO key=value..., FROM before TO", CARBON_SITE_LIMITS_MAX,
	 MANY(carbon_limit, limits, limit), &carbon_line_limit,
	 carbon_site_limit_fields, NULL},
	{"blackout", "blackout FROM TO, FROM before TO", CARBON_SITE_BLACKOUTS_MAX,
	 MANY(carbon_blackout, blackouts, blackout), &carbon_line_blackout,
	 carbon_site_no_fields, NULL},
	{"wait", "wait PARTITION UP_TO_NODES P50 P95 COUNT, P50 not over P95", CARBON_SITE_WAITS_MAX,
	 MANY(carbon_wait, waits, wait), &carbon_line_wait,
	 carbon_site_no_fields, NULL},
	{"full", "full PARTITION PROBABILITY x 168", CARBON_SITE_PLACES_MAX,
	 MANY(carbon_full, fulls, full), &carbon_line_full,
	 carbon_site_no_fields, &week_values},
	{"load", "load PARTITION|* FROM STEP NODES..., a STEP of 60 to 86400", CARBON_SITE_PLACES_MAX + 1,
	 MANY(carbon_site_series, loads, load), &carbon_line_series,
	 carbon_site_no_fields, &load_values},
	{"power", "power PARTITION|* FROM STEP KW..., a STEP of 60 to 86400", CARBON_SITE_PLACES_MAX + 1,
	 MANY(carbon_site_series, powers, power), &carbon_line_series,
	 carbon_site_no_fields, &power_values},
	{"begins", "begins * FROM STEP KW..., a STEP of 60 to 86400", 1,
	 MANY(carbon_site_series, begins, begin), &carbon_line_begins,
	 carbon_site_no_fields, &power_values},
	{"price", "price ZONE|* FROM STEP PRICE..., a STEP of 60 to 86400", CARBON_SITE_PRICES_MAX,
	 MANY(carbon_site_series, prices, price), &carbon_line_series,
	 carbon_site_no_fields, &price_values},
	{"remote", "remote CLUSTER PARTITION key=value...", CARBON_SITE_REMOTES_MAX,
	 MANY(carbon_place, remotes, remote), &carbon_line_remote,
	 carbon_site_place_fields, NULL},
	{"offer", "offer CLUSTER|- PARTITION account|no-account|qos|no-qos|user|feature|gpu NAME",
	 CARBON_SITE_OFFERS_MAX, MANY(carbon_offer, offers, offer), &carbon_line_offer,
	 carbon_site_no_fields, NULL},
	{"sibling", "sibling CLUSTER key=value...", CARBON_SITE_SIBLINGS_MAX,
	 MANY(carbon_sibling, siblings, sibling), &carbon_line_sibling,
	 carbon_site_sibling_fields, NULL},
	{.keyword = NULL},
};
/* clang-format on */

bool carbon_site_section_is_places(const struct carbon_site_section *section)
{
	return section->fields == carbon_site_place_fields;
}

/* Copied, not cast: the members have different types. */
size_t carbon_site_section_count(const struct carbon_site_section *section, const struct carbon_site *site)
{
	size_t count;

	memcpy(&count, (const char *)site + section->count_offset, sizeof(count));
	return count;
}

void *carbon_site_section_items(const struct carbon_site_section *section, const struct carbon_site *site)
{
	void *items;

	memcpy(&items, (const char *)site + section->array_offset, sizeof(items));
	return items;
}

void carbon_site_section_replace(const struct carbon_site_section *section, struct carbon_site *site,
				 size_t count, void *items)
{
	memcpy((char *)site + section->count_offset, &count, sizeof(count));
	memcpy((char *)site + section->array_offset, &items, sizeof(items));
}

size_t *carbon_site_values_count(const struct carbon_site_values *values, void *item)
{
	return (size_t *)(void *)((char *)item + values->count_offset);
}

float *carbon_site_values_array(const struct carbon_site_values *values, void *item)
{
	return (float *)(void *)((char *)item + values->array_offset);
}
