/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs in, rows out. Each zone's history is read once in long stretches and kept while runs pass by in order of
 * time. Must never stop for an odd run.
 */
#include "accounting/books.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/ledger.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/time.h"

#define ZONES_MAX 256
#define HOUR_S 3600
#define DAY_S 86400
#define MARGIN_S ((time_t)30 * DAY_S) /* history read beyond what is asked for */
#define OPEN_PAGE 512

/* History of one zone over [from, to). */
struct track {
	char zone[CARBON_ZONE_MAX];
	enum carbon_signal signal;
	time_t from, to;
	struct carbon_series series;
};

struct carbon_books {
	struct carbon_store *store;
	struct carbon_books_site site;
	carbon_books_odd_f odd;
	void *odd_context;
	time_t now;
	struct carbon_books_count count;
	size_t tracks;
	struct track track[ZONES_MAX];
};

struct carbon_books *carbon_books_create(struct carbon_store *store,
					 const struct carbon_books_site *site, time_t now)
{
	struct carbon_books *books = calloc(1, sizeof(*books));

	if (!books)
		return NULL;
	books->store = store;
	books->site = *site;
	books->now = now;
	return books;
}

void carbon_books_destroy(struct carbon_books *books)
{
	if (!books)
		return;
	for (size_t i = 0; i < books->tracks; i++)
		carbon_series_fini(&books->track[i].series);
	free(books);
}

const struct carbon_books_count *carbon_books_count(const struct carbon_books *books)
{
	return &books->count;
}

void carbon_books_listen(struct carbon_books *books, carbon_books_odd_f odd, void *context)
{
	books->odd = odd;
	books->odd_context = context;
}

/* --- history --- */

static struct track *find_track(struct carbon_books *books, const char *zone,
				enum carbon_signal signal)
{
	struct track *track;

	for (size_t i = 0; i < books->tracks; i++)
		if (books->track[i].signal == signal && strcmp(books->track[i].zone, zone) == 0)
			return &books->track[i];
	/* More zones than any cluster has: begin again with the first. */
	if (books->tracks == ZONES_MAX) {
		track = &books->track[0];
		carbon_series_fini(&track->series);
	} else {
		track = &books->track[books->tracks++];
	}
	memset(track, 0, sizeof(*track));
	carbon_series_init(&track->series);
	memcpy(track->zone, zone, strlen(zone) + 1);
	track->signal = signal;
	return track;
}

/* A zone that only a typical day is known of has that for its history. 1: it is such a zone, 0, -1. */
static int fill_typical(struct carbon_books *books, struct track *track, struct carbon_err *err)
{
	const struct carbon_books_site *site = &books->site;
	struct carbon_point point = {.kind = CARBON_KIND_PROFILE};

	for (point.at = carbon_hour_floor(track->from); point.at < track->to; point.at += HOUR_S) {
		point.g_kwh = site->typical ? site->typical(site->context, track->zone,
							    track->signal, point.at)
					    : NAN;
		if (isnan(point.g_kwh))
			return 0;
		if (carbon_series_add(&track->series, point, err) < 0)
			return -1;
	}
	return 1;
}

static int fill_track(struct carbon_books *books, struct track *track, struct carbon_err *err)
{
	const struct carbon_books_site *site = &books->site;
	int rc = fill_typical(books, track, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return carbon_store_history_get(books->store, track->zone, track->signal,
					site->sources(site->context, track->zone), track->from,
					track->to, &track->series, err);
}

/* The zone's history, at least a day around what is asked for. NULL: error. */
static const struct carbon_series *find_series(struct carbon_books *books, const char *zone,
					       enum carbon_signal signal, time_t from, time_t to,
					       struct carbon_err *err)
{
	struct track *track = find_track(books, zone, signal);
	bool is_empty = track->from == track->to;

	from -= DAY_S;
	to += DAY_S;
	if (!is_empty && from >= track->from && to <= track->to)
		return &track->series;
	track->from = is_empty || from < track->from ? from - MARGIN_S : track->from;
	track->to = is_empty || to > track->to ? to + MARGIN_S : track->to;
	carbon_series_fini(&track->series);
	carbon_series_init(&track->series);
	if (fill_track(books, track, err) < 0) {
		track->from = track->to; /* read again, should anybody go on */
		return NULL;
	}
	return &track->series;
}

/* All that a run's emissions and credit need: itself, and where it would have been. */
static int weigh(struct carbon_books *books, const char *zone, enum carbon_signal signal,
		 const struct carbon_settled_energy *energy, const struct carbon_settle_times *times,
		 struct carbon_settled_mass *mass, struct carbon_err *err)
{
	time_t from = times->start_at, to = times->end_at;
	time_t length = to > from ? to - from : 0;
	const time_t others[] = {times->baseline_at, times->shadow_at};
	const struct carbon_series *series = NULL;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!others[i])
			continue;
		from = others[i] < from ? others[i] : from;
		to = others[i] + length > to ? others[i] + length : to;
	}
	if (zone[0]) {
		series = find_series(books, zone, signal, from, to, err);
		if (!series)
			return -1;
	}
	*mass = carbon_settle_mass(energy, times, series, books->now);
	return 0;
}

