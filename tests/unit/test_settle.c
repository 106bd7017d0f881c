/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Settling one run: energy, emissions, timing credit, and what may not be said. Figures are worked out by hand in
 * the comments; no storage.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "accounting/occupancy.h"
#include "accounting/settle.h"
#include "accounting/slack.h"
#include "lib/err.h"

#define HOUR ((time_t)3600)
#define T0 ((time_t)1790000000 / 3600 * 3600)
#define LATER (T0 + 100 * 86400)

/* Cores 10 W, memory 1 W/GB, the rest of a 4-core node 100 W, a100 400 W, PUE 1.5. */
static struct carbon_place make_place(void)
{
	struct carbon_place place;

	memset(&place, 0, sizeof(place));
	carbon_power_init(&place.power);
	place.power.pue = 1.5;
	place.power.core_w = 10;
	place.power.dram_w_gb = 1;
	place.power.other_w = 100;
	place.node_cores = 4;
	return place;
}

/* Two cores and 8 GB of one node for two hours: 20 + 8 + 50 W. */
static struct carbon_run make_run(void)
{
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	strcpy(run.user, "ada");
	run.submit_at = T0 - 60;
	run.start_at = T0;
	run.end_at = T0 + 2 * HOUR;
	run.use.nodes = 1;
	run.use.cores = 2;
	run.use.memory_gb = 8;
	run.measured_j = -1;
	return run;
}

static void add(struct carbon_series *series, time_t at, double g_kwh, enum carbon_kind kind)
{
	struct carbon_point point = {.at = at, .g_kwh = g_kwh, .kind = kind};
	struct carbon_err err;

	assert_int_equal(carbon_series_add(series, point, &err), 0);
}

/* Measured hours from T0 - 10 h on: 300 before T0, then 100, 200, 300, 400, ... */
static void make_series(struct carbon_series *series)
{
	carbon_series_init(series);
	for (int i = -10; i < 10; i++)
		add(series, T0 + i * HOUR, i < 0 ? 300 : 100 * (i + 1), CARBON_KIND_MEASURED);
}

static struct carbon_settled_mass settle(const struct carbon_run *run,
					 const struct carbon_record *record,
					 const struct carbon_series *series, time_t now)
{
	struct carbon_place place = make_place();
	struct carbon_settled_energy energy = carbon_settle_energy(run, &place, NULL);
	struct carbon_settle_times times = carbon_settle_times(run, record, run->start_at);

	const struct carbon_slack_clock wall = {.series = series};

	return carbon_settle_mass(&energy, &times, &(struct carbon_settle_grid){series, &wall, now});
}

static void energy_follows_the_power_model(void **state)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();
	struct carbon_settled_energy energy = carbon_settle_energy(&run, &place, NULL);

	(void)state;
	/* 78 W * 1.5 * 2 h */
	assert_float_equal(energy.power_w, 78, 1e-9);
	assert_float_equal(energy.above_w, 20, 1e-9);
	assert_float_equal(energy.energy_kwh, 0.234, 1e-9);
	assert_true(isnan(energy.measured_kwh));
	assert_int_equal(energy.method, CARBON_ENERGY_MODEL);
	run.use.gpu_kinds = 1;
	strcpy(run.use.gpu[0].type, "a100");
	run.use.gpu[0].count = 2;
	energy = carbon_settle_energy(&run, &place, NULL);
	assert_float_equal(energy.above_w, 820, 1e-9);
	/* Node size unknown: the whole node counts. */
	place.node_cores = 0;
	run.use.gpu_kinds = 0;
	energy = carbon_settle_energy(&run, &place, NULL);
	assert_float_equal(energy.power_w, 128, 1e-9);
}

static void suspended_time_uses_nothing(void **state)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();

	(void)state;
	run.suspended_s = HOUR;
	assert_float_equal(carbon_settle_energy(&run, &place, NULL).energy_kwh, 0.117, 1e-9);
	run.suspended_s = 9 * HOUR;
	assert_float_equal(carbon_settle_energy(&run, &place, NULL).energy_kwh, 0, 1e-12);
}

