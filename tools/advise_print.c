/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advice in words and in JSON. Says "saved" of the cluster effect alone, always as a range, and
 * never more digits than the replay's error allows.
 */
#include "tools/advise_print.h"

#include <math.h>

#include "lib/time.h"
#include "tools/json.h"
#include "tools/words.h"

#define HALF 0.5
#define BETTER 1.25 /* knowing the grid would save so much more: the forecast is what lacks */

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

/* "-": nobody waited at all. */
static const char *wait_text(double seconds, char out[CARBON_DURATION_TEXT])
{
	if (!isfinite(seconds))
		return "-";
	carbon_duration_format((time_t)seconds, out);
	return out;
}

/* --- text --- */

static void print_days(FILE *out, const struct carbon_advise *advise)
{
	char from[CARBON_TIME_TEXT], to[CARBON_TIME_TEXT];

	carbon_time_format(advise->from_at, from);
	carbon_time_format(advise->to_at, to);
	fprintf(out,
		"From %.16sZ to %.16sZ: the ledger's runs replayed with the begins that shadow "
		"mode would have given.\n",
		from, to);
}

static void print_case(FILE *out, const struct carbon_advise_case *some)
{
	const struct carbon_effect *effect = &some->effect;
	char mass[CARBON_QUANTITY_TEXT], others[CARBON_DURATION_TEXT],
		before[CARBON_DURATION_TEXT], delayed[CARBON_DURATION_TEXT];

	carbon_mass_format(effect->effect_g, CARBON_TOOL_DIGITS, mass);
	fprintf(out, "  %6.0f %% %7.1f %% %7.1f %% (%5.1f to %5.1f) %10s %12s %12s %14s\n",
		100 * some->most_share, 100 * some->share,
		percent(effect->effect_g, effect->without_g),
		percent(effect->low_g, effect->without_g),
		percent(effect->high_g, effect->without_g), mass,
		wait_text(effect->bystanders.with_s, others),
		wait_text(effect->bystanders.without_s, before),
		wait_text(effect->delayed.with_s, delayed));
}

static void print_cases(FILE *out, const struct carbon_advise_place *place)
{
	const struct carbon_effect *all = &place->some[place->cases - 1].effect;

	fprintf(out, "  %8s %9s %9s %16s %10s %12s %12s %14s\n", "at most", "delayed", "saved",
		"", "", "others wait", "without us", "delayed wait");
	for (size_t c = 0; c < place->cases; c++)
		print_case(out, &place->some[c]);
	if (isfinite(place->best_g))
		fprintf(out, "  Had the grid been known in advance: %.1f %%.\n",
			percent(place->best_g, all->without_g));
	if (all->unknown || all->too_large)
		fprintf(out, "  Left out: %zu runs in hours without intensity.\n",
			all->unknown + all->too_large);
}

static void print_advice(FILE *out, const struct carbon_advise_place *place)
{
	const struct carbon_advise_case *all =
		place->cases ? &place->some[place->cases - 1] : NULL;

	switch (place->advice) {
	case CARBON_ADVICE_ENABLE:
		fputs("  Enable: all that shadow mode would have delayed may wait.\n", out);
		return;
	case CARBON_ADVICE_LIMIT:
		fprintf(out,
			"  Enable with max_flexible_share = %.0f: with more, others would wait "
			"too long.\n",
			100 * place->chosen->most_share);
		return;
	case CARBON_ADVICE_UNSURE:
		fputs("  Unsure: the saving is less than what the replay itself is wrong by.\n",
		      out);
		return;
	case CARBON_ADVICE_SMALL:
		fputs("  Do not enable: there is next to nothing to save here.\n", out);
		return;
	case CARBON_ADVICE_WAITS:
		fputs("  Do not enable: others would wait too long, however little is "
		      "delayed.\n",
		      out);
		return;
	case CARBON_ADVICE_FULL:
		fprintf(out, "  Do not enable: full %.0f %% of the time.\n",
			100 * all->effect.full_share);
		return;
	default:
		if (place->days >= CARBON_ADVISE_DAYS) {
			fputs("  Nothing to judge by: shadow mode would have delayed no job "
			      "(default_delay, min_saving, limits in carbon.conf).\n",
			      out);
			return;
		}
		fprintf(out,
			"  Nothing to judge by: %d days with decisions of shadow mode, %d are "
			"needed, 30 are better.\n",
			place->days, CARBON_ADVISE_DAYS);
	}
}

