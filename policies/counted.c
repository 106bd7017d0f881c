/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A view of all of the outlook for each place, without jobs and room, kept with its sums and swings. The only file of this
 * room that allocates, and never for a decision.
 */
#include "policies/counted.h"

#include <stdlib.h>
#include <string.h>

#include "lib/time.h"
#include "policies/view.h"

#define HOUR_S 3600
#define WEEK_S ((time_t)CARBON_SITE_WEEK_H * HOUR_S)
#define MONDAY_AT ((time_t)4 * 86400) /* the first one after 1970-01-01, a Thursday */

struct carbon_counted {
	size_t places, remotes, size;
	struct carbon_counted_place *place; /* those of the site, then the remotes */
	void **storage;			    /* of each; NULL: none of its own */
};

static const struct carbon_place *place_at(const struct carbon_site *site, size_t i)
{
	return i < site->places ? &site->place[i] : &site->remote[i - site->places];
}

/* --- one place --- */

/* What a decision sees of it that is not the job's: nothing is committed, and nothing is limited. */
static bool look(struct carbon_view *view, struct carbon_view_store *store, const struct carbon_site *site,
		 const struct carbon_place *place, const struct carbon_outlook_zone *zone)
{
	time_t end_at = carbon_curve_end(&zone->mean);
	struct carbon_site empty = *site;
	const struct carbon_view_ask ask = {
		.site = &empty,
		.place = place,
		.zone = zone,
		.earliest_at = zone->mean.start_at,
		.latest_at = end_at - 1,
		.runtime_s = 1,
		.power_w = 1,
	};

	empty.loads = empty.limits = 0;
	carbon_view_init(view, &ask, store);
	/* Short of the outlook's end its storage was: decisions look at less and may still find room. */
	return !view->is_plain && carbon_curve_end(&view->mean) == end_at;
}

static size_t size_of(size_t count)
{
	return 2 * (count + 1) * sizeof(double) + 2 * CARBON_CURVE_SWINGS(count) * sizeof(struct carbon_swing) +
	       (count + 1) * sizeof(uint32_t) + 2 * count * sizeof(float);
}

/* Copy CURVE to PLACE, and return what is behind it; KNOTS are kept already. */
static char *keep_curve(struct carbon_curve *curve, char *place)
{
	size_t count = curve->count;
	struct carbon_swing *swing;
	void *at = place;

	memcpy(at, curve->sum, (count + 1) * sizeof(double));
	curve->sum = at;
	swing = at = place + (count + 1) * sizeof(double);
	carbon_curve_swings(curve, swing);
	curve->swing = swing;
	return place + (count + 1) * sizeof(double) + CARBON_CURVE_SWINGS(count) * sizeof(*swing);
}

/* What is most strictly aligned goes first. */
static void *keep(struct carbon_counted_place *place, const struct carbon_view *view)
{
	size_t count = view->mean.count;
	char *storage = malloc(size_of(count)), *at;
	struct carbon_curve *curves[] = {&place->mean, &place->high};
	void *knots, *values;

	if (!storage)
		return NULL;
	place->mean = view->mean;
	place->high = view->high;
	at = keep_curve(&place->high, keep_curve(&place->mean, storage));
	knots = at;
	memcpy(knots, view->mean.knot_s, (count + 1) * sizeof(uint32_t));
	at += (count + 1) * sizeof(uint32_t);
	for (size_t i = 0; i < 2; i++, at += count * sizeof(float)) {
		values = at;
		memcpy(values, curves[i]->value, count * sizeof(float));
		curves[i]->value = values;
		curves[i]->knot_s = knots;
	}
	return storage;
}

static void count_week(struct carbon_counted_place *place, const struct carbon_full *full)
{
	place->slack_s[0] = 0;
	for (size_t h = 0; h < CARBON_SITE_WEEK_H; h++)
		place->slack_s[h + 1] = place->slack_s[h] + (1 - (full ? (double)full->value[h] : 0)) * HOUR_S;
}

