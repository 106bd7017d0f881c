/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Books of October 2026 in a database in memory, for tests of the report: one zone with cheap nights, one core that is
 * a kilowatt. Must never open a file.
 */
#ifndef CARBON_UNIT_REPORT_WORLD_H
#define CARBON_UNIT_REPORT_WORLD_H

#include "accounting/books.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/time.h"
#include "tests/unit/unit.h"

#define HOUR ((time_t)3600)
#define DAY ((time_t)86400)

struct fixture {
	struct carbon_store *store;
	struct carbon_books *books;
	struct carbon_place place, unzoned;
	time_t october, now; /* 2026-10-01 and 2026-12-01 */
	size_t odd_heard;
	struct carbon_err err;
};

static inline const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	struct fixture *fixture = context;

	*is_gone = strcmp(partition, "gone") == 0;
	return strcmp(partition, "nowhere") == 0 ? &fixture->unzoned : &fixture->place;
}

static inline const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

static inline void hear(void *context, const struct carbon_run *run, unsigned int odd)
{
	struct fixture *fixture = context;

	(void)run;
	assert_true(odd != 0);
	fixture->odd_heard++;
}

/* Hours of 100 by night (UTC 0 to 11) and 300 by day, from FROM on. */
static inline void put_history(struct fixture *fixture, time_t from, size_t hours, enum carbon_kind kind)
{
	struct carbon_series series;

	carbon_series_init(&series);
	for (size_t i = 0; i < hours; i++) {
		time_t at = from + (time_t)i * HOUR;
		struct carbon_point point = {
			.at = at, .g_kwh = at / HOUR % 24 < 12 ? 100 : 300, .kind = kind};

		assert_int_equal(carbon_series_add(&series, point, &fixture->err), 0);
	}
	if (carbon_store_history_put(fixture->store, "DE", CARBON_SIGNAL_LIFECYCLE, "file",
				     fixture->now, &series, NULL, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	carbon_series_fini(&series);
}

static inline void open_books(struct fixture *fixture, time_t now)
{
	const struct carbon_books_site site = {.place = find_place,
					       .sources = find_sources,
					       .context = fixture,
					       .signal = CARBON_SIGNAL_LIFECYCLE};

	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, now);
	assert_non_null(fixture->books);
	carbon_books_listen(fixture->books, hear, fixture);
}

static inline int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	time_t end;

	assert_non_null(fixture);
	if (carbon_store_open(":memory:", false, &fixture->store, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	assert_int_equal(carbon_month_parse("2026-10", &fixture->october, &end), 0);
	fixture->now = end + 30 * DAY;
	carbon_power_init(&fixture->place.power);
	fixture->place.power.pue = 1;
	fixture->place.power.core_w = 1000; /* one core is a kilowatt: sums are easy to see */
	fixture->place.power.dram_w_gb = 0;
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "DE");
	fixture->unzoned = fixture->place;
	fixture->unzoned.zone[0] = '\0';
	put_history(fixture, fixture->october - 2 * DAY, 40 * 24, CARBON_KIND_MEASURED);
	open_books(fixture, fixture->now);
	*state = fixture;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_books_destroy(fixture->books);
	carbon_store_close(fixture->store);
	free(fixture);
	return 0;
}

/* One core for an hour from START. */
static inline struct carbon_run make_run(uint32_t id, const char *user, time_t start)
{
	struct carbon_run run;

	memset(&run, 0, sizeof(run));
	snprintf(run.cluster, sizeof(run.cluster), "alpha");
	snprintf(run.user, sizeof(run.user), "%s", user);
	snprintf(run.account, sizeof(run.account), "science");
	snprintf(run.partition, sizeof(run.partition), "batch");
	snprintf(run.name, sizeof(run.name), "train");
	run.id = id;
	run.state = 3;
	run.submit_at = start - 60;
	run.start_at = start;
	run.end_at = start + HOUR;
	run.use.nodes = run.use.cores = 1;
	run.measured_j = -1;
	return run;
}

static inline void add(struct fixture *fixture, const struct carbon_run *run)
{
	if (carbon_books_add(fixture->books, run, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static const struct carbon_report_site lifecycle = {.signal = CARBON_SIGNAL_LIFECYCLE};

static inline struct carbon_report *report(struct fixture *fixture, const char *month, const char *by)
{
	struct carbon_report *out = NULL;

	if (carbon_report_create(fixture->store, month, carbon_report_by_find(by),
				 &lifecycle, fixture->now, &out, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return out;
}

static inline char *print(const struct carbon_report *report_, const char *format)
{
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);

	assert_non_null(file);
	carbon_report_format_find(format)->write(report_, file);
	assert_int_equal(fclose(file), 0);
	return text;
}

static inline struct carbon_record make_record(struct fixture *fixture)
{
	struct carbon_record record;

	memset(&record, 0, sizeof(record));
	record.decided_at = fixture->october + 12 * HOUR;
	record.level = CARBON_LEVEL_OPT_IN;
	record.delayed = true;
	record.baseline_at = fixture->october + 12 * HOUR;
	record.begin_at = fixture->october + DAY;
	record.latest_at = fixture->october + 2 * DAY;
	record.runtime_s = HOUR;
	record.power_w = 1000;
	record.mass_g = 110;
	record.baseline_g = 290;
	record.mass_high_g = 150;
	record.kind = CARBON_KIND_FORECAST;
	record.outlook_at = record.decided_at - HOUR;
	snprintf(record.source, sizeof(record.source), "file");
	snprintf(record.zone, sizeof(record.zone), "DE");
	snprintf(record.partition, sizeof(record.partition), "batch");
	snprintf(record.policy, sizeof(record.policy), "lowest-window");
	return record;
}

/* RUN with RECORD as its comment. */
static inline void add_with(struct fixture *fixture, struct carbon_run run, const struct carbon_record *record)
{
	char text[CARBON_RECORD_MAX];

	assert_int_equal(carbon_record_format(record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
