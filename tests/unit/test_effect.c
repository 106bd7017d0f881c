/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cluster effect of made-up months: small ones that can be worked out by hand, and full
 * ones in which nothing can be saved however much single jobs would claim.
 */
#include "lib/err.h"
#include "lib/series.h"
#include "simulator/easy.h"
#include "simulator/effect.h"
#include "tests/unit/unit.h"

#define T0 ((time_t)1672531200) /* 2023-01-01T00:00:00Z */
#define HOUR ((time_t)3600)
#define DAY (24 * HOUR)
#define JOBS_MAX 4000

/* 400 g/kWh, but 100 from noon to six, over DAYS days; HOLE is left out. */
static void make_series(struct carbon_series *series, int days, int hole)
{
	carbon_series_init(series);
	for (int h = 0; h < days * 24; h++) {
		struct carbon_point point = {.at = T0 + h * HOUR,
					     .g_kwh = h % 24 >= 12 && h % 24 < 18 ? 100 : 400};

		if (h != hole)
			assert_int_equal(carbon_series_add(series, point, NULL), 0);
	}
}

static struct carbon_effect_job one(time_t ready_at, time_t begin_at, time_t start_at)
{
	return (struct carbon_effect_job){.ready_at = ready_at,
					  .begin_at = begin_at,
					  .start_at = start_at,
					  .end_at = start_at + HOUR,
					  .limit_s = 2 * HOUR,
					  .size = 1,
					  .power_w = 1000};
}

static struct carbon_effect replay(struct carbon_effect_ask ask)
{
	struct carbon_effect effect;
	struct carbon_err err = {""};

	if (carbon_effect_replay(&ask, &effect, &err) < 0)
		fail_msg("%s", err.text);
	return effect;
}

static void an_empty_cluster_saves_what_the_job_does(void **state)
{
	/* from two at night to noon; another in between is nobody's loss */
	struct carbon_effect_job job[] = {
		one(T0 + DAY + 2 * HOUR, T0 + DAY + 12 * HOUR, T0 + DAY + 12 * HOUR),
		one(T0 + DAY + 3 * HOUR, 0, T0 + DAY + 3 * HOUR),
	};
	struct carbon_series series;
	struct carbon_effect effect;

	(void)state;
	make_series(&series, 10, -1);
	effect = replay((struct carbon_effect_ask){.job = job,
						   .jobs = COUNT(job),
						   .settled = &series,
						   .size = 4,
						   .from_at = T0,
						   .to_at = T0 + 9 * DAY});
	assert_int_equal(effect.jobs, 2);
	assert_near(effect.energy_kwh, 2, 1e-9);
	assert_near(effect.without_g, 800, 1e-6);
	assert_near(effect.with_g, 500, 1e-6);
	assert_near(effect.real_g, 500, 1e-6);
	assert_near(effect.effect_g, 300, 1e-6);
	assert_near(effect.high_g - effect.low_g, 0, 1e-6);
	assert_near(effect.moved_kwh, 1, 1e-9);
	assert_near(effect.full_share, 0, 1e-9);
	assert_near(effect.start_error_s, 0, 1e-9);
	assert_int_equal(effect.delayed.jobs, 1);
	assert_near(effect.delayed.with_s, (double)(10 * HOUR), 0);
	assert_near(effect.delayed.without_s, 0, 0);
	assert_near(effect.bystanders.with_s, 0, 0);
	carbon_series_fini(&series);
}

/* One node: the bystander that comes at eleven waits behind the delayed job. */
static void others_wait_is_told(void **state)
{
	struct carbon_effect_job job[] = {
		one(T0 + DAY + 2 * HOUR, T0 + DAY + 12 * HOUR, T0 + DAY + 12 * HOUR),
		one(T0 + DAY + 12 * HOUR + 600, 0, T0 + DAY + 13 * HOUR),
	};
	struct carbon_series series;
	struct carbon_effect effect;

	(void)state;
	make_series(&series, 10, -1);
	effect = replay((struct carbon_effect_ask){.job = job,
						   .jobs = COUNT(job),
						   .settled = &series,
						   .from_at = T0,
						   .to_at = T0 + 9 * DAY});
	assert_int_equal(effect.size, 1); /* found: the most that ran at once */
	assert_near(effect.bystanders.without_s, 0, 0);
	assert_near(effect.bystanders.with_s, 3000, 0);
	assert_near(effect.bystanders.real_s, 3000, 0);
	assert_near(effect.bystanders.with_p95_s, 3000, 0);
	carbon_series_fini(&series);
}

