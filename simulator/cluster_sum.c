/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a replay comes to: the cluster effect, the difference of two replays, and beside it the
 * sum of what each job's timing credit claims by the slack clock. Jobs whose hours are not all
 * known are in neither.
 */
#include <math.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"
#include "simulator/cluster_work.h"

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

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
bool carbon_cluster_is_missed(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	time_t deadline_at = job->submit_at + carbon_job_delay(simulation, i) +
			     (time_t)carbon_cluster_planned_s(job);

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

static bool is_delayed(const struct carbon_simulation *simulation, size_t i)
{
	return simulation->cluster->begin_at[i] > simulation->job[i].submit_at;
}

static void add_job(struct carbon_simulation *simulation, size_t i, struct carbon_cluster_sums *sums)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	const struct carbon_cluster *cluster = simulation->cluster;
	time_t run_s = (time_t)job->runtime_s, start_at = simulation->start_at[i],
	       base_at = cluster->base_at[i];
	double base_g, mass_g;

	simulation->mass_g[i] = 0;
	if (job->nodes <= simulation->ask.nodes)
		sums->busy_s += job->nodes * overlap_s(start_at, start_at + run_s,
						       cluster->first_at, cluster->last_at);
	if (!is_known(simulation, i))
		return;
	simulation->mass_g[i] = carbon_job_mass_g(simulation, i, start_at);
	sums->jobs++;
	base_g = extra_mass_g(simulation, i, base_at);
	mass_g = extra_mass_g(simulation, i, start_at);
	sums->base_g += base_g;
	sums->mass_g += mass_g;
	if (is_delayed(simulation, i))
		sums->naive_g += base_g - mass_g;
	sums->energy_kwh +=
		extra_power_w(simulation, i) * job->runtime_s / CARBON_WATT_SECONDS_PER_KWH;
	sums->slowdown += carbon_job_slowdown(simulation, i, start_at + run_s);
	sums->missed += carbon_cluster_is_missed(simulation, i);
}

/* All nodes idle, from the first submission to the last end without us: the same for every
 * policy. */
static void add_idle(const struct carbon_simulation *simulation,
		     struct carbon_cluster_sums *sums)
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

void carbon_cluster_sum(struct carbon_simulation *simulation, struct carbon_cluster_sums *sums)
{
	for (size_t i = 0; i < simulation->jobs; i++)
		add_job(simulation, i, sums);
	add_idle(simulation, sums);
}

/* --- timing credits --- */

/* Of job K of the replays, the NTH that we delayed. */
static double credit_g(const struct carbon_simulation *simulation, size_t k, size_t nth,
		       const struct carbon_slack *slack)
{
	const struct carbon_cluster *cluster = simulation->cluster;
	size_t i = cluster->index[k];
	const struct carbon_slack_job job = {
		.nth = nth,
		.ready_at = simulation->job[i].submit_at,
		.begin_at = cluster->begin_at[i],
		.run_s = (time_t)simulation->job[i].runtime_s,
		.start_at = {[CARBON_SLACK_WITH] = simulation->start_at[i],
			     [CARBON_SLACK_EVEN] = cluster->half_at[0][k],
			     [CARBON_SLACK_ODD] = cluster->half_at[1][k],
			     [CARBON_SLACK_WITHOUT] = cluster->base_at[i]},
	};

	return extra_power_w(simulation, i) * carbon_slack_credit(slack, &job) /
	       CARBON_WATT_SECONDS_PER_KWH;
}

int carbon_cluster_credit(struct carbon_simulation *simulation,
			  const struct carbon_easy_full full[CARBON_SLACK_REPLAYS],
			  struct carbon_cluster_sums *sums, struct carbon_err *err)
{
	const struct carbon_cluster *cluster = simulation->cluster;
	struct carbon_slack slack = {0};
	size_t delayed = 0;

	if (carbon_slack_init(&slack, full, simulation->settled) < 0)
		return carbon_err_set(err, "no memory for the slack clock");
	for (size_t k = 0; k < cluster->count; k++) {
		size_t i = cluster->index[k];

		if (!is_delayed(simulation, i))
			continue;
		if (is_known(simulation, i))
			sums->credit_g += credit_g(simulation, k, delayed, &slack);
		delayed++;
	}
	carbon_slack_fini(&slack);
	return 0;
}

double carbon_cluster_saved(const struct carbon_cluster_sums *sums)
{
	return percent(sums->base_g - sums->mass_g, sums->base_g);
}

void carbon_cluster_result(struct carbon_simulation *simulation,
			   const struct carbon_cluster_sums *sums,
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
