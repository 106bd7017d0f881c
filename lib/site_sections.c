/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the site file that may be there many times (doc/carbon-site.5): their words, their order, their caps. */
#include "lib/site_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/time.h"

static const char *const rule_kinds[] = {
	[CARBON_RULE_USER] = "user",
	[CARBON_RULE_ACCOUNT] = "account",
	[CARBON_RULE_QOS] = "qos",
	[CARBON_RULE_PARTITION] = "partition",
};
#define RULE_KINDS (sizeof(rule_kinds) / sizeof(rule_kinds[0]))

/* Take the next word of LINE as a valid name. */
static int take_name(struct carbon_word *line, char name[CARBON_NAME_MAX])
{
	struct carbon_word word;

	if (!carbon_word_next(line, &word) || carbon_word_copy(&word, name, CARBON_NAME_MAX) ||
	    !carbon_name_is_valid(name, CARBON_NAME_MAX))
		return -1;
	return 0;
}

static int take_integer(struct carbon_word *line, long long min, long long max, long long *out)
{
	struct carbon_word word;

	return carbon_word_next(line, &word) ? carbon_word_int(&word, min, max, out) : -1;
}

/* "*" stands for all, and is kept as "". */
static int take_name_or_all(struct carbon_word *line, char name[CARBON_NAME_MAX])
{
	if (take_name(line, name))
		return -1;
	if (!strcmp(name, "*"))
		name[0] = '\0';
	return 0;
}

static const char *name_or_all(const char *name)
{
	return name[0] ? name : "*";
}

static int take_span(struct carbon_word *line, time_t *from_at, time_t *to_at)
{
	long long from, to;

	if (take_integer(line, CARBON_TIME_MIN, CARBON_TIME_MAX, &from) ||
	    take_integer(line, from + 1, CARBON_TIME_MAX, &to))
		return -1;
	*from_at = (time_t)from;
	*to_at = (time_t)to;
	return 0;
}

static int parse_place(struct carbon_word *line, void *item)
{
	struct carbon_place *place = item;

	carbon_place_init(place);
	return take_name(line, place->partition);
}

static int parse_remote(struct carbon_word *line, void *item)
{
	struct carbon_place *place = item;

	carbon_place_init(place);
	return take_name(line, place->cluster) || take_name(line, place->partition) ? -1 : 0;
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

	if (take_name(line, offer->cluster) || take_name(line, offer->partition))
		return -1;
	if (!strcmp(offer->cluster, "-"))
		offer->cluster[0] = '\0';
	carbon_word_next(line, &word);
	while (kind < CARBON_OFFERS && !carbon_word_is(&word, offer_kinds[kind]))
		kind++;
	offer->kind = (enum carbon_offer_kind)kind;
	return kind == CARBON_OFFERS || take_name(line, offer->name) ? -1 : 0;
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
	return take_name(line, ((struct carbon_sibling *)item)->cluster);
}

static void format_sibling(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	snprintf(text, CARBON_FIELD_TEXT, "%.*s", CARBON_NAME_MAX, ((const struct carbon_sibling *)item)->cluster);
}

static int compare_siblings(const void *a, const void *b)
{
	return strcmp(((const struct carbon_sibling *)a)->cluster, ((const struct carbon_sibling *)b)->cluster);
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
	if (take_name(line, rule->name))
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

	if (take_integer(line, 0, UINT32_MAX, &uid))
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

static int parse_wall(struct carbon_word *line, void *item)
{
	struct carbon_wall *wall = item;

	return take_span(line, &wall->from_at, &wall->to_at) || take_name_or_all(line, wall->partition) ? -1 : 0;
}

static void format_wall(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_wall *wall = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%lld %lld %.*s", (long long)wall->from_at,
		 (long long)wall->to_at, CARBON_NAME_MAX,
		 name_or_all(wall->partition));
}

/* Walls may begin together: no two of them are taken for the same. */
static int compare_walls(const void *a, const void *b)
{
	const struct carbon_wall *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

static int parse_limit(struct carbon_word *line, void *item)
{
	struct carbon_limit *limit = item;

	limit->nodes = CARBON_LIMIT_NONE;
	limit->kw = -1;
	return take_name_or_all(line, limit->partition) || take_span(line, &limit->from_at, &limit->to_at) ? -1 : 0;
}

static void format_limit(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_limit *limit = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %lld %lld", CARBON_NAME_MAX, name_or_all(limit->partition),
		 (long long)limit->from_at, (long long)limit->to_at);
}

