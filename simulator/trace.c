/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What all trace formats share: checking a row, counting what is left out, numbering names,
 * sorting. Must never repair a row: it is used as it is, or not at all.
 */
#include "simulator/trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/file.h"
#include "lib/habit.h"
#include "lib/time.h"

static const char *const skip_texts[CARBON_TRACE_SKIPS] = {
	[CARBON_TRACE_MISSING] = "without submit or run time",
	[CARBON_TRACE_NEGATIVE] = "with a negative time or size",
	[CARBON_TRACE_NO_TIME] = "that ran for less than a second",
	[CARBON_TRACE_TOO_LARGE] = "with a run time, size or power that no job has",
	[CARBON_TRACE_STEP] = "that are steps of a job",
	[CARBON_TRACE_RAGGED] = "with more or fewer cells than the header",
	[CARBON_TRACE_UNFINISHED] = "of jobs that had not ended",
};

const char *carbon_trace_skip_text(enum carbon_trace_skip skip)
{
	return skip_texts[skip];
}

/* --- names --- */

#define HASH_SLOTS_FIRST 1024

/* Names are told apart by 64 bits of hash: among a million names two meet once in 37 million
 * traces. */
struct carbon_trace_names {
	size_t slots, used;
	uint64_t *hash; /* 0: free */
	uint32_t *number;
};

