/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What our own forecast costs one run of carbon-forecaster: 50 zones with three years of
 * made-up hours, every fit and the band included, and once more from the end of a provider's
 * forecast on, nothing kept from an earlier run. Goals:
 * under 20 s of CPU and 200 MB.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "forecaster/model.h"
#include "lib/err.h"
#include "tests/bench/verdict.h"

#define ZONES 50
#define HOURS (3 * 8766)
#define AHEAD 35 /* hours of a provider's forecast, to go on from */
#define START ((time_t)1609459200)
#define GOAL_S 20.0
#define GOAL_MB 200.0

static double grid[HOURS];

/* Uniform in [-1, 1), the same on every machine. */
static double noise(uint64_t *state)
{
	*state = *state * 6364136223846793005u + 1442695040888963407u;
	return (double)(*state >> 33) / (double)(1u << 30) - 1;
}

/* A daily wave that grows in summer, cleaner weekends, and wind that lasts. */
static void make_grid(uint64_t seed)
{
	double wind = 0;

	for (size_t t = 0; t < HOURS; t++) {
		double year = cos(2 * M_PI * (double)t / 8766),
		       day = sin(2 * M_PI * (double)t / 24);

		wind = 0.97 * wind + 20 * noise(&seed);
		grid[t] = 400 + (90 - 40 * year) * day - (t / 24 % 7 < 2 ? 60 : 0) + wind;
		grid[t] = fmax(grid[t], 20);
	}
}

static int forecast(struct carbon_model_forecast *out, struct carbon_err *err)
{
	struct carbon_model *model = carbon_model_create(START);
	double beyond[CARBON_MODEL_HORIZON_H];
	int rc = -1;

	if (!model)
		return carbon_err_set(err, "no memory");
	if (carbon_model_extend(model, grid, HOURS, err) == 0)
		rc = carbon_model_predict(model, out, err);
	if (rc == 0 && (carbon_model_extend(model, grid, AHEAD, err) < 0 || !carbon_model_mean(model, beyond)))
		rc = -1;
	carbon_model_destroy(model);
	if (rc == 0 && !out->has_band)
		return carbon_err_set(err, "a forecast without a band");
	return rc;
}

int main(void)
{
	struct carbon_model_forecast out;
	struct carbon_err err;

	for (uint64_t zone = 1; zone <= ZONES; zone++) {
		make_grid(zone);
		if (forecast(&out, &err) < 0) {
			fprintf(stderr, "bench_model: %s\n", err.text);
			return 1;
		}
	}
	printf("own forecast (%s) of %d zones with three years\n", out.model, ZONES);
	return bench_verdict("in all", bench_cpu_s(), "CPU s", GOAL_S) |
	       bench_verdict("and its memory", bench_memory_mb(), "MB", GOAL_MB);
}
