/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run's energy, emissions and timing credit. Must never turn what is not known into a zero.
 */
#include "accounting/settle.h"

#include <ctype.h>
#include <math.h>

#define JOULES_PER_KWH 3.6e6
#define PLAUSIBLE_LOW 0.2
#define PLAUSIBLE_HIGH 3.0
#define DAY_S 86400

static const char *const energy_names[CARBON_ENERGY_METHODS] = {
	[CARBON_ENERGY_MODEL] = "model",
	[CARBON_ENERGY_MEASURED] = "measured",
};

static const char *const intensity_names[CARBON_INTENSITY_METHODS] = {
	[CARBON_INTENSITY_UNKNOWN] = "unknown",
	[CARBON_INTENSITY_PROVISIONAL] = "provisional",
	[CARBON_INTENSITY_PROFILE] = "profile",
	[CARBON_INTENSITY_ESTIMATED] = "estimated",
	[CARBON_INTENSITY_SETTLED] = "settled",
};

static const struct {
	const char *name, *key;
} odds[CARBON_ODD_KINDS] = {
	{"no end yet", "no_end"},
	{"ended before it started", "end_first"},
	{"no CPUs", "no_cpus"},
	{"partition gone", "no_partition"},
	{"user gone", "no_user"},
	{"damaged decision record", "damaged_record"},
	{"started before it was submitted", "clock"},
};

const char *carbon_energy_method_name(enum carbon_energy_method method)
{
	return (unsigned int)method < CARBON_ENERGY_METHODS ? energy_names[method] : "?";
}

const char *carbon_intensity_method_name(enum carbon_intensity_method method)
{
	return (unsigned int)method < CARBON_INTENSITY_METHODS ? intensity_names[method] : "?";
}

const char *carbon_odd_name(unsigned int kind)
{
	return kind < CARBON_ODD_KINDS ? odds[kind].name : "?";
}

const char *carbon_odd_key(unsigned int kind)
{
	return kind < CARBON_ODD_KINDS ? odds[kind].key : "?";
}

/* --- energy --- */

/* Whole nodes, or the share of them that its CPUs are. */
static double node_share(const struct carbon_run *run, const struct carbon_place *place)
{
	double share;

	if (place->node_cores == 0)
		return run->use.nodes;
	share = run->use.cores / place->node_cores;
	return share < run->use.nodes ? share : run->use.nodes;
}

static bool is_exclusive(const struct carbon_run *run, const struct carbon_place *place)
{
	return place->node_cores > 0 && run->use.nodes > 0 &&
	       run->use.cores >= run->use.nodes * place->node_cores;
}

static double running_time(const struct carbon_run *run)
{
	double seconds;

	if (run->end_at == 0 || run->end_at <= run->start_at)
		return 0;
	seconds = (double)(run->end_at - run->start_at) - run->suspended_s;
	return seconds > 0 ? seconds : 0;
}

/* Model and measurement side by side; the one that does not count widens the bounds. */
static void weigh_measured(struct carbon_settled_energy *out, double joules, bool is_exclusive_run)
{
	double model_kwh = out->energy_kwh;
	double ratio;

	out->measured_kwh = joules / JOULES_PER_KWH * out->pue;
	ratio = model_kwh > 0 ? out->measured_kwh / model_kwh : 0;
	if (is_exclusive_run && ratio >= PLAUSIBLE_LOW && ratio <= PLAUSIBLE_HIGH) {
		out->method = CARBON_ENERGY_MEASURED;
		out->power_w *= ratio;
		out->above_w *= ratio;
		out->energy_kwh = out->low_kwh = out->high_kwh = out->measured_kwh;
	} else if (ratio >= PLAUSIBLE_LOW && ratio <= PLAUSIBLE_HIGH) {
		out->low_kwh = fmin(model_kwh, out->measured_kwh);
		out->high_kwh = fmax(model_kwh, out->measured_kwh);
	}
}

struct carbon_settled_energy carbon_settle_energy(const struct carbon_run *run,
						  const struct carbon_place *place)
{
	struct carbon_settled_energy out = {.pue = place->power.pue, .measured_kwh = NAN};
	struct carbon_resources use = run->use;

	use.nodes = node_share(run, place);
	out.power_w = carbon_power_it(&place->power, &use);
	use.nodes = 0;
	use.memory_gb = 0;
	out.above_w = carbon_power_it(&place->power, &use);
	out.running_s = running_time(run);
	out.energy_kwh = out.power_w * out.pue * out.running_s / JOULES_PER_KWH;
	out.low_kwh = out.high_kwh = out.energy_kwh;
	if (run->measured_j >= 0 && out.running_s > 0)
		weigh_measured(&out, run->measured_j, is_exclusive(run, place));
	return out;
}

