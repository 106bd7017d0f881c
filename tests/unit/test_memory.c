/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one run of the forecaster tells the next: written and read again, with another key, another zone, a
 * clock set back, a damaged file; and what a key may fetch.
 */
#include "tests/unit/unit.h"

#include "forecaster/memory.h"
#include "forecaster/source_electricitymaps.h"
#include "forecaster/track.h"
#include "lib/buf.h"
#include "lib/file.h"

#define NOW ((time_t)1772732040) /* 2026-03-05T17:34:00Z */

/* Two zones of one source, and a second source that is asked for the first zone, too. */
struct world {
	struct carbon_access access[2];
	struct carbon_track track[2];
	struct carbon_memory memory;
};

static void make_world(struct world *world)
{
	memset(world, 0, sizeof(*world));
	world->memory = (struct carbon_memory){.access = world->access, .accesses = 2, .track = world->track,
					       .tracks = 2, .now = NOW};
	world->access[0] = (struct carbon_access){.name = "em", .url = "https://a", .path = "", .token = "one"};
	world->access[1] = (struct carbon_access){.name = "uk", .url = "", .path = ""};
	for (int i = 0; i < 2; i++) {
		struct carbon_track *track = &world->track[i];

		snprintf(track->zone, sizeof(track->zone), "%s", i ? "FR" : "DE");
		track->queries = i ? 1 : 2;
		for (size_t k = 0; k < track->queries; k++)
			track->query[k] = (struct carbon_inquiry){
				.access = &world->access[k], .now = NOW, .zone = track->zone,
				.source = k ? &carbon_source_uk : &carbon_source_electricitymaps};
	}
}

static void end_world(struct world *world)
{
	for (int i = 0; i < 2; i++) {
		carbon_rights_fini(&world->access[i].rights);
		carbon_track_fini(&world->track[i]);
	}
}

/* A world that has been asked, as text. */
static struct carbon_buf remembered(void)
{
	struct carbon_buf buf;
	struct world world;

	make_world(&world);
	world.access[0].leave_until_at = NOW + 600;
	world.access[0].rights.read_at = NOW - 60;
	world.access[0].rights.is_whole = true;
	carbon_rights_set(&world.access[0].rights, "DE", 1u << CARBON_RIGHT_HISTORY, NULL);
	world.track[0].query[0].history_at = NOW - 30;
	world.track[0].query[0].forecast_at = NOW - 40;
	world.track[0].query[0].step_s = 300;
	world.track[0].query[1].forecast_at = NOW - 50;
	carbon_buf_init(&buf, CARBON_MEMORY_SIZE_MAX);
	assert_int_equal(carbon_memory_format(&world.memory, &buf, NULL), 0);
	end_world(&world);
	return buf;
}

static void test_what_is_told_is_heard(void **state)
{
	struct carbon_buf buf = remembered();
	struct world world;

	(void)state;
	make_world(&world);
	assert_int_equal(carbon_memory_parse(buf.text, buf.length, &world.memory, NULL), 0);
	assert_int_equal(world.access[0].leave_until_at, NOW + 600);
	assert_int_equal(world.access[0].rights.read_at, NOW - 60);
	assert_true(carbon_rights_has(&world.access[0].rights, "de", CARBON_RIGHT_HISTORY));
	assert_false(carbon_rights_has(&world.access[0].rights, "DE", CARBON_RIGHT_FORECAST));
	assert_false(carbon_rights_has(&world.access[0].rights, "FR", CARBON_RIGHT_HISTORY));
	assert_true(carbon_rights_has(&world.access[1].rights, "DE", CARBON_RIGHT_FORECAST));
	assert_int_equal(world.track[0].query[0].history_at, NOW - 30);
	assert_int_equal(world.track[0].query[0].forecast_at, NOW - 40);
	assert_int_equal(world.track[0].query[0].step_s, 300);
	assert_int_equal(world.track[0].query[1].forecast_at, NOW - 50);
	assert_int_equal(world.track[0].query[1].history_at, 0);
	assert_int_equal(world.track[1].query[0].history_at, 0);
	carbon_memory_forget(&world.memory);
	assert_int_equal(world.track[0].query[0].history_at, 0);
	assert_int_equal(world.access[0].rights.count, 0);
	assert_int_equal(world.access[0].leave_until_at, NOW + 600);
	end_world(&world);
	carbon_buf_fini(&buf);
}

