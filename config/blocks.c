/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The blocks of carbon.conf: what stands in a draft when one begins, and where the draft goes when it ends.
 * The one place that looks up users: what goes on from here are uids.
 */
#include "config/parser.h"

#include <errno.h>
#include <math.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/err.h"
#include "lib/num.h"
#include "lib/words.h"

#define FALLBACK_NAME "*"

static int begin_source(struct carbon_config_parser *parser, const char *title)
{
	struct carbon_config_source *source = &parser->draft.source;

	if (!carbon_name_is_valid(title, sizeof(source->name)))
		return carbon_err_set(parser->err, "source \"%s\" is no name", title);
	snprintf(source->name, sizeof(source->name), "%s", title);
	snprintf(source->type, sizeof(source->type), "%s", title);
	source->timeout_s = 30;
	return 0;
}

static int begin_zone(struct carbon_config_parser *parser, const char *title)
{
	if (!carbon_zone_is_valid(title))
		return carbon_err_set(parser->err, "zone \"%s\" is no zone (such as DE or US-CAL-CISO)", title);
	snprintf(parser->draft.zone.name, CARBON_ZONE_MAX, "%s", title);
	return 0;
}

static int begin_rule(struct carbon_config_parser *parser, enum carbon_rule_kind kind, const char *name)
{
	struct carbon_rule *rule = &parser->draft.rule;

	if (!carbon_name_is_valid(name, sizeof(rule->name)))
		return carbon_err_set(parser->err, "\"%s\" is no name that Slurm knows", name);
	carbon_rule_init(rule, kind);
	snprintf(rule->name, sizeof(rule->name), "%s", name);
	return 0;
}

/* "PARTITION", or "CLUSTER/PARTITION" of this or another cluster, whose zone nothing else can tell. */
static int begin_place(struct carbon_config_parser *parser, const char *title)
{
	struct carbon_place *place = &parser->draft.place;
	const char *slash = strchr(title, '/');
	char cluster[CARBON_NAME_MAX] = "";

	if (slash) {
		if ((size_t)(slash - title) >= sizeof(cluster))
			return carbon_err_set(parser->err, "\"%s\" is no name that Slurm knows", title);
		memcpy(cluster, title, (size_t)(slash - title));
		title = slash + 1;
	}
	if (begin_rule(parser, CARBON_RULE_PARTITION, title) != 0)
		return -1;
	snprintf(place->partition, sizeof(place->partition), "%s", title);
	if (!slash)
		return 0;
	if (!carbon_name_is_valid(cluster, sizeof(cluster)))
		return carbon_err_set(parser->err, "\"%s\" is no name that Slurm knows", cluster);
	memcpy(place->cluster, cluster, sizeof(place->cluster));
	place->zone[0] = '\0';
	return 0;
}

static int begin_partition(struct carbon_config_parser *parser, const char *title)
{
	parser->draft.place = parser->config->fallback;
	parser->draft.terms = parser->config->fallback_terms;
	carbon_rule_init(&parser->draft.rule, CARBON_RULE_PARTITION);
	if (strcmp(title, FALLBACK_NAME) == 0) {
		if (parser->config->site.places)
			return carbon_err_set(parser->err,
					      "partition \"*\" must come before all other partition blocks");
		return 0;
	}
	return begin_place(parser, title);
}

static int begin_qos(struct carbon_config_parser *parser, const char *title)
{
	return begin_rule(parser, CARBON_RULE_QOS, title);
}

static int begin_account(struct carbon_config_parser *parser, const char *title)
{
	parser->draft.allowance_kg = NAN;
	return begin_rule(parser, CARBON_RULE_ACCOUNT, title);
}

/* A name, or a uid where no user has that name. Rules know uids: slurmctld must not look up names. */
static int begin_user(struct carbon_config_parser *parser, const char *title)
{
	struct passwd *passwd;
	char uid[16];
	long long number;

	errno = 0;
	passwd = getpwnam(title);
	if (passwd)
		number = (long long)passwd->pw_uid;
	else if (carbon_int_parse(title, 0, UINT32_MAX - 1, &number) != 0)
		return carbon_err_set(parser->err, "user \"%s\" unknown on this machine", title);
	snprintf(uid, sizeof(uid), "%lld", number);
	return begin_rule(parser, CARBON_RULE_USER, uid);
}

/* ARRAY with room for one more than COUNT elements; NULL and an error where there is no memory or there are MOST. */
static void *grow(struct carbon_config_parser *parser, void *array, size_t count, size_t most, size_t size)
{
	void *grown = count < most ? realloc(array, (count + 1) * size) : NULL;

	if (count >= most)
		carbon_err_set(parser->err, "more than %zu of these blocks", most);
	else if (!grown)
		carbon_err_set(parser->err, "no memory");
	return grown;
}

static int push_rule(struct carbon_config_parser *parser)
{
	struct carbon_site *site = &parser->config->site;
	const struct carbon_rule *rule = &parser->draft.rule;
	struct carbon_rule *rules;

	for (size_t i = 0; i < site->rules; i++)
		if (site->rule[i].kind == rule->kind && strcmp(site->rule[i].name, rule->name) == 0)
			return carbon_err_set(parser->err, "a second block for uid %s", rule->name);
	rules = grow(parser, site->rule, site->rules, CARBON_SITE_RULES_MAX, sizeof(*rules));
	if (!rules)
		return -1;
	site->rule = rules;
	site->rule[site->rules++] = *rule;
	return 0;
}

