/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing an outlook (doc/carbon-outlook.5). Refuses whatever the reader would refuse, so that a file
 * that could be written is one that slurmctld will take.
 */
#include "lib/outlook.h"

#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/sealed.h"
#include "lib/time.h"

static bool is_time(time_t at)
{
	return at >= CARBON_TIME_MIN && at <= CARBON_TIME_MAX;
}

static time_t point_end(const struct carbon_outlook_draft *draft, size_t i)
{
	return i + 1 < draft->count ? draft->point[i + 1].at : draft->end_at;
}

/* The first point after part I. */
static size_t part_end(const struct carbon_outlook_draft *draft, size_t i)
{
	return i + 1 < draft->parts ? draft->part[i + 1].first : draft->count;
}

/* --- checking --- */

static int check_head(const struct carbon_outlook_draft *draft, struct carbon_err *err)
{
	if (!draft->zone || !carbon_zone_is_valid(draft->zone))
		return carbon_err_set(err, "zone \"%s\" should be a name such as DE or US-CAL-CISO",
				      draft->zone ? draft->zone : "");
	if ((unsigned int)draft->signal >= CARBON_SIGNALS)
		return carbon_err_set(err, "zone %s: signal %u is unknown", draft->zone,
				      (unsigned int)draft->signal);
	if (draft->count < 1 || draft->count > CARBON_OUTLOOK_POINTS_MAX)
		return carbon_err_set(err, "zone %s: %zu points should be 1 to %d", draft->zone,
				      draft->count, CARBON_OUTLOOK_POINTS_MAX);
	if (draft->parts < 1 || draft->parts > CARBON_OUTLOOK_PARTS_MAX)
		return carbon_err_set(err, "zone %s: %zu parts should be 1 to %d", draft->zone,
				      draft->parts, CARBON_OUTLOOK_PARTS_MAX);
	if (!is_time(draft->point[0].at) || !is_time(draft->end_at))
		return carbon_err_set(err, "zone %s: from %lld to %lld should lie within this century",
				      draft->zone, (long long)draft->point[0].at,
				      (long long)draft->end_at);
	if (draft->end_at - draft->point[0].at > CARBON_OUTLOOK_SPAN_MAX_S)
		return carbon_err_set(err, "zone %s: %lld seconds should be at most %d", draft->zone,
				      (long long)(draft->end_at - draft->point[0].at),
				      CARBON_OUTLOOK_SPAN_MAX_S);
	return 0;
}

static int check_part(const struct carbon_outlook_draft *draft, size_t i, struct carbon_err *err)
{
	const struct carbon_part *part = &draft->part[i];

	if ((unsigned int)part->kind >= CARBON_KINDS)
		return carbon_err_set(err, "zone %s: part %zu: kind %u is unknown", draft->zone, i + 1,
				      (unsigned int)part->kind);
	if (!carbon_name_is_valid(part->source, sizeof(part->source)))
		return carbon_err_set(err, "zone %s: part %zu: source \"%.*s\" is not a name",
				      draft->zone, i + 1, (int)sizeof(part->source), part->source);
	if (!is_time(part->issued_at))
		return carbon_err_set(err, "zone %s: part %zu: issued at %lld, not in this century",
				      draft->zone, i + 1, (long long)part->issued_at);
	if ((i == 0 && part->first != 0) || part->first >= part_end(draft, i) ||
	    part_end(draft, i) > draft->count)
		return carbon_err_set(err, "zone %s: part %zu: points %zu to %zu of %zu", draft->zone,
				      i + 1, part->first, part_end(draft, i), draft->count);
	return 0;
}

static int check_point(const struct carbon_outlook_draft *draft, size_t i, struct carbon_err *err)
{
	const struct carbon_outlook_point *point = &draft->point[i];
	char text[CARBON_TIME_TEXT];

	carbon_time_format(point->at, text);
	if (!carbon_intensity_is_plausible(point->mean_g_kwh) ||
	    !carbon_intensity_is_plausible(point->low_g_kwh) ||
	    !carbon_intensity_is_plausible(point->high_g_kwh))
		return carbon_err_set(err,
				      "zone %s: %s: %g (%g to %g) should be within 0 and 2000 g/kWh",
				      draft->zone, text, point->mean_g_kwh, point->low_g_kwh,
				      point->high_g_kwh);
	if (point->low_g_kwh > point->mean_g_kwh || point->mean_g_kwh > point->high_g_kwh)
		return carbon_err_set(err, "zone %s: %s: the band %g to %g does not hold its mean %g",
				      draft->zone, text, point->low_g_kwh, point->high_g_kwh,
				      point->mean_g_kwh);
	if (point_end(draft, i) <= point->at)
		return carbon_err_set(err, "zone %s: %s: the next point is not after it", draft->zone,
				      text);
	return 0;
}