static void measured_energy_counts_where_it_is_valid(void **state)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();
	struct carbon_settled_energy energy;

	(void)state;
	/* The whole node: 40 + 8 + 100 W, model 0.444 kWh; measured 0.2 kWh * 1.5. */
	run.use.cores = 4;
	run.measured_j = 0.2 * 3.6e6;
	energy = carbon_settle_energy(&run, &place, NULL);
	assert_int_equal(energy.method, CARBON_ENERGY_MEASURED);
	assert_float_equal(energy.energy_kwh, 0.3, 1e-9);
	assert_float_equal(energy.power_w, 100, 1e-6);
	/* Half a node: others' energy is in it. Both are bounds. */
	run.use.cores = 2;
	energy = carbon_settle_energy(&run, &place, NULL);
	assert_int_equal(energy.method, CARBON_ENERGY_MODEL);
	assert_float_equal(energy.energy_kwh, 0.234, 1e-9);
	assert_float_equal(energy.low_kwh, 0.234, 1e-9);
	assert_float_equal(energy.high_kwh, 0.3, 1e-9);
	assert_float_equal(energy.measured_kwh, 0.3, 1e-9);
	/* A broken counter is kept and believed in nothing. */
	run.use.cores = 4;
	run.measured_j = 1e12;
	energy = carbon_settle_energy(&run, &place, NULL);
	assert_int_equal(energy.method, CARBON_ENERGY_MODEL);
	assert_float_equal(energy.high_kwh, 0.444, 1e-9);
	assert_true(energy.measured_kwh > 1e5);
}

static void emissions_integrate_over_the_very_hours(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	run.start_at = T0 + HOUR / 2;
	run.end_at = T0 + 2 * HOUR;
	mass = settle(&run, NULL, &series, LATER);
	/* Half an hour at 100, one at 200; 0.1755 kWh. */
	assert_float_equal(mass.mean_g_kwh, 250.0 / 1.5, 1e-9);
	assert_float_equal(mass.mass_g, 0.1755 * 250.0 / 1.5, 1e-9);
	assert_float_equal(mass.low_g, mass.mass_g, 1e-9);
	assert_int_equal(mass.method, CARBON_INTENSITY_SETTLED);
	assert_true(isnan(mass.credit_g));
	assert_true(isnan(mass.shadow_g));
	carbon_series_fini(&series);
}

static void what_is_not_known_is_not_zero(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_series series;
	struct carbon_settled_mass mass = settle(&run, NULL, NULL, LATER);

	(void)state;
	assert_true(isnan(mass.mass_g));
	assert_int_equal(mass.method, CARBON_INTENSITY_UNKNOWN);
	/* A quarter of the run known: too little. */
	carbon_series_init(&series);
	add(&series, T0 - HOUR / 2, 100, CARBON_KIND_MEASURED);
	mass = settle(&run, NULL, &series, LATER);
	assert_true(isnan(mass.mass_g));
	assert_int_equal(mass.method, CARBON_INTENSITY_UNKNOWN);
	mass = settle(&run, NULL, &series, run.end_at + HOUR);
	assert_int_equal(mass.method, CARBON_INTENSITY_PROVISIONAL);
	carbon_series_fini(&series);
}

static void missing_hours_are_bounded_by_those_around(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	carbon_series_init(&series);
	add(&series, T0 - 5 * HOUR, 50, CARBON_KIND_MEASURED);
	add(&series, T0, 100, CARBON_KIND_MEASURED);
	add(&series, T0 + 5 * HOUR, 500, CARBON_KIND_MEASURED);
	mass = settle(&run, NULL, &series, LATER);
	assert_int_equal(mass.method, CARBON_INTENSITY_ESTIMATED);
	assert_float_equal(mass.intensity.missing_s, HOUR, 1e-9);
	assert_float_equal(mass.mass_g, 0.234 * 100, 1e-9);
	assert_float_equal(mass.low_g, 0.234 * 75, 1e-9);
	assert_float_equal(mass.high_g, 0.234 * 300, 1e-9);
	mass = settle(&run, NULL, &series, run.end_at + HOUR);
	assert_int_equal(mass.method, CARBON_INTENSITY_PROVISIONAL);
	assert_float_equal(mass.mass_g, 0.234 * 100, 1e-9);
	carbon_series_fini(&series);
}

