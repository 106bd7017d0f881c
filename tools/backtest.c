/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rolling-origin forecasts and their scores. A model is given the hours before an origin and
 * nothing else; the truth is looked at only when its forecast is already written down.
 */
#include "tools/backtest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"

#define DAY_H 24
#define OURS 0
#define PROGRESS_EVERY 64

/* Sums per lead over all origins. */
struct score {
	double ape[CARBON_MODEL_HORIZON_H];
	double ae[CARBON_MODEL_HORIZON_H];
	size_t positive[CARBON_MODEL_HORIZON_H]; /* hours in APE */
	size_t known[CARBON_MODEL_HORIZON_H];	 /* hours in AE */
	size_t banded, inside;
};

static void tell(const struct carbon_backtest_ask *ask, double done)
{
	if (ask->progress)
		ask->progress(ask->context, done);
}

/* --- what is asked --- */

static int check_ask(const struct carbon_backtest_ask *ask, struct carbon_err *err)
{
	if (ask->from > ask->to || ask->to > ask->count ||
	    ask->to - ask->from > CARBON_BACKTEST_HOURS_MAX)
		return carbon_err_set(err,
				      "hours %zu to %zu of %zu: not a span of at "
				      "most 12 years",
				      ask->from, ask->to, ask->count);
	if (ask->horizon_h < 1 || ask->horizon_h > CARBON_MODEL_HORIZON_H)
		return carbon_err_set(err, "horizon %zu h is not 1 to %d h", ask->horizon_h,
				      CARBON_MODEL_HORIZON_H);
	if (ask->every_h < 1)
		return carbon_err_set(err, "every %zu h is not at least 1 h", ask->every_h);
	if (ask->from + ask->horizon_h > ask->to)
		return carbon_err_set(err, "a span of %zu h holds no forecast of %zu h",
				      ask->to - ask->from, ask->horizon_h);
	if (ask->runtime_h == 0)
		return 0;
	if (ask->delay_h + ask->runtime_h > ask->horizon_h)
		return carbon_err_set(err,
				      "delay %zu h and run time %zu h reach past "
				      "the horizon of %zu h",
				      ask->delay_h, ask->runtime_h, ask->horizon_h);
	return 0;
}

/* 24, 48, ... up to the horizon, and the horizon itself. */
static void set_marks(const struct carbon_backtest_ask *ask, struct carbon_backtest *out)
{
	out->marks = 0;
	for (size_t h = DAY_H; h < ask->horizon_h + DAY_H; h += DAY_H)
		out->mark_h[out->marks++] = h < ask->horizon_h ? h : ask->horizon_h;
}

/* Nobody forecasts from an hour whose past is not there. */
static bool is_origin(const struct carbon_backtest_ask *ask, size_t origin)
{
	return origin > 0 && !isnan(ask->g_kwh[origin - 1]);
}

/* Whether the forecast from ORIGIN counts for accuracy: on the grid, its horizon before the
 * end. */
static bool is_scored(const struct carbon_backtest_ask *ask, size_t origin)
{
	return (origin - ask->from) % ask->every_h == 0 && origin + ask->horizon_h <= ask->to;
}

/* --- forecasts --- */

static void score_band(const struct carbon_backtest_ask *ask, size_t origin,
		       const struct carbon_model_forecast *forecast, struct score *score)
{
	for (size_t h = 0; forecast->has_band && h < ask->horizon_h; h++) {
		double truth = ask->g_kwh[origin + h];

		if (isnan(truth))
			continue;
		score->banded++;
		score->inside +=
			truth >= forecast->low_g_kwh[h] && truth <= forecast->high_g_kwh[h];
	}
}

static void set_row(const struct carbon_backtest_ask *ask, const double *mean, float *row)
{
	for (size_t h = 0; h < ask->horizon_h; h++)
		row[h] = (float)mean[h];
}

/* Our model on its way through the hours: it has been given those before SEEN. */
struct walk {
	struct carbon_model *model;
	size_t seen;
	struct carbon_model_forecast forecast;
};

