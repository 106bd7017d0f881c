/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two replays of the same runs and the sums over both. Nothing is replayed before the time that
 * is asked about: whatever ran by then keeps its real start, whatever waited queues from then
 * on in its order. Must never let a run count in one replay and not in the other.
 */
#include "simulator/effect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/time.h"
#include "simulator/easy.h"
#include "simulator/grid.h"
#include "simulator/work.h"

#define HOUR_S 3600
#define DAY_S 86400

enum { WITH, WITHOUT, REPLAYS };

struct work {
	const struct carbon_effect_ask *ask;
	struct carbon_effect sums;
	struct carbon_grid *grid;
	size_t count;			      /* runs that fit the place */
	const struct carbon_effect_job **job; /* in order of readiness */
	struct carbon_easy_job *easy;
	time_t *start_at[REPLAYS];
	uint32_t *wait_s[2][REPLAYS]; /* of bystanders and of those delayed */
	struct carbon_easy_full full[REPLAYS];
	size_t hours, days;
	double *moved_kwh; /* with less without, by hour */
	double *error_g;   /* replayed less real, by day of the real start */
};

/* --- runs --- */

static time_t ready_at(const struct carbon_effect_job *job)
{
	return job->ready_at < job->start_at ? job->ready_at : job->start_at;
}

static time_t run_s(const struct carbon_effect_job *job)
{
	return job->end_at - job->start_at;
}

static bool is_delayed(const struct carbon_effect_ask *ask, const struct carbon_effect_job *job)
{
	return job->start_at >= ask->from_at && job->begin_at > ready_at(job);
}

/* When it joins the queue. One that was released early began before its begin. */
static time_t arrival(const struct carbon_effect_ask *ask, const struct carbon_effect_job *job,
		      int replay)
{
	time_t at = ready_at(job);

	if (job->start_at < ask->from_at)
		return job->start_at;
	if (replay == WITH && is_delayed(ask, job))
		at = !ask->is_shadow && job->begin_at > job->start_at ? job->start_at
								      : job->begin_at;
	return at > ask->from_at ? at : ask->from_at;
}

static int check(const struct carbon_effect_ask *ask, struct carbon_err *err)
{
	if (ask->from_at >= ask->to_at)
		return carbon_err_set(err, "no time to look at: from must lie before to");
	for (size_t i = 0; i < ask->jobs; i++) {
		const struct carbon_effect_job *job = &ask->job[i];

		if (job->end_at <= job->start_at || job->start_at < CARBON_TIME_MIN ||
		    job->end_at > CARBON_TIME_MAX ||
		    run_s(job) > (time_t)CARBON_TRACE_SECONDS_MAX)
			return carbon_err_set(err, "run %zu ran from %lld to %lld", i,
					      (long long)job->start_at, (long long)job->end_at);
		if (job->size == 0 ||
		    !(job->power_w >= 0 && job->power_w < CARBON_TRACE_POWER_MAX))
			return carbon_err_set(err, "run %zu has size %u and %g W", i, job->size,
					      job->power_w);
	}
	return 0;
}

/* --- the place --- */

struct step {
	time_t at;
	int64_t size; /* negative: given back */
};

static int by_step(const void *a, const void *b)
{
	const struct step *sa = a, *sb = b;

	if (sa->at != sb->at)
		return sa->at < sb->at ? -1 : 1;
	return (sa->size > sb->size) - (sa->size < sb->size);
}

/* The most that ran at once. */
static int find_peak(struct work *work, struct carbon_err *err)
{
	size_t jobs = work->ask->jobs;
	struct step *step = calloc(2 * jobs + 1, sizeof(*step));
	int64_t used = 0, peak = 0;

	if (!step)
		return carbon_err_set(err, "no memory for %zu runs", jobs);
	for (size_t i = 0; i < jobs; i++) {
		const struct carbon_effect_job *job = &work->ask->job[i];

		step[2 * i] = (struct step){job->start_at, job->size};
		step[2 * i + 1] = (struct step){job->end_at, -(int64_t)job->size};
	}
	qsort(step, 2 * jobs, sizeof(*step), by_step);
	for (size_t i = 0; i < 2 * jobs; i++) {
		used += step[i].size;
		peak = used > peak ? used : peak;
	}
	free(step);
	work->sums.size = peak < UINT32_MAX ? (uint32_t)peak : UINT32_MAX;
	return 0;
}

