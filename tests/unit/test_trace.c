/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Traces in every format: what is read, what is left out and counted, what is an error with its
 * line. */
#include "lib/buf.h"
#include "lib/err.h"
#include "simulator/trace.h"
#include "tests/unit/unit.h"

#define UNTOLD CARBON_TRACE_NO_DELAY

static int parse(const char *text, double unit_s, struct carbon_trace *trace,
		 struct carbon_err *err)
{
	carbon_trace_init(trace);
	return carbon_trace_parse(text, strlen(text), unit_s, trace, err);
}

static void csv_is_read_by_its_header(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(parse("name,nodes,submit,runtime_s,limit_s,power_w,user,delay_s\r\n"
			       "train,4,2023-01-01T00:00:00Z,3600,7200,1200.5,ada,600\n"
			       "\"a, b\",1,1672531260,60,,,bob,\n"
			       "train,,1672531261,61,0,0,ada,0\n",
			       1, &trace, &err),
			 0);
	assert_int_equal(trace.count, 3);
	assert_false(trace.is_relative);
	assert_int_equal(trace.job[0].submit_at, 1672531200);
	assert_int_equal(trace.job[0].runtime_s, 3600);
	assert_int_equal(trace.job[0].limit_s, 7200);
	assert_int_equal(trace.job[0].nodes, 4);
	assert_int_equal(trace.job[0].delay_s, 600);
	assert_near(trace.job[0].power_w, 1200.5, 0);
	assert_int_equal(trace.job[1].limit_s, 0);
	assert_int_equal(trace.job[1].delay_s, UNTOLD);
	assert_int_equal(trace.job[2].nodes, 1);
	assert_int_equal(trace.job[2].user, trace.job[0].user);
	assert_int_equal(trace.job[2].name, trace.job[0].name);
	assert_true(trace.job[1].user != trace.job[0].user && trace.job[1].user != 0);
	carbon_trace_fini(&trace);
}

static void columns_that_count_hours_are_told_so(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(parse("arrival_time,length,cpus\n0.0,4.1625,128\n0.5,0.5,3\n", 3600,
			       &trace, &err),
			 0);
	assert_true(trace.is_relative);
	assert_int_equal(trace.job[0].runtime_s, 14985);
	assert_int_equal(trace.job[1].submit_at, 1800);
	assert_int_equal(trace.job[1].nodes, 3);
	carbon_trace_shift(&trace, 1672531200);
	assert_false(trace.is_relative);
	assert_int_equal(trace.job[1].submit_at, 1672533000);
	carbon_trace_fini(&trace);
}

static void swf_is_read_and_minus_one_is_not_a_value(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(parse("; Version: 2\n;\n"
			       "  1 0 -1 1451 128 -1 -1 128 3600 -1 -1 1 1 1 -1 -1 -1 -1\n"
			       "2\t1460 -1 3726 -1 -1 -1 16 -1 -1 1 -1 1 -1 -1 -1 -1 -1\r\n"
			       "3 1470 -1 -1 16 -1 -1 16 -1 -1 5 2 1 2 -1 -1 -1 -1\n"
			       "4 1480 -1 0 16 -1 -1 16 -1 -1 5 2 1 2 -1 -1 -1 -1\n"
			       "5 1490 0 -7 16\n",
			       1, &trace, &err),
			 0);
	assert_int_equal(trace.count, 2);
	assert_int_equal(trace.job[0].limit_s, 3600);
	assert_int_equal(trace.job[0].nodes, 128);
	assert_true(trace.job[0].user && trace.job[0].name);
	assert_int_equal(trace.job[1].nodes, 16);
	assert_int_equal(trace.job[1].limit_s, 0);
	assert_int_equal(trace.job[1].user, 0);
	assert_int_equal(trace.skipped[CARBON_TRACE_MISSING], 1);
	assert_int_equal(trace.first_line[CARBON_TRACE_MISSING], 5);
	assert_int_equal(trace.skipped[CARBON_TRACE_NO_TIME], 1);
	assert_int_equal(trace.skipped[CARBON_TRACE_NEGATIVE], 1);
	assert_int_equal(trace.first_line[CARBON_TRACE_NEGATIVE], 7);
	carbon_trace_fini(&trace);
}

