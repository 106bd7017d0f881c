/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When others' waits pause delaying, for how long, and what the site gets of it. */
#include "tests/unit/unit.h"

#include "config/config.h"
#include "lib/err.h"
#include "lib/site.h"
#include "simulator/effect.h"
#include "tests/unit/support.h"
#include "tools/bystanders.h"
#include "tools/tool.h"

#define NOW ((time_t)1791168000)
#define HOUR_S ((time_t)3600)
#define DAY_S ((time_t)86400)

static struct carbon_config config_of(time_t wait_s, time_t pause_s)
{
	return (struct carbon_config){.bystander_wait_s = wait_s, .bystander_pause_s = pause_s};
}

static struct carbon_effect effect_of(size_t jobs, double with_s, double without_s)
{
	return (struct carbon_effect){.bystanders = {.jobs = jobs, .with_s = with_s, .without_s = without_s}};
}

static void a_rise_over_the_limit_pauses_for_the_time_given(void **state)
{
	static const struct {
		const char *name;
		size_t jobs;
		double with_s, without_s;
		bool pauses;
	} rows[] = {
		{"as before", 100, 600, 600, false},
		{"just what is allowed", 100, 900, 600, false},
		{"more", 100, 901, 600, true},
		{"shorter waits", 100, 0, 600, false},
		{"too few to tell", 49, 9000, 600, false},
		{"enough", 50, 9000, 600, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_config config = config_of(300, 2 * HOUR_S);
		struct carbon_effect effect = effect_of(rows[i].jobs, rows[i].with_s, rows[i].without_s);
		struct carbon_bystanders verdict = {.checked_at = 0};

		assert_row(rows[i].name, carbon_bystanders_judge(&config, &effect, NOW - DAY_S, NOW, &verdict) ==
						 rows[i].pauses);
		assert_row(rows[i].name, verdict.paused_until_at == (rows[i].pauses ? NOW + 2 * HOUR_S : 0));
		assert_row(rows[i].name, verdict.checked_at == NOW);
	}
}

static void nobody_looks_where_the_limit_is_0_and_without_delays_nobody_waits(void **state)
{
	struct carbon_config off = config_of(0, HOUR_S), on = config_of(300, HOUR_S);
	struct carbon_effect effect = effect_of(100, 9000, 0);
	struct carbon_bystanders verdict = {.checked_at = 0};

	(void)state;
	assert_false(carbon_bystanders_judge(&off, &effect, NOW - DAY_S, NOW, &verdict));
	assert_false(carbon_bystanders_judge(&on, NULL, NOW - DAY_S, NOW, &verdict));
	assert_int_equal(verdict.jobs, 0);
}

static void a_pause_is_not_made_longer_and_what_led_to_it_counts_once(void **state)
{
	struct carbon_config config = config_of(300, DAY_S);
	struct carbon_effect effect = effect_of(100, 9000, 0);
	struct carbon_bystanders verdict = {.checked_at = 0};

	(void)state;
	assert_int_equal(carbon_bystanders_from(&verdict, NOW), NOW - CARBON_BYSTANDERS_LOOK_S);
	assert_true(carbon_bystanders_judge(&config, &effect, NOW - DAY_S, NOW, &verdict));
	assert_false(carbon_bystanders_judge(&config, &effect, NOW - DAY_S, NOW + HOUR_S, &verdict));
	assert_int_equal(verdict.paused_until_at, NOW + DAY_S);
	assert_int_equal(carbon_bystanders_from(&verdict, NOW + 2 * DAY_S), NOW + DAY_S);
	assert_int_equal(carbon_bystanders_from(&verdict, NOW + 20 * DAY_S), NOW + 13 * DAY_S);
	assert_true(carbon_bystanders_judge(&config, &effect, NOW + DAY_S, NOW + 2 * DAY_S, &verdict));
}

struct scene {
	char folder[SUPPORT_FOLDER_MAX];
	struct carbon_config config;
	struct carbon_tool tool;
	FILE *err;
	struct carbon_site site;
};

static void setup(struct scene *scene)
{
	static const struct carbon_command command = {.name = "apply"};

	memset(scene, 0, sizeof(*scene));
	support_folder("bystanders", scene->folder);
	scene->config = config_of(300, DAY_S);
	snprintf(scene->config.run_dir, sizeof(scene->config.run_dir), "%s", scene->folder);
	scene->err = tmpfile();
	assert_non_null(scene->err);
	scene->tool = (struct carbon_tool){.err = scene->err, .now = NOW, .command = &command};
	carbon_site_init(&scene->site);
}

static void teardown(struct scene *scene)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/bystanders", scene->folder);
	unlink(path);
	assert_int_equal(rmdir(scene->folder), 0);
	fclose(scene->err);
}

static void a_verdict_is_read_back_and_a_pause_reaches_the_site_and_ends_by_itself(void **state)
{
	struct carbon_bystanders verdict = {NOW - HOUR_S, NOW - DAY_S, 120, 720, 60, NOW - HOUR_S, NOW + HOUR_S}, back;
	struct scene scene;
	struct carbon_err err;

	(void)state;
	setup(&scene);
	assert_int_equal(carbon_bystanders_read(&scene.config, &back, &err), 0);
	assert_int_equal(carbon_bystanders_write(&scene.config, &verdict, &err), 0);
	assert_int_equal(carbon_bystanders_read(&scene.config, &back, &err), 1);
	assert_memory_equal(&back, &verdict, sizeof(back));
	carbon_bystanders_apply(&scene.tool, &scene.config, &scene.site);
	assert_int_equal(scene.site.paused_until_at, NOW + HOUR_S);
	assert_string_equal(scene.site.paused_reason, "bystanders");
	carbon_site_init(&scene.site);
	scene.tool.now = NOW + HOUR_S;
	carbon_bystanders_apply(&scene.tool, &scene.config, &scene.site);
	assert_int_equal(scene.site.paused_until_at, 0);
	teardown(&scene);
}

static void a_damaged_verdict_pauses_nothing_and_is_named(void **state)
{
	char path[128], said[256] = "";
	struct carbon_bystanders back;
	struct scene scene;
	struct carbon_err err;
	FILE *file;

	(void)state;
	setup(&scene);
	snprintf(path, sizeof(path), "%s/bystanders", scene.folder);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs("carbon-bystanders 1\nchecked=now\n", file);
	fclose(file);
	assert_int_equal(carbon_bystanders_read(&scene.config, &back, &err), -1);
	carbon_bystanders_apply(&scene.tool, &scene.config, &scene.site);
	assert_int_equal(scene.site.paused_until_at, 0);
	rewind(scene.err);
	assert_non_null(fgets(said, sizeof(said), scene.err));
	assert_non_null(strstr(said, "bystanders: "));
	teardown(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rise_over_the_limit_pauses_for_the_time_given),
		cmocka_unit_test(nobody_looks_where_the_limit_is_0_and_without_delays_nobody_waits),
		cmocka_unit_test(a_pause_is_not_made_longer_and_what_led_to_it_counts_once),
		cmocka_unit_test(a_verdict_is_read_back_and_a_pause_reaches_the_site_and_ends_by_itself),
		cmocka_unit_test(a_damaged_verdict_pauses_nothing_and_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
