/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of zones and sources hold nothing that would need escaping in a label: carbon.conf refuses it.
 * Times are given, not ages, so that the numbers stay true when no run comes any more.
 */
#include "forecaster/metrics.h"

#include <math.h>
#include <string.h>

#include "forecaster/track.h"
#include "lib/buf.h"
#include "lib/sealed.h"

static void head(struct carbon_buf *buf, const char *name, const char *help)
{
	carbon_buf_printf(buf, "# HELP carbon_%s %s\n# TYPE carbon_%s gauge\n", name, help, name);
}

static void single(struct carbon_buf *buf, const char *name, const char *help, long long value)
{
	head(buf, name, help);
	carbon_buf_printf(buf, "carbon_%s %lld\n", name, value);
}

static void failures(struct carbon_buf *buf, const struct carbon_track *track)
{
	for (size_t i = 0; i < track->queries; i++) {
		const struct carbon_inquiry *inquiry = &track->query[i];

		if (inquiry->failure != CARBON_FAILURE_NONE)
			carbon_buf_printf(buf, "carbon_forecaster_failure{zone=\"%s\",source=\"%s\",kind=\"%s\"} 1\n",
					  track->zone, inquiry->name, carbon_failure_name(inquiry->failure));
	}
}

static void left_out(struct carbon_buf *buf, const struct carbon_track *track)
{
	for (size_t i = 0; i < track->queries; i++) {
		struct carbon_tally tally = track->query[i].history.tally;

		carbon_tally_add(&tally, &track->query[i].forecast.tally);
		carbon_buf_printf(buf, "carbon_forecaster_rows_left_out{zone=\"%s\",source=\"%s\"} %zu\n", track->zone,
				  track->query[i].name,
				  tally.nulls + tally.implausible + tally.damaged + tally.future + tally.jumps);
	}
}

/* One that may be negative, for waiting may have been wrong; nothing where it is not known. */
static void sample(struct carbon_buf *buf, const char *name, const char *label, bool is_known, double value)
{
	char text[CARBON_DECIMAL_TEXT];

	if (!is_known || isnan(value))
		return;
	carbon_decimal_format(fabs(value), 3, text);
	carbon_buf_printf(buf, "carbon_%s%s %s%s\n", name, label, value < 0 ? "-" : "", text);
}

static void effect(struct carbon_buf *buf, const struct carbon_standing *standing)
{
	bool has = standing->has_effect;

	head(buf, "month_saved_kg", "What the cluster has saved this month by delays, by replay: best estimate and bounds.");
	sample(buf, "month_saved_kg", "{estimate=\"best\"}", has, standing->saved_kg);
	sample(buf, "month_saved_kg", "{estimate=\"low\"}", has, standing->saved_low_kg);
	sample(buf, "month_saved_kg", "{estimate=\"high\"}", has, standing->saved_high_kg);
	head(buf, "month_others_wait_seconds", "Mean wait of this month's jobs that were not delayed, and by replay without us.");
	sample(buf, "month_others_wait_seconds", "{case=\"with\"}", has, standing->others_wait_s);
	sample(buf, "month_others_wait_seconds", "{case=\"without\"}", has, standing->others_wait_without_s);
}

static void standing(struct carbon_buf *buf, const struct carbon_standing *standing)
{
	head(buf, "jobs_waiting", "Jobs that wait for clean power, when they were counted last.");
	if (standing->has_jobs)
		carbon_buf_printf(buf, "carbon_jobs_waiting %lu\n", standing->waiting);
	head(buf, "jobs_counted_timestamp_seconds", "When they were counted.");
	if (standing->has_jobs)
		carbon_buf_printf(buf, "carbon_jobs_counted_timestamp_seconds %lld\n",
				  (long long)standing->counted_at);
	head(buf, "paused_until_timestamp_seconds", "Until when nothing is delayed; 0: jobs are.");
	if (standing->has_jobs)
		carbon_buf_printf(buf, "carbon_paused_until_timestamp_seconds %lld\n",
				  (long long)standing->paused_until_at);
	head(buf, "month_emissions_kg", "CO2e of this month's settled runs (UTC).");
	sample(buf, "month_emissions_kg", "", standing->has_month, standing->month_kg);
	head(buf, "month_timing_credit_kg",
	     "Timing credits of this month's delayed jobs: per job, not what the cluster as a whole saved.");
	sample(buf, "month_timing_credit_kg", "", standing->has_month, standing->credit_kg);
	effect(buf, standing);
}

