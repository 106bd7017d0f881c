/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines to access and track, and back. Nothing secret is in it: of a key only a checksum. */
#include "forecaster/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "forecaster/track.h"
#include "lib/buf.h"
#include "lib/crc32.h"
#include "lib/err.h"
#include "lib/sealed.h"
#include "lib/time.h"

#define FORMAT "carbon-memory"
#define VERSION 1
#define GRACE_S 300 /* clocks are set a little now and then */

/* Of whom a source is asked for and with what. */
static uint32_t mark_of(const struct carbon_access *access)
{
	char text[CARBON_TOKEN_MAX + 2048];
	int size = snprintf(text, sizeof(text), "%s\n%s", access->url, access->token);
	uint32_t mark = carbon_crc32(text, size < (int)sizeof(text) ? (size_t)size : sizeof(text) - 1);

	explicit_bzero(text, sizeof(text));
	return mark;
}

/* --- reading --- */

struct reading {
	const struct carbon_memory *memory;
	struct carbon_lines lines;
	struct carbon_access *access; /* that the lines in hand are of; NULL: nobody's any more */
};

static const long long time_bounds[2] = {0, CARBON_TIME_MAX};

static int read_time(struct reading *reading, struct carbon_word *line, const char *key, time_t *out,
		     struct carbon_err *err)
{
	long long value;

	if (carbon_lines_key(&reading->lines, line, key, time_bounds, &value, err) < 0)
		return -1;
	*out = (time_t)value;
	return 0;
}

/* A time that is still to come was written before the clock was set back. */
static time_t passed(const struct reading *reading, time_t at)
{
	return at <= reading->memory->now + GRACE_S ? at : 0;
}

static struct carbon_access *find_access(const struct carbon_memory *memory, const struct carbon_word *name)
{
	for (size_t i = 0; i < memory->accesses; i++)
		if (memory->access[i].name && carbon_word_is(name, memory->access[i].name))
			return &memory->access[i];
	return NULL;
}

static int read_source(struct reading *reading, struct carbon_word *line, struct carbon_err *err)
{
	static const long long marks[2] = {0, UINT32_MAX}, flags[2] = {0, 1};
	struct carbon_access *access;
	time_t leave_until_at, read_at;
	long long mark, is_whole;
	struct carbon_word name = {"", 0};

	carbon_word_next(line, &name);
	if (carbon_lines_key(&reading->lines, line, "mark", marks, &mark, err) < 0 ||
	    read_time(reading, line, "leave_until", &leave_until_at, err) < 0 ||
	    read_time(reading, line, "rights_read", &read_at, err) < 0 ||
	    carbon_lines_key(&reading->lines, line, "rights_whole", flags, &is_whole, err) < 0)
		return -1;
	access = find_access(reading->memory, &name);
	reading->access = access && mark_of(access) == mark ? access : NULL;
	if (!reading->access)
		return 0;
	if (leave_until_at <= reading->memory->now + CARBON_LEAVE_MAX_S)
		access->leave_until_at = leave_until_at;
	access->rights.read_at = passed(reading, read_at);
	access->rights.is_whole = is_whole;
	return 0;
}

static struct carbon_inquiry *find_query(const struct reading *reading, const struct carbon_word *zone,
					 const struct carbon_word *signal)
{
	for (size_t i = 0; reading->access && i < reading->memory->tracks; i++) {
		struct carbon_track *track = &reading->memory->track[i];

		if (!carbon_word_is(zone, track->zone) ||
		    !carbon_word_is(signal, carbon_signal_name(track->signal)))
			continue;
		for (size_t k = 0; k < track->queries; k++)
			if (track->query[k].access == reading->access)
				return &track->query[k];
	}
	return NULL;
}

static int read_answered(struct reading *reading, struct carbon_word *line, struct carbon_err *err)
{
	static const long long steps[2] = {0, CARBON_STEP_MAX_S};
	struct carbon_word zone = {"", 0}, signal = {"", 0};
	struct carbon_inquiry *query;
	time_t history_at, forecast_at;
	long long step_s;

	carbon_word_next(line, &zone);
	carbon_word_next(line, &signal);
	if (read_time(reading, line, "history", &history_at, err) < 0 ||
	    read_time(reading, line, "forecast", &forecast_at, err) < 0 ||
	    carbon_lines_key(&reading->lines, line, "step", steps, &step_s, err) < 0)
		return -1;
	query = find_query(reading, &zone, &signal);
	if (!query && reading->access && reading->memory->others)
		carbon_buf_printf(reading->memory->others, "%s %.*s %.*s history=%lld forecast=%lld step=%lld\n",
				  reading->access->name, (int)zone.length, zone.text, (int)signal.length, signal.text,
				  (long long)history_at, (long long)forecast_at, step_s);
	if (!query)
		return 0;
	query->history_at = passed(reading, history_at);
	query->forecast_at = passed(reading, forecast_at);
	query->step_s = (time_t)step_s;
	return 0;
}