static void estimates_stay_open_for_a_while_and_profiles_are_named(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_series series;

	(void)state;
	make_series(&series);
	series.points[11].kind = CARBON_KIND_ESTIMATED;
	assert_int_equal(settle(&run, NULL, &series, run.end_at + HOUR).method,
			 CARBON_INTENSITY_PROVISIONAL);
	assert_int_equal(settle(&run, NULL, &series, LATER).method, CARBON_INTENSITY_ESTIMATED);
	series.points[11].kind = CARBON_KIND_PROFILE;
	assert_int_equal(settle(&run, NULL, &series, LATER).method, CARBON_INTENSITY_PROFILE);
	carbon_series_fini(&series);
}

static struct carbon_record make_record(void)
{
	struct carbon_record record;

	memset(&record, 0, sizeof(record));
	record.level = CARBON_LEVEL_OPT_IN;
	record.delayed = true;
	record.decided_at = T0 - 6 * HOUR;
	record.baseline_at = T0 - 6 * HOUR;
	record.begin_at = T0;
	return record;
}

static void the_credit_is_of_the_power_above_idle(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	mass = settle(&run, &record, &series, LATER);
	/* 20 W * 1.5 * 2 h * (300 - 150) g/kWh */
	assert_float_equal(mass.credit_g, 0.06 * 150, 1e-9);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_SETTLED);
	carbon_series_fini(&series);
}

static void a_credit_may_be_negative(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_series series;

	(void)state;
	make_series(&series);
	record.baseline_at = T0;
	run.start_at = T0 + 6 * HOUR;
	run.end_at = T0 + 8 * HOUR;
	/* 150 at the baseline, 750 really. */
	assert_float_equal(settle(&run, &record, &series, LATER).credit_g, 0.06 * -600, 1e-9);
	carbon_series_fini(&series);
}

static void without_history_at_the_baseline_there_is_no_credit_yet(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	record.baseline_at = T0 - 40 * HOUR;
	mass = settle(&run, &record, &series, T0 + 3 * HOUR);
	assert_true(isnan(mass.credit_g));
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_PROVISIONAL);
	assert_int_equal(mass.method, CARBON_INTENSITY_SETTLED);
	mass = settle(&run, &record, &series, LATER);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_UNKNOWN);
	carbon_series_fini(&series);
}

static void shadow_mode_gets_no_credit_but_a_shadow_of_one(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	record.level = CARBON_LEVEL_OBSERVE;
	record.begin_at = T0 + 2 * HOUR;
	mass = settle(&run, &record, &series, LATER);
	assert_true(isnan(mass.credit_g));
	/* It ran at 150; at its begin it would have run at 350. */
	assert_float_equal(mass.shadow_g, 0.06 * -200, 1e-9);
	carbon_series_fini(&series);
}

/* Ten hours from T0 - 2 h on, in each of them FULL[i] and OFF[i] nodes powered down. */
static void make_occupancy(struct carbon_occupancy *out, const bool full[10], const float off[10])
{
	out->from_at = T0 - 2 * HOUR;
	out->bins = 120;
	out->bin = calloc(out->bins, sizeof(*out->bin));
	for (size_t i = 0; i < out->bins; i++)
		out->bin[i] = (struct carbon_occupancy_bin){.usable = 10, .off = off[i / 12], .is_known = true,
							    .is_full = full[i / 12], .next = (uint32_t)i + 1};
}

static struct carbon_settled_mass settle_full(const bool full[10], const float off[10], time_t start_at, time_t now)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();
	struct carbon_settled_energy energy;
	struct carbon_settle_times times = {.baseline_at = T0 - HOUR};
	struct carbon_occupancy occupancy;
	struct carbon_slack_clock clock;
	struct carbon_settled_mass mass;
	struct carbon_series series;

	run.start_at = times.start_at = start_at;
	run.end_at = times.end_at = start_at + 2 * HOUR;
	energy = carbon_settle_energy(&run, &place, NULL);
	make_series(&series);
	make_occupancy(&occupancy, full, off);
	assert_int_equal(carbon_slack_clock_init(&clock, &series, &occupancy), 0);
	mass = carbon_settle_mass(&energy, &times, &(struct carbon_settle_grid){&series, &clock, now});
	carbon_slack_clock_fini(&clock);
	carbon_occupancy_fini(&occupancy);
	carbon_series_fini(&series);
	return mass;
}

