/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fake heap marks each block; a free of anything else is counted and survives, for the test to see. */
#include "tests/adapter/fake_slurm.h"

#include <ctype.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS_MAX 4096
#define OPTIONS_MAX 32
#define SENT_MAX 16

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void *blocks[BLOCKS_MAX];
static size_t blocks_used;
static size_t foreign_frees;
static char lines[FAKE_LINES_MAX][FAKE_LINE_MAX];
static size_t lines_used;
static struct spank_option options[OPTIONS_MAX];
static size_t options_used;
static struct {
	char name[64], value[256];
} sent[SENT_MAX];
static size_t sent_used;
enum spank_context fake_context = S_CTX_ALLOCATOR;

static void give_up(const char *why)
{
	fprintf(stderr, "fake slurm: %s\n", why);
	abort();
}

void fake_slurm_reset(void)
{
	if (blocks_used)
		give_up("something of Slurm's heap leaked");
	foreign_frees = lines_used = options_used = sent_used = 0;
	fake_context = S_CTX_ALLOCATOR;
}

/* --- heap --- */

static size_t find_block(const void *block)
{
	size_t i = 0;

	while (i < blocks_used && blocks[i] != block)
		i++;
	return i;
}

static void *add_block(void *block)
{
	if (!block || blocks_used == BLOCKS_MAX)
		give_up("no room on the heap");
	blocks[blocks_used++] = block;
	return block;
}

bool fake_is_slurms(const void *text)
{
	bool found;

	pthread_mutex_lock(&mutex);
	found = find_block(text) < blocks_used;
	pthread_mutex_unlock(&mutex);
	return found;
}

size_t fake_foreign_frees(void)
{
	return foreign_frees;
}

size_t fake_alive(void)
{
	return blocks_used;
}

char *slurm_xstrdup(const char *text)
{
	char *copy;

	if (!text)
		return NULL;
	pthread_mutex_lock(&mutex);
	copy = add_block(strdup(text));
	pthread_mutex_unlock(&mutex);
	return copy;
}

static void free_block(void *block)
{
	size_t i = find_block(block);

	if (i == blocks_used) {
		foreign_frees++;
		return;
	}
	free(blocks[i]);
	blocks[i] = blocks[--blocks_used];
}

void slurm_xfree(void **item)
{
	if (!*item)
		return;
	pthread_mutex_lock(&mutex);
	free_block(*item);
	pthread_mutex_unlock(&mutex);
	*item = NULL;
}

static void *grow_block(void *block, size_t size)
{
	size_t i = find_block(block);
	void *next;

	if (block && i == blocks_used)
		give_up("slurm_xrecalloc() of a foreign pointer");
	next = realloc(block, size);
	if (!next)
		give_up("no memory");
	if (!block)
		return add_block(next);
	blocks[i] = next;
	return next;
}

void *slurm_xrecalloc(void **item, size_t count, size_t size, bool clear, bool may_fail,
		      const char *file, int line, const char *func)
{
	(void)file;
	(void)line;
	(void)func;
	if (!clear || !may_fail)
		give_up("slurm_xrecalloc() could end the process, or leave rubbish behind");
	pthread_mutex_lock(&mutex);
	*item = grow_block(*item, count * size);
	pthread_mutex_unlock(&mutex);
	return *item;
}

/* --- log --- */

static void __attribute__((format(printf, 2, 0))) keep_line(const char *level, const char *format,
							     va_list args)
{
	int length;

	if (lines_used == FAKE_LINES_MAX)
		give_up("too many log lines");
	length = snprintf(lines[lines_used], FAKE_LINE_MAX, "%s: ", level);
	vsnprintf(lines[lines_used] + length, FAKE_LINE_MAX - (size_t)length, format, args);
	lines_used++;
}

#define LOGGER(name, level)                    \
	void name(const char *format, ...)     \
	{                                      \
		va_list args;                  \
		va_start(args, format);        \
		keep_line(level, format, args); \
		va_end(args);                  \
	}
LOGGER(slurm_info, "info")
LOGGER(slurm_error, "error")
LOGGER(slurm_debug, "debug")
LOGGER(slurm_spank_log, "spank")

size_t fake_lines(void)
{
	return lines_used;
}

const char *fake_line(size_t i)
{
	return i < lines_used ? lines[i] : "";
}

size_t fake_lines_with(const char *part)
{
	size_t count = 0;

	for (size_t i = 0; i < lines_used; i++)
		count += strstr(lines[i], part) != NULL;
	return count;
}

/* --- SPANK --- */

spank_context_t spank_context(void)
{
	return fake_context;
}

spank_err_t spank_option_register(spank_t spank, struct spank_option *option)
{
	(void)spank;
	if (options_used == OPTIONS_MAX)
		give_up("too many options");
	options[options_used++] = *option;
	return ESPANK_SUCCESS;
}

