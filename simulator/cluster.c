/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster effect: the trace replayed on the nodes without begin times and with them, and
 * the difference between the two. Beside it the sum of what each job's timing credit claims, by
 * the slack clock: a node-hour used or freed while jobs wait counts with the intensity of the
 * first time when none does.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"
#include "simulator/easy.h"
#include "simulator/slack.h"
#include "simulator/work.h"

#define LEARNING 4
#define SIZE_CLASSES 25 /* by powers of two, up to CARBON_TRACE_NODES_MAX */

struct carbon_cluster {
	size_t count;  /* jobs that fit */
	size_t *index; /* of each in the trace */
	struct carbon_easy_job *job;
	time_t *began_at;		   /* what the replay writes, COUNT long */
	time_t *base_at, *end_at;	   /* without us, by the trace's order */
	time_t *begin_at;		   /* with us, as decided */
	time_t first_at, last_at;	   /* submissions */
	time_t until_at;		   /* the last end without us */
	uint32_t wait_p95_s[SIZE_CLASSES]; /* without us */
	uint32_t margin_s[SIZE_CLASSES];   /* between begin and start, that decisions leave */
	double best_percent;		   /* what perfect foresight saves */
};

/* --- replays --- */

static int size_class(uint32_t nodes)
{
	int class = 0;

	while (nodes >>= 1)
		class ++;
	return class < SIZE_CLASSES ? class : SIZE_CLASSES - 1;
}

static int allocate(struct carbon_cluster *cluster, size_t jobs)
{
	cluster->index = calloc(jobs, sizeof(*cluster->index));
	cluster->job = calloc(jobs, sizeof(*cluster->job));
	cluster->began_at = calloc(jobs, sizeof(*cluster->began_at));
	cluster->base_at = calloc(jobs, sizeof(*cluster->base_at));
	cluster->end_at = calloc(jobs, sizeof(*cluster->end_at));
	cluster->begin_at = calloc(jobs, sizeof(*cluster->begin_at));
	return cluster->index && cluster->job && cluster->began_at && cluster->base_at &&
			       cluster->end_at && cluster->begin_at
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
			.planned_s =
				job->limit_s > job->runtime_s ? job->limit_s : job->runtime_s,
			.nodes = job->nodes,
		};
		cluster->index[cluster->count++] = i;
	}
	cluster->first_at = simulation->job[0].submit_at;
	cluster->last_at = simulation->job[simulation->jobs - 1].submit_at;
}

/* Run with begins as decided (or all at once); START_AT gets the trace's order back. */
static int replay(const struct carbon_simulation *simulation, bool is_decided, time_t *start_at,
		  struct carbon_easy_full *full, struct carbon_err *err)
{
	struct carbon_cluster *cluster = simulation->cluster;

	for (size_t k = 0; k < cluster->count; k++) {
		size_t i = cluster->index[k];

		cluster->job[k].begin_at =
			is_decided ? cluster->begin_at[i] : simulation->job[i].submit_at;
	}
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

