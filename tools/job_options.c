/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sbatch's options, as far as they bear on a decision. What they mean in resources must stay what
 * plugin/decode.c makes of the same job in slurmctld, or a plan would promise something else.
 */
#include "tools/job_options.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/num.h"
#include "lib/time.h"
#include "lib/when.h"
#include "lib/words.h"

#define TASKS_MAX 10000000
#define NODES_MAX 1000000

const struct carbon_flag carbon_job_flags[] = {
	{"job-name", 'J', "NAME", "name, for the habit of the user's earlier jobs"},
	{"partition", 'p', "NAME", "partition (default: the cluster's default)"},
	{"time", 't', "TIME", "time limit (default: the partition's)"},
	{"nodes", 'N', "NODES", "nodes, whole ones"},
	{"ntasks", 'n', "TASKS", "tasks"},
	{"ntasks-per-node", 0, "TASKS", "tasks on each node"},
	{"cpus-per-task", 'c', "CPUS", "cores of each task"},
	{"mem", 0, "SIZE", "memory of each node (4096, 64G)"},
	{"mem-per-cpu", 0, "SIZE", "memory of each core"},
	{"gres", 0, "GRES", "generic resources of each node (gpu:a100:4)"},
	{"gpus", 'G', "[TYPE:]N", "GPUs of the whole job"},
	{"gpus-per-node", 0, "[TYPE:]N", "GPUs of each node"},
	{"gpus-per-task", 0, "[TYPE:]N", "GPUs of each task"},
	{"exclusive", 0, NULL, "whole nodes, shared with nobody"},
	{"account", 'A', "NAME", "account (default: the user's)"},
	{"qos", 'q', "NAME", "quality of service (default: the user's)"},
	{"begin", 'b', "WHEN", "it may not start before"},
	{"deadline", 0, "WHEN", "Slurm ends it unless it can finish by then"},
	{"dependency", 'd', "LIST", "it depends on other jobs"},
	{"array", 'a', "INDEXES", "it is an array; numbers are for one task"},
	{"uid", 0, "USER", "decide as for this user (default: who asks)"},
	{"constraint", 'C', "FEATURES", "features that its nodes must have"},
	{"nodelist", 'w', "NODES", "nodes that it must run on: it is not moved then"},
	{"clusters", 'M', "all|NAME,...", "compare these clusters that slurmdbd knows, in a federation or not"},
	{"sbatch", 0, NULL, "print the options for sbatch that say where and when, and nothing else"},
	{"at", 0, "WHEN", "decide as if it were then (default: now)"},
	{NULL, 0, NULL, NULL},
};

static int take_name(const struct carbon_tool *tool, const char *option, char out[CARBON_NAME_MAX],
		     struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, option);
	size_t length = value ? strcspn(value, ",") : 0; /* of a list the first one counts */

	if (!value)
		return 0;
	if (length >= CARBON_NAME_MAX)
		return carbon_err_set(err, "--%s=%s: too long", option, value);
	memcpy(out, value, length);
	out[length] = '\0';
	if (!carbon_name_is_valid(out, CARBON_NAME_MAX))
		return carbon_err_set(err, "--%s=%s: no name", option, value);
	return 0;
}

static int take_when(const struct carbon_tool *tool, const char *option, time_t now, time_t *out,
		     struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, option);

	if (value && carbon_when_parse(value, now, out) != 0)
		return carbon_err_set(err, "--%s=%s: must be a time such as 18:00, 2026-10-05T18:00, now+12hours",
				      option, value);
	return 0;
}

/* Slurm's time limit; "UNLIMITED" and "INFINITE" are none. */
static int take_limit(const struct carbon_tool *tool, uint32_t *limit_s, struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, "time");
	time_t seconds;

	if (!value || strcasecmp(value, "UNLIMITED") == 0 || strcasecmp(value, "INFINITE") == 0)
		return 0;
	if (carbon_duration_parse(value, &seconds) != 0 || seconds == 0)
		return carbon_err_set(err, "--time=%s: must be a time such as 90, 12:00:00, 2-00:00:00", value);
	*limit_s = (uint32_t)seconds;
	return 0;
}