static int read_may(struct reading *reading, struct carbon_word *line, struct carbon_err *err)
{
	struct carbon_word zone = {"", 0}, bits = {"", 0};
	char name[CARBON_ZONE_MAX];
	long long may;

	carbon_word_next(line, &zone);
	carbon_word_next(line, &bits);
	if (carbon_word_copy(&zone, name, sizeof(name)) < 0 ||
	    carbon_word_int(&bits, 0, CARBON_RIGHTS_ALL, &may) < 0)
		return carbon_err_set(err, "line %lu: not a zone and its rights", reading->lines.number);
	return reading->access ? carbon_rights_set(&reading->access->rights, name, (unsigned int)may, err) : 0;
}

/* Lines of kinds that are not known are a later version's. */
static int read_line(struct reading *reading, struct carbon_word *line, struct carbon_err *err)
{
	struct carbon_word kind;

	if (!carbon_word_next(line, &kind))
		return 0;
	if (carbon_word_is(&kind, "source"))
		return read_source(reading, line, err);
	if (carbon_word_is(&kind, "answered"))
		return read_answered(reading, line, err);
	return carbon_word_is(&kind, "may") ? read_may(reading, line, err) : 0;
}

int carbon_memory_parse(const char *text, size_t length, const struct carbon_memory *memory, struct carbon_err *err)
{
	struct reading reading = {.memory = memory};
	struct carbon_word line;

	if (carbon_sealed_open(text, length, FORMAT, VERSION, &reading.lines, err) < 0)
		return -1;
	while (carbon_lines_next(&reading.lines, &line))
		if (read_line(&reading, &line, err) < 0)
			return -1;
	return 0;
}

/* --- writing --- */

static void format_answers(const struct carbon_memory *memory, const struct carbon_access *access,
			   struct carbon_buf *buf)
{
	for (size_t i = 0; i < memory->tracks; i++)
		for (size_t k = 0; k < memory->track[i].queries; k++) {
			const struct carbon_inquiry *query = &memory->track[i].query[k];

			if (query->access != access || !(query->history_at || query->forecast_at))
				continue;
			carbon_buf_printf(buf, "answered %s %s history=%lld forecast=%lld step=%lld\n",
					  memory->track[i].zone, carbon_signal_name(memory->track[i].signal),
					  (long long)query->history_at, (long long)query->forecast_at,
					  (long long)query->step_s);
		}
}

/* What earlier runs were answered of zones that this one was not about. */
static void format_others(const struct carbon_buf *others, const struct carbon_access *access, struct carbon_buf *buf)
{
	const char *cursor = others->text;
	struct carbon_word line, name = {"", 0};

	while (cursor && carbon_line_next(&cursor, others->text + others->length, &line))
		if (carbon_word_next(&line, &name) && carbon_word_is(&name, access->name))
			carbon_buf_printf(buf, "answered%.*s\n", (int)line.length, line.text);
}

int carbon_memory_format(const struct carbon_memory *memory, struct carbon_buf *buf, struct carbon_err *err)
{
	size_t begin = buf->length;

	carbon_buf_printf(buf, FORMAT " %d\n", VERSION);
	for (size_t i = 0; i < memory->accesses; i++) {
		const struct carbon_access *access = &memory->access[i];
		const struct carbon_rights *rights = &access->rights;

		if (!access->name)
			continue;
		carbon_buf_printf(buf, "source %s mark=%lu leave_until=%lld rights_read=%lld rights_whole=%d\n",
				  access->name, (unsigned long)mark_of(access), (long long)access->leave_until_at,
				  (long long)rights->read_at, rights->is_whole);
		format_answers(memory, access, buf);
		if (memory->others)
			format_others(memory->others, access, buf);
		for (size_t k = 0; k < rights->count; k++)
			carbon_buf_printf(buf, "may %s %u\n", rights->row[k].zone, rights->row[k].may);
	}
	return carbon_sealed_close(buf, begin, CARBON_MEMORY_SIZE_MAX, err);
}

/* --- what changes --- */

/* How long a point of the answer holds: as it said, or as its last two points tell. */
static time_t step_of(const struct carbon_reply *reply)
{
	const struct carbon_series *series = &reply->series;
	time_t step_s = reply->step_s;

	if (!step_s && series->count > 1)
		step_s = series->points[series->count - 1].at - series->points[series->count - 2].at;
	return step_s > 0 && step_s <= CARBON_STEP_MAX_S ? step_s : CARBON_STEP_MAX_S;
}

void carbon_memory_note(const struct carbon_memory *memory)
{
	for (size_t i = 0; i < memory->tracks; i++)
		for (size_t k = 0; k < memory->track[i].queries; k++) {
			struct carbon_inquiry *query = &memory->track[i].query[k];
			bool is_history = query->has_history && !query->is_history_kept;
			bool is_forecast = query->has_forecast && !query->is_forecast_kept;

			if (query->source->load)
				continue;
			if (is_history)
				query->history_at = memory->now;
			if (is_forecast)
				query->forecast_at = memory->now;
			if (is_history || is_forecast)
				query->step_s = step_of(is_history ? &query->history : &query->forecast);
		}
}

void carbon_memory_forget(const struct carbon_memory *memory)
{
	for (size_t i = 0; i < memory->accesses; i++)
		carbon_rights_fini(&memory->access[i].rights);
	for (size_t i = 0; i < memory->tracks; i++)
		for (size_t k = 0; k < memory->track[i].queries; k++)
			memory->track[i].query[k].history_at = memory->track[i].query[k].forecast_at = 0;
}
