/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A description becomes a job: unset fields, resources as old and new clients write them, exemptions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/array.h"
#include "plugin/decode.h"
#include "tests/adapter/fake_slurm.h"

#define NOW ((time_t)1790000000)

struct fixture {
	job_desc_msg_t desc;
	struct carbon_submission got;
};

static struct fixture fixture;

static int set_up(void **state)
{
	fake_slurm_reset();
	fake_desc_init(&fixture.desc);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_desc_fini(&fixture.desc);
	return fake_alive() == 0 ? 0 : -1;
}

static const struct carbon_job *decode(uint32_t submit_uid)
{
	carbon_submission_decode(&fixture.desc, submit_uid, NOW, &fixture.got);
	return &fixture.got.job;
}

static void fields_that_sbatch_leaves_unset_stay_unset(void **state)
{
	const struct carbon_job *job = decode(1000);

	(void)state;
	assert_int_equal(job->uid, 1000);
	assert_string_equal(job->account, "");
	assert_string_equal(job->qos, "");
	assert_string_equal(job->partition, "");
	assert_int_equal(job->limit_s, 0);
	assert_int_equal(job->begin_at, 0);
	assert_int_equal(job->deadline_at, 0);
	assert_false(job->has_dependency);
	assert_false(job->is_array);
	assert_int_equal(job->exempt, CARBON_EXEMPT_NONE);
	assert_float_equal(job->use.nodes, 0, 0);
	assert_float_equal(job->use.cores, 1, 0);
	assert_float_equal(job->use.memory_gb, 0, 0);
	assert_int_equal(job->use.gpu_kinds, 0);
	assert_false(job->request.given);
	assert_int_equal(fixture.got.tasks, 1);
}

static void a_long_name_is_cut(void **state)
{
	char name[1024];
	const struct carbon_job *job;

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fake_set(&fixture.desc.name, name);
	job = decode(1000);
	assert_int_equal(strlen(job->name), CARBON_JOB_NAME_MAX - 1);
	slurm_xfree((void **)&fixture.desc.name);
	assert_string_equal(decode(1000)->name, "");
}

static void a_description_of_zeros_is_no_danger(void **state)
{
	(void)state;
	fake_desc_fini(&fixture.desc);
	memset(&fixture.desc, 0, sizeof(fixture.desc));
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_HET);
}

static void names_and_times_are_taken_over(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;
	const struct carbon_job *job;

	(void)state;
	fake_set(&desc->account, "physics");
	fake_set(&desc->qos, "normal");
	fake_set(&desc->partition, "gpu,cpu");
	fake_set(&desc->dependency, "afterok:7");
	fake_set(&desc->name, "train_017");
	desc->time_limit = 90;
	desc->deadline = NOW + 7200;
	job = decode(0);
	assert_int_equal(job->uid, 1000); /* root may submit for others */
	assert_string_equal(job->account, "physics");
	assert_string_equal(job->qos, "normal");
	assert_string_equal(job->partition, "gpu");
	assert_string_equal(job->name, "train_017");
	assert_true(job->has_dependency);
	assert_int_equal(job->limit_s, 5400);
	assert_int_equal(job->deadline_at, NOW + 7200);
	desc->user_id = NO_VAL;
	assert_int_equal(decode(77)->uid, 77);
}

