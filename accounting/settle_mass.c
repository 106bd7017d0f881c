/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run's emissions and timing credit. Must never turn what is not known into a zero, nor clip what is negative.
 */
#include "accounting/settle.h"

#include <math.h>

#include "accounting/slack.h"

#define JOULES_PER_KWH 3.6e6
#define DAY_S 86400

/* --- emissions --- */

static bool has_profile(const struct carbon_series *series, time_t from, time_t to)
{
	size_t i = carbon_series_index(series, from - CARBON_STEP_MAX_S + 1);

	for (; i < series->count && series->points[i].at < to; i++)
		if (series->points[i].kind == CARBON_KIND_PROFILE)
			return true;
	return false;
}

enum carbon_intensity_method carbon_settle_judge(const struct carbon_series *series,
						 const struct carbon_integral *integral, time_t from, time_t to,
						 time_t now)
{
	double all_s = integral->known_s + integral->missing_s;
	bool is_open = now < to + CARBON_SETTLE_OPEN_S;

	if (integral->known_s > 0 && has_profile(series, from, to))
		return CARBON_INTENSITY_PROFILE;
	if (all_s > 0 && integral->missing_s == 0 && integral->estimated_s == 0)
		return CARBON_INTENSITY_SETTLED;
	if (is_open)
		return CARBON_INTENSITY_PROVISIONAL;
	return integral->known_s > 0 && integral->known_s >= all_s * CARBON_SETTLE_KNOWN_MIN
		       ? CARBON_INTENSITY_ESTIMATED
		       : CARBON_INTENSITY_UNKNOWN;
}

/* A run of no length still has an hour that it was in. */
static struct carbon_integral integrate(const struct carbon_series *series, time_t from, time_t to)
{
	return carbon_series_integrate(series, from, to > from ? to : from + 1);
}

/* Mean of the known part where enough is known; NAN else. */
static double mean_of(const struct carbon_integral *integral)
{
	double all_s = integral->known_s + integral->missing_s;

	if (integral->known_s <= 0 || integral->known_s < all_s * CARBON_SETTLE_KNOWN_MIN)
		return NAN;
	return carbon_integral_mean(integral);
}

/* Least and most intensity from a day before to a day after: what a missing hour may have been. */
static void find_range(const struct carbon_series *series, time_t from, time_t to, double *low,
		       double *high)
{
	size_t i = carbon_series_index(series, from - DAY_S);

	*low = INFINITY;
	*high = -INFINITY;
	for (; i < series->count && series->points[i].at < to + DAY_S; i++) {
		*low = fmin(*low, series->points[i].g_kwh);
		*high = fmax(*high, series->points[i].g_kwh);
	}
}

static void weigh_mass(const struct carbon_settled_energy *energy,
		       const struct carbon_settle_times *times, const struct carbon_series *series,
		       struct carbon_settled_mass *out)
{
	double share = out->intensity.missing_s / (out->intensity.known_s + out->intensity.missing_s);
	double low = 0, high = 0;

	if (share > 0)
		find_range(series, times->start_at, times->end_at, &low, &high);
	low = out->mean_g_kwh * (1 - share) + low * share;
	high = out->mean_g_kwh * (1 - share) + high * share;
	out->mass_g = energy->energy_kwh * out->mean_g_kwh;
	out->low_g = energy->low_kwh * low;
	out->high_g = energy->high_kwh * high;
}

/* --- credit --- */

/* What a sum weighs with so much power, for an hour without history as the mean of the rest. */
static double weigh(const struct carbon_slack_sum *sum, double idle_w, double off_w)
{
	double all_s = sum->intensity.known_s + sum->intensity.missing_s;

	if (isnan(mean_of(&sum->intensity)))
		return NAN;
	return (idle_w * (sum->intensity.g_s_kwh - sum->off_g_s_kwh) + off_w * sum->off_g_s_kwh) * all_s /
	       sum->intensity.known_s;
}

