/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A citation in words, as a row and as JSON. Names of users are no part of it; what is not known is said to be unknown.
 */
#include "config.h"

#include "tools/cite_print.h"

#include <math.h>
#include <string.h>

#include "accounting/cite.h"
#include "accounting/page.h"
#include "tools/json.h"
#include "tools/tool.h"

#define PLACES_SHOWN 4
#define PLACES_TEXT 320
#define PLAIN_TEXT 64

static double percent(double part, double whole)
{
	return whole > 0 ? 100 * part / whole : NAN;
}

static double pue_of(const struct carbon_report_line *sum)
{
	return sum->it_kwh > 0 ? sum->energy_kwh / sum->it_kwh : NAN;
}

/* All that a run drew, by its processors; of several kinds there is no such figure. */
static double watts_each(const struct carbon_cited *cited)
{
	double hours = cited->processors == 1 ? cited->processor[0].hours : 0;

	return hours > 0 ? cited->sum.it_kwh * 1000 / hours : NAN;
}

/* Four digits, and never an exponent: "0.3", "81.53", "11524". */
static const char *plain(double value, char out[PLAIN_TEXT])
{
	snprintf(out, PLAIN_TEXT, fabs(value) >= 1000 ? "%.0f" : "%.4g", value);
	return out;
}

static bool is_known(const struct carbon_cited *cited)
{
	return carbon_report_known_kwh(&cited->sum) > 0;
}

/* "alpha (DE), beta (FR)": clusters and zones, each once. */
static void list_places(const struct carbon_cited *cited, char out[PLACES_TEXT])
{
	size_t length = 0, shown = 0;

	out[0] = '\0';
	for (size_t i = 0; i < cited->places && length < PLACES_TEXT; i++) {
		const struct carbon_report_place *place = &cited->place[i];
		bool is_again = false;

		for (size_t j = 0; j < i; j++)
			is_again = is_again || (strcmp(cited->place[j].cluster, place->cluster) == 0 &&
						strcmp(cited->place[j].zone, place->zone) == 0);
		if (is_again)
			continue;
		if (shown++ == PLACES_SHOWN) {
			snprintf(out + length, PLACES_TEXT - length, " and elsewhere");
			return;
		}
		length += (size_t)snprintf(out + length, PLACES_TEXT - length, "%s%s (%s%s)", shown > 1 ? ", " : "",
					   place->cluster, place->zone[0] ? "zone " : "zone unknown", place->zone);
	}
}

/* --- as text --- */

static void say_runs(struct carbon_page *page, const struct carbon_cited *cited)
{
	const char *separator = " (";

	carbon_page_words(page, " in %llu job%s and %llu run%s", (unsigned long long)cited->sum.jobs,
			  cited->sum.jobs == 1 ? "" : "s", (unsigned long long)cited->sum.runs,
			  cited->sum.runs == 1 ? "" : "s");
	for (int i = 0; i < CARBON_CITE_ENDS; i++) {
		if (!cited->runs[i])
			continue;
		carbon_page_words(page, "%s%llu %s", separator, (unsigned long long)cited->runs[i],
				  carbon_cite_end_name((enum carbon_cite_end)i));
		separator = ", ";
	}
	carbon_page_words(page, ")");
}

static void say_processors(struct carbon_page *page, const struct carbon_cited *cited)
{
	carbon_page_words(page, " with");
	for (size_t i = 0; i < cited->processors; i++) {
		const struct carbon_cite_processor *processor = &cited->processor[i];

		carbon_page_words(page, i == 0 ? " " : i + 1 == cited->processors ? " and " : ", ");
		carbon_page_value(page, "", processor->hours, CARBON_UNIT_RATIO);
		carbon_page_words(page, " %s-hours (at most %llu in a run)", processor->type,
				  (unsigned long long)processor->most);
	}
}

static void say_mass(struct carbon_page *page, const struct carbon_cite_ask *ask, const struct carbon_cited *cited)
{
	const struct carbon_report_line *sum = &cited->sum;
	char low[PLAIN_TEXT], high[PLAIN_TEXT];

	if (!is_known(cited)) {
		carbon_page_words(page, " Its emissions are unknown: no history of its zones and times.");
		return;
	}
	carbon_page_words(page, " At a mean intensity of %.0f gCO2e/kWh (%s, location-based, nothing deducted) it emitted ",
			  carbon_report_intensity(sum), carbon_signal_name(ask->signal));
	carbon_page_value(page, "", sum->mass_kg, CARBON_UNIT_KG);
	if (sum->high_kg - sum->low_kg > sum->mass_kg * 1e-3)
		carbon_page_words(page, " (%s to %s)", plain(sum->low_kg, low), plain(sum->high_kg, high));
	carbon_page_words(page, ".");
	if (sum->unknown_kwh > 0)
		carbon_page_words(page, " Emissions of %s kWh are unknown and not in it.", plain(sum->unknown_kwh, low));
}