/* 20 W above idle at PUE 1.5 for two hours: 0.06 kWh. From T0 - 1 h on: 300 100 200 300 400 500 ... */
static void credit_counts_by_the_slack_clock(void **state)
{
	static const float ON[10] = {0};
	const bool never[10] = {false}, until_2[10] = {true, true, true, true}, late[10] = {[5] = true, [6] = true};
	const bool endless[10] = {[1] = true, true, true, true, true, true, true, true, true};
	struct carbon_settled_mass mass = settle_full(never, ON, T0 + 2 * HOUR, LATER);

	(void)state;
	/* never full: 300, 100 against 300, 400 */
	assert_float_equal(mass.credit_g, 0.06 * (200 - 350), 1e-9);
	assert_int_equal(mass.credit_clock, CARBON_CLOCK_SLACK);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_SETTLED);
	/* full until T0 + 2 h, where 300 begins: all that would have been before counts there */
	mass = settle_full(until_2, ON, T0 + 2 * HOUR, LATER);
	assert_float_equal(mass.credit_g, 0.06 * (300 - 350), 1e-9);
	/* on the wall it gained; by the slack clock both are the same hole */
	mass = settle_full(until_2, ON, T0, LATER);
	assert_float_equal(mass.credit_g, 0, 1e-9);
	/* the real run's second hour was full, and until T0 + 5 h, where 600 begins */
	mass = settle_full(late, ON, T0 + 2 * HOUR, LATER);
	assert_float_equal(mass.credit_g, 0.06 * (200 - 450), 1e-9);
	/* full to the end of what is known: not the last word, if it is not too late for one */
	mass = settle_full(endless, ON, T0 + 2 * HOUR, T0 + 9 * HOUR);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_PROVISIONAL);
	mass = settle_full(endless, ON, T0 + 2 * HOUR, LATER);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_ESTIMATED);
}

/* Full from T0 - 1 h to T0 + 1 h: its nodes went to a run until T0 + 4 h 30, when it was not. */
static void what_is_freed_counts_where_the_run_that_took_it_ended(void **state)
{
	struct carbon_occupancy occupancy;
	struct carbon_slack_clock clock;
	struct carbon_slack_sum sum;
	struct carbon_series series;
	static const float ON[10] = {0};
	const bool full[10] = {[1] = true, [2] = true};

	(void)state;
	make_series(&series);
	make_occupancy(&occupancy, full, ON);
	for (size_t i = 12; i < 36; i++)
		occupancy.bin[i].next = 78; /* T0 + 4 h 30: 500 */
	assert_int_equal(carbon_slack_clock_init(&clock, &series, &occupancy), 0);
	sum = carbon_slack_integrate(&clock, T0 - 100, T0 + HOUR + 1800);
	assert_float_equal(sum.intensity.g_s_kwh, 3700 * 500.0 + 1800 * 200.0, 1e-3);
	assert_int_equal(sum.to_at, T0 + 4 * HOUR + 1800 + 300);
	assert_false(sum.is_open || sum.is_wall);
	carbon_slack_clock_fini(&clock);
	/* Of our own crowd in the first hour after T0 a quarter had room there, where 100 is. */
	for (size_t i = 24; i < 36; i++)
		occupancy.bin[i].fits = 0.25F;
	assert_int_equal(carbon_slack_clock_init(&clock, &series, &occupancy), 0);
	sum = carbon_slack_integrate(&clock, T0, T0 + HOUR);
	assert_float_equal(sum.intensity.g_s_kwh, 3600 * (0.25 * 100 + 0.75 * 500), 1e-3);
	/* Handed on to where it is full: and from there as well, and at last beyond all that is known. */
	occupancy.bin[12].next = 30;
	occupancy.bin[30].next = (uint32_t)occupancy.bins;
	carbon_slack_clock_fini(&clock);
	assert_int_equal(carbon_slack_clock_init(&clock, &series, &occupancy), 0);
	sum = carbon_slack_integrate(&clock, T0 - HOUR, T0 - HOUR + 300);
	assert_float_equal(sum.intensity.g_s_kwh, 300 * (0.25 * 100 + 0.75 * 900), 1e-3);
	assert_true(sum.is_open);
	carbon_slack_clock_fini(&clock);
	carbon_occupancy_fini(&occupancy);
	carbon_series_fini(&series);
}

