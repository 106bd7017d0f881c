/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A carbon.db that looks like a site's: May 2024 and the month and the year before it, three zones and a partition
 * without one, GPUs, hundreds of delayed jobs, names as long and as hostile as Slurm lets them be. The same each time.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "accounting/books.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/optout.h"

#define HOUR ((time_t)3600)
#define DAY ((time_t)86400)
#define APRIL ((time_t)1711929600) /* 2024-04-01 */
#define MAY ((time_t)1714521600)
#define JUNE ((time_t)1717200000)
#define LAST_MAY ((time_t)1682899200) /* 2023-05-01 */
#define LAST_JUNE ((time_t)1685577600)
#define RUNS 1500 /* a month */

static const struct {
	const char *partition, *zone;
	double pue;
} PLACES[] = {
	{"batch", "DE", 1.35}, {"gpu", "FR", 1.2},
	{"a-partition-whose-name-nobody-shortened-in-time", "US-CAL-CISO", 1.58}, {"nowhere", "", 1.58},
};
#define PLACES_COUNT (sizeof(PLACES) / sizeof(PLACES[0]))

static const char *const USERS[] = {
	"ada", "grace", "konrad", "=HYPERLINK(\"http://x/\")", "<script>alert(1)</script>",
	"user_with_a_name_of_sixty-three_characters_that_never_breaks_at", "j\xc3\xbcrgen", "\xff\xfe", "edsger", "4711",
};
static const char *const ACCOUNTS[] = {
	"physics", "chemistry", "climate", "biology", "genomics", "astronomy", "linguistics", "<b>bold</b>", "materials",
	"medicine", "history", "account_with_a_name_of_sixty-three_characters_that_never_breaks_",
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct carbon_place places[PLACES_COUNT];
static struct carbon_terms terms[PLACES_COUNT];
static unsigned int dice = 7;

static unsigned int roll(unsigned int sides)
{
	dice = dice * 1664525u + 1013904223u;
	return (dice >> 8) % sides;
}

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	(void)context;
	*is_gone = false;
	for (size_t i = 0; i < PLACES_COUNT; i++)
		if (strcmp(PLACES[i].partition, partition) == 0)
			return &places[i];
	return &places[0];
}