static void print_others(FILE *out, const struct carbon_advise_place *place)
{
	for (size_t i = 0; i < place->others; i++)
		if (place->other[i].less_share > 0)
			fprintf(out,
				"  - In %s the same runs, at the same times and power, would "
				"have emitted %.0f %% less (moving data not counted).\n",
				place->other[i].zone, 100 * place->other[i].less_share);
}

/* What the runs themselves tell. */
static void print_help(FILE *out, const struct carbon_advise_place *place)
{
	const struct carbon_advise_case *all = &place->some[place->cases - 1];

	fputs("  What else would help:\n", out);
	if (place->used_share < 1)
		fprintf(out,
			"  - On average %.0f %% of the %s stood idle: powering idle nodes down "
			"saves their power in every hour, clean or not.\n",
			100 * (1 - place->used_share), place->unit);
	if (place->advice == CARBON_ADVICE_FULL)
		fputs("  - Where work always waits, only less energy for the same work helps: "
		      "measured energy in front of users, better limits on power.\n",
		      out);
	if (place->long_share > 0.1)
		fprintf(out,
			"  - %.0f %% of the energy is in runs of half a day or more, which "
			"gain little by a later start: --carbon-interruptible.\n",
			100 * place->long_share);
	if (isfinite(place->limit_share) && place->limit_share < HALF)
		fprintf(out,
			"  - Half of the runs end before %.0f %% of their time limit: closer "
			"limits let backfilling fill the hours that delays leave.\n",
			100 * place->limit_share);
	if (place->advice != CARBON_ADVICE_FULL && place->best_g > 0 &&
	    place->best_g > BETTER * all->effect.effect_g)
		fputs("  - A better forecast: a provider's own, and replan after each of "
		      "them.\n",
		      out);
	print_others(out, place);
}

static void print_place(FILE *out, const struct carbon_advise_place *place)
{
	fprintf(out, "\n%s%s%s (%s): %zu runs", place->cluster, place->cluster[0] ? ", " : "",
		place->name, place->zone[0] ? place->zone : "no zone", place->runs);
	if (!place->cases) {
		fprintf(out, "\n  Cannot be replayed: %s\n", place->trouble);
		return;
	}
	fprintf(out, " on %u %s, %.0f %% used, full %.0f %% of the time\n",
		place->some[0].effect.size, place->unit, 100 * place->used_share,
		100 * place->some[0].effect.full_share);
	fprintf(out,
		"  Shadow mode decided %zu of them on %d days, and would have delayed %zu.\n",
		place->decided, place->days, place->delayed);
	if (place->delayed)
		print_cases(out, place);
	print_advice(out, place);
	print_help(out, place);
}

void carbon_advise_print_text(FILE *out, const struct carbon_advise *advise)
{
	print_days(out, advise);
	for (size_t i = 0; i < advise->places; i++)
		print_place(out, &advise->place[i]);
}

/* --- JSON --- */