/* FNV-1a */
static uint64_t hash_of(const char *name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

static size_t slot_of(const struct carbon_trace_names *names, uint64_t hash)
{
	size_t slot = (size_t)(hash ^ hash >> 29) & (names->slots - 1);

	while (names->hash[slot] && names->hash[slot] != hash)
		slot = (slot + 1) & (names->slots - 1);
	return slot;
}

static void names_destroy(struct carbon_trace_names *names)
{
	if (!names)
		return;
	free(names->hash);
	free(names->number);
	free(names);
}

static struct carbon_trace_names *names_create(size_t slots)
{
	struct carbon_trace_names *names = calloc(1, sizeof(*names));

	if (!names)
		return NULL;
	names->slots = slots;
	names->hash = calloc(slots, sizeof(*names->hash));
	names->number = calloc(slots, sizeof(*names->number));
	if (names->hash && names->number)
		return names;
	names_destroy(names);
	return NULL;
}

/* Room for one more; false: no memory. */
static bool names_grow(struct carbon_trace *trace)
{
	struct carbon_trace_names *old = trace->names, *names;

	if (old && old->used * 2 < old->slots)
		return true;
	names = names_create(old ? old->slots * 2 : HASH_SLOTS_FIRST);
	if (!names)
		return false;
	for (size_t i = 0; old && i < old->slots; i++) {
		size_t slot;

		if (!old->hash[i])
			continue;
		slot = slot_of(names, old->hash[i]);
		names->hash[slot] = old->hash[i];
		names->number[slot] = old->number[i];
	}
	names->used = old ? old->used : 0;
	names_destroy(old);
	trace->names = names;
	return true;
}

uint32_t carbon_trace_number(struct carbon_trace *trace, const char *name)
{
	uint64_t hash = hash_of(name);
	size_t slot;

	if (!name[0] || !names_grow(trace))
		return 0;
	slot = slot_of(trace->names, hash);
	if (!trace->names->hash[slot]) {
		trace->names->hash[slot] = hash;
		trace->names->number[slot] = (uint32_t)++trace->names->used;
	}
	return trace->names->number[slot];
}

uint32_t carbon_trace_job_number(struct carbon_trace *trace, const char *name)
{
	char normalised[CARBON_HABIT_NAME_MAX];

	carbon_habit_normalise(name, normalised);
	return carbon_trace_number(trace, normalised);
}

/* --- rows --- */

/* 4.1625 hours are 14985 seconds, though 3600 times the nearest double is a little less. */
#define ROUNDING_S 1e-4

void carbon_trace_init(struct carbon_trace *trace)
{
	memset(trace, 0, sizeof(*trace));
}

void carbon_trace_fini(struct carbon_trace *trace)
{
	free(trace->job);
	names_destroy(trace->names);
	carbon_trace_init(trace);
}

struct carbon_trace_row carbon_trace_row_blank(size_t line)
{
	return (struct carbon_trace_row){line, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, 0, false, false, false};
}

/* Why ROW cannot be used; CARBON_TRACE_SKIPS: it can. */
static enum carbon_trace_skip judge(const struct carbon_trace_row *row)
{
	if (row->is_ragged)
		return CARBON_TRACE_RAGGED;
	if (row->is_step)
		return CARBON_TRACE_STEP;
	if (row->is_unfinished)
		return CARBON_TRACE_UNFINISHED;
	if (isnan(row->submit_s) || isnan(row->runtime_s))
		return CARBON_TRACE_MISSING;
	if (row->submit_s < 0 || row->runtime_s < 0 || row->nodes < 0 || row->power_w < 0 ||
	    row->limit_s < 0 || row->delay_s < 0)
		return CARBON_TRACE_NEGATIVE;
	if (row->runtime_s < 1)
		return CARBON_TRACE_NO_TIME;
	if (row->runtime_s > CARBON_TRACE_SECONDS_MAX || row->nodes > CARBON_TRACE_NODES_MAX ||
	    row->power_w > CARBON_TRACE_POWER_MAX || row->submit_s >= (double)CARBON_TIME_MAX)
		return CARBON_TRACE_TOO_LARGE;
	return CARBON_TRACE_SKIPS;
}

static uint32_t seconds(double value, uint32_t fallback)
{
	if (isnan(value))
		return fallback;
	return value > CARBON_TRACE_SECONDS_MAX ? CARBON_TRACE_SECONDS_MAX
						: (uint32_t)(value + ROUNDING_S);
}

static int reserve(struct carbon_trace *trace, struct carbon_err *err)
{
	size_t capacity = trace->capacity ? trace->capacity + trace->capacity / 2 : 1024;
	struct carbon_trace_job *job;

	if (trace->count < trace->capacity)
		return 0;
	if (trace->count >= CARBON_TRACE_JOBS_MAX)
		return carbon_err_set(err, "more than %zu jobs", CARBON_TRACE_JOBS_MAX);
	job = realloc(trace->job, capacity * sizeof(*job));
	if (!job)
		return carbon_err_set(err, "no memory for %zu jobs", capacity);
	trace->job = job;
	trace->capacity = capacity;
	return 0;
}

static void note_clock(struct carbon_trace *trace, time_t submit_at, size_t line)
{
	size_t *first = submit_at < CARBON_TIME_MIN ? &trace->relative_line : &trace->dated_line;

	if (!*first)
		*first = line;
}

int carbon_trace_add(struct carbon_trace *trace, const struct carbon_trace_row *row,
		     struct carbon_err *err)
{
	enum carbon_trace_skip skip = judge(row);
	struct carbon_trace_job job;

	if (skip != CARBON_TRACE_SKIPS) {
		if (!trace->skipped[skip]++)
			trace->first_line[skip] = row->line;
		return 0;
	}
	if (reserve(trace, err) < 0)
		return -1;
	job = (struct carbon_trace_job){
		.submit_at = (time_t)(row->submit_s + ROUNDING_S),
		.runtime_s = (uint32_t)(row->runtime_s + ROUNDING_S),
		.limit_s = seconds(row->limit_s, 0),
		.nodes = row->nodes >= 1 ? (uint32_t)row->nodes : 1,
		.delay_s = seconds(row->delay_s, CARBON_TRACE_NO_DELAY),
		.user = row->user,
		.name = row->name,
		.power_w = isnan(row->power_w) ? 0 : (float)row->power_w,
		.estimate_s = row->estimate_s > 0 ? seconds(row->estimate_s, 0) : 0,
	};
	note_clock(trace, job.submit_at, row->line);
	if (trace->count && job.submit_at < trace->job[trace->count - 1].submit_at)
		trace->unsorted++;
	trace->job[trace->count++] = job;
	return 0;
}

/* --- the whole --- */

/* A stable merge sort: jobs of one second stay in the order of the file. */
static void merge(struct carbon_trace_job *from, struct carbon_trace_job *to, size_t count,
		  size_t width)
{
	for (size_t start = 0; start < count; start += 2 * width) {
		size_t middle = start + width < count ? start + width : count;
		size_t end = start + 2 * width < count ? start + 2 * width : count;
		size_t i = start, j = middle;

		for (size_t k = start; k < end; k++) {
			bool left = i < middle &&
				    (j >= end || from[i].submit_at <= from[j].submit_at);

			to[k] = left ? from[i++] : from[j++];
		}
	}
}

static int sort(struct carbon_trace *trace, struct carbon_err *err)
{
	struct carbon_trace_job *other;

	if (!trace->unsorted)
		return 0;
	other = malloc(trace->count * sizeof(*other));
	if (!other)
		return carbon_err_set(err, "no memory to sort %zu jobs", trace->count);
	for (size_t width = 1; width < trace->count; width *= 2) {
		struct carbon_trace_job *sorted = other;

		merge(trace->job, other, trace->count, width);
		other = trace->job;
		trace->job = sorted;
	}
	trace->capacity = trace->count;
	free(other);
	return 0;
}

int carbon_trace_finish(struct carbon_trace *trace, struct carbon_err *err)
{
	size_t skipped = 0;

	for (size_t i = 0; i < CARBON_TRACE_SKIPS; i++)
		skipped += trace->skipped[i];
	if (!trace->count)
		return carbon_err_set(err, "no job that can be used (%zu rows left out)",
				      skipped);
	if (trace->relative_line && trace->dated_line)
		return carbon_err_set(err,
				      "line %zu: its submit time counts from the trace's begin, "
				      "that of line %zu from 1970",
				      trace->relative_line, trace->dated_line);
	if (sort(trace, err) < 0)
		return -1;
	trace->is_relative = trace->job[0].submit_at < CARBON_TIME_MIN;
	return 0;
}

/* --- which format --- */

#define SHOWN_MAX 40 /* of a line, in an error */

/* The first line that is neither empty nor a comment; its length. */
static size_t first_line(const char *text, size_t length, const char **line)
{
	const char *end = text + length;

	for (const char *at = text; at < end;) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		size_t count = (size_t)((stop ? stop : end) - at);

		if (count > 0 && *at != ';' && *at != '\r') {
			*line = at;
			return count;
		}
		at = stop ? stop + 1 : end;
	}
	*line = text;
	return 0;
}

