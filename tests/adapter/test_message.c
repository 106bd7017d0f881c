/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What users read: the exact sentences, and that nobody who asked for nothing is told anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "plugin/message.h"

#define NOW ((time_t)1790553600) /* Mon 2026-09-28 00:00 UTC */

static struct carbon_decision decision;
static struct carbon_job job;
static char text[CARBON_MESSAGE_MAX];

static int set_up(void **state)
{
	struct carbon_record *record = &decision.record;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	carbon_job_init(&job);
	memset(&decision, 0, sizeof(decision));
	decision.verdict = CARBON_DELAY;
	decision.deadline_is_kept = true;
	decision.slack_share = 1;
	decision.delay_s = 33 * 3600;
	record->level = CARBON_LEVEL_DEFAULT;
	record->baseline_at = NOW;
	record->begin_at = NOW + 3 * 3600;
	record->latest_at = NOW + 33 * 3600;
	record->mass_g = 1903;
	record->baseline_g = 3421;
	record->kind = CARBON_KIND_FORECAST;
	record->outlook_at = NOW - 20 * 60;
	memcpy(record->zone, "DE", 3);
	return 0;
}

static const char *format(void)
{
	memset(text, 'x', sizeof(text));
	carbon_message_format(&decision, &job, NOW, text);
	return text;
}

static void a_delayed_job_reads_two_plain_lines(void **state)
{
	(void)state;
	assert_string_equal(
		format(),
		"carbon: may start from Mon 03:00 (now: at once), latest Tue 09:00: about 1.9 kg instead "
		"of 3.4 kg CO2e, zone DE, forecast 20 min old\n"
		"carbon: to run at once submit with --carbon=off, or: scontrol update jobid=<id> "
		"StartTime=now");
}

static void an_array_a_begin_and_a_cap_are_named(void **state)
{
	(void)state;
	job.is_array = true;
	decision.record.baseline_at = NOW + 3600;
	decision.delay_was_capped = true;
	decision.delay_s = 48 * 3600;
	assert_non_null(strstr(format(), "(now: Mon 01:00), latest Tue 09:00 (longest delay here: 2 d): "
					 "about 1.9 kg instead of 3.4 kg CO2e a task,"));
}

static void where_a_number_comes_from_is_said(void **state)
{
	(void)state;
	decision.record.kind = CARBON_KIND_MODEL;
	assert_non_null(strstr(format(), "own forecast 20 min old"));
	decision.record.kind = CARBON_KIND_PROFILE;
	assert_non_null(strstr(format(), "typical day, no forecast"));
	decision.record.kind = CARBON_KIND_FORECAST;
	decision.record.outlook_at = NOW + 5;
	assert_non_null(strstr(format(), "forecast under 1 min old"));
}

static void who_asked_for_nothing_is_told_nothing(void **state)
{
	(void)state;
	for (int reason = CARBON_REASON_LEVEL; reason < CARBON_REASONS; reason++) {
		decision.verdict = reason >= CARBON_REASON_CAP ? CARBON_AT_ONCE : CARBON_LEFT_ALONE;
		decision.reason = reason;
		assert_string_equal(format(), "");
	}
	decision.verdict = CARBON_DELAY;
	decision.record.level = CARBON_LEVEL_OBSERVE;
	assert_string_equal(format(), "");
}

static void who_asked_is_told_why_not(void **state)
{
	(void)state;
	job.request.given = true;
	decision.verdict = CARBON_LEFT_ALONE;
	for (int reason = CARBON_REASON_LEVEL; reason < CARBON_REASONS; reason++) {
		decision.reason = reason;
		job.exempt = reason == CARBON_REASON_EXEMPT ? CARBON_EXEMPT_HET : CARBON_EXEMPT_NONE;
		if (reason == CARBON_REASON_OPT_OUT) {
			assert_string_equal(format(), "");
			continue;
		}
		assert_memory_equal(format(), "carbon: not delayed: ", 21);
		assert_true(strlen(text) > 25);
		assert_null(strchr(text, '\n'));
	}
	decision.reason = CARBON_REASON_LEVEL;
	assert_string_equal(format(),
			    "carbon: not delayed: delaying is switched off on this cluster");
	decision.reason = CARBON_REASON_EXEMPT;
	job.exempt = CARBON_EXEMPT_HET;
	assert_string_equal(format(), "carbon: not delayed: it is a heterogeneous job");
	job.exempt = CARBON_EXEMPT_SIBLING; /* told on the cluster where it was submitted */
	assert_string_equal(format(), "");
}

static void an_end_that_cannot_be_kept_is_named(void **state)
{
	(void)state;
	job.request.given = true;
	job.request.finish_by_at = NOW + 7200;
	job.deadline_at = NOW + 3600;
	decision.verdict = CARBON_LEFT_ALONE;
	decision.reason = CARBON_REASON_NO_SLACK;
	decision.deadline_is_kept = false;
	assert_non_null(strstr(format(), "cannot be sure to finish by Mon 01:00"));
	job.deadline_at = 0;
	assert_non_null(strstr(format(), "cannot be sure to finish by Mon 02:00"));
}

