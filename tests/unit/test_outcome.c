/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One job's rows in one sum: segments added, the unknown kept unknown, clusters kept apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "accounting/ledger.h"
#include "accounting/outcome.h"
#include "accounting/store.h"
#include "lib/err.h"

#define T0 ((time_t)1714521600)

struct fixture {
	char folder[64], path[96];
	struct carbon_store *store;
	struct carbon_err err;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/carbon-outcome-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/carbon.db", fixture->folder);
	if (carbon_store_open(fixture->path, false, &fixture->store, &fixture->err) != 0)
		fail_msg("%s", fixture->err.text);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	static const char *const left[] = {"", "-wal", "-shm"};
	struct fixture *fixture = *state;
	char path[128];

	carbon_store_close(fixture->store);
	for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", fixture->path, left[i]);
		unlink(path);
	}
	assert_int_equal(rmdir(fixture->folder), 0);
	free(fixture);
	return 0;
}

struct sample {
	const char *cluster;
	uint32_t id, array, task;
	time_t start_at;
	enum carbon_energy_method energy;
	enum carbon_intensity_method method;
	double mass_g, credit_g;
};

/* An hour at one kilowatt. */
static void put(struct fixture *fixture, const struct sample *sample)
{
	struct carbon_run run = {.id = sample->id, .array_id = sample->array, .array_task = sample->task,
				 .start_at = sample->start_at, .end_at = sample->start_at + 3600, .measured_j = -1};
	struct carbon_place place = {.power = {.pue = 1}};
	struct carbon_settled_energy energy = {.method = sample->energy, .energy_kwh = 1, .low_kwh = 0.5, .high_kwh = 2};
	struct carbon_settle_times times = {.start_at = run.start_at, .end_at = run.end_at};
	struct carbon_settled_mass mass = {.method = sample->method, .mean_g_kwh = sample->mass_g, .mass_g = sample->mass_g,
					   .low_g = sample->mass_g / 2, .high_g = sample->mass_g * 2,
					   .credit_g = sample->credit_g, .credit_method = sample->method,
					   .shadow_g = NAN};
	struct carbon_ledger_row row = {.run = &run, .place = &place, .energy = &energy, .times = &times, .mass = &mass,
					.settled_at = T0 + 86400};

	snprintf(run.cluster, sizeof(run.cluster), "%s", sample->cluster);
	snprintf(run.user, sizeof(run.user), "ada");
	snprintf(run.partition, sizeof(run.partition), "batch");
	snprintf(place.zone, sizeof(place.zone), "DE");
	if (carbon_ledger_put(fixture->store, &row, &fixture->err) != 0)
		fail_msg("%s", fixture->err.text);
}

static void segments_of_a_job_are_added(void **state)
{
	const struct sample samples[] = {
		{"alpha", 7, 0, 0, T0, CARBON_ENERGY_MODEL, CARBON_INTENSITY_SETTLED, 100, -30},
		{"alpha", 7, 0, 0, T0 + 7200, CARBON_ENERGY_MEASURED, CARBON_INTENSITY_PROVISIONAL, 300, NAN},
		{"alpha", 8, 0, 0, T0, CARBON_ENERGY_MODEL, CARBON_INTENSITY_SETTLED, 100, NAN},
	};
	struct carbon_outcome_key key = {.job = 7};
	struct fixture *fixture = *state;
	struct carbon_outcome outcome;

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		put(fixture, &samples[i]);
	assert_int_equal(carbon_outcome_find(fixture->store, &key, &outcome, &fixture->err), 1);
	assert_string_equal(outcome.cluster, "alpha");
	assert_int_equal(outcome.runs, 2);
	assert_int_equal(outcome.start_at, T0);
	assert_int_equal(outcome.end_at, T0 + 10800);
	assert_true(outcome.energy_kwh == 2 && outcome.low_kwh == 1 && outcome.high_kwh == 4);
	assert_true(outcome.measured_kwh == 1);
	assert_int_equal(outcome.method, CARBON_INTENSITY_PROVISIONAL); /* the least that is known */
	assert_true(outcome.mass_g == 400);
	assert_true(outcome.credit_g == -30); /* negative stays negative */
	assert_int_equal(outcome.credit_method, CARBON_INTENSITY_SETTLED);
}

static void what_is_unknown_of_one_run_is_unknown_of_the_job(void **state)
{
	const struct sample samples[] = {
		{"alpha", 7, 0, 0, T0, CARBON_ENERGY_MODEL, CARBON_INTENSITY_SETTLED, 100, NAN},
		{"alpha", 7, 0, 0, T0 + 7200, CARBON_ENERGY_MODEL, CARBON_INTENSITY_UNKNOWN, NAN, NAN},
	};
	struct carbon_outcome_key key = {.job = 7};
	struct fixture *fixture = *state;
	struct carbon_outcome outcome;

	put(fixture, &samples[0]);
	put(fixture, &samples[1]);
	assert_int_equal(carbon_outcome_find(fixture->store, &key, &outcome, &fixture->err), 1);
	assert_true(outcome.energy_kwh == 2);
	assert_true(isnan(outcome.mass_g) && isnan(outcome.low_g) && isnan(outcome.credit_g));
	assert_int_equal(outcome.method, CARBON_INTENSITY_UNKNOWN);
}

static void clusters_and_tasks_are_kept_apart(void **state)
{
	const struct sample samples[] = {
		{"alpha", 7, 0, 0, T0, CARBON_ENERGY_MODEL, CARBON_INTENSITY_SETTLED, 100, NAN},
		{"beta", 7, 0, 0, T0, CARBON_ENERGY_MODEL, CARBON_INTENSITY_SETTLED, 200, NAN},
		{"alpha", 21, 20, 3, T0, CARBON_ENERGY_MODEL, CARBON_INTENSITY_SETTLED, 300, NAN},
	};
	struct carbon_outcome_key key = {.job = 7};
	struct fixture *fixture = *state;
	struct carbon_outcome outcome = {.runs = 99};

	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
		put(fixture, &samples[i]);
	assert_int_equal(carbon_outcome_find(fixture->store, &key, &outcome, &fixture->err), -1);
	assert_string_equal(fixture->err.text, "several clusters have a job 7 (--cluster names one)");
	assert_int_equal(outcome.runs, 99); /* untouched */
	key.cluster = "beta";
	assert_int_equal(carbon_outcome_find(fixture->store, &key, &outcome, &fixture->err), 1);
	assert_true(outcome.mass_g == 200);
	key = (struct carbon_outcome_key){.job = 20, .has_task = true, .task = 3};
	assert_int_equal(carbon_outcome_find(fixture->store, &key, &outcome, &fixture->err), 1);
	assert_true(outcome.mass_g == 300);
	key.task = 4;
	assert_int_equal(carbon_outcome_find(fixture->store, &key, &outcome, &fixture->err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(segments_of_a_job_are_added, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_unknown_of_one_run_is_unknown_of_the_job, set_up, tear_down),
		cmocka_unit_test_setup_teardown(clusters_and_tasks_are_kept_apart, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
