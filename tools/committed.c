/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Summing up a cluster's commitments in quarters of an hour. Must never ask Slurm anything. */
#include "tools/committed.h"

#include <stdlib.h>
#include <string.h>

#include "lib/demand.h"
#include "lib/err.h"
#include "policies/pause.h"

#define STEP_S 900
#define STEPS CARBON_SITE_STEPS_MAX
#define EVEN_A_LITTLE 0.005 /* less than this, in nodes or kW, is not written */

struct sums {
	const struct carbon_site *site;
	const struct carbon_committed_ask *ask;
	time_t from_at;
	float *share;	/* [of * places + on]: how much of OF's nodes ON has too */
	float *nodes;	/* [place * STEPS + step]; a row more is the cluster's, each node once */
	float *kw;	/* the same, and one row more: what our jobs begin with */
	size_t *cursor; /* of each place: no earlier step has room for what waits for nodes */
};

/* What one job takes, and from when to when. */
struct part {
	size_t place;
	time_t begin_at, end_at;
	double nodes, kw;
};

/* --- the sums --- */

/* The first step that AT is in or after; STEPS where it is past all of them. */
static size_t step_of(const struct sums *sums, time_t at)
{
	time_t step = (at - sums->from_at) / STEP_S;

	if (at <= sums->from_at)
		return 0;
	return step < STEPS ? (size_t)step : STEPS;
}

/* Each step that the run touches counts in full, as those that are decided since do. */
static void add(struct sums *sums, const struct part *part)
{
	size_t places = sums->site->places, first = step_of(sums, part->begin_at);
	size_t end = step_of(sums, part->end_at + STEP_S - 1);

	for (size_t on = 0; on < places; on++) {
		float share = sums->share[part->place * places + on];

		if (share <= 0)
			continue;
		for (size_t i = first; i < end; i++) {
			sums->nodes[on * STEPS + i] += share * (float)part->nodes;
			sums->kw[on * STEPS + i] += share * (float)part->kw;
		}
	}
	for (size_t i = first; i < end; i++) {
		sums->nodes[places * STEPS + i] += (float)part->nodes;
		sums->kw[places * STEPS + i] += (float)part->kw;
	}
}

/* --- places --- */

static size_t find_partition(const struct carbon_live *live, const char *name)
{
	size_t i = 0;

	while (i < live->partitions && strcmp(live->partition[i].name, name) != 0)
		i++;
	return i;
}

/* A site has its places sorted, a cluster its partitions as slurm.conf does. */
static float share_of(const struct carbon_live *live, size_t of, size_t on)
{
	size_t both = 0, all = 0;

	if (of == live->partitions || on == live->partitions || !live->member)
		return 0;
	for (size_t node = 0; node < live->nodes; node++) {
		const unsigned char *member = &live->member[node * live->partitions];

		all += member[of];
		both += member[of] && member[on];
	}
	return all ? (float)both / (float)all : 0;
}

static void fill_shares(struct sums *sums)
{
	const struct carbon_site *site = sums->site;
	const struct carbon_live *live = sums->ask->live;

	for (size_t of = 0; of < site->places; of++) {
		size_t from = find_partition(live, site->place[of].partition);

		for (size_t on = 0; on < site->places; on++)
			sums->share[of * site->places + on] =
				of == on ? 1 : share_of(live, from, find_partition(live, site->place[on].partition));
	}
}

/* Of several partitions the first one is where a job will most likely run. */
static bool find_place(const struct carbon_site *site, const char *partition, size_t *out)
{
	char first[CARBON_NAME_MAX];
	size_t length = strcspn(partition, ",");
	const struct carbon_place *place;

	if (length >= sizeof(first))
		return false;
	memcpy(first, partition, length);
	first[length] = '\0';
	place = carbon_site_place(site, first);
	if (!place)
		return false;
	*out = (size_t)(place - site->place);
	return true;
}

/* --- jobs --- */

static uint32_t count_gpus(const struct carbon_resources *use)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		sum += use->gpu[i].count;
	return sum;
}

static const struct carbon_habit *find_habit(const struct carbon_committed_ask *ask, const struct carbon_live_job *job,
					     enum carbon_habit_level *level)
{
	const struct carbon_habit_ask about = {
		.uid = job->uid,
		.name = job->name,
		.partition = job->partition,
		.cores = job->use.cores,
		.gpus = count_gpus(&job->use),
	};

	return carbon_habits_find(ask->habits, &about, ask->now, level);
}