static void in_shadow_mode_reality_is_without_us(void **state)
{
	struct carbon_effect_job job[] = {
		one(T0 + DAY + 2 * HOUR, T0 + DAY + 12 * HOUR, T0 + DAY + 2 * HOUR)};
	struct carbon_effect_ask ask = {.job = job,
					.jobs = 1,
					.size = 1,
					.from_at = T0,
					.to_at = T0 + 9 * DAY,
					.is_shadow = true};
	struct carbon_series series;
	struct carbon_effect effect;

	(void)state;
	make_series(&series, 10, -1);
	ask.settled = &series;
	effect = replay(ask);
	assert_near(effect.real_g, 400, 1e-6);
	assert_near(effect.effect_g, 300, 1e-6);
	assert_near(effect.high_g, 300, 1e-6);
	/* Really given, it was released early: nothing was moved. */
	ask.is_shadow = false;
	effect = replay(ask);
	assert_near(effect.effect_g, 0, 1e-6);
	assert_near(effect.moved_kwh, 0, 1e-9);
	carbon_series_fini(&series);
}

/* Reality by the same replay: COUNT jobs with begins, on SIZE nodes. */
static void live(struct carbon_effect_job *job, size_t count, uint32_t size)
{
	static struct carbon_easy_job easy[JOBS_MAX];
	static time_t start_at[JOBS_MAX];

	for (size_t i = 0; i < count; i++)
		easy[i] = (struct carbon_easy_job){
			.begin_at = job[i].begin_at ? job[i].begin_at : job[i].ready_at,
			.runtime_s = (uint32_t)(job[i].end_at - job[i].start_at),
			.planned_s = job[i].limit_s,
			.nodes = job[i].size,
		};
	assert_int_equal(carbon_easy_run(easy, count, size, start_at, NULL, NULL), 0);
	for (size_t i = 0; i < count; i++) {
		job[i].end_at += start_at[i] - job[i].start_at;
		job[i].start_at = start_at[i];
	}
}

static int by_ready(const void *a, const void *b)
{
	const struct carbon_effect_job *ja = a, *jb = b;

	return (ja->ready_at > jb->ready_at) - (ja->ready_at < jb->ready_at);
}

/* LOAD of SIZE nodes for DAYS, every third job delayed to the next noon. */
static size_t make_jobs(struct dice *dice, double load, uint32_t size, int days,
			struct carbon_effect_job *job)
{
	double work = load * size * days * (double)DAY;
	size_t count = 0;

	for (; work > 0 && count < JOBS_MAX; count++) {
		time_t ready = T0 + DAY + (time_t)dice_between(dice, 0, days * (int)DAY);
		time_t run_s = (time_t)dice_between(dice, 600, 6 * HOUR);
		time_t noon = ready - ready % DAY + 12 * HOUR;

		job[count] = one(ready, 0, ready);
		job[count].end_at = ready + run_s;
		job[count].limit_s = (uint32_t)(2 * run_s);
		job[count].size = (uint32_t)dice_between(dice, 1, 4);
		job[count].power_w = 100.0 * job[count].size;
		if (count % 3 == 0)
			job[count].begin_at = noon > ready ? noon : noon + DAY;
		work -= (double)run_s * job[count].size;
	}
	assert_true(count < JOBS_MAX);
	qsort(job, count, sizeof(*job),
	      by_ready); /* who queues first of those that begin together */
	live(job, count, size);
	return count;
}

static double mass_at(const struct carbon_series *series, const struct carbon_effect_job *job,
		      time_t at)
{
	time_t run_s = job->end_at - job->start_at;

	return job->power_w * carbon_series_integrate(series, at, at + run_s).g_s_kwh / 3.6e6;
}

