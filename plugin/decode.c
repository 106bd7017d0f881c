/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Unset fields of a description are NO_VAL and its relatives, 0, NULL or "", by field and by version of
 * the client; each is asked about by name here. Must never change what it reads.
 */
#include "plugin/decode.h"

#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "plugin/options.h"
#include "plugin/submit_line.h"

static bool is_given(uint32_t value)
{
	return value != NO_VAL && value != INFINITE && value != 0;
}

static bool is_given16(uint16_t value)
{
	return value != NO_VAL16 && value != INFINITE16 && value != 0;
}

static bool is_text(const char *text)
{
	return text && *text;
}

static bool is_time(time_t at)
{
	return at > 0 && at != (time_t)NO_VAL && at != (time_t)INFINITE;
}

/* A name that is too long to be one of the site's becomes one that nobody has. */
static void copy_name(char out[CARBON_NAME_MAX], const char *name, size_t length)
{
	if (length >= CARBON_NAME_MAX) {
		name = "?";
		length = 1;
	}
	memcpy(out, name, length);
	out[length] = '\0';
}

static void decode_names(const job_desc_msg_t *desc, struct carbon_job *job)
{
	if (desc->account)
		copy_name(job->account, desc->account, strlen(desc->account));
	if (desc->qos)
		copy_name(job->qos, desc->qos, strlen(desc->qos));
	if (desc->partition)
		copy_name(job->partition, desc->partition, strcspn(desc->partition, ","));
	if (desc->name)
		memcpy(job->name, desc->name, strnlen(desc->name, sizeof(job->name) - 1));
}

/* A list that is too long to be kept whole binds the job to where it is. */
static void copy_list(const char *list, char out[CARBON_OPTION_VALUE_MAX], struct carbon_job *job)
{
	size_t length = list ? strlen(list) : 0;

	if (length < CARBON_OPTION_VALUE_MAX)
		memcpy(out, list ? list : "", length + 1);
	else
		job->is_bound = true;
}

/* What the user says of where it may run. */
static void decode_bounds(const job_desc_msg_t *desc, struct carbon_job *job)
{
	copy_list(desc->partition, job->partitions, job);
	copy_list(desc->features, job->features, job);
	if (is_text(desc->req_nodes))
		job->is_bound = true;
	/* Licences are a cluster's own, and so are the names of nodes: another one would refuse the job. */
	job->stays = is_text(desc->clusters) || is_text(desc->cluster_features) || is_text(desc->licenses) ||
		     is_text(desc->burst_buffer) || is_text(desc->exc_nodes);
	job->task_cores = is_given16(desc->cpus_per_task) ? desc->cpus_per_task : 0;
}

/* Minutes into seconds; unlimited and what does not fit are the longest there is. */
static uint32_t limit_s(uint32_t minutes)
{
	if (minutes == NO_VAL || minutes == 0)
		return 0;
	return minutes > UINT32_MAX / 60 ? UINT32_MAX : minutes * 60;
}

/* --- resources --- */

struct shape {
	uint32_t nodes; /* at least 1 */
	uint32_t tasks; /* at least 1 */
	double cpus;	/* at least 1 */
};

static struct shape decode_shape(const job_desc_msg_t *desc)
{
	struct shape shape = {1, 1, 1};
	double per_task = is_given16(desc->cpus_per_task) ? desc->cpus_per_task : 1;

	if (is_given(desc->min_nodes))
		shape.nodes = desc->min_nodes;
	if (is_given(desc->num_tasks))
		shape.tasks = desc->num_tasks;
	else if (is_given16(desc->ntasks_per_node))
		shape.tasks = desc->ntasks_per_node <= UINT32_MAX / shape.nodes
				      ? desc->ntasks_per_node * shape.nodes
				      : UINT32_MAX;
	else
		shape.tasks = shape.nodes;
	shape.cpus = shape.tasks * per_task;
	if (is_given(desc->min_cpus) && desc->min_cpus > shape.cpus)
		shape.cpus = desc->min_cpus;
	if (is_given16(desc->pn_min_cpus) && (double)desc->pn_min_cpus * shape.nodes > shape.cpus)
		shape.cpus = (double)desc->pn_min_cpus * shape.nodes;
	return shape;
}

/* 0 stands for all of a node's memory and is as unknown as none given. */
static double memory_gb(uint64_t megabytes, const struct shape *shape)
{
	if (megabytes == NO_VAL64 || megabytes == INFINITE64 || megabytes == 0)
		return 0;
	if (megabytes & MEM_PER_CPU)
		return (double)(megabytes & ~MEM_PER_CPU) * shape->cpus / 1024;
	return (double)megabytes * shape->nodes / 1024;
}

static uint64_t gpu_sum(const struct carbon_resources *use)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < use->gpu_kinds; i++)
		sum += use->gpu[i].count;
	return sum;
}

static bool has_typed_gpu(const struct carbon_resources *use)
{
	return use->gpu_kinds > 0 && use->gpu[0].type[0];
}

/*
 * --gpus, --gpus-per-node, ... may be given together and then say the same in several ways: the one
 * with the most GPUs counts, among equals one that knows their type.
 */
