/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writing the site file: what is written is read back as it was, and what is wrong is not written. Touches nothing
 * but the sample.
 */
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/site.h"
#include "lib/time.h"
#include "tests/unit/site_text.h"
#include "tests/unit/support.h"

static void assert_format_refused(const struct carbon_site *site, const char *why)
{
	struct carbon_buf buf;
	struct carbon_err err = {""};

	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	carbon_buf_puts(&buf, "before");
	assert_int_equal(carbon_site_format(site, &buf, &err), -1);
	assert_string_equal(buf.text, "before");
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	carbon_buf_fini(&buf);
}

/* --- writing --- */

static void test_a_wrong_scalar_is_not_written(void **state)
{
	struct carbon_site site;

	(void)state;
	fill_site(&site);
	site.cluster[0] = '\0';
	assert_format_refused(&site, "site: cluster \"\" should be a name");
	memcpy(site.cluster, "a\nb", 4);
	assert_format_refused(&site, "site: cluster");
	fill_site(&site);
	site.min_saving_percent = NAN;
	assert_format_refused(&site, "site: min_saving_percent \"nan (out of bounds)\" should be 0 to 100");
	fill_site(&site);
	site.delay_price_g_h = 1e300;
	assert_format_refused(&site, "site: delay_price_g_h");
	fill_site(&site);
	site.level = (enum carbon_level)9;
	assert_format_refused(&site, "site: level \"level 9\" should be off, observe");
	fill_site(&site);
	site.signal = CARBON_SIGNALS;
	assert_format_refused(&site, "site: signal \"signal 3\"");
	fill_site(&site);
	site.max_delay_s = -1;
	assert_format_refused(&site, "site: max_delay \"-1\" should be 0 to 315360000");
}

static void test_a_wrong_list_is_not_written(void **state)
{
	struct carbon_place place[2] = {{.partition = "site"}, {.partition = "b"}};
	struct carbon_rule rule = {CARBON_RULE_USER, "root", true, -1, -1, -1, -1, 0, 0};
	struct carbon_wall wall = {WRITTEN, WRITTEN, ""};
	struct carbon_site site;

	(void)state;
	fill_site(&site);
	carbon_power_init(&place[0].power);
	carbon_power_init(&place[1].power);
	site.place = place;
	site.places = 2;
	assert_format_refused(&site, "partition 2 of 2 is there twice or out of order");
	memcpy(place[0].partition, "a", 2);
	place[0].is_default = place[1].is_default = true;
	assert_format_refused(&site, "2 partitions are the default; one is");
	site.places = 1;
	place[0].power.pue = 0.5;
	assert_format_refused(&site, "partition: a: pue \"0.5 (out of bounds)\" should be 1 to 10");
	carbon_power_init(&place[0].power);
	place[0].power.gpu_types = 2;
	memcpy(place[0].power.gpu_type[0].name, "a100", 5);
	memcpy(place[0].power.gpu_type[1].name, "a100", 5);
	assert_format_refused(&site, "partition: a: GPU type a100 is there twice");
	place[0].power.gpu_types = 17;
	assert_format_refused(&site, "17 GPU types should be at most 16");
	site.places = 0;
	site.rule = &rule;
	site.rules = 1;
	assert_format_refused(&site, "\"rule user root\" should be rule user UID|");
	site.rules = 0;
	site.wall = &wall;
	site.walls = 1;
	assert_format_refused(&site, "\"wall 1790001900 1790001900 *\" should be wall");
	site.walls = CARBON_SITE_WALLS_MAX + 1;
	assert_format_refused(&site, "257 wall lines should be at most 256");
}

#define RANDOM_MAX 40

struct random_site {
	struct carbon_site site;
	struct carbon_place place[RANDOM_MAX];
	struct carbon_rule rule[RANDOM_MAX];
	struct carbon_site_user user[RANDOM_MAX];
	struct carbon_wall wall[RANDOM_MAX];
	struct carbon_place remote[RANDOM_MAX];
	struct carbon_offer offer[RANDOM_MAX];
	struct carbon_sibling sibling[RANDOM_MAX];
};

