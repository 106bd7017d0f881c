/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One run's energy, its times, and what is odd about it. Must never turn what is not known into a zero.
 */
#include "accounting/settle.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#define JOULES_PER_KWH 3.6e6
#define PLAUSIBLE_LOW 0.2
#define PLAUSIBLE_HIGH 3.0

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

const char *carbon_credit_clock_name(enum carbon_credit_clock clock)
{
	return clock == CARBON_CLOCK_SLACK ? "slack" : "wall";
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

/* What its GPUs draw without work, which is never more than with it. */
static double gpu_idle_power(const struct carbon_place *place, const struct carbon_resources *use,
			     const struct carbon_terms *terms)
{
	double power_w = 0;

	if (!terms || isnan(terms->gpu_idle_w))
		return 0;
	for (size_t i = 0; i < use->gpu_kinds; i++)
		power_w += use->gpu[i].count * fmin(terms->gpu_idle_w, place->power.utilisation *
									       carbon_power_gpu(&place->power,
												use->gpu[i].type));
	return power_w;
}

struct carbon_settled_energy carbon_settle_energy(const struct carbon_run *run, const struct carbon_place *place,
						  const struct carbon_terms *terms)
{
	struct carbon_settled_energy out = {.pue = carbon_terms_pue(terms, place->power.pue, run->start_at),
					    .measured_kwh = NAN};
	struct carbon_resources use = run->use;

	use.nodes = node_share(run, place);
	out.power_w = carbon_power_it(&place->power, &use);
	use.nodes = 0;
	use.memory_gb = 0;
	out.above_w = carbon_power_it(&place->power, &use) - gpu_idle_power(place, &use, terms);
	out.running_s = running_time(run);
	out.energy_kwh = out.power_w * out.pue * out.running_s / JOULES_PER_KWH;
	out.low_kwh = out.high_kwh = out.energy_kwh;
	if (run->measured_j >= 0 && out.running_s > 0)
		weigh_measured(&out, run->measured_j, is_exclusive(run, place));
	return out;
}

/* --- when --- */

double carbon_settle_home_w(const struct carbon_settled_energy *energy, const struct carbon_record *record)
{
	double here_w = energy->power_w * energy->pue;

	return record->power_w > 0 ? here_w * record->home_power_w / record->power_w : record->home_power_w;
}

static struct carbon_settle_home home_of(const struct carbon_record *record)
{
	struct carbon_settle_home home = {.power_w = record->home_power_w, .slowness = 1,
					  .data_gb = record->data_gb, .data_g = record->data_g};

	memcpy(home.cluster, record->home_cluster, sizeof(home.cluster));
	memcpy(home.partition, record->home, sizeof(home.partition));
	memcpy(home.zone, record->home_zone, sizeof(home.zone));
	if (record->runtime_s && record->home_runtime_s)
		home.slowness = (double)record->home_runtime_s / record->runtime_s;
	return home;
}

struct carbon_settle_times carbon_settle_times(const struct carbon_run *run,
					       const struct carbon_record *record,
					       time_t first_start_at)
{
	struct carbon_settle_times times = {.start_at = run->start_at, .end_at = run->end_at};

	if (!record || (!record->delayed && !record->home[0]))
		return times;
	if (record->home[0])
		times.home = home_of(record);
	if (run->start_at > first_start_at)
		times.home.data_gb = times.home.data_g = 0; /* its first segment has brought them */
	if (record->level == CARBON_LEVEL_OBSERVE)
		times.shadow_at = record->begin_at + (run->start_at - first_start_at);
	else
		times.baseline_at = record->baseline_at + (run->start_at - first_start_at);
	if (record->cuts && run->end_at > run->start_at) {
		times.redo_s = (time_t)record->restart_s;
		if (times.redo_s > run->end_at - run->start_at)
			times.redo_s = run->end_at - run->start_at;
	}
	return times;
}

/* --- why our part ended --- */

enum carbon_optout carbon_settle_optout(const struct carbon_run *run, const struct carbon_record *record)
{
	if (!record)
		return carbon_optout_is_marked(run->comment) ? CARBON_OPTOUT_FLAG : CARBON_OPTOUT_NONE;
	if (record->freed_at)
		return CARBON_OPTOUT_SITE;
	/* Of a job that was sent elsewhere the begin is not that of its run. */
	if (!record->delayed || record->level == CARBON_LEVEL_OBSERVE || record->cuts || record->cluster[0])
		return CARBON_OPTOUT_NONE;
	return run->start_at < record->begin_at ? CARBON_OPTOUT_START : CARBON_OPTOUT_NONE;
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