	for (int class = 0; class < SIZE_CLASSES; class ++) {
		size_t count = 0;

		for (size_t k = 0; k < cluster->count; k++) {
			size_t i = cluster->index[k];

			if (size_class(cluster->job[k].nodes) == class)
				simulation->wait_s[count++] =
					(uint32_t)(cluster->base_at[i] -
						   simulation->job[i].submit_at);
		}
		cluster->wait_p95_s[class] =
			count ? carbon_quantile(simulation->wait_s, count, 0.95) : 0;
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
	if (replay(simulation, false, cluster->base_at, NULL, err) < 0)
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
	free(cluster->index);
	free(cluster->job);
	free(cluster->began_at);
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
	time_t margin_s = simulation->cluster->margin_s[size_class(simulation->job[i].nodes)];

	return delay_s > margin_s ? delay_s - margin_s : 0;
}

/* --- sums --- */

struct sums {
	size_t jobs, missed, moves;
	double base_g, mass_g, credit_g, naive_g, energy_kwh, slowdown, busy_s;
};

/* Its power above that of the same nodes idle. */
static double extra_power_w(const struct carbon_simulation *simulation, size_t i)
{
	return carbon_job_power_w(simulation, i) -
	       simulation->ask.idle_power_w * simulation->job[i].nodes;
}

static double extra_mass_g(const struct carbon_simulation *simulation, size_t i, time_t at)
{
	const struct carbon_curve *truth = carbon_grid_truth(simulation->settled);

	return carbon_curve_mass_g(truth, at, at + (time_t)simulation->job[i].runtime_s,
				   extra_power_w(simulation, i));
}

/* We delayed it, and it ended after its deadline, which it would have kept without us. */
static bool is_missed(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	time_t delay_s = job->delay_s == CARBON_TRACE_NO_DELAY ? simulation->ask.delay_s
							       : (time_t)job->delay_s;
	uint32_t limit_s = job->limit_s > job->runtime_s ? job->limit_s : job->runtime_s;
	time_t deadline_at = job->submit_at + delay_s + (time_t)limit_s;

	return simulation->cluster->begin_at[i] > job->submit_at &&
	       simulation->start_at[i] + (time_t)job->runtime_s > deadline_at &&
	       simulation->cluster->end_at[i] <= deadline_at;
}

/* Whether the run without us and this one are paid for by known hours. */
static bool is_known(const struct carbon_simulation *simulation, size_t i)
{
	time_t run_s = (time_t)simulation->job[i].runtime_s;
	time_t base_at = simulation->cluster->base_at[i], start_at = simulation->start_at[i];

	return (simulation->mark[i] & CARBON_MARK_COUNTS) &&
	       carbon_grid_is_known(simulation->settled, base_at, base_at + run_s) &&
	       carbon_grid_is_known(simulation->settled, start_at, start_at + run_s);
}

static double overlap_s(time_t from, time_t to, time_t first, time_t last)
{
	from = from > first ? from : first;
	to = to < last ? to : last;
	return to > from ? (double)(to - from) : 0;
}

static void add_job(struct carbon_simulation *simulation, size_t i,
		    const struct carbon_slack *slack, struct sums *sums)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	const struct carbon_cluster *cluster = simulation->cluster;
	time_t run_s = (time_t)job->runtime_s, start_at = simulation->start_at[i],
	       base_at = cluster->base_at[i];
	double by_clock, base_g, mass_g;

	simulation->mass_g[i] = 0;
	if (job->nodes <= simulation->ask.nodes)
		sums->busy_s += job->nodes * overlap_s(start_at, start_at + run_s,
						       cluster->first_at, cluster->last_at);
	if (!is_known(simulation, i))
		return;
	by_clock = carbon_slack_integral(slack, base_at, base_at + run_s) -
		   carbon_slack_integral(slack, start_at, start_at + run_s);
	simulation->mass_g[i] = carbon_job_mass_g(simulation, i, start_at);
	sums->jobs++;
	base_g = extra_mass_g(simulation, i, base_at);
	mass_g = extra_mass_g(simulation, i, start_at);
	sums->base_g += base_g;
	sums->mass_g += mass_g;
	if (cluster->begin_at[i] > job->submit_at) {
		sums->credit_g +=
			extra_power_w(simulation, i) * by_clock / CARBON_WATT_SECONDS_PER_KWH;
		sums->naive_g += base_g - mass_g;
	}
	sums->energy_kwh +=
		extra_power_w(simulation, i) * job->runtime_s / CARBON_WATT_SECONDS_PER_KWH;
	sums->slowdown += carbon_job_slowdown(simulation, i, start_at + run_s);
	sums->missed += is_missed(simulation, i);
}

/* All nodes idle, from the first submission to the last end without us: the same for every
 * policy. */
static void add_idle(const struct carbon_simulation *simulation, struct sums *sums)
{
	const struct carbon_curve *truth = carbon_grid_truth(simulation->settled);
	const struct carbon_cluster *cluster = simulation->cluster;
	double idle_w = simulation->ask.idle_power_w * simulation->ask.nodes, mass_g;
	time_t from = cluster->first_at > truth->start_at ? cluster->first_at : truth->start_at;
	time_t to =
		cluster->until_at < simulation->end_at ? cluster->until_at : simulation->end_at;

	if (idle_w <= 0 || to <= from)
		return;
	mass_g = carbon_curve_mass_g(truth, from, to, idle_w);
	sums->base_g += mass_g;
	sums->mass_g += mass_g;
	sums->energy_kwh += idle_w * (double)(to - from) / CARBON_WATT_SECONDS_PER_KWH;
}

/* Replay with what was decided and sum up; simulation->start_at is what happened. */
static int run_decided(struct carbon_simulation *simulation, struct sums *sums,
		       struct carbon_err *err)
{
	struct carbon_easy_full full = {
		.start_at = carbon_hour_floor(simulation->cluster->first_at)};
	struct carbon_slack slack = {0};
	int rc = replay(simulation, true, simulation->start_at, &full, err);

