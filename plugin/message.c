/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sentences for users. Must never print a promise, a percentage where the place is mostly full, or a byte that is no
 * printable ASCII.
 */
#include "plugin/message.h"

#include <stdio.h>
#include <string.h>

#include "lib/quantity.h"
#include "lib/time.h"
#include "lib/when.h"
#include "policies/places.h"

/* A forecast is no better than that. */
#define MASS_DIGITS 2
#define WHAT_MAX 192
#define OFTEN_FULL 0.7 /* less slack than this */

static const char *const kind_texts[CARBON_KINDS] = {
	[CARBON_KIND_MEASURED] = "measured intensity",
	[CARBON_KIND_ESTIMATED] = "estimated intensity",
	[CARBON_KIND_FORECAST] = "forecast",
	[CARBON_KIND_MODEL] = "own forecast",
	[CARBON_KIND_PROFILE] = "typical day, no forecast",
};

/* A value that a user typed comes back to the terminal: no control characters. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if (((unsigned char)*text < 0x20 && *text != '\n') || (unsigned char)*text > 0x7e)
			*text = '?';
}

static void format_age(const struct carbon_record *record, time_t now, char *out, size_t size)
{
	char age[CARBON_DURATION_TEXT];

	if (record->kind == CARBON_KIND_PROFILE) {
		snprintf(out, size, "%s", kind_texts[record->kind]);
		return;
	}
	if (now - record->outlook_at < 60)
		snprintf(age, sizeof(age), "under 1 min");
	else
		carbon_duration_format(now - record->outlook_at, age);
	snprintf(out, size, "%s %s old", kind_texts[record->kind], age);
}

/*
 * What is expected of it. In a place that is often full the hole that the job leaves is filled by others, so that the
 * difference of its own two figures says nothing: then only its own figure is told.
 */
static void format_expected(const struct carbon_decision *decision, const struct carbon_job *job,
			    char out[WHAT_MAX])
{
	const struct carbon_record *record = &decision->record;
	char mass[CARBON_QUANTITY_TEXT], baseline[CARBON_QUANTITY_TEXT];
	const char *of = job->is_array ? " a task" : "";

	carbon_mass_format(record->mass_g, MASS_DIGITS, mass);
	carbon_mass_format(record->baseline_g, MASS_DIGITS, baseline);
	if (decision->is_for_limit)
		snprintf(out, WHAT_MAX, "about %s CO2e%s; the site limits what may run until then", mass, of);
	else if (decision->slack_share < OFTEN_FULL)
		snprintf(out, WHAT_MAX, "about %s CO2e%s; this partition is often full, so that waiting changes "
			 "less than that", mass, of);
	else
		snprintf(out, WHAT_MAX, "about %s instead of %s CO2e%s", mass, baseline, of);
}

/* "Mon 03:00 (now: at once)", or what would be without us where the user gave a begin. */
static void delayed(const struct carbon_decision *decision, const struct carbon_job *job, time_t now,
		    char out[CARBON_MESSAGE_MAX])
{
	const struct carbon_record *record = &decision->record;
	char begin[CARBON_WHEN_TEXT], latest[CARBON_WHEN_TEXT], base[CARBON_WHEN_TEXT] = "at once";
	char what[WHAT_MAX], age[64], cap[64] = "";

	carbon_when_format(record->begin_at, now, begin);
	carbon_when_format(record->latest_at, now, latest);
	if (record->baseline_at > now)
		carbon_when_format(record->baseline_at, now, base);
	format_expected(decision, job, what);
	format_age(record, now, age, sizeof(age));
	if (decision->delay_was_capped) {
		char longest[CARBON_DURATION_TEXT];

		carbon_duration_format(decision->delay_s, longest);
		snprintf(cap, sizeof(cap), " (longest delay here: %s)", longest);
	}
	if (record->level == CARBON_LEVEL_OBSERVE) {
		snprintf(out, CARBON_MESSAGE_MAX,
			 "carbon: this cluster only observes, the job is not delayed (it might have been "
			 "until %s: %s, zone %s, %s)",
			 begin, what, record->zone, age);
		return;
	}
	snprintf(out, CARBON_MESSAGE_MAX,
		 "carbon: may start from %s (now: %s), latest %s%s: %s, zone %s, %s\n"
		 "carbon: to run at once submit with --carbon=off, or: scontrol update jobid=<id> "
		 "StartTime=now",
		 begin, base, latest, cap, what, record->zone, age);
}