/* PROMISED_G: what the delayed jobs would save if they started at their begins. */
static struct carbon_effect replay_load(struct dice *dice, double load, double *promised_g)
{
	static struct carbon_effect_job job[JOBS_MAX];
	size_t count = make_jobs(dice, load, 16, 20, job);
	struct carbon_effect_ask ask = {
		.job = job, .jobs = count, .size = 16, .from_at = T0, .to_at = T0 + 60 * DAY};
	struct carbon_series series;
	struct carbon_effect effect;

	make_series(&series, 90, -1);
	ask.settled = &series;
	effect = replay(ask);
	assert_int_equal(effect.jobs, count);
	assert_near(effect.start_error_s, 0, 0);
	assert_near(effect.high_g, effect.low_g, 1e-6);
	*promised_g = 0;
	for (size_t i = 0; i < count; i++)
		if (job[i].begin_at)
			*promised_g += mass_at(&series, &job[i], job[i].ready_at) -
				       mass_at(&series, &job[i], job[i].begin_at);
	carbon_series_fini(&series);
	return effect;
}

/* Equal power and a backlog: what was promised of single jobs is not there. */
static void a_saturated_place_saves_nothing(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int i = 0; i < 10; i++) {
		double promised_g;
		struct carbon_effect effect = replay_load(&dice, 2.5, &promised_g);

		assert_true(effect.full_share > 0.6);
		assert_true(promised_g > 0.05 * effect.without_g);
		assert_near(effect.effect_g, 0, 0.005 * effect.without_g);
	}
}

static void on_a_quiet_place_most_of_it_is_saved(void **state)
{
	struct dice dice = dice_start(__func__);

	(void)state;
	for (int i = 0; i < 10; i++) {
		double promised_g;
		struct carbon_effect effect = replay_load(&dice, 0.3, &promised_g);

		assert_true(effect.effect_g > 0.03 * effect.without_g);
		assert_true(effect.effect_g > 0.5 * promised_g);
	}
}

/* Real starts that no replay knows: the band is as wide as that is off. */
static void the_band_is_the_distance_from_reality(void **state)
{
	struct carbon_effect_job job[] = {
		one(T0 + DAY + 2 * HOUR, T0 + DAY + 12 * HOUR, T0 + DAY + 12 * HOUR),
		one(T0 + DAY + 9 * HOUR, 0, T0 + DAY + 14 * HOUR), /* held by its user */
		one(T0 + 2 * DAY + 12 * HOUR, 0, T0 + 2 * DAY + 20 * HOUR),
	};
	struct carbon_series series;
	struct carbon_effect effect;

	(void)state;
	make_series(&series, 10, -1);
	effect = replay((struct carbon_effect_ask){.job = job,
						   .jobs = COUNT(job),
						   .settled = &series,
						   .size = 4,
						   .from_at = T0,
						   .to_at = T0 + 9 * DAY});
	assert_near(effect.effect_g, 300, 1e-6);
	/* +300 on one day, -300 on the next: added as if independent */
	assert_near(effect.high_g - effect.effect_g, 300 * sqrt(2), 1e-3);
	assert_near(effect.effect_g - effect.low_g, 300 * sqrt(2), 1e-3);
	assert_near(effect.start_error_s, 13.0 / 3 * HOUR, 1e-6);
	carbon_series_fini(&series);
}

static void what_cannot_count_is_counted(void **state)
{
	struct carbon_effect_job job[] = {
		one(T0 + DAY + 2 * HOUR, T0 + DAY + 12 * HOUR, T0 + DAY + 12 * HOUR),
		one(T0 + DAY + 5 * HOUR, 0, T0 + DAY + 5 * HOUR), /* in the hole */
		one(T0 + DAY, 0, T0 + DAY),
		one(T0 + 9 * DAY, 0, T0 + 9 * DAY),   /* begins too late */
		one(T0 - 2 * HOUR, 0, T0 - HOUR / 2), /* and too early: takes room */
	};
	struct carbon_series series;
	struct carbon_effect effect;

	(void)state;
	job[2].size = 9;
	make_series(&series, 10, 24 + 5);
	effect = replay((struct carbon_effect_ask){.job = job,
						   .jobs = COUNT(job),
						   .settled = &series,
						   .size = 4,
						   .from_at = T0,
						   .to_at = T0 + 9 * DAY});
	assert_int_equal(effect.jobs, 1);
	assert_int_equal(effect.too_large, 1);
	assert_int_equal(effect.unknown, 1);
	assert_int_equal(effect.bystanders.jobs, 0);
	assert_true(isnan(effect.bystanders.with_s));
	assert_near(effect.effect_g, 300, 1e-6);
	carbon_series_fini(&series);
}

