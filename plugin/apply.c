/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing on Slurm's heap: every string through slurm_xstrdup(), every free through slurm_xfree(). Libc's
 * heap is for scratch that is gone when a function returns.
 */
#include "plugin/apply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/optout.h"
#include "lib/time.h"

#define VARIABLE_MAX 128
#define NICE_MAX (NO_VAL - 1) /* of what the description carries */

static void replace(char **target, const char *text)
{
	char *next = slurm_xstrdup(text);

	slurm_xfree((void **)target);
	*target = next;
}

void carbon_apply_record(job_desc_msg_t *desc, const struct carbon_record *record)
{
	char text[CARBON_RECORD_MAX];
	char *merged;
	size_t size;

	if (carbon_record_format(record, text, NULL) < 0)
		return;
	if (!desc->admin_comment || !desc->admin_comment[0]) {
		replace(&desc->admin_comment, text);
		return;
	}
	size = strlen(desc->admin_comment) + CARBON_RECORD_MAX + 2;
	merged = malloc(size);
	if (merged && carbon_record_merge(desc->admin_comment, text, merged, size, NULL) == 0)
		replace(&desc->admin_comment, merged);
	free(merged);
}

void carbon_apply_optout(job_desc_msg_t *desc)
{
	const char *comment = desc->admin_comment ? desc->admin_comment : "";
	size_t size = strlen(comment) + strlen(CARBON_OPTOUT_MARK) + 2;
	char *marked;

	if (size > CARBON_COMMENT_MAX || carbon_optout_is_marked(comment))
		return;
	marked = malloc(size);
	if (!marked)
		return;
	snprintf(marked, size, "%s%s" CARBON_OPTOUT_MARK, comment, *comment ? " " : "");
	replace(&desc->admin_comment, marked);
	free(marked);
}

void carbon_apply_place(job_desc_msg_t *desc, const struct carbon_record *record, const char *cluster, bool is_alone)
{
	char clusters[2 * CARBON_NAME_MAX];

	if (record->cluster[0]) {
		snprintf(clusters, sizeof(clusters), "%s,%s", cluster, record->cluster);
		replace(&desc->clusters, clusters);
		return;
	}
	if (record->home[0])
		replace(&desc->partition, record->partition);
	if (is_alone)
		replace(&desc->clusters, cluster);
}

void carbon_apply_text(char **target, const char *text)
{
	size_t size;
	char *joined;

	if (!*target || !**target) {
		replace(target, text);
		return;
	}
	size = strlen(*target) + 1 + strlen(text) + 1;
	joined = malloc(size);
	if (!joined)
		return;
	snprintf(joined, size, "%s\n%s", *target, text);
	replace(target, joined);
	free(joined);
}

/* --- environment --- */

/* The entry of ASSIGNMENT's name; NULL: none. */
static char **find_entry(const job_desc_msg_t *desc, const char *assignment)
{
	size_t length = strcspn(assignment, "=") + 1;

	for (uint32_t i = 0; i < desc->env_size; i++)
		if (desc->environment[i] && strncmp(desc->environment[i], assignment, length) == 0)
			return &desc->environment[i];
	return NULL;
}

static void set_variable(job_desc_msg_t *desc, const char *assignment)
{
	char **entry = find_entry(desc, assignment);

	if (entry) {
		replace(entry, assignment);
		return;
	}
	/* One more for the NULL at its end, which some readers look for. */
	if (!slurm_xrecalloc((void **)&desc->environment, (size_t)desc->env_size + 2, sizeof(char *),
			     true, true, __FILE__, __LINE__, __func__))
		return;
	desc->environment[desc->env_size++] = slurm_xstrdup(assignment);
	desc->environment[desc->env_size] = NULL;
}

/* The mean over the expected run: grams through kilowatt-hours. */
static double expected_g_kwh(const struct carbon_record *record)
{
	double energy_kwh = record->power_w * record->runtime_s / 3.6e6;

	return energy_kwh > 0 ? record->mass_g / energy_kwh : 0;
}

void carbon_apply_nice(job_desc_msg_t *desc, uint32_t by)
{
	uint32_t nice = desc->nice == NO_VAL ? NICE_OFFSET : desc->nice;

	if (by)
		desc->nice = nice > NICE_MAX - by ? NICE_MAX : nice + by;
}

void carbon_apply_environment(job_desc_msg_t *desc, const struct carbon_record *record)
{
	char text[VARIABLE_MAX], at[CARBON_TIME_TEXT];

	if (!desc->environment || desc->env_size == 0)
		return;
	snprintf(text, sizeof(text), "SLURM_CARBON_ZONE=%s", record->zone);
	set_variable(desc, text);
	snprintf(text, sizeof(text), "SLURM_CARBON_EXPECTED_G_KWH=%.1f", expected_g_kwh(record));
	set_variable(desc, text);
	carbon_time_format(record->begin_at, at);
	snprintf(text, sizeof(text), "SLURM_CARBON_START=%s", at);
	set_variable(desc, text);
}
