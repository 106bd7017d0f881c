/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the report tells of jobs that had a decision: their credit, the promises kept and missed, who took part no
 * longer and who put an end to it.
 */
#include "accounting/books.h"
#include "accounting/ledger.h"
#include "accounting/report.h"
#include "tests/unit/report_world.h"

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
	written = print(out, "text");
	assert_non_null(strstr(written, "timing credit"));
	assert_null(strstr(written, "kg saved"));
	free(written);
	carbon_report_destroy(out);
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
	text = print(out, "text");
	assert_non_null(strstr(text, "Missed promises"));
	free(text);
	text = print(out, "json");
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
	text = print(out, "json");
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
	text = print(out, "json");
	assert_non_null(strstr(text, "\"opt_outs\": ["));
	assert_non_null(strstr(text, "{\"user\": \"ada\", \"flag_jobs\": 1, \"start_jobs\": 1, \"jobs\": 2}"));
	assert_null(strstr(text, "{\"user\": \"bob\", \"flag_jobs\""));
	assert_non_null(strstr(text, "\"missed_jobs\": 0, \"opt_out_jobs\": 2"));
	free(text);
	text = print(out, "csv");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_delayed_job_has_its_credit_and_its_promise),
		TEST(a_missed_promise_is_counted_with_whose_doing_it_was),
		TEST(a_promise_is_kept_or_missed_once),
		TEST(a_job_cancelled_at_its_deadline_before_it_ran_is_no_run_and_no_secret),
		TEST(opt_outs_are_counted_by_who_and_how),
		TEST(a_record_seen_while_waiting_outlives_its_comment),
		TEST(a_damaged_record_is_counted_and_the_run_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