/* Grams that one less than another: power where a node would idle, and where it would be off. */
static double difference(const struct carbon_slack_sum *base, const struct carbon_slack_sum *real, double idle_w,
			 double off_w)
{
	return weigh(base, idle_w, off_w) - weigh(real, idle_w, off_w);
}

/* How far missing hours may lead astray, for each watt. */
static double doubt(const struct carbon_slack_sum *sum, const struct carbon_series *series)
{
	double low, high;

	if (sum->intensity.missing_s <= 0)
		return 0;
	find_range(series, sum->from_at, sum->to_at, &low, &high);
	return high > low ? (high - low) * sum->intensity.missing_s : 0;
}

static void bound_credit(struct carbon_settled_mass *out, const struct carbon_settled_energy *energy, const double grams[3],
			 double doubt_g)
{
	const double ratio[] = {energy->energy_kwh > 0 ? energy->low_kwh / energy->energy_kwh : 1,
				energy->energy_kwh > 0 ? energy->high_kwh / energy->energy_kwh : 1};

	out->credit_low_g = INFINITY;
	out->credit_high_g = -INFINITY;
	for (size_t i = 0; i < 3; i++)
		for (size_t j = 0; j < 2; j++) {
			out->credit_low_g = fmin(out->credit_low_g, grams[i] * ratio[j] - doubt_g);
			out->credit_high_g = fmax(out->credit_high_g, grams[i] * ratio[j] + doubt_g);
		}
}

/* Later history or a queue that has not cleared yet may change it. */
static enum carbon_intensity_method judge_sum(const struct carbon_slack_sum *sum, const struct carbon_series *series,
					      time_t now)
{
	enum carbon_intensity_method method =
		carbon_settle_judge(series, &sum->intensity, sum->from_at, sum->to_at, now);

	if (method != CARBON_INTENSITY_SETTLED)
		return method;
	if ((sum->is_open || sum->is_wall) && now < sum->to_at + CARBON_SETTLE_OPEN_S)
		return CARBON_INTENSITY_PROVISIONAL;
	return sum->is_open ? CARBON_INTENSITY_ESTIMATED : method;
}

static enum carbon_intensity_method worse(enum carbon_intensity_method a, enum carbon_intensity_method b)
{
	return a < b ? a : b;
}

/* What starting at OTHER instead of as it really did would have emitted more, into OUT as its credit. */
static void weigh_credit(const struct carbon_settled_energy *energy, const struct carbon_settle_times *times,
			 const struct carbon_settle_grid *grid, time_t other, struct carbon_settled_mass *out)
{
	time_t length = times->end_at - times->start_at;
	const struct carbon_slack_sum sum[2] = {
		carbon_slack_integrate(grid->clock, other, other + length - times->redo_s),
		carbon_slack_integrate(grid->clock, times->start_at, times->end_at)};
	double scale = energy->pue * energy->running_s / (double)length / JOULES_PER_KWH;
	double above_w = energy->above_w * scale, all_w = energy->power_w * scale;
	const double grams[3] = {difference(&sum[0], &sum[1], above_w, all_w),
				 difference(&sum[0], &sum[1], above_w, above_w),
				 difference(&sum[0], &sum[1], all_w, all_w)};

	out->credit_g = grams[0];
	out->credit_clock = sum[0].is_wall || sum[1].is_wall ? CARBON_CLOCK_WALL : CARBON_CLOCK_SLACK;
	out->credit_method = worse(judge_sum(&sum[0], grid->series, grid->now), judge_sum(&sum[1], grid->series, grid->now));
	if (isnan(grams[0]))
		return;
	bound_credit(out, energy, grams, above_w * (doubt(&sum[0], grid->series) + doubt(&sum[1], grid->series)));
}