static int by_ready(const void *a, const void *b)
{
	const struct carbon_effect_job *ja = *(const struct carbon_effect_job *const *)a;
	const struct carbon_effect_job *jb = *(const struct carbon_effect_job *const *)b;
	time_t ready_a = ready_at(ja), ready_b = ready_at(jb);

	if (ready_a != ready_b)
		return ready_a < ready_b ? -1 : 1;
	return ja < jb ? -1 : ja > jb;
}

static void take_jobs(struct work *work)
{
	for (size_t i = 0; i < work->ask->jobs; i++) {
		if (work->ask->job[i].size <= work->sums.size)
			work->job[work->count++] = &work->ask->job[i];
		else
			work->sums.too_large++;
	}
	qsort(work->job, work->count, sizeof(struct carbon_effect_job *), by_ready);
	for (size_t k = 0; k < work->count; k++) {
		const struct carbon_effect_job *job = work->job[k];
		uint32_t run = (uint32_t)run_s(job);

		work->easy[k].runtime_s = run;
		work->easy[k].planned_s = job->limit_s > run ? job->limit_s : run;
		work->easy[k].nodes = job->size;
	}
}

static int allocate(struct work *work, struct carbon_err *err)
{
	size_t jobs = work->ask->jobs + 1;
	bool is_whole;

	work->days = (size_t)((work->ask->to_at - work->ask->from_at) / DAY_S) + 1;
	work->job = calloc(jobs, sizeof(struct carbon_effect_job *));
	work->easy = calloc(jobs, sizeof(*work->easy));
	work->error_g = calloc(work->days, sizeof(*work->error_g));
	is_whole = work->job && work->easy && work->error_g;
	for (int r = 0; r < REPLAYS; r++) {
		work->start_at[r] = calloc(jobs, sizeof(*work->start_at[r]));
		is_whole = is_whole && work->start_at[r];
		for (int d = 0; d < 2; d++) {
			work->wait_s[d][r] = calloc(jobs, sizeof(*work->wait_s[d][r]));
			is_whole = is_whole && work->wait_s[d][r];
		}
	}
	return is_whole ? 0 : carbon_err_set(err, "no memory for %zu runs", work->ask->jobs);
}

/* --- replays --- */

static int replay(struct work *work, int r, struct carbon_err *err)
{
	time_t first_at = work->ask->from_at;

	for (size_t k = 0; k < work->count; k++) {
		work->easy[k].begin_at = arrival(work->ask, work->job[k], r);
		first_at =
			work->easy[k].begin_at < first_at ? work->easy[k].begin_at : first_at;
	}
	work->full[r].start_at = carbon_hour_floor(first_at);
	return carbon_easy_run(work->easy, work->count, work->sums.size, work->start_at[r],
			       &work->full[r], err);
}

/* Hours from FROM to the last end of either replay. */
static int make_hours(struct work *work, struct carbon_err *err)
{
	time_t last_at = work->ask->to_at;

	for (size_t k = 0; k < work->count; k++)
		for (int r = 0; r < REPLAYS; r++) {
			time_t end_at = work->start_at[r][k] + run_s(work->job[k]);

			last_at = end_at > last_at ? end_at : last_at;
		}
	work->hours = (size_t)((last_at - work->ask->from_at) / HOUR_S) + 1;
	work->moved_kwh = calloc(work->hours, sizeof(*work->moved_kwh));
	return work->moved_kwh ? 0
			       : carbon_err_set(err, "no memory for %zu hours", work->hours);
}

/* --- sums --- */

static double mass_g(const struct work *work, size_t k, time_t at)
{
	return carbon_curve_mass_g(carbon_grid_truth(work->grid), at, at + run_s(work->job[k]),
				   work->job[k]->power_w);
}

static void add_hours(struct work *work, size_t k, time_t start_at, double power_w)
{
	time_t at = start_at, end_at = start_at + run_s(work->job[k]);

	while (at < end_at) {
		size_t hour = (size_t)((at - work->ask->from_at) / HOUR_S);
		time_t next_at = work->ask->from_at + (time_t)(hour + 1) * HOUR_S;

		next_at = next_at < end_at ? next_at : end_at;
		work->moved_kwh[hour] +=
			power_w * (double)(next_at - at) / CARBON_WATT_SECONDS_PER_KWH;
		at = next_at;
	}
}