static bool begins_with_number(const char *line, size_t count)
{
	size_t i = 0;

	while (i < count && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < count && (line[i] == '-' || (line[i] >= '0' && line[i] <= '9'));
}

static size_t line_of(const char *text, const char *line)
{
	size_t number = 1;

	while (text < line)
		number += *text++ == '\n';
	return number;
}

int carbon_trace_parse(const char *text, size_t length, double unit_s,
		       struct carbon_trace *trace, struct carbon_err *err)
{
	const char *line;
	size_t count = first_line(text, length, &line);

	if (count == 0)
		return carbon_err_set(err, "line 1: empty: no jobs");
	if (memchr(line, '|', count))
		return carbon_trace_parse_sacct(text, length, trace, err);
	if (memchr(line, ',', count))
		return carbon_trace_parse_csv(text, length, unit_s, trace, err);
	if (!begins_with_number(line, count))
		return carbon_err_set(err,
				      "line %zu: \"%.*s\" is neither a header with commas (CSV: submit,runtime_s,...) "
				      "or bars (sacct -P) nor a row of numbers (SWF)",
				      line_of(text, line), (int)(count < SHOWN_MAX ? count : SHOWN_MAX), line);
	return carbon_trace_parse_swf(text, length, trace, err);
}

int carbon_trace_read(const char *path, double unit_s, struct carbon_trace *trace,
		      struct carbon_err *err)
{
	struct carbon_err why;
	char *text = NULL;
	size_t length = 0, line;
	int rc;

	if (carbon_file_read(path, CARBON_TRACE_FILE_MAX, 0, NULL, &text, &length, err) < 0)
		return -1;
	rc = carbon_trace_parse(text, length, unit_s, trace, &why);
	free(text);
	if (rc == 0)
		return 0;
	if (strncmp(why.text, "line ", 5) == 0 &&
	    (line = strtoul(why.text + 5, NULL, 10)) > 0 && strstr(why.text, ": "))
		return carbon_err_set(err, "%s:%zu: %s", path, line,
				      strstr(why.text, ": ") + 2);
	return carbon_err_set(err, "%s: %s", path, why.text);
}

void carbon_trace_shift(struct carbon_trace *trace, time_t shift_s)
{
	for (size_t i = 0; i < trace->count; i++)
		trace->job[i].submit_at += shift_s;
	trace->is_relative = false;
}

size_t carbon_trace_cut(struct carbon_trace *trace, time_t from, time_t to)
{
	size_t kept = 0, before = trace->count;

	for (size_t i = 0; i < trace->count; i++)
		if (trace->job[i].submit_at >= from && trace->job[i].submit_at < to)
			trace->job[kept++] = trace->job[i];
	trace->count = kept;
	return before - kept;
}
