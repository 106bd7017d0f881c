/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hours of the ledger's runs put into switchback blocks. Must never count a block that was not what the schedule says: before
 * the holdout was switched on, all of them had delays.
 */
#include "tools/switchback.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/effects.h"
#include "accounting/store.h"
#include "accounting/switchback.h"
#include "accounting/trail.h"
#include "cluster/cluster.h"
#include "lib/err.h"
#include "lib/series.h"
#include "lib/time.h"

#define HOUR_S 3600
#define DAY_S ((time_t)86400)
#define BACK_S (120 * DAY_S)
#define ZONES_MAX 16
#define BLOCKS_MAX 128 /* BACK_S in blocks of a day, and a month's rest */

struct zone {
	char name[CARBON_ZONE_MAX];
	double *change_kw; /* of the mean power, from hour to hour; HOURS + 2 */
	double *g_kwh;	   /* of each hour; NAN: not known */
};

struct work {
	const struct carbon_tool_effect_ask *ask;
	const struct carbon_holdout *holdout;
	time_t from_at, to_at; /* whole pairs of blocks */
	time_t month_at, month_to;
	int64_t first; /* block */
	size_t blocks, hours;
	struct carbon_switchback_block block[BLOCKS_MAX];
	size_t delayed[BLOCKS_MAX]; /* submitted in it */
	size_t zones;
	struct zone zone[ZONES_MAX];
	size_t month_jobs, month_delayed;
};

/* --- runs into hours --- */

/* NULL: no memory, or more zones than a cluster has. */
static struct zone *find_zone(struct work *work, const char *name)
{
	struct zone *zone;

	for (size_t i = 0; i < work->zones; i++)
		if (strcmp(work->zone[i].name, name) == 0)
			return &work->zone[i];
	if (work->zones == ZONES_MAX)
		return NULL;
	zone = &work->zone[work->zones];
	zone->change_kw = calloc(work->hours + 2, sizeof(*zone->change_kw));
	zone->g_kwh = calloc(work->hours + 1, sizeof(*zone->g_kwh));
	if (!zone->change_kw || !zone->g_kwh)
		return NULL;
	snprintf(zone->name, sizeof(zone->name), "%s", name);
	work->zones++;
	return zone;
}

/* POWER_KW over [FROM, TO): hours that lie in it in part have that part. */
static void add_power(const struct work *work, struct zone *zone, double power_kw, time_t from, time_t to)
{
	size_t first, last;

	from = (from > work->from_at ? from : work->from_at) - work->from_at;
	to = (to < work->to_at ? to : work->to_at) - work->from_at;
	if (to <= from)
		return;
	first = (size_t)(from / HOUR_S);
	last = (size_t)(to / HOUR_S);
	power_kw /= HOUR_S;
	zone->change_kw[first] += power_kw * (double)((time_t)(first + 1) * HOUR_S - from);
	zone->change_kw[first + 1] += power_kw * (double)(from - (time_t)first * HOUR_S);
	zone->change_kw[last] -= power_kw * (double)((time_t)(last + 1) * HOUR_S - to);
	zone->change_kw[last + 1] -= power_kw * (double)(to - (time_t)last * HOUR_S);
}

static int take_run(void *context, const struct carbon_trail_run *run, struct carbon_err *err)
{
	struct work *work = context;
	bool is_ours = carbon_trail_is_ours(run);
	int64_t block = carbon_holdout_block(work->holdout, run->submit_at) - work->first;
	struct zone *zone;

	if (is_ours && block >= 0 && (size_t)block < work->blocks)
		work->delayed[block]++;
	if (run->start_at >= work->month_at && run->start_at < work->month_to) {
		work->month_jobs++;
		work->month_delayed += is_ours;
	}
	if (!run->zone[0] || !(run->above_w > 0))
		return 0;
	zone = find_zone(work, run->zone);
	if (!zone)
		return carbon_err_set(err, "no memory for the hours of %zu blocks, or more than %d zones", work->blocks,
				      ZONES_MAX);
	add_power(work, zone, run->above_w / 1000, run->start_at, run->end_at);
	return 0;
}

static int read_zone(struct work *work, struct zone *zone, struct carbon_err *err)
{
	const struct carbon_books_site *site = work->ask->site;
	struct carbon_series series;
	int rc;

	carbon_series_init(&series);
	rc = carbon_store_history_get(work->ask->store, zone->name, site->signal,
				      site->sources(site->context, zone->name), work->from_at - DAY_S, work->to_at,
				      &series, err);
	if (rc == 0)
		carbon_series_hourly(&series, work->from_at, work->hours, zone->g_kwh);
	carbon_series_fini(&series);
	for (size_t i = 1; i < work->hours; i++)
		zone->change_kw[i] += zone->change_kw[i - 1]; /* and is the power itself from here on */
	return rc;
}

/* --- hours into blocks --- */

static void add_zone(struct work *work, const struct zone *zone, size_t index)
{
	struct carbon_switchback_block *block = &work->block[index];
	size_t begin = index * (size_t)(work->holdout->block_s / HOUR_S);
	size_t end = begin + (size_t)(work->holdout->block_s / HOUR_S);
	double kwh = 0, g = 0, sum = 0;

	for (size_t i = begin + 24; i < end; i++) {
		if (isnan(zone->g_kwh[i])) {
			block->is_good = false;
			return;
		}
		kwh += zone->change_kw[i];
		g += zone->change_kw[i] * zone->g_kwh[i];
		sum += zone->g_kwh[i];
	}
	block->energy_kwh += kwh;
	block->excess_g += g - kwh * sum / (double)(end - begin - 24);
}

