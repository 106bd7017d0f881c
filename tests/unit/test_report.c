/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ledger, books and report together on a database in memory: what goes in comes out in the right month, line and
 * column, and hostile names harm nobody.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "accounting/books.h"
#include "accounting/ledger.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "lib/err.h"
#include "lib/time.h"

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

static const struct carbon_place *find_place(void *context, const char *partition, bool *is_gone)
{
	struct fixture *fixture = context;

	*is_gone = strcmp(partition, "gone") == 0;
	return strcmp(partition, "nowhere") == 0 ? &fixture->unzoned : &fixture->place;
}

static const char *const *find_sources(void *context, const char *zone)
{
	(void)context;
	(void)zone;
	return NULL;
}

static void hear(void *context, const struct carbon_run *run, unsigned int odd)
{
	struct fixture *fixture = context;

	(void)run;
	assert_true(odd != 0);
	fixture->odd_heard++;
}

/* Hours of 100 by night (UTC 0 to 11) and 300 by day, from FROM on. */
static void put_history(struct fixture *fixture, time_t from, size_t hours, enum carbon_kind kind)
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

static void open_books(struct fixture *fixture, time_t now)
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

static int set_up(void **state)
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

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	carbon_books_destroy(fixture->books);
	carbon_store_close(fixture->store);
	free(fixture);
	return 0;
}

/* One core for an hour from START. */
static struct carbon_run make_run(uint32_t id, const char *user, time_t start)
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

static void add(struct fixture *fixture, const struct carbon_run *run)
{
	if (carbon_books_add(fixture->books, run, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
}

static const struct carbon_report_site lifecycle = {.signal = CARBON_SIGNAL_LIFECYCLE};

static struct carbon_report *report(struct fixture *fixture, const char *month, const char *by)
{
	struct carbon_report *out = NULL;

	if (carbon_report_create(fixture->store, month, carbon_report_by_find(by),
				 &lifecycle, fixture->now, &out, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	return out;
}

static void assert_no_report(struct fixture *fixture, const char *month, const char *part)
{
	struct carbon_report *out = (struct carbon_report *)fixture;

	assert_int_equal(carbon_report_create(fixture->store, month, carbon_report_by_find("user"),
					      &lifecycle, fixture->now, &out,
					      &fixture->err), -1);
	assert_null(out);
	if (!strstr(fixture->err.text, part))
		fail_msg("\"%s\" lacks \"%s\"", fixture->err.text, part);
}

static char *write(const struct carbon_report *report_, const char *format)
{
	char *text = NULL;
	size_t length = 0;
	FILE *file = open_memstream(&text, &length);

	assert_non_null(file);
	carbon_report_format_find(format)->write(report_, file);
	assert_int_equal(fclose(file), 0);
	return text;
}

static void a_run_belongs_to_the_month_in_which_it_ended(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run before = make_run(1, "ada", fixture->october - HOUR - 1);
	struct carbon_run across = make_run(2, "ada", fixture->october - HOUR);
	struct carbon_report *out;

	add(fixture, &before);
	add(fixture, &across);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.jobs, 1);
	assert_float_equal(out->total.energy_kwh, 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.3, 1e-9);
	carbon_report_destroy(out);
	out = report(fixture, "2026-09", "user");
	assert_int_equal(out->total.jobs, 1);
	carbon_report_destroy(out);
}

static void settling_twice_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out;

	add(fixture, &run);
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 1);
	carbon_report_destroy(out);
}

static void a_requeued_job_is_one_job_with_two_runs(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run first = make_run(1, "ada", fixture->october);
	struct carbon_run second = make_run(1, "ada", fixture->october + 2 * HOUR);
	struct carbon_run other = make_run(1, "ada", fixture->october);
	struct carbon_report *out;

	first.state = CARBON_RUN_REQUEUED;
	snprintf(other.cluster, sizeof(other.cluster), "beta");
	add(fixture, &first);
	add(fixture, &second);
	add(fixture, &other);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.jobs, 2);
	assert_int_equal(out->total.runs, 3);
	assert_string_equal(out->clusters, "alpha, beta");
	carbon_report_destroy(out);
}

/* One job with runs on two days and in two partitions: one in the total, and one in each line. */
static void a_job_counts_once_in_the_total_and_in_each_line(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out;

	for (int i = 0; i < 4; i++) {
		run.start_at = fixture->october + i * DAY / 2;
		run.end_at = run.start_at + HOUR;
		snprintf(run.partition, sizeof(run.partition), "%s", i < 3 ? "batch" : "long");
		add(fixture, &run);
	}
	out = report(fixture, "2026-10", "day");
	assert_int_equal(out->lines, 2);
	assert_int_equal(out->line[0].jobs, 1);
	assert_int_equal(out->line[1].jobs, 1);
	assert_int_equal(out->line[1].runs, 2);
	assert_int_equal(out->total.jobs, 1);
	assert_int_equal(out->total.runs, 4);
	carbon_report_destroy(out);
	out = report(fixture, "2026-10", "partition");
	assert_string_equal(out->line[0].key, "batch");
	assert_int_equal(out->line[0].jobs, 1);
	assert_int_equal(out->line[0].runs, 3);
	assert_int_equal(out->line[1].jobs, 1);
	carbon_report_destroy(out);
}