static void json_case(struct carbon_json *json, const struct carbon_advise_case *some)
{
	const struct carbon_effect *effect = &some->effect;

	carbon_json_begin(json, NULL, '{');
	carbon_json_number(json, "most_percent", 100 * some->most_share);
	carbon_json_number(json, "delayed_percent", 100 * some->share);
	carbon_json_int(json, "delayed", (long long)effect->delayed.jobs);
	carbon_json_number(json, "saved_percent", percent(effect->effect_g, effect->without_g));
	carbon_json_number(json, "saved_low_percent",
			   percent(effect->low_g, effect->without_g));
	carbon_json_number(json, "saved_high_percent",
			   percent(effect->high_g, effect->without_g));
	carbon_json_number(json, "saved_kg", effect->effect_g / 1000);
	carbon_json_number(json, "others_wait_s", effect->bystanders.with_s);
	carbon_json_number(json, "others_wait_without_s", effect->bystanders.without_s);
	carbon_json_number(json, "others_wait_p95_s", effect->bystanders.with_p95_s);
	carbon_json_number(json, "others_wait_without_p95_s", effect->bystanders.without_p95_s);
	carbon_json_number(json, "delayed_wait_s", effect->delayed.with_s);
	carbon_json_end(json, '}');
}

static void json_replayed(struct carbon_json *json, const struct carbon_advise_place *place)
{
	const struct carbon_effect *all = &place->some[place->cases - 1].effect;

	carbon_json_int(json, "size", (long long)all->size);
	carbon_json_text(json, "unit", place->unit);
	carbon_json_number(json, "used_percent", 100 * place->used_share);
	carbon_json_number(json, "full_percent", 100 * all->full_share);
	carbon_json_number(json, "energy_kwh", all->energy_kwh);
	carbon_json_number(json, "emissions_kg", all->without_g / 1000);
	carbon_json_number(json, "replay_error_kg", (all->high_g - all->effect_g) / 1000);
	carbon_json_int(json, "left_out", (long long)(all->unknown + all->too_large));
	carbon_json_number(json, "known_in_advance_percent",
			   percent(place->best_g, all->without_g));
	carbon_json_begin(json, "cases", '[');
	for (size_t c = 0; c < place->cases; c++)
		json_case(json, &place->some[c]);
	carbon_json_end(json, ']');
}

static void json_help(struct carbon_json *json, const struct carbon_advise_place *place)
{
	carbon_json_number(json, "long_runs_percent", 100 * place->long_share);
	carbon_json_number(json, "median_of_limit_percent", 100 * place->limit_share);
	carbon_json_begin(json, "other_zones", '[');
	for (size_t i = 0; i < place->others; i++) {
		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "zone", place->other[i].zone);
		carbon_json_number(json, "less_percent", 100 * place->other[i].less_share);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void json_place(struct carbon_json *json, const struct carbon_advise_place *place)
{
	carbon_json_begin(json, NULL, '{');
	carbon_json_text(json, "cluster", place->cluster[0] ? place->cluster : NULL);
	carbon_json_text(json, "place", place->name);
	carbon_json_text(json, "zone", place->zone[0] ? place->zone : NULL);
	carbon_json_int(json, "jobs", (long long)place->runs);
	carbon_json_int(json, "decided", (long long)place->decided);
	carbon_json_int(json, "would_wait", (long long)place->delayed);
	carbon_json_int(json, "days", place->days);
	carbon_json_text(json, "advice", carbon_advice_name(place->advice));
	carbon_json_bool(json, "enable",
			 place->advice == CARBON_ADVICE_ENABLE ||
				 place->advice == CARBON_ADVICE_LIMIT);
	carbon_json_number(json, "max_flexible_share",
			   place->chosen ? 100 * place->chosen->most_share : NAN);
	carbon_json_text(json, "trouble", place->trouble[0] ? place->trouble : NULL);
	if (place->cases)
		json_replayed(json, place);
	json_help(json, place);
	carbon_json_end(json, '}');
}

void carbon_advise_print_json(FILE *out, const struct carbon_advise *advise)
{
	struct carbon_json json;

	carbon_json_init(&json, out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_time(&json, "from", advise->from_at);
	carbon_json_time(&json, "to", advise->to_at);
	carbon_json_begin(&json, "places", '[');
	for (size_t i = 0; i < advise->places; i++)
		json_place(&json, &advise->place[i]);
	carbon_json_end(&json, ']');
	carbon_json_end(&json, '}');
}
