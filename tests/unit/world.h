/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A small cluster and grid in memory for tests of the decision: a plain one, in which everything is allowed
 * and a clean window lies ten hours ahead, and random ones. Must never need a file.
 */
#ifndef CARBON_UNIT_WORLD_H
#define CARBON_UNIT_WORLD_H

#include "lib/outlook.h"
#include "lib/site.h"
#include "policies/decide.h"
#include "tests/unit/curves.h"

#define WORLD_NOW ((time_t)1791168000) /* a Monday */
#define WORLD_ZONES 3
#define WORLD_PLACES 3
#define WORLD_RULES 8
#define WORLD_USERS 2
#define WORLD_WALLS 3
#define WORLD_UID 1000

struct world {
	struct curve_store mean[WORLD_ZONES], high[WORLD_ZONES];
	struct carbon_outlook_zone zone[WORLD_ZONES];
	struct carbon_outlook outlook;
	struct carbon_place place[WORLD_PLACES];
	struct carbon_rule rule[WORLD_RULES];
	struct carbon_site_user user[WORLD_USERS];
	struct carbon_wall wall[WORLD_WALLS];
	struct carbon_site site;
	struct carbon_context context;
	struct carbon_job job;
};

static inline struct carbon_decision world_decide(const struct world *world)
{
	return carbon_decide(&world->context, &world->job);
}

/* The parts point at each other: never copy a world after this. */
static inline void world_join(struct world *world)
{
	for (size_t i = 0; i < WORLD_ZONES; i++) {
		world->zone[i].mean = world->mean[i].curve;
		world->zone[i].low = world->mean[i].curve;
		world->zone[i].high = world->high[i].curve;
	}
	world->outlook.zones = WORLD_ZONES;
	world->outlook.zone = world->zone;
	world->site.place = world->place;
	world->site.rule = world->rule;
	world->site.user = world->user;
	world->site.wall = world->wall;
	world->context.site = &world->site;
	world->context.outlook = &world->outlook;
}

/* 48 hours of 400 g/kWh (feared 500), 100 g/kWh (feared 300) from hour 10 to 14. */
static inline void world_plain_curve(struct curve_store *store, bool high)
{
	for (size_t i = 0; i <= 48; i++)
		store->knot_s[i] = (uint32_t)i * 3600;
	for (size_t i = 0; i < 48; i++)
		store->value[i] = i >= 10 && i < 14 ? (high ? 300 : 100) : (high ? 500 : 400);
	carbon_curve_sum(48, store->knot_s, store->value, store->sum);
	store->curve = (struct carbon_curve){WORLD_NOW, 48, store->knot_s, store->value, store->sum, NULL};
}

static inline void world_zones(struct world *world)
{
	static const struct carbon_outlook_zone zones[WORLD_ZONES] = {
		{.name = "DE", .signal = CARBON_SIGNAL_LIFECYCLE},
		{.name = "DE", .signal = CARBON_SIGNAL_MARGINAL},
		{.name = "SE-SE3", .signal = CARBON_SIGNAL_LIFECYCLE},
	};

	memcpy(world->zone, zones, sizeof(zones));
	for (size_t i = 0; i < WORLD_ZONES; i++) {
		world_plain_curve(&world->mean[i], false);
		world_plain_curve(&world->high[i], true);
		world->zone[i].parts = 2;
		world->zone[i].part[0] = (struct carbon_part){0, CARBON_KIND_FORECAST, "electricitymaps", WORLD_NOW - 600};
		world->zone[i].part[1] = (struct carbon_part){24, CARBON_KIND_MODEL, "model1", WORLD_NOW - 1200};
	}
	world->outlook.written_at = WORLD_NOW - 300;
}

/* Places "batch" (the default; DE), "nordic" (SE-SE3) and "unzoned". */
static inline void world_places(struct world *world)
{
	static const char *const names[WORLD_PLACES] = {"batch", "nordic", "unzoned"}, *const zones[] = {"DE", "SE-SE3", ""};

	for (size_t i = 0; i < WORLD_PLACES; i++) {
		struct carbon_place *place = &world->place[i];

		snprintf(place->partition, sizeof(place->partition), "%s", names[i]);
		snprintf(place->zone, sizeof(place->zone), "%s", zones[i]);
		place->is_default = i == 0;
		place->default_limit_s = 3600;
		place->max_limit_s = 7 * 86400;
		place->queue_wait_s = 600;
		place->boot_s = 60;
		place->node_cores = 16;
		carbon_power_init(&place->power);
		place->power.pue = 1.25;
		place->power.core_w = 10;
	}
	world->site.places = WORLD_PLACES;
}

/* One kW of IT for two hours, may wait a day; the margins are 600 + 120 + 60 s. */
static inline void world_init(struct world *world)
{
	memset(world, 0, sizeof(*world));
	carbon_site_init(&world->site);
	world->site.written_at = WORLD_NOW - 60;
	world->site.level = CARBON_LEVEL_DEFAULT;
	world->site.default_delay_s = 86400;
	world->site.max_delay_s = 2 * 86400;
	world->user[0] = (struct carbon_site_user){WORLD_UID, 0, "physics", "normal"};
	world->site.users = 1;
	world_zones(world);
	world_places(world);
	world_join(world);
	world->context.now = WORLD_NOW;
	carbon_job_init(&world->job);
	world->job.uid = WORLD_UID;
	world->job.limit_s = 7200;
	world->job.use.cores = 100;
}

#endif