/* The second place has a zero-carbon contract, the third none. */
static const struct carbon_terms *find_terms(void *context, const char *partition)
{
	return &terms[find_place(context, partition, &(bool){false}) - places];
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

/* Clean at noon, dirty at night, and cleaner the later in the month. */
static double intensity_at(size_t place, time_t at)
{
	double level = place == 0 ? 380 : place == 1 ? 50 : 240;
	double hour = (double)(at % DAY) / (double)HOUR;

	return level * (1 - 0.3 * cos((hour - 1) / 24 * 6.2831853 + 3.14159265)) * (1.1 - (double)(at % (30 * DAY)) / (300.0 * (double)DAY));
}

static int put_history(struct carbon_store *store, size_t place, enum carbon_signal signal, time_t from, time_t to,
		       struct carbon_err *err)
{
	double share = signal == CARBON_SIGNAL_DIRECT ? 0.8 : signal == CARBON_SIGNAL_MARGINAL ? 1.6 : 1;
	struct carbon_series series;
	int rc = 0;

	carbon_series_init(&series);
	for (time_t at = from - 3 * DAY; at < to + 3 * DAY && rc == 0; at += HOUR) {
		struct carbon_point point = {.at = at, .g_kwh = share * intensity_at(place, at),
					     .kind = at % (7 * DAY) < 6 * HOUR ? CARBON_KIND_ESTIMATED
									       : CARBON_KIND_MEASURED};

		rc = carbon_series_add(&series, point, err);
	}
	if (rc == 0)
		rc = carbon_store_history_put(store, PLACES[place].zone, signal,
					      place == 0 ? "electricitymaps" : "energy-charts", to, &series, NULL, err);
	carbon_series_fini(&series);
	return rc;
}

/* Decided in the evening, run around the next noon. */
static int make_comment(const struct carbon_run *run, char comment[CARBON_RECORD_MAX], struct carbon_err *err)
{
	struct carbon_record record;

	memset(&record, 0, sizeof(record));
	record.level = CARBON_LEVEL_DEFAULT;
	record.delayed = true;
	record.decided_at = record.baseline_at = record.outlook_at = run->submit_at;
	record.begin_at = run->start_at - 60;
	record.latest_at = run->start_at + (roll(20) ? DAY : -HOUR);
	record.runtime_s = (uint32_t)(run->end_at - run->start_at);
	record.power_w = 500;
	record.mass_g = record.mass_high_g = 250;
	record.baseline_g = 400;
	snprintf(record.source, sizeof(record.source), "file");
	snprintf(record.zone, sizeof(record.zone), "DE");
	snprintf(record.partition, sizeof(record.partition), "batch");
	snprintf(record.policy, sizeof(record.policy), "lowest-window");
	if (run->id % 4 == 0) /* of some the end was asked for; not all came by then */
		record.finish_at = run->end_at + (run->id % 5 ? HOUR : -HOUR);
	if (run->id % 50 == 1) /* its user took an earlier start */
		record.begin_at = run->start_at + 3 * HOUR;
	if (run->id % 7 == 0) { /* and some were moved from another cluster */
		snprintf(record.home, sizeof(record.home), "%s", PLACES[run->id % 2 ? 0 : 2].partition);
		snprintf(record.home_zone, sizeof(record.home_zone), "%s", PLACES[run->id % 2 ? 0 : 2].zone);
		snprintf(record.home_cluster, sizeof(record.home_cluster), "gamma");
		record.home_power_w = 550;
		record.data_gb = 20;
		record.data_g = 4;
	}
	return carbon_record_format(&record, comment, err);
}

static void make_run(struct carbon_run *run, uint32_t id, time_t from, time_t to)
{
	size_t place = roll(12) ? roll(PLACES_COUNT - 1) : PLACES_COUNT - 1;

	memset(run, 0, sizeof(*run));
	snprintf(run->cluster, sizeof(run->cluster), "%s", place == 1 ? "beta" : "alpha");
	snprintf(run->user, sizeof(run->user), "%s", USERS[roll(COUNT(USERS))]);
	snprintf(run->account, sizeof(run->account), "%s", ACCOUNTS[roll(COUNT(ACCOUNTS))]);
	snprintf(run->qos, sizeof(run->qos), "normal");
	snprintf(run->partition, sizeof(run->partition), "%s", PLACES[place].partition);
	snprintf(run->name, sizeof(run->name), "sweep-%u", roll(40));
	run->id = id;
	run->state = roll(15) ? 3 : 5;
	run->start_at = from + (time_t)(roll(100000) / 100000.0 * (double)(to - from - 2 * DAY));
	run->end_at = run->start_at + 600 + (time_t)roll(40 * 3600);
	run->submit_at = run->start_at - 900;
	run->use.nodes = 1;
	run->use.cores = 4 + roll(60);
	run->use.memory_gb = 16;
	run->measured_j = -1;
	if (place == 1) {
		run->use.gpu_kinds = 1;
		run->use.gpu[0] = (struct carbon_gpu_count){.type = "a100", .count = 1 + roll(8)};
	}
}

static int put_month(struct carbon_books *books, uint32_t first, time_t from, time_t to, struct carbon_err *err)
{
	char comment[CARBON_RECORD_MAX], mark[] = CARBON_OPTOUT_MARK;
	struct carbon_run run;
	int rc = 0;

	for (uint32_t i = 0; i < RUNS && rc == 0; i++) {
		make_run(&run, first + i, from, to);
		if (i % 3 == 0) {
			run.start_at = run.start_at - run.start_at % DAY + 10 * HOUR + (time_t)roll(4 * 3600);
			run.end_at = run.start_at + 600 + (time_t)roll(6 * 3600);
			run.submit_at = run.start_at - 14 * HOUR;
			rc = make_comment(&run, comment, err);
			run.comment = comment;
		} else if (i % 17 == 1) {
			run.comment = mark;
		}
		if (rc == 0)
			rc = carbon_books_add(books, &run, err);
	}
	return rc;
}

/* Of the third zone only what decides is known. */
static int put_histories(struct carbon_store *store, struct carbon_err *err)
{
	int rc = 0;

	for (size_t i = 0; i + 1 < PLACES_COUNT && rc == 0; i++)
		for (int signal = 0; signal <= CARBON_SIGNAL_MARGINAL && rc == 0; signal++)
			if (i < 2 || signal == CARBON_SIGNAL_LIFECYCLE)
				rc = put_history(store, i, (enum carbon_signal)signal, APRIL, JUNE, err) < 0 ||
						     put_history(store, i, (enum carbon_signal)signal, LAST_MAY, LAST_JUNE,
								 err) < 0 ? -1 : 0;
	return rc;
}

static int fill(struct carbon_store *store, struct carbon_err *err)
{
	static const struct carbon_books_site site = {
		.place = find_place, .terms = find_terms, .sources = find_sources, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_books *books = carbon_books_create(store, &site, JUNE + 40 * DAY);
	int rc = books ? carbon_store_begin(store, err) : carbon_err_set(err, "no memory");

	if (rc == 0)
		rc = put_histories(store, err);
	if (rc == 0)
		rc = put_month(books, 1, LAST_MAY, LAST_JUNE, err) < 0 ||
				     put_month(books, 10001, APRIL, MAY, err) < 0 ||
				     put_month(books, 20001, MAY, JUNE, err) < 0 ? -1 : 0;
	if (rc == 0)
		rc = carbon_store_commit(store, err);
	carbon_books_destroy(books);
	return rc;
}

int main(int argc, char **argv)
{
	struct carbon_store *store = NULL;
	struct carbon_err err = {""};
	int rc = 1;

	for (size_t i = 0; i < PLACES_COUNT; i++) {
		carbon_power_init(&places[i].power);
		carbon_terms_init(&terms[i]);
		terms[i].market_g_kwh = i == 0 ? 300 : i == 1 ? 0 : (double)NAN;
		terms[i].embodied_g_node_h = 23.8;
		terms[i].water_l_kwh = i == 3 ? (double)NAN : 1.8;
		places[i].power.pue = PLACES[i].pue;
		snprintf(places[i].zone, sizeof(places[i].zone), "%s", PLACES[i].zone);
	}
	if (argc == 2 && carbon_store_open(argv[1], false, &store, &err) == 0 && fill(store, &err) == 0)
		rc = 0;
	else
		fprintf(stderr, "fill_month FILE: %s\n", err.text);
	carbon_store_close(store);
	return rc;
}