/* A multiple of a thousandth. */
static double random_number(uint64_t *random, double min, double max)
{
	return (min * 1000 + (double)support_below(random, (uint64_t)((max - min) * 1000) + 1)) / 1000;
}

static void random_name(uint64_t *random, char *name, size_t size, const char *prefix)
{
	static const char letters[] = "abcxyzABC0189_-.:/+*~";
	size_t length = strlen(prefix), end = length + 1 + support_below(random, size - 1 - length);

	memcpy(name, prefix, length);
	for (; length < end; length++)
		name[length] = letters[support_below(random, sizeof(letters) - 1)];
	name[length] = '\0';
}

static void random_place(uint64_t *random, struct carbon_place *place, size_t i)
{
	char prefix[32];

	snprintf(prefix, sizeof(prefix), "%03zu", i);
	random_name(random, place->partition, CARBON_NAME_MAX, prefix);
	if (support_below(random, 3))
		memcpy(place->zone, "US-NW-PACW", 11);
	place->max_limit_s = (uint32_t)support_random(random);
	place->queue_wait_s = (uint32_t)support_below(random, 1000000);
	place->node_cores = (uint32_t)support_below(random, 512);
	place->node_gpus = (uint32_t)support_below(random, 16);
	place->node_mem_gb = random_number(random, 0, 4096);
	place->nodes = (uint32_t)support_below(random, 10000);
	place->exclusive = support_below(random, 2);
	place->max_nodes = (uint32_t)support_below(random, 10000);
	place->closed = support_below(random, 2);
	place->speed = random_number(random, 0, 1000);
	place->gpu_speed = random_number(random, 0, 1000);
	place->transfer_kwh_gb = random_number(random, 0, 1000);
	place->price_node_h = random_number(random, 0, 1000);
	place->power.pue = random_number(random, 1, 10);
	place->power.core_w = random_number(random, 0, 1000);
	place->power.dram_w_gb = random_number(random, 0, 1);
	place->power.other_w = random_number(random, 0, 1000);
	place->power.gpu_w = random_number(random, 0, 1000);
	place->power.utilisation = random_number(random, 0, 1);
	place->power.gpu_types = support_below(random, CARBON_GPU_TYPES_MAX + 1);
	for (size_t k = 0; k < place->power.gpu_types; k++) {
		snprintf(prefix, sizeof(prefix), "g%02zu", k);
		random_name(random, place->power.gpu_type[k].name, CARBON_GPU_NAME_MAX, prefix);
		place->power.gpu_type[k].power_w = random_number(random, 0, 2000);
	}
}

static void random_rule(uint64_t *random, struct carbon_rule *rule, size_t i)
{
	char prefix[32];

	carbon_rule_init(rule, (enum carbon_rule_kind)(i / 10));
	snprintf(prefix, sizeof(prefix), "%03zu", i + 100);
	if (rule->kind == CARBON_RULE_USER)
		memcpy(rule->name, prefix, 4);
	else
		random_name(random, rule->name, CARBON_NAME_MAX, prefix);
	rule->exclude = support_below(random, 2);
	rule->delay_s = (time_t)support_below(random, 100000) - 1;
	if (support_below(random, 2))
		rule->min_saving_percent = random_number(random, 0, 100);
	if (support_below(random, 2))
		rule->share = random_number(random, 0, 100);
	rule->all_node_h = random_number(random, 0, 1e6);
}

