/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The plugin's inputs, filled in for each decision without copying what is foreseen. */
#include "simulator/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/load.h"
#include "lib/time.h"
#include "policies/policy.h"
#include "simulator/simulate.h"
#include "simulator/trace.h"

#define PARTITION "simulated"
#define JUST_BEFORE_S 1
#define HOUR_S 3600
#define NEW_WEEK 0.25F
#define WAITS 32 /* classes of sizes */

struct carbon_world {
	time_t replan_s;
	struct carbon_site site;
	struct carbon_outlook outlook;
	struct carbon_outlook_zone zone;
	struct carbon_job job; /* what all jobs have in common; the rest is set for each */
	/* of a cluster; else NULL */
	struct carbon_site_series *load;
	struct carbon_full *full;
	float *storage;
	struct carbon_load own;
};

/* What is asked of the simulation, as a site's wishes. Small jobs are jobs too. */
static void make_wishes(struct carbon_site *site, const struct carbon_simulation_ask *ask)
{
	carbon_site_init(site);
	site->level = CARBON_LEVEL_DEFAULT;
	site->max_delay_s = CARBON_TRACE_SECONDS_MAX;
	site->slack_s = 0;
	site->min_runtime_s = 0;
	site->min_saving_percent = ask->min_saving_percent;
	site->min_saving_g = 0;
	site->delay_price_g_h = ask->delay_price_g_h;
	site->max_waiting = site->max_waiting_user = UINT32_MAX;
	site->max_flexible_share = ask->max_flexible_share > 0 ? ask->max_flexible_share : 100;
}

static void make_place(struct carbon_place *place, const struct carbon_simulation_ask *ask,
		       const char *zone)
{
	snprintf(place->partition, sizeof(place->partition), PARTITION);
	snprintf(place->zone, sizeof(place->zone), "%s", zone);
	place->is_default = true;
	place->nodes = ask->nodes;
	place->exclusive = true;
	carbon_power_init(&place->power);
	place->power.pue = 1;
}

static void make_outlook(struct carbon_world *world, const struct carbon_simulation_ask *ask,
			 const char *zone)
{
	struct carbon_part *part = &world->zone.part[0];

	snprintf(world->zone.name, sizeof(world->zone.name), "%s", zone);
	world->zone.parts = 1;
	part->kind = CARBON_KIND_MODEL;
	snprintf(part->source, sizeof(part->source), "%s",
		 carbon_foresight_name(ask->foresight));
	world->outlook.zones = 1;
	world->outlook.zone = &world->zone;
}

/* All that a site tells of a cluster; nothing of it is known yet. */
static int make_room(struct carbon_world *world)
{
	world->site.wait = calloc(WAITS, sizeof(*world->site.wait));
	world->site.load = calloc(1, sizeof(*world->site.load));
	world->site.full = calloc(1, sizeof(*world->site.full));
	world->storage = calloc(CARBON_LOAD_FLOATS(1), sizeof(*world->storage));
	if (!world->site.wait || !world->site.load || !world->site.full || !world->storage)
		return -1;
	world->load = world->site.load;
	world->full = world->site.full;
	snprintf(world->load->name, sizeof(world->load->name), PARTITION);
	world->load->step_s = CARBON_LOAD_SLOT_S;
	world->load->count = CARBON_SITE_STEPS_MAX;
	snprintf(world->full->partition, sizeof(world->full->partition), PARTITION);
	world->full->count = CARBON_SITE_WEEK_H;
	return 0;
}

int carbon_world_create(const struct carbon_simulation_ask *ask, const char *zone,
			struct carbon_world **out, struct carbon_err *err)
{
	struct carbon_world *world = calloc(1, sizeof(*world));
	struct carbon_place *place = calloc(1, sizeof(*place));

	if (!world || !place) {
		free(world);
		free(place);
		return carbon_err_set(err, "no memory for a simulated site");
	}
	make_wishes(&world->site, ask);
	make_place(place, ask, zone);
	world->site.places = 1;
	world->site.place = place;
	make_outlook(world, ask, zone);
	if (ask->nodes && make_room(world) < 0) {
		carbon_world_destroy(world);
		return carbon_err_set(err, "no memory for a simulated site");
	}
	carbon_job_init(&world->job);
	world->job.request.given = true;
	world->replan_s = ask->replan_s;
	*out = world;
	return 0;
}

void carbon_world_destroy(struct carbon_world *world)
{
	if (!world)
		return;
	carbon_site_fini(&world->site);
	free(world->storage);
	free(world);
}

void carbon_world_begin(struct carbon_world *world, const struct carbon_policy *policy)
{
	snprintf(world->site.policy, sizeof(world->site.policy), "%s", policy->name);
	world->site.loads = world->site.fulls = 0;
	world->site.all_node_h = world->site.flexible_node_h = 0;
	if (world->full)
		memset(world->full->value, 0, sizeof(world->full->value));
	if (world->storage)
		carbon_load_init(&world->own, 1, world->storage, 0);
}

