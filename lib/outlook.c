/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading an outlook (doc/carbon-outlook.5). Runs inside slurmctld: one pass, one allocation per
 * zone, and nothing that the text claims is believed before it is seen.
 */
#include "lib/outlook.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/sealed.h"
#include "lib/time.h"

#define STEP_VARIES 0

/* What is known of the zone that is being read; its arrays are copied when it is complete. */
struct reading {
	struct carbon_lines lines;
	struct carbon_err *err;
	struct carbon_outlook_zone *zone;
	uint32_t span_s; /* from its start to its end */
	uint32_t at_s;	 /* reached so far */
	size_t points;	 /* still to come */
	size_t count;	 /* segments so far */
	bool band;	 /* some low or high differs from its mean */
	uint32_t knot_s[CARBON_OUTLOOK_POINTS_MAX + 1];
	float mean[CARBON_OUTLOOK_POINTS_MAX];
	float low[CARBON_OUTLOOK_POINTS_MAX];
	float high[CARBON_OUTLOOK_POINTS_MAX];
};

struct point {
	double mean, low, high;
};

/* --- points: the only part that must be fast --- */

/* "MEAN" or "MEAN LOW HIGH", single spaces, up to the newline, which is passed. */
static int scan_values(const char **cursor, const char *end, struct point *point)
{
	const char *at = *cursor;

	if (carbon_decimal_scan(&at, end, &point->mean))
		return -1;
	point->low = point->high = point->mean;
	if (at < end && *at == ' ') {
		at++;
		if (carbon_decimal_scan(&at, end, &point->low) || at == end || *at++ != ' ' ||
		    carbon_decimal_scan(&at, end, &point->high))
			return -1;
	}
	if (at == end || *at != '\n')
		return -1;
	*cursor = at + 1;
	return 0;
}

/* "SECONDS " in front of the values where the step varies. */
static int scan_seconds(const char **cursor, const char *end, uint32_t *seconds)
{
	double value;

	if (carbon_decimal_scan(cursor, end, &value) || *cursor == end || **cursor != ' ')
		return -1;
	(*cursor)++;
	*seconds = (uint32_t)value; /* nine digits at most */
	return *seconds > 0 && (double)*seconds == value ? 0 : -1;
}

static int refuse_point(struct reading *r, const char *text, const char *right)
{
	struct carbon_word line = {"", 0};
	char shown[CARBON_WORD_SHOWN];

	carbon_line_next(&text, r->lines.end, &line);
	return carbon_err_set(r->err, "line %lu: zone %s: \"%s\" should be %s", r->lines.number,
			      r->zone->name, carbon_word_show(&line, shown), right);
}

static int check_values(struct reading *r, const char *text, const struct point *point)
{
	if (!carbon_intensity_is_plausible(point->mean) ||
	    !carbon_intensity_is_plausible(point->low) ||
	    !carbon_intensity_is_plausible(point->high))
		return refuse_point(r, text, "within 0 and 2000 g/kWh");
	if (point->low > point->mean || point->mean > point->high)
		return refuse_point(r, text, "MEAN LOW HIGH with LOW <= MEAN <= HIGH");
	return 0;
}

/* Equal neighbours become one segment, for fewer knots decide faster; never across parts. */
static void add_segment(struct reading *r, size_t first, const struct point *point)
{
	size_t i = r->count;
	float mean = (float)point->mean, low = (float)point->low, high = (float)point->high;

	if (i > first && r->mean[i - 1] == mean && r->low[i - 1] == low && r->high[i - 1] == high)
		return;
	r->knot_s[i] = r->at_s;
	r->mean[i] = mean;
	r->low[i] = low;
	r->high[i] = high;
	r->band = r->band || low != mean || high != mean;
	r->count++;
}

static int read_points(struct reading *r, size_t points, uint32_t step)
{
	size_t first = r->count;

	for (; points > 0; points--) {
		const char *text = r->lines.cursor;
		uint32_t seconds = step;
		struct point point;

		r->lines.number++;
		if (step == STEP_VARIES &&
		    scan_seconds(&r->lines.cursor, r->lines.end, &seconds))
			return refuse_point(r, text, "SECONDS MEAN or SECONDS MEAN LOW HIGH");
		if (scan_values(&r->lines.cursor, r->lines.end, &point))
			return refuse_point(r, text,
					    step ? "MEAN or MEAN LOW HIGH"
						 : "SECONDS MEAN or SECONDS MEAN LOW HIGH");
		if (check_values(r, text, &point))
			return -1;
		if (seconds > r->span_s - r->at_s)
			return refuse_point(r, text, "before the end that the zone line gives");
		add_segment(r, first, &point);
		r->at_s += seconds;
	}
	return 0;
}

