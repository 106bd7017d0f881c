/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cluster in time: each job decided at its submission as slurmctld's plugin would, the site
 * told anew at each look as replan would, jobs that wait decided again. Everything is worked
 * out from what has happened by then; must never look at a run's real end before it has come.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "simulator/cluster_work.h"
#include "simulator/heap.h"

#define HOUR_S 3600
#define FORGET_S (7.0 * 86400) /* node-hours fade out over a week */

/* A job that waits because of us, in order of submission. */
struct delayed {
	size_t k; /* in the replay */
	struct carbon_record record;
	struct carbon_claim claim;
};

struct play {
	struct carbon_simulation *simulation;
	const struct carbon_policy *policy;
	size_t count, capacity;
	struct delayed *delayed;
	struct carbon_assign_job *assign; /* as many */
	double flexible_node_h, all_node_h, full_s;
	time_t looked_at, replanned_at;
	size_t submitted, moves;
	bool no_memory;
	float nodes[CARBON_SITE_STEPS_MAX]; /* committed, by quarters of an hour from now on */
};

static uint32_t expected_s(const struct play *play, size_t k)
{
	const struct carbon_simulation *simulation = play->simulation;
	size_t i = simulation->cluster->index[k];

	return simulation->expected_s[i] ? simulation->expected_s[i]
					 : simulation->cluster->job[k].planned_s;
}

/* --- at submission --- */

static void keep(struct play *play, size_t k, const struct carbon_decision *decision)
{
	if (play->count == play->capacity) {
		size_t capacity = play->capacity ? play->capacity * 2 : 256;
		struct delayed *more = realloc(play->delayed, capacity * sizeof(*more));

		if (!more) {
			play->no_memory = true;
			return;
		}
		play->delayed = more;
		play->capacity = capacity;
		free(play->assign);
		play->assign = NULL; /* grown when it is next wanted */
	}
	play->delayed[play->count++] = (struct delayed){k, decision->record, decision->claim};
}

/* Must end by its delay and its limit after its submission. */
static struct carbon_world_job asks(const struct carbon_simulation *simulation, size_t i)
{
	struct carbon_world_job job = carbon_job_asks(simulation, i);

	job.delay_s = carbon_job_delay(simulation, i);
	job.limit_s = carbon_cluster_planned_s(&simulation->job[i]);
	job.finish_by_at = job.submit_at + job.delay_s + (time_t)job.limit_s;
	return job;
}

static time_t decide(struct play *play, size_t k, time_t now)
{
	struct carbon_simulation *simulation = play->simulation;
	size_t i = simulation->cluster->index[k];
	struct carbon_world_job job = asks(simulation, i);
	struct carbon_foreseen foreseen;
	struct carbon_decision decision;

	if (!simulation->expected_s[i] ||
	    !carbon_grid_view(simulation->ask.grid, now, &foreseen))
		return now;
	decision = carbon_world_decide(simulation->world, &job, &foreseen);
	if (decision.verdict != CARBON_DELAY)
		return now;
	keep(play, k, &decision);
	return decision.record.begin_at;
}

static time_t submit(void *context, const struct carbon_easy *easy, size_t k, time_t now)
{
	struct play *play = context;
	struct carbon_simulation *simulation = play->simulation;
	size_t i = simulation->cluster->index[k];
	double node_h = (double)simulation->job[i].nodes * expected_s(play, k) / HOUR_S;
	time_t begin_at = now;

	(void)easy;
	carbon_simulation_tell(simulation, play->submitted++);
	if (simulation->mark[i] & CARBON_MARK_FLEXIBLE) {
		struct carbon_plan plan = {.begin_at = now};

		if (carbon_policy_is_ours(play->policy))
			plan.begin_at = decide(play, k, now);
		else
			carbon_plan_make(simulation, play->policy, i, &plan);
		begin_at = plan.begin_at;
		play->moves += plan.moves;
	}
	play->all_node_h += node_h;
	play->flexible_node_h += begin_at > now ? node_h : 0;
	simulation->cluster->begin_at[i] = begin_at;
	return begin_at;
}

/* --- what replan would tell the site --- */

/* Add NODES from FROM to TO, both within the steps. */
static void commit(struct play *play, time_t now, time_t from_at, time_t to_at, double nodes)
{
	int64_t first = carbon_load_slot(now);
	int64_t from = carbon_load_slot(from_at) - first,
		to = carbon_load_slot(to_at - 1) - first;

	for (int64_t slot = from < 0 ? 0 : from; slot <= to && slot < CARBON_SITE_STEPS_MAX;
	     slot++)
		play->nodes[slot] += (float)nodes;
}

/* Running: to the expected end, or once that has passed to the limit. */
static void commit_running(struct play *play, const struct carbon_easy *easy, time_t now)
{
	const struct carbon_heap_entry *entry;
	size_t count = carbon_easy_running(easy, &entry);

	for (size_t r = 0; r < count; r++) {
		size_t k = entry[r].job;
		time_t end_at = carbon_easy_started(easy, k) + (time_t)expected_s(play, k);

		commit(play, now, now, end_at > now ? end_at : entry[r].at,
		       play->simulation->cluster->job[k].nodes);
	}
}

/* Work that waits flows into whatever is free next. */
static void commit_queue(struct play *play, const struct carbon_easy *easy)
{
	double free, work = 0, most = play->simulation->ask.nodes;

	for (size_t k = carbon_easy_queued(easy, SIZE_MAX); k != SIZE_MAX;
	     k = carbon_easy_queued(easy, k))
		work += (double)play->simulation->cluster->job[k].nodes * expected_s(play, k) /
			CARBON_LOAD_SLOT_S;
	for (size_t slot = 0; slot < CARBON_SITE_STEPS_MAX && work > 0; slot++) {
		free = fmin(fmax(most - (double)play->nodes[slot], 0), work);
		play->nodes[slot] += (float)free;
		work -= free;
	}
}