static void a_node_that_would_be_off_counts_whole(void **state)
{
	static const float ON[10] = {0}, OFF[10] = {9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, LATE[10] = {[4] = 3, [5] = 3};
	const bool never[10] = {false};
	struct carbon_settled_mass mass = settle_full(never, OFF, T0, LATER);

	(void)state;
	/* 78 W at PUE 1.5 for two hours are 0.234 kWh; (300, 100) against (100, 200) */
	assert_float_equal(mass.credit_g, 0.234 * (200 - 150), 1e-9);
	assert_float_equal(mass.credit_low_g, 0.06 * 50, 1e-9);
	assert_float_equal(mass.credit_high_g, 0.234 * 50, 1e-9);
	/* idle at the baseline, off where it really ran: waking the nodes cost more than the cleaner hour gave */
	mass = settle_full(never, LATE, T0 + 2 * HOUR, LATER);
	assert_float_equal(mass.credit_g, 0.06 * 200 - 0.234 * 350, 1e-9);
	assert_float_equal(mass.credit_low_g, mass.credit_g, 1e-9);
	assert_float_equal(mass.credit_high_g, -0.06 * 150, 1e-9);
	mass = settle_full(never, ON, T0, LATER);
	assert_float_equal(mass.credit_g, 0.06 * 50, 1e-9);
	assert_float_equal(mass.credit_high_g, 0.234 * 50, 1e-9);
}

static void without_knowing_how_full_it_was_the_wall_clock_is_named(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	mass = settle(&run, &record, &series, LATER);
	assert_int_equal(mass.credit_clock, CARBON_CLOCK_WALL);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_SETTLED);
	mass = settle(&run, &record, &series, T0 + 9 * HOUR);
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_PROVISIONAL);
	assert_string_equal(carbon_credit_clock_name(CARBON_CLOCK_WALL), "wall");
	assert_string_equal(carbon_credit_clock_name(CARBON_CLOCK_SLACK), "slack");
	carbon_series_fini(&series);
}

/* At home 200 W (PUE included) for half as long again at 400 g/kWh; here 78 W at PUE 1.5 for two hours at 100 and 200. */
static void a_moved_job_is_weighed_against_its_home(void **state)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_settled_energy energy = carbon_settle_energy(&run, &place, NULL);
	struct carbon_settle_times times;
	struct carbon_series series, dirty;
	const struct carbon_slack_clock wall = {.series = &series}, dirty_wall = {.series = &dirty};
	const struct carbon_settle_grid here = {&series, &wall, LATER};
	struct carbon_settle_grid home = {&dirty, &dirty_wall, LATER};
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	carbon_series_init(&dirty);
	for (int i = -10; i < 10; i++)
		add(&dirty, T0 + i * HOUR, 400, CARBON_KIND_MEASURED);
	snprintf(record.home, sizeof(record.home), "south");
	snprintf(record.home_zone, sizeof(record.home_zone), "PL");
	record.home_power_w = 200;
	record.runtime_s = 7200;
	record.home_runtime_s = 10800;
	record.data_g = 5;
	record.delayed = false;
	times = carbon_settle_times(&run, &record, T0);
	assert_string_equal(times.home.zone, "PL");
	assert_float_equal(times.home.slowness, 1.5, 1e-9);
	mass = carbon_settle_mass(&energy, &times, &here);
	carbon_settle_moved(&energy, &times, &here, &home, &mass);
	assert_float_equal(mass.credit_g, 0.2 * 3 * 400 - 0.234 * 150 - 5, 1e-6);
	/* 20 of the 78 W are above idle */
	assert_float_equal(mass.credit_low_g, 20.0 / 78 * (240 - 35.1) - 5, 1e-6);
	assert_float_equal(mass.credit_high_g, mass.credit_g, 1e-6);
	assert_int_equal(mass.credit_clock, CARBON_CLOCK_WALL);
	/* a later segment finds its data there */
	assert_true(carbon_settle_times(&run, &record, run.start_at - 60).home.data_g == 0);
	/* half as hungry here as a claim said: so would it have been at home */
	record.power_w = 2 * energy.power_w * energy.pue;
	assert_float_equal(carbon_settle_home_w(&energy, &record), 100, 1e-9);
	record.power_w = 0;
	assert_float_equal(carbon_settle_home_w(&energy, &record), 200, 1e-9);
	/* of a home without history nothing is said */
	home.series = NULL;
	carbon_settle_moved(&energy, &times, &here, &home, &mass);
	assert_true(isnan(mass.credit_g) && isnan(mass.credit_low_g));
	assert_int_equal(mass.credit_method, CARBON_INTENSITY_UNKNOWN);
	carbon_series_fini(&series);
	carbon_series_fini(&dirty);
}

