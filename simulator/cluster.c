/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a simulated cluster: the trace replayed on the nodes without begin times, what
 * that tells of waits, and round after round with them until every deadline is kept.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"
#include "simulator/cluster_work.h"

#define LEARNING 4
#define COUNTED 1000 /* of a wait that was learnt from a round: enough jobs to be believed */

/* --- the replay without us --- */

int carbon_size_class(uint32_t nodes)
{
	int class = 0;

	while (nodes >>= 1)
		class ++;
	return class < CARBON_SIZE_CLASSES ? class : CARBON_SIZE_CLASSES - 1;
}

uint32_t carbon_cluster_planned_s(const struct carbon_trace_job *job)
{
	return job->limit_s > job->runtime_s ? job->limit_s : job->runtime_s;
}

static int allocate(struct carbon_cluster *cluster, size_t jobs)
{
	cluster->index = calloc(jobs, sizeof(*cluster->index));
	cluster->job = calloc(jobs, sizeof(*cluster->job));
	cluster->began_at = calloc(jobs, sizeof(*cluster->began_at));
	for (int h = 0; h < 2; h++)
		cluster->half_at[h] = calloc(jobs, sizeof(*cluster->half_at[h]));
	cluster->base_at = calloc(jobs, sizeof(*cluster->base_at));
	cluster->end_at = calloc(jobs, sizeof(*cluster->end_at));
	cluster->begin_at = calloc(jobs, sizeof(*cluster->begin_at));
	return cluster->index && cluster->job && cluster->began_at && cluster->half_at[0] &&
			       cluster->half_at[1] && cluster->base_at && cluster->end_at &&
			       cluster->begin_at
		       ? 0
		       : -1;
}

/* Jobs that fit, as the planner sees them: their limit, where they have one that holds. */
static void take_jobs(const struct carbon_simulation *simulation,
		      struct carbon_cluster *cluster)
{
	for (size_t i = 0; i < simulation->jobs; i++) {
		const struct carbon_trace_job *job = &simulation->job[i];

		cluster->base_at[i] = job->submit_at;
		if (job->nodes > simulation->ask.nodes)
			continue;
		cluster->job[cluster->count] = (struct carbon_easy_job){
			.begin_at = job->submit_at,
			.runtime_s = job->runtime_s,
			.planned_s = carbon_cluster_planned_s(job),
			.nodes = job->nodes,
		};
		cluster->index[cluster->count++] = i;
	}
	cluster->first_at = simulation->job[0].submit_at;
	cluster->last_at = simulation->job[simulation->jobs - 1].submit_at;
}

/* With begins as they are in JOB; START_AT gets the trace's order back. */
static int replay(const struct carbon_simulation *simulation, time_t *start_at,
		  struct carbon_easy_full *full, struct carbon_err *err)
{
	const struct carbon_cluster *cluster = simulation->cluster;

	if (carbon_easy_run(cluster->job, cluster->count, simulation->ask.nodes,
			    cluster->began_at, full, err) < 0)
		return -1;
	for (size_t k = 0; k < cluster->count; k++)
		start_at[cluster->index[k]] = cluster->began_at[k];
	return 0;
}

/* The waits of each size without us. */
static void learn_waits(struct carbon_simulation *simulation)
{
	struct carbon_cluster *cluster = simulation->cluster;

	for (int class = 0; class < CARBON_SIZE_CLASSES; class ++) {
		uint32_t count = 0;

		for (size_t k = 0; k < cluster->count; k++) {
			size_t i = cluster->index[k];

			if (carbon_size_class(cluster->job[k].nodes) == class)
				simulation->wait_s[count++] =
					(uint32_t)(cluster->base_at[i] -
						   simulation->job[i].submit_at);
		}
		cluster->waits[class] = count;
		if (!count)
			continue;
		cluster->wait_p50_s[class] = carbon_quantile(simulation->wait_s, count, 0.5);
		cluster->wait_p95_s[class] = carbon_quantile(simulation->wait_s, count, 0.95);
	}
}

