/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The site's built-in defaults, and looking things up in it. Look-ups are for slurmctld: no allocation. */
#include "lib/site.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *const level_names[] = {
	[CARBON_LEVEL_OFF] = "off",
	[CARBON_LEVEL_OBSERVE] = "observe",
	[CARBON_LEVEL_OPT_IN] = "opt-in",
	[CARBON_LEVEL_DEFAULT] = "default",
};
#define LEVELS (sizeof(level_names) / sizeof(level_names[0]))

const char *carbon_level_name(enum carbon_level level)
{
	return level_names[level];
}

/* Without case: a record may come back from slurmdbd in lower case. */
bool carbon_level_find(const char *name, enum carbon_level *out)
{
	for (size_t i = 0; i < LEVELS; i++) {
		if (strcasecmp(level_names[i], name) == 0) {
			*out = (enum carbon_level)i;
			return true;
		}
	}
	return false;
}

void carbon_site_init(struct carbon_site *site)
{
	memset(site, 0, sizeof(*site));
	site->level = CARBON_LEVEL_OBSERVE;
	site->signal = CARBON_SIGNAL_LIFECYCLE;
	memcpy(site->policy, "lowest-window", sizeof("lowest-window"));
	site->default_delay_s = 12 * 3600;
	site->max_delay_s = 7 * 86400;
	site->outlook_max_age_s = 6 * 3600;
	site->slack_s = 120;
	site->min_runtime_s = 900;
	site->min_saving_percent = 5;
	site->min_saving_g = 50;
	site->max_waiting = 1000;
	site->max_waiting_user = 100;
}

void carbon_site_fini(struct carbon_site *site)
{
	free(site->place);
	free(site->rule);
	free(site->user);
	free(site->wall);
	carbon_site_init(site);
}

static const struct carbon_place *default_place(const struct carbon_site *site)
{
	for (size_t i = 0; i < site->places; i++)
		if (site->place[i].is_default)
			return &site->place[i];
	return NULL;
}

static int compare_place(const void *key, const void *item)
{
	return strcmp(key, ((const struct carbon_place *)item)->partition);
}

const struct carbon_place *carbon_site_place(const struct carbon_site *site, const char *partition)
{
	if (!partition || !*partition)
		return default_place(site);
	if (!site->places)
		return NULL;
	return bsearch(partition, site->place, site->places, sizeof(*site->place), compare_place);
}

struct rule_key {
	enum carbon_rule_kind kind;
	const char *name;
};

static int compare_rule(const void *a, const void *b)
{
	const struct rule_key *key = a;
	const struct carbon_rule *rule = b;

	if (key->kind != rule->kind)
		return key->kind < rule->kind ? -1 : 1;
	return strcmp(key->name, rule->name);
}

const struct carbon_rule *carbon_site_rule(const struct carbon_site *site, enum carbon_rule_kind kind,
					   const char *name)
{
	struct rule_key key = {kind, name};

	if (!site->rules)
		return NULL;
	return bsearch(&key, site->rule, site->rules, sizeof(*site->rule), compare_rule);
}

static int compare_user(const void *a, const void *b)
{
	uint32_t uid = *(const uint32_t *)a, other = ((const struct carbon_site_user *)b)->uid;

	return uid < other ? -1 : uid > other;
}

const struct carbon_site_user *carbon_site_user(const struct carbon_site *site, uint32_t uid)
{
	if (!site->users)
		return NULL;
	return bsearch(&uid, site->user, site->users, sizeof(*site->user), compare_user);
}
