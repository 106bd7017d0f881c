/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The frame of a replay: which jobs count, what starting at once and what perfect foresight
 * emit, and the sums of one policy. A job counts for every policy or for none, so that all are
 * compared on the same work.
 */
#include "simulator/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"
#include "simulator/work.h"

#define PROGRESS_EVERY 8192

/* Of history: with less our own model leans on simple rules. */
#define SHORT_PAST_S ((time_t)30 * 86400)

/* Runs shorter than this count as this long in the slowdown. */
#define SLOWDOWN_LEAST_S 600.0

void carbon_simulation_tell(const struct carbon_simulation *simulation, size_t i)
{
	if (simulation->ask.progress && i % PROGRESS_EVERY == 0)
		simulation->ask.progress(simulation->ask.context,
					 (double)i / (double)simulation->jobs);
}

double carbon_job_power_w(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];

	return job->power_w > 0 ? (double)job->power_w
				: simulation->ask.node_power_w * job->nodes;
}

time_t carbon_job_delay(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];

	return job->delay_s == CARBON_TRACE_NO_DELAY ? simulation->ask.delay_s
						     : (time_t)job->delay_s;
}

time_t carbon_job_latest(const struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	time_t delay_s = carbon_job_delay(simulation, i);
	time_t last_at = simulation->end_at - (time_t)job->runtime_s;

	if (simulation->cluster)
		delay_s = carbon_cluster_delay(simulation, i, delay_s);
	return job->submit_at + delay_s < last_at ? job->submit_at + delay_s : last_at;
}

double carbon_job_mass_g(const struct carbon_simulation *simulation, size_t i, time_t at)
{
	return carbon_curve_mass_g(carbon_grid_truth(simulation->settled), at,
				   at + (time_t)simulation->job[i].runtime_s,
				   carbon_job_power_w(simulation, i));
}

/* --- quantiles --- */

static void swap(uint32_t *a, uint32_t *b)
{
	uint32_t kept = *a;

	*a = *b;
	*b = kept;
}

/* Selection in three parts (less, equal, more): linear where most values are equal, as waits
 * are. */
uint32_t carbon_quantile(uint32_t *value, size_t count, double share)
{
	size_t want = (size_t)ceil(share * (double)count), low = 0, high = count;

	want = want > 0 ? want - 1 : 0;
	for (;;) {
		uint32_t pivot = value[low + (high - low) / 2];
		size_t less = low, more = high, i = low;

		while (i < more) {
			if (value[i] < pivot)
				swap(&value[i++], &value[less++]);
			else if (value[i] > pivot)
				swap(&value[i], &value[--more]);
			else
				i++;
		}
		if (want < less)
			high = less;
		else if (want >= more)
			low = more;
		else
			return pivot;
	}
}

/* --- what is true whatever the policy --- */

/* splitmix64 of the job's number: who takes part does not depend on who else is there. */
static bool takes_part(const struct carbon_simulation_ask *ask, size_t i)
{
	uint64_t z = ask->seed + UINT64_C(0x9e3779b97f4a7c15) * (i + 1);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	z ^= z >> 31;
	return (double)(z >> 11) / 9007199254740992.0 < ask->flexible;
}

/* Whether every second that the job may run in under any policy has a value. */
static bool is_covered(struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	time_t submit_at = job->submit_at;
	uint32_t run_s = job->runtime_s > simulation->expected_s[i] ? job->runtime_s
								    : simulation->expected_s[i];
	time_t last_at = carbon_job_latest(simulation, i) + (time_t)run_s;

	if (submit_at < carbon_grid_truth(simulation->settled)->start_at ||
	    submit_at + (time_t)job->runtime_s > simulation->end_at) {
		simulation->counts.outside++;
		return false;
	}
	if (last_at > simulation->end_at)
		last_at = simulation->end_at;
	if (carbon_grid_is_known(simulation->settled, submit_at, last_at))
		return true;
	simulation->counts.gaps++;
	return false;
}