/* What a run that asks for FR alone writes, having read that DE was answered. */
static struct carbon_buf passed_on_by_fr(struct carbon_buf *others)
{
	struct carbon_buf read = remembered(), buf;
	struct world world;

	make_world(&world);
	world.memory.track++;
	world.memory.tracks = 1;
	world.memory.others = others;
	assert_int_equal(carbon_memory_parse(read.text, read.length, &world.memory, NULL), 0);
	world.track[1].query[0].history_at = NOW - 5;
	carbon_buf_init(&buf, CARBON_MEMORY_SIZE_MAX);
	assert_int_equal(carbon_memory_format(&world.memory, &buf, NULL), 0);
	end_world(&world);
	carbon_buf_fini(&read);
	return buf;
}

static void test_zones_that_a_run_is_not_about_are_kept_where_asked_for(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct carbon_buf others, buf;
		struct world world;

		carbon_buf_init(&others, CARBON_MEMORY_SIZE_MAX);
		buf = passed_on_by_fr(i ? &others : NULL);
		make_world(&world);
		assert_int_equal(carbon_memory_parse(buf.text, buf.length, &world.memory, NULL), 0);
		assert_int_equal(world.track[1].query[0].history_at, NOW - 5);
		assert_int_equal(world.track[0].query[0].history_at, i ? NOW - 30 : 0);
		assert_int_equal(world.track[0].query[0].step_s, i ? 300 : 0);
		assert_int_equal(world.track[0].query[1].forecast_at, i ? NOW - 50 : 0);
		end_world(&world);
		carbon_buf_fini(&buf);
		carbon_buf_fini(&others);
	}
}

static void test_no_key_is_in_it(void **state)
{
	struct carbon_buf buf = remembered();

	(void)state;
	assert_null(strstr(buf.text, "one"));
	carbon_buf_fini(&buf);
}

static void test_another_key_or_address_is_asked_anew(void **state)
{
	struct carbon_buf buf = remembered();

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world world;

		make_world(&world);
		if (i)
			world.access[0].url = "https://b";
		else
			snprintf(world.access[0].token, sizeof(world.access[0].token), "two");
		assert_int_equal(carbon_memory_parse(buf.text, buf.length, &world.memory, NULL), 0);
		assert_int_equal(world.access[0].leave_until_at, 0);
		assert_int_equal(world.access[0].rights.count, 0);
		assert_int_equal(world.track[0].query[0].history_at, 0);
		assert_int_equal(world.track[0].query[1].forecast_at, NOW - 50);
		end_world(&world);
	}
	carbon_buf_fini(&buf);
}

static void test_a_clock_set_back_forgets(void **state)
{
	struct carbon_buf buf = remembered();
	struct world world;

	(void)state;
	make_world(&world);
	world.memory.now = NOW - 2 * 86400;
	assert_int_equal(carbon_memory_parse(buf.text, buf.length, &world.memory, NULL), 0);
	assert_int_equal(world.access[0].leave_until_at, 0);
	assert_int_equal(world.access[0].rights.read_at, 0);
	assert_int_equal(world.track[0].query[0].history_at, 0);
	end_world(&world);
	carbon_buf_fini(&buf);
}

/* Every single byte of it changed or cut off is noticed, for the file is sealed. */
static void test_a_damaged_file_is_refused(void **state)
{
	struct carbon_buf buf = remembered();
	struct world world;

	(void)state;
	make_world(&world);
	for (size_t i = 0; i < buf.length; i++) {
		char was = buf.text[i];

		buf.text[i] ^= 1;
		assert_int_equal(carbon_memory_parse(buf.text, buf.length, &world.memory, NULL), -1);
		buf.text[i] = was;
		assert_int_equal(carbon_memory_parse(buf.text, i, &world.memory, NULL), -1);
	}
	end_world(&world);
	carbon_buf_fini(&buf);
}

static void test_only_what_came_now_is_noted(void **state)
{
	struct world world;
	struct carbon_inquiry *query = &world.track[0].query[0];

	(void)state;
	make_world(&world);
	query->history_at = query->forecast_at = NOW - 1000;
	query->has_history = query->has_forecast = query->is_history_kept = true;
	query->forecast.step_s = 900;
	carbon_memory_note(&world.memory);
	assert_int_equal(query->history_at, NOW - 1000);
	assert_int_equal(query->forecast_at, NOW);
	assert_int_equal(query->step_s, 900);
	assert_int_equal(world.track[1].query[0].history_at, 0);
	end_world(&world);
}