/* The forecast from ORIGIN, of a model that has seen what lies before it and nothing else. */
static int walk_to(const struct carbon_backtest_ask *ask, size_t origin, struct walk *walk,
		   struct carbon_err *err)
{
	if (carbon_model_extend(walk->model, ask->g_kwh + walk->seen, origin - walk->seen,
				err) < 0)
		return -1;
	walk->seen = origin;
	return is_origin(ask, origin) ? carbon_model_predict(walk->model, &walk->forecast, err)
				      : 0;
}

static int fill_ours(const struct carbon_backtest_ask *ask, struct carbon_backtest_rows *rows,
		     struct score *score, struct carbon_err *err)
{
	struct walk walk = {.model = carbon_model_create(ask->start_at)};
	int rc = -1;

	if (!walk.model) {
		carbon_err_set(err, "no memory for a model");
		goto out;
	}
	for (size_t i = 0; i < rows->count; i++) {
		size_t origin = ask->from + i * rows->step_h;

		if (walk_to(ask, origin, &walk, err) < 0)
			goto out;
		if (is_origin(ask, origin))
			set_row(ask, walk.forecast.mean_g_kwh,
				rows->mean_g_kwh + i * ask->horizon_h);
		if (is_origin(ask, origin) && is_scored(ask, origin))
			score_band(ask, origin, &walk.forecast, score);
		if (i % PROGRESS_EVERY == 0)
			tell(ask, 0.8 * (double)i / (double)rows->count);
	}
	rc = 0;
out:
	carbon_model_destroy(walk.model);
	return rc;
}

static void fill_simple(const struct carbon_backtest_ask *ask, enum carbon_simple simple,
			struct carbon_backtest_rows *rows)
{
	double mean[CARBON_MODEL_HORIZON_H];

	for (size_t i = 0; i < rows->count; i++) {
		size_t origin = ask->from + i * rows->step_h;

		if (is_origin(ask, origin) &&
		    carbon_simple_predict(simple, ask->g_kwh, origin, ask->horizon_h, mean))
			set_row(ask, mean, rows->mean_g_kwh + i * ask->horizon_h);
	}
}

/* --- scores --- */

static void score_row(const struct carbon_backtest_ask *ask, size_t origin, const float *row,
		      struct score *score)
{
	for (size_t h = 0; h < ask->horizon_h; h++) {
		double truth = ask->g_kwh[origin + h];
		double miss = fabs((double)row[h] - truth);

		if (isnan(truth))
			continue;
		score->ae[h] += miss;
		score->known[h]++;
		if (truth <= 0)
			continue;
		score->ape[h] += miss / truth;
		score->positive[h]++;
	}
}

static void set_scores(const struct score *score, struct carbon_backtest *out,
		       struct carbon_backtest_model *model)
{
	double ape = 0, ae = 0;
	size_t positive = 0, known = 0, h = 0;

	for (size_t mark = 0; mark < out->marks; mark++) {
		for (; h < out->mark_h[mark]; h++) {
			ape += score->ape[h];
			ae += score->ae[h];
			positive += score->positive[h];
			known += score->known[h];
		}
		model->mape[mark] = positive ? 100 * ape / (double)positive : NAN;
		model->mae_g_kwh[mark] = known ? ae / (double)known : NAN;
	}
	model->coverage80 =
		score->banded ? 100 * (double)score->inside / (double)score->banded : NAN;
}

/* Count and score the rows that are for accuracy. */
static void score_rows(const struct carbon_backtest_ask *ask,
		       const struct carbon_backtest_rows *rows, struct score *score,
		       struct carbon_backtest *out)
{
	out->origins = out->skipped = 0;
	for (size_t i = 0; i < rows->count; i++) {
		size_t origin = ask->from + i * rows->step_h;
		const float *row = rows->mean_g_kwh + i * ask->horizon_h;

		if (!is_scored(ask, origin))
			continue;
		if (isnan(row[0])) {
			out->skipped++;
			continue;
		}
		out->origins++;
		score_row(ask, origin, row, score);
	}
}