static void add_wait(struct work *work, size_t k, bool is_ours)
{
	const struct carbon_effect_job *job = work->job[k];
	struct carbon_effect_wait *wait =
		is_ours ? &work->sums.delayed : &work->sums.bystanders;
	time_t ready = ready_at(job), with_s = work->start_at[WITH][k] - ready,
	       without_s = work->start_at[WITHOUT][k] - ready;

	work->wait_s[is_ours][WITH][wait->jobs] = (uint32_t)with_s;
	work->wait_s[is_ours][WITHOUT][wait->jobs] = (uint32_t)without_s;
	wait->jobs++;
	wait->real_s += (double)(job->start_at - ready);
	wait->with_s += (double)with_s;
	wait->without_s += (double)without_s;
}

static void add_job(struct work *work, size_t k)
{
	const struct carbon_effect_job *job = work->job[k];
	struct carbon_effect *sums = &work->sums;
	time_t with_at = work->start_at[WITH][k], without_at = work->start_at[WITHOUT][k];
	time_t run = run_s(job), compared_at = work->ask->is_shadow ? without_at : with_at;
	double real_g = mass_g(work, k, job->start_at);
	double compared_g = mass_g(work, k, compared_at);

	sums->jobs++;
	sums->energy_kwh += job->power_w * (double)run / CARBON_WATT_SECONDS_PER_KWH;
	sums->real_g += real_g;
	sums->with_g += mass_g(work, k, with_at);
	sums->without_g += mass_g(work, k, without_at);
	sums->start_error_s += fabs((double)(compared_at - job->start_at));
	work->error_g[(job->start_at - work->ask->from_at) / DAY_S] += compared_g - real_g;
	add_hours(work, k, with_at, job->power_w);
	add_hours(work, k, without_at, -job->power_w);
	add_wait(work, k, is_delayed(work->ask, job));
}

static void add_jobs(struct work *work)
{
	for (size_t k = 0; k < work->count; k++) {
		const struct carbon_effect_job *job = work->job[k];
		time_t run = run_s(job), with_at = work->start_at[WITH][k],
		       without_at = work->start_at[WITHOUT][k];

		if (job->start_at < work->ask->from_at || job->start_at >= work->ask->to_at)
			continue;
		if (carbon_grid_is_known(work->grid, job->start_at, job->end_at) &&
		    carbon_grid_is_known(work->grid, with_at, with_at + run) &&
		    carbon_grid_is_known(work->grid, without_at, without_at + run))
			add_job(work, k);
		else
			work->sums.unknown++;
	}
}

static void finish_wait(struct work *work, int is_ours, struct carbon_effect_wait *wait)
{
	double jobs = (double)wait->jobs;

	/* 0 / 0 is the NAN of nobody. */
	wait->real_s /= jobs;
	wait->with_s /= jobs;
	wait->without_s /= jobs;
	wait->with_p95_s = wait->without_p95_s = NAN;
	if (!wait->jobs)
		return;
	wait->with_p95_s =
		(double)carbon_quantile(work->wait_s[is_ours][WITH], wait->jobs, 0.95);
	wait->without_p95_s =
		(double)carbon_quantile(work->wait_s[is_ours][WITHOUT], wait->jobs, 0.95);
}

static double error_of(const struct work *work)
{
	double whole = 0, squares = 0;

	for (size_t day = 0; day < work->days; day++) {
		whole += work->error_g[day];
		squares += work->error_g[day] * work->error_g[day];
	}
	return fmax(fabs(whole), sqrt(squares));
}

static double full_share(const struct work *work)
{
	const struct carbon_easy_full *full = &work->full[WITHOUT];
	double full_s = 0;

	for (size_t bin = 0; bin < full->bins; bin++) {
		time_t at = full->start_at + (time_t)bin * CARBON_EASY_BIN_S;

		if (at >= work->ask->from_at && at < work->ask->to_at)
			full_s += (double)full->bin[bin].share * CARBON_EASY_BIN_S;
	}
	return full_s / (double)(work->ask->to_at - work->ask->from_at);
}

