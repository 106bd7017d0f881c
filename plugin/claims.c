/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of claims alike, decided at about the same time, and the load that they add up to. The load is made anew from
 * the rows when a newer site tells of some of them itself. Must never allocate.
 */
#include "plugin/claims.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Decisions within one step share a row; what begins and ends in the same slots does as well. */
#define DECISION_STEP_S 1

struct row {
	char partition[CARBON_NAME_MAX];
	int64_t first, last; /* slots */
	double nodes, kw;
	double flexible_node_h;
	time_t decided_by; /* rounded up */
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct row rows[CARBON_CLAIMS_ROWS];
static size_t used;
static bool is_full;
static float storage[CARBON_LOAD_FLOATS(CARBON_SITE_PLACES_MAX)];
static struct carbon_load load;

/* The site that the load was made for. */
static time_t written_at, as_of;
static size_t places;

static struct carbon_claim claim_of(const struct row *row, size_t place)
{
	return (struct carbon_claim){
		.place = place,
		.begin_at = (time_t)(row->first * CARBON_LOAD_SLOT_S),
		.end_at = (time_t)((row->last + 1) * CARBON_LOAD_SLOT_S),
		.nodes = row->nodes,
		.kw = row->kw,
	};
}

/* Rows that SITE does not tell of itself, and that are not over. */
static void drop_old(time_t since, time_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < used; i++)
		if (rows[i].decided_by > since && rows[i].last >= carbon_load_slot(now))
			rows[kept++] = rows[i];
	if (kept < CARBON_CLAIMS_ROWS)
		is_full = false;
	used = kept;
}

static void make_load(const struct carbon_site *site, time_t now)
{
	double flexible_node_h = 0;

	drop_old(site->jobs_as_of, now);
	carbon_load_init(&load, site->places, storage, now);
	for (size_t i = 0; i < used; i++) {
		const struct carbon_place *place = carbon_site_place(site, rows[i].partition);
		struct carbon_claim claim;

		flexible_node_h += rows[i].flexible_node_h;
		if (!place)
			continue;
		claim = claim_of(&rows[i], (size_t)(place - site->place));
		carbon_load_add(&load, &claim);
	}
	load.flexible_node_h = flexible_node_h;
	written_at = site->written_at;
	as_of = site->jobs_as_of;
	places = site->places;
}

const struct carbon_load *carbon_claims_open(const struct carbon_site *site, time_t now)
{
	bool was_full;

	pthread_mutex_lock(&mutex);
	was_full = is_full;
	if (is_full)
		drop_old(as_of, now);
	if (!load.nodes || was_full != is_full || site->written_at != written_at || site->jobs_as_of != as_of ||
	    site->places != places)
		make_load(site, now);
	carbon_load_advance(&load, now);
	return is_full ? NULL : &load;
}

void carbon_claims_close(void)
{
	pthread_mutex_unlock(&mutex);
}

static bool is_same(const struct row *a, const struct row *b)
{
	return a->first == b->first && a->last == b->last && a->decided_by == b->decided_by &&
	       strcmp(a->partition, b->partition) == 0;
}

/* Newest first: claims alike come together. */
static struct row *find(const struct row *wanted)
{
	for (size_t i = used; i-- > 0 && rows[i].decided_by >= wanted->decided_by;)
		if (is_same(&rows[i], wanted))
			return &rows[i];
	return NULL;
}

void carbon_claims_add(const struct carbon_site *site, const struct carbon_claim *claim, time_t now)
{
	struct row *row, next = {
		.first = carbon_load_slot(claim->begin_at),
		.last = carbon_load_slot(claim->end_at - 1),
		.decided_by = now + DECISION_STEP_S - now % DECISION_STEP_S,
	};

	if (claim->place >= site->places)
		return;
	memcpy(next.partition, site->place[claim->place].partition, sizeof(next.partition));
	row = find(&next);
	if (!row && used < CARBON_CLAIMS_ROWS) {
		row = &rows[used++];
		*row = next;
	}
	if (!row) {
		is_full = true;
		return;
	}
	row->nodes += claim->nodes;
	row->kw += claim->kw;
	row->flexible_node_h += claim->nodes * (double)(claim->end_at - claim->begin_at) / 3600;
	carbon_load_add(&load, claim);
}

void carbon_claims_clear(void)
{
	pthread_mutex_lock(&mutex);
	used = 0;
	is_full = false;
	memset(&load, 0, sizeof(load));
	pthread_mutex_unlock(&mutex);
}