/* More lines and jobs than any table of the sums starts with. */
static void thousands_of_lines_are_all_there(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_report *out;
	uint64_t jobs = 0;
	char user[16];

	assert_int_equal(carbon_store_begin(fixture->store, &fixture->err), 0);
	for (uint32_t i = 0; i < 3000; i++) {
		struct carbon_run run;

		snprintf(user, sizeof(user), "u%u", i % 1500);
		run = make_run(i + 1, user, fixture->october + (time_t)(i % 600) * HOUR);
		add(fixture, &run);
	}
	assert_int_equal(carbon_store_commit(fixture->store, &fixture->err), 0);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->lines, 1500);
	assert_int_equal(out->total.jobs, 3000);
	for (size_t i = 0; i < out->lines; i++) {
		assert_int_equal(out->line[i].jobs, 2);
		jobs += out->line[i].jobs;
	}
	assert_int_equal(jobs, 3000);
	assert_float_equal(out->total.energy_kwh, 3000, 1e-6);
	carbon_report_destroy(out);
}

static void lines_are_cut_as_asked(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run ada = make_run(1, "ada", fixture->october);
	struct carbon_run bob = make_run(2, "bob", fixture->october + DAY + 12 * HOUR);
	struct carbon_report *out;

	bob.use.cores = 2;
	bob.account[0] = '\0';
	add(fixture, &ada);
	add(fixture, &bob);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->lines, 2);
	assert_string_equal(out->line[0].key, "bob"); /* the largest first */
	assert_float_equal(out->line[0].mass_kg, 0.6, 1e-9);
	assert_float_equal(out->line[0].core_h, 2, 1e-9);
	carbon_report_destroy(out);
	out = report(fixture, "2026-10", "account");
	assert_string_equal(carbon_report_key(out, &out->line[0]), "(no account)");
	carbon_report_destroy(out);
	out = report(fixture, "2026-10", "day");
	assert_string_equal(out->line[0].key, "2026-10-01");
	assert_string_equal(out->line[1].key, "2026-10-02");
	carbon_report_destroy(out);
	out = report(fixture, "2026-10", "zone");
	assert_int_equal(out->lines, 1);
	assert_string_equal(out->line[0].key, "DE");
	assert_string_equal(out->sources, "DE: file");
	carbon_report_destroy(out);
}

static void an_unknown_zone_has_energy_and_no_emissions(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run known = make_run(1, "ada", fixture->october);
	struct carbon_run unknown = make_run(2, "bob", fixture->october);
	struct carbon_report *out;
	char *text;

	snprintf(unknown.partition, sizeof(unknown.partition), "nowhere");
	add(fixture, &known);
	add(fixture, &unknown);
	assert_int_equal(carbon_books_count(fixture->books)->unknown, 1);
	out = report(fixture, "2026-10", "zone");
	assert_float_equal(out->total.energy_kwh, 2, 1e-9);
	assert_float_equal(out->total.unknown_kwh, 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.1, 1e-9);
	text = write(out, "text");
	assert_non_null(strstr(text, "(unknown)"));
	assert_non_null(strstr(text, "1.00 kWh have no known intensity"));
	free(text);
	carbon_report_destroy(out);
}

static struct carbon_record make_record(struct fixture *fixture)
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

static void a_delayed_job_has_its_credit_and_its_promise(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at + 120);
	char text[CARBON_RECORD_MAX], *written;
	struct carbon_report *out;

	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.delayed, 1);
	/* A kilowatt for an hour at 100 instead of at 300. */
	assert_float_equal(out->total.credit_kg, 0.2, 1e-9);
	assert_float_equal(out->total.promised_kg, 0.18, 1e-9);
	assert_float_equal(out->total.open_credit_kg, 0, 1e-9);
	written = write(out, "text");
	assert_non_null(strstr(written, "timing credit"));
	assert_null(strstr(written, "kg saved"));
	free(written);
	carbon_report_destroy(out);
}

/* RUN with RECORD as its comment. */
static void add_with(struct fixture *fixture, struct carbon_run run, const struct carbon_record *record)
{
	char text[CARBON_RECORD_MAX];

	assert_int_equal(carbon_record_format(record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
}

/* Promised to end at BEGIN + 6 h, with 4 h for the limit and an hour of margin: the latest begin is BEGIN + 1 h. */
static struct carbon_record make_promise(struct fixture *fixture)
{
	struct carbon_record record = make_record(fixture);

	record.latest_at = record.begin_at + HOUR;
	record.finish_at = record.begin_at + 6 * HOUR;
	return record;
}

static void a_missed_promise_is_counted_with_whose_doing_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_promise(fixture), none = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at);
	struct carbon_report *out;
	char *text;

	run.end_at = record.finish_at; /* to the second */
	add_with(fixture, run, &record);
	run = make_run(2, "ada", record.begin_at + 5 * HOUR); /* the queue: 4 h after its latest begin */
	run.end_at = record.finish_at + 3 * HOUR;
	add_with(fixture, run, &record);
	run = make_run(3, "bob", record.begin_at + 2 * HOUR); /* an hour by the queue, and 12 h by its own length */
	run.end_at = record.finish_at + 13 * HOUR;
	add_with(fixture, run, &record);
	run = make_run(4, "bob", record.begin_at); /* begun in time: its length, too long from the baseline too */
	run.end_at = record.finish_at + 36 * HOUR;
	add_with(fixture, run, &record);
	run = make_run(5, "bob", record.begin_at + 30 * HOUR); /* late, and nothing was promised */
	add_with(fixture, run, &none);
	record.delayed = false; /* nor did this one wait for us */
	add_with(fixture, make_run(6, "bob", record.begin_at + 30 * HOUR), &record);
	record.delayed = true;
	record.level = CARBON_LEVEL_OBSERVE;
	add_with(fixture, make_run(7, "bob", record.begin_at + 30 * HOUR), &record);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.ends, 4);
	assert_int_equal(out->total.missed, 3);
	assert_float_equal(out->total.missed_h, 3 + 13 + 36, 1e-9);
	assert_float_equal(out->total.missed_queue_h, 3 + 1, 1e-9);
	assert_int_equal(out->total.missed_anyway, 1);
	assert_string_equal(out->line[0].key, "bob");
	assert_int_equal(out->line[0].missed, 2);
	text = write(out, "text");
	assert_non_null(strstr(text, "Missed promises"));
	free(text);
	text = write(out, "json");
	assert_non_null(strstr(text, "\"missed_jobs\": 3"));
	assert_non_null(strstr(text, "\"missed_queue_hours\": 4"));
	free(text);
	carbon_report_destroy(out);
}

