/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reading the site file: the stored sample of version 1 means the same for ever, and whatever is wrong is refused by
 * name. Touches nothing but the sample.
 */
#include "lib/buf.h"
#include "lib/err.h"
#include "lib/site.h"
#include "lib/site_fields.h"
#include "tests/unit/site_text.h"
#include "tests/unit/support.h"

#define SAMPLE "samples/site.v1"

static void parse_sample(struct carbon_site *site)
{
	size_t length;
	char *text = support_document(SAMPLE, &length);

	parse(text, length, site);
	free(text); /* nothing may point into it */
}

/* The site must be untouched: it is compared byte by byte. */
static void assert_refused(const char *text, size_t length, const char *why)
{
	struct carbon_site site, before;
	struct carbon_err err = {""};

	memset(&site, 0x5a, sizeof(site));
	memcpy(&before, &site, sizeof(site));
	assert_int_equal(carbon_site_parse(text, length, &site, &err), -1);
	assert_memory_equal(&site, &before, sizeof(site));
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static void test_version_1_scalars_mean_the_same_for_ever(void **state)
{
	struct carbon_site site;

	(void)state;
	parse_sample(&site);
	assert_int_equal(site.written_at, WRITTEN);
	assert_string_equal(site.cluster, "alpha");
	assert_int_equal(site.level, CARBON_LEVEL_OPT_IN);
	assert_int_equal(site.signal, CARBON_SIGNAL_LIFECYCLE);
	assert_string_equal(site.policy, "lowest-window");
	assert_int_equal(site.default_delay_s, 43200);
	assert_int_equal(site.max_delay_s, 172800);
	assert_int_equal(site.outlook_max_age_s, 21600);
	assert_int_equal(site.slack_s, 120);
	assert_int_equal(site.min_runtime_s, 900);
	assert_true(site.min_saving_percent == 5);
	assert_true(site.min_saving_g == 50.5);
	assert_true(site.delay_price_g_h == 2.25);
	assert_int_equal(site.max_waiting, 1000);
	assert_int_equal(site.max_waiting_user, 100);
	assert_int_equal(site.waiting, 17);
	assert_int_equal(site.jobs_as_of, 1790001890);
	carbon_site_fini(&site);
}

static void assert_gpu_partition(const struct carbon_place *gpu)
{
	assert_string_equal(gpu->partition, "gpu");
	assert_string_equal(gpu->zone, "SE-SE3");
	assert_false(gpu->is_default);
	assert_int_equal(gpu->default_limit_s, 0);
	assert_int_equal(gpu->max_limit_s, 0);
	assert_int_equal(gpu->queue_wait_s, 7200);
	assert_int_equal(gpu->boot_s, 180);
	assert_int_equal(gpu->node_cores, 32);
	assert_true(gpu->power.pue == 1.08);
	assert_true(gpu->power.core_w == 6);
	assert_true(gpu->power.dram_w_gb == 0.3);
	assert_true(gpu->power.other_w == 120);
	assert_true(gpu->power.gpu_w == 300);
	assert_true(gpu->power.utilisation == 0.75);
	assert_int_equal(gpu->power.gpu_types, 2);
	assert_string_equal(gpu->power.gpu_type[0].name, "a100");
	assert_true(gpu->power.gpu_type[0].power_w == 400);
	assert_string_equal(gpu->power.gpu_type[1].name, "h100");
	assert_true(gpu->power.gpu_type[1].power_w == 700);
}

static void test_version_1_partitions_mean_the_same_for_ever(void **state)
{
	struct carbon_site site;

	(void)state;
	parse_sample(&site);
	assert_int_equal(site.places, 3);
	assert_string_equal(site.place[0].partition, "cpu");
	assert_string_equal(site.place[0].zone, "DE");
	assert_true(site.place[0].is_default);
	assert_int_equal(site.place[0].default_limit_s, 3600);
	assert_int_equal(site.place[0].max_limit_s, 604800);
	assert_int_equal(site.place[0].power.gpu_types, 0);
	assert_gpu_partition(&site.place[1]);
	assert_string_equal(site.place[2].partition, "login");
	assert_string_equal(site.place[2].zone, "");
	assert_ptr_equal(carbon_site_place(&site, "gpu"), &site.place[1]);
	assert_ptr_equal(carbon_site_place(&site, ""), &site.place[0]);
	assert_ptr_equal(carbon_site_place(&site, NULL), &site.place[0]);
	assert_null(carbon_site_place(&site, "GPU"));
	carbon_site_fini(&site);
	assert_null(carbon_site_place(&site, "gpu"));
	assert_null(carbon_site_place(&site, NULL));
}

static void assert_rule(const struct carbon_site *site, enum carbon_rule_kind kind, const char *name,
			bool exclude, time_t delay_s)
{
	const struct carbon_rule *rule = carbon_site_rule(site, kind, name);

	assert_non_null(rule);
	assert_string_equal(rule->name, name);
	assert_int_equal(rule->exclude, exclude);
	assert_int_equal(rule->delay_s, delay_s);
}

static void test_version_1_lists_mean_the_same_for_ever(void **state)
{
	struct carbon_site site;
	const struct carbon_site_user *user;

	(void)state;
	parse_sample(&site);
	assert_int_equal(site.rules, 4);
	assert_rule(&site, CARBON_RULE_USER, "1002", true, -1);
	assert_rule(&site, CARBON_RULE_ACCOUNT, "weather", true, -1);
	assert_rule(&site, CARBON_RULE_QOS, "long", false, 86400);
	assert_rule(&site, CARBON_RULE_PARTITION, "login", true, -1);
	assert_null(carbon_site_rule(&site, CARBON_RULE_USER, "weather"));
	assert_int_equal(site.users, 3);
	user = carbon_site_user(&site, 1000);
	assert_int_equal(user->waiting, 3);
	assert_string_equal(user->account, "physics");
	assert_string_equal(user->qos, "normal");
	assert_string_equal(carbon_site_user(&site, 1001)->qos, "");
	assert_string_equal(carbon_site_user(&site, 4000000000)->account, "");
	assert_null(carbon_site_user(&site, 0));
	assert_int_equal(site.walls, 2);
	assert_int_equal(site.wall[0].from_at, 1790050000);
	assert_int_equal(site.wall[0].to_at, 1790060000);
	assert_string_equal(site.wall[0].partition, "");
	assert_string_equal(site.wall[1].partition, "gpu");
	carbon_site_fini(&site);
}

static void test_the_example_of_the_manual_is_read(void **state)
{
	struct carbon_site site;
	size_t length;
	char *example = support_example("carbon-site.5", "carbon-site 1\nwritten 1", &length);

	(void)state;
	parse(example, length, &site);
	assert_int_equal(site.places, 2);
	assert_true(site.place[0].power.pue == 1.3);
	carbon_site_fini(&site);
	free(example);
}

/* FIELD as the first cell of a row, its bounds (numbers) in the second. */
static void assert_documented(const char *manual, const struct carbon_site_field *field)
{
	char row[64], right[CARBON_FIELD_TEXT];
	const char *place, *end;

	snprintf(row, sizeof(row), "\n%s|", field->key);
	place = strstr(manual, row);
	if (!place) {
		fail_msg("carbon-site.5 has no row for %s", field->key);
		return;
	}
	end = strstr(place + 1, "\nT}");
	carbon_site_field_describe(field, right);
	if (!field->type->right && field->max < 1e9 && field->min == 0 && field->max != 1e6 &&
	    (!strstr(place, right) || strstr(place, right) > end))
		fail_msg("carbon-site.5 does not say that %s is %s", field->key, right);
}

static void test_the_manual_lists_every_field(void **state)
{
	size_t length;
	char *manual = support_document("carbon-site.5", &length);

	(void)state;
	for (const struct carbon_site_field *field = carbon_site_fields; field->key; field++)
		assert_documented(manual, field);
	for (const struct carbon_site_section *section = carbon_site_sections; section->keyword; section++) {
		char heading[32];

		snprintf(heading, sizeof(heading), "\n.SS \"%s ", section->keyword);
		assert_non_null(strstr(manual, heading));
		/* remote lines have the keys of partition lines */
		if (carbon_site_section_is_places(section) && section != carbon_site_sections)
			continue;
		for (const struct carbon_site_field *field = section->fields; field->key; field++)
			assert_documented(strstr(manual, heading), field);
	}
	free(manual);
}

static void test_a_sample_cut_anywhere_is_refused(void **state)
{
	(void)state;
	support_refuse_cuts(SAMPLE, assert_refused);
}

static void test_a_sample_with_any_bit_flipped_is_refused(void **state)
{
	(void)state;
	support_refuse_flips(SAMPLE, assert_refused);
}

static bool is_read(const char *text, size_t length)
{
	struct carbon_site site;

	if (carbon_site_parse(text, length, &site, NULL))
		return false;
	carbon_site_fini(&site);
	return true;
}

/* The same with a checksum that fits: whatever is read then, nothing may break. */
static void test_a_sealed_sample_with_any_byte_changed_does_no_harm(void **state)
{
	size_t tried, length, refused = support_change_bytes(SAMPLE, "\n 0=-x\x80", is_read, &tried);

	(void)state;
	free(support_document(SAMPLE, &length));
	assert_true(refused > length);
}

static const struct support_edit edits[] = {
	{"carbon-site 1", "carbon-site 2", "line 1: carbon-site 2 is a newer version than is known here (1)"},
	{"carbon-site 1", "carbon-outlook 1", "line 1: not a carbon-site file: \"carbon-outlook 1\""},
	{"written 1790001900\n", "", "line 2: \"written\" should stand here"},
	{"cluster alpha\n", "", "line 3: \"cluster\" should stand here"},
	{"written 1790001900", "written 12", "line 2: written \"12\" should be 946684800 to 4102444800"},
	{"cluster alpha", "cluster a,b", "line 3: cluster \"a,b\" should be a name"},
	{"cluster alpha", "cluster", "line 3: cluster \"\" should be a name"},
	{"cluster alpha", "cluster alpha beta", "line 3: \"beta\" should not be there"},
	{"level opt-in", "level on", "line 4: level \"on\" should be off, observe, opt-in or default"},
	{"level opt-in\n", "level opt-in\nlevel off\n", "line 5: \"level\" is there twice or too late"},
	{"slack 120\n", "slack 120\nmax_delay 5\n", "line 11: \"max_delay\" is there twice or too late"},
	{"slack 120\n", "slak 120\n", "line 10: \"slak\" is not a keyword of carbon-site 1"},
	{"slack 120\n", "slack 120\n\n", "line 11: \"\" is not a keyword"},
	{"slack 120\n", "slack -1\n", "line 10: slack \"-1\" should be 0 to 315360000"},
	{"signal average-lifecycle", "signal green", "line 5: signal \"green\" should be average-lifecycle,"},
	{"min_saving_percent 5", "min_saving_percent 101", "line 12: min_saving_percent \"101\" should be 0 to 100"},
	{"min_saving_percent 5", "min_saving_percent nan", "line 12: min_saving_percent \"nan\""},
	{"partition cpu", "partition gpu", "line 20: \"partition gpu zone=SE-SE3"},
	{"partition cpu", "partition zzz", "is there twice or out of order: partition lines are sorted"},
	{"partition cpu ", "partition ", "line 19: \"partition zone=DE"},
	{"zone=DE", "zone=D_E!", "line 19: zone \"D_E!\" should be a zone such as DE"},
	{"zone=DE", "zone=", "line 19: zone \"\" should be a zone"},
	{"zone=DE", "sone=DE", "line 19: \"sone\" is not a key of this line"},
	{"zone=DE", "DE", "line 19: \"DE\" should be key=value"},
	{"default=yes", "default=1", "line 19: default \"1\" should be yes or no"},
	{"default=yes", "default=yes zone=FR", "line 19: \"zone\" is there twice or too late in its line"},
	{"default=no", "default=yes", "partitions cpu and gpu are both default=yes; one is"},
	{"max_limit=604800", "max_limit=4294967296", "line 19: max_limit \"4294967296\" should be 0 to 4294967295"},
	{"pue=1.3", "pue=0.9", "line 19: pue \"0.9\" should be 1 to 10"},
	{"utilisation=0.8\n", "utilisation=0.8 gpu.=5\n", "line 19: \"gpu.\" is not a key"},
	{"gpu.h100=700", "gpu.a100=700", "line 20: \"gpu.a100\" is there twice"},
	{"gpu.h100=700", "gpu.h100=-7", "line 20: gpu.TYPE \"-7\" should be 0 to 1000000"},
	{"gpu.h100=700", "gpu.h100=700 pue=1", "line 20: \"pue\" is there twice or too late in its line"},
	{"gpu.h100=700", "gpu.h1000000000000000000000000=7", "should be gpu. and a GRES type"},
	{"rule user 1002", "rule user root", "line 22: \"rule user root exclude=yes\" should be rule user UID|"},
	{"rule user 1002", "rule user 01002", "line 22: \"rule user 01002 exclude=yes\" should be rule user UID|"},
	{"rule user 1002", "rule group 1002", "line 22: \"rule group 1002 exclude=yes\" should be rule user UID|"},
	{"rule user 1002", "rule account weather", "line 23: \"rule account weather exclude=yes\" is there twice"},
	{"rule account weather", "rule qos zzz", "line 24: \"rule qos long exclude=no delay=86400\" is there twice or out"},
	{"rule account weather exclude=yes", "rule account weather excluded", "line 23: \"excluded\" should be key=value"},
	{"delay=86400", "delay=-1", "line 24: delay \"-1\" should be 0 to 315360000"},
	{"user 1000", "user 1001", "line 27: \"user 1001 waiting=0 account=chemistry\" is there twice"},
	{"user 1000", "user -1", "line 26: \"user -1 waiting=3"},
	{"user 4000000000", "user 4294967296", "line 28: \"user 4294967296 waiting=0\" should be user UID"},
	{"account=physics", "account=", "line 26: account \"\" should be a name"},
	{"wall 1790050000 1790060000 *", "wall 1790050000 1790050000 *", "line 29: \"wall 1790050000 1790050000 *\" should be wall"},
	{"wall 1790050000 1790060000 *", "wall 1790050000 1790060000", "should be wall FROM TO PARTITION|*"},
	{"wall 1790050000 1790060000 *", "wall 1790050000 1790060000 * x=1", "line 29: \"x\" is not a key of this line"},
	{"wall 1790050000 1790060000 *", "wall 1790050001 1790060000 *", "line 30: \"wall 1790050000 1790093200 gpu\" is there twice or out"},
	{"wall 1790050000 1790093200 gpu\n", "wall 1790050000 1790093200 gpu\nuser 5000000\n", "line 31: \"user\" is there twice or too late in the file"},
};

static void test_what_is_wrong_is_named_with_its_line(void **state)
{
	(void)state;
	support_refuse_edits(SAMPLE, edits, sizeof(edits) / sizeof(edits[0]), assert_refused);
}

static void test_what_is_not_required_has_the_built_in_value(void **state)
{
	struct carbon_site site, built_in;
	size_t length;
	char *text = support_seal("carbon-site 1\nwritten 1790001900\ncluster a\nlevel off\n"
				  "signal marginal\npolicy immediate\npartition p\n", &length);

	(void)state;
	carbon_site_init(&built_in);
	assert_int_equal(built_in.level, CARBON_LEVEL_OBSERVE);
	parse(text, length, &site);
	assert_int_equal(site.max_delay_s, built_in.max_delay_s);
	assert_int_equal(site.slack_s, built_in.slack_s);
	assert_true(site.min_saving_g == built_in.min_saving_g);
	assert_true(site.place[0].power.pue >= 1);
	assert_string_equal(site.place[0].zone, "");
	assert_null(carbon_site_place(&site, ""));
	carbon_site_fini(&site);
	free(text);
}

static void test_caps_hold(void **state)
{
	static const char head[] = "carbon-site 1\nwritten 1790001900\ncluster a\nlevel off\n"
				   "signal marginal\npolicy immediate\n";
	struct carbon_buf buf;
	size_t length;
	char *text;

	(void)state;
	carbon_buf_init(&buf, 1 << 20);
	carbon_buf_puts(&buf, head);
	for (int i = 0; i <= CARBON_SITE_PLACES_MAX; i++)
		carbon_buf_printf(&buf, "partition p%03d\n", i);
	text = support_seal(buf.text, &length);
	assert_refused(text, length, "line 263: more than 256 partition lines");
	free(text);
	carbon_buf_fini(&buf);
}

static void test_a_hundred_thousand_users_load_quickly(void **state)
{
	struct carbon_site site, read;
	struct carbon_site_user *user = calloc(CARBON_SITE_USERS_MAX, sizeof(*user));
	struct carbon_buf buf;
	struct carbon_err err = {""};
	clock_t start;

	(void)state;
	assert_non_null(user);
	fill_site(&site);
	site.users = CARBON_SITE_USERS_MAX;
	site.user = user;
	for (uint32_t i = 0; i < CARBON_SITE_USERS_MAX; i++) {
		user[i].uid = 100000 + i;
		snprintf(user[i].account, CARBON_NAME_MAX, "account%u", i % 997);
		snprintf(user[i].qos, CARBON_NAME_MAX, "normal");
	}
	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	assert_int_equal(carbon_site_format(&site, &buf, &err), 0);
	start = clock();
	parse(buf.text, buf.length, &read);
	print_message("# %u users, %zu bytes: %.0f ms\n", CARBON_SITE_USERS_MAX, buf.length,
		      (double)(clock() - start) * 1000 / CLOCKS_PER_SEC);
	/* A few dozen ms; the limit is for sanitizers and slow machines, and still notices a square. */
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 2);
	assert_int_equal(carbon_site_user(&read, 199999)->uid, 199999);
	assert_null(carbon_site_user(&read, 200000));
	carbon_site_fini(&read);
	carbon_buf_fini(&buf);
	free(user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_version_1_scalars_mean_the_same_for_ever),
		cmocka_unit_test(test_version_1_partitions_mean_the_same_for_ever),
		cmocka_unit_test(test_version_1_lists_mean_the_same_for_ever),
		cmocka_unit_test(test_the_example_of_the_manual_is_read),
		cmocka_unit_test(test_the_manual_lists_every_field),
		cmocka_unit_test(test_a_sample_cut_anywhere_is_refused),
		cmocka_unit_test(test_a_sample_with_any_bit_flipped_is_refused),
		cmocka_unit_test(test_a_sealed_sample_with_any_byte_changed_does_no_harm),
		cmocka_unit_test(test_what_is_wrong_is_named_with_its_line),
		cmocka_unit_test(test_what_is_not_required_has_the_built_in_value),
		cmocka_unit_test(test_caps_hold),
		cmocka_unit_test(test_a_hundred_thousand_users_load_quickly),
	};

	return cmocka_run_group_tests_name("site", tests, NULL, NULL);
}