time_t carbon_committed_end(const struct carbon_live_job *job, const struct carbon_habit *habit, time_t begin_at,
			    time_t now)
{
	time_t by_limit = job->limit_s ? begin_at + (time_t)job->limit_s : 0, end_at = by_limit;

	if (job->is_running && job->end_at > now)
		by_limit = end_at = job->end_at;
	if (habit && begin_at + (time_t)habit->median_s > now)
		end_at = begin_at + (time_t)habit->median_s;
	else if (habit && begin_at + (time_t)habit->p90_s > now)
		end_at = begin_at + (time_t)habit->p90_s;
	return by_limit && end_at > by_limit ? by_limit : end_at;
}

/* The record knows best what was expected of the job. */
static double kw_of(const struct carbon_place *place, const struct carbon_live_job *job,
		    const struct carbon_record *record, const struct carbon_habit *habit)
{
	double it_w = habit ? (double)habit->power_w : 0;

	if (record->power_w > 0)
		return record->power_w / 1000;
	if (it_w <= 0)
		it_w = carbon_power_it(&place->power, &job->use);
	return it_w * place->power.pue / 1000;
}

uint32_t carbon_committed_waves(const struct carbon_place *place, const struct carbon_live_job *job)
{
	uint32_t tasks = job->tasks ? job->tasks : 1, together = tasks;
	double each = carbon_demand_nodes(place, &job->use);

	if (job->at_once && job->at_once < together)
		together = job->at_once;
	if (place->nodes && each > 0 && each * together > place->nodes)
		together = (uint32_t)(place->nodes / each);
	return together ? (tasks + together - 1) / together : tasks;
}

/* False: it takes nothing that anybody knows of. A job in a reservation takes what the reservation holds. */
static bool describe(const struct sums *sums, const struct carbon_live_job *job, time_t begin_at, struct part *part)
{
	enum carbon_habit_level level = CARBON_HABIT_LEVELS;
	const struct carbon_habit *habit = find_habit(sums->ask, job, &level);
	struct carbon_record record = {.power_w = 0};
	const struct carbon_place *place;
	uint32_t waves;
	time_t end_at;

	if (job->is_reserved || !find_place(sums->site, job->partition, &part->place))
		return false;
	place = &sums->site->place[part->place];
	waves = carbon_committed_waves(place, job);
	if (carbon_record_read(job->comment, &record, NULL) == 1 && record.runtime_s &&
	    (job->is_pending || record.notice.signal))
		end_at = carbon_pause_end_at(&record, begin_at, sums->ask->now);
	else
		end_at = carbon_committed_end(job, habit, begin_at, sums->ask->now);
	if (job->is_running && end_at <= sums->ask->now)
		end_at = carbon_committed_end(job, habit, begin_at, sums->ask->now);
	if (!end_at && place->max_limit_s)
		end_at = begin_at + (time_t)place->max_limit_s;
	if (!end_at) /* without any limit: as long as we look */
		end_at = begin_at + (time_t)STEP_S * STEPS;
	part->begin_at = begin_at;
	part->end_at = begin_at + (end_at - begin_at) * (time_t)waves;
	part->nodes = carbon_demand_array(place, &job->use, job->tasks, waves);
	part->kw = kw_of(place, job, &record, level == CARBON_HABIT_NAME ? habit : NULL);
	if (job->tasks > 1)
		part->kw *= (double)((job->tasks + waves - 1) / waves);
	return part->end_at > sums->ask->now;
}

static void add_running(struct sums *sums)
{
	const struct carbon_live *live = sums->ask->live;
	struct part part;

	for (size_t i = 0; i < live->jobs; i++)
		if (live->job[i].is_running && describe(sums, &live->job[i], live->job[i].start_at, &part))
			add(sums, &part);
}

/* What we give a begin counts for the site's ramp as well. */
static void add_ours(struct sums *sums, const struct part *part)
{
	size_t step = step_of(sums, part->begin_at);

	add(sums, part);
	if (step < STEPS)
		sums->kw[(sums->site->places + 1) * STEPS + step] += (float)part->kw;
}

/* Those with a begin ahead, and those that backfill has found a start for. */
static void add_planned(struct sums *sums)
{
	const struct carbon_live *live = sums->ask->live;
	const bool *ours = sums->ask->ours;
	struct part part;

	for (size_t i = 0; i < live->besides && !sums->ask->without_ours; i++)
		if (describe(sums, &live->beside[i], live->beside[i].planned_at, &part))
			add_ours(sums, &part);
	for (size_t i = 0; i < live->jobs; i++) {
		const struct carbon_live_job *job = &live->job[i];
		time_t at = job->begin_at > sums->ask->now ? job->begin_at : job->expected_at;

		if (job->planned_at)
			at = job->planned_at;
		if (!job->is_pending || job->is_held || !at || (ours && ours[i] && sums->ask->without_ours) ||
		    !describe(sums, job, at, &part))
			continue;
		if (ours && ours[i])
			add_ours(sums, &part);
		else
			add(sums, &part);
	}
}