static void idle_gpus_and_the_months_pue_count(void **state)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();
	struct carbon_settled_energy energy;
	struct carbon_terms terms;
	time_t start_at = run.start_at;
	struct tm date;

	(void)state;
	carbon_terms_init(&terms);
	run.use.gpu_kinds = 1;
	strcpy(run.use.gpu[0].type, "a100");
	run.use.gpu[0].count = 2;
	assert_float_equal(carbon_settle_energy(&run, &place, &terms).above_w, 820, 1e-9);
	terms.gpu_idle_w = 50;
	energy = carbon_settle_energy(&run, &place, &terms);
	assert_float_equal(energy.above_w, 720, 1e-9);
	assert_float_equal(energy.power_w, 878, 1e-9);
	terms.gpu_idle_w = 9999; /* never below nothing */
	assert_float_equal(carbon_settle_energy(&run, &place, &terms).above_w, 20, 1e-9);
	terms.pue_months = 12;
	for (int i = 0; i < 12; i++)
		terms.pue_month[i] = 1.1 + i;
	assert_non_null(gmtime_r(&start_at, &date));
	assert_float_equal(carbon_settle_energy(&run, &place, &terms).pue, 1.1 + date.tm_mon, 1e-9);
}

static void later_segments_keep_the_distance_to_the_baseline(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_settle_times times;

	(void)state;
	run.start_at = T0 + 5 * HOUR;
	times = carbon_settle_times(&run, &record, T0);
	assert_true(times.baseline_at == T0 - HOUR);
	record.delayed = false;
	times = carbon_settle_times(&run, &record, T0);
	assert_true(times.baseline_at == 0 && times.shadow_at == 0);
}

/* The second segment of a job that was interrupted: without us it had followed at once, and had not restarted. */
static void an_interrupted_job_pays_for_its_restart(void **state)
{
	struct carbon_place place = make_place();
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_settled_energy energy = carbon_settle_energy(&run, &place, NULL);
	struct carbon_settle_times times;
	struct carbon_settled_mass mass;
	struct carbon_series series;
	const struct carbon_slack_clock wall = {.series = &series};

	(void)state;
	record.cuts = 1;
	record.restart_s = 1800;
	record.baseline_at = T0 - 6 * HOUR;
	times = carbon_settle_times(&run, &record, run.start_at - 2 * HOUR); /* it had run two hours by then */
	assert_true(times.baseline_at == T0 - 4 * HOUR);
	assert_true(times.redo_s == 1800);
	carbon_series_init(&series); /* the same all the time: all that is left is the restart */
	for (int i = -10; i < 10; i++)
		add(&series, T0 + i * HOUR, 200, CARBON_KIND_MEASURED);
	mass = carbon_settle_mass(&energy, &times, &(struct carbon_settle_grid){&series, &wall, T0 + 100 * HOUR});
	assert_float_equal(mass.credit_g, -energy.above_w * energy.pue * 200 * 1800 / 3.6e6, 1e-6);
	carbon_series_fini(&series);
	run.end_at = run.start_at + 600; /* it ended within it */
	assert_true(carbon_settle_times(&run, &record, run.start_at).redo_s == 600);
	record.cuts = 0;
	assert_true(carbon_settle_times(&run, &record, run.start_at).redo_s == 0);
}

