/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs of the ledger put together by place, each of which is then judged by itself. Two
 * partitions that share nodes look emptier than they are unless they are named together.
 */
#include "tools/advise.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/trail.h"
#include "lib/err.h"
#include "tools/advise_work.h"

#define RUNS_FIRST 1024

static const char *const names[CARBON_ADVICES] = {
	[CARBON_ADVICE_ENABLE] = "enable",   [CARBON_ADVICE_LIMIT] = "limit",
	[CARBON_ADVICE_UNSURE] = "unsure",   [CARBON_ADVICE_SMALL] = "small",
	[CARBON_ADVICE_WAITS] = "waits",     [CARBON_ADVICE_FULL] = "full",
	[CARBON_ADVICE_NO_DATA] = "no-data",
};

const char *carbon_advice_name(enum carbon_advice advice)
{
	return names[advice];
}

/* --- runs by place --- */

struct collection {
	const struct carbon_advise_ask *ask;
	size_t places, capacity;
	struct carbon_advise_place *place;
	struct carbon_advise_runs *runs;
};

/* Whether NAME is one of the comma-separated LIST. */
static bool is_in(const char *list, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = list; *at;) {
		size_t word = strcspn(at, ",");

		if (word == length && strncmp(at, name, word) == 0)
			return true;
		at += word + (at[word] == ',');
	}
	return false;
}

/* Partitions that share their nodes are one place. */
static const char *place_name(const struct carbon_advise_ask *ask, const char *partition)
{
	for (size_t i = 0; i < ask->togethers; i++)
		if (is_in(ask->together[i], partition))
			return ask->together[i];
	return partition;
}

static int grow_places(struct collection *collection, struct carbon_err *err)
{
	size_t capacity = collection->capacity ? collection->capacity * 2 : 8;
	struct carbon_advise_place *place;
	struct carbon_advise_runs *runs;

	if (collection->places < collection->capacity)
		return 0;
	place = realloc(collection->place, capacity * sizeof(*place));
	if (place)
		collection->place = place;
	runs = realloc(collection->runs, capacity * sizeof(*runs));
	if (runs)
		collection->runs = runs;
	if (!place || !runs)
		return carbon_err_set(err, "no memory for %zu places", capacity);
	collection->capacity = capacity;
	return 0;
}

/* The place's index, made where it is new; -1: no memory. */
static int find_place(struct collection *collection, const struct carbon_trail_run *run,
		      size_t *out, struct carbon_err *err)
{
	const char *name = place_name(collection->ask, run->partition);
	size_t i = 0;

	while (i < collection->places &&
	       (strcmp(collection->place[i].name, name) != 0 ||
		strcmp(collection->place[i].cluster, run->cluster) != 0))
		i++;
	*out = i;
	if (i < collection->places)
		return 0;
	if (grow_places(collection, err) < 0)
		return -1;
	collection->runs[i] = (struct carbon_advise_runs){0};
	collection->place[i] = (struct carbon_advise_place){.best_g = NAN, .limit_share = NAN};
	snprintf(collection->place[i].name, sizeof(collection->place[i].name), "%s", name);
	memcpy(collection->place[i].cluster, run->cluster, sizeof(run->cluster));
	collection->places++;
	return 0;
}

static int take_run(void *context, const struct carbon_trail_run *run, struct carbon_err *err)
{
	struct collection *collection = context;
	struct carbon_advise_runs *runs;
	size_t i = 0;

	if (find_place(collection, run, &i, err) < 0)
		return -1;
	runs = &collection->runs[i];
	if (runs->count == runs->capacity) {
		size_t capacity = runs->capacity ? runs->capacity * 2 : RUNS_FIRST;
		struct carbon_trail_run *more = realloc(runs->run, capacity * sizeof(*more));

		if (!more)
			return carbon_err_set(err, "no memory for %zu runs", capacity);
		runs->run = more;
		runs->capacity = capacity;
	}
	runs->run[runs->count++] = *run;
	if (run->zone[0])
		memcpy(collection->place[i].zone, run->zone, sizeof(run->zone));
	return 0;
}

/* --- the whole --- */

int carbon_advise_create(struct carbon_store *store, const struct carbon_advise_ask *ask,
			 struct carbon_advise *out, struct carbon_err *err)
{
	struct collection collection = {.ask = ask};
	int rc = carbon_trail_each(store, ask->cluster, ask->from_at - CARBON_ADVISE_LEAD_S,
				   ask->to_at + CARBON_ADVISE_LEAD_S, take_run, &collection,
				   err);

	if (rc == 0 && collection.places == 0)
		rc = carbon_err_set(err,
				    "no run of that time is in carbon.db (carbonctl settle "
				    "puts them there)");
	for (size_t i = 0; i < collection.places && rc == 0; i++)
		rc = carbon_advise_place_judge(store, ask, &collection.place[i],
					       &collection.runs[i], err);
	for (size_t i = 0; i < collection.places; i++)
		free(collection.runs[i].run);
	free(collection.runs);
	if (rc < 0) {
		free(collection.place);
		return -1;
	}
	*out = (struct carbon_advise){.from_at = ask->from_at,
				      .to_at = ask->to_at,
				      .places = collection.places,
				      .place = collection.place};
	return 0;
}

void carbon_advise_fini(struct carbon_advise *advise)
{
	free(advise->place);
	memset(advise, 0, sizeof(*advise));
}
