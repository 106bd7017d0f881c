/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outlook: the intensity of the next days for every zone, mean and a low/high band, with source,
 * issue time and kind of each part. Written by carbon-forecaster, read by slurmctld and carbonctl
 * (doc/carbon-outlook.5, "carbon-outlook 1"). Immutable after reading.
 */
#ifndef CARBON_OUTLOOK_H
#define CARBON_OUTLOOK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "lib/curve.h"
#include "lib/intensity.h"

struct carbon_err;
struct carbon_buf;

#define CARBON_OUTLOOK_SIZE_MAX ((size_t)16 << 20)
#define CARBON_OUTLOOK_ZONES_MAX 512
#define CARBON_OUTLOOK_POINTS_MAX 4096	/* a zone: 14 days in 5-minute steps */
#define CARBON_OUTLOOK_PARTS_MAX 8	/* a zone */
#define CARBON_OUTLOOK_SPAN_MAX_S 34560000 /* a zone: 400 days */
#define CARBON_OUTLOOK_PLACES 2		/* decimal places of a value in the file */

/* One stretch of a zone's points that came from one source at one time. */
struct carbon_part {
	size_t first; /* index of its first point (read: segment of the curves); it reaches to the next part's */
	enum carbon_kind kind;
	char source[CARBON_SOURCE_MAX]; /* "electricitymaps", "file", "mean7", "profile" */
	time_t issued_at;
};

struct carbon_outlook_zone {
	char name[CARBON_ZONE_MAX];
	enum carbon_signal signal;
	size_t parts;
	struct carbon_part part[CARBON_OUTLOOK_PARTS_MAX];
	struct carbon_curve mean; /* equal neighbours within a part are one segment; all three share their knots */
	struct carbon_curve low;  /* 10 % */
	struct carbon_curve high; /* 90 %; where a source gives no band, low = mean = high */
	void *storage; /* owner of the arrays above */
};

struct carbon_outlook {
	time_t written_at;
	size_t zones;
	struct carbon_outlook_zone *zone; /* sorted by name, then signal */
};

/*
 * From the text of a file. Errors name the line: another version, checksum, order, implausible value,
 * a band that does not hold its mean, over a cap. *OUT is NULL on failure; free with destroy.
 */
int carbon_outlook_parse(const char *text, size_t length, struct carbon_outlook **out,
			 struct carbon_err *err);
void carbon_outlook_destroy(struct carbon_outlook *outlook);

/* Zone names compare without case (records may come back in lower case). NULL: not there. */
const struct carbon_outlook_zone *carbon_outlook_find(const struct carbon_outlook *outlook,
						      const char *zone, enum carbon_signal signal);

/* The part that holds point AT (clamped to the first and last one). */
const struct carbon_part *carbon_outlook_part(const struct carbon_outlook_zone *zone, time_t at);

/* The order of zones in the file: by name without case, then by signal. Like strcmp(). */
int carbon_outlook_compare(const char *zone_a, enum carbon_signal signal_a, const char *zone_b,
			   enum carbon_signal signal_b);

/* --- writing --- */

/* What a writer hands over for one zone: COUNT points, each valid to the next, the last to END_AT. */
struct carbon_outlook_point {
	time_t at;
	double mean_g_kwh, low_g_kwh, high_g_kwh;
};

struct carbon_outlook_draft {
	const char *zone;
	enum carbon_signal signal;
	size_t parts;
	struct carbon_part part[CARBON_OUTLOOK_PARTS_MAX];
	size_t count;
	const struct carbon_outlook_point *point;
	time_t end_at;
};

/*
 * Append the whole file, trailer included, to BUF; drafts may come in any order. Values are rounded to
 * CARBON_OUTLOOK_PLACES. Errors: what the reader would refuse, no zone at all, BUF full; BUF then
 * holds no part of the file.
 */
int carbon_outlook_format(const struct carbon_outlook_draft *draft, size_t zones, time_t written_at,
			  struct carbon_buf *buf, struct carbon_err *err);

#endif