/* A count, or the lower end of Slurm's MIN-MAX; *OUT stays what it was where the option is not given. */
static int take_count(const struct carbon_tool *tool, const char *option, long long most, long long *out,
		      struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, option);
	char first[24];
	long long count;

	if (!value)
		return 0;
	snprintf(first, sizeof(first), "%.*s", (int)strcspn(value, "-"), value);
	if (carbon_int_parse(first, 1, most, &count) != 0)
		return carbon_err_set(err, "--%s=%s: must be a number from 1 to %lld", option, value, most);
	*out = count;
	return 0;
}

/* Slurm's "4096", "4096M", "64G": into GB. */
static int take_memory(const struct carbon_tool *tool, const char *option, double times, double *out_gb,
		       struct carbon_err *err)
{
	static const struct {
		char letter;
		double gb;
	} units[] = {{'K', 1.0 / 1048576}, {'M', 1.0 / 1024}, {'G', 1}, {'T', 1024}};
	const char *value = carbon_tool_value(tool, option);
	char number[24];
	size_t length = value ? strspn(value, "0123456789.") : 0;
	double amount, gb = 1.0 / 1024;
	bool known;

	if (!value)
		return 0;
	known = value[length] == '\0';
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strncasecmp(&value[length], &units[i].letter, 1) == 0 && value[length + 1] == '\0') {
			gb = units[i].gb;
			known = true;
		}
	}
	snprintf(number, sizeof(number), "%.*s", (int)length, value);
	if (!known || carbon_num_parse(number, 0, 1e12, &amount) != 0)
		return carbon_err_set(err, "--%s=%s: must be a size such as 4096, 512M, 64G", option, value);
	*out_gb = amount * gb * times;
	return 0;
}

/* "a100:4,v100:1" into "gpu:a100:4,gpu:v100:1", as Slurm itself does. */
static int name_gpus(const char *value, char *out, size_t size)
{
	size_t used = 0;

	for (const char *at = value; *at;) {
		size_t length = strcspn(at, ",");

		used += (size_t)snprintf(out + used, size - used, "%sgpu:%.*s", used ? "," : "", (int)length, at);
		if (used >= size)
			return -1;
		at += length + (at[length] == ',');
	}
	return 0;
}

/* Each of these says all of the job's GPUs; where several are given, the last one in this order counts. */
static int take_gpus(const struct carbon_tool *tool, uint32_t nodes, uint32_t tasks,
		     struct carbon_resources *use, struct carbon_err *err)
{
	const struct {
		const char *option;
		uint32_t times;
		bool is_named;
	} ways[] = {{"gres", nodes, true}, {"gpus-per-node", nodes, false}, {"gpus-per-task", tasks, false},
		    {"gpus", 1, false}};

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		const char *value = carbon_tool_value(tool, ways[i].option);
		struct carbon_resources gpus = {.nodes = 0};
		char tres[512];

		if (!value)
			continue;
		if (ways[i].is_named ? snprintf(tres, sizeof(tres), "%s", value) >= (int)sizeof(tres)
				     : name_gpus(value, tres, sizeof(tres)) != 0)
			return carbon_err_set(err, "--%s: too long", ways[i].option);
		if (carbon_gpu_parse(tres, ways[i].times, &gpus) != 0)
			return carbon_err_set(err, "--%s=%s: must be such as %s", ways[i].option, value,
					      ways[i].is_named ? "gpu:4 or gpu:a100:4" : "4 or a100:4");
		use->gpu_kinds = gpus.gpu_kinds;
		memcpy(use->gpu, gpus.gpu, sizeof(use->gpu));
	}
	return 0;
}

static int take_resources(const struct carbon_tool *tool, struct carbon_resources *use, struct carbon_err *err)
{
	long long nodes = 0, tasks = 0, per_node = 0, cpus = 1;

	if (take_count(tool, "nodes", NODES_MAX, &nodes, err) != 0 ||
	    take_count(tool, "ntasks", TASKS_MAX, &tasks, err) != 0 ||
	    take_count(tool, "ntasks-per-node", 100000, &per_node, err) != 0 ||
	    take_count(tool, "cpus-per-task", 100000, &cpus, err) != 0)
		return -1;
	use->exclusive = carbon_tool_has(tool, "exclusive");
	use->nodes = nodes || carbon_tool_has(tool, "exclusive") ? (double)(nodes ? nodes : 1) : 0;
	nodes = nodes ? nodes : 1;
	if (!tasks)
		tasks = per_node ? per_node * nodes : nodes;
	use->cores = (double)tasks * (double)cpus;
	if (take_memory(tool, "mem", (double)nodes, &use->memory_gb, err) != 0 ||
	    take_memory(tool, "mem-per-cpu", use->cores, &use->memory_gb, err) != 0)
		return -1;
	return take_gpus(tool, (uint32_t)nodes, tasks < UINT32_MAX ? (uint32_t)tasks : UINT32_MAX, use, err);
}