static void an_observing_site_says_so_in_one_line(void **state)
{
	(void)state;
	job.request.given = true;
	decision.record.level = CARBON_LEVEL_OBSERVE;
	assert_non_null(strstr(format(), "only observes, the job is not delayed"));
	assert_null(strchr(text, '\n'));
}

static void no_percentage_and_no_control_character_gets_out(void **state)
{
	struct carbon_err err = {"--carbon-delay=\033[2J\t\xc3\xa4: must be a time"};

	(void)state;
	carbon_message_complain(&err, text);
	assert_string_equal(text, "carbon: --carbon-delay=?[2J???: must be a time; the job is left as it is");
	assert_null(strchr(format(), '%'));
}

static void the_longest_names_fit(void **state)
{
	(void)state;
	memset(decision.record.zone, 'Z', sizeof(decision.record.zone) - 1);
	decision.delay_was_capped = true;
	decision.record.mass_g = 1e300;
	decision.record.baseline_g = -1;
	assert_true(strlen(format()) < CARBON_MESSAGE_MAX - 1);
	assert_non_null(strstr(text, "StartTime=now"));
}

static void a_small_mass_is_not_nothing(void **state)
{
	(void)state;
	decision.record.mass_g = 0.044;
	decision.record.baseline_g = 0.31;
	assert_non_null(strstr(format(), "about 44 mg instead of 310 mg CO2e"));
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

/* What a job leaves there is used by others: two figures side by side would promise too much. */
static void a_busy_place_gets_no_comparison(void **state)
{
	(void)state;
	decision.slack_share = 0.6;
	assert_non_null(strstr(format(), ": about 1.9 kg CO2e; this partition is often full, so that waiting changes "
					 "less than that, zone DE, forecast 20 min old\n"));
	assert_null(strstr(text, "instead"));
	decision.is_for_limit = true;
	job.is_array = true;
	assert_non_null(strstr(format(), ": about 1.9 kg CO2e a task; the site limits what may run until then, zone DE"));
	decision.verdict = CARBON_AT_ONCE;
	decision.reason = CARBON_REASON_CROWDED;
	job.request.given = true;
	assert_string_equal(format(), "carbon: not delayed: its partition is mostly full, so that other jobs would use "
				      "the power that it leaves");
}

static void a_move_from_or_to_a_busy_place_gets_none_either(void **state)
{
	(void)state;
	job.request.given = job.request.relocate = decision.is_moved = true;
	snprintf(decision.record.partition, sizeof(decision.record.partition), "north");
	assert_non_null(strstr(format(), "(partition north) from Mon 03:00 instead of here now: about 1.9 kg instead of 3.4 kg CO2e (-44 %), "
					 "forecast 20 min old\n"));
	decision.slack_share = 0.69;
	assert_non_null(strstr(format(), " instead of here now: about 1.9 kg CO2e; one of the two is often full, so that moving changes "
					 "less than their intensities say, forecast 20 min old\n"));
	assert_null(strstr(text, "%"));
}

static void who_may_move_is_told_when_it_stays(void **state)
{
	(void)state;
	job.request.given = job.request.relocate = true;
	assert_non_null(strstr(format(), "StartTime=now\ncarbon: not moved: no other place that takes it would save enough"));
	assert_null(strstr(text, "while it waits"));
	snprintf(decision.record.may, sizeof(decision.record.may), "north");
	assert_non_null(strstr(format(), " would save enough now; it may be moved while it waits"));
	decision.record.may[0] = '\0';
	decision.verdict = CARBON_AT_ONCE;
	decision.reason = CARBON_REASON_BEST_NOW;
	assert_string_equal(format(), "carbon: not delayed: no later start is cleaner\n"
				      "carbon: not moved: no other place that takes it would save enough");
	decision.verdict = CARBON_LEFT_ALONE;
	decision.reason = CARBON_REASON_SHORT;
	assert_null(strstr(format(), "not moved"));
	decision.verdict = CARBON_DELAY;
	decision.record.level = CARBON_LEVEL_OBSERVE;
	assert_null(strstr(format(), "not moved: "));
	decision.record.level = CARBON_LEVEL_DEFAULT;
	job.request.relocate = false;
	assert_null(strstr(format(), "not moved"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_delayed_job_reads_two_plain_lines),
		TEST(an_array_a_begin_and_a_cap_are_named),
		TEST(where_a_number_comes_from_is_said),
		TEST(who_asked_for_nothing_is_told_nothing),
		TEST(who_asked_is_told_why_not),
		TEST(an_end_that_cannot_be_kept_is_named),
		TEST(an_observing_site_says_so_in_one_line),
		TEST(no_percentage_and_no_control_character_gets_out),
		TEST(the_longest_names_fit),
		TEST(a_small_mass_is_not_nothing),
		TEST(a_busy_place_gets_no_comparison),
		TEST(a_move_from_or_to_a_busy_place_gets_none_either),
		TEST(who_may_move_is_told_when_it_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
