/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dividing an array. Must never hand out more room than there is, nor make jobs of tasks that another run can still decide. */
#include "policies/groups.h"

#include <math.h>
#include <stdlib.h>

#include "policies/room.h"
#include "policies/still.h"

struct work {
	const struct carbon_context *context;
	const struct carbon_again *again;
	const struct carbon_curve *mean;
	struct carbon_load *own, *mates;
	uint32_t together;	/* tasks that run at once as the array stands */
	uint32_t together_max;	/* that may ever */
	double each;		/* nodes of one task */
	size_t count;
	struct carbon_again_decision *out;
	uint32_t left; /* tasks without a window */
	struct carbon_again_decision rest; /* their claim, behind the last group */
	time_t rest_end_at;
};

/* --- claims --- */

static void claim(const struct work *work, const struct carbon_again_decision *decision, uint32_t together,
		  void (*change)(struct carbon_load *load, const struct carbon_claim *run))
{
	struct carbon_claim mates = decision->claim;

	if (decision->claim.nodes > 0)
		change(work->own, &decision->claim);
	mates.place = 0;
	mates.nodes = together;
	if (work->mates && !work->again->is_dependent)
		change(work->mates, &mates);
}

static uint32_t waves_of(const struct work *work, uint32_t tasks)
{
	return (tasks + work->together_max - 1) / work->together_max;
}

static uint32_t together_of(const struct work *work, uint32_t tasks)
{
	uint32_t waves = waves_of(work, tasks);

	return (tasks + waves - 1) / waves;
}

static void unclaim_all(const struct work *work)
{
	for (size_t i = 0; i < work->count; i++)
		claim(work, &work->out[i], together_of(work, work->out[i].tasks), carbon_load_remove);
	if (work->count && work->left)
		claim(work, &work->rest, together_of(work, work->left), carbon_load_remove);
}

/* --- parts of the array --- */

/* TASKS of it, in so many waves as they need. */
static struct carbon_again share(const struct work *work, uint32_t tasks)
{
	struct carbon_again again = *work->again;

	again.job = NULL; /* as its array, it stays in its place */
	again.tasks = tasks;
	again.waves = waves_of(work, tasks);
	again.nodes = work->each * together_of(work, tasks);
	return again;
}

static uint32_t room_at(const struct work *work, time_t begin_at, uint32_t most)
{
	const struct carbon_site *site = work->context->site;
	const struct carbon_record *record = work->again->record;
	const struct carbon_view_ask ask = {
		.site = site,
		.own = work->own,
		.place = carbon_site_place(site, work->again->partition),
		.runtime_s = record->runtime_s,
		.nodes = work->each,
		.kw = record->power_w / 1000,
		.mates = work->again->at_once ? work->mates : NULL,
		.at_once = work->again->at_once,
	};

	return carbon_room_count(&ask, begin_at, most < work->together_max ? most : work->together_max);
}

/* --- groups --- */

static int by_plan(const void *a, const void *b)
{
	const struct carbon_again_decision *x = a, *y = b;

	return (x->claim.begin_at > y->claim.begin_at) - (x->claim.begin_at < y->claim.begin_at);
}

/* As many of the tasks left as have room where one of them would best begin. False: there is none. */
static bool find_group(struct work *work)
{
	struct carbon_again again = share(work, 1);
	struct carbon_again_decision one = carbon_decide_again(work->context, &again), all = one;
	uint32_t tasks;

	if (!one.is_planned)
		return false;
	tasks = room_at(work, one.claim.begin_at, work->left);
	if (tasks > 1) {
		again = share(work, tasks);
		all = carbon_decide_again(work->context, &again);
	}
	if (tasks < 1 || !all.is_planned) {
		all = one;
		tasks = 1;
	}
	all.tasks = tasks;
	work->out[work->count++] = all;
	claim(work, &all, tasks, carbon_load_add);
	return true;
}

