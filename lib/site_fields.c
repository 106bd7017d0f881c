/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of the site file (doc/carbon-site.5). Every bound that a reader enforces stands here. */
#include "lib/site_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/sealed.h"
#include "lib/time.h"

/* --- types --- */

static int parse_time(const struct carbon_word *word, const struct carbon_site_field *field,
		      void *member)
{
	long long value;

	if (carbon_word_int(word, (long long)field->min, (long long)field->max, &value))
		return -1;
	*(time_t *)member = (time_t)value;
	return 0;
}

static bool format_time(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	long long value = *(const time_t *)member;

	(void)field;
	snprintf(text, CARBON_FIELD_TEXT, "%lld", value);
	return true;
}

/* A duration for which -1 means that nobody has asked for one. */
static bool format_wish(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	return format_time(field, member, text) && *(const time_t *)member != -1;
}

static int parse_count(const struct carbon_word *word, const struct carbon_site_field *field,
		       void *member)
{
	long long value;

	if (carbon_word_int(word, (long long)field->min, (long long)field->max, &value))
		return -1;
	*(uint32_t *)member = (uint32_t)value;
	return 0;
}

static bool format_count(const struct carbon_site_field *field, const void *member,
			 char text[CARBON_FIELD_TEXT])
{
	(void)field;
	snprintf(text, CARBON_FIELD_TEXT, "%" PRIu32, *(const uint32_t *)member);
	return true;
}

static int parse_number(const struct carbon_word *word, const struct carbon_site_field *field,
			void *member)
{
	return carbon_word_num(word, field->min, field->max, member);
}

/* Out of bounds (or NAN), it becomes a text that parse_number() refuses. */
static bool format_number(const struct carbon_site_field *field, const void *member,
			  char text[CARBON_FIELD_TEXT])
{
	double value = *(const double *)member;

	if (value >= field->min && value <= field->max)
		carbon_decimal_format(value, 6, text);
	else
		snprintf(text, CARBON_FIELD_TEXT, "%g (out of bounds)", value);
	return true;
}

static int parse_name(const struct carbon_word *word, const struct carbon_site_field *field,
		      void *member)
{
	char text[CARBON_FIELD_TEXT];

	if (carbon_word_copy(word, text, sizeof(text)) ||
	    !carbon_name_is_valid(text, (size_t)field->max))
		return -1;
	memset(member, 0, (size_t)field->max); /* nothing stays of a longer built-in name */
	memcpy(member, text, word->length + 1);
	return 0;
}

static bool format_name(const struct carbon_site_field *field, const void *member,
			char text[CARBON_FIELD_TEXT])
{
	const char *name = member;

	snprintf(text, CARBON_FIELD_TEXT, "%.*s", (int)field->max, name);
	return *name != '\0';
}

static int parse_zone(const struct carbon_word *word, const struct carbon_site_field *field,
		      void *member)
{
	char text[CARBON_FIELD_TEXT];

	(void)field;
	if (carbon_word_copy(word, text, sizeof(text)) || !carbon_zone_is_valid(text))
		return -1;
	memcpy(member, text, word->length + 1);
	return 0;
}

static int parse_level(const struct carbon_word *word, const struct carbon_site_field *field,
		       void *member)
{
	char text[CARBON_FIELD_TEXT];

	(void)field;
	return carbon_word_copy(word, text, sizeof(text)) || !carbon_level_find(text, member) ? -1 : 0;
}

static bool format_level(const struct carbon_site_field *field, const void *member,
			 char text[CARBON_FIELD_TEXT])
{
	enum carbon_level level = *(const enum carbon_level *)member;

	(void)field;
	if ((unsigned int)level <= CARBON_LEVEL_DEFAULT)
		snprintf(text, CARBON_FIELD_TEXT, "%s", carbon_level_name(level));
	else
		snprintf(text, CARBON_FIELD_TEXT, "level %u", (unsigned int)level);
	return true;
}

static int parse_signal(const struct carbon_word *word, const struct carbon_site_field *field,
			void *member)
{
	char text[CARBON_FIELD_TEXT];

	(void)field;
	return carbon_word_copy(word, text, sizeof(text)) || !carbon_signal_find(text, member) ? -1 : 0;
}

static bool format_signal(const struct carbon_site_field *field, const void *member,
			  char text[CARBON_FIELD_TEXT])
{
	enum carbon_signal signal = *(const enum carbon_signal *)member;

	(void)field;
	if ((unsigned int)signal < CARBON_SIGNALS)
		snprintf(text, CARBON_FIELD_TEXT, "%s", carbon_signal_name(signal));
	else
		snprintf(text, CARBON_FIELD_TEXT, "signal %u", (unsigned int)signal);
	return true;
}