static void a_name_too_long_to_be_the_sites_matches_none(void **state)
{
	char name[200];

	(void)state;
	memset(name, 'p', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	fake_set(&fixture.desc.partition, name);
	assert_string_equal(decode(0)->partition, "?");
}

static void unlimited_and_overflowing_limits_are_the_longest(void **state)
{
	(void)state;
	fixture.desc.time_limit = INFINITE;
	assert_int_equal(decode(0)->limit_s, UINT32_MAX);
	fixture.desc.time_limit = UINT32_MAX / 60 + 1;
	assert_int_equal(decode(0)->limit_s, UINT32_MAX);
	fixture.desc.time_limit = UINT32_MAX / 60;
	assert_int_equal(decode(0)->limit_s, UINT32_MAX / 60 * 60);
}

/* --- resources --- */

static void tasks_cpus_and_nodes_multiply(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;

	(void)state;
	desc->num_tasks = 4;
	desc->cpus_per_task = 2;
	assert_float_equal(decode(0)->use.cores, 8, 0);
	desc->num_tasks = NO_VAL;
	desc->min_nodes = 3;
	desc->ntasks_per_node = 8;
	assert_float_equal(decode(0)->use.cores, 48, 0);
	assert_float_equal(fixture.got.job.use.nodes, 3, 0);
	desc->pn_min_cpus = 64;
	assert_float_equal(decode(0)->use.cores, 192, 0);
	desc->min_cpus = 200;
	assert_float_equal(decode(0)->use.cores, 200, 0);
}

static void a_job_that_shares_with_nobody_holds_whole_nodes(void **state)
{
	(void)state;
	fixture.desc.shared = 0;
	assert_float_equal(decode(0)->use.nodes, 1, 0);
}

static void memory_is_per_cpu_or_per_node(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;

	(void)state;
	desc->num_tasks = 4;
	desc->pn_min_memory = 2048 | MEM_PER_CPU;
	assert_float_equal(decode(0)->use.memory_gb, 8, 1e-9);
	desc->pn_min_memory = 4096;
	desc->min_nodes = 2;
	assert_float_equal(decode(0)->use.memory_gb, 8, 1e-9);
	desc->pn_min_memory = 0; /* --mem=0: all there is */
	assert_float_equal(decode(0)->use.memory_gb, 0, 0);
	desc->pn_min_memory = UINT64_MAX;
	assert_float_equal(decode(0)->use.memory_gb, 0, 0);
}

/* As the clients of 22.05 and 24.11 write them. */
static const struct gpu_case {
	const char *job, *node, *task, *socket;
	const char *type;
	uint32_t count;
} gpu_cases[] = {
	{NULL, "gres:gpu:a100:4", NULL, NULL, "a100", 8},
	{NULL, "gres/gpu:a100:4", NULL, NULL, "a100", 8},
	{NULL, "gres:gpu", NULL, NULL, "", 2},
	{NULL, "gres:gpu:2", NULL, NULL, "", 4},
	{"gres:gpu:6", NULL, NULL, NULL, "", 6},
	{"gres/gpu:6", NULL, NULL, NULL, "", 6},
	{NULL, NULL, "gres:gpu:1", NULL, "", 4},
	{NULL, NULL, "gres/gpu:a100=1", NULL, "a100", 4},
	{NULL, NULL, "cpu=3,gres/gpu:a100=1", NULL, "a100", 4},
	{NULL, NULL, NULL, "gres:gpu:2", "", 4},
	/* the same GPUs said twice */
	{"gres:gpu:8", "gres:gpu:a100:4", NULL, NULL, "a100", 8},
	{"gres:gpu:a100:8", "gres:gpu:4", NULL, NULL, "a100", 8},
	{NULL, "gres:craynetwork:1", NULL, NULL, NULL, 0},
	{NULL, "gres:gpu:a100:", NULL, NULL, NULL, 0},
	{NULL, "gres:gpu:a100:-4", NULL, NULL, NULL, 0},
};

static void gpus_of_old_and_new_clients_are_counted(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;

	(void)state;
	desc->min_nodes = 2;
	desc->num_tasks = 4;
	for (size_t i = 0; i < sizeof(gpu_cases) / sizeof(gpu_cases[0]); i++) {
		const struct gpu_case *want = &gpu_cases[i];
		const struct carbon_resources *use;

		fake_set(&desc->tres_per_job, want->job);
		fake_set(&desc->tres_per_node, want->node);
		fake_set(&desc->tres_per_task, want->task);
		fake_set(&desc->tres_per_socket, want->socket);
		use = &decode(0)->use;
		assert_int_equal(use->gpu_kinds, want->type ? 1 : 0);
		assert_int_equal(use->gpu[0].count, want->count);
		assert_string_equal(use->gpu[0].type, want->type ? want->type : "");
	}
}

/* --- arrays --- */

static void an_array_tells_tasks_and_waves(void **state)
{
	static const struct {
		const char *indices;
		uint32_t tasks, waves;
	} cases[] = {
		{NULL, 1, 1},	   {"", 1, 1},	       {"7", 1, 1},	  {"1-10", 10, 1},
		{"0-9:2", 5, 1},   {"1-10:2%4", 5, 2}, {"1,3,5-7", 5, 1}, {"1-10,20-30:10%2", 12, 6},
		{"x", 1, 1},	   {"5-1", 1, 1},      {"1-3:0", 1, 1},	  {"[1-4]", 4, 1},
		{"[1-4]%2", 4, 2}, {"1-4%4", 4, 1},    {"1-4%9", 4, 1},	  {"1-4%0", 4, 1},
		{"1-4%", 4, 1},	   {"1-4%x", 4, 1},    {"5-1%1", 1, 1},	  {"1-4%99999999999999999999", 4, 1},
		{"1-", 1, 1},	   {"0-99999999999999999999", 1, 1},	  {"0-4000000%1", 4000000, 4000000},
	};
	struct carbon_array array;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		carbon_array_parse(cases[i].indices, &array);
		assert_int_equal(array.tasks, cases[i].tasks);
		assert_int_equal(array.waves, cases[i].waves);
	}
	fake_set(&fixture.desc.array_inx, "1-10:2%4");
	assert_true(decode(0)->is_array);
	assert_int_equal(fixture.got.tasks, 5);
	assert_int_equal(decode(0)->waves, 2);
}