static void random_lists(uint64_t *random, struct random_site *r)
{
	for (size_t i = 0; i < r->site.places; i++)
		random_place(random, &r->place[i], i);
	if (r->site.places)
		r->place[support_below(random, r->site.places)].is_default = support_below(random, 2);
	for (size_t i = 0; i < r->site.rules; i++)
		random_rule(random, &r->rule[i], i);
	for (size_t i = 0; i < r->site.users; i++) {
		r->user[i].uid = (uint32_t)(i * 100000000 + support_below(random, 100000000));
		r->user[i].waiting = (uint32_t)support_below(random, 100);
		if (support_below(random, 2))
			random_name(random, r->user[i].account, CARBON_NAME_MAX, "");
		if (support_below(random, 2))
			random_name(random, r->user[i].qos, CARBON_NAME_MAX, "");
	}
	for (size_t i = 0; i < r->site.walls; i++) {
		r->wall[i].from_at = WRITTEN + (time_t)(i / 2 * 1000);
		r->wall[i].to_at = r->wall[i].from_at + 1 + (time_t)support_below(random, 100000);
		if (support_below(random, 2))
			random_name(random, r->wall[i].partition, CARBON_NAME_MAX, "p");
	}
}

/* What lies beyond this cluster. */
static void random_federation(uint64_t *random, struct random_site *r)
{
	char prefix[32];

	for (size_t i = 0; i < r->site.remotes; i++) {
		random_place(random, &r->remote[i], i);
		snprintf(r->remote[i].cluster, sizeof(r->remote[i].cluster), "c%zu", i / 10);
	}
	for (size_t i = 0; i < r->site.offers; i++) {
		struct carbon_offer *offer = &r->offer[i];

		if (i >= 20)
			snprintf(offer->cluster, sizeof(offer->cluster), "c%zu", i / 20);
		snprintf(offer->partition, sizeof(offer->partition), "p");
		offer->kind = (enum carbon_offer_kind)(i % 20 / 3);
		snprintf(prefix, sizeof(prefix), "%03zu", i);
		random_name(random, offer->name, CARBON_NAME_MAX, prefix);
	}
	for (size_t i = 0; i < r->site.siblings; i++) {
		snprintf(prefix, sizeof(prefix), "%03zu", i);
		random_name(random, r->sibling[i].cluster, CARBON_NAME_MAX, prefix);
		r->sibling[i].id = (uint32_t)i + 1;
		r->sibling[i].active = support_below(random, 2);
		r->sibling[i].seen_at = (time_t)support_below(random, 1000000000);
	}
}

static void random_site(uint64_t *random, struct random_site *r)
{
	memset(r, 0, sizeof(*r));
	r->site.written_at = WRITTEN + (time_t)support_below(random, 1000000);
	r->site.jobs_as_of = support_below(random, 2) ? r->site.written_at : 0;
	random_name(random, r->site.cluster, CARBON_NAME_MAX, "");
	random_name(random, r->site.policy, CARBON_POLICY_MAX, "");
	r->site.level = (enum carbon_level)support_below(random, 4);
	r->site.signal = (enum carbon_signal)support_below(random, CARBON_SIGNALS);
	r->site.default_delay_s = (time_t)support_below(random, 1000000);
	r->site.max_delay_s = CARBON_DURATION_MAX;
	r->site.outlook_max_age_s = (time_t)support_below(random, 1000000);
	r->site.min_runtime_s = (uint32_t)support_below(random, 1000000);
	r->site.min_saving_percent = random_number(random, 0, 100);
	r->site.min_saving_g = random_number(random, 0, 1e6);
	r->site.delay_price_g_h = random_number(random, 0, 1e6);
	r->site.max_waiting = (uint32_t)support_random(random);
	r->site.waiting = UINT32_MAX;
	r->site.carbon_price = random_number(random, 0, 1000);
	r->site.ramp_kw = random_number(random, 0, 1e6);
	r->site.max_flexible_share = random_number(random, 0, 100);
	r->site.all_node_h = random_number(random, 0, 1e6);
	r->site.paused_until_at = (time_t)support_below(random, 1000000000);
	if (support_below(random, 2))
		random_name(random, r->site.paused_reason, CARBON_NAME_MAX, "");
	r->site.delayed_nice = (uint32_t)support_below(random, CARBON_SITE_NICE_MAX);
	r->site.restart_s = (uint32_t)support_below(random, 86400);
	r->site.max_interruptions = (uint32_t)support_below(random, 100);
	r->site.replan_every_s = 1 + (uint32_t)support_below(random, 86400);
	r->site.places = support_below(random, RANDOM_MAX + 1);
	r->site.place = r->place;
	r->site.rules = support_below(random, RANDOM_MAX + 1);
	r->site.rule = r->rule;
	r->site.users = support_below(random, RANDOM_MAX + 1);
	r->site.user = r->user;
	r->site.walls = support_below(random, RANDOM_MAX + 1);
	r->site.wall = r->wall;
	r->site.max_price_node_h = random_number(random, 0, 1000);
	r->site.remotes = support_below(random, RANDOM_MAX + 1);
	r->site.remote = r->remote;
	r->site.offers = support_below(random, RANDOM_MAX + 1);
	r->site.offer = r->offer;
	r->site.siblings = support_below(random, RANDOM_MAX + 1);
	r->site.sibling = r->sibling;
	random_lists(random, r);
	random_federation(random, r);
}