/* --- the lines around them --- */

static int next_line(struct reading *r, const char *keyword, const char *right,
		     struct carbon_word *line)
{
	struct carbon_word word = {"", 0}, whole = {"", 0};
	char shown[CARBON_WORD_SHOWN];

	if (!carbon_lines_next(&r->lines, line))
		r->lines.number++;
	else
		whole = *line;
	if (whole.length > 0 && carbon_word_next(line, &word) && carbon_word_is(&word, keyword))
		return 0;
	return carbon_err_set(r->err, "line %lu: \"%s\" should be \"%s\"", r->lines.number,
			      carbon_word_show(&whole, shown), right);
}

/* Only spaces may be left. */
static int end_line(struct reading *r, struct carbon_word *line)
{
	struct carbon_word word;
	char shown[CARBON_WORD_SHOWN];

	if (!carbon_word_next(line, &word))
		return 0;
	return carbon_err_set(r->err, "line %lu: \"%s\" should not be there", r->lines.number,
			      carbon_word_show(&word, shown));
}

static int read_integer_line(struct reading *r, const char *keyword, const long long bounds[2],
			     long long *out)
{
	struct carbon_word line, word = {"", 0};
	char shown[CARBON_WORD_SHOWN];

	if (next_line(r, keyword, keyword, &line))
		return -1;
	carbon_word_next(&line, &word);
	if (carbon_word_int(&word, bounds[0], bounds[1], out))
		return carbon_err_set(r->err, "line %lu: %s \"%s\" should be %lld to %lld",
				      r->lines.number, keyword, carbon_word_show(&word, shown),
				      bounds[0], bounds[1]);
	return end_line(r, &line);
}

static int read_kind(struct reading *r, struct carbon_word *line, enum carbon_kind *kind)
{
	struct carbon_word word = {"", 0};
	char name[CARBON_SOURCE_MAX], shown[CARBON_WORD_SHOWN];

	carbon_word_next(line, &word);
	if (!carbon_word_copy(&word, name, sizeof(name)) && carbon_kind_find(name, kind))
		return 0;
	return carbon_err_set(r->err,
			      "line %lu: kind \"%s\" should be measured, estimated, forecast, "
			      "model or profile",
			      r->lines.number, carbon_word_show(&word, shown));
}

static int read_source(struct reading *r, struct carbon_word *line, char source[CARBON_SOURCE_MAX])
{
	struct carbon_word word = {"", 0};
	char shown[CARBON_WORD_SHOWN];

	carbon_word_next(line, &word);
	if (!carbon_word_copy(&word, source, CARBON_SOURCE_MAX) &&
	    carbon_name_is_valid(source, CARBON_SOURCE_MAX))
		return 0;
	return carbon_err_set(r->err, "line %lu: source \"%s\" should be a name of 1 to %d characters",
			      r->lines.number, carbon_word_show(&word, shown), CARBON_SOURCE_MAX - 1);
}

/* "part KIND SOURCE issued=EPOCH points=N [step=SECONDS]" and its points. */
static int read_part(struct reading *r, struct carbon_part *part, size_t parts_after)
{
	static const long long times[2] = {CARBON_TIME_MIN, CARBON_TIME_MAX};
	const long long points[2] = {1, (long long)(r->points - parts_after)};
	const long long steps[2] = {1, r->span_s};
	struct carbon_word line;
	long long issued_at, count, step = STEP_VARIES;

	if (next_line(r, "part", "part KIND SOURCE issued=EPOCH points=N step=SECONDS", &line))
		return -1;
	part->first = r->count;
	if (read_kind(r, &line, &part->kind) || read_source(r, &line, part->source) ||
	    carbon_lines_key(&r->lines, &line, "issued", times, &issued_at, r->err) ||
	    carbon_lines_key(&r->lines, &line, "points", points, &count, r->err) ||
	    (line.length > 0 &&
	     carbon_lines_key(&r->lines, &line, "step", steps, &step, r->err)) ||
	    end_line(r, &line))
		return -1;
	part->issued_at = (time_t)issued_at;
	r->points -= (size_t)count;
	return read_points(r, (size_t)count, (uint32_t)step);
}

