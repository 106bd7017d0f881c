/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs in, rows out. Must never stop for an odd run. */
#include "accounting/books.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accounting/known.h"
#include "accounting/ledger.h"
#include "lib/err.h"
#include "lib/time.h"

#define OPEN_PAGE 512
#define SPAN_MAX_S ((time_t)2 * 366 * 86400) /* from where a run would have been to its end */

/* A run on its way to its emissions. */
struct subject {
	const char *cluster, *partition, *zone;
	enum carbon_signal signal;
	const struct carbon_settled_energy *energy;
	const struct carbon_settle_times *times;
};

struct carbon_books {
	struct carbon_store *store;
	struct carbon_books_site site;
	carbon_books_odd_f odd;
	void *odd_context;
	time_t now;
	struct carbon_books_count count;
	struct carbon_known *known;
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
	books->known = carbon_known_create(store, &books->site);
	if (!books->known) {
		free(books);
		return NULL;
	}
	return books;
}

void carbon_books_destroy(struct carbon_books *books)
{
	if (!books)
		return;
	carbon_known_destroy(books->known);
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

/* --- emissions --- */

/* From when to when history is needed: of itself, and of where it would have been. */
static void find_span(const struct subject *subject, time_t span[2])
{
	const struct carbon_settle_times *times = subject->times;
	time_t length = times->end_at > times->start_at ? times->end_at - times->start_at : 0;
	time_t there = times->home.slowness > 1 ? (time_t)((double)length * times->home.slowness) : length;
	const time_t others[] = {times->baseline_at, times->shadow_at};

	span[0] = times->start_at;
	span[1] = times->start_at + length;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (!others[i])
			continue;
		span[0] = others[i] < span[0] ? others[i] : span[0];
		span[1] = others[i] + there > span[1] ? others[i] + there : span[1];
	}
}

static int weigh_beside(struct carbon_books *books, const struct subject *subject, enum carbon_signal signal,
			double *mass_g, struct carbon_err *err)
{
	const time_t span[2] = {subject->times->start_at, subject->times->end_at};
	const struct carbon_series *series = carbon_known_series(books->known, subject->zone, signal, span, err);

	if (!series)
		return -1;
	*mass_g = carbon_settle_beside(subject->energy, subject->times, series);
	return 0;
}

/* The lines of other signals; none of them is a sum with the first. */
static int weigh_apart(struct carbon_books *books, const struct subject *subject, struct carbon_settled_mass *mass,
		       struct carbon_err *err)
{
	mass->direct_g = subject->signal == CARBON_SIGNAL_DIRECT ? mass->mass_g : NAN;
	mass->marginal_g = subject->signal == CARBON_SIGNAL_MARGINAL ? mass->mass_g : NAN;
	if (!subject->zone[0])
		return 0;
	if (subject->signal != CARBON_SIGNAL_DIRECT &&
	    weigh_beside(books, subject, CARBON_SIGNAL_DIRECT, &mass->direct_g, err) < 0)
		return -1;
	return subject->signal == CARBON_SIGNAL_MARGINAL
		       ? 0
		       : weigh_beside(books, subject, CARBON_SIGNAL_MARGINAL, &mass->marginal_g, err);
}

/* HERE was found over SPAN; so is what is found now, for a further reading of one zone takes the first away. */
static int weigh_moved(struct carbon_books *books, const struct subject *subject, const struct carbon_settle_grid *here,
		       const time_t span[2], struct carbon_settled_mass *mass, struct carbon_err *err)
{
	const struct carbon_settle_home *home = &subject->times->home;
	const struct carbon_known_place place = {home->cluster[0] ? home->cluster : subject->cluster, home->partition};
	struct carbon_settle_grid there = {.now = books->now};

	if (home->zone[0]) {
		there.series = carbon_known_series(books->known, home->zone, subject->signal, span, err);
		if (!there.series)
			return -1;
		there.clock = carbon_known_clock(books->known, &place, there.series, span, err);
		if (!there.clock)
			return -1;
	}
	carbon_settle_moved(subject->energy, subject->times, here, &there, mass);
	return 0;
}

/* Times that no run can have: a row with such is odd, and what the grid did over them is nobody's to read. */
static bool is_beyond(const time_t span[2])
{
	return span[0] < CARBON_TIME_MIN || span[1] - span[0] > SPAN_MAX_S;
}

/* What SUBJECT is reckoned with; SPAN grows by a queue's length where the slack clock may lead there. */
static int find_grid(struct carbon_books *books, const struct subject *subject, time_t span[2],
		     struct carbon_settle_grid *grid, struct carbon_err *err)
{
	const struct carbon_known_place place = {subject->cluster, subject->partition};
	const time_t ran[2] = {span[0], span[1]};
	bool has_credit = subject->times->baseline_at || subject->times->shadow_at;

	*grid = (struct carbon_settle_grid){.now = books->now};
	if (!subject->zone[0])
		return 0;
	if (has_credit)
		span[1] += CARBON_KNOWN_QUEUE_S;
	grid->series = carbon_known_series(books->known, subject->zone, subject->signal, span, err);
	if (!grid->series)
		return -1;
	if (has_credit)
		grid->clock = carbon_known_clock(books->known, &place, grid->series, ran, err);
	return has_credit && !grid->clock ? -1 : 0;
}

static int weigh(struct carbon_books *books, const struct subject *subject, struct carbon_settled_mass *mass,
		 struct carbon_err *err)
{
	struct carbon_settle_grid grid = {.now = books->now};
	time_t span[2];