static void assert_same_lists(const struct carbon_site *a, const struct carbon_site *b)
{
	assert_int_equal(a->places, b->places);
	if (a->places)
		assert_memory_equal(a->place, b->place, a->places * sizeof(*a->place));
	assert_int_equal(a->rules, b->rules);
	if (a->rules)
		assert_memory_equal(a->rule, b->rule, a->rules * sizeof(*a->rule));
	assert_int_equal(a->users, b->users);
	if (a->users)
		assert_memory_equal(a->user, b->user, a->users * sizeof(*a->user));
	assert_int_equal(a->walls, b->walls);
	if (a->walls)
		assert_memory_equal(a->wall, b->wall, a->walls * sizeof(*a->wall));
	assert_int_equal(a->remotes, b->remotes);
	if (a->remotes)
		assert_memory_equal(a->remote, b->remote, a->remotes * sizeof(*a->remote));
	assert_int_equal(a->offers, b->offers);
	if (a->offers)
		assert_memory_equal(a->offer, b->offer, a->offers * sizeof(*a->offer));
	assert_int_equal(a->siblings, b->siblings);
	if (a->siblings)
		assert_memory_equal(a->sibling, b->sibling, a->siblings * sizeof(*a->sibling));
}

/* Everything, padding too: both start from zeros. The pointers are taken over before comparing. */
static void assert_same(const struct carbon_site *written, const struct carbon_site *read)
{
	struct carbon_site copy = *read;

	assert_same_lists(written, read);
	copy.place = written->place;
	copy.rule = written->rule;
	copy.user = written->user;
	copy.wall = written->wall;
	copy.remote = written->remote;
	copy.offer = written->offer;
	copy.sibling = written->sibling;
	assert_memory_equal(&copy, written, sizeof(copy));
}

static void check_random_site(uint64_t *random)
{
	struct random_site *r = malloc(sizeof(*r));
	struct carbon_site site;
	struct carbon_buf buf;
	struct carbon_err err = {""};

	assert_non_null(r);
	random_site(random, r);
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(&r->site, &buf, &err))
		fail_msg("%s", err.text);
	parse(buf.text, buf.length, &site);
	assert_same(&r->site, &site);
	carbon_site_fini(&site);
	carbon_buf_fini(&buf);
	free(r);
}

/* --- property: what is written is read --- */

static void test_random_sites_are_read_as_they_were_written(void **state)
{
	uint64_t random = support_seed();

	(void)state;
	for (int i = 0; i < 200; i++)
		check_random_site(&random);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_wrong_scalar_is_not_written),
		cmocka_unit_test(test_a_wrong_list_is_not_written),
		cmocka_unit_test(test_random_sites_are_read_as_they_were_written),
	};

	return cmocka_run_group_tests_name("site_write", tests, NULL, NULL);
}