static void save_by(const struct carbon_backtest_ask *ask,
		    const struct carbon_backtest_rows *rows, struct carbon_backtest *out,
		    struct carbon_backtest_model *model)
{
	model->saved_once = model->saved_again = model->share_once = model->share_again = NAN;
	if (out->jobs == 0)
		return;
	model->saved_once = carbon_backtest_save(ask, rows, 0, &out->jobs);
	if (ask->replan_h > 0)
		model->saved_again = carbon_backtest_save(ask, rows, ask->replan_h, &out->jobs);
	if (!(out->clairvoyant_saved > 0))
		return;
	model->share_once = 100 * model->saved_once / out->clairvoyant_saved;
	model->share_again = 100 * model->saved_again / out->clairvoyant_saved;
}

/* Forecasts, scores and savings of one model: ours, or the simple one before INDEX. */
static int run_model(const struct carbon_backtest_ask *ask, struct carbon_backtest_rows *rows,
		     size_t index, struct carbon_backtest *out, struct carbon_err *err)
{
	struct carbon_backtest_model *model = &out->model[index];
	enum carbon_simple simple = (enum carbon_simple)(index - 1);
	struct score score = {0};

	for (size_t i = 0; i < rows->count * ask->horizon_h; i++)
		rows->mean_g_kwh[i] = NAN;
	model->name = index == OURS ? "ours" : carbon_simple_name(simple);
	if (index != OURS)
		fill_simple(ask, simple, rows);
	else if (fill_ours(ask, rows, &score, err) < 0)
		return -1;
	score_rows(ask, rows, &score, out);
	set_scores(&score, out, model);
	save_by(ask, rows, out, model);
	tell(ask, 0.8 + 0.2 * (double)index / (CARBON_BACKTEST_MODELS - 1));
	return 0;
}

/* Jobs need a forecast in every hour, accuracy only on its grid. */
static int make_rows(const struct carbon_backtest_ask *ask, struct carbon_backtest_rows *rows,
		     struct carbon_err *err)
{
	rows->step_h = ask->runtime_h > 0 ? 1 : ask->every_h;
	rows->count = ask->runtime_h > 0
			      ? ask->to - ask->from
			      : (ask->to - ask->from - ask->horizon_h) / ask->every_h + 1;
	rows->mean_g_kwh = calloc(rows->count * ask->horizon_h, sizeof(float));
	if (!rows->mean_g_kwh)
		return carbon_err_set(err, "no memory for %zu forecasts", rows->count);
	return 0;
}

int carbon_backtest_run(const struct carbon_backtest_ask *ask, struct carbon_backtest *out,
			struct carbon_err *err)
{
	struct carbon_backtest result = {0};
	struct carbon_backtest_rows rows = {0};
	int rc = -1;

	if (check_ask(ask, err) < 0 || make_rows(ask, &rows, err) < 0)
		goto out;
	set_marks(ask, &result);
	result.clairvoyant_saved = NAN;
	if (ask->runtime_h > 0)
		result.clairvoyant_saved = carbon_backtest_save(ask, NULL, 0, &result.jobs);
	if (ask->runtime_h > 0 && result.jobs == 0) {
		carbon_err_set(err,
			       "no job of %zu h that may wait %zu h has all its "
			       "hours known",
			       ask->runtime_h, ask->delay_h);
		goto out;
	}
	for (size_t i = 0; i < CARBON_BACKTEST_MODELS; i++)
		if (run_model(ask, &rows, i, &result, err) < 0)
			goto out;
	if (result.origins == 0) {
		carbon_err_set(err, "the hour before each of %zu origins is missing",
			       result.skipped);
		goto out;
	}
	*out = result;
	rc = 0;
out:
	free(rows.mean_g_kwh);
	return rc;
}