/* Each pair of source and kind once, the first part of it. */
static bool is_first(const struct carbon_composition *outlook, size_t part)
{
	for (size_t i = 0; i < part; i++)
		if (outlook->part[i].kind == outlook->part[part].kind &&
		    strcmp(outlook->part[i].source, outlook->part[part].source) == 0)
			return false;
	return true;
}

static void issues(struct carbon_buf *buf, const struct carbon_track *track)
{
	for (size_t i = 0; i < track->outlook.parts; i++) {
		const struct carbon_part *part = &track->outlook.part[i];

		if (is_first(&track->outlook, i))
			carbon_buf_printf(buf,
					  "carbon_zone_issued_timestamp_seconds{zone=\"%s\",signal=\"%s\","
					  "source=\"%s\",kind=\"%s\"} %lld\n",
					  track->zone, carbon_signal_name(track->signal), part->source,
					  carbon_kind_name(part->kind), (long long)part->issued_at);
	}
}

static void ends(struct carbon_buf *buf, const struct carbon_track *track)
{
	if (track->outlook.count)
		carbon_buf_printf(buf, "carbon_zone_outlook_end_timestamp_seconds{zone=\"%s\",signal=\"%s\"} %lld\n",
				  track->zone, carbon_signal_name(track->signal),
				  (long long)track->outlook.end_at);
}

static void intensities(struct carbon_buf *buf, const struct carbon_track *track)
{
	char text[CARBON_DECIMAL_TEXT];

	if (!track->outlook.count)
		return;
	carbon_decimal_format(track->outlook.point[0].mean_g_kwh, 3, text);
	carbon_buf_printf(buf, "carbon_zone_intensity_g_kwh{zone=\"%s\",signal=\"%s\"} %s\n", track->zone,
			  carbon_signal_name(track->signal), text);
}

static void errors(struct carbon_buf *buf, const struct carbon_track *track)
{
	char text[CARBON_DECIMAL_TEXT];

	for (size_t i = 0; i < track->errors; i++) {
		const struct carbon_track_error *error = &track->error[i];

		if (!error->hours)
			continue;
		carbon_decimal_format(100 * error->share / (double)error->hours, 2, text);
		carbon_buf_printf(buf, "carbon_zone_forecast_error_percent{zone=\"%s\",signal=\"%s\",source=\"%s\"} %s\n",
				  track->zone, carbon_signal_name(track->signal), error->source, text);
	}
}

void carbon_metrics_format(const struct carbon_metrics *metrics, struct carbon_buf *buf)
{
	static const struct {
		const char *name, *help;
		void (*each)(struct carbon_buf *buf, const struct carbon_track *track);
	} families[] = {
		{"forecaster_failure", "A source that failed in the last run, by kind of failure.", failures},
		{"forecaster_rows_left_out", "Rows of the last run that were not believed.", left_out},
		{"zone_forecast_error_percent",
		 "Mean absolute error of yesterday's forecasts over their first 24 hours, of what came.", errors},
		{"zone_intensity_g_kwh", "Intensity now, as the outlook has it.", intensities},
		{"zone_issued_timestamp_seconds", "When each part of the outlook was issued.", issues},
		{"zone_outlook_end_timestamp_seconds", "How far the outlook reaches.", ends},
	};

	single(buf, "forecaster_run_timestamp_seconds", "When the forecaster ran last.", (long long)metrics->run_at);
	single(buf, "forecaster_exit_code", "What it ended with: 0 all is well, 1 something is missing, 4 no outlook.",
	       metrics->exit_code);
	single(buf, "forecaster_requests", "HTTP requests of the last run.", (long long)metrics->requests);
	if (metrics->outlook_at)
		single(buf, "outlook_written_timestamp_seconds", "When the outlook in place was written.",
		       (long long)metrics->outlook_at);
	standing(buf, &metrics->standing);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		head(buf, families[i].name, families[i].help);
		for (size_t k = 0; k < metrics->tracks; k++)
			families[i].each(buf, &metrics->track[k]);
	}
}