static int read_name(struct reading *r, struct carbon_word *line)
{
	struct carbon_outlook_zone *zone = r->zone;
	struct carbon_word word = {"", 0};
	char signal[CARBON_SOURCE_MAX], shown[CARBON_WORD_SHOWN];

	carbon_word_next(line, &word);
	if (carbon_word_copy(&word, zone->name, sizeof(zone->name)) ||
	    !carbon_zone_is_valid(zone->name))
		return carbon_err_set(r->err,
				      "line %lu: zone \"%s\" should be a name such as DE or US-CAL-CISO",
				      r->lines.number, carbon_word_show(&word, shown));
	word.length = 0;
	carbon_word_next(line, &word);
	if (carbon_word_copy(&word, signal, sizeof(signal)) ||
	    !carbon_signal_find(signal, &zone->signal))
		return carbon_err_set(r->err,
				      "line %lu: signal \"%s\" should be average-lifecycle, "
				      "average-direct or marginal",
				      r->lines.number, carbon_word_show(&word, shown));
	return 0;
}

/* "zone NAME SIGNAL start=EPOCH end=EPOCH points=N parts=N" */
static int read_zone_line(struct reading *r)
{
	long long times[2] = {CARBON_TIME_MIN, CARBON_TIME_MAX};
	static const long long points[2] = {1, CARBON_OUTLOOK_POINTS_MAX};
	long long parts[2] = {1, CARBON_OUTLOOK_PARTS_MAX};
	struct carbon_word line;
	long long start_at, end_at, point_count, part_count;

	if (next_line(r, "zone", "zone NAME SIGNAL start=EPOCH end=EPOCH points=N parts=N", &line) ||
	    read_name(r, &line) ||
	    carbon_lines_key(&r->lines, &line, "start", times, &start_at, r->err))
		return -1;
	times[0] = start_at + 1;
	times[1] = start_at + CARBON_OUTLOOK_SPAN_MAX_S;
	if (carbon_lines_key(&r->lines, &line, "end", times, &end_at, r->err) ||
	    carbon_lines_key(&r->lines, &line, "points", points, &point_count, r->err))
		return -1;
	parts[1] = point_count < parts[1] ? point_count : parts[1];
	if (carbon_lines_key(&r->lines, &line, "parts", parts, &part_count, r->err) ||
	    end_line(r, &line))
		return -1;
	r->zone->mean.start_at = (time_t)start_at;
	r->zone->parts = (size_t)part_count;
	r->span_s = (uint32_t)(end_at - start_at);
	r->points = (size_t)point_count;
	return 0;
}

static int check_order(struct reading *r, const struct carbon_outlook *outlook)
{
	const struct carbon_outlook_zone *last = r->zone - 1;

	if (outlook->zones == 0 ||
	    carbon_outlook_compare(last->name, last->signal, r->zone->name, r->zone->signal) < 0)
		return 0;
	return carbon_err_set(r->err,
			      "line %lu: zone %s %s should come before %s %s, and once: zones are "
			      "sorted by name, then signal",
			      r->lines.number, r->zone->name, carbon_signal_name(r->zone->signal),
			      last->name, carbon_signal_name(last->signal));
}

