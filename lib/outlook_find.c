/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looking things up in an outlook that was read. Called for every submission: allocates nothing. */
#include "lib/outlook.h"

#include <stdlib.h>
#include <strings.h>

void carbon_outlook_destroy(struct carbon_outlook *outlook)
{
	if (!outlook)
		return;
	for (size_t i = 0; i < outlook->zones; i++)
		free(outlook->zone[i].storage);
	free(outlook->zone);
	free(outlook);
}

int carbon_outlook_compare(const char *zone_a, enum carbon_signal signal_a, const char *zone_b,
			   enum carbon_signal signal_b)
{
	int order = strcasecmp(zone_a, zone_b);

	return order ? order : (int)signal_a - (int)signal_b;
}

const struct carbon_outlook_zone *carbon_outlook_find(const struct carbon_outlook *outlook,
						      const char *zone, enum carbon_signal signal)
{
	size_t low = 0, high = outlook->zones;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct carbon_outlook_zone *found = &outlook->zone[middle];
		int order = carbon_outlook_compare(found->name, found->signal, zone, signal);

		if (order == 0)
			return found;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct carbon_part *carbon_outlook_part(const struct carbon_outlook_zone *zone, time_t at)
{
	size_t segment = carbon_curve_segment(&zone->mean, at);
	size_t i = zone->parts - 1;

	while (i > 0 && zone->part[i].first > segment)
		i--;
	return &zone->part[i];
}