/* A job that was requeued ended when its last segment did. */
static void a_promise_is_kept_or_missed_once(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_promise(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at);
	struct carbon_report *out;

	run.state = CARBON_RUN_REQUEUED;
	run.end_at = record.begin_at + 5 * HOUR;
	add_with(fixture, run, &record);
	run.state = 3;
	run.start_at = run.end_at + HOUR;
	run.end_at = record.finish_at + 2 * HOUR;
	add_with(fixture, run, &record);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.ends, 1);
	assert_int_equal(out->total.missed, 1);
	assert_float_equal(out->total.missed_h, 2, 1e-9);
	assert_float_equal(out->total.missed_queue_h, 0, 1e-9); /* its first segment began in time */
	carbon_report_destroy(out);
}

static void a_job_cancelled_at_its_deadline_before_it_ran_is_no_run_and_no_secret(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_promise(fixture);
	struct carbon_run run = make_run(1, "ada", 0);
	struct carbon_report *out;
	char *text;

	run.end_at = record.finish_at;
	run.state = 4; /* its user did that */
	add_with(fixture, run, &record);
	run.id = 2;
	run.state = CARBON_RUN_DEADLINE;
	add_with(fixture, run, &record);
	add_with(fixture, run, &record);
	run.id = 3;
	record.delayed = false;
	add_with(fixture, run, &record);
	run = make_run(4, "ada", fixture->october);
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->unstarted, 1);
	assert_int_equal(out->total.runs, 1);
	text = write(out, "json");
	assert_non_null(strstr(text, "\"unstarted_jobs\": 1"));
	free(text);
	carbon_report_destroy(out);
}

static void opt_outs_are_counted_by_who_and_how(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", fixture->october);
	char mark[] = "[carbon-off/1]", *text;
	struct carbon_report *out;

	run.comment = mark;
	add(fixture, &run);
	run.start_at += 2 * HOUR; /* its second segment is no second opt-out */
	run.end_at += 2 * HOUR;
	add(fixture, &run);
	/* of one whose comment was overwritten before it ended, what was seen while it waited */
	assert_int_equal(carbon_ledger_decision_put(fixture->store, "alpha", 9, mark, fixture->now, &fixture->err), 0);
	run = make_run(9, "eve", fixture->october);
	add(fixture, &run);
	add_with(fixture, make_run(2, "ada", record.begin_at - HOUR), &record);
	record.freed_at = record.begin_at - 2 * HOUR;
	add_with(fixture, make_run(3, "bob", record.begin_at - HOUR), &record);
	record.freed_at = 0;
	add_with(fixture, make_run(4, "bob", record.begin_at), &record);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.opt_outs[CARBON_OPTOUT_FLAG], 2);
	assert_int_equal(out->total.opt_outs[CARBON_OPTOUT_START], 1);
	assert_int_equal(out->total.opt_outs[CARBON_OPTOUT_SITE], 1);
	assert_string_equal(out->line[0].key, "ada");
	assert_int_equal(out->line[0].opt_outs[CARBON_OPTOUT_FLAG], 1);
	assert_int_equal(out->line[1].opt_outs[CARBON_OPTOUT_FLAG], 0);
	assert_int_equal(out->line[1].opt_outs[CARBON_OPTOUT_SITE], 1);
	text = write(out, "json");
	assert_non_null(strstr(text, "\"opt_outs\": ["));
	assert_non_null(strstr(text, "{\"user\": \"ada\", \"flag_jobs\": 1, \"start_jobs\": 1, \"jobs\": 2}"));
	assert_null(strstr(text, "{\"user\": \"bob\", \"flag_jobs\""));
	assert_non_null(strstr(text, "\"missed_jobs\": 0, \"opt_out_jobs\": 2"));
	free(text);
	text = write(out, "csv");
	assert_non_null(strstr(text, ",missed_jobs,opt_out_jobs\r\n"));
	assert_non_null(strstr(text, ",0,2\r\n\"bob\""));
	free(text);
	carbon_report_destroy(out);
}

static void a_record_seen_while_waiting_outlives_its_comment(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(8, "ada", record.begin_at);
	char text[CARBON_RECORD_MAX], overwritten[] = "efficiency 97 %";
	struct carbon_report *out;

	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	assert_int_equal(carbon_ledger_decision_put(fixture->store, "alpha", 7, text, fixture->now,
						    &fixture->err), 0);
	run.array_id = 7;
	run.array_task = 1;
	run.comment = overwritten;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.delayed, 1);
	carbon_report_destroy(out);
}