static void mark_job(struct carbon_simulation *simulation, size_t i)
{
	const struct carbon_trace_job *job = &simulation->job[i];

	if (simulation->ask.nodes && job->nodes > simulation->ask.nodes) {
		simulation->counts.too_large++;
		return;
	}
	if (takes_part(&simulation->ask, i))
		simulation->mark[i] |= CARBON_MARK_FLEXIBLE;
	if (!is_covered(simulation, i))
		return;
	simulation->mark[i] |= CARBON_MARK_COUNTS;
	simulation->counts.jobs++;
	simulation->counts.no_runtime += simulation->expected_s[i] == 0;
	simulation->counts.no_power += !(job->power_w > 0);
}

/* Jobs that do not count do not take part either, or a hole in the data would decide about
 * them. */
static void mark_jobs(struct carbon_simulation *simulation)
{
	for (size_t i = 0; i < simulation->jobs; i++) {
		mark_job(simulation, i);
		if (!(simulation->mark[i] & CARBON_MARK_COUNTS))
			simulation->mark[i] = 0;
	}
}

static void sum_bounds(struct carbon_simulation *simulation)
{
	for (size_t i = 0; i < simulation->jobs; i++) {
		const struct carbon_trace_job *job = &simulation->job[i];

		if (!(simulation->mark[i] & CARBON_MARK_COUNTS))
			continue;
		simulation->energy_kwh += carbon_job_power_w(simulation, i) * job->runtime_s /
					  CARBON_WATT_SECONDS_PER_KWH;
		simulation->at_once_g += carbon_job_mass_g(simulation, i, job->submit_at);
		simulation->best_g +=
			carbon_job_mass_g(simulation, i, carbon_plan_best(simulation, i));
	}
}

static int allocate(struct carbon_simulation *simulation, struct carbon_err *err)
{
	size_t jobs = simulation->jobs;

	simulation->expected_s = calloc(jobs, sizeof(*simulation->expected_s));
	simulation->mark = calloc(jobs, sizeof(*simulation->mark));
	simulation->start_at = calloc(jobs, sizeof(*simulation->start_at));
	simulation->mass_g = calloc(jobs, sizeof(*simulation->mass_g));
	simulation->wait_s = calloc(jobs, sizeof(*simulation->wait_s));
	if (!simulation->expected_s || !simulation->mark || !simulation->start_at ||
	    !simulation->mass_g || !simulation->wait_s)
		return carbon_err_set(err, "no memory for %zu jobs", jobs);
	return 0;
}

/* Those who take part and were decided on little or nothing. */
static void count_forecasts(struct carbon_simulation *simulation)
{
	const struct carbon_simulation_ask *ask = &simulation->ask;
	time_t learnt_at = carbon_grid_truth(ask->grid)->start_at + SHORT_PAST_S;
	struct carbon_foreseen view;

	for (size_t i = 0; i < simulation->jobs; i++) {
		time_t submit_at = simulation->job[i].submit_at;

		if (!(simulation->mark[i] & CARBON_MARK_FLEXIBLE))
			continue;
		if (!carbon_grid_view(ask->grid, submit_at, &view))
			simulation->counts.no_forecast++;
		else if (ask->foresight == CARBON_FORESIGHT_MODEL && submit_at < learnt_at)
			simulation->counts.short_past++;
	}
}

static int foresee(struct carbon_simulation *simulation, struct carbon_err *err)
{
	const struct carbon_simulation_ask *ask = &simulation->ask;
	time_t first_at = simulation->end_at, last_at = 0;

	for (size_t i = 0; i < simulation->jobs; i++) {
		time_t latest_at = carbon_job_latest(simulation, i);

		if (!(simulation->mark[i] & CARBON_MARK_FLEXIBLE))
			continue;
		first_at = simulation->job[i].submit_at < first_at
				   ? simulation->job[i].submit_at
				   : first_at;
		last_at = latest_at > last_at ? latest_at : last_at;
	}
	if (carbon_grid_foresee(ask->grid, ask->foresight, first_at, last_at, ask->progress,
				ask->context, err) < 0)
		return -1;
	count_forecasts(simulation);
	return 0;
}

