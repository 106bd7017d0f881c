/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a run of the forecaster: what failed, what was not believed, from whom the outlook is. Must never name a key. */
#include "forecaster/run_work.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/err.h"
#include "lib/time.h"

__attribute__((format(printf, 2, 0)))
static void say_args(const struct carbon_running *run, const char *format, va_list args)
{
	fputs("carbon-forecaster: ", run->options->err);
	vfprintf(run->options->err, format, args);
	fputc('\n', run->options->err);
}

void carbon_run_say(const struct carbon_running *run, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_args(run, format, args);
	va_end(args);
}

void carbon_run_complain(struct carbon_running *run, const char *format, ...)
{
	va_list args;

	run->problems++;
	va_start(args, format);
	say_args(run, format, args);
	va_end(args);
}

/* --- what came --- */

static void report_tally(const struct carbon_running *run, const struct carbon_track *track, const char *source,
			 const char *what, const struct carbon_tally *tally)
{
	char text[160];

	carbon_tally_format(tally, text, sizeof(text));
	if (text[0])
		carbon_run_say(run, "zone %s: %s: %s: left out of %zu rows: %s", track->zone, source, what, tally->rows, text);
}

static void report_queries(struct carbon_running *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		for (size_t k = 0; k < track->queries; k++) {
			const struct carbon_inquiry *query = &track->query[k];

			if (query->failure != CARBON_FAILURE_NONE)
				carbon_run_complain(run, "zone %s: %s: %s", track->zone, query->name, query->err.text);
			report_tally(run, track, query->name, "history", &query->history.tally);
			report_tally(run, track, query->name, "forecast", &query->forecast.tally);
		}
	}
}

void carbon_run_tell_outlook(const struct carbon_running *run, const struct carbon_track *track)
{
	char until[CARBON_TIME_TEXT];

	if (!run->options->verbose)
		return;
	for (size_t i = 0; i < track->outlook.parts; i++) {
		bool is_last = i + 1 == track->outlook.parts;

		carbon_time_format(is_last ? track->outlook.end_at :
					     track->outlook.point[track->outlook.part[i + 1].first].at, until);
		carbon_run_say(run, "zone %s: until %s from %s (%s)", track->zone, until, track->outlook.part[i].source,
		    carbon_kind_name(track->outlook.part[i].kind));
	}
	if (track->own_err.text[0])
		carbon_run_say(run, "zone %s: no forecast of our own: %s", track->zone, track->own_err.text);
}

/* A source may be asked for what decides nothing here; its owner should know. */
static void report_signals(const struct carbon_running *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		for (size_t k = 0; k < track->queries && track->signal != run->config->site.signal; k++)
			carbon_run_say(run, "zone %s: %s measures %s; what decides here is %s", track->zone,
			    track->query[k].name, carbon_signal_name(track->signal),
			    carbon_signal_name(run->config->site.signal));
	}
}

/* What a key may not fetch is nobody's failure, but its owner should hear of it, once a day. */
static void report_rights(const struct carbon_running *run)
{
	for (size_t i = 0; i < run->plan.tracks; i++) {
		const struct carbon_track *track = &run->plan.track[i];

		for (size_t k = 0; k < track->queries; k++) {
			const struct carbon_inquiry *query = &track->query[k];
			const struct carbon_rights *rights = &query->access->rights;

			if (query->failure == CARBON_FAILURE_NONE && rights->is_whole &&
			    (rights->read_at == run->options->now || run->options->verbose) &&
			    !carbon_rights_has(rights, query->zone, CARBON_RIGHT_FORECAST))
				carbon_run_say(run, "zone %s: the key of %s may not fetch a forecast", track->zone, query->name);
		}
	}
}

void carbon_run_tell(struct carbon_running *run)
{
	report_queries(run);
	report_rights(run);
	report_signals(run);
}
