/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * carbonctl doctor: how the forecaster's last run ended, which source failed in it, when each answered
 * last, and the keys. From the files that it leaves; nobody is asked over the network.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"
#include "forecaster/memory.h"
#include "forecaster/run.h"
#include "forecaster/source.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/num.h"
#include "lib/sealed.h"
#include "lib/time.h"
#include "tools/doctor.h"
#include "tools/tool.h"

#define METRICS_NAME "forecaster.prom"
#define METRICS_MAX ((size_t)1 << 20)
#define LATE_S 2400 /* of a timer that runs every 15 minutes */

#define OK CARBON_GRADE_OK
#define NOTE CARBON_GRADE_NOTE
#define PROBLEM CARBON_GRADE_PROBLEM

/* --- the metrics of the last run --- */

/* NULL: there are none that can be read. */
static char *read_metrics(const struct carbon_doctor *doctor, struct carbon_err *err)
{
	char path[CARBON_PATH_MAX], *text = NULL;
	size_t length;

	carbon_config_path(doctor->config, METRICS_NAME, path);
	return carbon_file_read(path, METRICS_MAX, CARBON_FILE_SERVICE, NULL, &text, &length, err) == 0
		       ? text
		       : NULL;
}

/* The value of a metric without labels; FALLBACK where it is not there. */
static double metric(const char *text, const char *name, double fallback)
{
	size_t length = strlen(name);
	char number[64];
	double value;

	for (const char *at = text; (at = strstr(at, name)) != NULL; at += length) {
		if ((at != text && at[-1] != '\n') || at[length] != ' ')
			continue;
		snprintf(number, sizeof(number), "%.*s", (int)strcspn(at + length + 1, "\n"),
			 at + length + 1);
		if (carbon_num_parse(number, -1e18, 1e18, &value) == 0)
			return value;
	}
	return fallback;
}

/* The value of label NAME of the line at AT. */
static void label(const char *at, const char *name, char *out, size_t size)
{
	size_t end = strcspn(at, "\n"), length = strlen(name);
	const char *found = at;

	out[0] = '\0';
	while ((found = strstr(found, name)) != NULL && found < at + end) {
		if ((found[-1] == '{' || found[-1] == ',') && found[length] == '=' &&
		    found[length + 1] == '"') {
			found += length + 2;
			snprintf(out, size, "%.*s", (int)strcspn(found, "\"\n"), found);
			return;
		}
		found += length;
	}
}

void carbon_doctor_forecaster(struct carbon_doctor *doctor)
{
	static const char *const ends[] = {
		[CARBON_RUN_OK] = "all is well",
		[CARBON_RUN_PARTLY] = "something is missing",
		[CARBON_RUN_NOTHING] = "no outlook was written",
	};
	char age[CARBON_AGO_TEXT], *text;
	struct carbon_err err = {""};
	time_t run_at;
	size_t code;

	text = read_metrics(doctor, &err);
	if (!text) {
		carbon_doctor_say(doctor, PROBLEM, "carbon-forecaster -v",
				  "it never ran to an end here: %s", err.text);
		return;
	}
	run_at = (time_t)metric(text, "carbon_forecaster_run_timestamp_seconds", 0);
	code = (size_t)metric(text, "carbon_forecaster_exit_code", 0);
	carbon_doctor_ago(doctor, run_at, age);
	if (doctor->tool->now - run_at > LATE_S)
		carbon_doctor_say(doctor, PROBLEM, "systemctl status carbon-forecaster.timer",
				  "it ran last %s ago; each 15 minutes is usual", age);
	if (code < sizeof(ends) / sizeof(ends[0]) && ends[code])
		carbon_doctor_say(doctor,
				  code == CARBON_RUN_OK	      ? OK
				  : code == CARBON_RUN_PARTLY ? NOTE
							      : PROBLEM,
				  code == CARBON_RUN_OK ? "" : "carbon-forecaster -v",
				  "its last run, %s ago, ended with %zu: %s", age, code, ends[code]);
	else
		carbon_doctor_say(doctor, NOTE, "carbon-forecaster -v",
				  "its last run, %s ago, ended with %zu", age, code);
	free(text);
}

/* --- sources --- */

static void say_failures(struct carbon_doctor *doctor)
{
	static const char METRIC[] = "\ncarbon_forecaster_failure{";
	char zone[CARBON_ZONE_MAX], source[CARBON_SOURCE_MAX], kind[CARBON_SOURCE_MAX];
	char *text = read_metrics(doctor, NULL);

	for (const char *at = text; at && (at = strstr(at, METRIC)) != NULL; at++) {
		label(at + 1, "zone", zone, sizeof(zone));
		label(at + 1, "source", source, sizeof(source));
		label(at + 1, "kind", kind, sizeof(kind));
		carbon_doctor_say(doctor, NOTE, "carbon-forecaster -v tells what it said",
				  "%s failed for zone %s in the last run (%s); the next in the zone's "
				  "list, or what was known, stands in",
				  source, zone, kind);
	}
	free(text);
}