static void a_damaged_record_is_counted_and_the_run_kept(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october);
	char damaged[] = "[carbon/1 at=never]";
	struct carbon_report *out;

	run.comment = damaged;
	add(fixture, &run);
	assert_int_equal(fixture->odd_heard, 1);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 1);
	assert_int_equal(out->odd[5], 1);
	assert_int_equal(out->total.delayed, 0);
	carbon_report_destroy(out);
}

static void odd_runs_are_counted_and_kept(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run endless = make_run(1, "ada", fixture->october);
	struct carbon_run backwards = make_run(2, "ada", fixture->october + DAY);
	struct carbon_run nobody = make_run(3, "4711", fixture->october);
	struct carbon_run lost = make_run(4, "ada", fixture->october);
	struct carbon_report *out;

	endless.end_at = 0;
	backwards.end_at = backwards.start_at - HOUR;
	nobody.use.cores = 0;
	snprintf(lost.partition, sizeof(lost.partition), "gone");
	add(fixture, &endless);
	add(fixture, &backwards);
	add(fixture, &nobody);
	add(fixture, &lost);
	assert_int_equal(carbon_books_count(fixture->books)->running, 1);
	assert_int_equal(carbon_books_count(fixture->books)->runs, 3);
	assert_int_equal(fixture->odd_heard, 3);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 3);
	assert_int_equal(out->odd[1], 1);
	assert_int_equal(out->odd[2], 1);
	assert_int_equal(out->odd[3], 1);
	assert_int_equal(out->odd[4], 1);
	assert_float_equal(out->total.energy_kwh, 1, 1e-9);
	carbon_report_destroy(out);
}

static double typical(void *context, const char *zone, enum carbon_signal signal, time_t at)
{
	(void)context;
	(void)signal;
	(void)at;
	return strcmp(zone, "SE") == 0 ? 40 : NAN;
}

/* Whatever sources carbon.conf has: the German zone's history is there. */
static double typical_everywhere(void *context, const char *zone, enum carbon_signal signal, time_t at)
{
	(void)context;
	(void)zone;
	(void)signal;
	(void)at;
	return 40;
}

/* Clocks that were wrong by decades: counted, settled without emissions, and no end of everything. */
static void times_that_no_run_can_have_are_survived(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", (time_t)1 << 32);
	struct carbon_report *out;

	run.end_at = fixture->october + DAY;
	add_with(fixture, run, &record);
	run = make_run(2, "ada", 1);
	run.submit_at = fixture->october;
	run.end_at = fixture->october + DAY;
	add_with(fixture, run, &record);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 2);
	assert_int_equal(out->odd[1], 1); /* ended before it started */
	assert_int_equal(out->odd[6], 1); /* started before it was submitted */
	assert_float_equal(out->total.mass_kg, 0, 0);
	assert_float_equal(out->total.unknown_kwh, out->total.energy_kwh, 1e-6);
	assert_int_equal(out->total.credits, 0);
	carbon_report_destroy(out);
}

static void a_zone_with_a_typical_day_alone_is_marked_as_such(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_books_site site = {.place = find_place,
					       .sources = find_sources,
					       .typical = typical,
					       .context = fixture,
					       .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_run german = make_run(1, "ada", fixture->october);
	struct carbon_run swedish = make_run(2, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, fixture->now);
	add(fixture, &german);
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "SE");
	add(fixture, &swedish);
	out = report(fixture, "2026-10", "zone");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_SETTLED], 1, 1e-9);
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_PROFILE], 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.14, 1e-9);
	text = write(out, "text");
	assert_non_null(strstr(text, "a shipped profile, not the real grid"));
	free(text);
	carbon_report_destroy(out);
}

static void history_counts_more_than_a_typical_day(void **state)
{
	struct fixture *fixture = *state;
	const struct carbon_books_site site = {.place = find_place, .sources = find_sources, .context = fixture,
					       .typical = typical_everywhere, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out;

	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, fixture->now);
	add(fixture, &run);
	out = report(fixture, "2026-10", "zone");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_SETTLED], 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.1, 1e-9);
	carbon_report_destroy(out);
}

/* Two days across the end of the month: what was drawn in October is October's load, though the run is November's. */
static void load_is_drawn_when_it_is_drawn(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run early = make_run(1, "ada", fixture->october);
	struct carbon_run across = make_run(2, "ada", fixture->october + 30 * DAY);
	struct carbon_run before = make_run(3, "ada", fixture->october - 12 * HOUR);
	struct carbon_report *out;

	across.end_at = across.start_at + 4 * DAY;
	before.end_at = before.start_at + DAY;
	add(fixture, &early);
	add(fixture, &across);
	add(fixture, &before);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.runs, 2);
	assert_int_equal(out->days, 31);
	assert_float_equal(out->day[0].energy_kwh, 13, 1e-9);
	assert_float_equal(out->day[30].energy_kwh, 24, 1e-9);
	assert_float_equal(out->day[30].mass_kg, 24 * 0.2, 1e-9);
	/* the grid's own mean, whatever hours the load had: one by night, and twelve of a run by day and night */
	assert_float_equal(out->day[0].mass_kg * 1000 / out->day[0].known_kwh, (100 + 12 * 200) / 13.0, 1e-9);
	assert_float_equal(out->day[0].grid_g_kwh, 200, 1e-9);
	assert_float_equal(out->day[15].grid_g_kwh, 200, 1e-9);
	/* A whole day puts an hour into every hour of the day; the month's runs alone. */
	for (int i = 1; i < CARBON_REPORT_HOURS; i++)
		assert_float_equal(out->with_kwh[i], 1, 1e-9);
	assert_float_equal(out->with_kwh[0], 2, 1e-9);
	carbon_report_destroy(out);
}