int carbon_cluster_create(struct carbon_simulation *simulation, struct carbon_err *err)
{
	struct carbon_cluster *cluster = calloc(1, sizeof(*cluster));

	simulation->cluster = cluster;
	if (!cluster || allocate(cluster, simulation->jobs) < 0)
		return carbon_err_set(err, "no memory for a cluster of %zu jobs",
				      simulation->jobs);
	take_jobs(simulation, cluster);
	cluster->base_full.start_at = carbon_hour_floor(cluster->first_at);
	if (replay(simulation, cluster->base_at, &cluster->base_full, err) < 0)
		return -1;
	for (size_t i = 0; i < simulation->jobs; i++) {
		cluster->end_at[i] = cluster->base_at[i] + (time_t)simulation->job[i].runtime_s;
		cluster->until_at = cluster->end_at[i] > cluster->until_at ? cluster->end_at[i]
									   : cluster->until_at;
	}
	learn_waits(simulation);
	memcpy(cluster->margin_s, cluster->wait_p95_s, sizeof(cluster->margin_s));
	return 0;
}

void carbon_cluster_destroy(struct carbon_cluster *cluster)
{
	if (!cluster)
		return;
	carbon_easy_full_fini(&cluster->base_full);
	free(cluster->index);
	free(cluster->job);
	free(cluster->began_at);
	free(cluster->half_at[0]);
	free(cluster->half_at[1]);
	free(cluster->base_at);
	free(cluster->end_at);
	free(cluster->begin_at);
	free(cluster);
}

const time_t *carbon_cluster_ends(const struct carbon_cluster *cluster)
{
	return cluster->end_at;
}

time_t carbon_cluster_delay(const struct carbon_simulation *simulation, size_t i,
			    time_t delay_s)
{
	time_t margin_s =
		simulation->cluster->margin_s[carbon_size_class(simulation->job[i].nodes)];

	return delay_s > margin_s ? delay_s - margin_s : 0;
}

/* --- with us --- */

static void begin_at_once(const struct carbon_simulation *simulation)
{
	struct carbon_cluster *cluster = simulation->cluster;

	for (size_t k = 0; k < cluster->count; k++)
		cluster->job[k].begin_at = simulation->job[cluster->index[k]].submit_at;
}

/* Each job begins where the truth is cleanest, whoever else does. */
int carbon_cluster_bound(struct carbon_simulation *simulation, struct carbon_err *err)
{
	struct carbon_cluster *cluster = simulation->cluster;
	struct carbon_easy_full full = {.start_at = carbon_hour_floor(cluster->first_at)};
	struct carbon_cluster_sums sums = {0};
	int rc;

	for (size_t k = 0; k < cluster->count; k++) {
		size_t i = cluster->index[k];

		cluster->begin_at[i] = carbon_plan_best(simulation, i);
		cluster->job[k].begin_at = cluster->begin_at[i];
	}
	rc = replay(simulation, simulation->start_at, &full, err);
	if (rc == 0)
		carbon_cluster_sum(simulation, &sums);
	carbon_easy_full_fini(&full);
	begin_at_once(simulation);
	cluster->best_percent = carbon_cluster_saved(&sums);
	return rc;
}

/*
 * Those that begin in the same clean hour may wait for each other, longer than without us. A
 * site learns that wait and leaves room for it; here it is learnt from the round before. A size
 * that still misses deadlines after LEARNING rounds is not delayed at all.
 */
static void learn_margins(struct carbon_simulation *simulation, int round)
{
	struct carbon_cluster *cluster = simulation->cluster;

	for (size_t k = 0; k < cluster->count; k++) {
		size_t i = cluster->index[k];
		uint32_t *margin_s =
			&cluster->margin_s[carbon_size_class(cluster->job[k].nodes)];
		uint32_t wait_s = (uint32_t)(simulation->start_at[i] - cluster->begin_at[i]);

		if (cluster->begin_at[i] == simulation->job[i].submit_at)
			continue;
		if (round >= LEARNING && carbon_cluster_is_missed(simulation, i))
			*margin_s = UINT32_MAX;
		else if (wait_s > *margin_s)
			*margin_s = wait_s;
	}
}