/* What the memory tells of one source. */
struct source_memory {
	const char *name;
	time_t answered_at, leave_until_at;
};

static void take_time(struct carbon_word *line, const char *key, time_t *latest)
{
	struct carbon_word word, name, value;
	long long at;

	while (carbon_word_next(line, &word))
		if (carbon_word_split(&word, &name, &value) && carbon_word_is(&name, key) &&
		    carbon_word_int(&value, 0, CARBON_TIME_MAX, &at) == 0 && (time_t)at > *latest)
			*latest = (time_t)at;
}

static void read_memory(const char *text, size_t length, struct source_memory *memory)
{
	struct carbon_lines lines;
	struct carbon_word line, kind, name;
	bool is_it = false;

	if (carbon_sealed_open(text, length, "carbon-memory", 1, &lines, NULL) != 0)
		return;
	while (carbon_lines_next(&lines, &line)) {
		struct carbon_word again;

		if (!carbon_word_next(&line, &kind) || !carbon_word_next(&line, &name))
			continue;
		again = line;
		if (carbon_word_is(&kind, "source"))
			is_it = carbon_word_is(&name, memory->name);
		if (is_it && carbon_word_is(&kind, "source"))
			take_time(&line, "leave_until", &memory->leave_until_at);
		if (!is_it || !carbon_word_is(&kind, "answered"))
			continue;
		take_time(&line, "history", &memory->answered_at);
		take_time(&again, "forecast", &memory->answered_at);
	}
}

static bool is_asked(const struct carbon_config *config, const struct carbon_config_source *source)
{
	for (size_t i = 0; i < config->zones; i++)
		for (size_t k = 0; k < config->zone[i].sources; k++)
			if (strcmp(config->zone[i].source[k], source->name) == 0)
				return true;
	return false;
}

/* Files and profiles are read each time, which nobody remembers. */
static bool is_remembered(const struct carbon_config_source *source)
{
	const struct carbon_source *type = carbon_source_find(source->type);

	return type && !type->load;
}

static void say_source(struct carbon_doctor *doctor, const struct source_memory *memory)
{
	char age[CARBON_AGO_TEXT], until[CARBON_TIME_TEXT];

	carbon_doctor_ago(doctor, memory->answered_at, age);
	carbon_time_format(memory->leave_until_at, until);
	if (memory->leave_until_at > doctor->tool->now)
		carbon_doctor_say(doctor, NOTE, "it is asked again by itself",
				  "%s wants to be left alone until %s (too many requests)", memory->name,
				  until);
	if (memory->answered_at)
		carbon_doctor_say(doctor, OK, "", "%s answered last %s ago", memory->name, age);
	else
		carbon_doctor_say(doctor, NOTE, "carbon-forecaster -v",
				  "%s has never answered, as far as the files tell", memory->name);
}

void carbon_doctor_sources(struct carbon_doctor *doctor)
{
	const struct carbon_config *config = doctor->config;
	char path[CARBON_PATH_MAX], *text = NULL;
	size_t length = 0;

	say_failures(doctor);
	snprintf(path, sizeof(path), "%s/" CARBON_MEMORY_NAME, config->state_dir);
	(void)carbon_file_read(path, CARBON_MEMORY_SIZE_MAX, CARBON_FILE_SERVICE, NULL, &text, &length,
			       NULL);
	for (size_t i = 0; i < config->sources; i++) {
		struct source_memory memory = {.name = config->source[i].name};

		if (!is_asked(config, &config->source[i])) {
			carbon_doctor_say(doctor, NOTE,
					  "name it in a zone's sources, or take the block out",
					  "no zone asks %s", memory.name);
			continue;
		}
		if (text)
			read_memory(text, length, &memory);
		if (is_remembered(&config->source[i]))
			say_source(doctor, &memory);
	}
	free(text);
}

void carbon_doctor_tokens(struct carbon_doctor *doctor)
{
	const struct carbon_config *config = doctor->config;
	size_t good = 0;

	for (size_t i = 0; i < config->sources; i++) {
		const char *path = config->source[i].token_file;
		struct carbon_err err;
		char *text = NULL;
		size_t length = 0;

		if (!path[0])
			continue;
		if (carbon_file_read(path, CARBON_TOKEN_MAX, CARBON_FILE_SECRET, NULL, &text, &length,
				     &err) != 0)
			carbon_doctor_say(doctor, PROBLEM, "owned by whom the forecaster runs as, mode 600",
					  "%s is not asked: %s", config->source[i].name, err.text);
		else
			good++;
		if (text)
			explicit_bzero(text, length);
		free(text);
	}
	if (good)
		carbon_doctor_say(doctor, OK, "", "%zu key%s readable by the owner alone", good,
				  good == 1 ? " is" : "s are");
}