/* Zones weigh by their energy; a day that is known for less than a half has no mean. */
static void the_grids_day_is_of_what_is_known_of_it(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october + DAY);
	struct carbon_series series;
	struct carbon_report *out;

	add(fixture, &run);
	carbon_series_init(&series);
	for (int i = 0; i < 36 + 11; i++) {
		struct carbon_point point = {.at = fixture->october + i * HOUR, .g_kwh = 1000, .kind = CARBON_KIND_MEASURED};

		assert_int_equal(carbon_series_add(&series, point, &fixture->err), 0);
	}
	assert_int_equal(carbon_store_history_put(fixture->store, "PL", CARBON_SIGNAL_LIFECYCLE, "file", fixture->now, &series,
						  NULL, &fixture->err),
			 0);
	carbon_series_fini(&series);
	snprintf(fixture->place.zone, sizeof(fixture->place.zone), "PL");
	snprintf(run.partition, sizeof(run.partition), "east");
	run.id = 2;
	run.end_at += 2 * HOUR;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_float_equal(out->day[0].grid_g_kwh, (200 * 1 + 1000 * 3) / 4.0, 1e-9);
	assert_float_equal(out->day[1].grid_g_kwh, (200 * 1 + 1000 * 3) / 4.0, 1e-9);
	assert_float_equal(out->day[2].grid_g_kwh, 200, 1e-9);
	carbon_report_destroy(out);
}

static void a_delayed_run_moves_between_hours(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at + HOUR / 2);
	char text[CARBON_RECORD_MAX];
	struct carbon_report *out;

	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_float_equal(out->with_kwh[0], 0.5, 1e-9);
	assert_float_equal(out->with_kwh[1], 0.5, 1e-9);
	assert_float_equal(out->with_kwh[12], 0, 1e-9);
	assert_float_equal(out->without_kwh[12], 1, 1e-9);
	assert_float_equal(out->without_kwh[0], 0, 1e-9);
	assert_float_equal(out->total.waited_h, 12.5, 1e-9);
	assert_int_equal(out->total.late, 0);
	carbon_report_destroy(out);
	run.start_at = record.latest_at + 2 * HOUR;
	run.end_at = run.start_at + HOUR;
	run.id = 2;
	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->total.late, 1);
	assert_float_equal(out->total.late_h, 2, 1e-9);
	carbon_report_destroy(out);
}

static void earlier_months_are_beside_it(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run october = make_run(1, "ada", fixture->october);
	struct carbon_run late = make_run(3, "ada", fixture->october + 20 * DAY);
	struct carbon_run november = make_run(2, "ada", fixture->october + 31 * DAY + 12 * HOUR);
	struct carbon_report *out;

	add(fixture, &october);
	add(fixture, &late);
	add(fixture, &november);
	out = report(fixture, "2026-11", "user");
	assert_string_equal(out->past[0].month, "2026-10");
	assert_string_equal(out->past[1].month, "2025-11");
	assert_true(out->past[0].is_there);
	assert_false(out->past[1].is_there);
	assert_float_equal(out->past[0].sum.energy_kwh, 2, 1e-9);
	carbon_report_destroy(out);
	/* Ten days into November: October up to its tenth day. */
	fixture->now = fixture->october + 41 * DAY;
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->past[0].sum.energy_kwh, 1, 1e-9);
	assert_float_equal(out->past[0].sum.mass_kg, 0.1, 1e-9);
	carbon_report_destroy(out);
	out = report(fixture, "2026-10", "user");
	assert_string_equal(out->past[0].month, "2026-09");
	carbon_report_destroy(out);
}