/* What finds no window of its own waits behind the last one, for the queue to run wave after wave. */
static void find_rest(struct work *work)
{
	const struct carbon_again_decision *last = &work->out[work->count - 1];

	work->rest_end_at = last->claim.end_at;
	if (!work->left)
		return;
	work->rest = *last;
	/* Slots that a run touches count in full. */
	work->rest.claim.begin_at = (carbon_load_slot(last->claim.end_at - 1) + 1) * CARBON_LOAD_SLOT_S;
	work->rest.claim.end_at = work->rest.claim.begin_at + (time_t)work->again->record->runtime_s * waves_of(work, work->left);
	work->rest.claim.nodes = work->each * together_of(work, work->left);
	work->rest.claim.kw = work->again->record->power_w / 1000 * together_of(work, work->left);
	work->rest_end_at = work->rest.claim.end_at;
	claim(work, &work->rest, together_of(work, work->left), carbon_load_add);
}

/* Groups of all tasks by the begin of their windows, each claimed. False: there is no room for any. */
static bool find_groups(struct work *work)
{
	work->left = work->again->tasks;
	while (work->left && work->count < CARBON_GROUPS_MAX && find_group(work))
		work->left -= work->out[work->count - 1].tasks;
	if (!work->count)
		return false;
	qsort(work->out, work->count, sizeof(*work->out), by_plan);
	find_rest(work);
	return true;
}

/* --- whether it is worth it --- */

/* Grams of TASKS that begin at BEGIN_AT, so many of them at once; NAN where the outlook ends before they do. */
static double mass_of(const struct work *work, time_t begin_at, uint32_t tasks, uint32_t together)
{
	const struct carbon_record *record = work->again->record;
	double sum = 0;

	while (tasks) {
		uint32_t wave = tasks < together ? tasks : together;
		time_t end_at = begin_at + (time_t)record->runtime_s;

		if (!carbon_curve_has(work->mean, begin_at, end_at))
			return NAN;
		sum += wave * carbon_curve_mass_g(work->mean, begin_at, end_at, record->power_w);
		begin_at = end_at;
		tasks -= wave;
	}
	return sum;
}

/* A comparison with NAN is false, so what cannot be told is not worth anything. */
static bool is_worth_it(const struct work *work, const struct carbon_again_decision *whole)
{
	const struct carbon_site *site = work->context->site;
	double whole_g = mass_of(work, whole->claim.begin_at, work->again->tasks, work->together), saved_g = whole_g;

	for (size_t i = 0; i < work->count; i++)
		saved_g -= mass_of(work, work->out[i].claim.begin_at, work->out[i].tasks, work->together_max);
	if (work->left)
		saved_g -= mass_of(work, work->rest.claim.begin_at, work->left, work->together_max);
	if (!whole->is_planned)
		return !isnan(saved_g);
	return saved_g > 0 && saved_g >= site->min_saving_g && saved_g >= site->min_saving_percent / 100 * whole_g;
}

/* --- from windows to begins --- */

static int by_begin(const void *a, const void *b)
{
	const struct carbon_again_decision *x = a, *y = b;

	if (x->record.begin_at != y->record.begin_at)
		return x->record.begin_at < y->record.begin_at ? -1 : 1;
	return by_plan(a, b);
}

/* Whether NEXT is just what comes after BEFORE, which leaves no room to anybody meanwhile: then it is its next wave. */
static bool follows(const struct work *work, const struct carbon_again_decision *before,
		    const struct carbon_again_decision *next)
{
	return before->tasks % work->together_max == 0 &&
	       next->claim.begin_at <= before->claim.end_at + CARBON_LOAD_SLOT_S;
}

/* Those of which JOINS holds become one, which begins as the first does. */
static void join(struct work *work, bool (*joins)(const struct work *work, const struct carbon_again_decision *before,
						  const struct carbon_again_decision *next))
{
	size_t kept = 0;

	for (size_t i = 1; i < work->count; i++) {
		struct carbon_again_decision *before = &work->out[kept], *next = &work->out[i];

		if (joins(work, before, next)) {
			before->tasks += next->tasks;
			before->claim.end_at = next->claim.end_at;
		} else {
			work->out[++kept] = *next;
		}
	}
	work->count = kept + 1;
}

static bool begins_with(const struct work *work, const struct carbon_again_decision *before,
			const struct carbon_again_decision *next)
{
	(void)work;
	return next->record.begin_at == before->record.begin_at;
}