/* --- one run --- */

/* From the run's own comment, else from what was seen while it waited. 1, 0 or -1. */
static int find_record(struct carbon_books *books, const struct carbon_run *run,
		       struct carbon_record *record, unsigned int *odd, struct carbon_err *err)
{
	int rc = carbon_record_read(run->comment, record, NULL);

	if (rc == 1)
		return 1;
	if (rc < 0)
		*odd |= CARBON_ODD_RECORD;
	return carbon_ledger_decision_find(books->store, run->cluster, run->id, run->array_id,
					   record, err);
}

static int find_times(struct carbon_books *books, const struct carbon_run *run,
		      const struct carbon_record *record, struct carbon_settle_times *times,
		      struct carbon_err *err)
{
	time_t first = run->start_at;

	if (record && carbon_ledger_first_start(books->store, run->cluster, run->id,
						record->decided_at, &first, err) < 0)
		return -1;
	if (first > run->start_at)
		first = run->start_at;
	*times = carbon_settle_times(run, record, first);
	return 0;
}

static void count_odd(struct carbon_books *books, const struct carbon_run *run, unsigned int odd)
{
	for (unsigned int i = 0; i < CARBON_ODD_KINDS; i++)
		books->count.odd[i] += (odd >> i) & 1;
	if (odd && books->odd)
		books->odd(books->odd_context, run, odd);
}

static void count_run(struct carbon_books *books, const struct carbon_settled_mass *mass,
		      bool has_record)
{
	books->count.runs++;
	books->count.with_record += has_record;
	books->count.unknown += isnan(mass->mass_g) ? 1 : 0;
	books->count.provisional += mass->method == CARBON_INTENSITY_PROVISIONAL;
}

/* A row that ended before it started is kept with no duration, so that sums of time stay right. */
static int write_run(struct carbon_books *books, const struct carbon_run *run,
		     const struct carbon_record *record, unsigned int odd, struct carbon_err *err)
{
	bool is_gone = false;
	const struct carbon_place *place =
		books->site.place(books->site.context, run->partition, &is_gone);
	struct carbon_settled_energy energy = carbon_settle_energy(run, place);
	struct carbon_settle_times times;
	struct carbon_settled_mass mass;
	struct carbon_ledger_row row = {
		.run = run, .record = record, .place = place, .energy = &energy, .times = &times,
		.mass = &mass, .odd = odd | (is_gone ? CARBON_ODD_NO_PARTITION : 0),
		.signal = books->site.signal, .settled_at = books->now,
	};

	if (find_times(books, run, record, &times, err) < 0 ||
	    weigh(books, place->zone, row.signal, &energy, &times, &mass, err) < 0 ||
	    carbon_ledger_put(books->store, &row, err) < 0)
		return -1;
	count_odd(books, run, row.odd);
	count_run(books, &mass, record != NULL);
	return 0;
}

int carbon_books_add(struct carbon_books *books, const struct carbon_run *run, struct carbon_err *err)
{
	unsigned int odd = carbon_settle_odd(run);
	struct carbon_record record;
	int found;

	if (run->start_at == 0)
		return 0;
	if (odd & CARBON_ODD_NO_END) {
		books->count.running++;
		return 0;
	}
	found = find_record(books, run, &record, &odd, err);
	if (found < 0)
		return -1;
	return write_run(books, run, found == 1 ? &record : NULL, odd, err);
}

/* --- again --- */

static int revise(struct carbon_books *books, const struct carbon_ledger_open *open,
		  struct carbon_err *err)
{
	struct carbon_settled_mass mass;

	if (weigh(books, open->zone, open->signal, &open->energy, &open->times, &mass, err) < 0)
		return -1;
	books->count.revised++;
	return carbon_ledger_revise(books->store, open, &mass, books->now, err);
}

int carbon_books_revise(struct carbon_books *books, const char *cluster, struct carbon_err *err)
{
	struct carbon_ledger_open *page = calloc(OPEN_PAGE, sizeof(*page));
	struct carbon_ledger_open last;
	size_t count = 0;
	bool is_first = true;
	int rc = page ? 0 : carbon_err_set(err, "no memory");

	while (rc == 0) {
		rc = carbon_ledger_open(books->store, cluster, is_first ? NULL : &last, OPEN_PAGE,
					page, &count, err);
		if (rc < 0 || count == 0)
			break;
		last = page[count - 1];
		is_first = false;
		for (size_t i = 0; i < count && rc == 0; i++)
			rc = revise(books, &page[i], err);
	}
	free(page);
	return rc;
}