static void an_hour_of_a_core_and_of_a_gpu_are_told_apart(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run plain = make_run(1, "ada", fixture->october);
	struct carbon_run trained = make_run(2, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	plain.use.cores = 2;
	trained.use.gpu_kinds = 1;
	trained.use.gpu[0] = (struct carbon_gpu_count){.type = "a100", .count = 5};
	add(fixture, &plain);
	add(fixture, &trained);
	out = report(fixture, "2026-10", "user");
	assert_float_equal(out->total.cpu_kg / out->total.cpu_core_h, 0.1, 1e-9);
	/* A kilowatt of core and five times 400 W. */
	assert_float_equal(out->total.gpu_kg / out->total.gpu_gpu_h, 0.3 / 5, 1e-9);
	text = write(out, "json");
	assert_non_null(strstr(text, "\"g_per_core_hour\": 100,"));
	assert_non_null(strstr(text, "\"g_per_gpu_hour\": 60\n"));
	free(text);
	carbon_report_destroy(out);
}

static void a_partition_in_two_clusters_is_two_places(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run here = make_run(1, "ada", fixture->october);
	struct carbon_run there = make_run(1, "ada", fixture->october);
	struct carbon_run nowhere = make_run(2, "ada", fixture->october);
	struct carbon_report *out;

	snprintf(there.cluster, sizeof(there.cluster), "beta");
	there.use.cores = 2;
	snprintf(nowhere.partition, sizeof(nowhere.partition), "nowhere");
	nowhere.use.cores = 3;
	fixture->place.power.pue = fixture->unzoned.power.pue = 1.25;
	add(fixture, &here);
	add(fixture, &there);
	add(fixture, &nowhere);
	out = report(fixture, "2026-10", "account");
	assert_int_equal(out->places, 3);
	assert_string_equal(out->place[0].sum.key, "nowhere");
	assert_string_equal(out->place[0].zone, "");
	assert_string_equal(out->place[1].cluster, "beta");
	assert_string_equal(out->place[1].zone, "DE");
	assert_float_equal(out->place[1].sum.energy_kwh, 2.5, 1e-9);
	assert_float_equal(out->place[1].sum.it_kwh, 2, 1e-9);
	assert_string_equal(out->place[2].cluster, "alpha");
	assert_int_equal(out->accounts, 1);
	assert_string_equal(out->account[0].key, "science");
	carbon_report_destroy(out);
}

/* Moved from south (2 kW for an hour, without us at noon: 300 g/kWh) to batch, here at midnight: 100 g/kWh. */
static struct carbon_record moved_record(const struct fixture *fixture)
{
	struct carbon_record record = {.decided_at = fixture->october, .level = CARBON_LEVEL_OPT_IN, .delayed = true,
				       .baseline_at = fixture->october + 12 * HOUR, .begin_at = fixture->october + DAY,
				       .latest_at = fixture->october + 9 * DAY, .runtime_s = 3600,
				       .outlook_at = fixture->october, .source = "file", .zone = "DE",
				       .partition = "batch", .policy = "lowest-window", .home = "south",
				       .home_zone = "DE", .home_power_w = 2000, .home_runtime_s = 3600,
				       .data_gb = 30, .data_g = 5};

	return record;
}

static void add_moved(struct fixture *fixture, uint32_t id, int day, const struct carbon_record *record)
{
	struct carbon_run run = make_run(id, "ada", fixture->october + day * DAY);
	char text[CARBON_RECORD_MAX];

	if (carbon_record_format(record, text, &fixture->err) < 0)
		fail_msg("%s", fixture->err.text);
	run.comment = text;
	add(fixture, &run);
}

static void moved_jobs_are_told_from_where_to_where(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_record record = moved_record(fixture), stayed = record, shadow = record, from_beta = record;
	struct carbon_run plain = make_run(9, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	snprintf(stayed.home, sizeof(stayed.home), "batch");
	shadow.level = CARBON_LEVEL_OBSERVE;
	snprintf(from_beta.home_cluster, sizeof(from_beta.home_cluster), "beta");
	from_beta.home_zone[0] = '\0';
	add_moved(fixture, 1, 1, &record);
	add_moved(fixture, 1, 2, &record); /* the same job, requeued */
	add_moved(fixture, 2, 1, &record);
	add_moved(fixture, 3, 1, &stayed);
	add_moved(fixture, 4, 1, &shadow);
	add_moved(fixture, 5, 1, &from_beta);
	add(fixture, &plain);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->flows, 2);
	assert_string_equal(out->flow[0].from.cluster, "alpha");
	assert_string_equal(out->flow[0].from.partition, "south");
	assert_string_equal(out->flow[0].from.zone, "DE");
	assert_string_equal(out->flow[0].to.cluster, "alpha");
	assert_string_equal(out->flow[0].to.partition, "batch");
	assert_string_equal(out->flow[0].to.zone, "DE");
	assert_int_equal(out->flow[0].jobs, 2);
	assert_float_equal(out->flow[0].energy_kwh, 3, 1e-9);
	assert_float_equal(out->flow[0].mass_kg, 0.3, 1e-9);
	assert_int_equal(out->flow[0].credits, 3);
	assert_float_equal(out->flow[0].credit_kg, 3 * (0.6 - 0.1) - out->flow[0].data_kg, 1e-9); /* data once a job */
	assert_float_equal(out->flow[0].data_gb, 60, 1e-9);
	assert_float_equal(out->flow[0].data_kg, 0.010, 1e-9);
	assert_string_equal(out->flow[1].from.cluster, "beta");
	assert_string_equal(out->flow[1].from.zone, "");
	assert_int_equal(out->flow[1].jobs, 1);
	assert_int_equal(out->flow[1].credits, 0);
	text = write(out, "json");
	assert_non_null(strstr(text, "\"from\": \"beta/south\", \"from_zone\": \"unknown\""));
	assert_non_null(strstr(text, "\"credit_kg\": null, \"data_gb\": 30, \"data_kg\": 0.005"));
	assert_non_null(strstr(text, "],\n    \"total\": {\"jobs\": 3, \"energy_kwh\": 4,"));
	free(text);
	carbon_report_destroy(out);
}

static void without_moved_jobs_nothing_is_said_of_flows(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out;
	char *text;

	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	assert_int_equal(out->flows, 0);
	text = write(out, "text");
	assert_null(strstr(text, "moved between places"));
	free(text);
	carbon_report_destroy(out);
}

static void an_allowance_is_used_by_its_own_account_and_month(void **state)
{
	static const struct carbon_allowance allowed[] = {{"science", 0.4}, {"nobody", 7}, {"none", 0}};
	const struct carbon_report_site site = {
		.signal = CARBON_SIGNAL_LIFECYCLE, .allowances = 3, .allowance = allowed};
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, "ada", fixture->october + 12 * HOUR);
	struct carbon_run other = make_run(2, "ada", fixture->october + 12 * HOUR);
	struct carbon_run unknown = make_run(3, "ada", fixture->october);
	struct carbon_run later = make_run(4, "ada", fixture->october + 31 * DAY);
	struct carbon_report *out;

	snprintf(other.account, sizeof(other.account), "arts");
	snprintf(unknown.partition, sizeof(unknown.partition), "nowhere");
	add(fixture, &run);
	add(fixture, &other);
	add(fixture, &unknown);
	add(fixture, &later);
	assert_int_equal(carbon_report_create(fixture->store, "2026-10", carbon_report_by_find("user"), &site,
					      fixture->now, &out, &fixture->err), 0);
	assert_int_equal(out->budgets, 3);
	assert_float_equal(out->budget[0].used_kg, 0.3, 1e-9);
	assert_float_equal(out->budget[0].unknown_kwh, 1, 1e-9);
	assert_float_equal(carbon_budget_percent(&out->budget[0]), 75, 1e-9);
	assert_float_equal(out->budget[1].used_kg, 0, 1e-9);
	assert_float_equal(carbon_budget_percent(&out->budget[1]), 0, 1e-9);
	assert_true(isnan(carbon_budget_percent(&out->budget[2])));
	carbon_report_destroy(out);
}