/* --- exemptions --- */

static void jobs_without_a_script_are_interactive(void **state)
{
	(void)state;
	fake_set(&fixture.desc.script, NULL);
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_INTERACTIVE);
}

static void scrontab_is_exempt(void **state)
{
	(void)state;
	fixture.desc.bitflags |= CRON_JOB;
	fixture.desc.begin_time = NOW + 60;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_CRON);
}

static void each_component_of_a_het_job_is_exempt(void **state)
{
	(void)state;
	fixture.desc.het_job_offset = 0;
	assert_int_equal(decode(1000)->exempt, CARBON_EXEMPT_HET);
	fixture.desc.het_job_offset = 1;
	fake_set(&fixture.desc.script, NULL);
	assert_int_equal(decode(1000)->exempt, CARBON_EXEMPT_HET);
}

static void a_federation_sibling_is_known_by_its_four_marks(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;

	(void)state;
	desc->het_job_offset = 0;
	desc->fed_siblings_viable = 3;
	carbon_desc_set_job_id(desc, 2 * 67108864 + 9);
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_NONE);
	assert_int_equal(fixture.got.job.origin_id, 2);
	assert_int_equal(decode(1000)->exempt, CARBON_EXEMPT_HET);
	assert_int_equal(fixture.got.job.origin_id, 0);
	carbon_desc_set_job_id(desc, NO_VAL);
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_HET);
	carbon_desc_set_job_id(desc, 67108865);
	desc->fed_siblings_viable = 0;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_HET);
}

/* A job that comes back from another cluster brings the begin that it has at its origin. */
static void a_sibling_with_a_begin_keeps_it(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;

	(void)state;
	desc->het_job_offset = 0;
	desc->fed_siblings_viable = 3;
	carbon_desc_set_job_id(desc, 67108865);
	desc->begin_time = NOW + 3600;
	fake_add_flag(desc, "carbon-delay", "12h");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_SIBLING);
}