static void sacct_is_read_without_its_steps(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(
		parse("JobID|User|JobName|Submit|Elapsed|Timelimit|NNodes|ConsumedEnergyRaw\n"
		      "10|ada|train|2023-05-01T10:00:00|1-00:00:10|2-00:00:00|2|8641000\n"
		      "10.batch||batch|2023-05-01T10:00:00|1-00:00:10||2|\n"
		      "11|ada|train|2023-05-01T10:00:01|00:10:00|UNLIMITED|1|0\n"
		      "12|ada|train|2023-05-01T10:00:02|00:00:00|60|1|\n"
		      "13|ada|train|Unknown|00:10:00|60|1|\n",
		      1, &trace, &err),
		0);
	assert_int_equal(trace.count, 2);
	assert_int_equal(trace.job[0].submit_at, 1682935200);
	assert_int_equal(trace.job[0].runtime_s, 86410);
	assert_int_equal(trace.job[0].limit_s, 172800);
	assert_near(trace.job[0].power_w, 100, 1e-3);
	assert_int_equal(trace.job[1].limit_s, 0);
	assert_near(trace.job[1].power_w, 0, 0);
	assert_int_equal(trace.skipped[CARBON_TRACE_STEP], 1);
	assert_int_equal(trace.skipped[CARBON_TRACE_NO_TIME], 1);
	assert_int_equal(trace.skipped[CARBON_TRACE_MISSING], 1);
	carbon_trace_fini(&trace);
}

/* sacct tells how long a job has run so far, does not quote names, and may print Slurm's "not known" as a number. */
static void what_sacct_does_not_know_yet_is_no_run_time(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(
		parse("JobIDRaw|State|Submit|JobName|ElapsedRaw|TimelimitRaw|NNodes|ConsumedEnergyRaw\n"
		      "10|COMPLETED|2023-05-01T10:00:00|a|600|20|1|18446744073709551614\n"
		      "10.0|COMPLETED|2023-05-01T10:00:00|a|600||1|\n"
		      "11|RUNNING|2023-05-01T10:00:00|a|600|20|1|\n"
		      "12|PENDING|2023-05-01T10:00:00|a|0|20|1|\n"
		      "13|COMPLETED|2023-05-01T10:00:00|a|7|600|20|1|\n"
		      "14|CANCELLED by 1000|2023-05-01T10:00:00|a|601|20|1|\n"
		      "15|COMPLETED|2023-05-01T10:00:00|a|60\n",
		      1, &trace, &err),
		0);
	assert_int_equal(trace.count, 2);
	assert_int_equal(trace.job[0].runtime_s, 600);
	assert_near(trace.job[0].power_w, 0, 0);
	assert_int_equal(trace.job[1].runtime_s, 601);
	assert_int_equal(trace.skipped[CARBON_TRACE_STEP], 1);
	assert_int_equal(trace.skipped[CARBON_TRACE_UNFINISHED], 2);
	assert_int_equal(trace.first_line[CARBON_TRACE_UNFINISHED], 4);
	assert_int_equal(trace.skipped[CARBON_TRACE_RAGGED], 2);
	assert_int_equal(trace.first_line[CARBON_TRACE_RAGGED], 6);
	carbon_trace_fini(&trace);
}

/* A comma in a name that is not quoted, and a line that was cut off. */
static void rows_with_other_cells_than_the_header_are_left_out(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(parse("submit,name,runtime_s,nodes\n1,a,60,2\n2,a,7,60,2\n3,\"a,7\",60,2\n4,a,6", 1,
			       &trace, &err),
			 0);
	assert_int_equal(trace.count, 2);
	assert_int_equal(trace.job[1].runtime_s, 60);
	assert_int_equal(trace.skipped[CARBON_TRACE_RAGGED], 2);
	assert_int_equal(trace.first_line[CARBON_TRACE_RAGGED], 3);
	carbon_trace_fini(&trace);
}

static void unsorted_rows_are_sorted_and_counted(void **state)
{
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	assert_int_equal(
		parse("submit,runtime_s,nodes\n30,1,1\n10,1,2\n20,1,3\n10,1,4\n5,1,5\n", 1,
		      &trace, &err),
		0);
	assert_int_equal(trace.unsorted, 3);
	for (size_t i = 1; i < trace.count; i++)
		assert_true(trace.job[i - 1].submit_at <= trace.job[i].submit_at);
	assert_int_equal(trace.job[1].nodes, 2); /* of equal times the first in the file */
	assert_int_equal(trace.job[2].nodes, 4);
	assert_int_equal(carbon_trace_cut(&trace, 10, 30), 2);
	assert_int_equal(trace.count, 3);
	carbon_trace_fini(&trace);
}

