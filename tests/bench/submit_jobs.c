/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * submit_jobs COUNT [later|cron|now [each]]: submits COUNT batch jobs one after the other through libslurm and prints
 * how many a second slurmctld took (of one job: its id), or the microseconds that each of them took. "later" gives them a begin in an hour and
 * CARBON_DELAY=12h, so that slurmctld never tries to schedule them, whether or not a plugin delays them further;
 * "cron" marks them as scrontab's jobs. For throwaway clusters alone.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>

#include "lib/num.h"

#define COUNT_MAX 1000000

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* An environment of a usual size: the plugin looks at each entry. */
#define VARIABLES 60
static char variables[VARIABLES][64];
static char *environment[VARIABLES];

static void fill(job_desc_msg_t *desc, const char *kind)
{
	static char delay[] = "CARBON_DELAY=12h";
	static char name[] = "bench", script[] = "#!/bin/sh\ntrue\n", folder[] = "/tmp",
		    line[] = "sbatch --time=60 bench.sh";

	for (int i = 0; i < VARIABLES; i++) {
		snprintf(variables[i], sizeof(variables[i]), "BENCH_VARIABLE_%d=some value of some length", i);
		environment[i] = variables[i];
	}
	slurm_init_job_desc_msg(desc);
	desc->name = name;
	desc->script = script;
	desc->work_dir = folder;
	desc->submit_line = line;
	desc->environment = environment;
	desc->env_size = VARIABLES;
	desc->user_id = getuid();
	desc->group_id = getgid();
	desc->min_nodes = 1;
	desc->time_limit = 60;
	if (strcmp(kind, "cron") == 0)
		desc->bitflags |= CRON_JOB;
	if (strcmp(kind, "later") == 0) {
		desc->begin_time = time(NULL) + 3600;
		environment[VARIABLES - 1] = delay;
	}
}

static uint32_t id_of(const submit_response_msg_t *answer)
{
#ifdef HAVE_JOB_DESC_MSG_T_STEP_ID /* 26.05 moved the id in both */
	return answer->step_id.job_id;
#else
	return answer->job_id;
#endif
}

/* Fills TOOK_S, of each job. */
static int submit(const job_desc_msg_t *all, long long count, double *took_s)
{
	for (long long i = 0; i < count; i++) {
		job_desc_msg_t desc = *all;
		submit_response_msg_t *answer = NULL;
		double start_s = now_s();

		if (slurm_submit_batch_job(&desc, &answer) != SLURM_SUCCESS) {
			fprintf(stderr, "submit_jobs: job %lld: %s\n", i, slurm_strerror(errno));
			return -1;
		}
		took_s[i] = now_s() - start_s;
		if (count == 1)
			printf("%u\n", id_of(answer));
		slurm_free_submit_response_response_msg(answer);
	}
	return 0;
}

static void print_rate(const double *took_s, long long count)
{
	double sum_s = 0;

	for (long long i = 0; i < count; i++)
		sum_s += took_s[i];
	printf("%.1f\n", (double)count / sum_s);
}

static void print_each(const double *took_s, long long count)
{
	for (long long i = 0; i < count; i++)
		printf("%.1f\n", took_s[i] * 1e6);
}

int main(int argc, char *argv[])
{
	double *took_s;
	long long count;
	job_desc_msg_t desc;
	int rc = 1;

	if (argc < 2 || carbon_int_parse(argv[1], 1, COUNT_MAX, &count) < 0) {
		fprintf(stderr, "usage: submit_jobs COUNT [later|cron|now [each]]\n");
		return 2;
	}
	took_s = calloc((size_t)count, sizeof(*took_s));
	slurm_init(NULL);
	fill(&desc, argc > 2 ? argv[2] : "");
	if (took_s && submit(&desc, count, took_s) == 0) {
		if (argc > 3)
			print_each(took_s, count);
		else if (count > 1)
			print_rate(took_s, count);
		rc = 0;
	}
	slurm_fini();
	free(took_s);
	return rc;
}