static int no_jobs(const struct carbon_simulation *simulation, struct carbon_err *err)
{
	const struct carbon_simulation_counts *counts = &simulation->counts;
	const struct carbon_curve *truth = carbon_grid_truth(simulation->ask.grid);
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	carbon_time_format(truth->start_at, from);
	carbon_time_format(carbon_curve_end(truth), to);
	return carbon_err_set(err,
			      "zone %s: none of %zu jobs lies within the intensity data, %s to %s (%zu outside, %zu "
			      "could meet a gap: a value holds for an hour at most)",
			      carbon_grid_zone(simulation->ask.grid), simulation->jobs, from, to, counts->outside,
			      counts->gaps);
}

static int prepare(struct carbon_simulation *simulation, struct carbon_err *err)
{
	const struct carbon_simulation_ask *ask = &simulation->ask;

	if (ask->trace->is_relative)
		return carbon_err_set(
			err,
			"the trace's times count from its begin: they must be placed first");
	if (allocate(simulation, err) < 0)
		return -1;
	if (carbon_world_create(ask, carbon_grid_zone(ask->grid), &simulation->world, err) < 0)
		return -1;
	if (ask->nodes && carbon_cluster_create(simulation, err) < 0)
		return -1;
	if (carbon_belief_fill(ask->trace, ask->belief,
			       simulation->cluster ? carbon_cluster_ends(simulation->cluster)
						   : NULL,
			       simulation->expected_s) < 0)
		return carbon_err_set(err, "no memory for the habits of %zu jobs",
				      simulation->jobs);
	mark_jobs(simulation);
	if (simulation->counts.jobs == 0)
		return no_jobs(simulation, err);
	sum_bounds(simulation);
	if (foresee(simulation, err) < 0)
		return -1;
	return simulation->cluster ? carbon_cluster_bound(simulation, err) : 0;
}

int carbon_simulation_create(const struct carbon_simulation_ask *ask,
			     struct carbon_simulation **out, struct carbon_err *err)
{
	struct carbon_simulation *simulation = calloc(1, sizeof(*simulation));

	if (!simulation)
		return carbon_err_set(err, "no memory for a simulation");
	simulation->ask = *ask;
	simulation->job = ask->trace->job;
	simulation->jobs = ask->trace->count;
	simulation->settled = ask->settled ? ask->settled : ask->grid;
	simulation->end_at = carbon_curve_end(carbon_grid_truth(simulation->settled));
	if (prepare(simulation, err) < 0) {
		carbon_simulation_destroy(simulation);
		return -1;
	}
	*out = simulation;
	return 0;
}

void carbon_simulation_destroy(struct carbon_simulation *simulation)
{
	if (!simulation)
		return;
	carbon_cluster_destroy(simulation->cluster);
	carbon_world_destroy(simulation->world);
	free(simulation->expected_s);
	free(simulation->mark);
	free(simulation->start_at);
	free(simulation->mass_g);
	free(simulation->wait_s);
	free(simulation);
}

const struct carbon_simulation_counts *
carbon_simulation_counts(const struct carbon_simulation *simulation)
{
	return &simulation->counts;
}

const time_t *carbon_simulation_starts(const struct carbon_simulation *simulation)
{
	return simulation->start_at;
}

const double *carbon_simulation_masses(const struct carbon_simulation *simulation)
{
	return simulation->mass_g;
}

/* --- one policy --- */

struct sums {
	double mass_g, extra_kwh, slowdown; /* extra: of restarts */
	size_t missed, moves, windows;
};

/*
 * A split run goes on in its last window where it takes longer than was believed, and ends
 * early where shorter. Returns when it ends.
 */
static time_t add_split(struct carbon_simulation *simulation, size_t i,
			const struct carbon_plan *plan, struct sums *sums)
{
	const struct carbon_curve *truth = carbon_grid_truth(simulation->settled);
	double power_w = carbon_job_power_w(simulation, i);
	time_t left_s = (time_t)simulation->job[i].runtime_s, end_at = plan->begin_at;

	for (size_t w = 0; w < plan->windows && left_s > 0; w++) {
		time_t from_at = plan->window[w].from_at;
		time_t run_s = plan->window[w].to_at - from_at;

		if (run_s > left_s || w + 1 == plan->windows)
			run_s = left_s;
		left_s -= run_s;
		end_at = from_at + run_s;
		if (w > 0) {
			from_at -= (time_t)simulation->ask.restart_s;
			sums->extra_kwh += power_w * simulation->ask.restart_s /
					   CARBON_WATT_SECONDS_PER_KWH;
		}
		sums->windows++;
		simulation->mass_g[i] += carbon_curve_mass_g(truth, from_at, end_at, power_w);
	}
	return end_at;
}