static int compare_limits(const void *a, const void *b)
{
	const struct carbon_limit *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

static int parse_blackout(struct carbon_word *line, void *item)
{
	struct carbon_blackout *blackout = item;

	return take_span(line, &blackout->from_at, &blackout->to_at);
}

static void format_blackout(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_blackout *blackout = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%lld %lld", (long long)blackout->from_at,
		 (long long)blackout->to_at);
}

static int compare_blackouts(const void *a, const void *b)
{
	const struct carbon_blackout *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

static int parse_wait(struct carbon_word *line, void *item)
{
	struct carbon_wait *wait = item;
	long long nodes, p50_s, p95_s, count;

	if (take_name(line, wait->partition) || take_integer(line, 1, CARBON_SITE_NODES_MAX, &nodes) ||
	    take_integer(line, 0, CARBON_DURATION_MAX, &p50_s) ||
	    take_integer(line, p50_s, CARBON_DURATION_MAX, &p95_s) ||
	    take_integer(line, 1, UINT32_MAX, &count))
		return -1;
	wait->up_to_nodes = (uint32_t)nodes;
	wait->p50_s = (uint32_t)p50_s;
	wait->p95_s = (uint32_t)p95_s;
	wait->count = (uint32_t)count;
	return 0;
}

static void format_wait(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_wait *wait = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32,
		 CARBON_NAME_MAX, wait->partition, wait->up_to_nodes, wait->p50_s, wait->p95_s, wait->count);
}

static int compare_waits(const void *a, const void *b)
{
	const struct carbon_wait *x = a, *y = b;
	int order = strcmp(x->partition, y->partition);

	return order ? order : (x->up_to_nodes > y->up_to_nodes) - (x->up_to_nodes < y->up_to_nodes);
}

static int parse_full(struct carbon_word *line, void *item)
{
	return take_name(line, ((struct carbon_full *)item)->partition);
}

static void format_full(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s", CARBON_NAME_MAX, ((const struct carbon_full *)item)->partition);
}

static int compare_fulls(const void *a, const void *b)
{
	return strcmp(((const struct carbon_full *)a)->partition, ((const struct carbon_full *)b)->partition);
}

static int parse_series(struct carbon_word *line, void *item)
{
	struct carbon_site_series *series = item;
	long long from_at, step_s;

	if (take_name_or_all(line, series->name) ||
	    take_integer(line, CARBON_TIME_MIN, CARBON_TIME_MAX, &from_at) ||
	    take_integer(line, 60, 86400, &step_s))
		return -1;
	series->from_at = (time_t)from_at;
	series->step_s = (uint32_t)step_s;
	return 0;
}

static int parse_begins(struct carbon_word *line, void *item)
{
	return parse_series(line, item) || ((struct carbon_site_series *)item)->name[0] ? -1 : 0;
}

static void format_series(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_site_series *series = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%.*s %lld %" PRIu32, CARBON_NAME_MAX, name_or_all(series->name),
		 (long long)series->from_at, series->step_s);
}

static int compare_series(const void *a, const void *b)
{
	return strcmp(((const struct carbon_site_series *)a)->name, ((const struct carbon_site_series *)b)->name);
}

static const struct carbon_site_values week_values = {offsetof(struct carbon_full, count),
						      offsetof(struct carbon_full, value),
						      CARBON_SITE_WEEK_H, CARBON_SITE_WEEK_H, 0, 1};
static const struct carbon_site_values load_values = {offsetof(struct carbon_site_series, count),
						      offsetof(struct carbon_site_series, value), 1,
						      CARBON_SITE_STEPS_MAX, 0, CARBON_SITE_NODES_MAX};
static const struct carbon_site_values power_values = {offsetof(struct carbon_site_series, count),
						       offsetof(struct carbon_site_series, value), 1,
						       CARBON_SITE_STEPS_MAX, 0, CARBON_SITE_POWER_KW_MAX};
/* A price may be negative. */
static const struct carbon_site_values price_values = {offsetof(struct carbon_site_series, count),
						       offsetof(struct carbon_site_series, value), 1,
						       CARBON_SITE_STEPS_MAX, -1e6, 1e6};

#define IN_SITE(member) offsetof(struct carbon_site, member)
#define MANY(type, counter, array) \
	sizeof(struct type), IN_SITE(counter), IN_SITE(array)