/* " (-88 %)" */
static void format_change(const struct carbon_decision *decision, char *out, size_t size)
{
	const struct carbon_record *record = &decision->record;

	out[0] = '\0';
	if (record->baseline_g > 0)
		snprintf(out, size, " (%+.0f %%)", 100 * (record->mass_g / record->baseline_g - 1));
}

/* In two places, of which one is often full, the difference of the two figures says as little as within one. */
static void format_moved(const struct carbon_decision *decision, const struct carbon_job *job, char out[WHAT_MAX])
{
	const struct carbon_record *record = &decision->record;
	char mass[CARBON_QUANTITY_TEXT], baseline[CARBON_QUANTITY_TEXT], change[32];
	const char *of = job->is_array ? " a task" : "";

	carbon_mass_format(record->mass_g, MASS_DIGITS, mass);
	carbon_mass_format(record->baseline_g, MASS_DIGITS, baseline);
	format_change(decision, change, sizeof(change));
	if (decision->slack_share < OFTEN_FULL)
		snprintf(out, WHAT_MAX, "about %s CO2e%s; one of the two is often full, so that moving changes less than their "
			 "intensities say", mass, of);
	else
		snprintf(out, WHAT_MAX, "about %s instead of %s CO2e%s%s", mass, baseline, of, change);
}

/* Where it runs instead, both named. */
static void moved(const struct carbon_decision *decision, const struct carbon_job *job, time_t now,
		  char out[CARBON_MESSAGE_MAX])
{
	const struct carbon_record *record = &decision->record;
	time_t begin_at = record->there_at ? record->there_at : record->begin_at;
	bool is_far = record->cluster[0] != '\0', observes = record->level == CARBON_LEVEL_OBSERVE;
	char when[CARBON_WHEN_TEXT] = "now", what[WHAT_MAX];
	char begin[CARBON_WHEN_TEXT + 8] = "at once", latest[CARBON_WHEN_TEXT + 64] = "", age[64];

	if (record->baseline_at > now)
		carbon_when_format(record->baseline_at, now, when);
	if (begin_at > now) {
		memcpy(begin, "from ", sizeof("from "));
		carbon_when_format(begin_at, now, begin + strlen("from "));
	}
	if (is_far) {
		char text[CARBON_WHEN_TEXT];

		carbon_when_format(record->latest_at, now, text);
		snprintf(latest, sizeof(latest), ", or here from %s should that cluster vanish", text);
	}
	format_moved(decision, job, what);
	format_age(record, now, age, sizeof(age));
	snprintf(out, CARBON_MESSAGE_MAX,
		 "carbon: %s in %s (%s %s) %s instead of here %s%s: %s, %s%s",
		 observes ? "this cluster only observes, the job is not moved (it might have run" : "runs", record->zone,
		 is_far ? "cluster" : "partition", is_far ? record->cluster : record->partition, begin, when, latest,
		 what, age,
		 observes ? ")" : "\ncarbon: to run here at once submit with --carbon=off");
}

/* The earlier of the ends that the user gave. */
static time_t asked_end(const struct carbon_job *job)
{
	time_t finish_by_at = job->request.finish_by_at;

	if (!finish_by_at || (job->deadline_at && job->deadline_at < finish_by_at))
		return job->deadline_at;
	return finish_by_at;
}

static const char *why_not(const struct carbon_decision *decision, const struct carbon_job *job)
{
	if (decision->reason == CARBON_REASON_EXEMPT)
		return carbon_exempt_name(job->exempt);
	/* The user has asked, so it is not for want of asking. */
	if (decision->reason == CARBON_REASON_LEVEL)
		return "delaying is switched off on this cluster";
	return carbon_reason_text(decision->reason);
}