static void tell_waits(const struct carbon_simulation *simulation)
{
	const struct carbon_cluster *cluster = simulation->cluster;

	for (int class = 0; class < CARBON_SIZE_CLASSES; class ++)
		carbon_world_wait(simulation->world, class,
				  &(struct carbon_wait){
					  .up_to_nodes = (UINT32_C(2) << class) - 1,
					  .p50_s = cluster->wait_p50_s[class],
					  .p95_s = cluster->margin_s[class],
					  .count = cluster->waits[class] ? COUNTED : 0,
				  });
}

static int run_round(struct carbon_simulation *simulation, const struct carbon_policy *policy,
		     struct carbon_easy_full *full, struct carbon_cluster_sums *sums,
		     struct carbon_err *err)
{
	memset(sums, 0, sizeof(*sums));
	carbon_easy_full_fini(full);
	full->start_at = carbon_hour_floor(simulation->cluster->first_at);
	tell_waits(simulation);
	if (carbon_cluster_play(simulation, policy, full, &sums->moves, err) < 0)
		return -1;
	carbon_cluster_sum(simulation, sums);
	return 0;
}

/* Every second one delayed: FULL and cluster->half_at. */
static int replay_half(const struct carbon_simulation *simulation, enum carbon_slack_replay r,
		       struct carbon_easy_full *full, struct carbon_err *err)
{
	struct carbon_cluster *cluster = simulation->cluster;
	size_t delayed = 0;
	int rc;

	for (size_t k = 0; k < cluster->count; k++) {
		time_t begin_at = cluster->begin_at[cluster->index[k]];

		if (begin_at > cluster->job[k].begin_at && carbon_slack_begins(r, delayed++))
			cluster->job[k].begin_at = begin_at;
	}
	full->start_at = carbon_hour_floor(cluster->first_at);
	rc = carbon_easy_run(cluster->job, cluster->count, simulation->ask.nodes,
			     cluster->half_at[r == CARBON_SLACK_ODD], full, err);
	begin_at_once(simulation);
	return rc;
}

static int add_credits(struct carbon_simulation *simulation, const struct carbon_easy_full *with,
		       struct carbon_cluster_sums *sums, struct carbon_err *err)
{
	struct carbon_easy_full full[CARBON_SLACK_REPLAYS] = {
		[CARBON_SLACK_WITH] = *with,
		[CARBON_SLACK_WITHOUT] = simulation->cluster->base_full,
	};
	int rc = replay_half(simulation, CARBON_SLACK_EVEN, &full[CARBON_SLACK_EVEN], err);

	if (rc == 0)
		rc = replay_half(simulation, CARBON_SLACK_ODD, &full[CARBON_SLACK_ODD], err);
	if (rc == 0)
		rc = carbon_cluster_credit(simulation, full, sums, err);
	carbon_easy_full_fini(&full[CARBON_SLACK_EVEN]);
	carbon_easy_full_fini(&full[CARBON_SLACK_ODD]);
	return rc;
}

int carbon_cluster_run(struct carbon_simulation *simulation, const struct carbon_policy *policy,
		       struct carbon_simulation_result *out, struct carbon_err *err)
{
	struct carbon_cluster *cluster = simulation->cluster;
	struct carbon_simulation_result result = {.policy = policy->name};
	struct carbon_cluster_sums sums = {.missed = 1};
	struct carbon_easy_full full = {0};
	int rc = 0;

	for (int round = 0;
	     rc == 0 && sums.missed > 0 && round < LEARNING + CARBON_SIZE_CLASSES; round++) {
		rc = run_round(simulation, policy, &full, &sums, err);
		if (rc == 0 && sums.missed > 0)
			learn_margins(simulation, round);
	}
	memcpy(cluster->margin_s, cluster->wait_p95_s, sizeof(cluster->margin_s));
	if (rc == 0)
		rc = add_credits(simulation, &full, &sums, err);
	carbon_easy_full_fini(&full);
	if (rc < 0)
		return -1;
	carbon_cluster_result(simulation, &sums, &result);
	*out = result;
	return 0;
}
