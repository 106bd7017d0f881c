/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The files of a small cluster. Any failure here ends the test at once. */
#include "tests/adapter/fixture.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "lib/err.h"
#include "lib/file.h"
#include "lib/outlook.h"
#include "lib/time.h"

void fixture_init(struct fixture *fixture, time_t now)
{
	memset(fixture, 0, sizeof(*fixture));
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/carbon-adapter.XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->site_path, sizeof(fixture->site_path), "%s/site", fixture->folder);
	snprintf(fixture->outlook_path, sizeof(fixture->outlook_path), "%s/outlook", fixture->folder);
	snprintf(fixture->habits_path, sizeof(fixture->habits_path), "%s/habits", fixture->folder);
	fixture->hour_at = carbon_hour_floor(now);
	fixture->clean_at = fixture->hour_at + FIXTURE_CLEAN_AFTER_H * 3600;
}

void fixture_fini(struct fixture *fixture)
{
	unlink(fixture->site_path);
	unlink(fixture->outlook_path);
	unlink(fixture->habits_path);
	rmdir(fixture->folder);
}

static void fill_place(struct carbon_place *place, const char *name, const char *zone)
{
	memset(place, 0, sizeof(*place));
	snprintf(place->partition, sizeof(place->partition), "%s", name);
	snprintf(place->zone, sizeof(place->zone), "%s", zone);
	place->max_limit_s = 7 * 86400;
	place->default_limit_s = 3600;
	place->node_cores = 64;
	carbon_power_init(&place->power);
}

void fixture_fill_site(struct carbon_site *site, enum carbon_level level, time_t now)
{
	carbon_site_init(site);
	site->written_at = site->jobs_as_of = now - 60;
	site->level = level;
	snprintf(site->cluster, sizeof(site->cluster), "adapter");
	snprintf(site->policy, sizeof(site->policy), "lowest-window");
	site->default_delay_s = 12 * 3600;
	site->max_delay_s = 48 * 3600;
	site->outlook_max_age_s = 3 * 3600;
	site->slack_s = 60;
	site->min_runtime_s = 900;
	site->min_saving_g = 1;
	site->min_saving_percent = 1;
	site->max_waiting = 1000;
	site->max_waiting_user = 100;
	site->places = 3;
	site->place = calloc(site->places, sizeof(*site->place));
	assert_non_null(site->place);
	fill_place(&site->place[0], "batch", "DE");
	site->place[0].is_default = true;
	fill_place(&site->place[1], "dark", "");
	fill_place(&site->place[2], "day", "DE");
	site->place[2].max_limit_s = 8 * 3600;
}

void fixture_free_site(struct carbon_site *site)
{
	carbon_site_fini(site);
}

static void write_buf(const char *path, struct carbon_buf *buf)
{
	struct carbon_err err = {""};

	assert_false(buf->failed);
	if (carbon_file_write(path, buf->text, buf->length, 0644, &err) < 0)
		fail_msg("%s", err.text);
	carbon_buf_fini(buf);
}

void fixture_write_site(const struct fixture *fixture, const struct carbon_site *site)
{
	struct carbon_err err = {""};
	struct carbon_buf buf;

	carbon_buf_init(&buf, CARBON_SITE_SIZE_MAX);
	if (carbon_site_format(site, &buf, &err) < 0)
		fail_msg("%s", err.text);
	write_buf(fixture->site_path, &buf);
}

void fixture_write_outlook(const struct fixture *fixture, time_t written_at)
{
	struct carbon_outlook_point points[FIXTURE_HOURS];
	struct carbon_outlook_draft draft = {
		.zone = "DE",
		.signal = CARBON_SIGNAL_LIFECYCLE,
		.parts = 1,
		.part = {{.kind = CARBON_KIND_FORECAST, .source = "fixture", .issued_at = written_at}},
		.count = FIXTURE_HOURS,
		.point = points,
		.end_at = fixture->hour_at + FIXTURE_HOURS * 3600,
	};
	struct carbon_err err = {""};
	struct carbon_buf buf;

	for (int i = 0; i < FIXTURE_HOURS; i++) {
		double g_kwh = i < FIXTURE_CLEAN_AFTER_H ? FIXTURE_DIRTY_G : FIXTURE_CLEAN_G;

		points[i] = (struct carbon_outlook_point){fixture->hour_at + i * 3600, g_kwh, g_kwh,
							  g_kwh};
	}
	carbon_buf_init(&buf, CARBON_OUTLOOK_SIZE_MAX);
	if (carbon_outlook_format(&draft, 1, written_at, &buf, &err) < 0)
		fail_msg("%s", err.text);
	write_buf(fixture->outlook_path, &buf);
}

void fixture_write_habits(const struct fixture *fixture, const char *cluster, uint32_t runtime_s, time_t last_at)
{
	const struct carbon_habit_ask ask = {.uid = 1000};
	struct carbon_habit habit = {.runs = 3, .median_s = runtime_s, .p90_s = runtime_s, .last_at = last_at};
	struct carbon_habits habits = {.written_at = last_at, .count = 1, .habit = &habit};
	struct carbon_err err = {""};
	struct carbon_buf buf;

	assert_true(carbon_habit_key(CARBON_HABIT_USER, &ask, &habit.key));
	snprintf(habits.cluster, sizeof(habits.cluster), "%s", cluster);
	carbon_buf_init(&buf, CARBON_HABITS_SIZE_MAX);
	if (carbon_habits_format(&habits, &buf, &err) < 0)
		fail_msg("%s", err.text);
	write_buf(fixture->habits_path, &buf);
}

void fixture_write(const struct fixture *fixture, enum carbon_level level, time_t written_at)
{
	struct carbon_site site;

	fixture_fill_site(&site, level, written_at);
	fixture_write_site(fixture, &site);
	fixture_free_site(&site);
	fixture_write_outlook(fixture, written_at);
}

void fixture_write_text(const char *path, const char *text)
{
	struct carbon_err err = {""};

	if (carbon_file_write(path, text, strlen(text), 0644, &err) < 0)
		fail_msg("%s", err.text);
}