/* --- all of them --- */

/* Places of a zone that are never full count alike: the price of electricity is the zone's. */
static size_t find_alike(const struct carbon_counted *counted, const struct carbon_site *site, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (counted->place[k].zone == counted->place[i].zone && counted->storage[k] &&
		    (k >= site->places || !carbon_site_full(site, place_at(site, k)->partition)))
			return k;
	return i;
}

static void count_place(struct carbon_counted *counted, const struct carbon_site *site, size_t i,
			struct carbon_view_store *store)
{
	struct carbon_counted_place *place = &counted->place[i];
	const struct carbon_full *full = i < site->places ? carbon_site_full(site, place_at(site, i)->partition) : NULL;
	size_t alike = full ? i : find_alike(counted, site, i);
	struct carbon_view view;

	if (alike < i) {
		*place = counted->place[alike];
		return;
	}
	if (look(&view, store, site, place_at(site, i), place->zone) &&
	    counted->size + size_of(view.mean.count) <= CARBON_COUNTED_SIZE_MAX)
		counted->storage[i] = keep(place, &view);
	if (counted->storage[i]) {
		counted->size += size_of(view.mean.count);
		count_week(place, full);
	} else {
		place->zone = NULL;
	}
}

struct carbon_counted *carbon_counted_create(const struct carbon_site *site, const struct carbon_outlook *outlook)
{
	struct carbon_counted *counted = calloc(1, sizeof(*counted));
	struct carbon_view_store *store = malloc(sizeof(*store));
	size_t count = site->places + site->remotes;

	if (counted) {
		counted->place = calloc(count + 1, sizeof(*counted->place));
		counted->storage = calloc(count + 1, sizeof(*counted->storage));
	}
	if (!counted || !store || !counted->place || !counted->storage) {
		carbon_counted_destroy(counted);
		free(store);
		return NULL;
	}
	counted->places = site->places;
	counted->remotes = site->remotes;
	for (size_t i = 0; i < count; i++) {
		counted->place[i].zone = carbon_outlook_find(outlook, place_at(site, i)->zone, site->signal);
		if (counted->place[i].zone)
			count_place(counted, site, i, store);
	}
	free(store);
	return counted;
}

void carbon_counted_destroy(struct carbon_counted *counted)
{
	if (!counted)
		return;
	for (size_t i = 0; counted->storage && i < counted->places + counted->remotes; i++)
		free(counted->storage[i]);
	free(counted->storage);
	free(counted->place);
	free(counted);
}

/* --- looking it up --- */

const struct carbon_counted_place *carbon_counted_find(const struct carbon_counted *counted, const struct carbon_site *site,
						       const struct carbon_place *place,
						       const struct carbon_outlook_zone *zone)
{
	const struct carbon_counted_place *found = NULL;

	if (!counted)
		return NULL;
	if (site->places && place >= site->place && place < site->place + site->places)
		found = &counted->place[place - site->place];
	else if (site->remotes && place >= site->remote && place < site->remote + site->remotes)
		found = &counted->place[counted->places + (size_t)(place - site->remote)];
	return found && found->zone == zone ? found : NULL;
}

/* Seconds not full from an ancient Monday to AT. */
static double slack_to(const struct carbon_counted_place *place, time_t at)
{
	time_t weeks = (at - MONDAY_AT) / WEEK_S, rest_s = (at - MONDAY_AT) % WEEK_S;
	size_t hour = (size_t)(rest_s / HOUR_S);
	double share = (double)(rest_s % HOUR_S) / HOUR_S;

	return (double)weeks * place->slack_s[CARBON_SITE_WEEK_H] + place->slack_s[hour] +
	       share * (place->slack_s[hour + 1] - place->slack_s[hour]);
}

double carbon_counted_slack(const struct carbon_counted_place *place, time_t from_at, time_t to_at)
{
	return (slack_to(place, to_at) - slack_to(place, from_at)) / (double)(to_at - from_at);
}
