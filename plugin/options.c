/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flags and variables into a request. Flags are read from spank_job_env alone: a job's environment
 * holds those of the job that submitted it too. Must never trust a count, a NULL or a length.
 */
#include "plugin/options.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/err.h"
#include "policies/policy.h"

#define FLAG_PREFIX "_SLURM_SPANK_OPTION_carbon_"
#define VARIABLE_PREFIX "CARBON"
#define OPTIONS_MAX 32

/* Values found, in the order of carbon_options[]; NULL: not given. */
struct found {
	const char *flag[OPTIONS_MAX];
	const char *variable[OPTIONS_MAX];
	const char *finish_by_at;
	bool user_was_told;
};

/* The value behind "NAME=" in ENTRY; sbatch writes '_' for what is no letter or digit in NAME. NULL: another entry. */
static const char *value_of(const char *entry, const char *name)
{
	for (; *name; name++, entry++)
		if (*entry != *name && !(*entry == '_' && !isalnum((unsigned char)*name)))
			return NULL;
	return *entry == '=' ? entry + 1 : NULL;
}

static const char *behind(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) == 0 ? text + length : NULL;
}

static const char *sent_value(const char *entry, const char *name)
{
	const char *rest = behind(entry, "SLURM_SPANK_");

	if (!rest)
		rest = behind(entry, "SPANK_");
	return value_of(rest ? rest : entry, name);
}

static void look_at_spank(const char *entry, struct found *found)
{
	const char *option = behind(entry, FLAG_PREFIX);
	const char *value;

	if (!option) {
		value = sent_value(entry, CARBON_SENT_FINISH_BY);
		if (value)
			found->finish_by_at = value;
		else if (sent_value(entry, CARBON_SENT_TOLD))
			found->user_was_told = true;
		return;
	}
	for (size_t i = 0; i < carbon_options_count && i < OPTIONS_MAX; i++) {
		value = value_of(option, carbon_options[i].name);
		if (value)
			found->flag[i] = value;
	}
}

/* The first of equal names counts, as for getenv(); an empty value is none. */
static void look_at_environment(const char *entry, struct found *found)
{
	const char *value;

	if (!behind(entry, VARIABLE_PREFIX))
		return;
	for (size_t i = 0; i < carbon_options_count && i < OPTIONS_MAX; i++) {
		value = value_of(entry, carbon_options[i].variable);
		if (value && *value && !found->variable[i])
			found->variable[i] = value;
	}
}

static void search(const job_desc_msg_t *desc, struct found *found)
{
	if (desc->spank_job_env)
		for (uint32_t i = 0; i < desc->spank_job_env_size; i++)
			if (desc->spank_job_env[i])
				look_at_spank(desc->spank_job_env[i], found);
	if (desc->environment)
		for (uint32_t i = 0; i < desc->env_size; i++)
			if (desc->environment[i])
				look_at_environment(desc->environment[i], found);
}

static int complain_of_policy(const char *name, struct carbon_err *err)
{
	char known[128] = "";

	for (size_t i = 0; i < carbon_policies_count; i++) {
		size_t length = strlen(known);

		snprintf(known + length, sizeof(known) - length, "%s%s", i ? ", " : "",
			 carbon_policies[i]->name);
	}
	return carbon_err_set(err, "--carbon-policy=%s: unknown here (known: %s)", name, known);
}

/* A flag without its value comes as sbatch's printf() wrote it. */
static const char *told_value(const struct carbon_option *option, const char *value)
{
	return carbon_option_is_optional(option) && strcmp(value, "(null)") == 0 ? "" : value;
}

int carbon_options_read(const job_desc_msg_t *desc, time_t now, struct carbon_options *out,
			struct carbon_err *err)
{
	struct carbon_request request;
	struct found found;

	memset(&found, 0, sizeof(found));
	search(desc, &found);
	carbon_request_init(&request);
	carbon_request_init(&out->request);
	out->user_was_told = found.user_was_told;
	for (size_t i = 0; i < carbon_options_count && i < OPTIONS_MAX; i++) {
		const struct carbon_option *option = &carbon_options[i];
		const char *value = found.flag[i] ? told_value(option, found.flag[i]) : found.variable[i];

		if (!value)
			continue;
		/* What the user typed was read at the client, in the user's time zone. */
		if (found.finish_by_at && strcmp(option->name, "carbon-finish-by") == 0)
			value = found.finish_by_at;
		out->request.given = true;
		if (carbon_request_set(&request, option, value, now, err) < 0)
			return found.flag[i] ? -1 : carbon_err_prefix(err, "variable %s", option->variable);
	}
	if (request.policy[0] && !carbon_policy_find(request.policy))
		return complain_of_policy(request.policy, err);
	out->request = request;
	return 0;
}