/* Why a job whose user asked for something is not delayed. */
static void not_delayed(const struct carbon_decision *decision, const struct carbon_job *job,
			time_t now, char out[CARBON_MESSAGE_MAX])
{
	char end[CARBON_WHEN_TEXT];

	if (decision->deadline_is_kept) {
		snprintf(out, CARBON_MESSAGE_MAX, "carbon: not delayed: %s", why_not(decision, job));
		return;
	}
	carbon_when_format(asked_end(job), now, end);
	snprintf(out, CARBON_MESSAGE_MAX,
		 "carbon: not delayed: even without delay it cannot be sure to finish by %s (its time "
		 "limit and the usual wait in the queue counted)",
		 end);
}

/* What becomes of --carbon-interruptible, as a line of its own behind the others. */
static void add_windows(const struct carbon_decision *decision, const struct carbon_job *job, time_t now,
			char out[CARBON_MESSAGE_MAX])
{
	size_t length = strlen(out);
	char until[CARBON_WHEN_TEXT];

	if (!job->request.notice.signal || decision->verdict == CARBON_LEFT_ALONE)
		return;
	if (!decision->is_interruptible) {
		snprintf(out + length, CARBON_MESSAGE_MAX - length, "%scarbon: it will not be interrupted: %s",
			 length ? "\n" : "",
			 job->no_requeue ? "--no-requeue was given"
			 : job->is_array ? "arrays are not"
					 : "its policy, its time limit or the site does not allow it");
	} else if (decision->record.until_at) {
		carbon_when_format(decision->record.until_at, now, until);
		snprintf(out + length, CARBON_MESSAGE_MAX - length,
			 "%scarbon: planned in several windows, the first one until about %s",
			 length ? "\n" : "", until);
	}
}

/* Why a job that may run elsewhere does not. */
static void add_place(const struct carbon_decision *decision, const struct carbon_job *job,
		      char out[CARBON_MESSAGE_MAX])
{
	size_t length = strlen(out);

	if (!job->request.relocate || decision->is_moved || decision->verdict == CARBON_LEFT_ALONE)
		return;
	snprintf(out + length, CARBON_MESSAGE_MAX - length,
		 "%scarbon: not moved: no other place that takes it would save enough%s", length ? "\n" : "",
		 decision->record.may[0] ? " now; it may be moved while it waits" : "");
}

void carbon_message_format(const struct carbon_decision *decision, const struct carbon_job *job,
			   time_t now, char out[CARBON_MESSAGE_MAX])
{
	bool observes = decision->record.level == CARBON_LEVEL_OBSERVE;
	bool asked = job->request.given && decision->reason != CARBON_REASON_OPT_OUT &&
		     job->exempt != CARBON_EXEMPT_SIBLING;

	out[0] = '\0';
	if (job->origin_id) /* its user has been told where it was submitted */
		return;
	if (decision->is_moved && asked)
		moved(decision, job, now, out);
	else if (decision->verdict == CARBON_DELAY && (!observes || asked))
		delayed(decision, job, now, out);
	else if (decision->verdict != CARBON_DELAY && asked)
		not_delayed(decision, job, now, out);
	if (asked && !observes) {
		add_place(decision, job, out);
		add_windows(decision, job, now, out);
	}
	make_printable(out);
}

void carbon_message_unknown(const struct carbon_site *site, const struct carbon_job *job,
			    char out[CARBON_MESSAGE_MAX])
{
	char names[CARBON_OPTION_VALUE_MAX];
	size_t length = strlen(out);

	if (job->origin_id || job->request.mode == CARBON_MODE_OFF ||
	    !carbon_places_unknown(site, job->request.places, names, sizeof(names)))
		return;
	snprintf(out + length, CARBON_MESSAGE_MAX - length, "%scarbon: --carbon-relocate: unknown here, the others count: %s",
		 length ? "\n" : "", names);
	make_printable(out);
}

void carbon_message_complain(const struct carbon_err *complaint, char out[CARBON_MESSAGE_MAX])
{
	snprintf(out, CARBON_MESSAGE_MAX, "carbon: %s; the job is left as it is", complaint->text);
	make_printable(out);
}

void carbon_message_inactive(char out[CARBON_MESSAGE_MAX])
{
	snprintf(out, CARBON_MESSAGE_MAX,
		 "carbon: not delayed: slurm-carbon is not active on this cluster at the moment");
}