static int parse_yes(const struct carbon_word *word, const struct carbon_site_field *field,
		     void *member)
{
	(void)field;
	if (!carbon_word_is(word, "yes") && !carbon_word_is(word, "no"))
		return -1;
	*(bool *)member = carbon_word_is(word, "yes");
	return 0;
}

static bool format_yes(const struct carbon_site_field *field, const void *member,
		       char text[CARBON_FIELD_TEXT])
{
	(void)field;
	snprintf(text, CARBON_FIELD_TEXT, "%s", *(const bool *)member ? "yes" : "no");
	return true;
}

static const struct carbon_field_type type_time = {NULL, parse_time, format_time};
static const struct carbon_field_type type_wish = {NULL, parse_time, format_wish};
static const struct carbon_field_type type_count = {NULL, parse_count, format_count};
static const struct carbon_field_type type_number = {NULL, parse_number, format_number};
static const struct carbon_field_type type_name = {"a name", parse_name, format_name};
static const struct carbon_field_type type_zone = {"a zone such as DE", parse_zone, format_name};
static const struct carbon_field_type type_level = {"off, observe, opt-in or default", parse_level,
						    format_level};
static const struct carbon_field_type type_signal = {
	"average-lifecycle, average-direct or marginal", parse_signal, format_signal};
static const struct carbon_field_type type_yes = {"yes or no", parse_yes, format_yes};

/* --- fields --- */

#define IN_SITE(member) offsetof(struct carbon_site, member)
#define IN_PLACE(member) offsetof(struct carbon_place, member)
#define IN_RULE(member) offsetof(struct carbon_rule, member)
#define IN_USER(member) offsetof(struct carbon_site_user, member)
#define AT CARBON_TIME_MIN, CARBON_TIME_MAX
#define LONG 0, CARBON_DURATION_MAX
#define ANY 0, UINT32_MAX

/* clang-format off */
const struct carbon_site_field carbon_site_fields[] = {
	{"written", &type_time, IN_SITE(written_at), AT, true},
	{"cluster", &type_name, IN_SITE(cluster), 0, CARBON_NAME_MAX, true},
	{"level", &type_level, IN_SITE(level), 0, 0, true},
	{"signal", &type_signal, IN_SITE(signal), 0, 0, true},
	{"policy", &type_name, IN_SITE(policy), 0, CARBON_POLICY_MAX, true},
	{"default_delay", &type_time, IN_SITE(default_delay_s), LONG, false},
	{"max_delay", &type_time, IN_SITE(max_delay_s), LONG, false},
	{"outlook_max_age", &type_time, IN_SITE(outlook_max_age_s), LONG, false},
	{"slack", &type_time, IN_SITE(slack_s), LONG, false},
	{"min_runtime", &type_count, IN_SITE(min_runtime_s), LONG, false},
	{"min_saving_percent", &type_number, IN_SITE(min_saving_percent), 0, 100, false},
	{"min_saving_g", &type_number, IN_SITE(min_saving_g), 0, 1e9, false},
	{"delay_price_g_h", &type_number, IN_SITE(delay_price_g_h), 0, 1e9, false},
	{"max_waiting", &type_count, IN_SITE(max_waiting), ANY, false},
	{"max_waiting_user", &type_count, IN_SITE(max_waiting_user), ANY, false},
	{"waiting", &type_count, IN_SITE(waiting), ANY, false},
	{"jobs_as_of", &type_time, IN_SITE(jobs_as_of), 0, CARBON_TIME_MAX, false},
	{.key = NULL},
};

static const struct carbon_site_field place_fields[] = {
	{"zone", &type_zone, IN_PLACE(zone), 0, CARBON_ZONE_MAX, false},
	{"default", &type_yes, IN_PLACE(is_default), 0, 0, false},
	{"default_limit", &type_count, IN_PLACE(default_limit_s), ANY, false},
	{"max_limit", &type_count, IN_PLACE(max_limit_s), ANY, false},
	{"queue_wait", &type_count, IN_PLACE(queue_wait_s), LONG, false},
	{"boot", &type_count, IN_PLACE(boot_s), LONG, false},
	{"node_cores", &type_count, IN_PLACE(node_cores), ANY, false},
	{"pue", &type_number, IN_PLACE(power.pue), 1, 10, false},
	{"core_w", &type_number, IN_PLACE(power.core_w), 0, 1e6, false},
	{"dram_w_gb", &type_number, IN_PLACE(power.dram_w_gb), 0, 1e6, false},
	{"other_w", &type_number, IN_PLACE(power.other_w), 0, 1e6, false},
	{"gpu_w", &type_number, IN_PLACE(power.gpu_w), 0, 1e6, false},
	{"utilisation", &type_number, IN_PLACE(power.utilisation), 0, 1, false},
	{.key = NULL},
};