static void what_binds_a_job_to_a_place_is_read(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;
	char list[CARBON_OPTION_VALUE_MAX + 1];

	(void)state;
	fake_set(&desc->partition, "a,b");
	fake_set(&desc->features, "rack1&avx");
	desc->cpus_per_task = 4;
	assert_string_equal(decode(0)->partition, "a");
	assert_string_equal(fixture.got.job.partitions, "a,b");
	assert_string_equal(fixture.got.job.features, "rack1&avx");
	assert_int_equal(fixture.got.job.task_cores, 4);
	assert_false(fixture.got.job.is_bound);
	assert_false(fixture.got.job.stays);
	fake_set(&desc->req_nodes, "n1");
	assert_true(decode(0)->is_bound);
	fake_set(&desc->req_nodes, "");
	fake_set(&desc->clusters, "north");
	assert_true(decode(0)->stays);
	fake_set(&desc->clusters, "");
	fake_set(&desc->cluster_features, "green");
	assert_true(decode(0)->stays);
	fake_set(&desc->cluster_features, "");
	fake_set(&desc->exc_nodes, "n2");
	assert_true(decode(0)->stays);
	assert_false(fixture.got.job.is_bound);
	fake_set(&desc->exc_nodes, "");
	assert_false(decode(0)->stays);
	memset(list, 'x', sizeof(list) - 1);
	list[sizeof(list) - 1] = '\0';
	fake_set(&desc->features, list);
	assert_true(decode(0)->is_bound);
}

static void reservation_hold_time_min_and_immediate_are_exempt(void **state)
{
	job_desc_msg_t *desc = &fixture.desc;

	(void)state;
	fake_set(&desc->reservation, "course");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_RESERVATION);
	fake_set(&desc->reservation, "");
	desc->priority = 0;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_HELD);
	desc->priority = NO_VAL;
	desc->time_min = 10;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_TIME_MIN);
	desc->time_min = NO_VAL;
	desc->immediate = 1;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_IMMEDIATE);
	desc->immediate = NO_VAL16;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_NONE);
}

static void a_begin_is_exempt_without_and_the_earliest_with_a_flag(void **state)
{
	(void)state;
	fixture.desc.begin_time = NOW + 3600;
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_BEGIN);
	fake_add_flag(&fixture.desc, "carbon-delay", "12h");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_NONE);
	assert_int_equal(fixture.got.job.begin_at, NOW + 3600);
}

static void wait_and_test_only_are_found_in_the_submit_line(void **state)
{
	(void)state;
	fake_set(&fixture.desc.submit_line, "sbatch --wait job.sh");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_WAIT);
	fake_set(&fixture.desc.submit_line, "sbatch --test-only job.sh");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_TEST_ONLY);
	fake_set(&fixture.desc.submit_line, "sbatch job.sh --wait --test-only");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_NONE);
	fake_set(&fixture.desc.submit_line, NULL);
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_NONE);
	fake_add_environment(&fixture.desc, "SBATCH_WAIT=1");
	assert_int_equal(decode(0)->exempt, CARBON_EXEMPT_WAIT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(fields_that_sbatch_leaves_unset_stay_unset),
		TEST(a_long_name_is_cut),
		TEST(a_description_of_zeros_is_no_danger),
		TEST(names_and_times_are_taken_over),
		TEST(a_name_too_long_to_be_the_sites_matches_none),
		TEST(unlimited_and_overflowing_limits_are_the_longest),
		TEST(tasks_cpus_and_nodes_multiply),
		TEST(a_job_that_shares_with_nobody_holds_whole_nodes),
		TEST(memory_is_per_cpu_or_per_node),
		TEST(gpus_of_old_and_new_clients_are_counted),
		TEST(an_array_tells_tasks_and_waves),
		TEST(jobs_without_a_script_are_interactive),
		TEST(scrontab_is_exempt),
		TEST(each_component_of_a_het_job_is_exempt),
		TEST(a_federation_sibling_is_known_by_its_four_marks),
		TEST(a_sibling_with_a_begin_keeps_it),
		TEST(what_binds_a_job_to_a_place_is_read),
		TEST(reservation_hold_time_min_and_immediate_are_exempt),
		TEST(a_begin_is_exempt_without_and_the_earliest_with_a_flag),
		TEST(wait_and_test_only_are_found_in_the_submit_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