static void test_when_a_source_is_due(void **state)
{
	static const struct {
		time_t every_s, step_s, answered_s; /* ago */
		bool is_due;
	} rows[] = {
		/* now is 17:34 */
		{900, 3600, 60, false}, {900, 3600, 239, false}, {900, 3600, 241, true},  {300, 300, 239, false},
		{300, 300, 241, true},	{300, 3600, 239, false}, {300, 3600, 241, true},  {1800, 1800, 239, false},
		{1800, 1800, 241, true}, {0, 0, 1, true},	  {900, 3600, -60, true}, {900, 3600, NOW, true},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct carbon_source source = {.every_s = (unsigned int)rows[i].every_s};
		struct carbon_inquiry query = {.source = &source, .now = NOW, .step_s = rows[i].step_s};
		char name[32];

		snprintf(name, sizeof(name), "row %zu", i);
		assert_row(name, carbon_inquiry_is_due(&query, NOW - rows[i].answered_s) == rows[i].is_due);
	}
}

static void test_the_list_of_zones_tells_what_a_key_may(void **state)
{
	static const char text[] =
		"{\"DE\":{\"zoneName\":\"Germany\",\"access\":[\"carbon-intensity/latest\",\"power-breakdown/history\"]},"
		"\"FR\":{\"access\":[\"*\"]},\"ES\":{\"access\":[]},\"PL\":{\"zoneName\":\"Poland\"},"
		"\"GB\":{\"access\":[\"carbon-intensity/*\"]},\"IT\":{\"access\":[\"carbon-intensity/past-range\",7,null]}}";
	struct carbon_rights rights = {0};
	struct carbon_err err = {""};

	(void)state;
	assert_int_equal(carbon_electricitymaps_parse_rights(text, strlen(text), &rights, &err), CARBON_FAILURE_NONE);
	assert_true(rights.is_whole);
	assert_int_equal(carbon_rights_of(&rights, "DE"), 1u << CARBON_RIGHT_LATEST);
	assert_int_equal(carbon_rights_of(&rights, "FR"), CARBON_RIGHTS_ALL);
	assert_int_equal(carbon_rights_of(&rights, "GB"), CARBON_RIGHTS_ALL);
	assert_int_equal(carbon_rights_of(&rights, "ES"), 0);
	assert_int_equal(carbon_rights_of(&rights, "PL"), 0);
	assert_int_equal(carbon_rights_of(&rights, "IT"), 1u << CARBON_RIGHT_PAST);
	carbon_rights_forbid(&rights, "FR", CARBON_RIGHT_FORECAST);
	assert_false(carbon_rights_has(&rights, "FR", CARBON_RIGHT_FORECAST));
	assert_true(carbon_rights_has(&rights, "FR", CARBON_RIGHT_HISTORY));
	carbon_rights_fini(&rights);
}

static void test_a_list_without_rights_tells_nothing(void **state)
{
	static const char *const texts[] = {"{\"DE\":{\"zoneName\":\"Germany\"}}", "{}", "", "<html>", "[1,2]",
					    "{\"error\":\"Invalid auth-token\"}", "{\"DE\":{\"access\":\"*\"}}",
					    "{\"DE FR\":{\"access\":[\"*\"]}}"};
	struct carbon_rights rights = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		assert_row(texts[i], carbon_electricitymaps_parse_rights(texts[i], strlen(texts[i]), &rights, NULL) !=
					     CARBON_FAILURE_NONE);
		assert_row(texts[i], !rights.is_whole && rights.count == 0);
		assert_row(texts[i], carbon_rights_of(&rights, "DE") == CARBON_RIGHTS_ALL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_told_is_heard),
		cmocka_unit_test(test_zones_that_a_run_is_not_about_are_kept_where_asked_for),
		cmocka_unit_test(test_no_key_is_in_it),
		cmocka_unit_test(test_another_key_or_address_is_asked_anew),
		cmocka_unit_test(test_a_clock_set_back_forgets),
		cmocka_unit_test(test_a_damaged_file_is_refused),
		cmocka_unit_test(test_only_what_came_now_is_noted),
		cmocka_unit_test(test_when_a_source_is_due),
		cmocka_unit_test(test_the_list_of_zones_tells_what_a_key_may),
		cmocka_unit_test(test_a_list_without_rights_tells_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