static const struct carbon_site_field rule_fields[] = {
	{"exclude", &type_yes, IN_RULE(exclude), 0, 0, false},
	{"delay", &type_wish, IN_RULE(delay_s), LONG, false},
	{.key = NULL},
};

static const struct carbon_site_field user_fields[] = {
	{"waiting", &type_count, IN_USER(waiting), ANY, false},
	{"account", &type_name, IN_USER(account), 0, CARBON_NAME_MAX, false},
	{"qos", &type_name, IN_USER(qos), 0, CARBON_NAME_MAX, false},
	{.key = NULL},
};

static const struct carbon_site_field wall_fields[] = {{.key = NULL}};

const struct carbon_site_field carbon_site_gpu_field = {
	"gpu.TYPE", &type_number, offsetof(struct carbon_gpu_type, power_w), 0, 1e6, false};
/* clang-format on */

/* --- sections --- */

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

static int parse_place(struct carbon_word *line, void *item)
{
	struct carbon_place *place = item;

	carbon_power_init(&place->power);
	return take_name(line, place->partition);
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
	if (kind == RULE_KINDS || take_name(line, rule->name))
		return -1;
	rule->kind = (enum carbon_rule_kind)kind;
	rule->delay_s = -1;
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
	long long from_at, to_at;

	if (take_integer(line, AT, &from_at) || take_integer(line, from_at + 1, CARBON_TIME_MAX, &to_at) ||
	    take_name(line, wall->partition))
		return -1;
	wall->from_at = (time_t)from_at;
	wall->to_at = (time_t)to_at;
	if (!strcmp(wall->partition, "*"))
		wall->partition[0] = '\0';
	return 0;
}

static void format_wall(const void *item, char text[CARBON_FIELD_TEXT * 2])
{
	const struct carbon_wall *wall = item;

	snprintf(text, CARBON_FIELD_TEXT * 2, "%lld %lld %.*s", (long long)wall->from_at,
		 (long long)wall->to_at, CARBON_NAME_MAX,
		 wall->partition[0] ? wall->partition : "*");
}

/* Walls may begin together: no two of them are taken for the same. */
static int compare_walls(const void *a, const void *b)
{
	const struct carbon_wall *x = a, *y = b;

	return x->from_at <= y->from_at ? -1 : 1;
}

#define MANY(type, counter, array) \
	sizeof(struct type), IN_SITE(counter), IN_SITE(array)

const struct carbon_site_section carbon_site_sections[] = {
	{"partition", "partition NAME key=value...", CARBON_SITE_PLACES_MAX,
	 MANY(carbon_place, places, place), parse_place, format_place, place_fields, compare_places},
	{"rule", "rule user UID|account NAME|qos NAME|partition NAME key=value...",
	 CARBON_SITE_RULES_MAX, MANY(carbon_rule, rules, rule), parse_rule, format_rule, rule_fields,
	 compare_rules},
	{"user", "user UID key=value...", CARBON_SITE_USERS_MAX,
	 MANY(carbon_site_user, users, user), parse_user, format_user, user_fields, compare_users},
	{"wall", "wall FROM TO PARTITION|*, FROM before TO", CARBON_SITE_WALLS_MAX,
	 MANY(carbon_wall, walls, wall), parse_wall, format_wall, wall_fields, compare_walls},
	{.keyword = NULL},
};
const struct carbon_site_section *const carbon_site_partitions = &carbon_site_sections[0];

/* --- what reader and writer ask --- */

const struct carbon_site_field *carbon_site_field_find(const struct carbon_site_field *fields,
						       const struct carbon_word *key)
{
	for (; fields->key; fields++)
		if (carbon_word_is(key, fields->key))
			return fields;
	return NULL;
}

void carbon_site_field_describe(const struct carbon_site_field *field, char text[CARBON_FIELD_TEXT])
{
	if (field->type->right)
		snprintf(text, CARBON_FIELD_TEXT, "%s", field->type->right);
	else
		snprintf(text, CARBON_FIELD_TEXT, "%.0f to %.0f", field->min, field->max);
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