/* clang-format off */
const struct carbon_site_section carbon_site_sections[] = {
	{"partition", "partition NAME key=value...", CARBON_SITE_PLACES_MAX,
	 MANY(carbon_place, places, place), parse_place, format_place, compare_places,
	 carbon_site_place_fields, NULL},
	{"rule", "rule user UID|account NAME|qos NAME|partition NAME key=value...",
	 CARBON_SITE_RULES_MAX, MANY(carbon_rule, rules, rule), parse_rule, format_rule, compare_rules,
	 carbon_site_rule_fields, NULL},
	{"user", "user UID key=value...", CARBON_SITE_USERS_MAX,
	 MANY(carbon_site_user, users, user), parse_user, format_user, compare_users,
	 carbon_site_user_fields, NULL},
	{"wall", "wall FROM TO PARTITION|*, FROM before TO", CARBON_SITE_WALLS_MAX,
	 MANY(carbon_wall, walls, wall), parse_wall, format_wall, compare_walls,
	 carbon_site_no_fields, NULL},
	{"limit", "limit PARTITION|* FROM TO key=value..., FROM before TO", CARBON_SITE_LIMITS_MAX,
	 MANY(carbon_limit, limits, limit), parse_limit, format_limit, compare_limits,
	 carbon_site_limit_fields, NULL},
	{"blackout", "blackout FROM TO, FROM before TO", CARBON_SITE_BLACKOUTS_MAX,
	 MANY(carbon_blackout, blackouts, blackout), parse_blackout, format_blackout, compare_blackouts,
	 carbon_site_no_fields, NULL},
	{"wait", "wait PARTITION UP_TO_NODES P50 P95 COUNT, P50 not over P95", CARBON_SITE_WAITS_MAX,
	 MANY(carbon_wait, waits, wait), parse_wait, format_wait, compare_waits,
	 carbon_site_no_fields, NULL},
	{"full", "full PARTITION PROBABILITY x 168", CARBON_SITE_PLACES_MAX,
	 MANY(carbon_full, fulls, full), parse_full, format_full, compare_fulls,
	 carbon_site_no_fields, &week_values},
	{"load", "load PARTITION|* FROM STEP NODES..., a STEP of 60 to 86400", CARBON_SITE_PLACES_MAX + 1,
	 MANY(carbon_site_series, loads, load), parse_series, format_series, compare_series,
	 carbon_site_no_fields, &load_values},
	{"power", "power PARTITION|* FROM STEP KW..., a STEP of 60 to 86400", CARBON_SITE_PLACES_MAX + 1,
	 MANY(carbon_site_series, powers, power), parse_series, format_series, compare_series,
	 carbon_site_no_fields, &power_values},
	{"begins", "begins * FROM STEP KW..., a STEP of 60 to 86400", 1,
	 MANY(carbon_site_series, begins, begin), parse_begins, format_series, compare_series,
	 carbon_site_no_fields, &power_values},
	{"price", "price ZONE|* FROM STEP PRICE..., a STEP of 60 to 86400", CARBON_SITE_PRICES_MAX,
	 MANY(carbon_site_series, prices, price), parse_series, format_series, compare_series,
	 carbon_site_no_fields, &price_values},
	{"remote", "remote CLUSTER PARTITION key=value...", CARBON_SITE_REMOTES_MAX,
	 MANY(carbon_place, remotes, remote), parse_remote, format_remote, compare_remotes,
	 carbon_site_place_fields, NULL},
	{"offer", "offer CLUSTER|- PARTITION account|no-account|qos|no-qos|user|feature|gpu NAME",
	 CARBON_SITE_OFFERS_MAX, MANY(carbon_offer, offers, offer), parse_offer, format_offer, compare_offers,
	 carbon_site_no_fields, NULL},
	{"sibling", "sibling CLUSTER key=value...", CARBON_SITE_SIBLINGS_MAX,
	 MANY(carbon_sibling, siblings, sibling), parse_sibling, format_sibling, compare_siblings,
	 carbon_site_sibling_fields, NULL},
	{.keyword = NULL},
};
/* clang-format on */

bool carbon_site_section_is_places(const struct carbon_site_section *section)
{
	return section->fields == carbon_site_place_fields;
}

/* Copied, not cast: the members have different types. */
size_t carbon_site_section_count(const struct carbon_site_section *section, const struct carbon_site *site)
{
	size_t count;

	memcpy(&count, (const char *)site + section->count_offset, sizeof(count));
	return count;
}

void *carbon_site_section_items(const struct carbon_site_section *section, const struct carbon_site *site)
{
	void *items;

	memcpy(&items, (const char *)site + section->array_offset, sizeof(items));
	return items;
}

void carbon_site_section_replace(const struct carbon_site_section *section, struct carbon_site *site,
				 size_t count, void *items)
{
	memcpy((char *)site + section->count_offset, &count, sizeof(count));
	memcpy((char *)site + section->array_offset, &items, sizeof(items));
}

size_t *carbon_site_values_count(const struct carbon_site_values *values, void *item)
{
	return (size_t *)(void *)((char *)item + values->count_offset);
}

float *carbon_site_values_array(const struct carbon_site_values *values, void *item)
{
	return (float *)(void *)((char *)item + values->array_offset);
}
