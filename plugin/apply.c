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

#define VARIABLES 3
#define VARIABLE_PREFIX "SLURM_CARBON_"

/* The entries that have the names of TEXT, which all begin with the prefix; NULL where there is none. In one pass: they are many. */
static void find_entries(const job_desc_msg_t *desc, char text[VARIABLES][VARIABLE_MAX], char **entry[VARIABLES])
{
	for (uint32_t i = 0; i < desc->env_size; i++) {
		if (!desc->environment[i] || strncmp(desc->environment[i], VARIABLE_PREFIX, strlen(VARIABLE_PREFIX)) != 0)
			continue;
		for (size_t k = 0; k < VARIABLES; k++)
			if (!entry[k] && strncmp(desc->environment[i], text[k], strcspn(text[k], "=") + 1) == 0)
				entry[k] = &desc->environment[i];
	}
}

static void set_variables(job_desc_msg_t *desc, char text[VARIABLES][VARIABLE_MAX])
{
	char **entry[VARIABLES] = {NULL};
	bool has_grown;

	find_entries(desc, text, entry);
	for (size_t k = 0; k < VARIABLES; k++)
		if (entry[k])
			replace(entry[k], text[k]);
	/* One more for the NULL at its end, which some readers look for. */
	has_grown = (!entry[0] || !entry[1] || !entry[2]) &&
		    slurm_xrecalloc((void **)&desc->environment, (size_t)desc->env_size + VARIABLES + 1, sizeof(char *), true,
				    true, __FILE__, __LINE__, __func__);
	for (size_t k = 0; has_grown && k < VARIABLES; k++)
		if (!entry[k])
			desc->environment[desc->env_size++] = slurm_xstrdup(text[k]);
	if (has_grown)
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
	char text[VARIABLES][VARIABLE_MAX], at[CARBON_TIME_TEXT];

	if (!desc->environment || desc->env_size == 0)
		return;
	carbon_time_format(record->begin_at, at);
	snprintf(text[0], VARIABLE_MAX, VARIABLE_PREFIX "ZONE=%s", record->zone);
	snprintf(text[1], VARIABLE_MAX, VARIABLE_PREFIX "EXPECTED_G_KWH=%.1f", expected_g_kwh(record));
	snprintf(text[2], VARIABLE_MAX, VARIABLE_PREFIX "START=%s", at);
	set_variables(desc, text);
}