size_t fake_options(void)
{
	return options_used;
}

const struct spank_option *fake_option(const char *name)
{
	for (size_t i = 0; i < options_used; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

spank_err_t spank_job_control_setenv(spank_t spank, const char *name, const char *value,
				     int overwrite)
{
	(void)spank;
	(void)overwrite;
	if (sent_used == SENT_MAX)
		give_up("too much is sent");
	snprintf(sent[sent_used].name, sizeof(sent[0].name), "%s", name);
	snprintf(sent[sent_used++].value, sizeof(sent[0].value), "%s", value);
	return ESPANK_SUCCESS;
}

const char *fake_sent(const char *name)
{
	for (size_t i = sent_used; i > 0; i--)
		if (strcmp(sent[i - 1].name, name) == 0)
			return sent[i - 1].value;
	return NULL;
}

/* --- descriptions --- */

/* Every number that slurm_init_job_desc_msg() and sbatch of 22.05 leave unset. */
void fake_desc_init(job_desc_msg_t *desc)
{
	memset(desc, 0, sizeof(*desc));
	carbon_desc_set_job_id(desc, NO_VAL);
	desc->user_id = 1000;
	desc->group_id = 1000;
	desc->het_job_offset = NO_VAL;
	desc->priority = NO_VAL;
	desc->nice = NO_VAL;
	desc->time_limit = NO_VAL;
	desc->time_min = NO_VAL;
	desc->num_tasks = NO_VAL;
	desc->min_cpus = 1;
	desc->max_cpus = NO_VAL;
	desc->min_nodes = NO_VAL;
	desc->max_nodes = NO_VAL;
	desc->cpus_per_task = NO_VAL16;
	desc->ntasks_per_node = NO_VAL16;
	desc->sockets_per_node = NO_VAL16;
	desc->pn_min_cpus = NO_VAL16;
	desc->pn_min_memory = NO_VAL64;
	desc->shared = NO_VAL16;
	desc->requeue = NO_VAL16;
	fake_set(&desc->script, "#!/bin/sh\ntrue\n");
	fake_set(&desc->submit_line, "sbatch job.sh");
	fake_add_environment(desc, "HOME=/home/ada");
}

void fake_set(char **target, const char *text)
{
	slurm_xfree((void **)target);
	*target = slurm_xstrdup(text);
}

static void add(char ***array, uint32_t *size, const char *assignment)
{
	slurm_xrecalloc((void **)array, (size_t)*size + 1, sizeof(char *), true, true, "", 0, "");
	(*array)[(*size)++] = slurm_xstrdup(assignment);
}

void fake_add_environment(job_desc_msg_t *desc, const char *assignment)
{
	add(&desc->environment, &desc->env_size, assignment);
}

void fake_add_spank(job_desc_msg_t *desc, const char *assignment)
{
	add(&desc->spank_job_env, &desc->spank_job_env_size, assignment);
}

void fake_add_flag(job_desc_msg_t *desc, const char *name, const char *value)
{
	char text[512];
	int length = snprintf(text, sizeof(text), "_SLURM_SPANK_OPTION_carbon_%s=", name);

	for (int i = 0; i < length - 1; i++)
		if (!isalnum((unsigned char)text[i]))
			text[i] = '_';
	snprintf(text + length, sizeof(text) - (size_t)length, "%s", value);
	fake_add_spank(desc, text);
	fake_add_environment(desc, text);
}

static void free_array(char ***array, uint32_t size)
{
	for (uint32_t i = 0; *array && i < size; i++)
		slurm_xfree((void **)&(*array)[i]);
	slurm_xfree((void **)array);
}

void fake_desc_fini(job_desc_msg_t *desc)
{
	char **const texts[] = {
		&desc->account,	     &desc->admin_comment, &desc->array_inx,	&desc->comment,
		&desc->dependency,   &desc->job_id_str,	   &desc->name,		&desc->partition,
		&desc->qos,	     &desc->reservation,   &desc->script,	&desc->submit_line,
		&desc->tres_per_job, &desc->tres_per_node, &desc->tres_per_socket, &desc->tres_per_task,
		&desc->clusters,     &desc->cluster_features, &desc->features,	&desc->req_nodes,
		&desc->exc_nodes,
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		slurm_xfree((void **)texts[i]);
	free_array(&desc->environment, desc->env_size);
	free_array(&desc->spank_job_env, desc->spank_job_env_size);
}

const char *fake_environment(const job_desc_msg_t *desc, const char *name)
{
	size_t length = strlen(name);

	for (uint32_t i = 0; i < desc->env_size; i++)
		if (strncmp(desc->environment[i], name, length) == 0 &&
		    desc->environment[i][length] == '=')
			return desc->environment[i] + length + 1;
	return NULL;
}