	if (rc == 0 && carbon_slack_init(&slack, &full, simulation->settled) < 0)
		rc = carbon_err_set(err, "no memory for the slack clock");
	for (size_t i = 0; i < simulation->jobs && rc == 0; i++)
		add_job(simulation, i, &slack, sums);
	if (rc == 0)
		add_idle(simulation, sums);
	carbon_slack_fini(&slack);
	carbon_easy_full_fini(&full);
	return rc;
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

int carbon_cluster_bound(struct carbon_simulation *simulation, struct carbon_err *err)
{
	struct sums sums = {0};

	for (size_t i = 0; i < simulation->jobs; i++)
		simulation->cluster->begin_at[i] = carbon_plan_best(simulation, i);
	if (run_decided(simulation, &sums, err) < 0)
		return -1;
	simulation->cluster->best_percent = percent(sums.base_g - sums.mass_g, sums.base_g);
	return 0;
}

static void write_result(struct carbon_simulation *simulation, const struct sums *sums,
			 struct carbon_simulation_result *out)
{
	const struct carbon_cluster *cluster = simulation->cluster;
	double span_s = (double)(cluster->last_at - cluster->first_at);

	out->jobs = sums->jobs;
	out->energy_kwh = sums->energy_kwh;
	out->emissions_kg = sums->mass_g / 1000;
	out->saved_percent = percent(sums->base_g - sums->mass_g, sums->base_g);
	out->credit_percent = percent(sums->credit_g, sums->base_g);
	out->naive_percent = percent(sums->naive_g, sums->base_g);
	out->of_clairvoyant_percent = percent(out->saved_percent, cluster->best_percent);
	out->slowdown = sums->jobs ? sums->slowdown / (double)sums->jobs : NAN;
	out->utilisation = span_s > 0 ? sums->busy_s / (span_s * simulation->ask.nodes) : NAN;
	out->deadlines_missed = sums->missed;
	out->moves = sums->moves;
	out->windows = sums->jobs;
	out->participants =
		carbon_waits_sum(simulation, true, &out->wait_mean_s, &out->wait_p95_s);
	carbon_waits_sum(simulation, false, &out->others_wait_mean_s, &out->others_wait_p95_s);
}

/*
 * Many that begin in the same clean hour queue behind each other, longer than without us. A
 * site learns that wait and leaves room for it; here it is learnt from the round before. A size
 * that still misses deadlines after LEARNING rounds is not delayed at all.
 */
static void learn_margins(struct carbon_simulation *simulation, int round)
{
	struct carbon_cluster *cluster = simulation->cluster;

	for (size_t k = 0; k < cluster->count; k++) {
		size_t i = cluster->index[k];
		uint32_t *margin_s = &cluster->margin_s[size_class(cluster->job[k].nodes)];
		uint32_t wait_s = (uint32_t)(simulation->start_at[i] - cluster->begin_at[i]);

		if (cluster->begin_at[i] == simulation->job[i].submit_at)
			continue;
		if (round >= LEARNING && is_missed(simulation, i))
			*margin_s = UINT32_MAX;
		else if (wait_s > *margin_s)
			*margin_s = wait_s;
	}
}

static int run_round(struct carbon_simulation *simulation, const struct carbon_policy *policy,
		     struct sums *sums, struct carbon_err *err)
{
	struct carbon_plan plan;

	memset(sums, 0, sizeof(*sums));
	for (size_t i = 0; i < simulation->jobs; i++) {
		carbon_plan_make(simulation, policy, i, &plan);
		simulation->cluster->begin_at[i] = plan.begin_at;
		sums->moves += plan.moves;
	}
	return run_decided(simulation, sums, err);
}

int carbon_cluster_run(struct carbon_simulation *simulation, const struct carbon_policy *policy,
		       struct carbon_simulation_result *out, struct carbon_err *err)
{
	struct carbon_cluster *cluster = simulation->cluster;
	struct carbon_simulation_result result = {.policy = policy->name};
	struct sums sums = {.missed = 1};
	int rc = 0;

	for (int round = 0; rc == 0 && sums.missed > 0 && round < LEARNING + SIZE_CLASSES;
	     round++) {
		rc = run_round(simulation, policy, &sums, err);
		if (rc == 0 && sums.missed > 0)
			learn_margins(simulation, round);
	}
	memcpy(cluster->margin_s, cluster->wait_p95_s, sizeof(cluster->margin_s));
	if (rc < 0)
		return -1;
	write_result(simulation, &sums, &result);
	*out = result;
	return 0;
}