static int end_source(struct carbon_config_parser *parser, int line)
{
	struct carbon_config *config = parser->config;

	if (config->sources == CARBON_CONFIG_SOURCES_MAX)
		return carbon_err_set(parser->err, "more than %d sources", CARBON_CONFIG_SOURCES_MAX);
	parser->draft.source.line = line;
	config->source[config->sources++] = parser->draft.source;
	return 0;
}

static int end_zone(struct carbon_config_parser *parser, int line)
{
	struct carbon_config *config = parser->config;

	if (config->zones == CARBON_CONFIG_ZONES_MAX)
		return carbon_err_set(parser->err, "more than %d zones", CARBON_CONFIG_ZONES_MAX);
	parser->draft.zone.line = line;
	config->zone[config->zones++] = parser->draft.zone;
	return 0;
}

/* The place and, at the same index, the line of its block. There is room for all. */
static int push_place(struct carbon_config_parser *parser, int line)
{
	struct carbon_config *config = parser->config;
	struct carbon_site *site = &config->site;

	if (site->places == CARBON_SITE_PLACES_MAX)
		return carbon_err_set(parser->err, "more than %d partitions", CARBON_SITE_PLACES_MAX);
	config->place_line[site->places] = line;
	config->terms[site->places] = parser->draft.terms;
	site->place[site->places++] = parser->draft.place;
	return 0;
}

/* What a rule may wish for, beside being there. */
static bool says_something(const struct carbon_rule *rule)
{
	return rule->exclude || rule->delay_s >= 0 || rule->min_saving_percent >= 0 || rule->min_saving_g >= 0 ||
	       rule->share >= 0;
}

static int push_hours(struct carbon_config_parser *parser)
{
	struct carbon_config_hours_list *all = &parser->config->place_hours;
	const struct carbon_config_hours_list *list = &parser->draft.hours;

	for (size_t i = 0; i < list->count; i++) {
		if (all->count == CARBON_CONFIG_HOURS_MAX)
			return carbon_err_set(parser->err, "capacity: more than %d of all partitions", CARBON_CONFIG_HOURS_MAX);
		all->item[all->count] = list->item[i];
		memcpy(all->item[all->count++].partition, parser->draft.place.partition, CARBON_NAME_MAX);
	}
	return 0;
}

static int end_partition(struct carbon_config_parser *parser, int line)
{
	struct carbon_config *config = parser->config;
	struct carbon_rule *rule = &parser->draft.rule;
	bool has_rule = says_something(rule), wishes;

	if (parser->draft.terms.pue_months != 0 && parser->draft.terms.pue_months != 12)
		return carbon_err_set(parser->err, "pue_by_month has %zu numbers (12 are right, January first)",
				      parser->draft.terms.pue_months);
	if (!parser->draft.place.partition[0]) {
		if (has_rule)
			return carbon_err_set(parser->err, "partition \"*\" takes neither exclude, delay, minimum "
							   "saving nor share (set them outside of the blocks)");
		if (parser->draft.hours.count)
			return carbon_err_set(parser->err, "partition \"*\" takes no capacity (set it outside of the "
							   "blocks)");
		config->fallback = parser->draft.place;
		config->fallback_terms = parser->draft.terms;
		config->fallback_line = line;
		return 0;
	}
	wishes = has_rule || parser->draft.hours.count;
	if (parser->draft.place.cluster[0] && (wishes || !parser->draft.place.zone[0]))
		return carbon_err_set(parser->err,
				      wishes ? "partition \"%s/%s\": rules and capacity are of this cluster's partitions "
					       "alone"
					       : "partition \"%s/%s\" lacks its zone",
				      parser->draft.place.cluster, parser->draft.place.partition);
	if ((has_rule && push_rule(parser) != 0) || push_hours(parser) != 0)
		return -1;
	return push_place(parser, line);
}

static int end_rule(struct carbon_config_parser *parser, int line)
{
	(void)line;
	return push_rule(parser);
}

static int end_account(struct carbon_config_parser *parser, int line)
{
	struct carbon_config *config = parser->config;
	struct carbon_allowance *allowance;

	if (end_rule(parser, line) != 0)
		return -1;
	if (isnan(parser->draft.allowance_kg))
		return 0;
	allowance = grow(parser, config->allowance, config->allowances, CARBON_SITE_RULES_MAX, sizeof(*allowance));
	if (!allowance)
		return -1;
	config->allowance = allowance;
	allowance = &config->allowance[config->allowances++];
	*allowance = (struct carbon_allowance){.allowance_kg = parser->draft.allowance_kg};
	snprintf(allowance->account, sizeof(allowance->account), "%s", parser->draft.rule.name);
	return 0;
}

const struct carbon_config_block carbon_config_blocks[CARBON_SECTIONS] = {
	[CARBON_SECTION_SOURCE] = {begin_source, end_source},
	[CARBON_SECTION_ZONE] = {begin_zone, end_zone},
	[CARBON_SECTION_PARTITION] = {begin_partition, end_partition},
	[CARBON_SECTION_QOS] = {begin_qos, end_rule},
	[CARBON_SECTION_ACCOUNT] = {begin_account, end_account},
	[CARBON_SECTION_USER] = {begin_user, end_rule},
};