static void say_all(struct carbon_page *page, const struct carbon_cite_ask *ask, const struct carbon_cited *cited)
{
	const struct carbon_report_line *sum = &cited->sum;
	char places[PLACES_TEXT];

	list_places(cited, places);
	carbon_page_paragraph(page);
	carbon_page_words(page, "This work used ");
	carbon_page_value(page, "", sum->energy_kwh, CARBON_UNIT_KWH);
	carbon_page_words(page, " on %s", places);
	say_runs(page, cited);
	say_processors(page, cited);
	carbon_page_words(page, ", ");
	carbon_page_value(page, "", sum->job_h, CARBON_UNIT_RATIO);
	carbon_page_words(page, " hours of running time together; a PUE of %.3g is included.", pue_of(sum));
	say_mass(page, ask, cited);
	carbon_page_words(page, " %.0f %% of the energy was measured and %.0f %% is modelled from what was allocated; the "
			  "intensity of %.0f %% was measured, of the rest estimated or unknown (slurm-carbon %s).",
			  percent(sum->measured_kwh, sum->energy_kwh),
			  100 - percent(sum->measured_kwh, sum->energy_kwh),
			  percent(sum->method_kwh[CARBON_INTENSITY_SETTLED], sum->energy_kwh), PACKAGE_VERSION);
	carbon_page_paragraph_end(page);
}

/* Hours of different processors are no sum: each has its own. */
static void print_hours(FILE *out, const struct carbon_cited *cited)
{
	char hours[PLAIN_TEXT];

	for (size_t i = 0; i < cited->processors; i++) {
		const struct carbon_cite_processor *processor = &cited->processor[i];

		fprintf(out, "%s%s", i ? ", " : "", plain(processor->hours, hours));
		if (cited->processors > 1)
			fprintf(out, " %s", processor->type);
	}
}

static void print_row(FILE *out, const struct carbon_cited *cited)
{
	const struct carbon_report_line *sum = &cited->sum;
	char places[PLACES_TEXT], figure[PLAIN_TEXT];

	list_places(cited, places);
	fputs("\n| processors | processor-hours | W each | PUE | kWh | place | g/kWh | kg CO2e | measured |\n"
	      "|---|---:|---:|---:|---:|---|---:|---:|---:|\n| ", out);
	for (size_t i = 0; i < cited->processors; i++)
		fprintf(out, "%s%llu %s", i ? ", " : "", (unsigned long long)cited->processor[i].most,
			cited->processor[i].type);
	fputs(" | ", out);
	print_hours(out, cited);
	fprintf(out, " | %s", isfinite(watts_each(cited)) ? plain(watts_each(cited), figure) : "");
	fprintf(out, " | %.3g | %s | %s | ", pue_of(sum), plain(sum->energy_kwh, figure), places);
	if (is_known(cited))
		fprintf(out, "%.0f | %s", carbon_report_intensity(sum), plain(sum->mass_kg, figure));
	else
		fputs("unknown | unknown", out);
	fprintf(out, " | %.0f %% |\n", percent(sum->measured_kwh, sum->energy_kwh));
}

void carbon_tool_cite_text(const struct carbon_tool *tool, const struct carbon_cite_ask *ask,
			   const struct carbon_cited *cited)
{
	struct carbon_page page;

	carbon_page_init(&page, &carbon_page_text, tool->out);
	say_all(&page, ask, cited);
	print_row(tool->out, cited);
}

/* --- as JSON --- */

static void json_ends(struct carbon_json *json, const struct carbon_cited *cited)
{
	carbon_json_begin(json, "ends", '{');
	for (int i = 0; i < CARBON_CITE_ENDS; i++) {
		carbon_json_begin(json, carbon_cite_end_name((enum carbon_cite_end)i), '{');
		carbon_json_int(json, "runs", (long long)cited->runs[i]);
		carbon_json_number(json, "energy_kwh", cited->energy_kwh[i]);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, '}');
}