/* One allocation: sums first, for they need the strictest alignment. */
static int keep_zone(struct reading *r)
{
	struct carbon_outlook_zone *zone = r->zone;
	const float *values[3] = {r->mean, r->low, r->high};
	struct carbon_curve *curves[3] = {&zone->mean, &zone->low, &zone->high};
	size_t count = r->count, curve_count = r->band ? 3 : 1;
	size_t sums = curve_count * (count + 1), swings = CARBON_CURVE_SWINGS(count);
	size_t swing_bytes = curve_count * swings * sizeof(struct carbon_swing);
	size_t knot_bytes = (count + 1) * sizeof(uint32_t), sum_bytes = sums * sizeof(double);
	char *storage = malloc(sum_bytes + swing_bytes + knot_bytes + curve_count * count * sizeof(float));
	void *swing_place, *knot_place, *value_place;
	struct carbon_swing *swing;
	double *sum;
	uint32_t *knot_s;
	float *value;

	if (!storage)
		return carbon_err_set(r->err, "zone %s: no memory", zone->name);
	zone->storage = storage;
	swing_place = storage + sum_bytes;
	knot_place = storage + sum_bytes + swing_bytes;
	value_place = storage + sum_bytes + swing_bytes + knot_bytes;
	sum = zone->storage;
	swing = swing_place;
	knot_s = knot_place;
	value = value_place;
	memcpy(knot_s, r->knot_s, knot_bytes);
	zone->mean.count = count;
	zone->mean.knot_s = knot_s;
	for (size_t i = 0; i < curve_count; i++) {
		memcpy(value, values[i], count * sizeof(*value));
		carbon_curve_sum(count, knot_s, value, sum);
		*curves[i] = zone->mean;
		curves[i]->value = value;
		curves[i]->sum = sum;
		carbon_curve_swings(curves[i], swing);
		curves[i]->swing = swing;
		value += count;
		sum += count + 1;
		swing += swings;
	}
	for (size_t i = curve_count; i < 3; i++)
		*curves[i] = zone->mean;
	return 0;
}

static int read_zone(struct reading *r, const struct carbon_outlook *outlook)
{
	struct carbon_outlook_zone *zone = r->zone;

	r->count = r->at_s = 0;
	r->band = false;
	if (read_zone_line(r) || check_order(r, outlook))
		return -1;
	for (size_t i = 0; i < zone->parts; i++)
		if (read_part(r, &zone->part[i], zone->parts - 1 - i))
			return -1;
	if (r->points > 0)
		return carbon_err_set(r->err, "line %lu: zone %s: its parts hold %zu points too few",
				      r->lines.number, zone->name, r->points);
	if (r->at_s != r->span_s)
		return carbon_err_set(r->err,
				      "line %lu: zone %s: its points end at %lld; its zone line says %lld",
				      r->lines.number, zone->name,
				      (long long)zone->mean.start_at + r->at_s,
				      (long long)zone->mean.start_at + r->span_s);
	r->knot_s[r->count] = r->at_s;
	return keep_zone(r);
}

static int read_zones(struct reading *r, struct carbon_outlook *outlook)
{
	static const long long times[2] = {CARBON_TIME_MIN, CARBON_TIME_MAX};
	static const long long caps[2] = {1, CARBON_OUTLOOK_ZONES_MAX};
	struct carbon_word line;
	long long written_at, zones;

	if (read_integer_line(r, "written", times, &written_at) ||
	    read_integer_line(r, "zones", caps, &zones))
		return -1;
	outlook->written_at = (time_t)written_at;
	outlook->zone = calloc((size_t)zones, sizeof(*outlook->zone));
	if (!outlook->zone)
		return carbon_err_set(r->err, "no memory for %lld zones", zones);
	for (; outlook->zones < (size_t)zones; outlook->zones++) {
		r->zone = &outlook->zone[outlook->zones];
		if (read_zone(r, outlook))
			return -1;
	}
	return carbon_lines_next(&r->lines, &line)
		       ? carbon_err_set(r->err, "line %lu: something follows the last of %lld zones",
					r->lines.number, zones)
		       : 0;
}

int carbon_outlook_parse(const char *text, size_t length, struct carbon_outlook **out,
			 struct carbon_err *err)
{
	int rc = -1;
	struct carbon_outlook *outlook = NULL;
	struct reading *r = NULL;

	*out = NULL;
	if (length > CARBON_OUTLOOK_SIZE_MAX)
		return carbon_err_set(err, "%zu bytes; an outlook has at most %zu", length,
				      CARBON_OUTLOOK_SIZE_MAX);
	outlook = calloc(1, sizeof(*outlook));
	r = malloc(sizeof(*r));
	if (!outlook || !r) {
		carbon_err_set(err, "no memory");
		goto out;
	}
	r->err = err;
	if (carbon_sealed_open(text, length, "carbon-outlook", 1, &r->lines, err))
		goto out;
	if (read_zones(r, outlook))
		goto out;
	*out = outlook;
	outlook = NULL;
	rc = 0;
out:
	free(r);
	carbon_outlook_destroy(outlook);
	return rc;
}