static void decode_gpus(const job_desc_msg_t *desc, const struct shape *shape,
			struct carbon_resources *out)
{
	uint32_t sockets = is_given16(desc->sockets_per_node) ? desc->sockets_per_node : 1;
	const struct {
		const char *tres;
		uint32_t times;
	} asked[] = {
		{desc->tres_per_job, 1},
		{desc->tres_per_node, shape->nodes},
		{desc->tres_per_task, shape->tasks},
		{desc->tres_per_socket, shape->nodes <= UINT32_MAX / sockets ? shape->nodes * sockets
									     : UINT32_MAX},
	};

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		struct carbon_resources use = {0};

		if (!is_text(asked[i].tres) ||
		    carbon_gpu_parse(asked[i].tres, asked[i].times, &use) < 0)
			continue;
		if (gpu_sum(&use) < gpu_sum(out) ||
		    (gpu_sum(&use) == gpu_sum(out) && (has_typed_gpu(out) || !has_typed_gpu(&use))))
			continue;
		out->gpu_kinds = use.gpu_kinds;
		memcpy(out->gpu, use.gpu, sizeof(out->gpu));
	}
}

static void decode_resources(const job_desc_msg_t *desc, struct carbon_resources *out)
{
	struct shape shape = decode_shape(desc);

	/* Whole nodes where they are asked for, or where the job shares with nobody. */
	out->nodes = is_given(desc->min_nodes) || desc->shared == 0 ? shape.nodes : 0;
	out->exclusive = desc->shared == 0;
	out->cores = shape.cpus;
	out->memory_gb = memory_gb(desc->pn_min_memory, &shape);
	decode_gpus(desc, &shape, out);
}

/* --- exemptions --- */

#define ORIGIN_SHIFT 26 /* of a federated job's id: above it stands its origin's number */

/*
 * The sibling of a federated job comes from another slurmctld: as root, with the id it has there, and as its user
 * described it: what the origin's plugin changed does not travel, so that it is decided here once more.
 */
static bool is_sibling(const job_desc_msg_t *desc, uint32_t submit_uid)
{
	return submit_uid == 0 && desc->het_job_offset == 0 && desc->fed_siblings_viable != 0 &&
	       is_given(carbon_desc_job_id(desc));
}

/* sbatch takes --wait from this variable too. */
static bool has_wait_variable(const job_desc_msg_t *desc)
{
	if (!desc->environment)
		return false;
	for (uint32_t i = 0; i < desc->env_size; i++)
		if (desc->environment[i] && strncmp(desc->environment[i], "SBATCH_WAIT=", 12) == 0)
			return true;
	return false;
}

static enum carbon_exempt find_exempt(const job_desc_msg_t *desc, uint32_t submit_uid, bool given)
{
	const char *const known[] = {desc->comment ? desc->comment : "",
				     desc->name ? desc->name : "", NULL};
	struct carbon_submit_flags flags;

	bool is_sent = is_sibling(desc, submit_uid);

	/* A requeue or a dependency sends along the begin that it has at the origin. */
	if (is_sent && is_time(desc->begin_time))
		return CARBON_EXEMPT_SIBLING;
	/* Before the next, for only the first component brings the script. */
	if (!is_sent && desc->het_job_offset != NO_VAL)
		return CARBON_EXEMPT_HET;
	if (!desc->script)
		return CARBON_EXEMPT_INTERACTIVE;
	if (desc->bitflags & CRON_JOB)
		return CARBON_EXEMPT_CRON;
	if (is_text(desc->reservation))
		return CARBON_EXEMPT_RESERVATION;
	if (desc->priority == 0)
		return CARBON_EXEMPT_HELD;
	if (is_given(desc->time_min))
		return CARBON_EXEMPT_TIME_MIN;
	if (is_given16(desc->immediate))
		return CARBON_EXEMPT_IMMEDIATE;
	if (is_time(desc->begin_time) && !given)
		return CARBON_EXEMPT_BEGIN;
	flags = carbon_submit_line_parse(desc->submit_line, desc->script, known);
	if (flags.test_only)
		return CARBON_EXEMPT_TEST_ONLY;
	return flags.wait || has_wait_variable(desc) ? CARBON_EXEMPT_WAIT : CARBON_EXEMPT_NONE;
}

void carbon_submission_decode(const job_desc_msg_t *desc, uint32_t submit_uid, time_t now,
			      struct carbon_submission *out)
{
	struct carbon_job *job = &out->job;
	struct carbon_options options;
	struct carbon_array array;

	memset(out, 0, sizeof(*out));
	carbon_job_init(job);
	out->option_is_bad = carbon_options_read(desc, now, &options, &out->complaint) < 0;
	out->user_was_told = options.user_was_told;
	job->request = options.request;
	job->uid = desc->user_id != NO_VAL ? desc->user_id : submit_uid;
	decode_names(desc, job);
	job->limit_s = limit_s(desc->time_limit);
	job->begin_at = is_time(desc->begin_time) ? desc->begin_time : 0;
	job->deadline_at = is_time(desc->deadline) ? desc->deadline : 0;
	job->has_dependency = is_text(desc->dependency);
	job->is_array = is_text(desc->array_inx);
	job->no_requeue = desc->requeue == 0;
	carbon_array_parse(desc->array_inx, &array);
	job->waves = array.waves;
	job->tasks = array.tasks;
	out->tasks = array.tasks;
	decode_resources(desc, &job->use);
	decode_bounds(desc, job);
	if (is_sibling(desc, submit_uid))
		job->origin_id = carbon_desc_job_id(desc) >> ORIGIN_SHIFT;
	job->exempt = find_exempt(desc, submit_uid, job->request.given);
}