	find_span(subject, span);
	if (is_beyond(span)) {
		*mass = carbon_settle_mass(subject->energy, subject->times, &grid);
		return 0;
	}
	if (find_grid(books, subject, span, &grid, err) < 0)
		return -1;
	*mass = carbon_settle_mass(subject->energy, subject->times, &grid);
	if (subject->times->home.partition[0] && weigh_moved(books, subject, &grid, span, mass, err) < 0)
		return -1;
	return weigh_apart(books, subject, mass, err);
}

/* --- one run --- */

/* From the run's own comment, else from what was seen while it waited. 1, 0 or -1; or CARBON_LEDGER_OPTED_OUT. */
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

static int find_times(struct carbon_books *books, const struct carbon_run *run, const struct carbon_record *record,
		      struct carbon_settle_times *times, struct carbon_err *err)
{
	time_t first = run->start_at, ran_s = 0;

	if (record && carbon_ledger_first_start(books->store, run->cluster, run->id,
						record->decided_at, &first, err) < 0)
		return -1;
	if (first > run->start_at)
		first = run->start_at;
	if (record && record->cuts) {
		const time_t span[2] = {record->decided_at, run->start_at};

		if (carbon_ledger_ran_before(books->store, run->cluster, run->id, span, &ran_s, err) < 0)
			return -1;
		first = run->start_at - ran_s;
	}
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

/* What was found of a run beside its row. */
struct found {
	const struct carbon_record *record; /* NULL: none */
	unsigned int odd;
	bool is_opted_out; /* by a mark seen earlier; the run's own comment tells it too */
};

/* A row that ended before it started is kept with no duration, so that sums of time stay right. */
static int write_run(struct carbon_books *books, const struct carbon_run *run,
		     const struct found *found, struct carbon_err *err)
{
	const struct carbon_record *record = found->record;
	bool is_gone = false;
	const struct carbon_place *place =
		books->site.place(books->site.context, run->partition, &is_gone);
	const struct carbon_terms *terms =
		books->site.terms ? books->site.terms(books->site.context, run->partition) : NULL;
	struct carbon_settled_energy energy = carbon_settle_energy(run, place, terms);
	struct carbon_settle_times times;
	struct carbon_settled_mass mass;
	struct carbon_ledger_row row = {
		.run = run, .record = record, .place = place, .terms = terms, .energy = &energy, .times = &times,
		.mass = &mass, .odd = found->odd | (is_gone ? CARBON_ODD_NO_PARTITION : 0),
		.signal = books->site.signal, .settled_at = books->now,
		.optout = found->is_opted_out ? CARBON_OPTOUT_FLAG : carbon_settle_optout(run, record),
	};
	const struct subject subject = {.cluster = run->cluster, .partition = run->partition, .zone = place->zone,
					.signal = row.signal, .energy = &energy, .times = &times};

	if (find_times(books, run, record, &times, err) < 0)
		return -1;
	if (times.home.partition[0])
		times.home.power_w = carbon_settle_home_w(&energy, record);
	if (weigh(books, &subject, &mass, err) < 0 ||
	    carbon_ledger_put(books->store, &row, err) < 0)
		return -1;
	count_odd(books, run, row.odd);
	count_run(books, &mass, record != NULL);
	return 0;
}

/* A job that never ran uses nothing; but one that we let wait until its deadline was promised to run. */
static int add_unstarted(struct carbon_books *books, const struct carbon_run *run, struct carbon_err *err)
{
	struct carbon_record record;
	unsigned int odd = 0;
	int found;

	if (run->state != CARBON_RUN_DEADLINE || run->end_at == 0)
		return 0;
	found = find_record(books, run, &record, &odd, err);
	if (found != 1 || !record.delayed || record.level == CARBON_LEVEL_OBSERVE)
		return found < 0 ? -1 : 0;
	return carbon_ledger_unstarted_put(books->store, run, &record, err);
}

int carbon_books_add(struct carbon_books *books, const struct carbon_run *run, struct carbon_err *err)
{
	struct found found = {.odd = carbon_settle_odd(run)};
	struct carbon_record record;
	int rc;

	if (run->start_at == 0)
		return add_unstarted(books, run, err);
	if (found.odd & CARBON_ODD_NO_END) {
		books->count.running++;
		return 0;
	}
	rc = find_record(books, run, &record, &found.odd, err);
	if (rc < 0)
		return -1;
	found.record = rc == 1 ? &record : NULL;
	found.is_opted_out = rc == CARBON_LEDGER_OPTED_OUT;
	return write_run(books, run, &found, err);
}

/* --- again --- */

static int revise(struct carbon_books *books, const char *cluster, const struct carbon_ledger_open *open,
		  struct carbon_err *err)
{
	const struct subject subject = {.cluster = cluster, .partition = open->partition, .zone = open->zone,
					.signal = open->signal, .energy = &open->energy, .times = &open->times};
	struct carbon_settled_mass mass;

	if (weigh(books, &subject, &mass, err) < 0)
		return -1;
	books->count.revised += open->settled_at != books->now;
	return carbon_ledger_revise(books->store, open, &mass, books->now, err);
}

int carbon_books_revise(struct carbon_books *books, const char *cluster, struct carbon_err *err)
{
	struct carbon_ledger_open *page = calloc(OPEN_PAGE, sizeof(*page));
	struct carbon_ledger_open last;
	size_t count = 0;
	bool is_first = true;
	int rc = page ? 0 : carbon_err_set(err, "no memory");

	carbon_known_forget(books->known);
	while (rc == 0) {
		rc = carbon_ledger_open(books->store, cluster, is_first ? NULL : &last, OPEN_PAGE,
					page, &count, err);
		if (rc < 0 || count == 0)
			break;
		last = page[count - 1];
		is_first = false;
		for (size_t i = 0; i < count && rc == 0; i++)
			rc = revise(books, cluster, &page[i], err);
	}
	free(page);
	return rc;
}