static void what_is_wrong_is_named_by_its_line(void **state)
{
	static const struct {
		const char *text, *sentence;
	} rows[] = {
		{"", "line 1: empty: no jobs"},
		{"submit,length_s\n1,2\n", "line 1: no column \"runtime_s\" (or \"length\")"},
		{"runtime_s,nodes\n1,2\n",
		 "line 1: no column \"submit\" (or \"arrival_time\")"},
		{"submit,runtime_s\n1,2\n1,two\n", "line 3: runtime_s is \"two\", not a number up to 1e15"},
		{"submit,nodes,runtime_s\n1,1e99,2\n", "line 2: nodes is \"1e99\", not a number up to 1e15"},
		{"submit,runtime_s\nyesterday,2\n",
		 "line 2: submit is \"yesterday\", not a number of seconds or a time such as 2023-01-01T06:00Z"},
		{"submit,runtime_s\n1,\n,2\n", "no job that can be used (2 rows left out)"},
		{"submit,runtime_s\n1,2\n1672531200,5\n",
		 "line 2: its submit time counts from the trace's begin, that of line 3 from 1970"},
		{"\n; a comment\nsubmit;runtime_s\n1;2\n",
		 "line 3: \"submit;runtime_s\" is neither a header with commas (CSV: submit,runtime_s,...) "
		 "or bars (sacct -P) nor a row of numbers (SWF)"},
		{"submit,runtime_s\n\"1,2\n", "line 2: a quote is never closed"},
		{"1 0 -1 x 4\n", "line 1: field 4 is \"x\", not a number"},
		{"; c\n1 0 -1\n", "line 2: 3 fields, a job has 18"},
		{"JobID|Submit\n1|2023-01-01\n", "line 1: no column ElapsedRaw (nor Elapsed)"},
		{"Submit|ElapsedRaw\n2023-13-01|5\n",
		 "line 2: Submit is \"2023-13-01\", not a time"},
		{"Submit|ElapsedRaw\n2023-12-01|5s\n",
		 "line 2: ElapsedRaw is \"5s\", not a number"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_trace trace;
		struct carbon_err err;

		assert_row(rows[i].text, parse(rows[i].text, 1, &trace, &err) == -1);
		assert_string_equal(err.text, rows[i].sentence);
		carbon_trace_fini(&trace);
	}
}

static void many_names_stay_apart(void **state)
{
	struct carbon_trace trace;

	(void)state;
	carbon_trace_init(&trace);
	for (uint32_t i = 0; i < 50000; i++) {
		char name[16];

		snprintf(name, sizeof(name), "job%u", i);
		assert_int_equal(carbon_trace_number(&trace, name), i + 1);
	}
	assert_int_equal(carbon_trace_number(&trace, "job777"), 778);
	assert_int_equal(carbon_trace_number(&trace, ""), 0);
	carbon_trace_fini(&trace);
}

/* A million lines, one in ten of them unusable. */
static void a_million_lines_are_read(void **state)
{
	struct carbon_buf buf;
	struct carbon_trace trace;
	struct carbon_err err;

	(void)state;
	carbon_buf_init(&buf, (size_t)64 << 20);
	carbon_buf_puts(&buf, "submit,runtime_s,nodes,user\n");
	for (int i = 0; i < 1000000; i++)
		carbon_buf_printf(&buf, "%d,%d,%d,u%d\n", i, i % 10 ? i % 1000 : -1, i % 7 + 1,
				  i % 100);
	assert_false(buf.failed);
	assert_int_equal(parse(buf.text, 1, &trace, &err), 0);
	assert_int_equal(trace.count, 900000);
	assert_int_equal(trace.skipped[CARBON_TRACE_NEGATIVE], 100000);
	assert_int_equal(trace.first_line[CARBON_TRACE_NEGATIVE], 2);
	carbon_trace_fini(&trace);
	carbon_buf_fini(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(csv_is_read_by_its_header),
		cmocka_unit_test(columns_that_count_hours_are_told_so),
		cmocka_unit_test(swf_is_read_and_minus_one_is_not_a_value),
		cmocka_unit_test(sacct_is_read_without_its_steps),
		cmocka_unit_test(what_sacct_does_not_know_yet_is_no_run_time),
		cmocka_unit_test(rows_with_other_cells_than_the_header_are_left_out),
		cmocka_unit_test(unsorted_rows_are_sorted_and_counted),
		cmocka_unit_test(what_is_wrong_is_named_by_its_line),
		cmocka_unit_test(many_names_stay_apart),
		cmocka_unit_test(a_million_lines_are_read),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
