/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rows of claims alike, decided at about the same time, and the load that they add up to. The load is made anew from
 * the rows when a newer site tells of some of them itself. Must never allocate.
 */
#include "plugin/claims.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/crc32.h"

/* Decisions within one step share a row; what begins and ends in the same slots does as well. */
#define DECISION_STEP_S 1

struct row {
	char partition[CARBON_NAME_MAX];
	int64_t first, last; /* slots */
	double nodes, kw;
	double flexible_node_h;
	time_t decided_by; /* rounded up */
	bool is_shadow;	   /* decided under level "observe": it does not really wait */
	size_t marks;
	uint32_t mark[CARBON_CLAIM_RULES]; /* of the rules whose share it uses up */
};

/* Rules of two sites are compared by this. */
struct rule_mark {
	uint32_t mark;
	uint16_t rule;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct row rows[CARBON_CLAIMS_ROWS];
static size_t used;
static bool is_full;
static float storage[CARBON_LOAD_FLOATS(CARBON_SITE_PLACES_MAX)];
static double rule_storage[CARBON_SITE_RULES_MAX];
static struct carbon_load load;

/*
 * What shadow mode would have delayed, and the site does not tell of, for these jobs do not wait: kept here until it is over.
 */
static float shadow_storage[CARBON_LOAD_FLOATS(CARBON_SITE_PLACES_MAX)];
static struct carbon_load shadow;
static uint32_t shadow_places;

/* The site that the load was made for. */
static time_t written_at, as_of;
static size_t places;
static size_t shares; /* rules with a share */
static struct rule_mark rule_marks[CARBON_SITE_RULES_MAX];

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

static void add_to(struct carbon_load *to, const struct carbon_site *site, const struct row *row)
{
	const struct carbon_place *place = carbon_site_place(site, row->partition);
	struct carbon_claim claim;

	if (!place)
		return;
	claim = claim_of(row, (size_t)(place - site->place));
	carbon_load_add(to, &claim);
}

static bool is_over(const struct row *row, time_t now)
{
	return row->last < carbon_load_slot(now);
}

/* Rows that are over, and those of before SINCE, of which the site tells itself. */
static void drop_old(time_t since, time_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < used; i++)
		if (rows[i].decided_by > since && !is_over(&rows[i], now))
			rows[kept++] = rows[i];
	if (kept < CARBON_CLAIMS_ROWS)
		is_full = false;
	used = kept;
}

/* --- shadow mode --- */

static uint32_t mark_places(const struct carbon_site *site)
{
	uint32_t sum = (uint32_t)site->places;

	for (size_t i = 0; i < site->places; i++)
		sum = sum * 31 + carbon_crc32(site->place[i].partition, strlen(site->place[i].partition));
	return sum;
}

/* Rows of which a newer site would tell if they were real. Once they are, and where the places are others, all is forgotten. */
static void keep_shadow(const struct carbon_site *site, time_t now)
{
	uint32_t now_places = mark_places(site);

	if (!shadow.nodes || shadow_places != now_places || site->level != CARBON_LEVEL_OBSERVE)
		carbon_load_init(&shadow, site->places, shadow_storage, now);
	shadow_places = now_places;
	carbon_load_advance(&shadow, now);
	for (size_t i = 0; i < used && site->level == CARBON_LEVEL_OBSERVE; i++)
		if (rows[i].is_shadow && rows[i].decided_by <= site->jobs_as_of && !is_over(&rows[i], now))
			add_to(&shadow, site, &rows[i]);
}

/* --- shares of rules --- */

static uint32_t mark_rule(const struct carbon_rule *rule)
{
	return carbon_crc32(rule->name, strlen(rule->name)) + (uint32_t)rule->kind;
}

static void mark_rules(const struct carbon_site *site)
{
	shares = 0;
	for (size_t i = 0; i < site->rules && i < CARBON_SITE_RULES_MAX; i++)
		if (site->rule[i].share >= 0)
			rule_marks[shares++] = (struct rule_mark){mark_rule(&site->rule[i]), (uint16_t)i};
}

static void add_hours(const struct row *row)
{
	load.flexible_node_h += row->flexible_node_h;
	for (size_t k = 0; k < row->marks; k++)
		for (size_t i = 0; i < shares; i++)
			if (rule_marks[i].mark == row->mark[k])
				load.rule_node_h[rule_marks[i].rule] += row->flexible_node_h;
}

/* --- the load --- */

static void make_load(const struct carbon_site *site, time_t now)
{
	keep_shadow(site, now);
	drop_old(site->jobs_as_of, now);
	mark_rules(site);
	carbon_load_init(&load, site->places, storage, now);
	memcpy(storage, shadow_storage, CARBON_LOAD_FLOATS(site->places) * sizeof(*storage));
	for (size_t i = 0; i < used; i++)
		if (!rows[i].is_shadow || site->level == CARBON_LEVEL_OBSERVE)
			add_to(&load, site, &rows[i]);
	load.flexible_node_h = 0;
	carbon_load_rules(&load, site->rules, rule_storage);
	for (size_t i = 0; i < used; i++)
		if (!rows[i].is_shadow || site->level == CARBON_LEVEL_OBSERVE)
			add_hours(&rows[i]);
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
	       a->is_shadow == b->is_shadow && memcmp(a->mark, b->mark, sizeof(a->mark)) == 0 &&
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
		.is_shadow = site->level == CARBON_LEVEL_OBSERVE,
		.marks = claim->rules,
	};

	if (claim->place >= site->places)
		return;
	for (size_t i = 0; i < claim->rules; i++)
		next.mark[i] = mark_rule(&site->rule[claim->rule[i]]);
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
	memset(&shadow, 0, sizeof(shadow));
	pthread_mutex_unlock(&mutex);
}