static int take_user(const struct carbon_tool *tool, uint32_t *uid, struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, "uid");
	const struct passwd *passwd;
	long long number;

	*uid = (uint32_t)getuid();
	if (!value)
		return 0;
	passwd = getpwnam(value);
	if (passwd) {
		*uid = (uint32_t)passwd->pw_uid;
		return 0;
	}
	if (carbon_int_parse(value, 0, UINT32_MAX - 1, &number) != 0)
		return carbon_err_set(err, "--uid=%s: user unknown on this machine", value);
	*uid = (uint32_t)number;
	return 0;
}

static int take_requests(const struct carbon_tool *tool, time_t now, struct carbon_request *request,
			 struct carbon_err *err)
{
	for (size_t i = 0; i < tool->args; i++) {
		const struct carbon_option *option = carbon_option_find(tool->arg[i].flag->name);

		if (option && carbon_request_set(request, option, tool->arg[i].value, now, err) != 0)
			return -1;
	}
	return 0;
}

static int take_list(const struct carbon_tool *tool, const char *option, char out[CARBON_OPTION_VALUE_MAX],
		     struct carbon_err *err)
{
	const char *value = carbon_tool_value(tool, option);

	if (value && strlen(value) >= CARBON_OPTION_VALUE_MAX)
		return carbon_err_set(err, "--%s: too long", option);
	if (value)
		memcpy(out, value, strlen(value) + 1);
	return 0;
}

/* Where it may run. Whoever compares clusters allows them. */
static int take_bounds(const struct carbon_tool *tool, struct carbon_job *job, struct carbon_err *err)
{
	long long cpus = 0;

	if (take_list(tool, "partition", job->partitions, err) != 0 ||
	    take_list(tool, "constraint", job->features, err) != 0 ||
	    take_count(tool, "cpus-per-task", 100000, &cpus, err) != 0)
		return -1;
	job->task_cores = (uint32_t)cpus;
	job->is_bound = carbon_tool_has(tool, "nodelist");
	if (carbon_tool_has(tool, "clusters"))
		job->request.relocate = job->request.given = true;
	return 0;
}

int carbon_job_options(const struct carbon_tool *tool, time_t now, struct carbon_job *job,
		       struct carbon_err *err)
{
	struct carbon_array array;
	const char *name = carbon_tool_value(tool, "job-name");

	carbon_job_init(job);
	if (name) /* cut, as in slurmctld */
		memcpy(job->name, name, strnlen(name, sizeof(job->name) - 1));
	if (take_name(tool, "partition", job->partition, err) != 0 ||
	    take_name(tool, "account", job->account, err) != 0 || take_name(tool, "qos", job->qos, err) != 0 ||
	    take_limit(tool, &job->limit_s, err) != 0 ||
	    take_when(tool, "begin", now, &job->begin_at, err) != 0 ||
	    take_when(tool, "deadline", now, &job->deadline_at, err) != 0 ||
	    take_resources(tool, &job->use, err) != 0 || take_user(tool, &job->uid, err) != 0 ||
	    take_requests(tool, now, &job->request, err) != 0)
		return -1;
	if (take_bounds(tool, job, err) != 0)
		return -1;
	job->has_dependency = carbon_tool_has(tool, "dependency");
	job->is_array = carbon_tool_has(tool, "array");
	carbon_array_parse(carbon_tool_value(tool, "array"), &array);
	job->waves = array.waves;
	job->tasks = array.tasks;
	if (job->begin_at > now && !job->request.given)
		job->exempt = CARBON_EXEMPT_BEGIN;
	return 0;
}