static void fill_blocks(struct work *work)
{
	for (size_t i = 0; i < work->blocks; i++) {
		bool is_without = carbon_holdout_is_without(work->holdout, work->first + (int64_t)i);

		work->block[i].is_without = is_without;
		work->block[i].is_good = is_without ? work->delayed[i] == 0 : work->delayed[i] > 0;
		for (size_t j = 0; j < work->zones; j++)
			add_zone(work, &work->zone[j], i);
	}
}

/* Energy and emissions of the month in blocks with delays, and emissions in all of it. */
static void sum_month(const struct work *work, double *with_kwh, double *all_g)
{
	*with_kwh = *all_g = 0;
	for (size_t i = 0; i < work->hours; i++) {
		time_t at = work->from_at + (time_t)i * HOUR_S;
		size_t block = (size_t)(carbon_holdout_block(work->holdout, at) - work->first);

		if (at < work->month_at || at >= work->month_to)
			continue;
		for (size_t j = 0; j < work->zones; j++) {
			double kwh = work->zone[j].change_kw[i], g_kwh = work->zone[j].g_kwh[i];

			*with_kwh += work->block[block].is_without ? 0 : kwh;
			*all_g += isnan(g_kwh) ? 0 : kwh * g_kwh;
		}
	}
}

static int put_month(struct work *work, const struct carbon_switchback *found, struct carbon_err *err)
{
	struct carbon_effect_month month = {
		.method = CARBON_EFFECT_SWITCHBACK, .from_at = work->month_at, .to_at = work->month_to,
		.jobs = work->month_jobs, .delayed = work->month_delayed, .blocks = 2 * found->pairs,
		.replay_error = NAN, .others_wait_s = NAN, .others_wait_without_s = NAN, .computed_at = work->ask->now,
	};
	double with_kwh, all_g;

	sum_month(work, &with_kwh, &all_g);
	month.saved_g = found->saved_g_kwh * with_kwh;
	month.low_g = month.saved_g - found->error_g_kwh * with_kwh;
	month.high_g = month.saved_g + found->error_g_kwh * with_kwh;
	month.without_g = all_g + month.saved_g;
	memcpy(month.cluster, work->ask->live->cluster, sizeof(month.cluster));
	return carbon_effects_put(work->ask->store, &month, err);
}

static void forget(struct work *work)
{
	for (size_t i = 0; i < ZONES_MAX; i++) {
		free(work->zone[i].change_kw);
		free(work->zone[i].g_kwh);
	}
}

/* 1: it has an estimate, 0: there are too few good blocks yet, -1. */
static int settle_month(const struct carbon_tool_effect_ask *ask, const struct carbon_holdout *holdout,
			const time_t month[2], struct carbon_err *err)
{
	struct work work = {.ask = ask, .holdout = holdout, .month_at = month[0], .month_to = month[1]};
	struct carbon_switchback found;
	int64_t last = (carbon_holdout_block(holdout, month[1] - 1) + 2) / 2 * 2;
	int rc;

	work.first = carbon_holdout_block(holdout, month[1] - BACK_S) / 2 * 2;
	work.from_at = carbon_holdout_begin(holdout, work.first);
	work.to_at = carbon_holdout_begin(holdout, last);
	work.blocks = (size_t)(last - work.first);
	work.hours = (size_t)((work.to_at - work.from_at) / HOUR_S);
	if (work.blocks > BLOCKS_MAX)
		return carbon_err_set(err, "blocks of %lld s are too short", (long long)holdout->block_s);
	rc = carbon_trail_each(ask->store, ask->live->cluster, work.from_at, work.to_at, take_run, &work, err);
	for (size_t i = 0; i < work.zones && rc == 0; i++)
		rc = read_zone(&work, &work.zone[i], err);
	if (rc == 0) {
		fill_blocks(&work);
		if (carbon_switchback_estimate(work.block, work.blocks, &found))
			rc = put_month(&work, &found, err) < 0 ? -1 : 1;
	}
	forget(&work);
	return rc;
}

int carbon_tool_switchback_settle(const struct carbon_tool_effect_ask *ask, const struct carbon_holdout *holdout,
				  struct carbon_err *err)
{
	time_t month[2];
	int rc = 0, count = 0;

	if (!holdout->is_on)
		return 0;
	for (time_t at = carbon_tool_effect_month(ask->from_at, 0); at < ask->now && rc >= 0;
	     at = carbon_tool_effect_month(at, 1)) {
		month[0] = at;
		month[1] = carbon_tool_effect_month(at, 1);
		rc = carbon_tool_effect_is_due(ask, CARBON_EFFECT_SWITCHBACK, month, err);
		month[1] = month[1] < ask->now ? month[1] : ask->now;
		if (rc == 1)
			rc = settle_month(ask, holdout, month, err);
		count += rc == 1;
	}
	return rc < 0 ? -1 : count;
}