static int check_draft(const struct carbon_outlook_draft *draft, struct carbon_err *err)
{
	if (check_head(draft, err))
		return -1;
	for (size_t i = 0; i < draft->parts; i++)
		if (check_part(draft, i, err))
			return -1;
	for (size_t i = 0; i < draft->count; i++)
		if (check_point(draft, i, err))
			return -1;
	return 0;
}

/* --- writing --- */

static void add_number(struct carbon_buf *buf, double value, char after)
{
	char text[CARBON_DECIMAL_TEXT + 1];
	size_t length = carbon_decimal_format(value, CARBON_OUTLOOK_PLACES, text);

	text[length] = after;
	carbon_buf_add(buf, text, length + 1);
}

static void add_point(struct carbon_buf *buf, const struct carbon_outlook_point *point)
{
	if (point->low_g_kwh == point->mean_g_kwh && point->high_g_kwh == point->mean_g_kwh) {
		add_number(buf, point->mean_g_kwh, '\n');
		return;
	}
	add_number(buf, point->mean_g_kwh, ' ');
	add_number(buf, point->low_g_kwh, ' ');
	add_number(buf, point->high_g_kwh, '\n');
}

/* Seconds from point to point of part I where they are all the same; 0: they vary. */
static time_t part_step(const struct carbon_outlook_draft *draft, size_t i)
{
	size_t first = draft->part[i].first;
	time_t step = point_end(draft, first) - draft->point[first].at;

	for (size_t k = first; k < part_end(draft, i); k++)
		if (point_end(draft, k) - draft->point[k].at != step)
			return 0;
	return step;
}

static void add_part(struct carbon_buf *buf, const struct carbon_outlook_draft *draft, size_t i)
{
	const struct carbon_part *part = &draft->part[i];
	time_t step = part_step(draft, i);

	carbon_buf_printf(buf, "part %s %s issued=%lld points=%zu", carbon_kind_name(part->kind),
			  part->source, (long long)part->issued_at, part_end(draft, i) - part->first);
	if (step)
		carbon_buf_printf(buf, " step=%lld", (long long)step);
	carbon_buf_puts(buf, "\n");
	for (size_t k = part->first; k < part_end(draft, i); k++) {
		if (!step)
			carbon_buf_printf(buf, "%lld ",
					  (long long)(point_end(draft, k) - draft->point[k].at));
		add_point(buf, &draft->point[k]);
	}
}

static void add_zone(struct carbon_buf *buf, const struct carbon_outlook_draft *draft)
{
	carbon_buf_printf(buf, "zone %s %s start=%lld end=%lld points=%zu parts=%zu\n", draft->zone,
			  carbon_signal_name(draft->signal), (long long)draft->point[0].at,
			  (long long)draft->end_at, draft->count, draft->parts);
	for (size_t i = 0; i < draft->parts; i++)
		add_part(buf, draft, i);
}

static int compare(const void *a, const void *b)
{
	const struct carbon_outlook_draft *const *x = a, *const *y = b;

	return carbon_outlook_compare((*x)->zone, (*x)->signal, (*y)->zone, (*y)->signal);
}

/* SORTED: pointers to the drafts in the file's order. */
static int sort_drafts(const struct carbon_outlook_draft *draft, size_t zones,
		       const struct carbon_outlook_draft **sorted, struct carbon_err *err)
{
	for (size_t i = 0; i < zones; i++) {
		if (check_draft(&draft[i], err))
			return -1;
		sorted[i] = &draft[i];
	}
	qsort(sorted, zones, sizeof(*sorted), compare);
	for (size_t i = 1; i < zones; i++)
		if (compare(&sorted[i - 1], &sorted[i]) == 0)
			return carbon_err_set(err, "zone %s %s is there twice", sorted[i]->zone,
					      carbon_signal_name(sorted[i]->signal));
	return 0;
}

int carbon_outlook_format(const struct carbon_outlook_draft *draft, size_t zones, time_t written_at,
			  struct carbon_buf *buf, struct carbon_err *err)
{
	const struct carbon_outlook_draft *sorted[CARBON_OUTLOOK_ZONES_MAX];
	size_t begin = buf->length;

	if (zones < 1 || zones > CARBON_OUTLOOK_ZONES_MAX)
		return carbon_err_set(err, "%zu zones should be 1 to %d", zones,
				      CARBON_OUTLOOK_ZONES_MAX);
	if (!is_time(written_at))
		return carbon_err_set(err, "written at %lld, not in this century",
				      (long long)written_at);
	if (sort_drafts(draft, zones, sorted, err))
		return -1;
	carbon_buf_printf(buf, "carbon-outlook 1\nwritten %lld\nzones %zu\n", (long long)written_at,
			  zones);
	for (size_t i = 0; i < zones; i++)
		add_zone(buf, sorted[i]);
	return carbon_sealed_close(buf, begin, CARBON_OUTLOOK_SIZE_MAX, err);
}