/* --- of a cluster with nodes --- */

void carbon_world_wait(struct carbon_world *world, int class, const struct carbon_wait *wait)
{
	struct carbon_wait *row = &world->site.wait[class];

	*row = *wait;
	snprintf(row->partition, sizeof(row->partition), PARTITION);
	world->site.waits =
		world->site.waits > (size_t) class + 1 ? world->site.waits : (size_t) class + 1;
}

/* The new share of an hour of the week counts a quarter, as if four weeks were looked at. */
static void learn_full(struct carbon_world *world, const struct carbon_world_look *look)
{
	for (time_t at = look->full_at; look->full_at && at < look->now; at += HOUR_S) {
		float *value = &world->full->value[carbon_hour_of_week(at)];

		*value += ((float)look->full_share - *value) * NEW_WEEK;
	}
	world->site.fulls = look->full_at != 0;
}

void carbon_world_look(struct carbon_world *world, const struct carbon_world_look *look)
{
	world->site.written_at = world->site.jobs_as_of = look->now;
	world->site.loads = 1;
	world->load->from_at = (time_t)carbon_load_slot(look->now) * CARBON_LOAD_SLOT_S;
	memcpy(world->load->value, look->nodes, sizeof(world->load->value));
	world->site.flexible_node_h = look->flexible_node_h;
	world->site.all_node_h = look->all_node_h;
	learn_full(world, look);
	carbon_load_init(&world->own, 1, world->storage, look->now);
}

void carbon_world_claim(struct carbon_world *world, const struct carbon_claim *claim)
{
	carbon_load_add(&world->own, claim);
}

/* --- deciding --- */

static struct carbon_context context_at(struct carbon_world *world, time_t now,
					const struct carbon_foreseen *foreseen)
{
	world->outlook.written_at = now;
	world->zone.part[0].issued_at = now;
	world->zone.mean = foreseen->mean;
	world->zone.low = foreseen->mean;
	world->zone.high = foreseen->high;
	if (world->storage)
		carbon_load_advance(&world->own, now);
	return (struct carbon_context){
		.site = &world->site,
		.outlook = &world->outlook,
		.now = now,
		.own = world->storage ? &world->own : NULL,
	};
}

struct carbon_decision carbon_world_decide(struct carbon_world *world,
					   const struct carbon_world_job *job,
					   const struct carbon_foreseen *foreseen)
{
	struct carbon_context context = context_at(world, job->submit_at, foreseen);
	struct carbon_decision decision;

	world->job.limit_s = job->limit_s;
	world->job.request.delay_s = job->delay_s;
	world->job.request.finish_by_at = job->finish_by_at;
	world->job.request.runtime_s = job->runtime_s;
	world->job.request.power_w = job->power_w;
	world->job.use.nodes = job->nodes;
	decision = carbon_decide(&context, &world->job);
	if (decision.verdict == CARBON_DELAY && world->storage)
		carbon_load_add(&world->own, &decision.claim);
	return decision;
}

/* Just before NOW, when no begin of NOW has passed yet. */
static struct carbon_again again_of(const struct carbon_world *world, time_t now,
				    const struct carbon_record *record, uint32_t limit_s)
{
	return (struct carbon_again){
		.record = record,
		.partition = PARTITION,
		.limit_s = limit_s,
		.next_at = now + world->replan_s,
	};
}

void carbon_world_decide_again(struct carbon_world *world, time_t now,
			       const struct carbon_world_job *job,
			       const struct carbon_foreseen *foreseen,
			       struct carbon_record *record)
{
	struct carbon_context context = context_at(world, now - JUST_BEFORE_S, foreseen);
	time_t baseline_at = record->baseline_at;
	struct carbon_record present = *record;
	const struct carbon_again again = again_of(world, now, &present, job->limit_s);
	struct carbon_again_decision decision;

	/* No start lies before the outlook, which begins now. */
	present.baseline_at = baseline_at > now ? baseline_at : now;
	decision = carbon_decide_again(&context, &again);
	if (decision.verdict == CARBON_STAY)
		return;
	*record = decision.record;
	record->baseline_at = baseline_at;
}

void carbon_world_assign(struct carbon_world *world, time_t now,
			 const struct carbon_foreseen *foreseen,
			 const struct carbon_world_assignment *assignment)
{
	struct carbon_context context = context_at(world, now - JUST_BEFORE_S, foreseen);

	for (size_t i = 0; i < assignment->count; i++) {
		struct carbon_again *again = &assignment->job[i].again;
		double nodes = again->nodes;

		*again = again_of(world, now, again->record, again->limit_s);
		again->nodes = nodes;
	}
	carbon_assign(&context, &world->own, assignment->job, assignment->count,
		      assignment->tell, assignment->caller);
}