double carbon_job_slowdown(const struct carbon_simulation *simulation, size_t i, time_t end_at)
{
	const struct carbon_trace_job *job = &simulation->job[i];

	return fmax((double)(end_at - job->submit_at), SLOWDOWN_LEAST_S) /
	       fmax(job->runtime_s, SLOWDOWN_LEAST_S);
}

static void add_job(struct carbon_simulation *simulation, size_t i,
		    const struct carbon_plan *plan, struct sums *sums)
{
	const struct carbon_trace_job *job = &simulation->job[i];
	time_t end_at = plan->begin_at + (time_t)job->runtime_s;

	simulation->start_at[i] = plan->begin_at;
	simulation->mass_g[i] = 0;
	if (!(simulation->mark[i] & CARBON_MARK_COUNTS))
		return;
	if (plan->windows > 1) {
		end_at = add_split(simulation, i, plan, sums);
	} else {
		simulation->mass_g[i] = carbon_job_mass_g(simulation, i, plan->begin_at);
		sums->windows++;
	}
	sums->mass_g += simulation->mass_g[i];
	sums->moves += plan->moves;
	sums->missed += plan->begin_at > carbon_job_latest(simulation, i);
	sums->slowdown += carbon_job_slowdown(simulation, i, end_at);
}

size_t carbon_waits_sum(struct carbon_simulation *simulation, bool flexible, double *mean_s,
			double *p95_s)
{
	size_t count = 0;
	double sum = 0;

	for (size_t i = 0; i < simulation->jobs; i++) {
		uint8_t mark = simulation->mark[i];

		if (!(mark & CARBON_MARK_COUNTS) || !!(mark & CARBON_MARK_FLEXIBLE) != flexible)
			continue;
		simulation->wait_s[count] =
			(uint32_t)(simulation->start_at[i] - simulation->job[i].submit_at);
		sum += simulation->wait_s[count++];
	}
	*mean_s = count ? sum / (double)count : NAN;
	*p95_s = count ? (double)carbon_quantile(simulation->wait_s, count, 0.95) : NAN;
	return count;
}

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

static void write_result(struct carbon_simulation *simulation,
			 const struct carbon_policy *policy, const struct sums *sums,
			 struct carbon_simulation_result *out)
{
	double saved_g = simulation->at_once_g - sums->mass_g;

	*out = (struct carbon_simulation_result){
		.policy = policy->name,
		.jobs = simulation->counts.jobs,
		.energy_kwh = simulation->energy_kwh + sums->extra_kwh,
		.emissions_kg = sums->mass_g / 1000,
		.saved_percent = percent(saved_g, simulation->at_once_g),
		.credit_percent = percent(saved_g, simulation->at_once_g),
		.naive_percent = percent(saved_g, simulation->at_once_g),
		.of_clairvoyant_percent =
			percent(saved_g, simulation->at_once_g - simulation->best_g),
		.slowdown = sums->slowdown / (double)simulation->counts.jobs,
		.utilisation = NAN,
		.deadlines_missed = sums->missed,
		.moves = sums->moves,
		.windows = sums->windows,
	};
	out->participants =
		carbon_waits_sum(simulation, true, &out->wait_mean_s, &out->wait_p95_s);
	carbon_waits_sum(simulation, false, &out->others_wait_mean_s, &out->others_wait_p95_s);
}

int carbon_simulation_run(struct carbon_simulation *simulation,
			  const struct carbon_policy *policy,
			  struct carbon_simulation_result *out, struct carbon_err *err)
{
	struct sums sums = {0};
	struct carbon_plan plan;

	carbon_world_begin(simulation->world, policy);
	if (simulation->cluster)
		return carbon_cluster_run(simulation, policy, out, err);
	for (size_t i = 0; i < simulation->jobs; i++) {
		carbon_simulation_tell(simulation, i);
		carbon_plan_make(simulation, policy, i, &plan);
		add_job(simulation, i, &plan, &sums);
	}
	write_result(simulation, policy, &sums, out);
	return 0;
}
