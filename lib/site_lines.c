/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of the site file that say who and where: places here and elsewhere, what is offered there, rules and users. */
#include "lib/site_lines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const rule_kinds[] = {
	[CARBON_RULE_USER] = "user",
	[CARBON_RULE_ACCOUNT] = "account",
	[CARBON_RULE_QOS] = "qos",
	[CARBON_RULE_PARTITION] = "partition",
};
#define RULE_KINDS (sizeof(rule_kinds) / sizeof(rule_kinds[0]))

static int parse_place(struct carbon_word *line, void *item)
{
	struct carbon_place *place = item;

	carbon_place_init(place);
	return carbon_word_next_name(line, place->partition, CARBON_NAME_MAX);
}

static void format_place(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_place *place = item;

	snprintf(text, CARBON_FIELD_TEXT, "%.*s", CARBON_NAME_MAX, place->partition);
}

static int compare_places(const void *a, const void *b)
{
	const struct carbon_place *x = a, *y = b;

	return strcmp(x->partition, y->partition);
}

static int parse_remote(struct carbon_word *line, void *item)
{
	struct carbon_place *place = item;

	carbon_place_init(place);
	return carbon_word_next_name(line, place->cluster, CARBON_NAME_MAX) ||
			       carbon_word_next_name(line, place->partition, CARBON_NAME_MAX)
		       ? -1
		       : 0;
}

static void format_remote(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_place *place = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %.*s", CARBON_NAME_MAX, place->cluster, CARBON_NAME_MAX,
		 place->partition);
}

static int compare_remotes(const void *a, const void *b)
{
	return carbon_place_compare(a, b);
}

static const char *const offer_kinds[CARBON_OFFERS] = {
	[CARBON_OFFER_ACCOUNT] = "account", [CARBON_OFFER_NO_ACCOUNT] = "no-account",
	[CARBON_OFFER_QOS] = "qos",	    [CARBON_OFFER_NO_QOS] = "no-qos",
	[CARBON_OFFER_USER] = "user",	    [CARBON_OFFER_FEATURE] = "feature",
	[CARBON_OFFER_GPU] = "gpu",
};

/* "-" stands for this cluster. */
static int parse_offer(struct carbon_word *line, void *item)
{
	struct carbon_offer *offer = item;
	struct carbon_word word = {"", 0};
	size_t kind = 0;

	if (carbon_word_next_name(line, offer->cluster, CARBON_NAME_MAX) ||
	    carbon_word_next_name(line, offer->partition, CARBON_NAME_MAX))
		return -1;
	if (!strcmp(offer->cluster, "-"))
		offer->cluster[0] = '\0';
	carbon_word_next(line, &word);
	while (kind < CARBON_OFFERS && !carbon_word_is(&word, offer_kinds[kind]))
		kind++;
	offer->kind = (enum carbon_offer_kind)kind;
	return kind == CARBON_OFFERS || carbon_word_next_name(line, offer->name, CARBON_NAME_MAX) ? -1 : 0;
}

static void format_offer(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_offer *offer = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %.*s %s %.*s", CARBON_NAME_MAX - 1,
		 offer->cluster[0] ? offer->cluster : "-", CARBON_NAME_MAX - 1, offer->partition,
		 (size_t)offer->kind < CARBON_OFFERS ? offer_kinds[offer->kind] : "?", CARBON_NAME_MAX - 1,
		 offer->name);
}

static int compare_offers(const void *a, const void *b)
{
	return carbon_offer_compare(a, b);
}

static int parse_sibling(struct carbon_word *line, void *item)
{
	return carbon_word_next_name(line, ((struct carbon_sibling *)item)->cluster, CARBON_NAME_MAX);
}

static void format_sibling(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	snprintf(text, CARBON_FIELD_TEXT, "%.*s", CARBON_NAME_MAX, ((const struct carbon_sibling *)item)->cluster);
}

static int compare_siblings(const void *a, const void *b)
{
	return strcmp(((const struct carbon_sibling *)a)->cluster, ((const struct carbon_sibling *)b)->cluster);
}

/* A user's name is compared as text later: "007" would never be found. */
static bool is_plain_uid(const char *name)
{
	struct carbon_word word = {name, strlen(name)};
	long long uid;

	return name[0] >= (word.length > 1 ? '1' : '0') && name[0] <= '9' &&
	       !carbon_word_int(&word, 0, UINT32_MAX, &uid);
}

static int parse_rule(struct carbon_word *line, void *item)
{
	struct carbon_rule *rule = item;
	struct carbon_word word = {"", 0};
	size_t kind = 0;

	carbon_word_next(line, &word);
	while (kind < RULE_KINDS && !carbon_word_is(&word, rule_kinds[kind]))
		kind++;
	if (kind == RULE_KINDS)
		return -1;
	carbon_rule_init(rule, (enum carbon_rule_kind)kind);
	if (carbon_word_next_name(line, rule->name, CARBON_NAME_MAX))
		return -1;
	return rule->kind == CARBON_RULE_USER && !is_plain_uid(rule->name) ? -1 : 0;
}

static void format_rule(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_rule *rule = item;

	snprintf(text, CARBON_FIELD_TEXT, "%s %.*s",
		 (size_t)rule->kind < RULE_KINDS ? rule_kinds[rule->kind] : "?", CARBON_NAME_MAX,
		 rule->name);
}

static int compare_rules(const void *a, const void *b)
{
	const struct carbon_rule *x = a, *y = b;

	return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->name, y->name);
}

static int parse_user(struct carbon_word *line, void *item)
{
	struct carbon_site_user *user = item;
	long long uid;

	if (carbon_word_next_int(line, 0, UINT32_MAX, &uid))
		return -1;
	user->uid = (uint32_t)uid;
	return 0;
}

static void format_user(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_site_user *user = item;

	snprintf(text, CARBON_FIELD_TEXT, "%" PRIu32, user->uid);
}

static int compare_users(const void *a, const void *b)
{
	const struct carbon_site_user *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

const struct carbon_site_line carbon_line_place = {parse_place, format_place, compare_places};
const struct carbon_site_line carbon_line_remote = {parse_remote, format_remote, compare_remotes};
const struct carbon_site_line carbon_line_offer = {parse_offer, format_offer, compare_offers};
const struct carbon_site_line carbon_line_sibling = {parse_sibling, format_sibling, compare_siblings};
const struct carbon_site_line carbon_line_rule = {parse_rule, format_rule, compare_rules};
const struct carbon_site_line carbon_line_user = {parse_user, format_user, compare_users};