static struct carbon_terms terms;

static const struct carbon_terms *find_terms(void *context, const char *partition)
{
	static struct carbon_terms none;

	(void)context;
	carbon_terms_init(&none);
	return strcmp(partition, "batch") == 0 ? &terms : &none;
}

/* Average-direct is 60 g/kWh throughout; half of the energy is bought by a contract. */
static struct carbon_report *report_apart(struct fixture *fixture, double market_g_kwh)
{
	const struct carbon_books_site site = {.place = find_place, .terms = find_terms, .sources = find_sources,
					       .context = fixture, .signal = CARBON_SIGNAL_LIFECYCLE};
	struct carbon_record record = make_record(fixture);
	struct carbon_run run = make_run(1, "ada", record.begin_at), other = make_run(2, "ada", record.begin_at);
	char text[CARBON_RECORD_MAX];
	struct carbon_series series;

	carbon_series_init(&series);
	for (int i = 0; i < 96; i++)
		assert_int_equal(carbon_series_add(&series, (struct carbon_point){.at = fixture->october + i * HOUR,
					 .g_kwh = 60, .kind = CARBON_KIND_MEASURED}, &fixture->err), 0);
	assert_int_equal(carbon_store_history_put(fixture->store, "DE", CARBON_SIGNAL_DIRECT, "file", fixture->now,
						  &series, NULL, &fixture->err), 0);
	carbon_series_fini(&series);
	carbon_terms_init(&terms);
	terms.market_g_kwh = market_g_kwh;
	terms.embodied_g_node_h = 25;
	terms.water_l_kwh = 2;
	carbon_books_destroy(fixture->books);
	fixture->books = carbon_books_create(fixture->store, &site, fixture->now);
	assert_int_equal(carbon_record_format(&record, text, &fixture->err), 0);
	run.comment = text;
	add(fixture, &run);
	snprintf(other.partition, sizeof(other.partition), "bare");
	add(fixture, &other);
	return report(fixture, "2026-10", "user");
}

static void lines_that_stay_apart_are_kept_apart(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_report *out = report_apart(fixture, 400);
	const struct carbon_report_apart *apart = &out->total.apart;
	char *text;

	assert_float_equal(out->total.mass_kg, 0.2, 1e-9); /* and nothing of what follows in it */
	assert_float_equal(apart->direct_kg, 0.12, 1e-9);
	assert_float_equal(apart->direct_kwh, 2, 1e-9);
	assert_float_equal(apart->market_kg, 0.4, 1e-9);
	assert_float_equal(apart->market_rest_kg, 0.06, 1e-9);
	assert_float_equal(apart->embodied_kg, 0.025, 1e-9);
	assert_float_equal(apart->water_l, 2, 1e-9);
	assert_float_equal(apart->marginal_kwh, 0, 1e-9);
	/* (100 g + 25 g) over one hour: of the run whose embodied emissions are known. */
	text = write(out, "json");
	assert_non_null(strstr(text, "\"g_per_job_hour\": 125,"));
	assert_non_null(strstr(text, "\"market_kg\": 0.46,"));
	assert_non_null(strstr(text, "\"marginal_kg\": null,"));
	free(text);
	carbon_report_destroy(out);
}

static void a_zero_carbon_contract_leaves_nothing_to_save(void **state)
{
	struct fixture *fixture = *state;
	struct carbon_report *out = report_apart(fixture, 0);
	char *text = write(out, "text");

	assert_float_equal(out->total.credit_kg, 0.2, 1e-9);
	assert_float_equal(out->total.apart.market_kg, 0, 1e-9);
	assert_float_equal(out->total.apart.market_credit_kg, 0, 1e-9);
	assert_non_null(strstr(text, "The contract is zero-carbon: market-based, waiting for clean hours saves 0 kg"));
	assert_non_null(strstr(text, "Timing credit, market-based        0 kg CO2e "));
	free(text);
	carbon_report_destroy(out);
}

static void provisional_rows_are_settled_again(void **state)
{
	struct fixture *fixture = *state;
	time_t start = fixture->october + 39 * DAY;
	struct carbon_run run = make_run(1, "ada", start);
	struct carbon_report *out;

	open_books(fixture, start + 2 * HOUR);
	add(fixture, &run);
	assert_int_equal(carbon_books_count(fixture->books)->provisional, 1);
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->total.unknown_kwh, 1, 1e-9);
	carbon_report_destroy(out);
	put_history(fixture, start, 2, CARBON_KIND_ESTIMATED);
	open_books(fixture, start + 3 * HOUR);
	assert_int_equal(carbon_books_revise(fixture->books, "alpha", &fixture->err), 0);
	assert_int_equal(carbon_books_count(fixture->books)->revised, 1);
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_PROVISIONAL], 1, 1e-9);
	assert_float_equal(out->total.mass_kg, 0.1, 1e-9);
	carbon_report_destroy(out);
	put_history(fixture, start, 2, CARBON_KIND_MEASURED);
	open_books(fixture, start + 4 * HOUR);
	assert_int_equal(carbon_books_revise(fixture->books, "alpha", &fixture->err), 0);
	out = report(fixture, "2026-11", "user");
	assert_float_equal(out->total.method_kwh[CARBON_INTENSITY_SETTLED], 1, 1e-9);
	carbon_report_destroy(out);
	open_books(fixture, start + 5 * HOUR);
	assert_int_equal(carbon_books_revise(fixture->books, "alpha", &fixture->err), 0);
	assert_int_equal(carbon_books_count(fixture->books)->revised, 0);
}