static void impossible_runs_are_refused(void **state)
{
	struct carbon_effect_job job[] = {one(T0, 0, T0), one(T0, 0, T0)};
	struct carbon_effect_ask ask = {
		.job = job, .jobs = 2, .size = 4, .from_at = T0, .to_at = T0 + DAY};
	struct carbon_effect effect = {.jobs = 77};
	struct carbon_series series, none;
	struct carbon_err err;

	(void)state;
	make_series(&series, 2, -1);
	ask.settled = &series;
	job[1].end_at = T0;
	assert_int_equal(carbon_effect_replay(&ask, &effect, &err), -1);
	assert_string_equal(err.text, "run 1 ran from 1672531200 to 1672531200");
	job[1].end_at = T0 + HOUR;
	job[1].power_w = NAN;
	assert_int_equal(carbon_effect_replay(&ask, &effect, &err), -1);
	assert_string_equal(err.text, "run 1 has size 1 and nan W");
	job[1].power_w = 1;
	carbon_series_init(&none);
	ask.settled = &none;
	assert_int_equal(carbon_effect_replay(&ask, &effect, &err), -1);
	assert_string_equal(err.text, "no settled intensity to replay with");
	ask.settled = &series;
	ask.to_at = T0;
	assert_int_equal(carbon_effect_replay(&ask, &effect, &err), -1);
	ask.to_at = T0 + DAY;
	ask.jobs = 0;
	assert_int_equal(carbon_effect_replay(&ask, &effect, &err), -1);
	assert_int_equal(effect.jobs, 77);
	carbon_series_fini(&series);
}

static void places_add_up(void **state)
{
	struct carbon_effect sum = {0}, a = {.jobs = 1,
					     .size = 10,
					     .effect_g = 5,
					     .low_g = 2,
					     .high_g = 8,
					     .full_share = 0.5,
					     .bystanders = {.jobs = 2, .with_s = 10},
					     .delayed = {.with_s = NAN}};
	struct carbon_effect b = {.jobs = 3,
				  .size = 30,
				  .effect_g = -1,
				  .low_g = -5,
				  .high_g = 3,
				  .start_error_s = 8,
				  .bystanders = {.jobs = 6, .with_s = 30},
				  .delayed = {.with_s = NAN}};

	(void)state;
	carbon_effect_add(&sum, &a);
	carbon_effect_add(&sum, &b);
	assert_int_equal(sum.jobs, 4);
	assert_near(sum.effect_g, 4, 1e-12);
	assert_near(sum.high_g, 9, 1e-12);
	assert_near(sum.low_g, -1, 1e-12);
	assert_near(sum.full_share, 0.125, 1e-12);
	assert_near(sum.start_error_s, 6, 1e-12);
	assert_near(sum.bystanders.with_s, 25, 1e-12);
	assert_true(isnan(sum.delayed.with_s));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_cluster_saves_what_the_job_does),
		cmocka_unit_test(others_wait_is_told),
		cmocka_unit_test(in_shadow_mode_reality_is_without_us),
		cmocka_unit_test(a_saturated_place_saves_nothing),
		cmocka_unit_test(on_a_quiet_place_most_of_it_is_saved),
		cmocka_unit_test(the_band_is_the_distance_from_reality),
		cmocka_unit_test(what_cannot_count_is_counted),
		cmocka_unit_test(impossible_runs_are_refused),
		cmocka_unit_test(places_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
