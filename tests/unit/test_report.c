/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ledger, books and report together: what goes in comes out in the right month, line and
 * column, and hostile names harm nobody.
 */
#include "accounting/books.h"
#include "accounting/ledger.h"
#include "accounting/report.h"
#include "accounting/store.h"
#include "tests/unit/report_world.h"

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
	text = print(out, "text");
	assert_non_null(strstr(text, "(unknown)"));
	assert_non_null(strstr(text, "1.00 kWh have no known intensity"));
	free(text);
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
	text = print(out, "json");
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
	text = print(out, "csv");
	assert_non_null(strstr(text, "\r\n\"'=HYPERLINK(\"\"x\"\")"));
	free(text);
	text = print(out, "json");
	assert_non_null(strstr(text, "=HYPERLINK(\\\"x\\\")\\u001b[2J\\u003cscript>\\ufffd\\u000a"));
	free(text);
	text = print(out, "text");
	assert_null(strchr(text, '\x1b'));
	free(text);
	text = print(out, "html");
	assert_non_null(strstr(text, "=HYPERLINK(&quot;x&quot;)?[2J&lt;script&gt;\xef\xbf\xbd?"));
	assert_null(strstr(text, "<script"));
	free(text);
	carbon_report_destroy(out);
}

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
		TEST(earlier_months_are_beside_it),
		TEST(an_hour_of_a_core_and_of_a_gpu_are_told_apart),
		TEST(a_partition_in_two_clusters_is_two_places),
		TEST(progress_is_kept_per_cluster),
		TEST(a_month_without_sense_is_explained),
		TEST(signals_are_not_mixed),
		TEST(hostile_names_harm_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