/* --- when --- */

struct carbon_settle_times carbon_settle_times(const struct carbon_run *run,
					       const struct carbon_record *record,
					       time_t first_start_at)
{
	struct carbon_settle_times times = {.start_at = run->start_at, .end_at = run->end_at};

	if (!record || !record->delayed)
		return times;
	if (record->level == CARBON_LEVEL_OBSERVE)
		times.shadow_at = record->begin_at + (run->start_at - first_start_at);
	else
		times.baseline_at = record->baseline_at + (run->start_at - first_start_at);
	return times;
}

/* --- emissions --- */

static bool has_profile(const struct carbon_series *series, time_t from, time_t to)
{
	size_t i = carbon_series_index(series, from - CARBON_STEP_MAX_S + 1);

	for (; i < series->count && series->points[i].at < to; i++)
		if (series->points[i].kind == CARBON_KIND_PROFILE)
			return true;
	return false;
}

/* What may be said of [FROM, TO), which was NOW - TO ago. */
static enum carbon_intensity_method judge(const struct carbon_series *series,
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

/* Grams that starting at OTHER instead would have emitted more (of the power above idle). */
static double difference(const struct carbon_settled_energy *energy,
			 const struct carbon_settle_times *times, const struct carbon_series *series,
			 time_t other, struct carbon_integral *integral)
{
	struct carbon_integral real = integrate(series, times->start_at, times->end_at);

	*integral = integrate(series, other, other + (times->end_at - times->start_at));
	return energy->above_w * energy->pue * energy->running_s / JOULES_PER_KWH *
	       (mean_of(integral) - mean_of(&real));
}

static void weigh_credit(const struct carbon_settled_energy *energy,
			 const struct carbon_settle_times *times, const struct carbon_series *series,
			 time_t now, struct carbon_settled_mass *out)
{
	time_t length = times->end_at - times->start_at;
	struct carbon_integral other;
	enum carbon_intensity_method method;

	if (times->shadow_at)
		out->shadow_g = -difference(energy, times, series, times->shadow_at, &other);
	if (!times->baseline_at)
		return;
	out->credit_g = difference(energy, times, series, times->baseline_at, &other);
	method = judge(series, &other, times->baseline_at, times->baseline_at + length, now);
	out->credit_method = method < out->method ? method : out->method;
}

struct carbon_settled_mass carbon_settle_mass(const struct carbon_settled_energy *energy,
					      const struct carbon_settle_times *times,
					      const struct carbon_series *series, time_t now)
{
	struct carbon_settled_mass out = {
		.method = CARBON_INTENSITY_UNKNOWN,
		.credit_method = CARBON_INTENSITY_UNKNOWN,
		.mean_g_kwh = NAN, .mass_g = NAN, .low_g = NAN, .high_g = NAN,
		.credit_g = NAN, .shadow_g = NAN,
	};
	time_t end = times->end_at > times->start_at ? times->end_at : times->start_at + 1;

	if (!series)
		return out;
	out.intensity = integrate(series, times->start_at, times->end_at);
	out.method = judge(series, &out.intensity, times->start_at, end, now);
	out.mean_g_kwh = mean_of(&out.intensity);
	if (!isnan(out.mean_g_kwh))
		weigh_mass(energy, times, series, &out);
	if (times->end_at > times->start_at)
		weigh_credit(energy, times, series, now, &out);
	return out;
}

/* --- what is odd --- */

static bool is_number(const char *text)
{
	if (!*text)
		return true;
	while (isdigit((unsigned char)*text))
		text++;
	return !*text;
}

unsigned int carbon_settle_odd(const struct carbon_run *run)
{
	unsigned int odd = 0;

	if (run->end_at == 0)
		odd |= CARBON_ODD_NO_END;
	else if (run->end_at < run->start_at)
		odd |= CARBON_ODD_END_FIRST;
	if (run->use.cores <= 0)
		odd |= CARBON_ODD_NO_CPUS;
	if (is_number(run->user))
		odd |= CARBON_ODD_NO_USER;
	if (run->submit_at > run->start_at)
		odd |= CARBON_ODD_CLOCK;
	return odd;
}
