/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A place as a decision sees it: the grid's intensity as the slack clock counts it (DESIGN: What a delay really changes),
 * the price of electricity, and the time in which there is no room. Pure, in the caller's storage; without
 * any of these it borrows the outlook's own curves and costs nothing.
 */
#ifndef CARBON_VIEW_H
#define CARBON_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/curve.h"
#include "lib/load.h"
#include "lib/outlook.h"
#include "lib/site.h"
#include "policies/policy.h"

/* Segments of a view: 14 days in 5-minute steps, cut once more at hours. */
#define CARBON_VIEW_POINTS_MAX 4400
#define CARBON_VIEW_SLOTS_MAX 4096 /* quarters of an hour: six weeks */

/* A price counts as g/kWh: 1 per MWh at a carbon_price of 1 per t. */
#define CARBON_VIEW_G_KWH_OF_MONEY 1000.0

struct carbon_counted;

/* What is looked at. */
struct carbon_view_ask {
	const struct carbon_site *site;
	const struct carbon_load *own;	/* decided beside the site; NULL: nothing */
	const struct carbon_claim *self;	/* counted in them already: this very job; NULL: it is not */
	const struct carbon_place *place; /* in site */
	const struct carbon_outlook_zone *zone;
	time_t earliest_at, latest_at;	/* starts; earliest_at within the outlook */
	uint32_t runtime_s;
	double power_w;			/* of one task, PUE included: what emissions are counted by */
	bool mean_only;			/* nobody will look at the view's high curve: it is the mean one then */
	bool reads_room;		/* whoever looks at the curves looks at the blocked slots too: no barriers are needed */
	const struct carbon_counted *counted; /* of this site and the zone's outlook (policies/counted.h); NULL: none */
	double nodes, kw;		/* what the job takes of the place, all tasks that run together; kW with PUE */
	/* Of an array with a limit (%), how many of its other tasks run when, as nodes of place 0; NULL: it has none. */
	const struct carbon_load *mates;
	uint32_t at_once, together;	/* that limit, and how many of the tasks asked for run together */
};

struct carbon_view {
	/*
	 * For the policies. In grams per kWh as far as one kWh moved changes emissions, the price counted in; CARBON_BARRIER
	 * or more where the job has no room, unless is_by_room. They cover [earliest_at, latest_at + runtime_s).
	 */
	struct carbon_curve mean, high;
	time_t latest_at;	/* the ask's, or earlier where outlook or storage end; under earliest_at: no start fits */
	bool is_plain;		/* nothing of slack, price or room: the curves are the outlook's own */
	bool is_counted;	/* the slack clock or the price is in them */
	bool is_by_room;	/* as the ask wished: BLOCKED tells where there is no room, the curves do not; there is room now */
	double now_g_kwh_s;	/* integral of MEAN over a start at earliest_at, without barriers */
	bool is_full_now;	/* such a start has no room */
	bool is_limited_now;	/* and that because of one of the site's limits */
	double slack_share;	/* how much of [earliest_at, latest_at + runtime_s) is not full, 0 to 1 */
	uint64_t blocked[CARBON_VIEW_SLOTS_MAX / 64]; /* a bit per slot from earliest_at's on */
	uint64_t limited[CARBON_VIEW_SLOTS_MAX / 64];
};

/*
 * Where the curves are kept that are not the outlook's own. 135 KB: a thread that slurmctld has just made would fetch each page of
 * it anew, were it on the stack.
 */
struct carbon_view_store {
	uint32_t knot_s[CARBON_VIEW_POINTS_MAX + 1];
	float mean_value[CARBON_VIEW_POINTS_MAX], high_value[CARBON_VIEW_POINTS_MAX];
	double mean_sum[CARBON_VIEW_POINTS_MAX + 1], high_sum[CARBON_VIEW_POINTS_MAX + 1];
	uint16_t hour_first[CARBON_VIEW_POINTS_MAX + 1]; /* of the building alone: first piece of each hour, and the end */
};

/* STORE is borrowed as long as the view is looked at; nothing in it need be set. */
void carbon_view_init(struct carbon_view *view, const struct carbon_view_ask *ask, struct carbon_view_store *store);

/* Tell QUERY, of a policy that reads_room, what the view of this ask knows of it. */
void carbon_view_tell_room(const struct carbon_view *view, const struct carbon_view_ask *ask, struct carbon_query *query);

/* Whether a start at BEGIN_AT, within the view, has room for its whole run. */
bool carbon_view_has_room(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at);

/* Whether that is because of one of the site's limits. */
bool carbon_view_is_limited(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at);

/* Grams that a start with room costs, as the policies count them (price and slack clock included). */
double carbon_view_cost_g(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at);

/* The same of a start at earliest_at, room or not. */
double carbon_view_now_g(const struct carbon_view *view, const struct carbon_view_ask *ask);

/*
 * The first time from FROM_AT on, and before TO_AT, at which the whole run has room in the place itself (limits are not
 * asked: they end, queues do not wait for them); TO_AT where there is none. FROM_AT where nothing is known.
 */
time_t carbon_view_first_room(const struct carbon_view_ask *ask, time_t from_at, time_t to_at);

/*
 * BEGIN_AT, or the start nearest to it (later ones first) that keeps to the site's ramp_kw and has room; earliest_at where
 * there is none.
 */
time_t carbon_view_stagger(const struct carbon_view *view, const struct carbon_view_ask *ask, time_t begin_at);

#endif