struct carbon_settled_mass carbon_settle_mass(const struct carbon_settled_energy *energy,
					      const struct carbon_settle_times *times,
					      const struct carbon_settle_grid *grid)
{
	struct carbon_settled_mass out = {
		.method = CARBON_INTENSITY_UNKNOWN,
		.credit_method = CARBON_INTENSITY_UNKNOWN,
		.mean_g_kwh = NAN, .mass_g = NAN, .low_g = NAN, .high_g = NAN,
		.credit_g = NAN, .credit_low_g = NAN, .credit_high_g = NAN, .shadow_g = NAN,
		.direct_g = NAN, .marginal_g = NAN,
	};
	struct carbon_settled_mass shadow = out;
	const struct carbon_series *series = grid->series;
	time_t end = times->end_at > times->start_at ? times->end_at : times->start_at + 1;

	if (!series)
		return out;
	out.intensity = integrate(series, times->start_at, times->end_at);
	out.method = carbon_settle_judge(series, &out.intensity, times->start_at, end, grid->now);
	out.mean_g_kwh = mean_of(&out.intensity);
	if (!isnan(out.mean_g_kwh))
		weigh_mass(energy, times, series, &out);
	if (times->end_at <= times->start_at)
		return out;
	if (times->baseline_at)
		weigh_credit(energy, times, grid, times->baseline_at, &out);
	if (times->shadow_at) {
		weigh_credit(energy, times, grid, times->shadow_at, &shadow);
		out.shadow_g = -shadow.credit_g;
	}
	return out;
}

/* Grams of POWER_W over a sum; NAN: not known. */
static double weigh_all(const struct carbon_slack_sum *sum, double power_w)
{
	return weigh(sum, power_w, power_w) / JOULES_PER_KWH;
}

void carbon_settle_moved(const struct carbon_settled_energy *energy, const struct carbon_settle_times *times,
			 const struct carbon_settle_grid *here, const struct carbon_settle_grid *home,
			 struct carbon_settled_mass *out)
{
	time_t length = times->end_at - times->start_at;
	time_t there = (time_t)((double)length * times->home.slowness);
	struct carbon_slack_sum base, real;
	double base_g, real_g, scale, above;

	out->credit_g = out->credit_low_g = out->credit_high_g = out->shadow_g = NAN;
	out->credit_method = CARBON_INTENSITY_UNKNOWN;
	if (!times->baseline_at || length <= 0 || there <= 0 || !here->series || !home->series)
		return;
	base = carbon_slack_integrate(home->clock, times->baseline_at, times->baseline_at + there);
	real = carbon_slack_integrate(here->clock, times->start_at, times->end_at);
	scale = energy->running_s / (double)length;
	base_g = weigh_all(&base, times->home.power_w * scale);
	real_g = weigh_all(&real, energy->power_w * energy->pue * scale);
	above = energy->power_w > 0 ? energy->above_w / energy->power_w : 1;
	out->credit_clock = base.is_wall || real.is_wall ? CARBON_CLOCK_WALL : CARBON_CLOCK_SLACK;
	out->credit_method = worse(judge_sum(&base, home->series, home->now), judge_sum(&real, here->series, here->now));
	out->credit_g = base_g - real_g - times->home.data_g;
	if (isnan(out->credit_g))
		return;
	out->credit_low_g = fmin(out->credit_g, above * (base_g - real_g) - times->home.data_g) -
			    (energy->energy_kwh > 0 ? real_g * (energy->high_kwh / energy->energy_kwh - 1) : 0);
	out->credit_high_g = fmax(out->credit_g, above * (base_g - real_g) - times->home.data_g) +
			     (energy->energy_kwh > 0 ? real_g * (1 - energy->low_kwh / energy->energy_kwh) : 0);
}

double carbon_settle_beside(const struct carbon_settled_energy *energy, const struct carbon_settle_times *times,
			    const struct carbon_series *series)
{
	struct carbon_integral integral = integrate(series, times->start_at, times->end_at);

	return energy->energy_kwh * mean_of(&integral);
}