static void why_our_part_ended_is_told_as_far_as_it_is_known(void **state)
{
	struct carbon_record record = make_record();
	struct carbon_run run = make_run();
	char marked[] = "efficiency 97 % [CARBON-OFF/1]", other[] = "[carbon-offset/1]";

	(void)state;
	assert_int_equal(carbon_settle_optout(&run, NULL), CARBON_OPTOUT_NONE);
	run.comment = other;
	assert_int_equal(carbon_settle_optout(&run, NULL), CARBON_OPTOUT_NONE);
	run.comment = marked;
	assert_int_equal(carbon_settle_optout(&run, NULL), CARBON_OPTOUT_FLAG);
	record.begin_at = run.start_at;
	assert_int_equal(carbon_settle_optout(&run, &record), CARBON_OPTOUT_NONE);
	record.begin_at = run.start_at + 1;
	assert_int_equal(carbon_settle_optout(&run, &record), CARBON_OPTOUT_START);
	record.level = CARBON_LEVEL_OBSERVE; /* nothing was changed that a user could have changed back */
	assert_int_equal(carbon_settle_optout(&run, &record), CARBON_OPTOUT_NONE);
	record.level = CARBON_LEVEL_DEFAULT;
	record.cuts = 1; /* the begin is that of a later window */
	assert_int_equal(carbon_settle_optout(&run, &record), CARBON_OPTOUT_NONE);
	record.cuts = 0;
	snprintf(record.cluster, sizeof(record.cluster), "north");
	assert_int_equal(carbon_settle_optout(&run, &record), CARBON_OPTOUT_NONE);
	record.cluster[0] = '\0';
	record.freed_at = run.start_at - 60;
	assert_int_equal(carbon_settle_optout(&run, &record), CARBON_OPTOUT_SITE);
}

static void odd_rows_are_recognised(void **state)
{
	struct carbon_run run = make_run();

	(void)state;
	assert_int_equal(carbon_settle_odd(&run), 0);
	run.end_at = 0;
	assert_int_equal(carbon_settle_odd(&run), CARBON_ODD_NO_END);
	run.end_at = T0 - HOUR;
	run.use.cores = 0;
	strcpy(run.user, "4711");
	run.submit_at = T0 + 1;
	assert_int_equal(carbon_settle_odd(&run), CARBON_ODD_END_FIRST | CARBON_ODD_NO_CPUS |
			 CARBON_ODD_NO_USER | CARBON_ODD_CLOCK);
}

static void an_end_before_the_start_costs_nothing_and_breaks_nothing(void **state)
{
	struct carbon_run run = make_run();
	struct carbon_record record = make_record();
	struct carbon_series series;
	struct carbon_settled_mass mass;

	(void)state;
	make_series(&series);
	run.end_at = T0 - HOUR;
	mass = settle(&run, &record, &series, LATER);
	assert_float_equal(mass.mass_g, 0, 1e-12);
	assert_true(isnan(mass.credit_g));
	carbon_series_fini(&series);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(energy_follows_the_power_model),
		cmocka_unit_test(suspended_time_uses_nothing),
		cmocka_unit_test(measured_energy_counts_where_it_is_valid),
		cmocka_unit_test(emissions_integrate_over_the_very_hours),
		cmocka_unit_test(what_is_not_known_is_not_zero),
		cmocka_unit_test(missing_hours_are_bounded_by_those_around),
		cmocka_unit_test(estimates_stay_open_for_a_while_and_profiles_are_named),
		cmocka_unit_test(the_credit_is_of_the_power_above_idle),
		cmocka_unit_test(a_credit_may_be_negative),
		cmocka_unit_test(without_history_at_the_baseline_there_is_no_credit_yet),
		cmocka_unit_test(shadow_mode_gets_no_credit_but_a_shadow_of_one),
		cmocka_unit_test(credit_counts_by_the_slack_clock),
		cmocka_unit_test(what_is_freed_counts_where_the_run_that_took_it_ended),
		cmocka_unit_test(a_node_that_would_be_off_counts_whole),
		cmocka_unit_test(without_knowing_how_full_it_was_the_wall_clock_is_named),
		cmocka_unit_test(a_moved_job_is_weighed_against_its_home),
		cmocka_unit_test(idle_gpus_and_the_months_pue_count),
		cmocka_unit_test(later_segments_keep_the_distance_to_the_baseline),
		cmocka_unit_test(an_interrupted_job_pays_for_its_restart),
		cmocka_unit_test(why_our_part_ended_is_told_as_far_as_it_is_known),
		cmocka_unit_test(odd_rows_are_recognised),
		cmocka_unit_test(an_end_before_the_start_costs_nothing_and_breaks_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
