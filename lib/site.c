/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The site's built-in defaults, and looking things up in it. Look-ups are for slurmctld: no allocation. */
#include "lib/site.h"

#include <math.h>
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
	site->restart_s = 300;
	site->replan_every_s = 900;
	site->max_interruptions = 4;
	site->max_waiting = 1000;
	site->max_waiting_user = 100;
	site->max_flexible_share = 25;
	site->delayed_nice = 100;
}

void carbon_rule_init(struct carbon_rule *rule, enum carbon_rule_kind kind)
{
	memset(rule, 0, sizeof(*rule));
	rule->kind = kind;
	rule->delay_s = -1;
	rule->min_saving_percent = rule->min_saving_g = rule->share = -1;
}

void carbon_site_fini(struct carbon_site *site)
{
	free(site->place);
	free(site->rule);
	free(site->user);
	free(site->wall);
	free(site->limit);
	free(site->blackout);
	free(site->wait);
	free(site->full);
	free(site->load);
	free(site->power);
	free(site->begin);
	free(site->price);
	free(site->remote);
	free(site->offer);
	free(site->sibling);
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

/* Both kinds begin with their name. */
static int compare_name(const void *key, const void *item)
{
	return strcmp(key, item);
}

const struct carbon_full *carbon_site_full(const struct carbon_site *site, const char *partition)
{
	if (!site->fulls)
		return NULL;
	return bsearch(partition, site->full, site->fulls, sizeof(*site->full), compare_name);
}

const struct carbon_site_series *carbon_site_load(const struct carbon_site *site, const char *partition)
{
	if (!site->loads)
		return NULL;
	return bsearch(partition, site->load, site->loads, sizeof(*site->load), compare_name);
}

const struct carbon_site_series *carbon_site_power(const struct carbon_site *site, const char *partition)
{
	if (!site->powers)
		return NULL;
	return bsearch(partition, site->power, site->powers, sizeof(*site->power), compare_name);
}

const struct carbon_site_series *carbon_site_price(const struct carbon_site *site, const char *zone)
{
	for (size_t i = 0; i < site->prices; i++)
		if (strcasecmp(site->price[i].name, zone) == 0)
			return &site->price[i];
	return site->prices && !site->price[0].name[0] ? &site->price[0] : NULL;
}

double carbon_site_series_value(const struct carbon_site_series *series, time_t at)
{
	size_t step;

	if (!series || at < series->from_at)
		return NAN;
	step = (size_t)(at - series->from_at) / series->step_s;
	return step < series->count ? (double)series->value[step] : NAN;
}

const struct carbon_wait *carbon_site_wait(const struct carbon_site *site, const char *partition, double nodes)
{
	const struct carbon_wait *found = NULL;
	size_t low = 0, high = site->waits;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(site->wait[middle].partition, partition) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < site->waits && strcmp(site->wait[low].partition, partition) == 0; low++) {
		found = &site->wait[low];
		if (found->up_to_nodes >= nodes)
			break;
	}
	return found;
}