/* What goes behind the next run goes no further than the first window there: that run can still divide it. */
static void put_together(struct work *work)
{
	struct carbon_again_decision *first = NULL;

	for (size_t i = 0; i < work->count; i++) {
		struct carbon_again_decision *decision = &work->out[i];
		uint32_t tasks = decision->tasks;

		if (decision->verdict != CARBON_BACK || decision->record.begin_at < work->again->next_at)
			continue;
		if (first) {
			*decision = *first;
			decision->tasks = tasks;
		} else {
			first = decision;
		}
	}
	qsort(work->out, work->count, sizeof(*work->out), by_begin);
	join(work, begins_with);
}

/* The largest keeps the record, and whatever is too much to become jobs of their own. */
static void choose_keeper(struct work *work)
{
	uint32_t first = 0, split = 0;
	size_t keeper = 0, kept = 0;

	for (size_t i = 1; i < work->count; i++)
		if (work->out[i].tasks >= work->out[keeper].tasks)
			keeper = i;
	for (size_t i = 0; i < work->count; i++) {
		uint32_t most = work->again->split_max - split, tasks = work->out[i].tasks;

		if (i == keeper)
			continue;
		work->out[i].is_split = true;
		work->out[i].tasks = tasks < most ? tasks : most;
		work->out[keeper].tasks += tasks - work->out[i].tasks;
		split += work->out[i].tasks;
	}
	for (size_t i = 0; i < work->count; i++) {
		if (!work->out[i].tasks)
			continue;
		work->out[kept] = work->out[i];
		work->out[kept].first = first;
		first += work->out[kept++].tasks;
	}
	work->count = kept;
}

/* --- all of it --- */

static bool prepare(struct work *work)
{
	const struct carbon_again *again = work->again;
	const struct carbon_place *place = carbon_site_place(work->context->site, again->partition);
	uint32_t waves = again->waves > 1 ? again->waves : 1;
	struct carbon_still still;

	if (again->tasks < 2 || again->is_stranded || !again->split_max || again->is_dependent || !(again->nodes > 0) || !place ||
	    again->record->notice.signal || !carbon_still_find(work->context, again->record, again->partition, &still))
		return false;
	work->mean = &still.zone->mean;
	work->together = (again->tasks + waves - 1) / waves;
	work->each = again->nodes / work->together;
	work->together_max = again->tasks;
	if (place->nodes && work->each * again->tasks > place->nodes)
		work->together_max = (uint32_t)(place->nodes / work->each + 1e-6);
	if (again->at_once && again->at_once < work->together_max)
		work->together_max = again->at_once;
	if (!work->together_max)
		work->together_max = 1;
	return true;
}

/* Whether one task alone would begin where all of them do. */
static bool all_fit(const struct work *work, const struct carbon_again_decision *whole)
{
	struct carbon_again again = share(work, 1);

	return whole->is_planned && work->together == work->again->tasks &&
	       carbon_decide_again(work->context, &again).claim.begin_at == whole->claim.begin_at;
}

static bool divide(struct work *work, const struct carbon_again_decision *whole)
{
	if (!prepare(work) || all_fit(work, whole))
		return false;
	if (find_groups(work) && is_worth_it(work, whole)) {
		work->out[work->count - 1].tasks += work->left;
		work->out[work->count - 1].claim.end_at = work->rest_end_at;
		join(work, follows);
		put_together(work);
		choose_keeper(work);
		return true;
	}
	unclaim_all(work);
	return false;
}

size_t carbon_decide_groups(const struct carbon_context *context, const struct carbon_again *again,
			    struct carbon_load *own, struct carbon_load *mates,
			    struct carbon_again_decision out[CARBON_GROUPS_MAX])
{
	struct work work = {.context = context, .again = again, .own = own, .mates = mates, .out = out};
	struct carbon_again_decision whole = carbon_decide_again(context, again);
	uint32_t waves = again->waves > 1 ? again->waves : 1, tasks = again->tasks > 1 ? again->tasks : 1;

	if (divide(&work, &whole))
		return work.count;
	out[0] = whole;
	claim(&work, &whole, (tasks + waves - 1) / waves, carbon_load_add);
	return 1;
}