/* Those whose begin has come are queued or run: no longer ours. */
static void drop_begun(struct play *play, time_t now)
{
	size_t kept = 0;

	for (size_t d = 0; d < play->count; d++)
		if (play->delayed[d].record.begin_at >= now)
			play->delayed[kept++] = play->delayed[d];
	play->count = kept;
}

static void tell_site(struct play *play, const struct carbon_easy *easy, time_t now)
{
	struct carbon_world_look look = {.now = now, .nodes = play->nodes};
	double span_s = (double)(now - play->looked_at), full_s = carbon_easy_full_s(easy);

	memset(play->nodes, 0, sizeof(play->nodes));
	commit_running(play, easy, now);
	commit_queue(play, easy);
	if (play->looked_at && span_s > 0) {
		play->flexible_node_h *= exp(-span_s / FORGET_S);
		play->all_node_h *= exp(-span_s / FORGET_S);
		look.full_at = play->looked_at;
		look.full_share = (full_s - play->full_s) / span_s;
	}
	look.flexible_node_h = play->flexible_node_h;
	look.all_node_h = play->all_node_h;
	play->looked_at = now;
	play->full_s = full_s;
	carbon_world_look(play->simulation->world, &look);
}

/* --- deciding again --- */

/* What is left as it is. */
static void claim_again(struct play *play)
{
	for (size_t d = 0; d < play->count; d++)
		carbon_world_claim(play->simulation->world, &play->delayed[d].claim);
}

/* No start lies before the outlook, which begins now. */
static struct carbon_assign_job describe(struct play *play, size_t d, time_t now)
{
	struct delayed *delayed = &play->delayed[d];
	const struct carbon_trace_job *job =
		&play->simulation->job[play->simulation->cluster->index[delayed->k]];

	if (delayed->record.baseline_at < now)
		delayed->record.baseline_at = now;
	return (struct carbon_assign_job){
		.again = {.record = &delayed->record,
			  .limit_s = carbon_cluster_planned_s(job),
			  .nodes = job->nodes},
		.submit_at = job->submit_at,
		.id = (uint32_t)delayed->k,
		.index = d,
	};
}

struct telling {
	struct play *play;
	struct carbon_easy *easy;
};

static void take(void *context, const struct carbon_assign_job *job,
		 const struct carbon_again_decision *decision)
{
	struct telling *telling = context;
	struct play *play = telling->play;
	struct delayed *delayed = &play->delayed[job->index];

	if (decision->claim.nodes > 0)
		delayed->claim = decision->claim;
	if (decision->verdict == CARBON_STAY)
		return;
	delayed->record = decision->record;
	play->moves++;
	play->simulation->cluster->begin_at[play->simulation->cluster->index[delayed->k]] =
		decision->record.begin_at;
	carbon_easy_move(telling->easy, delayed->k, decision->record.begin_at);
}

static void assign(struct play *play, struct carbon_easy *easy, time_t now)
{
	struct telling telling = {play, easy};
	struct carbon_foreseen foreseen;

	if (!play->count || !carbon_grid_view(play->simulation->ask.grid, now, &foreseen)) {
		claim_again(play);
		return;
	}
	if (!play->assign)
		play->assign = calloc(play->capacity, sizeof(*play->assign));
	if (!play->assign) {
		play->no_memory = true;
		return;
	}
	for (size_t d = 0; d < play->count; d++)
		play->assign[d] = describe(play, d, now);
	carbon_world_assign(
		play->simulation->world, now, &foreseen,
		&(struct carbon_world_assignment){play->assign, play->count, take, &telling});
}

static void look(void *context, struct carbon_easy *easy, time_t now)
{
	struct play *play = context;
	time_t replan_s = play->simulation->ask.replan_s;

	drop_begun(play, now);
	tell_site(play, easy, now);
	if (!replan_s || now < play->replanned_at + replan_s) {
		claim_again(play);
		return;
	}
	play->replanned_at = now;
	assign(play, easy, now);
}

int carbon_cluster_play(struct carbon_simulation *simulation,
			const struct carbon_policy *policy, struct carbon_easy_full *full,
			size_t *moves, struct carbon_err *err)
{
	struct carbon_cluster *cluster = simulation->cluster;
	time_t replan_s = simulation->ask.replan_s;
	struct play *play = calloc(1, sizeof(*play));
	struct carbon_easy_hooks hooks = {
		.submit = submit,
		.look = look,
		.step_s = replan_s && replan_s < HOUR_S ? replan_s : HOUR_S,
		.context = play,
	};
	const struct carbon_easy_ask ask = {cluster->job, cluster->count, simulation->ask.nodes,
					    &hooks};
	int rc = -1;

	if (!play)
		return carbon_err_set(err, "no memory for a cluster");
	play->simulation = simulation;
	play->policy = policy;
	carbon_world_begin(simulation->world, policy);
	rc = carbon_easy_play(&ask, cluster->began_at, full, err);
	if (rc == 0 && play->no_memory)
		rc = carbon_err_set(err, "no memory for jobs that wait");
	for (size_t k = 0; k < cluster->count && rc == 0; k++)
		simulation->start_at[cluster->index[k]] = cluster->began_at[k];
	*moves = play->moves;
	free(play->delayed);
	free(play->assign);
	free(play);
	return rc;
}