static void finish(struct work *work)
{
	struct carbon_effect *sums = &work->sums;
	double error_g = error_of(work);

	sums->start_error_s /= (double)sums->jobs;
	sums->effect_g = sums->without_g - sums->with_g;
	sums->low_g = sums->effect_g - error_g;
	sums->high_g = sums->effect_g + error_g;
	for (size_t hour = 0; hour < work->hours; hour++)
		sums->moved_kwh += fmax(work->moved_kwh[hour], 0);
	sums->full_share = full_share(work);
	finish_wait(work, false, &sums->bystanders);
	finish_wait(work, true, &sums->delayed);
}

/* --- the whole --- */

static int run_work(struct work *work, struct carbon_err *err)
{
	work->sums.size = work->ask->size;
	if (check(work->ask, err) < 0 || allocate(work, err) < 0 ||
	    (!work->sums.size && find_peak(work, err) < 0))
		return -1;
	take_jobs(work);
	if (carbon_grid_create("", work->ask->settled, &work->grid, err) < 0)
		return carbon_err_set(err, "no settled intensity to replay with");
	if (replay(work, WITH, err) < 0 || replay(work, WITHOUT, err) < 0 ||
	    make_hours(work, err) < 0)
		return -1;
	add_jobs(work);
	if (!work->sums.jobs)
		return carbon_err_set(err,
				      "none of %zu runs can be replayed (%zu larger than the "
				      "place, %zu without intensity)",
				      work->ask->jobs, work->sums.too_large,
				      work->sums.unknown);
	finish(work);
	return 0;
}

static void fini(struct work *work)
{
	carbon_grid_destroy(work->grid);
	for (int r = 0; r < REPLAYS; r++) {
		free(work->start_at[r]);
		free(work->wait_s[0][r]);
		free(work->wait_s[1][r]);
		carbon_easy_full_fini(&work->full[r]);
	}
	free(work->job);
	free(work->easy);
	free(work->moved_kwh);
	free(work->error_g);
}

int carbon_effect_replay(const struct carbon_effect_ask *ask, struct carbon_effect *out,
			 struct carbon_err *err)
{
	struct work work = {.ask = ask};
	int rc = run_work(&work, err);

	if (rc == 0)
		*out = work.sums;
	fini(&work);
	return rc;
}

/* --- several places --- */

/* Means weighted by jobs; NAN is nobody's. */
static double mean_of(double a, size_t jobs_a, double b, size_t jobs_b)
{
	double sum = (jobs_a ? a * (double)jobs_a : 0) + (jobs_b ? b * (double)jobs_b : 0);

	return jobs_a + jobs_b ? sum / (double)(jobs_a + jobs_b) : NAN;
}

static void add_waits(struct carbon_effect_wait *sum, const struct carbon_effect_wait *wait)
{
	sum->real_s = mean_of(sum->real_s, sum->jobs, wait->real_s, wait->jobs);
	sum->with_s = mean_of(sum->with_s, sum->jobs, wait->with_s, wait->jobs);
	sum->without_s = mean_of(sum->without_s, sum->jobs, wait->without_s, wait->jobs);
	sum->with_p95_s =
		sum->jobs ? fmax(sum->with_p95_s, wait->with_p95_s) : wait->with_p95_s;
	sum->without_p95_s =
		sum->jobs ? fmax(sum->without_p95_s, wait->without_p95_s) : wait->without_p95_s;
	sum->jobs += wait->jobs;
}

void carbon_effect_add(struct carbon_effect *sum, const struct carbon_effect *place)
{
	double error_g = hypot(sum->high_g - sum->effect_g, place->high_g - place->effect_g);
	double size = (double)sum->size + (double)place->size;

	sum->full_share =
		(sum->full_share * sum->size + place->full_share * place->size) / size;
	sum->start_error_s =
		mean_of(sum->start_error_s, sum->jobs, place->start_error_s, place->jobs);
	add_waits(&sum->bystanders, &place->bystanders);
	add_waits(&sum->delayed, &place->delayed);
	sum->jobs += place->jobs;
	sum->too_large += place->too_large;
	sum->unknown += place->unknown;
	sum->size = size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
	sum->energy_kwh += place->energy_kwh;
	sum->real_g += place->real_g;
	sum->with_g += place->with_g;
	sum->without_g += place->without_g;
	sum->effect_g += place->effect_g;
	sum->low_g = sum->effect_g - error_g;
	sum->high_g = sum->effect_g + error_g;
	sum->moved_kwh += place->moved_kwh;
}