/* The backlog: one after another as there is room, as a scheduler without backfilling would. */
static void add_queue(struct sums *sums)
{
	const struct carbon_live *live = sums->ask->live;
	const struct carbon_place *place;
	struct part part;

	for (size_t i = 0; i < live->jobs; i++) {
		const struct carbon_live_job *job = &live->job[i];
		size_t *cursor;
		time_t wait_s;

		if (!job->is_pending || job->is_held || job->is_dependent || job->begin_at > sums->ask->now ||
		    job->expected_at || !describe(sums, job, sums->ask->now, &part))
			continue;
		place = &sums->site->place[part.place];
		cursor = &sums->cursor[part.place];
		while (place->nodes && *cursor < STEPS &&
		       (double)sums->nodes[part.place * STEPS + *cursor] + part.nodes > place->nodes)
			(*cursor)++;
		wait_s = (time_t)*cursor * STEP_S;
		part.begin_at += wait_s;
		part.end_at += wait_s;
		add(sums, &part);
	}
}

static void add_holds(struct sums *sums)
{
	const struct carbon_live *live = sums->ask->live;
	float *all = &sums->nodes[sums->site->places * STEPS];

	for (size_t i = 0; i < live->holds; i++) {
		const struct carbon_hold *hold = &live->hold[i];
		struct part part = {.begin_at = hold->from_at, .end_at = hold->to_at, .nodes = hold->nodes};
		size_t first = step_of(sums, hold->from_at), end = step_of(sums, hold->to_at + STEP_S - 1);

		for (size_t step = first; step < end; step++)
			all[step] += (float)hold->own_nodes;
		if (!find_place(sums->site, hold->partition, &part.place))
			continue;
		/* Each partition has a hold of its own: what it shares is counted there. */
		for (size_t step = first; step < end; step++)
			sums->nodes[part.place * STEPS + step] += (float)part.nodes;
	}
}

/* --- into the site --- */

/* Without what is nothing at its end; 0 steps: nothing at all. */
static size_t count_steps(const float *value)
{
	size_t count = STEPS;

	while (count && value[count - 1] < (float)EVEN_A_LITTLE)
		count--;
	return count;
}

static void put(const struct sums *sums, const char *name, const float *value, struct carbon_site_series *list,
		size_t *count)
{
	struct carbon_site_series *series = &list[*count];

	series->count = count_steps(value);
	if (!series->count)
		return;
	memcpy(series->name, name, strlen(name) + 1);
	series->from_at = sums->from_at;
	series->step_s = STEP_S;
	for (size_t i = 0; i < series->count; i++)
		series->value[i] = value[i] > 0 ? value[i] : 0;
	(*count)++;
}

static int put_all(const struct sums *sums, struct carbon_site *site)
{
	site->load = calloc(site->places + 1, sizeof(*site->load)); /* the cluster's, and each place's */
	site->power = calloc(site->places + 1, sizeof(*site->power));
	site->begin = calloc(1, sizeof(*site->begin));
	if (!site->load || !site->power || !site->begin)
		return -1;
	put(sums, "", &sums->kw[(site->places + 1) * STEPS], site->begin, &site->begins);
	put(sums, "", &sums->kw[site->places * STEPS], site->power, &site->powers);
	put(sums, "", &sums->nodes[site->places * STEPS], site->load, &site->loads);
	for (size_t i = 0; i < site->places; i++) {
		put(sums, site->place[i].partition, &sums->nodes[i * STEPS], site->load, &site->loads);
		put(sums, site->place[i].partition, &sums->kw[i * STEPS], site->power, &site->powers);
	}
	return 0;
}

static void empty(struct carbon_site *site)
{
	free(site->load);
	free(site->power);
	free(site->begin);
	site->load = site->power = site->begin = NULL;
	site->loads = site->powers = site->begins = 0;
}

int carbon_committed_fill(struct carbon_site *site, const struct carbon_committed_ask *ask, struct carbon_err *err)
{
	size_t places = site->places;
	struct sums sums = {
		.site = site,
		.ask = ask,
		.from_at = ask->now - ask->now % STEP_S,
		.share = calloc(places * places + 1, sizeof(float)),
		.nodes = calloc((places + 1) * STEPS, sizeof(float)),
		.kw = calloc((places + 2) * STEPS, sizeof(float)),
		.cursor = calloc(places + 1, sizeof(size_t)),
	};
	int rc = -1;

	empty(site);
	if (sums.share && sums.nodes && sums.kw && sums.cursor) {
		fill_shares(&sums);
		add_holds(&sums);
		add_running(&sums);
		add_planned(&sums);
		add_queue(&sums);
		rc = put_all(&sums, site);
	}
	free(sums.share);
	free(sums.nodes);
	free(sums.kw);
	free(sums.cursor);
	return rc == 0 ? 0 : carbon_err_set(err, "no memory for the load of %zu partitions", places);
}
