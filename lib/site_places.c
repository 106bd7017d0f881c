/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Places of the site beyond this cluster's own partitions, and what places offer. For slurmctld: no allocation. */
#include "lib/site.h"

#include <string.h>

void carbon_place_init(struct carbon_place *place)
{
	memset(place, 0, sizeof(*place));
	carbon_power_init(&place->power);
	place->speed = place->gpu_speed = 1;
}

int carbon_place_compare(const struct carbon_place *a, const struct carbon_place *b)
{
	int order = strcmp(a->cluster, b->cluster);

	return order ? order : strcmp(a->partition, b->partition);
}

const struct carbon_place *carbon_site_remote(const struct carbon_site *site, const char *cluster,
					      const char *partition)
{
	for (size_t i = 0; i < site->remotes; i++) {
		const struct carbon_place *place = &site->remote[i];

		if (strcmp(place->cluster, cluster) != 0)
			continue;
		if (partition && *partition ? strcmp(place->partition, partition) == 0 : place->is_default)
			return place;
	}
	return NULL;
}

const struct carbon_sibling *carbon_site_sibling(const struct carbon_site *site, const char *cluster)
{
	for (size_t i = 0; i < site->siblings; i++)
		if (strcmp(site->sibling[i].cluster, cluster) == 0)
			return &site->sibling[i];
	return NULL;
}

static int compare_places_of_offers(const struct carbon_offer *a, const struct carbon_offer *b)
{
	int order = strcmp(a->cluster, b->cluster);

	return order ? order : strcmp(a->partition, b->partition);
}

int carbon_offer_compare(const struct carbon_offer *a, const struct carbon_offer *b)
{
	int order = compare_places_of_offers(a, b);

	if (!order)
		order = (int)a->kind - (int)b->kind;
	return order ? order : strcmp(a->name, b->name);
}

/* The first offer that is not before KEY. */
static size_t lower_bound(const struct carbon_site *site, const struct carbon_offer *key)
{
	size_t low = 0, high = site->offers;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (carbon_offer_compare(&site->offer[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct carbon_offer *carbon_site_offers(const struct carbon_site *site, const struct carbon_place *place,
					      enum carbon_offer_kind kind, size_t *count)
{
	struct carbon_offer key = {.kind = kind};
	size_t first, last;

	memcpy(key.cluster, place->cluster, sizeof(key.cluster));
	memcpy(key.partition, place->partition, sizeof(key.partition));
	first = last = lower_bound(site, &key);
	while (last < site->offers && site->offer[last].kind == kind &&
	       compare_places_of_offers(&site->offer[last], &key) == 0)
		last++;
	*count = last - first;
	return *count ? &site->offer[first] : NULL;
}