static void progress_is_kept_per_cluster(void **state)
{
	struct fixture *fixture = *state;
	time_t at = 1;

	assert_int_equal(carbon_ledger_progress(fixture->store, "alpha", &at, &fixture->err), 0);
	assert_true(at == 0);
	assert_int_equal(carbon_ledger_progress_put(fixture->store, "alpha", 77, &fixture->err), 0);
	assert_int_equal(carbon_ledger_progress_put(fixture->store, "beta", 55, &fixture->err), 0);
	assert_int_equal(carbon_ledger_progress(fixture->store, "alpha", &at, &fixture->err), 0);
	assert_true(at == 77);
}

static void a_month_without_sense_is_explained(void **state)
{
	struct fixture *fixture = *state;

	assert_no_report(fixture, "2026-13", "such as 2026-10");
	assert_no_report(fixture, "October", "such as 2026-10");
	assert_no_report(fixture, "2027-06", "has not begun");
	assert_no_report(fixture, "2026-10", "carbonctl settle --since 2026-10-01");
}

static void signals_are_not_mixed(void **state)
{
	struct fixture *fixture = *state;
	static const struct carbon_report_site marginal = {.signal = CARBON_SIGNAL_MARGINAL};
	struct carbon_run run = make_run(1, "ada", fixture->october);
	struct carbon_report *out = NULL;

	add(fixture, &run);
	assert_int_equal(carbon_report_create(fixture->store, "2026-10",
					      carbon_report_by_find("user"), &marginal,
					      fixture->now, &out, &fixture->err), -1);
	assert_non_null(strstr(fixture->err.text, "another signal"));
}

static void hostile_names_harm_nobody(void **state)
{
	static const char NAME[] = "=HYPERLINK(\"x\")\x1b[2J<script>\xff\n";
	struct fixture *fixture = *state;
	struct carbon_run run = make_run(1, NAME, fixture->october);
	struct carbon_report *out;
	char *text;

	add(fixture, &run);
	out = report(fixture, "2026-10", "user");
	text = write(out, "csv");
	assert_non_null(strstr(text, "\r\n\"'=HYPERLINK(\"\"x\"\")"));
	free(text);
	text = write(out, "json");
	assert_non_null(strstr(text, "=HYPERLINK(\\\"x\\\")\\u001b[2J\\u003cscript>\\ufffd\\u000a"));
	free(text);
	text = write(out, "text");
	assert_null(strchr(text, '\x1b'));
	free(text);
	text = write(out, "html");
	assert_non_null(strstr(text, "=HYPERLINK(&quot;x&quot;)?[2J&lt;script&gt;\xef\xbf\xbd?"));
	assert_null(strstr(text, "<script"));
	free(text);
	carbon_report_destroy(out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_run_belongs_to_the_month_in_which_it_ended),
		TEST(settling_twice_changes_nothing),
		TEST(a_requeued_job_is_one_job_with_two_runs),
		TEST(a_job_counts_once_in_the_total_and_in_each_line),
		TEST(thousands_of_lines_are_all_there),
		TEST(lines_are_cut_as_asked),
		TEST(an_unknown_zone_has_energy_and_no_emissions),
		TEST(a_delayed_job_has_its_credit_and_its_promise),
		TEST(a_missed_promise_is_counted_with_whose_doing_it_was),
		TEST(a_promise_is_kept_or_missed_once),
		TEST(a_job_cancelled_at_its_deadline_before_it_ran_is_no_run_and_no_secret),
		TEST(opt_outs_are_counted_by_who_and_how),
		TEST(a_record_seen_while_waiting_outlives_its_comment),
		TEST(a_damaged_record_is_counted_and_the_run_kept),
		TEST(odd_runs_are_counted_and_kept),
		TEST(times_that_no_run_can_have_are_survived),
		TEST(a_zone_with_a_typical_day_alone_is_marked_as_such),
		TEST(history_counts_more_than_a_typical_day),
		TEST(load_is_drawn_when_it_is_drawn),
		TEST(the_grids_day_is_of_what_is_known_of_it),
		TEST(a_delayed_run_moves_between_hours),
		TEST(earlier_months_are_beside_it),
		TEST(an_hour_of_a_core_and_of_a_gpu_are_told_apart),
		TEST(a_partition_in_two_clusters_is_two_places),
		TEST(moved_jobs_are_told_from_where_to_where),
		TEST(without_moved_jobs_nothing_is_said_of_flows),
		TEST(an_allowance_is_used_by_its_own_account_and_month),
		TEST(lines_that_stay_apart_are_kept_apart),
		TEST(a_zero_carbon_contract_leaves_nothing_to_save),
		TEST(provisional_rows_are_settled_again),
		TEST(progress_is_kept_per_cluster),
		TEST(a_month_without_sense_is_explained),
		TEST(signals_are_not_mixed),
		TEST(hostile_names_harm_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