static void json_processors(struct carbon_json *json, const struct carbon_cited *cited)
{
	carbon_json_begin(json, "processors", '[');
	for (size_t i = 0; i < cited->processors; i++) {
		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "type", cited->processor[i].type);
		carbon_json_number(json, "hours", cited->processor[i].hours);
		carbon_json_int(json, "most_in_a_run", (long long)cited->processor[i].most);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void json_places(struct carbon_json *json, const struct carbon_cited *cited)
{
	carbon_json_begin(json, "places", '[');
	for (size_t i = 0; i < cited->places; i++) {
		const struct carbon_report_place *place = &cited->place[i];
		bool has_mass = carbon_report_known_kwh(&place->sum) > 0;

		carbon_json_begin(json, NULL, '{');
		carbon_json_text(json, "cluster", place->cluster);
		carbon_json_text(json, "partition", place->sum.key);
		carbon_json_text(json, "zone", place->zone[0] ? place->zone : NULL);
		carbon_json_number(json, "energy_kwh", place->sum.energy_kwh);
		carbon_json_number(json, "pue", pue_of(&place->sum));
		carbon_json_number(json, "intensity_g_kwh", carbon_report_intensity(&place->sum));
		carbon_json_number(json, "emissions_kg", has_mass ? place->sum.mass_kg : NAN);
		carbon_json_end(json, '}');
	}
	carbon_json_end(json, ']');
}

static void json_energy(struct carbon_json *json, const struct carbon_cited *cited)
{
	const struct carbon_report_line *sum = &cited->sum;

	carbon_json_number(json, "energy_kwh", sum->energy_kwh);
	carbon_json_number(json, "energy_low_kwh", sum->low_kwh);
	carbon_json_number(json, "energy_high_kwh", sum->high_kwh);
	carbon_json_number(json, "it_kwh", sum->it_kwh);
	carbon_json_number(json, "watts_per_processor", watts_each(cited));
	carbon_json_number(json, "pue", pue_of(sum));
	carbon_json_number(json, "measured_percent", percent(sum->measured_kwh, sum->energy_kwh));
	carbon_json_number(json, "model_percent", 100 - percent(sum->measured_kwh, sum->energy_kwh));
}

static void json_mass(struct carbon_json *json, const struct carbon_cite_ask *ask, const struct carbon_cited *cited)
{
	const struct carbon_report_line *sum = &cited->sum;
	bool has_market = sum->apart.market_kwh >= sum->energy_kwh * (1 - 1e-9) && sum->energy_kwh > 0;

	carbon_json_text(json, "signal", carbon_signal_name(ask->signal));
	carbon_json_number(json, "intensity_g_kwh", carbon_report_intensity(sum));
	carbon_json_number(json, "settled_percent",
			   percent(sum->method_kwh[CARBON_INTENSITY_SETTLED], sum->energy_kwh));
	carbon_json_number(json, "emissions_kg", is_known(cited) ? sum->mass_kg : NAN);
	carbon_json_number(json, "emissions_low_kg", is_known(cited) ? sum->low_kg : NAN);
	carbon_json_number(json, "emissions_high_kg", is_known(cited) ? sum->high_kg : NAN);
	carbon_json_number(json, "without_emissions_kwh", sum->unknown_kwh);
	carbon_json_number(json, "market_based_kg", has_market ? sum->apart.market_kg : NAN);
	carbon_json_text(json, "method", "energy of every run, measured where measurement is valid and else modelled from what "
			 "was allocated, PUE included, times the intensity of its zone over the run itself; nothing deducted");
}

void carbon_tool_cite_json(const struct carbon_tool *tool, const struct carbon_cite_ask *ask,
			   const struct carbon_cited *cited)
{
	struct carbon_json json;

	carbon_json_init(&json, tool->out);
	carbon_json_begin(&json, NULL, '{');
	carbon_json_int(&json, "jobs", (long long)cited->sum.jobs);
	carbon_json_int(&json, "runs", (long long)cited->sum.runs);
	json_ends(&json, cited);
	carbon_json_time(&json, "first_start_at", cited->first_at);
	carbon_json_time(&json, "last_end_at", cited->last_at);
	carbon_json_number(&json, "running_hours", cited->sum.job_h);
	carbon_json_number(&json, "core_hours", cited->sum.core_h);
	carbon_json_number(&json, "gpu_hours", cited->sum.gpu_h);
	json_processors(&json, cited);
	json_energy(&json, cited);
	json_places(&json, cited);
	json_mass(&json, ask, cited);
	carbon_json_end(&json, '}');
}
